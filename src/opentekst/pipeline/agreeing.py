"""How far people agree who coded the same answers blind: figures, confused codes, files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from opentekst import store
from opentekst.codebook import Codebook, History
from opentekst.errors import DataError
from opentekst.model import Coding
from opentekst.pipeline import agree_files
from opentekst.pipeline.agree_says import Group, LeftOut, as_data, nothing_blind
from opentekst.pipeline.engine import Progress
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import readable, standing
from opentekst.results.workbook import plain
from opentekst.review.confusion import confused
from opentekst.review.reliability import DoubleCoded, reliability
from opentekst.store import Paths
from opentekst.study import Study

FOLDER = "agreement"


@dataclass(frozen=True)
class Agreed:
    """What was found, in the order of study.yaml; questions that share a codebook once more.

    `files` are those that were written.
    """

    groups: tuple[Group, ...]
    files: tuple[Path, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The same, for machines; no text of an answer."""
        return {
            "groups": {group.id: as_data(group) for group in self.groups},
            "files": [str(path) for path in self.files],
        }


@dataclass(frozen=True)
class Gathered:
    """The answers of a question that count for agreement, and what was left out."""

    answers: tuple[DoubleCoded, ...]
    left: LeftOut


def agree(study: Study, question: str, progress: Progress) -> Agreed:
    """Compute all figures of a study and write results/agreement; `question` must have some.

    Raises as `figures` does, and MissingStageError where the answers have not been normalised.
    """
    groups = figures(study, question, progress)
    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    coded = {answer for group in groups for answer in group.answers}
    normalised = {i.answer: i for i in store.read_normalised(work / "normalised.jsonl")}
    masked = masked_texts(work, [a for a in answers if a.id in coded], normalised)
    texts = {answer: plain(unescape(one.text)) for answer, one in masked.items()}
    folder = Paths(study.root).results / FOLDER
    files = {
        folder / name: content
        for name, content in agree_files.made(study.file.study, groups, texts).items()
    }
    store.write_all(files)
    return Agreed(tuple(groups), tuple(files))


def figures(study: Study, question: str, progress: Progress) -> list[Group]:
    """Return the figures of each open question, and of those that share a codebook together.

    Raises DataError for a question that does not exist and where nothing was coded blind by
    two people (under `question`, where given), LedgerError for a line that cannot be read,
    MissingStageError where the answers have not been read.
    """
    known = [q.id for q in study.open_questions]
    if question and question not in known:
        raise DataError(
            "deze open vraag bestaat niet",
            found=question,
            remedy=f"Kies uit: {', '.join(known)}.",
        )
    present = {a.id for a in store.read_answers(Paths(study.root).work / "answers.jsonl")}
    found = {name: gathered(study, name, present) for name in known}
    wanted = [question] if question else known
    if not any(found[name].answers for name in wanted):
        raise nothing_blind(question, [found[name].left for name in wanted])
    return _groups(study, found, progress)


def _groups(study: Study, found: Mapping[str, Gathered], progress: Progress) -> list[Group]:
    """Return the figures of each question, and of those that share a codebook together."""
    shared = {
        name: [q.id for q in study.open_questions if q.codebook == name and found[q.id].answers]
        for name in study.codebooks
    }
    pooled = {name: some for name, some in shared.items() if len(some) > 1}
    groups = []
    with progress("Overeenkomst", len(found) + len(pooled)) as step:
        for name, one in found.items():
            title = study.questions[name].text
            groups.append(_group(name, title, (name,), study.codebook(name), one, study.file.seed))
            step(1)
        for name, some in pooled.items():
            book = study.codebooks[name]
            answers = tuple(a for each in some for a in found[each].answers)
            whole = Gathered(answers, LeftOut())
            groups.append(
                _group(f"codeboek {name}", book.title, tuple(some), book, whole, study.file.seed)
            )
            step(1)
    return groups


def _group(
    name: str, title: str, questions: tuple[str, ...], book: Codebook, one: Gathered, seed: int
) -> Group:
    return Group(
        id=name,
        title=title,
        questions=questions,
        book=book,
        answers={a.answer: a.codes for a in one.answers},
        found=reliability(one.answers, book, seed),
        confusions=tuple(confused({a.answer: a.codes for a in one.answers})),
        left=one.left,
    )


def gathered(study: Study, question: str, present: Collection[str]) -> Gathered:
    """Return the answers that at least two people coded blind, in the order of the ledger."""
    history = study.history(question)
    ledger = store.read_ledger(Paths(study.root).ledger(question), readable(history))
    kept = standing(ledger)
    blind = [coding for coding in kept if coding.how.shown == "blind"]
    last = {(coding.answer, _coder(coding)): coding for coding in blind}
    read = {who: _today(coding, history) for who, coding in last.items()}
    by_answer: dict[str, dict[str, frozenset[str]]] = {}
    for (answer, coder), codes in read.items():
        if codes is not None and answer in present:
            by_answer.setdefault(answer, {})[coder] = codes
    double = tuple(
        DoubleCoded(answer, given, {coder: last[answer, coder].at for coder in given})
        for answer, given in ((a, dict(sorted(g.items()))) for a, g in by_answer.items())
        if len(given) > 1
    )
    left = LeftOut(
        taken_back=sum(coding.act == "coded" for coding in ledger) - len(kept),
        seen=sum(coding.how.shown in ("suggestion", "codings") for coding in kept),
        unknown=sum(not coding.how.shown for coding in kept),
        waiting=sum(codes is None for codes in read.values()),
        gone=len({answer for answer, _ in read if answer not in present}),
        alone=len(by_answer) - len(double),
        versions=sum(
            len({last[one.answer, coder].codebook.version for coder in one.codes}) > 1
            for one in double
        ),
    )
    return Gathered(double, left)


def _coder(coding: Coding) -> str:
    return coding.coder.removeprefix("person:").casefold()


def _today(coding: Coding, history: History) -> frozenset[str] | None:
    """Return the codes as they are today; None where one was split and nobody decided since."""
    codes, pending = history.chain.resolve(coding.codes, coding.codebook.version)
    return None if pending else frozenset(codes)
