"""What changed between two waves: the arithmetic, by hand and against published examples."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from opentekst.codebook import Codebook, History
from opentekst.pipeline.bridging import recoded, sample_of
from opentekst.results.bridge import Readings, decompose
from opentekst.results.crosswalks import Crosswalk, same
from opentekst.results.drift import standing_out, words
from opentekst.results.waves import (
    Pairs,
    Subject,
    change_of_all,
    change_of_pairs,
    pairs_of,
    trends,
    variance_of_change,
)
from opentekst.study import Study

ROOT = Path(__file__).parents[1]
WAVE = ROOT / "data" / "golf_2026"
CODES = ("geld", "personeel", "vervoer")
UNITS = [f"u{number}" for number in range(24)]
held = st.dictionaries(
    st.sampled_from(UNITS), st.frozensets(st.sampled_from(CODES)), min_size=1, max_size=24
)
subjects = [Subject("noden", code, code, "code") for code in CODES]


@given(held)
def test_a_wave_compared_with_itself_shows_no_change(wave: dict[str, frozenset[str]]) -> None:
    for row in trends(subjects, wave, wave, len(UNITS) + 5):
        assert row.change is not None and row.paired is not None and row.pairs is not None
        assert row.change.difference == row.change.low == row.change.high == 0
        assert row.change.p == row.change.adjusted == 1
        assert row.paired.difference == 0 and row.paired.p == 1
        assert row.pairs.only_then == row.pairs.only_now == 0
    bridge = {unit: Readings(codes, codes, codes) for unit, codes in wave.items()}
    for part in decompose(CODES, wave, wave, bridge):
        assert part.total == part.opinion == part.codebook == part.coder == 0
        assert set(part.intervals.values()) == {(0.0, 0.0)}


def test_the_paired_test_gives_the_published_figures() -> None:
    # The vignette of the R package exact2x2 (Fay 2010): b = 2, c = 9, p = 0.06543.
    found = change_of_pairs(Pairs(both=21, only_then=9, only_now=2, neither=12))
    assert found is not None and found.p == pytest.approx(0.06543, abs=5e-6)
    # Agresti (2002, Categorical Data Analysis, 10.1): ratings of the Prime Minister, 944 then 880
    # of 1600 approve; the difference lies between 0.02 and 0.06.
    found = change_of_pairs(Pairs(both=794, only_then=150, only_now=86, neither=570))
    assert found is not None and found.difference == Fraction(880 - 944, 1600)
    assert (round(found.low, 2), round(found.high, 2)) == (-0.06, -0.02)
    assert found.p < 0.0001


def test_the_variance_is_right_on_average_over_every_possible_pair_of_samples() -> None:
    """All overlapping samples from a small population: no approximation, no luck."""
    everyone = [f"u{number}" for number in range(7)]
    then, now = {"u0", "u1", "u3", "u6"}, {"u0", "u3", "u4"}
    differences, estimates = [], []
    for first, second in product(combinations(everyone, 4), repeat=2):
        if len(set(first) & set(second)) == 2:
            had, has = then & set(first), now & set(second)
            differences.append(len(has) / 4 - len(had) / 4)
            estimates.append(variance_of_change(had, set(first), has, set(second), 7))
    assert len(differences) == 630
    assert np.mean(differences) == pytest.approx(3 / 7 - 4 / 7)
    assert np.mean(estimates) == pytest.approx(float(np.var(differences)))


def test_where_everybody_answered_twice_nothing_is_left_to_estimate() -> None:
    found = change_of_all(UNITS[:6], UNITS, UNITS[3:12], UNITS, len(UNITS))
    assert found is not None
    assert found.low == found.high == float(found.difference) == 3 / 24


def test_two_samples_without_overlap_are_compared_as_independent_ones() -> None:
    first, second = [f"a{i}" for i in range(50)], [f"b{i}" for i in range(50)]
    found = change_of_all(first[:10], first, second[:20], second, 10**9)
    assert found is not None
    error = (0.2 * 0.8 / 49 + 0.4 * 0.6 / 49) ** 0.5
    assert found.low == pytest.approx(0.2 - 1.959964 * error, abs=1e-6)
    assert found.p == pytest.approx(2 * float(norm.sf(0.2 / error)))


@given(held, held)
def test_pairs_are_the_units_that_answered_both_times(
    then: dict[str, frozenset[str]], now: dict[str, frozenset[str]]
) -> None:
    for code in CODES:
        had = {unit for unit in then if code in then[unit]}
        has = {unit for unit in now if code in now[unit]}
        found = pairs_of(had, then, has, now)
        assert found.total == len(then.keys() & now.keys())
        assert found.both + found.only_then == len(had & now.keys())
        assert found.both + found.only_now == len(has & then.keys())


@given(held, held, st.data())
def test_opinion_codebook_and_coder_add_up_exactly(
    then: dict[str, frozenset[str]], now: dict[str, frozenset[str]], data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(st.sampled_from(sorted(then)), min_size=1, unique=True))
    codes = st.frozensets(st.sampled_from(CODES))
    bridge = {unit: Readings(then[unit], data.draw(codes), data.draw(codes)) for unit in drawn}
    for part in decompose(CODES, then, now, bridge):
        assert part.opinion + part.codebook + part.coder == part.total == part.now - part.then
        total, *rounded = part.rounded()
        assert sum(rounded) == total
        code = part.code
        recoded = sum(code in one.recoded for one in bridge.values())
        counted = sum(code in one.then for one in bridge.values())
        assert part.codebook + part.coder == Fraction(recoded - counted, len(bridge))
        low, high = part.intervals["codebook"]
        assert -1 <= low <= high <= 1


def test_a_change_that_is_only_the_codebooks_is_not_taken_for_opinion() -> None:
    """Nobody changed their mind; the new code catches what had no code."""
    nothing, bus = frozenset[str](), frozenset({"vervoer"})
    then = {unit: nothing for unit in UNITS}
    now = {unit: bus if number < 6 else nothing for number, unit in enumerate(UNITS)}
    bridge = {unit: Readings(nothing, now[unit], now[unit]) for unit in UNITS}
    (part,) = decompose(["vervoer"], then, now, bridge)
    assert part.rounded() == (Decimal("25.0"), Decimal("0.0"), Decimal("25.0"), Decimal("0.0"))
    assert part.intervals["opinion"] == (0.0, 0.0)


@pytest.fixture(scope="module")
def crosswalk() -> Crosswalk:
    """From the example's codebook of 2021 to that of 2026."""
    history = History.load(WAVE / "codebooks" / "noden.yaml")
    return Crosswalk(history.version(1), history.now, history.chain.between(1, 2))


def test_the_codebook_of_2026_came_from_that_of_2021(crosswalk: Crosswalk) -> None:
    assert crosswalk.then == Codebook.load(ROOT / "codebooks" / "noden.yaml")
    assert crosswalk.lost == ("samenwerking.extern",)
    assert crosswalk.fresh == {"mobiliteit"}
    parts = {"samenwerking.partners", "samenwerking.gemeenten"}
    assert not crosswalk.tied & (parts | {"mobiliteit", "samenwerking.extern"})
    assert "samenwerking" in crosswalk.tied


def test_coders_of_2026_coded_every_answer_of_the_bridge_again() -> None:
    study = Study.open(WAVE)
    sample, again = sample_of(study, "noden"), recoded(study, "noden")
    assert sample is not None and (len(sample.answers), len(again)) == (60, 77)
    buses = {answer for answer, codes in again.items() if "mobiliteit" in codes}
    assert len(buses) == 4
    ledger = ROOT / "annotations" / "noden" / "people.jsonl"
    then = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert not [line for line in then if line["answer"] in buses and line["codes"]]


def test_a_split_code_is_read_as_what_lies_above_it_until_somebody_says(
    crosswalk: Crosswalk,
) -> None:
    said = frozenset({"samenwerking.extern", "vrijwilligers"})
    assert crosswalk.as_then(said) == {"samenwerking.extern", "samenwerking", "vrijwilligers"}
    assert crosswalk.carried(said) == {"samenwerking", "vrijwilligers"}
    again = frozenset({"samenwerking.gemeenten", "mobiliteit", "bereiken"})
    assert crosswalk.completed(said, again) == {
        "samenwerking", "vrijwilligers", "samenwerking.gemeenten", "mobiliteit",
    }  # fmt: skip
    # Where the old coder had not given the code that was split, its part is the coder's doing.
    assert "samenwerking.gemeenten" not in crosswalk.completed(frozenset({"bereiken"}), again)
    book = crosswalk.then
    assert same(book).completed(said, again) == book.net(said)


def test_what_could_not_be_given_then_is_not_compared(crosswalk: Crosswalk) -> None:
    rows = trends(
        [Subject("q", "mobiliteit", "Vervoer", "code", "now"), subjects[0]],
        {"a": frozenset({"geld"})},
        {"a": frozenset({"mobiliteit"})},
        2,
    )
    assert rows[0].change is None and rows[0].paired is None and rows[1].change is not None


def test_rows_about_a_few_municipalities_are_hidden_and_cannot_be_worked_out() -> None:
    rows = [Subject("q", value, value, "choice") for value in ("Ja", "Nee", "Weet niet")]
    then = {f"u{i}": frozenset({"Ja" if i < 20 else "Nee"}) for i in range(40)}
    now = {unit: frozenset({"Weet niet"}) if unit == "u0" else then[unit] for unit in then}
    assert not any(row.hidden for row in trends(rows, then, now, 50))
    guarded = {row.subject.code: row for row in trends(rows, then, now, 50, threshold=3)}
    assert guarded["Weet niet"].hidden
    assert sum(row.hidden for row in guarded.values()) >= 2


def test_words_that_came_stand_out_and_common_words_do_not() -> None:
    then = Counter({"geld": 30, "corona": 12, "tijd": 20})
    now = Counter({"geld": 28, "fusie": 11, "tijd": 22})
    units = {word: [str(i) for i in range(9)] for word in (*then, *now)}
    came, went = standing_out(words(then, now), units, 3)
    assert [word.word for word in came] == ["fusie"]
    assert [word.word for word in went] == ["corona"]
    assert all(word.z == 0 for word in words(then, then))
    few = {**units, "fusie": ["1", "2"]}
    assert standing_out(words(then, now), few, 3)[0] == []
