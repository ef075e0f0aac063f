"""`opentekst codebook show|handbook|export|import|check`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import RenderableType
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
    from opentekst.codebook import Codebook
    from opentekst.codebook.usage import Count
    from opentekst.pipeline.checking import Report
    from opentekst.pipeline.exchange import Imported

BookArgument = Annotated[str, typer.Argument(metavar="CODEBOEK", help="Naam, zoals 'noden'.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `opentekst codebook`."""
    app.command("show")(show)
    app.command("handbook")(handbook)
    app.command("export")(export)
    app.command("import")(import_)
    app.command("check")(check)


def show(codebook: BookArgument, study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Toon de codes als een boom, met hoeveel antwoorden elke code nu heeft."""
    from opentekst.pipeline.exchange import book_of, code_counts

    with guarded():
        opened = Study.open(study)
        book = book_of(opened, codebook)
        counted = code_counts(opened, codebook)
        if as_json:
            emit(_tree_data(book, counted))
            return
        console.print(_tree(book, counted), soft_wrap=False)
        if counted is None:
            say(["Nog geen aantallen: doe eerst opentekst run."])
        else:
            ticked = any(q.choices for q in opened.file.questions if q.codebook == book.id)
            say(
                [
                    "Aantal open antwoorden met de code of een code eronder, naar wie besliste."
                    + (" Aangekruiste keuzes tellen hier niet mee." if ticked else "")
                ]
            )


def _tree(book: Codebook, counted: Mapping[str, Count] | None) -> Table:
    from opentekst.codebook.handbook import branches, flat

    table = Table(
        title=Text(f"{book.title} ({book.id}, versie {book.version})", "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("code", overflow="fold")
    table.add_column("id", style="dim", overflow="fold")
    if counted is not None:
        table.add_column("mensen", justify="right", style="green")
        table.add_column("machine", justify="right", style="cyan")
    for branch in flat(branches(book)):
        label = Text(branch.code.label, style="" if branch.depth else "bold")
        if branch.code.status == "retired":
            label.stylize("strike dim")
            label.append(" (vervallen)", style="yellow")
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_row(Text("  " * (branch.depth - 1) + "└"), label)
        cells: list[RenderableType] = [row if branch.depth else label, branch.code.id]
        if counted is not None:
            cells += [str(n or "·") for n in counted[branch.code.id]]
        table.add_row(*cells)
    return table


def _tree_data(book: Codebook, counted: Mapping[str, Count] | None) -> dict[str, Any]:
    return {
        "codebook": book.id,
        "version": book.version,
        "title": book.title,
        "codes": [
            {
                "id": code.id,
                "label": code.label,
                "parent": code.parent,
                "status": code.status,
                "people": counted[code.id].people if counted else None,
                "machine": counted[code.id].machine if counted else None,
            }
            for code in book.codes
        ],
    }


def handbook(
    codebook: BookArgument,
    study: StudyOption = Path(),
    to: Annotated[
        Path | None, typer.Option("--to", help="Bestand; standaard in de map results.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Maak een afdrukbaar handboek voor codeurs, als webpagina."""
    from opentekst.pipeline.exchange import write_handbook

    with guarded():
        book, path = write_handbook(Study.open(study), codebook, to)
        say(
            [f"Handboek van {len(book.active)} codes: {path} (open in een browser en druk af)"],
            as_json,
        )
        if as_json:
            emit({"codebook": book.id, "version": book.version, "file": str(path)})


def export(
    codebook: BookArgument,
    to: Annotated[
        Path,
        typer.Option(
            "--to", help="Bestand: .xlsx (Excel), .qdc (MAXQDA, NVivo …), .csv of .ttl (SKOS)."
        ),
    ],
    study: StudyOption = Path(),
    again: Annotated[
        bool, typer.Option("--again", help="Vervang een bestand dat er al staat.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Schrijf een codeboek naar Excel of een ander programma."""
    from opentekst.pipeline.exchange import export_codebook

    with guarded():
        book = export_codebook(Study.open(study), codebook, to, again)
        lines = [f"Codeboek {book.id}, versie {book.version}: {len(book.codes)} codes in {to}"]
        if to.suffix.lower() in (".xlsx", ".qdc", ".csv"):
            lines.append(f"Terug inlezen: opentekst codebook import {to} --into {book.id}")
        say(lines, as_json)
        if as_json:
            emit({"codebook": book.id, "version": book.version, "file": str(to)})


def import_(
    source: Annotated[Path, typer.Argument(metavar="BESTAND", help=".xlsx, .qdc of .csv.")],
    into: Annotated[str, typer.Option("--into", help="Het codeboek dat de wijzigingen krijgt.")],
    study: StudyOption = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Toon wat er zou veranderen, schrijf niets.")
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Maak een codeboek dat er nog niet is.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Lees een bewerkt codeboek in als nieuwe versie; de vorige blijft bewaard."""
    from opentekst.pipeline.exchange import import_codebook

    with guarded():
        done = import_codebook(Study.open(study), source, into, dry_run, new)
        if done.faults:
            for fault in done.faults:
                errors.print(Text(fault.text()))
            errors.print(
                Text(f"{len(done.faults)} fouten in {source}: er is niets ingelezen.", "bold red")
            )
        else:
            say(_import_lines(done, dry_run), as_json)
        if as_json:
            emit(_import_data(done))
        if done.faults:
            raise typer.Exit(1)


def _import_lines(done: Imported, dry_run: bool) -> list[str]:
    lines = [edit.text() for edit in done.edits]
    lines += [
        f"LET OP {code}: {n} coderingen van mensen dragen deze code, die nu vervalt"
        for code, n in done.retired_used.items()
    ]
    lines += [f"Opmerking: {remark}" for remark in done.remarks]
    if done.absent:
        lines.append(
            f"Niet in het bestand, blijven zoals ze zijn: {', '.join(done.absent)}"
            " (schrappen: opentekst codebook retire)"
        )
    if not done.edits:
        lines.append(f"Niets veranderd: codeboek {done.codebook} blijft versie {done.before}.")
    elif dry_run:
        lines.append(
            f"{_changes(done)}; er is niets geschreven (--dry-run). Zonder --dry-run"
            f" wordt dit versie {done.after}."
        )
    else:
        lines.append(f"{_changes(done)}: codeboek {done.codebook} is nu versie {done.after}.")
        lines.append(f"Geschreven: {', '.join(done.written)}")
        lines.append(
            "Verder: opentekst run"
            if done.before
            else "Verder: noem het codeboek in study.yaml bij een vraag (codebook: …)"
        )
    return lines


def _changes(done: Imported) -> str:
    n = len(done.edits)
    return f"{n} {'wijziging' if n == 1 else 'wijzigingen'}"


def _import_data(done: Imported) -> dict[str, Any]:
    return {
        "codebook": done.codebook,
        "before": done.before,
        "after": done.after,
        "edits": [
            {
                "kind": e.kind,
                "code": e.code,
                "field": e.field,
                "before": e.before,
                "after": e.after,
            }
            for e in done.edits
        ],
        "absent": list(done.absent),
        "remarks": list(done.remarks),
        "faults": [
            {"place": f.place, "problem": f.problem, "found": f.found, "remedy": f.remedy}
            for f in done.faults
        ],
        "retired_used": dict(done.retired_used),
        "written": list(done.written),
    }


def check(
    codebook: Annotated[
        str, typer.Argument(metavar="[CODEBOEK]", help="Naam; zonder: alle van de studie.")
    ] = "",
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Kijk codeboeken na: fouten, dubbels, overlap, ongebruikte en verwarrende codes."""
    from opentekst.pipeline.checking import check_codebooks

    with guarded():
        reports = check_codebooks(Study.open(study), codebook, bar)
        for report in reports:
            _print_report(report, as_json)
        if as_json:
            emit(_check_data(reports))
        if any(report.serious for report in reports):
            raise typer.Exit(1)


def _print_report(report: Report, as_json: bool) -> None:
    target = errors if as_json else console
    n, serious = len(report.issues), report.serious
    what = f"{n} {'bevinding' if n == 1 else 'bevindingen'}" if n else "niets op te merken"
    bad = f", waarvan {serious} ernstig" if serious else ""
    target.print(Text(f"{report.codebook} ({report.codes} codes): {what}{bad}", "bold"))
    for issue in report.issues:
        line = Text("  ")
        line.append(f"{issue.file}:{issue.line} ", style="cyan")
        if issue.serious:
            line.append("ERNSTIG ", style="bold red")
        line.append(issue.problem)
        target.print(line)
        target.print(Text(f"    → {issue.remedy}", style="dim"))
    for left in report.left_out:
        target.print(Text(f"  Niet nagekeken: {left}", style="yellow"))


def _check_data(reports: list[Report]) -> dict[str, Any]:
    return {
        "codebooks": {
            report.codebook: {
                "codes": report.codes,
                "serious": report.serious,
                "findings": [issue._asdict() for issue in report.issues],
                "left_out": list(report.left_out),
            }
            for report in reports
        }
    }
