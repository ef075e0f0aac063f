"""Compare all waves of a survey, and write what that gives to results/waves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentekst import store
from opentekst.pipeline.engine import Progress, silent
from opentekst.pipeline.wave_files import drift_csv, page, switch_csv, trend_csv, workbook
from opentekst.pipeline.wave_says import coverage_lines, question_notes
from opentekst.pipeline.wave_sides import waves_of
from opentekst.pipeline.waving import Compared, Waved, compare, pairs, work_of
from opentekst.results.waves import Change, Trend
from opentekst.store import Paths
from opentekst.study import Study


@dataclass(frozen=True)
class Made:
    """The comparisons, oldest first, and the files written, relative to the study."""

    found: tuple[Waved, ...]
    files: tuple[str, ...]


def root_of(study: Study) -> dict[str, Path]:
    """Return the folder of each wave, by its id. Raises StudyError, see `waves_of`."""
    return {name: one.root for name, one in waves_of(study).items()}


def compare_all(study: Study, progress: Progress = silent, machine: bool = True) -> Made:
    """Compare each wave with the one before it, and write the files: all of them or none.

    Raises StudyError where there are no two waves, MissingStageError where one was not counted.
    """
    found = []
    for pair in pairs(study):
        title = f"{pair.then.id} en {pair.now.id} vergelijken"
        with progress(title, work_of(pair) if machine else 0) as step:
            found.append(compare(pair, step, machine))
    out = Paths(study.root).results / "waves"
    heading = f"Golven vergeleken: {study.file.study}"
    files = {
        out / "golven.csv": trend_csv(found),
        out / "golven.xlsx": workbook(heading, found),
        out / "golven.html": page(heading, found),
        out / "overgang.csv": switch_csv(found),
        out / "afwijkingen.csv": drift_csv(found),
    }
    store.write_all(files)
    return Made(tuple(found), tuple(p.relative_to(study.root).as_posix() for p in files))


def as_data(made: Made) -> dict[str, Any]:
    """Return the comparison for machines; shares from 0 to 1."""
    return {
        "files": list(made.files),
        "waves": [
            {
                "then": waved.pair.then.id,
                "now": waved.pair.now.id,
                "coverage": coverage_lines(waved),
                "questions": {one.asked.id: _question(waved, one) for one in waved.questions},
            }
            for waved in made.found
        ],
    }


def _question(waved: Waved, one: Compared) -> dict[str, Any]:
    parts: Mapping[str, dict[str, float]] = {
        part.code: {
            "opinion": float(part.opinion),
            "codebook": float(part.codebook),
            "coder": float(part.coder),
        }
        for part in one.parts
    }
    return {
        "bridge": one.bridge,
        "notes": question_notes(waved, one),
        "rows": [_row(row, parts.get(row.subject.code)) for row in one.rows if not row.hidden],
        "hidden": sum(row.hidden for row in one.rows),
    }


def _row(row: Trend, parts: Mapping[str, float] | None) -> dict[str, Any]:
    return {
        "code": row.subject.code,
        "known": row.subject.known,
        "then": [row.then.n, row.then.base],
        "now": [row.now.n, row.now.base],
        "change": _change(row.change),
        "paired": _change(row.paired),
        "parts": parts,
    }


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "difference": float(change.difference),
        "low": change.low,
        "high": change.high,
        "p": change.p,
        "p_holm": change.adjusted,
    }
