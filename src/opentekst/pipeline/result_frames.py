"""The results of a study as data frames: tables with estimates, topics, agreement, codebooks."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import get_args

from pandas import DataFrame

from opentekst import store
from opentekst.errors import DataError, MissingStageError
from opentekst.model import Method, Table
from opentekst.pipeline.frames import categories, codes_of, made
from opentekst.store import Paths
from opentekst.study import Study


def tables(study: Study) -> dict[str, DataFrame]:
    """Return the tables of study.yaml by their number, one row a cell, with the estimates.

    `attrs` of a frame holds its `title`, `header` and `footnotes`. `estimate`, `low` and `high`
    are those of results/tables/schattingen.csv.
    """
    from opentekst.pipeline.stages import counted_tables

    found = _estimates(study)
    return {table.number: _table(table, found) for table in counted_tables(study)[0]}


Key = tuple[str, str, str]


def _table(table: Table, found: Mapping[Key, Sequence[object]]) -> DataFrame:
    columns = {
        "group": categories(table.groups),
        "category": categories(table.categories),
        "n": "Int64",
        "base": "Int64",
        "percent": "Float64",
        "higher_than": "string",
        "hidden": "boolean",
        "estimate": "Float64",
        "low": "Float64",
        "high": "Float64",
        "method": categories(get_args(Method)),
    }
    rows = []
    for cell in table.cells:
        asked = cell.n is not None or cell.hidden
        share = None if cell.percent is None else float(cell.percent)
        told = (cell.n, cell.base if asked else None, share, cell.marks, cell.hidden)
        key = _as_written(table.number, cell.group, cell.category)
        guess = (None,) * 4 if cell.hidden else found.get(key, (None,) * 4)
        rows.append((cell.group, cell.category, *told, *guess))
    frame = made(rows, columns)
    frame.attrs.update(title=table.title, header=table.header, footnotes=list(table.footnotes))
    return frame


def _as_written(*labels: str) -> Key:
    from opentekst.pipeline.sayings import safe

    number, group, category = (str(safe(label)) for label in labels)
    return number, group, category


def _estimates(study: Study) -> dict[Key, Sequence[object]]:
    """Return estimate, low, high and method of each cell, as the stage wrote them."""
    from opentekst.results.intervals import METHODS

    path = Paths(study.root).results / "tables" / "schattingen.csv"
    methods = {said: name for name, said in METHODS.items()}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError:
        raise MissingStageError(
            "de tabellen zijn nog niet geteld",
            place=str(path),
            remedy="Doe eerst: opentekst tables (of opentekst run voor alles).",
        ) from None
    return {
        (row["tabel"], row["groep"], row["categorie"]): (
            *(float(row[name]) if row[name] else None for name in ("schatting", "laag", "hoog")),
            methods[row["methode"]],
        )
        for row in rows
    }


def topics(study: Study) -> DataFrame:
    """Return one row a topic that was found among the answers, codebook by codebook."""
    from opentekst.coding.topic_model import STABLE

    found = store.read_topics(Paths(study.root).work / "topics.jsonl")
    columns = {
        "codebook": categories(study.codebooks),
        "topic": "Int64",
        "label": "string",
        "keywords": "string",
        "answers": "Int64",
        "uncoded": "Int64",
        "units": "Int64",
        "nearest": codes_of(study, study.open_questions),
        "matched": "boolean",
        "stability": "Float64",
        "stable": "boolean",
    }
    rows = (
        (
            one.group, one.number, one.label, ", ".join(one.keywords), len(one.answers),
            one.uncoded, one.units, one.nearest, one.matched, one.stability,
            one.stability >= STABLE,
        )
        for one in found
    )  # fmt: skip
    return made(rows, columns)


def topic_answers(study: Study) -> DataFrame:
    """Return which answers speak for which topic, the most typical first (rank 1)."""
    found = store.read_topics(Paths(study.root).work / "topics.jsonl")
    columns = {
        "codebook": categories(study.codebooks),
        "topic": "Int64",
        "rank": "Int64",
        "answer": "string",
    }
    rows = (
        (one.group, one.number, rank, answer)
        for one in found
        for rank, answer in enumerate(one.answers, start=1)
    )
    return made(rows, columns)


def agreement(study: Study) -> tuple[DataFrame, DataFrame]:
    """Return the figures of intercoder reliability, and the codes that coders confuse.

    Raises DataError where nothing was coded blind by two people.
    """
    from opentekst.pipeline.agreeing import figures
    from opentekst.pipeline.engine import silent
    from opentekst.review.agreement import Measure

    groups = figures(study, "", silent)
    ends = ("", "_low", "_high")
    columns = {
        "question": categories(group.id for group in groups),
        "kind": categories(["whole", "level", "code", "coders", "period"]),
        "part": "string",
        "n": "Int64",
        **{f"{name}{end}": "Float64" for name in ("alpha", "ac1", "same") for end in ends},
        "given": "Int64",
        "shared": "Int64",
    }
    none = Measure(None, None, None)
    rows = [
        (
            group.id, line.kind, line.part, line.units,
            *line.alpha, *(line.ac1 or none), *line.percent,
            *((line.given, line.shared) if line.kind == "code" else (None, None)),
        )
        for group in groups
        for line in group.found.lines
    ]  # fmt: skip
    pairs = {
        "question": columns["question"],
        "code": codes_of(study, study.open_questions),
        "other": codes_of(study, study.open_questions),
        "confused": "Int64",
        "among": "Int64",
    }
    mixed = (
        (group.id, one.one, one.other, len(one.answers), one.among)
        for group in groups
        for one in group.confusions
    )
    return made(rows, columns), made(mixed, pairs)


def codebook(study: Study, name: str) -> DataFrame:
    """Return the codes of a question's codebook, or of the codebook with this id, in order.

    Raises DataError where there is neither.
    """
    question = study.questions.get(name)
    key = question.codebook if question and question.codebook else name
    if key not in study.codebooks:
        coded = [one.id for one in study.file.questions if one.codebook]
        raise DataError(
            "deze vraag heeft geen codeboek",
            found=name,
            remedy=f"Kies uit: {', '.join(coded)}.",
        )
    book = study.codebooks[key]
    ids = categories(code.id for code in book.codes)
    columns = {
        "code": ids,
        "label": "string",
        "parent": ids,
        "level": "Int64",
        "status": categories(["active", "retired"]),
        "definition": "string",
        "include": "string",
        "exclude": "string",
        "keywords": "string",
        "examples": "string",
    }
    rows = (
        (
            code.id, code.label, code.parent, len(book.path(code.id)), code.status,
            code.definition,
            *("\n".join(of) for of in (code.include, code.exclude, code.keywords, code.examples)),
        )
        for code in book.codes
    )  # fmt: skip
    frame = made(rows, columns)
    frame.attrs.update(codebook=book.id, version=book.version, title=book.title)
    return frame
