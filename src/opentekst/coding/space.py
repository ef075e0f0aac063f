"""Answers as numbers to learn from: lemmas, character n-grams, meaning and the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from opentekst.coding.likeness import centred
from opentekst.coding.words import Embed
from opentekst.model import Normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

_LEMMA = r"\S+"
_MANY = 20
"""From this many answers on, n-grams that stand in one answer only are left out."""
_TOPICS = 200
"""Width of the latent semantic space (Deerwester et al. 1990, JASIS 41:391)."""


class Rows(NamedTuple):
    """`wide` (answers, n-grams and more) is for regressions, `narrow` for nearest answers."""

    wide: csr_matrix
    narrow: NDArray[np.float64]

    def at(self, index: Any) -> Rows:
        """Return the rows at these places."""
        return Rows(self.wide[index], self.narrow[index])


@dataclass(frozen=True)
class Space:
    """How answers become numbers; learned from all answers of a survey, coded or not."""

    words: Any
    grams: Any
    topics: Any
    centre: NDArray[np.float64]
    questions: tuple[str, ...]

    @classmethod
    def learn(
        cls, items: Sequence[Normalised], questions: Sequence[str], embed: Embed, seed: int
    ) -> Space:
        """Learn the n-grams, their rarity, the latent topics and the centre of the vectors."""
        import numpy as np
        from scipy.sparse import hstack
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = TfidfVectorizer(token_pattern=_LEMMA, ngram_range=(1, 2), sublinear_tf=True)
        common = 2 if len(items) >= _MANY else 1
        grams = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), min_df=common, sublinear_tf=True
        )
        counted = hstack(
            [words.fit_transform(_lemmas(items)), grams.fit_transform([i.text for i in items])]
        )
        width = min(_TOPICS, len(items) - 1, counted.shape[1] - 1)
        with np.errstate(divide="ignore", invalid="ignore"):  # all answers may be the same
            topics = TruncatedSVD(max(width, 1), random_state=seed).fit(counted)
        centre = embed([item.text for item in items]).mean(axis=0, dtype="float64")
        asked = tuple(sorted(set(questions)))
        return cls(words, grams, topics, centre, asked if len(asked) > 1 else ())

    def rows(self, items: Sequence[Normalised], questions: Sequence[str], embed: Embed) -> Rows:
        """Return answers as numbers; a question that was never seen is as none."""
        import numpy as np
        from scipy.sparse import csr_matrix, hstack
        from sklearn.preprocessing import normalize

        texts = [item.text for item in items]
        counted = hstack(
            [self.words.transform(_lemmas(items)), self.grams.transform(texts)]
        ).tocsr()
        meaning = centred(embed(texts), self.centre)
        asked = np.array([[mine == one for one in self.questions] for mine in questions])
        parts = [counted, csr_matrix(meaning)]
        if self.questions:
            parts.append(csr_matrix(asked, dtype=float))
        narrow = np.hstack([meaning, normalize(self.topics.transform(counted))])
        return Rows(hstack(parts).tocsr(), normalize(narrow))


def _lemmas(items: Sequence[Normalised]) -> list[str]:
    return [" ".join(lemma.replace(" ", "_") for lemma in item.lemmas) for item in items]
