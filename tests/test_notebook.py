"""A study in a notebook: frames hold what the commands wrote, and the tutorial runs in a kernel."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from pandas import DataFrame
from pandas.testing import assert_frame_equal

from conftest import copy_example
from opentekst import Study
from opentekst.errors import DataError, MissingStageError, StudyError

DOCS = Path(__file__).parents[1] / "docs"
NOTEBOOKS: Any = nbformat  # its functions declare no types
FRAMES: dict[str, Callable[[Study], DataFrame]] = {
    "responses": Study.responses,
    "answers": Study.answers,
    "codings": Study.codings,
    "decisions": Study.decisions,
    "decisions wide": lambda s: s.decisions("noden", wide=True),
    "tables": lambda s: s.tables()["17"],
    "topics": Study.topics,
    "topics answers": lambda s: s.topics(answers=True),
    "agreement": Study.agreement,
    "agreement confusions": lambda s: s.agreement("confusions"),
    "codebook": lambda s: s.codebook("noden"),
}


@pytest.fixture(scope="module")
def s(example: Path) -> Study:
    return Study.open(example)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def records(frame: DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def documented() -> dict[str, dict[str, str]]:
    """Return the columns and dtypes that the page describes, by frame."""
    found: dict[str, dict[str, str]] = {}
    text = (DOCS / "notebook.md").read_text("utf-8")
    for section in re.split(r"^### ", text, flags=re.M)[1:]:
        name = section.split("\n")[0]
        for table in re.findall(r"(?:^\|.*\n)+", section, re.M):
            columns: dict[str, str] = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", table, re.M))
            second = {"decisions": "wide", "topics": "answers", "agreement": "confusions"}
            found[f"{name} {second[name]}" if name in found else name] = columns
    return found


@pytest.mark.parametrize("name", [name for name in FRAMES if "wide" not in name])
def test_every_column_and_its_dtype_is_documented(name: str, s: Study) -> None:
    real = {column: str(kind) for column, kind in FRAMES[name](s).dtypes.items()}
    if name == "responses":
        closed = closed_columns(s)
        real = {column: kind for column, kind in real.items() if column not in closed}
        assert set(closed.values()) == {"VRAAG", "VRAAG.RIJ", "VRAAG.CODE"}
    told = {n: kind for n, kind in documented()[name].items() if not n[0].isupper()}
    told.pop("trait.KENMERK", None)
    assert list(real.items()) == list(told.items())


def closed_columns(s: Study) -> dict[str, str]:
    """Return the columns that the questions of the example make, and what documents them."""
    kinds: dict[str, str] = {}
    for question in s.definition.file.questions:
        if question.kind == "single":
            kinds[question.id] = "VRAAG"
        kinds |= {f"{question.id}.{item.id}": "VRAAG.RIJ" for item in question.items}
        kinds |= {f"{question.id}.{choice.code}": "VRAAG.CODE" for choice in question.choices}
    return kinds


def test_closed_answers_have_the_dtype_that_is_documented(s: Study) -> None:
    told, frame = documented()["responses"], s.responses()
    for column, kind in closed_columns(s).items():
        assert str(frame[column].dtype) == told[kind], column


def test_wide_decisions_have_a_column_for_each_code_in_the_order_of_the_codebook(s: Study) -> None:
    wide = s.decisions("noden", wide=True)
    fixed = [name for name in documented()["decisions"] if name != "code"]
    assert list(wide.columns) == [*fixed, *s.codebook("noden")["code"]]
    assert {str(kind) for kind in wide.dtypes[len(fixed) :]} == {"Int8"}
    assert documented()["decisions wide"] == {"CODE": "Int8"}


def test_tables_are_those_that_the_command_wrote(s: Study, example: Path) -> None:
    out = example / "results" / "tables"
    written = rows(out / "tabellen.csv")
    guessed = {(r["tabel"], r["groep"], r["categorie"]): r for r in rows(out / "schattingen.csv")}
    frames = s.tables()
    assert list(frames) == list(dict.fromkeys(row["tabel"] for row in written))
    shown = [(number, row) for number, frame in frames.items() for row in records(frame)]
    for (number, row), line in zip(shown, written, strict=True):
        key = (number, row["group"], row["category"])
        assert key == (line["tabel"], line["groep"], line["categorie"])
        assert frames[number].attrs["title"] == line["titel"]
        guess = guessed.get(key, {})
        told = {
            "n": line["n"], "percent": line["procent"], "estimate": guess.get("schatting", ""),
            "low": guess.get("laag", ""), "high": guess.get("hoog", ""),
        }  # fmt: skip
        for name, text in told.items():
            assert pd.isna(row[name]) if text == "" else row[name] == float(text), (key, name)
    assert not frames["15"]["low"].isna().all()
    assert frames["17"]["low"].isna().all()


def test_counting_units_of_decisions_by_hand_gives_the_tables(s: Study) -> None:
    for number in ("15", "16"):
        (group,) = next(t for t in s.definition.file.tables if t.number == number).columns
        mine = s.decisions(nets=True)
        mine = mine[mine["question"].isin(group.sources) & mine["in_base"]]
        labels = s.codebook(group.sources[0]).set_index("code")["label"]
        table = s.tables()[number].set_index("category")
        assert set(table["base"]) == {mine["unit"].nunique()}
        counted = mine.groupby("code", observed=True)["unit"].nunique()
        assert {labels[str(code)]: n for code, n in counted.items()} == {
            label: n for label, n in table["n"].items() if n
        }


def test_counting_closed_answers_by_hand_gives_the_tables(s: Study) -> None:
    responses, tables = s.responses(), s.tables()
    yes = tables["2"].set_index("category")
    assert yes["n"].to_dict() == responses["onderscheid"].value_counts().to_dict()
    assert set(yes["base"]) == {responses["onderscheid"].notna().sum()}
    risks = tables["11"][tables["11"]["group"] == "Jongeren (13-17 jaar)"].dropna(subset=["n"])
    choices = s.definition.questions["risico_jong"].choices
    ticked = responses[[f"risico_jong.{choice.code}" for choice in choices]]
    by_label = dict(zip((choice.label for choice in choices), ticked.sum(), strict=True))
    assert len(risks) > 3
    assert all(by_label[row["category"]] == row["n"] for row in records(risks))
    assert set(risks["base"]) == {ticked.notna().any(axis=1).sum()}


def test_every_opinion_of_ledger_and_machine_is_there(s: Study, example: Path) -> None:
    codings = s.codings()
    machine = lines(example / "data" / "work" / "codings.jsonl")
    people = [one for path in example.glob("annotations/*/people.jsonl") for one in lines(path)]
    for found, kept in (
        (machine, codings["kind"] != "person"),
        (people, codings["kind"] == "person"),
    ):
        given = {(one["answer"], one["coder"], code) for one in found for code in one["codes"]}
        mine = codings[kept].dropna(subset=["code"])
        assert set(mine[["answer", "coder", "code"]].itertuples(index=False, name=None)) == given
    silent = codings[codings["code"].isna()]
    assert set(silent["answer"]) == {one["answer"] for one in people + machine if not one["codes"]}


def test_names_are_gone_unless_asked_for_and_evidence_is_in_the_text(
    s: Study, example: Path
) -> None:
    masked = s.answers().set_index("answer")["text"]
    raw = s.answers(raw=True).set_index("answer")["text"]
    assert raw.to_dict() == {
        one["id"]: one["text"] for one in lines(example / "data" / "work" / "answers.jsonl")
    }
    items = lines(example / "data" / "work" / "normalised.jsonl")
    named = [one["answer"] for one in items if "names_removed" in one["flags"]]
    assert named
    assert set(masked.index[masked != raw]) == set(named)
    for texts, codings in ((masked, s.codings()), (raw, s.codings(raw=True))):
        proved = codings.dropna(subset=["evidence"])
        assert len(proved) > 300
        for row in records(proved):
            assert all(part in texts[row["answer"]] for part in row["evidence"].split(" | "))


@pytest.mark.parametrize("name", [name for name in FRAMES if "agreement" not in name])
def test_changing_a_frame_changes_nothing(name: str, s: Study) -> None:
    before = FRAMES[name](s)
    spoilt = FRAMES[name](s)
    spoilt.attrs["title"] = "bedorven"
    spoilt.drop(spoilt.index, inplace=True)
    assert_frame_equal(FRAMES[name](s), before)
    assert FRAMES[name](s).attrs == before.attrs


def test_a_study_that_was_not_run_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="geen studie"):
        Study.open(tmp_path)
    s = Study.open(copy_example(tmp_path / "vers"))
    stages = dict.fromkeys(FRAMES, "tables") | {
        "responses": "read", "answers": "normalise", "codings": "code", "topics": "topics",
        "topics answers": "topics", "agreement": "read", "agreement confusions": "read",
    }  # fmt: skip
    for name, stage in stages.items():
        if name != "codebook":  # needs no run
            with pytest.raises(MissingStageError, match=rf'nog niet gedaan\n.*run\("{stage}"\)'):
                FRAMES[name](s)
    assert "Volgende stap: run() doet read, normalise, code, topics, tables" in repr(s)
    said = str(s.run("read"))
    assert "334 responsen binnengekomen" in said
    assert len(s.responses()) == 233
    assert "was al bij" in str(s.run("read"))
    with pytest.raises(DataError, match=r"stap bestaat niet.*tellen"):
        s.run("tellen")


def test_what_changed_since_the_run_is_not_shown_unless_asked(study: Path) -> None:
    s = Study.open(study)
    file = study / "study.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("order: count", "order: label"), "utf-8")
    with pytest.raises(MissingStageError, match="niet meer bij"):
        s.tables()
    assert len(s.answers()) == len(lines(study / "data" / "work" / "answers.jsonl"))
    assert "17" in Study.open(study, stale=True).tables()
    assert "… Tabellen" in s._repr_html_()
    file.write_text(text, "utf-8")
    assert "Alles is bij" in s._repr_html_()
    ledger = study / "annotations" / "noden" / "people.jsonl"
    ledger.write_text("".join(ledger.read_text("utf-8").splitlines(True)[:-1]), "utf-8")
    with pytest.raises(MissingStageError, match="niet meer bij"):
        s.decisions()


def test_a_wrong_name_is_refused_with_the_names_that_exist(s: Study) -> None:
    for ask in (s.answers, s.codings, s.decisions):
        with pytest.raises(DataError, match=r"nodn.*\n.*noden"):
            ask("nodn")
    with pytest.raises(DataError, match=r"start.*\n.*noden"):
        s.codebook("start")
    assert_frame_equal(s.codebook("toel_bereiken"), s.codebook("noden"))


def test_without_blind_codings_there_is_no_agreement_to_show(study: Path) -> None:
    for ledger in study.glob("annotations/*/people.jsonl"):
        ledger.unlink()
    with pytest.raises(DataError, match="blind"):
        Study.open(study).agreement()


def test_naming_the_package_does_not_load_what_frames_need() -> None:
    asked = "import sys, opentekst; opentekst.Codebook; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_tutorial_is_stored_without_outputs() -> None:
    for cell in NOTEBOOKS.read(DOCS / "notebook.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


def test_the_tutorial_runs_in_a_kernel_and_shows_progress(study: Path) -> None:
    notebook = NOTEBOOKS.read(DOCS / "notebook.ipynb", as_version=4)
    notebook.cells.append(
        NOTEBOOKS.v4.new_code_cell(
            "from opentekst.progress import in_notebook, notebook\n"
            "assert in_notebook()\n"
            "with notebook('Antwoorden lezen', 400) as step:\n"
            "    for _ in range(400):\n"
            "        step(1)"
        )
    )
    client = Watched(
        notebook, timeout=600, resources={"metadata": {"path": str(folder_beside(study))}}
    )
    client.seen = []
    client.execute()
    shown = {cell.source: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    (overview,) = shown["s"]
    assert "Alles is bij" in overview["data"]["text/html"]
    (refused,) = next(out for source, out in shown.items() if "except MissingStage" in source)
    assert "niet meer bij" in refused["text"]
    (counted,) = next(out for source, out in shown.items() if "by_hand =" in source)
    written = rows(study / "results" / "tables" / "tabellen.csv")
    need = next(r for r in written if r["tabel"] == "15" and "vrijwilligers" in r["categorie"])
    assert counted["text"].split() == [need["basis_gedrukt"], need["n"]]
    bar = [text for text in client.seen if "Antwoorden lezen" in text]
    assert 50 < len(bar) <= 101
    assert "400/400" in bar[-1]
    assert client.seen[-1] == ""


class Watched(NotebookClient):
    """Runs a notebook and keeps all HTML that was shown, also what later took its place."""

    seen: list[str]

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] in ("display_data", "update_display_data"):
            self.seen.append(msg["content"]["data"].get("text/html", ""))
        return super().process_message(msg, cell, cell_index)


def folder_beside(study: Path) -> Path:
    """Return a folder from which `..` is the study, as docs/ is in the repository."""
    folder = study / "docs"
    folder.mkdir()
    return folder
