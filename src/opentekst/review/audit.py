"""The audit sample: answers drawn by lot, with known chances, for people to code blind.

What people code because the machine was in doubt says nothing about the answers it was sure of.
This sample does: every answer of a question had a known chance to be in it, so figures from it
can be weighted up to the whole question. It grows with the survey and loses nothing: each
answer has a permanent random number, and of each stratum the lowest are drawn (Ohlsson 1995,
"Coordination of samples using permanent random numbers", in Business Survey Methods).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any

from opentekst.errors import ReviewError

_MEND = "Haal het bestand terug uit uw versiebeheer of back-up; verander het nooit met de hand."


@dataclass(frozen=True)
class Stratum:
    """Answers that could be drawn together, and those that were; ids, sorted."""

    population: tuple[str, ...]
    drawn: tuple[str, ...]

    @property
    def rate(self) -> Fraction:
        """The chance of each answer of this stratum to be drawn."""
        return Fraction(len(self.drawn), len(self.population))


@dataclass(frozen=True)
class Sample:
    """What was drawn of one question; a stratum more for answers that came in later."""

    seed: int
    strata: tuple[Stratum, ...]

    @property
    def answers(self) -> frozenset[str]:
        """The answers that were drawn."""
        return frozenset(answer for stratum in self.strata for answer in stratum.drawn)

    @property
    def population(self) -> frozenset[str]:
        """The answers that had a chance."""
        return frozenset(self._stratum)

    def probability(self, answer: str) -> Fraction:
        """Return the chance that an answer had to be drawn, whether it was or not.

        Raises ReviewError for an answer that could not be drawn.
        """
        if answer not in self._stratum:
            raise ReviewError(
                "dit antwoord kon niet in de steekproef vallen",
                found=answer,
                remedy="Vul de steekproef aan, zodat ook nieuwe antwoorden een kans krijgen.",
            )
        return self._stratum[answer].rate

    @cached_property
    def _stratum(self) -> Mapping[str, Stratum]:
        return {answer: stratum for stratum in self.strata for answer in stratum.population}

    def to_json(self) -> dict[str, Any]:
        """Return the sample as audit.json holds it."""
        strata = [{"population": [*s.population], "drawn": [*s.drawn]} for s in self.strata]
        return {"seed": self.seed, "strata": strata}

    @classmethod
    def from_json(cls, data: Any, place: str = "audit.json") -> Sample:
        """Read what `to_json` gave; `place` names the file in errors.

        Raises ReviewError for anything else, for an answer that stands in two strata, and for
        one that was drawn without having been in the population.
        """
        try:
            seed = data["seed"]
            strata = tuple(
                Stratum(_ids(one["population"]), _ids(one["drawn"])) for one in data["strata"]
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise _damaged("dit is geen steekproef", place, type(fault).__name__) from None
        if type(seed) is not int:
            raise _damaged("de steekproef heeft geen startgetal", place, type(seed).__name__)
        seen: set[str] = set()
        for number, stratum in enumerate(strata, start=1):
            where = f"{place}, stratum {number}"
            if twice := seen.intersection(stratum.population):
                raise _damaged("een antwoord staat er twee keer in", where, min(twice))
            if strange := set(stratum.drawn).difference(stratum.population):
                raise _damaged("een getrokken antwoord hoort er niet bij", where, min(strange))
            if not stratum.drawn:
                raise _damaged("er is niets getrokken", where, "0 antwoorden")
            seen.update(stratum.population)
        return cls(seed, strata)


def draw(sample: Sample | None, ids: Collection[str], size: int, seed: int) -> Sample:
    """Draw `size` of the answers `ids`, or let an earlier sample grow to them.

    The first draw is a simple random sample. Later, nothing that was drawn is lost: answers
    that are new become a stratum of their own, drawn at the rate of before (rounded up, so
    that each has a chance), and where `size` is more than was drawn, the rest comes from each
    stratum in proportion (Sainte-Laguë); a smaller size changes nothing. A sample keeps its
    own seed. The order of `ids` does not matter. Raises ReviewError for a size below 1, and
    where there is no answer to draw from.
    """
    if size < 1:
        raise ReviewError(
            "een steekproef telt minstens één antwoord",
            found=size,
            remedy="Geef een grootte van 1 of meer.",
        )
    if sample is None:
        sample = Sample(seed, ())
    fresh = sorted(set(ids) - sample.population)
    if not fresh and not sample.strata:
        raise ReviewError(
            "er zijn geen antwoorden om een steekproef uit te trekken",
            remedy="Kies een vraag met antwoorden, of lees eerst de bevraging in: opentekst read.",
        )
    if fresh:
        drawn = len(sample.answers)
        rate = Fraction(drawn, len(sample.population)) if drawn else Fraction(0)
        new = _grown(Stratum(tuple(fresh), ()), ceil(rate * len(fresh)), sample.seed)
        sample = replace(sample, strata=(*sample.strata, new))
    sizes = _shared_out(sample.strata, size)
    return replace(
        sample,
        strata=tuple(
            _grown(stratum, count, sample.seed)
            for stratum, count in zip(sample.strata, sizes, strict=True)
        ),
    )


def _shared_out(strata: Collection[Stratum], size: int) -> list[int]:
    """Return how many each stratum is to have, none less than now, together at least `size`."""
    counts = [len(stratum.drawn) for stratum in strata]
    whole = [len(stratum.population) for stratum in strata]
    while sum(counts) < min(size, sum(whole)):
        open_ = [i for i, n in enumerate(counts) if n < whole[i]]
        counts[min(open_, key=lambda i: (Fraction(2 * counts[i] + 1, whole[i]), i))] += 1
    return counts


def _grown(stratum: Stratum, count: int, seed: int) -> Stratum:
    """Return a stratum with `count` answers drawn: those of before, then by lot."""
    kept = set(stratum.drawn)
    rest = sorted(set(stratum.population) - kept, key=lambda answer: _lot(seed, answer))
    return replace(stratum, drawn=tuple(sorted(kept.union(rest[: count - len(kept)]))))


def _lot(seed: int, answer: str) -> bytes:
    """Return an answer's permanent random number."""
    return hashlib.sha256(f"{seed}:{answer}".encode()).digest()


def _ids(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError
    if len(set(found)) < len(found):
        raise ValueError
    return tuple(sorted(found))


def _damaged(problem: str, place: str, found: object) -> ReviewError:
    return ReviewError(problem, place=place, found=found, remedy=_MEND)
