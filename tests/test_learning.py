"""What a run says it learned, and how many more reviews it asks for."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from opentekst import store
from opentekst.model import CodebookRef, Coding
from opentekst.pipeline import STAGES, Engine, StageReport
from opentekst.pipeline.deciding import settled
from opentekst.pipeline.learning_says import expected, reviews_needed
from opentekst.pipeline.queueing import likeness_key, queued
from opentekst.study import Study

CHANCES = st.lists(st.integers(0, 10_000).map(lambda n: n / 10_000), min_size=1, max_size=40)
SINCE = "since_last_run"


def code_again(study: Path, force: bool = False) -> StageReport:
    reports = Engine(Study.open(study), STAGES).run(("code",), force=force)
    return next(report for report in reports if report.stage == "code")


def open_answers(study: Path, question: str) -> list[str]:
    opened = Study.open(study)
    answers = store.read_answers(study / "data" / "work" / "answers.jsonl")
    rows = store.read_rows(study / "data" / "work" / "triage.jsonl", "code")
    judged = {row["answer"] for row in rows}
    done = settled(opened, answers)
    return [a.id for a in answers if a.question == question and a.id in judged - done.keys()]


def by_person(study: Path, answer: str, *codes: str) -> Coding:
    book = Study.open(study).codebook("noden")
    ref = CodebookRef(book.id, book.version, book.fingerprint)
    return Coding(answer, codes, "person:an", (1.0,) * len(codes), (), ref, "2021-06-01T10:00:00Z")


@given(CHANCES, st.integers(0, 40), st.integers(1, 100).map(lambda n: n / 100))
def test_the_number_of_reviews_is_the_smallest_that_reaches_the_target(
    chances: list[float], people: int, target: float
) -> None:
    reached = [
        expected(chances[reviews:], people + reviews) >= target
        for reviews in range(len(chances) + 1)
    ]
    assert reviews_needed(chances, people, target) == reached.index(True)


def test_reviewed_answers_are_right_and_the_others_by_chance() -> None:
    assert expected([0.5, 0.75, 0.75], people=1) == 0.75
    assert reviews_needed([0.0, 0.5, 1.0], people=1, target=0.8) == 1
    assert reviews_needed([0.9, 0.9], people=0, target=0.9) == 0
    assert reviews_needed([0.9, 0.9], people=0, target=1) == 2


def test_every_question_says_how_far_the_target_is(example: Path) -> None:
    data = json.loads((example / "run.lock.json").read_text("utf-8"))["stages"]["code"]["report"]
    target = Study.open(example).file.coding.target
    assert SINCE not in data
    for figures in data.values():
        now, needed = figures["expected_if_all_counted"], figures["reviews_to_target"]
        assert 0 < now <= 1
        assert (needed == 0) == (now >= target)
        assert needed <= figures["left_for_review"] + figures["automatic"]


def test_the_queue_holds_what_people_have_not_settled_and_twins_stand_together(
    example: Path,
) -> None:
    queue = queued(Study.open(example))["noden"]
    assert set(queue) >= set(open_answers(example, "noden"))
    assert not set(queue) & settled_now(example)
    texts = {i.answer: i for i in store.read_normalised(example / "data/work/normalised.jsonl")}
    keys = [key for key, _ in groupby(queue, key=lambda answer: likeness_key(texts[answer]))]
    assert len(keys) == len(set(keys))


def test_a_run_after_reviews_says_what_changed(study: Path) -> None:
    reviewed = open_answers(study, "noden")[:12]
    ledger = study / "annotations" / "noden" / "people.jsonl"
    store.append_ledger(ledger, [by_person(study, answer, "vrijwilligers") for answer in reviewed])
    path = study / "study.yaml"
    path.write_text(path.read_text("utf-8") + "\ncoding: {target: 0.95}\n", "utf-8")
    before = {c.answer: c for c in combined(study)}
    trusted = automatic(study)
    report = code_again(study)
    since = report.data[SINCE]
    done = settled_now(study)
    left = [c for c in combined(study) if c.answer not in done]
    assert since["settled"] == 12
    assert since["reopened"] == 0
    assert since["recoded"] == sum(set(c.codes) != set(before[c.answer].codes) for c in left)
    assert since["to_people"] == len(trusted - automatic(study) - set(reviewed))
    assert since["to_people"] > 0
    assert any("mensen beslisten over 12 antwoorden meer" in line for line in report.lines)
    needed = report.data["noden"]["reviews_to_target"]
    assert 0 < needed < len(queued(Study.open(study))["noden"])
    (asked,) = [line for line in report.lines if line.startswith("noden: nu naar verwachting")]
    assert f"nog {needed} antwoorden nakijken" in asked
    assert asked.endswith("95,0%")

    again = code_again(study, force=True)
    assert set(again.data[SINCE].values()) == {0}
    assert "Sinds de vorige keer: geen enkel antwoord veranderde" in again.lines


def test_a_first_run_has_nothing_to_compare_with_and_a_damaged_outcome_is_no_obstacle(
    study: Path,
) -> None:
    work = study / "data" / "work"
    outcome = {name: (work / name).read_bytes() for name in ("triage.jsonl", "codings.jsonl")}
    (work / "codings.jsonl").unlink()
    (work / "triage.jsonl").write_text("{half", "utf-8")
    report = code_again(study)
    assert SINCE not in report.data
    assert not any("Sinds" in line for line in report.lines)
    assert {name: (work / name).read_bytes() for name in outcome} == outcome


def combined(study: Path) -> list[Coding]:
    codings = store.read_codings(study / "data" / "work" / "codings.jsonl")
    return [coding for coding in codings if coding.coder == "model:combined"]


def automatic(study: Path) -> set[str]:
    rows = store.read_rows(study / "data" / "work" / "triage.jsonl", "code")
    return {row["answer"] for row in rows if row["automatic"]}


def settled_now(study: Path) -> set[str]:
    answers = store.read_answers(study / "data" / "work" / "answers.jsonl")
    return set(settled(Study.open(study), answers))
