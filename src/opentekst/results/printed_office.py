"""Printed tables out of Excel workbooks and Word documents."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from opentekst.errors import DataError, PipelineError
from opentekst.results.printed import Document, PrintedTable, caption_of, merged
from opentekst.results.printed_grid import from_rows

_MOST_DECIMALS = 6
"""Of a number without a format; more is a computed value, not a print."""


def from_excel(data: bytes, place: str) -> Document:
    """Read each sheet of a workbook; a percentage has the decimals that its format shows.

    A sheet without a head "%" is left out by name. Raises DataError where it is no workbook.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as fault:  # openpyxl raises many kinds, none of them its own
        raise DataError(
            "dit is geen leesbaar Excel-bestand",
            place=place,
            found=type(fault).__name__,
            remedy="Open het in Excel en bewaar het opnieuw als .xlsx.",
        ) from None
    tables: list[PrintedTable] = []
    left_out: list[str] = []
    for sheet in book.worksheets:
        rows = [[shown(cell.value, cell.number_format) for cell in row] for row in sheet.rows]
        found = from_rows(rows, f"blad '{sheet.title}'")
        tables += found
        if not found:
            left_out.append(f"blad '{sheet.title}': geen kop met %")
    return Document(tuple(merged(tables)), (), tuple(left_out))


def shown(value: object, number_format: str) -> str:
    """Return a cell's value as the reader sees it, with a point for the decimals.

    >>> shown(16.3090, "0.0"), shown(0.163, "0.0%"), shown(233, "General")
    ('16.3', '16.3', '233')
    """
    if value is None or isinstance(value, bool):
        return ""
    if not isinstance(value, int | float):
        return str(value)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    form = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format.split(";")[0])
    if "%" in form:
        exact *= 100
    match = re.search(r"[0#?](?:\.([0#?]+))?%?\s*$", form)
    if match and re.fullmatch(r"[#,0?. %]*", form.strip() or "x"):
        places = len(match[1] or "")
    elif exact == exact.to_integral_value():
        places = 0
    else:
        exponent = exact.as_tuple().exponent
        places = min(_MOST_DECIMALS, -exponent if isinstance(exponent, int) else 0)
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def from_word(data: bytes, place: str) -> Document:
    """Read the tables of a Word document, each with the caption above it or below it.

    Paragraphs are the running text. Raises PipelineError without python-docx, DataError where
    it is no document.
    """
    try:
        import docx
    except ImportError:
        raise PipelineError(
            "om Word te lezen is python-docx nodig",
            place=place,
            remedy="Installeer het met: pip install python-docx. Of bewaar het document als tekst"
            " (.txt).",
        ) from None
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as fault:  # a zip, XML or package error
        raise DataError(
            "dit is geen leesbaar Word-document",
            place=place,
            found=type(fault).__name__,
            remedy="Open het in Word en bewaar het opnieuw als .docx.",
        ) from None
    parts = list(_parts(document))
    tables: list[PrintedTable] = []
    left_out: list[str] = []
    for at, part in enumerate(parts):
        if isinstance(part, str):
            continue
        name = f"Word-tabel {sum(not isinstance(p, str) for p in parts[: at + 1])}"
        found = from_rows(part, name, _caption_beside(parts, at))
        tables += found
        if not found:
            left_out.append(f"{name}: geen kop met %")
    prose = tuple(p for p in parts if isinstance(p, str) and not caption_of(p))
    return Document(tuple(merged(tables)), prose, tuple(left_out))


def _parts(document: Any) -> Iterator[str | list[list[str]]]:
    """Yield paragraphs as text and tables as rows of cells; a merged cell holds its text once."""
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            yield [list(_cells(row)) for row in item.rows]
        elif item.text.strip():
            yield item.text.strip()


def _cells(row: Any) -> Iterator[str]:
    last = None
    for cell in row.cells:
        same = cell._tc is last
        last = cell._tc
        yield "" if same else " ".join(cell.text.split())


def _caption_beside(parts: list[str | list[list[str]]], at: int) -> str:
    """Return the nearest caption above a table; else the one right below; else nothing."""
    for part in reversed(parts[max(0, at - 2) : at]):
        if not isinstance(part, str):
            break
        if caption_of(part):
            return part
    below = parts[at + 1] if at + 1 < len(parts) else ""
    return below if isinstance(below, str) and caption_of(below) else ""
