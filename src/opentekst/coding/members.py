"""The learners that are combined: two logistic regressions a code, and the nearest answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from opentekst.coding.space import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

NEIGHBOURS = 8
_CLOSENESS = 8
_BALANCED, _PLAIN = 2.0, 3.0
"""Inverse regularisation of the two regressions."""
SHRINKAGE = 10
"""With this many coded answers a code's cut lies halfway between the common one and its own."""


class Near(NamedTuple):
    """The nearest coded answers: their rows and weights, each of shape (answers, k)."""

    row: NDArray[np.int64]
    weight: Floats
    similarity: Floats


@dataclass(frozen=True)
class Members:
    """What was learned from coded answers; `truth` has shape (coded, codes).

    The coefficients have shape (2, codes, width): regressions with balanced and with plain
    weights. A code that stands in fewer than two answers, or in all, has no regression.
    """

    coefficient: NDArray[np.float32]
    intercept: Floats
    known: Floats
    truth: Truth

    @classmethod
    def learn(cls, rows: Rows, truth: Truth) -> Members:
        """Fit both regressions for every code."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        count = truth.shape[1]
        coefficient = np.zeros((2, count, rows.wide.shape[1]), dtype=np.float32)
        intercept = np.zeros((2, count))
        intercept[1] = log_rate(truth)
        for k in range(count):
            positives = int(truth[:, k].sum())
            if min(positives, len(truth) - positives) < 2:
                continue
            for m, (strength, weights) in enumerate([(_BALANCED, "balanced"), (_PLAIN, None)]):
                model = LogisticRegression(
                    C=strength, class_weight=weights, solver="liblinear", max_iter=500
                ).fit(rows.wide, truth[:, k])
                coefficient[m, k] = model.coef_[0]
                intercept[m, k] = model.intercept_[0]
        return cls(coefficient, intercept, rows.narrow, truth)

    def scores(self, rows: Rows) -> Floats:
        """Return three scores for each answer and code, shape (answers, codes, 3)."""
        import numpy as np

        regressed = [
            rows.wide @ coefficient.T + intercept
            for coefficient, intercept in zip(self.coefficient, self.intercept, strict=True)
        ]
        near = self.near(rows)
        votes = np.einsum("ij,ijk->ik", near.weight, self.truth[near.row].astype(float))
        return np.stack([*regressed, votes], axis=-1)

    def near(self, rows: Rows) -> Near:
        """Return the nearest coded answers, nearest first; equals in the order of coding."""
        import numpy as np

        similarity = rows.narrow @ self.known.T
        row = np.argsort(-similarity, axis=1, kind="stable")[:, :NEIGHBOURS]
        close = np.take_along_axis(similarity, row, axis=1)
        weight = np.exp(_CLOSENESS * close)
        return Near(row, weight / weight.sum(axis=1, keepdims=True), close)


def log_rate(truth: Truth) -> Floats:
    """Return the log-odds of each code's share, kept off the ends; shape (codes,)."""
    import numpy as np

    share = (truth.sum(axis=0) + 0.5) / (len(truth) + 1)
    return np.asarray(np.log(share / (1 - share)))


@dataclass(frozen=True)
class Combiner:
    """One logistic regression over all answers and codes: members to a probability.

    Learned on out-of-fold scores, it also calibrates (stacking: Wolpert 1992, Neural
    Networks 5:241; calibration: Platt 1999).
    """

    weight: Floats
    intercept: float

    @classmethod
    def learn(cls, evidence: Floats, truth: Truth) -> Combiner:
        """Learn from evidence of shape (answers, codes, kinds)."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        flat = evidence.reshape(-1, evidence.shape[-1])
        if truth.all() or not truth.any():
            return cls(np.zeros(flat.shape[1]), float(log_rate(truth.reshape(-1, 1))[0]))
        scaler = StandardScaler().fit(flat)
        model = LogisticRegression().fit(scaler.transform(flat), truth.ravel())
        weight = model.coef_[0] / scaler.scale_
        return cls(weight, float(model.intercept_[0] - weight @ scaler.mean_))

    def probability(self, evidence: Floats) -> Floats:
        """Return the probability of each code for each answer."""
        import numpy as np
        from scipy.special import expit

        return np.asarray(expit(evidence @ self.weight + self.intercept))


def best_cuts(probability: Floats, truth: Truth) -> Floats:
    """Return for each code the probability from which it applies, shape (codes,).

    It lies between the cut that suits all codes together and the code's own: the more
    coded answers have the code, the nearer to its own.
    """
    import numpy as np

    own = np.array([_best_cut(column) for column in probability.T])
    count = truth.sum(axis=0)
    weight = count / (count + SHRINKAGE)
    return np.asarray(weight * own + (1 - weight) * _best_cut(probability.ravel()))


def _best_cut(probability: Floats) -> float:
    """Return where the expected F1 is highest.

    With calibrated probabilities the expected F1 needs no truth (Lewis 1995, SIGIR).
    """
    import numpy as np

    highest = np.sort(probability)[::-1]
    given = np.arange(1, len(highest) + 1)
    expected = 2 * np.cumsum(highest) / (highest.sum() + given)
    return float(highest[int(expected.argmax())])
