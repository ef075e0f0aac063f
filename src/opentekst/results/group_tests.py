"""The tests of a table's groups: one of the whole table, and the pairs of groups by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.numbers import format_decimal

from opentekst.results.census import Census, Slot
from opentekst.results.significance import LEVEL, RaoScott, above, letters_of, rao_scott, worth
from opentekst.study import TableSpec

Columns = Mapping[str, Mapping[str, Slot]]
Marks = dict[tuple[str, str], str]


def tested(
    census: Census,
    spec: TableSpec,
    columns: Columns,
    labels: Sequence[str],
    weights: Mapping[str, float],
    safe: bool,
) -> tuple[dict[str, str], Marks, list[str]]:
    """Return the groups' names with a letter, the letters by group and row, and footnotes.

    The column of all units is no group. Where not `safe` (figures are hidden), only whether
    the groups differ is said: a statistic or a letter could give a hidden figure away.
    """
    groups = [name for name, rows in columns.items() if _where(rows)]
    rows = [label for label in labels if _is_item(columns, groups, label)]
    result = _whole(census, spec, columns, groups, rows, weights)
    letters = letters_of(groups)
    names = {name: f"{name} ({letters[name]})" if name in letters else name for name in columns}
    plain = {name: name for name in columns}
    if result is None:
        return plain, {}, [_NOTHING]
    if not safe:
        verdict = "verschillen" if result.p < LEVEL else "verschillen niet aantoonbaar"
        return plain, {}, [f"De groepen {verdict} op 5%."]
    marks: Marks = {}
    for label in rows:
        found = _letters(census, spec, columns, groups, label, weights, letters)
        marks |= {(group, label): mark for group, mark in found.items() if mark}
    return names, marks, [*_said(result), _LETTERS]


_NOTHING = "Geen toets: er valt niets te vergelijken."
_LETTERS = (
    "Een letter achter een percentage: significant hoger dan in de groep met die letter (5%,"
    " tweezijdig, gecorrigeerd volgens Holm binnen de rij)."
)


def _where(rows: Mapping[str, Slot]) -> str:
    return next((slot.where.by for slot in rows.values()), "")


def _is_item(columns: Columns, groups: Sequence[str], label: str) -> bool:
    return all(label in columns[g] and columns[g][label].kind == "holds" for g in groups)


def _base(census: Census, spec: TableSpec, slot: Slot) -> frozenset[str]:
    base = Slot("answered", slot.sources, where=slot.where)
    return census.units(Slot("all", where=slot.where) if spec.of_all else base)


def _whole(
    census: Census,
    spec: TableSpec,
    columns: Columns,
    groups: Sequence[str],
    rows: Sequence[str],
    weights: Mapping[str, float],
) -> RaoScott | None:
    import numpy as np

    held: list[list[bool]] = []
    group_of: list[int] = []
    weight: list[float] = []
    for at, group in enumerate(groups):
        slots = [columns[group][label] for label in rows]
        counted = [census.units(slot) for slot in slots]
        for unit in sorted(_base(census, spec, slots[0])) if slots else ():
            held.append([unit in units for units in counted])
            group_of.append(at)
            weight.append(weights.get(unit, 1.0))
    if not held:
        return None
    items: Any = np.array(held)
    return rao_scott(
        items,
        np.array(group_of),
        np.array(weight) if weights else None,
        exclusive=bool((items.sum(axis=1) == 1).all()),
    )


def _letters(
    census: Census,
    spec: TableSpec,
    columns: Columns,
    groups: Sequence[str],
    label: str,
    weights: Mapping[str, float],
    letters: Mapping[str, str],
) -> dict[str, str]:
    shares, sizes = [], []
    for group in groups:
        slot = columns[group][label]
        base = [weights.get(unit, 1.0) for unit in sorted(_base(census, spec, slot))]
        part = sum(weights.get(unit, 1.0) for unit in sorted(census.units(slot)))
        shares.append(part / sum(base) if base else 0.0)
        sizes.append(worth(base))
    found = above(shares, sizes, [letters[g] for g in groups], exact=not weights)
    return dict(zip(groups, found, strict=True))


def _said(result: RaoScott) -> list[str]:
    value, df = (format_decimal(x, format="0.0", locale="nl_BE") for x in result.second)
    p = format_decimal(result.p, format="0.000", locale="nl_BE")
    said = "p < 0,001" if result.p < 0.001 else f"p = {p}"
    notes = [f"Rao-Scott χ² (tweede orde) = {value}; df = {df}; {said}."]
    if result.sparse:
        notes.append(
            "Let op: meer dan een vijfde van de verwachte aantallen is kleiner dan 5; deze toets"
            " is dan niet betrouwbaar. Voeg groepen of codes samen."
        )
    return notes
