"""Frequency tables: each cell with its own base, by group, with nets, weights and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from opentekst.model import Cell, Table
from opentekst.results.census import EVERYWHERE, Census, Facts, Slot, Where
from opentekst.results.counting import Counted, Moved, count_units
from opentekst.results.disclosure import HIDDEN_NOTE, Figure, to_hide
from opentekst.results.group_tests import tested
from opentekst.results.relations import Relation
from opentekst.results.table_rows import CHILD, column, depth_of, row_label
from opentekst.study import Study, TableSpec

__all__ = ["Counted", "Moved", "count_units", "tabulate"]

TOTAL = "Totaal"
MISSING = "Geen antwoord"
Columns = dict[str, dict[str, Slot]]


@dataclass(frozen=True)
class Draft:
    """A table before it is printed: per group and row what is counted.

    `labels` are the rows that are yet to be sorted, `last` those that come after them;
    `limits` are what a cut-off tells of counts.
    """

    spec: TableSpec
    columns: Columns
    labels: tuple[str, ...]
    last: tuple[str, ...]
    notes: tuple[str, ...]
    limits: tuple[Relation, ...] = ()

    def figures(self) -> list[Figure]:
        """Return what this table would print."""
        weighted = bool(self.spec.weight)
        return [
            Figure(slot, base_of(self.spec, slot), weighted)
            for rows in self.columns.values()
            for slot in rows.values()
        ]


def tabulate(study: Study, counted: Counted, facts: Facts | None = None) -> list[Table]:
    """Return the tables that study.yaml lists, in its order.

    With a threshold of disclosure, figures that would tell of fewer units are hidden, in all
    tables together. Raises StudyError where a table's row is no value, item or code of its
    question, or where it splits or weighs by what does not exist.
    """
    census = Census(study, counted, facts or Facts())
    drafts = [_draft(census, spec) for spec in study.file.tables]
    threshold = study.file.disclosure.threshold
    figures = [figure for draft in drafts for figure in draft.figures()]
    limits = [limit for draft in drafts for limit in draft.limits]
    hidden = to_hide(census, figures, threshold, limits) if threshold else frozenset()
    return [_printed(census, draft, hidden) for draft in drafts]


def base_of(spec: TableSpec, slot: Slot) -> Slot:
    """Return the base of a figure: units that answered, or all."""
    if spec.of_all or slot.kind in ("missing", "all"):
        return Slot("all", where=slot.where)
    return Slot("answered", slot.sources, where=slot.where)


def _draft(census: Census, spec: TableSpec) -> Draft:
    columns = _columns(census, spec)
    labels = _listed(census, spec, columns)
    last: list[str] = []
    notes = list(spec.footnotes)
    limits: tuple[Relation, ...] = ()
    rare = _rare(census, spec, columns, labels)
    if spec.cutoff:
        limits = _limits(spec, columns, labels, rare)
    if rare:
        rest = f"Andere (minder dan {spec.cutoff} keer)"
        columns = {group: _cut(rows, rare, rest) for group, rows in columns.items()}
        labels = [label for label in labels if label not in rare]
        last.append(rest)
        notes.append(f"{rest}: {', '.join(label.replace(CHILD, '') for label in rare)}.")
    for rows in columns.values():
        slot = next(iter(rows.values()), None)
        if slot and spec.missing == "show":
            rows[MISSING] = Slot("missing", slot.sources, where=slot.where)
        if slot and spec.total:
            rows[TOTAL] = base_of(spec, slot)
    last += [MISSING] * (spec.missing == "show") + [TOTAL] * spec.total
    notes += _notes(census, spec)
    return Draft(spec, columns, tuple(labels), tuple(last), tuple(notes), limits)


def _columns(census: Census, spec: TableSpec) -> Columns:
    if not spec.by:
        return {g.label: column(census, spec, g, EVERYWHERE) for g in spec.columns}
    (group,) = spec.columns
    columns = {
        label: column(census, spec, group, Where(spec.by, label))
        for label in census.groups(spec.by)
    }
    if spec.total:
        columns[TOTAL] = column(census, spec, group, EVERYWHERE)
    return columns


def _listed(census: Census, spec: TableSpec, columns: Columns) -> list[str]:
    labels = list(dict.fromkeys(label for rows in columns.values() for label in rows))
    if spec.rows and not spec.nets and not any(group.rows for group in spec.groups):
        listed = [row_label(census.study, spec, row) for row in spec.rows]
        labels = list(dict.fromkeys([*listed, *labels]))
    return labels


def _in_order(census: Census, draft: Draft, hidden: frozenset[Slot]) -> list[str]:
    """Return the rows as asked for. One with a hidden figure comes last: its rank would tell."""
    spec, labels = draft.spec, draft.labels
    if spec.order == "listed":
        return list(labels)
    total = {label: _total(census, draft.columns, label) for label in labels}
    dim = {
        label
        for label in labels
        if any(
            rows[label] in hidden or base_of(spec, rows[label]) in hidden
            for rows in draft.columns.values()
            if label in rows
        )
    }

    def rank(label: str) -> tuple[bool, int, str]:
        if spec.order == "label":
            return (False, 0, label.casefold())
        return (label in dim, 0 if label in dim else -total[label], "")

    return _sorted_tree(labels, rank) if spec.nets else sorted(labels, key=rank)


Rank = Callable[[str], tuple[bool, int, str]]


def _sorted_tree(labels: Sequence[str], rank: Rank) -> list[str]:
    """Sort the rows of a tree among their siblings; what lies under a row stays with it."""
    if not labels:
        return []
    top = min(depth_of(label) for label in labels)
    starts = [at for at, label in enumerate(labels) if depth_of(label) == top]
    branches = [labels[a:b] for a, b in zip(starts, [*starts[1:], len(labels)], strict=True)]
    branches.sort(key=lambda branch: rank(branch[0]))
    return [row for first, *rest in branches for row in (first, *_sorted_tree(rest, rank))]


def _row_slots(spec: TableSpec, columns: Columns, label: str) -> list[Slot]:
    """Return what together says how often a row was counted: all units, or group by group."""
    found = [rows[label] for rows in columns.values() if label in rows]
    return [found[0]._replace(where=EVERYWHERE)] if spec.by else found


def _total(census: Census, columns: Columns, label: str) -> int:
    """Return how often a row was counted, over the groups side by side."""
    return sum(census.count(rows[label]) for rows in columns.values() if label in rows)


def _parents(labels: Sequence[str]) -> set[str]:
    return {a for a, b in pairwise(labels) if depth_of(b) > depth_of(a)}


def _rare(census: Census, spec: TableSpec, columns: Columns, labels: Sequence[str]) -> list[str]:
    """Return the rows that are counted fewer than `cutoff` times and have none under them."""
    parents = _parents(labels)
    return [
        label
        for label in labels
        if label not in parents
        and sum(map(census.count, _row_slots(spec, columns, label))) < spec.cutoff
    ]


def _limits(
    spec: TableSpec, columns: Columns, labels: Sequence[str], rare: Sequence[str]
) -> tuple[Relation, ...]:
    """Return what the reader learns of rows from being above or below the cut-off."""
    parents = _parents(labels)
    return tuple(
        Relation(
            tuple((slot, 1) for slot in _row_slots(spec, columns, label)),
            0 if label in rare else spec.cutoff,
            spec.cutoff - 1 if label in rare else float("inf"),
        )
        for label in labels
        if label not in parents
    )


def _cut(rows: Mapping[str, Slot], rare: Sequence[str], rest: str) -> dict[str, Slot]:
    """Return the rows of a group with the rare ones in one, that counts a unit once."""
    kept = {label: slot for label, slot in rows.items() if label not in rare}
    united = [rows[label] for label in rare if label in rows]
    if united:
        what = frozenset(code for slot in united for code in slot.what)
        kept[rest] = united[0]._replace(what=what)
    return kept


def _notes(census: Census, spec: TableSpec) -> list[str]:
    notes = []
    if spec.nets:
        notes.append("Een code telt elke gemeente één keer, ook die met meer codes eronder (–).")
    if spec.missing == "show":
        notes.append("Geen antwoord: niet ingevuld, niet gevraagd, of nog zonder code.")
    if spec.of_all:
        notes.append("Percentages van alle gemeenten die aan de bevraging deelnamen.")
    if spec.by in census.study.questions:
        notes.append(
            "Gemeenten zonder antwoord op de vraag die de groepen maakt, staan in geen groep."
        )
    if spec.weight:
        notes.append(f"Percentages gewogen naar {spec.weight}; aantallen ongewogen.")
        notes += [f"Geen respons uit {name}." for name in census.unheard(spec.weight)]
    return notes


def _printed(census: Census, draft: Draft, hidden: frozenset[Slot]) -> Table:
    spec = draft.spec
    weights = census.weights(spec.weight)
    own_rows = any(group.rows for group in spec.groups)
    labels = [*_in_order(census, draft, hidden), *draft.last]
    cells = [
        _cell(census, spec, group, label, rows.get(label), weights, hidden)
        for label in labels
        for group, rows in draft.columns.items()
        if label in rows or not own_rows
    ]
    notes = list(draft.notes)
    safe = not any(cell.hidden for cell in cells)
    names = {group: group for group in draft.columns}
    if spec.test:
        names, marks, note = tested(census, spec, draft.columns, labels, weights, safe)
        cells = [
            replace(
                cell,
                group=names[cell.group],
                marks=marks.get((cell.group, cell.category), "") if safe else "",
            )
            for cell in cells
        ]
        notes += note
    if not safe:
        notes.append(HIDDEN_NOTE)
    groups = tuple(names[group] for group in draft.columns)
    return Table(spec.number, spec.title, spec.header, groups, tuple(cells), tuple(notes))


def _cell(
    census: Census,
    spec: TableSpec,
    group: str,
    label: str,
    slot: Slot | None,
    weights: Mapping[str, float],
    hidden: frozenset[Slot],
) -> Cell:
    if slot is None:
        return Cell(group, label, None, None)
    base = base_of(spec, slot)
    of = None if base in hidden else census.count(base)
    if slot in hidden or base in hidden:
        return Cell(group, label, None, of, hidden=True)
    share = _share(census, slot, base, weights) if weights else None
    return Cell(group, label, census.count(slot), of, share)


def _share(census: Census, slot: Slot, base: Slot, weights: Mapping[str, float]) -> Decimal | None:
    """Return the weighted percentage to one decimal; None without a base."""
    whole = sum(weights[unit] for unit in sorted(census.units(base)))
    if not whole:
        return None
    part = sum(weights[unit] for unit in sorted(census.units(slot)))
    return Decimal(repr(100 * part / whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
