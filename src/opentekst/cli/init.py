"""`opentekst init`: a new study folder from a survey export."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, emit, guarded, say


class Form(StrEnum):
    """How to read the file: recognise it, or insist."""

    auto = "auto"
    qualtrics = "qualtrics"
    plain = "plain"


def init(
    export: Annotated[Path, typer.Argument(help="De export: .csv, .xlsx of .sav.")],
    into: Annotated[Path, typer.Option("--into", help="Map van de nieuwe studie.")] = Path(),
    form: Annotated[
        Form, typer.Option("--format", help="'plain' is een tabel met één kopregel.")
    ] = Form.auto,
    as_json: JsonOption = False,
) -> None:
    """Maak een nieuwe studie uit een export: study.yaml en codeboeken, om na te kijken."""
    from opentekst.pipeline.starting import start_study

    with guarded():
        started = start_study(export, into, form.value)
        say(started.lines, as_json)
        if as_json:
            emit(started.data)
