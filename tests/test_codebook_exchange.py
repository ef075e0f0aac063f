"""Codebooks go to Excel, REFI-QDA, CSV and SKOS, and come back whole or with readable errors."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from opentekst.codebook import Code, Codebook
from opentekst.codebook.excel import read_excel, write_excel
from opentekst.codebook.handbook import handbook
from opentekst.codebook.incoming import FORBIDDEN, Incoming
from opentekst.codebook.merging import edits, merged
from opentekst.codebook.plain import read_csv, write_csv, write_skos
from opentekst.codebook.refi import read_qdc, write_qdc
from opentekst.errors import CodebookError

SHIPPED = [
    path
    for path in sorted((Path(__file__).parents[1] / "codebooks").glob("*.yaml"))
    if path.name not in ("afkortingen.yaml", "regels.yaml")
]
ROUND_TRIPS: Mapping[str, tuple[Callable[[Codebook], bytes], Callable[..., Incoming]]] = {
    "excel": (write_excel, read_excel),
    "qdc": (write_qdc, read_qdc),
    "csv": (write_csv, read_csv),
}
formats = pytest.mark.parametrize("form", ROUND_TRIPS)
NASTY = (
    "geld & 'tijd' <b>\"zeker\"</b>",
    "één regel\ntwee regels\n\n  derde, ingesprongen",
    "=SOM(A1:A9)",
    "-1 + 2 @ '=x",
    "'t is zo",
    "🧑‍🤝‍🧑 buren, naïef, cliënt, garçon, Čeština, 中文",
    "\\ met een streep, ↳ met een pijl",
    "[Wel]\n- niet echt\n[Code] nep",
    "_x0041_ en _x000D_",
    " spaties vooraan en achteraan ",
    "a\tb;c,d|e",
    "# geen opmerking: {nee} [ja] *a &b !c %d",
)

texts = st.text(
    st.one_of(
        st.sampled_from("ab é\n\t\r'\"=+-@\\↳[]#:&<>_x0;,😀\u2028\x85\u00a0"),
        st.characters(exclude_categories=["Cs"]).filter(lambda c: not FORBIDDEN.match(c)),
    ),
    max_size=30,
)
codes = st.builds(
    Code,
    id=st.just("x"),
    label=texts.filter(lambda text: bool(text.strip())),
    definition=texts,
    include=st.lists(texts, max_size=3).map(tuple),
    exclude=st.lists(texts, max_size=2).map(tuple),
    keywords=st.lists(texts, max_size=3).map(tuple),
    examples=st.lists(texts, max_size=3).map(tuple),
    status=st.sampled_from(["active", "retired"]),
)


@st.composite
def books(draw: st.DrawFn) -> Codebook:
    """A small codebook with any texts, up to three levels, in any order."""
    ids = ["a", "a.b", "a.b.c", "d", "d.e"]
    parents = {"a": "", "a.b": draw(st.sampled_from(["a", "", "d"])), "a.b.c": "a.b", "d": ""}
    parents["d.e"] = draw(st.sampled_from(["d", "a", ""]))
    made = [replace(draw(codes), id=name, parent=parents[name]) for name in ids]
    return Codebook("proef", 3, "Proef", tuple(draw(st.permutations(made))))


def big() -> Codebook:
    """300 codes on four levels, with everything in them that breaks files."""
    made: list[Code] = []

    def grow(above: str, depth: int) -> None:
        for number in range(1, 6):
            if len(made) == 300:
                return
            name = f"{above}.c{number}" if above else f"tak{number}"
            i = len(made)
            some = [NASTY[(i + k) % len(NASTY)] for k in range(5)]
            made.append(
                Code(
                    name,
                    f"{some[0]} {i % 144}".strip(),  # the last 156 labels are used twice
                    above,
                    some[1],
                    (some[2], some[3]),
                    (some[4],) if i % 3 else (),
                    (f"woord{i}*", some[0]),
                    tuple(some),
                    "retired" if i % 17 == 0 else "active",
                )
            )
            if depth < 3:
                grow(name, depth + 1)

    grow("", 0)
    return Codebook("groot", 7, "Groot & 'nasty'", tuple(made))


@formats
def test_300_codes_on_four_levels_survive(form: str) -> None:
    write, read = ROUND_TRIPS[form]
    book = big()
    assert len(book.codes) == 300
    assert max(len(book.path(code.id)) for code in book.codes) == 4
    again = read(write(book))
    assert not again.faults
    assert again.codes == book.codes
    assert read(write(book), book).codes == book.codes


@formats
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(book=books())
def test_any_texts_survive(form: str, book: Codebook) -> None:
    write, read = ROUND_TRIPS[form]
    again = read(write(book))
    assert not again.faults
    assert again.codes == book.codes


@formats
@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_codebook_comes_back_the_same_and_is_written_the_same(
    form: str, path: Path
) -> None:
    write, read = ROUND_TRIPS[form]
    book = Codebook.load(path)
    content = write(book)
    assert content == write(book)
    incoming = read(content, book)
    assert incoming.codes == book.codes
    assert merged(book, incoming.entries) is book


# Excel as people use it


def edited(book: Codebook, change: Callable[[Workbook], None]) -> Incoming:
    workbook = load_workbook(io.BytesIO(write_excel(book)))
    change(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return read_excel(out.getvalue(), book)


def small() -> Codebook:
    return Codebook(
        "klein",
        1,
        "Klein",
        (
            Code("geld", "Geld", definition="Nood aan geld.", keywords=("geld*", "budget")),
            Code("geld.werking", "Werkingsmiddelen", "geld"),
            Code("mensen", "Mensen", examples=("te weinig volk",)),
        ),
    )


def test_ids_are_locked_and_status_and_parent_have_a_list_to_choose_from() -> None:
    sheet = load_workbook(io.BytesIO(write_excel(small())))["Codes"]
    assert sheet.protection.sheet
    assert sheet["A2"].protection.locked
    assert not sheet["B2"].protection.locked
    assert not sheet["A6"].protection.locked, "een nieuwe code krijgt hier haar id"
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists == {"C2:C64": "$A$2:$A$64", "D2:D64": '"actief,vervallen"'}


def test_no_cell_is_a_formula() -> None:
    book = replace(small(), codes=(Code("a", "=1+1", definition="@x", keywords=("+a", "-b")),))
    workbook = load_workbook(io.BytesIO(write_excel(book)))
    cells = [c for row in workbook["Codes"].iter_rows() for c in row if c.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells if cell.row == 2)
    for line in csv.reader(io.StringIO(write_csv(book).decode("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)


def test_every_bad_cell_is_named_with_what_to_do_and_all_at_once() -> None:
    def spoil(workbook: Workbook) -> None:
        sheet = workbook["Codes"]
        sheet["A2"] = "centen"
        sheet["D3"] = "weg"
        sheet["C4"] = "bestaat.niet"
        sheet["B4"] = None
        sheet["E3"] = "=1+1"
        sheet["A5"], sheet["B5"] = "met spatie", "Nieuw"
        sheet["B6"] = "Zonder id"
        sheet["A7"], sheet["B7"] = "mensen", "Dubbel"

    incoming = edited(small(), spoil)
    said = {fault.place.rpartition(" ")[2]: fault for fault in incoming.faults}
    assert set(said) == {"A2", "D3", "C4", "B4", "E3", "A5", "A6", "A7"}
    assert "codebook rename" in said["A2"].remedy
    assert said["A2"].found == "centen"
    assert said["D3"].found == "weg"
    assert "formule" in said["E3"].problem
    assert all(fault.place.startswith("blad Codes, cel ") for fault in incoming.faults)
    assert all(fault.remedy for fault in incoming.faults)


def test_a_parent_below_its_own_child_is_a_circle() -> None:
    def loop(workbook: Workbook) -> None:
        workbook["Codes"]["C2"] = "geld.werking"

    (fault,) = edited(small(), loop).faults
    assert fault.place == "blad Codes, cel C2"
    assert fault.found == "geld > geld.werking > geld"


def test_what_people_type_is_read_as_they_mean_it() -> None:
    def work(workbook: Workbook) -> None:
        sheet = workbook["Codes"]
        sheet["H2"] = "geld* \n\n budget\nsubsidie"
        sheet["D4"] = "Vervallen"
        sheet["A5"], sheet["B5"] = "geld.lonen", "Lonen"
        sheet["A6"], sheet["B6"] = 2024, 2024

    incoming = edited(small(), work)
    assert not incoming.faults
    book = merged(small(), incoming.entries)
    assert [code.id for code in book.codes] == [
        "geld",
        "geld.werking",
        "geld.lonen",
        "mensen",
        "2024",
    ]
    assert book.by_id["geld"].keywords == ("geld*", "budget", "subsidie")
    assert book.by_id["geld.lonen"].parent == "geld"
    assert book.by_id["mensen"].status == "retired"
    assert book.version == 2
    assert not edits(book, incoming.entries), "een tweede keer verandert niets"


def test_an_emptied_parent_moves_a_code_to_the_top_and_a_missing_row_removes_nothing() -> None:
    def work(workbook: Workbook) -> None:
        workbook["Codes"]["C3"] = None
        workbook["Codes"].delete_rows(4)

    book = merged(small(), edited(small(), work).entries)
    assert book.by_id["geld.werking"].parent == ""
    assert "mensen" in book.by_id


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(CodebookError, match="geen Excel-werkmap"):
        read_excel(b"code-id,label\n", small())


# CSV


def test_a_table_of_one_s_own_changes_only_what_it_says() -> None:
    own = 'id;label;keywords;opmerking\ngeld.bank;Bank;"bank*\n lening";x\nmensen;Volk\n'
    incoming = read_csv(own.encode(), small())
    assert not incoming.faults
    assert incoming.remarks == ("kolom 'opmerking' wordt niet gelezen",)
    book = merged(small(), incoming.entries)
    assert book.by_id["geld.bank"].parent == "geld"
    assert book.by_id["geld.bank"].keywords == ("bank*", "lening")
    assert book.by_id["mensen"] == replace(small().by_id["mensen"], label="Volk")
    assert book.by_id["geld"] == small().by_id["geld"]


def test_a_fault_in_a_csv_names_the_line_also_below_cells_of_more_lines() -> None:
    own = 'id,label,keywords,status\na,A,"x\ny\nz",actief\nb,B,,weg\n'
    (fault,) = read_csv(own.encode()).faults
    assert fault.place == "regel 5, kolom status"


# SKOS and the handbook


def test_skos_says_all_that_the_codebook_says() -> None:
    from rdflib import SKOS, Graph

    book = big()
    graph = Graph().parse(data=write_skos(book), format="turtle")
    ids = {node: str(text) for node, text in graph.subject_objects(SKOS.notation)}
    assert len(ids) == 300
    broader = {(ids[a], ids[b]) for a, b in graph.subject_objects(SKOS.broader)}
    assert broader == {(code.id, code.parent) for code in book.codes if code.parent}
    labels = {ids[node]: str(text) for node, text in graph.subject_objects(SKOS.prefLabel)}
    assert labels == {code.id: code.label for code in book.codes}
    defined = {ids[node]: str(text) for node, text in graph.subject_objects(SKOS.definition)}
    assert defined == {code.id: code.definition for code in book.codes}


def test_the_handbook_holds_every_text_fetches_nothing_and_links_references() -> None:
    book = Codebook.load(next(p for p in SHIPPED if p.stem == "noden"))
    page = handbook(book).decode()
    for code in book.codes:
        for text in (code.label, code.definition, *code.include, *code.examples):
            assert text in html.unescape(page) or "zie " in text
    assert not re.search(r"\bsrc=|https?:|@import|url\(|<link", page)
    number = page.split('href="#code-')[1].split('"')[0]
    assert f'id="code-{number}"' in page
    assert handbook(book) == handbook(book)
    nasty = Codebook("x", 1, "<script>", (Code("a", "<img src=x>", definition="<b>"),))
    assert "<script>" not in handbook(nasty).decode() and "<img" not in handbook(nasty).decode()
