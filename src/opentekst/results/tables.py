"""Frequency tables: count units, each cell with its own base, "andere" answers back-coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentekst.errors import StudyError
from opentekst.model import Answer, Cell, Decision, Response, Table
from opentekst.study import Group, Question, Study, TableSpec


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
    (multiple, open). Units without an answer are absent: they are not in the base.
    """

    holds: Mapping[str, Mapping[str, frozenset[str]]]
    moved: tuple[Moved, ...]


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
    moved: list[Moved] = []
    for response in responses:
        for name, value in response.single.items():
            holds.setdefault(name, {})[response.unit] = frozenset({value})
    for question in study.file.questions:
        if question.kind == "multiple":
            ticked = {
                r.unit: r.multiple[question.id] for r in responses if question.id in r.multiple
            }
            holds[question.id] = _back_code(study, question, ticked, decided, moved)
        elif question.kind == "open":
            book = study.codebook(question.id)
            by_unit: dict[str, frozenset[str]] = {}
            for unit, _, codes in decided.get(question.id, ()):
                by_unit[unit] = by_unit.get(unit, frozenset()) | book.net(codes)
            holds[question.id] = by_unit
    return Counted(holds, tuple(moved))


def tabulate(study: Study, counted: Counted) -> list[Table]:
    """Return the tables that study.yaml lists, in its order.

    Raises StudyError where a table's row is no value, item or code of its question.
    """
    return [_table(study, spec, counted) for spec in study.file.tables]


def _decided_by_unit(
    answers: Sequence[Answer], decisions: Sequence[Decision]
) -> Mapping[str, list[tuple[str, str, frozenset[str]]]]:
    codes = {d.answer: d.codes for d in decisions if d.basis != "open"}
    found: dict[str, list[tuple[str, str, frozenset[str]]]] = {}
    for answer in answers:
        if answer.id in codes:
            found.setdefault(answer.question, []).append((answer.unit, answer.id, codes[answer.id]))
    return found


def _back_code(
    study: Study,
    question: Question,
    ticked: Mapping[str, frozenset[str]],
    decided: Mapping[str, Sequence[tuple[str, str, frozenset[str]]]],
    moved: list[Moved],
) -> dict[str, frozenset[str]]:
    codes = dict(ticked)
    if question.other is None:
        return codes
    book = study.codebook(question.id)
    other = question.other.choice
    written: dict[str, set[str]] = {}
    for unit, answer, given in decided.get(question.other.question, ()):
        if not given:
            continue
        written.setdefault(unit, set()).update(given)
        leaves = other not in book.net(given)
        if given != {other}:
            moved.append(Moved(question.id, answer, unit, tuple(sorted(given)), leaves))
    for unit, given_codes in written.items():
        united = codes.get(unit, frozenset()) | given_codes
        codes[unit] = united if other in book.net(given_codes) else united - {other}
    return {unit: book.net(held) for unit, held in codes.items()}


def _table(study: Study, spec: TableSpec, counted: Counted) -> Table:
    held = _held(spec, counted)
    columns = {group.label: _column(study, spec, group, counted, held) for group in spec.columns}
    own_rows = any(group.rows for group in spec.groups)
    labels = list(dict.fromkeys(label for column in columns.values() for label in column))
    if spec.rows and not own_rows:
        listed = [_row_label(study, spec, row) for row in spec.rows]
        labels = list(dict.fromkeys([*listed, *labels]))
    if spec.order == "count":
        labels.sort(
            key=lambda label: (
                -sum(column[label][0] for column in columns.values() if label in column)
            )
        )
    cells = [
        Cell(group, label, *column.get(label, (None, None)))
        for label in labels
        for group, column in columns.items()
        if label in column or not own_rows
    ]
    return Table(spec.number, spec.title, spec.header, tuple(columns), tuple(cells), spec.footnotes)


def _held(spec: TableSpec, counted: Counted) -> frozenset[str]:
    """Return every code that some unit has in the questions of a table."""
    return frozenset(
        code
        for group in spec.columns
        for name in group.sources
        for codes in counted.holds.get(name, {}).values()
        for code in codes
    )


def _column(
    study: Study, spec: TableSpec, group: Group, counted: Counted, used: frozenset[str]
) -> dict[str, tuple[int, int]]:
    """Return label → (n, base) for one group of a table."""
    questions = [study.questions[name] for name in group.sources]
    rows = group.rows or spec.rows
    if questions[0].kind == "matrix":
        return _matrix_column(questions[0], rows, group.count, counted)
    held: dict[str, frozenset[str]] = {}
    for question in questions:
        for unit, codes in counted.holds.get(question.id, {}).items():
            held[unit] = held.get(unit, frozenset()) | codes
    return {
        label: (sum(key in codes for codes in held.values()), len(held))
        for key, label in _rows(study, questions[0], rows, used).items()
    }


def _matrix_column(
    question: Question, rows: Sequence[str], count: Sequence[str], counted: Counted
) -> dict[str, tuple[int, int]]:
    wanted = set(count or question.values)
    column = {}
    for item in question.items:
        if rows and item.id not in rows:
            continue
        held = counted.holds.get(f"{question.id}.{item.id}", {})
        column[item.label] = (sum(bool(values & wanted) for values in held.values()), len(held))
    if rows:
        order = {item.id: item.label for item in question.items}
        column = {order[row]: column[order[row]] for row in rows if row in order}
    return column


def _rows(
    study: Study, question: Question, rows: Sequence[str], used: frozenset[str]
) -> dict[str, str]:
    """Return key → label of the rows to count, for what this question asks.

    A retired code that is not in `used` has no row unless it is asked for.
    """
    if question.kind == "single":
        known = {value: value for value in question.values}
    else:
        known = _boxes(study, question)
        if question.codebook:
            asked = set(known)
            book = study.codebook(question.id)
            for code in book.codes:
                if code.status == "retired" and code.id not in {*used, *rows}:
                    continue
                if question.kind == "open" or (rows and _below(study, question, code.id, asked)):
                    known.setdefault(code.id, code.label)
    return {row: known[row] for row in rows if row in known} if rows else known


def _boxes(study: Study, question: Question) -> dict[str, str]:
    """Return code → label of the boxes; boxes merged into one code have that code's label."""
    codes = [choice.code for choice in question.choices]
    return {
        choice.code: study.codebook(question.id).by_id[choice.code].label
        if codes.count(choice.code) > 1
        else choice.label
        for choice in question.choices
    }


def _below(study: Study, question: Question, code: str, asked: set[str]) -> bool:
    """Tell whether a code was not a box of its own but can come out of back-coding."""
    return question.other is not None and (
        code in asked or question.other.choice in study.codebook(question.id).ancestors(code)
    )


def _row_label(study: Study, spec: TableSpec, row: str) -> str:
    for group in spec.columns:
        question = study.questions[group.sources[0]]
        if question.kind == "matrix":
            labels = {item.id: item.label for item in question.items}
        else:
            labels = _rows(study, question, (row,), frozenset())
        if row in labels:
            return labels[row]
    raise StudyError(
        f"tabel {spec.number} noemt een rij die in geen van haar vragen bestaat",
        place="study.yaml",
        found=row,
        remedy="Gebruik een waarde, keuzecode of item van de vraag die de tabel telt.",
    )
