"""The review room, against a real Label Studio."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_studio_sdk import LabelStudio as Sdk

from opentekst.codebook import Code, Codebook
from opentekst.errors import ReviewError
from opentekst.model import Coding
from opentekst.review import LabelStudio, LocalServer, PushReport, ReviewItem, decide
from opentekst.review.config import labelling_config
from opentekst.review.reconcile import Task, Wanted, by_answer, lacking
from opentekst.review.tasks import Skipped, Unclear, from_annotation, region, to_task, utc

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
MEMO = [region("memo", "textarea", ["navragen"])]


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
        (chosen("kennis"), True, Skipped(7)),
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


# -- against a real server ------------------------------------------------------------------


@pytest.fixture
def room(label_studio: LocalServer) -> LabelStudio:
    return LabelStudio(label_studio.url, label_studio.api_key)


def connect(server: LocalServer, key: str) -> Sdk:
    return Sdk(base_url=server.url, api_key=key)  # type: ignore[no-untyped-call]


@pytest.fixture
def owner(label_studio: LocalServer) -> Sdk:
    """Whoever runs the server, through the API."""
    return connect(label_studio, label_studio.api_key)


@pytest.fixture
def an(label_studio: LocalServer, an_token: str) -> Sdk:
    """The coder an@stad.be, through the API."""
    return connect(label_studio, an_token)


@pytest.fixture(scope="session")
def an_token(label_studio: LocalServer) -> str:
    """Sign up a coder by invitation and return her own key."""
    owner = connect(label_studio, label_studio.api_key)
    invitation = owner._client_wrapper.httpx_client.request("api/invite", method="GET").json()
    link = invitation["invite_url"]
    with httpx.Client(base_url=label_studio.url, trust_env=False, follow_redirects=True) as web:
        web.get(link)
        form = {"email": "an@stad.be", "password": "geheim-en-lang", "allow_newsletters": "false"}
        web.post(link, data=form | {"csrfmiddlewaretoken": web.cookies["csrftoken"]})
        answer = web.post("/api/token/", headers={"X-CSRFToken": web.cookies["csrftoken"]})
        return str(answer.raise_for_status().json()["token"])


def tasks(client: Sdk, project: int) -> dict[str, Any]:
    listed: Iterable[Any] = client.tasks.list(project=project)
    return {task.data["answer_id"]: task for task in listed}


Push = Callable[..., PushReport]


@pytest.fixture
def push(room: LabelStudio) -> Push:
    def push(question: str, items: list[ReviewItem], book: Codebook = BOOK) -> PushReport:
        return room.push(STUDY, question, ASKED, book, items)

    return push


@pytest.mark.server
def test_pushing_twice_adds_nothing(room: LabelStudio, owner: Sdk) -> None:
    items = [item(f"R{n}:dubbel", ["kennis"] if n % 3 else []) for n in range(30)]
    steps: list[tuple[int, int]] = []

    def push(items: list[ReviewItem]) -> PushReport:
        return room.push(STUDY, "dubbel", ASKED, BOOK, items, lambda *step: steps.append(step))

    first = push(items)
    assert (first.added, first.updated, first.unchanged) == (30, 0, 0)
    assert steps == [(30, 30)]
    before = tasks(owner, first.project_id)
    assert push(items) == PushReport(first.project_id, 0, 0, 30)
    assert push([*items, item("R30:dubbel", ["kennis"])]) == PushReport(first.project_id, 1, 0, 30)
    after = tasks(owner, first.project_id)
    assert {answer: task.id for answer, task in before.items()}.items() <= {
        answer: task.id for answer, task in after.items()
    }.items()
    assert [len(after[f"R{n}:dubbel"].predictions) for n in range(31)] == [
        int(n % 3 > 0 or n == 30) for n in range(31)
    ]


@pytest.mark.server
def test_an_import_that_timed_out_but_arrived_is_not_sent_again(
    room: LabelStudio, owner: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = room._sdk.projects.import_tasks
    sent: list[int] = []

    def slow(project: int, *, request: Any, **options: Any) -> None:
        sent.append(len(request))
        send(project, request=request, **options)
        raise httpx.ReadTimeout("")

    monkeypatch.setattr(room._sdk.projects, "import_tasks", slow)
    items = [item(f"R{n}:traag", ["kennis"]) for n in range(3)]
    report = room.push(STUDY, "traag", ASKED, BOOK, items)
    assert (report.added, sent) == (3, [3])
    assert owner.projects.get(report.project_id).task_number == 3


@pytest.mark.server
def test_what_a_coder_does_comes_back_as_codings(room: LabelStudio, push: Push, an: Sdk) -> None:
    project = push("coderen", [item(f"R{n}:coderen", ["kennis"]) for n in range(6)]).project_id
    ids = {answer: task.id for answer, task in tasks(an, project).items()}
    done: dict[str, dict[str, Any]] = {
        "R0:coderen": {"result": chosen("kennis")},
        "R1:coderen": {"result": chosen("kennis", "middelen.geld")},
        "R2:coderen": {"result": NO_CODE + MEMO},
        "R3:coderen": {"result": chosen("kennis"), "was_cancelled": True},
        "R4:coderen": {"result": MEMO},
    }
    made = {answer: an.annotations.create(ids[answer], **what) for answer, what in done.items()}

    pulled = room.pull(STUDY, "coderen", BOOK)
    assert [(one.answer, one.codes) for one in pulled.codings] == [
        ("R0:coderen", ("kennis",)),
        ("R1:coderen", ("kennis", "middelen.geld")),
        ("R2:coderen", ()),
    ]
    assert {one.coder for one in pulled.codings} == {"person:an@stad.be"}
    assert (pulled.skipped, pulled.empty) == (1, (ids["R4:coderen"],))
    assert room.pull(STUDY, "coderen", BOOK) == pulled

    an.annotations.update(made["R0:coderen"].id, result=chosen("middelen"))
    again = room.pull(STUDY, "coderen", BOOK).codings
    assert again[:2] == pulled.codings[1:]
    assert (again[2].answer, again[2].codes) == ("R0:coderen", ("middelen",))
    assert again[2].at > pulled.codings[-1].at


@pytest.mark.server
def test_a_new_model_replaces_suggestions_and_leaves_annotations(
    room: LabelStudio, push: Push, an: Sdk, owner: Sdk
) -> None:
    project = push("model", [item(f"R{n}:model", ["kennis"]) for n in range(4)]).project_id
    an.annotations.create(tasks(an, project)["R0:model"].id, result=chosen("kennis"))
    before = room.pull(STUDY, "model", BOOK)
    items = [
        item("R0:model", ["middelen.geld"]),
        item("R1:model", ["middelen.geld"]),
        item("R2:model"),
    ]
    assert push("model", items) == PushReport(project, 0, 3, 0)

    shown = {
        answer: [
            (one.result[0]["value"]["taxonomy"], one.model_version) for one in task.predictions
        ]
        for answer, task in tasks(owner, project).items()
    }
    version = owner.projects.get(project).model_version
    assert shown == {
        "R0:model": [([["middelen", "middelen.geld"]], version)],
        "R1:model": [([["middelen", "middelen.geld"]], version)],
        "R2:model": [],
        "R3:model": [([["kennis"]], version)],  # not in the second push
    }
    assert room.pull(STUDY, "model", BOOK) == before


@pytest.mark.server
def test_a_changed_codebook_leaves_alone_what_was_coded_with_the_earlier_one(
    room: LabelStudio, push: Push, an: Sdk
) -> None:
    items = [item(f"R{n}:boek", ["kennis"]) for n in range(2)]
    project = push("boek", items).project_id
    an.annotations.create(tasks(an, project)["R0:boek"].id, result=chosen("kennis"))
    newer = replace(BOOK, version=4, codes=(*BOOK.codes, Code("nieuw", "Nieuw")))
    assert push("boek", items, newer) == PushReport(project, 0, 1, 1)
    an.annotations.create(tasks(an, project)["R1:boek"].id, result=chosen("nieuw"))
    codings = room.pull(STUDY, "boek", newer).codings
    assert [(one.codes, one.codebook) for one in codings] == [
        (("kennis",), BOOK.ref),
        (("nieuw",), newer.ref),
    ]
    with pytest.raises(ReviewError, match="nieuw"):
        room.pull(STUDY, "boek", BOOK)


@pytest.mark.server
def test_text_and_labels_survive_to_the_letter(push: Push, owner: Sdk) -> None:
    project = push("letterlijk", [item("R0:letterlijk", ["middelen.geld"], NASTY)]).project_id
    assert tasks(owner, project)["R0:letterlijk"].data["text"] == NASTY
    assert owner.projects.get(project).label_config == labelling_config(BOOK, ASKED)


@pytest.mark.server
def test_a_question_without_project_says_what_to_do_first(room: LabelStudio) -> None:
    with pytest.raises(ReviewError, match="opentekst review push"):
        room.pull(STUDY, "bestaat-niet", BOOK)


@pytest.mark.server
@pytest.mark.parametrize("spoil", [lambda key: "x" * 40, lambda key: key[:-4] + "abcd"])
def test_a_wrong_key_is_said_to_be_wrong(
    label_studio: LocalServer, spoil: Callable[[str], str]
) -> None:
    with pytest.raises(ReviewError, match="LABEL_STUDIO_API_KEY"):
        LabelStudio(label_studio.url, spoil(label_studio.api_key)).pull(STUDY, "noden", BOOK)


@pytest.mark.server
def test_the_local_server_keeps_its_secrets_and_its_work(
    label_studio: LocalServer, push: Push
) -> None:
    items = [item("R0:herstart", ["kennis"])]
    first = push("herstart", items)
    secrets = label_studio.data_dir / "account.json"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert stat.S_IMODE(label_studio.data_dir.stat().st_mode) == 0o700
    with pytest.raises(ReviewError, match="draait al"):
        LocalServer(label_studio.data_dir).start()
    label_studio._lock.release()  # as when opentekst was killed and its server was not
    with pytest.raises(ReviewError, match="eerdere keer"):
        LocalServer(label_studio.data_dir).start()

    key = label_studio.api_key
    label_studio.stop()
    with pytest.raises(ReviewError, match="niet bereikbaar"):
        push("herstart", items)
    label_studio.start()
    assert label_studio.api_key == key
    again = LabelStudio(label_studio.url, key)
    assert again.push(STUDY, "herstart", ASKED, BOOK, items) == replace(first, added=0, unchanged=1)


def test_a_server_that_does_not_come_up_points_at_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opentekst.review.server._program", lambda: "/bin/false")
    server = LocalServer(tmp_path / "ls")
    with pytest.raises(ReviewError) as failure:
        server.start()
    assert failure.value.place == str(server.log)
