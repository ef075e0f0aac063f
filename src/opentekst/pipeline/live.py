"""Suggestions that get better while people code: pull, learn, push, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentekst.errors import OpentekstError, ReviewError
from opentekst.pipeline import reviewing
from opentekst.pipeline.engine import Engine, silent
from opentekst.pipeline.serving import address
from opentekst.pipeline.stages import STAGES
from opentekst.pipeline.to_review import Desk
from opentekst.review.projects import Place
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.review.client import LabelStudio
    from opentekst.review.connecting import Project
    from opentekst.review.tasks import ReviewItem

Json = dict[str, Any]
Tell = Callable[[str], None]


class Live:
    """Live suggestions for a study's projects in Label Studio.

    After every `every` annotations the machine learns from what people coded and what is
    not coded yet gets new suggestions, in a thread of its own, once at a time. `tell` gets
    lines for people. `rounds` says how often that was done. Raises ReviewError where there
    is no server or none of the questions asked for has a project.
    """

    def __init__(
        self, root: Path, url: str, key: str, question: str, every: int, tell: Tell
    ) -> None:
        from opentekst.review.client import LabelStudio

        self.root = root
        self.every = every
        self.rounds = 0
        self._tell = tell
        study = Study.open(root)
        self._where = address(study, url, key)
        self._label_studio = LabelStudio(*self._where)
        self._seen = _read(study, _projects(study, self._label_studio, question))
        self._news = threading.Condition()
        self._new = 0
        self._closing = False

    @property
    def questions(self) -> list[str]:
        """The questions that get live suggestions."""
        return [project.question for project in self._seen.projects.values()]

    @contextmanager
    def open(self, port: int = 0) -> Iterator[str]:
        """Serve suggestions until the block ends, then part the projects; gives the address.

        A round that is under way at the end is waited for. Raises ReviewError where Label
        Studio refuses the connection.
        """
        from opentekst.review.connecting import connect
        from opentekst.review.live import Answers, LiveServer

        answers = Answers(self._version, self._predict, self._noted, self._stumbled)
        worker = threading.Thread(target=self._work, daemon=True)
        with LiveServer(answers, port) as server:
            try:
                for project in self._seen.projects.values():
                    connect(self._label_studio, project, server.url)
                worker.start()
                yield server.url
            finally:
                self._part()
                self._close(worker)

    def _part(self) -> None:
        from opentekst.review.connecting import disconnect

        try:
            for project in self._seen.projects.values():
                disconnect(self._label_studio, project)
        except OpentekstError as fault:
            self._tell(f"Losmaken lukte niet; de volgende keer gebeurt het alsnog. {fault.text()}")

    def _close(self, worker: threading.Thread) -> None:
        with self._news:
            self._closing = True
            self._news.notify()
        if worker.is_alive():
            worker.join()

    def _version(self, project: int) -> str:
        from opentekst.review.connecting import TITLE

        known = self._seen.projects.get(project)
        return known.version if known else TITLE

    def _predict(self, project: int, tasks: Sequence[Json]) -> list[list[Json]]:
        """Return for each task what the machine says of its answer, at most one suggestion."""
        from opentekst.review.tasks import prediction

        seen = self._seen
        known = seen.projects.get(project)
        if known is None:
            return [[] for _ in tasks]
        book = seen.study.codebook(known.question)
        asked = (seen.items.get(str((task.get("data") or {}).get("answer_id"))) for task in tasks)
        made = (prediction(one, book, known.version, known.keys) if one else None for one in asked)
        return [[one] if one else [] for one in made]

    def _noted(self, event: str) -> None:
        from opentekst.review.connecting import ANNOTATED

        if event in ANNOTATED:
            with self._news:
                self._new += 1
                self._news.notify()

    def _stumbled(self, kind: str) -> None:
        self._tell(f"Een vraag van Label Studio kon niet beantwoord worden ({kind}).")

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closing or self._new >= self.every)
                if self._closing:
                    return
                count, self._new = self._new, 0
            try:
                self._round(count)
            except OpentekstError as fault:
                self._tell(f"Deze ronde lukte niet; na {self.every} coderingen een nieuwe.")
                self._tell(fault.text())
            except Exception as fault:  # its text may hold that of an answer
                self._tell(
                    f"Deze ronde liep fout ({type(fault).__name__}); na {self.every} coderingen"
                    " een nieuwe."
                )

    def _round(self, count: int) -> None:
        self._tell(f"{count} keer gecodeerd: de machine leert ...")
        for question in self.questions:
            reviewing.pull(self._study(), *self._where, question)
        Engine(self._study(), STAGES).run(("code",))
        study, changed = self._study(), 0
        for question in self.questions:
            done = reviewing.push(study, *self._where, question, False, silent)
            changed += sum(report.added + report.updated for report in done)
        self._seen = _read(study, _renewed(study, self._label_studio, self._seen.projects))
        self.rounds += 1
        self._tell(f"  klaar: {changed} antwoorden kregen een ander voorstel")

    def _study(self) -> Study:
        """Open the study anew: its codebooks may have changed meanwhile."""
        return Study.open(self.root)


class _Seen:
    """What requests are answered from; replaced as a whole after a round."""

    def __init__(
        self, study: Study, projects: Mapping[int, Project], items: Mapping[str, ReviewItem]
    ) -> None:
        self.study = study
        self.projects = projects
        self.items = items


def _read(study: Study, projects: Mapping[int, Project]) -> _Seen:
    desk = Desk(study)
    queues = (desk.queue(study.questions[one.question], True) for one in projects.values())
    return _Seen(study, projects, {item.answer: item for sent in queues for item in sent.items})


def _projects(study: Study, server: LabelStudio, question: str) -> dict[int, Project]:
    """Return the projects to connect: the one where people see the machine's suggestions."""
    from opentekst.review.connecting import find

    asked = [q.id for q in study.open_questions if question in ("", q.id)]
    found = (find(server, Place(study.file.study, one)) for one in asked)
    projects = {project.id: project for project in found if project}
    if not projects:
        raise ReviewError(
            "er is geen project waarvoor voorstellen gevraagd worden",
            place=server.url,
            found=question,
            remedy="Doe eerst: opentekst review push.",
        )
    return projects


def _renewed(
    study: Study, server: LabelStudio, projects: Mapping[int, Project]
) -> Mapping[int, Project]:
    from opentekst.review.connecting import find

    places = (Place(study.file.study, project.question) for project in projects.values())
    found = (find(server, place) for place in places)
    return {**projects, **{project.id: project for project in found if project}}
