"""`opentekst audit`: recompute the tables of a printed report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, emit, guarded, say
from opentekst.errors import OpentekstError


def audit(
    file: Annotated[
        Path, typer.Argument(metavar="BESTAND", help="Tabellen: .txt, .csv, .xlsx of .docx.")
    ],
    to: Annotated[
        Path | None, typer.Option("--to", help="Bewaar de bevindingen als .xlsx of .csv.")
    ] = None,
    single: Annotated[
        list[str] | None,
        typer.Option("--single", help="Nummer van een tabel met één antwoord per eenheid."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Reken gedrukte tabellen na: welke percentages en bases kunnen niet kloppen?

    Einde met code 0: niets gevonden; 1: wel; 2: het bestand is niet na te kijken.
    """
    from opentekst.pipeline import printed_says, printed_tables

    with guarded(OpentekstError):
        found = printed_tables.audit_file(file, single or ())
        if to:
            printed_tables.write(to, file, found)
    for one in found.tables:
        say([*printed_says.table_lines(one), ""], as_json)
    if found.in_text:
        lines = [line for flaw in found.in_text for line in printed_says.flaw_lines(flaw)]
        say(["Lopende tekst", *lines, ""], as_json)
    say(list(printed_says.summary_lines(found)), as_json)
    if to:
        say([f"Bewaard in {to}"], as_json)
    if not found.flaws:
        after = "Verder: niets te verbeteren aan wat nagerekend kon worden"
    elif to:
        after = "Verder: zoek elke bevinding op in de bron en verbeter het aantal, % of de basis"
    else:
        after = f"Verder: zoek elke bevinding op in de bron; een lijst: opentekst audit {file} --to"
        after += " bevindingen.xlsx"
    say([after], as_json)
    if as_json:
        emit(printed_says.as_data(str(file), found))
    if found.flaws:
        raise typer.Exit(1)
