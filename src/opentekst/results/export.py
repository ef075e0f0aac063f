"""Frequency tables as CSV, one HTML page and terminal output, all by one `layout`."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from opentekst.errors import DataError
from opentekst.model import Cell, Table
from opentekst.pages import templates
from opentekst.results.figures import (
    HIDDEN,
    base_text,
    count_text,
    number,
    percent_text,
)
from opentekst.results.intervals import INTERVAL, Estimates, interval_notes, interval_text

CSV_COLUMNS = ("tabel", "titel", "groep", "basis_gedrukt", "categorie", "n", "procent")
COUNT = "Aantal lokale besturen (N)"
BASE = "Basis (N)"
LEGEND = "/ = niet gevraagd in deze groep."
WHOLE = "totaal"  # the only group of a table without groups: it gets no head of its own
CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same tables give the same bytes

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
    `margins` holds the interval of a group and category as text; empty without estimates.
    """

    title: str
    header: str
    heads: tuple[str, ...]
    bases: tuple[int | None, ...]
    sections: tuple[Section, ...]
    place: BasePlace
    notes: tuple[str, ...]
    margins: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all sections."""
        return tuple(row for section in self.sections for row in section.rows)


def layout(table: Table, estimates: Estimates | None = None) -> Layout:
    """Lay out a table: stacked where no two groups share a category, else side by side.

    A category that a group beside others lacks reads as not asked. `estimates` may hold
    those of other tables too; a hidden cell shows none. Raises DataError where
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
    bases = [row_bases(row.cells[at] for row in rows) for at in range(len(heads))]
    everywhere = set().union(*bases)
    place: BasePlace
    if stacked or any(len(base) > 1 for base in bases):
        place = "row" if all(len(row_bases(row.cells)) <= 1 for row in rows) else "column"
    else:
        place = "head" if len(everywhere) > 1 else "title"
    base = f" (N={number(*everywhere)})" if place == "title" and everywhere else ""
    asked = all(cell.n is not None or cell.hidden for row in rows for cell in row.cells)
    keys = {(c.group, c.category): (table.number, c.group, c.category) for c in table.cells}
    guessed = {
        place: estimates[key]
        for place, key in keys.items()
        if estimates and key in estimates and not cells[place].hidden
    }
    notes = (*table.footnotes, *interval_notes(guessed.values()))
    return Layout(
        title=f"Tabel {table.number}. {table.title.strip().rstrip('.')}{base}.",
        header=table.header,
        heads=heads,
        bases=tuple(only(base) for base in bases),
        sections=sections,
        place=place,
        notes=notes if asked else (*notes, LEGEND),
        margins={place: interval_text(one) for place, one in guessed.items()},
    )


def row_bases(cells: Iterable[Cell]) -> set[int]:
    """Return the different bases of cells that were asked."""
    asked = (cell for cell in cells if cell.n is not None or cell.hidden)
    return {cell.base for cell in asked if cell.base is not None}


def only(bases: set[int]) -> int | None:
    """Return the base if there is just one."""
    return next(iter(bases)) if len(bases) == 1 else None


def _row(*cells: Cell) -> Row:
    return Row(cells[0].category, only(row_bases(cells)), cells)


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


def to_html(
    tables: Sequence[Table], heading: str, note: str, estimates: Estimates | None = None
) -> bytes:
    """Return one self-contained Dutch page (UTF-8): `heading`, `note`, contents, tables.

    The page fetches nothing and holds no script; all text is escaped. Raises DataError as
    `layout`.
    """
    environment = templates("opentekst.results")
    environment.filters |= {
        "number": number,
        "count": count_text,
        "percent": percent_text,
        "base": base_text,
    }
    plans = [layout(table, estimates) for table in tables]
    page = environment.get_template("tables.html")
    return page.render(
        heading=heading, note=note, layouts=plans, count=COUNT, interval=INTERVAL
    ).encode()


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
