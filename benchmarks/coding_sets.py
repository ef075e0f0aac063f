"""The coded texts that benchmarks/coding.py measures on, each normalised, with its codebook.

Constants were chosen on the part `tune` alone; only the part `report` is reported on.
`restaurants` and `sib200` (read from ../shared, for measuring only) are parted by lot. Of the
needs, which two writers made up after reading the codebook's definitions but none of its
keywords, `noden_tune.jsonl` is for tuning and `noden_report.jsonl` was written after it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opentekst.codebook import Codebook
from opentekst.language import Lexicon, normalise_answers, resolve
from opentekst.model import Answer, Normalised

ROOT = Path(__file__).parents[1]
HERE = ROOT / "benchmarks" / "data"
SHARED = ROOT.parent / "shared" / "data" / "benchmarks"
PIPELINE = resolve("opentekst_nl")
PROMPT = "need"
REPORTED = {"restaurants": 400, "sib200": 320}
LOT = 4711

Sets = list[frozenset[str]]


@dataclass(frozen=True)
class Task:
    """Texts with their true codes; `report` and `tune` are rows."""

    name: str
    book: Codebook
    items: Sequence[Normalised]
    truth: Sets
    report: Sequence[int]
    tune: Sequence[int]

    @property
    def codes(self) -> list[str]:
        """The codes that no other code hangs under."""
        parents = {code.parent for code in self.book.codes}
        return [code.id for code in self.book.active if code.id not in parents]

    def of(self, rows: Sequence[int]) -> tuple[list[Normalised], Sets]:
        """Return the answers and the codes of these rows."""
        return [self.items[i] for i in rows], [self.truth[i] for i in rows]


def load(name: str) -> Task:
    """Read a set and normalise it. Raises FileNotFoundError where ../shared is absent."""
    book = Codebook.load(HERE / f"{name}.yaml")
    rows = _rows(SHARED / f"{name}_nl" / "sentences.jsonl")
    order = random.Random(LOT).sample(range(len(rows)), len(rows))
    reported = REPORTED[name]
    return _task(name, book, rows, sorted(order[:reported]), sorted(order[reported:]))


def needs() -> Task:
    """Read the needs, coded with the codebook of the example study."""
    book = Codebook.load(ROOT / "codebooks" / "noden.yaml")
    tune, report = _rows(HERE / "noden_tune.jsonl"), _rows(HERE / "noden_report.jsonl")
    both = [*report, *tune]
    return _task("noden", book, both, range(len(report)), range(len(report), len(both)))


def poorer(task: Task) -> Task:
    """Return a task with labels and definitions alone in its codebook."""
    bare: Mapping[str, Any] = {"keywords": (), "examples": (), "include": ()}
    codes = tuple(replace(code, **bare) for code in task.book.codes)
    return replace(task, book=replace(task.book, codes=codes))


def _task(
    name: str,
    book: Codebook,
    rows: Sequence[Mapping[str, Any]],
    report: Sequence[int],
    tune: Sequence[int],
) -> Task:
    answers = [Answer(f"{i}:q", f"{i}", "", "q", row["text"]) for i, row in enumerate(rows)]
    words = [text for code in book.active for text in (*code.keywords, code.label)]
    items = normalise_answers(answers, {"q": PROMPT}, PIPELINE, lexicon=Lexicon(tuple(words)))
    truth = [frozenset(row["codes"]) for row in rows]
    return Task(name, book, items, truth, report, tune)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
