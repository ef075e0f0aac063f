"""What an audit computes, held against counting it all; and the ways in which tables are read."""

from __future__ import annotations

import io
import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opentekst.pipeline.printed_tables import audit_file
from opentekst.results import grim
from opentekst.results.audit import audit_table
from opentekst.results.claims import claims
from opentekst.results.printed import whole_number
from opentekst.results.printed_grid import from_csv
from opentekst.results.printed_office import shown
from opentekst.results.printed_text import from_text
from test_audit_file import only_table

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
