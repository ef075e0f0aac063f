"""Who answered: the columns that say which response counts, from which unit and when."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentekst.errors import DataError
from opentekst.study import Accept, Respondents
from opentekst.survey.export import Export
from opentekst.survey.places import postcode_in
from opentekst.survey.recognise import Column, groups_in, kind_of

if TYPE_CHECKING:
    import pandas as pd

QUALTRICS = {  # columns that Qualtrics adds itself
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Finished", "RecordedDate"),
    *("Duration (in seconds)", "Duration__in_seconds_", "ResponseId", "RecipientLastName"),
    *("RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude"),
    *("LocationLongitude", "DistributionChannel", "UserLanguage", "ResponseSet"),
}
_LEGACY = {"ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "EndDate"}
_TIMER = re.compile(r"^Q_[A-Z]|_(First|Last)_?\s?Click$|_Page_?\s?Submit$|_Click_?\s?Count$")
_DATES = ("recordeddate", "startdate", "enddate", "submitdate", "datum", "tijdstip", "tijdstempel")
_IDS = ("id", "respondent", "respondentid", "respondentnummer", "volgnummer", "nummer", "nr")

_CONSENT = re.compile(
    r"toestemming|\b(informed )?consent\b|(akkoord|instem|neem).*(deel|onderzoek|gegevens|privacy)",
    re.IGNORECASE,
)
_CONSENT_NAME = re.compile(r"toestemming|consent|akkoord|gdpr", re.IGNORECASE)
_GIVES = re.compile(r"\bik (ga|geef|stem|neem)\b.*\b(akkoord|toestemming|toe|in|deel)\b", re.I)
_REFUSES = re.compile(r"\b(nee|neen|no|niet|geen|weiger)\b", re.IGNORECASE)
_POSTCODE = re.compile(r"postcode|postnummer|postal|\bzip(code)?\b", re.IGNORECASE)
_ROLE = re.compile(r"\b(uw|jouw|je) (huidige )?functie\b", re.IGNORECASE)


@dataclass(frozen=True)
class Who:
    """`postcode` is empty where none was found, `day` None where no date was; `used` are columns
    that ask nothing. `guesses` says per field of study.yaml, in Dutch, what to check.
    """

    respondents: Respondents
    postcode: str
    day: datetime.date | None
    used: frozenset[str]
    guesses: Mapping[str, str]


def find_who(export: Export, columns: Mapping[str, Column]) -> Who:
    """Return what the columns say of the respondents.

    Raises DataError where no column tells one response from another.
    """
    guesses: dict[str, str] = {}
    technical = {name for name, column in columns.items() if _technical(column)}
    grouped = {c.name for g in groups_in(columns.values()) if len(g.columns) > 1 for c in g.columns}
    free = [c for name, c in columns.items() if name not in technical | grouped and c.cells]
    postcode = _postcode(free, guesses)
    free = [column for column in free if column.name != postcode]
    consent = _consent(free, len(export.frame), guesses)
    role = _role(free, guesses)
    who = _id(export, columns, free, guesses)
    status, finished = _status(columns.get("Status")), _finished(columns.get("Finished"))
    dates = [c for c in columns.values() if c.name.casefold() in _DATES and c.cells]
    if not dates:
        dates = _days(free, len(export.frame), guesses)
    named = {"recorded": "RecordedDate"} if not dates else {}
    if dates:
        named["recorded"] = min(dates, key=_rank).name
    respondents = Respondents(
        id=who, role=role, status=status, consent=consent, finished=finished, **named
    )
    used = {who, postcode, role, consent.column if consent else "", *(c.name for c in dates)}
    return Who(
        respondents,
        postcode,
        _first_day(export.frame, dates, status),
        frozenset(technical | used - {""}),
        guesses,
    )


def _technical(column: Column) -> bool:
    legacy = re.fullmatch(r"V\d+", column.name) and column.text in _LEGACY
    return bool(column.name in QUALTRICS or _TIMER.search(column.name) or legacy)


def _id(
    export: Export, columns: Mapping[str, Column], free: Sequence[Column], guesses: dict[str, str]
) -> str:
    if "ResponseId" in columns:
        return "ResponseId"
    unique = [c for c in free if len(c.cells) == len(export.frame) == len(set(c.cells))]
    short = [c for c in unique if all(re.fullmatch(r"\S{1,40}", cell) for cell in c.cells)]
    short.sort(key=lambda c: re.sub(r"[\s._-]", "", c.name.casefold()) not in _IDS)
    if not short:
        raise DataError(
            "geen kolom zegt welke respons welke is",
            place=str(export.path),
            remedy="Voeg een kolom 'id' toe met in elke rij een ander nummer, en probeer opnieuw.",
        )
    guesses["id"] = f"kolom '{short[0].name}' heeft in elke rij een andere waarde"
    return short[0].name


def _rank(column: Column) -> int:
    name = column.name.casefold()
    return _DATES.index(name) if name in _DATES else len(_DATES)


def _days(columns: Sequence[Column], rows: int, guesses: dict[str, str]) -> list[Column]:
    """Return the first column with a date in every row that is nobody's birthday."""
    for column in columns:
        born = re.search(r"geboor|birth", f"{column.name} {column.text}", re.IGNORECASE)
        if len(column.cells) == rows and not born and kind_of(column) == "date":
            guesses["recorded"] = f"kolom '{column.name}' bevat in elke rij een datum"
            return [column]
    return []


def _postcode(columns: Sequence[Column], guesses: dict[str, str]) -> str:
    def share(column: Column) -> float:
        return sum(bool(postcode_in(cell)) for cell in column.cells) / len(column.cells)

    named = [c for c in columns if _POSTCODE.search(c.name) or _POSTCODE.search(c.text)]
    named = [c for c in named if share(c) >= 0.5]
    if named:
        return max(named, key=share).name
    digits = [
        column
        for column in columns
        if len(column.counts) > 2
        and not re.search(r"jaar|year", f"{column.name} {column.text}", re.IGNORECASE)
        and sum(bool(re.fullmatch(r"[1-9]\d{3}", c)) for c in column.cells)
        >= 0.8 * len(column.cells)
    ]
    if not digits:
        return ""
    guesses["postcode"] = f"kolom '{digits[0].name}' bevat bijna alleen getallen van vier cijfers"
    return digits[0].name


def _consent(columns: Sequence[Column], rows: int, guesses: dict[str, str]) -> Accept | None:
    for column in columns:
        speaks = (
            _CONSENT_NAME.search(column.name)
            or _CONSENT.search(column.text)
            or any(_GIVES.search(value) for value in column.values)
        )
        if not speaks or len(column.values) > 3:
            continue
        accept = tuple(v for v in column.values if not _REFUSES.search(v) and v != "0")
        if len(accept) > 1 and all(value.isdigit() for value in accept):
            accept = tuple(value for value in accept if value == "1")
        if len(accept) != 1:
            continue
        said = f"wie in kolom '{column.name}' iets anders dan '{accept[0]}' (of niets) invulde,"
        guesses["consent"] = f"{said} telt niet mee"
        if len(column.cells) < rows / 2:
            guesses["consent"] += "; dat is hier meer dan de helft"
        return Accept(column=column.name, accept=accept)
    return None


def _role(columns: Sequence[Column], guesses: dict[str, str]) -> str:
    for column in columns:
        asked = column.name.casefold() in ("functie", "uw_functie", "rol") or _ROLE.search(
            column.text
        )
        text_box = column.name.upper().endswith("_TEXT")
        if asked and not text_box and kind_of(column) == "single":
            guesses["role"] = (
                f"kolom '{column.name}' zegt wie antwoordde en is daarom geen vraag; wilt u ze"
                " tellen, voeg ze dan ook bij 'questions' toe"
            )
            return column.name
    return ""


def _status(column: Column | None) -> Accept | None:
    if column is None or not column.cells:
        return None
    test = re.compile(r"preview|test|spam|voorbeeld|^[12]$|^[89]$|^17$", re.IGNORECASE)
    real = [value for value in column.values if not test.search(value)]
    return Accept(column=column.name, accept=tuple(dict.fromkeys(["IP Address", "0", *real])))


def _finished(column: Column | None) -> Accept | None:
    if column is None or not column.cells:
        return None
    yes = [v for v in column.values if v.casefold() in ("true", "1", "waar", "ja", "yes")]
    return Accept(column=column.name, accept=tuple(dict.fromkeys(["True", "1", *yes])))


def _first_day(
    frame: pd.DataFrame, dates: Sequence[Column], status: Accept | None
) -> datetime.date | None:
    import pandas as pd

    if status is not None:
        real = frame[frame[status.column].isin(status.accept)]
        frame = frame if real.empty else real
    days = []
    for column in dates:
        cells = frame[column.name]
        iso = bool(cells.str.match(r"\d{4}-").any())
        parsed = pd.to_datetime(cells, errors="coerce", format="mixed", dayfirst=not iso)
        if parsed.notna().any():
            days.append(parsed.min().date())
    return min(days) if days else None
