"""Push and pull against a real Label Studio: nothing twice, nothing lost."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from label_studio_sdk import LabelStudio as Sdk

from opentekst.codebook import Code, Codebook
from opentekst.errors import ReviewError
from opentekst.review import LabelStudio, LocalServer, PushReport, ReviewItem
from opentekst.review.config import labelling_config
from opentekst.review.projects import Place
from test_review import ASKED, BOOK, MEMO, NASTY, NO_CODE, STUDY, chosen, item


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
        return room.push(Place(STUDY, question), ASKED, book, items)

    return push


@pytest.mark.server
def test_pushing_twice_adds_nothing(room: LabelStudio, owner: Sdk) -> None:
    items = [item(f"R{n}:dubbel", ["kennis"] if n % 3 else []) for n in range(30)]
    steps: list[tuple[int, int]] = []

    def push(items: list[ReviewItem]) -> PushReport:
        place = Place(STUDY, "dubbel")
        return room.push(place, ASKED, BOOK, items, lambda *step: steps.append(step))

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
    send = room.sdk.projects.import_tasks
    sent: list[int] = []

    def slow(project: int, *, request: Any, **options: Any) -> None:
        sent.append(len(request))
        send(project, request=request, **options)
        raise httpx.ReadTimeout("")

    monkeypatch.setattr(room.sdk.projects, "import_tasks", slow)
    items = [item(f"R{n}:traag", ["kennis"]) for n in range(3)]
    report = room.push(Place(STUDY, "traag"), ASKED, BOOK, items)
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

    pulled = room.pull(Place(STUDY, "coderen"), BOOK)
    assert [(one.answer, one.codes) for one in pulled.codings] == [
        ("R0:coderen", ("kennis",)),
        ("R1:coderen", ("kennis", "middelen.geld")),
        ("R2:coderen", ()),
    ]
    assert {one.coder for one in pulled.codings} == {"person:an@stad.be"}
    assert (pulled.skipped, pulled.empty) == (1, (ids["R4:coderen"],))
    assert room.pull(Place(STUDY, "coderen"), BOOK).entries == pulled.entries

    an.annotations.update(made["R0:coderen"].id, result=chosen("middelen"))
    again = room.pull(Place(STUDY, "coderen"), BOOK).codings
    assert again[:2] == pulled.codings[1:]
    assert (again[2].answer, again[2].codes) == ("R0:coderen", ("middelen",))
    assert again[2].at > pulled.codings[-1].at


@pytest.mark.server
def test_a_new_model_replaces_suggestions_and_leaves_annotations(
    room: LabelStudio, push: Push, an: Sdk, owner: Sdk
) -> None:
    project = push("model", [item(f"R{n}:model", ["kennis"]) for n in range(4)]).project_id
    an.annotations.create(tasks(an, project)["R0:model"].id, result=chosen("kennis"))
    (before,) = room.pull(Place(STUDY, "model"), BOOK).entries
    assert before.how.suggestion == "accepted"
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
    # What the coder saw is gone: the ledger keeps what the first pull knew of it.
    unknown = replace(before, how=replace(before.how, suggestion=""))
    assert room.pull(Place(STUDY, "model"), BOOK).entries == (unknown,)


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
    codings = room.pull(Place(STUDY, "boek"), newer).codings
    assert [(one.codes, one.codebook) for one in codings] == [
        (("kennis",), BOOK.ref),
        (("nieuw",), newer.ref),
    ]
    with pytest.raises(ReviewError, match="nieuw"):
        room.pull(Place(STUDY, "boek"), BOOK)


@pytest.mark.server
def test_text_and_labels_survive_to_the_letter(push: Push, owner: Sdk) -> None:
    project = push("letterlijk", [item("R0:letterlijk", ["middelen.geld"], NASTY)]).project_id
    assert tasks(owner, project)["R0:letterlijk"].data["text"] == NASTY
    assert owner.projects.get(project).label_config == labelling_config(BOOK, ASKED)


@pytest.mark.server
def test_a_question_without_project_says_what_to_do_first(room: LabelStudio) -> None:
    with pytest.raises(ReviewError, match="opentekst review push"):
        room.pull(Place(STUDY, "bestaat-niet"), BOOK)


@pytest.mark.server
@pytest.mark.parametrize("spoil", [lambda key: "x" * 40, lambda key: key[:-4] + "abcd"])
def test_a_wrong_key_is_said_to_be_wrong(
    label_studio: LocalServer, spoil: Callable[[str], str]
) -> None:
    with pytest.raises(ReviewError, match="LABEL_STUDIO_API_KEY"):
        LabelStudio(label_studio.url, spoil(label_studio.api_key)).pull(Place(STUDY, "noden"), BOOK)


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
    pushed = again.push(Place(STUDY, "herstart"), ASKED, BOOK, items)
    assert pushed == replace(first, added=0, unchanged=1)


def test_a_server_that_does_not_come_up_points_at_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opentekst.review.server._program", lambda: "/bin/false")
    server = LocalServer(tmp_path / "ls")
    with pytest.raises(ReviewError) as failure:
        server.start()
    assert failure.value.place == str(server.log)
