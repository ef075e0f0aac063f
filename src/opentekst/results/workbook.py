"""Lists as an Excel workbook: real numbers, a frozen header with filters, ready to print."""

from __future__ import annotations

import datetime
import io
import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import xlsxwriter

CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same lists give the same bytes
LONGEST = 32_767
"""Characters that Excel takes in one cell."""
_HIGHEST = 20
"""Lines that a row shows at most; the cell holds the whole text."""

Kind = Literal["text", "count", "figure", "share"]
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width in characters, and what it holds.

    A `figure` shows three decimals; a `share` from 0 to 1 shows as a percentage. A text in
    a column of numbers says why there is none.
    """

    head: str
    width: int
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list on a sheet of its own; `name` has at most 31 characters, `still` columns stay."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    still: int = 1


def to_workbook(title: str, sheets: Sequence[Sheet]) -> bytes:
    """Return an Excel workbook; the same lists give the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": title, "created": CREATED})
    styles = {name: book.add_format(style) for name, style in _styles().items()}
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, styles)
    book.close()
    return out.getvalue()


def plain(text: str) -> str:
    """Return a text that a file of UTF-8 can hold: half a character becomes '?'."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _styles() -> dict[str, dict[str, Any]]:
    # quote_prefix keeps a text such as "=1+1" text, also after it is edited in Excel
    text = {"text_wrap": True, "valign": "top", "quote_prefix": True, "indent": 1}
    line = {"bottom": 4, "bottom_color": "#B7C3CE"}
    head = {**text, "bold": True, "bg_color": "#E3ECF3", "bottom": 1, "valign": "bottom"}
    number = {**line, "align": "right", "valign": "top"}
    return {
        "head": head,
        "head_right": {**head, "align": "right"},
        "text": {**text, **line},
        "count": {**number, "num_format": "#,##0"},
        "figure": {**number, "num_format": "0.000"},
        "share": {**number, "num_format": "0.0%"},
        "none": {**number, "text_wrap": True, "italic": True, "font_color": "#44505A"},
    }


def _write(out: Any, sheet: Sheet, styles: dict[str, Any]) -> None:
    for at, column in enumerate(sheet.columns):
        out.set_column(at, at, column.width)
        style = styles["head" if column.kind == "text" else "head_right"]
        out.write_string(0, at, column.head, style)
    heads = [(column.head, column.width - 3) for column in sheet.columns]
    out.set_row(0, 15 * max(_lines(*head) for head in heads) + 3)
    for number, row in enumerate(sheet.rows, start=1):
        texts = []
        for at, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            if isinstance(cell, str):
                style = styles["text" if column.kind == "text" else "none"]
                out.write_string(number, at, _fitting(cell), style)
                texts.append((cell, column.width))
            else:
                out.write(number, at, cell, styles[column.kind])
        high = max((_lines(*text) for text in texts), default=1)
        out.set_row(number, 15 * min(high, _HIGHEST) + 3)
    out.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)
    out.freeze_panes(1, sheet.still)
    out.repeat_rows(0)
    out.set_paper(9)
    out.set_landscape()
    out.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    out.fit_to_pages(1, 0)
    out.set_footer("&L&A&RPagina &P van &N")
    out.hide_gridlines(2)
    # a text such as "2019" is meant as text: no green triangles
    out.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _lines(text: str, width: int) -> int:
    return sum(max(1, len(textwrap.wrap(part, max(4, width)))) for part in text.split("\n"))


def _fitting(text: str) -> str:
    text = re.sub("\r\n?", "\n", plain(text))
    # Excel counts in halves of characters, so an emoji is two
    if len(text.encode("utf-16-le")) // 2 <= LONGEST:
        return text
    return text[: math.floor(LONGEST / 2) - 1] + "…"
