"""The responses for SPSS: the .sav, and the syntax that PSPP runs."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import copy_example
from opentekst import store
from opentekst.model import Answer, Decision, Response, Table
from opentekst.pipeline import STAGES, Engine
from opentekst.pipeline.exporting import CTABLES, SAV, SYNTAX
from opentekst.pipeline.stages import counted_tables
from opentekst.results.spss import UNANSWERED, UNDECIDED, Names, dataset, short, to_sav
from opentekst.results.spss_syntax import Line, plan, to_syntax
from opentekst.results.tables import count_units, tabulate
from opentekst.study import Study


def written(study: Path, name: str) -> Path:
    return study / "results" / "spss" / name


# --- the file -----------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=8))
def test_names_are_such_as_spss_takes_and_never_twice(texts: list[str]) -> None:
    names = Names()
    given_names = [names.give(text) for text in [*texts, *texts, "by", "BY"]]
    assert len({name.casefold() for name in given_names}) == len(given_names)
    for name in given_names:
        assert re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9_.]{0,62}[A-Za-z0-9])?", name), name
        assert name.upper() not in {"ALL", "BY", "TO", "WITH", "NOT"}


@given(st.text(max_size=300), st.integers(4, 240))
def test_a_label_keeps_to_its_bytes_on_one_line(text: str, most: int) -> None:
    found = short(text, most)
    assert len(found.encode()) <= most
    assert "\n" not in found


def test_the_sav_holds_one_row_a_municipality_and_says_why_a_value_is_missing(
    example: Path,
) -> None:
    frame, meta = pyreadstat.read_sav(written(example, SAV), user_missing=True)
    responses = store.read_responses(example / "data/work/responses.jsonl")
    assert list(frame["eenheid"]) == [response.unit for response in responses]
    ghent = frame[frame["gemeente"] == "Gent"].iloc[0]
    assert (ghent["eenheid"], ghent["provincie"]) == ("44021", "Oost-Vlaanderen")
    assert meta.variable_value_labels["start"][1] == "Sinds de coronacrisis"
    label = str(meta.column_names_to_labels["kader.andere"])
    assert label.startswith("Andere beleidsontwikkeling – Binnen welke")
    assert meta.missing_ranges["noden.middelen"] == [
        {"lo": value, "hi": value} for value in (UNANSWERED, UNDECIDED)
    ]
    study = Study.open(example)
    _, counted, _ = counted_tables(study)
    wrote = {a.unit for a in store.read_answers(example / "data/work/answers.jsonl")
             if a.question == "noden"}  # fmt: skip
    for unit, value in zip(frame["eenheid"], frame["noden.middelen"], strict=True):
        held = counted.holds["noden"].get(unit)
        if held is not None:
            assert value == ("middelen" in held)
        else:
            assert value == (UNDECIDED if unit in wrote else UNANSWERED)


def test_no_text_of_an_answer_is_in_the_files_for_spss(example: Path) -> None:
    data = b"".join(written(example, name).read_bytes() for name in (SAV, SYNTAX, CTABLES))
    texts = {a.text for a in store.read_answers(example / "data/work/answers.jsonl")}
    labels = {code.label for book in Study.open(example).codebooks.values() for code in book.codes}
    said = [text for text in texts if len(text) > 25 and text not in labels]
    assert len(said) > 100
    assert not [text for text in said if text.encode() in data]


# --- the syntax, run by PSPP --------------------------------------------------------------

needs_pspp = pytest.mark.skipif(not shutil.which("pspp"), reason="PSPP staat hier niet")


def frequencies(folder: Path) -> dict[str, dict[str, int]]:
    """Run the syntax in PSPP; return how often each variable has each valid value.

    Of variables that are crossed with groups, "variable × groups=group" is the name.
    """
    (folder / "proef.sps").write_text(
        f"SET TVARS=NAMES TNUMBERS=VALUES.\nINSERT FILE='{SYNTAX}'.\n", "utf-8"
    )
    command = ["pspp", "-O", "format=csv", "-o", "uit.csv", "proef.sps"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout.decode()[:2000]
    output = (folder / "uit.csv").read_text("utf-8")
    assert " error: " not in output
    found: dict[str, dict[str, int]] = {}
    for block in output.split("\n\n"):
        name, *lines = block.splitlines() or [""]
        if " × " in name and lines and lines[0].startswith(",,,"):
            found |= crossed(name.removeprefix("Table: "), list(csv.reader(lines)))
        if not lines or not lines[0].startswith(",,Frequency"):
            continue
        kind, values = "", dict[str, int]()
        for row in csv.reader(lines[1:]):
            kind = row[0] or kind
            if kind == "Valid":
                values[row[1]] = int(row[2])
        found[name.removeprefix("Table: ")] = values
    return found


def crossed(name: str, rows: list[list[str]]) -> dict[str, dict[str, int]]:
    """Return of a crosstab the count of each value in each group, and in all ("Total")."""
    groups = [*rows[1][3:-1], "Total"]
    found: dict[str, dict[str, int]] = {f"{name}={group}": {} for group in groups}
    value = ""
    for row in rows[2:]:
        value = row[1] or value
        if row[2] == "Count" and row[0] != "Total":
            for group, count in zip(groups, row[3:], strict=True):
                found[f"{name}={group}"][value] = int(count)
    return found


def expected(tables: list[Table]) -> dict[tuple[str, str, str], tuple[int, int | None]]:
    return {
        (table.number, cell.group, cell.category): (cell.n, cell.base)
        for table in tables
        for cell in table.cells
        if cell.n is not None
    }


def counted_in_spss(
    lines: tuple[Line, ...], found: dict[str, dict[str, int]]
) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (line.table, line.group, line.label): (
            found[line.variable].get(str(line.value), 0),
            sum(found[line.variable].values()),
        )
        for line in lines
    }


@needs_pspp
def test_pspp_runs_the_syntax_and_counts_every_cell_as_our_tables_do(study: Path) -> None:
    opened = Study.open(study)
    tables, counted, _ = counted_tables(opened)
    responses = store.read_responses(study / "data/work/responses.jsonl")
    data = dataset(opened, responses, counted.holds, {}, {})
    split = next(table for table in tables if table.number == "17")
    ours = expected([table for table in tables if table is not split])
    lines = plan(opened, data, counted.holds).lines
    found = frequencies(study / "results" / "spss")
    theirs = counted_in_spss(tuple(line for line in lines if line.table != "17"), found)
    assert " warning: " not in written(study, "uit.csv").read_text("utf-8")
    assert len(ours) > 300
    assert {key: theirs.get(key) for key in ours} == ours

    variables = {line.label: line.variable for line in lines if line.table == "17"}
    cells = [cell for cell in split.cells if cell.category != "Totaal"]
    assert len(cells) > 80
    for cell in cells:
        province = re.sub(r" \([A-E]\)$", "", cell.group).replace("Totaal", "Total")
        variable = variables[cell.category.removeprefix("– ")]
        counts = found[f"{variable} × provincie={province}"]
        assert (counts.get("1", 0), sum(counts.values())) == (cell.n, cell.base)


def only_table(study: Study, number: str) -> Study:
    """Return a study that asks for this table only."""
    tables = tuple(spec for spec in study.file.tables if spec.number == number)
    return replace(study, file=study.file.model_copy(update={"tables": tables}))


@needs_pspp
def test_pspp_back_codes_as_we_do_where_a_text_brings_a_unit_into_the_base(tmp_path: Path) -> None:
    """Units that only wrote, only ticked "andere", or wrote what no code fits."""
    opened = only_table(Study.open(copy_example(tmp_path)), "3")
    ticks = [
        {"zorgzame_buurten"}, {"andere"}, {"andere"}, {"andere", "kindvriendelijk"}, set(), set(),
        {"geen_kader"},
    ]  # fmt: skip
    wrote: list[set[str] | None] = [
        None, {"zorgzame_buurten"}, {"andere.ouderen"}, {"dementievriendelijk", "andere"},
        {"andere.warme_gemeente"}, set(), set(),
    ]  # fmt: skip

    responses = [
        Response(f"{at}", ("r",), {}, {"kader": frozenset(ticked)} if ticked else {})
        for at, ticked in enumerate(ticks)
    ]
    answers = [
        Answer(f"{at}:kader_andere", "r", f"{at}", "kader_andere", "tekst")
        for at, codes in enumerate(wrote)
        if codes is not None
    ]
    decisions = [
        Decision(answer.id, frozenset(wrote[int(answer.unit)] or ()), "unanimous")
        for answer in answers
    ]
    counted = count_units(opened, responses, answers, decisions)
    data = dataset(opened, responses, counted.holds, {}, {})
    syntax = plan(opened, data, counted.holds)

    folder = tmp_path / "spss"
    folder.mkdir()
    (folder / SAV).write_bytes(to_sav(data, "Proef"))
    (folder / SYNTAX).write_bytes(to_syntax(opened, syntax, SAV))
    found = frequencies(folder)
    (table,) = tabulate(opened, counted)
    theirs = counted_in_spss(syntax.lines, found)
    assert {key: theirs[key] for key in expected([table])} == expected([table])
    assert found["kader.andere.tc"] == {"0": 3, "1": 3}


def test_ctables_names_only_what_the_other_files_make(example: Path) -> None:
    made = written(example, SYNTAX).read_text("utf-8")
    names = set(pyreadstat.read_sav(written(example, SAV), metadataonly=True)[1].column_names)
    tables = written(example, CTABLES).read_text("utf-8")
    used = set(re.findall(r"([A-Za-z][\w.]*\w) \[[SC]\]", tables))
    assert len(used) > 200
    assert not {name for name in used - names if f" {name}" not in made}
    sets = set(re.findall(r"\$\w+", tables))
    assert sets and sets <= set(re.findall(r"NAME=(\$[\w.]+)", made))
    longest = max(len(line.encode()) for line in (made + tables).splitlines())
    assert longest <= 256


def test_quotes_and_line_ends_in_a_label_cannot_end_a_command(study: Path) -> None:
    text = (study / "study.yaml").read_text("utf-8")
    bad = 'Flyer\'.\\nERASE FILE=\\"responsen.sav\\".'
    (study / "study.yaml").write_text(text.replace('label: "Flyer"', f'label: "{bad}"'), "utf-8")
    Engine(Study.open(study), STAGES).run(("tables",))
    syntax = written(study, SYNTAX).read_text("utf-8")
    assert not [line for line in syntax.splitlines() if line.startswith("ERASE")]
    assert "Flyer''. ERASE FILE=" in syntax
    if shutil.which("pspp"):
        frequencies(study / "results" / "spss")
        assert written(study, SAV).exists()
