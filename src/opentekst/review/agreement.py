"""How far coders agree, beyond chance: Krippendorff's alpha, Gwet's AC1 and percentages.

Alpha: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"; for code sets with
the MASI distance of Passonneau 2006, LREC. AC1: Gwet 2008, British Journal of Mathematical and
Statistical Psychology 61: 29-48. Intervals: percentile bootstrap over answers, as Zapf et al.
2016, BMC Medical Research Methodology 16: 93, found best for alpha.

The figures are computed here because a bootstrap needs thousands of them; the tests hold them
against nltk, the krippendorff package, irrCAC's published figures and Krippendorff's own
examples.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESAMPLES = 2_000
_TAIL = 2.5
_DEFINED = 0.95
"""An interval stands where at least this share of the resamples has a figure."""
_SAME = 1e-9


class Measure(NamedTuple):
    """A figure with its 95% interval; None where it is not defined.

    Alpha and AC1 are not defined without two opinions on some answer, and alpha not where
    all opinions are the same: then nothing shows that coders tell answers apart. There is no
    interval where many resamples have no figure, or all have the same one: resamples of
    answers without a single difference say nothing of how many differences there may be.
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
    distance: Callable[[Any, Any], float] = nominal,
    seed: int = 0,
    resamples: int = RESAMPLES,
    values: Sequence[Hashable] = (),
) -> Agreement:
    """Return how far the opinions on each answer agree.

    `opinions` holds for each answer the values that coders gave it (code sets, or whether a
    code applies); answers with fewer than two are left out. `distance` of two values lies
    between 0 and 1; AC1 and the percentage ask only whether they are the same, and AC1 is
    there with `nominal` alone. `values` are those that could have been given besides what
    was: AC1 asks how many there are.
    """
    import numpy as np

    nothing = Measure(None, None, None)
    paired = [list(given) for given in opinions if len(given) > 1]
    if not paired:
        return Agreement(0, nothing, nothing, nothing)
    possible = {value for given in paired for value in given} | {*values}
    number = {value: k for k, value in enumerate(sorted(possible, key=_order))}
    counts = np.zeros((len(paired), len(number)))
    for row, given in enumerate(paired):
        for value in given:
            counts[row, number[value]] += 1
    apart = np.array([[distance(a, b) for b in number] for a in number])
    weights = _weights(len(paired), seed, resamples)
    return Agreement(
        len(paired),
        _measure(_alpha(counts, apart, weights)),
        _measure(_ac1(counts, weights)) if distance is nominal else nothing,
        _measure(_percent(counts, weights)),
    )


def _order(value: Hashable) -> str:
    """Return what values are sorted by; a set's own text differs from run to run."""
    return repr(sorted(value) if isinstance(value, frozenset) else value)


@lru_cache(maxsize=2)
def _weights(units: int, seed: int, resamples: int) -> Floats:
    """Return how often each answer counts: once in the first row, else as it was drawn."""
    import numpy as np

    lot = np.random.default_rng(seed)
    drawn = lot.multinomial(units, np.full(units, 1 / units), size=resamples)
    return np.vstack([np.ones(units), drawn]).astype(np.float64)


def _measure(figures: Floats) -> Measure:
    """Return the first figure, with the interval of the others."""
    import numpy as np

    value, others = figures[0], figures[1:]
    if np.isnan(value):
        return Measure(None, None, None)
    defined = others[~np.isnan(others)]
    if not len(others) or len(defined) < _DEFINED * len(others) or np.ptp(defined) < _SAME:
        return Measure(float(value), None, None)
    low, high = np.percentile(defined, [_TAIL, 100 - _TAIL])
    return Measure(float(value), float(low), float(high))


def _alpha(counts: Floats, apart: Floats, weights: Floats) -> Floats:
    """Return alpha for each row of weights, which say how often each answer counts.

    With code sets there may be as many values as answers, and each answer has few of them:
    hence the sparse matrix.
    """
    import numpy as np
    from scipy.sparse import csr_array

    size = counts.sum(axis=1)
    few = [(row[held], held) for row in counts for held in [np.flatnonzero(row)]]
    seen = np.array([n @ apart[np.ix_(held, held)] @ n for n, held in few]) / (size - 1)
    total = weights @ size
    observed = (weights @ seen) / total
    marginal = (csr_array(counts).T @ weights.T).T
    expected = ((marginal @ apart) * marginal).sum(axis=1) / (total * (total - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha: Floats = np.where(expected > 0, 1 - observed / expected, np.nan)
    return alpha


def _alike(counts: Floats) -> Floats:
    """Return per answer the share of pairs of opinions that are the same."""
    size = counts.sum(axis=1)
    same: Floats = (counts * (counts - 1)).sum(axis=1) / (size * (size - 1))
    return same


def _percent(counts: Floats, weights: Floats) -> Floats:
    share: Floats = (weights @ _alike(counts)) / weights.sum(axis=1)
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
