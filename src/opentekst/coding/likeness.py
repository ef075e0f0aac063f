"""How much a text is like what the codebook says of each code, in six numbers.

They are what zero-shot coding judges by, and what the learned coder starts from. None of
them depends on the other texts that are read with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from opentekst.codebook import Code, Codebook
from opentekst.coding.rules import Cut, KeywordRules
from opentekst.coding.words import Embed, content_lemmas, content_words, parts_of
from opentekst.model import Normalised, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEATURES = ("keyword", "any_keyword", "meaning", "spelling", "words", "words_rank")
_SHARPNESS, _WORD_SHARPNESS, _WORD_POWER = 12, 8, 4


class Likeness(NamedTuple):
    """`features` has shape (answers, codes, len(FEATURES)).

    `hits[i]` maps a code to the stretches of answer i that hold one of its keywords.
    """

    features: Floats
    hits: Sequence[Mapping[str, tuple[Span, ...]]]


class CodebookReader:
    """Reads answers in the light of a codebook: keywords, meaning, spelling and words.

    Per segment and code: the cosine of the centred sentence vectors with the code's two
    nearest references (label, definition, include, examples), as a share over the codes;
    the cosine of character n-grams with the two nearest references; and how near the
    segment's words come to words that the codebook has under few codes, summed, and as a
    share over the codes. An answer has the highest of its segments.
    """

    def __init__(self, codebook: Codebook, cut: Cut, embed: Embed) -> None:
        self.codes = codebook.active
        self._rules = KeywordRules(codebook, cut)
        self._embed = embed

    def read(self, items: Sequence[Normalised]) -> Likeness:
        """Return the likeness of each answer to each active code."""
        import numpy as np

        parts = [part for item in items for part in parts_of(item)]
        row = np.repeat(np.arange(len(items)), [len(item.segments) for item in items])
        hits = [self._hits(item) for item in items]
        features = np.zeros((len(items), len(self.codes), len(FEATURES)))
        for place, found in enumerate(hits):
            features[place, :, 0] = [code.id in found for code in self.codes]
        features[:, :, 1] = features[:, :, 0].any(axis=1, keepdims=True)
        if parts and self.codes:
            nearest, summed = self._words(parts)
            rank = _shares(nearest, _WORD_SHARPNESS)
            scores = (self._meaning(parts), self._spelling(parts), summed, rank)
            for k, score in enumerate(scores, start=2):
                np.maximum.at(features[:, :, k], row, score)
        return Likeness(features, hits)

    def _hits(self, item: Normalised) -> Mapping[str, tuple[Span, ...]]:
        found: dict[str, tuple[Span, ...]] = {}
        for span in self._rules.find(item):
            found[span.code] = (*found.get(span.code, ()), span)
        return found

    @cached_property
    def _references(self) -> tuple[list[str], NDArray[np.int64]]:
        """The codes' own texts, and for each the number of its code."""
        import numpy as np

        texts = [references(code) for code in self.codes]
        owner = np.repeat(np.arange(len(texts)), [len(own) for own in texts])
        return [text for own in texts for text in own], owner

    @cached_property
    def _vectors(self) -> tuple[Floats, Floats]:
        """The references' centred vectors, and the centre: the mean of the codes' means."""
        import numpy as np

        texts, owner = self._references
        vectors = np.asarray(self._embed(texts), dtype=np.float64)
        means = [vectors[owner == k].mean(axis=0) for k in range(len(self.codes))]
        centre = np.mean(means, axis=0)
        return centred(vectors, centre), centre

    @cached_property
    def _grams(self) -> tuple[Any, Any]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        return grams, grams.fit_transform([text.lower() for text in self._references[0]])

    @cached_property
    def _own_words(self) -> tuple[Floats, Floats]:
        """Vectors of the codebook's words, and per code and word how much it is that code's."""
        import numpy as np

        own = [
            {word for text in (*references(code), *code.keywords) for word in content_words(text)}
            for code in self.codes
        ]
        words = sorted(set().union(*own))
        holds = np.array([[word in mine for word in words] for mine in own], dtype=float)
        count = len(self.codes) + 1
        rarity = np.log(count / (holds.sum(axis=0) + 0.5)) / np.log(count / 1.5)
        return np.asarray(self._embed(words), dtype=np.float64), holds * rarity

    def _meaning(self, parts: Sequence[Normalised]) -> Floats:
        references_, centre = self._vectors
        vectors = centred(self._embed([part.text for part in parts]), centre)
        return _shares(self._two_nearest(vectors @ references_.T), _SHARPNESS)

    def _spelling(self, parts: Sequence[Normalised]) -> Floats:
        grams, known = self._grams
        return self._two_nearest(
            (grams.transform([p.text.lower() for p in parts]) @ known.T).toarray()
        )

    def _two_nearest(self, similarity: Floats) -> Floats:
        """Return the mean of the two highest per code; shape (rows, codes)."""
        import numpy as np

        owner = self._references[1]
        highest = np.zeros((len(similarity), len(self.codes)))
        for k in range(len(self.codes)):
            highest[:, k] = np.sort(similarity[:, owner == k], axis=1)[:, -2:].mean(axis=1)
        return highest

    def _words(self, parts: Sequence[Normalised]) -> tuple[Floats, Floats]:
        """Return per part and code how near its nearest word comes, and all words summed."""
        import numpy as np

        vectors, holds = self._own_words
        lemmas = [content_lemmas(part) for part in parts]
        distinct = sorted({lemma for found in lemmas for lemma in found})
        number = {lemma: i for i, lemma in enumerate(distinct)}
        near = np.zeros((len(distinct), len(self.codes)))
        if distinct and len(vectors):
            similar = np.clip(self._embed(distinct) @ vectors.T, 0, 1) ** _WORD_POWER
            for k, weights in enumerate(holds):
                mine = weights > 0
                if mine.any():
                    near[:, k] = (similar[:, mine] * weights[mine]).max(axis=1)
        nearest = np.zeros((len(parts), len(self.codes)))
        summed = np.zeros_like(nearest)
        for i, found in enumerate(lemmas):
            if found:
                rows = near[[number[lemma] for lemma in found]]
                nearest[i], summed[i] = rows.max(axis=0), rows.sum(axis=0)
        return nearest, summed


def references(code: Code) -> list[str]:
    """Return what the codebook says of a code: label, definition, include and examples."""
    defined = f"{code.label}: {code.definition}" if code.definition else ""
    return [text for text in (code.label, defined, *code.include, *code.examples) if text]


def centred(vectors: NDArray[Any], centre: Floats) -> Floats:
    """Return vectors less their centre, at unit length."""
    import numpy as np

    moved = np.asarray(vectors, dtype=np.float64) - centre
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6))


def _shares(scores: Floats, sharpness: float) -> Floats:
    """Return the softmax over the codes, 0 where all are equal, whatever their number."""
    import numpy as np
    from scipy.special import softmax

    equal = 1 / scores.shape[1]
    shares = softmax(scores * sharpness, axis=1)
    return np.asarray((shares - equal) / max(1 - equal, equal), dtype=np.float64)
