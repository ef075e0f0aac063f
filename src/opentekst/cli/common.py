"""What all commands share: their options, the way they print, errors and exit codes.

Exit codes: 0 done, 1 the data fall short of what was asked, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from opentekst.errors import OpentekstError, StudyError
from opentekst.pipeline import STAGES, Engine, StageReport
from opentekst.progress import terminal
from opentekst.study import Study

StudyOption = Annotated[Path, typer.Option("--study", help="Map van de studie.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Eén JSON-object op standaarduitvoer, de rest op stderr.")
]

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def guarded(refused: type[OpentekstError] = StudyError) -> Iterator[None]:
    """Turn opentekst's errors into a message and an exit code; nothing else is caught.

    `refused` are the errors that count as wrong use.
    """
    try:
        yield
    except OpentekstError as fault:
        errors.print(f"[bold red]Fout[/] {_escape(fault.text())}")
        raise typer.Exit(2 if isinstance(fault, refused) else 1) from None
    except KeyboardInterrupt:
        errors.print(
            "Onderbroken; eerdere resultaten zijn niet aangeraakt. Draai opnieuw om verder te gaan."
        )
        raise typer.Exit(130) from None


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr while work goes on; it vanishes when done."""
    with terminal(errors, title, total) as step:
        yield step


def engine(study: Path) -> Engine:
    """Open a study with all stages and a progress bar."""
    return Engine(Study.open(study), STAGES, bar)


def say(lines: Sequence[str], as_json: bool = False) -> None:
    """Print lines for people: on standard output, or on stderr beside JSON."""
    target = errors if as_json else console
    for line in lines:
        target.print(_escape(line))


def emit(data: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    typer.echo(json.dumps(data, ensure_ascii=False))


def run_stages(
    study: Path, names: tuple[str, ...], again: bool, as_json: bool, quiet: bool = False
) -> list[StageReport]:
    """Run stages and print, as each is done, what it did or that it was up to date.

    With `quiet` the caller prints the JSON.
    """
    target = errors if as_json else console

    def tell(report: StageReport) -> None:
        state = "" if report.ran else " [dim](was al bij)[/]"
        target.print(f"[bold]{_escape(report.title)}[/]{state}")
        for line in report.lines:
            target.print(f"  {_escape(line)}")

    reports = engine(study).run(names, again, tell)
    if as_json and not quiet:
        emit({r.stage: {"ran": r.ran, **r.data} for r in reports})
    return reports


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
