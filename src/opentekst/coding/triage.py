"""Which answers may be left to the machine: calibrated, and by a lower confidence bound.

Ordering answers by how sure the coder is, and leaving to it the surest ones up to the
accuracy asked for, is semi-automatic coding (Schonlau & Couper 2016, Survey Research Methods
10:143; for several codes an answer: Gweon, Schonlau & Wenemark 2020). Here the accuracy is
that of whole code sets on answers that the coder did not learn from, and what must reach the
target is the lower bound of its Jeffreys interval (Brown, Cai & DasGupta 2001, Statistical
Science 16:101).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

CONFIDENCE = 0.8
"""Of the lower bound, one-sided."""
MIN_CHECKED = 40
"""With fewer coded answers to be checked on, nothing is left to the machine."""


class Triaged(NamedTuple):
    """One answer: its codes, the chance that the whole set is right, and who has the say."""

    codes: frozenset[str]
    probability: float
    automatic: bool


class Point(NamedTuple):
    """One point of a production-accuracy curve.

    With the `automatic` surest answers left to the machine (a `share` of all), `accuracy` of
    their code sets equals that of people, and at least `lower` of them, with 80% confidence.
    """

    automatic: int
    share: float
    accuracy: float
    lower: float


@dataclass(frozen=True)
class SetCoder:
    """The chance that a whole code set is right, from what the coder says of it."""

    weight: Floats
    intercept: float

    @classmethod
    def learn(cls, signs: Floats, right: Truth) -> SetCoder:
        """Learn from signs of shape (answers, kinds) and whether each set was right."""
        import numpy as np
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler

        if right.all() or not right.any():
            share = (right.sum() + 1) / (len(right) + 2)
            return cls(np.zeros(signs.shape[1]), float(np.log(share / (1 - share))))
        scaler = StandardScaler().fit(signs)
        model = LogisticRegression(C=0.3).fit(scaler.transform(signs), right)
        weight = model.coef_[0] / scaler.scale_
        return cls(weight, float(model.intercept_[0] - weight @ scaler.mean_))

    def probability(self, signs: Floats) -> Floats:
        """Return the chance that each set is right."""
        import numpy as np
        from scipy.special import expit

        return np.asarray(expit(signs @ self.weight + self.intercept))


def signs(probability: Floats, given: Truth, agreement: Floats, familiar: Floats) -> Floats:
    """Return what tells of a whole set, shape (answers, 5).

    The log-likelihood of the set, the distance of its least sure code to a coin's toss,
    whether it is empty, which share of the nearest coded answers has just this set, and
    how near the nearest is.
    """
    import numpy as np

    kept = probability.clip(1e-4, 1 - 1e-4)
    likely = np.where(given, np.log(kept), np.log(1 - kept))
    odds = np.abs(np.log(kept / (1 - kept))).min(axis=1)
    empty = ~given.any(axis=1)
    return np.stack([likely.sum(axis=1), odds, empty, agreement, familiar], axis=1)


def curve(sure: Floats, right: Truth, eligible: Truth) -> list[Point]:
    """Return the curve over all numbers of answers left to the machine, surest first.

    Only `eligible` answers can be left to it; shares are of all. Answers that are equally
    sure come together.
    """
    import numpy as np
    from scipy.stats import beta

    order = np.argsort(-sure[eligible], kind="stable")
    ranked = sure[eligible][order]
    hits = np.cumsum(right[eligible][order])
    last = np.append(ranked[1:] != ranked[:-1], True) if len(ranked) else np.array([], bool)
    count = np.arange(1, len(ranked) + 1)[last]
    hits = hits[last]
    lower = beta.ppf(1 - CONFIDENCE, hits + 0.5, count - hits + 0.5) * (hits > 0)
    return [
        Point(int(n), float(n / len(sure)), float(k / n), float(low))
        for n, k, low in zip(count, hits, lower, strict=True)
    ]


def threshold(sure: Floats, right: Truth, eligible: Truth, target: float) -> float:
    """Return how sure the coder must be for the target; infinity where it is out of reach."""
    import numpy as np

    reached = [p.automatic for p in curve(sure, right, eligible) if p.lower >= target]
    if len(sure) < MIN_CHECKED or not reached:
        return float("inf")
    return float(np.sort(sure[eligible])[::-1][reached[-1] - 1])


def below(questions: Sequence[str], taken: Truth, right: Truth, target: float) -> frozenset[str]:
    """Return the questions of which fewer than `target` of the answers taken are right."""
    hits: dict[str, list[bool]] = {}
    for question, own, good in zip(questions, taken, right, strict=True):
        if own:
            hits.setdefault(question, []).append(bool(good))
    return frozenset(q for q, goods in hits.items() if sum(goods) < target * len(goods))
