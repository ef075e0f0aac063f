"""Whom an answer names stays in the study: Label Studio, results and themes get placeholders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk import LabelStudio as Sdk

from opentekst import store
from opentekst.language import Abbreviations, Lexicon, normalise_answers, resolve
from opentekst.model import Answer
from opentekst.pipeline.masking import KEY, masked_texts, updated_key
from opentekst.review import LocalServer
from test_whole_way import opentekst

NAMED = (
    "Rita Goossens",
    "Luc Hendrickx",
    "Els Wouters",
    "Griet Maes",
    "Annick Desmet",
    "Katrien Daelemans",
    "Sofie Van Hecke",
    "0478 00 11 22",
    "0486 98 76 54",
    "lut.dhondt@welzijn.example",
)
PIPELINE = resolve("blank_nl")


def key_after(path: Path, *texts: str) -> dict[str, dict[str, int]]:
    """Normalise these answers, write the key as the stage does, and return its numbers."""
    answers = [Answer(f"r{i}:q", f"r{i}", "u", "q", text) for i, text in enumerate(texts)]
    lexicon = Lexicon((), (), Abbreviations.of_study(path.parent))
    items = normalise_answers(answers, {"q": "need"}, PIPELINE, lexicon=lexicon)
    store.write_all({path: updated_key(path, answers, items)})
    numbers: dict[str, dict[str, int]] = json.loads(path.read_text("utf-8"))["numbers"]
    return numbers


def test_the_key_stays_in_data_work_and_no_result_holds_a_name(example: Path) -> None:
    answers = (example / "data" / "work" / "answers.jsonl").read_text("utf-8")
    assert all(name in answers for name in NAMED)
    written = [
        path
        for folder in ("results", "annotations")
        for path in (example / folder).rglob("*")
        if path.is_file()
    ]
    made = [example / "data" / "work" / name for name in ("topics.jsonl", "proposals.jsonl")]
    written += [example / "run.lock.json", *made]
    assert len(written) > 10
    for path in written:
        content = path.read_bytes()
        assert not [name for name in NAMED if name.encode() in content], path
    assert [path.name for path in example.rglob(KEY)] == [KEY]
    topics, proposals = store.read_topics(made[0]), store.read_proposals(made[1])
    themes = [(t.label, t.keywords) for t in topics] + [(p.label, p.keywords) for p in proposals]
    words = {word.lower() for label, keywords in themes for word in (*keywords, *label.split())}
    assert themes
    assert (
        sorted(words & {part.lower() for name in NAMED[:7] for part in name.split()} - {"van"})
        == []
    )


@pytest.mark.server
def test_label_studio_gets_placeholders_and_the_ledger_no_name(
    study: Path, label_studio: LocalServer
) -> None:
    title = "Namen blijven hier"  # other tests use the same server
    settings = study / "study.yaml"
    text, found = re.subn(r"(?m)^study: .*$", f'study: "{title}"', settings.read_text("utf-8"))
    assert found == 1
    settings.write_text(text, "utf-8")
    for sample in study.rglob("audit.json"):
        sample.unlink()  # else most answers wait for blind coders
    opentekst(study, label_studio, "code")
    opentekst(study, label_studio, "review", "push", "--all")
    sdk: Any = Sdk(base_url=label_studio.url, api_key=label_studio.api_key)  # type: ignore[no-untyped-call]
    sent = [
        task
        for project in sdk.projects.list()
        if title in str(project.title)
        for task in sdk.tasks.list(project=int(project.id or 0), fields="all")
    ]
    texts = "\n".join(json.dumps(task.data, ensure_ascii=False) for task in sent)
    assert not [name for name in NAMED if name in texts]
    assert "[naam 1]" in texts and "[telefoon 1]" in texts and "[e-mail 1]" in texts

    named = next(t for t in sent if "[naam 1]" in t.data["text"])
    sdk.annotations.create(
        int(named.id or 0),
        result=[
            {
                "from_name": "none",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": ["Geen enkele code past"]},
            }
        ],
    )
    question = named.data["question"]
    opentekst(study, label_studio, "review", "pull", "--question", question)
    ledger = (study / "annotations" / question / "people.jsonl").read_text("utf-8")
    assert named.data["answer_id"] in ledger
    assert not [name for name in NAMED if name in ledger]


def test_evidence_leads_from_the_masked_text_to_the_verbatim_one_and_back(example: Path) -> None:
    work = example / "data" / "work"
    answers = store.read_answers(work / "answers.jsonl")
    items = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    masked = masked_texts(work, answers, items)
    answer = next(a for a in answers if "Rita Goossens" in a.text)
    shown = masked[answer.id]
    start = shown.text.index("gaat bij iedereen langs")
    span = shown.to_original(start, start + len("gaat bij iedereen langs"))
    assert answer.text[slice(*span)] == "gaat bij iedereen langs"
    assert shown.to_masked(*span) == (start, start + len("gaat bij iedereen langs"))


def test_a_name_keeps_its_number_as_answers_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / KEY
    first = "Onze collega Els Peeters weet er alles van"
    second = "Vraag het aan Jan Willems, 0478 12 34 56"
    assert list(key_after(path, first, second)["name"].values()) == [1, 2]
    before = key_after(path, "Sofie Maes doet dat bij ons", first, second)
    assert sorted(before["name"].values()) == [1, 2, 3]
    assert {name: number for name, number in before["name"].items() if number < 3} == key_after(
        path, first, second
    )["name"]
    gone = key_after(path, second)
    assert list(gone["name"].values()) == [2]
    assert "peeters" not in path.read_text("utf-8")
    assert list(key_after(path, "Ook Ann Claes", second)["name"].values()) == [2, 4]
