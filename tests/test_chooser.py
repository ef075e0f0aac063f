"""The chooser finds the best choice there is, keeps to the rules, and says how firm it is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentekst.errors import DataError
from opentekst.results.chooser import Problem, Rules, best, choose, greedy, most_stated, would_reach
from opentekst.results.firmness import Coded, Error, Evidence, firmness, resampled

UNITS = tuple(f"u{number}" for number in range(10))


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, Rules]:
    """Up to seven themes among ten units in three regions, with every kind of rule."""
    themes = [f"t{number}" for number in range(draw(st.integers(1, 7)))]
    states = {theme: draw(st.frozensets(st.sampled_from(UNITS), max_size=5)) for theme in themes}
    regions = draw(st.lists(st.sampled_from("ABC"), min_size=len(UNITS), max_size=len(UNITS)))
    # one unit states something but need not be reached
    region = dict(zip(UNITS[:-1], regions, strict=False))
    counts = draw(st.lists(st.integers(0, 3), min_size=len(UNITS), max_size=len(UNITS)))
    weight = dict(zip(UNITS, counts, strict=True)) if draw(st.booleans()) else {}
    some = st.frozensets(st.sampled_from(themes), max_size=2)
    rules = Rules(
        k=draw(st.integers(1, len(themes))),
        must=draw(some),
        never=draw(some),
        least=draw(st.sampled_from([0, 0, 25, 33.4, 60])),
        exclusive=tuple(draw(st.lists(some.filter(lambda group: len(group) > 1), max_size=2)))
        if len(themes) > 1
        else (),
    )
    return Problem(states, region, weight), rules


def by_hand(problem: Problem, rules: Rules) -> frozenset[str] | None:
    """Try every choice: most units, then stated most often, then first in the list."""
    found = None
    for names in combinations(problem.states, rules.k):
        chosen = frozenset(names)
        reached = problem.reached(chosen)
        allowed = (
            rules.must <= chosen
            and not chosen & rules.never
            and all(len(group & chosen) < 2 for group in rules.exclusive)
            and all(
                100 * problem.count(reached & units) >= rules.least * problem.count(units)
                for units in problem.regions.values()
            )
        )
        if allowed:
            often = sum(problem.count(problem.states[theme]) for theme in chosen)
            order = [theme in chosen for theme in problem.states]
            found = max(
                found or ((-1, 0, order), chosen), ((problem.count(reached), often, order), chosen)
            )
    return found[1] if found else None


@settings(max_examples=100)
@given(problems())
def test_the_choice_is_the_one_that_trying_all_finds(case: tuple[Problem, Rules]) -> None:
    problem, rules = case
    assert best(problem, rules) == by_hand(problem, rules)


@settings(max_examples=40)
@given(problems())
def test_where_no_choice_keeps_to_the_rules_an_error_says_so_and_else_all_are_kept(
    case: tuple[Problem, Rules],
) -> None:
    problem, rules = case
    try:
        found = choose(problem, rules)
    except DataError as fault:
        assert by_hand(problem, rules) is None
        assert fault.remedy
    else:
        assert frozenset(found.themes) == by_hand(problem, rules)
        assert found.reached == problem.reached(found.themes)
        assert sum(map(len, found.adds)) == len(found.reached)


# Three themes of which the widest is in the way of the two that reach all: greedy falls for it.
TRAP = Problem(
    {
        "breed": frozenset(UNITS[1:7]),
        "links": frozenset(UNITS[:5]),
        "rechts": frozenset(UNITS[5:]),
        "zelden": frozenset(UNITS[:1]),
    },
    dict.fromkeys(UNITS, "west") | dict.fromkeys(UNITS[8:], "oost"),
)


def test_the_choice_beats_the_most_frequent_themes_and_taking_what_adds_most() -> None:
    rules = Rules(2)
    assert choose(TRAP, rules).themes == ("links", "rechts")
    assert len(choose(TRAP, rules).reached) == 10
    assert len(greedy(TRAP, rules).reached) == 9
    assert len(most_stated(TRAP, rules).reached) == 7
    (first, units), *_ = would_reach(TRAP, choose(TRAP, Rules(1)))
    assert first == "rechts"
    assert units == frozenset(UNITS[7:])


def test_a_choice_comes_in_the_order_in_which_its_themes_add_most() -> None:
    found = choose(TRAP, Rules(3))
    assert found.themes == ("breed", "rechts", "links")
    assert [len(units) for units in found.adds] == [6, 3, 1]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (Rules(2, must=frozenset({"links"}), never=frozenset({"links"})), "mag niet"),
        (Rules(1, must=frozenset({"links", "breed"})), "er moeten 2 thema's bij"),
        (Rules(3, never=frozenset({"links", "breed"})), "2 thema's om uit te kiezen"),
        (
            Rules(
                3,
                must=frozenset({"links", "breed"}),
                exclusive=(frozenset({"links", "breed"}),),
            ),
            "hooguit één gekozen",
        ),
        (Rules(3, exclusive=(frozenset({"links", "breed", "rechts"}),)), "mag er maar één"),
        (Rules(1, least=50, never=frozenset({"rechts"})), "oost: hooguit 0%"),
        (Rules(1, least=60), "alle samen niet"),
        (Rules(1, must=frozenset({"elders"})), "elders"),
    ],
)
def test_the_error_names_the_rule_that_stands_in_the_way(rules: Rules, says: str) -> None:
    with pytest.raises(DataError) as raised:
        choose(TRAP, rules)
    assert says in raised.value.text()


def evidence(fraction: float, errors: dict[str, Error] | None = None) -> Evidence:
    """The trap, coded by people; what the machine gave of `rechts` where errors are known."""
    doubtful = tuple(errors or ())
    answers = [
        Coded(unit, frozenset({theme}), doubtful if theme == "rechts" else ())
        for theme, units in TRAP.states.items()
        for unit in sorted(units)
    ]
    members = {theme: frozenset({theme}) for theme in TRAP.states}
    return Evidence(answers, members, {}, TRAP.region, errors or {}, fraction)


def test_where_all_units_answered_and_people_coded_nothing_moves() -> None:
    found = firmness(evidence(fraction=1), Rules(2), 5, seed=1)
    assert found.share == {"breed": 0, "links": 1, "rechts": 1, "zelden": 0}
    again = resampled(evidence(fraction=1), np.random.default_rng(3))
    assert (again.states, again.region) == (TRAP.states, TRAP.region)
    assert set(again.weight.values()) == {1}


def test_a_sample_moves_the_choice_and_the_same_seed_moves_it_alike() -> None:
    steps: list[int] = []
    found = firmness(evidence(fraction=0.2), Rules(2), 25, seed=7, step=steps.append)
    assert found == firmness(evidence(fraction=0.2), Rules(2), 25, seed=7)
    assert sum(steps) == 25
    assert found.without == 0
    assert round(sum(found.share.values()), 9) == 2  # two themes in each resample
    assert 0 < found.share["breed"] < 1


def test_what_the_machine_often_gets_wrong_makes_a_choice_less_firm() -> None:
    right = firmness(evidence(1, {"rechts": Error(60, 0, 0, 60)}), Rules(2), 20, seed=1)
    wrong = firmness(evidence(1, {"rechts": Error(2, 58, 0, 60)}), Rules(2), 20, seed=1)
    assert right.share["rechts"] > 0.9
    assert wrong.share["rechts"] < 0.3


def test_a_resample_without_a_choice_is_counted_apart() -> None:
    found = firmness(evidence(fraction=0.2), Rules(1, least=50), 20, seed=1)
    assert 0 < found.without <= 20
    assert found.resamples == 20
