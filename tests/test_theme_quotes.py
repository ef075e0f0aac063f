"""Quotes that may be published: typical, different, and nobody's in particular."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst.results.quotes import Candidate, points_at_a_unit, typical_and_different
from opentekst.survey.places import all_names

NAMES = sorted(all_names())


@given(
    st.sampled_from(NAMES), st.sampled_from(["{}", "In {} doen we dat.", "wij ({}) zoeken geld"])
)
def test_a_text_that_names_a_place_is_never_quoted(name: str, frame: str) -> None:
    for form in (name, name.upper(), name.lower()):
        assert points_at_a_unit(frame.format(form), NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "Bel gerust [naam 1] van onze dienst",
        "mail naar welzijn@dorp.example",
        "zie www.onzegemeente.be voor het plan",
        "een gemeente van 14.000 inwoners heeft geen geld",
        "Als faciliteitengemeente missen we vorming",
        "wij starten met het project Zilverlinde",
        "Zilverlinde loopt goed, maar er is te weinig volk",
    ],
)
def test_a_text_that_singles_out_its_writer_is_never_quoted(text: str) -> None:
    known = {"bel", "mail", "zie", "een", "als", "wij"}
    assert points_at_a_unit(text, NAMES, known.__contains__)


def test_an_ordinary_text_may_be_quoted() -> None:
    text = "Het OCMW vindt geen vrijwilligers. In Vlaanderen is dat overal zo; 3 op 10 haken af."
    assert not points_at_a_unit(text, NAMES, {"het", "in"}.__contains__)


def test_quotes_are_typical_and_different_and_of_different_units() -> None:
    # three directions: many say the first, some the second, one the third; the last is a repeat
    rows = [(1, 0, 0)] * 4 + [(0, 1, 0)] * 2 + [(0, 0, 1), (1, 0, 0.1)]
    pool = [Candidate(f"a{n}", f"u{n}", f"tekst {n}") for n in range(7)]
    pool.append(Candidate("a7", "u0", "tekst 0"))
    vectors = np.array(rows, dtype=float)
    picked = typical_and_different(pool, vectors, {one.answer for one in pool})
    assert sorted(rows[pool.index(one)].index(1) for one in picked) == [0, 1, 2]
    assert rows[pool.index(picked[0])].index(1) == 0
    only = typical_and_different(pool, vectors, {"a0", "a7"})
    assert len(only) == 1  # the same text of the same unit
    assert typical_and_different(pool, vectors, set()) == []
