"""Between the study and Label Studio: what goes to the screen, and back into the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentekst import store
from opentekst.errors import DataError, ReviewError
from opentekst.pipeline.auditing import draw_sample
from opentekst.pipeline.engine import Progress
from opentekst.pipeline.opinions import readable
from opentekst.pipeline.serving import address
from opentekst.pipeline.to_review import Chosen, Desk, questions
from opentekst.review.projects import Place
from opentekst.store import Paths
from opentekst.study import Question, Study

if TYPE_CHECKING:
    from opentekst.review.client import LabelStudio
    from opentekst.review.reports import Cursor

CURSORS = "review.json"


@dataclass(frozen=True)
class Pushed:
    """What a push did to one question; `left_out` says in Dutch how many did not go and why.

    `coder` is whose blind sample it was; empty for a queue and for adjudication.
    """

    question: str
    added: int
    updated: int
    unchanged: int
    left_out: tuple[str, ...]
    moved: int = 0
    waiting: int = 0
    coder: str = ""


@dataclass(frozen=True)
class Pulled:
    """What a pull brought for one project; `new` entries were added to the ledger."""

    question: str
    codings: int
    new: int
    skipped: int
    empty: int
    path: Path
    withdrawn: int = 0
    kind: str = "queue"
    coder: str = ""


@dataclass(frozen=True)
class Standing:
    """How far the people are in one project."""

    question: str
    kind: str
    coder: str
    tasks: int
    done: int
    skipped: int


def push(
    study: Study, url: str, key: str, question: str, everything: bool, progress: Progress
) -> list[Pushed]:
    """Send answers with the machine's suggestions to Label Studio, a working queue a question.

    First what people did there comes into the ledger. Names go as placeholders; answers that
    people have settled stay behind unless `everything`, and so do those of the blind sample.
    Raises ReviewError for the server, MissingStageError where the answers have not been
    coded yet.
    """
    server = _connected(study, url, key)
    chosen = questions(study, question)
    _secure(study, server, chosen)
    desk = Desk(study)
    reports = []
    for asked in chosen:
        sent = desk.queue(asked, everything)
        reports.append(_send(desk, server, Place(study.file.study, asked.id), sent, progress))
    return reports


def audit(
    study: Study,
    url: str,
    key: str,
    question: str,
    size: int,
    coders: Sequence[str],
    progress: Progress,
) -> list[Pushed]:
    """Draw the blind sample of each question and give it to each coder, without suggestions.

    What was drawn before stays in it; with a `size` of 0 nothing is added to an earlier
    sample, and a first one has FIRST answers. `coders` are e-mail addresses, default those of
    study.yaml. Raises DataError with fewer than two.
    """
    coders = list(dict.fromkeys(coders or study.file.review.coders))
    if len(coders) < 2:
        raise DataError(
            "een blinde steekproef vraagt twee codeurs of meer, die elkaars werk niet zien",
            found=", ".join(coders) or "geen",
            remedy="Noem ze met --coder een@adres --coder ander@adres, of onder 'review:"
            " coders' in study.yaml.",
        )
    server = _connected(study, url, key)
    chosen = questions(study, question)
    _secure(study, server, chosen)
    desk = Desk(study)
    reports = []
    for asked in chosen:
        filled = [answer.id for answer in desk.of(asked.id)]
        if not filled:
            continue
        draw_sample(study, asked.id, filled, size)
        sent = desk.blind(asked)
        for coder in coders:
            place = Place(study.file.study, asked.id, "blind", coder)
            reports.append(_send(desk, server, place, sent, progress))
    return reports


def adjudicate(study: Study, url: str, key: str, question: str, progress: Progress) -> list[Pushed]:
    """Send the answers on which coders differ, with what each made of them.

    First what people did in Label Studio comes into the ledger. A question without
    differences gets no project.
    """
    server = _connected(study, url, key)
    chosen = questions(study, question)
    _secure(study, server, chosen)
    desk = Desk(study)
    reports = []
    for asked in chosen:
        disputed = [a for a in desk.answers if a.question == asked.id and a.id in desk.disputes]
        place = Place(study.file.study, asked.id, "adjudication")
        if disputed:
            items = tuple(desk.disputed(asked, answer) for answer in disputed)
            reports.append(_send(desk, server, place, Chosen(asked, items, {}), progress))
    return reports


def _send(
    desk: Desk,
    server: LabelStudio,
    place: Place,
    sent: Chosen,
    progress: Progress,
) -> Pushed:
    study, asked = desk.study, sent.question
    if not sent.items and not server.has(place):
        return Pushed(asked.id, 0, 0, 0, sent.left_out, coder=place.coder)
    with progress(place.title, len(sent.items)) as step:
        done = 0

        def moved(now: int, _total: int) -> None:
            nonlocal done
            step(max(0, now - done))
            done = now

        got = server.push(
            place,
            asked.text,
            study.codebook(asked.id),
            sent.items,
            moved,
            study.history(asked.id).chain,
            desk.frequent(asked),
        )
    return Pushed(
        asked.id,
        got.added,
        got.updated,
        got.unchanged,
        sent.left_out,
        got.moved,
        got.waiting,
        place.coder,
    )


def _secure(study: Study, server: LabelStudio, chosen: Sequence[Question]) -> None:
    """Before anything changes: all codings into the ledger, and what will move a copy aside."""
    for place, project in _places(study, server, chosen).items():
        _into_ledger(study, server, place, project)
        history = study.history(place.question)
        if not history.chain.steps:
            continue
        count, annotations = server.planned(place, history.now, history.chain)
        if count:
            content = json.dumps(annotations, ensure_ascii=False, default=str).encode()
            name = f"{place.question}-{hashlib.sha256(content).hexdigest()[:12]}.json"
            store.write_all({Paths(study.root).work / "labelstudio_kopie" / name: content})


def _into_ledger(
    study: Study, server: LabelStudio, place: Place, project: Any, everything: bool = False
) -> Pulled:
    from opentekst.review.annotations import truly_blind
    from opentekst.review.reports import Cursor

    history = study.history(place.question)
    path = Paths(study.root).ledger(place.question)
    known = store.read_ledger(path, readable(history))
    where = Paths(study.root).work / CURSORS
    cursors = {} if everything else _cursors(where)
    got = server.pull(place, history.now, history.chain, cursors, known, project)
    new = store.append_ledger(path, truly_blind(got.entries, known))
    if got.cursor != cursors.get(got.project, Cursor()):
        saved = _cursors(where) | {got.project: got.cursor}
        store.write_all({where: (json.dumps(saved, indent=1, sort_keys=True) + "\n").encode()})
    unclear = len(got.empty) + len(got.contradictory)
    return Pulled(
        place.question,
        len(got.codings),
        new,
        got.skipped,
        unclear,
        path,
        got.withdrawn,
        place.kind,
        place.coder,
    )


def _cursors(path: Path) -> dict[str, Cursor]:
    """Return where earlier pulls got to; nothing from a damaged file: then all is looked at."""
    from opentekst.review.reports import Cursor

    try:
        saved = (store.read_json(path) or {}).items()
        return {name: Cursor(str(seen), tuple(unclear)) for name, (seen, unclear) in saved}
    except (TypeError, ValueError, AttributeError):
        return {}


def pull(study: Study, url: str, key: str, question: str, everything: bool = False) -> list[Pulled]:
    """Fetch what people did since the last pull and add it to each question's ledger.

    Nothing in the ledger is changed or dropped. With `everything` all is looked at again.
    Raises ReviewError for the server and where there is no project yet.
    """
    server = _connected(study, url, key)
    places = _places(study, server, questions(study, question))
    if not places:
        raise ReviewError(
            "van deze studie staat er nog niets in Label Studio"
            if not question
            else "voor deze vraag staat er nog niets in Label Studio",
            place=server.url,
            remedy="Doe eerst: opentekst review push.",
        )
    return [
        _into_ledger(study, server, place, project, everything) for place, project in places.items()
    ]


def status(study: Study, url: str, key: str) -> list[Standing]:
    """Return for each project of the study how many of its answers people have done."""
    server = _connected(study, url, key)
    return [
        Standing(
            place.question,
            place.kind,
            place.coder,
            int(project.task_number or 0),
            int(project.num_tasks_with_annotations or 0),
            int(project.skipped_annotations_number or 0),
        )
        for place, project in _places(study, server, questions(study, "")).items()
    ]


def _places(study: Study, server: LabelStudio, chosen: Sequence[Question]) -> dict[Place, Any]:
    """Return the projects that the study has for these questions, in their order."""
    found = server.places(study.file.study)
    return {
        place: project
        for asked in chosen
        for place, project in found.items()
        if place.question == asked.id
    }


def _connected(study: Study, url: str, key: str) -> LabelStudio:
    from opentekst.review.client import LabelStudio

    return LabelStudio(*address(study, url, key))
