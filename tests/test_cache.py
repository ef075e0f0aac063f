"""What was normalised once is remembered, and never wrongly."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentekst.language import Abbreviations, Lexicon, normalise_answers, resolve
from opentekst.language.pipelines import PipelineId
from opentekst.model import Answer
from opentekst.pipeline.cache import Cache

BLANK = resolve("blank_nl")


def answers(*texts: str) -> list[Answer]:
    return [Answer(f"r{i}:q", f"r{i}", "u", "q", text) for i, text in enumerate(texts)]


class Counting:
    """A memory that counts what it did not know."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.asked = 0

    def get(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.asked += sum(key not in self.kept for key in keys)
        return {key: self.kept[key] for key in keys if key in self.kept}

    def put(self, items: Mapping[str, str]) -> None:
        self.kept.update(items)


def test_each_distinct_text_is_parsed_once_and_never_again() -> None:
    memory = Counting()
    given = answers("geen tekort aan LDC's", "te weinig tijd", "te weinig  tijd", "te weinig tijd")
    steps: list[int] = []
    first = normalise_answers(given, {"q": "need"}, BLANK, steps.append, memory=memory)
    assert memory.asked == 2
    assert sum(steps) == 2
    assert normalise_answers(given, {"q": "need"}, BLANK, memory=memory) == first
    assert memory.asked == 2
    assert normalise_answers(given, {"q": "need"}, BLANK) == first


def test_another_pipeline_word_or_abbreviation_is_other_work() -> None:
    memory = Counting()
    given = answers("het LDC zoekt vrijwiligers")
    normalise_answers(given, {"q": "need"}, BLANK, memory=memory)
    for pipeline, lexicon in (
        (PipelineId("blank_nl", "other"), Lexicon()),
        (BLANK, Lexicon(("vrijwiligers",))),
        (BLANK, Lexicon(abbreviations=Abbreviations({"ldc": "anders"}))),
    ):
        before = memory.asked
        normalise_answers(given, {"q": "need"}, pipeline, lexicon=lexicon, memory=memory)
        assert memory.asked == before + 1


@settings(max_examples=20)
@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyzé😀"), max_size=5))
def test_the_file_remembers(
    tmp_path_factory: pytest.TempPathFactory, items: dict[str, str]
) -> None:
    cache = Cache(tmp_path_factory.mktemp("cache") / "work" / "kept.sqlite")
    cache.put(items)
    assert Cache(cache.path).get([*items, "absent"]) == items


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_bytes(b"this is no database, whatever its name says" * 99)
    cache = Cache(path)
    assert cache.get(["a"]) == {}
    cache.put({"a": "1"})
    assert cache.get(["a"]) == {"a": "1"}


def test_where_nothing_can_be_kept_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = Cache(tmp_path / "file" / "kept.sqlite")
    cache.put({"a": "1"})
    assert cache.get(["a"]) == {}


def test_two_processes_may_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    one, other = Cache(path), Cache(path)
    one.put({"a": "1"})
    other.put({"a": "2", "b": "3"})
    assert one.get(["a", "b"]) == {"a": "1", "b": "3"}
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
