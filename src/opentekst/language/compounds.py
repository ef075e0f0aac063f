"""Compounds taken apart for matching: vrijwilligerstekort → vrijwilliger, tekort."""

from __future__ import annotations

import re
from functools import lru_cache

from opentekst.language.words import Words, lemma

LEXICALISED = 7
"""From this frequency on (Zipf 3.5) a word is one idea of its own: ziekenhuis, gemeenteraad."""
_LEAST, _LONGEST = 7, 40
_PART = 3
_LINKS = {"": 0.0, "s": 0.3}
_NO_PART = frozenset(
    # Words that stand before anything, then syllables that look like words but are affixes.
    """aan achter af al alle als beet ben ber beter bij binnen boven bover buit buiten daar dan dat
    de den der des die door dus een eer en ent er ere erg ers euh gaan ging haar had heb heen hem
    hen her het hier hoe hoog hun ik in is jouw jullie ken kon laten lang langs los maar mede mee
    meer met mij mijn mis mits na naar nee net niet nog nu of om on onder ons ont onze op over par
    per pers pro raak raar rond sen sta staan ste sten tal te tegen ten ter terug tijdens toe tot
    tussen uit van vanaf veel ver via vol voor voort waar wan want was weer weg wel wie wij zal ze
    zeer zij zijn zo zou
    aar aars achtig age air ant baar dom eel elen end ende eren heden heid ica iek ier ig ige ing
    ingen isme ist isten je jes kers len lijk lijke ling lingen loos loze matig ment nis ping ren
    rien rijk ring schap sel ster sters teit tie ties tje tjes""".split()
)
_PRONOMINAL = re.compile(
    r"(?:er|daar|hier|waar)(?:aan|af|bij|door|in|mee|na|om|op|over|toe|uit|van|voor)"
)


def split(word: str, words: Words) -> tuple[str, ...]:
    """Return the parts of a lower-cased compound, links left out, or nothing.

    Every part is a known word and the last a noun; of several ways, the one with the fewest
    parts and the most frequent words. Words in common use stay whole. Own method, after
    Koehn and Knight (2003, "Empirical methods for compound splitting").

    >>> words = Words()
    >>> split("vrijwilligerstekort", words), split("aandacht", words), split("ziekenhuis", words)
    (('vrijwilliger', 'tekort'), (), ())
    """
    if "-" in word.strip("-"):
        parts = tuple(part for part in word.split("-") if part)
        return parts if all(len(part) > 1 for part in parts) else ()
    if not _LEAST <= len(word) <= _LONGEST or not word.isalpha():
        return ()
    if words.frequency(word) >= LEXICALISED or words.is_verb_or_adjective(word):
        return ()
    if _is_derived(word, words):
        return ()
    *lefts, head = _best(word, words)[1] or ("",)
    return (*(_without_link(left) for left in lefts), head) if lefts else ()


def _without_link(part: str) -> str:
    """Return vrijwilliger for "vrijwilligers": its -s- may be a plural as well as a link."""
    return part[:-1] if part.endswith("s") and lemma(part) == part[:-1] else part


def _is_derived(word: str, words: Words) -> bool:
    """Tell whether a word is one of a known verb or adjective: bakkers, overlapping, zwakkeren."""
    verb = any(
        word.endswith(ending) and words.in_lexicon(f"{word.removesuffix(ending)}en")
        for ending in ("ers", "er", "ing", "ingen", "ster", "sters")
    )
    return verb or (word.endswith("en") and words.is_verb_or_adjective(word[:-2]))


@lru_cache(maxsize=100_000)
def _best(word: str, words: Words) -> tuple[float, tuple[str, ...]]:
    """Return the best score and parts of the rest of a word; no parts if there is no way."""
    best: tuple[float, tuple[str, ...]] = (-1.0, ())
    for end in range(_PART, len(word) - _PART + 1):
        left = _score(word[:end], words, last=False)
        if left <= 0:
            continue
        for link, cost in _LINKS.items():
            if not word.startswith(link, end) or (link and word[end - 1] == link):
                continue
            rest = word[end + len(link) :]
            right = _score(rest, words, last=True)
            if right > 0:
                best = max(
                    best, (min(left, right) + (left + right) / 10 - cost, (word[:end], rest))
                )
            if len(rest) >= _LEAST and words.frequency(rest) < LEXICALISED:
                more, parts = _best(rest, words)
                if parts:
                    best = max(best, (min(left, more) - 2 - cost, (word[:end], *parts)))
    return best


def _score(part: str, words: Words, *, last: bool) -> float:
    """Return how well a stretch serves as a part: its frequency, 0 where it cannot be one."""
    if len(part) < _PART or part in _NO_PART or _PRONOMINAL.fullmatch(part):
        return 0
    frequency = words.frequency(part)
    least = {3: 8, 4: 6}.get(len(part), 5)
    if words.is_noun(part) or part in words.codebook:
        return frequency if frequency >= least else 0
    if last or len(part) <= _PART:
        return 0
    # An adjective or the stem of a verb: jongvolwassene, belactie, praatcafé.
    if words.in_lexicon(part) and frequency > least:
        return frequency
    frequency = words.frequency(f"{part}en")
    return frequency if words.in_lexicon(f"{part}en") and frequency > least else 0
