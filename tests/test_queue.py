"""The queue gives a coder first what helps most: doubtful, varied, rare, and twins together."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opentekst.review.queue import NO_CODE, Candidate, order

CHANCES = st.integers(0, 10_000).map(lambda n: n / 10_000)  # as the machine rounds them
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.integers(0, 999).map(lambda n: f"R_{n}:noden"),
        st.sampled_from("abcdefgh"),
        st.floats(0, 1),
        st.frozensets(st.sampled_from(["tijd", "geld", "mensen"])),
    ),
    unique_by=lambda one: one.answer,
    max_size=30,
)


def alone(answer: str, sure: float, *codes: str) -> Candidate:
    return Candidate(answer, f"tekst van {answer}", sure, frozenset(codes))


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_every_answer_comes_once_whatever_order_they_are_given_in(
    candidates: list[Candidate], lot: Any
) -> None:
    queue = order(candidates, {"tijd": 3})
    assert sorted(queue) == sorted(one.answer for one in candidates)
    shuffled = list(candidates)
    lot.shuffle(shuffled)
    assert order(shuffled, {"tijd": 3}) == queue


@given(CANDIDATES)
def test_nearly_identical_texts_stand_together(candidates: list[Candidate]) -> None:
    text = {one.answer: one.text for one in candidates}
    runs = [key for key, _ in groupby(order(candidates, {}), key=text.__getitem__)]
    assert len(runs) == len(set(runs))


@given(st.lists(CHANCES, max_size=20), st.integers(0, 50))
def test_among_like_answers_the_doubtful_come_first(chances: list[float], examples: int) -> None:
    candidates = [alone(f"a{i}", sure, "geld") for i, sure in enumerate(chances)]
    queue = order(candidates, {"geld": examples})
    ordered = [chances[int(answer[1:])] for answer in queue]
    assert ordered == sorted(chances)


def test_of_two_equally_doubtful_answers_the_one_with_a_rare_code_comes_first() -> None:
    candidates = [alone("a", 0.5, "geld"), alone("b", 0.5, "tijd"), alone("c", 0.5)]
    assert order(candidates, {"geld": 40, "tijd": 1, NO_CODE: 9}) == ["b", "c", "a"]


def test_a_rare_code_does_not_outrank_a_much_greater_doubt() -> None:
    candidates = [alone("zeker", 0.95, "zeldzaam"), alone("twijfel", 0.2, "geld")]
    assert order(candidates, {"geld": 400}) == ["twijfel", "zeker"]


def test_equally_doubtful_answers_take_turns_by_suggested_code() -> None:
    candidates = [alone(f"g{i}", 0.5, "geld") for i in range(4)]
    candidates += [alone(f"t{i}", 0.5, "tijd") for i in range(4)]
    queue = order(candidates, {})
    assert all({a[0], b[0]} == {"g", "t"} for a, b in zip(queue[::2], queue[1::2], strict=True))


def test_a_group_of_twins_counts_for_its_mean_doubt() -> None:
    twins = [Candidate(f"t{i}", "zelfde", 0.8, frozenset({"geld"})) for i in range(5)]
    assert order([*twins, alone("a", 0.6, "geld")], {})[0] == "a"
