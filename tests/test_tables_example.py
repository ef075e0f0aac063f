"""The example's own split table, back-coding, guard, traits and weights, as files."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from opentekst.errors import DataError
from opentekst.pipeline import STAGES, Engine
from opentekst.pipeline.stages import counted_tables
from opentekst.pipeline.unit_facts import unit_facts
from opentekst.results.backcoding import changes
from opentekst.study import Study
from test_tables_more import cells_of


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def add(root: Path, text: str) -> None:
    path = root / "study.yaml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_the_example_shows_needs_by_province_with_nets_total_and_test(example: Path) -> None:
    found = rows_of(example / "results" / "tables" / "tabellen.csv")
    whole = {r["categorie"]: r for r in found if r["tabel"] == "15"}
    mine = [r for r in found if r["tabel"] == "17"]
    provinces = dict.fromkeys(r["groep"] for r in mine if r["groep"] != "Totaal")
    assert [name[:-4] for name in provinces] == [
        "Antwerpen", "Limburg", "Oost-Vlaanderen", "Vlaams-Brabant", "West-Vlaanderen"
    ]  # fmt: skip
    for row in (r for r in mine if r["groep"] == "Totaal" and r["categorie"] != "Totaal"):
        label = row["categorie"].replace("– ", "")
        assert (row["n"], row["procent"]) == (whole[label]["n"], whole[label]["procent"])
        parts = [r for r in mine if r["categorie"] == row["categorie"] and r["groep"] != "Totaal"]
        assert sum(int(part["n"]) for part in parts) == int(row["n"])
    page = (example / "results" / "tables" / "tabellen.html").read_text("utf-8")
    assert "Rao-Scott χ² (tweede orde)" in page


def test_the_example_shows_back_coding_before_and_after(example: Path) -> None:
    path = example / "results" / "tables" / "terugcoderen.xlsx"
    book = openpyxl.load_workbook(path)
    _, *codes = book["Voor en na"].iter_rows(values_only=True)
    kader = {str(row[1]): row for row in codes if row[0] == "kader"}
    assert kader["andere.ouderen"][3:8] == (232, 0, 13, 0, 13)
    study = Study.open(example)
    _, counted, _ = counted_tables(study)
    assert len(changes(study, counted)) == len(codes)
    for row in codes:
        base, before, gained, lost, after = (int(str(n)) for n in row[3:8])
        assert before + gained - lost == after <= base
    _, *moves = book["Verhuisde antwoorden"].iter_rows(values_only=True)
    assert [row[1] for row in moves] == [move.answer for move in counted.moved]
    assert moves and all(row[3] for row in moves)


def test_the_guard_hides_in_all_files_of_the_example_and_says_so(study: Path) -> None:
    add(study, "\ndisclosure: {threshold: 3}\n")
    *_, report = Engine(Study.open(study), STAGES).run(("tables",))
    found = rows_of(study / "results" / "tables" / "tabellen.csv")
    hidden = [row for row in found if row["n"] == "·"]
    assert hidden and all(row["procent"] == "·" for row in hidden)
    assert not [row for row in found if row["n"] in ("1", "2")]
    assert any(line.startswith(f"{len(hidden)} cellen niet afgedrukt") for line in report.lines)
    page = (study / "results" / "tables" / "tabellen.html").read_text("utf-8")
    assert page.count('aria-label="niet afgedrukt">·<') == 2 * len(hidden)
    assert "De groepen verschillen" in page and "Rao-Scott" not in page


def test_traits_and_weights_of_municipalities_come_from_the_studys_own_files(study: Path) -> None:
    names = unit_facts(Study.open(study)).traits["provincie"]
    lines = [f"{nis};{900 * at:,}".replace(",", ".") for at, nis in enumerate(sorted(names))]
    path = study / "data" / "raw" / "gemeenten.csv"
    path.write_text("nis;inwoners\n" + "\n".join(lines) + "\n", "utf-8")
    settings = study / "study.yaml"
    text = settings.read_text("utf-8")
    text = text.replace("units:\n", "units:\n  traits: data/raw/gemeenten.csv\n", 1)
    settings.write_text(text, "utf-8")
    add(study, "  - {number: '18', title: T, header: H, question: covid, by: grootte, total: true,"
               " weight: grootte}\n")  # fmt: skip
    table = counted_tables(Study.open(study))[0][-1]
    assert table.groups == (
        "minder dan 10.000 inwoners", "10.000 tot 20.000 inwoners", "20.000 tot 50.000 inwoners",
        "50.000 inwoners of meer", "Totaal",
    )  # fmt: skip
    cells = cells_of(table)
    sizes = [12, 11, 33, 244]  # municipalities of 0, 900, 1800 … inhabitants in each class
    bases = [cells[group, "Ja"].base or 0 for group in table.groups]
    # the weighted whole: each class by its number of municipalities, here all who responded
    shares = [(cells[group, "Ja"].n or 0) / base for group, base in zip(table.groups, bases)]  # noqa: B905
    assert sum(sizes) == 300 and sum(bases[:-1]) == bases[-1]
    expected = sum(size * share for size, share in zip(sizes, shares)) / 300  # noqa: B905
    assert float(cells["Totaal", "Ja"].percent or 0) == pytest.approx(100 * expected, abs=0.5)
    path.write_text("nis;inwoners\n" + "\n".join(lines[1:]) + "\n", "utf-8")
    with pytest.raises(DataError, match="1 gemeenten ontbreken"):
        unit_facts(Study.open(study))
    path.write_text("naam;inwoners\n", "utf-8")
    with pytest.raises(DataError, match="welke gemeente het is"):
        unit_facts(Study.open(study))
