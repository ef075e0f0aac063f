"""The export as Qualtrics writes it: CSV with three header rows, and SPSS."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from example.people import ANDERE, CONSENT, MISSING, REFUSAL, ROLES, Person
from opentekst.study import Study

STANDARD = {
    "StartDate": ("Start Date", {"ImportId": "startDate", "timeZone": "Europe/Brussels"}),
    "EndDate": ("End Date", {"ImportId": "endDate", "timeZone": "Europe/Brussels"}),
    "Status": ("Response Type", {"ImportId": "status"}),
    "IPAddress": ("IP Address", {"ImportId": "ipAddress"}),
    "Progress": ("Progress", {"ImportId": "progress"}),
    "Duration (in seconds)": ("Duration (in seconds)", {"ImportId": "duration"}),
    "Finished": ("Finished", {"ImportId": "finished"}),
    "RecordedDate": ("Recorded Date", {"ImportId": "recordedDate", "timeZone": "Europe/Brussels"}),
    "ResponseId": ("Response ID", {"ImportId": "_recordId"}),
    "RecipientLastName": ("Recipient Last Name", {"ImportId": "recipientLastName"}),
    "RecipientFirstName": ("Recipient First Name", {"ImportId": "recipientFirstName"}),
    "RecipientEmail": ("Recipient Email", {"ImportId": "recipientEmail"}),
    "ExternalReference": ("External Data Reference", {"ImportId": "externalDataReference"}),
    "LocationLatitude": ("Location Latitude", {"ImportId": "locationLatitude"}),
    "LocationLongitude": ("Location Longitude", {"ImportId": "locationLongitude"}),
    "DistributionChannel": ("Distribution Channel", {"ImportId": "distributionChannel"}),
    "UserLanguage": ("User Language", {"ImportId": "userLanguage"}),
}
DATES = ("StartDate", "EndDate", "RecordedDate")
NUMBERS = ("Progress", "Duration (in seconds)")
CODED = {
    "Status": ("IP Address", "Survey Preview", "Survey Test"),
    "Finished": ("False", "True"),
}
# A .sav says when it was written; a fixed time keeps the file the same byte for byte.
SAV_STAMP = (92, b"30 Apr 2118:00:00")


@dataclass(frozen=True)
class Column:
    """A column of the questionnaire; `labels` are its choices, none for text."""

    name: str
    text: str
    import_id: str
    labels: tuple[str, ...] = ()


def questionnaire(study: Study) -> list[Column]:
    """Return the questionnaire's columns in the order of the export."""
    columns = [
        Column(
            "toestemming",
            "Gaat u akkoord met deelname aan dit onderzoek?",
            "QID1",
            (CONSENT, REFUSAL),
        ),
        Column("postcode", "Wat is de postcode van uw gemeente of stad?", "QID2_TEXT"),
        Column("functie", "Wat is uw functie binnen het lokaal bestuur?", "QID3", ROLES),
    ]
    boxes: list[Column] = []
    for number, question in enumerate(study.file.questions, start=4):
        qid = f"QID{number}"
        if question.kind == "single":
            columns.append(Column(question.column, question.text, qid, question.values))
        elif question.kind == "multiple":
            columns += [
                Column(c.column, f"{question.text} - {c.label}", f"{qid}_{i}", (c.label,))
                for i, c in enumerate(question.choices, start=1)
            ]
        elif question.kind == "matrix":
            columns += [
                Column(m.column, f"{question.text} - {m.label}", f"{qid}_{i}", question.values)
                for i, m in enumerate(question.items, start=1)
            ]
        elif question.column.endswith("_TEXT"):
            boxes.append(Column(question.column, question.text, qid))
        else:
            columns.append(Column(question.column, question.text, f"{qid}_TEXT"))
    for box in boxes:  # a text box stands right after the choice or row that it belongs to
        above = box.name.removesuffix("_TEXT")
        owners = (above, above.rpartition("_")[0])  # functie_9_TEXT belongs to functie
        place = next(i for i, column in enumerate(columns) if column.name in owners)
        near = columns[place]
        text, import_id = near.text, near.import_id
        if near.name != above:
            text, import_id = f"{text} - {ANDERE}", f"{import_id}_{above.rpartition('_')[2]}"
        columns.insert(place + 1, Column(box.name, f"{text} - Text", f"{import_id}_TEXT"))
    return columns


def table(people: Sequence[Person], columns: Sequence[Column]) -> list[list[str]]:
    """Return the rows of the export, all text, in the order in which people started."""
    rows = []
    for person in sorted(people, key=lambda p: (p.start, p.id)):
        preview = person.status != "IP Address"
        standard = {
            "StartDate": str(person.start),
            "EndDate": str(person.end),
            "Status": person.status,
            "Progress": str(person.progress),
            "Duration (in seconds)": str(person.seconds),
            "Finished": str(person.finished),
            "RecordedDate": str(person.recorded),
            "ResponseId": person.id,
            "DistributionChannel": "preview" if preview else "anonymous",
            "UserLanguage": "NL",
        }
        cells = [standard.get(name, "") for name in STANDARD]
        rows.append(cells + [person.cells.get(column.name, "") for column in columns])
    return rows


def qualtrics_csv(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> bytes:
    """Return the CSV: UTF-8 with BOM, CRLF, three header rows."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*STANDARD, *(column.name for column in columns)])
    writer.writerow([text for text, _ in STANDARD.values()] + [column.text for column in columns])
    imports: list[dict[str, str]] = [of for _, of in STANDARD.values()]
    imports += [{"ImportId": column.import_id} for column in columns]
    writer.writerow([json.dumps(of, separators=(",", ":")) for of in imports])
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def spss(rows: Sequence[Sequence[str]], columns: Sequence[Column], scratch: Path) -> bytes:
    """Return the same rows as an SPSS file; `scratch` is a file that may be written."""
    labels = CODED | {column.name: column.labels for column in columns if column.labels}
    first = {"Status": 0, "Finished": 0}
    names = [*STANDARD, *(column.name for column in columns)]
    data: dict[str, Any] = {}
    for i, name in enumerate(names):
        cells = [row[i] for row in rows]
        if name in DATES:
            data[name] = pd.to_datetime(pd.Series(cells))
        elif name in NUMBERS:
            data[name] = [float(cell) for cell in cells]
        elif name in labels:
            codes = {label: n for n, label in enumerate(labels[name], start=first.get(name, 1))}
            data[name] = [
                None if not cell else float(MISSING if cell == MISSING else codes[cell])
                for cell in cells
            ]
        else:
            data[name] = cells
    frame = pd.DataFrame(data).rename(columns=_spss_name)
    text = {name: label for name, (label, _) in STANDARD.items()}
    text |= {column.name: column.text for column in columns}
    pyreadstat.write_sav(
        frame,
        scratch,
        row_compress=True,
        file_label="Bevraging eenzaamheid 2021 (verzonnen respondenten)",
        column_labels={_spss_name(name): label[:250] for name, label in text.items()},
        variable_value_labels={
            _spss_name(name): {n: label for n, label in enumerate(given, start=first.get(name, 1))}
            for name, given in labels.items()
        },
        variable_measure={_spss_name(name): "nominal" for name in labels},
        variable_format={_spss_name(name): "F4.0" for name in labels}
        | {_spss_name(name): "F8.0" for name in NUMBERS},
    )
    content = scratch.read_bytes()
    scratch.unlink()
    at, stamp = SAV_STAMP
    return content[:at] + stamp + content[at + len(stamp) :]


def _spss_name(name: str) -> str:
    return name.replace(" (", "__").replace(" ", "_").replace(")", "_")
