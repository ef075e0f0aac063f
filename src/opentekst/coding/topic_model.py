"""BERTopic on texts that have their place already: topics, their words, and how firm they are.

One run of UMAP and HDBSCAN hangs on details: a text more and the groups are others. So up to
some thousands of texts the topics are what many samples agree on.

BERTopic: Grootendorst 2022, arXiv:2203.05794. UMAP: McInnes et al. 2018, arXiv:1802.03426.
HDBSCAN: Campello et al. 2013, PAKDD: 160-172. Agreement: evidence accumulation, Fred & Jain
2005, IEEE TPAMI 27: 835-850. Stability of a group: the mean of its best Jaccard over samples,
Hennig 2007, Computational Statistics & Data Analysis 52: 258-271.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from opentekst.errors import PipelineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

FEWEST = 12
"""With fewer distinct texts a topic model has nothing to say."""
STABLE = 0.6
"""Hennig calls a group below this one "not to be trusted"."""
_FEW, _MANY = 60, 5_000
_DIMENSIONS, _NEIGHBOURS = 5, 10
_EPOCHS = 200
_SHARE = 0.8
_LOOSE = 0.9
_TOGETHER = 0.35
"""Texts are in one topic where on average this share of the samples with both puts them so."""
_WORDS = 60


class Choices(NamedTuple):
    """How topics are sought among so many texts; `smallest` is the least texts in a topic."""

    texts: int
    reduce: bool
    smallest: int
    resamples: int
    resampled: int
    gaps: bool = True

    @property
    def said(self) -> str:
        """One Dutch sentence on these choices."""
        how = (
            f"BERTopic met UMAP ({_DIMENSIONS} dimensies, {_NEIGHBOURS} buren) en HDBSCAN"
            if self.reduce
            else "hiërarchisch gegroepeerd, zonder reductie (er zijn weinig teksten)"
        )
        samples = f"{self.resamples} steekproeven van {self.resampled} teksten"
        firm = f"waar {samples} het over eens zijn" if self.agree else f"stabiliteit over {samples}"
        return (
            f"{self.texts} verschillende teksten; {how}, {firm}; een thema telt minstens"
            f" {self.smallest} teksten"
        )

    @property
    def agree(self) -> bool:
        """Whether topics are what samples agree on; with very many texts one run stands."""
        return self.reduce and self.texts <= _MANY


class Found(NamedTuple):
    """`labels` holds per text its topic or -1; `words` and `stability` are by topic.

    Words come with their c-TF-IDF weight, the most telling first.
    """

    labels: Labels
    words: Mapping[int, tuple[tuple[str, float], ...]]
    stability: Mapping[int, float]


def choices(texts: int, gaps: bool = True) -> Choices:
    """Return how to look for topics among so many distinct texts.

    Gaps in a codebook may be small; an overview, without a codebook, asks for fewer topics.

    >>> [choices(texts).smallest for texts in (60, 1000, 60_000)]
    [4, 6, 48]
    >>> [choices(texts, gaps=False).smallest for texts in (60, 1000, 60_000)]
    [4, 15, 122]
    """
    smallest = max(4, int(texts**0.5 / (5 if gaps else 2)))
    return Choices(
        texts,
        reduce=texts >= _FEW,
        smallest=smallest if texts >= _FEW else 3,
        resamples=10 if texts <= _MANY else 5,
        resampled=min(int(_SHARE * texts), _MANY),
        gaps=gaps,
    )


def find(
    vectors: Floats,
    lemmas: Sequence[Sequence[str]],
    how: Choices,
    seed: int,
    step: Callable[[int], None] = lambda _n: None,
) -> Found:
    """Return the topics among texts at `vectors`, shape (texts, width), with these lemmas.

    The order of the texts matters to the last digits: sort them. `step` is called with 1
    after each of the 1 + `how.resamples` rounds. Raises PipelineError where BERTopic is
    not installed.
    """
    samples = []
    for rows in _samples(how, seed):
        samples.append((rows, _groups(vectors[rows], choices(len(rows), how.gaps), seed)))
        step(1)
    groups = _agreed(how, samples) if how.agree else _groups(vectors, how, seed)
    labels, words = _described(groups, lemmas)
    step(1)
    return Found(labels, words, {topic: _stability(topic, labels, samples) for topic in words})


def flat(vectors: Floats, seed: int) -> Floats:
    """Return two dimensions to draw the texts in, shape (texts, 2)."""
    from sklearn.decomposition import PCA

    if len(vectors) < _FEW:
        plane = PCA(min(2, *vectors.shape), random_state=seed).fit_transform(vectors)
        return _wide(plane)
    return _umap(vectors, seed, dimensions=2, min_dist=0.1)


def _wide(plane: Floats) -> Floats:
    import numpy as np

    return np.hstack([plane, np.zeros((len(plane), 2 - plane.shape[1]))])


def _samples(how: Choices, seed: int) -> list[Labels]:
    import numpy as np

    lot = np.random.default_rng(seed)
    size = how.resampled
    return [
        np.sort(lot.choice(how.texts, size, replace=False))
        for _ in range(how.resamples)
        if size >= FEWEST
    ]


def _stability(topic: int, labels: Labels, samples: Sequence[tuple[Labels, Labels]]) -> float:
    """Return the mean over samples of the Jaccard with the group that is most like the topic."""
    import numpy as np

    found = []
    for rows, groups in samples:
        mine = labels[rows] == topic
        if not mine.any():
            continue
        best = 0.0
        for group in np.unique(groups[mine & (groups >= 0)]):
            other = groups == group
            best = max(best, float((mine & other).sum() / (mine | other).sum()))
        found.append(best)
    return round(float(np.mean(found)), 3) if found else 0.0


def _agreed(how: Choices, samples: Sequence[tuple[Labels, Labels]]) -> Labels:
    """Return groups of texts that samples put together, on average; -1 for small ones."""
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering

    together = np.zeros((how.texts, how.texts), dtype=np.float32)
    both = np.zeros_like(together)
    for rows, groups in samples:
        same = (groups[:, None] == groups[None, :]) & (groups >= 0)[:, None]
        together[np.ix_(rows, rows)] += same
        both[np.ix_(rows, rows)] += 1
    apart = 1 - together / np.maximum(both, 1)
    np.fill_diagonal(apart, 0)
    found = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - _TOGETHER, metric="precomputed", linkage="average"
    ).fit_predict(apart)
    return _large(found, how.smallest)


def _described(
    groups: Labels, lemmas: Sequence[Sequence[str]]
) -> tuple[Labels, dict[int, tuple[tuple[str, float], ...]]]:
    """Let BERTopic number these groups, the largest first, and say which words tell them apart."""
    import numpy as np

    with _quiet():
        from bertopic import BERTopic
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction
        from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    if not any(lemmas) or (groups < 0).all():
        return np.full(len(lemmas), -1), {}
    model = BERTopic(
        language="multilingual",  # "english", the default, drops letters with accents
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(analyzer=str.split),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        top_n_words=_WORDS,
        calculate_probabilities=False,
    )
    nowhere = np.zeros((len(lemmas), 2))
    with _quiet():
        topics, _ = model.fit_transform([" ".join(words) for words in lemmas], nowhere, y=groups)
    labels = np.asarray(topics)
    words = {}
    for topic in sorted(set(topics) - {-1}):
        weights = [(w, float(weight)) for w, weight in model.get_topic(topic) if weight > 0]
        mine = Counter(w for row in np.flatnonzero(labels == topic) for w in set(lemmas[row]))
        # A word of one text alone, often a typing error, says nothing of the others.
        shared = tuple(pair for pair in weights if mine[pair[0]] > 1)
        words[int(topic)] = shared or tuple(weights)
    return labels, {topic: found for topic, found in words.items() if found}


def _groups(vectors: Floats, how: Choices, seed: int) -> Labels:
    """Group texts as BERTopic does; few texts by average linkage on their cosines."""
    import numpy as np

    if how.reduce:
        reduced = _umap(vectors, seed, _DIMENSIONS, min_dist=0.0)
        with _quiet():
            from hdbscan import HDBSCAN

            found = HDBSCAN(min_cluster_size=how.smallest, min_samples=2, core_dist_n_jobs=1)
            return np.asarray(found.fit_predict(reduced))
    from sklearn.cluster import AgglomerativeClustering

    found = AgglomerativeClustering(
        n_clusters=None, distance_threshold=_LOOSE, metric="cosine", linkage="average"
    )
    return _large(found.fit_predict(vectors), how.smallest)


def _large(groups: Labels, smallest: int) -> Labels:
    """Return groups numbered from the largest; those that are too small become -1."""
    import numpy as np

    sizes = np.bincount(groups)
    kept = [int(g) for g in np.argsort(-sizes, kind="stable") if sizes[g] >= smallest]
    number = {group: k for k, group in enumerate(kept)}
    return np.array([number.get(int(group), -1) for group in groups])


def _umap(vectors: Floats, seed: int, dimensions: int, min_dist: float) -> Floats:
    """Return unit vectors in few dimensions, those near each other still near."""
    from sklearn.metrics.pairwise import euclidean_distances

    texts = len(vectors)
    known = texts <= _MANY  # all distances at once: seconds faster than UMAP does it
    with _quiet():
        from umap import UMAP

        model = UMAP(
            n_neighbors=min(_NEIGHBOURS, texts - 1),
            n_components=dimensions,
            min_dist=min_dist,
            metric="precomputed" if known else "euclidean",
            n_epochs=_EPOCHS,
            random_state=seed,
            n_jobs=1,
        )
        return model.fit_transform(euclidean_distances(vectors) if known else vectors)  # type: ignore[no-any-return]


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the libraries' warnings; where one is missing, say how to install it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImportError as fault:
        raise PipelineError(
            "BERTopic is niet geïnstalleerd",
            found=fault.name or "",
            remedy="Doe in de projectmap: make setup (niet 'pip install bertopic').",
        ) from None
