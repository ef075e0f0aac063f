"""The rows of a table: which values, codes or items it counts, and their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opentekst.codebook import Codebook
from opentekst.errors import StudyError
from opentekst.results.census import Census, Slot, Where
from opentekst.study import Group, Question, Study, TableSpec

CHILD = "– "
"""Stands before a code's label, once for each code above it, in a table with nets."""


def column(census: Census, spec: TableSpec, group: Group, where: Where) -> dict[str, Slot]:
    """Return label → what is counted, for one group of a table, in the order of its rows.

    Raises StudyError where the table asks for nets of something without a codebook.
    """
    study = census.study
    questions = [study.questions[name] for name in group.sources]
    rows = group.rows or spec.rows
    if questions[0].kind == "matrix":
        return _matrix(spec, questions[0], rows, group.count, where)
    used = _used(spec, census)
    keys = rows_of(study, questions[0], rows, used)
    if spec.nets:
        return _nets(study, spec, questions, keys, where)
    return {
        label: Slot("holds", group.sources, frozenset({key}), where) for key, label in keys.items()
    }


def _matrix(
    spec: TableSpec, question: Question, rows: Sequence[str], count: Sequence[str], where: Where
) -> dict[str, Slot]:
    if spec.nets or spec.cutoff or spec.total or spec.test:
        raise _refused(spec, question.id, "een matrix heeft geen nets, cutoff, total of test")
    wanted = frozenset(count or question.values)
    labels = {item.id: item.label for item in question.items}
    return {
        labels[row]: Slot("holds", (f"{question.id}.{row}",), wanted, where)
        for row in rows or labels
        if row in labels
    }


def _used(spec: TableSpec, census: Census) -> frozenset[str]:
    """Return every code that some unit has in the questions of a table."""
    return frozenset(
        code
        for group in spec.columns
        for codes in census.held(group.sources).values()
        for code in codes
    )


def _nets(
    study: Study, spec: TableSpec, questions: Sequence[Question], keys: Mapping[str, str],
    where: Where,
) -> dict[str, Slot]:  # fmt: skip
    """Return the rows with every code above them, as a tree: a parent, then what is under it."""
    books = {question.codebook for question in questions}
    if books == {""} or len(books) > 1:
        raise _refused(spec, questions[0].id, "nets vragen één codeboek voor de hele tabel")
    book = study.codebook(questions[0].id)
    sources = tuple(question.id for question in questions)
    labels = dict(keys)
    for key in keys:
        for above in book.ancestors(key):
            labels.setdefault(above, book.by_id[above].label)
    found: dict[str, Slot] = {}
    for key in _as_tree(book, list(labels)):
        depth = sum(above in labels for above in book.ancestors(key))
        what = frozenset({key, *_under(book, key)})
        found[CHILD * depth + labels[key]] = Slot("holds", sources, what, where)
    return found


def _as_tree(book: Codebook, keys: Sequence[str]) -> list[str]:
    def below(parent: str) -> list[str]:
        mine = [k for k in keys if next((a for a in book.ancestors(k) if a in keys), "") == parent]
        return [key for own in mine for key in (own, *below(own))]

    return below("")


def _under(book: Codebook, key: str) -> list[str]:
    return [code.id for code in book.codes if key in book.ancestors(code.id)]


def depth_of(label: str) -> int:
    """Return how deep a row lies in a table with nets.

    >>> depth_of("– – Subsidies")
    2
    """
    depth = 0
    while label.startswith(CHILD):
        label, depth = label.removeprefix(CHILD), depth + 1
    return depth


def _refused(spec: TableSpec, found: str, why: str) -> StudyError:
    return StudyError(
        f"tabel {spec.number}: {why}",
        place="study.yaml",
        found=found,
        remedy="Laat dat veld weg bij deze tabel, of tel een andere vraag (docs/tabellen.md).",
    )


def rows_of(
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


def row_label(study: Study, spec: TableSpec, row: str) -> str:
    """Return the label of a row that study.yaml asks for. Raises StudyError for none."""
    for group in spec.columns:
        question = study.questions[group.sources[0]]
        if question.kind == "matrix":
            labels = {item.id: item.label for item in question.items}
        else:
            labels = rows_of(study, question, (row,), frozenset())
        if row in labels:
            return labels[row]
    raise StudyError(
        f"tabel {spec.number} noemt een rij die in geen van haar vragen bestaat",
        place="study.yaml",
        found=row,
        remedy="Gebruik een waarde, keuzecode of item van de vraag die de tabel telt.",
    )
