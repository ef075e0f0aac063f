"""`opentekst review …`: to Label Studio, where people code, and back into the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli import live, serve
from opentekst.cli.common import JsonOption, StudyOption, bar, emit, guarded, say
from opentekst.study import Study

app = typer.Typer(help="Nakijken door mensen, in Label Studio.", no_args_is_help=True)

UrlOption = Annotated[str, typer.Option("--url", help="Adres (of LABEL_STUDIO_URL).")]
KeyOption = Annotated[str, typer.Option("--key", help="Sleutel (of LABEL_STUDIO_API_KEY).")]
QuestionOption = Annotated[str, typer.Option("--question", help="Alleen deze open vraag.")]


@app.command()
def push(
    study: StudyOption = Path(),
    question: QuestionOption = "",
    everything: Annotated[bool, typer.Option("--all", help="Ook wat mensen al beslisten.")] = False,
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Stuur antwoorden met voorstellen naar Label Studio; twee keer sturen voegt niets toe."""
    from opentekst.pipeline import reviewing

    with guarded():
        done = reviewing.push(Study.open(study), url, key, question, everything, bar)
        for report in done:
            left = f"; bleven hier: {', '.join(report.left_out)}" if report.left_out else ""
            say(
                [
                    f"{report.question}: {report.added} nieuw, {report.updated} bijgewerkt,"
                    f" {report.unchanged} ongewijzigd{left}"
                ],
                as_json,
            )
            if report.moved:
                moved = f"{report.moved} taken met coderingen volgen het nieuwe codeboek"
                say([f"  {moved} (kopie in data/work/labelstudio_kopie)"], as_json)
            if report.waiting:
                again = f"{report.waiting} taken opnieuw te coderen na een splitsing"
                say([f"  {again}: zie het tabblad 'Opnieuw coderen' in Label Studio"], as_json)
        say(["Verder: codeer in Label Studio, en dan: opentekst review pull"], as_json)
        if as_json:
            emit(
                {
                    r.question: {
                        "added": r.added,
                        "updated": r.updated,
                        "unchanged": r.unchanged,
                    }
                    for r in done
                }
            )


@app.command()
def pull(
    study: StudyOption = Path(),
    question: QuestionOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Haal de coderingen van mensen op; wat al in annotations/ staat, blijft zoals het is."""
    from opentekst.pipeline import reviewing

    with guarded():
        done = reviewing.pull(Study.open(study), url, key, question)
        for report in done:
            extra = f", {report.skipped} overgeslagen" if report.skipped else ""
            extra += f", {report.empty} onduidelijk (open ze opnieuw)" if report.empty else ""
            say(
                [
                    f"{report.question}: {report.codings} coderingen,"
                    f" {report.new} nieuw in {report.path}{extra}"
                ],
                as_json,
            )
        say(["Verder: opentekst run"], as_json)
        if as_json:
            emit({r.question: {"codings": r.codings, "new": r.new} for r in done})


serve.register(app)
live.register(app)
