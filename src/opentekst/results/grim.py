"""Exact arithmetic on printed percentages: which whole bases and counts can give them.

The idea is GRIM (Brown & Heathers 2017, Social Psychological and Personality Science 8,
363-369, doi:10.1177/1948550616673876), for percentages in place of means. All is done in whole
numbers: a printed percentage keeps the decimals that it was printed with, so 22 allows more
than 22.0 does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Rule = Literal["half_up", "half_even", "truncated"]
RULES: tuple[Rule, ...] = ("half_up", "half_even", "truncated")
_MOST_CELLS = 30
ENDLESS = 10**9
"""Stands for "no highest base": 0 of any base is 0%."""


def decimals(percent: Decimal) -> int:
    """Return how many decimals a percentage was printed with.

    >>> decimals(Decimal("74.40")), decimals(Decimal("22"))
    (2, 0)
    """
    exponent = percent.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def shown(n: int, base: int, places: int, rule: Rule = "half_up") -> Decimal:
    """Return 100 n / base as it prints with `places` decimals under a rule.

    >>> shown(1, 8, 0), shown(1, 8, 0, "half_even"), shown(233, 300, 0, "truncated")
    (Decimal('13'), Decimal('12'), Decimal('77'))
    """
    exact = Fraction(100 * n * 10**places, base)
    if rule == "half_up":
        units = math.floor(exact + Fraction(1, 2))
    elif rule == "half_even":
        units = round(exact)
    else:
        units = math.floor(exact)
    return Decimal(units).scaleb(-places)


def rules(n: int, base: int, percent: Decimal) -> frozenset[Rule]:
    """Return the rules under which n of base prints as `percent`; empty: none does."""
    places = decimals(percent)
    return frozenset(rule for rule in RULES if shown(n, base, places, rule) == percent)


def rounds_to(n: int, base: int, percent: Decimal) -> bool:
    """Say whether n of base, rounded by either rule for halves, prints as `percent`."""
    return bool(rules(n, base, percent) & {"half_up", "half_even"})


def bases(n: int, percent: Decimal, truncated: bool = False) -> range:
    """Return every whole base, n or more, of which n prints as `percent`; may be empty.

    Halves may have gone either way; with `truncated` the decimals were cut off. The bases lie
    side by side, because a share only falls as its base grows. Raises ValueError for a
    negative n or percentage.

    >>> list(bases(62, Decimal("29.1"))), list(bases(159, Decimal("74.4")))
    ([213], [])
    >>> list(bases(31, Decimal("70.4"))), list(bases(31, Decimal("70.4"), truncated=True))
    ([], [44])
    """
    if n < 0 or percent < 0:
        raise ValueError("counts and percentages are not negative")
    places = decimals(percent)
    units = int(percent.scaleb(places))
    if n == 0:
        return range(1, ENDLESS) if units == 0 else range(0)
    whole = 200 * n * 10**places  # twice the exact percentage, in units, times the base
    if truncated:
        above, below = 2 * units + 2, 2 * units
    else:
        above, below = 2 * units + 1, 2 * units - 1
    low = max(n, whole // above)
    high = whole // below + 1 if below > 0 else ENDLESS
    while low <= high and not _prints(n, low, percent, truncated):
        low += 1
        if low > max(n, whole // above) + 2:
            return range(0)
    while high < ENDLESS and high >= low and not _prints(n, high, percent, truncated):
        high -= 1
    return range(low, high + 1) if high >= low else range(0)


def _prints(n: int, base: int, percent: Decimal, truncated: bool) -> bool:
    if truncated:
        return shown(n, base, decimals(percent), "truncated") == percent
    return rounds_to(n, base, percent)


def counts(base: int, percent: Decimal) -> range:
    """Return every whole n, 0 to base, that prints as `percent` of `base`; may be empty.

    >>> list(counts(30, Decimal("47.2"))), list(counts(233, Decimal("98.3")))
    ([], [229])
    """
    places = decimals(percent)
    middle = int(percent * base / 100)
    reach = base // (200 * 10**places) + 2
    near = range(max(0, middle - reach), min(base, middle + reach + 1) + 1)
    found = [n for n in near if n <= base and rounds_to(n, base, percent)]
    return range(found[0], found[-1] + 1) if found else range(0)


def common(ranges: Sequence[range]) -> range:
    """Return the bases that all ranges share; every base where there are no ranges.

    >>> common([range(38, 40), range(30, 39)])
    range(38, 39)
    """
    low = max((r.start for r in ranges), default=1)
    high = min((r.stop for r in ranges), default=ENDLESS)
    return range(low, max(low, high))


def most_common(ranges: Sequence[range]) -> tuple[int, int]:
    """Return the base that most ranges hold, the lowest of those, and how many hold it.

    (0, 0) where all are empty.

    >>> most_common([range(38, 40), range(38, 39), range(55, 56)])
    (38, 2)
    """
    filled = [r for r in ranges if r]
    votes = {start: sum(start in r for r in filled) for start in {r.start for r in filled}}
    best = max(votes, key=lambda base: (votes[base], -base), default=0)
    return best, votes.get(best, 0)


def chance_of_a_base(cells: Sequence[tuple[int, int]]) -> Fraction:
    """Return the chance that a column of made-up percentages has a common base by luck.

    `cells` holds n and the number of decimals of each percentage. Made up means drawn
    independently and evenly from all percentages of 0 to 100 with those decimals. Exact: the
    number of different columns that some base, from the highest n upward, prints, over the
    number of columns that could be printed. Low: a column without findings says much. With
    more than 30 different cells, where it is next to nothing, an upper bound: each base gives
    a column of its own.

    >>> chance_of_a_base([(1, 0)])
    Fraction(20, 101)
    """
    filled = [(n, places) for n, places in cells if n > 0]
    if not filled:
        return Fraction(1)
    total = math.prod(_possible(places) for _, places in filled)
    highest = max(200 * n * 10**places for n, places in filled) + 1  # from there all print 0
    base, last, different = max(n for n, _ in filled), None, 0
    if len(set(filled)) > _MOST_CELLS:
        return Fraction(min(highest - base + 1, total), total)
    while base <= highest:
        column = tuple(_units(n, base, places) for n, places in filled)
        different += column != last
        last = column
        base = max(base + 1, min(_leaves(n, places, u) for (n, places), u in
                                 zip(filled, column, strict=True)))  # fmt: skip
    return Fraction(min(different, total), total)


def chance_of_a_count(base: int, places: int) -> Fraction:
    """Return the chance that a made-up percentage of a known base fits some whole n.

    Close to 1 for a base over 100 times 10 to the power `places`: there GRIM sees nothing.

    >>> chance_of_a_count(30, 1)
    Fraction(31, 1001)
    """
    printed = {_units(n, base, places) for n in range(min(base, 200 * 10**places) + 1)}
    possible = _possible(places)
    return Fraction(possible if base >= possible else len(printed), possible)


def _possible(places: int) -> int:
    """Return how many percentages from 0 to 100 there are with so many decimals."""
    return int(100 * 10**places + 1)


def _units(n: int, base: int, places: int) -> int:
    """100 n / base in units of the last decimal, halves up."""
    return int((200 * n * 10**places + base) // (2 * base))


def _leaves(n: int, places: int, units: int) -> int:
    """Return the first base at which n no longer prints as this many units, halves up."""
    return ENDLESS if units == 0 else int((200 * n * 10**places) // (2 * units - 1) + 1)
