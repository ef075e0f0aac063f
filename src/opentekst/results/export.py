"""Frequency tables as CSV, Excel, one HTML page and terminal output, all by one `layout`."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter
from jinja2 import Environment, PackageLoader, StrictUndefined
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from opentekst.errors import DataError
from opentekst.model import Cell, Table
from opentekst.results.figures import (
    HIDDEN,
    NOT_ASKED,
    base_text,
    count_text,
    empty_text,
    number,
    percent_text,
)
from opentekst.results.sheet_styles import sheet_styles

CSV_COLUMNS = ("tabel", "titel", "groep", "basis_gedrukt", "categorie", "n", "procent")
COUNT = "Aantal lokale besturen (N)"
BASE = "Basis (N)"
LEGEND = "/ = niet gevraagd in deze groep."
WHOLE = "totaal"  # the only group of a table without groups: it gets no head of its own
CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same tables give the same bytes

Figure = int | Decimal | None
BasePlace = Literal["title", "head", "row", "column"]


@dataclass(frozen=True, slots=True)
class Row:
    """One category: its cells, one for each group side by side, and their base if shared."""

    label: str
    base: int | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that stand together; `heading` is the group in a stacked table, else empty."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is shown.

    `heads` are the groups side by side; one empty head where nothing needs to be said.
    `bases` has one base a head, None where its rows differ or nothing was asked; `place`
    says where the reader finds them. `notes` are the footnotes, with the meaning of "/".
    """

    title: str
    header: str
    heads: tuple[str, ...]
    bases: tuple[int | None, ...]
    sections: tuple[Section, ...]
    place: BasePlace
    notes: tuple[str, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all sections."""
        return tuple(row for section in self.sections for row in section.rows)


def layout(table: Table) -> Layout:
    """Lay out a table: stacked where no two groups share a category, else side by side.

    A category that a group beside others lacks reads as not asked. Raises DataError where
    two cells have the same group and category, or a cell's group is not the table's.
    """
    cells = {(cell.group, cell.category): cell for cell in table.cells}
    if len(cells) < len(table.cells) or not {group for group, _ in cells} <= {*table.groups}:
        raise DataError(
            "twee cellen hebben dezelfde groep en categorie, of een groep is onbekend",
            place=f"tabel {table.number}",
            remedy="Geef elke keuze en elke groep van deze tabel in study.yaml een eigen label.",
        )
    stacked = len(table.groups) > 1 and len(cells) == len(table.categories)
    if stacked:
        heads: tuple[str, ...] = ("",)
        found = ((g, tuple(_row(c) for c in table.cells if c.group == g)) for g in table.groups)
        sections = tuple(Section(group, rows) for group, rows in found if rows)
    else:
        heads = ("",) if [group.casefold() for group in table.groups] == [WHOLE] else table.groups
        lines = (
            [
                cells.get((group, category), Cell(group, category, None, None))
                for group in table.groups
            ]
            for category in table.categories
        )
        sections = (Section("", tuple(_row(*line) for line in lines)),)
    rows = [row for section in sections for row in section.rows]
    bases = [_bases(row.cells[at] for row in rows) for at in range(len(heads))]
    everywhere = set().union(*bases)
    place: BasePlace
    if stacked or any(len(base) > 1 for base in bases):
        place = "row" if all(len(_bases(row.cells)) <= 1 for row in rows) else "column"
    else:
        place = "head" if len(everywhere) > 1 else "title"
    base = f" (N={number(*everywhere)})" if place == "title" and everywhere else ""
    asked = all(cell.n is not None or cell.hidden for row in rows for cell in row.cells)
    return Layout(
        title=f"Tabel {table.number}. {table.title.strip().rstrip('.')}{base}.",
        header=table.header,
        heads=heads,
        bases=tuple(_only(base) for base in bases),
        sections=sections,
        place=place,
        notes=table.footnotes if asked else (*table.footnotes, LEGEND),
    )


def _bases(cells: Iterable[Cell]) -> set[int]:
    asked = (cell for cell in cells if cell.n is not None or cell.hidden)
    return {cell.base for cell in asked if cell.base is not None}


def _only(bases: set[int]) -> int | None:
    return next(iter(bases)) if len(bases) == 1 else None


def _row(*cells: Cell) -> Row:
    return Row(cells[0].category, _only(_bases(cells)), cells)


def to_csv(tables: Sequence[Table]) -> bytes:
    """Return all cells of all tables as one CSV: UTF-8, LF, decimal points.

    Columns: `CSV_COLUMNS`, one row a cell; where groups were compared, also `hoger_dan` with
    letters. A category that was not asked has neither base, n nor percentage; a hidden
    figure is "·". A label that a spreadsheet would take for a formula gets an apostrophe
    before it, which `compare.read_printed` takes off again.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    marked = any(cell.marks for table in tables for cell in table.cells)
    writer.writerow((*CSV_COLUMNS, "hoger_dan") if marked else CSV_COLUMNS)
    for table in tables:
        for cell in table.cells:
            base = None if cell.n is None and not cell.hidden else cell.base
            labels = (table.number, table.title, cell.group, base, cell.category)
            figures = (HIDDEN, HIDDEN) if cell.hidden else (cell.n, cell.percent)
            marks = (cell.marks,) if marked else ()
            # a lone CR is not quoted by every Python version and would break the row
            line = ("" if x is None else str(x) for x in (*labels, *figures, *marks))
            writer.writerow(re.sub("^(?='*[=+@\t-])", "'", re.sub("\r\n?", "\n", x)) for x in line)
    return out.getvalue().encode()


def to_xlsx(tables: Sequence[Table]) -> bytes:
    """Return an Excel workbook: a sheet "Overzicht", then one sheet a table.

    Counts and percentages are real numbers (Excel shows them by its own locale), labels
    are always text. The same tables give the same bytes. Raises DataError as `layout`.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": "Tabellen", "created": CREATED})
    styles = {name: book.add_format(style) for name, style in sheet_styles().items()}
    plans = dict(zip(_sheet_names(tables), (layout(table) for table in tables), strict=True))
    _overview(_Sheet(book, "Overzicht", styles, (9, 70, 16, 13)), tables, plans)
    for name, plan in plans.items():
        longest = max((len(row.label) for row in plan.rows), default=0)
        columns = (11, 15, 9) if plan.place in ("row", "column") else (16, 11)
        widths = (min(60, max(36, longest + 2)), *(columns * len(plan.heads)))
        _table_sheet(_Sheet(book, name, styles, widths), plan)
    book.close()
    return out.getvalue()


def _sheet_names(tables: Sequence[Table]) -> list[str]:
    """Return names that Excel accepts: at most 31 characters, none forbidden, none twice."""
    names: dict[str, str] = {"overzicht": ""}
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
        bases = sorted(_bases(cell for row in plan.rows for cell in row.cells))
        extent = f"{number(bases[0])} tot {number(bases[-1])}" if bases else ""
        out.figure(at, 3, _only({*bases}), "count", extent)
    out.finish(1, 0)


def _table_sheet(out: _Sheet, plan: Layout) -> None:
    by_row = plan.place in ("row", "column")
    below = (BASE, COUNT, "%") if by_row else (COUNT, "%")
    step, last = len(below), len(out.widths) - 1
    starts = range(1, last + 1, step)
    out.text(0, 0, plan.title, "title", last)
    at = 2 if any(plan.heads) else 1
    if at == 2:
        out.text(1, 0, "", "corner")
        for col, head in zip(starts, plan.heads, strict=True):
            out.text(1, col, head, "head_centre", col + step - 1)
    out.text(at, 0, plan.header, "head")
    for col, text in enumerate(below * len(plan.heads), start=1):
        out.text(at, col, text, "head_right")
    at += 1
    if not by_row:
        out.text(at, 0, BASE, "base_label")
        for place, (col, base) in enumerate(zip(starts, plan.bases, strict=True)):
            empty = empty_text(plan.rows[0].cells[place]) if plan.rows else NOT_ASKED
            out.figure(at, col, base, "base", empty)
            out.figure(at, col + 1, None, "base", "")
        at += 1
    top = at
    for section in plan.sections:
        if section.heading:
            out.text(at, 0, section.heading, "section", last)
            at += 1
        for row in section.rows:
            out.text(at, 0, row.label, "label")
            for col, cell in zip(starts, row.cells, strict=True):
                empty = empty_text(cell)
                if by_row:
                    out.figure(at, col, cell.base, "count", empty)
                out.figure(at, col + step - 2, cell.n, "count", empty)
                out.figure(at, col + step - 1, cell.percent, out.percent(cell.marks), empty)
            at += 1
    for below_at, note in enumerate(plan.notes, start=at):
        out.text(below_at, 0, note, "note", last)
    out.finish(top, 1)


def to_html(tables: Sequence[Table], heading: str, note: str) -> bytes:
    """Return one self-contained Dutch page (UTF-8): `heading`, `note`, contents, tables.

    The page fetches nothing and holds no script; all text is escaped. Raises DataError as
    `layout`.
    """
    environment = Environment(
        loader=PackageLoader("opentekst.results"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "count": count_text,
        "percent": percent_text,
        "base": base_text,
    }
    plans = [layout(table) for table in tables]
    page = environment.get_template("tables.html")
    return page.render(heading=heading, note=note, layouts=plans, count=COUNT).encode()


def to_terminal(tables: Sequence[Table]) -> Group:
    """Return the tables for a terminal: groups side by side, as many as its width holds.

    Raises DataError as `layout`.
    """
    return Group(*(_Terminal(layout(table)) for table in tables))


class _Terminal:
    """One table; groups for which the terminal is too narrow follow below the others."""

    def __init__(self, plan: Layout) -> None:
        self.plan = plan

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield title, table or tables, and notes."""
        plan, figures = self.plan, _figures(self.plan, "basis", "N", "%")
        label = max(map(len, " ".join(row.label for row in plan.rows).split()), default=0)
        width = max(map(len, (*" ".join(plan.heads).split(), figures)))
        step = max(1, (options.max_width - min(20, max(12, label))) // (width + 1))
        yield Text(plan.title, style="bold")
        for first in range(0, len(plan.heads), step):
            yield _terminal(plan, range(len(plan.heads))[first : first + step], width)
            yield ""
        yield from (Text(f"{note}\n", style="italic") for note in plan.notes)


def _terminal(plan: Layout, part: Sequence[int], width: int) -> RichTable:
    shown = RichTable(box=box.SIMPLE_HEAD, show_edge=False, padding=0)
    shown.add_column(Text(plan.header), vertical="bottom", overflow="fold")
    for at in part:
        base = base_text(plan.bases[at]).strip() if plan.place == "head" else ""
        head = (plan.heads[at].replace(" (", "\n("), base, _figures(plan, "basis", "N", "%"))
        text = Text("\n".join(filter(None, head)), justify="right")
        shown.add_column(text, justify="right", vertical="bottom", width=width)
    for section in plan.sections:
        if section.heading:
            shown.add_row(Text(section.heading, style="bold"))
        for row in section.rows:
            label = row.label + (base_text(row.base) if plan.place == "row" else "")
            shown.add_row(Text(label), *(_cell_text(plan, row.cells[at]) for at in part))
        shown.add_section()
    return shown


def _figures(plan: Layout, base: str, n: str, percent: str) -> str:
    figures = f"{n:>5} {percent:>6}"
    return f"{base:>5} {figures}" if plan.place == "column" else figures


def _cell_text(plan: Layout, cell: Cell) -> Text:
    base = HIDDEN if cell.hidden and cell.base is None else number(cell.base)
    line = _figures(plan, base, count_text(cell), percent_text(cell))
    return Text(line, no_wrap=True)
