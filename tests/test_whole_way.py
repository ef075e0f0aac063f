"""The commands as a researcher uses them, with a real Label Studio in the middle."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk import LabelStudio as Sdk

from opentekst.review import LocalServer

QUESTION = "toel_vrijwilligers"


def opentekst(root: Path, server: LocalServer | None, *arguments: str) -> dict[str, Any]:
    """Run a command with --json and return what it printed."""
    environment = dict(os.environ)
    if server is not None:
        environment |= {"LABEL_STUDIO_URL": server.url, "LABEL_STUDIO_API_KEY": server.api_key}
    done = subprocess.run(
        [sys.executable, "-m", "opentekst", *arguments, "--study", str(root), "--json"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def volunteers(root: Path) -> int:
    with (root / "results" / "tables" / "tabellen.csv").open(encoding="utf-8") as stream:
        return next(
            int(row["n"])
            for row in csv.DictReader(stream)
            if row["tabel"] == "15" and row["categorie"] == "Tekort aan vrijwilligers"
        )


@pytest.mark.server
def test_from_suggestion_to_a_persons_coding_to_another_table(
    study: Path, label_studio: LocalServer
) -> None:
    ledger = study / "annotations" / QUESTION / "people.jsonl"
    earlier = ledger.read_bytes()
    pushed = opentekst(study, label_studio, "review", "push", "--question", QUESTION)[QUESTION]
    assert pushed["added"] > 5
    assert opentekst(study, label_studio, "review", "push", "--question", QUESTION)[QUESTION] == {
        "added": 0,
        "updated": 0,
        "unchanged": pushed["added"],
        "moved": 0,
        "waiting": 0,
    }

    sdk: Any = Sdk(base_url=label_studio.url, api_key=label_studio.api_key)  # type: ignore[no-untyped-call]
    project = next(p for p in sdk.projects.list() if QUESTION in str(p.title))
    tasks = list(sdk.tasks.list(project=int(project.id or 0), fields="all"))
    assert len(tasks) == pushed["added"]
    for task in tasks:
        region = {
            "from_name": "codes",
            "to_name": "text",
            "type": "taxonomy",
            "value": {"taxonomy": [["vrijwilligers"]]},
        }
        sdk.annotations.create(int(task.id or 0), result=[region])

    pulled = opentekst(study, label_studio, "review", "pull", "--question", QUESTION)
    assert (pulled["projects"][0]["codings"], pulled["new"]) == (len(tasks), len(tasks))
    assert ledger.read_bytes().startswith(earlier)
    again = opentekst(study, label_studio, "review", "pull", "--question", QUESTION)
    assert again["new"] == 0
    text = ledger.read_text(encoding="utf-8")
    for task in tasks:
        assert str((task.data or {})["text"]) not in text

    before = volunteers(study)
    ran = opentekst(study, None, "tables")
    assert ran["code"]["ran"] and ran["tables"]["ran"] and "read" not in ran
    assert ran["code"][QUESTION]["left_for_review"] == ran["code"][QUESTION]["automatic"] == 0
    assert volunteers(study) > before


def test_show_gives_answers_with_codes_and_evidence(study: Path) -> None:
    shown = opentekst(study, None, "show", "--code", "vrijwilligers", "--count", "5")
    assert len(shown["answers"]) == 5 < shown["of"]
    for answer in shown["answers"]:
        assert "vrijwilligers" in answer["codes"]
        for start, end, _ in answer["evidence"]:
            assert answer["text"][start:end].strip()


def test_status_says_what_is_done_and_what_is_next(study: Path) -> None:
    assert opentekst(study, None, "status")["stale"] == []
    (study / "data" / "work" / "codings.jsonl").unlink()
    assert opentekst(study, None, "status")["stale"] == ["code", "topics", "tables"]
