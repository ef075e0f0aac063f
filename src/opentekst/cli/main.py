"""The `opentekst` command and its subcommands."""

from __future__ import annotations

import typer

from opentekst.cli import (
    agree,
    audit,
    codebook,
    init,
    report,
    review,
    show,
    stages,
    status,
    themes,
    topics,
    waves,
)

app = typer.Typer(
    name="opentekst",
    help="Codeert open antwoorden in Nederlandstalige bevragingen: van export tot tabellen.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("init")(init.init)
stages.register(app)
app.command("status")(status.status)
app.command("show")(show.show)
app.add_typer(topics.app, name="topics")
app.add_typer(review.app, name="review")
app.command("agree")(agree.agree)
app.add_typer(codebook.app, name="codebook")
app.add_typer(waves.app, name="waves")
app.command("audit")(audit.audit)
app.command("report")(report.report)
app.command("themes")(themes.themes)
