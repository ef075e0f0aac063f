"""`opentekst codebook diff` and `crosswalk`: two versions of a codebook side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, emit, guarded, say
from opentekst.pipeline import versions
from opentekst.study import Study

BookArgument = Annotated[str, typer.Argument(help="Het codeboek.")]


def register(app: typer.Typer) -> None:
    """Add the commands that compare versions to `opentekst codebook`."""
    app.command()(diff)
    app.command()(crosswalk)


def diff(
    codebook: BookArgument,
    old: Annotated[int | None, typer.Argument(help="Versie (anders: de vorige).")] = None,
    new: Annotated[int | None, typer.Argument(help="Versie (anders: de huidige).")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Schrijf een pagina.")] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Toon wat er tussen twee versies veranderde, als tekst of als pagina."""
    with guarded():
        found = versions.diff(Study.open(study), codebook, old, new)
        if html is not None:
            versions.write(html, found.html)
            say([f"Geschreven: {html}"], as_json)
        elif not as_json:
            say([f"Codeboek '{codebook}', versie {found.start} → {found.end}", *found.lines])
        if as_json:
            emit(found.data)


def crosswalk(
    codebook: BookArgument,
    old: Annotated[int | None, typer.Argument(help="Versie (anders: de vorige).")] = None,
    new: Annotated[int | None, typer.Argument(help="Versie (anders: de huidige).")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Schrijf naar dit bestand.")] = None,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Geef als CSV welke code van de ene versie welke van de andere is."""
    with guarded():
        found = versions.crosswalk(Study.open(study), codebook, old, new)
        if to is not None:
            versions.write(to, found.csv)
            say([f"Geschreven: {to}"], as_json)
        elif not as_json:
            typer.echo(found.csv, nl=False)
        if as_json:
            emit(found.data)
