"""`opentekst themes`: which workshop themes together reach the most municipalities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from opentekst.cli.common import JsonOption, StudyOption, bar, emit, guarded, run_stages, say
from opentekst.study import Study
from opentekst.theme_spec import Level, ThemeSpec

Names = list[str] | None


def themes(
    study: StudyOption = Path(),
    question: Annotated[
        Names, typer.Option("--question", help="Een open vraag naar noden of thema's; herhaalbaar.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--themes", min=1, max=50, help="Hoeveel thema's (6).")
    ] = None,
    level: Annotated[
        Level | None, typer.Option("--level", help="Kies uit codes, netten of alles.")
    ] = None,
    must: Annotated[Names, typer.Option("--must", help="Dit thema zeker; herhaalbaar.")] = None,
    never: Annotated[Names, typer.Option("--never", help="Dit thema niet; herhaalbaar.")] = None,
    least_per_province: Annotated[
        float | None,
        typer.Option(
            "--least-per-province",
            min=0,
            max=100,
            help="Bereik in elke provincie minstens dit percentage van wie iets noemt.",
        ),
    ] = None,
    one_per_net: Annotated[
        bool | None,
        typer.Option("--one-per-net/--more-per-net", help="Hooguit één thema per net."),
    ] = None,
    least_units: Annotated[
        int | None,
        typer.Option("--least-units", min=1, help="Alleen thema's die zoveel gemeenten noemen."),
    ] = None,
    least_central: Annotated[
        float | None,
        typer.Option(
            "--least-central",
            min=0,
            max=100,
            help="Alleen thema's die voor dit percentage van wie ze noemt de hoofdzaak zijn.",
        ),
    ] = None,
    by: Annotated[
        Names,
        typer.Option("--by", help="Kenmerk of gesloten vraag die zegt wie het noemt; herhaalbaar."),
    ] = None,
    resamples: Annotated[
        int | None,
        typer.Option(
            "--resamples", min=0, max=10_000, help="Hertrekkingen voor de stevigheid (500)."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Kies de thema's voor werkateliers die samen de meeste gemeenten bereiken."""
    from opentekst.pipeline.theme_files import data_of, write_themes
    from opentekst.pipeline.theme_says import next_lines, theme_lines

    asked = {
        "questions": question, "themes": number, "level": level, "must": must, "never": never,
        "least_per_province": least_per_province, "one_per_net": one_per_net,
        "least_units": least_units, "least_central": least_central, "by": by,
        "resamples": resamples,
    }  # fmt: skip
    with guarded():
        run_stages(study, ("code",), again=False, as_json=as_json, quiet=True)
        opened = Study.open(study)
        done = write_themes(opened, _spec(opened, asked), bar)
        say(["", *theme_lines(done), *next_lines(done.files)], as_json)
        if as_json:
            emit(data_of(done))


def _spec(study: Study, asked: dict[str, Any]) -> ThemeSpec:
    """Return the settings of study.yaml with what was asked on the command line."""
    said = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in asked.items()
        if value is not None and value != []
    }
    return study.file.themes.model_copy(update=said)
