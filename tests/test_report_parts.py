"""The parts of the report: what it holds back, its map, and the sources of what ran."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst.pipeline.report_parts import jeffreys
from opentekst.results.report import to_bibtex
from opentekst.results.report.data import Town
from opentekst.results.report.guard import placed, rows_to_hide, without_places
from opentekst.results.report.methods import Ran, paragraphs
from opentekst.results.report.places import map_of, outline
from opentekst.results.report.references import SOURCES
from opentekst.survey.places import places_on

if TYPE_CHECKING:
    pass


traits = st.dictionaries(
    st.integers(0, 60).map(str),
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["klein", "groot", "stad"])),
    max_size=60,
)


@given(traits, st.integers(2, 6))
def test_every_told_trait_is_shared_and_no_untold_one_can_be_worked_out(
    units: dict[str, tuple[str, str]], least: int
) -> None:
    told = placed(units, least)
    assert told.keys() == units.keys()
    for part in ({u: t[0] for u, t in told.items()}, {u: "".join(t) for u, t in told.items()}):
        counts: dict[str, int] = {}
        for value in part.values():
            counts[value] = counts.get(value, 0) + 1
        assert all(n >= least for value, n in counts.items() if value)
    untold = {unit for unit, (province, _) in told.items() if not province}
    some_told = len(untold) < len(units)
    if untold and some_told:
        assert len(untold) >= least
        assert len({units[unit][0] for unit in untold}) > 1
    for unit, (province, size) in told.items():
        assert (province, size) in {("", ""), (units[unit][0], ""), units[unit]}


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: (min(p), max(p))),
             min_size=1, max_size=6),
    st.integers(2, 6),
)  # fmt: skip
def test_no_small_share_is_printed_nor_left_over_beside_the_total(
    row: list[tuple[int, int]], least: int
) -> None:
    hidden = rows_to_hide(row, least)
    for at, (count, base) in enumerate(row):
        if 0 < count < least or base < least:
            assert at in hidden
    assert len(hidden) != 1 or len(row) == 1


words = st.sampled_from(["Sint-Niklaas", "gent", "Gent", "Ham", "ham", "en", "WIJ", "HAM", "zorg"])


@given(st.lists(words, max_size=8), st.data())
def test_names_of_municipalities_go_and_marks_stay_on_their_words(
    parts: list[str], data: Any
) -> None:
    text = " ".join(parts)
    edges = data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2).map(sorted))
    marks = ((edges[0], edges[1], "x"),) if edges[0] < edges[1] else ()
    shown, moved = without_places(["Sint-Niklaas", "Gent", "Ham"])(text, marks)
    gone = {"Sint-Niklaas", "Gent", "Ham", "HAM"}
    assert shown == " ".join("[gemeente]" if part in gone else part for part in parts)
    for (start, end, _), (a, b, _) in zip(marks, moved, strict=True):
        inside = text[start:end]
        if not any(name in f" {text} " for name in gone):
            assert shown[a:b] == inside
        assert 0 <= a < b <= len(shown)


@pytest.mark.parametrize(("day", "count"), [("2021-03-01", 300), ("2026-03-01", 285)])
def test_every_municipality_has_a_place_on_the_map(day: str, count: int) -> None:
    units = places_on(datetime.date.fromisoformat(day)).municipalities.values()
    found = map_of([Town(u.nis, u.name, u.province, "", True) for u in units])
    assert found is not None
    assert len(found.places) == count
    assert all(area(place.path) > 5 for place in found.places)
    whole = sum(area(border) for border in found.provinces)
    assert sum(area(place.path) for place in found.places) == pytest.approx(whole, rel=0.01)


def test_a_place_that_is_not_in_flanders_gives_no_map() -> None:
    assert map_of([Town("62063", "Luik", "Luik", "", True)]) is None


def area(path: str) -> float:
    """Return the area of a shape; holes turn the other way round and so count off."""
    pairs = [
        pair for ring in outline(path) for pair in zip(ring, [*ring[1:], ring[0]], strict=True)
    ]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


RAN = Ran(
    300, 233, 293, 840, 45, "nl_core_news_sm 3.8.0", "", 2, 0, 0, 0, 0, False, False, 0.8, 0,
    False, False, frozenset(), False, False, 0, False, 0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"topics": True}, "grootendorst2022"),
        ({"topics": True, "clustered": True}, "campello2013"),
        ({"double_coded": 30}, "passonneau2006"),
        ({"methods": frozenset({"assisted"})}, "angelopoulos2023"),
        ({"tested": True}, "raoscott1984"),
        ({"weighted": True}, "holt1979"),
        ({"threshold": 5}, "kelly1992"),
        ({"chosen": True}, "church1974"),
        ({"triage": True}, "schonlau2016"),
        ({"coded_by_people": 9, "blind": 5}, "ohlsson1995"),
        ({"embedder": "use 0.2.1"}, "yang2020"),
        ({"pipeline": "opentekst_nl 1.0.0"}, "bouma2017"),
    ],
)
def test_a_source_is_named_where_its_method_ran_and_nowhere_else(
    change: dict[str, Any], key: str
) -> None:
    def named(ran: Ran) -> set[str]:
        return {source for method in paragraphs(ran) for source in method.sources}

    assert key not in named(RAN)
    keys = named(replace(RAN, **change))
    assert key in keys
    assert to_bibtex(keys).decode("ascii").count("@") == len(keys)
    assert keys <= SOURCES.keys()


def test_the_interval_of_the_blind_sample_is_that_of_jeffreys() -> None:
    # Brown, Cai & DasGupta 2001, table 5: n = 10.
    assert [round(end / 100, 3) for end in jeffreys(2, 10)] == [0.044, 0.503]
