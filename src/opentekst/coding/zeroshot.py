"""Zero-shot coding: how near a text comes to what the codebook says of each code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from opentekst.codebook import Code, Codebook
from opentekst.model import Normalised, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]

CUT = 0.44
"""A code applies from this similarity on. Between 0.42 and 0.46 zero-shot comes nearest to the
people's codings of the example (F1, mean over its seven codebooks): a choice, not a test."""


class Nearness(NamedTuple):
    """Scores of shape (answers, codes), from 0 to 1, and the segment that gave each.

    `segment[i, k]` is an index into the segments of answer i.
    """

    score: NDArray[np.float32]
    segment: NDArray[np.int64]


def nearness(
    items: Sequence[Normalised], codebook: Codebook, embed: Embed, vectors: NDArray[np.float32]
) -> Nearness:
    """Compare each segment of each answer with each active code's own words.

    A code's score for a segment is the mean of its two most similar reference texts
    (label, definition, include phrases, examples); an answer's score is that of its best
    segment. `vectors` are the segments' embeddings, in order, all answers joined.
    """
    import numpy as np

    references = [_references(code) for code in codebook.active]
    flat = embed([text for texts in references for text in texts])
    similarity = vectors @ flat.T
    by_code = np.zeros((len(vectors), len(references)), dtype=np.float32)
    start = 0
    for column, texts in enumerate(references):
        block = np.sort(similarity[:, start : start + len(texts)], axis=1)
        by_code[:, column] = block[:, -2:].mean(axis=1)
        start += len(texts)
    score = np.zeros((len(items), len(references)), dtype=np.float32)
    segment = np.zeros((len(items), len(references)), dtype=np.int64)
    row = 0
    for i, item in enumerate(items):
        count = len(item.segments)
        if count:
            part = by_code[row : row + count]
            score[i], segment[i] = part.max(axis=0).clip(0, 1), part.argmax(axis=0)
        row += count
    return Nearness(score, segment)


def segment_texts(items: Sequence[Normalised]) -> list[str]:
    """Return the texts of all segments of all answers, in order."""
    return [item.text[s.start : s.end] for item in items for s in item.segments]


def segment_span(item: Normalised, index: int, code: str) -> Span:
    """Return a segment as evidence for `code`, in offsets of the normalised text."""
    segment = item.segments[index]
    return Span(segment.start, segment.end, code)


def _references(code: Code) -> list[str]:
    texts = [code.label, f"{code.label}: {code.definition}", *code.include, *code.examples]
    return [text for text in texts if text]
