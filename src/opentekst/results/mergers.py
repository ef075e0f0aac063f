"""Answers of municipalities that merged, as answers of the municipality that they became.

The rules, question by question: of a multiple-response question and of the codes of an open
one the new unit holds what any of its parts holds (a union); of a single one what most of its
parts answered. Where as many parts say one thing as another, the new unit is in no base of that
question: to choose for it would be to invent an answer. A choice that excludes the others ("geen
van deze") falls where another part ticked something. Parts without an answer do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Held = Mapping[str, frozenset[str]]
"""Unit → what it holds of one question."""
Rule = Literal["union", "mode"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Parts of one new unit that answered a question differently, and what was done.

    `values` counts the parts by what they held. `settled` is what the new unit holds; empty
    where it leaves the base (`mode`), or what is left without the excluding choice (`union`).
    """

    question: str
    unit: str
    values: Mapping[str, int]
    settled: frozenset[str]


@dataclass(frozen=True)
class Rolled:
    """What new units hold of one question.

    `holds` has the units in the base. `parts` maps every new unit of which a part answered to
    those parts, sorted: also one that left the base.
    """

    holds: Held
    parts: Mapping[str, tuple[str, ...]]
    conflicts: tuple[Conflict, ...] = ()


def roll_up(
    question: str,
    held: Held,
    became: Mapping[str, str],
    rule: Rule,
    exclusive: Collection[str] = (),
) -> Rolled:
    """Return what the new units hold of a question.

    `became` maps each old unit to its new one. `exclusive` are the values that do not go
    together with others. Raises KeyError for an old unit that `became` lacks.
    """
    parts: dict[str, list[str]] = {}
    for unit in sorted(held):
        parts.setdefault(became[unit], []).append(unit)
    holds: dict[str, frozenset[str]] = {}
    conflicts: list[Conflict] = []
    for new, olds in sorted(parts.items()):
        said = [held[old] for old in olds]
        found, clash = _united(said, exclusive) if rule == "union" else _most(said)
        if found is not None:
            holds[new] = found
        if clash:
            counts = Counter(value for one in said for value in sorted(one))
            conflicts.append(Conflict(question, new, dict(counts), found or frozenset()))
    return Rolled(holds, {new: tuple(olds) for new, olds in parts.items()}, tuple(conflicts))


def _united(
    said: list[frozenset[str]], exclusive: Collection[str]
) -> tuple[frozenset[str] | None, bool]:
    whole = frozenset().union(*said)
    others = whole - set(exclusive)
    clash = bool(others) and others != whole
    return (others if clash else whole), clash


def _most(said: list[frozenset[str]]) -> tuple[frozenset[str] | None, bool]:
    counts = Counter(said).most_common()
    tied = len(counts) > 1 and counts[0][1] == counts[1][1]
    return (None if tied else counts[0][0]), len(counts) > 1
