"""A changed codebook in the example study, all the way to the tables."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from opentekst import store
from opentekst.codebook import Code, Codebook
from opentekst.codebook.changes import (
    Merge,
    Move,
    Part,
    Rename,
    Split,
)
from opentekst.codebook.editing import edit
from opentekst.errors import CodebookError, LedgerError, MissingStageError, StudyError
from opentekst.model import Coding, Table
from opentekst.pipeline import STAGES, Engine, codebooks, versions
from opentekst.pipeline.deciding import decide
from opentekst.pipeline.opinions import opinions
from opentekst.pipeline.stages import counted_tables
from opentekst.pipeline.views import coded_answers
from opentekst.store import Paths
from opentekst.study import Study


def run(root: Path) -> Study:
    Engine(Study.open(root), STAGES).run(("code",))
    return Study.open(root)


def figures(
    tables: list[Table], rename: Mapping[str, str]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (table.number, rename.get(cell.category, cell.category), cell.group): (
            cell.n or 0,
            cell.base or 0,
        )
        for table in tables
        for cell in table.cells
    }


def units(study: Study, table: str) -> dict[str, set[str]]:
    """Per code, the units that hold it in the questions of a table."""
    counted = counted_tables(study)[1]
    spec = next(spec for spec in study.file.tables if spec.number == table)
    found: dict[str, set[str]] = {}
    for group in spec.columns:
        for name in group.sources:
            for unit, codes in counted.holds[name].items():
                for code in codes:
                    found.setdefault(code, set()).add(unit)
    return found


def test_renaming_and_moving_change_no_figure_and_a_merged_row_is_the_union(study: Path) -> None:
    opened = Study.open(study)
    before, had = figures(counted_tables(opened)[0], {}), units(opened, "15")
    labels = {code.id: code.label for code in opened.codebooks["noden"].codes}
    ledgers = {path: path.read_bytes() for path in study.glob("annotations/*/*.jsonl")}
    codebooks.change(
        opened,
        "noden",
        [
            Rename(code="vrijwilligers", label="Handen tekort", id="handen", reason="korter"),
            Move(code="geen_nood", parent="samenwerking.intern"),
        ],
        dry=False,
    )
    now = figures(counted_tables(run(study))[0], {"Handen tekort": labels["vrijwilligers"]})
    # A code counts for those above it: only these two got one more below them.
    above = {labels[code] for code in ("samenwerking", "samenwerking.intern")}

    def others(found: Mapping[tuple[str, str, str], Any]) -> dict[tuple[str, str, str], Any]:
        # Table 17 shows the tree by dashes, and its letters compare all codes.
        return {
            (table, label, group): n
            for (table, category, group), n in found.items()
            if (label := category.lstrip("– ")) not in above
        }

    assert others(now) == others(before)

    merge = Merge(codes=("handen", "middelen.personeel"), into="mensen", label="Mensen")
    codebooks.change(Study.open(study), "noden", [merge], dry=False)
    merged = units(run(study), "15")["mensen"]
    assert merged == had["vrijwilligers"] | had["middelen.personeel"]
    assert len(merged) < len(had["vrijwilligers"]) + len(had["middelen.personeel"])
    rows = {cell.category for t in counted_tables(Study.open(study))[0] for cell in t.cells}
    assert "Mensen" in rows and not rows & {"Handen tekort", labels["middelen.personeel"]}

    for _ in range(2):
        codebooks.undo(Study.open(study), "noden", "toch niet", "an", dry=False)
    assert figures(counted_tables(run(study))[0], {}) == before
    assert {path: path.read_bytes() for path in ledgers} == ledgers


def test_a_split_queues_exactly_the_answers_that_had_the_code(study: Path) -> None:
    opened = Study.open(study)
    answers = store.read_answers(Paths(study).work / "answers.jsonl")
    before = {d.answer: d for d in decide(opened, answers)}
    said: dict[tuple[str, str], Coding] = {(c.answer, c.coder): c for c in opinions(opened).codings}
    hit = {answer for (answer, _), coding in said.items() if "expertise.kennis" in coding.codes}
    split = Split(
        code="expertise.kennis",
        into=(Part(id="expertise.vorming", label="Vorming"), Part(id="expertise.visie")),
    )
    report = codebooks.change(opened, "noden", [split], dry=False)
    judged = {a for a in hit if before[a].basis == "adjudicated"}
    opened = Study.open(study)
    now = {d.answer: d for d in decide(opened, answers)}
    waiting = {a for a in now if now[a].basis == "open" and before[a].basis not in ("open",)}
    assert waiting <= hit and report.touched.waiting == len(hit)
    assert all(now[a].basis == "open" for a in hit - judged)
    assert all(now[a] == before[a] for a in now.keys() - hit if before[a].basis != "automatic")

    # Coded again by anybody under the new version, the answer counts again.
    others = {a for (a, _), coding in said.items() if "expertise.kennis" not in coding.codes}
    alone = hit - judged - others
    one = min(alone)
    ref = opened.codebooks["noden"].ref
    new = Coding(one, ("expertise.vorming",), "person:later", (1.0,), (), ref, "2026-01-01")
    store.append_ledger(Paths(study).ledger(one.rpartition(":")[2]), [new])
    settled = {d.answer: d for d in decide(Study.open(study), answers)}
    assert (settled[one].basis, settled[one].codes) == (
        "unanimous",
        frozenset({"expertise.vorming"}),
    )
    assert all(settled[a].basis == "open" for a in hit - judged - {one})


def command(root: Path, *words: str, fails: bool = False) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "opentekst", "codebook", *words, "--study", str(root), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return {"said": done.stderr} if fails else dict(json.loads(done.stdout))


def test_a_merge_of_boxes_is_followed_in_study_yaml_and_undone_there(study: Path) -> None:
    settings_before = (study / "study.yaml").read_bytes()
    dry = command(
        study, "merge", "bibliotheek", "cultuurcentrum", "--into", "cultuur", "--label", "Cultuur",
        "--codebook", "partners", "--reason", "zelfde dienst", "--dry-run",
    )  # fmt: skip
    assert (dry["made"], dry["tables"], (study / "study.yaml").read_bytes()) == (
        False, ["14"], settings_before,
    )  # fmt: skip
    had = figures(counted_tables(Study.open(study))[0], {})
    command(
        study, "merge", "bibliotheek", "cultuurcentrum", "--into", "cultuur", "--label", "Cultuur",
        "--codebook", "partners", "--reason", "zelfde dienst",
    )  # fmt: skip
    opened = run(study)
    now = figures(counted_tables(opened)[0], {})
    for group in ("Jongeren (13-17 jaar)", "Ouderen (60+)"):
        parts = [had["14", label, group] for label in ("Bibliotheek", "Cultuurcentrum")]
        n, base = now["14", "Cultuur", group]
        assert max(part[0] for part in parts) <= n < sum(part[0] for part in parts)
        assert base == parts[0][1]
    refused = command(study, "split", "cultuur", "--into", "a=A", "--into", "b=B", fails=True)
    assert "vakjes" in str(refused["said"])
    command(study, "undo", "partners")
    assert (study / "study.yaml").read_bytes() == settings_before
    assert versions.crosswalk(Study.open(study), "partners", 1, 3).found[0].kind == "same"


def test_a_code_that_no_version_had_is_refused_with_its_line(study: Path) -> None:
    ledger = Paths(study).ledger("noden")
    text = ledger.read_text("utf-8").replace('"bereiken"', '"bereik"', 1)
    ledger.write_text(text, "utf-8")
    codebooks_dir = study / "codebooks"
    assert not (codebooks_dir / "history").exists()
    with pytest.raises(LedgerError, match="codebook rename") as refusal:
        opinions(Study.open(study))
    assert refusal.value.place.endswith("people.jsonl:1")


def test_a_study_whose_settings_were_changed_since_is_not_put_back_blindly(study: Path) -> None:
    command(study, "rename", "caw", "--id", "welzijnswerk", "--codebook", "partners")
    path = study / "study.yaml"
    path.write_text(
        path.read_text("utf-8").replace("welzijnswerk, column", "welzijnswerk,  column")
    )
    with pytest.raises(StudyError, match="met de hand"):
        codebooks.undo(Study.open(study), "partners", "", "an", dry=False)


def test_a_codebook_between_braces_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = "codebook: b\nversion: 1\ntitle: t\ncodes:\n  - {id: a, label: A}\n"
    with pytest.raises(CodebookError, match="accolades"):
        edit(text, Codebook("b", 2, "t", (Code("a", "B"),)))


def test_the_page_for_researchers_says_what_the_commands_say(study: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "codeboek.md").read_text("utf-8")
    merge, split = (shlex.split(block) for block in _blocks(page, "sh"))
    (shown,) = _blocks(page, "text")
    done = subprocess.run(
        [sys.executable, "-m", *merge, "--study", str(study)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == shown
    assert command(study, *split[2:], "--dry-run")["waiting"] == 30
    assert "voorbeeldstudie zijn dat er 30" in page
    (changes,) = _blocks(page, "yaml")
    (study / "wijzigingen.yaml").write_text(changes, "utf-8")
    made = command(study, "apply", str(study / "wijzigingen.yaml"))
    assert (made["from"], made["to"], made["made"]) == (1, 2, True)
    assert Study.open(study).codebooks["noden"].by_id["mensen"].label == "Te weinig mensen"


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)


def test_show_asks_for_a_run_where_ids_changed_since(study: Path) -> None:
    command(study, "rename", "vrijwilligers", "--id", "handen", "--reason", "korter")
    with pytest.raises(MissingStageError, match="codeboek is veranderd"):
        coded_answers(study, code="handen")
