"""The order of review, question by question, from what the machine and people said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from opentekst import store
from opentekst.coding.coder import COMBINED, Verdict
from opentekst.coding.words import content_lemmas, same_text
from opentekst.model import Answer, Coding, Normalised
from opentekst.pipeline.deciding import TRIAGE, settled
from opentekst.pipeline.opinions import machine
from opentekst.review.queue import NO_CODE, Candidate, order
from opentekst.store import Paths
from opentekst.study import Study


def queued(study: Study) -> dict[str, list[str]]:
    """Return the order of review of each question, from what the last run made.

    Raises MissingStageError where the answers have not been coded yet.
    """
    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    normalised = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    rows = store.read_rows(work / TRIAGE, "code")
    verdicts = [Verdict(row["answer"], row["probability"], row["automatic"]) for row in rows]
    return queues(study, answers, normalised, machine(study), verdicts, settled(study, answers))


def queues(
    study: Study,
    answers: Sequence[Answer],
    normalised: Mapping[str, Normalised],
    codings: Iterable[Coding],
    verdicts: Iterable[Verdict],
    people: Mapping[str, frozenset[str]],
) -> dict[str, list[str]]:
    """Return per question the answers that people have not settled, in the order of review.

    `people` maps answers to what people settled. Non-answers stay out. Of an answer in
    another language the machine says nothing: it comes with probability 0. Codes are counted
    over all questions of a codebook.
    """
    sure = {verdict.answer: verdict.probability for verdict in verdicts}
    given = {c.answer: frozenset(c.codes) for c in codings if c.coder == COMBINED}
    book = {question.id: question.codebook for question in study.open_questions}
    examples: dict[str | None, Counter[str]] = defaultdict(Counter)
    waiting: dict[str, list[Candidate]] = {question: [] for question in book}
    for answer in answers:
        if answer.id in people:
            examples[book[answer.question]].update(people[answer.id] or {NO_CODE})
        elif "no_answer" not in normalised[answer.id].flags:
            waiting[answer.question].append(
                Candidate(
                    answer.id,
                    likeness_key(normalised[answer.id]),
                    sure.get(answer.id, 0.0),
                    given.get(answer.id, frozenset()),
                )
            )
    return {
        question: order(candidates, examples[book[question]])
        for question, candidates in waiting.items()
    }


def likeness_key(item: Normalised) -> str:
    """Return what nearly identical answers share: their content words, whatever order and form."""
    return " ".join(sorted(set(content_lemmas(item)))) or same_text(item.text)
