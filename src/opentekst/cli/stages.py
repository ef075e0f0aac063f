"""`read`, `normalise`, `code`, `tables`, and `run` for all that is out of date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, console, guarded, run_stages, say

HELP = {
    "read": "Lees de export in: één respons per gemeente, met een opschoningslog.",
    "normalise": "Maak de open antwoorden klaar: opgeschoonde tekst, lemma's, segmenten.",
    "code": "Codeer de open antwoorden tegen de codeboeken.",
    "tables": "Tel de tabellen en vergelijk ze met de gedrukte.",
}
AgainOption = Annotated[
    bool, typer.Option("--again", help="Doe de stap opnieuw, ook als ze bij is.")
]


def register(app: typer.Typer) -> None:
    """Add the stage commands to the app."""
    for name, text in HELP.items():
        app.command(name, help=text)(_stage_command(name))
    app.command("run", help="Doe alles wat niet meer bij is, in volgorde.")(run)


def _stage_command(name: str) -> Callable[..., None]:
    def command(
        study: StudyOption = Path(), as_json: JsonOption = False, again: AgainOption = False
    ) -> None:
        with guarded():
            run_stages(study, (name,), again, as_json)
            if name == "tables":
                _print_tables(study, as_json)

    return command


def run(
    study: StudyOption = Path(), as_json: JsonOption = False, again: AgainOption = False
) -> None:
    """Do every stage that is out of date, in order, and say where the results are."""
    with guarded():
        reports = run_stages(study, (), again, as_json)
        if not any(report.ran for report in reports):
            say(["Alles was al bij: er is niets gedaan."], as_json)
        root = "" if study == Path() else f"{study}/"
        there = "" if study == Path() else f" (met --study {study})"
        say(
            [
                "",
                f"Tabellen: {root}results/tables/tabellen.html (ook .xlsx en .csv)",
                f"Opschoning: {root}results/opschoning.csv",
                f"Kaart van antwoorden en thema's: {root}results/topics/kaart.html",
                f"Verder{there}: opentekst topics (voorstellen voor het codeboek), opentekst show"
                " (antwoorden met hun codes), opentekst tables (in de terminal), opentekst review"
                " push (nakijken in Label Studio), opentekst themes (thema's kiezen), opentekst"
                " report (alles op één pagina)",
            ],
            as_json,
        )


def _print_tables(study: Path, as_json: bool) -> None:
    if as_json:
        return
    from opentekst.pipeline.views import current_tables
    from opentekst.results.export import to_terminal

    console.print(to_terminal(current_tables(study)))
