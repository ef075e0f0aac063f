"""A project of Label Studio joined to live suggestions, and parted again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from opentekst.errors import ReviewError
from opentekst.review.client import LabelStudio
from opentekst.review.config import frequent_in
from opentekst.review.projects import Place

TITLE = "opentekst"
ANNOTATED: tuple[Literal["ANNOTATION_CREATED", "ANNOTATION_UPDATED"], ...] = (
    "ANNOTATION_CREATED",
    "ANNOTATION_UPDATED",
)
"""The events that Label Studio tells of: somebody coded an answer, or changed their mind."""
_MARK = {"X-Opentekst": "live"}


@dataclass(frozen=True, slots=True)
class Project:
    """A connected project, the version of the suggestions that it shows, and codes with a key."""

    id: int
    question: str
    version: str
    keys: tuple[str, ...] = ()


def find(server: LabelStudio, place: Place) -> Project | None:
    """Return the project at a place, None where there is none. Raises ReviewError."""
    with server.explained():
        found = server.project(place)
        if found is None:
            return None
        shown = server.sdk.projects.get(int(found.id)).model_version
        # A project without suggestions shows those that bear the backend's title.
        keys = tuple(frequent_in(found.label_config or ""))
        return Project(int(found.id), place.question, str(shown or TITLE), keys)


def connect(server: LabelStudio, project: Project, url: str) -> None:
    """Have Label Studio ask `url` for suggestions and tell it of annotations.

    What an earlier connection left behind, because it was killed, goes first. Raises
    ReviewError where Label Studio refuses to call an address on this machine.
    """
    from label_studio_sdk.core.api_error import ApiError

    disconnect(server, project)
    with server.explained():
        try:
            # Made before the backend, which would else get one with every text in it.
            server.sdk.webhooks.create(
                project=project.id,
                url=f"{url}/webhook",
                headers=_MARK,
                send_payload=False,
                send_for_all_actions=False,
                actions=ANNOTATED,
            )
            server.sdk.ml.create(project=project.id, url=url, title=TITLE)
        except ApiError as fault:
            disconnect(server, project)
            if fault.status_code not in (400, 403):
                raise
            raise ReviewError(
                "Label Studio weigert contact met opentekst op deze computer",
                place=server.url,
                found=f"HTTP {fault.status_code}",
                remedy="Draaide hij al voor opentekst vernieuwd werd: opentekst review stop, en"
                " dan serve. Is het een andere server, zie docs/label-studio.md, 'Voorstellen"
                " terwijl u codeert'.",
            ) from None


def disconnect(server: LabelStudio, project: Project) -> None:
    """Part a project from live suggestions; harmless where it is not connected."""
    with server.explained():
        hooks: Iterable[Any] = server.sdk.webhooks.list(project=str(project.id))
        for hook in hooks:
            if hook.headers == _MARK:
                server.sdk.webhooks.delete(int(hook.id))
        backends: Iterable[Any] = server.sdk.ml.list(project=project.id)
        for one in backends:
            if one.title == TITLE:
                server.sdk.ml.delete(int(one.id))
