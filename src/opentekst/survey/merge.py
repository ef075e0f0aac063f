"""Several respondents of one unit become one response; every conflict is a Finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from opentekst.errors import DataError
from opentekst.model import Finding, Response
from opentekst.study import Question, StudyFile
from opentekst.survey.respondents import Respondent, clean_choice

UNTICKED = frozenset({"", "0", "nee", "no", "false", "not selected", "niet aangeduid", "off"})


def merge_unit(
    unit: str, respondents: Sequence[Respondent], file: StudyFile, source: str
) -> tuple[Response, list[Finding]]:
    """Return the one response of a unit, and a Finding for each conflict settled.

    Multiple-answer items are united. Of a single-answer item the value counts that the
    respondents responsible for its section gave; failing that the most frequent value;
    failing that the value of the most complete, then earliest response. Raises DataError
    for a value that study.yaml does not list.
    """
    responsible = {section.id: set(section.responsible) for section in file.sections}
    single: dict[str, str] = {}
    multiple: dict[str, frozenset[str]] = {}
    findings: list[Finding] = []
    for question in file.questions:
        first = responsible.get(question.section, set())
        if question.kind == "multiple":
            codes, conflict = _united(question, respondents)
            if codes:
                multiple[question.id] = codes
            if conflict:
                findings.append(
                    Finding("tegenspraak", source, respondents[0].row, question.id, conflict)
                )
        elif question.kind in ("single", "matrix"):
            for name, column in single_items(question).items():
                given = _given(column, question, respondents, source)
                if not given:
                    continue
                single[name], how = _settle(given, first)
                if how:
                    rows = ", ".join(str(respondent.row) for respondent in given)
                    values = " / ".join(dict.fromkeys(given.values()))
                    note = f"{values} (rijen {rows}): '{single[name]}' telt, {how}"
                    row = next(iter(given)).row
                    findings.append(Finding("tegenspraak", source, row, column, note))
    return Response(unit, tuple(r.id for r in respondents), single, multiple), findings


def single_items(question: Question) -> Mapping[str, str]:
    """Return the single-answer items of a question: name in a Response → column.

    A matrix item is called `question.item`.
    """
    if question.kind == "matrix":
        return {f"{question.id}.{item.id}": item.column for item in question.items}
    return {question.id: question.column}


def _united(question: Question, respondents: Sequence[Respondent]) -> tuple[frozenset[str], str]:
    codes = {
        choice.code
        for choice in question.choices
        for respondent in respondents
        if clean_choice(str(respondent.cells[choice.column])).casefold() not in UNTICKED
    }
    alone = {choice.code: choice.label for choice in question.choices if choice.exclusive}
    clash = codes & alone.keys()
    if clash and codes - alone.keys():
        labels = ", ".join(alone[code] for code in sorted(clash))
        return frozenset(codes - clash), f"'{labels}' naast andere keuzes: telt niet"
    return frozenset(codes), ""


def _given(
    column: str, question: Question, respondents: Sequence[Respondent], source: str
) -> dict[Respondent, str]:
    listed = {value.casefold(): value for value in question.values}
    given: dict[Respondent, str] = {}
    for respondent in respondents:
        cell = clean_choice(str(respondent.cells[column]))
        if not cell:
            continue
        if cell.casefold() not in listed:
            raise DataError(
                f"deze waarde hoort niet bij vraag '{question.id}'",
                place=f"{source}, rij {respondent.row}, kolom '{column}'",
                found=cell if cell.isdigit() else f"tekst van {len(cell)} tekens",
                remedy="Vul 'values' in study.yaml aan zoals Qualtrics de keuze schrijft; staan er"
                " cijfers, exporteer dan met keuzeteksten ('Use choice text').",
            )
        given[respondent] = listed[cell.casefold()]
    return given


def _settle(given: Mapping[Respondent, str], responsible: set[str]) -> tuple[str, str]:
    """Return the value that counts and, in Dutch, why; no reason where all agree."""
    counts = Counter(given.values())
    if len(counts) == 1:
        return next(iter(counts)), ""
    owners = {value for respondent, value in given.items() if respondent.role in responsible}
    if len(owners) == 1:
        return owners.pop(), "van wie dit onderdeel volgt"
    (value, most), (_, second) = counts.most_common(2)
    if most > second:
        return value, "door de meesten gegeven"
    leading = {value for value, n in counts.items() if n == most}
    best = min(
        (r for r, value in given.items() if value in leading),
        key=lambda r: (-r.progress, r.recorded, r.id),
    )
    return given[best], "uit de volledigste en eerste respons"
