"""Compare computed tables with printed ones, and say by arithmetic why a cell differs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from opentekst.errors import DataError
from opentekst.model import Cell, Table, percentage

COLUMNS = ("tabel", "titel", "groep", "basis_gedrukt", "categorie", "n", "procent")


@dataclass(frozen=True)
class Printed:
    """One printed cell; `n` and `percent` are None where the report prints "/"."""

    table: str
    group: str
    category: str
    base: int | None
    n: int | None
    percent: Decimal | None


@dataclass(frozen=True)
class Difference:
    """A computed cell that differs from the printed one; `known` where arithmetic explains it."""

    table: str
    group: str
    category: str
    printed: str
    computed: str
    reason: str
    known: bool


def read_printed(path: Path) -> list[Printed]:
    """Read printed tables from a CSV with the columns of `tabellen.csv`.

    Raises DataError, naming row and column, for a missing column or a cell that is no number.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise DataError(
            "de gedrukte tabellen zijn niet te lezen",
            place=str(path),
            found=type(fault).__name__,
            remedy="Controleer 'compare' in study.yaml; bewaar het bestand als UTF-8.",
        ) from None
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise DataError(
            f"kolom '{missing[0]}' ontbreekt",
            place=f"{path}, rij 1",
            remedy=f"De kolommen zijn: {', '.join(COLUMNS)}.",
        )
    return [_printed(row, path, number) for number, row in enumerate(reader, start=2)]


def compare(tables: Sequence[Table], printed: Sequence[Printed]) -> list[Difference]:
    """Return every printed cell that the computed tables do not equal, in printed order.

    Equal means the same n, the same percentage to a tenth and, where the caption prints one,
    the same base. A hidden cell is not compared.
    """
    computed = {(t.number, c.group, c.category): c for t in tables for c in t.cells}
    commons = _common_bases(printed)
    differences: list[Difference] = []
    for cell in printed:
        mine = computed.get((cell.table, cell.group, cell.category))
        if mine is None:
            differences.append(_difference(cell, None, "deze rij is niet berekend", known=False))
        elif mine.hidden:
            continue  # saying how it differs would say what it is
        elif (mine.n, mine.percent) != (cell.n, cell.percent):
            why, known = _why(cell, mine, commons[cell.table, cell.group])
            differences.append(_difference(cell, mine, why, known))
        elif cell.base is not None and mine.base != cell.base:
            why = f"{cell.n} is {_dutch(cell.percent)}% van {mine.base}, niet van {cell.base}"
            known = cell.base not in possible_bases(cell.n or 0, cell.percent or Decimal(0))
            differences.append(_difference(cell, mine, why, known))
    return differences


def possible_bases(n: int, percent: Decimal) -> range:
    """Return every whole base N for which 100 n / N, rounded half up to a tenth, is `percent`.

    The idea of GRIM (Brown & Heathers 2017, doi:10.1177/1948550616673876), for percentages.

    >>> list(possible_bases(62, Decimal("29.1"))), list(possible_bases(159, Decimal("74.4")))
    ([213], [])
    """
    if n == 0:
        return range(1, 1_000_000) if percent == 0 else range(0)
    low = Decimal(n) * 100 / (percent + Decimal("0.05"))
    high = Decimal(n) * 100 / max(percent - Decimal("0.05"), Decimal("0.001"))
    found = [
        base for base in range(max(int(low), n), int(high) + 2) if percentage(n, base) == percent
    ]
    return range(found[0], found[-1] + 1) if found else range(0)


def _common_bases(printed: Sequence[Printed]) -> Mapping[tuple[str, str], int | None]:
    """Return per table and group the base that fits more than half of its cells, if any."""
    cells: dict[tuple[str, str], list[Printed]] = {}
    for cell in printed:
        filled = cells.setdefault((cell.table, cell.group), [])
        if cell.n is not None:
            filled.append(cell)
    common: dict[tuple[str, str], int | None] = {}
    for key, group in cells.items():
        votes = Counter(
            base
            for cell in group
            if cell.n and cell.percent is not None
            for base in possible_bases(cell.n, cell.percent)
        )
        best = votes.most_common(1)
        common[key] = best[0][0] if best and best[0][1] * 2 > len(group) else None
    return common


def _why(printed: Printed, mine: Cell, common: int | None) -> tuple[str, bool]:
    """Return the reason for a difference and whether the printed cell itself is at fault."""
    if printed.n is None or printed.percent is None or mine.n is None:
        return "het rapport drukt hier iets anders af dan gevraagd werd", False
    if printed.n != mine.n:
        return f"het aantal is anders: gedrukt {printed.n}, berekend {mine.n}", False
    bases = possible_bases(printed.n, printed.percent)
    said = f"{printed.n} op {mine.base} is {_dutch(mine.percent)}%"
    if not bases:
        return f"geen enkele basis geeft {_dutch(printed.percent)}% bij {printed.n}; {said}", True
    if common is not None and common not in bases:
        only = f"{bases[0]}" if len(bases) == 1 else f"{bases[0]} tot {bases[-1]}"
        return (
            f"alleen basis {only} geeft {_dutch(printed.percent)}%; de rest van de kolom heeft"
            f" {common}; {said}",
            True,
        )
    return f"de basis is anders; {said}", False


def _difference(printed: Printed, mine: Cell | None, reason: str, known: bool) -> Difference:
    computed = f"{mine.n} ({_dutch(mine.percent)}%, N={mine.base})" if mine else "–"
    base = "" if printed.base is None else f", N={printed.base}"
    return Difference(
        printed.table,
        printed.group,
        printed.category,
        f"{printed.n} ({_dutch(printed.percent)}%{base})",
        computed,
        reason,
        known,
    )


def _dutch(value: Decimal | None) -> str:
    return "/" if value is None else str(value).replace(".", ",")


def _printed(row: Mapping[str, str], path: Path, number: int) -> Printed:
    def whole(name: str) -> int | None:
        try:
            return int(row[name]) if row[name] else None
        except ValueError:
            raise _no_number(path, number, name, row[name]) from None

    try:
        percent = Decimal(row["procent"]).quantize(Decimal("0.1")) if row["procent"] else None
    except InvalidOperation:
        raise _no_number(path, number, "procent", row["procent"]) from None
    # to_csv puts an apostrophe before what a spreadsheet would take for a formula
    table, group, category = (
        re.sub("^'(?='*[=+@\t-])", "", row[key]) for key in ("tabel", "groep", "categorie")
    )
    return Printed(table, group, category, whole("basis_gedrukt"), whole("n"), percent)


def _no_number(path: Path, row: int, column: str, found: str) -> DataError:
    return DataError(
        "hier hoort een getal",
        place=f"{path}, rij {row}, kolom '{column}'",
        found=found,
        remedy="Schrijf getallen met een punt als decimaalteken.",
    )
