"""Label Studio over its API: push answers and suggestions, pull people's codings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from opentekst.codebook import Chain, Code, Codebook
from opentekst.errors import ReviewError
from opentekst.model import Coding
from opentekst.review.annotations import Unclear, from_annotation, utc, withdrawn
from opentekst.review.config import HOTKEYS, frequent_in, labelling_config
from opentekst.review.connection import Connection, batches, plain
from opentekst.review.migrate import AGAIN, Move, finished, moves, renewed, unused, waiting
from opentekst.review.projects import Place
from opentekst.review.reconcile import Lack, Task, by_answer, lacking, outdated, wanted
from opentekst.review.reports import Cursor, PullReport, PushReport, sources
from opentekst.review.tasks import Json, ReviewItem

ROUNDS = 3

Progress = Callable[[int, int], None]


class LabelStudio(Connection):
    """A Label Studio server; `api_key` is a personal access token or a legacy token.

    Every method raises ReviewError where the server cannot be reached, refuses the key or
    answers something unexpected.
    """

    def push(
        self,
        place: Place,
        question_text: str,
        codebook: Codebook,
        items: Iterable[ReviewItem],
        progress: Progress = lambda done, total: None,
        chain: Chain | None = None,
        frequent: Sequence[str] = (),
    ) -> PushReport:
        """Bring answers and suggestions to a project, made where it is not there.

        What is there already is left alone; suggestions of an earlier model make way for
        those of `items`. Annotations, and the tasks that have one, stay as they are, but for
        those made under an earlier version in `chain`: they are brought to the codes of
        today (see `migrate`). `progress` gets the number of steps done and their total.
        `frequent` codes, the most frequent first, get the keys that are free.
        """
        sent = list(items)
        with self.explained():
            moved = 0
            old: tuple[Code, ...] = ()
            there = self.project(place)
            present = self.tasks(int(there.id)) if there is not None else []
            if there is not None and chain is not None:
                moved = self._move(int(there.id), codebook, chain, present)
                present = self.tasks(int(there.id)) if moved else present
                old = unused(present, codebook, chain)
            keys = _keys(there.label_config if there is not None else "", codebook, frequent)
            opinions = max((len(item.codings) for item in sent), default=0)
            config = labelling_config(
                codebook, question_text, old, keys, max(opinions, _opinions(present))
            )
            project = self._prepared(there, place, config)

            def renew(suggestion: Json, version: int) -> Json | None:
                return renewed(suggestion, version, codebook, chain) if chain else suggestion

            want = wanted(sent, present, codebook, renew, keys)
            before = by_answer(present)
            for _ in range(ROUNDS):
                lack = lacking(want, present)
                if not lack.steps:
                    break
                self._send(project, lack, progress)
                present = self.tasks(project)
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

    def planned(self, place: Place, codebook: Codebook, chain: Chain) -> tuple[int, list[Json]]:
        """Return how many tasks a push would bring to the codes of today, and all annotations."""
        with self.explained():
            project = self.project(place)
            tasks = self.tasks(int(project.id)) if project is not None else []
        held = [annotation for task in tasks for annotation in task.annotations]
        return len(moves(tasks, codebook, chain)), held

    def _move(self, project: int, codebook: Codebook, chain: Chain, present: Sequence[Task]) -> int:
        """Bring annotations to the codes of today; return in how many tasks."""
        done: set[int] = set()
        for attempt in range(ROUNDS):
            plan = moves(self.tasks(project) if attempt else present, codebook, chain)
            if not plan:
                break
            for move in plan:
                if self._move_one(move):
                    done.add(move.task)
        return len(done)

    def _move_one(self, move: Move) -> bool:
        """Change one task; False where a coder was at work in it: the next round sees to it."""
        for wish in move.annotations:
            if utc(self.sdk.annotations.get(wish.id).updated_at or "") != wish.updated:
                return False
        self.sdk.tasks.update(str(move.task), data=move.data)
        if move.annotations:
            changed = {
                wish.id: self.sdk.annotations.update(wish.id, result=wish.result)
                for wish in move.annotations
            }
            when = {number: utc(made.updated_at or "") for number, made in changed.items()}
            self.sdk.tasks.update(str(move.task), data=finished(move, when))
        return True

    def _offer(self, project: int) -> None:
        """Make a tab with the tasks that wait for a person, where there is none yet."""
        title = "Opnieuw coderen"
        views: Iterable[Any] = self.sdk.views.list(project=project)
        if any((plain(view).get("data") or {}).get("title") == title for view in views):
            return
        rule = {
            "filter": f"filter:tasks:data.{AGAIN}",
            "operator": "equal",
            "type": "String",
            "value": "ja",
        }
        filters: Any = {"conjunction": "and", "items": [rule]}
        data: Any = {"title": title, "filters": filters}
        self.sdk.views.create(project=project, data=data)

    def places(self, study: str) -> dict[Place, Any]:
        """Return the places of a study that have a project, with it, the oldest first."""
        with self.explained():
            found: dict[Place, Any] = {}
            for project in self.projects():
                place = Place.of(project.description or "")
                if place is not None and place.study == study:
                    found.setdefault(place, project)
        return found

    def has(self, place: Place) -> bool:
        """Tell whether there is such a project."""
        with self.explained():
            return self.project(place) is not None

    def pull(
        self,
        place: Place,
        codebook: Codebook,
        chain: Chain | None = None,
        cursors: Mapping[str, Cursor] | None = None,
        known: Sequence[Coding] = (),
        project: Any = None,
    ) -> PullReport:
        """Fetch what people made of the answers, as they made it.

        With `cursors` (where earlier pulls got to, by project) only what changed since, unless
        the server counts other annotations than the ledger `known` and that hold: then all.
        What of `known` is gone from a task was taken back. `project` spares a search for it.
        Raises ReviewError too where there is no project yet, or where somebody chose a code
        that is active neither in `codebook` nor in an earlier version in `chain`.
        """
        with self.explained():
            project = project or self.project(place)
            if project is None:
                raise ReviewError(
                    "voor deze vraag staat er nog niets in Label Studio",
                    place=self.url,
                    found=place.title,
                    remedy="Doe eerst: opentekst review push.",
                )
            mark = f"label-studio/{utc(project.created_at)}"
            cursor = (cursors or {}).get(mark, Cursor())
            before = sources(known, mark)
            there = _count(project)
            tasks = self.annotated(int(project.id), cursor.seen) if there else []
            new = {source for source, _, _ in _made(tasks, mark)}
            complete = len(before | new | set(cursor.unclear)) == there
            if not complete and cursor.seen:
                tasks = self.annotated(int(project.id))
            present = {source for source, _, _ in _made(tasks, mark)}
            gone = {} if complete else self._left(before - present, tasks, mark)
            emails = self.emails() if tasks else {}
        coded: list[Coding] = []
        unclear: dict[str, Unclear] = {}
        for source, task, annotation in _made(tasks, mark):
            email = _coder(annotation, emails)
            one = from_annotation(
                annotation,
                task.data,
                email,
                codebook,
                task.id,
                chain,
                place.shown(email),
                _suggested(task, annotation),
                source,
            )
            if isinstance(one, Unclear):
                unclear[source] = one
            else:
                coded.append(one)
        still = set(cursor.unclear) - present if complete else set()
        entries = coded + withdrawn(known, present, gone)
        return PullReport(
            tuple(sorted(entries, key=lambda entry: (entry.at, entry.answer, entry.coder))),
            tuple(one.task for one in unclear.values() if one.why == "empty"),
            tuple(one.task for one in unclear.values() if one.why == "contradictory"),
            mark,
            Cursor(
                max((cursor.seen, *(task.updated for task in tasks))),
                tuple(sorted({*unclear, *still})),
            ),
            len(tasks),
        )

    def _left(self, missing: Collection[str], tasks: Sequence[Task], mark: str) -> dict[str, str]:
        """Return the tasks that lost an annotation, with the time of their last change.

        Only tasks that still stand: a task or a project that was removed takes nothing back.
        """
        from label_studio_sdk.core.api_error import ApiError

        changed = {f"{mark}/{task.id}": task.updated for task in tasks}
        for place in sorted({source.rpartition("/")[0] for source in missing} - changed.keys()):
            try:
                task: Any = self.sdk.tasks.get(place.rpartition("/")[2])
            except ApiError as fault:
                if fault.status_code != 404:
                    raise
            else:
                changed[place] = utc(task.updated_at)
        return changed

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
            for tasks in batches(lack.tasks):
                self.sdk.projects.import_tasks(
                    project, request=tasks, request_options={"max_retries": 0}
                )
                step(len(tasks))
            for task, data in lack.data.items():
                self.sdk.tasks.update(str(task), data=data)
                step(1)
            for predictions in batches(lack.predictions):
                self.sdk.projects.import_predictions(
                    project, request=predictions, request_options={"max_retries": 0}
                )
                step(len(predictions))
            for task in lack.spare:
                self.sdk.tasks.delete(str(task))
                step(1)
        except httpx.TimeoutException:
            return
        except ApiError as fault:
            if (fault.status_code or 0) < 500:
                raise

    def _prepared(self, project: Any, place: Place, config: str) -> int:
        """Return the id of the project, made or brought up to date."""
        if project is None:
            made: Any = self.sdk.projects.create(
                title=place.title,
                description=place.mark,
                label_config=config,
                # An answer to which no code applies is said to be so, never left blank.
                enable_empty_annotation=False,
                show_collab_predictions=place.kind == "queue",
                # It gives the lowest score first: our score is the place in the queue.
                sampling="Uncertainty sampling" if place.kind == "queue" else "Sequential sampling",
            )
            return int(made.id)
        if project.label_config != config:
            self._validate(project.id, config)
            self.sdk.projects.update(project.id, label_config=config)
        return int(project.id)

    def _validate(self, project: int, config: str) -> None:
        """Have Label Studio look a configuration over; ApiError where it is wrong.

        Codes that only an unfinished draft holds may go: once it is handed in, the chain of
        versions tells what they are. (Label Studio takes memos for codes that must stay.)
        """
        from label_studio_sdk.core.api_error import ApiError

        try:
            self.sdk.projects.validate_label_config(project, label_config=config)
        except ApiError as fault:
            if "still exist in annotations or drafts" not in str(fault.body):
                raise

    def _use(self, project: int, version: str) -> None:
        """Show the suggestions of `version` and remove those of every other."""
        web = self.sdk._client_wrapper.httpx_client
        place = f"api/projects/{project}/model-versions/"  # the SDK has no method for it
        if version and self.sdk.projects.get(project).model_version != version:
            self.sdk.projects.update(project, model_version=version)
        for other in web.request(place, method="GET").json():
            if other != version:
                web.request(place, method="DELETE", json={"model_version": other})


def _count(project: Any) -> int:
    """Return how many annotations a project holds, skipped ones included."""
    return int(project.total_annotations_number or 0) + int(project.skipped_annotations_number or 0)


def _made(tasks: Iterable[Task], mark: str) -> Iterator[tuple[str, Task, Json]]:
    """Yield each annotation of an answer with the name of its place and its task."""
    for task in tasks:
        for annotation in task.annotations if "answer_id" in task.data else ():
            yield f"{mark}/{task.id}/{annotation['id']}", task, annotation


def _keys(config: str, codebook: Codebook, frequent: Sequence[str]) -> list[str]:
    """Return the codes with a key: those that have one keep it, for fingers remember."""
    active = {code.id for code in codebook.active}
    ranked = dict.fromkeys((*frequent_in(config), *frequent))
    return [code for code in ranked if code in active][: len(HOTKEYS)]


def _opinions(tasks: Iterable[Task]) -> int:
    """Return the largest number of codings that a task shows."""
    return max(
        (sum(name.startswith("codering_") for name in task.data) for task in tasks), default=0
    )


def _suggested(task: Task, annotation: Mapping[str, Any]) -> Json | None:
    """Return the prediction that a coder saw; None where a newer one took its place."""
    parent = annotation.get("parent_prediction")
    made = utc(annotation["created_at"])
    seen = [one for one in task.predictions if utc(one["created_at"]) < made]
    chosen = [one for one in seen if one["id"] == parent] or seen
    return max(chosen, key=lambda one: int(one["id"]), default=None)


def _coder(annotation: Mapping[str, Any], emails: Mapping[int, str]) -> str:
    """Return the e-mail address of who made an annotation, or a stand-in for who left."""
    who = annotation.get("completed_by")
    return emails.get(who, f"gebruiker-{who}") if isinstance(who, int) else "onbekend"
