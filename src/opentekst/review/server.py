"""A Label Studio of one's own, on this machine only."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from opentekst.errors import ReviewError

ACCOUNT = "opentekst@localhost.localdomain"
START_SECONDS = 240
STOP_SECONDS = 10

# Settings of the shell that Label Studio would take for its own.
_FOREIGN = ("LABEL_STUDIO_", "HEARTEX_", "DJANGO_", "POSTGRE_", "SENTRY_", "FRONTEND_")
_FOREIGN_NAMES = {"HOST", "PORT", "DEBUG", "USERNAME", "PASSWORD", "DATABASE_NAME"}


class LocalServer:
    """Label Studio with SQLite on 127.0.0.1, everything it keeps under `data_dir`.

    Use it as a context manager, or call `start` and `stop`. Once started, `url` and
    `api_key` (a personal access token) serve a client; `account` and `password` serve the
    login form. Account and token are made at the first start and kept in
    `data_dir/account.json`, readable by its owner alone.
    """

    def __init__(self, data_dir: str | Path, port: int = 0) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.account = ACCOUNT
        self.password = ""
        self.api_key = ""
        self.url = ""
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = FileLock(self.data_dir / "server.lock", timeout=0)

    @property
    def log(self) -> Path:
        """What the server wrote since its last start."""
        return self.data_dir / "label-studio.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it answers: up to a minute the first time.

        Harmless where it runs already. Raises ReviewError where Label Studio is not
        installed, the folder or port is in use, or the server does not come up; the
        message then names its log.
        """
        if self._process:
            return
        program = _program()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir.chmod(0o700)
        try:
            self._lock.acquire()
        except Timeout:
            raise ReviewError(
                "in deze map draait al een Label Studio",
                place=str(self.data_dir),
                remedy="Gebruik die, of stop haar eerst.",
            ) from None
        try:
            self._refuse_orphan()
            port = _free_port(self._port)
            self.url = f"http://127.0.0.1:{port}"
            account = self._read_account()
            self.password = account.setdefault("password", secrets.token_urlsafe(24))
            self._write_account(account)
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(
                    [
                        program, "start", "--no-browser", "--internal-host", "127.0.0.1",
                        "--port", str(port), "--data-dir", str(self.data_dir),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment(),
                    cwd=self.data_dir,
                    # Ctrl+C in the terminal is for opentekst, which then stops the server.
                    start_new_session=True,
                )  # fmt: skip
            self._running_file.write_text(f"{self._process.pid} {self.url}", encoding="utf-8")
            self._wait()
            self.api_key = self._key(account.get("api_key", ""))
            self._write_account({**account, "api_key": self.api_key})
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; harmless where it does not run."""
        process, self._process = self._process, None
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process:
            self._running_file.unlink(missing_ok=True)
        self._lock.release()

    def _environment(self) -> dict[str, str]:
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_FOREIGN)
            and name not in _FOREIGN_NAMES
            and not name.lower().endswith("_proxy")
        }
        return own | {
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.data_dir),
            "LABEL_STUDIO_USERNAME": self.account,
            "LABEL_STUDIO_PASSWORD": self.password,
            "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
            "LATEST_VERSION_CHECK": "0",
            "COLLECT_ANALYTICS": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
            # Some of its calls to the outside have no switch: a proxy to nowhere stops them.
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def _wait(self) -> None:
        import httpx

        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise self._failed("Label Studio stopte meteen na de start")
            # It moves on to the next port when its own is taken: not ours to accept.
            if b"is in use" in self.log.read_bytes():
                raise self._failed("de poort voor Label Studio werd net door iets anders ingenomen")
            try:
                if httpx.get(f"{self.url}/health", trust_env=False, timeout=5).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.3)
        raise self._failed(f"Label Studio antwoordt na {START_SECONDS} seconden nog niet")

    def _key(self, known: str) -> str:
        """Return the known token where it still works, else a fresh one."""
        import httpx

        with httpx.Client(
            base_url=self.url, trust_env=False, follow_redirects=True, timeout=60
        ) as web:
            if known and web.post("/api/token/refresh/", json={"refresh": known}).is_success:
                return known
            web.get("/user/login/")
            form = {"email": self.account, "password": self.password}
            web.post("/user/login/", data=form | _csrf(web), headers={"Referer": self.url})
            answer = web.post("/api/token/", headers={"X-CSRFToken": web.cookies["csrftoken"]})
            if not answer.is_success:
                raise ReviewError(
                    "Label Studio draait, maar geeft ons geen toegang",
                    place=str(self._account_file),
                    found=f"HTTP {answer.status_code}",
                    remedy="Zet een back-up van dit bestand terug. Is die er niet: haal eerst de"
                    " coderingen binnen, verwijder dan deze map en start opnieuw.",
                )
            return str(answer.json()["token"])

    def _refuse_orphan(self) -> None:
        """Refuse to start beside a server whose opentekst was killed: one database, two masters."""
        import httpx

        try:
            number, url = self._running_file.read_text(encoding="utf-8").split()
            running = httpx.get(f"{url}/health", trust_env=False, timeout=5).is_success
        except (OSError, ValueError, httpx.TransportError):
            return
        if running:
            raise ReviewError(
                "in deze map draait nog een Label Studio van een eerdere keer",
                place=str(self.data_dir),
                found=f"proces {number}, {url}",
                remedy=f"Stop dat proces (kill {number}) en probeer opnieuw.",
            )

    def _failed(self, problem: str) -> ReviewError:
        return ReviewError(
            problem,
            place=str(self.log),
            remedy="Lees de laatste regels van dit logbestand en probeer opnieuw.",
        )

    @property
    def _running_file(self) -> Path:
        return self.data_dir / "running"

    @property
    def _account_file(self) -> Path:
        return self.data_dir / "account.json"

    def _read_account(self) -> dict[str, Any]:
        try:
            account = json.loads(self._account_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            account = None
        if not isinstance(account, dict):
            raise ReviewError(
                "dit bestand met de toegang tot Label Studio is beschadigd",
                place=str(self._account_file),
                remedy="Zet een back-up van dit bestand terug.",
            )
        return account

    def _write_account(self, account: Mapping[str, Any]) -> None:
        beside = self._account_file.with_suffix(".new")
        beside.unlink(missing_ok=True)
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as stream:
            json.dump(account, stream)
        beside.replace(self._account_file)


def _csrf(web: Any) -> dict[str, str]:
    return {"csrfmiddlewaretoken": web.cookies["csrftoken"]}


def _program() -> str:
    """Return the label-studio beside this Python; another one may be of another version."""
    for name in ("label-studio", "label-studio.exe"):
        program = Path(sys.executable).parent / name
        if program.exists():
            return str(program)
    raise ReviewError(
        "Label Studio is niet geïnstalleerd",
        place=str(Path(sys.executable).parent),
        remedy="Installeer het in dezelfde omgeving: pip install label-studio.",
    )


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        # Without this, a port that a stopped server has just left counts as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise ReviewError(
                "deze poort is al in gebruik",
                place="127.0.0.1",
                found=wanted,
                remedy="Kies een andere poort, of 0 voor een vrije.",
            ) from None
        return int(probe.getsockname()[1])
