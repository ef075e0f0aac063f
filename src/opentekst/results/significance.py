"""Do groups differ? Tests that hold where a unit may have given several answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05


@dataclass(frozen=True)
class RaoScott:
    """A chi-square of items by groups, corrected for what its plain form gets wrong.

    `statistic` is Pearson's, summed over the items where several may apply. `first` and
    `second` are pairs (statistic, degrees of freedom) after the first- and the second-order
    correction, `p` belongs to the second. `sparse` tells that more than a fifth of the
    expected counts is below 5, where a chi-square is not to be trusted.
    """

    statistic: float
    first: tuple[float, float]
    second: tuple[float, float]
    p: float
    sparse: bool


def rao_scott(
    held: NDArray[np.bool_],
    group: NDArray[np.int_],
    weight: NDArray[np.float64] | None = None,
    *,
    exclusive: bool = False,
) -> RaoScott | None:
    """Test whether each of several items is as frequent in every group.

    `held` is units × items, `group` a whole number a unit, `weight` above 0 a unit. With
    `exclusive` an item is one answer of a single-answer question, and the plain statistic is
    Pearson's of the whole table. None where nothing can be compared.

    The statistic is the sum of Pearson's over the items (Bilder, Loughin & Nettleton 2000,
    doi:10.1080/03610910008813665). Answers of one unit go together, so that it is no
    chi-square but a weighted sum of them. Rao & Scott (1981, Journal of the American
    Statistical Association 76; 1984, Annals of Statistics 12) bring its mean (first order)
    and also its variance (second order, after Satterthwaite) to those of a chi-square. The
    covariance is that under the hypothesis, of the whole sample; weights enter by each
    group's design effect (Kish 1965).
    """
    from scipy.stats import chi2

    w = np.ones(len(group)) if weight is None else weight * len(weight) / weight.sum()
    groups = np.unique(group)
    pooled = (w @ held) / w.sum() if len(group) else np.zeros(held.shape[1])
    varies = (pooled > 1e-12) & (pooled < 1 - 1e-12)
    if len(groups) < 2 or not varies.any():
        return None
    y, p = held[:, varies].astype(float), pooled[varies]
    scale = p if exclusive else p * (1 - p)
    inside = [group == g for g in groups]
    size = np.array([w[rows].sum() for rows in inside])
    shares = np.array([w[rows] @ y[rows] / w[rows].sum() for rows in inside])
    statistic = float((size[:, None] * (shares - p) ** 2 / scale).sum())
    residual = y - p
    likeness = (residual * w[:, None]).T @ residual / w.sum() / np.sqrt(np.outer(scale, scale))
    effect = np.diag([(w[rows] ** 2).sum() / w[rows].sum() for rows in inside])
    root = np.sqrt(size / size.sum())
    centred = (np.eye(len(groups)) - np.outer(root, root)) @ effect
    first = float(np.trace(centred) * np.trace(likeness))
    second = float(np.trace(centred @ centred) * np.trace(likeness @ likeness))
    plain = (len(groups) - 1) * (len(p) - exclusive)
    df = first**2 / second
    corrected = statistic * first / second
    expected = np.outer(size, np.concatenate([p, 1 - p]) if not exclusive else p)
    return RaoScott(
        statistic,
        (statistic * plain / first, float(plain)),
        (corrected, df),
        float(chi2.sf(corrected, df)),
        bool((expected < 5).mean() > 0.2),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979), in the same order.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    ordered = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, at in enumerate(ordered):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def above(
    shares: Sequence[float], sizes: Sequence[float], letters: Sequence[str], *, exact: bool
) -> list[str]:
    """Return, for each group, the letters of the groups that its share is significantly above.

    `sizes` are the units of each group, or with weights the number of units that they are
    worth. `exact` compares two groups by Fisher's test of whole counts, else by the z-test of
    two proportions; both two-sided, corrected by `holm` over the pairs, at 5%.
    """
    pairs = [(a, b) for a, b in combinations(range(len(sizes)), 2) if sizes[a] and sizes[b]]
    compare = _fisher if exact else _z
    p_values = holm([compare(shares[a], sizes[a], shares[b], sizes[b]) for a, b in pairs])
    higher: list[set[str]] = [set() for _ in sizes]
    for (a, b), p in zip(pairs, p_values, strict=True):
        if p < LEVEL and shares[a] != shares[b]:
            top, bottom = (a, b) if shares[a] > shares[b] else (b, a)
            higher[top].add(letters[bottom])
    return [" ".join(sorted(found)) for found in higher]


def _fisher(share: float, size: float, other: float, others: float) -> float:
    from scipy.stats import fisher_exact

    one, two = round(share * size), round(other * others)
    table = [[one, round(size) - one], [two, round(others) - two]]
    result: Any = fisher_exact(table)
    return float(result.pvalue)


def _z(share: float, size: float, other: float, others: float) -> float:
    from scipy.stats import norm

    pooled = (share * size + other * others) / (size + others)
    error = (pooled * (1 - pooled) * (1 / size + 1 / others)) ** 0.5
    return float(2 * norm.sf(abs(share - other) / error)) if error else 1.0


def worth(weights: Sequence[float]) -> float:
    """Return how many equally weighted units some weights are worth (Kish 1965).

    >>> worth([1, 1, 1]), worth([3, 1])
    (3.0, 1.6)
    """
    squares = sum(w * w for w in weights)
    return float(sum(weights)) ** 2 / squares if squares else 0.0


def letters_of(labels: Sequence[str]) -> Mapping[str, str]:
    """Return a letter for each label: A, B, … Z, AA, AB.

    >>> letters_of(["Limburg", "Antwerpen"])
    {'Limburg': 'A', 'Antwerpen': 'B'}
    """
    names = [*ascii_uppercase, *(a + b for a in ascii_uppercase for b in ascii_uppercase)]
    return dict(zip(labels, names, strict=False))
