"""Percentages that own up to coding error, and to the units that did not answer.

People coded a random part of the units (the audit sample), a machine coded all. Within the
units of which the machine says yes, and within those of which it says no, the audited ones tell
how often that is right, and so how many of the others hold the code. For a yes-no verdict this
post-stratified estimator *is* the regression estimator of survey sampling (Särndal, Swensson &
Wretman 1992, Model Assisted Survey Sampling, ch. 7) and prediction-powered inference with its
weight tuned, but for how that weight is estimated (Angelopoulos et al. 2023, Science 382:669;
PPI++: Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453; that they are one: Mozer 2026, arXiv
2603.19160). Drawing
probabilities enter as in design-based supervised learning (Egami et al. 2023, NeurIPS 36).

Their intervals are normal approximations, which fail for rare codes in small samples. So the
number of code holders among the units that nobody coded gets its predictive distribution under
a Jeffreys prior: beta-binomial, on whole numbers, the finite population built in (Ericson 1969,
JRSS B 31:195). Jeffreys intervals cover close to what they promise (Brown, Cai & DasGupta 2001,
Statistical Science 16:101). The distributions of the two parts are convolved, and the units
outside the survey added as a simple random remainder. Coverage: benchmarks/estimates.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import fftconvolve

from opentekst.model import Estimate, Method

Floats = NDArray[np.float64]

TAIL = 0.025
"""What lies beyond each end of a 95% interval."""
ENOUGH = 20
"""With fewer audited units (effective number) there is no estimate of coding error."""
WIDE = 30.0
"""An interval of more percentage points is called too wide to say much."""
LOOSE = 20.0
"""Bounds on what is possible are given where they lie at most this many points apart."""
CLEAR = 3.0
"""How many standard errors the machine's correlation with people must lie above zero."""
NEGLIGIBLE = 1e-10

TOO_SMALL = "de steekproef is te klein om iets te zeggen: {} eenheden helemaal blind gecodeerd"
NOT_DRAWN = "voor {} eenheden is geen blinde steekproef gecodeerd: trek haar of vul haar aan"
HARDLY = "de steekproef is te klein voor een scherp cijfer"
NO_HELP = "de machine maakt het cijfer niet scherper: alleen de steekproef telt"
POSSIBLE = "geen steekproef die iets zegt; dit zijn de uitersten die nog mogelijk zijn"


class Stratum(NamedTuple):
    """Units on which the machine gave one verdict, as far as they are not audited.

    Of `rest` units, people coded `known` with the code and left `open` uncoded. The audited
    units speak for them by `yes` with and `no` without the code: weighted, in effective numbers.
    """

    rest: int
    known: int
    open: int
    yes: float
    no: float


class Interval(NamedTuple):
    """Numbers of units that hold the code: an estimate, and the ends of its interval."""

    value: float
    low: int
    high: int


def estimate(
    machine: ArrayLike,
    people: ArrayLike,
    chance: ArrayLike,
    population: int | None = None,
) -> Estimate:
    """Estimate which share of the units holds a code, had people coded all of them.

    Three arrays, one entry a unit of the base: `machine`, whether the machine gives the code
    (of a unit that people coded: made without having seen that); `people`, 1 or 0 as people
    decided and -1 where they did not; `chance`, the probability with which the unit came into
    the audit sample, for those that did and that people coded: 1 also for a unit that needs
    no coding. NaN for all others, with two exceptions: a unit that could not be drawn has 0.
    `population` is the number of units that the base stands for, those that did not answer
    included; without it the base is all there is. The order of the units does not matter.
    Raises ValueError for arrays of different length, an empty base, a chance outside 0 to 1,
    and a population smaller than the base.
    """
    said = np.asarray(machine, dtype=bool)
    truth = np.asarray(people, dtype=np.int64)
    drawn = np.asarray(chance, dtype=np.float64)
    base = len(said)
    size = base if population is None else population
    if not base or len(truth) != base or len(drawn) != base or size < base:
        raise ValueError("three arrays of one length, at most the population's, not empty")
    if np.any((drawn < 0) | (drawn > 1)):
        raise ValueError("a chance lies between 0 and 1")
    open_ = truth < 0
    audited = ~open_ & (drawn > 0)
    uncoded = int(open_.sum())
    n_audit = int((audited & (drawn < 1)).sum())
    sure = int((truth[audited] == 1).sum())
    plain = sure + int((truth[~audited & ~open_] == 1).sum()) + int(said[open_].sum())

    def told(value: float, ends: tuple[int, int] | None, method: Method, note: str) -> Estimate:
        middle = 100 * value / base
        low, high = (100 * end / size for end in ends) if ends else (None, None)
        if low is not None and high is not None:
            low, high = min(low, middle), max(high, middle)
        return Estimate(middle, low, high, method, base, n_audit, uncoded, note)

    if not uncoded:
        return told(plain, spread(_all_at(plain), base, size), "counted", "")
    strata = [_stratum(said == verdict, truth, drawn, audited, open_) for verdict in (True, False)]
    pooled = _stratum(np.ones(base, dtype=bool), truth, drawn, audited, open_)
    missed = int((open_ & (drawn == 0)).sum())
    if pooled.yes + pooled.no < ENOUGH or missed:
        known = plain - int(said[open_].sum())
        low = spread(_all_at(known), base, size)[0]
        high = spread(_all_at(known + uncoded), base, size)[1]
        if high - low <= LOOSE / 100 * size:
            return told(plain, (low, high), "bounds", POSSIBLE)
        why = NOT_DRAWN.format(missed) if missed else TOO_SMALL.format(n_audit)
        return told(plain, None, "none", why)
    found, helps = combined(sure, strata, pooled, base, size)
    wide = 100 * (found.high - found.low) / size > WIDE
    notes = [*([] if helps else [NO_HELP]), *([HARDLY] if wide else [])]
    ends = (found.low, found.high)
    return told(found.value, ends, "assisted" if helps else "audit", "; ".join(notes))


def combined(
    sure: int, strata: Sequence[Stratum], pooled: Stratum, base: int, population: int
) -> tuple[Interval, bool]:
    """Return the estimate from both machine and audit, or from the audit alone, and which.

    `sure` audited units hold the code; `strata` are the machine's yes and no, `pooled` both
    together. The audit alone counts where one of the two was not audited, and where its
    interval is the shorter one and the machine's agreement with people is not clearly more
    than chance. (Always taking the shorter would favour samples that mislead; tuned
    prediction-powered inference also loses under a weak correlation: Mani et al. 2025, arXiv
    2505.20178.)
    """
    alone = audit_alone(sure, pooled, base, population)
    if any(one.rest and not one.yes + one.no for one in strata):
        return alone, False
    helped = assisted(sure, strata, base, population)
    shorter = helped.high - helped.low < alone.high - alone.low
    return (helped, True) if shorter or _agrees(strata) else (alone, False)


def assisted(sure: int, strata: Sequence[Stratum], base: int, population: int) -> Interval:
    """Return the estimate from the machine's verdicts, set right by the audit."""
    held = _all_at(0)
    for one in strata:
        held = _sum(held, _rest(one, one.yes + 0.5, one.no + 0.5))
    value = sure + sum(_expected(one) for one in strata)
    return Interval(value, *spread(np.concatenate([np.zeros(sure), held]), base, population))


@lru_cache(maxsize=1024)
def audit_alone(sure: int, pooled: Stratum, base: int, population: int) -> Interval:
    """Return the estimate from the audited units, whatever the machine says.

    With no unit, or one, that has the code (or lacks it), the ends of the Jeffreys interval
    are modified as Brown, Cai & DasGupta (2001) advise.
    """
    yes, no = pooled.yes, pooled.no
    held = [_rest(pooled, yes + 0.5, no + 0.5)] * 2
    if yes <= 1:
        held[0] = _all_at(pooled.known)
    if no <= 1:
        held[1] = _all_at(pooled.known + pooled.open)
    if yes == 0:
        held[1] = _rest(pooled, 1, no)
    if no == 0:
        held[0] = _rest(pooled, yes, 1)
    ends = [spread(np.concatenate([np.zeros(sure), one]), base, population) for one in held]
    return Interval(sure + _expected(pooled), ends[0][0], ends[1][1])


def spread(held: Floats, base: int, population: int) -> tuple[int, int]:
    """Return the 95% interval for the holders in the population.

    `held[k]` is the probability that k of the `base` units hold the code. The units outside
    are like a simple random sample: beta-binomial under a Jeffreys prior. Both ends by
    mid-probabilities, which keep whole numbers from covering more than was asked.
    """
    outside = population - base
    whole = held
    if outside:
        whole = np.zeros(population + 1)
        more = _outside(base, outside)
        for count in np.flatnonzero(held > NEGLIGIBLE).tolist():
            whole[count : count + outside + 1] += held[count] * more[count]
    below = np.cumsum(whole) / whole.sum() - whole / whole.sum() / 2
    low = int(np.searchsorted(below, TAIL))
    return low, max(low, int(np.searchsorted(below, 1 - TAIL, side="right")) - 1)


def _stratum(
    mine: NDArray[np.bool_],
    truth: NDArray[np.int64],
    drawn: Floats,
    audited: NDArray[np.bool_],
    open_: NDArray[np.bool_],
) -> Stratum:
    """Return what is known of the units `mine`; audited units by the others they stand for.

    A unit that is drawn with probability p stands for 1/p - 1 others. The effective number of
    audited units is Kish's: (sum of weights)² / sum of squares.
    """
    own = mine & audited
    rest = mine & ~audited
    weight = 1 / drawn[own] - 1
    yes = no = 0.0
    if weight.sum() > 0:
        share = float(weight[truth[own] == 1].sum() / weight.sum())
        number = float(weight.sum() ** 2 / (weight**2).sum())
        # whole where the weights are equal: no trace of the order in which they were added
        yes, no = round(share * number, 9), round((1 - share) * number, 9)
    known = int((truth[rest] == 1).sum())
    return Stratum(int(rest.sum()), known, int((rest & open_).sum()), yes, no)


def _rest(one: Stratum, alpha: float, beta: float) -> Floats:
    """Return how many of the units that are not audited hold the code: probabilities of 0, 1, …

    What contradicts what people said of some of them is moved to the nearest that does not.
    """
    held = _beta_binomial(one.rest, alpha, beta)
    most = one.known + one.open
    possible = held[: most + 1].copy()
    possible[most] += held[most + 1 :].sum()
    possible[one.known] += possible[: one.known].sum()
    possible[: one.known] = 0
    return possible


def _expected(one: Stratum) -> float:
    """Return how many of the units that are not audited hold the code, as the audit has it."""
    if not one.rest:
        return 0.0
    share = one.yes / (one.yes + one.no)
    return min(max(one.rest * share, one.known), one.known + one.open)


def _agrees(strata: Sequence[Stratum]) -> bool:
    """Tell whether the machine's correlation with people is clearly above zero."""
    (right, wrong), (missed, spared) = ((one.yes, one.no) for one in strata)
    total = right + wrong + missed + spared
    scale = (right + wrong) * (missed + spared) * (right + missed) * (wrong + spared)
    if scale <= 0 or total <= 2:
        return False
    return (right * spared - wrong * missed) / sqrt(scale) > CLEAR / sqrt(total - 2)


def _beta_binomial(size: int, alpha: float, beta: float) -> Floats:
    """Return the beta-binomial probabilities of 0, 1, …, size, by the ratio of neighbours."""
    k = np.arange(size, dtype=np.float64)
    ratio = (size - k) * (k + alpha) / ((k + 1) * (size - k - 1 + beta))
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratio))])
    chances = np.exp(logs - logs.max())
    return np.asarray(chances / chances.sum())


@lru_cache(maxsize=8)
def _outside(base: int, outside: int) -> tuple[Floats, ...]:
    """Return, for each number of holders in the base, how many of the units outside hold it."""
    return tuple(_beta_binomial(outside, k + 0.5, base - k + 0.5) for k in range(base + 1))


def _all_at(count: int) -> Floats:
    """Return the distribution of a number that is known."""
    held = np.zeros(count + 1)
    held[count] = 1
    return held


def _sum(first: Floats, second: Floats) -> Floats:
    """Return the distribution of the sum of two independent numbers."""
    if min(len(first), len(second)) < 64:
        return np.asarray(np.convolve(first, second), dtype=np.float64)
    return np.asarray(np.clip(fftconvolve(first, second), 0, None))
