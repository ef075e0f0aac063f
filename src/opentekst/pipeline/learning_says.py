"""What a run learned since the last one, and how many reviews would bring the target near."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from opentekst import store
from opentekst.coding.coder import COMBINED, Coded, Verdict
from opentekst.errors import OpentekstError
from opentekst.model import Answer, Coding, Normalised
from opentekst.pipeline.deciding import TRIAGE
from opentekst.pipeline.opinions import machine
from opentekst.pipeline.queueing import queues
from opentekst.pipeline.sayings import number, share
from opentekst.store import Paths
from opentekst.study import Study


class Before(NamedTuple):
    """The earlier outcome: the machine's codes, and who has the say, by answer."""

    codes: Mapping[str, frozenset[str]]
    automatic: frozenset[str]
    people: frozenset[str]


class Changes(NamedTuple):
    """What became of the answers that were coded before too; counts of answers.

    `settled` by people since, and `reopened`. Of those that people have not settled: how
    many the machine gave other codes, and how many came to the machine and back to people.
    """

    settled: int
    reopened: int
    recoded: int
    to_machine: int
    to_people: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The changes in Dutch."""
        if not any(self):
            return ("Sinds de vorige keer: geen enkel antwoord veranderde",)
        reopened = f", {number(self.reopened)} kwamen er weer open" if self.reopened else ""
        return (
            f"Sinds de vorige keer: mensen beslisten over {number(self.settled)} antwoorden"
            f" meer{reopened}",
            f"  van de andere gaf de machine er {number(self.recoded)} andere codes;"
            f" {number(self.to_machine)} gingen van mensen naar de machine,"
            f" {number(self.to_people)} van de machine naar mensen",
        )


class Reach(NamedTuple):
    """How near a question is to the target.

    `expected_if_all_counted` is the expected share of answers whose whole set is right, what
    people settled being right. With `reviews_to_target` more answers reviewed, in the order
    of the queue, it reaches the target. Both are None where nothing tells how good the
    machine is.
    """

    expected_if_all_counted: float | None
    reviews_to_target: int | None


def before(study: Study) -> Before | None:
    """Read what the stage made the last time, in the codes of today.

    None where there is nothing, or nothing that can still be read: the stage is about to
    make it anew.
    """
    try:
        rows = store.read_rows(Paths(study.root).work / TRIAGE, "code")
        codes = {c.answer: frozenset(c.codes) for c in machine(study) if c.coder == COMBINED}
        return Before(
            codes,
            frozenset(row["answer"] for row in rows if row["automatic"]),
            frozenset(row["answer"] for row in rows if row.get("people", row["right"] is not None)),
        )
    except (OpentekstError, KeyError):
        return None


def changes(earlier: Before, codings: Iterable[Coding], verdicts: Iterable[Verdict]) -> Changes:
    """Compare the earlier outcome with that of now, over the answers that both hold."""
    codes = {c.answer: frozenset(c.codes) for c in codings if c.coder == COMBINED}
    both = [verdict for verdict in verdicts if verdict.answer in earlier.codes]
    left = [verdict for verdict in both if not verdict.people]
    trusted, people = earlier.automatic, earlier.people
    return Changes(
        sum(v.people and v.answer not in people for v in both),
        sum(v.answer in people for v in left),
        sum(codes[v.answer] != earlier.codes[v.answer] for v in left),
        sum(v.automatic and v.answer not in trusted | people for v in left),
        sum(not v.automatic and v.answer in trusted for v in left),
    )


def reaches(
    study: Study,
    answers: Sequence[Answer],
    normalised: Mapping[str, Normalised],
    codings: Iterable[Coding],
    verdicts: Sequence[Verdict],
    settled: Mapping[str, frozenset[str]],
    coded: Mapping[str, Coded],
) -> dict[str, Reach]:
    """Return how near each question with answers is to the target."""
    sure = {verdict.answer: verdict.probability for verdict in verdicts}
    queue = queues(study, answers, normalised, codings, verdicts, settled)
    found: dict[str, Reach] = {}
    for question in study.open_questions:
        people = sum(
            a.id in settled and "no_answer" not in normalised[a.id].flags
            for a in answers
            if a.question == question.id
        )
        chances = [sure.get(answer, 0.0) for answer in queue[question.id]]
        if not coded[question.codebook].learned_from or not people + len(chances):
            found[question.id] = Reach(None, None)
            continue
        found[question.id] = Reach(
            round(expected(chances, people), 4),
            reviews_needed(chances, people, study.file.coding.target),
        )
    return found


def expected(chances: Sequence[float], people: int) -> float:
    """Return the expected share of right sets: of `people` all, of the others by chance.

    >>> expected([0.5, 0.75, 0.75], 1)
    0.75
    """
    return (people + fsum(chances)) / (people + len(chances))


def reviews_needed(chances: Sequence[float], people: int, target: float) -> int:
    """Return how many reviews, from the first on, bring the expected share to the target.

    `chances` are those of the machine's sets, in the order of review; a reviewed answer is
    right. The machine is taken to learn nothing from them, so it is rather too many.

    >>> reviews_needed([0.25, 0.5, 0.75], 1, 0.8)
    1
    """
    return bisect_left(
        range(len(chances)),
        True,
        key=lambda reviews: expected(chances[reviews:], people + reviews) >= target,
    )


def reach_lines(reach: Mapping[str, Reach], study: Study) -> list[str]:
    """Say what the target asks of people, question by question."""
    goal = share(round(study.file.coding.target * 1000), 1000)
    lines, reached = [], []
    for question, one in reach.items():
        if one.expected_if_all_counted is None:
            continue
        if not one.reviews_to_target:
            reached.append(question)
            continue
        now = share(round(one.expected_if_all_counted * 1000), 1000)
        lines.append(
            f"{question}: nu naar verwachting {now} juist als alles meetelt; nog"
            f" {number(one.reviews_to_target)} antwoorden nakijken (in de volgorde van 'opentekst"
            f" review push') brengt dat op {goal}"
        )
    if reached:
        lines.append(f"Naar verwachting al {goal} juist als alles meetelt: {', '.join(reached)}")
    return lines
