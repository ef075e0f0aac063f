"""A classifier that learns from people's codings: one logistic regression a code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

MIN_EXAMPLES = 5
"""A code with fewer coded answers than this is not learned."""


class Learned(NamedTuple):
    """Probabilities of shape (answers, codes) and, per code, its cut; NaN where not learned."""

    probability: NDArray[np.float64]
    cut: NDArray[np.float64]


def features(
    texts: Sequence[str],
    lemmas: Sequence[Sequence[str]],
    dense: NDArray[np.float32],
) -> csr_matrix:
    """Return lemma and character n-grams beside `dense` (embeddings, similarities, rule hits)."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(analyzer=_grams, min_df=2, sublinear_tf=True).fit_transform(lemmas)
    parts = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True, lowercase=True
    ).fit_transform(texts)
    return csr_matrix(hstack([words, parts, csr_matrix(dense)]))


def _grams(lemmas: Sequence[str]) -> list[str]:
    pairs = [f"{a} {b}" for a, b in pairwise(lemmas)]
    return [*lemmas, *pairs]


def learn(
    matrix: csr_matrix, truth: NDArray[np.bool_], coded: NDArray[np.int64], seed: int
) -> Learned:
    """Learn from the rows in `coded` and give probabilities for all rows.

    `truth` has shape (len(coded), codes). Each code's cut is the one with the best F1 on
    out-of-fold probabilities (five folds), so that rare codes are not lost to a fixed 0.5.
    Rows in `coded` get their out-of-fold probability: no answer is predicted by itself.
    """
    import numpy as np

    count = truth.shape[1]
    probability = np.full((matrix.shape[0], count), np.nan)
    cut = np.full(count, np.nan)
    for k in range(count):
        positives = int(truth[:, k].sum())
        if min(positives, len(coded) - positives) < MIN_EXAMPLES:
            continue
        model = _regression()
        held_out = _out_of_fold(model, matrix[coded], truth[:, k], seed)
        probability[:, k] = model.fit(matrix[coded], truth[:, k]).predict_proba(matrix)[:, 1]
        probability[coded, k] = held_out
        cut[k] = _best_cut(held_out, truth[:, k])
    return Learned(probability, cut)


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=4.0, class_weight="balanced", max_iter=1000, solver="liblinear")


def _out_of_fold(model: Any, matrix: Any, truth: NDArray[np.bool_], seed: int) -> Any:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return cross_val_predict(model, matrix, truth, cv=folds, method="predict_proba")[:, 1]


def _best_cut(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    import numpy as np
    from sklearn.metrics import precision_recall_curve

    precision, recall, cuts = precision_recall_curve(truth, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return float(cuts[int(f1[:-1].argmax())])
