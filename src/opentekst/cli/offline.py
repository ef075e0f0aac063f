"""`opentekst review export|import`: files for coders who work without a server."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, emit, guarded, say
from opentekst.study import Study


class Format(StrEnum):
    """What a coder works with: Excel, or a Label Studio elsewhere."""

    EXCEL = "excel"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands to `opentekst review`."""
    app.command("export")(export)
    app.command("import")(import_)


def export(
    file: Annotated[Path, typer.Argument(metavar="BESTAND", help="Zoals noden.xlsx.")],
    question: Annotated[
        str,
        typer.Option("--question", help="Alleen deze vraag; anders een bestand per vraag."),
    ] = "",
    form: Annotated[
        Format | None, typer.Option("--format", help="Anders zegt het achtervoegsel het.")
    ] = None,
    blind: Annotated[bool, typer.Option("--blind", help="Zonder voorstellen.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Ook wat mensen al beslisten.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Vervang een bestand dat er al staat.")
    ] = False,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Maak bestanden om zonder server te coderen: Excel (.xlsx) of Label Studio (.json)."""
    from opentekst.pipeline import offline

    with guarded():
        kind = offline.kind_of(file) if form is None else offline.KINDS[form.value]
        done = offline.export(Study.open(study), file, question, kind, blind, everything, again)
        for report in done:
            where = " en ".join(str(path) for path in report.files) or "niets te coderen"
            left = f"; bleven hier: {', '.join(report.left_out)}" if report.left_out else ""
            say([f"{report.question}: {report.answers} antwoorden in {where}{left}"], as_json)
        made = [path for report in done for path in report.files]
        if made:
            say(_next(made, kind), as_json)
        if as_json:
            emit(
                {
                    r.question: {
                        "answers": r.answers,
                        "files": [str(path) for path in r.files],
                        "left_out": list(r.left_out),
                    }
                    for r in done
                }
            )


def _next(made: list[Path], kind: str) -> list[str]:
    if kind == "excel":
        return [f"Verder: vul in, bewaar, en dan: opentekst review import {made[0]} --coder EMAIL"]
    return [
        "Verder, in Label Studio: de .xml in Settings > Labeling Interface > Code, de .json bij"
        " Import; codeer; Export als JSON",
        "En dan: opentekst review import UITVOER.json",
    ]


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="BESTAND", help="Ingevulde .xlsx, of .json uit Label Studio.")
    ],
    coder: Annotated[
        list[str] | None,
        typer.Option("--coder", help="E-mailadres van wie codeerde; of NUMMER=E-MAIL (.json)."),
    ] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Lees in wat iemand in een bestand codeerde; twee keer inlezen voegt niets toe."""
    from opentekst.pipeline import offline

    with guarded():
        done = offline.take_in(Study.open(study), file, coder or ())
        for report in done:
            counts = {
                "nieuw": report.new,
                "stonden er al": report.unchanged,
                "nog niet gecodeerd": report.uncoded,
                "overgeslagen": report.skipped,
            }
            told = [f"{count} {what}" for what, count in counts.items() if count]
            say(
                [": ".join([f"{report.question}: {report.coded} gecodeerd", ", ".join(told)])],
                as_json,
            )
            say([f"  {remark}" for remark in report.remarks], as_json)
            if report.new:
                say([f"  bewaard in {report.path}"], as_json)
        say(["Verder: opentekst run"], as_json)
        if as_json:
            emit(
                {
                    r.question: {
                        "coded": r.coded,
                        "new": r.new,
                        "unchanged": r.unchanged,
                        "uncoded": r.uncoded,
                        "skipped": r.skipped,
                        "remarks": list(r.remarks),
                    }
                    for r in done
                }
            )
