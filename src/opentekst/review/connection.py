"""The line to a Label Studio server: projects, tasks, users, and errors in plain words."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentekst.errors import ReviewError
from opentekst.review.annotations import utc
from opentekst.review.projects import Place
from opentekst.review.reconcile import Task
from opentekst.review.tasks import Json

if TYPE_CHECKING:
    import httpx
    import label_studio_sdk

BATCH = 500


class Connection:
    """A Label Studio server; `api_key` is a personal access token or a legacy token.

    Raises ReviewError where the server cannot be reached, refuses the key or answers
    something unexpected.
    """

    def __init__(self, url: str, api_key: str) -> None:
        import httpx
        from label_studio_sdk import LabelStudio as Sdk

        self.url = url.rstrip("/")
        # A proxy of the organisation has no business between this machine and itself.
        local = urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")
        web = httpx.Client(timeout=60, follow_redirects=True, trust_env=not local)
        with self.explained():
            self.sdk: label_studio_sdk.LabelStudio = Sdk(  # type: ignore[no-untyped-call]
                base_url=self.url, api_key=api_key, httpx_client=web
            )
        web.auth = _renewing(self.sdk)

    def project(self, place: Place) -> Any:
        """Return the oldest project with the place's mark (or its title, where that is gone)."""
        projects = self.projects()
        for project in projects:
            if place.mark in (project.description or "").splitlines():
                return project
        return next((project for project in projects if project.title == place.title), None)

    def projects(self) -> list[Any]:
        """Return all projects, the oldest first."""
        listed: Iterable[Any] = self.sdk.projects.list(page_size=BATCH)
        return sorted(listed, key=lambda project: int(project.id))

    def tasks(self, project: int) -> list[Task]:
        """Return all tasks of a project."""
        return self._listed(project, ())

    def annotated(self, project: int, since: str = "") -> list[Task]:
        """Return the tasks that somebody coded or skipped, all or those changed after `since`."""
        rules: list[Json] = [_rule("annotations_ids", "empty", "List", False)]
        if since:
            moment = since.removesuffix("+00:00") + "Z"
            rules.append(_rule("updated_at", "greater", "Datetime", moment))
        return self._listed(project, rules)

    def _listed(self, project: int, rules: Sequence[Json]) -> list[Task]:
        more = {}
        if rules:
            more["query"] = json.dumps({"filters": {"conjunction": "and", "items": [*rules]}})
        listed: Iterable[Any] = self.sdk.tasks.list(project=project, page_size=BATCH, **more)
        return [
            Task(
                int(raw.id),
                dict(raw.data or {}),
                tuple(plain(annotation) for annotation in raw.annotations or ()),
                tuple(plain(suggestion) for suggestion in raw.predictions or ()),
                utc(raw.updated_at),
            )
            for raw in listed
        ]

    def emails(self) -> dict[int, str]:
        """Return the e-mail address of each user by id."""
        return {int(user.id): str(user.email) for user in self.sdk.users.list()}

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say in plain words what went wrong with the server; never what was sent."""
        import httpx
        from label_studio_sdk.core.api_error import ApiError

        try:
            yield
        except ApiError as fault:
            if fault.status_code in (401, 403):
                raise ReviewError(
                    "Label Studio aanvaardt deze sleutel niet",
                    place=self.url,
                    found=f"HTTP {fault.status_code}",
                    remedy="Controleer LABEL_STUDIO_API_KEY: maak in Label Studio een nieuwe"
                    " sleutel (Account & Settings > Personal Access Token).",
                ) from None
            raise ReviewError(
                "Label Studio weigerde wat gevraagd werd",
                place=self.url,
                found=f"HTTP {fault.status_code or 'onbekend'}",
                remedy="Controleer LABEL_STUDIO_URL en kijk in het logbestand van Label Studio.",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ReviewError(
                "Label Studio is niet bereikbaar",
                place=self.url,
                remedy="Start het met opentekst review serve, of controleer LABEL_STUDIO_URL en"
                " LABEL_STUDIO_API_KEY.",
            ) from None
        except json.JSONDecodeError:
            raise ReviewError(
                "op dit adres antwoordt iets anders dan Label Studio",
                place=self.url,
                remedy="Controleer LABEL_STUDIO_URL.",
            ) from None


def _renewing(sdk: label_studio_sdk.LabelStudio) -> httpx.Auth:
    """Return what asks once for a new access token where a busy server found the last too old.

    The SDK looks at the clock when it sends; the server does when it gets to the request.
    """
    import httpx

    class Renewing(httpx.Auth):
        def auth_flow(
            self, request: httpx.Request
        ) -> Generator[httpx.Request, httpx.Response, None]:
            response = yield request
            bearer = request.headers.get("Authorization", "").startswith("Bearer ")
            if response.status_code == 401 and bearer:
                tokens: Any = sdk._client_wrapper._tokens_client
                tokens._set_access_token(tokens.refresh().access)
                request.headers["Authorization"] = f"Bearer {tokens.api_key}"
                yield request

    return Renewing()


def _rule(column: str, operator: str, kind: str, value: object) -> Json:
    """Return one filter of the Data Manager."""
    filter_ = f"filter:tasks:{column}"
    return {"filter": filter_, "operator": operator, "type": kind, "value": value}


def plain(row: Any) -> Json:
    """Return what the SDK gives, a mapping or a model, as a dict."""
    return dict(row) if isinstance(row, Mapping) else dict(row.model_dump())


def batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut rows into what one request may hold."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
