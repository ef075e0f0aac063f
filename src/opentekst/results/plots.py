"""Frequency tables as bars: groups side by side, for print and for colour-blind readers."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from babel.numbers import format_decimal

from opentekst.model import Cell, Table
from opentekst.results.export import Layout, layout
from opentekst.results.figures import base_text, percent_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Intervals = Mapping[tuple[str, str], tuple[float, float]]
"""Of a group and category: the bounds of its percentage, from 0 to 100."""

BAR, LINE, INK = "#56b4e9", "#0072b2", "#1b2530"
"""Of Okabe & Ito: also apart in grey. One colour says all, since groups have panels."""
MOST_BARS = 60
"""Categories that one picture holds readably."""
MEANING = "[a–b]: 95%-interval."
_LABEL = 44  # characters on a line of a label
_ROW, _GAP = 0.14, 0.18  # inches: a line of a label, and the air between two bars
_SETTINGS: Any = {
    "svg.hashsalt": "opentekst",
    "svg.fonttype": "none",
    "font.size": 9,
    "font.family": "sans-serif",
    "text.parse_math": False,  # a dollar in a label is a dollar
}


def drawable(table: Table) -> bool:
    """Tell whether a table has percentages, and not too many for one picture."""
    return len(table.categories) <= MOST_BARS and any(c.percent is not None for c in table.cells)


def to_pictures(
    table: Table, intervals: Intervals | None = None
) -> dict[Literal["svg", "png"], bytes]:
    """Return a table as horizontal bars, as SVG and as PNG (200 dots an inch).

    Each group has a panel; the panels share categories and scale (0 to 100%), so that bars
    compare along a line. Where `intervals` gives bounds, a bracket shows them. A category
    that was not asked in a group reads "/". The same table gives the same bytes. Raises
    DataError as `layout`.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    plan = layout(table)
    with mpl.rc_context(_SETTINGS):
        figure = _figure(plan, intervals or {})
        svg, png = io.BytesIO(), io.BytesIO()
        # not by savefig, which lays all text out once more than is needed
        drawing: Any = FigureCanvasSVG(figure)
        figure.dpi = 72
        drawing.print_svg(svg, metadata={"Date": None})
        drawing = FigureCanvasAgg(figure)
        figure.dpi = 200
        drawing.print_png(png, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return {"svg": svg.getvalue(), "png": png.getvalue()}


def _figure(plan: Layout, intervals: Intervals) -> Figure:
    """Lay out by inches: constrained layout would take most of the time."""
    from matplotlib.figure import Figure

    labels = [_lines(_row_label(plan, at), _LABEL) for at in range(len(plan.rows))]
    heights = [_ROW * len(lines) + _GAP for lines in labels]
    heads = [_heading(section.heading) for section in plan.sections]
    side = len(plan.heads)
    left = min(3.4, max([0.9, *(0.068 * len(x) + 0.15 for lines in labels for x in lines)]))
    panel = 3.6 if side == 1 else max(1.25, min(2.2, 7.0 / side))
    width = left + side * (panel + 0.15) + 0.15
    title = _lines(plan.title, int(width * 12.5))
    said = (*plan.notes, MEANING) if intervals else plan.notes
    notes = [line for note in said for line in _lines(note, int(width * 15))]
    groups = [_lines(_head(plan, at), int(panel * 12)) for at in range(side)]
    top = 0.19 * len(title) + 0.2 + (0.16 * max(map(len, groups)) if any(plan.heads) else 0)
    bottom = 0.42 + 0.15 * len(notes)
    height = top + sum(heights) + sum(heads) + bottom
    figure = Figure(figsize=(width, height))
    figure.text(0.1 / width, 1 - 0.08 / height, "\n".join(title), va="top", weight="bold",
                color=INK, fontsize=10)  # fmt: skip
    figure.text(0.1 / width, 0.05 / height, "\n".join(notes), va="bottom", fontsize=7.5,
                color="#44505a", style="italic")  # fmt: skip
    for at, lines in enumerate(groups):
        place = (left + at * (panel + 0.15), bottom, panel, height - top - bottom)
        axes = figure.add_axes(
            (place[0] / width, place[1] / height, place[2] / width, place[3] / height)
        )
        _panel(axes, plan, at, (heights, heads), intervals)
        axes.set_title("\n".join(lines), fontsize=9, color=INK, pad=4)
        if at == 0:
            axes.set_yticklabels(["\n".join(lines) for lines in labels], color=INK, fontsize=8.5)
        else:
            axes.set_yticklabels([])
    return figure


def _panel(
    axes: Axes,
    plan: Layout,
    at: int,
    sizes: tuple[Sequence[float], Sequence[float]],
    intervals: Intervals,
) -> None:
    """Draw the bars of one group from the top down, with the headings of stacked groups."""
    from matplotlib.ticker import FuncFormatter

    heights, heads = sizes
    down, number, places = 0.0, 0, list[float]()
    shares = [float(row.cells[at].percent or 0) for row in plan.rows]
    for section, head in zip(plan.sections, heads, strict=True):
        if section.heading:
            axes.text(0, down + head - 0.07, section.heading, weight="bold", fontsize=8.5)
        down += head
        for row in section.rows:
            middle = down + heights[number] / 2
            places.append(middle)
            _figures(axes, row.cells[at], middle, intervals)
            down, number = down + heights[number], number + 1
    axes.barh(places, shares, height=0.19, color=BAR, edgecolor=LINE, linewidth=0.6)
    axes.set(xlim=(0, 118), ylim=(down or 1, 0), xticks=[0, 25, 50, 75, 100], yticks=places)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _at: f"{value:.0f}%"))
    axes.tick_params(axis="x", labelsize=7.5, colors="#44505a", length=2)
    axes.tick_params(axis="y", length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#d5dce2", linewidth=0.6)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "left")
        spine.set_color(INK)


def _figures(axes: Axes, cell: Cell, middle: float, intervals: Intervals) -> None:
    """Write the percentage beside a bar, with its interval where there is one."""
    if cell.percent is None:
        axes.text(1.5, middle, percent_text(cell), va="center", fontsize=8, color="#44505a")
        return
    share = float(cell.percent)
    bounds = intervals.get((cell.group, cell.category))
    end, text = share, percent_text(cell)
    if bounds is not None:
        low, high = bounds
        axes.errorbar(share, middle, xerr=[[max(0.0, share - low)], [max(0.0, high - share)]],
                      fmt="none", ecolor=INK, elinewidth=1.1, capsize=2.5)  # fmt: skip
        end = max(share, high)
        text = f"{text} [{_bound(low)}–{_bound(high)}]"
    if end > 75 and bounds is not None:  # no room to the right
        axes.text(min(share, bounds[0]) - 2, middle, text, va="center", ha="right", fontsize=7.5,
                  color=INK)  # fmt: skip
    else:
        axes.text(end + 2, middle, text, va="center", fontsize=8, color=INK)


def _bound(value: float) -> str:
    return str(format_decimal(value, format="0", locale="nl_BE"))


def _row_label(plan: Layout, at: int) -> str:
    row = plan.rows[at]
    return row.label + (base_text(row.base) if plan.place == "row" else "")


def _head(plan: Layout, at: int) -> str:
    return plan.heads[at] + (base_text(plan.bases[at]) if plan.place == "head" else "")


def _heading(text: str) -> float:
    return 0.28 if text else 0.0


def _lines(text: str, width: int) -> list[str]:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = "".join(char if char.isprintable() else " " for char in whole)
    return textwrap.wrap(plain, max(12, width)) or [""]
