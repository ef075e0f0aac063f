"""Between the study and Label Studio: what goes to the screen, and back into the ledger."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.errors import DataError, ReviewError
from opentekst.pipeline.deciding import decide
from opentekst.pipeline.engine import Progress
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import machine, readable
from opentekst.pipeline.serving import address
from opentekst.store import Paths
from opentekst.study import Question, Study

if TYPE_CHECKING:
    from opentekst.review.client import LabelStudio


@dataclass(frozen=True)
class Pushed:
    """What a push did to one question; `left_out` says in Dutch how many did not go and why."""

    question: str
    added: int
    updated: int
    unchanged: int
    left_out: tuple[str, ...]
    moved: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Pulled:
    """What a pull brought for one question; `new` codings were added to the ledger."""

    question: str
    codings: int
    new: int
    skipped: int
    empty: int
    path: Path


def push(
    study: Study, url: str, key: str, question: str, everything: bool, progress: Progress
) -> list[Pushed]:
    """Send answers with the machine's suggestions to Label Studio, a project a question.

    Names go as placeholders, and answers that people have settled stay behind unless
    `everything`. Raises ReviewError
    for the server, MissingStageError where the answers have not been coded yet.
    """
    from opentekst.review.client import LabelStudio
    from opentekst.review.tasks import ReviewItem

    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    normalised = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    suggestions = {c.answer: c for c in machine(study) if c.coder == "model:combined"}
    texts = masked_texts(work, answers, normalised)
    decisions = {d.answer: d.basis for d in decide(study, answers)}
    server = LabelStudio(*address(study, url, key))
    reports = []
    for asked in _questions(study, question):
        _secure(study, server, asked)
        mine = [a for a in answers if a.question == asked.id]
        filled = [a for a in mine if "no_answer" not in normalised[a.id].flags]
        sent = [a for a in filled if everything or decisions[a.id] in ("automatic", "open")]
        items = [
            ReviewItem(
                a.id, asked.id, asked.text, unescape(texts[a.id].text), suggestions.get(a.id)
            )
            for a in sent
        ]
        left = {
            "niet-antwoorden": len(mine) - len(filled),
            "al door mensen beslist (--all stuurt ze mee)": len(filled) - len(sent),
        }
        with progress(asked.id, len(items)) as step:
            done = 0

            def moved(now: int, _total: int) -> None:
                nonlocal done
                step(max(0, now - done))
                done = now

            got = server.push(
                study.file.study,
                asked.id,
                asked.text,
                study.codebook(asked.id),
                items,
                moved,
                study.history(asked.id).chain,
            )
        reasons = tuple(f"{n} {why}" for why, n in left.items() if n)
        reports.append(
            Pushed(
                asked.id,
                got.added,
                got.updated,
                got.unchanged,
                reasons,
                got.moved,
                got.waiting,
            )
        )
    return reports


def _secure(study: Study, server: LabelStudio, asked: Question) -> None:
    """Before annotations get other codes: all codings into the ledger, and a copy aside."""
    history = study.history(asked.id)
    count, annotations = server.planned(study.file.study, asked.id, history.now, history.chain)
    if not count:
        return
    _into_ledger(study, server, asked)
    content = json.dumps(annotations, ensure_ascii=False, default=str).encode()
    name = f"{asked.id}-{hashlib.sha256(content).hexdigest()[:12]}.json"
    store.write_all({Paths(study.root).work / "labelstudio_kopie" / name: content})


def _into_ledger(study: Study, server: LabelStudio, asked: Question) -> Pulled:
    history = study.history(asked.id)
    path = Paths(study.root).ledger(asked.id)
    got = server.pull(study.file.study, asked.id, history.now, history.chain)
    store.read_ledger(path, readable(history))
    new = store.append_ledger(path, got.codings)
    unclear = len(got.empty) + len(got.contradictory)
    return Pulled(asked.id, len(got.codings), new, got.skipped, unclear, path)


def pull(study: Study, url: str, key: str, question: str) -> list[Pulled]:
    """Fetch people's codings and add to each question's ledger what it does not hold yet.

    Nothing in the ledger is changed or dropped. Raises ReviewError for the server and for
    a question that has no project yet (where that question was asked for by name).
    """
    from opentekst.review.client import LabelStudio

    server = LabelStudio(*address(study, url, key))
    reports = []
    for asked in _questions(study, question):
        if not question and not server.has(study.file.study, asked.id):
            continue
        reports.append(_into_ledger(study, server, asked))
    if not reports:
        raise ReviewError(
            "van deze studie staat er nog niets in Label Studio",
            place=url or os.environ.get("LABEL_STUDIO_URL", ""),
            remedy="Doe eerst: opentekst review push.",
        )
    return reports


def _questions(study: Study, wanted: str) -> list[Question]:
    known: Mapping[str, Question] = {q.id: q for q in study.open_questions}
    if not wanted:
        return list(known.values())
    if wanted not in known:
        raise DataError(
            "deze open vraag bestaat niet",
            found=wanted,
            remedy=f"Kies uit: {', '.join(known)}.",
        )
    return [known[wanted]]
