"""All answers under one codebook: the machine's codings, and which of them may be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from opentekst.coding.autocoder import AutoCoder
from opentekst.coding.learned import HeldOut, Judged
from opentekst.model import Coding, Normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RULES = "rule:keywords"
COMBINED = "model:combined"
LEFT_TO_PEOPLE = frozenset({"no_answer", "not_dutch"})


class Verdict(NamedTuple):
    """How sure the machine is of one answer's whole code set, and whether it has the say.

    `rules` are sentences on the rules that spoke. `people` says that people settled the
    answer; then `right` says whether the machine, which had not seen it, gave the same set,
    and `covered` whether every segment was explained. Both are None where it learned nothing.
    """

    answer: str
    probability: float
    automatic: bool
    rules: tuple[str, ...] = ()
    right: bool | None = None
    covered: bool | None = None
    people: bool = False


class Lesson(NamedTuple):
    """An answer of an earlier wave that people coded: it teaches, and is itself not coded."""

    item: Normalised
    question: str
    codes: frozenset[str]


class Coded(NamedTuple):
    """What the machine made of the answers under one codebook."""

    codings: list[Coding]
    verdicts: list[Verdict]
    learned_from: int


def code_answers(
    items: Sequence[Normalised],
    questions: Sequence[str],
    people: Mapping[str, frozenset[str]],
    coder: AutoCoder,
    target: float = 0.80,
    lessons: Sequence[Lesson] = (),
) -> Coded:
    """Teach `coder` what people settled on, and let it code all answers.

    `people` maps answer ids to codes, `questions` names each answer's question. Every answer
    with content gets two codings: by the codebook's keywords alone, and the machine's
    combined opinion; of an answer that people coded, that of a coder that had not seen it.
    Non-answers and answers in another language get none. Of `lessons` the coder learns too, but
    how far it may be trusted is measured on the answers here.
    """
    kept = [
        (item, question)
        for item, question in zip(items, questions, strict=True)
        if item.segments and not item.flags & LEFT_TO_PEOPLE
    ]
    if not kept:
        return Coded([], [], 0)
    mine, asked = [item for item, _ in kept], [question for _, question in kept]
    coded = [row for row, item in enumerate(mine) if item.answer in people]
    known = set(coder.codes_)
    taught = [mine[row] for row in coded] + [one.item for one in lessons]
    coder.fit(
        taught,
        [people[mine[row].answer] & known for row in coded] + [one.codes for one in lessons],
        questions=[asked[row] for row in coded] + [one.question for one in lessons],
        unlabelled=[item for item in mine if item.answer not in people],
    )
    coder.measure_on(len(coded))
    judged = coder.judge(mine, asked)
    verdicts = [
        Verdict(
            item.answer,
            round(one.probability, 4),
            one.automatic,
            coder.rule_reasons(item),
            people=item.answer in people,
        )
        for item, one in zip(mine, coder.triaged(judged, target, asked), strict=True)
    ]
    if coder.learned_ is not None:
        held = coder.held_out([mine[row] for row in coded])
        judged = _with_held_out(judged, coded, held)
        for place, row in enumerate(coded):
            verdicts[row] = verdicts[row]._replace(
                probability=round(float(held.sure[place]), 4),
                automatic=False,
                right=bool(held.right[place]),
                covered=bool(held.covered[place]),
            )
    codings = list(_codings(mine, coder, judged))
    return Coded(codings, verdicts, len(taught) if coder.learned_ is not None else 0)


def _with_held_out(judged: Judged, coded: Sequence[int], held: HeldOut) -> Judged:
    """Return the judgement with, for coded answers, that of a coder that had not seen them."""
    probability, given = judged.probability.copy(), judged.given.copy()
    probability[coded], given[coded] = held.probability, held.given
    return judged._replace(probability=probability, given=given)


def _codings(items: Sequence[Normalised], coder: AutoCoder, judged: Judged) -> Iterable[Coding]:
    witness = coder.witness(items, judged)
    assert coder.codebook is not None
    for row, item in enumerate(items):
        hits = [code for code in coder.codes_ if code in witness.hits[row]]
        implied = {above for code in hits for above in coder.codebook.ancestors(code)}
        by_rule = {code: 1.0 for code in hits if code not in implied}
        combined = _scores(coder.codes_, judged.probability[row], judged.given[row])
        for name, scores in ((RULES, by_rule), (COMBINED, combined)):
            yield Coding(
                answer=item.answer,
                codes=tuple(scores),
                coder=name,
                score=tuple(scores.values()),
                evidence=witness.spans(row, scores),
                codebook=coder.codebook.ref,
            )


def _scores(
    codes: Sequence[str], probability: NDArray[np.float64], given: NDArray[np.bool_]
) -> dict[str, float]:
    return {
        code: round(float(chance), 4)
        for code, chance, own in zip(codes, probability, given, strict=True)
        if own
    }
