"""Coding without a server: a workbook out, codings back in the ledger."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from offline_steps import AN, ledger, refused, review, without_sample
from opentekst.cli import app
from opentekst.codebook import Chain, Code, Codebook
from opentekst.pipeline.deciding import people
from opentekst.review import ReviewItem
from opentekst.review.sheet import NO_PROPOSAL, fitting, path_labels, write_sheet
from opentekst.review.sheet_file import open_sheet
from opentekst.review.sheet_reading import read_codings
from opentekst.store import Paths
from opentekst.study import Study
from test_names_stay import NAMED

FIRST = 4  # the first row with an answer
Fill = Mapping[int, Mapping[str, Any]]


def columns(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value): cell.column or 0 for cell in sheet[FIRST - 1] if cell.value}


def fill(path: Path, filled: Fill, also: Callable[[Workbook], None] = lambda book: None) -> None:
    """Fill in cells by row and head, as a person would, and save."""
    book = load_workbook(path)
    sheet = book["Coderen"]
    where = columns(sheet)
    for row, cells in filled.items():
        for head, value in cells.items():
            sheet.cell(row, where[head]).value = value
    also(book)
    book.save(path)


def as_text(book: Workbook) -> None:
    """Keep openpyxl from making formulas of texts: in Excel these cells are text."""
    for row in book["Coderen"].iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"


def rows(path: Path) -> list[dict[str, Any]]:
    sheet = load_workbook(path)["Coderen"]
    heads = list(columns(sheet))
    return [
        dict(zip(heads, line, strict=True))
        for line in sheet.iter_rows(min_row=FIRST, values_only=True)
    ]


@pytest.fixture(scope="module")
def untouched(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with all answers to one question of the example, with suggestions."""
    path = tmp_path_factory.mktemp("sheet") / "noden.xlsx"
    review(example, "export", path, "--question", "noden", "--all")
    return path


@pytest.fixture
def noden(untouched: Path, tmp_path: Path) -> Path:
    """The workbook, to fill in."""
    return Path(shutil.copy(untouched, tmp_path / "noden.xlsx"))


# -- a workbook ---------------------------------------------------------------------------


def test_what_a_person_fills_in_becomes_codings_and_twice_adds_nothing(
    study: Path, noden: Path
) -> None:
    before = ledger(study)
    listed = rows(noden)
    single = [n for n, row in enumerate(listed) if row["Voorstel"] == "Eenzame burgers bereiken"]
    agreed, changed, crossed, missing, noted = (FIRST + n for n in (*single[:2], 3, 5, 6))
    money = path_labels(Study.open(study).codebook("noden"))["middelen.financieel"]
    fill(
        noden,
        {
            agreed: {"Voorstel klopt (x)": "X"},
            changed: {"Code 1": "bereiken", "Code 3": money, "Memo": "=twijfel"},
            crossed: {"Geen code past (x)": "x"},
            missing: {"Nieuwe code nodig": " Vervoer "},
            noted: {"Memo": "navragen"},
        },
        as_text,
    )
    told = review(study, "import", noden, "--coder", AN)
    assert f"4 gecodeerd: 4 nieuw, {len(listed) - 4} nog niet gecodeerd" in told
    assert f"1 keer alleen een memo: telt niet (rij {noted})" in told
    assert "Verder: opentekst run" in told
    assert ledger(study)[: len(before)] == before

    added = {coding.answer: coding for coding in ledger(study)[len(before) :]}
    book = Study.open(study).codebook("noden")
    said = {
        row: (one.codes, one.how.suggestion, one.how.new_code, one.how.memo)
        for row in (agreed, changed, crossed, missing)
        for one in [added[listed[row - FIRST]["Antwoord-id"]]]
    }
    assert said == {
        agreed: (("bereiken",), "accepted", "", ""),
        changed: (("bereiken", "middelen.financieel"), "changed", "", "=twijfel"),
        crossed: ((), "" if listed[3]["Voorstel"] == NO_PROPOSAL else "changed", "", ""),
        missing: ((), "" if listed[5]["Voorstel"] == NO_PROPOSAL else "changed", "Vervoer", ""),
    }
    assert {(one.coder, one.codebook, one.how.shown, one.how.source) for one in added.values()} == {
        (f"person:{AN}", book.ref, "suggestion", "excel:noden")
    }
    modified = load_workbook(noden).properties.modified
    assert modified is not None
    assert {one.at[:19] for one in added.values()} == {modified.isoformat()[:19]}

    after = ledger(study)
    assert "4 gecodeerd: 4 stonden er al" in review(study, "import", noden, "--coder", AN)
    assert ledger(study) == after
    fill(noden, {agreed: {"Voorstel klopt (x)": None, "Code 1": money}})
    assert "4 gecodeerd: 1 nieuw, 3 stonden er al" in review(study, "import", noden, "--coder", AN)
    assert ledger(study)[:-1] == after
    assert ledger(study)[-1].codes == ("middelen.financieel",)


def test_rows_may_be_sorted_and_removed_and_columns_moved(study: Path, noden: Path) -> None:
    listed = rows(noden)
    wanted = {listed[n]["Antwoord-id"] for n in (0, 7, 30)}
    fill(noden, {FIRST + n: {"Code 2": "Geen nood"} for n in (0, 7, 30)})
    old = load_workbook(noden)
    lines = [[cell.value for cell in line] for line in old["Coderen"].iter_rows(min_row=FIRST - 1)]
    heads, answers = lines[0], sorted(lines[1:40], key=lambda line: str(line[1]))
    del old["Coderen"]
    new = old.create_sheet("Mijn blad")
    for line in ([], ["Eigen notities"], heads[::-1], *(line[::-1] for line in answers)):
        new.append(line)
    old.save(noden)
    before = len(ledger(study))
    assert "3 nieuw, 36 nog niet" in review(study, "import", noden, "--coder", AN)
    added = ledger(study)[before:]
    assert {one.answer for one in added} == wanted
    assert {one.codes for one in added} == {("geen_nood",)}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice_says_the_same(
    study: Path, noden: Path, tmp_path: Path
) -> None:
    labels = path_labels(Study.open(study).codebook("noden"))
    fill(noden, {FIRST: {"Code 1": labels["samenwerking.intern"]}, FIRST + 1: {"Memo": "=1+1"}})
    saved = tmp_path / "saved"
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    convert = ["--convert-to", "xlsx", "--outdir", str(saved), str(noden)]
    subprocess.run([*command, *convert], check=True, capture_output=True, timeout=180)
    before = len(ledger(study))
    told = refused(study, "import", saved / "noden.xlsx", "--coder", AN)
    assert "rij 5, kolom L (Memo): hier staat een formule" in told
    fill(saved / "noden.xlsx", {FIRST + 1: {"Memo": None}})
    review(study, "import", saved / "noden.xlsx", "--coder", AN)
    assert [one.codes for one in ledger(study)[before:]] == [("samenwerking.intern",)]


def test_every_wrong_cell_is_named_and_then_nothing_is_read(study: Path, noden: Path) -> None:
    before = Paths(study).ledger("noden").read_bytes()
    fill(
        noden,
        {
            4: {"Code 1": "Geen nood"},
            5: {"Code 2": "Eenzame burger bereiken"},
            6: {"Code 1": "Geen nood", "Geen code past (x)": "x"},
            7: {"Geen code past (x)": "misschien"},
            8: {"Antwoord-id": "R_bestaat_niet:noden", "Code 1": "Geen nood"},
            9: {"Antwoord-id": None, "Code 1": "Geen nood"},
            10: {"Nieuwe code nodig": "=A1"},
            11: {"Antwoord-id": rows(noden)[0]["Antwoord-id"], "Geen code past (x)": "x"},
        },
    )
    told = refused(study, "import", noden, "--coder", AN)
    for part in (
        f"{noden}, blad Coderen, rij 5, kolom F (Code 2): deze code staat niet in het codeboek"
        " (gevonden: Eenzame burger bereiken)",
        "Bedoelde u 'Eenzame burgers bereiken'?",
        "rij 6, kolom J (Geen code past (x)): hier staat een x, maar er zijn ook codes gekozen",
        "rij 7, kolom J (Geen code past (x)): hier hoort een x, of niets (gevonden: misschien)",
        "rij 8, kolom A (Antwoord-id): vraag 'noden' heeft in deze studie geen antwoord met dit id",
        "rij 9, kolom A (Antwoord-id): hier staan codes zonder antwoord-id",
        "rij 10, kolom K (Nieuwe code nodig): hier staat een formule, geen tekst",
        "rij 11, kolom A (Antwoord-id): dit antwoord is op rij 4 anders gecodeerd",
        "Er is nog niets ingelezen.",
    ):
        assert part in told
    assert Paths(study).ledger("noden").read_bytes() == before


def test_a_workbook_of_before_a_change_is_read_through_it(study: Path, noden: Path) -> None:
    labels = path_labels(Study.open(study).codebook("noden"))
    fill(noden, {FIRST: {"Code 1": labels["middelen.financieel"]}})
    fill(noden, {FIRST + 1: {"Code 1": labels["samenwerking.intern"]}})
    sheet_ref = Study.open(study).codebook("noden").ref
    change = ["codebook", "rename", "middelen.financieel", "--id", "middelen.geld", "--reason", "x"]
    words = [*change, "--codebook", "noden", "--study", str(study)]
    assert CliRunner().invoke(app, words).exit_code == 0
    before = len(ledger(study))
    review(study, "import", noden, "--coder", AN)
    first, second = ledger(study)[before:]
    assert (first.codes, first.codebook) == (("middelen.financieel",), sheet_ref)
    assert (second.codes, second.codebook) == (("samenwerking.intern",), sheet_ref)
    mine = [one.codes for one in people(Study.open(study)) if one.coder == f"person:{AN}"]
    assert mine == [("middelen.geld",), ("samenwerking.intern",)]


def test_a_code_that_the_codebook_never_had_is_refused_with_its_cell(
    study: Path, noden: Path
) -> None:
    def invent(book: Workbook) -> None:
        book["Codeboek"].append(["vervoer", "Vervoer"])

    fill(noden, {FIRST: {"Code 1": "Vervoer"}}, invent)
    told = refused(study, "import", noden, "--coder", AN)
    assert "rij 4, kolom E (Code 1): codeboek 'noden' kent deze code nu niet meer" in told


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda book: book.remove(book["Info"]), "blad 'Info' ontbreekt"),
        (lambda book: book["Info"].cell(1, 2, "Een andere"), "hoort bij een andere studie"),
        (lambda book: book["Info"].cell(2, 2, "leeftijd"), "is geen open vraag van deze studie"),
        (lambda book: book["Info"].cell(4, 2, "een"), "welk codeboek dit bestand hoort"),
        (lambda book: book["Coderen"].delete_rows(3), "geen enkel blad heeft een kolom"),
        (lambda book: book["Coderen"].delete_cols(10), "kolom 'Geen code past (x)' ontbreekt"),
    ],
)
def test_a_workbook_that_no_longer_says_what_it_is_gets_refused(
    study: Path, noden: Path, spoil: Callable[[Workbook], None], told: str
) -> None:
    fill(noden, {FIRST: {"Code 1": "Geen nood"}}, spoil)
    assert told in refused(study, "import", noden, "--coder", AN)


def test_a_blind_workbook_shows_no_suggestion_and_no_workbook_a_name(
    study: Path, tmp_path: Path
) -> None:
    without_sample(study)
    review(study, "export", tmp_path / "blind.xlsx", "--question", "noden", "--blind", "--all")
    assert not {"Voorstel", "Voorstel klopt (x)"} & rows(tmp_path / "blind.xlsx")[0].keys()
    assert open_sheet((tmp_path / "blind.xlsx").read_bytes()).shown == "blind"
    review(study, "export", tmp_path / "alle.xlsx", "--all")
    review(study, "export", tmp_path / "alle.json", "--all")
    made = [tmp_path / "blind.xlsx", *tmp_path.glob("alle-*.xlsx")]
    shown = [str(cell) for path in made for row in rows(path) for cell in row.values()]
    shown += [path.read_text("utf-8") for path in tmp_path.glob("alle-*.json")]
    assert "[naam" in "".join(shown)
    assert not [name for name in NAMED if any(name in text for text in shown)]
    asked = {question.id for question in Study.open(study).open_questions}
    assert {path.stem.removeprefix("alle-") for path in made[1:]} == asked


def test_what_somebody_filled_in_is_not_written_over(study: Path, noden: Path) -> None:
    words = ("export", noden, "--question", "noden", "--all")
    review(study, *words)  # untouched, so the same to the byte
    fill(noden, {FIRST: {"Code 1": "Geen nood"}})
    filled = noden.read_bytes()
    assert "dit bestand bestaat al" in refused(study, *words)
    assert noden.read_bytes() == filled
    review(study, *words, "--again")
    assert rows(noden)[0]["Code 1"] is None


def test_who_coded_must_be_said(study: Path, noden: Path) -> None:
    assert "--coder naam@voorbeeld.be" in refused(study, "import", noden)


nasty = st.sampled_from(
    [
        *"=1+1 +32 - @x <script>alert(1)</script> \"' _x000D_ › 1 WAAR 2024-01-01".split(),
        *("\ud83d", "\ufffe", "\u2060", "\x00\x0b", "a\r\nb", " x ", "😀" * 20_000),
    ]
)
texts = st.lists(st.one_of(nasty, st.text(max_size=8)), max_size=3).map("".join)
# A codebook is UTF-8, so it holds no half characters; answers may.
labels = texts.map(lambda text: text.encode("utf-8", "ignore").decode())


@given(
    st.lists(st.tuples(labels, st.integers(0, 4)), min_size=1, max_size=5),
    st.lists(texts, min_size=1, max_size=3),
)
@example([("Zelfde", 0), ("zelfde ", 0), ("Zelfde", 1)], ["x" * 50_000])
def test_any_text_and_any_label_comes_through(
    tree: list[tuple[str, int]], answers: list[str]
) -> None:
    codes = tuple(
        Code(f"c{n}", label, f"c{parent - 1}" if 0 < parent <= n else "")
        for n, (label, parent) in enumerate(tree)
    )
    book = Codebook("boek", 3, "Boek", codes)
    items = [ReviewItem(f"{text[:40]}:{n}", "q", "=vraag", text) for n, text in enumerate(answers)]
    content = write_sheet("=studie", "=vraag", items, book, blind=True)
    path = load_from(content)
    sheet, listed = path["Coderen"], path["Codeboek"]
    for n, item in enumerate(items):
        cell = sheet.cell(FIRST + n, 2)
        assert cell.data_type == "s" or not item.text
        assert len(str(cell.value or "").encode("utf-16-le")) // 2 <= 32_767
        for column in range(len(codes)):  # as Excel does when one chooses from the list
            chosen = sheet.cell(FIRST + n, 3 + column, listed.cell(2 + column, 2).value)
            chosen.data_type = "s"
    found = open_sheet(saved(path))
    chain = Chain("boek", 3, frozenset(book.by_id), (), book.fingerprint)
    read = read_codings(found, [one.answer for one in items], AN, "2024-01-01T00:00Z", book, chain)
    assert read.faults == ()
    assert [one.answer for one in read.codings] == [item.answer for item in items]
    assert {one.codes for one in read.codings} == {tuple(book.by_id)}


def test_a_text_past_what_a_cell_holds_is_cut_off_visibly() -> None:
    assert fitting("x" * 32_767) == "x" * 32_767
    assert re.search(r"x\n… \[ingekort: de hele tekst, 50000 tekens", fitting("x" * 50_000))


def load_from(content: bytes) -> Workbook:
    import io

    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    import io

    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
