"""The themes as one self-contained Dutch page, without script and without a network."""

from __future__ import annotations

from itertools import groupby

from babel.numbers import format_decimal

from opentekst.pages import templates
from opentekst.results.figures import HIDDEN
from opentekst.results.theme_view import View, WhoRow

SHOWN = 12
"""Pairs on the page; the workbook has them all."""

WhoTable = tuple[str, list[str], list[tuple[str, list[WhoRow]]]]


def to_html(view: View) -> bytes:
    """Return the page (UTF-8); the same view gives the same bytes."""
    environment = templates("opentekst.results")
    environment.filters |= {"share": share, "figure": figure, "one": one, "p": probability}
    page = environment.get_template("themes.html")
    sure = sum(pair.holm < 0.05 for pair in view.pairs)
    several = len({row.asked for row in view.themes}) > 1
    shown = view.pairs[:SHOWN]
    filled = page.render(view=view, several=several, who=_who(view), pairs=shown, sure=sure)
    return filled.encode()


def share(value: float | None) -> str:
    """Return a share from 0 to 1 as Dutch text.

    >>> share(0.1634), share(None)
    ('16%', '–')
    """
    return "–" if value is None else f"{format_decimal(100 * value, '0', locale='nl_BE')}%"


def figure(value: int | None) -> str:
    """Return a count as Dutch text; a dot where it is hidden."""
    return HIDDEN if value is None else str(format_decimal(value, locale="nl_BE"))


def one(value: float) -> str:
    """Return a figure with one decimal as Dutch text."""
    return str(format_decimal(value, "0.0", locale="nl_BE"))


def probability(value: float) -> str:
    """Return a p-value as Dutch text.

    >>> probability(0.0002), probability(0.034)
    ('< 0,001', '0,034')
    """
    return "< 0,001" if value < 0.001 else str(format_decimal(value, "0.000", locale="nl_BE"))


def _who(view: View) -> list[WhoTable]:
    tables = []
    for by, rows in groupby(view.who, key=lambda row: row.by):
        of = [list(cells) for _, cells in groupby(rows, key=lambda row: row.theme)]
        groups = [cell.group for cell in of[0]]
        tables.append((by, groups, [(cells[0].label, cells) for cells in of]))
    return tables
