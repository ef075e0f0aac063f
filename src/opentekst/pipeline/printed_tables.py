"""Read a file with printed tables, recompute them, and write what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from opentekst import store
from opentekst.errors import DataError
from opentekst.pipeline.sayings import as_csv
from opentekst.results.audit import TableAudit, audit_table
from opentekst.results.audit_column import Flaw
from opentekst.results.audit_words import KINDS
from opentekst.results.claims import audit_text
from opentekst.results.claims import claims as claims_in
from opentekst.results.printed import Document
from opentekst.results.printed_grid import from_csv
from opentekst.results.printed_office import from_excel, from_word
from opentekst.results.printed_text import from_text
from opentekst.results.workbook import Column, Sheet, to_workbook

COLUMNS = ("tabel", "kolom", "rij", "soort", "gedrukt", "wat wel zou kloppen")
_SUFFIXES = ".txt, .csv, .tsv, .xlsx of .docx"


@dataclass(frozen=True, slots=True)
class Audited:
    """A file after the audit; `claims` counts the percentages of its text that were recomputed."""

    tables: tuple[TableAudit, ...]
    in_text: tuple[Flaw, ...]
    claims: int
    left_out: tuple[str, ...]

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """All flaws, table by table, those of the running text last."""
        return (*(flaw for table in self.tables for flaw in table.flaws), *self.in_text)


def audit_file(path: Path, single: Collection[str] = ()) -> Audited:
    """Read and recompute every table of a file; `single` numbers those with one answer a unit.

    Raises DataError where the file cannot be read or holds no table, or where `single` names a
    table that is not there; PipelineError where Word needs a library that is not installed.
    """
    document = read(path)
    if not document.tables:
        raise DataError(
            "in dit bestand is geen tabel met percentages gevonden",
            place=str(path),
            remedy="Zet boven elke tabel een kop met '%' of 'Percentage'; zie"
            " docs/tabellen-nakijken.md.",
        )
    unknown = set(single) - {table.number for table in document.tables}
    if unknown:
        raise DataError(
            "deze tabel staat niet in het bestand",
            place=str(path),
            found=", ".join(sorted(unknown)),
            remedy=f"Kies uit: {', '.join(t.number for t in document.tables if t.number)}.",
        )
    tables = tuple(audit_table(table, table.number in single) for table in document.tables)
    in_text = tuple(audit_text(document.prose, document.tables))
    return Audited(tables, in_text, len(claims_in(document.prose)), document.left_out)


def read(path: Path) -> Document:
    """Read a file by its suffix. Raises DataError where that is unknown or the file unreadable."""
    suffix = path.suffix.casefold()
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise DataError(
            "dit bestand is niet te lezen",
            place=str(path),
            found=fault.strerror or type(fault).__name__,
            remedy="Controleer de naam en de map.",
        ) from None
    if suffix in (".xlsx", ".xlsm"):
        return from_excel(data, path.name)
    if suffix == ".docx":
        return from_word(data, path.name)
    readers: dict[str, Callable[[str], Document]] = {
        ".csv": lambda text: from_csv(text, path.name),
        ".tsv": lambda text: from_csv(text, path.name),
        ".txt": from_text,
        ".md": from_text,
    }
    if suffix not in readers:
        raise DataError(
            "dit soort bestand kan opentekst niet nakijken",
            place=str(path),
            found=suffix or "geen achtervoegsel",
            remedy=f"Bewaar het als {_SUFFIXES}. Een pdf: kopieer de tekst naar een .txt.",
        )
    text, remark = _decoded(data)
    document = readers[suffix](text)
    return replace(document, left_out=(*remark, *document.left_out))


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode text: UTF-8 or UTF-16 with its mark; else as Windows writes it, and say so."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), ()
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        said = "het bestand is geen UTF-8; gelezen als Windows-1252"
        return data.decode("cp1252", "replace"), (said,)


def write(target: Path, source: Path, found: Audited) -> None:
    """Write the flaws as an Excel workbook or a CSV, by the suffix of `target`.

    Raises DataError for another suffix or where target is the source, StorageError where it
    cannot be written.
    """
    if target.suffix.casefold() not in (".xlsx", ".csv") or target.resolve() == source.resolve():
        raise DataError(
            "hier kunnen de bevindingen niet naartoe",
            place=str(target),
            remedy="Geef een naam die op .xlsx of .csv eindigt, en niet die van het bestand zelf.",
        )
    rows = list(_rows(found.flaws))
    if target.suffix.casefold() == ".csv":
        content = as_csv(COLUMNS, rows)
    else:
        content = to_workbook("Nagekeken tabellen", [_sheet(rows), _overview(found)])
    store.write_all({target: content})


def _rows(flaws: Sequence[Flaw]) -> Iterator[tuple[str, ...]]:
    for flaw in flaws:
        yield flaw.table, flaw.group, flaw.row, KINDS[flaw.kind], flaw.printed, flaw.fits


def _sheet(rows: Sequence[tuple[str, ...]]) -> Sheet:
    widths = (14, 26, 40, 34, 30, 60)
    columns = tuple(Column(head, width) for head, width in zip(COLUMNS, widths, strict=True))
    return Sheet("Bevindingen", columns, rows)


def _overview(found: Audited) -> Sheet:
    columns = (
        Column("tabel", 14), Column("titel", 60), Column("rijen", 9, "count"),
        Column("nagerekend", 13, "count"), Column("bevindingen", 13, "count"),
    )  # fmt: skip
    rows = [
        (
            one.table.name,
            one.table.title,
            len(one.table.categories),
            sum(column.checked for column in one.columns),
            len(one.flaws),
        )
        for one in found.tables
    ]
    return Sheet("Tabellen", columns, rows)
