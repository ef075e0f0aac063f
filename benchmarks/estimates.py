"""How often the 95% intervals of opentekst hold the truth, and how wide they are.

    python benchmarks/estimates.py [--runs 2000] [--seed 2021] [--all]

Simulated, no data. A code is held by exactly `prevalence` of N units; n of them answered (all
300, all 5,000, or a simple random 233 of 300); the machine is right on a unit with a chance of
`accuracy`, whether the unit holds the code or not; a simple random `audit` of the n is coded
blind and without error. Wanted: the share of all N. Each setting runs `--runs` times with a
seed of its own that follows from `--seed`. One line a setting with --all, else the extremes.

Baselines: `plain`, counting the audit's codes where there are and else the machine's, with a
Jeffreys interval as if they were right; `wald`, prediction-powered inference as published
(PPI++ with tuned weight, normal approximation, finite population correction); `alone`, the
audit sample without the machine. `width` is the mean width over that of the audit alone;
`used` the share of runs in which the machine's verdicts were used. Where people coded all
(`audit` = n) only the units that did not answer remain.

Pooled: a table may count several questions together. Then a unit gave one to `answers` answers,
each holds the code with a chance of `prevalence`, a simple random `rate` of each question is
coded blind, and a unit is audited where all its answers are. `said` is the share of runs in
which opentekst gives an interval and not that the sample is too small; coverage is over these.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import beta

from opentekst.results.estimate import Stratum, audit_alone, combined, estimate, spread

console = Console(width=120)
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ACCURACIES = (0.70, 0.80, 0.90, 0.95)
PREVALENCES = (0.02, 0.05, 0.10, 0.30, 0.60)
SURVEYS = ((300, 300), (5000, 5000), (233, 300))
AUDITS = (50, 100, 200)
LOW, HIGH = 93.0, 97.0
POOLED = [
    (answers, prevalence, rate)
    for answers in (2, 4, 8)
    for prevalence in (0.02, 0.10, 0.30)
    for rate in (0.5, 0.7)
]
"""Answers a unit, prevalence by answer and the share that is audited."""


class Setting(NamedTuple):
    """What is simulated: n units answered of N, of which `audit` are coded by people."""

    n: int
    population: int
    audit: int
    prevalence: float
    accuracy: float

    @property
    def holders(self) -> int:
        """How many of the N hold the code."""
        return round(self.prevalence * self.population)


class Outcome(NamedTuple):
    """Coverages in percent, mean widths in points, share of runs with the machine's help."""

    setting: Setting
    covered: float
    plain: float
    wald: float
    alone: float
    points: float
    width: float
    used: float


def drawn(setting: Setting, runs: int, rng: np.random.Generator) -> Ints:
    """Return, one row a run: machine's yes, its audited with and without code, its no idem."""
    n, population, audit, _, accuracy = setting
    holders: Ints = np.full(runs, setting.holders)
    if n < population:
        holders = rng.hypergeometric(setting.holders, population - setting.holders, n, runs)
    hit = rng.binomial(holders, accuracy)
    false = rng.binomial(n - holders, 1 - accuracy)
    cells: list[Ints] = []
    left: Ints = np.full(runs, n)
    rest: Ints = np.full(runs, audit)
    for size in (hit, false, holders - hit):
        got = rng.hypergeometric(size, left - size, rest)
        cells.append(got)
        left, rest = left - size, rest - got
    return np.stack([hit + false, *cells, rest], axis=1)


def ours(setting: Setting, outcomes: Ints) -> Floats:
    """Return low and high, low and high of the audit alone, and whether the machine helped."""
    n, population = setting.n, setting.population
    rows = []
    for yes, right, wrong, missed, spared in outcomes.tolist():
        strata = [
            Stratum(size, 0, size, held, not_held)
            for size, held, not_held in (
                (yes - right - wrong, right, wrong),
                (n - yes - missed - spared, missed, spared),
            )
        ]
        size = n - setting.audit
        pooled = Stratum(size, 0, size, right + missed, wrong + spared)
        found, used = combined(right + missed, strata, pooled, n, population)
        alone = audit_alone(right + missed, pooled, n, population)
        rows.append((found.low, found.high, alone.low, alone.high, used))
    return np.array(rows, dtype=float)


def plain(setting: Setting, outcomes: Ints) -> tuple[Floats, Floats]:
    """Return the interval around the plain count, as numbers of N."""
    yes, _, wrong, missed, _ = outcomes.T
    count = yes - wrong + missed
    low = beta.ppf(0.025, count + 0.5, setting.n - count + 0.5) * setting.population
    return low, beta.ppf(0.975, count + 0.5, setting.n - count + 0.5) * setting.population


def wald(setting: Setting, outcomes: Ints) -> tuple[Floats, Floats]:
    """Return the interval of PPI++, as numbers of N."""
    yes, right, wrong, missed, _ = outcomes.T.astype(float)
    n, population, m = setting.n, setting.population, setting.audit
    said, truth, both = (right + wrong) / m, (right + missed) / m, right / m
    covariance, variance = both - said * truth, said * (1 - said)
    weight = np.divide(covariance, variance, out=np.zeros_like(said), where=variance > 0)
    value = truth + weight * (yes / n - said)
    error = (truth * (1 - truth) - 2 * weight * covariance + weight**2 * variance) / (m - 1)
    sampling = truth * (1 - truth) / (n - 1)
    variance = error.clip(min=0) * (1 - m / n) + sampling * (1 - n / population)
    spread_ = 1.96 * np.sqrt(variance)
    return (value - spread_) * population, (value + spread_) * population


def measured(setting: Setting, runs: int, seed: Sequence[int]) -> Outcome:
    """Run one setting."""
    outcomes = drawn(setting, runs, np.random.default_rng(seed))
    kinds, which = np.unique(outcomes, axis=0, return_inverse=True)
    low, high, alone_low, alone_high, used = ours(setting, kinds)[which.ravel()].T
    truth = setting.holders

    def covers(bounds: tuple[Floats, Floats]) -> float:
        # The baselines' bounds are no whole numbers; the truth is.
        return 100 * float(np.mean((bounds[0] <= truth) & (truth <= bounds[1])))

    points = 100 * float(np.mean(high - low)) / setting.population
    return Outcome(
        setting,
        covers((low, high)),
        covers(plain(setting, outcomes)),
        covers(wald(setting, outcomes)),
        covers((alone_low, alone_high)),
        points,
        float(np.mean(high - low) / np.mean(alone_high - alone_low)),
        float(np.mean(used)),
    )


def by_people(population: int, n: int, prevalence: float, runs: int, seed: Sequence[int]) -> float:
    """Return the coverage where people coded every answer and n of N answered."""
    holders = round(prevalence * population)
    rng = np.random.default_rng(seed)
    found = rng.hypergeometric(holders, population - holders, n, runs)
    ends = {k: spread(np.eye(1, k + 1, k)[0], n, population) for k in np.unique(found).tolist()}
    return 100 * float(np.mean([ends[k][0] <= holders <= ends[k][1] for k in found.tolist()]))


def pooled(
    answers: int, prevalence: float, rate: float, runs: int, seed: Sequence[int]
) -> tuple[float, float]:
    """Return coverage and the share of runs with an interval, 233 of 300 units, 90% accurate."""
    rng = np.random.default_rng(seed)
    asked, answered = 300, 233
    hits = said = 0
    for _ in range(runs):
        there = np.arange(answers) < rng.integers(1, answers, asked, endpoint=True)[:, None]
        holds = (rng.random((asked, answers)) < prevalence) & there
        machine = (holds ^ (rng.random((asked, answers)) > 0.9)) & there
        truth = 100 * holds.any(axis=1).mean()
        there, holds, machine = there[:answered], holds[:answered], machine[:answered]
        lots = np.where(there, rng.random(there.shape), 2)
        drawn = lots.argsort(axis=0).argsort(axis=0) < np.round(rate * there.sum(axis=0))
        whole = (drawn | ~there).all(axis=1)
        seen = np.where((holds & drawn).any(axis=1), 1, -1)
        found = estimate(
            machine.any(axis=1),
            np.where(whole, holds.any(axis=1), seen),
            np.where(whole, rate ** there.sum(axis=1), np.nan),
            asked,
        )
        if found.low is not None and found.high is not None:
            said += 1
            hits += found.low - 1e-9 <= truth <= found.high + 1e-9
    return 100 * hits / max(said, 1), said / runs


def shown_pooled(outcomes: Sequence[tuple[float, float]]) -> Table:
    """Return the outcomes of the pooled settings as a table for people."""
    table = Table("answers", "prevalence", "rate", "covered", "said", title="Pooled questions")
    for (answers, prevalence, rate), (covered, said) in zip(POOLED, outcomes, strict=True):
        row = (str(answers), f"{prevalence:.0%}", f"{rate:.0%}", f"{covered:.1f}", f"{said:.0%}")
        table.add_row(*row)
    return table


def shown(title: str, outcomes: Sequence[Outcome]) -> Table:
    """Return outcomes as a table for people."""
    heads = (
        "n", "N", "audit", "prevalence", "accuracy",
        "covered", "plain", "wald", "alone", "points", "width", "used",
    )  # fmt: skip
    table = Table(*heads, title=title)
    for one in outcomes:
        n, population, audit, prevalence, accuracy = one.setting
        table.add_row(
            str(n), str(population), str(audit), f"{prevalence:.0%}", f"{accuracy:.0%}",
            *(f"{x:.1f}" for x in (one.covered, one.plain, one.wald, one.alone, one.points)),
            f"{one.width:.2f}", f"{one.used:.0%}",
        )  # fmt: skip
    return table


def summary(outcomes: Sequence[Outcome], people: Sequence[float]) -> dict[str, Any]:
    """Return the figures of all settings together."""
    covered = [one.covered for one in outcomes]
    return {
        "settings": len(outcomes),
        "outside_93_97": sum(not LOW <= x <= HIGH for x in covered),
        "covered_min": round(min(covered), 2),
        "covered_mean": round(float(np.mean(covered)), 2),
        "covered_max": round(max(covered), 2),
        "plain_min": round(min(one.plain for one in outcomes), 2),
        "plain_mean": round(float(np.mean([one.plain for one in outcomes])), 2),
        "wald_min": round(min(one.wald for one in outcomes), 2),
        "alone_min": round(min(one.alone for one in outcomes), 2),
        "alone_max": round(max(one.alone for one in outcomes), 2),
        "width_max": round(max(one.width for one in outcomes), 3),
        "width_mean": round(float(np.mean([one.width for one in outcomes])), 3),
        "width_min": round(min(one.width for one in outcomes), 3),
        "people_min": round(min(people), 2),
        "people_max": round(max(people), 2),
    }


def main() -> None:
    """Run every setting; print the tables and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--all", action="store_true", help="show every setting")
    options = parser.parse_args()
    start = time.monotonic()
    settings = [
        Setting(n, population, audit, prevalence, accuracy)
        for n, population in SURVEYS
        for audit in AUDITS
        for prevalence in PREVALENCES
        for accuracy in ACCURACIES
    ]
    outcomes = [
        measured(setting, options.runs, (options.seed, number))
        for number, setting in enumerate(settings)
    ]
    people = [
        by_people(300, 233, prevalence, options.runs, (options.seed, 1000 + number))
        for number, prevalence in enumerate(PREVALENCES)
    ]
    together = [
        pooled(*setting, options.runs, (options.seed, 2000 + number))
        for number, setting in enumerate(POOLED)
    ]
    if options.all:
        console.print(shown("Every setting", outcomes))
    outside = [one for one in outcomes if not LOW <= one.covered <= HIGH]
    console.print(shown("Covered outside 93 to 97%", outside))
    ranked = sorted(outcomes, key=lambda one: one.width)
    console.print(shown("Widest and narrowest against the audit alone", ranked[-5:] + ranked[:5]))
    every = ", ".join(
        f"{prevalence:.0%}: {covered:.1f}%"
        for prevalence, covered in zip(PREVALENCES, people, strict=True)
    )
    console.print(shown_pooled(together))
    console.print(f"People coded all, 233 of 300 answered, covered at {every}")
    mostly = [covered for covered, said in together if said >= 0.5]
    seconds = round(time.monotonic() - start, 1)
    figures = {"benchmark": "estimates", "runs": options.runs, **summary(outcomes, people)}
    figures |= {"pooled_min": round(min(mostly), 2), "pooled_max": round(max(mostly), 2)}
    print(json.dumps(figures | {"seconds": seconds}))


if __name__ == "__main__":
    main()
