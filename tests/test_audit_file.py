"""Printed tables recomputed: the 2021 report, our own tables, and tables made to be wrong."""

from __future__ import annotations

import csv
import io
import itertools
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from opentekst.cli import app
from opentekst.errors import DataError
from opentekst.pipeline.printed_tables import audit_file, read
from opentekst.results import grim
from opentekst.results.audit import audit_table
from opentekst.results.audit_column import Flaw
from opentekst.results.claims import audit_text, claims
from opentekst.results.printed import PrintedTable, whole_number
from opentekst.results.printed_grid import from_csv, from_rows
from opentekst.results.printed_office import shown
from opentekst.results.printed_text import from_text
from opentekst.study import Study

ROOT = Path(__file__).parents[1]
REPORT = ROOT.parent / "shared" / "seed" / "rapport_eenzaamheid_2021.txt"
AS_DATA = ROOT / "data" / "rapport" / "tabellen.csv"
needs_report = pytest.mark.skipif(not REPORT.exists(), reason="the report's text is not here")

YOUNG, YOUNG_ADULTS = "Jongeren (13-17 jaar)", "Jongvolwassenen (18-25 jaar)"
ADULTS, OLDER = "Volwassenen (26-59 jaar)", "Ouderen (60+)"
MEANING = (
    "Ik heb het gevoel dat ons lokaal bestuur van betekenis is voor de aanpak van eenzaamheid in"
    " onze gemeente/stad"
)
PARTNERS = (
    "Het lokaal bestuur beschikt over voldoende samenwerkingsverbanden met bv. externe en interne"
    " partners om eenzaamheid aan te pakken"
)

Expected = tuple[str, str, str, str, str, str]

# Every flaw in the report's tables, worked out by hand from the print: kind, table, column, row,
# what is printed, and (in part) what would fit. Tables 1, 3, 4, 6 to 11 and 13 have none.
IN_TABLES: set[Expected] = {
    ("printed_base", "2", "totaal", "", "basis 233", "basis 213"),
    ("no_base", "5", "Helemaal eens", MEANING, "159 (74,4%)", "159 van 213 is 74,6%"),
    ("rounding", "5", "Oneens", PARTNERS, "47 (22%)", "47 van 213 is 22,1%"),
    ("changing_base", "12", YOUNG, "", "geen basis", "Onthaal sociale dienst 47"),
    ("no_common_base", "12", YOUNG_ADULTS, "", "geen basis", "Huisbezoeken 20"),
    ("no_base", "12", YOUNG_ADULTS, "(Telefonisch) meldpunt", "12 (47,2%)", "48,0% (van 25)"),
    ("no_base", "12", YOUNG_ADULTS, "Signaalfunctie via externe kanalen", "13 (64,8%)", "65,0%"),
    ("no_base", "12", YOUNG_ADULTS, "Signaalfunctie via gemeentelijke kanalen", "10 (72,9%)", ""),
    ("no_base", "12", YOUNG_ADULTS, "Sleutelfiguren in de buurt", "2 (26,5%)", "25,0% (van 8)"),
    ("no_base", "12", YOUNG_ADULTS, "Vertrouwenspersoon buurtniveau", "7 (41,6%)", "(van 17)"),
    ("no_base", "12", YOUNG_ADULTS, "Jeugdhuizen", "11 (62,8%)", "61,1% (van 18)"),
    ("no_base", "12", YOUNG_ADULTS, "Scholen", "12 (63,9%)", "63,2% (van 19)"),
    ("no_base", "12", YOUNG_ADULTS, "Jeugdbeweging", "7 (51,3%)", "50,0% (van 14)"),
    ("no_common_base", "12", ADULTS, "", "geen basis", "Onthaal sociale dienst 63"),
    ("rounding", "12", ADULTS, "Signaalfunctie via gemeentelijke kanalen", "37 (65%)", "64,9%"),
    ("no_base", "12", ADULTS, "Sleutelfiguren in de buurt", "32 (55,1%)", "55,2% (van 58)"),
    ("no_base", "12", ADULTS, "Vertrouwenspersoon buurtniveau", "32 (48,3%)", "48,5% (van 66)"),
    ("no_common_base", "12", OLDER, "", "geen basis", "Sleutelfiguren in de buurt 188"),
    ("no_base", "12", OLDER, "Huisbezoeken", "182 (88,7%)", "88,8% (van 205)"),
    ("no_base", "12", OLDER, "(Telefonisch) meldpunt", "172 (85,5%)", "85,6% (van 201)"),
    ("no_base", "12", OLDER, "Signaalfunctie via externe kanalen", "171 (84,6%)", "84,7%"),
    ("no_base", "12", OLDER, "Signaalfunctie via gemeentelijke kanalen", "124 (64,3%)", "64,2%"),
    ("no_base", "12", OLDER, "Vertrouwenspersoon buurtniveau", "95 (49,4%)", "49,5% (van 192)"),
    ("other_base", "14", YOUNG_ADULTS, "Bibliotheek", "13 (23,6%)", "13 van 38 is 34,2%"),
}  # fmt: skip


def assert_exactly(flaws: tuple[Flaw, ...], expected: set[Expected]) -> None:
    """Assert that these flaws were found, each with what would make it right, and no other."""
    fits = {(f.kind, f.table.removeprefix("tabel "), f.group, f.row): f for f in flaws}
    assert len(fits) == len(flaws)
    assert set(fits) == {one[:4] for one in expected}
    for one in expected:
        found = fits[one[0], one[1], one[2], one[3]]  # type: ignore[index]
        assert found.printed.startswith(one[4]) and one[5] in found.fits, found


@needs_report
def test_the_report_is_audited_from_its_text() -> None:
    found = audit_file(REPORT)
    assert_exactly(tuple(f for f in found.flaws if f.table != "tekst"), IN_TABLES)
    (rate,) = found.in_text
    assert "233 van de 300 (77%)" in rate.printed and "is 78% (afgekapt" in rate.fits
    assert found.left_out == ()


@needs_report
def test_every_cell_of_the_report_is_read_from_its_text() -> None:
    from_print = {
        (table.number, cell.group, cell.category): (cell.n, cell.percent)
        for table in read(REPORT).tables
        for cell in table.cells
    }
    misprint = "zorg en steun vaak geborden door professionals"  # spelled right in the data
    mended = {
        (
            table,
            group,
            row.replace(misprint, "zorg en steun, vaak geboden door professionals"),
        ): both
        for (table, group, row), both in from_print.items()
    }
    assert mended == {
        (t.number, c.group, c.category): (c.n, c.percent)
        for t in read(AS_DATA).tables
        for c in t.cells
    }


def test_the_reports_tables_as_data_give_the_same_findings() -> None:
    assert_exactly(audit_file(AS_DATA).flaws, IN_TABLES)


@pytest.mark.parametrize("name", ["tabellen.csv", "tabellen.xlsx"])
def test_our_own_tables_have_nothing_to_find(example: Path, name: str) -> None:
    found = audit_file(example / "results" / "tables" / name)
    assert found.flaws == ()
    assert len(found.tables) == len(Study.open(example).file.tables)
    unchecked = [c.cells - c.checked for one in found.tables for c in one.columns]
    assert sum(unchecked) == 0


def test_a_percentage_mistyped_in_our_workbook_is_found(example: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(example / "results" / "tables" / "tabellen.xlsx")
    sheet = book["Tabel 9"]
    assert sheet["C5"].value == 74.1
    sheet["C5"] = 47.1
    book.save(tmp_path / "getypt.xlsx")
    first, second = audit_file(tmp_path / "getypt.xlsx").flaws
    assert (first.kind, first.table, first.row) == ("other_base", "tabel 9", "Ja")
    assert first.fits == "40 van 54 is 74,1%; alleen basis 85 geeft 47,1%"
    assert (second.kind, second.printed) == ("sum", "percentages samen 73,1")


def only_table(text: str) -> PrintedTable:
    (table,) = from_text(text).tables
    return table


HEADS = "\n\nAntwoord Aantal gemeenten (N) Percentage (%)\n\n"


@pytest.mark.parametrize(
    ("caption", "rows", "kind", "row", "fits"),
    [
        ("Tabel 1. A (N=40).", "Flyer 20 50,0\n\nSite 13 32,5\n\nAndere 41 99,9",
         "above_base", "Andere", "een basis van minstens"),
        ("Tabel 1. A (N=40).", "Flyer 20 50,0\n\nSite 13 32,5\n\nAndere 4 110,0",
         "over_100", "Andere", "ten hoogste 100"),
        ("Tabel 1. A (N=40).", "Flyer 20 50,0\n\nSite 13 32,5\n\nAndere 4 11,0",
         "no_base", "Andere", "4 van 40 is 10,0%"),
        ("Tabel 1. A (N=40).", "Flyer 20 50,0\n\nSite 13 32,5\n\nAndere 4 12,5",
         "other_base", "Andere", "alleen basis 32 geeft 12,5%; 12,5% is 5 van 40"),
        ("Tabel 1. A (N=41).", "Flyer 20 50,0\n\nSite 13 32,5\n\nAndere 7 17,5",
         "printed_base", "", "basis 40, voor alle rijen"),
        ("Tabel 1. A (N=300).", "Flyer 233 77,6\n\nSite 200 66,6\n\nAndere 5 1,6",
         "rounding", "", "Flyer: 77,7%; Site: 66,7%; Andere: 1,7%"),
        ("Tabel 1. A.", "Flyer 233 77,6\n\nSite 200 66,6\n\nAndere 5 1,6",
         "rounding", "", "Flyer: 77,7%"),
        ("Tabel 1. A (N=40).", "Flyer 20 50,0\n\nSite 13 32,5\n\nAndere 13 32",
         "rounding", "Andere", "13 van 40 is 32,5%"),
        ("Tabel 1. A (N=40).", "Ja 30 75,0\n\nNee 20 50,0",
         "sum", "", "ten hoogste de basis, 40"),
    ],
)  # fmt: skip
def test_what_can_be_wrong_is_told_with_what_would_fit(
    caption: str, rows: str, kind: str, row: str, fits: str
) -> None:
    flaws = audit_table(only_table(caption + HEADS + rows)).flaws
    assert flaws and (flaws[0].kind, flaws[0].row) == (kind, row)
    assert fits in flaws[0].fits


@pytest.mark.parametrize(
    "text",
    [
        "Tabel 1: Kanalen (N = 40)\nKanaal\tn\t%\nFlyer\t27\t67,5\nEigen site\t30\t75,0\n",
        "Tabel 1. Kanalen (n=40).\n\nKanaal n (%)\nFlyer 27 (67,5%)\nEigen site 30 (75,0%)\n",
        "Tabel 1 Kanalen (N=40)\n\nKanaal Aantal %\n\nFlyer 27 67,5 %\nEigen\nsite 30 75,0 %\n\n"
        "Bron: eigen bevraging in 2021. Het aantal ligt hoger dan het percentage doet vermoeden.",
    ],
)
def test_tables_pasted_in_other_ways_are_read_too(text: str) -> None:
    table = only_table(text)
    assert (table.number, table.title, table.base) == ("1", "Kanalen", 40)
    assert [(c.category, c.n, str(c.percent)) for c in table.cells] == [
        ("Flyer", 27, "67.5"),
        ("Eigen site", 30, "75.0"),
    ]


def test_a_table_said_to_have_one_answer_a_unit_may_not_pass_100() -> None:
    table = only_table(f"Tabel 1. A (N=40).{HEADS}Flyer 30 75,0\n\nSite 20 50,0")
    assert audit_table(table).flaws == ()
    counts, percents = audit_table(table, single=True).flaws
    assert (counts.printed, percents.printed) == ("aantallen samen 50", "percentages samen 125,0")


ACROSS = """Tabel 1. Aanpak per provincie.

Ja

Nee

Aantal (N) % Aantal (N) %

Antwerpen 30 62,5 18 37,5

Limburg 21 51,2 20 48,8

Vlaams-Brabant 7 {} 13 65,0
"""


def test_percentages_that_go_by_row_have_the_sum_of_the_row_as_base() -> None:
    right = audit_table(only_table(ACROSS.format("35,0")))
    assert right.flaws == () and right.remarks[0].startswith("de percentages gaan per rij")
    (flaw,) = audit_table(only_table(ACROSS.format("53,0"))).flaws
    assert (flaw.group, flaw.row) == ("Ja", "Vlaams-Brabant")
    assert flaw.fits == "7 van 20 is 35,0%"


def test_a_caption_that_the_rows_deny_is_remarked_upon_and_the_rows_count() -> None:
    table = only_table(f"Tabel 1. A (N=50).{HEADS}Een (N=40) 20 50,0\n\nTwee (N=41) 14 34,1")
    told = audit_table(table)
    assert told.flaws == ()
    assert told.remarks == ("de titel noemt basis 50, de tabel zelf 40 tot 41",)


def test_percentages_without_counts_are_judged_by_their_base() -> None:
    rows = [["Tabel 1. A (N=30)"], ["", "%"], ["Flyer", "46,7"], ["Site", "47,2"]]
    (table,) = from_rows(rows, "blad")
    (flaw,) = audit_table(table).flaws
    assert (flaw.kind, flaw.row) == ("no_count", "Site")
    assert flaw.fits == "46,7% (14 van 30) of 50,0% (15 van 30)"


def test_a_base_above_columns_of_bare_percentages_is_theirs() -> None:
    rows = [["Tabel 1. A (N=30)"], ["", "Ja %", "Nee %"], ["Flyer", "46,7", "53,3"],
            ["Site", "10,0", "90,0"], ["Andere", "47,2", "50,0"]]  # fmt: skip
    (table,) = from_rows(rows, "blad")
    (flaw,) = audit_table(table).flaws
    assert (flaw.kind, flaw.group, flaw.row) == ("no_count", "Ja", "Andere")


def test_a_dropped_zero_is_no_flaw() -> None:
    table = only_table(
        f"Tabel 1. A.{HEADS}Flyer 12 60\n\nSite 13 65\n\nAndere 1 5,0\n\nGeen 3 15,0"
    )
    assert audit_table(table).flaws == ()


@pytest.mark.parametrize(
    ("sentence", "fits"),
    [
        ("Van de 216 gemeenten namen 207 gemeenten (95%) maatregelen.", "207 van 216 is 96%"),
        ("Dat is 61%, 131 van de 213 gemeenten.", "131 van 213 is 62%"),
        ("Van de 30 gemeenten (N=30) zegt 47,2% ja.", "46,7% (14 van 30) of 50,0% (15 van 30)"),
        ("Een gemeentelijk infoblad gebruikt 35,0% ervan.", "in de tabel: 27 (67,5%)"),
    ],
)
def test_text_that_denies_the_figures_is_found(sentence: str, fits: str) -> None:
    table = only_table(f"Tabel 1. A (N=40).{HEADS}Gemeentelijk infoblad 27 67,5\n\nFlyer 10 25,0")
    (flaw,) = audit_text([sentence], [table])
    assert flaw.kind == "text" and fits in flaw.fits


@pytest.mark.parametrize(
    "sentence",
    [
        "Van de 216 gemeenten namen 207 gemeenten (96%) maatregelen.",
        "Ongeveer 77% van de 233 gemeenten, en bijna 75% van de 300.",
        "Een gemeentelijk infoblad gebruikt 68% ervan.",
        "Een gemeentelijk infoblad gebruikt meer dan 60% ervan.",
        "Een gemeentelijk infoblad gebruikt 25,0% wel en 35,0% niet.",
        "In 2018 deed 40 à 50% van de besturen mee, van 12 tot 17 jaar.",
    ],
)
def test_text_that_may_be_right_gives_no_alarm(sentence: str) -> None:
    table = only_table(f"Tabel 1. A (N=40).{HEADS}Gemeentelijk infoblad 27 67,5\n\nFlyer 10 25,0")
    assert audit_text([sentence], [table]) == []


def test_a_word_document_is_read_with_its_captions_and_its_text(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("In totaal antwoordden 233 van de 300 gemeenten (77%).")
    document.add_paragraph("Tabel 1. Kanalen.")
    table = document.add_table(rows=4, cols=5)
    for at, row in enumerate(
        [
            ["", "Jongeren", "", "Ouderen", ""],
            ["Kanaal", "Aantal (N)", "%", "Aantal (N)", "%"],
            ["Flyer", "27", "67,5", "147", "87,5"],
            ["Site", "30", "75,0", "119", "71,8"],
        ]
    ):
        for cell, text in zip(table.rows[at].cells, row, strict=True):
            cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 3).merge(table.cell(0, 4))
    document.save(tmp_path / "rapport.docx")
    found = audit_file(tmp_path / "rapport.docx")
    (one,) = found.tables
    assert (one.table.number, one.table.groups) == ("1", ("Jongeren", "Ouderen"))
    assert [(f.kind, f.group, f.row) for f in found.flaws] == [
        ("no_common_base", "Ouderen", ""),
        ("no_base", "Ouderen", "Site"),
        ("text", "", ""),
    ]


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["audit", *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_says_what_it_found_and_writes_it(tmp_path: Path) -> None:
    code, out, _ = run(str(AS_DATA), "--to", str(tmp_path / "lijst.xlsx"))
    assert code == 1
    assert "basis 213, voor alle rijen" in out and "Verder:" in out
    assert "kans dat verzonnen percentages ook zouden kloppen: minder dan 1 op een miljoen" in out
    rows = list(openpyxl.load_workbook(tmp_path / "lijst.xlsx")["Bevindingen"].values)
    assert len(rows) == 1 + len(IN_TABLES)
    assert (rows[1][0], rows[1][3]) == ("tabel 2", "de gedrukte basis past niet")
    code, out, _ = run(str(AS_DATA), "--json", "--to", str(tmp_path / "lijst.csv"))
    data = json.loads(out)
    assert (code, len(data["tables"]), len(data["findings"])) == (1, 14, len(IN_TABLES))
    listed = list(csv.reader((tmp_path / "lijst.csv").read_text("utf-8-sig").splitlines()))
    assert len(listed) == 1 + len(IN_TABLES)


def test_a_table_without_flaws_ends_well_and_a_weak_check_is_said_to_be_weak(
    tmp_path: Path,
) -> None:
    (tmp_path / "een.csv").write_text("Antwoord;N;%\nJa;131;61,5\n", "utf-8")
    code, out, _ = run(str(tmp_path / "een.csv"))
    assert code == 0
    assert "zegt hier dus weinig" in out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("weg.csv", None, "niet te lezen"),
        ("leeg.txt", b"Geen tabel, wel tekst.", "geen tabel met percentages"),
        ("rapport.pdf", b"%PDF", "kopieer de tekst naar een .txt"),
        ("kapot.xlsx", b"PK nee", "geen leesbaar Excel-bestand"),
        ("t.csv", b"tabel,titel,groep,basis_gedrukt,categorie,n,procent\n1,T,g,9,a,x,5\n",
         "rij 2, kolom 'n'"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_audited_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    code, _, told = run(str(tmp_path / name))
    assert code == 2
    assert said in told and "Wat u kunt doen" in told


def test_a_list_is_never_written_over_the_file_that_is_audited(tmp_path: Path) -> None:
    source = tmp_path / "t.csv"
    source.write_bytes(AS_DATA.read_bytes())
    code, _, told = run(str(source), "--to", str(source))
    assert (code, source.read_bytes()) == (2, AS_DATA.read_bytes())
    assert "niet die van het bestand zelf" in told
    with pytest.raises(DataError, match="99"):
        audit_file(source, ["99"])


percents = st.integers(0, 1000).map(lambda units: Decimal(units).scaleb(-1)) | st.integers(
    0, 100
).map(Decimal)


@given(st.integers(0, 60), percents)
def test_the_bases_are_those_that_counting_finds(n: int, percent: Decimal) -> None:
    found = grim.bases(n, percent)
    window = range(max(n, 1), 600)
    assert [b for b in window if grim.rounds_to(n, b, percent)] == [b for b in window if b in found]
    cut = grim.bases(n, percent, truncated=True)
    places = grim.decimals(percent)
    exact = [b for b in window if grim.shown(n, b, places, "truncated") == percent]
    assert n == 0 or exact == [b for b in window if b in cut]


@given(st.integers(1, 300), percents)
def test_the_counts_are_those_that_counting_finds(base: int, percent: Decimal) -> None:
    found = grim.counts(base, percent)
    assert list(found) == [n for n in range(base + 1) if grim.rounds_to(n, base, percent)]


@settings(max_examples=15)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=2))
def test_the_chance_of_a_base_is_the_share_of_all_columns_that_have_one(counts: list[int]) -> None:
    def printed(n: int, base: int) -> int:
        return (200 * n + base) // (2 * base)  # whole percents, halves up

    bases = range(max(counts), 200 * max(counts) + 2)
    reachable = {tuple(printed(n, base) for n in counts) for base in bases}
    columns = itertools.product(range(101), repeat=len(counts))
    share = Fraction(sum(column in reachable for column in columns), 101 ** len(counts))
    assert grim.chance_of_a_base([(n, 0) for n in counts]) == share


@given(st.integers(1, 3000), st.integers(0, 1))
def test_the_chance_of_a_count_is_the_share_of_percentages_that_have_one(
    base: int, places: int
) -> None:
    units = range(100 * 10**places + 1)
    some = {(200 * n * 10**places + base) // (2 * base) for n in range(base + 1)}
    assert grim.chance_of_a_count(base, places) == Fraction(len(some), len(units))


@st.composite
def columns(draw: st.DrawFn, highest: int = 400) -> tuple[int, list[int], list[Decimal]]:
    """A base, counts, and their percentages, rounded by either rule for halves."""
    base = draw(st.integers(1, highest))
    counts = draw(st.lists(st.integers(0, base), min_size=1, max_size=8))
    places = draw(st.integers(0, 2))
    rule: grim.Rule = draw(st.sampled_from(["half_up", "half_even"]))
    return base, counts, [grim.shown(n, base, places, rule) for n in counts]


def as_text(base: int | None, columns_: list[tuple[list[int], list[Decimal]]]) -> str:
    """Print columns of equal length as the text of a report has them."""
    head = "Tabel 1. Kanalen." if base is None else f"Tabel 1. Kanalen (N={base})."
    names = "\n\n".join(f"Groep {at}" for at, _ in enumerate(columns_)) if columns_[1:] else ""
    measures = " ".join(["Aantal gemeenten (N) %"] * len(columns_))
    rows = [
        " ".join(
            [f"Kanaal {'abcdefgh'[at]}"]
            + [f"{counts[at]} {f'{shares[at]}'.replace('.', ',')}" for counts, shares in columns_]
        )
        for at in range(len(columns_[0][0]))
    ]
    return "\n\n".join([head, names, measures, *rows]) + "\n"


@given(columns(), st.booleans(), st.integers(1, 3))
def test_a_table_that_was_counted_and_rounded_never_gives_a_finding(
    column: tuple[int, list[int], list[Decimal]], with_base: bool, groups: int
) -> None:
    base, counts, shares = column
    table = only_table(as_text(base if with_base else None, [(counts, shares)] * groups))
    assert [(c.n, c.percent) for c in table.column(table.groups[0])] == [
        *zip(counts, shares, strict=True)
    ]
    assert len(table.groups) == groups
    assert audit_table(table).flaws == ()
    lines = [f"k{at};{n};{p}" for at, (n, p) in enumerate(zip(counts, shares, strict=True))]
    sheet = from_csv("\n".join(["Kanaal;N;%", *lines]), "t.csv")
    assert audit_table(sheet.tables[0]).flaws == ()


@given(columns(highest=40), st.booleans(), st.data())
def test_a_changed_digit_is_found_whenever_no_whole_number_fits(
    column: tuple[int, list[int], list[Decimal]], with_base: bool, data: st.DataObject
) -> None:
    base, counts, shares = column
    row = data.draw(st.integers(0, len(counts) - 1))
    digits = list(f"{shares[row]}")
    at = data.draw(st.sampled_from([i for i, digit in enumerate(digits) if digit != "."]))
    digits[at] = data.draw(st.sampled_from("0123456789"))
    changed = Decimal("".join(digits))
    assume(changed != shares[row] and min(s for s in (*shares, changed)) >= 5)
    shares = [*shares[:row], changed, *shares[row + 1 :]]
    possible = [base] if with_base else range(max(counts), 1000)  # 5% of 40 gives 889 at most
    fits = any(
        all(n <= b and grim.rounds_to(n, b, p) for n, p in zip(counts, shares, strict=True))
        for b in possible
    )
    table = only_table(as_text(base if with_base else None, [(counts, shares)]))
    flaws = audit_table(table).flaws
    assert flaws if not fits else not [f for f in flaws if f.kind != "sum"]


@given(st.text(max_size=300))
def test_any_text_at_all_can_be_read(text: str) -> None:
    document = from_text(text)
    for table in document.tables:
        audit_table(table)
    claims(document.prose)


@given(st.integers(0, 10**7))
def test_a_count_reads_as_it_prints_in_dutch(n: int) -> None:
    assert whole_number(f"{n:,}".replace(",", ".")) == whole_number(str(n)) == n


@pytest.mark.parametrize(
    ("value", "form", "as_shown"),
    [(74.0740, "0.0", "74.1"), (0.7407, "0.0%", "74.1"), (15.0, "General", "15"),
     (1204, "#,##0", "1204"), (0.5, '0" %"', "1"), ("/", "General", "/"), (None, "0", "")],
)  # fmt: skip
def test_an_excel_figure_reads_as_it_shows(value: object, form: str, as_shown: str) -> None:
    assert shown(value, form) == as_shown


def test_a_sheet_that_does_not_begin_in_its_corner_is_read() -> None:
    text = "\n\n,Kanalen (N=40),,\n,,Aantal,%\n,Flyer,27,67.5\n,Site,31,75.0\n,Bron: wij,,\n"
    (table,) = from_csv(text, "t.csv").tables
    assert (table.title, table.base) == ("Kanalen", 40)
    (flaw,) = audit_table(table).flaws
    assert (flaw.row, flaw.fits) == ("Site", "31 van 40 is 77,5%; 75,0% is 30 van 40")


def test_a_table_as_a_belgian_excel_saves_it_is_read_with_its_total() -> None:
    text = (
        "Tabel 4. Regio\nRegio;Aantal;%;Cumulatief %\nAntwerpen;69;23,0;23,0\n"
        "Limburg;42;14,1;37,0\nTotaal;300;100;\n"
    )
    (table,) = from_csv(text, "t.csv").tables
    (flaw,) = audit_table(table).flaws
    assert (table.groups, flaw.row, flaw.fits) == (
        ("totaal",), "Limburg", "42 van 300 is 14,0%; alleen basis 297 tot 298 geeft 14,1%"
    )  # fmt: skip


def test_a_workbook_is_read_from_bytes_without_a_study(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ([None, "Jongeren", None], ["Kanaal", "N", "%"], ["Flyer", 1, 0.3333333]):
        sheet.append(row)
    sheet["C3"].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    (tmp_path / "blad.xlsx").write_bytes(out.getvalue())
    (one,) = audit_file(tmp_path / "blad.xlsx").tables
    assert one.columns[0].group == "Jongeren"
    assert list(one.columns[0].bases) == [3]
