"""`opentekst report`: everything of a study in one page to read, and the same for Word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, bar, emit, guarded, run_stages, say
from opentekst.study import Study


def report(
    study: StudyOption = Path(),
    without: Annotated[
        bool, typer.Option("--no-answers", help="Laat de lijst van antwoorden weg.")
    ] = False,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="Om te publiceren: zonder lijst van antwoorden, en zonder citaten waar te weinig"
            " gemeenten achter staan.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Maak het rapport: één pagina om te lezen, hetzelfde voor Word, en de bronnen.

    Doet eerst wat niet meer bij is. Standaard staan de gepseudonimiseerde antwoorden erin:
    bedoeld voor intern gebruik.
    """
    from opentekst.pipeline import reporting

    with guarded():
        run_stages(study, (), again=False, as_json=as_json, quiet=True)
        edition: reporting.Edition = (
            "public" if public else "without_answers" if without else "internal"
        )
        made = reporting.report(Study.open(study), edition, bar)
    say(reporting.report_lines(made), as_json)
    if as_json:
        emit(made.data)
