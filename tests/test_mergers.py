"""The mergers of 2025: municipalities of then as those of now, and answers that go along."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst.errors import DataError
from opentekst.results.mergers import roll_up
from opentekst.survey.places import places_on, successors

THEN, NOW = datetime.date(2021, 3, 1), datetime.date(2026, 3, 1)
BECAME = successors(THEN, NOW)
CODES = ("geld", "personeel", "vervoer", "vrijwilligers")

answers = st.dictionaries(
    st.sampled_from(sorted(BECAME)), st.frozensets(st.sampled_from(CODES)), max_size=300
)


def named(name: str, day: datetime.date) -> str:
    place = places_on(day).named(name)
    assert place is not None
    return place.nis


def test_three_hundred_municipalities_became_285_and_none_was_lost() -> None:
    assert len(BECAME) == 300
    assert set(BECAME.values()) == set(places_on(NOW).municipalities)
    assert len(set(BECAME.values())) == 285
    sizes = Counter(BECAME.values())
    assert sum(n - 1 for n in sizes.values()) == 15
    assert {len([o for o in BECAME if BECAME[o] == n]) for n in sizes} == {1, 2, 3}


def test_a_merger_may_cross_the_border_of_a_province_and_keep_a_name() -> None:
    new = named("Beveren-Kruibeke-Zwijndrecht", NOW)
    parts = {nis for nis, became in BECAME.items() if became == new}
    assert parts == {named(name, THEN) for name in ("Beveren", "Kruibeke", "Zwijndrecht")}
    provinces = places_on(THEN).municipalities
    assert {provinces[nis].province for nis in parts} == {"Antwerpen", "Oost-Vlaanderen"}
    assert BECAME[named("Borsbeek", THEN)] == BECAME[named("Antwerpen", THEN)]
    assert BECAME[named("Lochristi", THEN)] != named("Lochristi", THEN)
    assert BECAME[named("Voeren", THEN)] == named("Voeren", NOW)


def test_nothing_merges_within_a_day_and_no_wave_goes_back_in_time() -> None:
    assert all(old == new for old, new in successors(THEN, THEN).items())
    assert len(set(successors(THEN, datetime.date(2024, 12, 31)).values())) == 300
    with pytest.raises(DataError, match="latere datum"):
        successors(NOW, THEN)


@given(answers)
def test_totals_of_the_parts_are_totals_of_the_new_municipalities(
    held: dict[str, frozenset[str]],
) -> None:
    rolled = roll_up("noden", held, BECAME, "union")
    # By hand: what each new municipality should hold, without any grouping.
    for new in set(BECAME.values()):
        parts = [old for old in held if BECAME[old] == new]
        assert rolled.parts.get(new, ()) == tuple(sorted(parts))
        assert (new in rolled.holds) == bool(parts)
    for code in CODES:
        old_total = sum(code in codes for codes in held.values())
        new_total = sum(code in codes for codes in rolled.holds.values())
        again = sum(
            sum(code in held[part] for part in rolled.parts[new])
            for new, codes in rolled.holds.items()
            if code in codes
        )
        assert again == old_total
        doubled = Counter(BECAME[old] for old, codes in held.items() if code in codes)
        assert new_total == old_total - sum(n - 1 for n in doubled.values())
    assert sum(len(parts) for parts in rolled.parts.values()) == len(held)
    assert not rolled.conflicts


@given(answers)
def test_municipalities_that_did_not_merge_keep_what_they_said(
    held: dict[str, frozenset[str]],
) -> None:
    alone = {
        old: codes for old, codes in held.items() if list(BECAME.values()).count(BECAME[old]) == 1
    }
    assert dict(roll_up("x", alone, BECAME, "union").holds) == alone
    assert dict(roll_up("x", alone, BECAME, "mode").holds) == alone


def test_of_one_answer_the_most_counts_and_a_tie_is_in_no_base() -> None:
    became = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", "c1": "c"}
    yes, no = frozenset({"Ja"}), frozenset({"Nee"})
    held = {"a1": yes, "a2": no, "a3": yes, "b1": yes, "b2": no, "c1": no}
    rolled = roll_up("start", held, became, "mode")
    assert rolled.holds == {"a": yes, "c": no}
    assert rolled.parts["b"] == ("b1", "b2")
    assert [(c.unit, c.values, c.settled) for c in rolled.conflicts] == [
        ("a", {"Ja": 2, "Nee": 1}, yes),
        ("b", {"Ja": 1, "Nee": 1}, frozenset()),
    ]


def test_none_of_these_falls_where_another_part_ticked_something() -> None:
    became = {"a1": "a", "a2": "a", "b1": "b", "b2": "b"}
    none, some = frozenset({"geen"}), frozenset({"website"})
    rolled = roll_up(
        "k", {"a1": none, "a2": some, "b1": none, "b2": none}, became, "union", ("geen",)
    )
    assert rolled.holds == {"a": some, "b": none}
    assert [(c.unit, c.settled) for c in rolled.conflicts] == [("a", some)]
