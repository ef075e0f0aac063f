"""A next wave: a study of its own, made from the one before and a new export."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opentekst.errors import StudyError
from opentekst.store import file_hash, write_all
from opentekst.study import Study
from opentekst.survey.export import Export, read_export
from opentekst.survey.who import QUALTRICS


@dataclass(frozen=True)
class Begun:
    """A wave that was begun: its id and folder, and how its export differs from the study.

    `missing` maps a question (or a part of study.yaml) to columns that the export lacks; `extra`
    are columns that no question reads.
    """

    id: str
    folder: Path
    missing: Mapping[str, tuple[str, ...]]
    extra: tuple[str, ...]
    responses: int
    written: tuple[Path, ...]


def begin(main: Study, last: Study, folder: Path, export: Path, day: datetime.date) -> Begun:
    """Make the study of a next wave in `folder`, and add it to `waves` of `main`.

    study.yaml of `last`, the wave before, is copied with another export, day and `earlier`; so
    are its codebooks with their history. Nothing of an earlier wave is changed but the list of
    waves, and nothing is overwritten. Raises StudyError for a folder that holds a study, for one
    outside the study, and for a day before that of `last`; DataError for an export that cannot
    be read.
    """
    _check(main, last, folder, export, day)
    read = read_export(export, last.file.source.format, last.file.source.missing)
    inside = export.resolve().is_relative_to(main.root.resolve())
    target = export if inside else folder / "data" / "raw" / export.name
    name = _new_id(main, day)
    files: dict[Path, bytes] = {}
    if not inside:
        files[target] = export.read_bytes()
    files |= _codebooks(last, folder)
    files[folder / "study.yaml"] = _study_text(last, folder, target, day).encode()
    files[main.root / "study.yaml"] = _listed(main, folder, name).encode()
    write_all(files)
    missing, extra = columns(Study.open(folder), read)
    return Begun(name, folder, missing, extra, len(read.frame), tuple(files))


def columns(study: Study, export: Export) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return which columns of a study an export lacks, by what reads them, and which are new."""
    file = study.file
    wanted: dict[str, list[str]] = {q.id: list(q.columns) for q in file.questions}
    who = file.respondents
    wanted["respondents"] = [
        name
        for name in (
            who.id, who.recorded, who.progress, who.role,
            *(one.column for one in (who.status, who.consent, who.finished) if one),
        )
        if name
    ]  # fmt: skip
    wanted["units"] = [file.units.postcode]
    there = set(export.frame.columns)
    missing = {
        name: tuple(column for column in mine if column not in there)
        for name, mine in wanted.items()
    }
    used = {column for mine in wanted.values() for column in mine}
    extra = tuple(c for c in export.frame.columns if c not in used and c not in QUALTRICS)
    return {name: mine for name, mine in missing.items() if mine}, extra


def _check(main: Study, last: Study, folder: Path, export: Path, day: datetime.date) -> None:
    if (folder / "study.yaml").exists() or (folder / "codebooks").exists():
        raise StudyError(
            "in deze map staat al een studie",
            place=str(folder),
            remedy="Kies een andere map; 'waves new' overschrijft niets.",
        )
    if not folder.resolve().is_relative_to(main.root.resolve()):
        raise StudyError(
            "een golf staat in een map binnen de studie",
            place=str(folder),
            remedy=f"Kies bijvoorbeeld {main.root / 'data' / f'golf_{day.year}'}.",
        )
    target = folder / "data" / "raw" / export.name
    if target.exists() and file_hash(target) != file_hash(export):
        raise StudyError(
            "er staat al een ander bestand met deze naam",
            place=str(target),
            remedy="Geef de export een andere naam.",
        )
    if day <= last.file.date:
        raise StudyError(
            "een nieuwe golf is later dan de vorige",
            place=str(last.root / "study.yaml"),
            found=f"{day}, en de vorige {last.file.date}",
            remedy="Geef de dag van de nieuwe bevraging: --date JJJJ-MM-DD.",
        )


def _new_id(main: Study, day: datetime.date) -> str:
    used = {wave.id for wave in main.file.waves} or {str(main.file.date.year)}
    names = (str(day.year), day.isoformat(), *(f"{day.isoformat()}-{n}" for n in range(2, 100)))
    return next(name for name in names if name not in used)


def _codebooks(last: Study, folder: Path) -> dict[Path, bytes]:
    source = last.root / "codebooks"
    return {
        folder / "codebooks" / path.relative_to(source): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _relative(path: Path, start: Path) -> str:
    return Path(os.path.relpath(path.resolve(), start.resolve())).as_posix()


def _study_text(last: Study, folder: Path, export: Path, day: datetime.date) -> str:
    """Return study.yaml of the wave before, with what differs in the next one.

    Comments stay. Left out are the list of waves, printed tables to compare with, the units of
    single respondents, and files that hold for the municipalities of another day.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.compat import StringIO

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load((last.root / "study.yaml").read_text("utf-8"))
    data["study"] = re.sub(rf"\b{last.file.date.year}\b", str(day.year), last.file.study)
    data["date"] = day
    data["source"]["file"] = _relative(export, folder)
    for name in ("waves", "compare", "earlier"):
        data.pop(name, None)
    for name in ("assign", "traits"):
        data["units"].pop(name, None)
    place = 1 + list(data).index("date")
    data.insert(place, "earlier", _relative(last.root, folder))
    out = StringIO()
    yaml.dump(data, out)
    return str(out.getvalue())


def _listed(main: Study, folder: Path, name: str) -> str:
    """Return study.yaml of the survey with one wave more; all other lines stay as they are."""
    text = (main.root / "study.yaml").read_text("utf-8")
    line = f'  - {{id: "{name}", study: {_relative(folder, main.root)}}}\n'
    text = text if text.endswith("\n") else text + "\n"
    if not main.file.waves:
        first = f'  - {{id: "{main.file.date.year}", study: .}}\n'
        return f"{text}\n# De golven van deze bevraging, oudste eerst.\nwaves:\n{first}{line}"
    lines = text.splitlines(keepends=True)
    start = next(i for i, one in enumerate(lines) if re.match(r"waves\s*:", one))
    end = start + 1
    while end < len(lines) and (lines[end].startswith((" ", "-")) or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    if "[" in lines[start]:
        raise StudyError(
            "de lijst van golven staat op één regel",
            place=f"{main.root / 'study.yaml'}:{start + 1}",
            remedy=f"Zet elke golf op een regel, en voeg toe: {line.strip()}",
        )
    indent = re.match(r"\s*", lines[end - 1])
    assert indent is not None
    return "".join([*lines[:end], indent.group() + line.strip() + "\n", *lines[end:]])
