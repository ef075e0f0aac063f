"""What each stage depends on and makes: read → normalise → code → topics → tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.model import Decision, Normalised, Table
from opentekst.pipeline.autocoding import code, code_inputs
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.caveats import with_caveats
from opentekst.pipeline.deciding import TRIAGE, automatic, decide, people
from opentekst.pipeline.engine import Made, Progress, Stage
from opentekst.pipeline.estimating import (
    estimate_csv,
    estimate_inputs,
    estimate_lines,
    estimates,
    intervals,
)
from opentekst.pipeline.exporting import export_inputs, export_lines, exports
from opentekst.pipeline.hashes import codebook_hashes, ledger_hashes, program, text_hash
from opentekst.pipeline.masking import KEY, updated_key
from opentekst.pipeline.topic_stage import topics, topics_inputs
from opentekst.pipeline.unit_facts import facts_inputs, unit_facts
from opentekst.store import Paths, file_hash
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.language import Lexicon
    from opentekst.results.tables import Counted


def read_inputs(study: Study) -> Mapping[str, str]:
    """The export, the part of study.yaml that describes it, and this program."""
    settings = study.file.model_dump_json(
        include={"date", "source", "respondents", "units", "sections", "questions"}
    )
    return {
        "export": file_hash(study.root / study.file.source.file),
        "study.yaml": text_hash(settings),
        **program("pandas", "pyreadstat"),
    }


def read(study: Study, _progress: Progress) -> Made:
    """Read the export: one response a municipality, every open answer by itself."""
    from opentekst.pipeline.sayings import cleaning_csv, cleaning_lines
    from opentekst.survey import read_survey

    survey = read_survey(study)
    paths = Paths(study.root)
    log = survey.log
    data = {
        "received": log.received,
        "removed": dict(log.removed),
        "kept": log.kept,
        "units": log.units,
        "population": log.population,
        "answers": log.answers,
        "findings": len(log.findings),
    }
    lines = cleaning_lines(log)
    return Made(
        {
            paths.work / "responses.jsonl": store.jsonl(survey.responses),
            paths.work / "answers.jsonl": store.jsonl(survey.answers),
            paths.results / "opschoning.csv": cleaning_csv(log.findings),
            paths.results / "opschoning.txt": "".join(f"{line}\n" for line in lines).encode(),
        },
        tuple(lines),
        data,
    )


def normalise_inputs(study: Study) -> Mapping[str, str]:
    """The answers, what each question asks for, and the pipeline that will run."""
    from opentekst.language import resolve

    prompts = json.dumps({q.id: q.prompt for q in study.open_questions})
    lexicon = lexicon_of(study)
    return {
        "answers": file_hash(Paths(study.root).work / "answers.jsonl"),
        "prompts": text_hash(prompts),
        "pipeline": str(resolve(study.file.pipeline)),
        "abbreviations": lexicon.abbreviations.fingerprint,
        "keywords": text_hash("\n".join(lexicon.keywords)),
        "places": text_hash("\n".join(lexicon.places)),
        **program("spacy", "simplemma", "symspellpy", "py3langid", "phonenumbers"),
    }


def lexicon_of(study: Study) -> Lexicon:
    """What the study says of words: its codebooks' keywords and its abbreviations."""
    from opentekst.language import Abbreviations, Lexicon
    from opentekst.survey.places import places_on

    codes = [code for book in study.codebooks.values() for code in book.active]
    keywords = {text for code in codes for text in (*code.keywords, code.label)}
    units = places_on(study.file.date).municipalities.values()
    return Lexicon(
        tuple(sorted(keywords)),
        tuple(sorted({unit.name for unit in units})),
        Abbreviations.of_study(study.root),
    )


def normalise(study: Study, progress: Progress) -> Made:
    """Clean, lemmatise and segment every open answer."""
    from opentekst.language import normalise_answers, resolve
    from opentekst.pipeline.sayings import normalise_lines

    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    lines = _offer_download(study)
    pipeline = resolve(study.file.pipeline)
    prompts = {q.id: q.prompt for q in study.open_questions}
    with progress("Antwoorden normaliseren", len({a.text for a in answers})) as step:
        normalised = normalise_answers(
            answers, prompts, pipeline, step, lexicon_of(study), Cache(work / "normalise.sqlite")
        )
    said, counts = normalise_lines(normalised, str(pipeline))
    made = {
        work / "normalised.jsonl": store.jsonl(normalised),
        work / KEY: updated_key(work / KEY, answers, normalised),
    }
    return Made(made, (*lines, *said), counts)


def _offer_download(study: Study) -> list[str]:
    """Try once per study to fetch the pipeline that the study asks for."""
    from opentekst.language import resolve, try_download

    wanted = study.file.pipeline
    tried = Paths(study.root).work / "download_tried"
    if resolve(wanted).name == wanted:
        return []
    if not tried.exists():
        got = try_download(wanted)
        store.write_all({tried: f"{wanted}\n".encode()})
        if got:
            return [f"{wanted} is gedownload"]
    return [
        f"{wanted} is hier niet geïnstalleerd en niet te downloaden;"
        f" {resolve(wanted).name} doet het werk (installeer {wanted} om te wisselen)"
    ]


def tables_inputs(study: Study) -> Mapping[str, str]:
    """Everything that the tables count, and which tables are asked for."""
    work = Paths(study.root).work
    settings = study.file.model_dump_json(
        include={"study", "questions", "tables", "review", "date", "coding", "disclosure"}
    )
    return {
        "responses": file_hash(work / "responses.jsonl"),
        "answers": file_hash(work / "answers.jsonl"),
        "normalised": file_hash(work / "normalised.jsonl"),
        "codings": file_hash(work / "codings.jsonl"),
        "triage": file_hash(work / TRIAGE),
        **codebook_hashes(study),
        **ledger_hashes(study),
        **facts_inputs(study),
        "study.yaml": text_hash(settings),
        "compare": file_hash(study.root / study.file.compare) if study.file.compare else "",
        **estimate_inputs(study),
        **program("XlsxWriter", "babel", "jinja2", "numpy", "scipy"),
        **export_inputs(),
    }


def tables(study: Study, _progress: Progress) -> Made:
    """Count the tables and, where the study has printed ones, compare."""
    from opentekst.pipeline.sayings import BACK_NOTE, difference_csv, moved_csv, table_lines
    from opentekst.results.backcoding import backcoding_workbook, before_after_tables, changes
    from opentekst.results.compare import compare, read_printed
    from opentekst.results.excel import to_xlsx
    from opentekst.results.export import to_csv, to_html
    from opentekst.survey.places import places_on

    paths = Paths(study.root)
    made, counted, decisions = counted_tables(study)
    differences = (
        compare(made, read_printed(study.root / study.file.compare)) if study.file.compare else []
    )
    coded = {coding.answer for coding in people(study)}
    disputed = sum(d.basis == "open" and d.answer in coded for d in decisions)
    trusted = automatic(study)
    provisional = sum(d.basis == "automatic" and d.answer not in trusted for d in decisions)
    names = {nis: unit.name for nis, unit in places_on(study.file.date).municipalities.items()}
    found = changes(study, counted)
    lines, data = table_lines(study, made, counted, decisions, disputed, provisional, differences)
    guessed = estimates(study)
    lines += [*export_lines(made), *estimate_lines(guessed)]
    out = paths.results / "tables"
    written = {
        paths.work / "decisions.jsonl": store.jsonl(decisions),
        out / "tabellen.csv": to_csv(made),
        out / "tabellen.xlsx": to_xlsx(made, guessed),
        out / "tabellen.html": to_html(made, study.file.study, "\n".join(lines), guessed),
        out / "teruggecodeerd.csv": moved_csv(counted.moved),
        out / "terugcoderen.xlsx": backcoding_workbook(study, found, counted.moved, names),
        out / "terugcoderen.html": to_html(
            before_after_tables(study, found), "Terugcoderen van 'andere', voor en na", BACK_NOTE
        ),
        out / "schattingen.csv": estimate_csv(made, guessed),
        **exports(study, made, counted, intervals(made, guessed)),
    }
    if study.file.compare:
        written[out / "verschillen.csv"] = difference_csv(differences)
    return Made(written, tuple(lines), data)


def counted_tables(study: Study) -> tuple[list[Table], Counted, list[Decision]]:
    """Return the tables, what they were counted from, and the decision on every answer."""
    from opentekst.results.tables import count_units, tabulate

    work = Paths(study.root).work
    responses = store.read_responses(work / "responses.jsonl")
    answers = store.read_answers(work / "answers.jsonl")
    decisions = decide(study, answers)
    substantive = _substantive(work, decisions)
    counted = count_units(study, responses, answers, substantive)
    tables = tabulate(study, counted, unit_facts(study))
    noted = with_caveats(study, tables, answers, substantive, automatic(study))
    return noted, counted, decisions


STAGES = (
    Stage("read", "Inlezen", (), read_inputs, read),
    Stage("normalise", "Normaliseren", ("read",), normalise_inputs, normalise),
    Stage("code", "Coderen", ("read", "normalise"), code_inputs, code),
    Stage(
        "topics",
        "Thema's die het codeboek mist",
        ("read", "normalise", "code"),
        topics_inputs,
        topics,
    ),
    Stage("tables", "Tabellen", ("read", "normalise", "code"), tables_inputs, tables),
)


def _substantive(work: Path, decisions: list[Decision]) -> list[Decision]:
    """Leave out non-answers without a code: they are in no base."""
    items: list[Normalised] = store.read_normalised(work / "normalised.jsonl")
    empty = {item.answer for item in items if "no_answer" in item.flags}
    return [d for d in decisions if d.codes or d.answer not in empty]
