"""A new study folder from an export: study.yaml, codebooks and the export itself."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentekst.errors import StudyError
from opentekst.language.abbreviations import shipped_text
from opentekst.pipeline.study_text import codebook_yaml, study_yaml
from opentekst.store import file_hash, write_all
from opentekst.survey.draft import Draft, draft
from opentekst.survey.export import Format, read_export

_KINDS = {
    "single": ("vraag met één antwoord", "vragen met één antwoord"),
    "multiple": ("aankruisvraag", "aankruisvragen"),
    "matrix": ("matrixvraag", "matrixvragen"),
    "open": ("open vraag", "open vragen"),
}


@dataclass(frozen=True)
class Started:
    """What was recognised and written. `lines` are for people, `data` for machines."""

    draft: Draft
    lines: tuple[str, ...]
    data: Mapping[str, Any]


def start_study(export: Path, into: Path, form: Format = "auto") -> Started:
    """Make a study in folder `into` from an export; write all of it or nothing.

    The export is copied to `data/raw`, unless it already lies there. Raises StudyError
    where a study, a codebook or another file with the export's name is there already,
    DataError for an export that cannot be read.
    """
    target = into / "data" / "raw" / export.name
    _refuse(into / "study.yaml", "in deze map staat al een studie", "een andere map met --into MAP")
    read = read_export(export, form, ("-99",))
    found = draft(read)
    named = {into / "codebooks" / f"{book.id}.yaml": book for book in found.codebooks}
    for path in named:
        _refuse(path, "dit codeboek bestaat al", "een andere map met --into MAP")
    if target.exists() and file_hash(target) != file_hash(export):
        _refuse(target, "er staat al een ander bestand met deze naam", "een andere bestandsnaam")
    known = {"Qualtrics": "qualtrics", "gewone": "plain"}.get(read.kind.split(" ")[0], "")
    day = found.who.day or datetime.date.today()
    text = study_yaml(found, export.stem.replace("_", " "), f"data/raw/{export.name}", known, day)
    files = {path: codebook_yaml(book).encode() for path, book in named.items()}
    if not (abbreviations := into / "codebooks" / "afkortingen.yaml").exists():
        files[abbreviations] = shipped_text().encode()
    if not target.exists():
        files[target] = export.read_bytes()
    # study.yaml comes last: where it stands, the rest of the study stands too.
    write_all({**files, into / "study.yaml": text.encode()})
    written = [path.relative_to(into).as_posix() for path in (*files, into / "study.yaml")]
    return Started(
        found,
        tuple(_lines(found, read.kind, len(read.frame), into, len(named))),
        _data(found, len(read.frame), into, written),
    )


def _refuse(path: Path, problem: str, choose: str) -> None:
    if path.exists():
        raise StudyError(
            problem,
            place=str(path),
            remedy=f"Kies {choose}, of verplaats dit bestand eerst; init overschrijft niets.",
        )


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _lines(found: Draft, kind: str, responses: int, into: Path, books: int) -> list[str]:
    who = found.who
    consent = who.respondents.consent
    there = "" if into.resolve() == Path.cwd() else f" --study {into}"
    return [
        f"Gelezen: {responses} responsen, {kind}",
        "Herkend: " + ", ".join(_number(found.count(kind), *of) for kind, of in _KINDS.items()),
        f"  toestemming: {f'ja, kolom {consent.column!r}' if consent else 'nee'}",
        f"  eenheid: {f'gemeente, kolom {who.postcode!r}' if who.postcode else 'NIET GEVONDEN'}",
        *(["Kijk na:"] if found.unsure else []),
        *(f"  - {line}" for line in found.unsure),
        f"Geschreven in {into}: study.yaml, " + _number(books, "codeboek", "codeboeken") + " in"
        " codebooks/, en de export in data/raw/",
        "Verder:",
        "  1. open study.yaml en lees elke regel met NAKIJKEN na",
        "  2. vul de codeboeken aan (codebooks/): bij een open vraag staat nu alleen 'andere'",
        f"  3. opentekst run{there}"
        + ("" if who.postcode else "  (kan pas als 'units: postcode' is ingevuld)"),
    ]


def _data(found: Draft, responses: int, into: Path, written: list[str]) -> dict[str, Any]:
    who = found.who
    return {
        "study": str(into),
        "responses": responses,
        "questions": {k: found.count(k) for k in ("single", "multiple", "matrix", "open")},
        "consent": who.respondents.consent.column if who.respondents.consent else None,
        "unit": who.postcode or None,
        "role": who.respondents.role or None,
        "unsure": list(found.unsure),
        "written": written,
    }
