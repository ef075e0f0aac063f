"""What changed between two waves: shares of units then and now, and how sure that is.

Two readings stand side by side. *All units*: those that answered then against those that answered
now. The two samples come from one finite population and overlap, so they are not independent: the
variance of the difference is that of Kish (1965, Survey Sampling) and Tam (1984, The
American Statistician 38:288) for simple random samples of n1 and n2 out of N with m units in both,

    (1/n1 - 1/N) S1² + (1/n2 - 1/N) S2² - 2 (m/(n1 n2) - 1/N) S12,

S12 estimated from the units in both. Who did not answer counts as missing at random; where all
answered, nothing is left to estimate. *Paired units*: only those that answered both times; the
exact test of McNemar (1947, Psychometrika 12:153) and the adjusted Wald interval of Bonett & Price
(2012, Journal of Educational and Behavioral Statistics 37:479), which asks not about the
population of municipalities but about a process that made them. P-values are corrected over a
question by Holm (1979).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt
from typing import Literal

from opentekst.results.mergers import Held
from opentekst.results.significance import holm

Kind = Literal["choice", "code", "net"]
Z = 1.959964
"""The 97.5% point of the normal distribution."""
FEW = 5
"""With fewer units that hold a code, or lack it, a normal interval is rough."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A row: a choice, a code, or a code with others below it (a net).

    `known` says in which waves it could be given: `both`, only `then`, only `now`.
    """

    question: str
    code: str
    label: str
    kind: Kind
    known: Literal["both", "then", "now"] = "both"


@dataclass(frozen=True, slots=True)
class Share:
    """`n` of the `base` units hold it."""

    n: int
    base: int

    @property
    def value(self) -> Fraction:
        """The share, 0 to 1; 0 without a base."""
        return Fraction(self.n, self.base) if self.base else Fraction(0)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of two shares (now - then, -1 to 1), its 95% interval and p-value.

    `adjusted` is the p-value after Holm's correction over the question. `rough` tells that so
    few units hold it, or lack it, that the interval is only roughly right.
    """

    difference: Fraction
    low: float
    high: float
    p: float
    adjusted: float = 1.0
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Pairs:
    """Units that answered both times: how many held it both times, once, or never."""

    both: int
    only_then: int
    only_now: int
    neither: int

    @property
    def total(self) -> int:
        """All units that answered both times."""
        return self.both + self.only_then + self.only_now + self.neither


@dataclass(frozen=True, slots=True)
class Trend:
    """One row of the trend table. `hidden` rows hold no figures that may be printed."""

    subject: Subject
    then: Share
    now: Share
    change: Change | None = None
    pairs: Pairs | None = None
    paired: Change | None = None
    hidden: bool = False


def change_of_all(
    then: Collection[str],
    base_then: Collection[str],
    now: Collection[str],
    base_now: Collection[str],
    population: int,
) -> Change | None:
    """Return the change among all units; None where one of the waves has no base.

    Sets of units: those that hold it, and the base, then and now. `population` is the number of
    units that could have answered. Raises ValueError for one smaller than a base.
    """
    first, second = set(base_then), set(base_now)
    if not first or not second:
        return None
    if population < max(len(first), len(second)):
        raise ValueError("a base is at most the population")
    had, has = set(then) & first, set(now) & second
    difference = Fraction(len(has), len(second)) - Fraction(len(had), len(first))
    n1, n2 = len(first), len(second)
    variance = variance_of_change(had, first, has, second, population)
    error = sqrt(variance) if variance > 1e-12 else 0.0
    middle = float(difference)
    few = min(len(had), n1 - len(had)) < FEW or min(len(has), n2 - len(has)) < FEW
    return Change(
        difference,
        max(-1.0, middle - Z * error),
        min(1.0, middle + Z * error),
        _two_sided(middle, error),
        rough=few and error > 0,
    )


def variance_of_change(
    had: set[str], first: set[str], has: set[str], second: set[str], population: int
) -> float:
    """Return the variance of a difference of two shares: an unbiased estimate, maybe below 0.

    `had` of the units `first` held it then, `has` of the units `second` now.
    """
    shared = first & second
    n1, n2 = len(first), len(second)
    together = len(shared) / (n1 * n2) - 1 / population
    return (
        (1 / n1 - 1 / population) * _spread(len(had), n1)
        + (1 / n2 - 1 / population) * _spread(len(has), n2)
        - 2 * together * _joint(shared, had, has)
    )


def _spread(n: int, base: int) -> float:
    """Return the variance of a yes-no trait among units, as a sample estimates it."""
    return n * (base - n) / (base * (base - 1)) if base > 1 else 0.25


def _joint(shared: set[str], had: set[str], has: set[str]) -> float:
    """Return the covariance of then and now among the units that answered both times."""
    m = len(shared)
    if m == 1:
        return 0.25 if (had & shared) == (has & shared) else -0.25
    if not m:
        return 0.0
    first, second = len(had & shared), len(has & shared)
    return (len(had & has & shared) - first * second / m) / (m - 1)


def _two_sided(difference: float, error: float) -> float:
    from scipy.stats import norm

    if not error:
        return 1.0 if not difference else 0.0
    return float(2 * norm.sf(abs(difference) / error))


def pairs_of(
    then: Collection[str],
    base_then: Collection[str],
    now: Collection[str],
    base_now: Collection[str],
) -> Pairs:
    """Count the units that are in both bases."""
    shared = set(base_then) & set(base_now)
    had, has = set(then) & shared, set(now) & shared
    only_then, only_now = len(had - has), len(has - had)
    both = len(had & has)
    return Pairs(both, only_then, only_now, len(shared) - both - only_then - only_now)


def change_of_pairs(pairs: Pairs) -> Change | None:
    """Return the change among units that answered both times; None where there are none.

    >>> one = change_of_pairs(Pairs(both=21, only_then=9, only_now=2, neither=12))
    >>> round(one.p, 5)
    0.06543
    """
    from scipy.stats import binomtest

    if not pairs.total:
        return None
    turned = pairs.only_then + pairs.only_now
    p = float(binomtest(pairs.only_now, turned, 0.5).pvalue) if turned else 1.0
    up, down = ((n + 1) / (pairs.total + 2) for n in (pairs.only_now, pairs.only_then))
    middle = up - down
    error = sqrt((up + down - middle**2) / (pairs.total + 2))
    return Change(
        Fraction(pairs.only_now - pairs.only_then, pairs.total),
        max(-1.0, middle - Z * error),
        min(1.0, middle + Z * error),
        p,
    )


def trends(
    subjects: Sequence[Subject], then: Held, now: Held, population: int, threshold: int = 0
) -> list[Trend]:
    """Return a row for each subject of one question.

    `then` and `now` say what each unit in the base holds, in the codes and units of now. Only
    what could be given in both waves is compared. With a `threshold`, rows that would tell what
    fewer units than that did are hidden.
    """
    rows = []
    for subject in subjects:
        had = {unit for unit, held in then.items() if subject.code in held}
        has = {unit for unit, held in now.items() if subject.code in held}
        row = Trend(subject, Share(len(had), len(then)), Share(len(has), len(now)))
        if subject.known == "both":
            pairs = pairs_of(had, then, has, now)
            row = replace(
                row,
                change=change_of_all(had, then, has, now, population),
                pairs=pairs,
                paired=change_of_pairs(pairs),
            )
        rows.append(row)
    return _guarded(_corrected(rows), threshold)


def _corrected(rows: Sequence[Trend]) -> list[Trend]:
    """Correct the p-values of a question's rows, those of all units and of pairs apart."""
    found = list(rows)
    for name in ("change", "paired"):
        at = [i for i, row in enumerate(found) if getattr(row, name) is not None]
        adjusted = holm([getattr(found[i], name).p for i in at])
        for i, p in zip(at, adjusted, strict=True):
            found[i] = replace(found[i], **{name: replace(getattr(found[i], name), adjusted=p)})
    return found


def _guarded(rows: Sequence[Trend], threshold: int) -> list[Trend]:
    """Hide rows with a small count; of choices that add up, one more where only one is hidden."""
    if not threshold:
        return list(rows)
    hidden = {i for i, row in enumerate(rows) if _small(row, threshold)}
    adds_up = sum(row.now.n for row in rows) == max((row.now.base for row in rows), default=0)
    if adds_up and len(hidden) == 1 and len(rows) > 1:
        rest = [i for i in range(len(rows)) if i not in hidden]
        hidden.add(min(rest, key=lambda i: (rows[i].now.n, i)))
    return [replace(row, hidden=i in hidden) for i, row in enumerate(rows)]


def _small(row: Trend, threshold: int) -> bool:
    counts = [row.then.n, row.now.n, row.then.base - row.then.n, row.now.base - row.now.n]
    if row.pairs:
        counts += [row.pairs.only_then, row.pairs.only_now]
    return any(0 < n < threshold for n in counts)
