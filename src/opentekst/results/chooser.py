"""Choose k themes that together reach the most units: maximum coverage, solved exactly.

Church & ReVelle (1974), The maximal covering location problem, Papers of the Regional Science
Association 32. Taking each time the theme that adds most reaches in the worst case only 63% of
what is possible (Nemhauser, Wolsey & Fisher 1978, Mathematical Programming 14); the integer
programme here is solved to the end, by HiGHS (Huangfu & Hall 2018, Mathematical Programming
Computation 10) through scipy.

Ties are broken by rule, so that the same answers always give the same choice: of choices that
reach as many units, the one whose themes are stated most often in all; of those, the one with
the theme that stands first in the list of themes, then the second, and so on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from opentekst.errors import DataError

Floats = NDArray[np.float64]
_BLOCK = 10
"""Themes whose order is settled in one go: 2¹⁰ is far from where a solver loses precision."""


@dataclass(frozen=True)
class Rules:
    """What a choice must keep to; see `Problem` for what the ids stand for.

    `least` is the percentage of the units of each region that must be reached. `exclusive` are
    groups of themes of which at most one may be chosen.
    """

    k: int
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    least: float = 0.0
    exclusive: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True)
class Problem:
    """Who states what: `states[theme]` are units, in the order in which ties are broken.

    `region` has every unit that is to be reached, whether a theme reaches it or not. `weight`
    is how often a unit counts (in a resample); 1 where it is absent.
    """

    states: Mapping[str, frozenset[str]]
    region: Mapping[str, str]
    weight: Mapping[str, int] = field(default_factory=dict)

    def count(self, units: Collection[str]) -> int:
        """Return how many of the units to be reached are among `units`, weighted."""
        return sum(self.weight.get(unit, 1) for unit in units if unit in self.region)

    def reached(self, themes: Collection[str]) -> frozenset[str]:
        """Return the units that state at least one of `themes`."""
        held = frozenset().union(*(self.states[theme] for theme in themes))
        return held & self.region.keys()

    @cached_property
    def regions(self) -> Mapping[str, frozenset[str]]:
        """The units of each region, by its name."""
        found: dict[str, set[str]] = {}
        for unit, region in self.region.items():
            found.setdefault(region, set()).add(unit)
        return {name: frozenset(found[name]) for name in sorted(found)}

    def needed(self, region: str, least: float) -> int:
        """Return how many units of a region make at least `least` percent of it."""
        return ceil(Fraction(str(least)) * self.count(self.regions[region]) / 100)


class Choice(NamedTuple):
    """Themes in the order in which they add most, and the units that each adds."""

    themes: tuple[str, ...]
    adds: tuple[frozenset[str], ...]

    @property
    def reached(self) -> frozenset[str]:
        """The units that the themes together reach."""
        return frozenset().union(*self.adds)


def choose(problem: Problem, rules: Rules) -> Choice:
    """Return the best choice of exactly `k` themes.

    Raises DataError where no choice keeps to the rules, naming the rule that stands in the way.
    """
    _check(problem, rules)
    enough = len(problem.states.keys() - rules.never) >= rules.k
    found = best(problem, rules) if enough else None
    if found is None:
        raise _impossible(problem, rules)
    return in_order(problem, found)


def best(problem: Problem, rules: Rules) -> frozenset[str] | None:
    """Return the best themes, ties broken by rule; None where no choice keeps to the rules."""
    model = _Model(problem, rules)
    reach = model.solve(model.reach)
    if reach is None:
        return None
    model.at_least(model.reach, model.value(model.reach, reach))
    often = model.solve(model.often)
    assert often is not None  # `reach` itself is a solution
    model.at_least(model.often, model.value(model.often, often))
    found = often
    if model.solve(model.reach, other_than=found) is None:
        return model.names(found)
    themes = len(model.themes)
    for start in range(0, themes, _BLOCK):
        order = np.zeros(model.size)
        width = min(_BLOCK, themes - start)
        order[start : start + width] = 2.0 ** np.arange(width - 1, -1, -1)
        again = model.solve(order)
        assert again is not None
        found = again
        model.at_least(order, model.value(order, found))
    return model.names(found)


def most_stated(problem: Problem, rules: Rules) -> Choice:
    """Return the `k` themes that most units state, heeding only `must` and `never`."""
    free = [theme for theme in problem.states if theme not in rules.must | rules.never]
    rank = {theme: at for at, theme in enumerate(problem.states)}
    free.sort(key=lambda theme: (-problem.count(problem.states[theme]), rank[theme]))
    must = sorted(rules.must, key=rank.__getitem__)
    return in_order(problem, [*must, *free][: rules.k])


def greedy(problem: Problem, rules: Rules) -> Choice:
    """Return `k` themes, each time the one that adds most; heeds all but `least`."""
    rank = {theme: at for at, theme in enumerate(problem.states)}
    taken = sorted(rules.must, key=rank.__getitem__)
    while len(taken) < rules.k:
        barred = {t for group in rules.exclusive if group & set(taken) for t in group}
        free = [t for t in rank if t not in {*taken, *rules.never, *barred}]
        if not free:
            break
        held = problem.reached(taken)
        taken.append(max(free, key=lambda t: (problem.count(problem.states[t] - held), -rank[t])))
    return in_order(problem, taken)


def in_order(problem: Problem, themes: Collection[str]) -> Choice:
    """Return the same themes, each time the one that adds most first."""
    rank = {theme: at for at, theme in enumerate(problem.states)}
    left, order, adds = sorted(themes, key=rank.__getitem__), [], []
    held: frozenset[str] = frozenset()
    while left:
        first = max(
            left,
            key=lambda t: (problem.count(problem.states[t] - held), -rank[t]),
        )
        left.remove(first)
        order.append(first)
        adds.append((problem.states[first] & problem.region.keys()) - held)
        held |= adds[-1]
    return Choice(tuple(order), tuple(adds))


def would_reach(problem: Problem, chosen: Choice) -> list[tuple[str, frozenset[str]]]:
    """Return, for each theme that is not chosen, the units that only it would add; most first."""
    missed = problem.region.keys() - chosen.reached
    found = [(t, units & missed) for t, units in problem.states.items() if t not in chosen.themes]
    return sorted((one for one in found if one[1]), key=lambda one: -problem.count(one[1]))


class _Model:
    """The integer programme: a column a theme (chosen or not), and one a kind of unit.

    Units of one region that state the same themes are one column. Themes are whole; a unit
    is then reached wholly or not by itself.
    """

    def __init__(self, problem: Problem, rules: Rules) -> None:
        self.themes = tuple(problem.states)
        at = {theme: place for place, theme in enumerate(self.themes)}
        kinds: dict[tuple[str, tuple[int, ...]], int] = {}
        stated: dict[str, list[int]] = {}
        for theme, units in problem.states.items():
            for unit in units & problem.region.keys():
                stated.setdefault(unit, []).append(at[theme])
        for unit, places in stated.items():
            kind = (problem.region[unit], tuple(places))
            kinds[kind] = kinds.get(kind, 0) + problem.weight.get(unit, 1)
        ordered = sorted((kind, n) for kind, n in kinds.items() if n)
        self.size = len(self.themes) + len(ordered)
        self.reach = np.zeros(self.size)
        self.reach[len(self.themes) :] = [n for _, n in ordered]
        self.often = np.zeros(self.size)
        for theme, units in problem.states.items():
            self.often[at[theme]] = problem.count(units)
        self._low = np.zeros(self.size)
        self._high = np.ones(self.size)
        for theme in rules.must:
            self._low[at[theme]] = 1
        for theme in rules.never:
            self._high[at[theme]] = 0
        self._rows: list[tuple[dict[int, float], float, float]] = []
        self._keep({at[theme]: 1.0 for theme in self.themes}, rules.k, rules.k)
        for group in rules.exclusive:
            self._keep({at[theme]: 1.0 for theme in group if theme in at}, 0, 1)
        self._stated: dict[int, tuple[int, ...]] = {}
        by_region: dict[str, dict[int, float]] = {}
        for column, ((region, themes), n) in enumerate(ordered, start=len(self.themes)):
            self._stated[column] = themes
            self._keep({column: 1.0, **dict.fromkeys(themes, -1.0)}, -np.inf, 0)
            by_region.setdefault(region, {})[column] = n
        if rules.least > 0:
            for region in problem.regions:
                needed = problem.needed(region, rules.least)
                self._keep(by_region.get(region, {}), needed, np.inf)

    def solve(self, worth: Floats, other_than: NDArray[np.bool_] | None = None) -> Any:
        """Return which themes to choose so that `worth` is highest; None if there is no way."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        rows = list(self._rows)
        if other_than is not None:
            terms = {int(column): 1.0 for column in np.flatnonzero(other_than)}
            rows.append((terms, -np.inf, len(terms) - 1))
        places = [(r, c, v) for r, (terms, _, _) in enumerate(rows) for c, v in terms.items()]
        r, c, v = zip(*places, strict=True)
        matrix = csr_array((v, (r, c)), shape=(len(rows), self.size))
        whole = np.zeros(self.size)
        whole[: len(self.themes)] = 1
        result = milp(
            -worth,
            integrality=whole,
            bounds=Bounds(self._low, self._high),
            constraints=LinearConstraint(
                matrix, [low for _, low, _ in rows], [h for *_, h in rows]
            ),
            options={"mip_rel_gap": 0.0},
        )
        return None if result.x is None else result.x[: len(self.themes)] > 0.5

    def value(self, worth: Floats, chosen: NDArray[np.bool_]) -> int:
        """Return what a choice is worth, in whole numbers: free of rounding."""
        total = float(worth[: len(self.themes)][chosen].sum())
        total += sum(
            float(worth[column])
            for column, themes in self._stated.items()
            if chosen[list(themes)].any()
        )
        return round(total)

    def at_least(self, worth: Floats, value: int) -> None:
        """From now on, accept only choices that are worth `value` or more."""
        terms = {int(column): float(worth[column]) for column in np.flatnonzero(worth)}
        self._keep(terms, value - 0.5, np.inf)

    def names(self, chosen: NDArray[np.bool_]) -> frozenset[str]:
        """Return the ids of the themes that are chosen."""
        return frozenset(self.themes[place] for place in np.flatnonzero(chosen))

    def _keep(self, terms: dict[int, float], low: float, high: float) -> None:
        # a row of nothing still counts: no unit of a region can be reached
        self._rows.append((terms or {0: 0.0}, low, high))


def _check(problem: Problem, rules: Rules) -> None:
    for rule, names in (("moet", rules.must), ("mag nooit", rules.never)):
        for name in sorted(names - problem.states.keys()):
            raise DataError(
                f"dit thema {rule} erbij volgens de keuze, maar het kan niet gekozen worden",
                found=name,
                remedy="Kies uit: " + ", ".join(problem.states) + ".",
            )


def _impossible(problem: Problem, rules: Rules) -> DataError:
    """Name the first rule without which there is a choice, in the order of how hard they are."""
    free = [theme for theme in problem.states if theme not in rules.never]
    if both := rules.must & rules.never:
        return DataError(
            "een thema moet gekozen worden en mag niet gekozen worden",
            found=", ".join(sorted(both)),
            remedy="Laat 'must' of 'never' weg voor dit thema.",
        )
    if len(rules.must) > rules.k:
        return DataError(
            f"er moeten {len(rules.must)} thema's bij, en er worden er {rules.k} gekozen",
            found=", ".join(sorted(rules.must)),
            remedy=f"Kies meer thema's (--themes {len(rules.must)}), of laat een 'must' vallen.",
        )
    if len(free) < rules.k:
        return DataError(
            f"er zijn {len(free)} thema's om uit te kiezen, en er worden er {rules.k} gevraagd",
            remedy="Vraag er minder (--themes), of laat meer thema's toe (--never, --least-units,"
            " --least-central, --level all).",
        )
    for group in rules.exclusive:
        if len(group & rules.must) > 1:
            return DataError(
                "van deze thema's kan er hooguit één gekozen worden, en er moeten er meer bij",
                found=", ".join(sorted(group & rules.must)),
                remedy="Laat een 'must' vallen, of laat --one-per-net of 'not_together' los. Een"
                " net en een code eronder gaan nooit samen.",
            )
    if best(problem, replace(rules, least=0)) is None:
        return DataError(
            f"er zijn geen {rules.k} thema's die samen mogen: van sommige mag er maar één",
            remedy="Vraag er minder (--themes), of laat --one-per-net of 'not_together' los.",
        )
    return _out_of_reach(problem, rules)


def _out_of_reach(problem: Problem, rules: Rules) -> DataError:
    """Say which region keeps the least from being reached, and what would be possible."""
    alone = []
    for region, units in problem.regions.items():
        inside = replace(problem, region={u: region for u in units})
        found = best(inside, replace(rules, least=0))
        count = inside.count(inside.reached(found or ()))
        if count < problem.needed(region, rules.least):
            most = 100 * count // problem.count(units)
            alone.append(f"{region}: hooguit {most}%")
    if alone:
        found_text = "; ".join(alone)
        problem_text = f"met {rules.k} thema's is {rules.least:g}% niet in elke provincie haalbaar"
    else:
        found_text = "elke provincie apart wel, alle samen niet"
        problem_text = (
            f"{rules.k} thema's kunnen niet in alle provincies tegelijk {rules.least:g}% bereiken"
        )
    return DataError(
        problem_text,
        found=found_text,
        remedy="Verlaag --least-per-province, kies meer thema's (--themes), of laat --one-per-net,"
        " --must of --never vallen.",
    )
