"""Label Studio's ML-backend protocol, on this machine only: no texts are kept or logged.

Label Studio asks `/health`, `/setup` and `/predict` of a backend, and posts events to its
`/webhook`. The server here knows nothing of opentekst but the functions that it is given.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast

from opentekst.errors import ReviewError

Json = dict[str, Any]

LARGEST_BODY = 64 * 2**20
"""In bytes: Label Studio sends all tasks of a project at once when asked for suggestions."""
_SECONDS = 30


@dataclass(frozen=True)
class Answers:
    """What the server answers with.

    `version` names the suggestions of a project; `predict` gives, for each task of a
    project, its suggestions (none or more) in Label Studio's form; `noted` hears the name
    of each event; `failed` hears what kind of error a request ended in.
    """

    version: Callable[[int], str]
    predict: Callable[[int, Sequence[Json]], list[list[Json]]]
    noted: Callable[[str], None]
    failed: Callable[[str], None]


class LiveServer:
    """Speaks the protocol on 127.0.0.1 while it is open; a context manager.

    `url` holds a random part: without it, other programs on this machine get a 404. Raises
    ReviewError where the port is taken.
    """

    def __init__(self, answers: Answers, port: int = 0) -> None:
        token = secrets.token_urlsafe(24)
        try:
            self._server = _Server(("127.0.0.1", port), answers, token)
        except OSError:
            raise ReviewError(
                "deze poort is al in gebruik",
                place="127.0.0.1",
                found=port,
                remedy="Kies een andere poort, of 0 voor een vrije.",
            ) from None
        self.url = f"http://127.0.0.1:{self._server.server_port}/{token}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], answers: Answers, token: str) -> None:
        self.answers = answers
        self.token = token
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the other side went away, and a trace might hold what it sent."""


class _Refused(Exception):  # noqa: N818 - it is an answer, not an error
    def __init__(self, status: int) -> None:
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    timeout = _SECONDS

    def do_GET(self) -> None:
        self._answer({"health": self._health, "versions": self._versions})

    def do_POST(self) -> None:
        self._answer(
            {"setup": self._setup, "predict": self._predict, "webhook": self._webhook},
            with_body=True,
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""

    @property
    def _own(self) -> _Server:
        return cast(_Server, self.server)

    def _answer(
        self, routes: Mapping[str, Callable[[Json], Json]], with_body: bool = False
    ) -> None:
        try:
            act = routes.get(self._route())
            if act is None:
                raise _Refused(404)
            status, content = 200, act(self._body() if with_body else {})
        except _Refused as refusal:
            status, content = refusal.status, {}
        except Exception as fault:  # told to whoever runs this, without what it says of texts
            self._own.answers.failed(type(fault).__name__)
            status, content = 500, {}
        self._send(status, content)

    def _route(self) -> str:
        token, _, route = self.path.partition("?")[0].strip("/").partition("/")
        known = hmac.compare_digest(token.encode(), self._own.token.encode())
        return route if known else ""

    def _body(self) -> Json:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise _Refused(411)
        if int(length) > LARGEST_BODY:
            raise _Refused(413)
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise _Refused(400) from None
        if not isinstance(body, dict):
            raise _Refused(400)
        return body

    def _send(self, status: int, content: Json) -> None:
        written = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def _health(self, _body: Json) -> Json:
        return {"status": "UP"}

    def _versions(self, _body: Json) -> Json:
        return {"versions": []}

    def _setup(self, body: Json) -> Json:
        # The body also holds the project's owner's key: not needed, and not kept.
        return {"model_version": self._own.answers.version(_project(body))}

    def _predict(self, body: Json) -> Json:
        tasks = body.get("tasks")
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            raise _Refused(400)
        return {"results": self._own.answers.predict(_project(body), tasks)}

    def _webhook(self, body: Json) -> Json:
        self._own.answers.noted(str(body.get("action", "")))
        return {}


def _project(body: Mapping[str, Any]) -> int:
    """Return the project's id, that Label Studio writes as "12.1700000000"."""
    number = str(body.get("project", "")).partition(".")[0]
    if not number.isdecimal():
        raise _Refused(400)
    return int(number)
