"""Two waves from export to comparison, as a researcher goes through them."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from opentekst import store
from opentekst.cli import app
from opentekst.model import CodebookRef, Coding, How
from opentekst.pipeline import STAGES, Engine
from opentekst.pipeline.bridging import recoded
from opentekst.pipeline.earlier import earlier_lessons
from opentekst.pipeline.wave_output import as_data, compare_all
from opentekst.pipeline.wave_sides import Pair, Side
from opentekst.pipeline.waving import compare, pairs
from opentekst.results.mergers import roll_up
from opentekst.results.waves import Share
from opentekst.store import Paths
from opentekst.study import Study
from opentekst.survey.places import places_on, successors

ROOT = Path(__file__).parents[1]
THEN, NOW = datetime.date(2021, 3, 1), datetime.date(2026, 3, 1)
STUDY = """\
# Deze regel blijft staan.
study: "Hitte, bevraging 2021"
date: 2021-03-01
source: {file: data/raw/hitte_2021.csv, format: plain}
respondents: {id: id, recorded: dag, progress: klaar}
units: {postcode: postcode}
questions:
  - {id: plan, kind: single, text: Is er een plan?, column: plan, values: [Ja, Nee]}
  - id: acties
    kind: multiple
    text: Wat doet u?
    choices:
      - {code: water, column: acties_1, label: Water}
      - {code: bellen, column: acties_2, label: Bellen}
      - {code: geen, column: acties_3, label: Niets, exclusive: true}
  - {id: noden, kind: open, text: Wat hebt u nodig?, column: noden, codebook: noden, prompt: need}
"""
BOOK = """\
codebook: noden
version: 1
title: Noden
codes:
  - id: geld
    label: Geld
    keywords: [geld, subsidie*, budget]
  - id: mensen
    label: Mensen
    keywords: [personeel, handen]
  - id: samen
    label: Samenwerking
    keywords: [samenwerk*, partners]
"""
CHANGES = """\
codebook: noden
author: an
changes:
  - split: samen
    into:
      - {id: samen_zorg, label: Met de zorg, keywords: [huisartsen, zorg*]}
      - {id: samen_buren, label: Met buurgemeenten, keywords: [buurgemeenten]}
  - {add: bomen, label: Schaduw, keywords: [boom, bomen, schaduw]}
"""
MERGING = ("Galmaarden", "Gooik", "Herne", "Tielt", "Meulebeke", "Hasselt", "Kortessem")
ALONE = (
    "Aalst", "Brugge", "Gent", "Genk", "Geel", "Mol", "Ninove", "Aarschot", "Diest", "Eeklo",
    "Zelzate", "Roeselare", "Waregem", "Kortrijk", "Torhout", "Diksmuide", "Menen", "Lier",
    "Mortsel", "Turnhout",
)  # fmt: skip
TEXTS = (
    ("te weinig geld voor water", "geld"), ("subsidies van Vlaanderen", "geld"),
    ("meer budget", "geld"), ("budget en geld", "geld"), ("te weinig personeel", "mensen"),
    ("handen tekort in de zomer", "mensen"), ("personeel in juli en augustus", "mensen"),
    ("samenwerken met huisartsen", "samen"), ("partners in de buurt", "samen"),
    ("bomen en schaduw op het plein", ""), ("een koele zaal", ""),
    ("subsidie voor een zaal", "geld"),
)  # fmt: skip
Row = tuple[str, str, str, set[str], str]  # id, municipality, plan, actions, text


def first_wave() -> list[Row]:
    names = [*MERGING, *ALONE]
    return [
        (
            f"r{at:02}", name, "Ja" if at % 3 else "Nee",
            {"geen"} if at % 5 == 0 else {"water"} if at % 2 else {"water", "bellen"},
            f"{TEXTS[at % len(TEXTS)][0]}{'' if at < len(TEXTS) else ' hier'}",
        )
        for at, name in enumerate(names)
    ]  # fmt: skip


def second_wave() -> list[Row]:
    names = ["Pajottegem", "Hasselt", *ALONE[:16]]
    texts = ("meer bomen", "geen budget", "met buurgemeenten samenwerken", "personeel", "schaduw")
    return [
        (f"s{at:02}", name, "Ja", {"water"}, f"{texts[at % 5]} {at}")
        for at, name in enumerate(names)
    ]


def export(path: Path, rows: Sequence[Row], day: datetime.date, second: str) -> None:
    """Write an export; `second` is the name of the second column of the actions."""
    places = places_on(day)
    codes: dict[str, str] = {}
    for code, owners in sorted(places.by_postcode.items()):
        if len(owners) == 1 and code not in places.doubtful:
            codes.setdefault(places.municipalities[owners[0]].name, code)
    heads = ["id", "dag", "klaar", "postcode", "plan", "acties_1", second, "acties_3", "noden"]
    labels = {"water": "Water", "bellen": "Bellen", "geen": "Niets"}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*heads, *(["warmte"] if second != "acties_2" else [])])
        for number, name, plan, actions, text in rows:
            ticks = [label if code in actions else "" for code, label in labels.items()]
            cells = [number, f"{day} 09:00:00", "100", codes[name], plan, *ticks, text]
            writer.writerow([*cells, *(["warm"] if second != "acties_2" else [])])


def code(root: Path, given: dict[str, str], ref: CodebookRef) -> None:
    codings = [
        Coding(
            f"{who}:noden", (one,) if one else (), "person:an", (1.0,) if one else (), (), ref,
            "2021-05-01T09:00:00Z", how=How(shown="blind"),
        )
        for who, one in given.items()
    ]  # fmt: skip
    store.append_ledger(Paths(root).ledger("noden"), codings)


def said(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def hashes(root: Path, but: Path) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_relative_to(but) and "sqlite" not in path.name
    }


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A first wave that was counted, and what `waves new` said of a second."""
    root = tmp_path_factory.mktemp("hitte")
    (root / "codebooks").mkdir()
    (root / "study.yaml").write_text(STUDY, "utf-8")
    (root / "codebooks" / "noden.yaml").write_text(BOOK, "utf-8")
    export(root / "data/raw/hitte_2021.csv", first_wave(), THEN, "acties_2")
    export(root / "data/raw/hitte_2026.csv", second_wave(), NOW, "acties_02")
    ref = Study.open(root).codebook("noden").ref
    code(root, {row[0]: TEXTS[at % len(TEXTS)][1] for at, row in enumerate(first_wave())}, ref)
    Engine(Study.open(root), STAGES).run(("tables",))
    words: list[str | Path] = [
        "waves",
        "new",
        root / "data/golf_2026",
        "--export",
        root / "data/raw/hitte_2026.csv",
    ]
    printed = said(*words, "--date", "2026-03-01", "--study", root, "--json")
    yield root, json.loads(printed[printed.index("{") :])


@pytest.fixture(scope="module")
def survey(begun: tuple[Path, dict[str, Any]]) -> Path:
    """The survey after the second wave was mended, coded by people and counted."""
    root = begun[0]
    wave = root / "data/golf_2026"
    text = (wave / "study.yaml").read_text("utf-8")
    (wave / "study.yaml").write_text(text.replace("acties_2", "acties_02"), "utf-8")
    (root / "changes.yaml").write_text(CHANGES, "utf-8")
    said("codebook", "apply", root / "changes.yaml", "--study", wave)
    ref = Study.open(wave).codebook("noden").ref
    codes = ("bomen", "geld", "samen_buren", "mensen", "bomen")
    code(wave, {row[0]: codes[at % 5] for at, row in enumerate(second_wave())}, ref)
    before = hashes(root, wave)
    Engine(Study.open(wave), STAGES).run(("tables",))
    assert hashes(root, wave) == before, "a later wave changed a file of an earlier one"
    return root


def test_a_new_wave_says_how_its_export_differs(begun: tuple[Path, dict[str, Any]]) -> None:
    root, told = begun
    assert told["missing"] == {"acties": ["acties_2"]}
    assert told["extra"] == ["acties_02", "warmte"]
    assert (told["wave"], told["responses"]) == ("2026", 18)
    text = (root / "study.yaml").read_text("utf-8")
    assert text.startswith(STUDY)
    assert [(w.id, w.study) for w in Study.open(root).file.waves] == [
        ("2021", "."),
        ("2026", "data/golf_2026"),
    ]
    wave = Study.open(root / "data/golf_2026")
    assert wave.file.study == "Hitte, bevraging 2026"
    assert (wave.file.earlier, wave.file.source.file) == ("../..", "../raw/hitte_2026.csv")
    assert "# Deze regel blijft staan." in (wave.root / "study.yaml").read_text("utf-8")


def test_a_new_wave_overwrites_nothing_and_is_later_than_the_last(
    begun: tuple[Path, dict[str, Any]],
) -> None:
    root, _ = begun
    before = hashes(root, root / "nergens")
    data: list[str | Path] = ["--export", root / "data/raw/hitte_2026.csv", "--study", root]
    again = said("waves", "new", root / "data/golf_2026", *data, code=1)
    assert "overschrijft niets" in again
    assert "later dan de vorige" in said(
        "waves", "new", root / "data/x", *data, "--date", "2020-01-01", code=1
    )
    assert "binnen de studie" in said("waves", "new", root.parent / "elders", *data, code=1)
    assert "JJJJ-MM-DD" in said("waves", "new", root / "data/x", *data, "--date", "maart", code=2)
    assert hashes(root, root / "nergens") == before


def test_waves_that_cannot_be_compared_are_refused_with_a_remedy(
    begun: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    assert "opentekst waves new" in said("waves", "--study", tmp_path, code=2)
    shutil.copytree(begun[0], tmp_path / "hitte")
    text = (tmp_path / "hitte/study.yaml").read_text("utf-8")
    first, second = text[text.index("waves:") :].splitlines()[1:3]
    turned = text.replace(f"{first}\n{second}", f"{second}\n{first}")
    (tmp_path / "hitte/study.yaml").write_text(turned, "utf-8")
    assert "van oud naar nieuw" in said("waves", "--study", tmp_path / "hitte", code=2)
    twice = text.replace(second, f"{second}\n{second}")
    (tmp_path / "hitte/study.yaml").write_text(twice, "utf-8")
    assert "twee keer" in said("waves", "--study", tmp_path / "hitte", code=2)


def test_people_of_the_earlier_wave_teach_what_they_could_know(survey: Path) -> None:
    found = earlier_lessons(Study.open(survey / "data/golf_2026"), Study.open(survey), "noden")
    taught = {one.item.answer: one.codes for one in found.lessons}
    for at, (who, *_, text) in enumerate(first_wave()):
        codes = TEXTS[at % len(TEXTS)][1]
        teaches = codes in ("geld", "mensen")  # not the split one, nor without a code
        assert (f"{who}:noden" in taught) == teaches, text
        if teaches:
            assert taught[f"{who}:noden"] == {codes}
    assert "gesplitst" in found.lines[0] and "nieuwe code" in found.lines[0]


def test_a_codebook_that_did_not_come_from_the_earlier_one_learns_nothing(
    survey: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(survey, tmp_path / "hitte"))
    shutil.rmtree(copy / "data/golf_2026/codebooks/history")
    wave = Study.open(copy / "data/golf_2026")
    found = earlier_lessons(wave, Study.open(copy), "noden")
    assert not found.lessons and "leert 'noden' niets" in found.lines[0]
    (pair,) = pairs(Study.open(copy))
    assert any("noden" in why for why in pair.left_out)
    assert "noden" not in {one.id for one in pair.asked}


def test_trends_count_by_hand_through_the_mergers(survey: Path) -> None:
    made = compare_all(Study.open(survey), machine=False)
    (waved,) = made.found
    rows = {
        (row.subject.question, row.subject.code): row for q in waved.questions for row in q.rows
    }
    units = {name: name for name in ALONE} | {
        "Galmaarden": "Pajottegem", "Gooik": "Pajottegem", "Herne": "Pajottegem",
        "Tielt": "Tielt", "Meulebeke": "Tielt", "Hasselt": "Hasselt", "Kortessem": "Hasselt",
    }  # fmt: skip
    did = {units[name] for _, name, _, actions, _ in first_wave() if "bellen" in actions}
    assert rows["acties", "bellen"].then == Share(len(did), 23)
    idle = {units[name] for _, name, _, actions, _ in first_wave() if "geen" in actions}
    busy = {units[name] for _, name, _, actions, _ in first_wave() if actions - {"geen"}}
    assert rows["acties", "geen"].then == Share(len(idle - busy), 23)
    # Pajottegem: Nee, Ja, Ja; Tielt: Nee, Ja (a tie: in no base); Hasselt: Ja, Nee (a tie).
    assert rows["plan", "Ja"].then.base == 21
    assert rows["plan", "Ja"].pairs is not None
    assert rows["plan", "Ja"].pairs.total == 17  # of the 18 of now all but Hasselt
    assert rows["noden", "bomen"].subject.known == "now"
    assert rows["noden", "samen"].subject.known == "then"
    assert (rows["noden", "bomen"].then.n, rows["noden", "bomen"].now.n) == (0, 7)
    written = list(csv.DictReader((survey / "results/waves/golven.csv").open(encoding="utf-8-sig")))
    assert {(r["vraag"], r["code"]): r["n_oud"] for r in written}["acties", "bellen"] == str(
        len(did)
    )
    fewer = next(r for r in written if (r["vraag"], r["code"]) == ("acties", "bellen"))
    assert float(fewer["verschil"]) < 0
    assert round(float(fewer["verschil"]), 1) == round(-100 * len(did) / 23, 1)
    went = list(csv.DictReader((survey / "results/waves/overgang.csv").open(encoding="utf-8-sig")))
    assert len(went) == 300
    herne = next(row for row in went if row["gemeente_oud"] == "Herne")
    assert (herne["gemeente_nieuw"], herne["gefuseerd"]) == ("Pajottegem", "ja")
    assert "plan" in next(row for row in went if row["gemeente_oud"] == "Meulebeke")["tegenspraak"]
    json.dumps(as_data(made))
    shown = (survey / "results/waves/golven.html").read_text("utf-8")
    assert "http" not in shown.replace("http-equiv", "")


def test_what_is_about_few_municipalities_is_in_no_file(survey: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(survey, tmp_path / "hitte"))
    with (copy / "study.yaml").open("a", encoding="utf-8") as stream:
        stream.write("disclosure: {threshold: 4}\n")
    (waved,) = compare_all(Study.open(copy), machine=False).found
    hidden = {row.subject.code for q in waved.questions for row in q.rows if row.hidden}
    assert hidden
    written = list(csv.DictReader((copy / "results/waves/golven.csv").open(encoding="utf-8-sig")))
    for row in written:
        if row["code"] in hidden:
            assert not any(row[name] for name in row if name.startswith(("n_", "basis", "procent")))
        else:
            counts = [int(row[name]) for name in ("n_oud", "n_nieuw", "alleen_oud") if row[name]]
            assert all(n == 0 or n >= 4 for n in counts)


def test_a_bridge_that_people_coded_splits_the_change(survey: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(survey, tmp_path / "hitte"))
    words: list[str | Path] = ["waves", "bridge", "--question", "noden", "--study", copy]
    said(*words, "--size", "100")
    sheet = copy / "results/waves/brug_noden.xlsx"
    book = load_workbook(sheet)
    rows = book["Coderen"]
    heads = {str(cell.value): cell.column or 0 for row in rows.iter_rows(max_row=4) for cell in row}
    texts = {}
    for number in range(1, rows.max_row + 1):
        answer = str(rows.cell(number, heads["Antwoord-id"]).value)
        if not answer.endswith(":noden"):
            continue
        text = texts[answer] = str(rows.cell(number, heads["Antwoord"]).value)
        again = "Schaduw" if "bomen" in text else "Met de zorg" if "huisartsen" in text else ""
        again = again or ("Geld" if "geld" in text or "udget" in text or "ubsidie" in text else "")
        if again:
            rows.cell(number, heads["Code 1"]).value = again
        else:
            rows.cell(number, heads["Geen code past (x)"]).value = "x"
    book.save(sheet)
    assert len(texts) == 27
    said(*words, "--import", sheet, "--coder", "bo@voorbeeld.be")
    again = said(*words, "--import", sheet, "--coder", "bo@voorbeeld.be")
    assert "0 nieuw" in " ".join(again.split())
    assert "bestaat al" in said(*words, code=1)

    wave = Study.open(copy / "data/golf_2026")
    assert len(recoded(wave, "noden")) == 27
    assert not {c.answer for c in store.read_ledger(Paths(wave.root).ledger("noden"))} & set(texts)
    (waved,) = compare_all(Study.open(copy), machine=False).found
    noden = next(one for one in waved.questions if one.asked.id == "noden")
    parts = {part.code: part for part in noden.parts}
    assert noden.bridge == "people" and parts["bomen"].units == 23
    assert all(p.opinion + p.codebook + p.coder == p.total for p in noden.parts)
    # Schaduw had no code then: what was there already is the codebook's doing.
    assert parts["bomen"].codebook > 0 and parts["bomen"].coder == 0
    assert parts["bomen"].opinion == parts["bomen"].total - parts["bomen"].codebook
    # This coder never gives Mensen: that is the coder's doing, not opinion.
    assert parts["mensen"].coder < 0 and parts["mensen"].codebook == 0


def test_without_people_the_machine_builds_the_bridge_and_says_so(survey: Path) -> None:
    (waved,) = compare_all(Study.open(survey)).found
    noden = next(one for one in waved.questions if one.asked.id == "noden")
    assert noden.bridge == "machine" and noden.grasp is not None
    assert all(p.opinion + p.codebook + p.coder == p.total for p in noden.parts)
    assert "alleen door de machine" in (survey / "results/waves/golven.html").read_text("utf-8")
    bomen = next(part for part in noden.parts if part.code == "bomen")
    assert bomen.codebook > 0


def test_a_wave_of_the_example_compared_with_itself_shows_no_change(example: Path) -> None:
    study = Study.open(example)
    pair = Pair(Side("2021", study), Side("2021 nog eens", study))
    waved = compare(pair, machine=False)
    assert len(waved.questions) > 80 and not pair.left_out and not waved.conflicts
    for one in waved.questions:
        for row in one.rows:
            assert row.then == row.now and row.change is not None and row.pairs is not None
            assert row.change.difference == row.change.low == row.change.high == 0
            assert row.change.p == row.change.adjusted == 1
            assert row.pairs.only_then == row.pairs.only_now == 0
        assert not one.came and not one.went and not one.topics


def test_totals_of_the_example_hold_through_the_mergers(example: Path) -> None:
    side = Side("2021", Study.open(example))
    became = successors(THEN, NOW)
    merged = 0
    for question in side.study.file.questions:
        if question.kind not in ("multiple", "open"):
            continue
        held = side.counted.holds[question.id]
        rolled = roll_up(question.id, held, became, "union")
        merged += sum(len(parts) > 1 for parts in rolled.parts.values())
        for code in frozenset().union(*held.values()):
            new = sum(
                sum(code in held[part] for part in rolled.parts[unit])
                for unit, codes in rolled.holds.items()
                if code in codes
            )
            assert new == sum(code in codes for codes in held.values())
    assert merged > 50


def test_the_second_wave_of_the_example_is_made_the_same_every_time(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "data" / "raw"))
    try:
        import make_wave_2026
    finally:
        sys.path.pop(0)
    shutil.copytree(ROOT / "data/golf_2026/annotations", tmp_path / "data/golf_2026/annotations")
    assert make_wave_2026.main(["--out", str(tmp_path)]) == 1
    assert make_wave_2026.main(["--out", str(tmp_path), "--rebuild-annotations"]) == 0
    for path in sorted(p for p in tmp_path.rglob("*") if p.is_file()):
        assert path.read_bytes() == (ROOT / path.relative_to(tmp_path)).read_bytes(), path
