"""The Dutch words that are known: the list that ships, the codebook's, the survey's own."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
"""A word: letters, with single apostrophes and hyphens inside."""
OWN_FROM = 4
"""A word that this many distinct answers hold is the survey's own, not a typing error."""
OWN_SHARE = 0.0002
"""In a large survey a slip recurs too: a word is its own from this share of the answers on."""
SLIP = 10
_CLASS_OF_OWN = 7
_STEM = 4
_RARE = 4
_KEYWORD = re.compile(rf"(?P<word>{WORD.pattern})(?P<star>\*?)")


@cache
def shipped() -> Mapping[str, str]:
    """Return the shipped list: lower-cased form → class (see training/make_words.py).

    Source: wordfreq (CC BY-SA 4.0), spacy-lookups-data and simplemma (MIT).

    >>> shipped()["vrijwilliger"][0], "vrijwiliger" in shipped()
    ('N', False)
    """
    return {word: kind for kind, words in _lines("words_nl.txt.gz") for word in words}


@cache
def foreign() -> Mapping[str, frozenset[str]]:
    """Return language code → its frequent words that are rare in Dutch.

    Under the code with `!` stand the most frequent ones alone.

    >>> "oui" in foreign()["fr"], "oui" in foreign()["fr!"], "budgétaire" in foreign()["fr!"]
    (True, True, False)
    """
    lists = {language: frozenset(words) for language, words in _lines("words_foreign.txt.gz")}
    return {
        key: words | (frozenset() if key.endswith("!") else lists[f"{key}!"])
        for key, words in lists.items()
    }


def _lines(name: str) -> Iterable[tuple[str, list[str]]]:
    content = files("opentekst.language").joinpath("data", name).read_bytes()
    for line in gzip.decompress(content).decode().splitlines():
        key, _, words = line.partition("\t")
        yield key, words.split(" ")


@cache
def fingerprint() -> str:
    """Return a hash of the shipped lists, for who must know whether they changed."""
    digest = hashlib.sha256()
    for name in ("words_nl.txt.gz", "words_foreign.txt.gz"):
        digest.update(files("opentekst.language").joinpath("data", name).read_bytes())
    return digest.hexdigest()[:16]


def lemma(word: str) -> str:
    """Return the lemma of a lower-cased word out of context (simplemma, MIT).

    Where simplemma takes a noun for an irregular verb, the word stays as it is.

    >>> lemma("vrijwilligers"), lemma("leden")
    ('vrijwilliger', 'leden')
    """
    import simplemma

    found = str(simplemma.lemmatize(word, lang="nl")).lower()
    return found if found.startswith(word[:2]) and "_" not in found else word


@dataclass(frozen=True)
class Words:
    """All that counts as a word in one study.

    `codebook` holds the words of its codebooks and abbreviations, `own` the survey's own
    frequent words, `stems` what the codebooks' keywords with a final `*` start with; all in
    lower case.
    """

    codebook: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()

    def frequency(self, word: str) -> int:
        """Return twice the Zipf value of a lower-cased form, rounded down; 0 if unknown.

        >>> Words().frequency("vrijwilliger") >= 6, Words().frequency("vrijwiliger")
        (True, 0)
        """
        kind = shipped().get(word)
        known = int(kind[1:]) if kind else 0
        return max(known, _CLASS_OF_OWN) if word in self.codebook or word in self.own else known

    def in_lexicon(self, word: str) -> bool:
        """Tell whether a lower-cased form stands in a lexicon, the codebook or the survey's own.

        >>> Words().in_lexicon("goesting"), Words().in_lexicon("moelijk")
        (True, False)
        """
        kind = shipped().get(word, "U")
        return (
            kind[0] != "U"
            or word in self.codebook
            or word in self.own
            or word.startswith(self.stems)
        )

    def is_noun(self, word: str) -> bool:
        """Tell whether a lower-cased form is a noun of the lexicon."""
        return shipped().get(word, "U")[0] == "N"

    def is_verb_or_adjective(self, word: str) -> bool:
        """Tell whether a lower-cased form is in the lexicon, and no noun."""
        return shipped().get(word, "U")[0] == "L" and word not in self.codebook

    def is_ordinary(self, word: str) -> bool:
        """Tell whether a lower-cased form is a common word of the Dutch lexicon ("logo")."""
        kind = shipped().get(word, "U0")
        return kind[0] != "U" and int(kind[1:]) > _RARE

    @property
    def fingerprint(self) -> str:
        """A hash over all that can change what these words do."""
        own = "\n".join([*sorted(self.codebook), "", *sorted(self.own), "", *self.stems])
        return f"{fingerprint()}-{hashlib.sha256(own.encode()).hexdigest()[:16]}"


def study_words(texts: Iterable[str], codebook: Iterable[str]) -> Words:
    """Return the words of a study: those of its codebooks, and what its answers keep using.

    `texts` are the distinct cleaned answers, `codebook` keywords and other texts with words
    that are meant as they stand. A word of the survey's own is in `OWN_FROM` distinct
    answers and `OWN_SHARE` of them; a slip that recurs is not, when the word that it is
    one letter away from is `SLIP` times as frequent.
    """
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        number += 1
        counts.update({word.lower() for word in WORD.findall(text)})
    least = max(OWN_FROM, number * OWN_SHARE)
    frequent = {word: count for word, count in counts.items() if count >= least}
    found = [match for text in codebook for match in _KEYWORD.finditer(text.lower())]
    return Words(
        frozenset(match["word"] for match in found if not match["star"]),
        frozenset(frequent) - _slips(frequent),
        tuple(sorted({m["word"] for m in found if m["star"] and len(m["word"]) >= _STEM})),
    )


def _slips(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the words that differ in one letter from one that is far more frequent."""
    by_rest: dict[str, set[str]] = {}
    for word in counts:
        for rest in {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}:
            by_rest.setdefault(rest, set()).add(word)
    return frozenset(
        word
        for near in by_rest.values()
        for word in near
        if len(word) > _STEM
        and shipped().get(word, "U")[0] == "U"
        and any(counts[other] >= SLIP * counts[word] for other in near)
    )
