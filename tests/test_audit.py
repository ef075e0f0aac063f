"""The audit sample: by lot, with known chances, growing with the survey and losing nothing."""

from __future__ import annotations

import json
import math
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst import store
from opentekst.errors import ReviewError
from opentekst.review.audit import Sample, draw
from opentekst.study import Study

ROOT = Path(__file__).parents[1]
IDS = st.sets(st.integers(0, 60).map(lambda n: f"R_{n}:noden"), min_size=1)
WAVES = st.lists(st.tuples(IDS, st.integers(1, 70)), min_size=1, max_size=4)


def grown(waves: list[tuple[set[str], int]], seed: int = 7) -> list[Sample]:
    """Return the sample after each wave of answers."""
    found: list[Sample] = []
    for ids, size in waves:
        found.append(draw(found[-1] if found else None, ids, size, seed))
    return found


@given(WAVES)
def test_nothing_that_was_drawn_is_ever_lost_and_nothing_is_drawn_without_need(
    waves: list[tuple[set[str], int]],
) -> None:
    samples = grown(waves)
    known: set[str] = set()
    before = 0
    for (ids, size), sample, earlier in zip(waves, samples, [None, *samples], strict=False):
        known |= ids
        assert sample.population == known
        assert earlier is None or earlier.answers <= sample.answers
        assert len(sample.answers) >= min(size, len(known))
        assert len(sample.answers) == sum(len(s.drawn) for s in sample.strata)
        if earlier is not None and known == earlier.population:
            assert len(sample.answers) == max(before, min(size, len(known)))
        before = len(sample.answers)


@given(WAVES)
def test_chances_are_exact_and_weights_add_up_to_the_survey(
    waves: list[tuple[set[str], int]],
) -> None:
    sample = grown(waves)[-1]
    assert all(0 < sample.probability(answer) <= 1 for answer in sample.population)
    assert sum(1 / sample.probability(answer) for answer in sample.answers) == len(
        sample.population
    )
    assert sum(sample.probability(answer) for answer in sample.population) == len(sample.answers)


@given(IDS, st.integers(1, 70), st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(ids: set[str], size: int, lot: Any) -> None:
    shuffled = sorted(ids)
    lot.shuffle(shuffled)
    assert draw(None, shuffled, size, 1) == draw(None, sorted(ids), size, 1)


@given(WAVES)
def test_what_is_written_is_read_back(waves: list[tuple[set[str], int]]) -> None:
    sample = grown(waves)[-1]
    assert Sample.from_json(json.loads(json.dumps(sample.to_json()))) == sample


def test_new_answers_are_drawn_at_the_rate_of_before_and_more_come_in_proportion() -> None:
    first = draw(None, [f"a{i}" for i in range(100)], 20, 3)
    second = draw(first, [*(f"a{i}" for i in range(100)), *(f"b{i}" for i in range(50))], 20, 3)
    assert [len(s.drawn) for s in second.strata] == [20, 10]
    assert second.probability("b0") == Fraction(1, 5)
    more = draw(second, [], 60, 3)
    assert [len(s.drawn) for s in more.strata] == [40, 20]
    assert draw(more, ["a1"], 5, 3) == more


def test_every_answer_is_drawn_as_often_as_it_should_now_and_when_it_came_later() -> None:
    old, new, seeds = [f"a{i}" for i in range(30)], [f"b{i}" for i in range(20)], 2000
    often: Counter[str] = Counter()
    pairs = 0
    for seed in range(seeds):
        sample = draw(draw(None, old, 6, seed), [*old, *new], 15, seed)
        often.update(sample.answers)
        pairs += {"a0", "a1"} <= sample.answers
    for answer in (*old, *new):
        chance = float(sample.probability(answer))
        assert abs(often[answer] - seeds * chance) < 4 * math.sqrt(seeds * chance * (1 - chance))
    together = 9 / 30 * 8 / 29
    assert abs(pairs - seeds * together) < 4 * math.sqrt(seeds * together * (1 - together))


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(ReviewError, match=r"minstens één.*gevonden: 0"):
        draw(None, ["a"], 0, 1)
    with pytest.raises(ReviewError, match="geen antwoorden"):
        draw(None, [], 5, 1)
    with pytest.raises(ReviewError, match=r"kon niet.*R_2:noden"):
        draw(None, ["R_1:noden"], 5, 1).probability("R_2:noden")


@pytest.mark.parametrize(
    ("strata", "fault"),
    [
        ([{"population": ["a"], "drawn": ["b"]}], "stratum 1: een getrokken .*gevonden: b"),
        ([{"population": ["a"], "drawn": ["a"]}] * 2, "stratum 2: .*twee keer.*gevonden: a"),
        ([{"population": ["a"], "drawn": []}], "niets getrokken"),
        ([{"population": ["a"]}], "geen steekproef"),
        ([{"population": "a", "drawn": "a"}], "geen steekproef"),
        ([{"population": ["a", "a"], "drawn": ["a"]}], "geen steekproef"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(strata: Any, fault: str) -> None:
    with pytest.raises(ReviewError, match=f"noden/audit.json.*{fault}"):
        Sample.from_json({"seed": 1, "strata": strata}, "annotations/noden/audit.json")


def test_the_coded_answers_of_the_example_are_its_audit_sample() -> None:
    study = Study.open(ROOT)
    for question in study.open_questions:
        ledger = store.Paths(ROOT).ledger(question.id)
        sample = Sample.from_json(store.read_json(ledger.with_name("audit.json")))
        assert sample.answers == {coding.answer for coding in store.read_ledger(ledger)}
        rates = {sample.probability(answer) for answer in sample.answers}
        expected = 1 if question.prompt == "other" else 0.7
        assert all(abs(rate - expected) < 0.02 for rate in rates), question.id
