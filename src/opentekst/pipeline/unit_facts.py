"""What is known of municipalities besides their answers: province, traits, weights."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from opentekst.errors import DataError
from opentekst.store import file_hash
from opentekst.study import Study
from opentekst.survey.places import Places, places_on

if TYPE_CHECKING:
    from opentekst.results.census import Facts

KEYS = ("nis", "gemeente")
SIZE = "grootte"
INHABITANTS = "inwoners"


def facts_inputs(study: Study) -> Mapping[str, str]:
    """The files that tell of municipalities, where the study's tables need them."""
    inputs = {}
    if study.file.units.traits:
        inputs["traits"] = file_hash(study.root / study.file.units.traits)
        inputs["sizes"] = str(study.file.units.sizes)
    if any(table.weight for table in study.file.tables):
        inputs["export"] = file_hash(study.root / study.file.source.file)
    return inputs


def unit_facts(study: Study) -> Facts:
    """Return province and district of every municipality, the study's own traits, weights.

    Raises DataError for a file of traits that lacks a municipality or names one that does
    not exist, and for a weight that is no number above 0.
    """
    from opentekst.results.census import Facts

    places = places_on(study.file.date)
    units = places.municipalities
    traits: dict[str, Mapping[str, str]] = {
        "provincie": {nis: unit.province for nis, unit in units.items()},
        "arrondissement": {nis: unit.district for nis, unit in units.items()},
    }
    order = {name: tuple(sorted(set(of.values()))) for name, of in traits.items()}
    if study.file.units.traits:
        own = _own_traits(study, places)
        for name, values in own.items():
            traits[name] = values
            order[name] = tuple(dict.fromkeys(values[nis] for nis in units))
        if INHABITANTS in own:
            traits[SIZE], order[SIZE] = _sizes(study, own[INHABITANTS])
    columns = {t.weight for t in study.file.tables if t.weight} - traits.keys()
    return Facts(traits, order, _weights(study, columns, places) if columns else {})


def _own_traits(study: Study, places: Places) -> dict[str, dict[str, str]]:
    """Return trait → municipality → value, of the file that study.yaml names."""
    path = study.root / study.file.units.traits
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise DataError(
            "de kenmerken van de gemeenten zijn niet te lezen",
            place=str(path),
            found=type(fault).__name__,
            remedy="Controleer 'units: traits' in study.yaml; bewaar het bestand als UTF-8.",
        ) from None
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    key = next((name for name in KEYS if name in (rows.fieldnames or ())), None)
    if key is None:
        raise DataError(
            "de kolom die zegt welke gemeente het is, ontbreekt",
            place=f"{path}, rij 1",
            remedy="Noem een kolom 'nis' (NIS-code) of 'gemeente' (naam).",
        )
    found: dict[str, dict[str, str]] = {n: {} for n in rows.fieldnames or () if n not in KEYS}
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        unit = places.named(row[key] or "")
        if unit is None or unit.nis in seen:
            raise DataError(
                "deze gemeente bestaat niet op de dag van de studie, of staat er twee keer",
                place=f"{path}, rij {number}, kolom '{key}'",
                found=row[key],
                remedy="Verbeter de naam of de NIS-code; 'date' in study.yaml zegt de dag.",
            )
        seen.add(unit.nis)
        for name, values in found.items():
            values[unit.nis] = (row[name] or "").strip()
    missing = sorted(places.municipalities[nis].name for nis in places.municipalities.keys() - seen)
    if missing:
        raise DataError(
            f"{len(missing)} gemeenten ontbreken bij de kenmerken",
            place=str(path),
            found=", ".join(missing[:5]),
            remedy="Geef een rij voor elke gemeente, ook wie niet antwoordde: zo klopt het wegen.",
        )
    return found


def _sizes(study: Study, inhabitants: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    limits = sorted(study.file.units.sizes)
    dotted = [f"{limit:,}".replace(",", ".") for limit in limits]
    labels = (
        f"minder dan {dotted[0]} inwoners",
        *(f"{a} tot {b} inwoners" for a, b in pairwise(dotted)),
        f"{dotted[-1]} inwoners of meer",
    )
    of = {}
    for nis, text in inhabitants.items():
        digits = text.replace(".", "").replace(" ", "")
        if not digits.isdigit():
            raise DataError(
                "hier hoort een aantal inwoners",
                place=f"{study.root / study.file.units.traits}, NIS-code {nis}",
                found=text,
                remedy="Schrijf een geheel getal, zoals 12345.",
            )
        of[nis] = labels[sum(int(digits) >= limit for limit in limits)]
    return of, labels


def _weights(study: Study, columns: Collection[str], places: Places) -> dict[str, dict[str, float]]:
    """Return column → municipality → weight: the mean of its respondents'."""
    from opentekst.survey.export import read_export
    from opentekst.survey.respondents import keep_respondents

    source = study.file.source
    export = read_export(study.root / source.file, source.format, source.missing)
    kept = keep_respondents(export.frame, study.file, places, source.file).respondents
    found: dict[str, dict[str, float]] = {}
    for column in sorted(set(columns) & set(export.frame.columns)):
        given: dict[str, list[float]] = {}
        for respondent in kept:
            given.setdefault(respondent.unit, []).append(
                _weight(
                    str(respondent.cells[column]), f"{source.file}, rij {respondent.row}", column
                )
            )
        found[column] = {unit: math.fsum(of) / len(of) for unit, of in given.items()}
    return found


def _weight(text: str, place: str, column: str) -> float:
    try:
        weight = float(text.strip().replace(",", "."))
    except ValueError:
        weight = math.nan
    if not 0 < weight < math.inf:
        raise DataError(
            "hier hoort een gewicht",
            place=f"{place}, kolom '{column}'",
            found=text[:20],
            remedy="Een gewicht is een getal groter dan 0, voor elke respons die meetelt.",
        )
    return weight
