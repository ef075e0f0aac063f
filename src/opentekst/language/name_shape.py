"""How much a stretch of text looks like a person's name, whatever stands around it.

Two judges, trained by `training/make_person_model.py`: one sees stretches of letters, the
other the sentence embedding (`embeddings.py`), which knows that Arafat is a person and
Swissair is not.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from opentekst.language.embeddings import embed
from opentekst.language.names import fold

BUCKETS = 1 << 13
LIMIT = 4.0
_KEPT = 200_000


def grams(text: str) -> tuple[int, ...]:
    """Return the numbers (below BUCKETS) of the stretches of 1 to 4 letters in `text`."""
    padded = f"^{fold(text)}$"
    found = {
        zlib.crc32(padded[at : at + size].encode(errors="surrogatepass")) % BUCKETS
        for size in (1, 2, 3, 4)
        for at in range(len(padded) - size + 1)
    }
    return tuple(sorted(found))


class Shape:
    """The two judges, read from the model file's part `shape`."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        packed = base64.b64decode(content["grams"])
        self._grams = [(byte - 128) * content["grams_step"] for byte in packed]
        self._grams_bias = float(content["grams_bias"])
        self._meaning: Sequence[float] = content["meaning"]
        self._meaning_bias = float(content["meaning_bias"])
        self._known: dict[str, float] = {}
        self._lettered: dict[str, float] = {}

    def letters(self, text: str) -> float:
        """Return the first judge's log-odds that `text` is a person's name, within LIMIT."""
        if (known := self._lettered.get(text)) is None:
            if len(self._lettered) >= _KEPT:
                self._lettered.clear()
            known = _within(self._grams_bias + sum(self._grams[gram] for gram in grams(text)))
            self._lettered[text] = known
        return known

    def meanings(self, texts: Sequence[str]) -> list[float]:
        """Return the second judge's log-odds for each text, within LIMIT."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if len(self._known) + len(new) > _KEPT:
            self._known.clear()
            new = list(dict.fromkeys(texts))
        if new:
            scores = embed(new) @ self._meaning + self._meaning_bias
            self._known.update(
                (text, _within(round(float(score), 2)))
                for text, score in zip(new, scores, strict=True)
            )
        return [self._known[text] for text in texts]


def _within(value: float) -> float:
    return max(-LIMIT, min(LIMIT, value))


def shape_features(count: int, facts: str, letters: float, meaning: float) -> dict[str, float]:
    """Return the judges' views as features; `count` capitals, `facts` about the last word."""
    known = "known" if set(facts) & set("FLflPO") else "word" if "W" in facts else "new"
    size = min(count, 3)
    return {
        f"letters {size}": letters,
        f"meaning {size}": meaning,
        f"letters {size} {known}": letters,
        f"meaning {size} {known}": meaning,
    }
