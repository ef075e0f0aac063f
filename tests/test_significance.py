"""Tests between groups that are fit for multiple response."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from opentekst.results.significance import above, holm, rao_scott

FARMERS = {  # education: farmers, and how many use each of five sources (Loughin & Scherer 1998)
    "high school": (88, (19, 38, 29, 47, 40)),
    "vocational": (16, (2, 6, 8, 8, 4)),
    "2-year college": (31, (1, 13, 10, 17, 14)),
    "4-year college": (113, (19, 29, 40, 53, 29)),
    "other": (14, (3, 4, 8, 6, 6)),
}


def farmers() -> tuple[Any, Any]:
    """Return answers with the published counts; which farmer gave which is of our making."""
    rows, group = [], []
    for at, (n, counts) in enumerate(FARMERS.values()):
        random = np.random.default_rng(at)
        items = [random.permutation(np.arange(n) < count) for count in counts]
        rows += list(np.array(items).T)
        group += [at] * n
    return np.array(rows), np.array(group)


def test_the_statistic_is_that_of_the_farmers_in_the_literature() -> None:
    # R's MRCV, MI.test(farmer1): X^2_S = 30.84, of its items 5.96 7.89 4.62 1.42 10.95
    held, group = farmers()
    result = rao_scott(held, group)
    assert result is not None
    assert round(result.statistic, 2) == 30.84
    each = [rao_scott(held[:, [item]], group) for item in range(5)]
    assert [round(one.statistic, 2) for one in each if one] == [5.96, 7.89, 4.62, 1.42, 10.95]
    # of equal weights the first order changes nothing: 5 items times 4 degrees of freedom
    assert list(result.first) == pytest.approx([30.84, 20], abs=0.005)
    # the second order takes from both alike (MRCV: 28.68 on 18.6, where its 30.84 is on 20)
    assert result.second[0] / result.statistic == pytest.approx(result.second[1] / 20)
    assert pytest.approx(18.6 / 20, abs=0.001) == 28.68 / 30.84


def test_of_a_single_answer_it_is_pearsons_own_chi_square() -> None:
    table = np.array([[12, 5, 9], [7, 14, 6], [4, 8, 17]])
    group = np.repeat(np.arange(3), table.sum(axis=1))
    answer = np.concatenate([np.repeat(np.arange(3), row) for row in table])
    result = rao_scott(answer[:, None] == np.arange(3), group, exclusive=True)
    pearson = chi2_contingency(table, correction=False)
    assert result is not None
    assert list(result.second) == pytest.approx([pearson.statistic, pearson.dof])
    assert result.p == pytest.approx(pearson.pvalue)


@pytest.mark.parametrize("weighted", [False, True])
def test_under_the_null_one_in_twenty_is_significant(weighted: bool) -> None:
    random = np.random.default_rng(8)
    corrected, plain = [], []
    for _ in range(2_000):
        leaning = random.normal(size=(200, 1))  # makes the answers of a unit go together
        held = leaning + 0.5 * random.normal(size=(200, 4)) > 0.5
        group = random.integers(0, 3, 200)
        weight = random.uniform(0.3, 3, 200) if weighted else None
        result = rao_scott(held, group, weight)
        assert result is not None
        corrected.append(result.p < 0.05)
        plain.append(chi2.sf(result.statistic, 8) < 0.05)
    assert 0.035 < np.mean(corrected) < 0.065
    assert np.mean(plain) > 0.09  # what a plain chi-square would have claimed


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    assert [q for _, q in sorted(zip(p_values, adjusted, strict=True))] == sorted(adjusted)
    if p_values:
        assert min(adjusted) == min(1.0, len(p_values) * min(p_values))


def test_a_letter_stands_at_the_higher_of_two_groups() -> None:
    assert above([0.8, 0.2, 0.5], [40, 40, 40], "ABC", exact=True) == ["B C", "", "B"]
    assert above([0.8, 0.2], [3, 3], "AB", exact=True) == ["", ""]
