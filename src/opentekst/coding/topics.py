"""What the codebook misses: topics among all answers, and the changes that they ask for.

Topics are sought among coded and uncoded answers together: the codes that people and machine
gave show which topics are known, and what is left is new. They never give codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from opentekst.codebook import Codebook
from opentekst.coding.autocoder import AutoCoder
from opentekst.coding.coder import LEFT_TO_PEOPLE
from opentekst.coding.proposals import Seen, proposals_of
from opentekst.coding.topic_model import FEWEST, Choices, choices, find, flat
from opentekst.coding.topic_names import topic_name
from opentekst.coding.topic_space import place, word_weights
from opentekst.coding.words import Embed, content_lemmas, one_thread, parts_of, same_text
from opentekst.model import Answer, Normalised, Proposal, Topic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LONG = 40
"""An answer with more content words is read segment by segment."""
_KNOWN, _OWN, _ALIKE = 0.5, 0.5, 0.4
"""A topic is a code's where at least the first share of its answers is coded, and the second
share of those has the code; or where its uncoded answers have the code with the third chance
by what the codebook says."""
_ASKED = 60
_KEYWORDS = 6


class Topics(NamedTuple):
    """The topics of one codebook or question, what they ask for, and where answers lie.

    `places` maps an answer's id to two coordinates; answers without content have none.
    """

    topics: tuple[Topic, ...]
    proposals: tuple[Proposal, ...]
    places: Mapping[str, tuple[float, float]]
    how: Choices


class _Row(NamedTuple):
    """A text with all answers that say it, or a segment of one."""

    item: Normalised
    answers: tuple[str, ...]


def find_topics(
    items: Sequence[Normalised],
    answers: Mapping[str, Answer],
    codes: Mapping[str, frozenset[str]],
    codebook: Codebook | None,
    embed: Embed,
    *,
    group: str = "",
    seed: int = 0,
    step: Callable[[int], None] = lambda _n: None,
) -> Topics:
    """Return the topics among `items` and the changes of `codebook` that they ask for.

    `codes` maps answer ids to the codes that count now; an absent one has none. Non-answers
    and answers in another language stay out, identical texts stand together, and texts are
    put in order, so that the order of `items` does not matter. Fewer than 12 distinct texts
    give no topic. `step` is called with 1 after each of the `rounds(items)` rounds. Raises
    PipelineError where BERTopic is not installed.
    """
    rows = _rows(items)
    how = choices(len(rows), gaps=codebook is not None)
    if len(rows) < FEWEST:
        return Topics((), (), {}, how)
    texts = [row.item for row in rows]
    uncoded = [not any(codes.get(answer) for answer in row.answers) for row in rows]
    with one_thread():
        vectors = place(texts, uncoded, embed, seed)
        words = [list(word_weights(_unnamed(item))) for item in texts]
        found = find(vectors, words, how, seed, step)
        plane = flat(vectors, seed)
    seen = [
        _seen(topic, dict(words), rows, vectors, found.labels == topic, codes)
        for topic, words in found.words.items()
    ]
    likely = _likely([s for s in seen if s.uncoded], texts, codebook, embed, seed)
    topics: list[Topic] = []
    for one in seen:
        nearest, matched = _nearest(one, codebook, likely.get(one.topic, {}))
        topics.append(
            Topic(
                group=group,
                number=one.topic + 1,
                label=topic_name([texts[row] for row in one.rows], one.words),
                keywords=tuple(one.words)[:_KEYWORDS],
                answers=one.answers,
                uncoded=len(one.uncoded),
                units=len({answers[answer].unit for answer in one.answers}),
                nearest=nearest,
                matched=matched,
                stability=found.stability[one.topic],
            )
        )
    asked = proposals_of(topics, seen, answers, codebook, sum(uncoded) / len(uncoded), how.smallest)
    return Topics(tuple(topics), tuple(asked), _places(rows, plane), how)


def rounds(items: Sequence[Normalised]) -> int:
    """Return how many rounds `find_topics` goes through with these items."""
    texts = len(_rows(items))
    return 1 + choices(texts).resamples if texts >= FEWEST else 0


def _rows(items: Sequence[Normalised]) -> list[_Row]:
    """Return the distinct texts in the order of their words, each with its answers."""
    by_text: dict[str, list[Normalised]] = {}
    for item in items:
        if not item.flags & LEFT_TO_PEOPLE:
            for part in _parts(item):
                by_text.setdefault(same_text(part.text), []).append(part)
    rows = []
    for _, parts in sorted(by_text.items()):
        parts.sort(key=lambda part: (part.text, part.answer))
        rows.append(_Row(parts[0], tuple(dict.fromkeys(part.answer for part in parts))))
    return rows


def _parts(item: Normalised) -> list[Normalised]:
    if len(content_lemmas(item)) <= _LONG:
        return [item] if content_lemmas(item) else []
    return [part for part in parts_of(item) if content_lemmas(part)]


def _seen(
    topic: int,
    words: Mapping[str, float],
    rows: Sequence[_Row],
    vectors: Floats,
    inside: NDArray[np.bool_],
    codes: Mapping[str, frozenset[str]],
) -> Seen:
    """Return a topic's rows and answers, the most typical first."""
    import numpy as np

    mine = np.flatnonzero(inside)
    own = vectors[mine]
    centre = own.mean(axis=0)
    order = np.lexsort((mine, -(own @ centre)))
    likeness = own @ own.T
    cohesion = (likeness.sum() - np.trace(likeness)) / max(len(mine) * (len(mine) - 1), 1)
    typical = [int(row) for row in mine[order]]
    ids = tuple(dict.fromkeys(a for row in typical for a in rows[row].answers))
    return Seen(
        topic=topic,
        rows=tuple(typical),
        answers=ids,
        uncoded=tuple(answer for answer in ids if not codes.get(answer)),
        codes={answer: codes[answer] for answer in ids if codes.get(answer)},
        items={answer: rows[row].item for row in typical for answer in rows[row].answers},
        words=words,
        vectors={answer: vectors[row] for row in typical for answer in rows[row].answers},
        cohesion=float(cohesion),
    )


def _likely(
    seen: Sequence[Seen],
    texts: Sequence[Normalised],
    codebook: Codebook | None,
    embed: Embed,
    seed: int,
) -> Mapping[int, Mapping[str, float]]:
    """Return by topic the mean chance of each code in its uncoded answers, untaught."""
    if codebook is None or not codebook.active:
        return {}
    coder = AutoCoder(codebook, seed=seed, embedder=embed)
    found = {}
    for one in seen:
        open_ = set(one.uncoded)
        asked = [row for row in one.rows if texts[row].answer in open_][:_ASKED]
        chances = coder.judge([texts[row] for row in asked]).probability.mean(axis=0)
        found[one.topic] = dict(zip(coder.codes_, (float(c) for c in chances), strict=True))
    return found


def _nearest(one: Seen, codebook: Codebook | None, likely: Mapping[str, float]) -> tuple[str, bool]:
    """Return the code that a topic is nearest to, and whether the topic is that code's."""
    if codebook is None:
        return "", False
    counted = {
        code.id: sum(code.id in mine for mine in one.codes.values()) for code in codebook.active
    }
    top = max(counted, key=lambda code: (counted[code], code), default="")
    coded, open_ = len(one.codes), len(one.uncoded)
    if top and counted[top] >= _OWN * coded and coded >= _KNOWN * (coded + open_):
        return top, True
    if likely:
        best = max(likely, key=lambda code: (likely[code], code))
        return best, likely[best] >= _ALIKE
    return top, False


def _unnamed(item: Normalised) -> Normalised:
    """Return a text without the words that point at a person: a topic's words are shown."""
    tokens = (
        token
        for token in item.tokens
        if not any(name.start < token.end and token.start < name.end for name in item.names)
    )
    return replace(item, tokens=tuple(tokens))


def _places(rows: Sequence[_Row], plane: Floats) -> dict[str, tuple[float, float]]:
    places: dict[str, tuple[float, float]] = {}
    for row, (x, y) in zip(rows, plane, strict=True):
        for answer in row.answers:
            places.setdefault(answer, (round(float(x), 3), round(float(y), 3)))
    return places
