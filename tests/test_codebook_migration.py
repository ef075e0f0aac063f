"""A running Label Studio project goes along with its codebook, and loses no annotation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk import LabelStudio as Sdk

from opentekst import store
from opentekst.codebook import Codebook, History
from opentekst.codebook.changes import Change, Merge, Move, Part, Rename, Split
from opentekst.model import Coding, How
from opentekst.pipeline import codebooks, reviewing
from opentekst.pipeline.engine import silent
from opentekst.pipeline.opinions import opinions, through
from opentekst.review import LabelStudio, LocalServer, PullReport, PushReport, ReviewItem
from opentekst.review.config import UNUSED
from opentekst.review.projects import Place
from opentekst.review.tasks import region
from opentekst.store import Paths
from opentekst.study import Study

STUDY = "Verhuizing"
ASKED = "Wat zijn uw noden?"
BOOK = """\
codebook: proef
version: 1
title: Proef
codes:
  - id: middelen
    label: Middelen
  - id: middelen.geld
    label: Geld
  - id: kennis
    label: Kennis
  - id: visie
    label: Visie
  - id: bereik
    label: Bereik
  - id: rest
    label: Rest
"""
PATHS = {
    "middelen": ["middelen"],
    "middelen.geld": ["middelen", "middelen.geld"],
    "kennis": ["kennis"],
    "visie": ["visie"],
    "bereik": ["bereik"],
    "rest": ["rest"],
}
SETS = [
    ("middelen",),
    ("middelen.geld",),
    ("kennis",),
    ("visie", "rest"),
    ("bereik", "kennis"),
    ("kennis", "visie"),
    ("bereik",),
    ("rest",),
]
RENAME = Rename(code="rest", label="Overige", id="overige")
MERGE = Merge(codes=("kennis", "visie"), into="weten", label="Kennis en visie")
SPLIT = Split(
    code="bereik",
    into=(Part(id="outreach", label="Outreach"), Part(id="drempels", label="Drempels")),
)
MOVE = Move(code="middelen.geld", parent="")
NOW = {
    "middelen": ["middelen"],
    "middelen.geld": ["middelen.geld"],
    "kennis": ["weten"],
    "visie": ["weten"],
    "bereik": [UNUSED, "bereik"],
    "rest": ["overige"],
}


@pytest.fixture
def room(label_studio: LocalServer) -> LabelStudio:
    return LabelStudio(label_studio.url, label_studio.api_key)


@pytest.fixture
def sdk(label_studio: LocalServer) -> Sdk:
    return Sdk(base_url=label_studio.url, api_key=label_studio.api_key)  # type: ignore[no-untyped-call]


@pytest.fixture
def book(tmp_path: Path) -> History:
    path = tmp_path / "proef.yaml"
    path.write_text(BOOK, "utf-8")
    return History.load(path)


def after(book: History, *changes: Change) -> History:
    store.write_all(book.apply(changes).files)
    return History.load(book.path)


def items(question: str, count: int, book: Codebook) -> list[ReviewItem]:
    """All answers the first time; later only half, the others keep the suggestion they had."""
    found = []
    for n in range(0, count, 1 if book.version == 1 else 2):
        answer = f"R{n}:{question}"
        code = list(PATHS)[n % 6] if book.version == 1 else "middelen"
        suggestion = Coding(answer, (code,), "model:combined", (0.8,), (), book.ref)
        found.append(ReviewItem(answer, question, ASKED, f"antwoord {n}", suggestion))
    return found


def tasks(client: Sdk, project: int) -> dict[str, Any]:
    listed: Iterable[Any] = client.tasks.list(project=project)
    return {task.data["answer_id"]: task for task in listed}


def chosen(codes: Iterable[str]) -> list[dict[str, Any]]:
    memo = region("memo", "textarea", ["mijn memo"])
    return [region("codes", "taxonomy", [PATHS[code] for code in codes]), memo]


def paths(annotation: Any) -> list[list[str]]:
    (part,) = [one for one in annotation["result"] if one["from_name"] == "codes"]
    found: list[list[str]] = part["value"]["taxonomy"]
    return found


def said(pulled: PullReport) -> list[Coding]:
    """Return what people did, but for how: a migration puts new suggestions for those they saw."""
    return [replace(entry, how=How()) for entry in pulled.entries]


Move_ = Callable[[History], PushReport]


def mover(room: LabelStudio, question: str, count: int) -> Move_:
    def push(book: History) -> PushReport:
        sent = items(question, count, book.now)
        return room.push(Place(STUDY, question), ASKED, book.now, sent, chain=book.chain)

    return push


def annotated(
    room: LabelStudio, sdk: Sdk, book: History, question: str, count: int, memo: bool = True
) -> int:
    """A project in which a coder did every task; every seventh answer has no code."""
    project = mover(room, question, count)(book).project_id
    for n, task in enumerate(tasks(sdk, project).values()):
        none = [region("geen", "choices", ["geen_code"])]
        result = none if n % 7 == 6 else chosen(SETS[n % len(SETS)])[: 2 if memo else 1]
        sdk.annotations.create(task.id, result=result)
    return project


@pytest.mark.server
def test_two_hundred_annotations_go_through_rename_merge_split_and_move(
    room: LabelStudio, sdk: Sdk, book: History
) -> None:
    question = "tweehonderd"
    project = annotated(room, sdk, book, question, 200)
    before = said(room.pull(Place(STUDY, question), book.now, book.chain))
    assert len(before) == 200
    push = mover(room, question, 200)
    made = {answer: task.annotations[0]["id"] for answer, task in tasks(sdk, project).items()}

    for wish in (RENAME, MERGE, SPLIT, MOVE):
        book = after(book, wish)
        report = push(book)
        assert report.moved > 0
        if wish in (MERGE, MOVE):  # a pull gives what people did, not what the migration did
            assert said(room.pull(Place(STUDY, question), book.now, book.chain)) == before

    again = push(book)
    assert (again.moved, again.updated, again.added) == (0, 0, 0)
    then = {coding.answer: coding.codes for coding in before}
    waiting = set()
    for answer, task in tasks(sdk, project).items():
        (annotation,) = task.annotations
        assert annotation["id"] == made[answer]
        if not then[answer]:
            assert annotation["result"][0]["value"] == {"choices": ["geen_code"]}
            continue
        want = list(dict.fromkeys(tuple(NOW[code]) for code in then[answer]))
        assert [tuple(path) for path in paths(annotation)] == want
        assert annotation["result"][1]["value"] == {"textarea": ["mijn memo"]}
        if task.data.get("opnieuw") == "ja":
            waiting.add(answer)
        for one in task.predictions:
            known = {code for path in (one.result or [])[0]["value"]["taxonomy"] for code in path}
            assert known <= {code.id for code in book.now.active}
    assert waiting == {answer for answer, codes in then.items() if "bereik" in codes}
    assert report.waiting == len(waiting)
    views: Iterable[Any] = sdk.views.list(project=project)
    assert [dict(view.data or {})["title"] for view in views] == ["Opnieuw coderen"]
    config = str(sdk.projects.get(project).label_config)
    assert 'alias="weten"' in config and UNUSED in config and 'alias="kennis"' not in config

    # A person codes the waiting ones again, and nothing waits any more.
    there = tasks(sdk, project)
    for answer in waiting:
        (annotation,) = there[answer].annotations
        rest = [path for path in paths(annotation) if path != [UNUSED, "bereik"]]
        result = [region("codes", "taxonomy", [*rest, ["drempels"]])]
        sdk.annotations.update(annotation["id"], result=result)
    later = said(room.pull(Place(STUDY, question), book.now, book.chain))
    fresh = [coding for coding in later if coding not in before]
    assert {coding.answer for coding in fresh} == waiting
    # Version 4 brought the split; the tasks that version 5 left alone still name it.
    assert all(coding.codebook.version >= 4 for coding in fresh)
    read, still = through(book.chain, [*before, *fresh])
    assert not still
    last = {coding.answer: coding.codes for coding in read}
    for answer, codes in then.items():
        meant = [NOW[code][-1] for code in codes if code != "bereik"]
        meant += ["drempels"] if "bereik" in codes else []
        assert sorted(last[answer]) == sorted(set(meant))
    assert push(book).waiting == 0
    assert UNUSED not in str(sdk.projects.get(project).label_config)


@pytest.mark.server
def test_an_interruption_halfway_loses_nothing(
    room: LabelStudio, sdk: Sdk, book: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "onderbroken"
    project = annotated(room, sdk, book, question, 14, memo=False)
    before = said(room.pull(Place(STUDY, question), book.now, book.chain))
    push = mover(room, question, 14)
    for wish in (RENAME, MERGE):
        book = after(book, wish)
        for method, times in (("annotations", 0), ("annotations", 2), ("tasks", 1)):
            place = getattr(room.sdk, method)
            real, left = place.update, [times]

            def failing(*args: Any, real: Any = real, left: list[int] = left, **more: Any) -> Any:
                if not left[0]:
                    raise KeyboardInterrupt
                left[0] -= 1
                return real(*args, **more)

            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr(place, "update", failing)
                push(book)
            assert said(room.pull(Place(STUDY, question), book.now, book.chain)) == before
        push(book)
        assert push(book).moved == 0
        assert said(room.pull(Place(STUDY, question), book.now, book.chain)) == before
    held = {answer: task.annotations for answer, task in tasks(sdk, project).items()}
    assert all(len(annotations) == 1 for annotations in held.values())
    merged = [paths(a[0]) for n, a in enumerate(held.values()) if n % 8 == 2 and n % 7 != 6]
    assert merged and all(one == [["weten"]] for one in merged)
    # Label Studio itself accepts what the annotations now hold. (It counts memos as codes and
    # refuses every screen once there is one: hence a project without.)
    config = str(sdk.projects.get(project).label_config)
    sdk.projects.validate_label_config(project, label_config=config)


@pytest.mark.server
def test_what_a_coder_does_meanwhile_counts_as_her_coding(
    room: LabelStudio, sdk: Sdk, book: History
) -> None:
    question = "intussen"
    project = annotated(room, sdk, book, question, 3)
    push = mover(room, question, 3)
    book = after(book, MERGE)
    # A page that was open before the change sends the old code in after it.
    push(book)
    ids = tasks(sdk, project)
    sdk.annotations.create(ids["R0:intussen"].id, result=chosen(["visie"]))
    # Chosen otherwise, and back: the last time counts.
    (annotation,) = ids["R2:intussen"].annotations
    for codes in (["rest"], None):
        path = [["rest"]] if codes else [["weten"]]
        sdk.annotations.update(annotation["id"], result=[region("codes", "taxonomy", path)])
    codings = room.pull(Place(STUDY, question), book.now, book.chain).codings
    found = {(c.answer, c.codes, c.codebook.version) for c in codings}
    assert ("R0:intussen", ("visie",), 1) in found
    assert ("R2:intussen", ("weten",), 2) in found
    assert push(book).moved == 1
    shown = [paths(a) for a in tasks(sdk, project)["R0:intussen"].annotations]
    assert [["weten"]] in shown
    assert room.pull(Place(STUDY, question), book.now, book.chain).codings == codings


@pytest.mark.server
def test_undoing_a_merge_brings_back_what_each_person_chose(
    room: LabelStudio, sdk: Sdk, book: History
) -> None:
    question = "terug"
    project = annotated(room, sdk, book, question, 8)
    first = {answer: paths(t.annotations[0]) for answer, t in tasks(sdk, project).items()
             if t.annotations[0]["result"][0]["from_name"] == "codes"}  # fmt: skip
    push = mover(room, question, 8)
    book = after(book, MERGE)
    push(book)
    store.write_all(book.undo("toch niet", "an", "2026-01-01").files)
    book = History.load(book.path)
    push(book)
    now = tasks(sdk, project)
    assert {answer: paths(now[answer].annotations[0]) for answer in first} == first


@pytest.mark.server
def test_the_study_keeps_a_copy_and_its_ledger_counts_the_same(
    study: Path, label_studio: LocalServer, sdk: Sdk
) -> None:
    where = (label_studio.url, label_studio.api_key)
    question = "toel_expertise"
    opened = Study.open(study)
    reviewing.push(opened, *where, question, True, silent)
    listed: Iterable[Any] = sdk.projects.list()
    project = next(p for p in listed if question in str(p.title))
    for task in list(tasks(sdk, project.id).values())[:4]:
        path = [["expertise", "expertise.kennis"]]
        sdk.annotations.create(task.id, result=[region("codes", "taxonomy", path)])
    rename = Rename(code="expertise.kennis", label="Weten", id="expertise.weten")
    codebooks.change(opened, "noden", [rename], dry=False)
    opened = Study.open(study)
    (moved,) = reviewing.push(opened, *where, question, True, silent)
    assert (moved.added, moved.moved) == (0, 4)
    ledger = Paths(study).ledger(question).read_bytes()
    assert len(list((study / "data/work/labelstudio_kopie").iterdir())) == 1
    (pulled,) = reviewing.pull(opened, *where, question)
    assert (pulled.codings, pulled.new) == (4, 0)
    assert Paths(study).ledger(question).read_bytes() == ledger
    mine = [c for c in opinions(opened).codings if c.codes == ("expertise.weten",)]
    assert len(mine) >= 4
