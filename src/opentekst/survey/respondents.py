"""Which responses count: no tests, consent given, finished, sent once, from a known unit."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentekst.errors import DataError
from opentekst.model import Finding
from opentekst.study import Accept, StudyFile
from opentekst.survey.places import Places, is_brussels, postcode_in

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Respondent:
    """One response that counts. `cells` are its columns, cleaned of HTML and spaces."""

    id: str
    row: int
    unit: str
    role: str
    progress: float
    recorded: str
    cells: pd.Series[str]


@dataclass(frozen=True)
class Kept:
    """The respondents that count, how many each rule removed (in order), and why."""

    respondents: tuple[Respondent, ...]
    removed: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]


def keep_respondents(frame: pd.DataFrame, file: StudyFile, places: Places, source: str) -> Kept:
    """Apply the rules one after the other; every removed row becomes a Finding.

    `frame` is an Export's frame; `source` its file name, for the findings. Raises
    DataError where a column that study.yaml names is missing.
    """
    import pandas as pd

    who = file.respondents
    _require(frame, file, source)
    findings: list[Finding] = []
    removed: list[tuple[str, int]] = []

    def drop(rule: str, rows: pd.Series[bool], column: str, note: Callable[[int], str]) -> None:
        nonlocal frame
        findings.extend(
            Finding(rule, source, int(row), column, note(row)) for row in frame.index[rows]
        )
        removed.append((rule, int(rows.sum())))
        frame = frame[~rows]

    for rule, accept, why in (
        (
            "test of voorbeeld",
            who.status,
            "ingevuld als test of voorbeeld, niet door een respondent",
        ),
        ("geen toestemming", who.consent, "gaf geen toestemming"),
        ("niet afgewerkt", who.finished, "vulde de vragenlijst niet tot het einde in"),
    ):
        if accept is not None:
            rows = ~_accepted(frame[accept.column], accept)
            if rows.all():
                raise DataError(
                    f"geen enkele respons heeft in kolom '{accept.column}' een toegelaten waarde",
                    place=f"{source}, kolom '{accept.column}'",
                    found=", ".join(sorted(set(frame[accept.column]))[:4]),
                    remedy="Schrijf de waarde bij 'accept' in study.yaml zoals ze in het bestand"
                    f" staat; nu staat er: {', '.join(accept.accept)}.",
                )
            drop(rule, rows, accept.column, lambda _row, why=why: why)  # type: ignore[misc]

    findings.extend(_settings_without_rows(frame, file))
    answers = [c for q in file.questions for c in q.columns]
    content = [file.units.postcode, *([who.role] if who.role else []), *answers]
    by_time = (
        frame.sort_values([who.recorded, who.id], kind="stable") if who.recorded in frame else frame
    )
    twice = by_time.duplicated(content) | by_time.duplicated([who.id], keep="last")
    drop(
        "dubbel", twice.reindex(frame.index), who.id, lambda _row: "dezelfde antwoorden staan er al"
    )

    units: dict[int, str] = {}
    for row, cells in frame.iterrows():
        unit, note = _unit(str(cells[who.id]), str(cells[file.units.postcode]), file, places)
        units[int(str(row))] = unit
        if note:
            kind = "postcode aangenomen" if unit else "geen gemeente"
            findings.append(Finding(kind, source, int(str(row)), file.units.postcode, note))
    lost = pd.Series([not units[int(row)] for row in frame.index], index=frame.index, dtype=bool)
    removed.append(("geen gemeente", int(lost.sum())))
    frame = frame[~lost]

    respondents = tuple(
        _respondent(int(str(row)), cells, units[int(str(row))], file)
        for row, cells in frame.iterrows()
    )
    return Kept(respondents, tuple(removed), tuple(findings))


def clean_choice(value: str) -> str:
    """Return a closed answer without HTML entities and surrounding spaces.

    >>> clean_choice(" Zorg &amp; welzijn ")
    'Zorg & welzijn'
    """
    return html.unescape(value).replace("\xa0", " ").strip()


def _require(frame: pd.DataFrame, file: StudyFile, source: str) -> None:
    who = file.respondents
    accepts = [a.column for a in (who.status, who.consent, who.finished) if a is not None]
    wanted = [who.id, *accepts, file.units.postcode, *([who.role] if who.role else [])]
    wanted += [column for question in file.questions for column in question.columns]
    missing = [column for column in dict.fromkeys(wanted) if column not in frame.columns]
    if missing:
        more = f" en nog {len(missing) - 1} andere" if len(missing) > 1 else ""
        raise DataError(
            f"kolom '{missing[0]}'{more} staat in study.yaml maar niet in het bestand",
            place=f"{source}, rij 1",
            found=", ".join(_near(missing[0], list(frame.columns))) or "geen gelijkende kolom",
            remedy="Verbeter de kolomnaam in study.yaml, of exporteer opnieuw met alle vragen.",
        )


def _settings_without_rows(frame: pd.DataFrame, file: StudyFile) -> list[Finding]:
    """Report respondents and roles that study.yaml names and the file does not hold."""
    who = file.respondents
    ids = set(frame[who.id])
    found = [
        Finding("studie", "study.yaml", None, "units.assign", f"respons {name} staat er niet in")
        for name in file.units.assign
        if name not in ids
    ]
    roles = {clean_choice(cell) for cell in frame[who.role]} if who.role else set()
    found += [
        Finding("studie", "study.yaml", None, f"sections.{section.id}", f"niemand is '{role}'")
        for section in file.sections
        for role in section.responsible
        if role not in roles
    ]
    return found


def _near(name: str, columns: Sequence[str]) -> list[str]:
    import difflib

    return difflib.get_close_matches(name, columns, n=3)


def _accepted(column: pd.Series[str], accept: Accept) -> pd.Series[bool]:
    wanted = {clean_choice(value).casefold() for value in accept.accept}
    return column.map(lambda cell: clean_choice(cell).casefold() in wanted).astype(bool)


def _unit(respondent: str, typed: str, file: StudyFile, places: Places) -> tuple[str, str]:
    """Return a respondent's unit (or nothing) and what the cleaning log should say."""
    assigned = file.units.assign.get(respondent)
    if assigned is not None:
        place = places.named(assigned)
        if place is None:
            raise DataError(
                "deze gemeente bestaat niet op de dag van de bevraging",
                place=f"study.yaml, units.assign, {respondent}",
                found=assigned,
                remedy="Schrijf de naam zoals Statbel, of de NIS-code.",
            )
        return place.nis, f"door de onderzoeker toegewezen aan {place.name}"
    code = postcode_in(typed)
    remedy = f"wijs toe met units.assign in study.yaml: {respondent}: <gemeente>"
    if not code:
        return "", f"geen postcode te herkennen; {remedy}"
    found = places.by_postcode.get(code, ())
    names = ", ".join(places.municipalities[nis].name for nis in places.doubtful.get(code, found))
    if len(found) == 1:
        doubt = code in places.doubtful
        return found[0], f"postcode {code} hoort bij {names}; {remedy}" if doubt else ""
    if found:
        return "", f"postcode {code} hoort bij {names}; {remedy}"
    if is_brussels(code):
        return "", f"postcode {code} ligt in het Brussels Gewest, niet in Vlaanderen"
    return "", f"postcode {code} is geen Vlaamse postcode; {remedy}"


def _respondent(row: int, cells: pd.Series[str], unit: str, file: StudyFile) -> Respondent:
    who = file.respondents
    try:
        progress = float(cells.get(who.progress, "0") or 0)
    except ValueError:
        progress = 0.0
    return Respondent(
        id=str(cells[who.id]),
        row=row,
        unit=unit,
        role=clean_choice(str(cells[who.role])) if who.role else "",
        progress=progress,
        recorded=str(cells.get(who.recorded, "")),
        cells=cells,
    )
