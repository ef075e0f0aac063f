"""The example study by question: learned from one coder, tested on what people settled."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.model_selection import KFold

from coding_sets import PIPELINE, ROOT
from opentekst.coding import AutoCoder
from opentekst.language import Lexicon, normalise_answers
from opentekst.model import Answer, Normalised
from opentekst.study import Study

EXAMPLE = ROOT / "data" / "raw" / "example"
Said = Mapping[str, Mapping[str, frozenset[str]]]


def example(console: Console) -> dict[str, float]:
    """Print whole-set accuracy and F1 by question, and return them."""
    study, said = Study.open(ROOT), _said(EXAMPLE / "codings.jsonl")
    lines = (EXAMPLE / "answers.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found: dict[str, list[tuple[bool, NDArray[np.int64]]]] = defaultdict(list)
    settled: dict[str, list[tuple[bool, NDArray[np.int64]]]] = defaultdict(list)
    for name in study.codebooks:
        mine = [r for r in rows if study.questions[r["question"]].codebook == name]
        items = _items(study, name, mine)
        keep = [i for i, item in enumerate(items) if item.segments]
        items, mine = [items[i] for i in keep], [mine[i] for i in keep]
        judged = [row["key"] for row in mine]
        hard = np.array(["person:arbiter" in said[key] for key in judged])
        truth = [said[k].get("person:arbiter", said[k]["person:codeur_1"]) for k in judged]
        taught = [said[key]["person:codeur_1"] for key in judged]
        asked = [row["question"] for row in mine]
        given = _given(study, name, items, asked, taught, hard)
        for row, question in enumerate(asked):
            one, other = given[row], truth[row]
            counts = np.array([len(one & other), len(one) + len(other)])
            (found if hard[row] else settled)[question].append((one == other, counts))
    return _print(console, settled, found)


def _given(
    study: Study,
    name: str,
    items: Sequence[Normalised],
    asked: Sequence[str],
    taught: Sequence[frozenset[str]],
    hard: NDArray[np.bool_],
) -> list[frozenset[str]]:
    """Code every answer by a coder that learned from others, and never from a disputed one."""
    given: list[frozenset[str]] = [frozenset()] * len(items)
    folds = KFold(5, shuffle=True, random_state=0)
    for train, test in folds.split(items):
        rows = [i for i in train if not hard[i]]
        coder = AutoCoder(study.codebooks[name]).fit(
            [items[i] for i in rows],
            [taught[i] for i in rows],
            questions=[asked[i] for i in rows],
            unlabelled=[items[i] for i in test],
        )
        codes = coder.predict([items[i] for i in test], questions=[asked[i] for i in test])
        for i, one in zip(test, codes, strict=True):
            given[i] = one
    return given


def _items(study: Study, name: str, rows: Sequence[Mapping[str, str]]) -> list[Normalised]:
    answers = [Answer(r["key"], r["key"], "", r["question"], r["text"]) for r in rows]
    book = study.codebooks[name]
    words = tuple(text for code in book.active for text in (*code.keywords, code.label))
    prompts = {question.id: question.prompt for question in study.open_questions}
    return normalise_answers(answers, prompts, PIPELINE, lexicon=Lexicon(words))


def _said(path: Path) -> Said:
    said: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        said[row["key"]][row["coder"]] = frozenset(row["codes"])
    return said


def _print(
    console: Console,
    settled: Mapping[str, Sequence[tuple[bool, NDArray[np.int64]]]],
    hard: Mapping[str, Sequence[tuple[bool, NDArray[np.int64]]]],
) -> dict[str, float]:
    table = Table(
        "question", "agreed", "whole set", "micro-F1", "adjudicated", "whole set", "micro-F1",
        title="example study: learned from coder 1",
    )  # fmt: skip
    figures: dict[str, float] = {}
    everything = {"all": [r for rows in settled.values() for r in rows], **settled}
    disputed = {"all": [r for rows in hard.values() for r in rows], **hard}
    for question, rows in everything.items():
        cells = []
        for part, own in (("agreed", rows), ("adjudicated", disputed.get(question, []))):
            if not own:
                cells += ["0", "–", "–"]
                continue
            whole = sum(right for right, _ in own) / len(own)
            both, total = np.sum([counts for _, counts in own], axis=0)
            f1 = 2 * both / total if total else 1.0
            cells += [str(len(own)), f"{whole:.3f}", f"{f1:.3f}"]
            figures |= {
                f"example_{question}_{part}_whole_set": round(whole, 4),
                f"example_{question}_{part}_micro_f1": round(float(f1), 4),
            }
        table.add_row(question, *cells)
    console.print(table)
    return figures
