"""Suggestions that get better while people code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock
from label_studio_sdk import LabelStudio as Sdk

from opentekst import store
from opentekst.errors import ReviewError
from opentekst.pipeline import STAGES, Engine, reviewing
from opentekst.pipeline.engine import silent
from opentekst.pipeline.live import Live
from opentekst.review import LabelStudio, LocalServer
from opentekst.review.access import access_token, invite, read_account
from opentekst.review.annotations import chosen as codes_in
from opentekst.review.connecting import Project, connect
from opentekst.review.live import LARGEST_BODY, Answers, LiveServer
from opentekst.store import Paths
from opentekst.study import Study
from test_review import chosen

STUDY = """
study: Vervoer
date: 2024-06-01
source: {file: data/raw/vervoer.csv, format: plain}
respondents: {id: nr, recorded: op, progress: klaar}
units: {postcode: postcode}
questions:
  - {id: nood, kind: open, text: Wat mist u?, column: nood, codebook: noden, prompt: need}
tables:
  - {number: "1", title: Noden, header: Nood, question: nood}
"""
BOOK = """
codebook: noden
version: 1
title: Noden
codes:
  - {id: kennis, label: Kennis, definition: Er is te weinig kennis., keywords: [kennis]}
  - {id: middelen, label: Middelen, definition: Er zijn te weinig middelen., keywords: [middelen]}
  - {id: middelen.geld, label: Geld, definition: Er is te weinig geld., keywords: [budget]}
"""
ANSWERS = {
    "R1": "Te weinig middelen",
    "R2": "Er is geen budget",
    "R3": "Meer kennis over het onderwerp",
    "R4": "Het budget is te klein",
    "R5": "De bus rijdt niet op zondag",
    "R6": "de bus rijdt niet op zondag!",
    "R7": "Wij hebben kennis nodig",
    "R8": "Onze middelen zijn op",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small study, coded by the machine."""
    for name in ("codebooks", "data/raw"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "codebooks" / "noden.yaml").write_text(BOOK, "utf-8")
    places = (9000, 2800, 3000, 1804, 8400, 8500, 2300, 3500)
    rows = [
        f"{name},2024-06-03 09:00:00,100,{place},{text}"
        for place, (name, text) in zip(places, ANSWERS.items(), strict=True)
    ]
    export = "\n".join(["nr,op,klaar,postcode,nood", *rows]) + "\n"
    (tmp_path / "data" / "raw" / "vervoer.csv").write_text(export, "utf-8")
    Engine(Study.open(tmp_path), STAGES).run(("code",))
    return tmp_path


def until(holds: Callable[[], bool], lines: list[str]) -> None:
    """Wait for what another thread does."""
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"did not happen; said: {lines}")


def suggested(sdk: Any, project: int) -> dict[str, list[str]]:
    """Return by respondent the codes that the project's page shows."""
    version = sdk.projects.get(project).model_version
    return {
        task.data["answer_id"].split(":")[0]: [
            code
            for one in task.predictions
            if one.model_version == version
            for code in codes_in({"result": one.result})
        ]
        for task in sdk.tasks.list(project=project, fields="all")
    }


@pytest.mark.server
def test_what_people_code_changes_the_suggestions_for_what_they_did_not_code_yet(
    small: Path, label_studio: LocalServer
) -> None:
    where = (label_studio.url, label_studio.api_key)
    reviewing.push(Study.open(small), *where, "nood", False, silent)
    invite(*where, label_studio.data_dir, ["lies@stad.be"])
    password = read_account(label_studio.data_dir)["coders"]["lies@stad.be"]
    token = access_token(label_studio.url, "lies@stad.be", password, "", small)
    coder: Any = Sdk(base_url=label_studio.url, api_key=token)  # type: ignore[no-untyped-call]
    sdk: Any = Sdk(base_url=label_studio.url, api_key=where[1])  # type: ignore[no-untyped-call]

    said: list[str] = []
    live = Live(small, *where, "nood", 2, said.append)
    (project,) = [p.id for p in sdk.projects.list() if "Vervoer" in p.title]
    tasks = {task.data["answer_id"].split(":")[0]: task for task in sdk.tasks.list(project=project)}

    def code(who: str, *codes: str) -> None:
        coder.annotations.create(tasks[who].id, result=chosen(*codes))

    with live.open() as url:
        assert live.questions == ["nood"]
        before = suggested(sdk, project)
        assert before["R2"] == before["R4"] == ["middelen.geld"]
        assert before["R6"] != ["kennis"]

        # Another command holds the study: this round fails, and live goes on.
        lock = FileLock(small / "data" / "work" / "bezig.lock")
        with lock:
            code("R1", "middelen")
            code("R3", "kennis")
            until(lambda: any("lukte niet" in line for line in said), said)
        assert live.rounds == 0

        code("R5", "kennis")
        code("R2", "middelen.geld")
        until(lambda: live.rounds == 1, said)
        after = suggested(sdk, project)
        assert after["R6"] == ["kennis"]
        assert after["R4"] == ["middelen.geld"]

        # A task that has no suggestion gets it from us, when somebody opens it.
        version = sdk.projects.get(project).model_version
        (shown,) = sdk.tasks.get(str(tasks["R6"].id)).predictions
        sdk.predictions.delete(shown.id)
        assert suggested(sdk, project)["R6"] == []
        opened = coder.tasks.get(str(tasks["R6"].id))
        assert [one.model_version for one in opened.predictions] == [version]
        assert suggested(sdk, project)["R6"] == ["kennis"]

        # Label Studio knows one address, and tells it no texts.
        (backend,) = sdk.ml.list(project=project)
        assert (backend.url, backend.state) == (url, "CO")
        (hook,) = sdk.webhooks.list(project=str(project))
        assert not hook.send_payload

    assert list(sdk.ml.list(project=project)) == []
    assert list(sdk.webhooks.list(project=str(project))) == []
    ledger = store.read_ledger(Paths(small).ledger("nood"))
    assert {(c.answer.split(":")[0], c.codes) for c in ledger} == {
        ("R1", ("middelen",)),
        ("R2", ("middelen.geld",)),
        ("R3", ("kennis",)),
        ("R5", ("kennis",)),
    }
    assert not [text for text in ANSWERS.values() if any(text in line for line in said)]

    # A dead address is refused in plain words, and leaves nothing behind.
    server = LabelStudio(*where)
    with pytest.raises(ReviewError, match="weigert contact"):
        connect(server, Project(project, "nood", ""), "http://127.0.0.1:9/x")
    assert list(sdk.webhooks.list(project=str(project))) == []

    # The command does the same until Ctrl+C. What a killed one left is cleared away first.
    killed = command(small, label_studio, "live")
    killed.kill()
    killed.communicate()
    (old,) = sdk.ml.list(project=project)
    window = command(small, label_studio, "live")
    (new,) = sdk.ml.list(project=project)
    assert new.url != old.url
    window.send_signal(signal.SIGINT)
    printed, errors = window.communicate()
    assert window.returncode == 0, errors
    assert json.loads(printed) == {"questions": ["nood"], "rounds": 0}
    assert list(sdk.ml.list(project=project)) == []
    assert list(sdk.webhooks.list(project=str(project))) == []


def command(root: Path, server: LocalServer, name: str) -> subprocess.Popen[str]:
    """Start a command of `opentekst review`; return once it says that Ctrl+C stops it."""
    own = {"LABEL_STUDIO_URL": server.url, "LABEL_STUDIO_API_KEY": server.api_key}
    started = subprocess.Popen(
        [sys.executable, "-m", "opentekst", "review", name, "--study", str(root), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | own,
    )
    assert started.stderr is not None
    for line in started.stderr:
        if line.startswith("Ctrl+C"):
            return started
    raise AssertionError(f"ended with status {started.wait()}")


# -- the protocol, over a real socket, without Label Studio ------------------------------------


@contextmanager
def served(answers: Answers) -> Iterator[httpx.Client]:
    with (
        LiveServer(answers) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as web,
    ):
        yield web


def echo(heard: list[str]) -> Answers:
    return Answers(
        version=lambda project: f"v{project}",
        predict=lambda project, tasks: [[{"result": [project, task["id"]]}] for task in tasks],
        noted=heard.append,
        failed=lambda kind: heard.append(f"failed {kind}"),
    )


def test_the_protocol_is_spoken_and_nothing_else() -> None:
    heard: list[str] = []
    with served(echo(heard)) as web:
        assert web.get("/health").json() == {"status": "UP"}
        assert web.get("/versions").json() == {"versions": []}
        assert web.post("/setup", json={"project": "3.17000", "access_token": "x"}).json() == {
            "model_version": "v3"
        }
        asked = {"project": "3.17000", "tasks": [{"id": 1}, {"id": 2}]}
        assert web.post("/predict", json=asked).json() == {
            "results": [[{"result": [3, 1]}], [{"result": [3, 2]}]]
        }
        assert web.post("/webhook", json={"action": "ANNOTATION_CREATED"}).is_success
        assert heard == ["ANNOTATION_CREATED"]
        assert web.get("/").status_code == 404
        assert web.get("/predict").status_code == 404
        assert web.post("/train", json={}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/../geraden/webhook", b"{}", {}, 404),
        ("/webhook", b"geen json", {}, 400),
        ("/webhook", b"[1]", {}, 400),
        ("/setup", b"{}", {}, 400),
        ("/predict", b'{"project": "1", "tasks": [1]}', {}, 400),
        ("/webhook", b"{}", {"Content-Length": str(LARGEST_BODY + 1)}, 413),
        ("/webhook", b"{}", {"Content-Length": "-1"}, 411),
    ],
)
def test_what_does_not_belong_is_refused_and_does_nothing(
    path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    heard: list[str] = []
    with LiveServer(echo(heard)) as server:
        host, _, token = server.url.removeprefix("http://").partition("/")
        target = path.removeprefix("/..") if path.startswith("/..") else f"/{token}{path}"
        connection = HTTPConnection(host, timeout=30)
        connection.request("POST", target, body, {"Content-Length": str(len(body))} | headers)
        assert connection.getresponse().status == status
        connection.close()
    assert heard == []


def test_a_failure_is_told_by_its_kind_and_never_by_what_it_holds() -> None:
    heard: list[str] = []
    with served(echo(heard)) as web:
        secret = {"project": "1", "tasks": [{"data": {"text": "Sofie De Smet"}}]}
        answer = web.post("/predict", json=secret)
        assert (answer.status_code, answer.json()) == (500, {})
        assert web.get("/health").is_success
    assert heard == ["failed KeyError"]
    assert "Sofie" not in json.dumps(heard)
