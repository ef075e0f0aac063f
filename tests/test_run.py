"""The whole way through, on the example: from the raw export to the report's tables."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import sqlite3
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from opentekst import store
from opentekst.model import Table
from opentekst.pipeline import STAGES, Engine
from opentekst.pipeline.stages import counted_tables
from opentekst.pipeline.unit_facts import unit_facts
from opentekst.pipeline.views import current_tables
from opentekst.results.tables import count_units, tabulate
from opentekst.study import Study
from opentekst.survey import read_survey

PRINTED = Path(__file__).parents[1] / "data" / "rapport" / "tabellen.csv"
EXACT = {"1", "3", "4", "6", "7", "8", "9", "10", "11", "13"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def cells(path: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    return {(r["tabel"], r["groep"], r["categorie"]): r for r in rows(path)}


def computed(study: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    return cells(study / "results" / "tables" / "tabellen.csv")


def test_results_of_two_pipelines_are_never_mixed(study: Path) -> None:
    used = ("normalise", "code")

    def lock() -> dict[str, str]:
        stages = json.loads((study / "run.lock.json").read_text("utf-8"))["stages"]
        return {name: stage["inputs"]["pipeline"] for name, stage in stages.items() if name in used}

    before = lock()
    assert set(before) == set(used)
    assert len(set(before.values())) == 1
    settings = study / "study.yaml"
    text = settings.read_text("utf-8")
    assert "pipeline: nl_core_news_sm" in text
    settings.write_text(text.replace("pipeline: nl_core_news_sm", "pipeline: blank_nl"), "utf-8")
    ran = [r.stage for r in Engine(Study.open(study), STAGES).run(("code",)) if r.ran]
    assert ran == ["normalise", "code"]
    assert all(value.startswith("blank_nl ") for value in lock().values())


def test_every_cell_of_the_report_is_computed_from_the_raw_export(example: Path) -> None:
    mine = computed(example)
    printed = cells(PRINTED)
    assert len(printed) == 318
    different = {
        key
        for key, cell in printed.items()
        if (mine[key]["n"], mine[key]["procent"])
        != (cell["n"], cell["procent"] and str(Decimal(cell["procent"]).quantize(Decimal("0.1"))))
    }
    assert {key for key in different if key[0] in EXACT} == set()
    assert all(mine[key]["n"] == printed[key]["n"] for key in printed)
    assert {key for key in different if key[0] != "12"} == {
        (
            "5",
            "Helemaal eens",
            "Ik heb het gevoel dat ons lokaal bestuur van betekenis is voor de aanpak van"
            " eenzaamheid in onze gemeente/stad",
        ),
        ("14", "Jongvolwassenen (18-25 jaar)", "Bibliotheek"),
    }


def test_the_order_of_the_rows_is_the_reports(example: Path) -> None:
    mine = [key for key in computed(example) if int(key[0]) <= 14]
    assert mine == list(cells(PRINTED))


def test_table_2_gets_the_base_that_makes_its_percentages_right(example: Path) -> None:
    assert {r["basis_gedrukt"] for k, r in computed(example).items() if k[0] == "2"} == {"213"}


def test_what_the_print_got_wrong_is_listed_with_the_reason(example: Path) -> None:
    found = rows(example / "results" / "tables" / "verschillen.csv")
    assert {r["tabel"] for r in found} == {"2", "5", "12", "14"}
    assert {r["verklaard"] for r in found} == {"ja"}
    library = next(r for r in found if r["tabel"] == "14")
    assert library["categorie"] == "Bibliotheek"
    assert "alleen basis 55 geeft 23,6%; de rest van de kolom heeft 38" in library["reden"]
    assert Counter(r["tabel"] for r in found)["12"] > 5


def test_rows_from_andere_come_out_of_the_texts_not_out_of_a_column(example: Path) -> None:
    study = Study.open(example)
    new = {"andere.ouderen": 13, "andere.warme_gemeente": 6, "andere.gezonde_gemeente": 5}
    assert not new.keys() & {choice.code for choice in study.questions["kader"].choices}
    survey = read_survey(study)
    without_texts = count_units(study, survey.responses, survey.answers, [])
    _, counted, _ = counted_tables(study)
    for code, n in new.items():
        assert not any(code in held for held in without_texts.holds["kader"].values())
        assert sum(code in held for held in counted.holds["kader"].values()) == n


def test_back_coding_moves_answers_and_keeps_the_base(example: Path) -> None:
    study = Study.open(example)
    survey = read_survey(study)
    before = count_units(study, survey.responses, survey.answers, []).holds["kader"]
    _, counted, _ = counted_tables(study)
    after = counted.holds["kader"]
    moved = [m for m in counted.moved if m.question == "kader" and m.leaves_other]
    assert len(before) == len(after) == 232
    assert moved
    ticks = [sum("andere" in held for held in when.values()) for when in (before, after)]
    assert ticks[0] - ticks[1] == len(moved)
    for move in moved:
        assert set(move.codes) <= after[move.unit]


def test_the_cleaning_log_accounts_for_every_response(example: Path) -> None:
    data = Engine(Study.open(example), STAGES).last("read")
    assert data["received"] == data["kept"] + sum(data["removed"].values())
    assert all(n > 0 for n in data["removed"].values())
    assert (data["units"], data["population"]) == (233, 300)
    log = rows(example / "results" / "opschoning.csv")
    kinds = Counter(r["soort"] for r in log)
    assert {rule: kinds[rule] for rule in data["removed"]} == data["removed"]
    assert kinds["tegenspraak"] > 10


def test_every_open_answer_is_decided_or_said_to_be_open(example: Path) -> None:
    work = example / "data" / "work"
    answers = store.read_answers(work / "answers.jsonl")
    decisions = store.read_decisions(work / "decisions.jsonl")
    assert [d.answer for d in decisions] == [a.id for a in answers]
    assert len({a.text.strip().casefold() for a in answers}) >= 600
    assert {"unanimous", "adjudicated", "automatic"} <= {d.basis for d in decisions}
    empty = {n.answer for n in store.read_normalised(work / "normalised.jsonl") if n.flags}
    waiting = {
        row["answer"] for row in store.read_rows(work / "triage.jsonl", "code")
        if not row["automatic"]
    }  # fmt: skip
    assert {d.answer for d in decisions if d.basis == "open"} <= empty | waiting


def in_process(root: Path) -> list[Table]:
    """Read the export anew and count with the codes already given: seconds, not minutes."""
    study = Study.open(root)
    survey = read_survey(study)
    known = {answer.id for answer in survey.answers}
    decisions = store.read_decisions(root / "data" / "work" / "decisions.jsonl")
    kept = [d for d in decisions if d.answer in known]
    counted = count_units(study, survey.responses, survey.answers, kept)
    return tabulate(study, counted, unit_facts(study))


def changed(before: list[Table], after: list[Table]) -> set[str]:
    return {b.number for b, a in zip(before, after, strict=True) if b != a}


def test_deleting_a_respondent_changes_exactly_the_tables_it_answered(study: Path) -> None:
    opened = Study.open(study)
    survey = read_survey(opened)
    answered_by = {a.respondent for a in survey.answers}
    alone = [r for r in survey.responses if len(r.respondents) == 1]
    chosen = next(r for r in alone if r.respondents[0] not in answered_by and r.multiple)
    expected = {
        table.number
        for table in opened.file.tables
        for group in table.columns
        for name in group.sources
        if name in chosen.single
        or name in chosen.multiple
        or any(item.startswith(f"{name}.") for item in chosen.single)
    }
    before = in_process(study)
    delete_row(study / "data" / "raw" / "bevraging_2021.csv", chosen.respondents[0])
    assert changed(before, in_process(study)) == expected
    assert expected and expected != {t.number for t in opened.file.tables}


def delete_row(path: Path, respondent: str) -> None:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = [row for row in csv.reader(stream) if respondent not in row]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(lines)


def test_the_spss_file_gives_the_same_tables(study: Path) -> None:
    before = in_process(study)
    settings = study / "study.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "bevraging_2021.csv" in text
    settings.write_text(text.replace("bevraging_2021.csv", "bevraging_2021.sav"), encoding="utf-8")
    assert in_process(study) == before


def outputs(root: Path) -> dict[str, bytes]:
    places = [root / "results", root / "data" / "work"]
    files = [p for place in places for p in place.rglob("*") if p.is_file()]
    found = {p.relative_to(root).as_posix(): p.read_bytes() for p in files}
    found["run.lock.json"] = (root / "run.lock.json").read_bytes()
    passing = (".lock", ".sqlite")  # What a cache remembers depends on which commands were run.
    return {name: content for name, content in found.items() if not name.endswith(passing)}


def remembered(root: Path) -> dict[str, dict[str, str]]:
    """Return what each cache holds, by its file's name."""
    found = {}
    for path in sorted((root / "data" / "work").glob("*.sqlite")):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            found[path.name] = dict(connection.execute("SELECT key, value FROM kept"))
    return found


def test_running_again_elsewhere_gives_identical_bytes(example: Path, tmp_path: Path) -> None:
    again = tmp_path / "elders"
    shutil.copytree(
        example, again, ignore=shutil.ignore_patterns("work", "results", "run.lock.json")
    )
    Engine(Study.open(again), STAGES).run()
    first, second = outputs(example), outputs(again)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    ours, theirs = remembered(example), remembered(again)
    assert theirs and ours.keys() == theirs.keys()
    for name, kept in theirs.items():
        assert kept and kept.items() <= ours[name].items()


def test_a_second_run_does_nothing(study: Path) -> None:
    before = outputs(study)
    reports = Engine(Study.open(study), STAGES).run()
    assert [report.ran for report in reports] == [False] * len(STAGES)
    assert outputs(study) == before


def test_a_human_coding_reruns_what_depends_on_it_and_nothing_else(study: Path) -> None:
    engine = Engine(Study.open(study), STAGES)
    ledger = study / "annotations" / "noden" / "people.jsonl"
    with ledger.open("a", encoding="utf-8") as stream:
        last = json.loads(ledger.read_text(encoding="utf-8").splitlines()[-1])
        stream.write(json.dumps({**last, "coder": "person:nieuw"}, ensure_ascii=False) + "\n")
    fresh = {stage.name: engine.fresh(stage) for stage in STAGES}
    assert fresh == {
        "read": True,
        "normalise": True,
        "code": False,
        "topics": False,
        "tables": False,
    }


def test_a_table_lists_the_needs_from_the_open_answers(example: Path) -> None:
    needs = next(t for t in current_tables(example) if t.number == "15")
    n = {cell.category: cell.n or 0 for cell in needs.cells}
    book = Study.open(example).codebooks["noden"]
    for code in book.codes:
        children = [c for c in book.codes if c.parent == code.id]
        if children:
            assert max(n[c.label] for c in children) <= n[code.label]
    assert all(cell.base and cell.n is not None and cell.n <= cell.base for cell in needs.cells)


@pytest.mark.parametrize("name", ["tabellen.csv", "tabellen.xlsx", "tabellen.html"])
def test_the_exports_are_there(example: Path, name: str) -> None:
    assert (example / "results" / "tables" / name).stat().st_size > 5000
