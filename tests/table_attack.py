"""An attack on hidden cells: all that printed tables say, put into linear programs.

Knows nothing of how cells are hidden; only what any reader knows of the survey behind the
tables of test_tables_more.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from opentekst.model import Cell, Table

EVERYONE, ANSWERED = "#alle", "#wel"
TREE = {
    ANSWERED: ("Geld", "Tijd", "Andere"),
    "Geld": ("Subsidie", "Lening"),
    "Tijd": ("Verlof",),
    "Andere": ("Kennis",),
}
ROWS = (EVERYONE, *dict.fromkeys(row for top, under in TREE.items() for row in (top, *under)))
Row = Mapping[tuple[str, str], float]


class Attack:
    """What four tables say: the kinds, needs by kind, needs, and needs with non-response.

    Every unit is of one kind or of none, so that the groups make up the whole; who has a code
    has its parent too, and answered.
    """

    def __init__(self, kinds: Sequence[str], tables: Sequence[Table]) -> None:
        self.kinds = kinds
        self.groups = [*kinds, "zonder", "alle"]
        self.at = {
            (g, r): at for at, (g, r) in enumerate((g, r) for g in self.groups for r in ROWS)
        }
        self.equal: list[tuple[Row, float]] = [
            ({**{(g, row): 1.0 for g in self.groups[:-1]}, ("alle", row): -1.0}, 0) for row in ROWS
        ]
        self.least = [{(g, EVERYONE): 1.0, (g, ANSWERED): -1.0} for g in self.groups] + [
            {(g, parent): 1.0, (g, child): -1.0}
            for g in self.groups
            for parent, children in TREE.items()
            for child in children
        ]
        for number, table in enumerate(tables):
            for cell in table.cells:
                if cell.n is not None:
                    self.equal.append((self.counted(number, cell), cell.n))
                if cell.base is not None:
                    self.equal.append((self.base(number, cell), cell.base))

    def group(self, number: int, cell: Cell) -> str:
        """Return the group that a cell of table `number` is about."""
        return cell.group if number == 1 and cell.group != "Totaal" else "alle"

    def base(self, number: int, cell: Cell) -> Row:
        """Return what a cell's base counts."""
        if number == 0:
            return {(kind, EVERYONE): 1.0 for kind in self.kinds}
        return {(self.group(number, cell), EVERYONE if number == 3 else ANSWERED): 1.0}

    def counted(self, number: int, cell: Cell) -> Row:
        """Return what a cell's figure counts."""
        group = self.group(number, cell)
        if number == 0:
            return {(cell.category, EVERYONE): 1.0}
        if cell.category == "Totaal":
            return self.base(number, cell)
        if cell.category == "Geen antwoord":
            return {(group, EVERYONE): 1.0, (group, ANSWERED): -1.0}
        return {(group, cell.category.replace("– ", "")): 1.0}

    def dense(self, rows: Sequence[Row]) -> Any:
        """Return rows as a matrix, one column for each unknown."""
        out = np.zeros((len(rows), len(self.at)))
        for number, row in enumerate(rows):
            for name, factor in row.items():
                out[number, self.at[name]] = factor
        return out

    def between(self, number: int, cell: Cell) -> tuple[int, int]:
        """Return the least and the greatest whole count that a hidden cell may have."""
        goal = self.dense([self.counted(number, cell)])[0]
        ends = []
        for sign in (1, -1):
            result = linprog(
                sign * goal,
                A_ub=-self.dense(self.least),
                b_ub=np.zeros(len(self.least)),
                A_eq=self.dense([row for row, _ in self.equal]),
                b_eq=[value for _, value in self.equal],
            )
            assert result.status == 0
            ends.append(sign * result.fun)
        return math.ceil(ends[0] - 1e-6), math.floor(ends[1] + 1e-6)
