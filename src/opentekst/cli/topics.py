"""`opentekst topics …`: what the codebook misses, and deciding on each proposal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, emit, guarded, run_stages, say
from opentekst.cli.stages import AgainOption
from opentekst.study import Study

app = typer.Typer(help="Zoek thema's die het codeboek mist, en beslis erover.")

NumberArgument = Annotated[int, typer.Argument(help="Het nummer van het voorstel.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Waarom; wordt onthouden.")]


@app.callback(invoke_without_command=True)
def topics(
    context: typer.Context,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    again: AgainOption = False,
) -> None:
    """Zoek thema's die het codeboek mist, en toon de voorstellen."""
    if context.invoked_subcommand:
        return
    from opentekst.pipeline import topic_review
    from opentekst.pipeline.topic_says import proposal_lines

    with guarded():
        run_stages(study, ("topics",), again, as_json, quiet=as_json)
        opened = Study.open(study)
        found = topic_review.waiting(opened)
        lines = proposal_lines(found.numbered, opened.codebooks, found.texts, found.decided)
        say(["", *lines], as_json)
        if as_json:
            proposals = [{"number": n, **asdict(p)} for n, p in found.numbered]
            emit({"proposals": proposals, "decided": found.decided})


@app.command()
def accept(
    place: NumberArgument,
    code: Annotated[str, typer.Option("--as", help="Het id van de code.")],
    under: Annotated[
        str | None, typer.Option("--under", help="De bovenliggende code; '' is bovenaan.")
    ] = None,
    label: Annotated[str, typer.Option("--label", help="Het label (anders: de naam).")] = "",
    definition: Annotated[str, typer.Option("--definition", help="De omschrijving.")] = "",
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", help="Een sleutelwoord; herhaalbaar.")
    ] = None,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Zeg alleen wat er zou veranderen.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Maak van een voorstel een code; de citaten zijn haar eerste voorbeelden."""
    from opentekst.pipeline import topic_review

    with guarded():
        opened = Study.open(study)
        people = topic_review.settled_answers(opened, place)
        done = topic_review.accept(
            opened, place, code, under=under, label=label, definition=definition,
            keywords=keyword or (), reason=reason, dry=dry,
        )  # fmt: skip
        say([line for line in done.lines if line], as_json)
        if done.made:
            stay = (
                f"{people} van deze antwoorden zijn al door mensen gecodeerd; dat blijft zo tot"
                " iemand ze opnieuw codeert (opentekst review push --all)"
            )
            say(
                [
                    *([stay] if people else []),
                    f"Verder: opentekst run (hercodeert), opentekst codebook check {done.codebook}"
                    f" (overlapt ze?); toch niet: opentekst codebook undo {done.codebook}",
                ],
                as_json,
            )
        if as_json:
            emit(done.data)


@app.command()
def reject(
    place: NumberArgument,
    reason: ReasonOption = "",
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Wijs een voorstel af: het wordt niet opnieuw voorgesteld."""
    from opentekst.pipeline import topic_review

    with guarded():
        gone = topic_review.reject(Study.open(study), place, reason)
        say(
            [
                f"Afgewezen: {gone.label}. Het komt niet terug; toch wel: opentekst topics undo",
                "Verder: opentekst topics (de andere voorstellen; hun nummers blijven gelijk)",
            ],
            as_json,
        )
        if as_json:
            emit({"rejected": place, "label": gone.label})


@app.command()
def undo(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Haal het laatst afgewezen voorstel terug."""
    from opentekst.pipeline import topic_review

    with guarded():
        back = topic_review.reopen(Study.open(study))
        say([f"Terug: {back['label']}. Verder: opentekst topics"], as_json)
        if as_json:
            emit({"reopened": back["label"]})
