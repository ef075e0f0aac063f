"""The four forms of a frequency table: CSV, Excel, HTML and terminal."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from opentekst.errors import DataError
from opentekst.model import Cell, Table
from opentekst.results.excel import to_xlsx
from opentekst.results.export import (
    CSV_COLUMNS,
    layout,
    to_csv,
    to_html,
    to_terminal,
)

REPORT = Path(__file__).parents[1] / "data" / "rapport" / "tabellen.csv"
AGES = ("Jongeren (13-17 jaar)", "Jongvolwassenen (18-25 jaar)", "Volwassenen (26-59 jaar)",
        "Ouderen (60+)")  # fmt: skip
# the report leaves these out; they follow from its counts and percentages
BASES = {
    "9": (54, 45, 73, 214),
    "10": (40, 25, 52, 168),
    "11": (51, 43, 69, 212),
    "13": (51, 40, 66, 211),
    "14": (49, 38, 66, 211),
}
NASTY = '<script>alert("x")</script>'


def _base(row: dict[str, str]) -> int | None:
    if not row["n"]:
        return None
    if row["tabel"] in BASES:
        return BASES[row["tabel"]][AGES.index(row["groep"])]
    return int(row["basis_gedrukt"] or round(100 * int(row["n"]) / float(row["procent"])))


def report_tables() -> list[Table]:
    """Return the report's fourteen tables."""
    rows = list(csv.DictReader(REPORT.read_text("utf-8").splitlines()))
    tables = []
    for name in dict.fromkeys(row["tabel"] for row in rows):
        own = [row for row in rows if row["tabel"] == name]
        groups = tuple(dict.fromkeys(row["groep"] for row in own))
        cells = tuple(
            Cell(r["groep"], r["categorie"], int(r["n"]) if r["n"] else None, _base(r)) for r in own
        )
        header = "Stelling" if name == "5" else "Antwoord"
        tables.append(Table(name, own[0]["titel"], header, groups, cells))
    return tables


TABLES = report_tables()
BY_NUMBER = {table.number: table for table in TABLES}


def simple(*labels: str, number: str = "1", title: str = "Proef", footnote: str = "") -> Table:
    """Return a table of one group in which each label was counted 1 time on 8."""
    cells = tuple(Cell("totaal", label, 1, 8) for label in labels)
    return Table(number, title, "Antwoord", ("totaal",), cells, (footnote,) if footnote else ())


def sheet_values(data: bytes, sheet: str) -> list[tuple[object, ...]]:
    """Return the values of a sheet, row by row."""
    return list(openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True))


class Page(HTMLParser):
    """Collects the tags, the attributes and the text of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if data.strip():
            self.texts.append(data.strip())


def terminal(*tables: Table, width: int = 100) -> str:
    """Return what a terminal of `width` characters shows."""
    console = Console(width=width, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(to_terminal(tables))
    return capture.get()


@pytest.mark.parametrize(
    ("number", "place"), [("1", "title"), ("5", "row"), ("9", "head"), ("12", "column")]
)
def test_bases_stand_once_where_they_are_shared(number: str, place: str) -> None:
    assert layout(BY_NUMBER[number]).place == place


def test_bases_that_differ_by_row_but_not_by_group_stand_behind_the_label() -> None:
    cells = tuple(Cell(g, c, 1, b) for c, b in (("a", 8), ("b", 9)) for g in ("x", "y"))
    plan = layout(Table("1", "T", "H", ("x", "y"), cells))
    assert (plan.place, [row.base for row in plan.rows]) == ("row", [8, 9])


def test_disjoint_groups_are_stacked() -> None:
    plan = layout(BY_NUMBER["5"])
    assert [(s.heading, len(s.rows)) for s in plan.sections] == [
        ("Helemaal eens", 2),
        ("Oneens", 5),
    ]
    assert [row.base for row in plan.rows] == [213, 213, 212, 211, 212, 212, 213]
    assert plan.heads == ("",)


def test_groups_that_share_a_category_stand_side_by_side_with_a_stroke_for_the_rest() -> None:
    cells = (Cell("x", "a", 1, 8), Cell("y", "a", 2, 8), Cell("x", "b", 3, 8))
    plan = layout(Table("1", "T", "H", ("x", "y"), cells))
    assert [len(row.cells) for row in plan.rows] == [2, 2]
    assert plan.rows[1].cells[1].n is None
    assert plan.notes == ("/ = niet gevraagd in deze groep.",)


def test_the_title_reads_as_in_the_report() -> None:
    table = simple("Ja", number="1", title="Startperiode.")
    assert layout(table).title == "Tabel 1. Startperiode (N=8)."
    assert layout(BY_NUMBER["9"]).title.endswith("bewustmaking rond eenzaamheid.")


def test_a_group_where_nothing_was_asked_has_no_base() -> None:
    cells = (Cell("x", "a", 1, 8), Cell("y", "a", None, None))
    plan = layout(Table("1", "T", "H", ("x", "y"), cells))
    assert (plan.place, plan.bases) == ("title", (8, None))


@pytest.mark.parametrize(
    "cells", [(Cell("x", "a", 1, 8), Cell("x", "a", 2, 8)), (Cell("y", "a", 1, 8),)]
)
def test_a_table_that_would_lose_a_cell_is_refused(cells: tuple[Cell, ...]) -> None:
    with pytest.raises(DataError, match="tabel 7"):
        layout(Table("7", "T", "H", ("x",), cells))


def test_csv_equals_the_reports_own_file() -> None:
    expected = list(csv.DictReader(REPORT.read_text("utf-8").splitlines()))
    found = list(csv.DictReader(to_csv(TABLES).decode().splitlines()))
    assert len(found) == len(expected)
    differ = set()
    for ours, theirs in zip(found, expected, strict=True):
        assert tuple(ours) == CSV_COLUMNS
        assert [ours[k] for k in ("tabel", "titel", "groep", "categorie", "n")] == [
            theirs[k] for k in ("tabel", "titel", "groep", "categorie", "n")
        ]
        if theirs["basis_gedrukt"]:
            assert ours["basis_gedrukt"] == theirs["basis_gedrukt"]
        if Decimal(ours["procent"] or 0) != Decimal(theirs["procent"] or 0):
            differ.add((ours["tabel"], ours["categorie"].split()[0]))
    # what the report itself got wrong, given the bases that it prints
    known = {("2", "Ja"), ("2", "Nee"), ("5", "Ik"), ("5", "Het"), ("14", "Bibliotheek")}
    assert {(table, word) for table, word in differ if table != "12"} == known


def test_csv_is_plain_utf8_with_lf_and_points() -> None:
    cells = (Cell("totaal", "één; ja", 38, 233), Cell("totaal", "b", None, None))
    data = to_csv([Table("1", "T, U", "H", ("totaal",), cells)])
    assert data.decode() == (
        "tabel,titel,groep,basis_gedrukt,categorie,n,procent\n"
        '1,"T, U",totaal,233,één; ja,38,16.3\n'
        '1,"T, U",totaal,,b,,\n'
    )


labels = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)
counts = st.none() | st.tuples(st.integers(0, 500), st.integers(0, 500))


@settings(max_examples=60, deadline=None)
@given(labels, labels, st.lists(st.tuples(labels, labels, counts), max_size=6))
def test_csv_round_trip(
    number: str, title: str, rows: list[tuple[str, str, tuple[int, int] | None]]
) -> None:
    cells = tuple(Cell(g, c, *(pair or (None, None))) for g, c, pair in rows)
    table = Table(number, title, "H", tuple({c.group for c in cells}), cells)
    found = csv.DictReader(io.StringIO(to_csv([table]).decode(), newline=""))
    for row, cell in zip(found, cells, strict=True):
        texts = [row[name] for name in ("tabel", "titel", "groep", "categorie")]
        assert not [text for text in texts if text[:1] in {*"=+-@\t"}]
        bare = [re.sub(r"^'(?='*[=+@\t-])", "", text) for text in texts]
        assert bare == [number, title, cell.group, cell.category]
        assert row["n"] == ("" if cell.n is None else str(cell.n))
        assert row["basis_gedrukt"] == ("" if cell.base is None else str(cell.base))
        assert row["procent"] == ("" if cell.percent is None else str(cell.percent))


def test_csv_keeps_a_row_together_where_a_label_has_a_carriage_return() -> None:
    data = to_csv([simple("a\rb", "c\r\nd")])
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [row["categorie"] for row in rows] == ["a\nb", "c\nd"]


def test_xlsx_has_an_overview_and_one_sheet_a_table() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(TABLES)))
    assert book.sheetnames == ["Overzicht", *(f"Tabel {t.number}" for t in TABLES)]
    overview = book["Overzicht"]
    assert [cell.value for cell in overview[2]] == ["1", TABLES[0].title, "Tabel 1", 233]
    assert overview["C2"].hyperlink.location == "'Tabel 1'!A1"
    assert overview["D10"].value == "45 tot 214"


def test_xlsx_shows_groups_side_by_side_with_real_numbers() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(TABLES)))["Tabel 9"]
    assert [sheet.cell(2, col).value for col in (2, 4, 6, 8)] == list(AGES)
    assert [cell.value for cell in sheet[3]][1:3] == ["Aantal lokale besturen (N)", "%"]
    assert [cell.value for cell in sheet[4]] == [
        "Basis (N)", 54, None, 45, None, 73, None, 214, None
    ]  # fmt: skip
    assert [cell.value for cell in sheet[5]] == ["Ja", 40, 74.1, 25, 55.6, 52, 71.2, 168, 78.5]
    assert (sheet["B5"].number_format, sheet["C5"].number_format) == ("#,##0", "0.0")
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B5", "$1:$4")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)


def test_xlsx_gives_a_base_column_where_bases_differ_by_row() -> None:
    rows = sheet_values(to_xlsx(TABLES), "Tabel 5")
    assert rows[1] == ("Stelling", "Basis (N)", "Aantal lokale besturen (N)", "%")
    assert [row[0] for row in rows if row[1] is None][1:] == ["Helemaal eens", "Oneens"]
    assert rows[3][1:] == (213, 131, 61.5)
    wide = sheet_values(to_xlsx(TABLES), "Tabel 12")
    assert wide[3][:4] == ("Onthaal sociale dienst", 47, 32, 68.1)
    assert wide[-2][-3:] == ("/", "/", "/")


def test_xlsx_holds_text_where_a_label_looks_like_a_formula() -> None:
    risky = ("=1+1", "+1", "-1", "@SUM(A1)", "{=1+1}", "http://example.org")
    table = simple(*risky, number="=2", title="=3", footnote="=4")
    groups = Table("5", "T", "=5", risky, tuple(Cell(g, "=6", 1, 8) for g in risky))
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([table, groups])))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert {*risky, "=3", "=4", "=5", "=6"} <= {cell.value for cell in cells}


def test_xlsx_is_the_same_twice() -> None:
    assert to_xlsx(TABLES) == to_xlsx(TABLES)


def test_xlsx_sheet_names_are_accepted_and_unique() -> None:
    tables = [simple("a", number=n) for n in ("3/4", "3:4", "A" * 40, "a" * 40, "l'été")]
    names = openpyxl.load_workbook(io.BytesIO(to_xlsx(tables))).sheetnames[1:]
    assert names[:2] == ["Tabel 3-4", "Tabel 3-4 (2)"]
    assert len({name.casefold() for name in names}) == 5
    assert max(map(len, names)) <= 31


def test_html_is_dutch_and_fetches_nothing() -> None:
    page = Page(to_html(TABLES, "Tabellen", "Voorlopig."))
    assert page.tags[0] == ("html", {"lang": "nl"})
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "base", "form"}
    targets = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    for _, attrs in page.tags:
        assert "src" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        if href := attrs.get("href"):
            assert href[0] == "#" and href[1:] in targets
    assert not re.search(r"url\(|@import|https?://", to_html(TABLES, "T", "").decode())


def test_html_reads_as_the_report() -> None:
    page = Page(to_html(TABLES, "Tabellen", ""))
    assert sum(tag == "caption" for tag, _ in page.tags) == len(TABLES)
    assert "Tabel 1. Startperiode van de inzet voor eenzaamheid (N=233)." in page.texts
    assert {"16,3", "(N=54)", "(N=211)", "/"} <= {*page.texts}
    scopes = [attrs.get("scope") for tag, attrs in page.tags if tag == "th"]
    assert {*scopes} == {"col", "row", "colgroup", "rowgroup"}


def test_html_escapes_everything() -> None:
    group = Table("1", NASTY, NASTY, (NASTY, "b"), (
        Cell(NASTY, NASTY, 1, 8), Cell("b", NASTY, 1, 9)
    ), (NASTY,))  # fmt: skip
    stacked = Table("2", NASTY, "H", (NASTY, "b"), (Cell(NASTY, "x", 1, 8), Cell("b", "y", 1, 8)))
    data = to_html([group, stacked], NASTY, NASTY)
    page = Page(data)
    assert "script" not in {tag for tag, _ in page.tags}
    assert b"<script" not in data
    assert page.texts.count(NASTY) >= 7


def test_nothing_to_show_is_no_error() -> None:
    assert to_csv([]).decode() == ",".join(CSV_COLUMNS) + "\n"
    assert openpyxl.load_workbook(io.BytesIO(to_xlsx([]))).sheetnames == ["Overzicht"]
    assert "Er zijn nog geen tabellen." in Page(to_html([], "T", "")).texts
    empty = Table("1", "Leeg", "H", ("totaal",), ())
    assert "Tabel 1. Leeg." in terminal(empty)
    assert to_xlsx([empty]) and to_html([empty], "T", "")


def test_a_base_of_zero_has_no_percentage() -> None:
    table = Table("1", "T", "H", ("totaal",), (Cell("totaal", "a", 0, 0),))
    assert to_csv([table]).decode().splitlines()[1] == "1,T,totaal,0,a,0,"
    assert "–" in Page(to_html([table], "T", "")).texts
    assert sheet_values(to_xlsx([table]), "Tabel 1")[3] == ("a", 0, "–")
    assert "(N=0)" in terminal(table)


def test_terminal_shows_groups_side_by_side_in_dutch() -> None:
    shown = terminal(BY_NUMBER["9"])
    assert "74,1" in shown and "(N=54)" in shown
    assert re.search(r"Ja +40 +74,1 +25 +55,6 +52 +71,2 +168 +78,5", shown)
    assert "/ = niet gevraagd" in terminal(BY_NUMBER["14"])


def test_terminal_shows_stacked_blocks_and_plain_labels() -> None:
    shown = terminal(BY_NUMBER["5"])
    assert shown.index("Helemaal eens") < shown.index("131") < shown.index("Oneens")
    assert "(N=211)" in shown
    assert "[red]a[/red]" in terminal(simple("[red]a[/red]"))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_terminal_loses_no_number_on_a_narrow_screen(width: int) -> None:
    for table in TABLES:
        shown = terminal(table, width=width)
        for cell in table.cells:
            if cell.percent is not None:
                assert f"{cell.percent}".replace(".", ",") in shown
