"""Frequency tables as an Excel workbook: a sheet a table, and one with all estimates."""

from __future__ import annotations

import io
import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from opentekst.model import Cell, Table
from opentekst.results.export import BASE, COUNT, CREATED, Layout, layout, only, row_bases
from opentekst.results.figures import NOT_ASKED, empty_text, number
from opentekst.results.intervals import INTERVAL, METHODS, Estimates
from opentekst.results.sheet_styles import sheet_styles

Figure = int | float | Decimal | None
GUESSED = "Schattingen"
_GUESSED_HEADS = (
    "Tabel", "Groep", "Categorie", "N", BASE, "% geteld", "% geschat", "95% van", "95% tot",
    "Basis van de schatting", "In de steekproef", "Alleen door de machine", "Methode", "Opmerking",
)  # fmt: skip
_GUESSED_WIDTHS = (8, 28, 46, 8, 8, 9, 10, 9, 9, 12, 12, 12, 24, 40)


def to_xlsx(tables: Sequence[Table], estimates: Estimates | None = None) -> bytes:
    """Return an Excel workbook: a sheet "Overzicht", one a table, and one with `estimates`.

    Counts and percentages are real numbers (Excel shows them by its own locale), labels
    are always text. The same tables give the same bytes. Raises DataError as `layout`.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": "Tabellen", "created": CREATED})
    styles = {name: book.add_format(style) for name, style in sheet_styles().items()}
    plans = dict(
        zip(_sheet_names(tables), (layout(table, estimates) for table in tables), strict=True)
    )
    _overview(_Sheet(book, "Overzicht", styles, (9, 70, 16, 13)), tables, plans)
    for name, plan in plans.items():
        longest = max((len(row.label) for row in plan.rows), default=0)
        by_row = plan.place in ("row", "column")
        columns = [11, 15, 9] if by_row else [16, 11]
        columns += [max(13, *map(len, plan.margins.values()))] if plan.margins else []
        widths = (min(60, max(36, longest + 2)), *(columns * len(plan.heads)))
        _table_sheet(_Sheet(book, name, styles, widths), plan)
    if estimates:
        _estimate_sheet(_Sheet(book, GUESSED, styles, _GUESSED_WIDTHS), tables, estimates)
    book.close()
    return out.getvalue()


def _sheet_names(tables: Sequence[Table]) -> list[str]:
    """Return names that Excel accepts: at most 31 characters, none forbidden, none twice."""
    names: dict[str, str] = {"overzicht": "", GUESSED.casefold(): ""}
    for table in tables:
        stem = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "-", f"Tabel {table.number}").strip()[:31]
        turns = (f"{stem[:25]} ({turn})" for turn in itertools.count(2))
        name = next(n for n in itertools.chain([stem], turns) if n.casefold() not in names)
        names[name.casefold()] = name
    return [name for name in names.values() if name]


class _Sheet:
    """One worksheet: writes text and figures, and gives each row the height of its text."""

    def __init__(self, book: Any, name: str, styles: dict[str, Any], widths: Sequence[int]) -> None:
        sheet = book.add_worksheet(name)
        self.book, self.sheet, self.styles, self.widths = book, sheet, styles, widths
        self.lines: dict[int, int] = {}
        for col, width in enumerate(widths):
            sheet.set_column(col, col, width)

    def text(self, row: int, col: int, text: str, style: str, until: int = 0) -> None:
        """Write text, never a formula, merged up to column `until`."""
        if until > col:
            self.sheet.merge_range(row, col, row, until, "", self.styles[style])
        self.sheet.write_string(row, col, text, self.styles[style])
        bold = 0.9 if style.startswith(("head", "title")) else 1  # bold letters take more room
        room = int(sum(self.widths[col : max(col, until) + 1]) * bold)
        lines = sum(max(1, len(textwrap.wrap(part, room))) for part in text.split("\n"))
        self.lines[row] = max(self.lines.get(row, 1), lines)

    def figure(self, row: int, col: int, value: Figure, style: str, empty: str) -> None:
        """Write a number, or the text `empty` where there is none."""
        self.sheet.write(row, col, empty if value is None else value, self.styles[style])

    def percent(self, marks: str) -> str:
        """Return the style of a percentage with letters behind it; it stays a number."""
        name = f"percent {marks}".strip()
        if name not in self.styles:
            style = {**sheet_styles()["percent"], "num_format": f'0.0" {marks}"'}
            self.styles[name] = self.book.add_format(style)
        return name

    def finish(self, top: int, left: int) -> None:
        """Freeze `top` rows and `left` columns; print on A4, one page wide, `top` repeated."""
        for row, lines in self.lines.items():
            self.sheet.set_row(row, 15 * lines + 3)
        self.sheet.freeze_panes(top, left)
        self.sheet.repeat_rows(0, top - 1)
        self.sheet.set_paper(9)
        if sum(self.widths) > 120:
            self.sheet.set_landscape()
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&L&A&RPagina &P van &N")
        self.sheet.hide_gridlines(2)
        # a label such as "2019" is meant as text: no green triangles
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _overview(out: _Sheet, tables: Sequence[Table], plans: Mapping[str, Layout]) -> None:
    for col, head in enumerate(("Tabel", "Titel", "Tabblad", BASE)):
        out.text(0, col, head, "head_right" if head == BASE else "head")
    for at, (table, (name, plan)) in enumerate(zip(tables, plans.items(), strict=True), start=1):
        out.text(at, 0, table.number, "label")
        out.text(at, 1, table.title, "label")
        out.sheet.write_url(at, 2, f"internal:'{name}'!A1", out.styles["link"], name)
        bases = sorted(row_bases(cell for row in plan.rows for cell in row.cells))
        extent = f"{number(bases[0])} tot {number(bases[-1])}" if bases else ""
        out.figure(at, 3, only({*bases}), "count", extent)
    out.finish(1, 0)


def _table_sheet(out: _Sheet, plan: Layout) -> None:
    below = _below(plan)
    starts = range(1, len(out.widths), len(below))
    top = _heads(out, plan, below, starts)
    at = top
    for section in plan.sections:
        if section.heading:
            out.text(at, 0, section.heading, "section", len(out.widths) - 1)
            at += 1
        for row in section.rows:
            out.text(at, 0, row.label, "label")
            for col, cell in zip(starts, row.cells, strict=True):
                _cell(out, plan, at, col, cell)
            at += 1
    for below_at, note in enumerate(plan.notes, start=at):
        out.text(below_at, 0, note, "note", len(out.widths) - 1)
    out.finish(top, 1)


def _below(plan: Layout) -> tuple[str, ...]:
    """Return what stands in the columns of one group."""
    base = (BASE,) if plan.place in ("row", "column") else ()
    return (*base, COUNT, "%", *((INTERVAL,) if plan.margins else ()))


def _heads(out: _Sheet, plan: Layout, below: Sequence[str], starts: range) -> int:
    """Write title, heads and bases; return the first row below them."""
    step = len(below)
    out.text(0, 0, plan.title, "title", len(out.widths) - 1)
    at = 2 if any(plan.heads) else 1
    if at == 2:
        out.text(1, 0, "", "corner")
        for col, head in zip(starts, plan.heads, strict=True):
            out.text(1, col, head, "head_centre", col + step - 1)
    out.text(at, 0, plan.header, "head")
    for col, text in enumerate((*below,) * len(plan.heads), start=1):
        out.text(at, col, text, "head_right")
    if BASE in below:
        return at + 1
    out.text(at + 1, 0, BASE, "base_label")
    for place, (col, base) in enumerate(zip(starts, plan.bases, strict=True)):
        empty = empty_text(plan.rows[0].cells[place]) if plan.rows else NOT_ASKED
        out.figure(at + 1, col, base, "base", empty)
        for after in range(col + 1, col + step):
            out.figure(at + 1, after, None, "base", "")
    return at + 2


def _cell(out: _Sheet, plan: Layout, at: int, col: int, cell: Cell) -> None:
    empty = empty_text(cell)
    if plan.place in ("row", "column"):
        out.figure(at, col, cell.base, "count", empty)
        col += 1
    out.figure(at, col, cell.n, "count", empty)
    out.figure(at, col + 1, cell.percent, out.percent(cell.marks), empty)
    if plan.margins:
        out.figure(at, col + 2, None, "margin", plan.margins.get((cell.group, cell.category), ""))


def _estimate_sheet(out: _Sheet, tables: Sequence[Table], estimates: Estimates) -> None:
    """Write a row a cell with all figures as numbers, to sort and calculate with."""
    texts = (0, 1, 2, 12, 13)
    for col, head in enumerate(_GUESSED_HEADS):
        out.text(0, col, head, "head_words" if col in texts else "head_right")
    at = 0
    for table in tables:
        for cell in table.cells:
            one = estimates.get((table.number, cell.group, cell.category))
            if one is None or cell.hidden or cell.n is None:
                continue
            at += 1
            for col, text in zip(
                texts, (table.number, cell.group, cell.category, METHODS[one.method], one.note),
                strict=True,
            ):  # fmt: skip
                out.text(at, col, text, "words")
            counts = {3: cell.n, 4: cell.base, 9: one.base, 10: one.n_audit, 11: one.uncoded}
            for col, count in counts.items():
                out.figure(at, col, count, "count", "")
            shares = (cell.percent, one.value, one.low, one.high)
            for col, share in enumerate(shares, start=5):
                out.figure(at, col, share, "percent", "")
    out.sheet.autofilter(0, 0, max(1, at), len(_GUESSED_HEADS) - 1)
    out.finish(1, 3)
