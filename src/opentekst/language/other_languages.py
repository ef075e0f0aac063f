"""Answers in another language than Dutch: flagged, never dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from opentekst.language.words import WORD, Words, foreign

NOT_DUTCH = "not_dutch"
LANGUAGES = ("nl", "fr", "en", "de", "es", "it", "pt", "tr", "pl", "ro", "ar", "ru", "uk", "el")
"""What py3langid chooses from: the languages that Flemish surveys meet."""
_SHARE = 0.5
_NOT_LATIN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff\ufb00-\ufb06]")
_PART = 3
"""So many words make a part that can be Dutch by itself."""
_PARTS = re.compile(r"[\n.!?;:()]+")


def is_not_dutch(text: str, words: Words) -> bool:
    """Tell whether a cleaned text is in another language.

    Both must hold, since either alone errs on short texts: more words are frequent in one
    other language (and rare in Dutch) than are Dutch, and py3langid, which looks at letters,
    says another language. Capitalised words and abbreviations say nothing, one word alone
    must be very common elsewhere, and a part in Dutch keeps the whole Dutch.

    >>> words = Words()
    >>> is_not_dutch("les bonnes pratiques d'autres communes", words)
    True
    >>> is_not_dutch("oui", words), is_not_dutch("idem", words), is_not_dutch("Overkop", words)
    (True, False, False)
    """
    strange = len(_NOT_LATIN.findall(text))
    if strange and strange >= _SHARE * sum(character.isalpha() for character in text):
        return True
    tokens = _tokens(text)
    if len(tokens) == 1:
        word = tokens[0].lower()
        common = any(is_common for _, is_common in _guests().get(word, ()))
        return common and not words.in_lexicon(word) and _guess(text) != "nl"
    return _is_foreign(tokens, words, text) and not any(
        len(part := _tokens(piece)) >= _PART and not _is_foreign(part, words, piece)
        for piece in _PARTS.split(text)
    )


def _tokens(text: str) -> list[str]:
    """Return the words that say something of the language: no names, no abbreviations."""
    found = [part for word in WORD.findall(text) for part in word.split("'")]
    shouted = text.isupper() and len(found) > _PART
    return [
        word
        for place, word in enumerate(found)
        if len(word) > 1 and (shouted or word.islower() or (place == 0 and word[1:].islower()))
    ]


def _is_foreign(tokens: list[str], words: Words, text: str) -> bool:
    """Weigh the words; English jargon ("face to face") is not yet an English answer."""
    guests = _guests()
    counts: Counter[str] = Counter()
    common: Counter[str] = Counter()
    known = 0
    for word in {token.lower() for token in tokens}:
        strange = guests.get(word, ())
        if word in words.codebook:
            known += 1
        elif strange:
            counts.update(language for language, _ in strange)
            common.update(language for language, is_common in strange if is_common)
        elif words.in_lexicon(word) or words.frequency(word):
            known += 1
    if not counts:
        return False
    best = max(sorted(counts), key=lambda language: (counts[language], common[language]))
    enough = counts[best] >= 3 and common[best] >= 2 if best == "en" else common[best] >= 1
    return enough and counts[best] > max(1, known) and _guess(text) != "nl"


@cache
def _guests() -> Mapping[str, tuple[tuple[str, bool], ...]]:
    """Return word → the languages in which it is frequent, and whether it is very common."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for key, words in foreign().items():
        if not key.endswith("!"):
            for word in words:
                found.setdefault(word, []).append((key, word in foreign()[f"{key}!"]))
    return {word: tuple(sorted(languages)) for word, languages in found.items()}


def _guess(text: str) -> str:
    return str(_identifier().classify(text.lower())[0])


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(LANGUAGES)
    return identifier
