"""Agreement is what the literature says it is, and undefined where it is undefined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics import masi_distance
from nltk.metrics.agreement import AnnotationTask

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


def test_ac1_of_gwets_own_example() -> None:
    """Gwet 2014, Handbook of Inter-Rater Reliability: irrCAC's `raw_4raters`, AC1 .775."""
    assert agreement(units(*FOUR)).ac1.value == pytest.approx(0.775, abs=0.0005)


def test_ac1_stands_where_alpha_falls_for_a_rare_code() -> None:
    """The paradox that Gwet 2008 wrote AC1 for: 118 of 125 the same, none of them "yes"."""
    found = agreement([["no", "no"]] * 118 + [["yes", "no"]] * 5 + [["no", "yes"]] * 2)
    assert found.percent.value == pytest.approx(0.944)
    assert found.alpha.value == pytest.approx(1 - (7 / 125) / (2 * 7 * 243 / (250 * 249)))
    assert found.alpha.value is not None and found.alpha.value < 0
    usual = 7 / 250
    chance = 2 * usual * (1 - usual)
    assert found.ac1.value == pytest.approx((0.944 - chance) / (1 - chance))


def test_masi_of_passonneaus_cases() -> None:
    """Equal, one within the other, overlap, nothing shared: Passonneau 2006, LREC.

    The means of her figures 2 and 3 are as corrected with her by CPAN's
    Statistics::Krippendorff (t/01-deltas.t): 2/9 and 0.
    """
    a, b, c, d = (frozenset(text) for text in ("ab", "a", "bc", "d"))
    assert masi(a, a) == 0
    assert masi(a, b) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi(a, c) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi(a, d) == 1
    assert masi(frozenset(), frozenset()) == 0
    assert masi(frozenset(), d) == 1
    for figure, mean in (("y yz, x xz, - xy", 2 / 9), ("y -, x z, - y", 0)):
        pairs = [pair.split() for pair in figure.split(", ")]
        alike = [1 - masi(*(frozenset(text.strip("-")) for text in pair)) for pair in pairs]
        assert sum(alike) / 3 == pytest.approx(mean)


def test_alpha_with_masi_worked_by_hand() -> None:
    """No published example of alpha with MASI gives its data and three decimals.

    Here coders give {a,b} and {a} twice, {a,b,c} and {a} once. Observed: 2/3, 2/3 and 7/9,
    so 19/27. Expected, of two {a,b}, three {a} and one {a,b,c}: 2 (6 · 2/3 + 2 · 5/9 +
    3 · 7/9) / 30 = 67/135. Alpha is 1 - 95/67.
    """
    sets = [[frozenset(one), frozenset("a")] for one in ("ab", "ab", "abc")]
    assert agreement(sets, masi).alpha.value == pytest.approx(-28 / 67)


CODE_SETS = st.frozensets(st.sampled_from("abcd"), max_size=3)


@given(CODE_SETS, CODE_SETS)
def test_masi_is_that_of_nltk(one: frozenset[str], other: frozenset[str]) -> None:
    if one or other:  # nltk divides by zero for two empty sets
        assert masi(one, other) == pytest.approx(masi_distance(one, other))


@given(st.lists(st.lists(CODE_SETS, min_size=1, max_size=4), min_size=1, max_size=12))
def test_alpha_with_masi_is_that_of_nltk_and_of_krippendorff(
    opinions: list[list[frozenset[str]]],
) -> None:
    found = agreement(opinions, masi, resamples=2).alpha.value
    paired = [given for given in opinions if len(given) > 1]
    values = sorted({value for given in paired for value in given}, key=sorted)
    if len(values) < 2:
        assert found is None
        return
    triples = [(k, u, value) for u, given in enumerate(paired) for k, value in enumerate(given)]
    assert found == pytest.approx(AnnotationTask(triples, masi).alpha())
    counts = np.array([[given.count(value) for value in values] for given in paired])
    apart = np.array([[masi(a, b) for b in values] for a in values])
    alpha: Any = krippendorff.alpha
    second = alpha(
        value_counts=counts, level_of_measurement=lambda _v1, _v2, i1, i2, **_: apart[i1, i2]
    )
    assert found == pytest.approx(second)


def test_the_interval_is_that_of_answers_drawn_again_and_undefined_without_differences() -> None:
    sure = agreement([["a", "a"], ["b", "b"]] * 200 + [["a", "b"]] * 20)
    unsure = agreement([["a", "a"], ["b", "b"]] * 20 + [["a", "b"]] * 2)
    for found in (sure.alpha, unsure.alpha):
        assert found.value is not None and found.low is not None and found.high is not None
        assert found.low < found.value < found.high
    # Of a share p of n answers, the interval is that of a binomial: p ± 1.96 √(p(1-p)/n).
    p, n = 400 / 420, 420
    half = 1.96 * (p * (1 - p) / n) ** 0.5
    assert sure.percent.low == pytest.approx(p - half, abs=0.005)
    assert sure.percent.high == pytest.approx(p + half, abs=0.005)
    assert agreement([["a", "a"], ["b", "b"]]).percent == (1, None, None)


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
