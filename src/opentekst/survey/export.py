"""Read an export (Qualtrics CSV or Excel, SPSS, plain CSV) into one shape of table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from opentekst.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["auto", "qualtrics", "plain"]

_QUALTRICS_COLUMNS = {"ResponseId", "RecordedDate", "StartDate", "Finished", "Status", "Progress"}
_LEGACY_NAMES = {
    "ResponseID": "ResponseId",
    "Status": "Status",
    "StartDate": "StartDate",
    "EndDate": "RecordedDate",
    "Finished": "Finished",
    "ExternalDataReference": "ExternalReference",
}


@dataclass(frozen=True)
class Export:
    """An export as text: `frame` has a row for each response and a column for each variable.

    Cells are str, empty where nothing was filled in. The index of `frame` is the row
    number as a spreadsheet shows it. `kind` says what was recognised, in Dutch. `texts`
    holds for each column the question as it was asked (where the file does not say: the
    column's name), `listed` for each column with SPSS value labels those labels, in order.
    """

    path: Path
    kind: str
    frame: pd.DataFrame
    texts: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_export(path: Path, form: Format = "auto", missing: tuple[str, ...] = ()) -> Export:
    """Read the export at `path`; values in `missing` become empty.

    Raises DataError, with file, row or column and remedy, for a missing, unreadable or
    unknown kind of file, for a Qualtrics export without its header rows, for duplicate
    column names, and for a file without responses.
    """
    if not path.is_file():
        raise DataError(
            "het databestand is er niet",
            place=str(path),
            remedy="Zet de export in data/raw en controleer 'source: file:' in study.yaml.",
        )
    suffix = path.suffix.lower()
    if suffix in (".sav", ".zsav"):
        export = _read_spss(path, missing)
    elif suffix in (".csv", ".tsv", ".txt"):
        export = _with_header(path, _csv_rows(path), form)
    elif suffix in (".xlsx", ".xlsm"):
        export = _with_header(path, _excel_rows(path), form)
    else:
        raise DataError(
            "dit soort bestand kan opentekst niet lezen",
            place=str(path),
            found=suffix or "geen extensie",
            remedy="Exporteer als CSV of SPSS (.sav) uit Qualtrics, of bewaar als .xlsx.",
        )
    frame = export.frame.replace(dict.fromkeys(missing, ""))
    if frame.empty:
        raise DataError(
            "het bestand bevat geen enkele respons",
            place=str(path),
            remedy="Exporteer opnieuw, met alle responsen.",
        )
    return replace(export, frame=frame)


def _unreadable(path: Path, fault: Exception) -> DataError:
    return DataError(
        "dit bestand is niet te lezen",
        place=str(path),
        found=type(fault).__name__,
        remedy="Open het in Excel of SPSS om te zien of het heel is, en exporteer het opnieuw.",
    )


def _decode(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise _unreadable(path, fault) from None
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise _unreadable(path, ValueError())
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _csv_rows(path: Path) -> list[list[str]]:
    text = _decode(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(reader)
    except csv.Error as fault:
        raise DataError(
            "deze regel is geen geldige CSV",
            place=f"{path}:{reader.line_num}",
            found=str(fault),
            remedy="Exporteer opnieuw uit Qualtrics; open en bewaar de CSV niet in Excel.",
        ) from None
    width = len(rows[0]) if rows else 0
    for number, row in enumerate(rows, start=1):
        if row and len(row) != width:
            raise DataError(
                f"deze rij heeft {len(row)} kolommen in plaats van {width}",
                place=f"{path}, rij {number}",
                remedy="Exporteer opnieuw; vaak is het bestand in een ander programma bewaard.",
            )
    return rows


def _excel_rows(path: Path) -> list[list[str]]:
    import pandas as pd

    try:
        frame = pd.read_excel(path, header=None, dtype=str, keep_default_na=False)
    except Exception as fault:
        raise _unreadable(path, fault) from None
    return [[str(cell) for cell in row] for row in frame.to_numpy().tolist()]


def _header_rows(path: Path, rows: list[list[str]], form: Format) -> int:
    """Return how many header rows there are: 3 (Qualtrics), 2 (its legacy format) or 1."""
    if len(rows) > 2 and any('"ImportId"' in cell for cell in rows[2]):
        return 3
    if len(rows) > 1 and any("ResponseID" in cell for cell in rows[1]):
        return 2
    looks_qualtrics = len(_QUALTRICS_COLUMNS & set(rows[0])) >= 3
    if form == "qualtrics" or (form == "auto" and looks_qualtrics):
        raise DataError(
            "deze Qualtrics-export mist zijn kopregels: naast de namen horen er een rij met"
            " vraagteksten en een rij met ImportId te staan",
            place=f"{path}, rij 2-3",
            remedy="Exporteer opnieuw uit Qualtrics zonder rijen te verwijderen, of zet"
            " 'format: plain' onder 'source' in study.yaml als het bestand zo bedoeld is.",
        )
    return 1


def _with_header(path: Path, rows: list[list[str]], form: Format) -> Export:
    import pandas as pd

    if not rows or not any(rows[0]):
        raise DataError(
            "het bestand is leeg", place=str(path), remedy="Exporteer opnieuw, met alle responsen."
        )
    headers = _header_rows(path, rows, form)
    names = [name.strip() for name in rows[0]]
    if headers == 2:
        names = [
            _LEGACY_NAMES.get(text.strip(), name) for name, text in zip(names, rows[1], strict=True)
        ]
    _refuse_duplicates(path, names)
    body = {
        number: row for number, row in enumerate(rows, start=1) if number > headers and any(row)
    }
    kind = {3: "Qualtrics (drie kopregels)", 2: "Qualtrics (oud formaat, twee kopregels)"}
    frame = pd.DataFrame.from_dict(body, orient="index", columns=names, dtype=str)
    asked = rows[1] if headers > 1 else names
    texts = {name: text.strip() or name for name, text in zip(names, asked, strict=True)}
    return Export(path, kind.get(headers, "gewone tabel (één kopregel)"), frame, texts)


def _refuse_duplicates(path: Path, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen and name:
            raise DataError(
                "deze kolomnaam komt twee keer voor",
                place=f"{path}, rij 1",
                found=name,
                remedy="Geef elke vraag in Qualtrics een eigen exportnaam (Question Export Tag).",
            )
        seen.add(name)


def _read_spss(path: Path, missing: tuple[str, ...]) -> Export:
    import pandas as pd
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(path, user_missing=True)
    except Exception as fault:
        raise _unreadable(path, fault) from None
    labels: Mapping[str, Mapping[Any, str]] = meta.variable_value_labels
    text = {
        name: [_spss_cell(value, labels.get(name, {}), missing) for value in frame[name]]
        for name in frame.columns
    }
    index = pd.RangeIndex(1, len(frame) + 1)
    texts = {name: meta.column_names_to_labels.get(name) or name for name in frame.columns}
    listed = {
        name: tuple(c for code in sorted(of) if (c := _spss_cell(code, of, missing)))
        for name, of in labels.items()
    }
    return Export(path, "SPSS", pd.DataFrame(text, index=index, dtype=str), texts, listed)


def _spss_cell(value: Any, labels: Mapping[Any, str], missing: tuple[str, ...]) -> str:
    if value is None or value != value:
        return ""
    plain = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return "" if plain in missing else labels.get(value, plain)
