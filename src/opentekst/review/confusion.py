"""Which codes coders confuse: one gave this code where the other gave that one, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product

NOTHING = ""
"""What stands for the other code where a coder gave none in its stead."""

Opinions = Mapping[str, Mapping[str, frozenset[str]]]
"""By answer, then by coder, the codes given."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two codes that coders gave one instead of the other, `one` before `other` by id.

    `other` is NOTHING where the second coder gave no code in its stead. `answers` are the
    ids, sorted; `among` counts the answers on which somebody gave either code.
    """

    one: str
    other: str
    answers: tuple[str, ...]
    among: int


def confused(opinions: Opinions) -> list[Confusion]:
    """Return all pairs of codes that coders confuse, those in most answers first.

    Of two coders with code sets A and B, each code of A that B lacks is confused with each
    code of B that A lacks; with NOTHING where there is no such code of B. So a code that
    one coder gave beside the shared ones counts as "this code or nothing".
    """
    found: dict[tuple[str, str], set[str]] = {}
    for answer, given in opinions.items():
        for pair in _pairs(given):
            found.setdefault(pair, set()).add(answer)
    having: dict[str, set[str]] = {}
    for answer, given in opinions.items():
        for code in frozenset().union(*given.values()):
            having.setdefault(code, set()).add(answer)
    confusions = [
        Confusion(one, other, tuple(sorted(ids)), len(having[one] | having.get(other, set())))
        for (one, other), ids in found.items()
    ]
    return sorted(confusions, key=lambda c: (-len(c.answers), c.other == NOTHING, c.one, c.other))


def _pairs(given: Mapping[str, frozenset[str]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for a, b in combinations(given.values(), 2):
        only_a, only_b = a - b, b - a
        if only_a and only_b:
            found |= {(min(pair), max(pair)) for pair in product(only_a, only_b)}
        else:
            found |= {(code, NOTHING) for code in only_a | only_b}
    return found
