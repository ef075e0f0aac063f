"""`opentekst review live`: suggestions that get better while people code."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, emit, guarded, say


def register(app: typer.Typer) -> None:
    """Add the command to `opentekst review`."""
    app.command()(live)


def live(
    study: StudyOption = Path(),
    every: Annotated[
        int, typer.Option("--every", min=1, help="Leer opnieuw na zoveel coderingen.")
    ] = 10,
    question: Annotated[str, typer.Option("--question", help="Alleen deze open vraag.")] = "",
    url: Annotated[str, typer.Option("--url", help="Adres (of LABEL_STUDIO_URL).")] = "",
    key: Annotated[str, typer.Option("--key", help="Sleutel (of LABEL_STUDIO_API_KEY).")] = "",
    port: Annotated[int, typer.Option("--port", help="Poort; 0 kiest een vrije.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Laat de voorstellen in Label Studio beter worden terwijl u codeert; Ctrl+C stopt."""
    from opentekst.pipeline.live import Live

    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    with guarded():
        at_work = Live(study, url, key, question, every, lambda line: say([line], as_json))
        with at_work.open(port):
            with suppress(KeyboardInterrupt):
                say(_introduction(at_work.questions, every), as_json)
                while True:
                    signal.pause()
            say(["Label Studio wordt losgemaakt, een lopende ronde afgewerkt ..."], as_json)
        say(
            [f"Gestopt na {at_work.rounds} rondes.", "Verder: opentekst review pull"],
            as_json,
        )
        if as_json:
            emit({"questions": at_work.questions, "rounds": at_work.rounds})


def _introduction(questions: list[str], every: int) -> list[str]:
    return [
        f"Voorstellen worden beter tijdens het coderen: {', '.join(questions)}",
        f"  na elke {every} coderingen: binnenhalen, leren, nieuwe voorstellen",
        "  wie een antwoord al open heeft, ziet het nieuwe voorstel als hij het opnieuw opent",
        "Ctrl+C stopt; Label Studio zelf blijft draaien.",
    ]
