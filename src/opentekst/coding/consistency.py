"""Texts that are the same, or nearly, and that people nevertheless coded differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from opentekst.coding.words import same_text
from opentekst.model import Normalised

NEARLY = 0.8
"""The cosine of character n-grams from which two answers are nearly the same."""


class Twins(NamedTuple):
    """Two answers to one question, alike in text and unlike in codes; 1 is the same text."""

    question: str
    first: str
    second: str
    likeness: float
    first_codes: frozenset[str]
    second_codes: frozenset[str]


def coded_differently(
    items: Sequence[Normalised], questions: Sequence[str], people: Mapping[str, frozenset[str]]
) -> list[Twins]:
    """Return the pairs whose codes differ, question by question, the most alike first.

    `people` maps answer ids to what people settled on; other answers are passed over. Of
    identical texts each coding is compared with the first one that differs.
    """
    by_question: dict[str, list[Normalised]] = defaultdict(list)
    for item, question in zip(items, questions, strict=True):
        if item.answer in people and same_text(item.text):
            by_question[question].append(item)
    found = []
    for question, mine in by_question.items():
        pairs = sorted(_pairs(mine), key=lambda pair: (-pair[2], pair[0], pair[1]))
        for first, second, likeness in pairs:
            one, other = mine[first].answer, mine[second].answer
            if people[one] != people[other]:
                found.append(Twins(question, one, other, likeness, people[one], people[other]))
    return found


def _pairs(items: Sequence[Normalised]) -> Iterator[tuple[int, int, float]]:
    """Yield the rows of distinct texts that are alike, and of identical ones."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    rows: dict[str, list[int]] = defaultdict(list)
    for row, item in enumerate(items):
        rows[same_text(item.text)].append(row)
    for same in rows.values():
        for other in same[1:]:
            yield same[0], other, 1.0
    if len(rows) < 2:
        return
    texts = list(rows)
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    matrix = grams.fit_transform(texts)
    near = NearestNeighbors(metric="cosine", radius=1 - NEARLY).fit(matrix)
    distances, places = near.radius_neighbors(matrix)
    for first, (away, seconds) in enumerate(zip(distances, places, strict=True)):
        for distance, second in zip(away, seconds, strict=True):
            if first < second:
                likeness = min(round(1 - float(distance), 3), 0.999)
                yield rows[texts[first]][0], rows[texts[second]][0], likeness
