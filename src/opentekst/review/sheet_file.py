"""The file of a sheet that somebody coded (see `sheet`): which rows and texts it holds.

People sort, filter, delete and add rows, rename sheets and save with other programs: columns
are found by their heads, and the time is the one that the workbook was saved at.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentekst.codebook.cells import cell_text
from opentekst.codebook.incoming import Fault
from opentekst.errors import DataError
from opentekst.model import CodebookRef, Shown
from opentekst.review import sheet
from opentekst.review.annotations import utc
from opentekst.review.sheet import same

if TYPE_CHECKING:
    from openpyxl import Workbook

_HEADS_WITHIN = 30  # rows: somebody may have put something above the heads
_FOUND = 60  # characters of what stands in a file that an error may show
_CORE = "docProps/core.xml"
_MODIFIED = "{http://purl.org/dc/terms/}modified"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands: its number in Excel, and text (or fault) by head of column."""

    number: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A workbook that somebody coded.

    `labels` maps code ids to what the workbook calls them. `letters` are the letters of the
    columns by head, `modified` is when the workbook says that it was last saved (ISO 8601
    in UTC), empty where it does not.
    """

    study: str
    question: str
    codebook: CodebookRef
    shown: Shown
    labels: Mapping[str, str]
    name: str
    letters: Mapping[str, str]
    rows: tuple[Row, ...]
    modified: str

    def place(self, row: int, head: str) -> str:
        """Return where a cell is, in Dutch."""
        return f"blad {self.name}, rij {row}, kolom {self.letters.get(head, '?')} ({head})"


def open_sheet(content: bytes) -> Sheet:
    """Read a workbook. Raises DataError where it is none, or not one of `write_sheet`."""
    from openpyxl.utils import get_column_letter

    workbook = _load(content)
    info = _info(workbook)
    for page in workbook.worksheets:
        for number, cells in enumerate(page.iter_rows(max_row=_HEADS_WITHIN), start=1):
            heads = _heads(cells)
            if sheet.ID in heads:
                _check_heads(heads, page.title)
                return Sheet(
                    info[sheet.STUDY],
                    info[sheet.QUESTION],
                    CodebookRef(info[sheet.BOOK], int(info[sheet.VERSION]), info[sheet.MARK]),
                    "suggestion" if info[sheet.SHOWN] == "suggestion" else "blind",
                    _labels(workbook),
                    page.title,
                    {head: get_column_letter(column + 1) for head, column in heads.items()},
                    tuple(_rows(page, number, heads)),
                    _modified(content),
                )
    raise DataError(
        f"geen enkel blad heeft een kolom '{sheet.ID}'",
        found=", ".join(workbook.sheetnames)[:_FOUND],
        remedy="Zet de kopregel terug zoals ze was, of exporteer opnieuw en neem uw codes over.",
    )


def _load(content: bytes) -> Workbook:
    import warnings

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError)
    try:
        with warnings.catch_warnings():
            # What openpyxl does not know of other programs' files has no bearing on their texts.
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(content))
    except broken:
        raise DataError(
            "dit is geen Excel-werkmap",
            remedy="Bewaar het bestand als 'Excel-werkmap (.xlsx)', zonder wachtwoord.",
        ) from None


def _info(workbook: Workbook) -> dict[str, str]:
    remedy = (
        "Werk in het bestand dat 'opentekst review export' maakte; kopieer niet enkel een blad"
        " naar een nieuw bestand."
    )
    if sheet.INFO not in workbook.sheetnames:
        raise DataError(
            f"dit bestand zegt niet bij welke vraag het hoort: blad '{sheet.INFO}' ontbreekt",
            found=", ".join(workbook.sheetnames)[:_FOUND],
            remedy=remedy,
        )
    rows = workbook[sheet.INFO].iter_rows(max_col=2)
    info = {cell_text(cells[0], "")[0]: cell_text(cells[1], "")[0] for cells in rows if cells}
    wanted = (sheet.STUDY, sheet.QUESTION, sheet.BOOK, sheet.VERSION, sheet.MARK, sheet.SHOWN)
    lost = [name for name in wanted if not info.get(name)]
    if lost or not info[sheet.VERSION].isdecimal():
        raise DataError(
            "hier staat niet meer bij welke vraag en welk codeboek dit bestand hoort",
            place=f"blad {sheet.INFO}",
            found=f"geen {', '.join(lost) or sheet.VERSION}",
            remedy=remedy,
        )
    return info


def _heads(cells: Sequence[Any]) -> dict[str, int]:
    """Return the columns of a row by head, as `sheet` writes heads."""
    known = (
        sheet.ID,
        sheet.ANSWER,
        sheet.PROPOSAL,
        sheet.AGREED,
        sheet.NO_CODE,
        sheet.NEW_CODE,
        sheet.MEMO,
        sheet.CODE_ID,
        sheet.LABEL,
    )
    written = {same(head): head for head in known}
    found: dict[str, int] = {}
    for column, cell in enumerate(cells):
        head = same(cell_text(cell, "")[0])
        code = re.fullmatch(r"code ?(\d+)", head)
        name = f"Code {code[1]}" if code else written.get(head, "")
        if name:
            found.setdefault(name, column)
    return found


def _check_heads(heads: Mapping[str, int], title: str) -> None:
    lost = [head for head in (sheet.CODES[0], sheet.NO_CODE) if head not in heads]
    if lost:
        raise DataError(
            f"kolom '{lost[0]}' ontbreekt",
            place=f"blad {title}",
            remedy="Zet de kopregel terug zoals ze was, of exporteer opnieuw en neem uw codes"
            " over.",
        )


def _rows(page: Any, head_row: int, heads: Mapping[str, int]) -> Iterator[Row]:
    for number, cells in enumerate(page.iter_rows(min_row=head_row + 1), start=head_row + 1):
        texts: dict[str, str] = {}
        faults = []
        for head, column in heads.items():
            if column >= len(cells) or head == sheet.ANSWER:
                continue
            place = f"blad {page.title}, rij {number}, kolom {cells[column].column_letter} ({head})"
            texts[head], fault = cell_text(cells[column], place)
            faults += [fault] if fault else []
        yield Row(number, texts, tuple(faults))


def _labels(workbook: Workbook) -> dict[str, str]:
    """Return the labels by code id from the sheet with the codebook; empty where it is gone."""
    if sheet.CODEBOOK not in workbook.sheetnames:
        return {}
    rows = list(workbook[sheet.CODEBOOK].iter_rows())
    heads = _heads(rows[0]) if rows else {}
    if sheet.CODE_ID not in heads or sheet.LABEL not in heads:
        return {}
    columns = heads[sheet.CODE_ID], heads[sheet.LABEL]
    pairs = [[cell_text(cells[column], "")[0] for column in columns] for cells in rows[1:]]
    return {code: label for code, label in pairs if code and label}


def _modified(content: bytes) -> str:
    """Return when the workbook says it was last saved; empty where it does not, or never was."""
    import datetime
    from xml.etree import ElementTree

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if _CORE not in parts.namelist():
            return ""
        told = ElementTree.fromstring(parts.read(_CORE)).findtext(_MODIFIED) or ""  # noqa: S314
    try:
        when = datetime.datetime.fromisoformat(told.strip())
    except ValueError:
        return ""
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    return "" if when == sheet.CREATED.replace(tzinfo=datetime.UTC) else utc(when)
