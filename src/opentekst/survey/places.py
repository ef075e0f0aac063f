"""Which municipality a postcode belongs to on a given day.

Facts from Statbel (CC BY 4.0), shipped in `statbel/`.
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from opentekst.errors import DataError

MERGERS = datetime.date(2025, 1, 1)
"""On this day 28 municipalities became 13 (fusies_2025.csv)."""


@dataclass(frozen=True)
class Municipality:
    """A Flemish municipality as it was on the day asked for."""

    nis: str
    name: str
    district: str
    province: str


@dataclass(frozen=True)
class Places:
    """The municipalities of one day, and the postcodes of each.

    `by_postcode` holds what is valid on the day; `doubtful` the postcodes that at another
    time also belong to another municipality that exists on the day.
    """

    municipalities: Mapping[str, Municipality]
    by_postcode: Mapping[str, tuple[str, ...]]
    doubtful: Mapping[str, tuple[str, ...]]

    def named(self, name: str) -> Municipality | None:
        """Return the municipality with this name (or NIS code), whatever the case."""
        wanted = name.strip().casefold()
        for place in self.municipalities.values():
            if wanted in (place.name.casefold(), place.nis):
                return place
        return None


@cache
def places_on(day: datetime.date) -> Places:
    """Return the municipalities and postcodes valid on `day`."""
    stamp = day.isoformat()
    municipalities = {
        row["nis"]: Municipality(row["nis"], row["naam"], row["arrondissement"], row["provincie"])
        for row in _rows("gemeenten.csv")
        if _valid(row, stamp)
    }
    valid: dict[str, set[str]] = {}
    ever: dict[str, set[str]] = {}
    for row in _rows("postcodes.csv"):
        if row["nis"] in municipalities:
            ever.setdefault(row["postcode"], set()).add(row["nis"])
            if _valid(row, stamp):
                valid.setdefault(row["postcode"], set()).add(row["nis"])
    return Places(
        municipalities,
        {code: tuple(sorted(found)) for code, found in valid.items()},
        {code: tuple(sorted(found)) for code, found in ever.items() if len(found) > 1},
    )


def all_names() -> frozenset[str]:
    """Return the names of all municipalities, of every day that is known, and of districts."""
    rows = _rows("gemeenten.csv")
    return frozenset(row[column] for row in rows for column in ("naam", "arrondissement"))


@cache
def successors(then: datetime.date, now: datetime.date) -> Mapping[str, str]:
    """Return for each municipality (NIS code) of the day `then` which one it is in on `now`.

    The mergers are those of 1 January 2025. Raises DataError where `then` is the later day,
    and where a municipality of then is unknown now.
    """
    if then > now:
        raise DataError(
            "de oudere golf heeft een latere datum dan de nieuwere",
            found=f"{then} na {now}",
            remedy="Zet de golven in study.yaml van oud naar nieuw, of verbeter 'date'.",
        )
    merged = {row["nis_oud"]: row["nis_nieuw"] for row in _rows("fusies_2025.csv")}
    known = places_on(now).municipalities
    found = {}
    for nis, place in places_on(then).municipalities.items():
        became = merged.get(nis, nis) if then < MERGERS <= now else nis
        if became not in known:
            raise DataError(
                "van deze gemeente is niet bekend in welke zij is opgegaan",
                place=str(now),
                found=f"{place.name} ({nis})",
                remedy="opentekst kent de fusies van 2025; meld een latere als fout.",
            )
        found[nis] = became
    return found


def postcode_in(text: str) -> str:
    """Return the one Belgian postcode in what a person typed, or an empty string.

    >>> postcode_in("B-9000 Gent"), postcode_in("99999"), postcode_in("2300 of 2310")
    ('9000', '', '')
    """
    found = set(re.findall(r"(?<!\d)[1-9]\d{3}(?!\d)", text))
    return found.pop() if len(found) == 1 else ""


def is_brussels(postcode: str) -> bool:
    """Tell whether a postcode is one of the Brussels-Capital Region (1000 to 1299).

    >>> is_brussels("1070"), is_brussels("1500")
    (True, False)
    """
    return postcode.isdigit() and 1000 <= int(postcode) <= 1299


def _rows(name: str) -> list[dict[str, str]]:
    with files("opentekst.survey").joinpath("statbel", name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _valid(row: Mapping[str, str], day: str) -> bool:
    return row["geldig_van"] <= day and (not row["geldig_tot"] or row["geldig_tot"] >= day)
