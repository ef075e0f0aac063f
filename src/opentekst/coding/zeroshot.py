"""Zero-shot coding: the chance that a code applies, from the codebook alone.

One logistic regression over all codes and codebooks weighs the likeness of a text to a
code. Its six weights were learned from the answers of the example study, with each codebook
whole, without keywords, and with labels and definitions only (training/make_zeroshot.py).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from opentekst.codebook import Codebook
from opentekst.coding.likeness import FEATURES, references

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RICH, POOR = 0.35, 0.2
"""A code applies from this probability on. The less a codebook says, the fewer codes are found
and the lower the best cut (about half the F1 within reach: Lipton, Elkan & Naryanaswamy 2014)."""
MUCH = 10
"""A codebook says much with this many references and keywords a code, on the average."""


class _Weights(NamedTuple):
    weight: NDArray[np.float64]
    intercept: float


@cache
def _weights() -> _Weights:
    import numpy as np

    held = json.loads((files("opentekst.coding") / "zeroshot.json").read_text("utf-8"))
    return _Weights(np.array([held[name] for name in FEATURES]), held["intercept"])


def cut(codebook: Codebook) -> float:
    """Return the probability from which a code of this codebook applies."""
    said = sum(len(references(code)) + len(code.keywords) for code in codebook.active)
    return RICH if said >= MUCH * len(codebook.active) else POOR


def log_odds(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of each code; `features` has shape (answers, codes, 6)."""
    weights = _weights()
    return features @ weights.weight + weights.intercept
