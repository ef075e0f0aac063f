"""The review room, against a real Label Studio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentekst.codebook import Code, Codebook
from opentekst.errors import ReviewError
from opentekst.model import Coding
from opentekst.review import ReviewItem, decide
from opentekst.review.annotations import Unclear, from_annotation, utc
from opentekst.review.config import labelling_config
from opentekst.review.reconcile import Task, Wanted, by_answer, lacking
from opentekst.review.tasks import region, to_task

STUDY = "Eenzaamheid"
ASKED = "Wat zijn uw noden?"
NASTY = (
    "  <script>alert(1)</script> {{ x }} $text ${text} \" ' `]]>` &amp; é\u00a0😀\r\n\n\t"
    + "a" * 5000
)
BOOK = Codebook(
    "noden",
    3,
    "Noden",
    (
        Code("middelen", "Middelen", definition="Geld of mensen."),
        Code("middelen.geld", 'Geld "& zo" <euro> $text ]]>', "middelen", include=("subsidie",)),
        Code("oud", "Oude code", status="retired"),
        Code("oud.tijd", "Tijd", "oud"),
        Code("kennis", "Kennis"),
    ),
)


def opinion(
    codes: Iterable[str], coder: str = "model:combined", answer: str = "R1:noden"
) -> Coding:
    codes = tuple(codes)
    return Coding(answer, codes, coder, (0.8,) * len(codes), (), BOOK.ref)


def item(answer: str, codes: Iterable[str] = (), text: str = "Te weinig geld") -> ReviewItem:
    question = answer.split(":")[1]
    return ReviewItem(answer, question, ASKED, text, opinion(codes, answer=answer))


def chosen(*codes: str) -> list[dict[str, Any]]:
    paths = {"kennis": ["kennis"], "middelen.geld": ["middelen", "middelen.geld"]}
    return [region("codes", "taxonomy", [paths.get(code, [code]) for code in codes])]


NO_CODE = [region("geen", "choices", ["geen_code"])]
BOXES = [region("vaak", "choices", ["kennis"])]
NEW = [
    region("geen", "choices", ["nieuwe_code_nodig"]),
    {**region("nieuwe_code", "textarea", []), "value": {"text": ["vervoer"]}},
]
MEMO = [{**region("memo", "textarea", []), "value": {"text": ["navragen"]}}]


# -- the screen ---------------------------------------------------------------------------


def test_the_screen_shows_the_tree_with_code_ids_behind_the_labels() -> None:
    tree = ElementTree.fromstring(labelling_config(BOOK, ASKED)).find("Taxonomy")
    assert tree is not None
    assert [choice.get("alias") for choice in tree] == ["middelen", "oud.tijd", "kennis"]
    assert [choice.get("alias") for choice in tree[0]] == ["middelen.geld"]
    assert tree[0].get("hint") == "Geld of mensen."


@given(st.lists(st.text(), min_size=1, max_size=4), st.text())
@settings(max_examples=200, deadline=None)
def test_any_label_and_question_can_be_shown(labels: list[str], question: str) -> None:
    codes = tuple(
        Code(f"c{number}", label, definition=label) for number, label in enumerate(labels)
    )
    screen = ElementTree.fromstring(labelling_config(Codebook("b", 1, "b", codes), question))
    shown = [choice.get("value", "") for choice in screen.iterfind("Taxonomy/Choice")]
    for label, value in zip(labels, shown, strict=True):
        assert "$" not in value.replace("$\u2060", "")
        assert set(value) <= set(label) | {"\u2060"}
        if label.isprintable():
            assert value.replace("\u2060", "") == label.replace("\u2060", "")


# -- tasks and annotations, without a server ------------------------------------------------


def test_a_task_holds_the_answer_to_the_letter_and_suggests_only_active_codes() -> None:
    suggestion = Coding(
        "R1:noden",
        ("oud", "oud.tijd", "middelen.geld"),
        "model:combined",
        (0.9, 0.4, 0.7),
        (),
        BOOK.ref,
    )
    task = to_task(ReviewItem("R1:noden", "noden", ASKED, NASTY, suggestion), BOOK)
    assert task["data"]["text"] == NASTY
    assert task["data"]["codebook_fingerprint"] == BOOK.fingerprint
    (suggested,) = task["predictions"]
    assert suggested["score"] == 0.4
    assert suggested["model_version"] == "model:combined"
    assert suggested["result"][0]["value"]["taxonomy"] == [
        ["oud.tijd"],
        ["middelen", "middelen.geld"],
    ]
    assert to_task(item("R1:noden", ["oud"]), BOOK)["predictions"] == []


@pytest.mark.parametrize(
    ("result", "cancelled", "meaning"),
    [
        (chosen("kennis", "middelen.geld", "kennis"), False, ("kennis", "middelen.geld")),
        (NO_CODE + MEMO, False, ()),
        (chosen("kennis"), True, "skipped"),
        (NEW, False, ()),
        (chosen("kennis") + NEW, False, ("kennis",)),
        (BOXES + chosen("middelen.geld"), False, ("kennis", "middelen.geld")),
        (MEMO, False, Unclear(7, "empty")),
        ([], False, Unclear(7, "empty")),
        (chosen("kennis") + NO_CODE, False, Unclear(7, "contradictory")),
    ],
)
def test_what_an_annotation_says(result: Any, cancelled: bool, meaning: object) -> None:
    annotation = {
        "result": result,
        "was_cancelled": cancelled,
        "updated_at": "2021-03-01T10:00:00Z",
    }
    data = to_task(item("R1:noden"), BOOK)["data"]
    said = from_annotation(annotation, data, "an@stad.be", BOOK, 7)
    if isinstance(said, Coding):
        assert (said.answer, said.coder, said.codebook) == (
            "R1:noden",
            "person:an@stad.be",
            BOOK.ref,
        )
        assert said.at == utc("2021-03-01T11:00:00+01:00")
        assert said.how.new_code == ("vervoer" if NEW[1] in result else "")
        if meaning == "skipped":
            assert (said.act, said.codes) == ("skipped", ())
        else:
            assert (said.codes, set(said.score)) == (meaning, {1.0} if meaning else set())
    else:
        assert said == meaning


@pytest.mark.parametrize("path", [["oud"], ["middelen", "bestaat niet"], []])
def test_a_code_that_is_not_in_the_codebook_is_refused_by_task_and_path(path: list[str]) -> None:
    annotation = {
        "result": [region("codes", "taxonomy", [path])],
        "updated_at": "2021-03-01T10:00:00Z",
    }
    with pytest.raises(ReviewError) as refusal:
        from_annotation(annotation, to_task(item("R1:noden"), BOOK)["data"], "an@stad.be", BOOK, 7)
    assert "taak 7" in refusal.value.place
    assert refusal.value.found == " / ".join(path)


def test_an_answer_that_is_there_twice_keeps_the_task_that_people_used() -> None:
    data = to_task(item("R1:noden"), BOOK)["data"]
    unused, used, late = (
        Task(1, data, (), ()),
        Task(2, data, ({"id": 5},), ()),
        Task(3, data, (), ()),
    )
    assert by_answer([unused, used, late])["R1:noden"] is used
    lack = lacking(Wanted({"R1:noden": data}, {}, ""), [unused, used, late])
    assert (lack.tasks, lack.spare) == ((), (1, 3))


# -- decisions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "machine", "codes", "basis"),
    [
        ([("an", "a")], "b", "a", "unanimous"),
        ([("an", "ab"), ("bo", "ba")], "", "ab", "unanimous"),
        ([("an", "")], "b", "", "unanimous"),
        ([("an", "a"), ("bo", "b"), ("cy", "a")], "b", "a", "majority"),
        ([("an", "a"), ("bo", "b")], "b", "", "open"),
        ([("an", "a"), ("bo", "a"), ("cy", "b"), ("di", "c")], "", "", "open"),
        ([("an", "a"), ("bo", "b"), ("an", "b")], "", "b", "unanimous"),
        ([("baas", "c"), ("an", "a"), ("bo", "a")], "", "c", "adjudicated"),
        ([("Baas", "c"), ("baas", "")], "a", "", "adjudicated"),
        ([], "ab", "ab", "automatic"),
        ([], None, "", "open"),
    ],
)
def test_which_coding_counts(
    people: list[tuple[str, str]], machine: str | None, codes: str, basis: str
) -> None:
    ledger = [opinion(given, f"person:{name}@stad.be") for name, given in people]
    combined = [] if machine is None else [opinion(machine), opinion("z", "rule:woorden")]
    (decision,) = decide(["R1:noden"], ledger, combined, ["baas@stad.be"])
    assert (decision.codes, decision.basis) == (frozenset(codes), basis)


def test_every_answer_gets_a_decision_in_the_order_asked() -> None:
    asked = ["R2:noden", "R1:noden", "R3:noden"]
    decisions = decide(
        asked, [opinion("a", "person:an@stad.be")], [opinion("b", answer="R3:noden")]
    )
    assert [decision.answer for decision in decisions] == asked
    assert [decision.basis for decision in decisions] == ["open", "unanimous", "automatic"]
