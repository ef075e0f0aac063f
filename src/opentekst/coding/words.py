"""Small things that all coders ask of words and texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

from opentekst.model import Normalised, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Turns n texts into unit vectors of shape (n, width)."""

_WORD = re.compile(r"[^\W\d_]{3,}")


@cache
def stop_words() -> frozenset[str]:
    """Return the Dutch words that say nothing of a subject."""
    from spacy.lang.nl.stop_words import STOP_WORDS

    return frozenset(STOP_WORDS) | {"waar"}


def content_words(text: str) -> list[str]:
    """Return the words of a text that may say something of a subject, lower-cased."""
    return [word for word in _WORD.findall(text.lower()) if word not in stop_words()]


def content_lemmas(item: Normalised) -> list[str]:
    """Return the lemmas of an answer that may say something of a subject, lower-cased."""
    lemmas = (token.lemma.lower() for token in item.tokens)
    return [lemma for lemma in lemmas if is_content(lemma)]


def is_content(word: str) -> bool:
    """Tell whether a lower-cased word may say something of a subject."""
    return _WORD.match(word) is not None and word not in stop_words()


def one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra on one thread: as many cores, as many last digits, and no faster."""
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limited


def same_text(text: str) -> str:
    """Return what identical answers share: their words, whatever the case and the stops."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def parts_of(item: Normalised) -> list[Normalised]:
    """Return each segment of an answer as an answer by itself.

    Offsets count from the start of the segment; the anchors are left out.
    """
    return [_part(item, segment) for segment in item.segments]


def _part(item: Normalised, segment: Span) -> Normalised:
    tokens = tuple(
        token._replace(start=token.start - segment.start, end=token.end - segment.start)
        for token in item.tokens
        if segment.start <= token.start and token.end <= segment.end
    )
    text = item.text[segment.start : segment.end]
    return Normalised(item.answer, text, tokens, (Span(0, len(text)),), item.flags)
