"""Where each text lies among the others when one asks what it is about.

A sentence vector says as much of how a text is built as of its subject, so words weigh in: the
vectors of its content words and the words themselves. Words that the codebook does not catch,
because they are frequent where no code was given, weigh more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentekst.coding.words import Embed, content_lemmas, is_content
from opentekst.model import Normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SENTENCE, WORD_VECTORS, WORDS = 0.4, 0.3, 0.3
"""What each view counts for in the cosine of two texts; they add up to 1."""
_CONTRAST, _PRIOR = 0.5, 2
_PART = 0.5
_DIMENSIONS = 300


def place(items: Sequence[Normalised], uncoded: Sequence[bool], embed: Embed, seed: int) -> Floats:
    """Return unit vectors, shape (len(items), width); their cosines say how near subjects are.

    `uncoded` says of each text whether no code was given to it. The views weigh as measured
    on the example study and on restaurants_nl (benchmarks/topics.py). Texts without a content
    word are placed by their sentence vector alone.
    """
    import numpy as np

    bags = [word_weights(item) for item in items]
    weights = _telling(bags, uncoded)
    sentences = _unit(_centred(np.asarray(embed([item.text for item in items]), dtype=float)))
    views = ((SENTENCE, sentences), (WORD_VECTORS, _meant(bags, weights, embed)))
    spoken = _spoken(bags, weights, seed)
    return _unit(np.hstack([share**0.5 * view for share, view in (*views, (WORDS, spoken))]))


def word_weights(item: Normalised) -> Mapping[str, float]:
    """Return the content words of a text with their weight: 1, and less for what is in a word.

    Beside the lemmas these are what an abbreviation means and the parts of a compound.
    """
    found = dict.fromkeys(content_lemmas(item), 1.0)
    parts = [word for token in item.tokens for form in token.forms for word in form.split()]
    for word in parts:
        if is_content(word):
            found.setdefault(word, _PART)
    return found


def _telling(bags: Sequence[Mapping[str, float]], uncoded: Sequence[bool]) -> dict[str, float]:
    """Return per word how rare it is, more where it is frequent in texts without a code."""
    import math

    everywhere = Counter(word for bag in bags for word in bag)
    missed = Counter(word for bag, new in zip(bags, uncoded, strict=True) if new for word in bag)
    usual = max(sum(uncoded), 1) / max(len(bags), 1)
    return {
        word: max(math.log(len(bags) / (count + 0.5)), 0.0)
        * ((missed[word] + _PRIOR * usual) / (count + _PRIOR) / usual) ** _CONTRAST
        for word, count in everywhere.items()
    }


def _meant(
    bags: Sequence[Mapping[str, float]], weights: Mapping[str, float], embed: Embed
) -> Floats:
    """Return the weighted mean of the words' vectors."""
    import numpy as np

    words = sorted(weights)
    table = _counts(bags, weights, words)
    return (
        _unit(table @ _centred(np.asarray(embed(words), dtype=float))) if words else _nothing(bags)
    )


def _spoken(bags: Sequence[Mapping[str, float]], weights: Mapping[str, float], seed: int) -> Floats:
    """Return the words themselves, in as many dimensions as hold most of them."""
    from sklearn.decomposition import TruncatedSVD

    words = sorted(weights)
    width = min(_DIMENSIONS, len(words) - 1, len(bags) - 1)
    if width < 1:
        return _nothing(bags)
    reduced: Floats = TruncatedSVD(width, random_state=seed).fit_transform(
        _counts(bags, weights, words)
    )
    return reduced


def _nothing(bags: Sequence[object]) -> Floats:
    import numpy as np

    return np.zeros((len(bags), 1))


def _counts(
    bags: Sequence[Mapping[str, float]], weights: Mapping[str, float], words: Sequence[str]
) -> Any:
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    column = {word: k for k, word in enumerate(words)}
    cells = [
        (row, column[word], share * weights[word])
        for row, bag in enumerate(bags)
        for word, share in sorted(bag.items())
    ]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    return normalize(csr_matrix((values, (rows, columns)), shape=(len(bags), len(words))))


def _centred(vectors: Floats) -> Floats:
    centred: Floats = vectors - vectors.mean(axis=0)
    return centred


def _unit(vectors: Floats) -> Floats:
    import numpy as np

    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit
