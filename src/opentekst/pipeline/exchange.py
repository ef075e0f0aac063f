"""Codebooks out of the study and back in: files for Excel and other programs, and counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from opentekst import store
from opentekst.codebook import Codebook, History
from opentekst.codebook.editing import whole
from opentekst.codebook.excel import read_excel, write_excel
from opentekst.codebook.handbook import handbook
from opentekst.codebook.incoming import Fault, Incoming
from opentekst.codebook.merging import Edit, absent, edits, merged, rebased
from opentekst.codebook.plain import read_csv, write_csv, write_skos
from opentekst.codebook.refi import read_qdc, write_qdc
from opentekst.codebook.usage import Count, counts
from opentekst.errors import CodebookError, DataError, MissingStageError
from opentekst.model import Decision
from opentekst.pipeline.deciding import decide, people
from opentekst.store import Paths
from opentekst.study import Study

Format = TypeVar("Format")

WRITERS: Mapping[str, Callable[[Codebook], bytes]] = {
    ".xlsx": write_excel,
    ".qdc": write_qdc,
    ".csv": write_csv,
    ".ttl": write_skos,
}
READERS: Mapping[str, Callable[[bytes, Codebook | None], Incoming]] = {
    ".xlsx": read_excel,
    ".qdc": read_qdc,
    ".csv": read_csv,
}


@dataclass(frozen=True)
class Imported:
    """What an import changes. Nothing was written where `faults` or `dry_run` say so.

    `absent` are codes that the file lacks (they stay), `retired_used` says of each code that
    the file retires how many people's codings carry it, `written` are the files, relative to
    the study.
    """

    codebook: str
    before: int
    after: int
    edits: tuple[Edit, ...]
    absent: tuple[str, ...]
    remarks: tuple[str, ...]
    faults: tuple[Fault, ...]
    retired_used: Mapping[str, int]
    written: tuple[str, ...]


def book_of(study: Study, name: str) -> Codebook:
    """Return a codebook of the study; raises DataError, with those there are, for another."""
    if name not in study.codebooks:
        raise DataError(
            "dit codeboek heeft deze studie niet",
            found=name,
            remedy=f"Kies uit: {', '.join(study.codebooks)}.",
        )
    return study.codebooks[name]


def path_of(study: Study, name: str) -> Path:
    """Return where a codebook's file lies."""
    return study.root / "codebooks" / f"{name}.yaml"


def export_codebook(study: Study, name: str, target: Path, again: bool = False) -> Codebook:
    """Write a codebook to `target`, in the format that its suffix names.

    A file that is there already may hold somebody's edits: it is only replaced with `again`.
    Raises DataError for that and for an unknown suffix, CodebookError for what the format
    cannot hold.
    """
    book = book_of(study, name)
    content = _by_suffix(WRITERS, target)(book)
    if target.exists() and not again and target.read_bytes() != content:
        raise DataError(
            "dit bestand bestaat al, misschien met wijzigingen van iemand",
            place=str(target),
            remedy="Kies een andere naam, of vervang het met --again.",
        )
    store.write_all({target: content})
    return book


def write_handbook(study: Study, name: str, target: Path | None) -> tuple[Codebook, Path]:
    """Write the coders' handbook; by default among the results. Returns where."""
    book = book_of(study, name)
    path = target or Paths(study.root).results / f"handboek-{name}.html"
    store.write_all({path: handbook(book)})
    return book, path


def import_codebook(
    study: Study, source: Path, name: str, dry_run: bool = False, new: bool = False
) -> Imported:
    """Take a file's changes into a codebook, as a new version; the old one goes to history.

    Nothing is overwritten: where the file has faults nothing is written, codes that it lacks
    stay, and comments and order of the YAML stay. `new` makes a codebook that the study does
    not have yet. Raises DataError for a file or codebook that is not there, CodebookError
    for a file that is not what its suffix says.
    """
    path = path_of(study, name)
    if new:
        _check_new(name, path)
    book = None if new else book_of(study, name)
    incoming = _read(source, book)
    if book and incoming.base and incoming.base.id != book.id:
        raise CodebookError(
            f"dit bestand komt uit codeboek '{incoming.base.id}', niet uit '{book.id}'",
            place=str(source),
            remedy=f"Gebruik --into {incoming.base.id}, of --new voor een nieuw codeboek.",
        )
    if book is None:
        return _create(study, name, source, incoming, dry_run)
    incoming = _since_export(path, book, incoming)
    changes = edits(book, incoming.entries)
    result = book if incoming.faults else merged(book, incoming.entries)
    written: tuple[str, ...] = ()
    if result is not book and not dry_run:
        files = History.load(path, book).adopt(result).files
        store.write_all(files)
        written = tuple(file.relative_to(study.root).as_posix() for file in files)
    return Imported(
        name,
        book.version,
        result.version,
        changes,
        absent(book, incoming.entries),
        incoming.remarks,
        incoming.faults,
        _retired_used(study, name, changes),
        written,
    )


def _check_new(name: str, path: Path) -> None:
    if not re.fullmatch(r"\w[\w-]*", name):
        raise DataError(
            "dit is geen naam voor een codeboek",
            found=name,
            remedy="Kies een naam van letters, cijfers, - en _, zoals 'drempels'.",
        )
    if path.exists():
        raise DataError(
            "dit codeboek bestaat al",
            found=name,
            remedy="Laat --new weg om het bij te werken, of kies een andere naam.",
        )


def _read(source: Path, book: Codebook | None) -> Incoming:
    reader = _by_suffix(READERS, source)
    try:
        return reader(source.read_bytes(), book)
    except FileNotFoundError:
        raise DataError(
            "dit bestand is er niet", place=str(source), remedy="Controleer de map en de naam."
        ) from None
    except OSError as fault:
        raise DataError(
            "dit bestand is niet te lezen",
            place=str(source),
            found=fault.strerror or type(fault).__name__,
            remedy="Controleer de leesrechten; sluit het bestand als het in Excel open staat.",
        ) from None
    except CodebookError as fault:
        place = f"{source}, {fault.place}" if fault.place else str(source)
        raise CodebookError(
            fault.problem, place=place, found=fault.found, remedy=fault.remedy
        ) from None


def _since_export(path: Path, book: Codebook, incoming: Incoming) -> Incoming:
    """Leave of an older export only what was changed in it since."""
    base = incoming.base
    if base is None or base == book.ref:
        return incoming
    for earlier in sorted((path.parent / "history" / book.id).glob("*.yaml")):
        try:
            old = Codebook.load(earlier)
        except CodebookError:
            continue  # not a codebook: the list of changes, for one
        if old.fingerprint == base.fingerprint:
            entries, clashes = rebased(old, book, incoming.entries)
            said = f"het bestand komt uit versie {base.version}; alleen wat erin veranderde, telt"
            return replace(
                incoming,
                entries=entries,
                faults=(*incoming.faults, *clashes),
                remarks=(*incoming.remarks, said),
            )
    said = (
        f"het codeboek veranderde sinds dit bestand gemaakt is (versie {base.version}); kijk na of"
        " de wijzigingen hierboven niets ongedaan maken"
    )
    return replace(incoming, remarks=(*incoming.remarks, said))


def _create(study: Study, name: str, source: Path, incoming: Incoming, dry_run: bool) -> Imported:
    path = path_of(study, name)
    book = Codebook(name, 1, source.stem.replace("_", " "), incoming.codes)
    if not incoming.faults and not dry_run:
        store.write_all({path: whole(book).encode()})
    written = () if incoming.faults or dry_run else (path.relative_to(study.root).as_posix(),)
    changes = tuple(Edit("new", code.id) for code in incoming.codes)
    return Imported(name, 0, 1, changes, (), incoming.remarks, incoming.faults, {}, written)


def _retired_used(study: Study, name: str, changes: tuple[Edit, ...]) -> dict[str, int]:
    """Count people's codings with a code that the file retires."""
    gone = {edit.code for edit in changes if edit.kind == "status" and edit.after == "retired"}
    if not gone:
        return {}
    used = Counter(
        code
        for coding in people(study)
        for code in coding.codes
        if coding.codebook.id == name and code in gone
    )
    return dict(sorted(used.items()))


def _by_suffix(formats: Mapping[str, Format], path: Path) -> Format:
    if path.suffix.lower() not in formats:
        raise DataError(
            "dit soort bestand kent opentekst hier niet",
            found=path.suffix or path.name,
            remedy=f"Kies een bestandsnaam die eindigt op {', '.join(formats)}.",
        )
    return formats[path.suffix.lower()]


def decisions_of(study: Study, name: str) -> list[Decision] | None:
    """Return what counts now for the answers of a codebook; None where nothing was coded yet."""
    try:
        answers = store.read_answers(Paths(study.root).work / "answers.jsonl")
        mine = [a for a in answers if study.questions[a.question].codebook == name]
        return decide(study, mine)
    except MissingStageError:
        return None


def code_counts(study: Study, name: str) -> Mapping[str, Count] | None:
    """Count the answers that carry each code or one below it; None before the first run."""
    book = book_of(study, name)
    decisions = decisions_of(study, name)
    if decisions is None:
        return None
    return counts({code.id: book.net([code.id]) for code in book.codes}, decisions)
