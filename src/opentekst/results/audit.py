"""Recompute printed tables: what cannot be right, and what would make it right.

Sources: GRIM (Brown & Heathers 2017, doi:10.1177/1948550616673876), here for percentages; the
arithmetic is in `grim`, the judging of one column in `audit_column`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from opentekst.results import grim
from opentekst.results.audit_column import Column, ColumnAudit, Flaw, cell_fits, common_base
from opentekst.results.audit_words import dutch, is_total, number, one_answer_labels
from opentekst.results.printed import PrintedCell, PrintedTable


@dataclass(frozen=True, slots=True)
class TableAudit:
    """A table with its columns, the flaws found and remarks that are no flaws."""

    table: PrintedTable
    columns: tuple[ColumnAudit, ...]
    flaws: tuple[Flaw, ...]
    remarks: tuple[str, ...] = ()

    @property
    def chance(self) -> Fraction:
        """The chance that made-up percentages would all be right by rounding alone."""
        return math.prod((column.chance for column in self.columns), start=Fraction(1))


def audit_table(table: PrintedTable, single: bool = False) -> TableAudit:
    """Recompute one table; `single`: each unit gives one answer, so a column cannot pass 100%."""
    claims, flaws, remarks = _claims(table)
    sums = {} if claims or flaws else _row_sums(table)
    if sums:
        remarks.append("de percentages gaan per rij: de basis is de som van de aantallen in de rij")
    columns = []
    for group in table.groups:
        cells = table.column(group)
        if not cells:
            continue
        if sums:
            cells = tuple(replace(cell, base=sums.get(cell.category)) for cell in cells)
        judged = Column(table, group, cells, claims.get(group))
        judged.judge()
        flaws += judged.flaws
        flaws += [] if sums else _sums(judged, single)
        told = judged.result()
        columns.append(replace(told, source="across") if sums else told)
    return TableAudit(table, tuple(columns), tuple(flaws), tuple(remarks))


def _claims(table: PrintedTable) -> tuple[dict[str, int], list[Flaw], list[str]]:
    """Return the base that the print claims for each group, and what to say about a caption.

    A caption above several columns may speak of one of them: it holds for those that it fits,
    or else for the one that it names. Bases in the rows go before the caption's.
    """
    claims = {g: base for g in table.groups if (base := _shared_base(table.column(g)))}
    if table.base is None:
        return claims, [], []
    own = sorted({cell.base for cell in table.cells if cell.base is not None})
    free = [g for g in table.groups if not any(c.base for c in table.column(g))]
    remarks = []
    if own and table.base not in own:
        told = f"{number(own[0])} tot {number(own[-1])}" if own[1:] else number(own[0])
        remarks.append(f"de titel noemt basis {number(table.base)}, de tabel zelf {told}")
    owners = free if len(table.groups) == 1 else _owners(table, free, table.base)
    if not owners and free and _row_sums(table):
        return claims, [], []
    if not owners and free:
        told = f"basis {number(table.base)} in de titel"
        fits = "een basis per kolom; geen kolom past bij deze basis"
        return claims, [Flaw("printed_base", table.name, "", "", told, fits)], remarks
    if set(owners) != set(free):
        whose = ", ".join(owners)
        remarks.append(f"de basis in de titel ({number(table.base)}) is die van: {whose}")
    return {**claims, **dict.fromkeys(owners, table.base)}, [], remarks


def _owners(table: PrintedTable, groups: Sequence[str], base: int) -> list[str]:
    """Return the groups that the base of a caption is about."""
    fitting = [group for group in groups if _mostly_fits(table.column(group), base)]
    words = re.findall(r"\w+", table.title.casefold())
    title = f" {' '.join(words)} "
    named = [group for group in groups if f" {_first_word(group)} " in title]
    return fitting or (named if len(named) == 1 else [])


def _row_sums(table: PrintedTable) -> dict[str, int]:
    """Return the sum of each row's counts where the percentages go by row; else nothing.

    They do where most rows fit their sum and no base fits most of the columns.
    """
    groups = [group for group in table.groups if not is_total(group)]
    if len(groups) < 2 or any(cell.base for cell in table.cells):
        return {}
    rows: dict[str, list[PrintedCell]] = {}
    for group in groups:
        for cell in table.column(group):
            rows.setdefault(cell.category, []).append(cell)
    sums = {label: sum(cell.n or 0 for cell in cells) for label, cells in rows.items()}
    right = sum(
        len(cells) > 1 and sums[label] > 0 and all(cell_fits(cell, sums[label]) for cell in cells)
        for label, cells in rows.items()
    )
    shared = sum(bool(common_base(table.column(group))) for group in groups)
    return sums if 2 * right > len(rows) and 2 * shared < len(groups) else {}


def _first_word(group: str) -> str:
    return group.split("(")[0].strip().casefold() or group.casefold()


def _shared_base(cells: Sequence[PrintedCell]) -> int | None:
    """Return the base that every cell of a column prints, or that a total of 100% gives."""
    printed = {cell.base for cell in cells}
    if len(printed) == 1 and None not in printed:
        return printed.pop()
    totals = {c.n for c in cells if is_total(c.category) and c.percent == 100 and c.n}
    return totals.pop() if printed == {None} and len(totals) == 1 else None


def _mostly_fits(cells: Sequence[PrintedCell], base: int) -> bool:
    """Say whether more than half of a column fits a base; a bare percentage has some count."""
    shares = [c for c in cells if c.percent is not None]
    fitting = (
        cell_fits(c, base) if c.n is not None else bool(grim.counts(base, c.percent or Decimal(0)))
        for c in shares
    )
    return 2 * sum(fitting) > len(shares)


def _sums(column: Column, single: bool) -> Iterator[Flaw]:
    """Yield what is wrong with the sums of a column in which each unit gives one answer."""
    rows = [c for c in column.cells if not is_total(c.category)]
    counts = [cell.n for cell in rows if cell.n is not None]
    percents = [cell.percent for cell in rows if cell.percent is not None]
    complete = len(counts) == len(rows) and sum(counts) == column.base and column.base > 0
    if len(rows) < 2 or not (single or complete or one_answer_labels(c.category for c in rows)):
        return
    if column.base and sum(counts) > column.base:
        told = f"aantallen samen {number(sum(counts))}"
        fits = f"ten hoogste de basis, {number(column.base)}"
        yield Flaw("sum", column.table.name, column.group, "", told, fits)
    slack = sum((Decimal(1).scaleb(-grim.decimals(p)) / 2 for p in percents), Decimal(0))
    total = sum(percents, Decimal(0))
    if total > 100 + slack or (complete and total < 100 - slack):
        told = f"percentages samen {dutch(total)}"
        fits = f"100, met afronding {dutch(100 - slack)} tot {dutch(100 + slack)}"
        yield Flaw("sum", column.table.name, column.group, "", told, fits)
