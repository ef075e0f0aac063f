"""Figures of tables as Dutch text, and what stands where there is none."""

from __future__ import annotations

from babel.numbers import format_decimal

from opentekst.model import Cell

NOT_ASKED = "/"
NO_PERCENT = "–"
HIDDEN = "·"


def number(value: int | None) -> str:
    """Return a count as Dutch text, such as "1.204"; "/" where there is none."""
    return NOT_ASKED if value is None else str(format_decimal(value, locale="nl_BE"))


def percent_text(cell: Cell) -> str:
    """Return a cell's percentage as Dutch text, such as "16,3"; "/" where not asked.

    Letters of groups that it is significantly above stand behind it.
    """
    if cell.percent is None:
        return empty_text(cell)
    return f"{format_decimal(cell.percent, format='0.0', locale='nl_BE')} {cell.marks}".strip()


def count_text(cell: Cell) -> str:
    """Return a cell's count as Dutch text; "/" where not asked, "·" where hidden."""
    return HIDDEN if cell.hidden else number(cell.n)


def empty_text(cell: Cell) -> str:
    """Return what stands where a cell has no figure: hidden, not asked, or without a base."""
    return HIDDEN if cell.hidden else NOT_ASKED if cell.n is None else NO_PERCENT


def base_text(base: int | None) -> str:
    """Return " (N=213)", or nothing without a base."""
    return "" if base is None else f" (N={number(base)})"
