"""How firm a choice of themes is: would other units, or better coding, have given another?

Units are drawn again as Booth, Butler & Hall (1994, Bootstrap methods for finite populations,
Journal of the American Statistical Association 89) do for a sample without replacement: each
unit stands for population / sample units like it, and of those as many are drawn as answered,
none twice. Where every unit of the population answered, nothing varies, as it should.

What people coded stays. What the machine coded is drawn anew: each code with the chance that
people would give it, given that the machine did or did not. The blind audit sample tells that
chance, and how well it is known: one draw a resample from its Beta distribution, under a
Jeffreys prior (Brown, Cai & DasGupta 2001, Statistical Science 16).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from opentekst.results.chooser import Problem, Rules, best


class Coded(NamedTuple):
    """A decided answer: its unit, its codes, and the codes it might have had.

    `open_to` is empty where people coded it, or where nothing is known of the machine's error.
    """

    unit: str
    codes: frozenset[str]
    open_to: tuple[str, ...] = ()


class Error(NamedTuple):
    """What blind coders made of a code in answers where the machine gave it, and did not.

    Numbers of audited answers: `right` and `wrong` where the machine gave the code, `missed`
    and `spared` where it did not.
    """

    right: int
    wrong: int
    missed: int
    spared: int


@dataclass(frozen=True)
class Evidence:
    """What a choice rests on, before it is counted.

    `members[theme]` are the codes that make a theme, in the order of the themes; `extra[theme]`
    units that state it without a code (a topic). `region` has every unit that responded and
    could state a theme. `fraction` is the share of the population that responded.
    """

    answers: Sequence[Coded]
    members: Mapping[str, frozenset[str]]
    extra: Mapping[str, frozenset[str]]
    region: Mapping[str, str]
    errors: Mapping[str, Error]
    fraction: float


class Firmness(NamedTuple):
    """In which share of resamples each theme is chosen; `without` had no choice at all."""

    share: Mapping[str, float]
    resamples: int
    without: int


def firmness(
    evidence: Evidence,
    rules: Rules,
    resamples: int,
    seed: int,
    step: Callable[[int], None] = lambda _n: None,
) -> Firmness:
    """Choose again in each of `resamples` resamples; the same seed gives the same shares.

    `step` is called with 1 after each. Resamples in which no choice keeps to the rules count
    in no share.
    """
    rng = np.random.default_rng(seed)
    chosen: Counter[str] = Counter()
    without = 0
    for _ in range(resamples):
        problem = resampled(evidence, rng)
        found = best(problem, rules) if len(problem.states) >= rules.k else None
        without += found is None
        chosen.update(found or ())
        step(1)
    counted = resamples - without
    share = {theme: chosen[theme] / counted for theme in evidence.members if counted}
    return Firmness(share, resamples, without)


def resampled(evidence: Evidence, rng: np.random.Generator) -> Problem:
    """Return what other units, coded with other luck, might have said."""
    given: dict[str, set[str]] = {}
    chances = {code: _chances(error, rng) for code, error in evidence.errors.items()}
    for answer in evidence.answers:
        codes = set(answer.codes)
        for code, luck in zip(answer.open_to, rng.random(len(answer.open_to)), strict=True):
            if code in chances:
                codes.discard(code)
                if luck < chances[code][code in answer.codes]:
                    codes.add(code)
        for code in codes:
            given.setdefault(code, set()).add(answer.unit)
    states = {
        theme: frozenset(u for code in codes for u in given.get(code, ()))
        | evidence.extra.get(theme, frozenset())
        for theme, codes in evidence.members.items()
    }
    stating = frozenset().union(*states.values())
    weight = _drawn(sorted(evidence.region), evidence.fraction, rng)
    region = {u: r for u, r in evidence.region.items() if u in stating and weight.get(u)}
    return Problem(states, region, weight)


def _chances(error: Error, rng: np.random.Generator) -> tuple[float, float]:
    """Return the chance that people give a code where the machine does not, and where it does."""
    without = rng.beta(error.missed + 0.5, error.spared + 0.5)
    with_it = rng.beta(error.right + 0.5, error.wrong + 0.5)
    return float(without), float(with_it)


def _drawn(units: Sequence[str], fraction: float, rng: np.random.Generator) -> Mapping[str, int]:
    """Return how often each unit is drawn from a population of units like these."""
    n = len(units)
    population = max(n, round(n / fraction))
    whole, rest = divmod(population, n) if n else (0, 0)
    copies = np.full(n, whole)
    copies[rng.permutation(n)[:rest]] += 1
    drawn = rng.permutation(np.repeat(np.arange(n), copies))[:n]
    return Counter(units[place] for place in drawn)
