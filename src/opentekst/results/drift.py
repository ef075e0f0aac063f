"""Signs that answers or codes are no longer what they were: words, fading codes, topics.

Words are compared by log-odds with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008,
"Fightin' Words", Political Analysis 16:372): the prior is how often a word stands in both waves
together, so that a rare word needs more to stand out, and the z-score says how far it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from opentekst.results.significance import LEVEL
from opentekst.results.waves import Trend

PRIOR = 0.1
"""The weight of the prior, as a share of all words counted."""
CLEAR = 1.96


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in how many answers of then and of now it stands, and how far that differs.

    `z` above 0: more now.
    """

    word: str
    then: int
    now: int
    z: float


@dataclass(frozen=True, slots=True)
class Grasp:
    """How well a coder understands a wave: of `answers`, `silent` got no code, `unsure` a person
    should look at.
    """

    answers: int
    silent: int
    unsure: int


def words(then: Counter[str], now: Counter[str]) -> list[Word]:
    """Return every word with its z-score, the newest first.

    Counts are answers that hold the word. Nothing where one of the waves has no words.
    """
    first, second = then.total(), now.total()
    if not first or not second:
        return []
    whole = PRIOR * (first + second)
    found = []
    for word in then.keys() | now.keys():
        prior = PRIOR * (then[word] + now[word])
        a, b = now[word] + prior, then[word] + prior
        delta = log(a / (second + whole - a)) - log(b / (first + whole - b))
        found.append(Word(word, then[word], now[word], delta / sqrt(1 / a + 1 / b)))
    return sorted(found, key=lambda one: (-one.z, one.word))


def standing_out(
    found: Sequence[Word], units: Mapping[str, Collection[str]], least: int, most: int = 15
) -> tuple[list[Word], list[Word]]:
    """Return the words that clearly came and those that clearly went, at most `most` of each.

    `units` maps a word to the units that used it; words of fewer than `least` are left out.
    """
    common = [one for one in found if len(units.get(one.word, ())) >= least]
    came = [one for one in common if one.z > CLEAR]
    went = [one for one in reversed(common) if one.z < -CLEAR]
    return came[:most], went[:most]


def fading(rows: Sequence[Trend]) -> list[Trend]:
    """Return the codes that are named clearly less often, or not at all any more."""
    return [
        row
        for row in rows
        if not row.hidden
        and row.change is not None
        and row.change.difference < 0
        and (row.change.adjusted < LEVEL or row.now.n == 0)
    ]
