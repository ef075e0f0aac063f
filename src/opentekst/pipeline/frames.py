"""A study as data frames: what the stages wrote, read for analysis.

Each function reads what is on disk and returns frames of its own. Missing values are NA, codes
and values are categories in the order of codebook and study.yaml. docs/notebook.md describes
every column; a test holds it against these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

import pandas as pd
from pandas import CategoricalDtype, DataFrame

from opentekst import store
from opentekst.codebook import Codebook
from opentekst.errors import DataError, MissingStageError
from opentekst.model import Answer, Basis, Coding
from opentekst.pipeline.masking import masked_texts
from opentekst.store import Paths
from opentekst.study import Question, Study

Columns = Mapping[str, Any]
"""A column's name and its dtype, as pandas takes it."""

CODERS = ("person", "rule", "model", "topic")
SHOWN = ("blind", "suggestion", "codings")


def categories(values: Iterable[str]) -> CategoricalDtype:
    """Return the dtype of these values, in their order, each once."""
    return CategoricalDtype(list(dict.fromkeys(value for value in values if value)))


def made(rows: Iterable[Sequence[object]], columns: Columns) -> DataFrame:
    """Return a frame of `rows`; None and empty text become NA."""
    cells = [[None if cell == "" else cell for cell in row] for row in rows]
    return DataFrame(cells, columns=list(columns), dtype=object).astype(dict(columns))


def chosen(study: Study, question: str) -> tuple[Question, ...]:
    """Return one open question, or all of them where none is named.

    Raises DataError for one that does not exist.
    """
    known = {one.id: one for one in study.open_questions}
    if question and question not in known:
        raise DataError(
            "deze open vraag bestaat niet",
            found=question,
            remedy=f"Kies uit: {', '.join(known)}.",
        )
    return (known[question],) if question else study.open_questions


def codes_of(study: Study, questions: Iterable[Question]) -> CategoricalDtype:
    """Return the codes of these questions' codebooks, in order, retired ones too."""
    books = dict.fromkeys(question.codebook for question in questions)
    return categories(code.id for name in books for code in study.codebooks[name].codes)


def names_of(study: Study) -> Mapping[str, str]:
    """Return the name of each municipality on the day of the study, by NIS code."""
    from opentekst.survey.places import places_on

    return {nis: unit.name for nis, unit in places_on(study.file.date).municipalities.items()}


def responses(study: Study) -> DataFrame:
    """Return one row a municipality that responded, its closed answers as columns.

    A single question and an item of a matrix (`question.item`) hold the value, a choice of a
    multiple question (`question.code`) holds 1 or 0, and NA where nothing was ticked at all.
    """
    from opentekst.pipeline.unit_facts import unit_facts
    from opentekst.survey.places import places_on

    found = store.read_responses(Paths(study.root).work / "responses.jsonl")
    units = places_on(study.file.date).municipalities
    facts = unit_facts(study)
    own = [name for name in facts.order if name not in ("provincie", "arrondissement")]
    columns: dict[str, Any] = {
        "unit": "string",
        "municipality": "string",
        "province": categories(facts.order["provincie"]),
        "district": categories(facts.order["arrondissement"]),
        "respondents": "Int64",
    }
    for name in own:
        columns[f"trait.{name}"] = categories(facts.order[name])
    closed = _closed_columns(study)
    rows = []
    for one in found:
        unit = units[one.unit]
        fixed = (one.unit, unit.name, unit.province, unit.district, len(one.respondents))
        traits = [facts.traits[name][one.unit] for name in own]
        answers: list[object] = [one.single.get(name) for name in closed[0]]
        for question, code in closed[1]:
            ticked = one.multiple.get(question)
            answers.append(None if ticked is None else int(code in ticked))
        rows.append((*fixed, *traits, *answers))
    for name, dtype in closed[0].items():
        columns[_free(name, columns)] = dtype
    for question, code in closed[1]:
        columns[_free(f"{question}.{code}", columns)] = "Int8"
    return made(rows, columns)


def _closed_columns(study: Study) -> tuple[dict[str, CategoricalDtype], list[tuple[str, str]]]:
    """Return the single answers with their values, and the boxes as (question, code)."""
    single: dict[str, CategoricalDtype] = {}
    boxes: list[tuple[str, str]] = []
    for question in study.file.questions:
        if question.kind == "single":
            single[question.id] = categories(question.values)
        for item in question.items:
            values = categories(question.values)
            single[f"{question.id}.{item.id}"] = values
        boxes += [(question.id, code) for code in dict.fromkeys(c.code for c in question.choices)]
    return single, boxes


def _free(name: str, taken: Columns) -> str:
    """Return the name, with `_` behind it where a column before it is called so."""
    while name in taken:
        name += "_"
    return name


def answers(study: Study, question: str = "", raw: bool = False) -> DataFrame:
    """Return one row an open answer; `text` without names of persons, or verbatim if `raw`."""
    asked = chosen(study, question)
    known = _answers(study, asked)
    texts = _texts(study, known, raw)
    names = names_of(study)
    columns = {
        "answer": "string",
        "unit": "string",
        "municipality": "string",
        "question": categories(one.id for one in asked),
        "text": "string",
    }
    rows = ((a.id, a.unit, names[a.unit], a.question, texts[a.id]) for a in known)
    return made(rows, columns)


def _answers(study: Study, asked: Iterable[Question]) -> list[Answer]:
    wanted = {one.id for one in asked}
    found = store.read_answers(Paths(study.root).work / "answers.jsonl")
    return [answer for answer in found if answer.question in wanted]


def _texts(study: Study, known: Sequence[Answer], raw: bool) -> dict[str, str]:
    if raw:
        return {answer.id: answer.text for answer in known}
    work = Paths(study.root).work
    items = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    return {name: masked.text for name, masked in masked_texts(work, known, items).items()}


def codings(study: Study, question: str = "", raw: bool = False) -> DataFrame:
    """Return every opinion of people and machine, one row a code, in the codes of today.

    An opinion without a code ("read, no code applies") has one row with NA for the code.
    `evidence` quotes the answer, without names of persons unless `raw`.
    """
    from opentekst.pipeline.opinions import machine, opinions

    asked = chosen(study, question)
    known = {answer.id: answer for answer in _answers(study, asked)}
    quotes = _Quotes(study, list(known.values()), raw)
    columns = {
        "answer": "string",
        "question": categories(one.id for one in asked),
        "coder": "string",
        "kind": categories(CODERS),
        "code": codes_of(study, asked),
        "score": "Float64",
        "evidence": "string",
        "codebook": categories(one.codebook for one in asked),
        "version": "Int64",
        "shown": categories(SHOWN),
        "at": "datetime64[us, UTC]",
    }
    order = {name: place for place, name in enumerate(known)}
    given = [c for c in (*opinions(study).codings, *machine(study)) if c.answer in known]
    given.sort(key=lambda coding: order[coding.answer])
    rows = (
        (
            coding.answer,
            known[coding.answer].question,
            coding.coder,
            coding.coder.partition(":")[0],
            code,
            score,
            quotes.of(coding, code),
            coding.codebook.id,
            coding.codebook.version,
            coding.how.shown,
            pd.Timestamp(coding.at).tz_convert("UTC") if coding.at else None,
        )
        for coding in given
        for code, score in _pairs(coding)
    )
    return made(rows, columns)


def _pairs(coding: Coding) -> Iterable[tuple[str, float | None]]:
    return zip(coding.codes, coding.score, strict=True) if coding.codes else [("", None)]


class _Quotes:
    """The stretches of an answer that speak for a code."""

    def __init__(self, study: Study, known: Sequence[Answer], raw: bool) -> None:
        self.verbatim = {answer.id: answer.text for answer in known}
        self.masked = {}
        if not raw:
            work = Paths(study.root).work
            items = {i.answer: i for i in store.read_normalised(work / "normalised.jsonl")}
            self.masked = masked_texts(work, known, items)

    def of(self, coding: Coding, code: str) -> str:
        spans = [(span.start, span.end) for span in coding.evidence if span.code == code]
        text = self.verbatim[coding.answer]
        if coding.answer in self.masked:
            one = self.masked[coding.answer]
            text, spans = one.text, [one.to_masked(*span) for span in spans]
        return " | ".join(dict.fromkeys(text[start:end] for start, end in spans))


def decisions(
    study: Study, question: str = "", wide: bool = False, nets: bool = False
) -> DataFrame:
    """Return what counts for each answer: one row a code, or `wide` one row an answer.

    An answer without a code has one row with NA for the code. Wide, a code is 1 or 0, and NA
    where the answer waits for a person or its codebook lacks the code. With `nets`, who has a
    code also has those above it. `in_base` tells whether the answer counts in percentages.
    """
    asked = chosen(study, question)
    known = {answer.id: answer for answer in _answers(study, asked)}
    work = Paths(study.root).work
    items = store.read_normalised(work / "normalised.jsonl")
    silent = {item.answer for item in items if "no_answer" in item.flags}
    dtype = codes_of(study, asked)
    columns: dict[str, Any] = {
        "answer": "string",
        "unit": "string",
        "question": categories(one.id for one in asked),
        "basis": categories(get_args(Basis)),
        "in_base": "boolean",
    }
    rows: list[tuple[object, ...]] = []
    for decision in store.read_decisions(work / "decisions.jsonl"):
        if decision.answer not in known:
            continue
        answer = known[decision.answer]
        book = study.codebook(answer.question)
        codes = _present(book, decision.codes, nets)
        counts = decision.basis != "open" and bool(codes or answer.id not in silent)
        about = (answer.id, answer.unit, answer.question, decision.basis, counts)
        if wide:
            unknown = decision.basis == "open"
            rows.append((*about, *_flags(book, codes, dtype.categories, unknown)))
        else:
            rows += [(*about, code) for code in codes or ("",)]
    if wide:
        names = [(code, "Int8") for code in dtype.categories]
        return made(rows, columns | {_free(code, columns): kind for code, kind in names})
    return made(rows, columns | {"code": dtype})


def _present(book: Codebook, codes: frozenset[str], nets: bool) -> list[str]:
    """Return the codes in the order of the codebook, those above them too where asked."""
    if not codes <= book.by_id.keys():
        raise MissingStageError(
            "het codeboek is veranderd sinds er geteld werd",
            place=book.id,
            remedy="Doe eerst: opentekst run.",
        )
    held = book.net(codes) if nets else codes
    return [code.id for code in book.codes if code.id in held]


def _flags(
    book: Codebook, codes: Sequence[str], columns: Iterable[str], unknown: bool
) -> list[int | None]:
    return [None if unknown or code not in book.by_id else int(code in codes) for code in columns]
