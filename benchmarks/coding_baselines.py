"""What opentekst's coder is measured beside: plain ways to code the same texts.

Each coder gets the task, the rows that people coded and the rows to code, and returns the
sets and, where it has them, probabilities of shape (rows, codes).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coding_sets import PIPELINE, Sets, Task
from opentekst.coding import AutoCoder
from opentekst.coding.rules import KeywordRules
from opentekst.language import embed, keyword_tokens


class Given(NamedTuple):
    """The sets that a coder gave, and its probabilities if it has any."""

    sets: Sets
    probability: NDArray[np.float64] | None


Coder = Callable[[Task, Sequence[int], Sequence[int], int], Given]
NEAR_ENOUGH = 0.3
"""BERTopic's default, 0.7, gives no text a topic with these short labels."""


def opentekst(task: Task, train: Sequence[int], test: Sequence[int], seed: int) -> Given:
    """Code as opentekst does, with the codebook; it reads all texts, and the codes of `train`."""
    return _opentekst(task, AutoCoder(task.book, seed=seed), train, test)


def without_book(task: Task, train: Sequence[int], test: Sequence[int], seed: int) -> Given:
    """Code as opentekst does without a codebook."""
    return _opentekst(task, AutoCoder(seed=seed), train, test)


def _opentekst(task: Task, coder: AutoCoder, train: Sequence[int], test: Sequence[int]) -> Given:
    items, truth = task.of(train)
    if train:
        taught = set(train)
        others = [item for row, item in enumerate(task.items) if row not in taught]
        coder.fit(items, truth, unlabelled=others)
    judged = coder.judge(task.of(test)[0])
    column = {code: k for k, code in enumerate(coder.codes_)}
    probability = np.zeros((len(test), len(task.codes)))
    for k, code in enumerate(task.codes):
        if code in column:
            probability[:, k] = judged.probability[:, column[code]]
    sets = [frozenset(code for code in coder.codes_ if row[column[code]]) for row in judged.given]
    return Given(sets, probability)


def keywords(task: Task, _train: Sequence[int], test: Sequence[int], _seed: int) -> Given:
    """Give a code where one of its keywords stands in the text."""
    rules = KeywordRules(task.book, keyword_tokens(PIPELINE.name))
    return Given([frozenset(s.code for s in rules.find(task.items[i])) for i in test], None)


def bertopic(task: Task, _train: Sequence[int], test: Sequence[int], seed: int) -> Given:
    """Give each text the label that BERTopic's zero-shot topic modelling finds nearest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from umap import UMAP

        class Use(BaseEmbedder):  # type: ignore[misc]
            def embed(self, documents: list[str], verbose: bool = False) -> Any:
                return embed(documents)

        labels = {code.label: code.id for code in task.book.active if code.id in task.codes}
        texts = [item.text for item in task.items]
        model = BERTopic(
            embedding_model=Use(),
            umap_model=UMAP(n_components=5, metric="cosine", random_state=seed, n_jobs=1),
            zeroshot_topic_list=list(labels),
            zeroshot_min_similarity=NEAR_ENOUGH,
        )
        topics, _ = model.fit_transform(texts)
        names = {row.Topic: row.Name for row in model.get_topic_info().itertuples()}
    found = [labels.get(names[topics[i]]) for i in test]
    return Given([frozenset({code} if code else ()) for code in found], None)


def tfidf(task: Task, train: Sequence[int], test: Sequence[int], _seed: int) -> Given:
    """Code by logistic regressions on TF-IDF of words and characters."""
    known, new = _counted(task, train, test)
    return _regressed(task, known, new, train)


def vectors(task: Task, train: Sequence[int], test: Sequence[int], _seed: int) -> Given:
    """Code by logistic regressions on sentence vectors (USE v3)."""
    return _regressed(task, _embedded(task, train), _embedded(task, test), train)


def both(task: Task, train: Sequence[int], test: Sequence[int], _seed: int) -> Given:
    """Code by logistic regressions on TF-IDF and sentence vectors side by side."""
    from scipy.sparse import csr_matrix, hstack

    known, new = _counted(task, train, test)
    return _regressed(
        task,
        hstack([known, csr_matrix(_embedded(task, train))]).tocsr(),
        hstack([new, csr_matrix(_embedded(task, test))]).tocsr(),
        train,
    )


def _counted(task: Task, train: Sequence[int], test: Sequence[int]) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    union = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
    )
    texts = [item.text.lower() for item in task.items]
    return union.fit_transform([texts[i] for i in train]), union.transform([texts[i] for i in test])


def _embedded(task: Task, rows: Sequence[int]) -> NDArray[np.float32]:
    return embed([task.items[i].text for i in rows])


def _regressed(task: Task, known: Any, new: Any, train: Sequence[int]) -> Given:
    """Regress every code by itself, with balanced weights, and cut at 0.5."""
    from sklearn.linear_model import LogisticRegression

    probability = np.zeros((new.shape[0], len(task.codes)))
    for k, code in enumerate(task.codes):
        truth = np.array([code in task.truth[i] for i in train])
        if truth.all() or not truth.any():
            continue
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
        probability[:, k] = model.fit(known, truth).predict_proba(new)[:, 1]
    sets = [
        frozenset(c for c, p in zip(task.codes, row, strict=True) if p >= 0.5)
        for row in probability
    ]
    return Given(sets, probability)


UNTAUGHT: Mapping[str, Coder] = {
    "opentekst": opentekst,
    "keywords": keywords,
    "BERTopic zero-shot": bertopic,
}
TAUGHT: Mapping[str, Coder] = {
    "opentekst": opentekst,
    "opentekst, no codebook": without_book,
    "TF-IDF": tfidf,
    "vectors": vectors,
    "TF-IDF + vectors": both,
    "keywords": keywords,
}
