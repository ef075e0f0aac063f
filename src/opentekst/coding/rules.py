"""Keyword rules: a code applies where one of its keywords stands in the answer.

A keyword is matched word by word: on the lower-cased form, on the lemma, or on any other
form that normalising gave a token (a mended typing error, an abbreviation read out, the
parts of a compound); `*` at the start or end of a word stands for any letters. What the
answer denies does not count ("geen tekort aan …"), unless the keyword holds the denial
itself ("geen nood").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from opentekst.codebook import Codebook
from opentekst.model import Normalised, Span, Token

Cut = Callable[[str], list[tuple[str, str]]]
NEGATORS = frozenset({"geen", "niet", "niets", "nooit", "zonder", "onvoldoende", "nergens"})


class _Pattern(NamedTuple):
    """A keyword: for each of its words the number that `_Vocabulary` gave it."""

    code: str
    words: tuple[int, ...]
    denies: bool


class _Node(NamedTuple):
    """One reading of a token, or one word of a reading of several words.

    `numbers` are the keyword words it answers to, `last` the token it belongs to, `inner`
    the words of the same reading that come after it.
    """

    numbers: frozenset[int]
    last: int
    inner: tuple[frozenset[int], ...]


class KeywordRules:
    """The keywords of a codebook; `find` gives the evidence."""

    def __init__(self, codebook: Codebook, cut: Cut) -> None:
        """`cut` turns a keyword into (form, lemma) pairs, as the pipeline would."""
        self._vocabulary = _Vocabulary()
        self._by_first: dict[int, list[_Pattern]] = {}
        for code in codebook.active:
            for keyword in code.keywords:
                words = tuple(self._vocabulary.add(word, cut) for word in _words(keyword, cut))
                if words:
                    denies = bool(NEGATORS & set(keyword.lower().split()))
                    pattern = _Pattern(code.id, words, denies)
                    self._by_first.setdefault(words[0], []).append(pattern)
        self._numbers = lru_cache(maxsize=100_000)(self._vocabulary.numbers)

    def find(self, normalised: Normalised) -> list[Span]:
        """Return the stretches of the normalised text that speak for a code, in order.

        Of several that overlap for one code, the longest counts.
        """
        tokens = normalised.tokens
        nodes = [self._readings(normalised.text, i, token) for i, token in enumerate(tokens)]
        found: dict[str, set[tuple[int, int]]] = {}
        for first, readings in enumerate(nodes):
            for node in readings:
                for number in node.numbers & self._by_first.keys():
                    for pattern in self._by_first[number]:
                        for last in _ends(nodes, node, pattern.words[1:]):
                            if pattern.denies or not _denied(tokens[first : last + 1]):
                                found.setdefault(pattern.code, set()).add((first, last))
        return sorted(
            Span(tokens[first].start, tokens[last].end, code)
            for code, places in found.items()
            for first, last in _longest(places)
        )

    def _readings(self, text: str, index: int, token: Token) -> list[_Node]:
        """Return the readings of a token; those of several words also from within."""
        form = text[token.start : token.end].lower()
        single = self._numbers(form) | self._numbers(token.lemma)
        nodes: list[_Node] = []
        for other in token.forms:
            words = [self._numbers(word) for word in other.split()]
            if len(words) == 1:
                single |= words[0]
            nodes += [
                _Node(word, index, tuple(words[place + 1 :]))
                for place, word in enumerate(words)
                if word and len(words) > 1
            ]
        # Also without keyword words: a longer reading may go on in the next token.
        return [_Node(single, index, ()), *nodes]


class _Vocabulary:
    """The distinct words of all keywords, numbered, and which of them a word answers to."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._exact: dict[str, set[int]] = {}
        self._wild: list[tuple[re.Pattern[str], int]] = []

    def add(self, word: str, cut: Cut) -> int:
        """Return the number of a word of a keyword; its lemma counts as the word."""
        if word in self._number:
            return self._number[word]
        number = self._number[word] = len(self._number)
        if "*" in word:
            pattern = re.escape(word).replace(r"\*", r"[\w'-]*")
            self._wild.append((re.compile(pattern), number))
        else:
            for form in {word, *(lemma for _, lemma in cut(word))}:
                self._exact.setdefault(form, set()).add(number)
        return number

    def numbers(self, word: str) -> frozenset[int]:
        """Return the numbers of the keyword words that `word` answers to."""
        wild = {number for pattern, number in self._wild if pattern.fullmatch(word)}
        return frozenset(wild | self._exact.get(word, set()))


def _words(keyword: str, cut: Cut) -> Iterator[str]:
    """Yield the words of a keyword as the pipeline cuts them; one with `*` stays whole."""
    for word in keyword.lower().split():
        if "*" in word:
            yield word
        else:
            yield from (form for form, _ in cut(word))


def _ends(nodes: Sequence[Sequence[_Node]], at: _Node, rest: Sequence[int]) -> Iterator[int]:
    """Yield the tokens on which a keyword may end whose first word is at a node."""
    if not rest:
        yield at.last
    elif at.inner:
        if rest[0] in at.inner[0]:
            yield from _ends(nodes, _Node(at.inner[0], at.last, at.inner[1:]), rest[1:])
    elif at.last + 1 < len(nodes):
        for node in nodes[at.last + 1]:
            if rest[0] in node.numbers:
                yield from _ends(nodes, node, rest[1:])


def _denied(tokens: Sequence[Token]) -> bool:
    return any(token.negated for token in tokens)


def _longest(places: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the longest of the stretches that overlap, the first of equals."""
    taken: set[int] = set()
    for first, last in sorted(places, key=lambda place: (place[0] - place[1], place[0])):
        if taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            yield first, last
