"""The extra forms under which a keyword may find a token; people never see them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from opentekst.language.abbreviations import Abbreviations, is_dotted
from opentekst.language.compounds import split
from opentekst.language.spelling import speller
from opentekst.language.words import WORD, Words, lemma

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

CORRECTED, SPLIT = "corrected", "split"
_SURE_NAME = 7
_SLIP_IN_COMPOUND = 12
_HEAD, _COMMON = 5, 6
_SHAPE = re.compile(rf"{WORD.pattern}(?:/{WORD.pattern})*")
_CONJOINED = re.compile(r"\b(?:en|of)\b| & |, ")
_PARTICLES = frozenset(
    """aan achter achterna af bij binnen bijeen buiten dicht door heen in kwijt langs los mee mis na
    neer om onder op open over rond samen stil tegen tegemoet teleur terug thuis toe uit vast voor
    voorbij voort vrij waar weg""".split()
)


class Forms:
    """Finds the forms of tokens; made once for the words of a study."""

    def __init__(self, words: Words, abbreviations: Abbreviations) -> None:
        self._words = words
        self._abbreviations = abbreviations
        self._speller = speller(words)
        self._known = lru_cache(maxsize=200_000)(self._look_up)

    def of(
        self, doc: Doc, tokens: Sequence[Token]
    ) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
        """Return the forms of each token, and the flags `corrected` and `split` that apply."""
        found: list[tuple[str, ...]] = []
        flags: set[str] = set()
        shouted = doc.text.isupper()
        joined = _joined_verbs(tokens)
        for token in tokens:
            forms, what = self._known(token.text, _may_be_name(token, shouted))
            if token.i in joined:
                forms = (*forms, joined[token.i])
            if not forms:
                found.append(())
                continue
            own = {token.lower_, token.lemma_.lower()}
            forms = tuple(form for form in dict.fromkeys(forms) if form not in own)
            if forms:
                flags |= what
            found.append(forms)
        return found, tuple(sorted(flags))

    def _look_up(self, text: str, name: bool) -> tuple[tuple[str, ...], frozenset[str]]:
        """Return a word's forms and flags, whatever its context but `name`."""
        word = text.lower()
        if meaning := self._abbreviations.expand(text, self._words.is_ordinary(word)):
            return (meaning,), frozenset()
        if not _SHAPE.fullmatch(word) or is_dotted(word):
            return (), frozenset()
        forms: list[str] = []
        flags: set[str] = set()
        if not name and (right := self._speller.correct(word)) != word:
            forms += [right, lemma(right)]
            flags.add(CORRECTED)
            word = right
        parts = self._parts(word, name)
        if not parts and not flags and not name and (parts := self._mended_parts(word)):
            flags.add(CORRECTED)
        if len(parts) > 1:
            flags.add(SPLIT)
            for part in parts:
                meaning = self._abbreviations.expand(part, self._words.is_ordinary(part))
                forms += [meaning or part, lemma(part)]
        return tuple(forms), frozenset(flags)

    def _parts(self, word: str, name: bool) -> tuple[str, ...]:
        if "/" in word:
            parts = tuple(word.split("/"))
            return parts if all(len(part) > 1 for part in parts) else ()
        return () if name and "-" not in word else split(word, self._words)

    def _mended_parts(self, word: str) -> tuple[str, ...]:
        """Return the parts of a compound with a typing error in the first: vrijwiligerstekort."""
        if len(word) < _SLIP_IN_COMPOUND or not word.isalpha() or self._words.in_lexicon(word):
            return ()
        for end in range(_SURE_NAME, len(word) - _HEAD + 1):
            head = word[end:]
            if not self._words.is_noun(head) or self._words.frequency(head) < _COMMON:
                continue
            for left in (word[:end], word[:end].removesuffix("s")):
                right = self._speller.correct(left)
                if right != left and self._words.is_noun(right):
                    return (right, head)
        return ()


def _may_be_name(token: Token, shouted: bool) -> bool:
    """Tell whether capitals make a word a name or an abbreviation, which have no spelling."""
    if shouted or token.text.islower():
        return False
    if not token.text[1:].islower():
        return True
    if token.is_sent_start or token.i == 0 or token.nbor(-1).text in ("\n", "-", "•", '"', "'"):
        return len(token) < _SURE_NAME
    return True


def _joined_verbs(tokens: Sequence[Token]) -> dict[int, str]:
    """Return for each verb with a particle apart the whole: "zet … in" is inzetten."""
    import simplemma

    found: dict[int, str] = {}
    for token in tokens:
        particle, verb = token.lower_, token.head
        if token.dep_ != "compound:prt" or particle not in _PARTICLES or verb.pos_ != "VERB":
            continue
        whole = particle + verb.lemma_.lower().removeprefix(particle)
        if simplemma.is_known(whole, "nl"):
            found[verb.i] = whole
    return found


def protected(keywords: Iterable[str]) -> str:
    """Return a pattern of the names among keywords that hold a conjunction, or nothing.

    >>> protected(["kind en gezin", "k&g", "gemeente en OCMW", "subsid* en fondsen"])
    'gemeente\\\\ en\\\\ ocmw|kind\\\\ en\\\\ gezin'
    """
    names = {
        word.lower() for word in keywords if _CONJOINED.search(word) and "*" not in word
    }  # fmt: skip
    return "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
