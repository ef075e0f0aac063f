"""What counts for each answer: what people say of it, or the machine where it may be trusted."""

from __future__ import annotations

from opentekst import store
from opentekst.model import Answer, Coding, Decision
from opentekst.pipeline.opinions import machine, opinions
from opentekst.store import Paths
from opentekst.study import Study

TRIAGE = "triage.jsonl"
BY_PEOPLE = ("unanimous", "majority", "adjudicated")


def people(study: Study) -> list[Coding]:
    """Return every person's coding in the codes of today, question by question, oldest first.

    Raises LedgerError for a line that cannot be read or names a code that does not exist.
    """
    return opinions(study).codings


def decide(study: Study, answers: list[Answer], provisional: bool = False) -> list[Decision]:
    """Return what counts for each answer: people where they coded, else the machine.

    Of the machine counts what triage leaves to it, and with `coding: {unreviewed: count}` in
    study.yaml, or `provisional`, all that it says.
    """
    found = machine(study)
    if not provisional and study.file.coding.unreviewed == "open":
        trusted = automatic(study)
        found = [coding for coding in found if coding.answer in trusted]
    return _decide(study, answers, found)


def settled(
    study: Study, answers: list[Answer], for_machine: bool = False
) -> dict[str, frozenset[str]]:
    """Return what people decided; with `for_machine` in the codes that the machine uses."""
    decisions = _decide(study, answers, [], for_machine)
    return {d.answer: d.codes for d in decisions if d.basis in BY_PEOPLE}


def automatic(study: Study) -> frozenset[str]:
    """Return the answers that triage leaves to the machine."""
    rows = store.read_rows(Paths(study.root).work / TRIAGE, "code")
    return frozenset(row["answer"] for row in rows if row["automatic"])


def _decide(
    study: Study, answers: list[Answer], codings: list[Coding], for_machine: bool = False
) -> list[Decision]:
    from opentekst.review.decisions import decide as settle

    said = opinions(study, for_machine)
    asked = [a.id for a in answers]
    rules = study.file.review
    return settle(
        asked,
        said.codings,
        codings,
        rules.adjudicators,
        said.waiting,
        rules.least,
        rules.majority == "count",
    )
