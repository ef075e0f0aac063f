"""Label Studio over its API: push answers and suggestions, pull people's codings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentekst.codebook import Chain, Code, Codebook
from opentekst.errors import ReviewError
from opentekst.model import Coding
from opentekst.review.config import labelling_config
from opentekst.review.migrate import AGAIN, Move, finished, moves, renewed, unused, waiting
from opentekst.review.reconcile import Lack, Task, by_answer, lacking, outdated, wanted
from opentekst.review.reports import PullReport, PushReport
from opentekst.review.tasks import Json, ReviewItem, Skipped, Unclear, from_annotation, utc

if TYPE_CHECKING:
    import label_studio_sdk

BATCH = 500
ROUNDS = 3
TITLE_LENGTH = 50

Progress = Callable[[int, int], None]


class LabelStudio:
    """A Label Studio server; `api_key` is a personal access token or a legacy token.

    Every method raises ReviewError where the server cannot be reached, refuses the key or
    answers something unexpected.
    """

    def __init__(self, url: str, api_key: str) -> None:
        import httpx
        from label_studio_sdk import LabelStudio as Sdk

        self.url = url.rstrip("/")
        # A proxy of the organisation has no business between this machine and itself.
        local = urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")
        web = httpx.Client(timeout=60, follow_redirects=True, trust_env=not local)
        with self._explained():
            self._sdk: label_studio_sdk.LabelStudio = Sdk(  # type: ignore[no-untyped-call]
                base_url=self.url, api_key=api_key, httpx_client=web
            )

    def push(
        self,
        study_name: str,
        question: str,
        question_text: str,
        codebook: Codebook,
        items: Iterable[ReviewItem],
        progress: Progress = lambda done, total: None,
        chain: Chain | None = None,
    ) -> PushReport:
        """Bring answers and suggestions to the question's project, made where it is not there.

        What is there already is left alone; suggestions of an earlier model make way for
        those of `items`. Annotations, and the tasks that have one, stay as they are, but for
        those made under an earlier version in `chain`: they are brought to the codes of
        today (see `migrate`). `progress` gets the number of steps done and their total.
        """
        with self._explained():
            moved = 0
            old: tuple[Code, ...] = ()
            there = self._find(study_name, question)
            if there is not None and chain is not None:
                moved = self._move(int(there.id), codebook, chain)
                old = unused(self._tasks(int(there.id)), codebook, chain)
            project = self._project(there, study_name, question, question_text, codebook, old)
            present = self._tasks(project)

            def renew(suggestion: Json, version: int) -> Json | None:
                return renewed(suggestion, version, codebook, chain) if chain else suggestion

            want = wanted(items, present, codebook, renew)
            before = by_answer(present)
            for _ in range(ROUNDS):
                lack = lacking(want, present)
                if not lack.steps:
                    break
                self._send(project, lack, progress)
                present = self._tasks(project)
            if lacking(want, present).steps:
                raise ReviewError(
                    "niet alle antwoorden raakten in Label Studio",
                    place=self.url,
                    found=f"{ROUNDS} pogingen",
                    remedy="Doe opnieuw: opentekst review push. Wat er al staat, blijft staan.",
                )
            self._use(project, want.version)
            again = waiting(present)
            if again:
                self._offer(project)
        updated = sum(
            outdated(before[answer], data)
            or before[answer].suggested != want.suggestions.get(answer)
            for answer, data in want.data.items()
            if answer in before
        )
        added = len(want.data.keys() - before.keys())
        same = len(want.data) - added - updated
        return PushReport(project, added, updated, same, moved, again)

    def planned(
        self, study_name: str, question: str, codebook: Codebook, chain: Chain
    ) -> tuple[int, list[Json]]:
        """Return how many tasks a push would bring to the codes of today, and all annotations."""
        with self._explained():
            project = self._find(study_name, question)
            tasks = self._tasks(int(project.id)) if project is not None else []
        held = [annotation for task in tasks for annotation in task.annotations]
        return len(moves(tasks, codebook, chain)), held

    def _move(self, project: int, codebook: Codebook, chain: Chain) -> int:
        """Bring annotations to the codes of today; return in how many tasks."""
        done: set[int] = set()
        for _ in range(ROUNDS):
            plan = moves(self._tasks(project), codebook, chain)
            if not plan:
                break
            for move in plan:
                if self._move_one(move):
                    done.add(move.task)
        return len(done)

    def _move_one(self, move: Move) -> bool:
        """Change one task; False where a coder was at work in it: the next round sees to it."""
        for wish in move.annotations:
            if utc(self._sdk.annotations.get(wish.id).updated_at or "") != wish.updated:
                return False
        self._sdk.tasks.update(str(move.task), data=move.data)
        if move.annotations:
            changed = {
                wish.id: self._sdk.annotations.update(wish.id, result=wish.result)
                for wish in move.annotations
            }
            when = {number: utc(made.updated_at or "") for number, made in changed.items()}
            self._sdk.tasks.update(str(move.task), data=finished(move, when))
        return True

    def _offer(self, project: int) -> None:
        """Make a tab with the tasks that wait for a person, where there is none yet."""
        title = "Opnieuw coderen"
        views: Iterable[Any] = self._sdk.views.list(project=project)
        if any((_plain(view).get("data") or {}).get("title") == title for view in views):
            return
        rule = {
            "filter": f"filter:tasks:data.{AGAIN}",
            "operator": "equal",
            "type": "String",
            "value": "ja",
        }
        filters: Any = {"conjunction": "and", "items": [rule]}
        data: Any = {"title": title, "filters": filters}
        self._sdk.views.create(project=project, data=data)

    def has(self, study_name: str, question: str) -> bool:
        """Tell whether the question has a project."""
        with self._explained():
            return self._find(study_name, question) is not None

    def pull(
        self, study_name: str, question: str, codebook: Codebook, chain: Chain | None = None
    ) -> PullReport:
        """Fetch what people made of the question's answers, as they made it.

        Raises ReviewError too where the question has no project yet, or where somebody
        chose a code that is active neither in `codebook` nor in an earlier version in
        `chain`.
        """
        with self._explained():
            project = self._find(study_name, question)
            if project is None:
                raise ReviewError(
                    "voor deze vraag staat er nog niets in Label Studio",
                    place=self.url,
                    found=_title(study_name, question),
                    remedy="Doe eerst: opentekst review push.",
                )
            tasks = self._tasks(int(project.id))
            emails = {int(user.id): str(user.email) for user in self._sdk.users.list()}
        found = [
            from_annotation(
                annotation, task.data, _coder(annotation, emails), codebook, task.id, chain
            )
            for task in tasks
            if "answer_id" in task.data
            for annotation in task.annotations
        ]
        codings = [one for one in found if isinstance(one, Coding)]
        unclear = [one for one in found if isinstance(one, Unclear)]
        return PullReport(
            tuple(sorted(codings, key=lambda coding: (coding.at, coding.answer, coding.coder))),
            sum(isinstance(one, Skipped) for one in found),
            tuple(one.task for one in unclear if one.why == "empty"),
            tuple(one.task for one in unclear if one.why == "contradictory"),
        )

    def _send(self, project: int, lack: Lack, progress: Progress) -> None:
        """Send what is lacking; where the server stumbles, stop: the caller looks again."""
        import httpx
        from label_studio_sdk.core.api_error import ApiError

        done = 0

        def step(count: int) -> None:
            nonlocal done
            done += count
            progress(done, lack.steps)

        try:
            # Sent once each: a retry of a request that did arrive would double its rows.
            for tasks in _batches(lack.tasks):
                self._sdk.projects.import_tasks(
                    project, request=tasks, request_options={"max_retries": 0}
                )
                step(len(tasks))
            for task, data in lack.data.items():
                self._sdk.tasks.update(str(task), data=data)
                step(1)
            for predictions in _batches(lack.predictions):
                self._sdk.projects.import_predictions(
                    project, request=predictions, request_options={"max_retries": 0}
                )
                step(len(predictions))
            for task in lack.spare:
                self._sdk.tasks.delete(str(task))
                step(1)
        except httpx.TimeoutException:
            return
        except ApiError as fault:
            if (fault.status_code or 0) < 500:
                raise

    def _project(
        self,
        project: Any,
        study_name: str,
        question: str,
        question_text: str,
        codebook: Codebook,
        unused: Sequence[Code],
    ) -> int:
        """Return the id of the question's project, made or brought up to date."""
        config = labelling_config(codebook, question_text, unused)
        if project is None:
            made: Any = self._sdk.projects.create(
                title=_title(study_name, question)[:TITLE_LENGTH],
                description=_mark(study_name, question),
                label_config=config,
                # An answer to which no code applies is said to be so, never left blank.
                enable_empty_annotation=False,
                show_collab_predictions=True,
            )
            return int(made.id)
        if project.label_config != config:
            self._validate(project.id, config)
            self._sdk.projects.update(project.id, label_config=config)
        return int(project.id)

    def _validate(self, project: int, config: str) -> None:
        """Have Label Studio look a configuration over; ApiError where it is wrong.

        Codes that only an unfinished draft holds may go: once it is handed in, the chain of
        versions tells what they are. (Label Studio takes memos for codes that must stay.)
        """
        from label_studio_sdk.core.api_error import ApiError

        try:
            self._sdk.projects.validate_label_config(project, label_config=config)
        except ApiError as fault:
            if "still exist in annotations or drafts" not in str(fault.body):
                raise

    def _find(self, study_name: str, question: str) -> Any:
        """Return the oldest project with our mark (or our title, where the mark is gone)."""
        listed: Iterable[Any] = self._sdk.projects.list()
        projects = sorted(listed, key=lambda project: int(project.id))
        mark, title = _mark(study_name, question), _title(study_name, question)
        for project in projects:
            if mark in (project.description or "").splitlines():
                return project
        return next((project for project in projects if project.title == title), None)

    def _tasks(self, project: int) -> list[Task]:
        listed: Iterable[Any] = self._sdk.tasks.list(project=project, page_size=BATCH)
        return [
            Task(
                int(raw.id),
                dict(raw.data or {}),
                tuple(_plain(annotation) for annotation in raw.annotations or ()),
                tuple(_plain(suggestion) for suggestion in raw.predictions or ()),
            )
            for raw in listed
        ]

    def _use(self, project: int, version: str) -> None:
        """Show the suggestions of `version` and remove those of every other."""
        web = self._sdk._client_wrapper.httpx_client
        place = f"api/projects/{project}/model-versions/"  # the SDK has no method for it
        if version and self._sdk.projects.get(project).model_version != version:
            self._sdk.projects.update(project, model_version=version)
        for other in web.request(place, method="GET").json():
            if other != version:
                web.request(place, method="DELETE", json={"model_version": other})

    @contextmanager
    def _explained(self) -> Iterator[None]:
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


def _title(study_name: str, question: str) -> str:
    """Return a project's title: the question first, for the rest may be cut off."""
    return f"{question} · {study_name}"


def _mark(study_name: str, question: str) -> str:
    """Return the line of a project's description by which it is found again.

    Titles are cut off at 50 characters and people change them.
    """
    return f"[opentekst] {_title(study_name, question)}"


def _coder(annotation: Mapping[str, Any], emails: Mapping[int, str]) -> str:
    """Return the e-mail address of who made an annotation, or a stand-in for who left."""
    who = annotation.get("completed_by")
    return emails.get(who, f"gebruiker-{who}") if isinstance(who, int) else "onbekend"


def _plain(row: Any) -> Json:
    return dict(row) if isinstance(row, Mapping) else dict(row.model_dump())


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
