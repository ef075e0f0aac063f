"""Which changes of the codebook the topics ask for: a new code, a split, a boundary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from opentekst.codebook import Codebook
from opentekst.coding.topic_model import STABLE
from opentekst.coding.topic_names import topic_name
from opentekst.model import Answer, Normalised, Proposal, Topic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

QUOTES = 10
_LIFT, _LEAST = 0.15, 0.3
_SIDE, _BOTH = 0.3, 0.8
_PART, _FEWEST_IN_PART = 0.15, 5


class Seen(NamedTuple):
    """A topic as it was found: its rows and answers, the most typical first.

    `uncoded` are the answers without a code, `codes` holds the codes of the others; `items`
    and `vectors` are by answer, `words` are the topic's with their weight, `cohesion` is the
    mean cosine between two of its texts.
    """

    topic: int
    rows: tuple[int, ...]
    answers: tuple[str, ...]
    uncoded: tuple[str, ...]
    codes: Mapping[str, frozenset[str]]
    items: Mapping[str, Normalised]
    words: Mapping[str, float]
    vectors: Mapping[str, Vector]
    cohesion: float


def proposals_of(
    topics: Sequence[Topic],
    seen: Sequence[Seen],
    answers: Mapping[str, Answer],
    codebook: Codebook | None,
    usual: float,
    smallest: int,
) -> list[Proposal]:
    """Return what the topics ask for: new codes first, the firmest and largest ahead.

    `usual` is the share of all texts that have no code: a topic is new where its share is
    clearly higher, and at least `smallest` of its answers have none.
    """
    found: list[tuple[tuple[int, float, str], Proposal]] = []
    both = list(zip(topics, seen, strict=True))
    for topic, one in both:
        lift = _lift(one, usual)
        if lift >= _LIFT and not topic.matched and len(one.uncoded) >= smallest:
            weight = lift * one.cohesion * len(one.uncoded) * max(_LEAST, topic.stability)
            made = _made("new", topic, one, one.uncoded, answers, topic.nearest)
            found.append(((0, -weight, made.label), made))
    if codebook is not None:
        for topic, one, part in _splits(both):
            made = _made("split", topic, one, part, answers, topic.nearest)
            found.append(((1, -len(part), made.label), made))
        for topic, one, first, second in _boundaries(both):
            part = tuple(a for a in one.answers if one.codes.get(a, frozenset()) & {first, second})
            made = _made("boundary", topic, one, part, answers, first, second)
            found.append(((2, -len(part), made.label), made))
    return [proposal for _, proposal in sorted(found, key=lambda pair: pair[0])]


def _lift(one: Seen, usual: float) -> float:
    """Return how far the share without a code lies from what is usual (0) to all (1)."""
    share = len(one.uncoded) / len(one.answers)
    return (share - usual) / (1 - usual) if usual < 1 else 1.0


def _splits(both: Sequence[tuple[Topic, Seen]]) -> Iterator[tuple[Topic, Seen, tuple[str, ...]]]:
    """Yield firm topics that lie side by side within one code, with their answers of that code."""
    within: dict[str, list[tuple[Topic, Seen, tuple[str, ...]]]] = {}
    for topic, one in both:
        if topic.matched and topic.stability >= STABLE:
            part = tuple(a for a in one.answers if topic.nearest in one.codes.get(a, ()))
            within.setdefault(topic.nearest, []).append((topic, one, part))
    for code in sorted(within):
        total = sum(len(part) for _, _, part in within[code])
        parts = [
            found for found in within[code] if len(found[2]) >= max(_FEWEST_IN_PART, _PART * total)
        ]
        if len(parts) > 1:
            yield from parts


def _boundaries(
    both: Sequence[tuple[Topic, Seen]],
) -> Iterator[tuple[Topic, Seen, str, str]]:
    """Yield firm topics of which two codes have a good part each, and hardly any answer both."""
    for topic, one in both:
        if topic.stability < STABLE or len(one.codes) < 2 * _FEWEST_IN_PART:
            continue
        counted = Counter(code for mine in one.codes.values() for code in mine)
        ordered = sorted(counted, key=lambda code: (-counted[code], code))[:2]
        if len(ordered) < 2:
            continue
        first, second = ordered
        only = [
            sum(code in mine and other not in mine for mine in one.codes.values())
            for code, other in ((first, second), (second, first))
        ]
        if min(only) >= _SIDE * len(one.codes) and sum(only) >= _BOTH * len(one.codes):
            yield topic, one, first, second


def _made(
    kind: str,
    topic: Topic,
    one: Seen,
    part: Sequence[str],
    answers: Mapping[str, Answer],
    nearest: str,
    other: str = "",
) -> Proposal:
    return Proposal(
        kind=kind,  # type: ignore[arg-type]
        group=topic.group,
        topic=topic.number,
        label=topic_name([one.items[answer] for answer in _distinct(one, part)], one.words),
        keywords=topic.keywords,
        quotes=_typical_and_different(one, part),
        answers=tuple(part),
        units=len({answers[answer].unit for answer in part}),
        nearest=nearest,
        other=other,
        stability=topic.stability,
    )


def _typical_and_different(one: Seen, part: Sequence[str]) -> tuple[str, ...]:
    """Return at most ten answers, each near the centre and unlike those chosen before.

    Maximal marginal relevance, Carbonell & Goldstein 1998, SIGIR: 335-336.
    """
    import numpy as np

    distinct = _distinct(one, part)
    vectors = np.stack([one.vectors[answer] for answer in distinct])
    near = vectors @ vectors.mean(axis=0)
    between = vectors @ vectors.T
    chosen: list[int] = []
    while len(chosen) < min(QUOTES, len(distinct)):
        taken = between[:, chosen].max(axis=1) if chosen else np.zeros(len(distinct))
        worth = near - 0.5 * taken
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return tuple(distinct[row] for row in chosen)


def _distinct(one: Seen, part: Sequence[str]) -> list[str]:
    """Return the first answer with each text, in order."""
    first: dict[str, str] = {}
    for answer in part:
        first.setdefault(one.items[answer].text, answer)
    return list(first.values())
