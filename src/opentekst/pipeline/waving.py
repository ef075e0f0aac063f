"""Two waves compared: trends through the mergers, what a change is made of, and drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from opentekst import store
from opentekst.errors import DataError
from opentekst.model import Answer, Normalised
from opentekst.pipeline.bridging import by_people, readings
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.topic_stage import TOPICS
from opentekst.pipeline.vectors import remembered
from opentekst.pipeline.wave_coding import Seen, grasp, own_codings, seen_by
from opentekst.pipeline.wave_sides import Asked, Pair, Side, waves_of
from opentekst.results.bridge import Parts, Readings, decompose
from opentekst.results.drift import Grasp, Word, standing_out, words
from opentekst.results.mergers import Conflict
from opentekst.results.waves import Share, Trend, trends
from opentekst.study import Study
from opentekst.survey.places import places_on

MOST = 8
"""So many topics that come up are shown."""
LEAST_UNITS = 3
"""A word or topic is named where at least this many municipalities used it."""
Step = Callable[[int], None]
Vector = Any


@dataclass(frozen=True, slots=True)
class Rise:
    """A topic of now, and in how many units' answers it stood then and stands now.

    The bases are the units that wrote something.
    """

    question: str
    label: str
    keywords: tuple[str, ...]
    nearest: str
    matched: bool
    then: Share
    now: Share


@dataclass(frozen=True)
class Compared:
    """One question of two waves. `bridge` says who coded the old answers again."""

    asked: Asked
    rows: tuple[Trend, ...]
    parts: tuple[Parts, ...] = ()
    bridge: Literal["people", "machine", "none"] = "none"
    machine: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    came: tuple[Word, ...] = ()
    went: tuple[Word, ...] = ()
    topics: tuple[Rise, ...] = ()
    grasp: tuple[Grasp, Grasp] | None = None


@dataclass(frozen=True)
class Waved:
    """All of two waves."""

    pair: Pair
    questions: tuple[Compared, ...]

    @property
    def conflicts(self) -> list[Conflict]:
        """Where merged municipalities contradicted each other, question by question."""
        return [one for q in self.questions for one in q.asked.rolled.conflicts]


def pairs(study: Study) -> list[Pair]:
    """Return every wave of a survey with the one before it. Raises StudyError, see `waves_of`."""
    sides = [Side(name, one) for name, one in waves_of(study).items()]
    return [Pair(then, now) for then, now in pairwise(sides)]


def asked_of(pair: Pair, question: str) -> Asked:
    """Return an open question of both waves. Raises DataError for any other."""
    known = {one.id: one for one in pair.asked if one.question.kind == "open"}
    if question not in known:
        raise DataError(
            "deze open vraag is niet in beide golven te vergelijken",
            found=question,
            remedy=f"Kies uit: {', '.join(known) or 'geen enkele'}.",
        )
    return known[question]


def work_of(pair: Pair) -> int:
    """Return how many codebooks the coders of both waves have to be taught."""
    return 2 * len({one.question.codebook for one in pair.asked if one.question.kind == "open"})


def compare(pair: Pair, step: Step = lambda _n: None, machine: bool = True) -> Waved:
    """Compare two waves that were counted; without `machine` no coder is taught.

    `step` is called after each coder. Raises MissingStageError where a wave was not counted.
    """
    population = len(places_on(pair.now.study.file.date).municipalities)
    seen = _both_ways(pair, step) if machine else {}
    found = []
    for asked in pair.asked:
        rows = trends(asked.subjects, asked.then, asked.now, population, pair.threshold)
        if asked.question.kind == "open":
            found.append(_open(pair, asked, rows, seen.get(asked.question.codebook)))
        else:
            found.append(Compared(asked, tuple(rows)))
    return Waved(pair, tuple(found))


@dataclass(frozen=True)
class _Across:
    """One codebook: the old coder on old and new answers, the new coder on old ones."""

    own: Mapping[str, Seen]
    ahead: Mapping[str, Seen]
    back: Mapping[str, Seen]


def _both_ways(pair: Pair, step: Step) -> dict[str, _Across]:
    found: dict[str, _Across] = {}
    for asked in pair.asked:
        name = asked.question.codebook
        if asked.question.kind != "open" or name in found:
            continue
        ids = {one.id for one in pair.asked if one.question.codebook == name}
        old, new = (
            [a for a in side.answers if a.question in ids] for side in (pair.then, pair.now)
        )
        ahead = seen_by(pair.then, name, new, pair.now)
        step(1)
        back = seen_by(pair.now, name, old, pair.then)
        step(1)
        found[name] = _Across(own_codings(pair.then, name), ahead, back)
    return found


def _open(pair: Pair, asked: Asked, rows: Sequence[Trend], across: _Across | None) -> Compared:
    old, new = (_written(side, asked.id) for side in (pair.then, pair.now))
    bridge = by_people(pair, asked)
    kind: Literal["people", "machine", "none"] = "people" if bridge else "none"
    if not bridge and across:
        bridge = _by_machine(pair, asked, across)
        kind = "machine" if bridge else "none"
    codes = [row.subject.code for row in rows if not row.hidden]
    parts = decompose(codes, asked.as_then, asked.now, bridge, pair.now.study.file.seed)
    came, went = _words(pair, old, new)
    return Compared(
        asked,
        tuple(rows),
        tuple(part for part in parts if not part.tells_of_few(pair.threshold)),
        kind,
        (pair.then.by_machine(asked.id), pair.now.by_machine(asked.id)),
        tuple(came),
        tuple(went),
        tuple(_topics(pair, asked)),
        (grasp(across.own, old), grasp(across.ahead, new)) if across else None,
    )


def _written(side: Side, question: str) -> list[Answer]:
    """Return the answers to a question that say something, coded or not."""
    return [
        a
        for a in side.answers
        if a.question == question and "no_answer" not in side.items[a.id].flags
    ]


def _by_machine(pair: Pair, asked: Asked, across: _Across) -> dict[str, Readings]:
    """Return readings of all units of then by machine alone: its own then, and that of now."""
    mine: dict[str, list[str]] = {}
    for answer in pair.then.answers:
        if answer.question == asked.id and answer.id in pair.then.decisions:
            mine.setdefault(pair.became[answer.unit], []).append(answer.id)
    found = {}
    for unit, ids in mine.items():
        if all(one in across.own and one in across.back for one in ids):
            before = frozenset().union(*(across.own[one].codes for one in ids))
            again = frozenset().union(*(across.back[one].codes for one in ids))
            found[unit] = readings(asked, pair, unit, again, before)
    return found


def _words(
    pair: Pair, old: Sequence[Answer], new: Sequence[Answer]
) -> tuple[list[Word], list[Word]]:
    """Return the words that came and went; no names of persons, and none of too few units."""
    counts: list[Counter[str]] = []
    users: dict[str, set[str]] = {}
    for side, answers in ((pair.then, old), (pair.now, new)):
        counted: Counter[str] = Counter()
        for answer in answers:
            said = _lemmas(side.items[answer.id])
            counted.update(said)
            for word in said:
                users.setdefault(word, set()).add(answer.unit)
        counts.append(counted)
    found = [
        one
        for one in words(counts[0], counts[1])
        if not any(0 < n < pair.threshold for n in (one.then, one.now))
    ]
    return standing_out(found, users, max(LEAST_UNITS, pair.threshold))


def _lemmas(item: Normalised) -> set[str]:
    from opentekst.coding.words import is_content

    return {
        token.lemma.lower()
        for token in item.tokens
        if is_content(token.lemma.lower())
        and not any(n.start < token.end and token.start < n.end for n in item.names)
    }


def _topics(pair: Pair, asked: Asked) -> list[Rise]:
    """Return the topics of now that stand in at least twice as large a share of units as then.

    An answer is like a topic where it lies at least as near the middle of the topic's answers
    as half of those do. Nothing where topics were not looked for.
    """
    file = pair.now.work / TOPICS
    if not file.exists():
        return []
    ids = {answer.id for answer in pair.now.answers if answer.question == asked.id}
    name = asked.question.codebook
    topics = [
        topic
        for topic in store.read_topics(file)
        if topic.group == name and ids & set(topic.answers)
    ]
    if not topics:
        return []
    old, new = (_vectors(side, asked.id) for side in (pair.then, pair.now))
    bases = [
        len({pair.became.get(a.unit, a.unit) for a in side.answers if a.id in of})
        for side, of in ((pair.then, old), (pair.now, new))
    ]
    least = max(LEAST_UNITS, pair.threshold)
    found = []
    for topic in topics:
        mine = [new[one] for one in topic.answers if one in new]
        then, now = (
            {pair.became.get(u, u) for u in _near(side, mine, of)}
            for side, of in ((pair.then, old), (pair.now, new))
        )
        shown = not 0 < len(then) < pair.threshold
        one = Rise(
            asked.id, topic.label, topic.keywords, topic.nearest, topic.matched,
            Share(len(then), bases[0]), Share(len(now), bases[1]),
        )  # fmt: skip
        if shown and one.now.n >= least and one.now.value > 2 * one.then.value:
            found.append(one)
    return sorted(found, key=lambda one: (one.then.n - one.now.n, one.label))[:MOST]


def _vectors(side: Side, question: str) -> dict[str, Vector]:
    """Return the sentence vectors of a question's answers that say something."""
    cache = Cache(side.work / "vectors.sqlite")
    embed = remembered(side.study.file.coding.embedder, cache)
    mine = [a.id for a in side.answers if a.question == question and side.items[a.id].segments]
    found = embed([side.items[one].text for one in mine]) if mine else ()
    return dict(zip(mine, found, strict=True))


def _near(side: Side, mine: Sequence[Vector], of: Mapping[str, Vector]) -> set[str]:
    """Return the units with an answer as near the middle of `mine` as half of those are."""
    import numpy as np

    if not mine:
        return set()
    middle = np.mean(mine, axis=0)
    limit = float(np.median(np.array(mine) @ middle))
    return {a.unit for a in side.answers if a.id in of and float(of[a.id] @ middle) >= limit}
