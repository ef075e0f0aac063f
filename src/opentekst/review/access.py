"""Who gets into a Label Studio of one's own: its token, the coders' accounts, their passwords."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentekst.errors import ReviewError


@dataclass(frozen=True, slots=True)
class Accounts:
    """What `invite` came to: e-mail addresses, each in one of three."""

    made: tuple[str, ...]
    present: tuple[str, ...]
    refused: tuple[str, ...]


def account_file(data_dir: Path) -> Path:
    """Return the file with passwords and token, which its owner alone may read."""
    return data_dir / "account.json"


def read_account(data_dir: Path) -> dict[str, Any]:
    """Return `password`, `api_key` and `coders` (password by address), as far as known.

    Raises ReviewError where the file is damaged.
    """
    path = account_file(data_dir)
    try:
        account = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        account = None
    if not isinstance(account, dict):
        raise ReviewError(
            "dit bestand met de toegang tot Label Studio is beschadigd",
            place=str(path),
            remedy="Zet een back-up van dit bestand terug.",
        )
    return account


def write_account(data_dir: Path, account: Mapping[str, Any]) -> None:
    """Keep what `read_account` returns; nobody else can read it, at no moment."""
    path = account_file(data_dir)
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as stream:
        json.dump(account, stream, ensure_ascii=False, indent=1)
    beside.replace(path)


def access_token(url: str, email: str, password: str, known: str, place: Path) -> str:
    """Return the `known` personal access token where it still works, else a fresh one.

    Raises ReviewError, naming `place`, where the server refuses the password.
    """
    with _web(url) as web:
        if known and _works(web, known):
            return known
        web.get("/user/login/")
        form = {"email": email, "password": password}
        web.post("/user/login/", data=form | _csrf(web), headers={"Referer": url})
        proof = {"X-CSRFToken": web.cookies["csrftoken"]}
        answer = web.post("/api/token/", headers=proof)
        if answer.status_code == 409:
            # There is one already, of a start that was cut off before it was kept: shown once.
            for lost in web.get("/api/token/").json():
                spent = {"refresh": lost["token"]}
                web.post("/api/token/blacklist/", json=spent, headers=proof)
            answer = web.post("/api/token/", headers=proof)
        if not answer.is_success:
            raise ReviewError(
                "Label Studio draait, maar geeft ons geen toegang",
                place=str(place),
                found=f"HTTP {answer.status_code}",
                remedy="Zet een back-up van dit bestand terug. Is die er niet: haal eerst de"
                " coderingen binnen, verwijder dan deze map en start opnieuw.",
            )
        return str(answer.json()["token"])


def _works(web: Any, token: str) -> bool:
    """Ask more than once: a busy server was seen to refuse a good token, and a new one ends it."""
    for pause in (0, 1, 2):
        time.sleep(pause)
        if web.post("/api/token/refresh/", json={"refresh": token}).is_success:
            return True
    return False


def invite(url: str, api_key: str, data_dir: Path, emails: Iterable[str]) -> Accounts:
    """Give each address an account with a random password, where it has none yet.

    The passwords are kept in `account_file(data_dir)`. Label Studio writes addresses in
    small letters, and so are they returned. Raises ReviewError where the server fails.
    """
    import httpx

    wanted = list(dict.fromkeys(email.strip().lower() for email in emails))
    try:
        with _web(url) as web:
            access = web.post("/api/token/refresh/", json={"refresh": api_key}).raise_for_status()
            web.headers["Authorization"] = f"Bearer {access.json()['access']}"
            before = _addresses(web)
            lacking = [email for email in wanted if email not in before]
            if lacking:
                link = web.get("/api/invite").raise_for_status().json()["invite_url"]
                for email, password in _passwords(data_dir, lacking).items():
                    _sign_up(url, link, email, password)
            after = _addresses(web) if lacking else before
    except (httpx.HTTPError, ValueError, KeyError) as fault:
        raise ReviewError(
            "het maken van de accounts voor de codeurs lukte niet",
            place=url,
            found=type(fault).__name__,
            remedy="Kijk in label-studio.log in de map van Label Studio en probeer opnieuw.",
        ) from None
    return Accounts(
        tuple(email for email in lacking if email in after),
        tuple(email for email in wanted if email in before),
        tuple(email for email in lacking if email not in after),
    )


def _passwords(data_dir: Path, emails: Iterable[str]) -> dict[str, str]:
    """Return a password for each address, kept before use: a lost one cannot be read back."""
    account = read_account(data_dir)
    coders = account.setdefault("coders", {})
    chosen = {email: coders.setdefault(email, secrets.token_urlsafe(12)) for email in emails}
    write_account(data_dir, account)
    return chosen


def _sign_up(url: str, link: str, email: str, password: str) -> None:
    # Label Studio's API makes users without a password; its sign-up page, by invitation, does.
    with _web(url) as web:
        web.get(link)
        form = {"email": email, "password": password, "allow_newsletters": "false"}
        web.post(link, data=form | _csrf(web), headers={"Referer": url})


def _addresses(web: Any) -> set[str]:
    users = web.get("/api/users/").raise_for_status().json()
    return {str(user["email"]).lower() for user in users}


def _csrf(web: Any) -> dict[str, str]:
    return {"csrfmiddlewaretoken": web.cookies["csrftoken"]}


def _web(url: str) -> Any:
    import httpx

    return httpx.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=60)
