"""What a table must own up to: answers that wait for a person, and codes nobody has checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from opentekst.model import Answer, Decision, Table
from opentekst.study import Study, TableSpec


def with_caveats(
    study: Study,
    tables: Sequence[Table],
    answers: Iterable[Answer],
    decisions: Iterable[Decision],
    trusted: Collection[str],
) -> list[Table]:
    """Return the tables, in the order of study.yaml, with a footnote where one is due.

    `decisions` leave out answers without content; `trusted` are the answers that triage
    leaves to the machine.
    """
    question_of = {answer.id: answer.question for answer in answers}
    waiting: Counter[str] = Counter()
    provisional: Counter[str] = Counter()
    for decision in decisions:
        question = question_of[decision.answer]
        waiting[question] += decision.basis == "open"
        provisional[question] += decision.basis == "automatic" and decision.answer not in trusted
    noted = []
    for spec, table in zip(study.file.tables, tables, strict=True):
        asked = _open_questions(study, spec)
        open_, unchecked = (sum(of[q] for q in asked) for of in (waiting, provisional))
        notes = list(table.footnotes)
        if open_:
            notes.append(f"Antwoorden die nog op een mens wachten en niet meetellen: {open_}.")
        if unchecked:
            notes.append(f"Antwoorden met voorlopige codes, door niemand nagekeken: {unchecked}.")
        noted.append(replace(table, footnotes=tuple(notes)))
    return noted


def _open_questions(study: Study, spec: TableSpec) -> set[str]:
    """Return the open questions whose answers a table counts, back-coded ones too."""
    found = set()
    for group in spec.columns:
        for name in group.sources:
            question = study.questions[name]
            if question.kind == "open":
                found.add(name)
            elif question.other is not None:
                found.add(question.other.question)
    return found
