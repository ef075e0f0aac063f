"""A Label Studio of one's own, on this machine only."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from opentekst.errors import ReviewError
from opentekst.review.access import access_token, account_file, read_account, write_account
from opentekst.review.running import (
    STOP_SECONDS,
    Running,
    answers,
    at_work,
    forget,
    remember,
)

ACCOUNT = "opentekst@localhost.localdomain"
START_SECONDS = 240

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
        self.data_dir = Path(data_dir).resolve()
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
                remedy="Gebruik die, of stop hem eerst met opentekst review stop.",
            ) from None
        try:
            self._refuse_second()
            port = _free_port(self._port)
            self.url = f"http://127.0.0.1:{port}"
            account = read_account(self.data_dir)
            self.password = account.setdefault("password", secrets.token_urlsafe(24))
            write_account(self.data_dir, account)
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
            remember(self.data_dir, Running(self._process.pid, self.url))
            self._wait()
            self.api_key = access_token(
                self.url,
                self.account,
                self.password,
                account.get("api_key", ""),
                account_file(self.data_dir),
            )
            write_account(self.data_dir, {**account, "api_key": self.api_key})
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
            forget(self.data_dir)
        self._lock.release()

    def wait(self) -> int:
        """Wait until the server ends, be it stopped from elsewhere; return its exit status.

        Negative where a signal ended it.
        """
        return self._process.wait() if self._process else 0

    def leave(self) -> None:
        """Let the server run on when this program ends; `running.stop` ends it."""
        self._process = None
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
            # It may call live suggestions (see live.py) on this machine, where it is alone.
            "ML_BLOCK_LOCAL_IP": "false",
            "SSRF_PROTECTION_ENABLED": "false",
            # Some of its calls to the outside have no switch: a proxy to nowhere stops them.
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise self._failed("Label Studio stopte meteen na de start")
            # It moves on to the next port when its own is taken: not ours to accept.
            if b"is in use" in self.log.read_bytes():
                raise self._failed("de poort voor Label Studio werd net door iets anders ingenomen")
            if answers(self.url):
                return
            time.sleep(0.3)
        raise self._failed(f"Label Studio antwoordt na {START_SECONDS} seconden nog niet")

    def _refuse_second(self) -> None:
        """Refuse to start beside a server that was left running: one database, two masters."""
        found = at_work(self.data_dir)
        if found:
            raise ReviewError(
                "in deze map draait nog een Label Studio van een eerdere keer",
                place=str(self.data_dir),
                found=f"proces {found.pid}, {found.url}",
                remedy="Gebruik die, of stop hem met opentekst review stop.",
            )

    def _failed(self, problem: str) -> ReviewError:
        return ReviewError(
            problem,
            place=str(self.log),
            remedy="Lees de laatste regels van dit logbestand en probeer opnieuw.",
        )


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
