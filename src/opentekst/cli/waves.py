"""`opentekst waves …`: compare waves, begin a next one, and build the bridge between them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentekst.cli.common import JsonOption, StudyOption, bar, emit, guarded, run_stages, say
from opentekst.errors import DataError
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.pipeline.bridging import Drawn
    from opentekst.pipeline.next_wave import Begun

app = typer.Typer(help="Vergelijk golven van dezelfde bevraging.")


@app.callback(invoke_without_command=True)
def waves(
    context: typer.Context,
    machine: Annotated[
        bool,
        typer.Option("--machine/--no-machine", help="Ook wat de codeurs van elkaars golf maken."),
    ] = True,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Vergelijk de golven: trends over fusies heen, wat echt veranderde, en wat afwijkt.

    Golven die niet bij zijn, worden eerst gedraaid.
    """
    if context.invoked_subcommand:
        return
    from opentekst.pipeline import wave_says
    from opentekst.pipeline.wave_output import as_data, compare_all, root_of

    with guarded():
        opened = Study.open(study)
        for name, one in root_of(opened).items():
            say([f"Golf {name}: {one}"], as_json)
            run_stages(one, (), False, as_json, quiet=True)
        made = compare_all(opened, bar, machine)
        say(["", *wave_says.lines(made.found)], as_json)
        where = "" if study == Path() else f"{study}/"
        say(
            [
                "",
                f"Geschreven: {', '.join(f'{where}{name}' for name in made.files)}",
                *(["Zonder codeurs van elkaars golf (--no-machine)."] if not machine else []),
                "Verder: lees results/waves/golven.html; laat mensen oude antwoorden opnieuw"
                " coderen: opentekst waves bridge --question VRAAG",
            ],
            as_json,
        )
        if as_json:
            emit(as_data(made))


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="MAP", help="De map van de nieuwe golf.")],
    export: Annotated[Path, typer.Option("--export", help="De export van de nieuwe bevraging.")],
    day: Annotated[
        str, typer.Option("--date", help="De dag van de bevraging, JJJJ-MM-DD (anders: vandaag).")
    ] = "",
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Begin een volgende golf: dezelfde vragen en codeboeken, een nieuwe export."""
    from opentekst.pipeline.next_wave import begin
    from opentekst.pipeline.wave_sides import last_wave

    with guarded(DataError):
        main = Study.open(study)
        begun = begin(main, last_wave(main), folder, export, _day(day))
        say(_begun_lines(begun), as_json)
        if as_json:
            emit(
                {
                    "wave": begun.id,
                    "study": str(begun.folder),
                    "responses": begun.responses,
                    "missing": {name: list(of) for name, of in begun.missing.items()},
                    "extra": list(begun.extra),
                    "written": [str(path) for path in begun.written],
                }
            )


def _day(text: str) -> datetime.date:
    if not text:
        return datetime.date.today()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise DataError(
            "dit is geen dag", found=text, remedy="Schrijf --date JJJJ-MM-DD, zoals 2026-03-01."
        ) from None


def _begun_lines(begun: Begun) -> list[str]:
    lines = [
        f"Golf '{begun.id}' staat in {begun.folder}: {begun.responses} responsen;"
        f" {len(begun.written)} bestanden geschreven, en de golf bijgeschreven in study.yaml",
    ]
    for name, columns in begun.missing.items():
        lines.append(f"  ontbreekt in de export, voor '{name}': {_some(columns)}")
    if begun.extra:
        lines.append(f"  nieuw in de export, door geen vraag gelezen: {_some(begun.extra, 40)}")
    if not begun.missing and not begun.extra:
        lines.append("  de kolommen van de export zijn die van de studie")
    fix = f"haal in {begun.folder}/study.yaml weg wat ontbreekt, voeg toe wat nieuw is; dan: "
    first = fix if begun.missing or begun.extra else ""
    lines.append(f"Verder: {first}opentekst run --study {begun.folder}, en opentekst waves")
    return lines


def _some(names: Sequence[str], most: int = 4) -> str:
    more = f" en nog {len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@app.command()
def bridge(
    question: Annotated[str, typer.Option("--question", help="De open vraag.")],
    size: Annotated[int, typer.Option("--size", help="Hoeveel gemeenten van toen.")] = 60,
    file: Annotated[
        Path | None, typer.Option("--to", help="De werkmap (anders in results/waves).")
    ] = None,
    taken: Annotated[
        Path | None, typer.Option("--import", help="Lees een ingevulde werkmap in.")
    ] = None,
    coder: Annotated[str, typer.Option("--coder", help="Wie de werkmap invulde (e-mail).")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Vervang een werkmap die er al staat.")
    ] = False,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Loot gemeenten van de vorige golf, om hun antwoorden opnieuw te laten coderen.

    De laatste twee golven tellen. Met --import en --coder leest u een ingevulde werkmap in.
    """
    from opentekst.pipeline import bridging
    from opentekst.pipeline.waving import asked_of, pairs

    with guarded():
        pair = pairs(Study.open(study))[-1]
        asked = asked_of(pair, question)
        if taken is not None:
            if not coder.strip():
                raise DataError(
                    "wie deze werkmap invulde, is niet gezegd",
                    place=str(taken),
                    remedy="Zeg het: --coder naam@voorbeeld.be.",
                )
            found, fresh = bridging.take_in(pair, asked, taken, coder.strip())
            say(
                [
                    f"{question}: {found} antwoorden gecodeerd, {fresh} nieuw in het bestand"
                    f" {bridging.ledger(pair.now.study, question)}",
                    "Verder: opentekst waves",
                ],
                as_json,
            )
            if as_json:
                emit({"question": question, "coded": found, "new": fresh})
            return
        target = file or bridging.workbook_file(study, question)
        drawn = bridging.draw_bridge(pair, asked, size, target, again)
        _say_drawn(drawn, pair.then.id, as_json)


def _say_drawn(drawn: Drawn, wave: str, as_json: bool) -> None:
    lines = [
        f"{drawn.question}: {drawn.units} van de {drawn.of} gemeenten van {wave} geloot, met"
        f" {drawn.answers} antwoorden, in {drawn.file}",
        "Verder: laat elke codeur een eigen kopie blind invullen, zonder de codes van toen; en dan:"
        f" opentekst waves bridge --question {drawn.question} --import BESTAND --coder EMAIL",
    ]
    say(lines, as_json)
    if as_json:
        emit({**asdict(drawn), "file": str(drawn.file)})
