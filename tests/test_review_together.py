"""Two coders and an arbiter in a real Label Studio: blind, with suggestions, and settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from label_studio_sdk import LabelStudio as Sdk

from opentekst import store
from opentekst.errors import ReviewError
from opentekst.model import Coding
from opentekst.pipeline import STAGES, Engine, reviewing
from opentekst.pipeline.agreeing import agree
from opentekst.pipeline.auditing import sample_of
from opentekst.pipeline.engine import silent
from opentekst.pipeline.to_review import Desk
from opentekst.review import LocalServer, connection
from opentekst.review.access import access_token, invite, read_account
from opentekst.review.projects import Place
from opentekst.review.tasks import region
from opentekst.store import Paths
from opentekst.study import Study

AN, BERT, ARBITER = "an@samen.be", "bert@samen.be", "arbiter@samen.be"
NONE = [region("geen", "choices", ["geen_code"])]


def connect(url: str, key: str) -> Sdk:
    return Sdk(base_url=url, api_key=key)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def keys(label_studio: LocalServer) -> dict[str, str]:
    """The key of each of the people; the server's owner too."""
    url, folder = label_studio.url, label_studio.data_dir
    invite(url, label_studio.api_key, folder, [AN, BERT, ARBITER])
    passwords = read_account(folder)["coders"]
    return {who: access_token(url, who, passwords[who], "", folder) for who in (AN, BERT, ARBITER)}


@pytest.fixture
def room(label_studio: LocalServer, keys: dict[str, str]) -> dict[str, Sdk]:
    """Each of the people, through the API."""
    return {who: connect(label_studio.url, key) for who, key in keys.items()}


def fresh(root: Path, name: str) -> Study:
    """Return a study of its own in Label Studio, without what people coded before."""
    path = root / "study.yaml"
    text = path.read_text("utf-8")
    start = text.index("study: ")
    end = text.index("\n", start)
    path.write_text(f'{text[:start]}study: "{name}"{text[end:]}', encoding="utf-8")
    for file in (root / "annotations").rglob("*.json*"):
        file.unlink()
    Engine(Study.open(root), STAGES).run(("code",))
    return Study.open(root)


def tasks(sdk: Sdk, study: Study, question: str, kind: Any = "queue", coder: str = "") -> Any:
    """Return the tasks of a project by answer id."""
    mark = Place(study.file.study, question, kind, coder).mark
    listed: Iterable[Any] = sdk.projects.list()
    (project,) = (p for p in listed if (p.description or "") == mark)
    found: Iterable[Any] = sdk.tasks.list(project=int(project.id), page_size=500)
    return {task.data["answer_id"]: task for task in found}


def codes(*given: str) -> list[dict[str, Any]]:
    return [region("codes", "taxonomy", [[*parents(code), code] for code in given])]


def parents(code: str) -> list[str]:
    steps = code.split(".")
    return [".".join(steps[:n]) for n in range(1, len(steps))]


def ledger(study: Study, question: str) -> list[Coding]:
    return store.read_ledger(Paths(study.root).ledger(question))


@pytest.mark.server
def test_from_push_to_tables(study: Path, label_studio: LocalServer, room: dict[str, Sdk]) -> None:
    where = (label_studio.url, label_studio.api_key)
    opened = fresh(study, "Samen")
    drawn = reviewing.audit(opened, *where, "themas", 12, [AN, BERT], silent)
    assert [(one.coder, one.added) for one in drawn] == [(AN, 12), (BERT, 12)]
    asked = [q.id for q in opened.open_questions if q.prompt in ("need", "theme", "statement")]
    pushed = [one for q in asked for one in reviewing.push(opened, *where, q, False, silent)]
    assert sum(one.added for one in pushed) > 300

    # The blind sample shows no suggestion, and none of its answers is in the working queue.
    sample = sample_of(opened, "themas")
    assert sample is not None
    blind = tasks(room[AN], opened, "themas", "blind", AN)
    assert blind.keys() == sample.answers
    assert not any(task.predictions for task in blind.values())
    assert not blind.keys() & tasks(room[AN], opened, "themas").keys()

    # An and Bert code it apart; they differ on the last two.
    book = opened.codebook("themas")
    one, other = [code.id for code in book.active if code.parent][:2]
    order = sorted(blind)
    for who, last in ((AN, codes(one)), (BERT, codes(other))):
        mine = tasks(room[who], opened, "themas", "blind", who)
        for answer in order[:-2]:
            room[who].annotations.create(mine[answer].id, result=codes(one), lead_time=7.25)
        for answer in order[-2:]:
            room[who].annotations.create(mine[answer].id, result=last)

    # In the queue An takes one suggestion over, changes another, skips one, and deletes one.
    queue = tasks(room[AN], opened, "noden")
    full = [task for task in queue.values() if task.predictions[0].result]
    accepted, changed, skipped, deleted = full[:4]
    keep = [part for part in accepted.predictions[0].result if part["from_name"] != "bewijs"]
    room[AN].annotations.create(accepted.id, result=keep)
    room[AN].annotations.create(changed.id, result=NONE)
    room[AN].annotations.create(skipped.id, result=[], was_cancelled=True)
    gone = room[AN].annotations.create(deleted.id, result=NONE)

    first = reviewing.pull(opened, *where, "")
    assert sum(one.new for one in first) == 24 + 4
    assert sum(one.new for one in reviewing.pull(opened, *where, "")) == 0
    told = {c.answer: c for c in ledger(opened, "noden")}
    assert told[accepted.data["answer_id"]].how.suggestion == "accepted"
    assert told[changed.data["answer_id"]].how.suggestion == "changed"
    assert told[skipped.data["answer_id"]].act == "skipped"
    assert {c.how.shown for c in told.values()} == {"suggestion"}
    assert {c.how.shown for c in ledger(opened, "themas")} == {"blind"}
    assert {c.how.seconds for c in ledger(opened, "themas")} == {7.2, None}

    room[AN].annotations.delete(int(gone.id or 0))
    assert sum(one.withdrawn for one in reviewing.pull(opened, *where, "noden")) == 1
    before = {d.answer: d for d in Desk(opened).decisions.values()}
    assert before[deleted.data["answer_id"]].basis in ("automatic", "open")
    assert before[accepted.data["answer_id"]].basis == "unanimous"

    # Agreement knows the blind ones only; the arbiter sees both and settles what differs.
    (group,) = (one for one in agree(opened, "", silent).groups if one.found.units)
    assert (group.id, group.found.units) == ("themas", 12)
    assert group.found.whole.percent.value == pytest.approx(10 / 12)
    (sent,) = reviewing.adjudicate(opened, *where, "", silent)
    assert (sent.question, sent.added) == ("themas", 2)
    disputes = tasks(room[ARBITER], opened, "themas", "adjudication")
    assert disputes.keys() == set(order[-2:])
    labels = book.by_id[one].label, book.by_id[other].label
    for task in disputes.values():
        assert (task.data["codering_1"], task.data["codering_2"]) == labels
        assert not task.predictions
        room[ARBITER].annotations.create(task.id, result=codes(other))
    assert sum(one.new for one in reviewing.pull(opened, *where, "themas")) == 2
    after = Desk(Study.open(study)).decisions
    assert {(after[a].basis, after[a].codes) for a in order[-2:]} == {
        ("adjudicated", frozenset({other}))
    }
    assert not reviewing.adjudicate(opened, *where, "", silent)

    # What people settled is in the tables, and the machine learned from it.
    Engine(Study.open(study), STAGES).run(("tables",))
    decisions = {d.answer: d for d in store.read_decisions(Paths(study).work / "decisions.jsonl")}
    assert [decisions[a].basis for a in order] == ["unanimous"] * 10 + ["adjudicated"] * 2


@pytest.mark.server
def test_a_server_killed_in_mid_push_and_in_mid_pull_loses_and_doubles_nothing(
    study: Path,
    label_studio: LocalServer,
    keys: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def kill() -> None:
        assert label_studio._process is not None
        label_studio._process.kill()
        label_studio._process.wait()

    def where() -> tuple[str, str]:
        return label_studio.url, label_studio.api_key

    def again() -> None:
        label_studio.stop()
        label_studio.start()

    opened = fresh(study, "Gekapt")
    # Batches of 40, so that there is a middle.
    monkeypatch.setattr(connection, "BATCH", 40)

    @contextmanager
    def killing(_title: str, _total: int) -> Iterator[Callable[[int], None]]:
        yield lambda _steps: kill()

    with pytest.raises(ReviewError, match="niet bereikbaar"):
        reviewing.push(opened, *where(), "noden", False, killing)
    again()
    an = connect(label_studio.url, keys[AN])
    half = len(tasks(an, opened, "noden"))
    (pushed,) = reviewing.push(opened, *where(), "noden", False, silent)
    assert half == 40
    there = tasks(an, opened, "noden")
    assert len(there) == half + pushed.added == len(Desk(opened).of("noden"))
    assert all(len(task.predictions) == 1 for task in there.values())

    for task in list(there.values())[:60]:
        an.annotations.create(task.id, result=NONE)
    read = connection.Connection.emails

    def emails(self: connection.Connection) -> dict[int, str]:
        kill()
        return read(self)

    with monkeypatch.context() as cut, pytest.raises(ReviewError, match="niet bereikbaar"):
        cut.setattr(connection.Connection, "emails", emails)
        reviewing.pull(opened, *where(), "noden")
    assert ledger(opened, "noden") == []
    again()
    assert [one.new for one in reviewing.pull(opened, *where(), "noden")] == [60]
    assert [one.new for one in reviewing.pull(opened, *where(), "noden")] == [0]
    (Paths(opened.root).ledger("noden")).unlink()
    assert [one.new for one in reviewing.pull(opened, *where(), "noden")] == [60]
