"""The whole of room 1: from a file to answers, responses and a cleaning log."""

from __future__ import annotations

from dataclasses import dataclass

from opentekst.model import Answer, Finding, Response, answer_id
from opentekst.study import Study
from opentekst.survey.export import read_export
from opentekst.survey.merge import merge_unit
from opentekst.survey.places import places_on
from opentekst.survey.respondents import Respondent, keep_respondents


@dataclass(frozen=True)
class CleaningLog:
    """What came in, what each rule removed, what was merged, and every finding.

    `received`, `kept` and the numbers in `removed` count responses; `units` and
    `population` count municipalities; `merged` counts municipalities with more than one
    respondent.
    """

    source: str
    kind: str
    received: int
    removed: tuple[tuple[str, int], ...]
    kept: int
    merged: int
    units: int
    population: int
    answers: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Survey:
    """What `read` yields."""

    responses: tuple[Response, ...]
    answers: tuple[Answer, ...]
    log: CleaningLog


def read_survey(study: Study) -> Survey:
    """Read the study's export: one Response a unit, and every open answer by itself.

    Responses are ordered by unit (NIS code), answers by question and then respondent.
    Raises DataError for input that cannot be trusted.
    """
    file = study.file
    export = read_export(study.root / file.source.file, file.source.format, file.source.missing)
    places = places_on(file.date)
    source = file.source.file
    kept = keep_respondents(export.frame, file, places, source)
    by_unit: dict[str, list[Respondent]] = {}
    for respondent in sorted(kept.respondents, key=lambda r: (r.unit, r.recorded, r.id)):
        by_unit.setdefault(respondent.unit, []).append(respondent)
    responses: list[Response] = []
    findings = list(kept.findings)
    for unit, group in by_unit.items():
        response, conflicts = merge_unit(unit, group, file, source)
        responses.append(response)
        findings.extend(conflicts)
    answers = _answers(study, kept.respondents)
    log = CleaningLog(
        source=source,
        kind=export.kind,
        received=len(export.frame),
        removed=kept.removed,
        kept=len(kept.respondents),
        merged=sum(len(group) > 1 for group in by_unit.values()),
        units=len(responses),
        population=len(places.municipalities),
        answers=len(answers),
        findings=tuple(sorted(findings, key=lambda f: (f.row or 0, f.kind, f.column))),
    )
    return Survey(tuple(responses), answers, log)


def _answers(study: Study, respondents: tuple[Respondent, ...]) -> tuple[Answer, ...]:
    return tuple(
        Answer(answer_id(r.id, question.id), r.id, r.unit, question.id, text)
        for question in study.open_questions
        for r in sorted(respondents, key=lambda r: r.id)
        if (text := str(r.cells[question.column])).strip()
    )
