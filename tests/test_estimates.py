"""Percentages with an interval that holds coding error and the units that did not answer."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from opentekst.model import Cell, Estimate, Table
from opentekst.pipeline.estimating import (
    Sources,
    coded_chances,
    estimate_csv,
    estimate_lines,
    estimated,
    estimates,
    sources,
)
from opentekst.pipeline.stages import counted_tables
from opentekst.results.estimate import estimate
from opentekst.results.excel import to_xlsx
from opentekst.results.export import to_html
from opentekst.review.audit import Sample, Stratum
from opentekst.study import Study

Arrays = tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.float64]]

verdicts = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=60, max_size=150)
"""What people and the machine say of each unit."""


def survey(pairs: list[tuple[bool, bool]], audit: int, seed: int) -> Arrays:
    """Return machine, people and chance, of a random `audit` of the units coded by people."""
    truth, machine = (np.array(column) for column in zip(*pairs, strict=True))
    drawn = np.random.default_rng(seed).permutation(len(pairs)) < audit
    chance = np.where(drawn, audit / len(pairs), np.nan)
    return machine, np.where(drawn, truth, -1).astype(np.int64), chance


def ends(found: Estimate) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


@given(
    verdicts,
    st.integers(20, 50),
    st.integers(0, 99),
    st.integers(0, 80),
    st.sets(st.integers(0, 9)),
)
def test_an_interval_holds_its_estimate_and_nothing_that_people_ruled_out(
    pairs: list[tuple[bool, bool]], audit: int, seed: int, outside: int, more: set[int]
) -> None:
    machine, people, chance = survey(pairs, audit, seed)
    unseen = np.flatnonzero(people < 0)
    for place in unseen[sorted(more)]:  # people coded these too, but not by lot
        people[place] = pairs[place][0]
    population = len(pairs) + outside
    found = estimate(machine, people, chance, population)
    low, high = ends(found)
    assert 0 <= low <= found.value <= high <= 100
    assert low >= 100 * (people == 1).sum() / population - 1e-9
    assert high <= 100 - 100 * (people == 0).sum() / population + 1e-9
    assert (found.base, found.n_audit, found.uncoded) == (
        len(pairs),
        audit,
        len(pairs) - audit - len(more),
    )


@given(verdicts, st.integers(20, 59), st.randoms(use_true_random=False))
def test_the_order_of_the_units_does_not_matter(
    pairs: list[tuple[bool, bool]], audit: int, random: Random
) -> None:
    machine, people, chance = survey(pairs, audit, 1)
    order = list(range(len(pairs)))
    random.shuffle(order)
    once = estimate(machine, people, chance, 400)
    assert once == estimate(machine, people, chance, 400)
    assert once == estimate(machine[order], people[order], chance[order], 400)


@given(st.lists(st.booleans(), min_size=80, max_size=200), st.integers(30, 79), st.integers(0, 9))
def test_a_machine_without_a_fault_leaves_the_plain_count(
    truth: list[bool], audit: int, seed: int
) -> None:
    machine, people, chance = survey([(one, one) for one in truth], audit, seed)
    found = estimate(machine, people, chance)
    low, high = ends(found)
    if len(set(people[people >= 0])) == 2:
        assert found.method == "assisted"
        assert found.value == pytest.approx(100 * sum(truth) / len(truth))
    assert low <= found.value <= high


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(0, 100))
def test_where_people_coded_all_only_the_units_that_did_not_answer_are_unsure(
    truth: list[bool], outside: int
) -> None:
    wrong_machine = [not one for one in truth]
    size, held = len(truth), sum(truth)
    found = estimate(wrong_machine, truth, [0.5] * size, size + outside)
    low, high = ends(found)
    assert found.method == "counted"
    assert found.value == pytest.approx(100 * held / size)
    assert low >= 100 * held / (size + outside) - 1e-9
    assert high <= 100 * (held + outside) / (size + outside) + 1e-9
    assert outside or low == high


def test_233_of_300_municipalities_leave_less_doubt_than_233_of_many() -> None:
    held = [True] * 38 + [False] * 195
    widths = []
    for asked in (233, 300, 600, 3000):
        low, high = ends(estimate(held, held, [1.0] * 233, asked))
        widths.append(high - low)
    assert widths[0] == 0
    assert widths == sorted(widths)
    # Jeffreys for 38 of 233 in an endless population, Brown, Cai & DasGupta's formula: 12.0-21.5
    assert widths[-1] == pytest.approx(9.5, abs=0.6)


def test_a_sample_too_small_says_so_and_gives_no_interval() -> None:
    machine, people, chance = survey([(True, True), (False, False)] * 60, 15, 3)
    found = estimate(machine, people, chance, 150)
    assert (found.method, found.low, found.high) == ("none", None, None)
    assert "te klein om iets te zeggen" in found.note


def test_a_unit_that_could_not_be_drawn_takes_the_interval_away_or_leaves_the_extremes() -> None:
    machine, people, chance = survey([(True, True), (False, False)] * 60, 119, 3)
    chance[people < 0] = 0
    found = estimate(machine, people, chance)
    known = 100 * (people == 1).sum() / 120
    assert found.method == "bounds"
    assert ends(found) == pytest.approx((known, known + 100 / 120))
    machine, people, chance = survey([(True, True), (False, False)] * 60, 60, 3)
    chance[people < 0] = 0
    assert estimate(machine, people, chance).method == "none"


def test_a_machine_that_guesses_is_not_used() -> None:
    rng = np.random.default_rng(4)
    pairs = [(bool(held), bool(said)) for held, said in rng.random((300, 2)) < (0.1, 0.5)]
    machine, people, chance = survey(pairs, 100, 4)
    found = estimate(machine, people, chance)
    assert found.method == "audit"
    assert "de machine maakt het cijfer niet scherper" in found.note
    assert found.value == pytest.approx((people == 1).sum())  # of 100 audited


@pytest.mark.parametrize(
    ("machine", "people", "chance", "population"),
    [
        ([], [], [], None),
        ([True], [1, 0], [0.5, 0.5], None),
        ([True, False], [1, 0], [0.5, 0.5], 1),
        ([True], [1], [1.2], None),
    ],
)
def test_what_makes_no_sense_is_refused(
    machine: list[bool], people: list[int], chance: list[float], population: int | None
) -> None:
    with pytest.raises(ValueError, match=r"arrays|chance"):
        estimate(machine, people, chance, population)


def test_unequal_chances_of_being_drawn_are_undone() -> None:
    """Half of the units is drawn eight times as often, and there the machine is right."""
    rng = np.random.default_rng(11)
    often = np.arange(400) < 200
    truth = np.where(often, np.arange(400) % 2 == 0, np.arange(400) % 10 == 0)
    machine = np.where(often, truth, True)
    rate = np.where(often, 0.8, 0.1)
    values, covered = [], 0
    for _ in range(200):
        lots = rng.random(400)
        drawn = np.zeros(400, dtype=bool)
        drawn[:200] = lots[:200].argsort().argsort() < 160
        drawn[200:] = lots[200:].argsort().argsort() < 20
        people = np.where(drawn, truth, -1)
        found = estimate(machine, people, np.where(drawn, rate, np.nan))
        low, high = ends(found)
        values.append(found.value)
        covered += low <= 100 * truth.mean() <= high
    # Without the weights the machine would look right nearly everywhere: 60% and more.
    assert np.mean(values) == pytest.approx(100 * truth.mean(), abs=2)
    assert covered >= 180


@pytest.mark.parametrize(
    ("units", "prevalence", "accuracy", "audit"),
    [(300, 0.02, 0.95, 50), (300, 0.30, 0.80, 100), (1000, 0.05, 0.70, 100)],
)
def test_95_percent_intervals_hold_the_truth_about_95_times_in_100(
    units: int, prevalence: float, accuracy: float, audit: int
) -> None:
    rng = np.random.default_rng(5)
    truth = np.arange(units) < round(prevalence * units)
    covered = counted_right = 0
    for _ in range(400):
        machine = truth ^ (rng.random(units) > accuracy)
        drawn = rng.permutation(units) < audit
        people = np.where(drawn, truth, -1)
        found = estimate(machine, people, np.where(drawn, audit / units, np.nan))
        low, high = ends(found)
        covered += low - 1e-9 <= 100 * truth.mean() <= high + 1e-9
        counted_right += abs(np.where(drawn, truth, machine).mean() - truth.mean()) < 0.01
    assert 0.92 <= covered / 400 <= 0.985
    assert counted_right < 200  # the plain count is off by more than a point most of the time


def test_what_is_drawn_and_not_yet_coded_makes_the_chance_smaller() -> None:
    sample = Sample(1, (Stratum(("a", "b", "c", "d"), ("a", "b", "c")), Stratum(("e",), ("e",))))
    chances, done = coded_chances(sample, {"a", "b", "d", "e"}, {"a", "c"})
    assert chances == {"a": 1 / 3, "b": 1 / 3, "d": 1 / 3, "e": 0.0}
    assert done == {"a"}


# The example study, the whole way.


def documented() -> list[dict[str, str]]:
    """Return the rows of the example that docs/schattingen.md shows."""
    page = (Path(__file__).parents[1] / "docs" / "schattingen.md").read_text("utf-8")
    block = page[page.index("| tabel |") :].split("\n\n")[0]
    heads, _, *lines = [
        [x.strip() for x in line.strip("|").split("|")] for line in block.split("\n")
    ]
    return [dict(zip(heads, line, strict=True)) for line in lines]


@pytest.fixture(scope="module")
def found(example: Path) -> Sources:
    return sources(Study.open(example))


def test_every_cell_of_the_example_has_an_estimate_beside_its_plain_count(example: Path) -> None:
    study = Study.open(example)
    made = estimates(study)
    tables, _, _ = counted_tables(study)
    text = estimate_csv(tables, made).decode("utf-8-sig")
    rows = {(r["tabel"], r["groep"], r["categorie"]): r for r in csv.DictReader(io.StringIO(text))}
    split = {spec.number for spec in study.file.tables if spec.by}
    whole = [table for table in tables if table.number not in split]
    asked = [(t, c) for t in whole for c in t.cells if c.n is not None and c.base]
    assert rows.keys() == {(t.number, c.group, c.category) for t, c in asked}
    for table, cell in asked:
        one = made[table.number, cell.group, cell.category]
        row = rows[table.number, cell.group, cell.category]
        assert row["procent"] == str(cell.percent)
        assert float(row["laag"]) <= float(row["schatting"]) <= float(row["hoog"])
        if one.method == "counted":
            assert (one.base, row["methode"]) == (cell.base, "geteld, zonder machine")
            assert float(row["schatting"]) == pytest.approx(float(row["procent"]), abs=0.051)
    open_ones = {key[0] for key, one in made.items() if one.method != "counted"}
    assert open_ones == {"15", "16"}
    assert made["16", "totaal", "Jongeren"].method == "assisted"
    for shown in documented():
        row = rows[shown["tabel"], "totaal", shown["categorie"]]
        assert {name: row[name].replace(".", ",") for name in shown} == shown
    (line,) = estimate_lines(made)
    assert "schattingen.csv" in line


def test_a_unit_with_several_answers_is_audited_where_all_of_them_are(
    example: Path, found: Sources
) -> None:
    study = Study.open(example)
    (table,) = [t for t in study.file.tables if t.number == "15"]
    answers: dict[str, list[str]] = {}
    for answer in found.answers:
        if answer.question in table.columns[0].sources:
            answers.setdefault(answer.unit, []).append(answer.id)
    whole = [unit for unit, mine in answers.items() if set(mine) <= set(found.audited)]
    one = estimated(study, found)["15", "totaal", "Geen nood"]
    assert any(len(mine) > 1 for mine in answers.values())
    assert (one.base, one.n_audit) == (len(answers), len(whole))


def test_intervals_from_half_of_peoples_codings_hold_what_all_of_them_say(
    example: Path, found: Sources
) -> None:
    """Table 3 counts boxes with what 48 wrote under 'andere', all coded: hide half of that."""
    study = Study.open(example)
    tables = tuple(table for table in study.file.tables if table.number == "3")
    study = replace(study, file=study.file.model_copy(update={"tables": tables}))
    truth = estimated(study, found)
    written = sorted(a.id for a in found.answers if a.question == "kader_andere")
    cells = held = 0
    for seed in range(6):
        kept = set(Random(seed).sample(written, 24))
        fewer = {a: codes for a, codes in found.people.items() if a not in written or a in kept}
        half = replace(
            found,
            people=fewer,
            audited=frozenset(found.audited) & fewer.keys(),
            chance={**found.chance, **dict.fromkeys(written, 24 / len(written))},
            population=233,
        )
        for key, one in estimated(study, half).items():
            assert one.n_audit == 24
            low, high = ends(one)
            held += low - 1e-9 <= truth[key].value <= high + 1e-9
            cells += 1
    assert held / cells >= 0.9


def test_page_and_workbook_show_each_interval_beside_its_count_and_none_of_a_hidden_cell() -> None:
    cells = (
        Cell("totaal", "a", 30, 100),
        Cell("totaal", "b", 40, 100),
        Cell("totaal", "c", None, 100, hidden=True),
        Cell("totaal", "d", 2, 100),
    )
    made = {
        ("1", "totaal", "a"): Estimate(30.0, 26.04, 34.4, "counted", 100, 0, 0),
        ("1", "totaal", "b"): Estimate(43.21, 38.0, 49.0, "assisted", 120, 50, 70),
        ("1", "totaal", "c"): Estimate(77.7, 66.6, 88.8, "counted", 100, 0, 0),
        ("1", "totaal", "d"): Estimate(2.0, None, None, "none", 100, 3, 90, "te klein"),
    }
    table = Table("1", "Noden", "Nood", ("totaal",), cells)
    page = to_html([table], "T", "", made).decode()
    for text in ("26,0–34,4", "≈ 43,2 (38,0–49,0)", "niet te zeggen", "a–b: 95%-interval"):
        assert text in page
    assert "88,8" not in page
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([table], made)))
    shown = {row[0]: row[3] for row in book["Tabel 1"].iter_rows(min_row=3, values_only=True)}
    assert shown["a"] == "26,0–34,4"
    assert shown["c"] in (None, "")
    figures = [row[:9] for row in book["Schattingen"].iter_rows(min_row=2, values_only=True)]
    assert figures == [
        ("1", "totaal", "a", 30, 100, 30, 30, 26.04, 34.4),
        ("1", "totaal", "b", 40, 100, 40, 43.21, 38, 49),
        ("1", "totaal", "d", 2, 100, 2, 2, None, None),
    ]
