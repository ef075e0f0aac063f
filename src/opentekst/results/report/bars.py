"""Tables as bars or dots, drawn in the page itself: one line of SVG a row, so that text wraps.

Every line is as wide as its place allows and counts in percent, so no text is scaled and a
telephone shows what a wall does. Colours are of Okabe & Ito (apart for colour-blind readers),
shapes differ besides. The table below each plot says the same in figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opentekst.model import Cell, Estimate
from opentekst.results.export import Layout, layout
from opentekst.results.figures import percent_text
from opentekst.results.report.data import Shown

MOST_ROWS, MOST_GROUPS = 60, 6
INKS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#1b2530")
SHAPES = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "M-4.5-4.5h9v9h-9z",
    "M0-6L5.5 4h-11z",
    "M0-6L6 0L0 6L-6 0z",
    "M0 6L5.5-4h-11z",
    "M-5-2h3v-3h4v3h3v4h-3v3h-4v-3h-3z",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A percentage on a row, and the ends of its interval where there is one."""

    group: int
    at: float
    text: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a plot."""

    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A table as lines; bars where there is one group, else dots with `groups` as legend."""

    groups: tuple[str, ...]
    blocks: tuple[tuple[str, tuple[Line, ...]], ...]
    with_intervals: bool

    @property
    def bars(self) -> bool:
        """Whether each line has one bar."""
        return len(self.groups) < 2


def plot(shown: Shown) -> Plot | None:
    """Return a table's plot; None where it has no percentages or is too large to read."""
    plan = layout(shown.table)
    if len(plan.rows) > MOST_ROWS or len(plan.heads) > MOST_GROUPS:
        return None
    blocks = tuple(
        (section.heading, tuple(_line(row.label, row.cells, shown) for row in section.rows))
        for section in plan.sections
    )
    marks = [mark for _, lines in blocks for line in lines for mark in line.marks]
    if not marks:
        return None
    groups = plan.heads if any(plan.heads) else ()
    return Plot(groups, blocks, any(mark.low is not None for mark in marks))


def _line(label: str, cells: Sequence[Cell], shown: Shown) -> Line:
    marks = []
    for group, cell in enumerate(cells):
        if cell.percent is not None:
            low, high = counted_interval(shown.estimates.get((cell.group, cell.category)))
            text = percent_text(cell).split(" ")[0]
            marks.append(Mark(group, float(cell.percent), text, low, high))
    return Line(label, tuple(marks))


def counted_interval(one: Estimate | None) -> tuple[float | None, float | None]:
    """Return the bounds around what was counted: only where people coded all.

    Around a count of machine codes the interval of the estimate would mislead.
    """
    if one is None or one.method != "counted" or one.low is None or one.high is None:
        return None, None
    return one.low, one.high


def plan_of(shown: Shown) -> Layout:
    """Return how a table is laid out."""
    return layout(shown.table)
