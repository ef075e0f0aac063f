"""What the codebook misses: BERTopic over the answers that got no code.

BERTopic (Grootendorst 2022, arXiv:2203.05794) finds the themes; it never gives codes.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentekst.codebook import Codebook
from opentekst.coding.words import Embed
from opentekst.errors import PipelineError
from opentekst.model import Answer, Normalised, Proposal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORDS = r"(?u)\b[^\W\d_][\w-]{2,}\b"
MIN_ANSWERS = 12
"""Below this number of texts a topic model has nothing to say."""


def propose(
    items: Sequence[Normalised],
    answers: Mapping[str, Answer],
    codebook: Codebook,
    embed: Embed,
    seed: int = 0,
) -> list[Proposal]:
    """Return the themes in `items` (answers without a code), the one with most units first.

    Identical texts are put together and rows are ordered by text, so that the order of the
    input does not matter. Fewer than `MIN_ANSWERS` texts give no proposal. Raises
    PipelineError where BERTopic is not installed.
    """
    texts = sorted({item.text for item in items})
    if len(texts) < MIN_ANSWERS:
        return []
    by_text: dict[str, list[Normalised]] = {}
    for item in items:
        by_text.setdefault(item.text, []).append(item)
    vectors = embed(texts)
    lemmas = [" ".join(_nameless(by_text[text][0])) for text in texts]
    topics, keywords = _topics(lemmas, vectors, seed)
    labels = [code.label for code in codebook.active]
    near = embed(labels)
    proposals = []
    for topic in sorted(set(topics) - {-1}):
        rows = [i for i, found in enumerate(topics) if found == topic]
        centre = vectors[rows].mean(axis=0)
        ids = [item.answer for i in _central(rows, vectors, centre) for item in by_text[texts[i]]]
        similarity = near @ centre / max(float((centre @ centre) ** 0.5), 1e-9)
        best = int(similarity.argmax())
        proposals.append(
            Proposal(
                kind="new code",
                label=", ".join(keywords[topic][:3]),
                keywords=keywords[topic],
                answers=tuple(ids),
                units=len({answers[answer].unit for answer in ids}),
                nearest=codebook.active[best].id,
                similarity=round(float(similarity[best]), 3),
            )
        )
    return sorted(proposals, key=lambda p: (-p.units, p.label))


def _nameless(item: Normalised) -> list[str]:
    """Return the lemmas of all but what points at a person: they may become a theme's name."""
    return [
        token.lemma
        for token in item.tokens
        if not any(name.start < token.end and token.start < name.end for name in item.names)
    ]


def _central(rows: Sequence[int], vectors: NDArray[np.float32], centre: Any) -> list[int]:
    return sorted(rows, key=lambda i: (-float(vectors[i] @ centre), i))


def _topics(
    lemmas: Sequence[str], vectors: NDArray[np.float32], seed: int
) -> tuple[list[int], dict[int, tuple[str, ...]]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from bertopic import BERTopic
            from hdbscan import HDBSCAN
            from umap import UMAP
    except ImportError as fault:
        raise PipelineError(
            "BERTopic is niet geïnstalleerd",
            found=fault.name or "",
            remedy="Doe in de projectmap: make setup (niet 'pip install bertopic').",
        ) from None
    from sklearn.feature_extraction.text import CountVectorizer
    from spacy.lang.nl.stop_words import STOP_WORDS

    count = len(lemmas)
    model = BERTopic(
        embedding_model=None,
        umap_model=UMAP(
            n_neighbors=min(10, count - 1),
            n_components=5,
            min_dist=0.0,
            metric="cosine",
            init="random" if count < 20 else "spectral",
            random_state=seed,
            n_jobs=1,
        ),
        hdbscan_model=HDBSCAN(
            min_cluster_size=max(3, count // 25), min_samples=2, cluster_selection_method="leaf"
        ),
        vectorizer_model=CountVectorizer(stop_words=sorted(STOP_WORDS), token_pattern=_WORDS),
        calculate_probabilities=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        topics, _ = model.fit_transform(list(lemmas), embeddings=vectors)
    found = Counter(int(topic) for topic in topics)
    words = {
        topic: tuple(word for word, weight in model.get_topic(topic)[:6] if word and weight > 0)
        for topic in found
        if topic != -1
    }
    return [int(topic) for topic in topics], words
