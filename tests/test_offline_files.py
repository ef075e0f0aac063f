"""Coding without a server: Label Studio's files out and back in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk import LabelStudio as Sdk

from offline_steps import AN, ledger, refused, review, without_sample
from opentekst.review import LocalServer
from opentekst.review.annotations import chosen


@pytest.mark.server
def test_the_files_go_through_a_real_label_studio_and_come_back(
    study: Path, tmp_path: Path, label_studio: LocalServer
) -> None:
    without_sample(study)
    out = tmp_path / "noden.json"
    review(study, "export", out, "--question", "noden", "--all")
    owner = Sdk(base_url=label_studio.url, api_key=label_studio.api_key)  # type: ignore[no-untyped-call]
    screen = (tmp_path / "noden-scherm.xml").read_text("utf-8")
    project: Any = owner.projects.create(title="van een bestand", label_config=screen)
    sent = json.loads(out.read_text("utf-8"))
    owner.projects.import_tasks(project.id, request=sent)
    listed: Iterable[Any] = owner.tasks.list(project=project.id)
    tasks = {task.data["answer_id"]: task for task in listed}
    assert len(tasks) == len(sent) > 100
    first, second, *_ = [task for task in sent if task["predictions"][0]["result"]]
    result = first["predictions"][0]["result"]
    answers = [task["data"]["answer_id"] for task in (first, second)]
    made = owner.annotations.create(tasks[answers[0]].id, result=result, lead_time=3.5)
    owner.annotations.create(tasks[answers[1]].id, result=result, was_cancelled=True)

    web = owner._client_wrapper.httpx_client
    export = web.request(
        f"api/projects/{project.id}/export",
        method="GET",
        params={"exportType": "JSON", "download_all_tasks": "true"},
    )
    back = tmp_path / "uitvoer.json"
    back.write_bytes(export.content)

    before = ledger(study)
    told = refused(study, "import", back)
    assert f"--coder {made.completed_by}=naam@voorbeeld.be" in told
    told = review(study, "import", back, "--coder", AN)
    assert f"1 gecodeerd: 1 nieuw, {len(sent) - 2} nog niet gecodeerd, 1 overgeslagen" in told
    entries = {one.act: one for one in ledger(study)[len(before) :]}
    added = entries["coded"]
    assert [entries[act].answer for act in ("coded", "skipped")] == answers
    assert set(added.codes) == set(chosen({"result": result}))
    assert (added.coder, added.how.shown) == (f"person:{AN}", "suggestion")
    assert "1 stonden er al" in review(
        study, "import", back, "--coder", f"{made.completed_by}={AN}"
    )
    assert len(ledger(study)) == len(before) + 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("geen json", "geen Excel-werkmap en geen JSON-bestand"),
        ('{"taken": []}', "geen JSON-uitvoer van Label Studio"),
        ('[{"data": {"text": "x"}, "annotations": []}]', "geen taak van opentekst"),
        ('[{"id": 7, "data": {"answer_id": "R:noden"}}]', "taak 7: deze taken hebben geen annot"),
        (
            '[{"id": 7, "data": {"answer_id": "R:noden", "question": "noden"}, "annotations": []}]',
            "taak 7: dit antwoord staat niet in deze studie (gevonden: R:noden (vraag noden))",
        ),
    ],
)
def test_a_file_that_is_no_export_of_this_study_is_refused(
    study: Path, tmp_path: Path, content: str, told: str
) -> None:
    path = tmp_path / "uitvoer.json"
    path.write_text(content, "utf-8")
    assert told in refused(study, "import", path, "--coder", AN)


def test_addresses_in_the_file_say_who_coded(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "noden.json"
    review(study, "export", out, "--question", "noden", "--all", "--blind")
    tasks = json.loads(out.read_text("utf-8"))
    assert not any(task["predictions"] for task in tasks)
    none = {"from_name": "geen", "to_name": "text", "type": "choices"}
    result = [{**none, "value": {"choices": ["geen_code"]}}]
    for number, task in enumerate(tasks):
        task |= {"id": number, "annotations": []}
    for number, who in enumerate(({"id": 4, "email": AN}, {"id": 5, "email": "bo@stad.be"})):
        annotation = {"id": number, "result": result, "updated_at": "2024-05-01T10:00:00Z"}
        tasks[number]["annotations"] = [annotation | {"completed_by": who}]
    out.write_text(json.dumps(tasks), "utf-8")
    before = len(ledger(study))
    review(study, "import", out)
    added = ledger(study)[before:]
    assert {(one.coder, one.codes, one.how.shown) for one in added} == {
        (f"person:{AN}", (), "blind"),
        ("person:bo@stad.be", (), "blind"),
    }
