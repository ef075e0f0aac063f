"""Intercoder reliability of blind codings: whole, per level, per code, per pair, over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Literal

from opentekst.codebook import Codebook
from opentekst.review.agreement import Agreement, Measure, agreement, masi

Kind = Literal["whole", "level", "code", "coders", "period"]

RARE = 10
"""A code that fewer answers have (or lack) tells little by alpha: one difference moves it far."""
FEW = 30
"""With fewer answers there is no telling drift from chance."""


@dataclass(frozen=True, slots=True)
class DoubleCoded:
    """An answer that at least two people coded blind: codes and ISO 8601 time by coder."""

    answer: str
    codes: Mapping[str, frozenset[str]]
    at: Mapping[str, str]

    @property
    def complete(self) -> str:
        """When the second of its coders was done."""
        return sorted(self.at.values())[1]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of figures about `units` answers; `part` names the level, code, pair or period.

    `alpha` is with MASI distance, for a code nominal; only a code has `ac1`. `given` counts
    the answers to which at least one coder gave the code, `shared` those to which all did.
    """

    kind: Kind
    part: str
    units: int
    alpha: Measure
    percent: Measure
    ac1: Measure | None = None
    given: int = 0
    shared: int = 0

    @property
    def rare(self) -> bool:
        """Whether too few answers have the code, or lack it, to go by alpha."""
        return self.kind == "code" and min(self.given, self.units - self.shared) < RARE


@dataclass(frozen=True, slots=True)
class Leaning:
    """How often only one of two coders gave a code, on `units` answers that both coded."""

    one: str
    other: str
    code: str
    units: int
    only_one: int
    only_other: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """All figures of one question, or of several that share a codebook."""

    units: int
    coders: tuple[str, ...]
    lines: tuple[Line, ...]
    leanings: tuple[Leaning, ...] = field(default=())

    def of(self, kind: Kind) -> tuple[Line, ...]:
        """Return the lines of one kind, in order."""
        return tuple(line for line in self.lines if line.kind == kind)

    @property
    def whole(self) -> Line:
        """The figures of all answers and codes together."""
        return self.lines[0]


def reliability(answers: Sequence[DoubleCoded], book: Codebook, seed: int = 0) -> Reliability:
    """Return how far coders agree on these answers, in the order given.

    On a level of the tree, deeper codes count as their ancestor there. A code applies where
    it or a code below it was given. Periods are months by when the second coder was done;
    where that is one month, thirds in that order; none with fewer than FEW answers.
    """
    coders = tuple(sorted({coder for one in answers for coder in one.codes}))
    lines = [
        _line("whole", "", answers, seed),
        *_levels(answers, book, seed),
        *_codes(answers, book, seed),
        *_coders(answers, coders, seed),
        *(_line("period", name, some, seed) for name, some in _periods(answers)),
    ]
    return Reliability(len(answers), coders, tuple(lines), tuple(_leanings(answers, book, coders)))


def _line(kind: Kind, part: str, answers: Sequence[DoubleCoded], seed: int) -> Line:
    found = agreement([[*one.codes.values()] for one in answers], masi, seed)
    return _told(kind, part, found)


def _told(kind: Kind, part: str, found: Agreement) -> Line:
    return Line(kind, part, found.units, found.alpha, found.percent)


def lifted(codes: frozenset[str], book: Codebook, level: int) -> frozenset[str]:
    """Return codes with those below `level` (1 is the top) replaced by their ancestor there."""
    return frozenset(book.path(code)[:level][-1] for code in codes)


def _levels(answers: Sequence[DoubleCoded], book: Codebook, seed: int) -> Iterator[Line]:
    depth = max((len(book.path(code)) for code in _used(answers)), default=0)
    for level in range(1, depth + 1):
        opinions = [[lifted(codes, book, level) for codes in a.codes.values()] for a in answers]
        yield _told("level", str(level), agreement(opinions, masi, seed))


def _codes(answers: Sequence[DoubleCoded], book: Codebook, seed: int) -> Iterator[Line]:
    nets = [[book.net(codes) for codes in one.codes.values()] for one in answers]
    used = book.net(_used(answers))
    for code in (code.id for code in book.codes if code.id in used):
        applies = [[code in net for net in each] for each in nets]
        found = agreement(applies, seed=seed, values=(False, True))
        given, shared = sum(map(any, applies)), sum(map(all, applies))
        yield Line("code", code, found.units, found.alpha, found.percent, found.ac1, given, shared)


def _used(answers: Sequence[DoubleCoded]) -> frozenset[str]:
    return frozenset(code for one in answers for codes in one.codes.values() for code in codes)


def _common(answers: Sequence[DoubleCoded], one: str, other: str) -> list[DoubleCoded]:
    """Return the answers that both coded, with only their codings."""
    both = (one, other)
    return [
        DoubleCoded(a.answer, {c: a.codes[c] for c in both}, {c: a.at[c] for c in both})
        for a in answers
        if one in a.codes and other in a.codes
    ]


def _coders(answers: Sequence[DoubleCoded], coders: Sequence[str], seed: int) -> Iterator[Line]:
    for one, other in combinations(coders, 2):
        if common := _common(answers, one, other):
            yield _line("coders", f"{one} – {other}", common, seed)


def _leanings(
    answers: Sequence[DoubleCoded], book: Codebook, coders: Sequence[str]
) -> Iterator[Leaning]:
    """Yield per pair of coders the codes that one gives more often, most lopsided first."""
    for one, other in combinations(coders, 2):
        common = _common(answers, one, other)
        found = []
        for code in (c.id for c in book.codes):
            mine = {a.answer for a in common if code in a.codes[one]}
            theirs = {a.answer for a in common if code in a.codes[other]}
            sides = len(mine - theirs), len(theirs - mine)
            if sides[0] != sides[1]:
                found.append(Leaning(one, other, code, len(common), *sides))
        yield from sorted(found, key=lambda x: -abs(x.only_one - x.only_other))


def _periods(answers: Sequence[DoubleCoded]) -> list[tuple[str, Sequence[DoubleCoded]]]:
    if len(answers) < FEW:
        return []
    ordered = sorted(answers, key=lambda one: one.complete)
    months = dict.fromkeys(one.complete[:7] for one in ordered)
    if len(months) > 1:
        return [(m, [one for one in ordered if one.complete[:7] == m]) for m in months]
    cuts = [len(ordered) * k // 3 for k in range(4)]
    return [
        (f"{k + 1}e derde", ordered[start:end]) for k, (start, end) in enumerate(pairwise(cuts))
    ]
