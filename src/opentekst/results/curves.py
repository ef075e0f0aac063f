"""The plot of how accurate the machine is, the more it decides by itself."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

TITLE = "Aandeel dat de machine zelf beslist, en hoe vaak ze dan helemaal juist is"
COLUMNS = 3
BLUE, ORANGE = "#0072b2", "#d55e00"  # Okabe & Ito: told apart by colour-blind readers


class Point(Protocol):
    """What of a curve is drawn: the share decided, the accuracy and its lower bound."""

    @property
    def share(self) -> float: ...  # noqa: D102

    @property
    def accuracy(self) -> float: ...  # noqa: D102

    @property
    def lower(self) -> float: ...  # noqa: D102


def to_svg(curves: Mapping[str, Sequence[Point]], target: float) -> bytes:
    """Return one SVG with a small plot for each question; the same curves give the same bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    rows = max(1, math.ceil(len(curves) / COLUMNS))
    settings: Any = {"svg.hashsalt": "opentekst", "svg.fonttype": "none", "font.size": 9}
    with mpl.rc_context(settings):
        columns = min(COLUMNS, max(1, len(curves)))
        wide, high = 4 * columns, 2.6 * rows + 0.6
        figure = Figure(figsize=(wide, high))
        # by inches: constrained layout would take most of the time
        figure.subplots_adjust(
            left=0.6 / wide, right=1 - 0.25 / wide, top=1 - 0.75 / high, bottom=0.35 / high,
            wspace=0.6 / 3.2, hspace=0.65 / 2,
        )  # fmt: skip
        figure.suptitle(TITLE if columns > 1 else textwrap.fill(TITLE, 48), fontsize=10)
        for place, (name, points) in enumerate(curves.items(), start=1):
            axes = figure.add_subplot(rows, columns, place)
            shares = [point.share for point in points]
            axes.plot(shares, [p.accuracy for p in points], color=BLUE, label="juist")
            lows = [p.lower for p in points]
            axes.plot(shares, lows, color=ORANGE, linestyle="--", label="ondergrens (80%)")
            axes.axhline(target, color="0.5", linewidth=0.8, label="doel")
            axes.set(title=name, xlim=(0, 1), ylim=(0, 1.02))
            axes.xaxis.set_major_formatter(PercentFormatter(1))
            axes.yaxis.set_major_formatter(PercentFormatter(1))
            if place == 1:
                axes.legend(loc="lower left", frameon=False)
        if not curves:
            figure.text(0.5, 0.5, "Nog te weinig gecodeerde antwoorden", ha="center")
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
