"""`opentekst agree`: how far people agree who coded the same answers blind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from opentekst.cli.common import (
    JsonOption,
    StudyOption,
    bar,
    console,
    emit,
    errors,
    guarded,
    say,
)
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.pipeline.agree_says import Group
    from opentekst.review.reliability import Line

_PAIRS = 5
_WIDEST, _NARROWEST = 24, 12
_TITLES = {
    "level": ("Per niveau van de boom (diepere codes tellen als hun hoofdcode daar)", "Niveau"),
    "code": ("Per code (ze geldt ook waar een code eronder gegeven is)", "Code"),
    "coders": ("Codeur per codeur", "Codeurs"),
    "period": ("In de tijd (wanneer de tweede codeur klaar was)", "Periode"),
}


def agree(
    study: StudyOption = Path(),
    question: Annotated[
        str, typer.Option("--question", help="Toon deze open vraag tot in detail.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Meet de overeenkomst tussen mensen die dezelfde antwoorden blind codeerden."""
    from opentekst.pipeline import agree_says
    from opentekst.pipeline.agreeing import agree as compute

    with guarded():
        done = compute(Study.open(study), question, bar)
        screen = errors if as_json else console
        shown = [g for g in done.groups if g.id == question] if question else done.groups
        screen.print(_overview(shown), soft_wrap=False)
        if question:
            for table in _details(shown[0]):
                screen.print(table, soft_wrap=False)
        lefts = [group.left for group in shown if not group.pooled]
        say(agree_says.left_lines(lefts), as_json)
        pairs = agree_says.worst(shown, _PAIRS)
        if pairs:
            say(["Meest verward:"], as_json)
            say([f"  {agree_says.pair_line(group, one)}" for group, one in pairs], as_json)
        folder = done.files[0].parent
        say(
            [
                f"Cijfers en antwoorden: {folder / 'overeenkomst.xlsx'} (ook .csv);"
                f" verwarde codes om te bespreken: {folder / 'verwarringen.html'}",
                "Verder: bespreek de verwarde codes en zet de grens in het codeboek (opentekst"
                " codebook reword); trek dan een nieuwe blinde steekproef: opentekst review audit"
                if pairs
                else "Verder: opentekst run",
            ],
            as_json,
        )
        if as_json:
            emit(done.data)


def _overview(groups: Sequence[Group]) -> Table:
    lines = [(group.id, group.found.whole) for group in groups]
    return _lines("Overeenkomst (alpha met MASI, 95%-marge)", "Vraag", lines)


def _details(group: Group) -> list[Table]:
    tables = []
    for kind, (title, head) in _TITLES.items():
        lines = [(line.part, line) for line in group.found.lines if line.kind == kind]
        if lines:
            tables.append(_codes(title, lines) if kind == "code" else _lines(title, head, lines))
    return tables


def _lines(title: str, head: str, lines: Sequence[tuple[str, Line]]) -> Table:
    from opentekst.pipeline.agree_says import cells, verdict

    table = _table(title, head, [name for name, _ in lines], ("n", "alpha", "marge", "gelijk"))
    for name, line in lines:
        told = Text(verdict(line.alpha, line.units))
        table.add_row(Text(name), str(line.units), *cells(line.alpha), _same(line), told)
    return table


def _codes(title: str, lines: Sequence[tuple[str, Line]]) -> Table:
    from opentekst.pipeline.agree_says import cells, short

    heads = ("met\ncode", "door\nallen", "alpha", "marge", "AC1")  # all else would not fit
    table = _table(f"{title}; n = {lines[0][1].units}", "Code", [name for name, _ in lines], heads)
    for name, line in lines:
        ac1 = cells(line.ac1)[0] if line.ac1 else "–"
        counts = (str(line.given), str(line.shared))
        row = (*counts, *cells(line.alpha), ac1)
        table.add_row(Text(name), *row, Text(short(line)))
    return table


def _same(line: Line) -> str:
    from opentekst.pipeline.agree_says import percent

    return "–" if line.percent.value is None else percent(line.percent.value)


def _table(title: str, first: str, names: Sequence[str], heads: Sequence[str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    longest = max(len(name) for name in (first, *names))
    table.add_column(first, overflow="fold", width=min(_WIDEST, longest))
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("Duiding", min_width=_NARROWEST)
    return table
