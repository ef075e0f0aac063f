"""The files that carry the tables and the responses on: Word, LaTeX, Parquet, pictures, SPSS."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.model import Table
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.hashes import program, text_hash
from opentekst.store import Paths
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.results.plots import Intervals
    from opentekst.results.tables import Counted

PICTURES = "pictures.sqlite"
SAV, SYNTAX, CTABLES = "responsen.sav", "verder.sps", "tabellen.sps"


def exports(
    study: Study,
    tables: Sequence[Table],
    counted: Counted,
    intervals: Mapping[str, Intervals] | None = None,
) -> dict[Path, bytes]:
    """Return the further exports of the tables and of what they were counted from.

    `intervals` maps a table's number to the bounds that its picture shows. The responses and
    answers are those of data/work, which `counted` was counted from. The same input gives the
    same bytes. Raises DataError as `results.export.layout`.
    """
    from opentekst.results.latex import to_latex
    from opentekst.results.parquet import to_parquet
    from opentekst.results.word import to_docx

    out = Paths(study.root).results / "tables"
    made = {
        out / "tabellen.docx": to_docx(tables, study.file.study),
        out / "tabellen.tex": to_latex(tables, study.file.study),
        **_pictures(study, tables, intervals or {}),
        **_for_spss(study, counted),
    }
    if _parquet():
        made[out / "tabellen.parquet"] = to_parquet(tables)
    return made


def export_lines(tables: Sequence[Table]) -> list[str]:
    """Say what was not made, and why."""
    from opentekst.results.plots import MOST_BARS, drawable

    lines = []
    undrawn = [table.number for table in tables if not drawable(table)]
    if undrawn:
        lines.append(
            f"Geen grafiek van tabel {', '.join(undrawn)}: zonder percentages, of met meer dan"
            f" {MOST_BARS} rijen"
        )
    if not _parquet():
        lines.append("Geen tabellen.parquet: daarvoor is het pakket pyarrow nodig")
    return lines


def export_inputs() -> Mapping[str, str]:
    """Return the versions of what makes these files."""
    return program("python-docx", "pyreadstat", "matplotlib", "pyarrow")


def _parquet() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


def _pictures(
    study: Study, tables: Sequence[Table], intervals: Mapping[str, Intervals]
) -> dict[Path, bytes]:
    """Draw each table; one that was drawn before comes out of the cache."""
    from opentekst.results.plots import drawable, to_pictures

    paths = Paths(study.root)
    cache = Cache(paths.work / PICTURES)
    made_by = json.dumps(program("matplotlib"))
    folder = paths.results / "tables" / "grafieken"
    keys = {}
    for table, name in zip(tables, _file_names(tables), strict=True):
        if drawable(table):
            bounds = sorted((*place, *of) for place, of in intervals.get(table.number, {}).items())
            content = json.dumps([asdict(table), bounds, made_by], ensure_ascii=False)
            keys[name] = text_hash(content), table
    known = cache.get([key for key, _ in keys.values()])
    new: dict[str, str] = {}
    made: dict[Path, bytes] = {}
    for name, (key, table) in keys.items():
        if key in known:
            kept = json.loads(known[key])
        else:
            drawn = to_pictures(table, intervals.get(table.number))
            kept = {kind: base64.b64encode(data).decode() for kind, data in drawn.items()}
            new[key] = json.dumps(kept)
        made |= {folder / f"{name}.{kind}": base64.b64decode(data) for kind, data in kept.items()}
    cache.put(new)
    return made


def _file_names(tables: Sequence[Table]) -> list[str]:
    """Return a name for each table that every disk takes, each once."""
    names: list[str] = []
    for table in tables:
        stem = "tabel_" + (re.sub(r"[^A-Za-z0-9-]+", "_", table.number).strip("_") or "x")[:40]
        count = sum(name == stem or name.startswith(f"{stem}~") for name in names)
        names.append(f"{stem}~{count + 1}" if count else stem)
    return names


def _for_spss(study: Study, counted: Counted) -> dict[Path, bytes]:
    from opentekst.results.spss import dataset, to_sav
    from opentekst.results.spss_syntax import plan, to_ctables, to_syntax
    from opentekst.survey.places import places_on

    paths = Paths(study.root)
    responses = store.read_responses(paths.work / "responses.jsonl")
    written: dict[str, set[str]] = {}
    for answer in store.read_answers(paths.work / "answers.jsonl"):
        written.setdefault(answer.question, set()).add(answer.unit)
    units = {
        nis: {"gemeente": at.name, "arrondissement": at.district, "provincie": at.province}
        for nis, at in places_on(study.file.date).municipalities.items()
    }
    data = dataset(study, responses, counted.holds, written, units)
    syntax = plan(study, data, counted.holds)
    folder = paths.results / "spss"
    return {
        folder / SAV: to_sav(data, study.file.study),
        folder / SYNTAX: to_syntax(study, syntax, SAV),
        folder / CTABLES: to_ctables(study, syntax),
    }
