"""A percentage's 95% interval as Dutch text, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from babel.numbers import format_decimal

from opentekst.model import Estimate

Estimates = Mapping[tuple[str, str, str], Estimate]
"""Of a cell (the table's number, the group's label, the category's label): its estimate."""

INTERVAL = "95%-interval"
METHODS = {
    "counted": "geteld, zonder machine",
    "assisted": "machine, bijgesteld met de steekproef",
    "audit": "steekproef alleen",
    "bounds": "uiterste grenzen",
    "none": "niet te zeggen",
}
_MEANING = {
    "counted": "a–b: 95%-interval, want niet elke eenheid die gevraagd werd, antwoordde.",
    "assisted": (
        "≈ c (a–b): schatting en 95%-interval voor als mensen elk antwoord gecodeerd hadden, uit"
        " de codes van de machine en de blinde steekproef; codeerfouten zitten erin."
    ),
    "audit": "* c (a–b): schatting en 95%-interval uit de blinde steekproef alleen.",
    "bounds": "van a tot b: uiterste grenzen, want de codes van de machine zijn niet nagekeken.",
    "none": "niet te zeggen: de blinde steekproef is te klein voor een 95%-interval.",
}


def interval_text(one: Estimate) -> str:
    """Return "23,1–34,0", with the estimate before it where it is not what was counted."""
    if one.low is None or one.high is None:
        return METHODS["none"]
    ends = f"{_figure(one.low)}–{_figure(one.high)}"
    if one.method == "counted":
        return ends
    if one.method == "bounds":
        return f"van {_figure(one.low)} tot {_figure(one.high)}"
    return f"{'≈' if one.method == 'assisted' else '*'} {_figure(one.value)} ({ends})"


def interval_notes(found: Iterable[Estimate]) -> tuple[str, ...]:
    """Return a footnote for each method that some of the estimates rest on."""
    methods = {"none" if one.low is None else one.method for one in found}
    return tuple(text for method, text in _MEANING.items() if method in methods)


def _figure(value: float) -> str:
    return str(format_decimal(value, format="0.0", locale="nl_BE"))
