"""What an answer denies: "geen tekort aan vrijwilligers" is no tekort.

A question on needs makes two kinds of "geen" of it. "Geen vrijwilligers" names what is
lacking, precisely the need; "geen tekort aan vrijwilligers" and "budget is niet het
probleem" deny that something is lacking. Under "andere, namelijk" and in a list of themes,
"geen X" says that X is not meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opentekst.model import Span

BARE_DENIES = frozenset({"other", "theme"})
"""The prompts under which "geen X" says that X does not count."""
_NOUN_NEGATORS = frozenset({"geen", "zonder", "gn"})
_VERB_NEGATORS = frozenset({"niet", "nooit", "niks", "niets"})
_LACK_NOUN = re.compile(
    r".*(?:tekort|gebrek|nood|behoefte|probleem|problematiek|knelpunt|moeilijkheid|beperking"
    r"|noodzaak|klacht|drempel|moeite|hinderpaal|obstakel|struikelblok|gemis)"
)
_LACK_ADJECTIVE = frozenset(
    "nodig moeilijk lastig noodzakelijk problematisch onvoldoende vereist".split()
)
_LACK_VERB = frozenset("ontbreken missen mankeren schorten ontbreekt tekortkomen".split())
_IDIOMS = frozenset({"idee", "twijfel", "wonder"})
"""After "geen" these deny nothing that a keyword could mean."""
_MAY = frozenset({"moeten", "mogen", "hoeven"})
"""With "niet klagen": an idiom for having enough."""
_PARTLY = frozenset(
    """alleen enkel louter slechts altijd overal iedereen elk elke ieder iedere alle alles genoeg
    voldoende veel evenveel zelden enkele steeds zomaar""".split()
)
_BETWEEN = frozenset(
    """zo echt meer per se direct onmiddellijk meteen bijzonder heel erg een het de dé ons onze dat
    dit hier daar grote groot groter grootste echte specifieke bijkomende extra andere zeer bepaald
    noemenswaardige zozeer hoofd voornaamste wezenlijk structureel structurele acuut acute dringend
    dringende onmiddellijke directe verdere nog er bij mee van voor""".split()
)
_STOPS = frozenset(
    """maar want terwijl omdat aangezien hoewel zodat waardoor tenzij die wel , ; : ( ) – — . ! ?
    doch echter""".split()
)
_ADPOSITIONS = frozenset("aan voor van met om in op rond over naar bij door tot uit".split())
_ARTICLES = frozenset({"de", "het", "dé", "hét", "een", "onze", "ons"})


@dataclass(frozen=True)
class Denials:
    """Indices of tokens: those denied under every prompt, and those under `BARE_DENIES`."""

    always: frozenset[int]
    bare: frozenset[int]

    def under(self, prompt: str) -> frozenset[int]:
        """Return the indices of the tokens that are denied under a prompt."""
        return self.always | self.bare if prompt in BARE_DENIES else self.always


@dataclass(frozen=True)
class Word:
    """What negation needs to know of a token."""

    start: int
    text: str
    lemma: str
    noun: bool = False
    verb: bool = False


def denials(words: Sequence[Word], ideas: Sequence[Span]) -> Denials:
    """Return which tokens of a text are denied; `ideas` are its segments.

    `words` are all its tokens, lower-cased. A denial reaches to the end of its clause: the
    segment, or a comma or conjunction within it.
    """
    always: set[int] = set()
    bare: set[int] = set()
    for idea in ideas:
        inside = [i for i, word in enumerate(words) if idea.start <= word.start < idea.end]
        for at in inside:
            text = words[at].text
            if text in _NOUN_NEGATORS:
                _noun(words, inside, at, always, bare)
            elif text in _VERB_NEGATORS:
                _verb(words, inside, at, always)
    return Denials(frozenset(always), frozenset(bare))


def _noun(
    words: Sequence[Word], inside: Sequence[int], at: int, always: set[int], bare: set[int]
) -> None:
    clause = _clause(words, inside, at)
    if any(_lacks(words[i]) for i in _phrase(words, clause, at)):
        always.update(clause)
        return
    if any(words[i].lemma in _LACK_VERB or words[i].text in ("nodig", "tekort") for i in clause):
        always.update(clause)
        return
    if not any(words[i].lemma in _IDIOMS for i in _phrase(words, clause, at)):
        bare.update(_phrase(words, clause, at))


def _verb(words: Sequence[Word], inside: Sequence[int], at: int, always: set[int]) -> None:
    clause = _clause(words, inside, at)
    following = [i for i in clause if i > at]
    if following and words[following[0]].text in _PARTLY:
        return
    for i in following:
        if _lacks(words[i]) or words[i].lemma in _LACK_ADJECTIVE | _LACK_VERB:
            always.update(clause)
            return
        if words[i].text not in _BETWEEN:
            break
    lemmas = {words[i].lemma for i in clause}
    if (
        lemmas & _LACK_VERB
        or ("klagen" in lemmas and lemmas & _MAY)
        or _after_lack(words, clause, at)
    ):
        always.update(clause)
    elif _ellipsis(words, clause, at):
        always.update(following)


def _after_lack(words: Sequence[Word], clause: Sequence[int], at: int) -> bool:
    """Tell whether this is "geld is het probleem niet"."""
    place = clause.index(at)
    return (
        place > 0
        and _lacks(words[clause[place - 1]])
        and any(words[i].lemma in ("zijn", "vormen") for i in clause)
    )


def _ellipsis(words: Sequence[Word], clause: Sequence[int], at: int) -> bool:
    """Tell whether this is "(nood aan handen,) niet aan geld": a contrast without a verb."""
    following = [i for i in clause if i > at]
    return (
        clause[0] == at
        and words[at].text == "niet"
        and 1 < len(following) < 6
        and words[following[0]].text in _ADPOSITIONS | _ARTICLES
        and not any(words[i].verb for i in following)
    )


def _clause(words: Sequence[Word], inside: Sequence[int], at: int) -> list[int]:
    """Return the tokens of the clause around a negator: up to a stop on either side."""
    place = inside.index(at)
    left = place
    while left > 0 and words[inside[left - 1]].text not in _STOPS:
        left -= 1
    right = place
    while right + 1 < len(inside) and words[inside[right + 1]].text not in _STOPS:
        right += 1
    return list(inside[left : right + 1])


def _phrase(words: Sequence[Word], clause: Sequence[int], at: int) -> Iterator[int]:
    """Yield the noun phrase after a negator: up to its noun, or the next three words."""
    seen_noun = False
    if any(words[i].text == "te" for i in clause if i == at + 1) and words[at].text == "zonder":
        return
    for i in (i for i in clause if at < i <= at + 4):
        word = words[i]
        if word.text in _ADPOSITIONS or word.text in ("en", "of", "dat") or word.verb:
            return
        if seen_noun and not word.noun:
            return
        seen_noun = seen_noun or word.noun
        yield i


def _lacks(word: Word) -> bool:
    return _LACK_NOUN.fullmatch(word.lemma) is not None or word.lemma in ("problemen", "noden")
