"""One wave's coder on another wave's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from opentekst import store
from opentekst.coding.coder import COMBINED, LEFT_TO_PEOPLE
from opentekst.model import Answer
from opentekst.pipeline.autocoding import coder_of
from opentekst.pipeline.deciding import TRIAGE, settled
from opentekst.pipeline.opinions import base, machine
from opentekst.pipeline.wave_sides import Side
from opentekst.results.drift import Grasp

UNSURE = 0.5
"""Below this chance that all its codes are right, a coder is unsure of an answer."""
ENOUGH = 20


class Seen(NamedTuple):
    """What a coder makes of an answer: codes of its own codebook of today, and how sure it is.

    `taught` answers are among those that the coder learned from, and were judged without it.
    """

    codes: frozenset[str]
    probability: float
    taught: bool = False


def seen_by(side: Side, name: str, answers: Sequence[Answer], of: Side) -> dict[str, Seen]:
    """Return what the coder of a wave, taught by its own people only, makes of other answers.

    `answers` are those of wave `of`, under codebook `name`. Those that say nothing are left out.
    """
    mine = [a for a in side.answers if side.study.questions[a.question].codebook == name]
    mine = [a for a in mine if _sayable(side, a)]
    wanted = [a for a in answers if _sayable(of, a)]
    if not wanted:
        return {}
    people = settled(side.study, mine, for_machine=True)
    coder = coder_of(side.study, name)
    known = set(coder.codes_)
    taught = [a for a in mine if a.id in people]
    coder.fit(
        [side.items[a.id] for a in taught],
        [people[a.id] & known for a in taught],
        questions=[a.question for a in taught],
        unlabelled=[side.items[a.id] for a in mine if a.id not in people],
    )
    items, asked = [of.items[a.id] for a in wanted], [a.question for a in wanted]
    triaged = coder.triaged(coder.judge(items, asked), side.study.file.coding.target, asked)
    fates = base(side.study, name).fates
    return {
        answer.id: Seen(_today(one.codes, fates), one.probability)
        for answer, one in zip(wanted, triaged, strict=True)
    }


def own_codings(side: Side, name: str) -> dict[str, Seen]:
    """Return what the coder of a wave made of its own answers, without having seen people's."""
    given = {c.answer: frozenset(c.codes) for c in machine(side.study) if c.coder == COMBINED}
    rows = {row["answer"]: row for row in store.read_rows(side.work / TRIAGE, "code")}
    return {
        a.id: Seen(given[a.id], float(rows[a.id]["probability"]), rows[a.id]["people"])
        for a in side.answers
        if side.study.questions[a.question].codebook == name and a.id in given and a.id in rows
    }


def grasp(seen: Mapping[str, Seen], answers: Sequence[Answer]) -> Grasp:
    """Count how many of some answers a coder gave no code, and of how many it was unsure.

    Answers that it learned from count only where there are hardly any others.
    """
    mine = [seen[a.id] for a in answers if a.id in seen]
    other = [one for one in mine if not one.taught]
    mine = other if len(other) >= ENOUGH else mine
    return Grasp(
        len(mine),
        sum(not one.codes for one in mine),
        sum(one.probability < UNSURE for one in mine),
    )


def _sayable(side: Side, answer: Answer) -> bool:
    item = side.items[answer.id]
    return bool(item.segments) and not item.flags & LEFT_TO_PEOPLE


def _today(codes: frozenset[str], fates: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    became = (fates.get(code, (code,)) for code in codes)
    return frozenset(one[0] for one in became if len(one) == 1)
