"""What commands show of a study that has been run: coded answers and tables, read only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opentekst import store
from opentekst.codebook import Code
from opentekst.errors import DataError, MissingStageError
from opentekst.model import Span, Table
from opentekst.pipeline.deciding import TRIAGE
from opentekst.pipeline.stages import counted_tables
from opentekst.store import Paths
from opentekst.study import Study

_BASIS = {
    "unanimous": "door mensen, eensgezind",
    "majority": "door mensen, bij meerderheid",
    "adjudicated": "door mensen, na arbitrage",
    "automatic": "door de machine",
}


@dataclass(frozen=True)
class CodedAnswer:
    """An answer with what counts for it, and the machine's evidence in its verbatim text.

    `rules` says which rules spoke of it, and why.
    """

    answer: str
    question: str
    municipality: str
    text: str
    codes: tuple[Code, ...]
    basis: str
    evidence: tuple[Span, ...]
    rules: tuple[str, ...] = ()


def coded_answers(root: Path, question: str = "", code: str = "") -> list[CodedAnswer]:
    """Return the answers that have codes, of one question or one code where asked.

    Raises DataError for a question or code that does not exist, MissingStageError where
    the study has not been run since its export changed.
    """
    from opentekst.survey.places import places_on

    study = Study.open(root)
    _check_choice(study, question, code)
    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    decisions = {d.answer: d for d in store.read_decisions(work / "decisions.jsonl")}
    evidence = {
        c.answer: c.evidence
        for c in store.read_codings(work / "codings.jsonl")
        if c.coder == "model:combined"
    }
    rules = {row["answer"]: tuple(row["rules"]) for row in store.read_rows(work / TRIAGE, "code")}
    names = places_on(study.file.date).municipalities
    found = []
    for answer in answers:
        if answer.id not in decisions:
            raise MissingStageError(
                "de export is veranderd sinds er geteld werd",
                place=str(work),
                remedy="Doe eerst: opentekst run.",
            )
        decision = decisions[answer.id]
        if not decision.codes or (question and answer.question != question):
            continue
        book = study.codebook(answer.question)
        if not decision.codes <= book.by_id.keys():
            raise MissingStageError(
                "het codeboek is veranderd sinds er geteld werd",
                place=str(book.id),
                remedy="Doe eerst: opentekst run.",
            )
        if code and code not in book.net(decision.codes):
            continue
        found.append(
            CodedAnswer(
                answer.id,
                answer.question,
                names[answer.unit].name,
                answer.text,
                tuple(c for c in book.codes if c.id in decision.codes),
                _BASIS[decision.basis],
                tuple(s for s in evidence.get(answer.id, ()) if s.code in decision.codes),
                rules.get(answer.id, ()),
            )
        )
    return found


def current_tables(root: Path) -> list[Table]:
    """Return the tables as they stand. Raises MissingStageError where a stage has not run."""
    return counted_tables(Study.open(root))[0]


def _check_choice(study: Study, question: str, code: str) -> None:
    opens = [q.id for q in study.open_questions]
    if question and question not in opens:
        raise DataError(
            "deze open vraag bestaat niet",
            found=question,
            remedy=f"Kies uit: {', '.join(opens)}.",
        )
    if code and not any(code in book.by_id for book in study.codebooks.values()):
        raise DataError(
            "deze code staat in geen codeboek", found=code, remedy="Kijk in de map codebooks/."
        )
