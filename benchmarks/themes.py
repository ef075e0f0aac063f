"""Choosing workshop themes: how long the exact choice takes, and what it is worth.

Made-up surveys of 300 units in five regions and 60 themes, of which 6 are to be chosen; seeds
0 to 9. A theme's share is drawn from Beta(1, 12) (mean 8%, a few large ones, as in the
example's noden). In half of the surveys themes come in families that the same units state, as
codes of one net do. The baselines are what people do without a computer: the six themes that
most units state, and each time the theme that adds most. Each is solved freely, and with at
least 55% of each region reached and at most one theme a family.

    python benchmarks/themes.py
"""

from __future__ import annotations

import json
import time
from statistics import mean

import numpy as np

from opentekst.errors import DataError
from opentekst.results.chooser import Choice, Problem, Rules, choose, greedy, most_stated

UNITS, THEMES, K, REGIONS, FAMILY, SEEDS = 300, 60, 6, 5, 4, 10
LEAST = 55.0


def survey(seed: int) -> tuple[Problem, tuple[frozenset[str], ...]]:
    """Return a made-up survey, and its themes by family of four."""
    rng = np.random.default_rng(seed)
    share = rng.beta(1, 12, THEMES)
    chance = np.tile(share, (UNITS, 1))
    if seed % 2:  # a unit that has something with a family states more of it
        drawn = rng.random((UNITS, THEMES // FAMILY)) < 0.3
        chance = np.clip(chance * np.where(np.repeat(drawn, FAMILY, axis=1), 2.5, 0.36), 0, 1)
    held = rng.random((UNITS, THEMES)) < chance
    names = sorted(range(THEMES), key=lambda theme: (-held[:, theme].sum(), theme))
    states = {
        f"t{theme:02}": frozenset(f"u{unit}" for unit in np.flatnonzero(held[:, theme]))
        for theme in names
    }
    region = {f"u{unit}": f"R{rng.integers(REGIONS)}" for unit in range(UNITS)}
    families = [range(first, first + FAMILY) for first in range(0, THEMES, FAMILY)]
    return Problem(states, region), tuple(frozenset(f"t{t:02}" for t in of) for of in families)


def breaks(problem: Problem, rules: Rules, choice: Choice) -> bool:
    """Tell whether a choice breaks a rule."""
    chosen = set(choice.themes)
    if any(len(chosen & group) > 1 for group in rules.exclusive):
        return True
    return any(
        problem.count(choice.reached & units) < problem.needed(region, rules.least)
        for region, units in problem.regions.items()
    )


def main() -> None:
    """Print a line a survey and setting, then one flat JSON line."""
    print(f"{UNITS} eenheden, {THEMES} thema's, {K} gekozen")
    print("seed  regels   exact  meest genoemd  telkens de volgende  seconden")
    lines: dict[str, list[tuple[int, int, int, bool, bool, float]]] = {"vrij": [], "streng": []}
    for seed in range(SEEDS):
        problem, families = survey(seed)
        for name, rules in (
            ("vrij", Rules(K)),
            ("streng", Rules(K, least=LEAST, exclusive=families)),
        ):
            start = time.perf_counter()
            try:
                best = choose(problem, rules)
            except DataError:
                print(f"{seed:4}  {name:7}  niet haalbaar ({time.perf_counter() - start:.1f} s)")
                continue
            seconds = time.perf_counter() - start
            often, step = most_stated(problem, rules), greedy(problem, rules)
            wrong = [breaks(problem, rules, one) for one in (often, step)]
            counts = [len(one.reached) for one in (best, often, step)]
            lines[name].append((counts[0], counts[1], counts[2], wrong[0], wrong[1], seconds))
            told = [
                f"{n}{' (breekt regels)' if bad else ''}"
                for n, bad in zip(counts[1:], wrong, strict=True)
            ]
            print(f"{seed:4}  {name:7}  {counts[0]:4}   {told[0]:20}  {told[1]:20}  {seconds:6.2f}")
    print(json.dumps(summary(lines)))


def summary(lines: dict[str, list[tuple[int, int, int, bool, bool, float]]]) -> dict[str, float]:
    """Return the figures of all surveys, flat."""
    free, strict = lines["vrij"], lines["streng"]
    return {
        "surveys": SEEDS,
        "units": UNITS,
        "themes": THEMES,
        "k": K,
        "reached_exact": mean(line[0] for line in free),
        "reached_most_frequent": mean(line[1] for line in free),
        "reached_greedy": mean(line[2] for line in free),
        "greedy_not_optimal": sum(line[2] < line[0] for line in free),
        "strict_solved": len(strict),
        "strict_broken_by_most_frequent": sum(line[3] for line in strict),
        "strict_broken_by_greedy": sum(line[4] for line in strict),
        "seconds_max": round(max(line[5] for line in (*free, *strict)), 2),
    }


if __name__ == "__main__":
    main()
