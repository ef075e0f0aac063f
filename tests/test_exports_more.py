"""The exports that carry the tables and responses on: Word, LaTeX, Parquet, pictures, SPSS."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import copy_example
from opentekst.model import Cell, Table
from opentekst.pipeline.estimating import estimates, intervals
from opentekst.pipeline.exporting import exports
from opentekst.pipeline.stages import counted_tables
from opentekst.results.compare import read_printed
from opentekst.results.excel import to_xlsx
from opentekst.results.export import to_csv, to_html
from opentekst.results.latex import escaped, to_latex
from opentekst.results.parquet import to_parquet
from opentekst.results.plots import MOST_BARS, drawable, to_pictures
from opentekst.results.word import to_docx
from opentekst.study import Study
from test_export import BY_NUMBER, NASTY, TABLES, simple

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://example.org")')
SVG = "{http://www.w3.org/2000/svg}"


def word(tables: list[Table]) -> Any:
    return docx.Document(io.BytesIO(to_docx(tables, "Proef")))


def rows(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


# --- Word ---------------------------------------------------------------------------------


def test_word_has_a_native_table_with_a_caption_for_every_table() -> None:
    document = word(TABLES)
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert len(document.tables) == len(captions) == len(TABLES)
    fields = document.element.xpath("//w:fldSimple/@w:instr")
    assert [field.split()[-1] for field in fields] == [table.number for table in TABLES]
    assert captions[0].endswith("Startperiode van de inzet voor eenzaamheid (N=233).")
    first = rows(document.tables[0])
    assert first[0] == ["Antwoord", "Aantal lokale besturen (N)", "%"]
    assert first[1] == ["Sinds de coronacrisis", "38", "16,3"]


def test_word_repeats_the_head_of_a_table_and_keeps_rows_whole() -> None:
    (table,) = word([BY_NUMBER["9"]]).tables
    heads = [row._tr.xpath("boolean(w:trPr/w:tblHeader)") for row in table.rows]
    assert heads == [True, True, False, False, False]
    assert all(row._tr.xpath("boolean(w:trPr/w:cantSplit)") for row in table.rows)
    assert rows(table)[2] == ["Ja", "40", "74,1", "25", "55,6", "52", "71,2", "168", "78,5"]


def test_word_and_latex_show_bases_and_strokes_as_the_other_forms_do() -> None:
    wide = rows(word([BY_NUMBER["12"]]).tables[0])
    assert wide[2][:4] == ["Onthaal sociale dienst", "47", "32", "68,1"]
    assert wide[-1][-3:] == ["/", "/", "/"]
    tex = to_latex([BY_NUMBER["12"]], "Proef").decode()
    assert "Onthaal sociale dienst & 47 & 32 & 68,1 &" in tex
    assert tex.count(" & / & / & / \\\\") > 0


def test_more_groups_than_a_page_is_wide_follow_below_and_none_is_lost() -> None:
    groups = tuple(f"Groep {number}" for number in range(11))
    cells = tuple(Cell(g, c, at, 20) for c in "ab" for at, g in enumerate(groups))
    table = Table("1", "T", "H", groups, cells, ("Voetnoot.",))
    document = word([table])
    assert [len(t.columns) for t in document.tables] == [17, 7]
    heads = [text for t in document.tables for text in dict.fromkeys(rows(t)[0]) if text]
    assert heads == [*groups]
    assert [p.text for p in document.paragraphs].count("Voetnoot.") == 1
    tex = to_latex([table], "Proef").decode()
    assert [tex.count(f"{{{group}}}") for group in groups] == [2] * 11  # on each page anew


def test_word_takes_every_text_for_text() -> None:
    texts = (NASTY, "a & b", "{ HYPERLINK }", "een\ntwee", "\x00\x0b\ud83d", *FORMULAS)
    table = simple(*texts, title=NASTY, footnote=NASTY)
    document = word([table])
    labels = [row[0] for row in rows(document.tables[0])[1:]]
    assert labels[:4] == [NASTY, "a & b", "{ HYPERLINK }", "een\ntwee"]
    assert labels[5:] == [*FORMULAS]
    assert NASTY in document.paragraphs[-1].text
    assert not document.element.xpath("//w:hyperlink | //w:instrText | //w:object")


# --- LaTeX --------------------------------------------------------------------------------


@given(st.text(max_size=20))
def test_no_text_becomes_a_latex_command(text: str) -> None:
    plain = re.sub(r"\\text[a-z]+\{\}|\\[{}$&#%_]|\{\[\}|\{\*\}|\{\}", "", escaped(text))
    assert not set(plain) & set('\\{}$&#%_^~"[*')


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex staat hier niet")
def test_pdflatex_sets_every_table_and_any_label(tmp_path: Path) -> None:
    odd = simple(*FORMULAS, "[a]", "*", "50% & {x} \\input{/etc/passwd}", "😀 ĳ … “” €", "--")
    (tmp_path / "t.tex").write_bytes(to_latex([*TABLES, odd], "A & B"))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")


# --- Excel, CSV, HTML, Parquet ------------------------------------------------------------


def test_a_csv_holds_no_formula_and_still_compares_with_itself(tmp_path: Path) -> None:
    labels = (*FORMULAS, "'=1", "'t kan")
    path = tmp_path / "tabellen.csv"
    path.write_bytes(to_csv([simple(*labels, title="=2")]))
    found = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
    assert not [row for row in found for cell in row.values() if cell[:1] in {*"=+-@\t"}]
    assert [cell.category for cell in read_printed(path)] == [*labels]


def test_parquet_has_typed_cells_and_every_label_as_it_is() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    cells = (Cell("totaal", "=1+1", 38, 233), Cell("totaal", "b", None, None))
    table = Table("1", "T", "H", ("totaal",), cells)
    found = parquet.read_table(io.BytesIO(to_parquet([table]))).to_pylist()
    assert found[0] == {
        "tabel": "1", "titel": "T", "groep": "totaal", "basis": 233, "categorie": "=1+1", "n": 38,
        "procent": Decimal("16.3"),
    }  # fmt: skip
    assert (found[1]["basis"], found[1]["n"], found[1]["procent"]) == (None, None, None)


def test_a_table_of_two_thousand_rows_is_whole_in_every_form() -> None:
    labels = [f"Categorie {number}" for number in range(2_000)]
    table = simple(*labels)
    xml = zipfile.ZipFile(io.BytesIO(to_docx([table], "T"))).read("word/document.xml").decode()
    sheets = zipfile.ZipFile(io.BytesIO(to_xlsx([table])))
    forms = (
        xml,
        to_latex([table], "T").decode(),
        to_csv([table]).decode(),
        to_html([table], "T", "").decode(),
        sheets.read("xl/sharedStrings.xml").decode(),
    )
    for form in forms:
        assert [label for label in labels if label not in form] == []


# --- pictures -----------------------------------------------------------------------------


def svg_texts(table: Table, **more: Any) -> list[str]:
    root = ElementTree.fromstring(to_pictures(table, **more)["svg"])
    return ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


def test_a_picture_tells_every_category_group_and_percentage() -> None:
    texts = svg_texts(BY_NUMBER["9"])
    assert {"Ja", "Nee", "Ik weet het niet", "74,1", "Ouderen (60+) (N=214)"} <= {*texts}
    assert svg_texts(BY_NUMBER["14"]).count("/") == sum(
        cell.n is None for cell in BY_NUMBER["14"].cells
    )
    assert {"Helemaal eens", "Oneens", "61,5"} <= {*svg_texts(BY_NUMBER["5"])}


def test_a_picture_shows_an_interval_only_where_there_is_one() -> None:
    table = simple("a", "b")
    shown = svg_texts(table, intervals={("totaal", "a"): (4.6, 21.2)})
    assert {"12,5 [5–21]", "[a–b]: 95%-interval."} <= {*shown}
    assert svg_texts(table).count("12,5") == 2


def test_a_label_is_neither_markup_nor_mathematics_in_a_picture() -> None:
    assert {"$x^2$", "<b>&", "\\frac"} <= {*svg_texts(simple("$x^2$", "<b>&", "\\frac"))}


def test_what_cannot_be_read_is_not_drawn() -> None:
    assert drawable(simple("a"))
    assert not drawable(simple(*map(str, range(MOST_BARS + 1))))
    assert not drawable(Table("1", "T", "H", ("x",), (Cell("x", "a", 0, 0),)))


def test_the_same_tables_give_the_same_bytes() -> None:
    table = BY_NUMBER["9"]
    assert to_docx(TABLES, "T") == to_docx(TABLES, "T")
    assert to_pictures(table) == to_pictures(table)
    entries = zipfile.ZipFile(io.BytesIO(to_docx(TABLES, "T"))).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


# --- the stage ----------------------------------------------------------------------------


def test_a_second_run_elsewhere_writes_the_same_bytes(example: Path, tmp_path: Path) -> None:
    again = copy_example(tmp_path / "elders")
    shutil.copytree(example / "data/work", again / "data/work", dirs_exist_ok=True)
    (again / "data/work/pictures.sqlite").unlink()
    study = Study.open(again)
    tables, counted, _ = counted_tables(study)
    made = exports(study, tables[:9], counted, intervals(tables, estimates(study)))
    kinds = {path.suffix for path in made}
    assert {".docx", ".tex", ".svg", ".png", ".sav", ".sps"} <= kinds
    for path, content in made.items():
        if path.name.startswith("tabellen.") and path.suffix != ".sps":
            continue  # of nine tables only
        assert content == (example / path.relative_to(again)).read_bytes(), path.name
