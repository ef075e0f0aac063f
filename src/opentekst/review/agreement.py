"""How far coders agree, beyond chance: Krippendorff's alpha, Gwet's AC1 and percentages.

Alpha: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"; for code sets with
the MASI distance of Passonneau 2006, LREC. AC1: Gwet 2008, British Journal of Mathematical and
Statistical Psychology 61: 29-48. Intervals: percentile bootstrap over answers.

The figures are computed here because a bootstrap needs thousands of them; the tests hold them
against nltk, against irrCAC's published figures and against Krippendorff's own examples.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESAMPLES = 2_000
_TAIL = 2.5
_DEFINED = 0.95
"""An interval stands where at least this share of the resamples has a figure."""


class Measure(NamedTuple):
    """A figure with its 95% interval; None where it is not defined.

    Alpha and AC1 are not defined without two opinions on some answer, and alpha not where
    all opinions are the same: then nothing shows that coders tell answers apart.
    """

    value: float | None
    low: float | None
    high: float | None


class Agreement(NamedTuple):
    """What coders agree on; `units` counts the answers with at least two opinions."""

    units: int
    alpha: Measure
    ac1: Measure
    percent: Measure


def masi(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the distance of two code sets, 0 (same) to 1 (nothing in common).

    One minus Jaccard times 1 for equal sets, 2/3 where one holds the other, 1/3 where they
    overlap; two empty sets are equal, and an empty one has nothing in common with others.

    >>> masi(frozenset("ab"), frozenset("a"))
    0.6666666666666667
    """
    if one == other:
        return 0.0
    shared = one & other
    if not shared:
        return 1.0
    kind = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - len(shared) / len(one | other) * kind


def nominal(one: Hashable, other: Hashable) -> float:
    """Return 0 for the same value, else 1."""
    return float(one != other)


def agreement(
    opinions: Sequence[Sequence[Hashable]],
    distance: object = nominal,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Agreement:
    """Return how far the opinions on each answer agree.

    `opinions` holds for each answer the values that coders gave it (code sets, or whether a
    code applies); answers with fewer than two are left out. `distance` of two values lies
    between 0 and 1; AC1 and the percentage ask only whether they are the same.
    """
    import numpy as np

    paired = [list(given) for given in opinions if len(given) > 1]
    values = sorted({value for given in paired for value in given}, key=repr)
    if not paired:
        nothing = Measure(None, None, None)
        return Agreement(0, nothing, nothing, nothing)
    number = {value: k for k, value in enumerate(values)}
    counts = np.zeros((len(paired), len(values)))
    for row, given in enumerate(paired):
        for value in given:
            counts[row, number[value]] += 1
    apart = np.array([[distance(a, b) for b in values] for a in values])  # type: ignore[operator]
    lot = np.random.default_rng(seed)
    drawn = lot.multinomial(len(paired), np.full(len(paired), 1 / len(paired)), size=resamples)
    weights = np.vstack([np.ones(len(paired)), drawn]).astype(np.float64)
    return Agreement(
        len(paired),
        _measure(_alpha(counts, apart, weights)),
        _measure(_ac1(counts, weights)),
        _measure(_percent(counts, weights)),
    )


def _measure(figures: Floats) -> Measure:
    """Return the first figure, with the interval of the others."""
    import numpy as np

    value, others = figures[0], figures[1:]
    if np.isnan(value):
        return Measure(None, None, None)
    defined = others[~np.isnan(others)]
    if not len(others) or len(defined) < _DEFINED * len(others):
        return Measure(float(value), None, None)
    low, high = np.percentile(defined, [_TAIL, 100 - _TAIL])
    return Measure(float(value), float(low), float(high))


def _alpha(counts: Floats, apart: Floats, weights: Floats) -> Floats:
    """Return alpha for each row of weights, which say how often each answer counts."""
    import numpy as np

    size = counts.sum(axis=1)
    seen = (np.einsum("uc,cd,ud->u", counts, apart, counts)) / (size - 1)
    total = weights @ size
    observed = (weights @ seen) / total
    marginal = weights @ counts
    expected = np.einsum("bc,cd,bd->b", marginal, apart, marginal) / (total * (total - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha: Floats = np.where(expected > 0, 1 - observed / expected, np.nan)
    return alpha


def _same(counts: Floats) -> Floats:
    """Return per answer the share of pairs of opinions that are the same."""
    size = counts.sum(axis=1)
    same: Floats = (counts * (counts - 1)).sum(axis=1) / (size * (size - 1))
    return same


def _percent(counts: Floats, weights: Floats) -> Floats:
    share: Floats = (weights @ _same(counts)) / weights.sum(axis=1)
    return share


def _ac1(counts: Floats, weights: Floats) -> Floats:
    import numpy as np

    kinds = counts.shape[1]
    if kinds < 2:
        return np.full(len(weights), np.nan)
    shares = counts / counts.sum(axis=1, keepdims=True)
    usual = (weights @ shares) / weights.sum(axis=1, keepdims=True)
    chance = (usual * (1 - usual)).sum(axis=1) / (kinds - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ac1: Floats = np.where(
            chance < 1, (_percent(counts, weights) - chance) / (1 - chance), np.nan
        )
    return ac1
