"""`opentekst agree`: from two people's blind codings to figures, confused codes and files."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from nltk.metrics import binary_distance
from nltk.metrics.agreement import AnnotationTask
from typer.testing import CliRunner, Result

from opentekst.cli import app
from opentekst.codebook import Code, Codebook
from opentekst.pipeline.agree_says import verdict
from opentekst.review.agreement import Measure, masi
from opentekst.review.confusion import NOTHING, Confusion, confused
from opentekst.review.reliability import DoubleCoded, lifted, reliability

QUESTION = "toel_ondersteuning"
Row = dict[str, Any]
BOOK = Codebook(
    "b",
    1,
    "B",
    (
        Code("x", "X"),
        Code("x.a", "A", "x"),
        Code("x.a.deep", "Deep", "x.a"),
        Code("x.b", "B", "x"),
        Code("y", "Y"),
    ),
)


def invoked(study: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["agree", "--study", str(study), *more])


def groups(study: Path) -> dict[str, Any]:
    done = invoked(study, "--json")
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["groups"]
    return found


@pytest.fixture(scope="module")
def measured(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example after `opentekst agree`: for reading only."""
    root = tmp_path_factory.mktemp("measured") / "study"
    shutil.copytree(example, root)
    assert invoked(root).exit_code == 0
    return root


def ledger(study: Path, question: str = QUESTION) -> Path:
    return study / "annotations" / question / "people.jsonl"


def rows(study: Path, question: str = QUESTION) -> list[Row]:
    return [json.loads(line) for line in ledger(study, question).read_text("utf-8").splitlines()]


def rewritten(study: Path, change: Callable[[Row], Row | None], question: str = QUESTION) -> None:
    """Put another ledger in the place of the example's: the same people, other facts."""
    changed = [new for row in rows(study, question) if (new := change(row)) is not None]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in changed)
    ledger(study, question).write_text(text, "utf-8")


def by(row: Row, coder: str) -> bool:
    return bool(row["coder"] == f"person:{coder}")


def line(group: dict[str, Any], kind: str, part: str = "") -> dict[str, Any]:
    (found,) = [one for one in group["lines"] if (one["kind"], one["part"]) == (kind, part)]
    return dict(found)


def nltk_alpha(triples: list[tuple[str, str, Any]], distance: Any) -> float:
    return float(AnnotationTask(triples, distance).alpha())


# -- the figures --------------------------------------------------------------------------


def test_the_figures_are_those_of_nltk_on_the_same_ledger(measured: Path) -> None:
    found = groups(measured)["noden"]
    blind = [row for row in rows(measured, "noden") if row["how"]["shown"] == "blind"]
    sets = [(r["coder"], r["answer"], frozenset(r["codes"])) for r in blind]
    assert found["units"] == len(sets) / 2 == 140
    whole = line(found, "whole")
    assert whole["alpha"][0] == pytest.approx(nltk_alpha(sets, masi), abs=1e-4)
    first = {(a, c): s for c, a, s in sets if c == "person:codeur_1"}
    same = sum(first[a, "person:codeur_1"] == s for c, a, s in sets if c == "person:codeur_2")
    assert whole["percent"][0] == pytest.approx(same / 140, abs=1e-4)

    # The codes of this codebook are dotted by level: no need of the codebook to lift them.
    tops = [(c, a, frozenset(code.split(".")[0] for code in s)) for c, a, s in sets]
    assert line(found, "level", "1")["alpha"][0] == pytest.approx(nltk_alpha(tops, masi), abs=1e-4)
    under = [(c, a, "samenwerking" in {code.split(".")[0] for code in s}) for c, a, s in sets]
    code = line(found, "code", "samenwerking")
    assert code["alpha"][0] == pytest.approx(nltk_alpha(under, binary_distance), abs=1e-4)
    assert code["given"] == len({a for _, a, applies in under if applies})
    assert whole["alpha"] == line(found, "coders", "codeur_1 – codeur_2")["alpha"]


def test_questions_that_share_a_codebook_also_count_together(measured: Path) -> None:
    found = groups(measured)
    whole = found["codeboek noden"]
    assert whole["units"] == sum(found[question]["units"] for question in whole["questions"])
    assert len(whole["questions"]) == 8
    blind = [
        (row["coder"], row["answer"], frozenset(row["codes"]))
        for question in whole["questions"]
        for row in rows(measured, question)
        if row["how"]["shown"] == "blind"
    ]
    assert line(whole, "whole")["alpha"][0] == pytest.approx(nltk_alpha(blind, masi), abs=1e-4)


def test_only_what_two_people_coded_blind_counts(study: Path) -> None:
    before = groups(study)[QUESTION]
    assert before["left_out"]["seen"] == 6  # the arbiter saw both
    twice = sorted({row["answer"] for row in rows(study) if by(row, "codeur_2")})
    saw, unsure, gone, again = twice[:4]

    def changed(row: Row) -> Row:
        if by(row, "codeur_2") and row["answer"] in (saw, unsure):
            how = {"shown": "suggestion"} if row["answer"] == saw else {}
            return {**row, "how": how, "codes": ["geen_nood"], "score": [1.0]}
        return row

    rewritten(study, changed)
    last = next(row for row in rows(study) if by(row, "codeur_2") and row["answer"] == gone)
    taken = {**last, "codes": [], "score": [], "act": "withdrawn", "at": "2021-06-01T08:00:00Z"}
    later = {**last, "answer": again, "codes": ["geen_nood"], "score": [1.0]}
    with ledger(study).open("a", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in (taken, later))
    after = groups(study)[QUESTION]
    assert after["units"] == before["units"] - 3
    left = after["left_out"]
    assert (left["seen"], left["unknown"], left["taken_back"], left["alone"]) == (7, 1, 1, 3)
    # Of a coder's codings of one answer, the last counts.
    confused_there = [c for c in after["confused"] if again in c["answers"]]
    assert any("geen_nood" in (c["one"], c["other"]) for c in confused_there)
    said = " ".join(invoked(study).stdout.split())
    assert "1 coderingen die hun codeur terugnam" in said


def test_codings_are_read_in_the_codes_of_today_and_wait_where_one_was_split(study: Path) -> None:
    before = groups(study)[QUESTION]
    change = ["codebook", "split", "vrijwilligers", "--into", "vrijwilligers.vinden=Vinden",
              "--into", "vrijwilligers.houden=Houden", "--study", str(study)]  # fmt: skip
    assert CliRunner().invoke(app, change).exit_code == 0
    after = groups(study)[QUESTION]
    blind = [row for row in rows(study) if row["how"]["shown"] == "blind"]
    split = [row["answer"] for row in blind if "vrijwilligers" in row["codes"]]
    assert split
    assert after["left_out"]["waiting"] == len(split)
    assert after["units"] == before["units"] - len(set(split))


def test_which_coder_is_which_changes_nothing(study: Path) -> None:
    other = {"person:codeur_1": "person:codeur_2", "person:codeur_2": "person:codeur_1"}
    before = groups(study)[QUESTION]
    rewritten(study, lambda row: {**row, "coder": other.get(row["coder"], row["coder"])})
    after = groups(study)[QUESTION]
    assert after["confused"] == before["confused"]
    timeless = [one for one in before["lines"] if one["kind"] != "period"]
    assert [one for one in after["lines"] if one["kind"] != "period"] == timeless


# -- what cannot be said, is said ---------------------------------------------------------


def test_where_everybody_says_the_same_alpha_is_said_to_be_undefined(study: Path) -> None:
    rewritten(study, lambda row: {**row, "codes": ["bereiken"], "score": [1.0]})
    found = line(groups(study)[QUESTION], "whole")
    assert found["alpha"] == [None, None, None]
    assert found["percent"] == [1.0, None, None]
    assert found["note"].startswith("niet te bepalen: iedereen gaf overal hetzelfde")
    assert "niet te bepalen" in " ".join(invoked(study, "--question", QUESTION).stdout.split())
    book = openpyxl.load_workbook(study / "results" / "agreement" / "overeenkomst.xlsx")
    (row,) = [r for r in book["Overzicht"].iter_rows(values_only=True) if r[0] == QUESTION]
    assert row[3] == "niet te bepalen"


def test_without_two_blind_coders_it_says_how_to_get_them_and_writes_nothing(study: Path) -> None:
    rewritten(study, lambda row: row if by(row, "codeur_1") else None)
    one = invoked(study, "--question", QUESTION)
    assert one.exit_code == 1
    said = " ".join(one.stderr.split())
    assert "29 antwoorden die maar één mens blind codeerde" in said
    assert "opentekst review audit" in said
    assert not (study / "results" / "agreement").exists()
    whole = line(groups(study)[QUESTION], "whole")  # the other questions have two
    assert whole["note"] == ("niet te bepalen: geen antwoord dat twee mensen blind codeerden")


def test_a_question_that_does_not_exist_is_refused(measured: Path) -> None:
    done = invoked(measured, "--question", "nodne")
    assert done.exit_code == 1
    assert "nodne" in done.stderr and "toel_bereiken" in done.stderr


def test_verdicts_are_no_firmer_than_their_margin() -> None:
    assert verdict(Measure(0.9, 0.82, 0.95), 100) == "betrouwbaar"
    assert "onder 0,800" in verdict(Measure(0.83, 0.75, 0.9), 100)
    assert "onder 0,667" in verdict(Measure(0.83, 0.6, 0.9), 100)
    assert verdict(Measure(0.75, 0.7, 0.79), 100) == "genoeg voor voorlopige conclusies"
    assert verdict(Measure(0.5, 0.4, 0.6), 100) == "te laag om op te steunen"
    assert "hoger" in verdict(Measure(0.6, 0.4, 0.7), 100)
    assert "te weinig antwoorden (7)" in verdict(Measure(1, None, None), 7)


# -- the files ----------------------------------------------------------------------------


def test_the_files_twice_are_the_same_and_hold_real_numbers(measured: Path) -> None:
    folder = measured / "results" / "agreement"
    first = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    assert set(first) == {"overeenkomst.csv", "overeenkomst.xlsx", "verwarringen.html"}
    groups(measured)
    assert {path.name: path.read_bytes() for path in sorted(folder.iterdir())} == first

    book = openpyxl.load_workbook(folder / "overeenkomst.xlsx")
    assert all(sheet.freeze_panes for sheet in book)
    head, *body = book["Codes"].iter_rows(values_only=True)
    shown = {(r[0], r[1]): dict(zip(head, r, strict=True)) for r in body}
    tidy = list(csv.DictReader((folder / "overeenkomst.csv").open(encoding="utf-8-sig")))
    for one in tidy:
        if one["soort"] == "code" and one["maat"] == "AC1":
            cell = shown[one["vraag"], one["onderdeel"]]["AC1"]
            assert isinstance(cell, int | float)
            assert cell == pytest.approx(float(one["waarde"]))
    assert {one["soort"] for one in tidy} == {
        "vraag", "niveau", "code", "codeurs", "periode", "codeurs en code", "verwarring",
    }  # fmt: skip


def test_the_documents_show_what_the_program_says(measured: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "overeenkomst.md").read_text("utf-8")
    shown = page.split("```text\n")[1].split("```")[0].splitlines()
    words = [sys.executable, "-m", "opentekst", "agree", "--study", str(measured)]
    terminal = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(words, env=terminal, capture_output=True, text=True, check=True)
    said = {text.rstrip() for text in done.stdout.splitlines()}
    assert len(shown) > 10
    assert [text for text in shown if text.rstrip() not in said] == []


def test_confused_answers_are_shown_without_names_and_as_text(study: Path) -> None:
    answers = [
        json.loads(text)
        for text in (study / "data/work/answers.jsonl").read_text("utf-8").splitlines()
    ]
    named = next(answer for answer in answers if "Rita Goossens" in answer["text"])
    question = named["question"]
    like = rows(study, question)[0]
    codes = sorted({code for row in rows(study, question) for code in row["codes"]})[:2]
    with ledger(study, question).open("a", encoding="utf-8") as stream:
        for coder, code in zip(("<b>an</b>", "=1+1"), codes, strict=True):
            new = {"answer": named["id"], "coder": f"person:{coder}", "codes": [code]}
            stream.write(json.dumps({**like, **new, "score": [1.0]}) + "\n")
    groups(study)
    folder = study / "results" / "agreement"
    page = (folder / "verwarringen.html").read_text("utf-8")
    assert re.search(r"\[naam \d+\]", page)
    assert "&lt;b&gt;an" in page and "<b>an" not in page
    sheet = openpyxl.load_workbook(folder / "overeenkomst.xlsx")["Antwoorden"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any("[naam " in str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert not any("Goossens" in path.read_text("utf-8", "ignore") for path in folder.iterdir())
    assert not any("Goossens" in str(cell.value) for cell in cells)


# -- confusion, levels and time -----------------------------------------------------------


def opinions(**given: tuple[str, str]) -> dict[str, dict[str, frozenset[str]]]:
    """Two coders' codes by answer, as "x.a y" (spaces between)."""
    return {
        answer: {f"c{k}": frozenset(text.split()) for k, text in enumerate(each)}
        for answer, each in given.items()
    }


def test_confused_codes_stand_against_each_other_or_against_nothing() -> None:
    found = confused(
        opinions(q1=("x.a", "x.b"), q2=("y x.b", "y x.a"), q3=("y", ""), q4=("y", "y x.a"))
    )
    assert found == [
        Confusion("x.a", "x.b", ("q1", "q2"), 3),
        Confusion("x.a", NOTHING, ("q4",), 3),
        Confusion("y", NOTHING, ("q3",), 3),
    ]


def test_on_a_level_deeper_codes_count_as_their_ancestor() -> None:
    codes = frozenset({"x.a.deep", "x.b", "y"})
    assert lifted(codes, BOOK, 1) == {"x", "y"}
    assert lifted(codes, BOOK, 2) == {"x.a", "x.b", "y"}
    assert lifted(codes, BOOK, 3) == codes


def coded(number: int, at: str, *codes: str) -> DoubleCoded:
    given = {f"c{k}": frozenset(text.split()) for k, text in enumerate(codes)}
    times = {coder: at if coder == "c1" else "2024-01-01T08:00:00Z" for coder in given}
    return DoubleCoded(f"q{number}", given, times)


def test_drift_shows_by_month_of_the_second_coding_or_else_in_thirds() -> None:
    early = [coded(n, "2024-02-03T08:00:00Z", "x", "x" if n % 2 else "y") for n in range(20)]
    late = [coded(n, "2024-03-03T08:00:00Z", *("xy"[n % 2],) * 2) for n in range(20, 40)]
    months = reliability([*late, *early], BOOK).of("period")
    assert [(one.part, one.units, one.percent.value) for one in months] == [
        ("2024-02", 20, 0.5), ("2024-03", 20, 1),
    ]  # fmt: skip
    thirds = reliability([*early, *early], BOOK).of("period")
    assert [one.units for one in thirds] == [13, 13, 14]
    assert reliability(early, BOOK).of("period") == ()


def test_each_pair_of_coders_is_compared_on_what_both_coded() -> None:
    answers = [
        *(coded(n, "2024-02-01T08:00:00Z", "x", "x y", "x") for n in range(12)),
        *(coded(n, "2024-02-01T08:00:00Z", "x.a", "x.a") for n in range(12, 20)),
    ]
    found = reliability(answers, BOOK)
    assert {one.part: one.units for one in found.of("coders")} == {
        f"c{a} – c{b}": 20 if b == 1 else 12 for a, b in combinations(range(3), 2)
    }
    leaning = [(x.one, x.other, x.code, x.only_one, x.only_other) for x in found.leanings]
    assert leaning == [("c0", "c1", "y", 0, 12), ("c1", "c2", "y", 12, 0)]
    rare = {one.part: one.rare for one in found.of("code")}
    assert rare == {"x": True, "x.a": True, "y": False}  # x: on all; x.a: on 8 of 20
