"""A codebook as an Excel workbook that researchers edit, and back.

Ids are protected, status and parent have a list to choose from, and a hidden column keeps
each row's own id: who changes an id is told so instead of losing the code. Every cell is
text, so nothing is taken for a formula.
"""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING, Any

from opentekst.codebook.cells import MAX_CELL, cell_text, height, plain, stored
from opentekst.codebook.codebook import Codebook
from opentekst.codebook.incoming import STATUS, Fault, Incoming, read_stamp, stamp
from opentekst.codebook.rows import COLUMNS, HEADS, Row, columns_of, parse_rows, to_cells
from opentekst.errors import CodebookError

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

SHEET = "Codes"
NEW_ROWS = 60
"""Empty rows below the codes, for new ones."""

_CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same codebook gives the same bytes
_WIDTHS = {
    "id": 24,
    "label": 30,
    "parent": 20,
    "status": 11,
    "definition": 44,
    "include": 32,
    "exclude": 32,
    "keywords": 26,
    "examples": 44,
}
_HINTS = {
    "id": "Vast (veranderen: opentekst codebook rename). Nieuwe codes: in de lege rijen onderaan.",
    "label": "De naam die codeurs en lezers zien.",
    "parent": "De code waar deze onder hangt; leeg = hoogste niveau. Kies uit de lijst.",
    "status": "Kies uit de lijst. Een vervallen code blijft bestaan, maar wordt niet meer gegeven.",
    "definition": "Wat de code betekent.",
    "include": "Wat erbij hoort. Eén per regel (Alt+Enter).",
    "exclude": "Wat er niet bij hoort. Eén per regel (Alt+Enter).",
    "keywords": "Woorden waaraan de machine de code herkent. Eén per regel; * staat voor letters.",
    "examples": "Antwoorden die deze code krijgen. Eén per regel (Alt+Enter).",
}
_EXPLAINED = (
    "Zo werkt dit blad",
    "1. Verander in het blad 'Codes' wat u wilt, behalve de code-id's (die zijn vergrendeld).",
    "2. Eén per regel: in de kolommen wel, niet, sleutelwoorden en voorbeelden staat elk stukje"
    " op een eigen regel. Een nieuwe regel in een cel maakt u met Alt+Enter.",
    "3. Een nieuwe code komt in een van de lege rijen onderaan, met een eigen code-id.",
    "4. Een code schrappen doet u niet door de rij te wissen: zet de status op 'vervallen'.",
    "5. Bewaar het bestand en lees het in: {command}",
    "   Met --dry-run ziet u eerst wat er zou veranderen.",
    "Een regel die met ↳ begint, hoort bij de regel erboven. Een \\ vooraan bewaart spaties.",
    "Codeboek: {title} ({id}), versie {version}.",
)


def write_excel(book: Codebook) -> bytes:
    """Return the codebook as a workbook. Raises CodebookError for a text past Excel's limit."""
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as workbook:
        workbook.set_properties({"title": book.title, "created": _CREATED})
        _codes(workbook, workbook.add_worksheet(SHEET), book)
        _explain(workbook, workbook.add_worksheet("Uitleg"), book)
    return out.getvalue()


def _codes(workbook: Workbook, sheet: Worksheet, book: Codebook) -> None:
    base = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1}
    base["border_color"] = "#D5DCE2"
    head = workbook.add_format({**base, "bold": True, "bg_color": "#0B4F80", "font_color": "white"})
    for number, field in enumerate(COLUMNS):
        sheet.write_string(0, number, HEADS[field], head)
        sheet.write_comment(0, number, _HINTS[field], {"x_scale": 2, "author": "opentekst"})
        sheet.set_column(number, number, _WIDTHS[field])
    sheet.write_string(0, len(COLUMNS), stamp(book.ref), head)
    sheet.set_column(len(COLUMNS), len(COLUMNS), None, None, {"hidden": True})
    formats: dict[tuple[object, ...], Any] = {}

    def style(**more: object) -> Any:
        kind = tuple(sorted(more.items()))
        if kind not in formats:
            formats[kind] = workbook.add_format({**base, "quote_prefix": True, **more})
        return formats[kind]

    for line, code in enumerate(book.codes, start=1):
        grey: dict[str, object] = {} if code.status == "active" else {"font_color": "#7A858E"}
        depth = len(book.ancestors(code.id))
        cells = _cells(book, line - 1)
        # Set, because not every program fits rows to wrapped text when it opens a file.
        sheet.set_row(line, max(height(cell, _WIDTHS[field]) for field, cell in cells))
        for number, (field, cell) in enumerate(cells):
            if field == "id":
                shape = style(locked=True, bg_color="#EEF1F4", **grey)
            elif field == "label":
                shape = style(locked=False, bold=not depth, indent=min(depth, 10), **grey)
            else:
                shape = style(locked=False, **grey)
            sheet.write_string(line, number, stored(cell), shape)
        sheet.write_string(line, len(COLUMNS), stored(code.id), style(locked=True))
    last = len(book.codes) + NEW_ROWS
    for line in range(len(book.codes) + 1, last + 1):
        for number in range(len(COLUMNS)):
            sheet.write_blank(line, number, None, style(locked=False, bg_color="#F7F9FA"))
    _choices(sheet, last)
    _page(sheet, last)


def _cells(book: Codebook, index: int) -> list[tuple[str, str]]:
    code = book.codes[index]
    cells = to_cells(code, book)
    for field, cell in cells.items():
        if len(cell) > MAX_CELL:
            raise CodebookError(
                f"code '{code.id}': '{HEADS[field]}' is te lang voor een cel van Excel",
                found=f"{len(cell)} tekens",
                remedy=f"Maak de tekst korter dan {MAX_CELL} tekens, of gebruik .csv of .qdc.",
            )
    return [(field, cells[field]) for field in COLUMNS]


def _choices(sheet: Worksheet, last: int) -> None:
    parent, status = COLUMNS.index("parent"), COLUMNS.index("status")
    sheet.data_validation(
        1,
        parent,
        last,
        parent,
        {
            "validate": "list",
            "source": f"=$A$2:$A${last + 1}",
            "error_title": "Deze code bestaat niet",
            "error_message": "Kies een code-id uit de lijst, of laat leeg (hoogste niveau).",
        },
    )
    sheet.data_validation(
        1,
        status,
        last,
        status,
        {
            "validate": "list",
            "source": list(STATUS.values()),
            "error_title": "Deze status bestaat niet",
            "error_message": f"Kies {' of '.join(STATUS.values())}.",
        },
    )


def _page(sheet: Worksheet, last: int) -> None:
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3: nine columns of text
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, last - NEW_ROWS + 3, len(COLUMNS) - 1)
    sheet.set_footer("&L&A&RBladzijde &P van &N")
    sheet.protect(
        "",
        {
            "format_cells": True,
            "format_columns": True,
            "format_rows": True,
            "autofilter": True,
            "sort": True,
        },
    )


def _explain(workbook: Workbook, sheet: Worksheet, book: Codebook) -> None:
    bold = workbook.add_format({"bold": True, "font_size": 14, "valign": "top"})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 90)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    command = f"opentekst codebook import DIT_BESTAND.xlsx --into {book.id}"
    values = {"command": command, "title": book.title, "id": book.id, "version": book.version}
    for line, text in enumerate(_EXPLAINED):
        told = text.format(**values)
        sheet.set_row(line, height(told, 80) + (6 if line else 12))
        sheet.write_string(line, 0, told, wrap if line else bold)


def read_excel(content: bytes, known: Codebook | None = None) -> Incoming:
    """Read a workbook into codes, with a fault for every bad cell.

    `known` is the codebook to import into. Raises CodebookError where the file is no
    workbook or has no sheet and heads to recognise.
    """
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = load_workbook(io.BytesIO(content))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise CodebookError(
            "dit is geen Excel-werkmap",
            remedy="Bewaar het bestand in Excel als 'Excel-werkmap (.xlsx)'.",
        ) from None
    name = SHEET if SHEET in workbook.sheetnames else workbook.sheetnames[0]
    sheet = workbook[name]
    heads = [plain(cell.value) for cell in next(sheet.iter_rows(max_row=1), ())]
    columns, unknown = columns_of(heads)
    if "id" not in columns or "label" not in columns:
        raise CodebookError(
            f"op blad '{name}' staan geen kolommen '{HEADS['id']}' en '{HEADS['label']}'",
            found=", ".join(head for head in heads if head)[:80],
            remedy="Zet de kopregel terug op rij 1, of exporteer het codeboek opnieuw.",
        )
    bases = {number: ref for number, head in enumerate(heads) if (ref := read_stamp(head))}
    key = next(iter(bases), None)
    letters = {field: _letter(number) for field, number in columns.items()}

    def place(row: int, field: str) -> str:
        return f"blad {name}, cel {letters.get(field, letters['id'])}{row + 2}"

    rows: list[Row] = []
    faults: list[Fault] = []
    for i, line in enumerate(sheet.iter_rows(min_row=2)):
        cells = {}
        for field, number in columns.items():
            cell = line[number] if number < len(line) else None
            cells[field], fault = cell_text(cell, place(i, field))
            faults += [fault] if fault else []
        own = plain(line[key].value) if key is not None and key < len(line) else ""
        rows.append(Row(cells, own))
    found = parse_rows(rows, frozenset(columns), place, known)
    remarks = tuple(f"kolom '{h}' wordt niet gelezen" for h in unknown if not read_stamp(h))
    base = None if key is None else bases[key]
    return Incoming(found.entries, (*faults, *found.faults), remarks, base)


def _letter(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(number + 1)
