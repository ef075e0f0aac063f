"""What a change between two waves is made of: opinion, codebook and coder.

A bridge holds units whose answers of then were coded again under the codebook and by the coder of
now. Each has three readings: A as counted then, B the same decision in the codebook of now (the
crosswalk, completed where the old codebook had no room), C as coded again. Then

    codebook = mean(B - A)    coder = mean(C - B)    opinion = total - codebook - coder

with total = p2 - p1 as published. So p1 under the codebook and coder of now is p1 + codebook +
coder: a difference estimator (Särndal, Swensson & Wretman 1992, ch. 6), which is why a small bridge
says much: A, B and C are of the same answers. The three add up exactly, by arithmetic.

The order matters: first the codebook, then the coder, and what the two do together falls to the
coder. It is the order in which one can really recode (an old coder cannot be asked again), as in
the bridge coding of causes of death (Anderson et al. 2001, National Vital Statistics Reports
49(2)). A decomposition in another order gives other parts (Das Gupta 1993, Current Population
Reports P23-186). Intervals: percentile bootstrap of units (Efron 1979), both waves of a unit
together, 95%.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from opentekst.results.mergers import Held

RESAMPLES = 1000
NOTHING_SEEN = 3
"""Where no unit of a sample differs, up to 3 in n may (Hanley & Lippman-Hand 1983, JAMA 249)."""
Floats = NDArray[np.float64]
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Readings:
    """One unit of the bridge: what it holds as counted then, in the codebook of now, recoded."""

    then: frozenset[str]
    crossed: frozenset[str]
    recoded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one code's change, as shares (-1 to 1), and the 95% interval of each.

    `units` were in the bridge.
    """

    code: str
    then: Fraction
    now: Fraction
    opinion: Fraction
    codebook: Fraction
    coder: Fraction
    units: int
    intervals: Mapping[str, Ends]

    @property
    def total(self) -> Fraction:
        """The change as published."""
        return self.now - self.then

    def tells_of_few(self, threshold: int) -> bool:
        """Tell whether a part rests on fewer units of the bridge than may be told of."""
        return any(0 < abs(one * self.units) < threshold for one in (self.codebook, self.coder))

    def rounded(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Return total, opinion, codebook and coder in percentage points, one decimal.

        Rounded so that they still add up: what rounding leaves over goes to the largest part.
        """
        total = _points(self.total)
        parts = [_points(one) for one in (self.opinion, self.codebook, self.coder)]
        largest = max(range(3), key=lambda i: (abs(parts[i]), -i))
        parts[largest] += total - sum(parts)
        return total, parts[0], parts[1], parts[2]


def _points(share: Fraction) -> Decimal:
    exact = Decimal(100 * share.numerator) / Decimal(share.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def decompose(
    codes: Sequence[str],
    then: Held,
    now: Held,
    bridge: Mapping[str, Readings],
    seed: int = 0,
) -> list[Parts]:
    """Return the parts of the change of each code; nothing without a bridge or a base.

    `then` holds the readings A of all units of the old wave, `now` those of the new one, both in
    units of now; the units of `bridge` are some of `then`.
    """
    if not bridge or not then or not now:
        return []
    units = sorted({*then, *now, *bridge})
    intervals = _intervals(codes, units, then, now, bridge, seed)
    found = []
    for code in codes:
        p1 = Fraction(sum(code in held for held in then.values()), len(then))
        p2 = Fraction(sum(code in held for held in now.values()), len(now))
        book = _mean(sum((code in r.crossed) - (code in r.then) for r in bridge.values()), bridge)
        coder = _mean(
            sum((code in r.recoded) - (code in r.crossed) for r in bridge.values()), bridge
        )
        opinion = p2 - p1 - book - coder
        found.append(Parts(code, p1, p2, opinion, book, coder, len(bridge), intervals[code]))
    return found


def _mean(total: int, bridge: Mapping[str, Readings]) -> Fraction:
    return Fraction(total, len(bridge))


def _intervals(
    codes: Sequence[str],
    units: Sequence[str],
    then: Held,
    now: Held,
    bridge: Mapping[str, Readings],
    seed: int,
) -> dict[str, dict[str, Ends]]:
    """Return each part's interval, by code and name of the part."""
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(units), [1 / len(units)] * len(units), RESAMPLES).astype(float)
    shared = {name: np.array([u in of for u in units]) for name, of in _bases(then, now, bridge)}
    found = {}
    for code in codes:
        p1 = _shares(times, shared["then"], [code in then.get(u, ()) for u in units])
        p2 = _shares(times, shared["now"], [code in now.get(u, ()) for u in units])
        steps = [_steps(bridge[u], code) if u in bridge else (0, 0) for u in units]
        book = _shares(times, shared["bridge"], [one for one, _ in steps])
        coder = _shares(times, shared["bridge"], [two for _, two in steps])
        draws = {
            "total": p2 - p1,
            "opinion": p2 - p1 - book - coder,
            "codebook": book,
            "coder": coder,
        }
        ends = {name: _ends(drawn) for name, drawn in draws.items()}
        slack = NOTHING_SEEN / len(bridge)
        given = any(code in of.recoded for of in bridge.values()) or any(
            code in h for h in now.values()
        )
        if given and len(bridge) < len(then) and not any(two for _, two in steps):
            ends["coder"] = (-slack, slack)
            ends["opinion"] = (ends["opinion"][0] - slack, ends["opinion"][1] + slack)
        found[code] = ends
    return found


def _bases(
    then: Held, now: Held, bridge: Mapping[str, Readings]
) -> tuple[tuple[str, Mapping[str, object]], ...]:
    return ("then", then), ("now", now), ("bridge", bridge)


def _steps(one: Readings, code: str) -> tuple[int, int]:
    crossed = code in one.crossed
    return crossed - (code in one.then), (code in one.recoded) - crossed


def _shares(times: Floats, base: NDArray[np.bool_], held: Sequence[float]) -> Floats:
    """Return the share in each resample; nothing known where it has no unit of the base."""
    size = times @ base
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((times @ (base * np.array(held, dtype=float))) / size)


def _ends(drawn: Floats) -> Ends:
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)
