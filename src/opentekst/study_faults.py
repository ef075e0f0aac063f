"""References in study.yaml that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentekst.study import Question, StudyFile


def closed_ids(questions: Iterable[Question]) -> frozenset[str]:
    """Return what `context` may name: single and multiple questions, and items of a matrix."""
    return frozenset(
        name
        for q in questions
        if q.kind != "open"
        for name in ([f"{q.id}.{item.id}" for item in q.items] if q.items else [q.id])
    )


Fault = tuple[str, str, tuple[str | int, ...]]
"""What is wrong, the value found, and the way to it in the file."""


def faults(file: StudyFile) -> Iterator[Fault]:
    """Yield what in study.yaml refers to something that does not exist: problem, value, place."""
    yield from _question_faults(file)
    yield from _context_faults(file)
    yield from _table_faults(file)
    yield from _theme_faults(file)
    yield from _wave_faults(file)


def _question_faults(file: StudyFile) -> Iterator[Fault]:
    known: set[str] = set()
    sections = {section.id for section in file.sections}
    opens = {q.id for q in file.questions if q.kind == "open"}
    for i, question in enumerate(file.questions):
        if question.id in known:
            yield "deze vraag staat er twee keer", question.id, ("questions", i)
        known.add(question.id)
        if question.section and question.section not in sections:
            yield "dit onderdeel bestaat niet", question.section, ("questions", i, "section")
        if question.other and question.other.question not in opens:
            found = question.other.question
            yield "deze open vraag bestaat niet", found, ("questions", i, "other")
        if question.other and question.other.choice not in {c.code for c in question.choices}:
            yield "deze keuze bestaat niet", question.other.choice, ("questions", i, "other")


def _context_faults(file: StudyFile) -> Iterator[Fault]:
    known = closed_ids(file.questions)
    places: list[tuple[tuple[str, ...], tuple[str | int, ...]]] = [
        (file.review.context, ("review", "context")),
        *((q.context, ("questions", i, "context")) for i, q in enumerate(file.questions)),
    ]
    for names, place in places:
        for name in names:
            if name not in known:
                yield "deze gesloten vraag bestaat niet", name, place


def _wave_faults(file: StudyFile) -> Iterator[Fault]:
    for i, wave in enumerate(file.waves):
        if wave.id in {one.id for one in file.waves[:i]}:
            yield "deze golf staat er twee keer", wave.id, ("waves", i, "id")
        if wave.study in {one.study for one in file.waves[:i]}:
            yield "twee golven staan in dezelfde map", wave.study, ("waves", i, "study")


def _table_faults(file: StudyFile) -> Iterator[Fault]:
    questions = {question.id: question for question in file.questions}
    for i, table in enumerate(file.tables):
        for group in table.columns:
            for name in group.sources:
                if name not in questions:
                    problem = f"tabel {table.number} telt een vraag die niet bestaat"
                    yield problem, name, ("tables", i)
        if 0 < table.cutoff <= file.disclosure.threshold:
            problem = f"tabel {table.number}: 'cutoff' moet groter zijn dan 'disclosure: threshold'"
            yield problem, str(table.cutoff), ("tables", i, "cutoff")
        by = questions.get(table.by)
        if by and by.kind not in ("single", "multiple"):
            problem = f"tabel {table.number} splitst op een vraag zonder keuzes"
            yield problem, table.by, ("tables", i, "by")
        if by and by.kind == "multiple" and table.test:
            problem = f"tabel {table.number} toetst groepen die elkaar overlappen"
            yield problem, table.by, ("tables", i, "test")


def _theme_faults(file: StudyFile) -> Iterator[Fault]:
    questions = {question.id: question for question in file.questions}
    for i, name in enumerate(file.themes.questions):
        if name not in questions or questions[name].kind != "open":
            yield "deze open vraag bestaat niet", name, ("themes", "questions", i)
    for theme, helps in file.themes.helps.items():
        for i, ref in enumerate(helps):
            name, _, value = ref.partition("=")
            question = questions.get(name.partition(".")[0])
            place = ("themes", "helps", theme, i)
            if question is None or (question.kind == "matrix") != ("." in name):
                yield "deze vraag bestaat niet (schrijf vraag=antwoord)", ref, place
            elif question.kind != "open" and value not in _values(question):
                yield f"vraag '{name}' heeft dit antwoord niet", value or ref, place


def _values(question: Question) -> frozenset[str]:
    """Return the values or codes that may be chosen under a closed question."""
    return frozenset(question.values or (choice.code for choice in question.choices))
