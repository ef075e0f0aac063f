"""Count units: what each holds of every question, "andere" answers back-coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opentekst.codebook import Codebook
from opentekst.model import Answer, Decision, Response
from opentekst.study import Study


@dataclass(frozen=True)
class Moved:
    """One "andere" answer that back-coding brought under other codes."""

    question: str
    answer: str
    unit: str
    codes: tuple[str, ...]
    leaves_other: bool


@dataclass(frozen=True)
class Counted:
    """Per question (or matrix item): the units that answered it, and what each holds.

    `holds[question][unit]` is a set of values (single), codes with their parents
    (multiple, open). Units without an answer are absent: they are not in the base. `before`
    is the same before back-coding, of the questions that have an "andere". `units` are all
    units that responded, whatever they answered.
    """

    holds: Mapping[str, Mapping[str, frozenset[str]]]
    moved: tuple[Moved, ...]
    before: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    units: frozenset[str] = frozenset()


def count_units(
    study: Study,
    responses: Sequence[Response],
    answers: Sequence[Answer],
    decisions: Sequence[Decision],
) -> Counted:
    """Bring closed answers and decided open answers together, by unit.

    Codes of an "andere" text join the boxes that the unit ticked; where none of them lies
    under "andere", the tick of "andere" is dropped (back-coding). Decisions that are still
    `open` count for nothing.
    """
    decided = _decided_by_unit(answers, decisions)
    holds: dict[str, dict[str, frozenset[str]]] = {}
    before: dict[str, Mapping[str, frozenset[str]]] = {}
    moved: list[Moved] = []
    for response in responses:
        for name, value in response.single.items():
            holds.setdefault(name, {})[response.unit] = frozenset({value})
    for question in study.file.questions:
        if question.kind == "multiple":
            ticked = {
                r.unit: r.multiple[question.id] for r in responses if question.id in r.multiple
            }
            written = decided.get(question.other.question, ()) if question.other else ()
            book = study.codebook(question.id) if question.codebook else None
            if question.other and book:
                other = question.other.choice
                before[question.id] = as_ticked(book, other, ticked, written)
                after, found = back_code(book, question.id, other, ticked, written)
                holds[question.id] = after
                moved.extend(found)
            else:
                holds[question.id] = ticked
        elif question.kind == "open":
            book = study.codebook(question.id)
            by_unit: dict[str, frozenset[str]] = {}
            for unit, _, codes in decided.get(question.id, ()):
                by_unit[unit] = by_unit.get(unit, frozenset()) | book.net(codes)
            holds[question.id] = by_unit
    return Counted(holds, tuple(moved), before, frozenset(r.unit for r in responses))


def _decided_by_unit(
    answers: Sequence[Answer], decisions: Sequence[Decision]
) -> Mapping[str, list[tuple[str, str, frozenset[str]]]]:
    codes = {d.answer: d.codes for d in decisions if d.basis != "open"}
    found: dict[str, list[tuple[str, str, frozenset[str]]]] = {}
    for answer in answers:
        if answer.id in codes:
            found.setdefault(answer.question, []).append((answer.unit, answer.id, codes[answer.id]))
    return found


Written = Sequence[tuple[str, str, frozenset[str]]]
"""Texts under an "andere": unit, answer id and the codes that were decided for it."""


def as_ticked(
    book: Codebook, other: str, ticked: Mapping[str, frozenset[str]], written: Written
) -> dict[str, frozenset[str]]:
    """Return what each unit held before back-coding, parents added.

    Who wrote a text that has codes but left the box of "andere" open, meant that box.
    """
    wrote = {unit for unit, _, given in written if given}
    units = {**ticked, **{unit: ticked.get(unit, frozenset()) | {other} for unit in wrote}}
    return {unit: book.net(held) for unit, held in units.items()}


def back_code(
    book: Codebook,
    question: str,
    other: str,
    ticked: Mapping[str, frozenset[str]],
    written: Written,
) -> tuple[dict[str, frozenset[str]], list[Moved]]:
    """Return what each unit holds after back-coding, parents added, and what moved."""
    codes = dict(ticked)
    moved: list[Moved] = []
    texts: dict[str, set[str]] = {}
    for unit, answer, given in written:
        if not given:
            continue
        texts.setdefault(unit, set()).update(given)
        if given != {other}:
            leaves = other not in book.net(given)
            moved.append(Moved(question, answer, unit, tuple(sorted(given)), leaves))
    for unit, given_codes in texts.items():
        united = codes.get(unit, frozenset()) | given_codes
        codes[unit] = united if other in book.net(given_codes) else united - {other}
    return {unit: book.net(held) for unit, held in codes.items()}, moved
