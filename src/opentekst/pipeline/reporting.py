"""The report of a study: read what was made, bring it together, write it down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from opentekst import store
from opentekst.coding.autocoder import LEARN_FROM
from opentekst.model import Estimate
from opentekst.pipeline import report_parts, report_themes
from opentekst.pipeline.agree_says import (
    Group,
    LeftOut,
    cells,
    left_lines,
    pair_line,
    percent,
    worst,
)
from opentekst.pipeline.agree_says import verdict as meaning
from opentekst.pipeline.agreeing import gathered
from opentekst.pipeline.auditing import sample_of
from opentekst.pipeline.deciding import automatic
from opentekst.pipeline.engine import Engine, Progress, silent
from opentekst.pipeline.estimating import Key, blindly_coded, estimates
from opentekst.pipeline.opinions import opinions
from opentekst.pipeline.report_parts import Sight, tables_of
from opentekst.pipeline.sayings import number, share
from opentekst.pipeline.stages import STAGES
from opentekst.results.report import Report, to_bibtex, to_document, to_page
from opentekst.results.report.data import Agreed, Book, Origin, Pick, Shown
from opentekst.results.report.methods import Ran, paragraphs
from opentekst.review.agreement import agreement, masi
from opentekst.review.confusion import confused
from opentekst.review.reliability import Line, Reliability
from opentekst.store import Paths
from opentekst.study import Study

Edition = Literal["internal", "without_answers", "public"]
FOLDER = "report"
PAGE, DOCUMENT, SOURCES = "rapport.html", "rapport.docx", "bronnen.bib"
CONFUSED = 5
"""Pairs of codes that coders confuse most, to be named."""


@dataclass(frozen=True)
class Reported:
    """A report that was written: what is in it, and where."""

    report: Report
    files: tuple[Path, ...]

    @property
    def data(self) -> dict[str, Any]:
        """Figures for machines; no text of an answer."""
        report = self.report
        return {
            "edition": report.edition,
            "units": report.answered,
            "population": len(report.towns),
            "questions": len(report.questions),
            "tables": len(report.tables),
            "themes": len(report.themes),
            "answers": len(report.answers),
            "held_back": list(report.held),
            "sources": list(report.sources),
            "warnings": list(report.warnings),
            "files": [str(path) for path in self.files],
        }


def report(study: Study, edition: Edition, progress: Progress = silent) -> Reported:
    """Write results/report: the page, the same as Word, and the sources as BibTeX.

    Raises MissingStageError where a stage has not run, and what reading the ledgers raises.
    """
    made = assembled(study, edition, progress)
    folder = Paths(study.root).results / FOLDER
    files = {
        folder / PAGE: to_page(made),
        folder / DOCUMENT: to_document(made),
        folder / SOURCES: to_bibtex(made.sources),
    }
    store.write_all(files)
    return Reported(made, tuple(files))


def assembled(study: Study, edition: Edition, progress: Progress = silent) -> Report:
    """Return everything that a report of the study says."""
    sight = Sight(study)
    engine = Engine(study, STAGES)
    with progress("Rapport samenstellen", 5) as step:
        tables = sight.tables
        guessed = estimates(study)
        step(1)
        groups, left = _agreement(study, sight)
        step(1)
        heard, pick = report_themes.heard(study, sight.least if edition == "public" else 0)
        step(1)
        listed, held = report_parts.answers_listed(sight)
        step(1)
        provinces = sorted({town.province for town in sight.towns})
        shares = report_parts.splits(sight, provinces)
        step(1)
    ran = _ran(sight, engine, guessed, groups, pick)
    return Report(
        title=study.file.study,
        day=study.file.date.strftime("%d-%m-%Y"),
        edition=edition,
        towns=sight.towns,
        respondents=ran.respondents,
        questions=report_parts.questions(sight),
        tables=tuple(_shown(study, tables, guessed)),
        themes=heard,
        pick=pick,
        codes=report_parts.code_names(study),
        answers=listed if edition == "internal" else (),
        splits=shares,
        agreed=tuple(_agreed(group) for group in groups),
        disagreements=tuple(pair_line(*pair) for pair in worst(groups, CONFUSED)),
        coded=report_parts.coded(sight),
        left_out=tuple(_left_out(engine, sight, guessed, left)),
        held=tuple(_held(sight, shares, held, edition)),
        methods=paragraphs(ran),
        origin=_origin(study, engine),
        warnings=tuple(_warnings(study, engine)),
    )


def _shown(study: Study, tables: Iterable[Any], found: Mapping[Key, Estimate]) -> Iterable[Shown]:
    asked = tables_of(study)
    for table in tables:
        mine = {
            (cell.group, cell.category): found[table.number, cell.group, cell.category]
            for cell in table.cells
            if not cell.hidden and (table.number, cell.group, cell.category) in found
        }
        yield Shown(table, mine, asked.get(table.number, frozenset()))


def _agreement(study: Study, sight: Sight) -> tuple[list[Group], list[LeftOut]]:
    """Return how far coders agree on each question as a whole, and what does not count there."""
    present = {answer.id for answer in sight.answers}
    found, left = [], []
    for question in study.open_questions:
        one = gathered(study, question.id, present)
        left.append(one.left)
        if not one.answers:
            continue
        given = {a.answer: a.codes for a in one.answers}
        whole = agreement([[*codes.values()] for codes in given.values()], masi, study.file.seed)
        line = Line("whole", "", whole.units, whole.alpha, whole.percent)
        coders = tuple(sorted({who for codes in given.values() for who in codes}))
        found.append(
            Group(
                question.id, question.text, (question.id,), study.codebook(question.id), given,
                Reliability(whole.units, coders, (line,)), tuple(confused(given)), one.left,
            )
        )  # fmt: skip
    return found, left


def _agreed(group: Group) -> Agreed:
    line = group.found.whole
    alpha, ends = cells(line.alpha)
    same = "–" if line.percent.value is None else percent(line.percent.value)
    said = meaning(line.alpha, line.units)
    return Agreed(group.title, line.units, len(group.found.coders), alpha, ends, same, said)


def _ran(
    sight: Sight,
    engine: Engine,
    guessed: Mapping[Key, Estimate],
    groups: Sequence[Group],
    pick: Pick,
) -> Ran:
    study = sight.study
    lock = _lock(study)
    people = {c.answer for c in opinions(study).codings}
    by_machine = {d.answer for d in sight.decided.values() if d.basis == "automatic"}
    sure = by_machine & automatic(study)
    books = Counter(study.questions[a.question].codebook for a in sight.answers if a.id in people)
    topics = engine.last("topics")
    embedder = lock.get("code", {}).get("inputs", {}).get("embedder", "")
    samples = [sample_of(study, q.id) for q in study.open_questions]
    drawn = {answer for sample in samples if sample for answer in sample.answers}
    tables = study.file.tables
    return Ran(
        population=len(sight.towns),
        units=len(sight.counted.units),
        respondents=engine.last("read").get("kept", 0),
        answers=len(sight.answers),
        merged=sum(len(r.respondents) > 1 for r in sight.responses),
        pipeline=engine.last("normalise").get("pipeline", ""),
        embedder=embedder,
        coders=len({c.coder for c in opinions(study).codings}),
        double_coded=len({a for group in groups for a in group.answers}),
        coded_by_people=len(people),
        coded_by_machine=len(sure),
        provisional=len(by_machine - sure),
        learned=max(books.values(), default=0) >= LEARN_FROM,
        triage=bool(sure),
        target=study.file.coding.target,
        blind=len(drawn & blindly_coded(opinions(study).codings)),
        topics=any(topics.get("topics", {}).values()),
        clustered=any("UMAP" in text for text in topics.get("method", {}).values()),
        methods=frozenset(one.method for one in guessed.values()),
        tested=any(table.test for table in tables),
        weighted=any(table.weight for table in tables),
        threshold=study.file.disclosure.threshold,
        chosen=bool(pick.rows),
        masked=engine.last("normalise").get("names_removed", 0),
    )


def _left_out(
    engine: Engine, sight: Sight, guessed: Mapping[Key, Estimate], left: Sequence[LeftOut]
) -> Iterable[str]:
    read = engine.last("read")
    for rule, count in read.get("removed", {}).items():
        if count:
            yield f"{number(count)} responsen: {rule}"
    silent = [a for a in sight.answers if sight.silent(a)]
    if silent:
        yield (
            f"{number(len(silent))} van de {number(len(sight.answers))} open antwoorden zeggen"
            " niets (“nvt”, “/”, “geen idee”): zij tellen in geen basis"
        )
    waiting = sum(d.basis == "open" for d in sight.decided.values())
    if waiting:
        yield (
            f"{number(waiting)} antwoorden wachten nog op een mens of op een arbiter: tot dan"
            " tellen ze in geen tabel"
        )
    foreign = engine.last("normalise").get("not_dutch", 0)
    if foreign:
        yield f"{number(foreign)} antwoorden in een andere taal codeert de machine niet"
    hidden = sum(cell.hidden for table in sight.tables for cell in table.cells)
    if hidden:
        yield f"{number(hidden)} cellen van tabellen zijn niet afgedrukt (·): te weinig gemeenten"
    unsure = sum(one.method == "none" for one in guessed.values())
    if unsure:
        yield f"bij {number(unsure)} percentages is de blinde steekproef te klein voor een interval"
    yield from (
        f"bij de overeenkomst tussen codeurs: {line.removeprefix('  – ')}"
        for line in left_lines(left)[1:]
        if line.startswith("  – ")
    )


def _held(
    sight: Sight, shares: Sequence[Any], held: Sequence[str], edition: Edition
) -> Iterable[str]:
    if edition == "internal":
        yield from held
        yield (
            "Een kenmerk staat bij een antwoord alleen waar minstens"
            f" {sight.least} gemeenten het delen op die vraag; de naam van de gemeente nooit."
        )
    elif edition == "without_answers":
        yield "De lijst van antwoorden is weggelaten (--no-answers)."
    else:
        yield (
            "De lijst van antwoorden is weggelaten, en bij thema’s van minder dan"
            f" {sight.least} gemeenten staan geen citaten (--public)."
        )
    hidden = sum(value is None for row in shares for value in row.shares)
    if hidden:
        yield (
            f"{number(hidden)} aandelen per provincie staan er niet: ze gaan over minder dan"
            f" {sight.least} gemeenten, of zouden zo’n getal verraden."
        )


def _warnings(study: Study, engine: Engine) -> Iterable[str]:
    stale = [stage.title for stage in STAGES if not engine.fresh(stage)]
    if stale:
        yield (
            f"Niet alles is bij: {', '.join(stale)}. Doe eerst opentekst run, en maak dit rapport"
            " dan opnieuw."
        )
    if study.file.coding.unreviewed == "count":
        yield (
            "Voorlopige codes van de machine tellen mee, ook waar niemand ze nakeek (coding:"
            " unreviewed: count in study.yaml)."
        )


def _origin(study: Study, engine: Engine) -> Origin:
    lock = _lock(study)
    inputs = [(name, value) for stage in lock.values() for name, value in stage["inputs"].items()]
    packages = {
        name: value
        for name, value in inputs
        if " " not in name and re.fullmatch(r"\d+(\.\w+)+", value) and name != "opentekst"
    }
    files = {
        f"{stage}: {path}": digest
        for stage, entry in lock.items()
        for path, digest in entry["outputs"].items()
        if path.startswith("data/work/")
    }
    export = lock.get("read", {}).get("inputs", {}).get("export", "")
    source = {f"bronbestand: {study.file.source.file}": export} if export else {}
    books = [
        Book(name, book.title, book.version, book.fingerprint, len(book.active))
        for name, book in study.codebooks.items()
    ]
    known = dict(inputs)
    return Origin(
        tuple({**source, **files}.items()),
        tuple(sorted(packages.items(), key=lambda pair: pair[0].casefold())),
        tuple(books),
        engine.last("normalise").get("pipeline", ""),
        known.get("embedder", ""),
        study.file.seed,
        known.get("opentekst", ""),
    )


def _lock(study: Study) -> Mapping[str, Any]:
    content = store.read_json(Paths(study.root).lock)
    return content["stages"] if isinstance(content, dict) and "stages" in content else {}


def report_lines(made: Reported) -> list[str]:
    """Say what is in a report, what was held back, and how to make one to publish."""
    one = made.report
    kinds = {
        "internal": f"{number(len(one.answers))} gepseudonimiseerde antwoorden, intern gebruik",
        "without_answers": "zonder de lijst van antwoorden",
        "public": "om te publiceren: zonder de lijst van antwoorden",
    }
    lines = [
        f"{number(one.answered)} van de {number(len(one.towns))} gemeenten"
        f" ({share(one.answered, len(one.towns))}), {len(one.questions)} vragen,"
        f" {len(one.tables)} tabellen, {len(one.themes)} thema's; {kinds[one.edition]}",
        *(f"LET OP {line}" for line in one.warnings),
        *(f"  – {line}" for line in one.held),
        *(f"Bewaard in {path}" for path in made.files),
    ]
    if one.edition == "internal":
        lines.append("Verder: open rapport.html; om te publiceren: opentekst report --public")
    else:
        lines.append("Verder: open rapport.html, of bewerk rapport.docx in Word")
    return lines
