"""A Label Studio of the study's own: started and stopped from different windows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from label_studio_sdk import LabelStudio as Sdk
from ruamel.yaml import YAML

from opentekst.errors import ReviewError
from opentekst.pipeline.serving import folder, own_server, people
from opentekst.review import LabelStudio, LocalServer
from opentekst.review.access import read_account, write_account
from opentekst.review.projects import Place
from opentekst.review.running import Running, at_work, remember, running, stop
from opentekst.study import Study

ROOT = Path(__file__).parents[1]


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The example study before any run, with a coder in it."""
    root = tmp_path / "studie"
    for name in ("data/raw", "codebooks"):
        shutil.copytree(ROOT / name, root / name)
    yaml = YAML()
    data = yaml.load(ROOT / "study.yaml")
    data["review"] = {"coders": ["an@stad.be"], "adjudicators": ["Bo@stad.be", "person:arbiter"]}
    yaml.dump(data, root / "study.yaml")
    return root


def window(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """Open a window: a command of its own, without Label Studio in its environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LABEL_STUDIO_")}
    return subprocess.Popen(
        [sys.executable, "-m", "opentekst", "review", *arguments, "--study", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def done(root: Path, *arguments: str) -> Any:
    """Run a command to its end with --json and return what it printed."""
    opened = window(root, *arguments, "--json")
    out, err = opened.communicate()
    assert opened.returncode == 0, err
    return json.loads(out)


def may_enter(url: str, email: str, password: str) -> bool:
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as web:
        web.get("/user/login/")
        form = {"email": email, "password": password}
        form |= {"csrfmiddlewaretoken": web.cookies["csrftoken"]}
        return web.post("/user/login/", data=form, headers={"Referer": url}).is_redirect


@pytest.mark.server
def test_a_server_in_the_background_serves_its_coders_until_it_is_stopped(fresh: Path) -> None:
    study = Study.open(fresh)
    try:
        said = done(fresh, "serve", "--background", "--coder", "geen-adres")
        assert said["made"] == ["an@stad.be", "bo@stad.be"]
        assert said["refused"] == ["geen-adres"]
        assert "passwords" not in said

        passwords = folder(study) / "account.json"
        assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
        own = own_server(study)
        assert own == (said["url"], read_account(folder(study))["api_key"])
        coders = read_account(folder(study))["coders"]
        assert may_enter(said["url"], "an@stad.be", coders["an@stad.be"])
        assert not may_enter(said["url"], "an@stad.be", "iets-anders-1")
        with httpx.Client(base_url=said["url"], trust_env=False) as web:
            web.get("/user/signup/")
            form = {"email": "x@y.be", "password": "vreemde-eend-1"}
            form |= {"csrfmiddlewaretoken": web.cookies["csrftoken"]}
            assert web.post("/user/signup/", data=form).status_code == 403

        # A second `serve` uses what runs; the password that An was given still works.
        again = done(fresh, "serve", "--coder", "cas@stad.be", "--show-passwords")
        assert (again["url"], again["made"]) == (said["url"], ["cas@stad.be"])
        assert again["passwords"]["an@stad.be"] == coders["an@stad.be"]
        with pytest.raises(ReviewError, match="review stop"):
            LocalServer(folder(study)).start()

        # push and pull need no environment for it: this pull finds the server, but no project.
        opened = window(fresh, "pull")
        assert "staat er nog niets in Label Studio" in opened.communicate()[1]
        assert opened.returncode == 1

        assert done(fresh, "stop") == {"stopped": True, "url": said["url"]}
        assert own_server(study) is None
        assert done(fresh, "stop") == {"stopped": False, "url": ""}
    finally:
        stop(folder(study))

    # The second start, in the foreground, gets in though its key was lost; it is stopped from
    # elsewhere and notices.
    kept = read_account(folder(study))
    write_account(folder(study), {**kept, "api_key": ""})
    front = window(fresh, "serve")
    try:
        assert front.stdout is not None
        for line in front.stdout:
            if line.startswith("Ctrl+C"):
                break
        found = own_server(study)
        assert found is not None
        assert not LabelStudio(*found).has(Place("geen", "project"))
        assert done(fresh, "stop")["stopped"]
        out, err = front.communicate()
        assert "vanuit een ander venster gestopt" in out, err
        assert front.returncode == 0
    finally:
        front.kill()
        stop(folder(study))


@pytest.mark.server
def test_both_kinds_of_key_open_the_server(label_studio: LocalServer) -> None:
    """A personal access token does; a legacy token where the organisation allows those."""
    sdk: Any = Sdk(base_url=label_studio.url, api_key=label_studio.api_key)  # type: ignore[no-untyped-call]
    web = sdk._client_wrapper.httpx_client
    legacy = web.request("api/current-user/token", method="GET").json()["token"]
    assert len(legacy) == 40

    settings = {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
    web.request("api/jwt/settings", method="POST", json=settings)
    try:
        for key in (legacy, label_studio.api_key):
            assert not LabelStudio(label_studio.url, key).has(Place("geen", "project"))
    finally:
        settings["legacy_api_tokens_enabled"] = False
        web.request("api/jwt/settings", method="POST", json=settings)
    with pytest.raises(ReviewError, match="LABEL_STUDIO_API_KEY"):
        LabelStudio(label_studio.url, legacy).has(Place("geen", "project"))


def test_a_process_that_got_the_number_of_an_ended_server_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(
        [sys.executable, "-c", "input()", "label-studio", "--data-dir", f"{tmp_path}2"],
        stdin=subprocess.PIPE,
    )
    try:
        remember(tmp_path, Running(stranger.pid, "http://127.0.0.1:1"))
        assert at_work(tmp_path) is None
        assert running(tmp_path) is None
        assert stop(tmp_path) is None
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.communicate()


def test_a_server_that_does_not_listen_to_reason_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opentekst.review.running.STOP_SECONDS", 0.2)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
    server = subprocess.Popen(
        [sys.executable, "-c", f"{deaf}; input()", "label-studio", "--data-dir", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    server.stdout.readline()
    remember(tmp_path, Running(server.pid, "http://127.0.0.1:1"))
    assert stop(tmp_path) == Running(server.pid, "http://127.0.0.1:1")
    assert server.wait() == -signal.SIGKILL
    assert stop(tmp_path) is None
    server.communicate()


def test_coders_and_those_adjudicators_who_have_an_address_get_an_account(fresh: Path) -> None:
    assert people(Study.open(fresh), ["cas@stad.be", "an@stad.be"]) == [
        "an@stad.be",
        "Bo@stad.be",
        "cas@stad.be",
    ]
