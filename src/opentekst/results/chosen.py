"""The choice with what it was made from and what it is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentekst.model import Theme
from opentekst.results.chooser import Choice, Problem, Rules
from opentekst.results.firmness import Firmness
from opentekst.results.themes import NET
from opentekst.theme_spec import Level


@dataclass(frozen=True)
class Chosen:
    """The best choice, and beside it the most frequent themes and the greedy choice.

    `left_out` says in Dutch why a theme could not be chosen; `notes` what the reader must know.
    `apart` are themes of which at most one was wanted.
    """

    problem: Problem
    rules: Rules
    best: Choice
    frequent: Choice
    greedy: Choice
    firm: Firmness
    left_out: Mapping[str, str]
    one_per_net: bool = False
    apart: tuple[frozenset[str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def by_region(self) -> Mapping[str, tuple[int, int]]:
        """Of each region, how many units are reached, and of how many."""
        return {
            name: (len(units & self.best.reached), len(units))
            for name, units in self.problem.regions.items()
        }

    @property
    def missed(self) -> frozenset[str]:
        """The units that state something, and that no chosen theme reaches."""
        return frozenset(self.problem.region) - self.best.reached


def candidates(themes: Sequence[Theme], level: Level) -> list[Theme]:
    """Return the themes to choose from: codes, the widest nets, or all; topics always.

    Of nets, those that lie in no other; codes that no net holds stand for themselves.
    """
    if level == "all":
        return list(themes)
    if level == "codes":
        return [theme for theme in themes if theme.kind != "net"]
    tops = {theme.branch for theme in themes if theme.kind == "net"}
    return [
        theme
        for theme in themes
        if theme.branch not in tops or (theme.kind == "net" and _is_top(theme))
    ]


def exclusive(
    themes: Sequence[Theme], members: Mapping[str, frozenset[str]], one_per_net: bool
) -> tuple[frozenset[str], ...]:
    """Return groups of themes of which at most one may be chosen.

    A net never goes with a code or a net that it holds; with `one_per_net` no two themes of one
    tree go together. `members` are the codes of each theme.
    """
    groups: dict[frozenset[str], None] = {}
    for net in themes:
        if net.kind == "net":
            inside = [t for t in themes if t.codebook == net.codebook and t.id != net.id]
            for theme in inside:
                if members[theme.id] and members[theme.id] <= members[net.id]:
                    groups[frozenset({net.id, theme.id})] = None
    if one_per_net:
        trees: dict[str, set[str]] = {}
        for theme in themes:
            trees.setdefault(theme.branch, set()).add(theme.id)
        groups |= dict.fromkeys(frozenset(t) for t in trees.values() if len(t) > 1)
    return tuple(groups)


def _is_top(theme: Theme) -> bool:
    return theme.id.startswith(NET) and theme.branch == f"{theme.codebook}/{theme.code}"
