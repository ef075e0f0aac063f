"""What anyone can work out between figures: sums, nets, groups that make up the whole.

Each relation holds for the true counts; a reader of the tables may use them all to find a
figure that was left out, so whoever hides figures has to reckon with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from opentekst.results.census import EVERYWHERE, NO_GROUP, Census, Slot, Where
from opentekst.study import Question


class Relation(NamedTuple):
    """`low` ≤ the sum of the slots, each times its factor ≤ `high`."""

    terms: tuple[tuple[Slot, int], ...]
    low: float
    high: float


ZERO_UP = (0.0, float("inf"))


class Relations:
    """All relations between the figures that are asked for, and those that these imply."""

    def __init__(self, census: Census) -> None:
        self.census = census
        self.slots: dict[Slot, None] = {}
        self.found: list[Relation] = []
        self.asked: set[tuple[str, ...]] = set()

    def add(self, slots: Iterable[Slot]) -> None:
        """Take in figures, and everything that hangs together with them."""
        waiting = [self.same(slot) for slot in slots]
        self.asked |= {slot.sources for slot in waiting}
        while waiting:
            slot = waiting.pop()
            if slot in self.slots:
                continue
            self.slots[slot] = None
            for relation in (*self._within(slot), *self._between_groups(slot)):
                self.found.append(relation)
                waiting += [other for other, _ in relation.terms if other not in self.slots]
        self.found += self._nested()

    def same(self, slot: Slot) -> Slot:
        """Return the one slot for all that must be equal to this one."""
        if slot.kind == "all":
            by = self.census.study.questions.get(slot.where.by)
            if by and by.kind == "single" and slot.where.group != NO_GROUP:
                return Slot("holds", (by.id,), frozenset({slot.where.group}))
            return Slot("all", where=slot.where)
        if slot.kind != "holds" or self._values(slot.sources):
            return slot
        above = self._above(slot.sources)
        kept = {c for c in slot.what if not slot.what & above.get(c, frozenset())}
        return slot._replace(what=frozenset(kept))

    def _question(self, source: str) -> Question:
        return self.census.study.questions[source.partition(".")[0]]

    def _values(self, sources: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values of which each unit has one; nothing where it may have several."""
        question = self._question(sources[0])
        return question.values if question.kind in ("single", "matrix") else ()

    def _above(self, sources: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
        """Return code → the codes that whoever holds it also holds."""
        questions = [self._question(source) for source in sources]
        if not all(q.codebook and (q.kind == "open" or q.other) for q in questions):
            return {}
        book = self.census.study.codebook(questions[0].id)
        return {code.id: frozenset(book.ancestors(code.id)) for code in book.codes}

    def _within(self, slot: Slot) -> Iterator[Relation]:
        """Give the relations of a figure with its base and its parts."""
        everyone = self.same(Slot("all", where=slot.where))
        answered = Slot("answered", slot.sources, where=slot.where)
        if slot.kind == "missing":
            yield Relation(((everyone, 1), (answered, -1), (slot, -1)), 0, 0)
        elif slot.kind == "answered":
            yield Relation(((everyone, 1), (slot, -1)), *ZERO_UP)
        elif slot.kind == "holds":
            yield Relation(((answered, 1), (slot, -1)), *ZERO_UP)
            parts = [slot._replace(what=frozenset({code})) for code in sorted(slot.what)]
            values = self._values(slot.sources)
            if values:
                yield from self._one_each(slot, parts, answered, values)
            elif len(parts) > 1:
                yield Relation((*((part, 1) for part in parts), (slot, -1)), *ZERO_UP)
                for part in parts:
                    yield Relation(((slot, 1), (part, -1)), *ZERO_UP)
        if slot.kind == "holds" and len(slot.sources) > 1 and len(slot.what) == 1:
            for source in slot.sources:
                if (source,) in self.asked:
                    yield Relation(((slot, 1), (slot._replace(sources=(source,)), -1)), *ZERO_UP)

    def _one_each(
        self, slot: Slot, parts: list[Slot], answered: Slot, values: tuple[str, ...]
    ) -> Iterator[Relation]:
        if len(parts) > 1:
            yield Relation((*((part, 1) for part in parts), (slot, -1)), 0, 0)
        every = [slot._replace(what=frozenset({value})) for value in values]
        yield Relation((*((part, 1) for part in every), (answered, -1)), 0, 0)

    def _between_groups(self, slot: Slot) -> Iterator[Relation]:
        """Give the relation of a figure of a group with those of the other groups and of all."""
        by = slot.where.by
        if not by:
            return
        labels = [*self.census.groups(by), NO_GROUP]
        if not self.census.members(Where(by, NO_GROUP)):
            labels.remove(NO_GROUP)
        groups = [self.same(slot._replace(where=Where(by, label))) for label in labels]
        whole = self.same(slot._replace(where=EVERYWHERE))
        asked = self.census.study.questions.get(by)
        overlapping = asked is not None and asked.kind == "multiple"
        high = float("inf") if overlapping else 0.0
        yield Relation((*((part, 1) for part in groups), (whole, -1)), 0, high)
        if overlapping:
            yield Relation(((whole, 1), (slot, -1)), *ZERO_UP)

    def _nested(self) -> Iterator[Relation]:
        """Give child ≤ parent for the codes that are counted of the same units."""
        single = [s for s in self.slots if s.kind == "holds" and len(s.what) == 1]

        def place(slot: Slot) -> tuple[tuple[str, ...], Where]:
            return slot.sources, slot.where

        for (sources, _), same in groupby(sorted(single, key=place), key=place):
            above = self._above(sources)
            by_code = {next(iter(slot.what)): slot for slot in same}
            for code, slot in sorted(by_code.items()):
                for parent in sorted(above.get(code, frozenset()) & by_code.keys()):
                    yield Relation(((by_code[parent], 1), (slot, -1)), *ZERO_UP)
