"""Back-coding of "andere", before and after: what it changed, and that it kept its promises."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opentekst.codebook import Codebook
from opentekst.errors import InvariantError
from opentekst.model import Cell, Table
from opentekst.results.counting import Counted, Moved
from opentekst.results.workbook import Column, Sheet, to_workbook
from opentekst.study import Study

Held = Mapping[str, frozenset[str]]
BEFORE, AFTER = "Voor", "Na"


@dataclass(frozen=True, slots=True)
class Change:
    """What back-coding did to one code of a question; all but the label count units."""

    question: str
    code: str
    label: str
    base: int
    before: int
    gained: int
    lost: int
    after: int


def changes(study: Study, counted: Counted) -> list[Change]:
    """Return every code that units hold before or after back-coding, question by question.

    Raises InvariantError where back-coding broke one of its promises (see `check`).
    """
    found: list[Change] = []
    for name, before in counted.before.items():
        question, book = study.questions[name], study.codebook(name)
        assert question.other is not None
        after = counted.holds[name]
        moved = [move for move in counted.moved if move.question == name]
        check(name, book, question.other.choice, before, after, moved)
        labels = {choice.code: choice.label for choice in question.choices}
        codes = [*labels, *(code.id for code in book.codes if code.id not in labels)]
        for code in codes:
            had = {unit for unit, held in before.items() if code in held}
            has = {unit for unit, held in after.items() if code in held}
            label = labels.get(code) or book.by_id[code].label
            if any(c.label == label for c in found if c.question == name):
                label = f"{label} ({code})"
            if had or has:
                counts = (len(had), len(has - had), len(had - has), len(has))
                found.append(Change(name, code, label, len(before), *counts))
    return found


def check(
    question: str, book: Codebook, other: str, before: Held, after: Held, moved: Sequence[Moved]
) -> None:
    """Raise InvariantError where back-coding changed more than it may.

    The base stays: the same units before and after. A unit loses at most "andere", and only
    where one of its texts left it; what it gains stands in its texts, or above that. A text
    moves once. Whoever holds a code holds what is above it, so that a net is at least as
    large as each code under it and at most their sum with those who hold the net alone.
    """
    if before.keys() != after.keys():
        raise _broken(question, "de basis veranderde", before.keys() ^ after.keys())
    answers = [move.answer for move in moved]
    if len(answers) != len(set(answers)):
        raise _broken(question, "een antwoord verhuisde twee keer", ())
    given: dict[str, set[str]] = {}
    for move in moved:
        given.setdefault(move.unit, set()).update(book.net(move.codes))
    left = {move.unit for move in moved if move.leaves_other}
    gone = {other, *book.ancestors(other)} if other in book.by_id else {other}
    for unit, held in after.items():
        lost, gained = before[unit] - held, held - before[unit]
        if lost and (unit not in left or not lost <= gone):
            raise _broken(question, "een gemeente verloor een keuze die ze aankruiste", {unit})
        if not gained <= given.get(unit, set()):
            raise _broken(question, "een gemeente kreeg een code die ze niet schreef", {unit})
        if book.net(held) != held:
            raise _broken(question, "een gemeente telt niet mee bij de code erboven", {unit})
    _check_nets(question, book, after)


def _check_nets(question: str, book: Codebook, held: Held) -> None:
    for parent in book.codes:
        children = [code.id for code in book.codes if code.parent == parent.id]
        if not children:
            continue
        parts = [sum(child in codes for codes in held.values()) for child in children]
        net = sum(parent.id in codes for codes in held.values())
        alone = sum(parent.id in c and not c & set(children) for c in held.values())
        if not max(parts) <= net <= sum(parts) + alone:
            raise _broken(question, f"het net van '{parent.id}' is geen telling van gemeenten", ())


def _broken(question: str, what: str, units: Collection[str]) -> InvariantError:
    return InvariantError(
        f"terugcoderen: {what}",
        place=f"vraag '{question}'",
        found=f"NIS-code {', '.join(sorted(units)[:5])}" if units else "",
        remedy="Dit is een fout in opentekst: meld haar, en gebruik deze tabellen niet.",
    )


def before_after_tables(study: Study, found: Sequence[Change]) -> list[Table]:
    """Return a table for each question: its codes before and after back-coding."""
    tables = []
    for number, name in enumerate(dict.fromkeys(change.question for change in found), start=1):
        cells = [
            Cell(group, change.label, n, change.base)
            for change in found
            if change.question == name
            for group, n in ((BEFORE, change.before), (AFTER, change.after))
        ]
        title = f"{study.questions[name].text} ({name})"
        tables.append(Table(f"T{number}", title, "Keuze of code", (BEFORE, AFTER), tuple(cells)))
    return tables


def backcoding_workbook(
    study: Study, found: Sequence[Change], moved: Sequence[Moved], names: Mapping[str, str]
) -> bytes:
    """Return a workbook: each code before and after, and every answer that moved.

    `names` are the units' names by id. Texts of answers are not in it.
    """
    label = {
        (name, code.id): code.label
        for name in {change.question for change in found} | {move.question for move in moved}
        for code in study.codebook(name).codes
    }
    heads = ("Basis (N)", "Voor", "Erbij", "Eraf", "Na")
    codes = Sheet(
        "Voor en na",
        (
            Column("Vraag", 20),
            Column("Code", 28),
            Column("Label", 50),
            *(Column(head, 11, "count") for head in heads),
            Column("Voor (%)", 11, "share"),
            Column("Na (%)", 11, "share"),
        ),
        [
            (c.question, c.code, c.label, c.base, c.before, c.gained, c.lost, c.after,
             c.before / c.base, c.after / c.base)
            for c in found
        ],
        still=3,
    )  # fmt: skip
    answers = Sheet(
        "Verhuisde antwoorden",
        (
            Column("Vraag", 20),
            Column("Antwoord", 34),
            Column("NIS-code", 11),
            Column("Gemeente", 24),
            Column("Naar", 60),
            Column("Verlaat 'andere'", 14),
        ),
        [
            (m.question, m.answer, m.unit, names.get(m.unit, ""),
             "; ".join(label[m.question, code] for code in m.codes),
             "ja" if m.leaves_other else "nee")
            for m in moved
        ],
    )  # fmt: skip
    return to_workbook("Terugcoderen van 'andere'", (codes, answers))
