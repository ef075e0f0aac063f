"""Quotes for a theme: typical and different, and safe to publish.

Chosen by facility location: the three that leave no answer of the theme far from its nearest
quote. That is typical and different in one (Mirchandani & Francis 1990, Discrete Location
Theory; for summaries: Lin & Bilmes 2011, A class of submodular functions for document
summarization, ACL). Each time the quote that adds most is taken, which is within 63% of the best
(Nemhauser, Wolsey & Fisher 1978) and for three quotes nearly always the best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

QUOTES = 3
SHORTEST, LONGEST = 3, 280
"""Words that a quote has at least; characters that it has at most."""

# Common in such answers, and pointing at no municipality.
_KNOWN = frozenset(
    "vlaanderen vlaamse vlaams belgië belgische nederland nederlands nederlandse nederlandstalig"
    " europa europese frans franse covid corona covid-19 facebook whatsapp instagram skype zoom"
    " teams google excel word internet wifi gsm kerst kerstmis nieuwjaar pasen zomer winter"
    " januari februari maart april mei juni juli augustus september oktober november december"
    " maandag dinsdag woensdag donderdag vrijdag zaterdag zondag bv i.s.m ism nl".split()
)
# Few municipalities are such: who reads it can tell which.
_NARROW = re.compile(
    r"\b(faciliteiten\w*|taalgrens\w*|kust(?!bare)\w*|badstad\w*|polder\w*|hoofdstad\w*|"
    r"centrumsta\w*|grootsta\w*|provinciehoofd\w*|universiteits\w*|studentensta\w*|"
    r"luchthaven\w*|haven(?:stad|gemeente)\w*|kleinste|grootste|enige gemeente|eiland\w*|"
    r"gevangenis\w*|asielcentr\w*|mijngemeent\w*|mijnwerk\w*|brussel\w*|rand rond)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’.\-]*[^\W_]|[^\W\d_]")
_SENTENCE = re.compile(r"(?:^|[.!?:;•\n]|[-–*]\s)\s*[\"'“‘(]*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that might be quoted: whose it is, and its text without names of persons."""

    answer: str
    unit: str
    text: str


def points_at_a_unit(
    text: str, places: Collection[str], ordinary: Callable[[str], bool] = lambda _word: True
) -> bool:
    """Tell whether a text might give its writer away.

    It does where it names a place, holds a placeholder of a name, an address, a link or a
    number of more than three digits, says what few municipalities are ("faciliteitengemeente"),
    or has a word with a capital that is not an abbreviation or well known, amid a sentence,
    or at its start where the word is not `ordinary` (lower-cased): the name of a project, a
    street, an association or a hamlet.

    >>> points_at_a_unit("Wij missen vrijwilligers.", ["Aalst"])
    False
    >>> points_at_a_unit("het project Zilverlinde loopt goed", ["Aalst"])
    True
    """
    if re.search(r"\[\w+ \d+\]|@|www\.|https?:|\d[\d. ]{2,}\d", text) or _NARROW.search(text):
        return True
    if _places(frozenset(places)).search(text):
        return True
    return any(
        word[:1].isupper()
        and not _abbreviation(word)
        and word.casefold().strip(".") not in _KNOWN
        and not (_SENTENCE.search(text[:start]) and ordinary(word.casefold()))
        for word, start in ((m[0], m.start()) for m in _WORD.finditer(text))
    )


def fit_to_print(text: str) -> bool:
    """Tell whether a text reads as a quote: some words, and not a page of them."""
    return len(text) <= LONGEST and len(text.split()) >= SHORTEST


def typical_and_different(
    pool: Sequence[Candidate],
    vectors: NDArray[np.float64],
    allowed: Collection[str],
    wanted: int = QUOTES,
) -> list[Candidate]:
    """Return at most `wanted` of `pool`, the most telling first, each of another unit.

    `vectors` has a row for each answer of the pool, `allowed` the answers that may be
    quoted: all of the pool are represented, allowed or not. The same text comes once.
    """
    open_ = [at for at, one in enumerate(pool) if one.answer in allowed]
    if not open_:
        return []
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    like = np.clip(unit @ unit.T, 0, 1)
    nearest = np.zeros(len(pool))
    taken: list[int] = []
    while open_ and len(taken) < wanted:
        worth = [round(float(np.maximum(nearest, like[at]).sum()), 9) for at in open_]
        best = open_[min(range(len(open_)), key=lambda i: (-worth[i], pool[open_[i]].answer))]
        taken.append(best)
        nearest = np.maximum(nearest, like[best])
        said = {(_same(pool[at].text), pool[at].unit) for at in taken}
        texts, units = {text for text, _ in said}, {whose for _, whose in said}
        open_ = [
            at for at in open_ if _same(pool[at].text) not in texts and pool[at].unit not in units
        ]
    return [pool[at] for at in taken]


def parts_of_names(names: Iterable[str]) -> frozenset[str]:
    """Return names of places with the parts of those that were joined ("Kruisem" has none).

    >>> sorted(parts_of_names(["Sint-Niklaas", "Beveren-Kruibeke-Zwijndrecht"]))[:2]
    ['Beveren', 'Beveren-Kruibeke-Zwijndrecht']
    """
    found = set()
    for name in names:
        found.add(name)
        found |= {part for part in name.split("-") if len(part) > 5 and part[:1].isupper()}
    return frozenset(found)


@lru_cache(maxsize=4)
def _places(names: frozenset[str]) -> re.Pattern[str]:
    # a name within a longer word too: "Gentse", "Antwerpenaars"; short ones as whole words
    parts = [re.escape(n) + (r"\w*" if len(n) > 3 else "") for n in sorted(names) if n]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts) or r'(?!)'})(?!\w)", re.IGNORECASE)


def _abbreviation(word: str) -> bool:
    letters = [letter for letter in word if letter.isalpha()]
    return len(letters) <= 6 and sum(map(str.isupper, letters)) > len(letters) / 2


def _same(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
