"""The stage that codes: what may count, what waits for people, and what is said of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from opentekst import store
from opentekst.errors import CodebookError
from opentekst.pipeline import STAGES, Engine
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.deciding import automatic, decide
from opentekst.pipeline.vectors import remembered
from opentekst.pipeline.views import coded_answers, current_tables
from opentekst.study import Study

RULES = """
rules:
  - {codebook: noden, code: vrijwilligers, when: "*", effect: forbid, reason: "om te proberen"}
"""


def machine_codes(study: Path, code: str) -> int:
    codings = store.read_codings(study / "data" / "work" / "codings.jsonl")
    return sum(c.coder == "model:combined" and code in c.codes for c in codings)


def rerun(study: Path, *stages: str) -> dict[str, object]:
    reports = Engine(Study.open(study), STAGES).run(stages)
    return {r.stage: r.data for r in reports if r.ran}


def test_only_what_triage_trusts_counts_and_the_rest_waits(example: Path) -> None:
    study = Study.open(example)
    answers = store.read_answers(example / "data" / "work" / "answers.jsonl")
    trusted = automatic(study)
    by_machine = {d.answer for d in decide(study, answers) if d.basis == "automatic"}
    assert trusted
    assert by_machine == trusted
    provisional = {
        d.answer for d in decide(study, answers, provisional=True) if d.basis == "automatic"
    }
    assert len(provisional) > len(trusted)


def test_a_table_says_how_many_answers_still_wait(example: Path) -> None:
    notes = {table.number: " ".join(table.footnotes) for table in current_tables(example)}
    assert "wachten en niet meetellen" in notes["15"]
    assert "wachten" not in notes["1"]


def test_provisional_codes_count_where_the_study_says_so_and_the_tables_warn(study: Path) -> None:
    path = study / "study.yaml"
    path.write_text(path.read_text("utf-8") + "\ncoding: {unreviewed: count}\n", "utf-8")
    reports = Engine(Study.open(study), STAGES).run(("tables",))
    tables = reports[-1]
    assert tables.data["provisional"] > 50
    assert any("voorlopige codes" in line for line in tables.lines)
    needs = next(table for table in current_tables(study) if table.number == "15")
    assert any("door niemand nagekeken" in note for note in needs.footnotes)


def test_every_question_has_its_figures_and_those_add_up(example: Path) -> None:
    data = json.loads((example / "run.lock.json").read_text("utf-8"))["stages"]["code"]["report"]
    for figures in data.values():
        parts = ("people", "automatic", "left_for_review", "no_content")
        assert figures["answers"] == sum(figures[part] for part in parts)
        assert figures["right"] <= figures["checked"] <= figures["people"]
        assert (figures["expected_accuracy"] is None) == (figures["automatic"] == 0)


def test_the_production_curve_is_a_table_and_a_plot(example: Path) -> None:
    out = example / "results" / "coding"
    with (out / "productie.csv").open(encoding="utf-8-sig", newline="") as stream:
        points = [row for row in csv.DictReader(stream) if row["vraag"] == "noden"]
    assert [int(p["automatisch"]) for p in points] == sorted(int(p["automatisch"]) for p in points)
    assert all(0 <= float(p["juist"]) <= 1 and 0 < float(p["aandeel"]) <= 1 for p in points)
    picture = (out / "productie.svg").read_text("utf-8")
    assert "noden" in picture
    assert "ondergrens" in picture


def test_a_rule_of_the_study_outranks_the_machine(study: Path) -> None:
    before = machine_codes(study, "vrijwilligers")
    (study / "codebooks" / "regels.yaml").write_text(RULES, "utf-8")
    assert "code" in rerun(study, "code")
    assert machine_codes(study, "vrijwilligers") < before / 4
    rows = store.read_rows(study / "data" / "work" / "triage.jsonl", "code")
    ruled = {row["answer"] for row in rows if row["rules"]}
    codings = store.read_codings(study / "data" / "work" / "codings.jsonl")
    assert not [
        c
        for c in codings
        if c.answer in ruled and c.coder == "model:combined" and "vrijwilligers" in c.codes
    ]
    rerun(study, "tables")
    shown = coded_answers(study, "noden")
    assert {rule for answer in shown for rule in answer.rules} == {
        "een regel verbiedt 'vrijwilligers': om te proberen"
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RULES.replace("code: vrij", "code: vij"), "regels.yaml:3.*noden: vijwilligers"),
        (RULES.replace("codebook: noden", "codebook: node"), "regels.yaml:3.*node: vrijwilligers"),
        (RULES.replace("forbid", "verbied"), "regels.yaml:3.*effect"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(study: Path, text: str, fault: str) -> None:
    (study / "codebooks" / "regels.yaml").write_text(text, "utf-8")
    with pytest.raises(CodebookError, match=fault):
        rerun(study, "code")


def test_two_runs_write_the_same_bytes(study: Path) -> None:
    names = ("codings.jsonl", "triage.jsonl")
    paths = [study / "data" / "work" / name for name in names]
    paths += sorted((study / "results" / "coding").iterdir())
    before = [path.read_bytes() for path in paths]
    Engine(Study.open(study), STAGES).run(("code",), force=True)
    assert [path.read_bytes() for path in paths] == before


def test_vectors_are_remembered_without_the_texts(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "vectors.sqlite")
    texts = ["geheime tekst over Jan", "iets anders", "geheime tekst over Jan"]
    first = remembered("use", cache)(texts)
    again = remembered("use", cache)(texts)
    assert first.shape == (3, 512)
    assert (first == again).all()
    assert b"Jan" not in cache.path.read_bytes()
