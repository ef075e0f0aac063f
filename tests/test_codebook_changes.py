"""A codebook that changes keeps every coding readable, every comment and every figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opentekst import store
from opentekst.codebook import Codebook, History
from opentekst.codebook.applying import apply, followed
from opentekst.codebook.changes import (
    Add,
    Change,
    Merge,
    Move,
    Part,
    Rename,
    Retire,
    Reword,
    Split,
    dump,
    load,
    parse,
)
from opentekst.codebook.comparing import DUTCH, ways
from opentekst.codebook.editing import edit
from opentekst.errors import CodebookError

BOOK = """\
# Waarom dit codeboek er is
codebook: proef
version: 1   # loopt op
title: 'Proef'

codes:
  # -- geld en mensen
  - id: middelen     # de grootste
    label: "Middelen"
    include: [geld, 'tijd']   # kort
    keywords:
      # eerst geld
      - geld   # en centen
      - "budget*"

  - id: middelen.geld
    label: Geld
    definition: >-
      Over geld,
      en niets anders.
  - id: middelen.tijd
    label: 'Tijd'

  # -- de rest
  - id: kennis
    label: "Kennis"
  - label: Visie
    id: visie
  - id: rest
    label: Rest
# slot
"""
CODES = ["middelen", "middelen.geld", "middelen.tijd", "kennis", "visie", "rest"]


def history(folder: Path, text: str = BOOK) -> History:
    path = folder / "proef.yaml"
    path.write_text(text, encoding="utf-8")
    return History.load(path)


def after(book: History, *changes: Change) -> History:
    """Apply changes and read everything back from disk."""
    store.write_all(book.apply(changes).files)
    return History.load(book.path)


def undone(book: History) -> History:
    store.write_all(book.undo("toch niet", "an", "2026-01-01").files)
    return History.load(book.path)


# -- any sequence of changes ------------------------------------------------------------------


@st.composite
def change(draw: st.DrawFn, book: Codebook, number: int) -> Change:
    """Any change, possible or not, of codes that exist; new ids have a number."""
    code = st.sampled_from([entry.id for entry in book.codes])
    new = f"n{number}"
    kind = draw(st.sampled_from(["rename", "id", "merge", "join", "split", "move", "undo", "rest"]))
    if kind == "rename":
        return Rename(code=draw(code), label=f"Label {number}")
    if kind == "id":
        return Rename(code=draw(code), id=new)
    if kind in ("merge", "join"):
        some = tuple(draw(st.lists(code, min_size=1, max_size=3, unique=True)))
        into = new if kind == "merge" else draw(code)
        return Merge(codes=some, into=into, label=f"Samen {number}")
    if kind == "split":
        one, part = draw(code), Part(id=f"{new}.x", label=f"Deel {number}")
        other = draw(st.sampled_from([Part(id=draw(code)), Part(id=f"{new}.y", label="Deel y")]))
        return Split(code=one, into=(part, other))
    if kind == "move":
        return Move(code=draw(code), parent=draw(st.one_of(st.just(""), code)))
    if kind == "undo":
        return Change()
    return draw(
        st.sampled_from(
            [
                Retire(code=draw(code)),
                Add(code=Part(id=new, label=f"Nieuw {number}", parent=draw(code))),
                Reword(code=draw(code), definition=f'Anders: "{number}" # é\n😀', keywords=("a",)),
            ]
        )
    )


def worked(book: History, draw: Any, most: int, undo: bool = True) -> Iterator[History]:
    """Make up to `most` changes that are possible; give the history after each."""
    for number in range(draw(st.integers(1, most))):
        wanted = draw(change(book.now, number))
        try:
            if type(wanted) is not Change:
                book = after(book, wanted)
            elif undo:
                book = undone(book)
        except CodebookError:
            continue
        yield book


ANY = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@ANY
@given(st.data())
def test_every_coding_of_every_version_stays_readable(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        first = history(Path(folder))
        given_then = {1: [code.id for code in first.now.active]}
        for book in worked(first, data.draw, 8):
            given_then[book.now.version] = [code.id for code in book.now.active]
            for version, codes in given_then.items():
                assert book.version(version).by_id.keys() >= set(codes)
                for code in codes:
                    known, pending = book.chain.resolve([code], version)
                    assert (len(known), pending) in ((1, ()), (0, (code,)))
                    assert set(book.chain.candidates(code, version)) <= book.now.by_id.keys()
                assert book.chain.version_of(codes[:1], version) == version
            comments = [line for line in BOOK.splitlines() if line.strip()[:1] == "#"]
            lines = book.path.read_text("utf-8").splitlines()
            assert [line for line in lines if line in comments] == comments


@ANY
@given(st.data())
def test_crosswalks_compose(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        book = first = history(Path(folder))
        for book in worked(first, data.draw, 7, undo=data.draw(st.booleans())):  # noqa: B007
            pass
        chain = book.chain
        undoing = any(step.undoes for step in chain.steps)
        for middle in chain.versions:
            for start, end in ((chain.versions[0], chain.current),):
                direct = chain.between(start, end)
                composed = followed(chain.between(start, middle), chain.between(middle, end))
                for code in book.version(start).by_id:
                    one = set(direct.get(code, (code,)))
                    two = set(composed.get(code, (code,)))
                    # What was done and undone is exact straight on, and a guess by way of it.
                    assert one <= two if undoing else one == two


@ANY
@given(st.data())
def test_apply_then_undo_gives_the_same_codings_and_the_same_file(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        book = first = history(Path(folder))
        for book in worked(first, data.draw, 4):  # noqa: B007
            pass
        before, text = book.chain.fates, book.path.read_text("utf-8")
        try:
            later = after(book, data.draw(change(book.now, 90)))
        except CodebookError:
            return
        again = undone(later)
        assert again.now.codes == book.now.codes
        assert again.chain.fates[: len(before)] == before
        lines = again.path.read_text("utf-8").replace(f"version: {again.now.version}", "version: v")
        whole = text.replace(f"version: {book.now.version}", "version: v")
        if not _rewritten(text, later.path.read_text("utf-8")):
            assert lines == whole


def _rewritten(before: str, now: str) -> bool:
    """True where a value that YAML can write in several ways was written anew."""
    return any(part not in now for part in (">-", "[geld, 'tijd']") if part in before)


@ANY
@given(st.data())
def test_a_change_as_data_comes_back_whole(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        made = data.draw(change(history(Path(folder)).now, 1))
    if type(made) is not Change:
        assert parse(json.loads(json.dumps(dump(made)))) == made


# -- one change at a time ---------------------------------------------------------------------


def changed_lines(old: str, new: str) -> set[str]:
    return set(new.splitlines()) - set(old.splitlines())


def test_only_the_lines_that_change_are_written_anew() -> None:
    book = Codebook.parse(BOOK)
    applied = apply(book, [Rename(code="middelen", label='Mid "delen"', id="m")])
    new = edit(BOOK, applied.codebook, applied.renamed)
    assert changed_lines(BOOK, new) == {
        "version: 2   # loopt op",
        "  - id: m     # de grootste",
        '    label: "Mid \\"delen\\""',
        "    parent: m",
    }
    windows = edit(BOOK.replace("\n", "\r\n"), applied.codebook, applied.renamed)
    assert windows == new.replace("\n", "\r\n")
    longer = apply(book, [Reword(code="middelen", keywords=("geld", "cent", "budget*"))])
    assert changed_lines(BOOK, edit(BOOK, longer.codebook)) == {
        "version: 2   # loopt op",
        '      - "cent"',
    }


def test_a_merge_unites_what_the_codes_look_for_and_moves_what_hangs_below() -> None:
    book = Codebook.parse(BOOK)
    wide = apply(book, [Reword(code="kennis", keywords=("weten",))]).codebook
    applied = apply(wide, [Merge(codes=("middelen", "kennis"), into="k", label="Kunnen")])
    by_id = applied.codebook.by_id
    assert by_id["k"].keywords == ("geld", "budget*", "weten")
    assert by_id["middelen.geld"].parent == "k"
    assert {by_id["middelen"].status, by_id["kennis"].status} == {"retired"}
    assert applied.fates == {"middelen": ("k",), "kennis": ("k",)}


def test_a_parent_merged_into_its_child_makes_no_circle() -> None:
    applied = apply(Codebook.parse(BOOK), [Merge(codes=("middelen",), into="middelen.geld")])
    by_id = applied.codebook.by_id
    assert (by_id["middelen.geld"].parent, by_id["middelen.tijd"].parent) == ("", "middelen.geld")


def test_a_split_that_is_merged_again_is_known_again(tmp_path: Path) -> None:
    parts = (Part(id="k1", label="Een"), Part(id="k2", label="Twee"))
    book = after(history(tmp_path), Split(code="kennis", into=parts))
    assert book.chain.resolve(["kennis", "rest"], 1) == (("rest",), ("kennis",))
    book = after(book, Merge(codes=("k1", "k2"), into="k3", label="Weer een"))
    assert book.chain.resolve(["kennis", "rest"], 1) == (("k3", "rest"), ())


def test_a_coding_made_between_a_merge_and_its_undoing_waits(tmp_path: Path) -> None:
    book = undone(after(history(tmp_path), Merge(codes=("kennis",), into="visie")))
    assert book.chain.resolve(["kennis"], 1) == (("kennis",), ())
    assert book.chain.resolve(["visie"], 1) == (("visie",), ())
    assert book.chain.resolve(["visie"], 2) == ((), ("visie",))
    assert book.chain.resolve(["visie"], 3) == (("visie",), ())


def test_a_crosswalk_says_what_became_of_every_code(tmp_path: Path) -> None:
    parts = (Part(id="k1", label="Een"), Part(id="visie"))
    book = after(
        history(tmp_path),
        Merge(codes=("middelen.geld", "middelen.tijd"), into="m", label="Samen"),
        Split(code="kennis", into=parts),
        Retire(code="rest"),
        Add(code=Part(id="extra", label="Extra")),
        Rename(code="middelen", id="bronnen"),
    )

    def told(start: int, end: int) -> list[tuple[str, str, str]]:
        found = ways(book, start, end)
        return [
            (w.old.id if w.old else "", DUTCH[w.kind], w.new.id if w.new else "") for w in found
        ]

    assert told(1, 2) == [
        ("middelen", "één op één", "bronnen"),
        ("middelen.geld", "samengevoegd", "m"),
        ("middelen.tijd", "samengevoegd", "m"),
        ("kennis", "gesplitst", "k1"),
        ("kennis", "gesplitst", "visie"),
        ("visie", "één op één", "visie"),
        ("rest", "vervallen", ""),
        ("", "nieuw", "extra"),
    ]
    assert ("m", "gesplitst", "middelen.geld") in told(2, 1)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Rename(code="kenis", label="x"), "Bedoelt u 'kennis'"),
        (Rename(code="kennis", label="Kennis"), "verandert niets"),
        (Rename(code="kennis", label="Visie"), "'visie' heeft dat label al"),
        (Rename(code="kennis", id="visie"), "al gebruikt"),
        (Merge(codes=("kennis",), into="kennis"), "minstens twee"),
        (Merge(codes=("kennis", "visie"), into="nieuw"), "geen label"),
        (Split(code="middelen", into=(Part(id="a", label="A"), Part(id="visie"))), "hangen nog"),
        (Split(code="kennis", into=(Part(id="a"), Part(id="visie"))), "zonder label"),
        (Split(code="kennis", into=(Part(id="kennis"), Part(id="visie"))), "in zichzelf"),
        (Move(code="middelen", parent="middelen.geld"), "kring"),
        (Add(code=Part(id="rest", label="R")), "al gebruikt"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_plain_words(wanted: Change, says: str) -> None:
    with pytest.raises(CodebookError, match=says):
        apply(Codebook.parse(BOOK), [wanted])


@pytest.mark.parametrize(
    ("entry", "line", "says"),
    [
        ("  - rename: a\n", 3, "nieuw 'label'"),
        ("  - retire: a\n  - rename: a\n    into: b\n    label: x\n", 4, "hoort niet bij 'rename'"),
        ("  - merge: [a, b]\n", 3, "'into'"),
        ("  - split: a\n    into: [b]\n", 3, "minstens twee"),
        ("  - add: a b\n    label: x\n", 3, "geen geldig id"),
        ("  - reason: zomaar\n", 3, "begint met één van"),
    ],
)
def test_a_fault_in_a_file_of_changes_names_file_and_line(
    tmp_path: Path, entry: str, line: int, says: str
) -> None:
    path = tmp_path / "wijzigingen.yaml"
    path.write_text(f"codebook: proef\nchanges:\n{entry}", "utf-8")
    with pytest.raises(CodebookError, match=says) as fault:
        load(path)
    assert fault.value.place == f"{path}:{line}"


def test_an_id_never_gets_another_meaning(tmp_path: Path) -> None:
    book = after(history(tmp_path), Rename(code="kennis", id="weten"))
    with pytest.raises(CodebookError, match="nooit een andere betekenis"):
        book.apply([Add(code=Part(id="kennis", label="Iets anders"))])
    again = after(undone(book), Rename(code="kennis", id="weten"))
    assert (
        again.chain.resolve(["kennis"], 1) == again.chain.resolve(["weten"], 2) == (("weten",), ())
    )


# -- edits by hand ----------------------------------------------------------------------------


def test_what_was_changed_by_hand_becomes_a_version_of_its_own(tmp_path: Path) -> None:
    book = after(history(tmp_path), Rename(code="kennis", id="weten"))
    text = book.path.read_text("utf-8").replace("label: Rest", "label: Overige")
    book = after(history(tmp_path, text), Rename(code="visie", id="kijk"))
    assert [step.edited for step in book.steps] == [False, True, False]
    assert book.chain.versions == (1, 2, 3, 4)
    assert book.version(3).by_id["rest"].label == "Overige"
    assert book.chain.resolve(["kennis", "visie"], 1).codes == ("weten", "kijk")


def test_a_code_that_vanished_by_hand_is_asked_back(tmp_path: Path) -> None:
    book = after(history(tmp_path), Rename(code="kennis", id="weten"))
    text = book.path.read_text("utf-8").replace("id: rest", "id: overige")
    with pytest.raises(CodebookError, match="codebook rename") as refusal:
        history(tmp_path, text).apply([Retire(code="visie")])
    assert refusal.value.found == "rest"
