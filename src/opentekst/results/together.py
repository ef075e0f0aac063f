"""Which themes go together: lift, with an exact interval.

Lift is how many times more often two themes are stated by the same unit than if neither had
to do with the other: n · both / (first · second) (Brin, Motwani, Ullman & Tsur 1997, Dynamic
itemset counting and implication rules for market basket data, SIGMOD). Its interval is the exact
conditional one of the odds ratio (Cornfield 1956; Fisher 1935), carried over: given how many
units state each theme, the expected number that state both rises with the odds ratio
(Fisher's noncentral hypergeometric distribution), and so does the lift. The estimate fits it: the
conditional maximum-likelihood odds ratio expects just the number that was seen. It holds for
small counts and for none, and says "1 is in it" just where Fisher's exact test (one-sided, 2.5%)
finds nothing. Many pairs are looked at: their p-values are corrected by Holm (1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isinf

from opentekst.model import Theme
from opentekst.results.significance import holm

LEAST = 5
"""Only themes that so many units state are paired: of fewer, nothing can be said."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two themes: of the `base` units that both could state, how many state each, and both.

    `lift` has its 95% interval `low` to `high`; `p` is that of Fisher's exact test (two-sided),
    `holm` the same after correction for all pairs that were looked at.
    """

    first: str
    second: str
    base: int
    firsts: int
    seconds: int
    both: int
    lift: float
    low: float
    high: float
    p: float
    holm: float


def pairs(themes: Sequence[Theme], bases: Mapping[str, frozenset[str]]) -> list[Pair]:
    """Return all pairs of codes and topics, the surest first.

    `bases` has the units that answered, by codebook: a pair from two codebooks is looked at
    among those that answered both. Nets stay out (they hold their codes), and so do themes
    that fewer than `LEAST` of those units state.
    """
    plain = [theme for theme in themes if theme.kind != "net"]
    found = []
    for one, other in combinations(plain, 2):
        base = bases[one.codebook] & bases[other.codebook]
        a, b = one.units & base, other.units & base
        if min(len(a), len(b)) >= LEAST:
            found.append((one.id, other.id, len(base), len(a), len(b), len(a & b)))
    values = [fisher(*counts) for _, _, *counts in found]
    corrected = holm(values)
    made = [
        Pair(*row, *lift(*row[2:]), p, fixed)
        for row, p, fixed in zip(found, values, corrected, strict=True)
    ]
    return sorted(made, key=lambda pair: (pair.holm, pair.p, pair.first, pair.second))


def lift(base: int, firsts: int, seconds: int, both: int) -> tuple[float, float, float]:
    """Return the lift and the ends of its 95% interval, from numbers of units.

    Raises ValueError for counts that contradict each other, and where a theme has no unit or
    the base none.
    """
    table = _table(base, firsts, seconds, both)
    scale = base / (firsts * seconds)
    from scipy.stats.contingency import odds_ratio

    if base in (firsts, seconds):  # who states everything tells nothing
        return both * scale, both * scale, both * scale
    ends = odds_ratio(table, kind="conditional").confidence_interval(0.95)
    low, high = (_expected(float(end), base, firsts, seconds) * scale for end in ends)
    value = both * scale
    return value, min(low, value), max(high, value)


def fisher(base: int, firsts: int, seconds: int, both: int) -> float:
    """Return the two-sided p-value of Fisher's exact test."""
    from scipy.stats import fisher_exact

    return float(fisher_exact(_table(base, firsts, seconds, both)).pvalue)


def _table(base: int, firsts: int, seconds: int, both: int) -> list[list[int]]:
    rest = base - firsts - seconds + both
    if min(firsts, seconds) < 1 or min(both, rest) < 0 or both > min(firsts, seconds):
        raise ValueError("these counts contradict each other")
    return [[both, firsts - both], [seconds - both, rest]]


def _expected(odds: float, base: int, firsts: int, seconds: int) -> float:
    """Return how many units are expected to state both, under an odds ratio."""
    from scipy.stats import nchypergeom_fisher

    if odds == 0:
        return float(max(0, firsts + seconds - base))
    if isinf(odds):
        return float(min(firsts, seconds))
    return float(nchypergeom_fisher.mean(base, firsts, seconds, odds))
