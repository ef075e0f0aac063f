"""Typing errors mended for matching only; what people see stays as it was typed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from opentekst.language.compounds import split
from opentekst.language.words import Words, foreign, shipped

LEAST_LETTERS = 5
LONG = 9
"""From this length on two errors may be mended, where only one word is meant."""
_SURE = 7
"""From this length on a word with one strange letter is sure enough."""
_NEVER = 99
_TARGET = 6
_NAME_LIKE = 7
_FAR = {True: 3, False: 5}
_ENDINGS = (
    "e", "en", "s", "n", "t", "d", "de", "te", "den", "ten", "end", "ende", "er", "ers", "ster",
    "je", "jes", "tje", "tjes", "ke", "kes", "eke", "ekes", "ken", "ske", "skes", "ing", "ingen",
    "heid", "achtig", "loos", "loze", "baar", "bare", "ig", "ige", "isch", "ische",
)  # fmt: skip
_SOUNDS = ("dt", "sz", "fv", "gh", "ckq", "iy", "eë", "iï", "oö", "uü", "eéè", "aá", "oó", "mn")
_BOARDS = (("azertyuiop", "qsdfghjklm", "wxcvbn"), ("qwertyuiop", "asdfghjkl", "zxcvbnm"))


class Speller:
    """Mends lower-cased words; made once for the words of a study.

    SymSpell (symspellpy, MIT) finds the candidates: frequent words of the lexicon and the
    study's own. Candidates keep the first letter. In doubt a word stays as it is.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._symspell = _symspell(words)
        self.correct = lru_cache(maxsize=100_000)(self._correct)

    def _correct(self, word: str) -> str:
        """Return the word that is meant, or `word` itself.

        >>> speller = Speller(Words(codebook=frozenset({"eerstelijnszone"})))
        >>> speller.correct("vrijwiligers"), speller.correct("eerstelijnszone")
        ('vrijwilligers', 'eerstelijnszone')
        """
        if self._stays(word):
            return word
        near = self._candidates(word, 1)
        if not near and len(word) >= LONG:
            near = self._candidates(word, 2)
        return _unambiguous(word, near)

    def _stays(self, word: str) -> bool:
        import simplemma

        words = self._words
        if len(word) < LEAST_LETTERS or not word.isalpha() or words.in_lexicon(word):
            return True
        return (
            any(word in list_ for list_ in foreign().values())
            or simplemma.is_known(word, "nl")
            or bool(split(word, words))
            or any(
                word.endswith(ending) and len(stem := word.removesuffix(ending)) >= LEAST_LETTERS
                and (words.in_lexicon(stem) or words.in_lexicon(f"{stem}en"))
                for ending in _ENDINGS
            )
        )  # fmt: skip

    def _candidates(self, word: str, distance: int) -> list[tuple[str, int]]:
        """Return (candidate, frequency) of the likely slips, most frequent first."""
        from symspellpy import Verbosity

        least = self._words.frequency(word)
        found = self._symspell.lookup(word, Verbosity.CLOSEST, max_edit_distance=distance)
        near = [(item.term, self._words.frequency(item.term)) for item in found]
        return sorted(
            (
                (term, frequency)
                for term, frequency in near
                if term[0] == word[0]
                and (not least or frequency >= least + _FAR[len(word) > _SURE])
                and frequency >= _least_frequency(word, term, distance)
            ),
            key=lambda pair: (-pair[1], pair[0]),
        )


def _least_frequency(word: str, term: str, distance: int) -> int:
    """Return how frequent a candidate must be: the likelier the slip, the less."""
    if distance > 1:
        return 7
    if len(word) == len(term) and sorted(word) != sorted(term):
        wrong, right = next((a, b) for a, b in zip(word, term, strict=True) if a != b)
        if not _alike(wrong, right):
            return 8 if len(word) >= _SURE else _NEVER
    elif sorted(word) != sorted(term) and set(word) != set(term) and len(word) < _SURE:
        return 8
    return 6 if len(word) >= _SURE else 7


def _alike(one: str, other: str) -> bool:
    """Tell whether two letters sound alike or lie side by side on an AZERTY or QWERTY board."""
    pair = {one, other}
    if any(pair <= set(group) for group in _SOUNDS):
        return True
    return any(
        abs(row.index(one) - row.index(other)) == 1
        for board in _BOARDS
        for row in board
        if one in row and other in row
    )


def _unambiguous(word: str, near: list[tuple[str, int]]) -> str:
    """Return the one candidate that stands out, else `word`.

    A candidate stands out when the next is ten times rarer, or when it alone has the same
    letters (a slip of the order or of a double letter).
    """
    if not near:
        return word
    if len(near) == 1 or near[0][1] >= near[1][1] + 2:
        return near[0][0]
    same = [term for term, _ in near if set(term) == set(word)]
    return same[0] if len(same) == 1 else word


@lru_cache(maxsize=2)
def speller(words: Words) -> Speller:
    """Return the Speller of a study's words; the last two are kept, for making takes time."""
    return Speller(words)


def _symspell(words: Words) -> Any:
    from symspellpy import SymSpell

    symspell = SymSpell(max_dictionary_edit_distance=2, prefix_length=5)
    targets = {
        word: int(kind[1:])
        for word, kind in shipped().items()
        if int(kind[1:]) >= _TARGET
        and (kind[0] != "U" or (int(kind[1:]) >= _NAME_LIKE and len(word) >= _SURE))
    }
    targets |= {word: words.frequency(word) for word in words.codebook | words.own}
    for word, frequency in sorted(targets.items()):
        if len(word) >= LEAST_LETTERS - 1 and word.isalpha():
            symspell.create_dictionary_entry(word, 10**frequency)
    return symspell
