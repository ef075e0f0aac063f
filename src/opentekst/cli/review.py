"""`opentekst review …`: to Label Studio, where people code, and back into the ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentekst.cli import live, offline, serve
from opentekst.cli.common import JsonOption, StudyOption, bar, emit, guarded, say
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.pipeline.reviewing import Pulled, Pushed

app = typer.Typer(help="Nakijken door mensen, in Label Studio.", no_args_is_help=True)

UrlOption = Annotated[str, typer.Option("--url", help="Adres (of LABEL_STUDIO_URL).")]
KeyOption = Annotated[str, typer.Option("--key", help="Sleutel (of LABEL_STUDIO_API_KEY).")]
QuestionOption = Annotated[str, typer.Option("--question", help="Alleen deze open vraag.")]


@app.command()
def push(
    study: StudyOption = Path(),
    question: QuestionOption = "",
    everything: Annotated[bool, typer.Option("--all", help="Ook wat mensen al beslisten.")] = False,
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Stuur antwoorden met voorstellen naar Label Studio; twee keer sturen voegt niets toe."""
    from opentekst.pipeline import reviewing

    with guarded():
        done = reviewing.push(Study.open(study), url, key, question, everything, bar)
        _tell(done, as_json)
        say(["Verder: codeer in Label Studio, en dan: opentekst review pull"], as_json)
        if as_json:
            emit({r.question: _figures(r) for r in done})


@app.command()
def audit(
    study: StudyOption = Path(),
    question: QuestionOption = "",
    size: Annotated[
        int, typer.Option("--size", min=0, help="Antwoorden per vraag; 0: zoals getrokken, of 50.")
    ] = 0,
    coder: Annotated[
        list[str] | None, typer.Option("--coder", help="E-mailadres; twee of meer.")
    ] = None,
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Trek een blinde steekproef: twee of meer mensen coderen haar zonder voorstellen te zien."""
    from opentekst.pipeline import reviewing

    with guarded():
        done = reviewing.audit(Study.open(study), url, key, question, size, coder or [], bar)
        _tell(done, as_json)
        say(
            [
                "Wat getrokken werd, staat in annotations/<vraag>/audit.json; die antwoorden gaan"
                " niet mee in de werkvoorraad (review push).",
                "Verder: elke codeur codeert in het project met het eigen adres in de naam, en dan:"
                " opentekst review pull, en opentekst agree",
            ],
            as_json,
        )
        if as_json:
            emit({f"{r.question}/{r.coder}": _figures(r) for r in done})


@app.command()
def adjudicate(
    study: StudyOption = Path(),
    question: QuestionOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Leg de antwoorden waarover codeurs verschillen voor, met hun coderingen naast elkaar."""
    from opentekst.pipeline import reviewing

    with guarded():
        done = reviewing.adjudicate(Study.open(study), url, key, question, bar)
        _tell(done, as_json)
        if done:
            say(
                [
                    "Verder: beslis in de projecten '… · verschillen', en dan:"
                    " opentekst review pull en opentekst run"
                ],
                as_json,
            )
        else:
            say(["Er is geen antwoord waarover codeurs verschillen. Niets gedaan."], as_json)
        if as_json:
            emit({r.question: _figures(r) for r in done})


@app.command()
def status(
    study: StudyOption = Path(),
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Zeg per project in Label Studio hoeveel antwoorden gedaan zijn."""
    from opentekst.pipeline import reviewing

    with guarded():
        found = reviewing.status(Study.open(study), url, key)
        kinds = {"queue": "werkvoorraad", "blind": "blind", "adjudication": "verschillen"}
        for one in found:
            who = f" {one.coder}" if one.coder else ""
            skipped = f", {one.skipped} overgeslagen" if one.skipped else ""
            say(
                [
                    f"{one.question} ({kinds[one.kind]}{who}): {one.done} van {one.tasks}"
                    f" gecodeerd{skipped}"
                ],
                as_json,
            )
        if not found:
            say(["Er staat nog niets in Label Studio. Verder: opentekst review push"], as_json)
        else:
            say(
                ["Verder: opentekst review pull haalt op wat er sinds de vorige keer bijkwam"],
                as_json,
            )
        if as_json:
            emit({"projects": [_plain(one) for one in found]})


@app.command()
def pull(
    study: StudyOption = Path(),
    question: QuestionOption = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Kijk alles na, niet alleen wat veranderde.")
    ] = False,
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Haal de coderingen van mensen op; wat al in annotations/ staat, blijft zoals het is."""
    from opentekst.pipeline import reviewing

    with guarded():
        done = reviewing.pull(Study.open(study), url, key, question, everything)
        for report in done:
            say([_pulled(report)], as_json)
        new = sum(report.new for report in done)
        if new:
            say(["Verder: opentekst run (leert van wat u codeerde, en telt opnieuw)"], as_json)
        else:
            say(["Niets nieuws sinds de vorige keer."], as_json)
        if as_json:
            emit(
                {
                    "new": new,
                    "projects": [{**_plain(r), "path": str(r.path)} for r in done],
                }
            )


def _plain(record: Any) -> dict[str, Any]:
    """Return a report as plain data."""
    return dataclasses.asdict(record)


def _tell(done: Sequence[Pushed], as_json: bool) -> None:
    """Say for each question what went to Label Studio, and what did not and why."""
    for report in done:
        who = f" ({report.coder})" if report.coder else ""
        left = f"; bleven hier: {', '.join(report.left_out)}" if report.left_out else ""
        lines = [
            f"{report.question}{who}: {report.added} nieuw, {report.updated} bijgewerkt,"
            f" {report.unchanged} ongewijzigd{left}"
        ]
        if report.moved:
            moved = f"{report.moved} taken met coderingen volgen het nieuwe codeboek"
            lines.append(f"  {moved} (kopie in data/work/labelstudio_kopie)")
        if report.waiting:
            again = f"{report.waiting} taken opnieuw te coderen na een splitsing"
            lines.append(f"  {again}: zie het tabblad 'Opnieuw coderen' in Label Studio")
        say(lines, as_json)


def _figures(report: Pushed) -> dict[str, int]:
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "moved": report.moved,
        "waiting": report.waiting,
    }


def _pulled(report: Pulled) -> str:
    """Say what a pull brought from one project."""
    kinds = {"queue": "", "blind": f" (blind, {report.coder})", "adjudication": " (verschillen)"}
    extras = (
        (report.skipped, "overgeslagen"),
        (report.withdrawn, "teruggetrokken door de codeur"),
        (report.empty, "onduidelijk (open ze opnieuw)"),
    )
    told = "".join(f", {count} {what}" for count, what in extras if count)
    return (
        f"{report.question}{kinds[report.kind]}: {report.codings} coderingen bekeken,"
        f" {report.new} nieuw in {report.path}{told}"
    )


offline.register(app)
serve.register(app)
live.register(app)
