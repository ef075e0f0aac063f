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


SHRINKAGE = 20
"""With this many coded answers a code's cut lies halfway between the common one and its own."""


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

    words = TfidfVectorizer(analyzer=_grams, sublinear_tf=True).fit_transform(lemmas)
    parts = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, lowercase=True
    ).fit_transform(texts)
    return csr_matrix(hstack([words, parts, csr_matrix(dense)]))


def _grams(lemmas: Sequence[str]) -> list[str]:
    pairs = [f"{a} {b}" for a, b in pairwise(lemmas)]
    return [*lemmas, *pairs]


def learn(
    matrix: csr_matrix, truth: NDArray[np.bool_], coded: NDArray[np.int64], seed: int
) -> Learned:
    """Learn from the rows in `coded` and give probabilities for all rows.

    `truth` has shape (len(coded), codes). A code's cut lies between the one with the best F1
    of all codes together and the one with the best F1 of its own, both on out-of-fold
    probabilities (five folds): the more examples a code has, the nearer to its own.
    Rows in `coded` get their out-of-fold probability: no answer is predicted by itself.
    """
    import numpy as np

    count = truth.shape[1]
    probability = np.full((matrix.shape[0], count), np.nan)
    for k in range(count):
        positives = int(truth[:, k].sum())
        if min(positives, len(coded) - positives) < MIN_EXAMPLES:
            continue
        model = _regression()
        held_out = _out_of_fold(model, matrix[coded], truth[:, k], seed)
        probability[:, k] = model.fit(matrix[coded], truth[:, k]).predict_proba(matrix)[:, 1]
        probability[coded, k] = held_out
    return Learned(probability, _cuts(probability[coded], truth))


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000, solver="liblinear")


def _out_of_fold(model: Any, matrix: Any, truth: NDArray[np.bool_], seed: int) -> Any:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return cross_val_predict(model, matrix, truth, cv=folds, method="predict_proba")[:, 1]


def _cuts(held_out: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return a cut for each code; NaN where it was not learned."""
    import numpy as np

    cut = np.full(truth.shape[1], np.nan)
    learned = np.flatnonzero(~np.isnan(held_out).any(axis=0))
    if not len(learned):
        return cut
    common = _best_cut(held_out[:, learned].ravel(), truth[:, learned].ravel())
    for k in learned:
        own = int(truth[:, k].sum()) / (int(truth[:, k].sum()) + SHRINKAGE)
        cut[k] = own * _best_cut(held_out[:, k], truth[:, k]) + (1 - own) * common
    return cut


def _best_cut(probability: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    import numpy as np
    from sklearn.metrics import precision_recall_curve

    precision, recall, cuts = precision_recall_curve(truth, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return float(cuts[int(f1[:-1].argmax())])
