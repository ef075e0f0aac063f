"""`opentekst review serve` and `review stop`: a Label Studio of the study's own."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from opentekst.cli.common import JsonOption, StudyOption, emit, guarded, say
from opentekst.errors import ReviewError
from opentekst.pipeline.serving import folder, own_server, people
from opentekst.study import Study


def register(app: typer.Typer) -> None:
    """Add the commands that start and stop Label Studio to `opentekst review`."""
    app.command()(serve)
    app.command()(stop)


def serve(
    study: StudyOption = Path(),
    port: Annotated[int, typer.Option(help="Poort; 0 kiest een vrije.")] = 0,
    background: Annotated[
        bool, typer.Option("--background", help="Laat hem draaien als dit venster vrijkomt.")
    ] = False,
    coder: Annotated[
        list[str] | None,
        typer.Option("--coder", help="Maak ook een account voor dit e-mailadres; mag vaker."),
    ] = None,
    show_passwords: Annotated[
        bool, typer.Option("--show-passwords", help="Toon de wachtwoorden op het scherm.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Start een Label Studio op deze computer, met een account voor elke codeur."""
    from opentekst.review.server import LocalServer

    # However this window ends, what it started must end with it.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _leave)
    with guarded():
        opened = Study.open(study)
        wanted = people(opened, coder or ())
        place = folder(opened)
        there = own_server(opened)
        if there:
            say(["Er draait al een Label Studio voor deze studie."], as_json)
            _introduce(place, *there, wanted, show_passwords, as_json)
            say([f"Stoppen: {_command('stop', study)}"], as_json)
            return
        say(["Label Studio start (de eerste keer tot een minuut) ..."], as_json)
        with LocalServer(place, port) as server:
            _introduce(place, server.url, server.api_key, wanted, show_passwords, as_json)
            if background:
                server.leave()
                say([f"Hij blijft draaien. Stoppen: {_command('stop', study)}"], as_json)
                return
            say(["Ctrl+C stopt de server; uw werk blijft bewaard."], as_json)
            status = server.wait()
        if status not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
            raise ReviewError(
                "Label Studio viel uit",
                place=str(server.log),
                found=f"status {status}",
                remedy="Lees de laatste regels van dit logbestand en start opnieuw.",
            )
        say(["Label Studio is vanuit een ander venster gestopt; uw werk blijft bewaard."], as_json)


def stop(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Stop de Label Studio van deze studie, vanuit om het even welk venster."""
    from opentekst.review import running

    with guarded():
        place = folder(Study.open(study))
        ended = running.stop(place)
        if ended:
            say([f"Label Studio op {ended.url} is gestopt; uw werk blijft bewaard."], as_json)
        else:
            say(["Er draait geen Label Studio voor deze studie: er is niets gestopt."], as_json)
        say([f"Verder: {_command('serve', study)} start hem (weer)."], as_json)
        if as_json:
            emit({"stopped": ended is not None, "url": ended.url if ended else ""})


def _introduce(
    place: Path, url: str, api_key: str, wanted: list[str], show: bool, as_json: bool
) -> None:
    """Make the accounts that are lacking, and say where the server is and who may enter."""
    from opentekst.review.access import account_file, invite, read_account
    from opentekst.review.server import ACCOUNT

    accounts = invite(url, api_key, place, wanted)
    kept = read_account(place)
    coders: dict[str, str] = kept.get("coders", {})
    lines = [f"Label Studio: {url}", f"  uw eigen naam: {ACCOUNT}"]
    lines += _named("nieuwe accounts", accounts.made)
    lines += _named("hadden al een account", accounts.present)
    lines += _named("geweigerd (klopt dit e-mailadres?)", accounts.refused)
    if not wanted:
        lines.append("  andere codeurs: noem ze in study.yaml (review: coders) of met --coder")
    lines.append(f"  wachtwoorden: in {account_file(place)} (alleen u kunt dat lezen)")
    passwords = {ACCOUNT: str(kept["password"])} | {
        email: coders[email] for email in (*accounts.made, *accounts.present) if email in coders
    }
    if show:
        lines += [f"    {email}: {password}" for email, password in passwords.items()]
    lines.append("Verder, in een ander venster: opentekst review push")
    say(lines, as_json)
    if as_json:
        data: dict[str, Any] = {
            "url": url,
            "account": ACCOUNT,
            "made": list(accounts.made),
            "present": list(accounts.present),
            "refused": list(accounts.refused),
            "passwords_in": str(account_file(place)),
        }
        emit(data | ({"passwords": passwords} if show else {}))


def _named(what: str, emails: tuple[str, ...]) -> list[str]:
    return [f"  {what}: {', '.join(emails)}"] if emails else []


def _command(name: str, study: Path) -> str:
    where = "" if study == Path() else f" --study {study}"
    return f"opentekst review {name}{where}"


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)
