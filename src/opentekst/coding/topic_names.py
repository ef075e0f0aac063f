"""A name for a topic as a person would write it: a noun phrase from the texts themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from opentekst.coding.words import is_content
from opentekst.model import Normalised, Token

_NOUN, _ADJECTIVE = frozenset({"NOUN", "PROPN", "X"}), frozenset({"ADJ"})
_BETWEEN, _ARTICLE = frozenset({"ADP"}), frozenset({"DET"})
_LINKS = frozenset({"naar", "van", "voor", "tot", "rond", "over", "bij", "met", "zonder", "aan"})
_LONGEST = 6
_COVERED = 0.35
"""A phrase names a topic alone where its words are in at least this share of the texts."""
_SECOND = 0.75
"""A second phrase says at least this share of what the first says."""


class Phrase(NamedTuple):
    """A noun phrase: its words as written, and the lemmas that carry it."""

    written: str
    lemmas: tuple[str, ...]


def topic_name(items: Sequence[Normalised], weights: Mapping[str, float]) -> str:
    """Return the phrase of these texts that holds most of what sets them apart.

    `weights` is by lemma, as c-TF-IDF gives it. Where one phrase is in few of the
    texts, a second one that is in others stands behind it. Words that point at a person
    are left out. Without a phrase the heaviest words are the name; without words it is empty.
    """
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for item in items:
        for phrase in phrases(item):
            forms[phrase.lemmas][phrase.written] += 1
    holds = _rows_by_lemma(items)
    told = {lemmas: _told(lemmas, weights, holds) for lemmas in forms}
    best = sorted(
        (lemmas for lemmas in told if told[lemmas] > 0),
        key=lambda lemmas: (-told[lemmas], -forms[lemmas].total(), lemmas),
    )
    if not best:
        return ", ".join(sorted(weights, key=lambda word: (-weights[word], word))[:3])
    first = best[0]
    covered = _covered(first, holds)
    elsewhere = [
        lemmas
        for lemmas in best[1:]
        if told[lemmas] >= _SECOND * told[first]
        and not set(lemmas) & set(first)
        and len(_covered(lemmas, holds) - covered) > 1
    ]
    names = [first, *elsewhere[:1]] if len(covered) < _COVERED * len(items) else [first]
    return ", ".join(_usual(forms[lemmas]) for lemmas in names)


def phrases(item: Normalised) -> Iterator[Phrase]:
    """Yield the noun phrases of a text, short and long, without articles in front.

    Without parts of speech every content word is a phrase.
    """
    tokens = [token for token in item.tokens if not _named(item, token)]
    tagged = any(token.pos for token in tokens)
    for start, token in enumerate(tokens):
        if not tagged:
            if is_content(token.lemma.lower()):
                yield Phrase(_written(item, [token]), (token.lemma.lower(),))
        elif token.pos in _NOUN | _ADJECTIVE:
            for end in _ends(item, tokens, start):
                chosen = tokens[start:end]
                lemmas = tuple(
                    t.lemma.lower()
                    for t in chosen
                    if t.pos in _NOUN | _ADJECTIVE and is_content(t.lemma.lower())
                )
                if lemmas and is_content(chosen[-1].lemma.lower()):
                    yield Phrase(_written(item, chosen), lemmas)


def _ends(item: Normalised, tokens: Sequence[Token], start: int) -> Iterator[int]:
    """Yield where a phrase that begins at `start` may end: adjectives, nouns, then once more."""
    linked = False
    end = start
    while end < len(tokens) and end - start < _LONGEST:
        token = tokens[end]
        if end > start and not _adjacent(item, tokens[end - 1], token):
            return
        if token.pos in _NOUN:
            yield end + 1
        elif token.pos in _BETWEEN and token.lemma in _LINKS and end > start and not linked:
            linked = True
            if tokens[end - 1].pos not in _NOUN:
                return
        elif token.pos in _ARTICLE and tokens[end - 1].pos in _BETWEEN and end > start:
            pass
        elif token.pos not in _ADJECTIVE or (end > start and tokens[end - 1].pos in _NOUN):
            return
        end += 1


def _adjacent(item: Normalised, before: Token, after: Token) -> bool:
    return item.text[before.end : after.start] in ("", " ")


def _named(item: Normalised, token: Token) -> bool:
    return any(name.start < token.end and token.start < name.end for name in item.names)


def _written(item: Normalised, tokens: Sequence[Token]) -> str:
    text = " ".join(item.text[tokens[0].start : tokens[-1].end].split())
    head, _, rest = text.partition(" ")
    # A capital that only opens a sentence goes; LDC and GDPR keep theirs.
    head = head if head[1:] != head[1:].lower() or len(head) == 1 else head.lower()
    return f"{head} {rest}".strip()


def _told(
    lemmas: tuple[str, ...], weights: Mapping[str, float], holds: Mapping[str, set[int]]
) -> float:
    """Return how much a phrase says of the topic: what its words weigh and how often they stand."""
    heavy = sum(weights.get(w, 0.0) * (1 + math.log(len(holds[w]))) for w in dict.fromkeys(lemmas))
    return float(heavy / len(lemmas) ** 0.7)


def _rows_by_lemma(items: Sequence[Normalised]) -> Mapping[str, set[int]]:
    """Return in which texts a word stands, by itself or in a compound."""
    rows: dict[str, set[int]] = defaultdict(set)
    for row, item in enumerate(items):
        for token in item.tokens:
            for word in (token.lemma.lower(), *" ".join(token.forms).split()):
                rows[word].add(row)
    return rows


def _covered(lemmas: tuple[str, ...], holds: Mapping[str, set[int]]) -> set[int]:
    return set().union(*(holds.get(lemma, set()) for lemma in lemmas))


def _usual(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))
