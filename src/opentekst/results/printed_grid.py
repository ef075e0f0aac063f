"""Printed tables out of rows of cells: a sheet of Excel, a table of Word, a plain CSV.

A table has a row of heads with at least one "%" or "Percentage"; the rows above it may hold
the caption and the groups side by side; a row "Basis (N)" and a column "Basis" give bases.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from opentekst.errors import DataError
from opentekst.results.audit_words import is_total
from opentekst.results.printed import (
    NOT_ASKED,
    WHOLE,
    Document,
    PrintedCell,
    PrintedTable,
    base_in,
    caption_of,
    percentage_of,
    whole_number,
)

TIDY = ("tabel", "titel", "groep", "basis_gedrukt", "categorie", "n", "procent")
"""The columns of `tabellen.csv`: one printed cell a row."""

Row = Sequence[str]
Measure = Literal["n", "percent", "base"]

_PERCENT_HEAD = re.compile(
    r"^(.*?)[\s,;:(–-]*(?:percentage|procent|percent|pct\.?|%)[\s()%]*$", re.I
)
_N_HEAD = re.compile(
    r"^(.*?)[\s,;:(–-]*(?:aantal\b.*|freq(?:uentie|uency)?\.?|count|\bN|abs(?:oluut)?\.?)[\s()]*$",
    re.I,
)
_BASE_HEAD = re.compile(r"^(.*?)[\s,;:(–-]*(?:basis|base)\s*(?:\(\s*n\s*\))?$", re.I)
_NO_GROUP = {"kolom", "col", "column", "in", "gewoon"}
_NOT_A_SHARE = {"cumulative", "cumulatief", "cum", "cum."}
_HEADS: Mapping[Measure, re.Pattern[str]] = {
    "percent": _PERCENT_HEAD,
    "base": _BASE_HEAD,
    "n": _N_HEAD,
}


@dataclass
class _Column:
    at: int
    measure: Measure
    group: str


@dataclass
class _Reading:
    """A table while its rows are read."""

    number: str
    title: str
    base: int | None
    place: str
    columns: list[_Column]
    bases: dict[str, int] = field(default_factory=dict)
    section: str = ""
    cells: list[PrintedCell] = field(default_factory=list)

    def groups(self) -> list[str]:
        """The groups in the order of their columns."""
        return list(dict.fromkeys(c.group for c in self.columns))


def from_csv(text: str, place: str) -> Document:
    """Read a CSV: in the form of `tabellen.csv`, or tables as they stand in a sheet.

    Tab, semicolon or comma: the first that stands in half of the lines. Raises DataError,
    naming row and column, where a `tabellen.csv` holds something that is no number.
    """
    separator = _separator(text.lstrip("\ufeff").splitlines()[:50])
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator))
    heads = [head.strip() for head in rows[0]] if rows else []
    if set(TIDY) <= set(heads):
        numbered = [(at, dict(zip(heads, row, strict=False))) for at, row in
                    enumerate(rows[1:], start=2) if any(row)]  # fmt: skip
        return Document(tuple(_tidy(numbered, place)))
    tables = from_rows(rows, place)
    return Document(tuple(tables), (), () if tables else (f"{place}: geen kop met % gevonden",))


def _separator(lines: Sequence[str]) -> str:
    filled = [line for line in lines if line.strip()]
    if filled and set(TIDY) <= set(filled[0].split(",")):
        return ","
    often = (s for s in "\t;," if 2 * sum(s in line for line in filled) >= len(filled))
    return next(often, ",")


def _tidy(rows: Iterable[tuple[int, Mapping[str, str]]], place: str) -> list[PrintedTable]:
    found: dict[tuple[str, str], list[PrintedCell]] = {}
    starts: dict[tuple[str, str], int] = {}
    for at, row in rows:
        n = _figure(row, "n", at, place)
        base = _figure(row, "basis_gedrukt", at, place)
        percent = row.get("procent", "").strip()
        value = None if percent in NOT_ASKED else percentage_of(percent)
        if value is None and percent not in NOT_ASKED:
            raise _no_number(place, at, "procent", percent)
        key = (row["tabel"], row["titel"])
        starts.setdefault(key, at)
        cell = PrintedCell(row.get("groep") or WHOLE, row.get("categorie", ""), n, value, base)
        found.setdefault(key, []).append(cell)
    return [
        PrintedTable(number, title, None, tuple(cells), f"rij {starts[number, title]}")
        for (number, title), cells in found.items()
    ]


def _figure(row: Mapping[str, str], column: str, at: int, place: str) -> int | None:
    text = row.get(column, "").strip()
    value = None if text in NOT_ASKED else whole_number(text)
    if value is None and text not in NOT_ASKED:
        raise _no_number(place, at, column, text)
    return value


def _no_number(place: str, row: int, column: str, found: str) -> DataError:
    return DataError(
        "hier hoort een getal",
        place=f"{place}, rij {row}, kolom '{column}'",
        found=found,
        remedy="Typ het getal over zoals het gedrukt staat, of laat de cel leeg.",
    )


def from_rows(rows: Sequence[Row], place: str, caption: str = "") -> list[PrintedTable]:
    """Return the tables in rows of cells; `caption` is what stood above them, if anything."""
    tables: list[_Reading] = []
    current: _Reading | None = None
    above: list[Row] = [[caption]] if caption else []
    left = min((at for row in rows for at, cell in enumerate(row) if cell.strip()), default=0)
    for at, raw in enumerate(rows, start=1):
        row = [cell.strip() for cell in raw[left:]]
        filled = [cell for cell in row if cell]
        columns = _columns(row, above)
        if columns:
            current = _opened(columns, above, f"{place}, rij {at}", tables)
            tables.append(current)
            above = []
        elif not filled or (filled and caption_of(filled[0])):
            current = None
            above = [row] if filled else above
        elif current is None:
            above.append(row)
        else:
            _take(current, row)
    made = [t for t in tables if t.cells]
    return [PrintedTable(t.number, t.title, t.base, tuple(t.cells), t.place) for t in made]


def _columns(row: Row, above: Sequence[Row]) -> list[_Column]:
    """Return the columns of figures where a row is a row of heads; else nothing."""
    if any(percentage_of(cell) is not None for cell in row[1:]):
        return []
    found: list[_Column] = []
    groups = _side_by_side(above, len(row))
    for at, cell in enumerate(row):
        measure, own = _measure(cell) if at else (None, "")
        if measure and own.casefold() not in _NOT_A_SHARE:
            found.append(_Column(at, measure, own or groups.get(at, "") or WHOLE))
    return found if any(c.measure == "percent" for c in found) else []


def _measure(head: str) -> tuple[Measure | None, str]:
    """Return what a head says that its column holds, and the group that it names, if any."""
    for measure, pattern in _HEADS.items():
        match = pattern.match(head)
        if match:
            own = match[1].strip(" (-–:,")
            return measure, "" if own.casefold() in _NO_GROUP else own
    return None, ""


def _side_by_side(above: Sequence[Row], width: int) -> dict[int, str]:
    """Return the group above each column: a head stands over the columns up to the next."""
    for row in reversed(above):
        named = [at for at, cell in enumerate(row) if at and cell.strip()]
        if not named:
            continue
        heads: dict[int, str] = {}
        for at, until in zip(named, [*named[1:], width], strict=True):
            heads |= dict.fromkeys(range(at, until), row[at].strip())
        return heads
    return {}


def _opened(
    columns: list[_Column], above: Sequence[Row], place: str, tables: Sequence[_Reading]
) -> _Reading:
    """Begin a table with the last caption above it, or else with the last text there."""
    texts = [cell for row in above for cell in row[:1] if cell.strip()]
    captions = [found for text in texts if (found := caption_of(text))]
    if captions:
        return _Reading(*captions[-1], place, columns)
    title, base = base_in(texts[-1]) if texts else ("", None)
    return _Reading("", title, base, place, columns)


def _take(table: _Reading, row: Row) -> None:
    """Take one row of figures, of bases, or the heading of a section."""
    label = row[0] if row else ""
    values = {c.at: row[c.at] if c.at < len(row) else "" for c in table.columns}
    if not any(values.values()):
        table.section = label
        return
    if _BASE_HEAD.match(label) and not is_total(label):
        for column in table.columns:
            base = whole_number(values[column.at]) if column.measure == "n" else None
            if base:
                table.bases[column.group] = base
        return
    category, own = base_in(label)
    for group in table.groups():
        found = {c.measure: values[c.at] for c in table.columns if c.group == group}
        base = whole_number(found.get("base", "")) or own or table.bases.get(group)
        n, percent = whole_number(found.get("n", "")), percentage_of(found["percent"])
        if n is None and percent is None:
            base = None
        name = table.section if table.section and group == WHOLE else group
        table.cells.append(PrintedCell(name, category, n, percent, base))
