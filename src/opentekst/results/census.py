"""What a figure in a table counts, said so that the same figure in two tables is one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from opentekst.errors import StudyError
from opentekst.results.counting import Counted
from opentekst.study import Study


class Where(NamedTuple):
    """The units that a column is about: those in `group` of `by`; all where both are empty."""

    by: str = ""
    group: str = ""


EVERYWHERE = Where()
NO_GROUP = "\0"
"""The group of the units that fall in no group of a `by`; no table prints it."""
Kind = Literal["holds", "answered", "all", "missing"]


class Slot(NamedTuple):
    """A count of units `where`: that hold any of `what` under any of `sources`; or a base.

    `answered` counts those with an answer under the sources, `all` every unit that responded,
    `missing` those without an answer. A source is a question's id, or `question.item`.
    """

    kind: Kind
    sources: tuple[str, ...] = ()
    what: frozenset[str] = frozenset()
    where: Where = EVERYWHERE


@dataclass(frozen=True)
class Facts:
    """What is known of units besides their answers.

    `traits[trait][unit]` is a value, for every unit of the population; `order[trait]` lists
    the values as they are shown. `weights[column][unit]` is a weight above 0, for the units
    that responded.
    """

    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Census:
    """The units that responded, what they hold, and the groups they fall in."""

    study: Study
    counted: Counted
    facts: Facts = field(default_factory=Facts)

    @cached_property
    def _cache(self) -> dict[object, Mapping[str, frozenset[str]]]:
        return {}

    def held(self, sources: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
        """Return, for every unit with an answer under one of `sources`, all that it holds."""
        if len(sources) == 1:
            return self.counted.holds.get(sources[0], {})
        if sources not in self._cache:
            united: dict[str, frozenset[str]] = {}
            for name in sources:
                for unit, codes in self.counted.holds.get(name, {}).items():
                    united[unit] = united.get(unit, frozenset()) | codes
            self._cache[sources] = united
        return self._cache[sources]

    def groups(self, by: str) -> Mapping[str, frozenset[str]]:
        """Return label → units for each group of `by` that has units, in the order shown.

        Raises StudyError where `by` is no trait and no closed question.
        """
        key = ("groups", by)
        if key not in self._cache:
            self._cache[key] = self._groups(by)
        return self._cache[key]

    def _groups(self, by: str) -> dict[str, frozenset[str]]:
        if by in self.facts.traits:
            value_of = self.facts.traits[by]
            found = {value: {value} for value in self.facts.order[by]}
            held = {unit: frozenset({value_of.get(unit, "")}) for unit in self.counted.units}
        elif by in self.study.questions:
            question = self.study.questions[by]
            if question.kind == "single":
                found = {value: {value} for value in question.values}
            else:
                found = {}
                for choice in question.choices:
                    found.setdefault(choice.label, set()).add(choice.code)
            held = dict(self.counted.holds.get(by, {}))
        else:
            raise self._unknown(by)
        groups = {
            label: frozenset(u for u, codes in held.items() if codes & keys)
            for label, keys in found.items()
        }
        return {label: units for label, units in groups.items() if units}

    def _unknown(self, name: str) -> StudyError:
        return StudyError(
            "een tabel splitst of weegt op iets dat niet bestaat",
            place="study.yaml",
            found=name,
            remedy="Split op een gesloten vraag of een kenmerk van gemeenten, weeg op een kenmerk"
            " of een kolom van de export. De kenmerken zijn: "
            + ", ".join(self.facts.traits)
            + ". Andere geeft u met 'units: traits' (docs/tabellen.md).",
        )

    def members(self, where: Where) -> frozenset[str]:
        """Return the units that responded in a group."""
        if not where.by:
            return self.counted.units
        if where.group == NO_GROUP:
            return self.counted.units - frozenset().union(*self.groups(where.by).values())
        return self.groups(where.by).get(where.group, frozenset())

    def units(self, slot: Slot) -> frozenset[str]:
        """Return the units that a slot counts."""
        within = self.members(slot.where)
        if slot.kind == "all":
            return within
        held = self.held(slot.sources)
        if slot.kind == "missing":
            return within - held.keys()
        if slot.kind == "answered":
            return within & held.keys() if slot.where.by else frozenset(held)
        if slot.where.by:
            return frozenset(u for u in within if held.get(u, frozenset()) & slot.what)
        return frozenset(u for u, codes in held.items() if codes & slot.what)

    def count(self, slot: Slot) -> int:
        """Return how many units a slot counts."""
        return len(self.units(slot))

    def weights(self, name: str) -> Mapping[str, float]:
        """Return a weight for every unit that responded; nothing where `name` is empty.

        For a trait: post-stratification, population over responses in each of its values
        (Holt & Smith 1979). Else the weights in the export's column.
        Raises StudyError where there is neither.
        """
        if not name:
            return {}
        if name in self.facts.weights:
            return self.facts.weights[name]
        if name not in self.facts.traits:
            raise self._unknown(name)
        sizes: dict[str, int] = {}
        for value in self.facts.traits[name].values():
            sizes[value] = sizes.get(value, 0) + 1
        return {
            unit: sizes[value] / len(units)
            for value, units in self.groups(name).items()
            for unit in units
        }

    def unheard(self, name: str) -> tuple[str, ...]:
        """Return the values of a trait in which no unit responded."""
        return tuple(v for v in self.facts.order.get(name, ()) if v not in self.groups(name))
