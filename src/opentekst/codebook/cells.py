"""Texts in the cells of a workbook, and back: what every Excel file of opentekst shares."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

from opentekst.codebook.incoming import Fault

MAX_CELL = 32_767
"""Characters in a cell: Excel's own limit."""

# A workbook holds some characters as _xHHHH_ (ECMA-376, ST_Xstring) and openpyxl reads only part
# of that back; so nothing of the kind goes in: invisible pairs, begun by a word joiner, stand for
# it.
_JOINER = "\u2060"
_RETURN = _JOINER + "\u200c"
_BREAK = _JOINER + "\u200b"
_PAIRS = {_JOINER * 2: _JOINER, _RETURN: "\r", _BREAK: ""}


def height(text: str, width: int) -> float:
    """Return the height in points of wrapped text in a column of `width` characters."""
    lines = sum(max(1, math.ceil(len(line) / (width * 0.92))) for line in text.split("\n"))
    return min(409.0, 15.0 * lines + 3)  # 409 points is Excel's highest row


def cell_text(cell: Any, place: str) -> tuple[str, Fault | None]:
    """Return a cell's text, or a fault where Excel made something else of it."""
    value = None if cell is None else cell.value
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        remedy = "Zet de celeigenschappen op 'Tekst' en typ de waarde opnieuw."
        return "", Fault(place, "Excel heeft hier een datum van gemaakt", "", remedy)
    if cell is not None and cell.data_type == "f":
        remedy = "Plak de uitkomst als waarde, of typ een apostrof (') voor de tekst."
        return "", Fault(place, "hier staat een formule, geen tekst", "", remedy)
    if cell is not None and cell.data_type == "e":
        remedy = "Typ de tekst opnieuw."
        return "", Fault(place, "hier staat een foutwaarde van Excel", str(value), remedy)
    return plain(value), None


def plain(value: object) -> str:
    """Return a cell's value as the text that `stored` put there or that a person typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "WAAR" if value else "ONWAAR"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # A line break that Excel took over from elsewhere comes as a return before the break.
    text = re.sub("_x000D_\n?", "\n", str(value))
    return re.sub(f"{_JOINER}[{_JOINER}\u200b\u200c]", lambda pair: _PAIRS[pair[0]], text)


def stored(text: str) -> str:
    """Return a text as it goes into a cell; `plain` undoes it."""
    text = text.replace(_JOINER, _JOINER * 2).replace("\r", _RETURN)
    return re.sub("x(?=[0-9A-Fa-f]{4}_)", f"x{_BREAK}", text)
