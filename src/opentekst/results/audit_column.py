"""Recompute one column of a printed table: its percentages, counts and base.

Nothing but the print is used. A percentage may have been rounded with halves up or to even;
a base that is not printed is the one that all cells of a column share, or else more than half.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from opentekst.results import grim
from opentekst.results.audit_words import among, cell_text, dutch, number
from opentekst.results.printed import PrintedCell, PrintedTable

Kind = Literal[
    "printed_base",
    "no_base",
    "no_count",
    "other_base",
    "no_common_base",
    "changing_base",
    "above_base",
    "over_100",
    "sum",
    "rounding",
    "text",
]
Source = Literal["printed", "computed", "rows", "across", "changing", "none"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that cannot be right, or a base that changes without a word.

    `row` is empty where the flaw is a whole column's, `group` where it is a whole table's or
    the text's. `printed` says what stands there, `fits` what would make it right (Dutch).
    """

    kind: Kind
    table: str
    group: str
    row: str
    printed: str
    fits: str


@dataclass(frozen=True, slots=True)
class ColumnAudit:
    """One group of a table: its rows, its bases and where those come from.

    `checked` counts the cells that could be recomputed, `chance` is the chance that made-up
    percentages would have come through the same checks.
    """

    group: str
    cells: int
    checked: int
    bases: range
    source: Source
    chance: Fraction


class Column:
    """One column while it is judged; `base` is the base in the end, 0 where there is none."""

    def __init__(
        self, table: PrintedTable, group: str, cells: Sequence[PrintedCell], claim: int | None
    ) -> None:
        self.table, self.group, self.cells, self.claim = table, group, cells, claim
        self.flaws: list[Flaw] = []
        self.bases = range(0)
        self.source: Source = "none"
        self.places = _usual_decimals(table)

    @property
    def base(self) -> int:
        """The one base of the column, 0 where there is none or more than one is possible."""
        return self.bases[0] if len(self.bases) == 1 else 0

    def flaw(self, kind: Kind, cell: PrintedCell | None, printed: str, fits: str) -> None:
        """Note a flaw of a cell or, without one, of the column."""
        row = cell.category if cell else ""
        self.flaws.append(Flaw(kind, self.table.name, self.group, row, printed, fits))

    def judge(self) -> None:
        """Judge every cell, by the base that is printed or that the cells share."""
        for cell in self.cells:
            if cell.percent is not None and cell.percent > 100:
                self.flaw("over_100", cell, cell_text(cell), "een percentage van ten hoogste 100")
        rest = [c for c in self.cells if c.percent is None or c.percent <= 100]
        both = [c for c in rest if c.n is not None and c.percent is not None]
        half = [c for c in rest if c.n is None or c.percent is None]
        if self.claim:
            self.by_claim(both, self.claim)
            self.alone(half, self.base or self.claim)
        elif any(cell.base for cell in rest):
            self.source = "rows"
            for cell in rest:
                if cell.base:
                    self.against(cell, cell.base)
        elif both:
            self.by_common(both)
            self.alone(half, self.base)
        self.coarse(both)

    def by_claim(self, cells: Sequence[PrintedCell], claim: int) -> None:
        """Judge cells whose base is printed once for all of them."""
        self.bases, self.source = range(claim, claim + 1), "printed"
        wrong = [cell for cell in cells if not cell_fits(cell, claim)]
        if not wrong:
            return
        if all(_cut_off(cell, claim) for cell in cells):
            self.truncated(cells, claim)
            return
        shared = grim.common([_bases(cell) for cell in cells])
        best, votes = grim.most_common([_bases(cell) for cell in cells])
        if len(cells) > 1 and (shared or (2 * votes > len(cells) and 2 * len(wrong) > len(cells))):
            kept = shared or range(best, best + 1)
            fits = f"basis {among(kept)}, voor {'alle' if shared else votes} rijen"
            self.flaw("printed_base", None, f"basis {number(claim)}", fits)
            self.bases, self.source = kept, "computed"
            wrong = [cell for cell in cells if not any(cell_fits(cell, b) for b in kept[:1])]
        elif len(cells) > 1 and 2 * len(wrong) > len(cells):
            fits = f"geen: {self.per_row(cells)}"
            self.flaw("printed_base", None, f"basis {number(claim)}", fits)
        for cell in wrong:
            self.against(cell, self.bases[0])

    def by_common(self, cells: Sequence[PrintedCell]) -> None:
        """Judge cells whose base is not printed: they should share one."""
        ranges = [_bases(cell) for cell in cells]
        self.source = "computed"
        self.bases = grim.common(ranges)
        if self.bases:
            return
        cut = grim.common([_bases(cell, truncated=True) for cell in cells])
        if cut and len(cells) > 1:
            self.bases = cut
            self.truncated(cells, cut[0])
            return
        best, votes = grim.most_common(ranges)
        if votes > 1 and 2 * votes > len(cells):
            self.bases = range(best, best + 1)
            for cell in cells:
                if not cell_fits(cell, best):
                    self.against(cell, best)
            return
        self.source = "changing"
        possible = all(ranges)
        if len(cells) > 1:
            kind: Kind = "changing_base" if possible else "no_common_base"
            self.flaw(kind, None, "geen basis", f"een basis per rij: {self.per_row(cells)}")
        for cell, found in zip(cells, ranges, strict=True):
            if not found:
                self.flaw("no_base", cell, cell_text(cell), _near(cell))

    def against(self, cell: PrintedCell, base: int) -> None:
        """Judge one cell by a base."""
        n, percent = cell.n, cell.percent
        if n is None or percent is None:
            self.alone([cell], base)
        elif n > base:
            bases = _bases(cell)
            fits = f"basis {among(bases)}" if bases else "een basis van minstens het aantal"
            self.flaw("above_base", cell, f"{cell_text(cell)}, basis {number(base)}", fits)
        elif not cell_fits(cell, base):
            right = f"{number(n)} van {number(base)} is {dutch(grim.shown(n, base, self.places))}%"
            if _cut_off(cell, base):
                self.flaw("rounding", cell, cell_text(cell), f"{right} (afgekapt, niet afgerond)")
                return
            bases, counts = _bases(cell), grim.counts(base, percent)
            other = f"; {dutch(percent)}% is {among(counts)} van {number(base)}" if counts else ""
            if bases:
                said = f"{right}; alleen basis {among(bases)} geeft {dutch(percent)}%{other}"
                self.flaw("other_base", cell, cell_text(cell), said)
            else:
                self.flaw("no_base", cell, cell_text(cell), right + other)

    def alone(self, cells: Sequence[PrintedCell], base: int) -> None:
        """Judge cells that print a count or a percentage only."""
        for cell in cells:
            if not base:
                continue
            if cell.n is not None and cell.n > base:
                told = f"{cell_text(cell)}, basis {number(base)}"
                self.flaw("above_base", cell, told, f"een basis van minstens {number(cell.n)}")
            elif (
                cell.n is None and cell.percent is not None and not grim.counts(base, cell.percent)
            ):
                self.flaw("no_count", cell, cell_text(cell), nearest(cell.percent, base))

    def truncated(self, cells: Sequence[PrintedCell], base: int) -> None:
        """Note that the percentages of a column were cut off, with what they round to."""
        wrong = [cell for cell in cells if not cell_fits(cell, base)]
        rows = "; ".join(
            f"{c.category}: {dutch(grim.shown(c.n or 0, base, self.places))}%" for c in wrong
        )
        self.flaw("rounding", None, "afgekapte percentages", f"afgerond: {rows}")

    def coarse(self, cells: Sequence[PrintedCell]) -> None:
        """Find cells with fewer decimals than the table, that dropped more than zeros."""
        flagged = {flaw.row for flaw in self.flaws}
        for cell in cells:
            n, percent = cell.n, cell.percent
            if n is None or percent is None or grim.decimals(percent) >= self.places:
                continue
            bases = [self.base or cell.base or 0]
            if not bases[0]:
                bases = list(_bases(cell)[:100])
            full = percent.quantize(Decimal(1).scaleb(-self.places))
            if cell.category in flagged or any(
                b and (n > b or grim.rounds_to(n, b, full)) for b in bases
            ):
                continue
            if bases:
                right = grim.shown(n, bases[0], self.places)
                said = f"{number(n)} van {number(bases[0])} is {dutch(right)}%"
                told = f"{cell_text(cell)}, met minder decimalen dan de rest"
                self.flaw("rounding", cell, told, said)

    def per_row(self, cells: Sequence[PrintedCell]) -> str:
        """Return each row with the bases that could give its percentage."""
        return ", ".join(f"{c.category} {among(_bases(c)) or 'geen enkele'}" for c in cells)

    def result(self) -> ColumnAudit:
        """Return what is to be told of the column."""
        chances = list(self.chances())
        chance = math.prod((chance for _, chance in chances), start=Fraction(1))
        checked = sum(count for count, _ in chances)
        return ColumnAudit(self.group, len(self.cells), checked, self.bases, self.source, chance)

    def chances(self) -> Iterator[tuple[int, Fraction]]:
        """Yield how many cells a check covers and its chance to pass made-up percentages."""
        unprinted = []
        for cell in self.cells:
            if cell.percent is None:
                continue
            places = grim.decimals(cell.percent)
            base = cell.base or self.claim
            if cell.n is not None and base:
                yield 1, Fraction(1, 100 * 10**places + 1)
            elif cell.n is not None:
                unprinted.append((cell.n, places))
            elif base or self.base:
                yield 1, grim.chance_of_a_count(base or self.base, places)
        if unprinted:
            yield len(unprinted), grim.chance_of_a_base(unprinted)


def cell_fits(cell: PrintedCell, base: int) -> bool:
    """Say whether a cell may be right with this base; a cell that lacks a figure may."""
    if cell.n is None or cell.percent is None:
        return True
    return 0 <= cell.n <= base and base > 0 and grim.rounds_to(cell.n, base, cell.percent)


def common_base(cells: Sequence[PrintedCell]) -> range:
    """Return the bases that all cells with a count and a percentage could share."""
    return grim.common([_bases(c) for c in cells if c.n is not None and c.percent is not None])


def _bases(cell: PrintedCell, truncated: bool = False) -> range:
    if cell.n is None or cell.percent is None or cell.n < 0:
        return range(0)
    return grim.bases(cell.n, cell.percent, truncated)


def _cut_off(cell: PrintedCell, base: int) -> bool:
    if cell.n is None or cell.percent is None or not 0 <= cell.n <= base:
        return False
    return "truncated" in grim.rules(cell.n, base, cell.percent)


def _near(cell: PrintedCell) -> str:
    """Say which percentages the nearest bases give to a count that no base fits."""
    if not cell.n or not cell.percent:
        return f"{cell.n} kan geen {dutch(cell.percent)}% zijn"
    about = math.floor(Fraction(100 * cell.n) / Fraction(cell.percent))
    places = max(1, grim.decimals(cell.percent))
    return " of ".join(
        f"{dutch(grim.shown(cell.n, base, places))}% (van {number(base)})"
        for base in (about + 1, about)
        if base >= cell.n
    )


def nearest(percent: Decimal, base: int) -> str:
    """Say which percentages of a base the whole numbers on either side give."""
    below = min(base - 1, int(Fraction(percent) * base / 100))
    places = grim.decimals(percent)
    return " of ".join(
        f"{dutch(grim.shown(n, base, places))}% ({number(n)} van {number(base)})"
        for n in (below, below + 1)
    )


def _usual_decimals(table: PrintedTable) -> int:
    """Return the decimals with which most percentages of a table are printed."""
    places = [grim.decimals(c.percent) for c in table.cells if c.percent is not None]
    return max(sorted(set(places)), key=places.count, default=1)
