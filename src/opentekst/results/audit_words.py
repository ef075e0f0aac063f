"""How the audit of printed tables writes figures, and which row labels it understands."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from opentekst.results.grim import ENDLESS
from opentekst.results.printed import PrintedCell

_TOTALS = {"totaal", "total", "alle", "som", "algemeen totaal"}
_YES_NO = {"ja", "nee", "neen", "yes", "no"}
_NEITHER = {
    "weet niet", "weet het niet", "ik weet het niet", "weet ik niet", "geen mening",
    "geen antwoord", "misschien", "niet van toepassing", "n.v.t.", "nvt",
}  # fmt: skip


def number(value: int) -> str:
    """Return a count as Dutch text.

    >>> number(1204)
    '1.204'
    """
    return f"{value:,}".replace(",", ".")


def dutch(value: Decimal | None) -> str:
    """Return a percentage as Dutch text, with the decimals that it has; "/" for None."""
    return "/" if value is None else f"{value:f}".replace(".", ",")


def among(found: range) -> str:
    """Return whole numbers side by side as text; empty for none.

    >>> among(range(38, 39)), among(range(38, 40)), among(range(7, ENDLESS))
    ('38', '38 tot 39', '7 of meer')
    """
    if not found:
        return ""
    if found.stop >= ENDLESS:
        return f"{number(found[0])} of meer"
    if len(found) == 1:
        return number(found[0])
    return f"{number(found[0])} tot {number(found[-1])}"


def cell_text(cell: PrintedCell) -> str:
    """Return what a cell prints, such as "13 (23,6%)"."""
    if cell.percent is None:
        return "/" if cell.n is None else number(cell.n)
    if cell.n is None:
        return f"{dutch(cell.percent)}%"
    return f"{number(cell.n)} ({dutch(cell.percent)}%)"


def is_total(label: str) -> bool:
    """Say whether a row is the total of the others."""
    return label.strip(" :.").casefold() in _TOTALS


def one_answer_labels(labels: Iterable[str]) -> bool:
    """Say whether these rows are answers of which a unit gives only one: yes, no, unknown.

    >>> one_answer_labels(["Ja", "Nee", "Ik weet het niet"]), one_answer_labels(["Flyer", "Ja"])
    (True, False)
    """
    found = {label.strip(" .").casefold() for label in labels}
    return len(found & _YES_NO) >= 2 and found <= _YES_NO | _NEITHER


KINDS = {
    "printed_base": "de gedrukte basis past niet",
    "no_base": "geen enkele basis geeft dit percentage",
    "no_count": "geen geheel aantal geeft dit percentage",
    "other_base": "past alleen bij een andere basis",
    "no_common_base": "geen gemeenschappelijke basis in de kolom",
    "changing_base": "de basis wisselt in de kolom",
    "above_base": "het aantal is groter dan de basis",
    "over_100": "een percentage boven 100",
    "sum": "de som klopt niet",
    "rounding": "afronding",
    "text": "de tekst en de cijfers verschillen",
}
"""What each kind of flaw is called."""


def chance_text(chance: Fraction) -> str:
    """Return a chance in words that a reader can weigh.

    >>> chance_text(Fraction(437, 1001)), chance_text(Fraction(1, 1001**2))
    ('44%', 'minder dan 1 op een miljoen')
    """
    if chance >= Fraction(1, 100):
        return f"{round(100 * chance)}%"
    if chance > Fraction(1, 10**6):
        return f"1 op {number(round(1 / chance))}"
    return "minder dan 1 op een miljoen"
