"""Agreement is what the literature says it is, and undefined where it is undefined."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst.review.agreement import agreement, masi

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": B (two observers, nominal)
# and C (four observers, missing data); the same four raters are irrCAC's `raw_4raters`.
TWO = ("aabbdcccedda", "babbbcccedddd"[:12])
FOUR = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
BINARY = ("0100000010", "1110010000")


def units(*coders: str) -> list[list[str]]:
    return [[v for v in values if v != "."] for values in zip(*coders, strict=True)]


@pytest.mark.parametrize(
    ("coders", "alpha"), [(BINARY, 0.095), (TWO, 0.692), (FOUR, 0.743)], ids=["A", "B", "C"]
)
def test_alpha_of_krippendorffs_own_examples(coders: Sequence[str], alpha: float) -> None:
    assert agreement(units(*coders)).alpha.value == pytest.approx(alpha, abs=0.0005)


def test_masi_of_passonneaus_cases() -> None:
    a, b, c, d = (frozenset(text) for text in ("ab", "a", "bc", "d"))
    assert masi(a, a) == 0
    assert masi(a, b) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi(a, c) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi(a, d) == 1
    assert masi(frozenset(), frozenset()) == 0
    assert masi(frozenset(), d) == 1


def test_where_nothing_differs_alpha_is_not_defined() -> None:
    found = agreement([["a", "a"], ["a", "a"]])
    assert found.alpha.value is None
    assert found.percent.value == 1
    assert agreement([["a"], []]).percent.value is None


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=4), min_size=2, max_size=8))
def test_the_order_of_coders_and_answers_changes_nothing(opinions: list[list[str]]) -> None:
    found = agreement(opinions, resamples=10)
    other = agreement([given[::-1] for given in opinions[::-1]], resamples=10)
    assert found.alpha.value == pytest.approx(other.alpha.value, nan_ok=True)
    if found.percent.value == 1 and found.alpha.value is not None:
        assert found.alpha.value == pytest.approx(1)
