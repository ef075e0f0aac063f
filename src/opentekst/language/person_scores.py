"""Score every part of a stretch of capitals: how likely is it that it is one person's name."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from opentekst.language.name_shape import LIMIT, Shape, shape_features
from opentekst.language.names import Word, fold, words
from opentekst.language.person_cues import (
    DETERMINERS,
    IDIOMS,
    NAMED_AFTER,
    SAYING,
    SURE_TITLES,
    TITLES,
)
from opentekst.language.person_features import candidates, features, is_place, marks, runs

# First and last index (included) of a part; or first and last (excluded) of a stretch.
Pair = tuple[int, int]
# Log-odds above which a part is taken for a name.
CUT = 0.7
# How far beyond what the embedding can turn it is still asked.
MARGIN = 0.5
BATCH = 1000
# What a part gains that begins as names in answers do: answers hold more of those, and fewer
# strangers, than the newspapers that the model learnt from.
NEAR = 1.3
TITLED = 4.0


class _Model(NamedTuple):
    bias: float
    weights: dict[str, float]
    shape: Shape

    def score(self, found: Mapping[str, float]) -> float:
        weights = self.weights
        return sum(weights[name] * value for name, value in found.items() if name in weights)


@cache
def _model() -> _Model:
    packed = files("opentekst.language").joinpath("data", "persons.json.gz").read_bytes()
    content = json.loads(gzip.decompress(packed))
    return _Model(content["bias"], content["weights"], Shape(content["shape"]))


class _Part(NamedTuple):
    """A part's text, its score without the embedding, and what the embedding weighs for it."""

    piece: str
    value: float
    weight: float

    @property
    def is_doubtful(self) -> bool:
        return abs(self.value) <= abs(self.weight) * LIMIT + MARGIN


class Seen(NamedTuple):
    """A text's words, its stretches of capitals, and of which stretch each part is one."""

    words: list[Word]
    stretches: list[Pair]
    whole: dict[Pair, Pair]
    parts: list[_Part]


@lru_cache(maxsize=2 * BATCH)
def look(text: str) -> Seen:
    """Cut a text into what may be names, and score it without the embedding."""
    found = words(text)
    stretches = runs(found)
    whole = {pair: stretch for stretch in stretches for pair in candidates(found, *stretch)}
    return Seen(found, stretches, whole, _parts(text, found, whole))


def scores(seen: Seen, places: frozenset[str]) -> dict[Pair, float]:
    """Return the log-odds, less CUT, of each part of what `look` saw.

    A known place or organisation, a saying or a namesake, gets minus infinity, unless a title
    stands before it. A word that fills its stretch shares its score with the same word
    elsewhere in the text. The embedding is asked only where it can turn the scale.
    """
    values = [part.value for part in seen.parts]
    doubtful = [at for at, part in enumerate(seen.parts) if part.is_doubtful]
    meanings = _model().shape.meanings([seen.parts[at].piece for at in doubtful])
    for at, meaning in zip(doubtful, meanings, strict=True):
        values[at] += seen.parts[at].weight * meaning
    shared = _shared(seen.words, seen.whole, values)
    return {
        pair: -math.inf if _is_kept(part.piece, seen.words, pair, places) else value
        for pair, part, value in zip(seen.whole, seen.parts, shared, strict=True)
    }


def prepare(texts: Iterable[str]) -> None:
    """Ask the embedding about the doubtful parts of up to BATCH texts at once.

    That is ten times faster than text by text. The answers are kept in memory; what `scores`
    returns does not change.
    """
    doubtful = [part.piece for text in texts for part in look(text).parts if part.is_doubtful]
    _model().shape.meanings(list(dict.fromkeys(doubtful)))


def _parts(text: str, found: Sequence[Word], whole: Mapping[Pair, Pair]) -> list[_Part]:
    model = _model()
    padded = [None, *found, None]
    parts = []
    for (first, last), stretch in whole.items():
        piece = text[found[first].start : found[last].end]
        count = sum(word.is_name_like for word in found[first : last + 1])
        facts = marks(found[last].text)
        around = features(padded, first + 1, last + 1, (stretch[0] + 1, stretch[1] + 1))
        letters = shape_features(count, facts, model.shape.letters(piece), 0.0)
        value = model.bias - CUT + model.score(around | letters)
        value += _gain(found, first, last)
        weight = model.score(shape_features(count, facts, 0.0, 1.0))
        parts.append(_Part(piece, value, weight))
    return parts


def _gain(found: Sequence[Word], first: int, last: int) -> float:
    """Return what a part gains by a title, a usual first name, an initial or "Van" at its head."""
    before = _before(found, first)
    if before in SURE_TITLES:
        return TITLED
    head, tail = marks(found[first].text), set(marks(found[last].text))
    if last > first and (found[first].is_initial or found[first].text == "Van"):
        return 0.0 if tail & set("NOP") else NEAR
    turned = last > first and "F" in tail and set(head) & set("LV")
    return NEAR if "F" in head or turned or before in TITLES else 0.0


def _before(found: Sequence[Word], first: int) -> str:
    """Return the folded word before a part; a dot between them is passed over."""
    dotted = first > 1 and found[first - 1].text == "."
    return fold(found[first - 2 if dotted else first - 1].text) if first else ""


def _shared(found: Sequence[Word], whole: Mapping[Pair, Pair], values: list[float]) -> list[float]:
    """Give a word that fills its stretch the middle of its mean and highest score in the text."""
    same: dict[str, list[int]] = {}
    for at, ((first, last), (start, end)) in enumerate(whole.items()):
        if first == last == start == end - 1:
            form = fold(found[first].text)
            owner = len(form) > 5 and form.endswith("s")
            same.setdefault(form[:-1] if owner else form, []).append(at)
    shared = list(values)
    for group in same.values():
        mine = [values[at] for at in group]
        for at in group:
            shared[at] = (max(mine) + sum(mine) / len(mine)) / 2
    return shared


def _is_kept(piece: str, found: Sequence[Word], pair: Pair, places: frozenset[str]) -> bool:
    first, last = pair
    after = found[last + 1].text if last + 1 < len(found) else ""
    if first == last and fold(f"{piece} {after}") in IDIOMS:
        return True
    if fold(piece) in DETERMINERS and after.islower() and fold(after) not in SAYING:
        return True  # "Elke dienst", but "Elke werkt"
    if after in NAMED_AFTER and _before(found, first) in ("de", "het"):
        return True
    if not is_place(piece, places):
        return False
    return _before(found, first) not in TITLES
