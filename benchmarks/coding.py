"""How well the coder codes, with few and with many coded answers, beside plain baselines.

    python benchmarks/coding.py [--seeds 5] [--sets restaurants sib200 noden]

Data (in ../shared, for measuring only): `restaurants`, 1,001 sentences of Flemish reviews with
several codes or none (SemEval-2016 task 5); `sib200`, 800 news sentences with one topic each.
For every seed 200 texts are drawn to report on; of the others 0, 50, 100, 200, 400 or all are
coded. Here: `noden`, 100 needs written for this benchmark before any tuning, coded with the
example's codebook, of which only the half `test` is reported and nothing is learned.
Baselines in the same run: keywords alone; TF-IDF of words and characters, and sentence vectors
(USE v3), each with logistic regressions and a cut of 0.5. Seeds: 0, 1, 2, …
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from opentekst.codebook import Codebook
from opentekst.coding.coder import COMBINED, RULES, code_answers
from opentekst.language import Lexicon, embed, keyword_tokens, normalise_answers, resolve
from opentekst.model import Answer, Coding, Normalised

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data" / "benchmarks"
REPORTED = 200
SIZES = (0, 50, 100, 200, 400, 10_000)
PIPELINE = resolve("opentekst_nl")
PROMPT = {"restaurants": "open", "sib200": "open", "noden": "need"}
console = Console(width=110)

Sets = list[frozenset[str]]
Coder = Callable[["Task", Sequence[int], Sequence[int], int], Sets]


@dataclass(frozen=True)
class Task:
    """Texts with their true codes, normalised, and the codebook that they are coded with."""

    name: str
    book: Codebook
    items: Sequence[Normalised]
    truth: Sets
    vectors: NDArray[np.float32]

    @property
    def leaves(self) -> list[str]:
        """The codes that no other code hangs under."""
        parents = {code.parent for code in self.book.codes}
        return [code.id for code in self.book.active if code.id not in parents]


def load(name: str) -> Task:
    """Read a set and normalise it. Raises FileNotFoundError where ../shared is absent."""
    here = ROOT / "benchmarks" / "data"
    if name == "noden":
        book = Codebook.load(ROOT / "codebooks" / "noden.yaml")
        rows = [row for row in _rows(here / "noden_100.jsonl") if row["part"] == "test"]
    else:
        book = Codebook.load(here / f"{name}.yaml")
        rows = _rows(SHARED / f"{name}_nl" / "sentences.jsonl")
    answers = [Answer(f"{i}:q", f"{i}", "", "q", row["text"]) for i, row in enumerate(rows)]
    words = [text for code in book.active for text in (*code.keywords, code.label)]
    items = normalise_answers(answers, {"q": PROMPT[name]}, PIPELINE, lexicon=Lexicon(tuple(words)))
    given = [row["codes"] if isinstance(row["codes"], list) else [row["codes"]] for row in rows]
    return Task(name, book, items, [frozenset(codes) for codes in given], _embedded(items))


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _embedded(items: Sequence[Normalised]) -> NDArray[np.float32]:
    return embed([item.text for item in items])


@cache
def _remembered(texts: tuple[str, ...]) -> NDArray[np.float32]:
    return embed(texts)


def product(task: Task, train: Sequence[int], test: Sequence[int], seed: int) -> Sets:
    """Code as `opentekst code` does; it sees all texts, and the codes of `train`."""
    return _coded(task, train, test, seed, COMBINED)


def keywords(task: Task, train: Sequence[int], test: Sequence[int], seed: int) -> Sets:
    """Code by keywords alone."""
    return _coded(task, (), test, seed, RULES)


def _coded(task: Task, train: Sequence[int], test: Sequence[int], seed: int, coder: str) -> Sets:
    people = {task.items[i].answer: task.truth[i] for i in train}
    items = [task.items[i] for i in (*train, *test)]
    codings: list[Coding] = code_answers(
        items,
        task.book,
        people,
        keyword_tokens(PIPELINE.name),
        lambda texts: _remembered(tuple(texts)),
        seed,
    )
    given = {c.answer: frozenset(c.codes) for c in codings if c.coder == coder}
    return [given.get(task.items[i].answer, frozenset()) for i in test]


def tfidf(task: Task, train: Sequence[int], test: Sequence[int], seed: int) -> Sets:
    """Code by logistic regressions on TF-IDF of words and characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    texts = [item.text.lower() for item in task.items]
    union = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
    )
    known = union.fit_transform([texts[i] for i in train])
    return _regressed(task, known, union.transform([texts[i] for i in test]), train)


def vectors(task: Task, train: Sequence[int], test: Sequence[int], seed: int) -> Sets:
    """Code by logistic regressions on sentence vectors."""
    return _regressed(task, task.vectors[list(train)], task.vectors[list(test)], train)


def _regressed(task: Task, known: Any, new: Any, train: Sequence[int]) -> Sets:
    from sklearn.linear_model import LogisticRegression

    given: list[set[str]] = [set() for _ in range(new.shape[0])]
    for code in task.leaves:
        truth = np.array([code in task.truth[i] for i in train])
        if truth.all() or not truth.any():
            continue
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
        for row in np.flatnonzero(model.fit(known, truth).predict(new)):
            given[row].add(code)
    return [frozenset(codes) for codes in given]


CODERS: Mapping[str, Coder] = {
    "opentekst": product,
    "keywords": keywords,
    "tfidf": tfidf,
    "vectors": vectors,
}
UNTAUGHT = ("opentekst", "keywords")


def measures(truth: Sets, given: Sets, codes: Sequence[str]) -> dict[str, float]:
    """Return micro-F1, macro-F1 (over codes that occur) and whole-set accuracy over `codes`."""
    from sklearn.metrics import f1_score

    one = np.array([[code in row for code in codes] for row in truth])
    other = np.array([[code in row for code in codes] for row in given])
    present = one.any(axis=0)
    return {
        "micro_f1": float(f1_score(one, other, average="micro", zero_division=0)),
        "macro_f1": float(
            f1_score(one[:, present], other[:, present], average="macro", zero_division=0)
        ),
        "whole_set": float((one == other).all(axis=1).mean()),
    }


def run(task: Task, seeds: int) -> dict[str, float]:
    """Print the table of one set and return its figures, each the mean over the seeds."""
    found: dict[tuple[int, str], list[dict[str, float]]] = defaultdict(list)
    learns = task.name != "noden"
    for seed in range(seeds if learns else 1):
        order = random.Random(seed).sample(range(len(task.items)), len(task.items))
        test, rest = (order[:REPORTED], order[REPORTED:]) if learns else (order, [])
        for size in SIZES if learns else (0,):
            train = rest[:size]
            for name, coder in CODERS.items():
                if train or name in UNTAUGHT:
                    start = time.perf_counter()
                    given = coder(task, train, test, seed)
                    spent = time.perf_counter() - start
                    truth = [task.truth[i] for i in test]
                    scores = measures(truth, given, task.leaves)
                    found[len(train), name].append({**scores, "seconds": spent})
    table = Table("coded", "coder", "micro-F1", "macro-F1", "whole set", "s", title=task.name)
    figures: dict[str, float] = {}
    for (size, name), runs in sorted(found.items(), key=lambda one: one[0][0]):
        figure = {key: mean(run[key] for run in runs) for key in runs[0]}
        table.add_row(str(size), name, *(f"{value:.3f}" for value in figure.values()))
        figures |= {f"{task.name}_{size}_{name}_{k}": round(v, 4) for k, v in figure.items()}
    console.print(table)
    return figures


def main() -> None:
    """Measure the sets asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", nargs="+", default=list(PROMPT), choices=list(PROMPT))
    options = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "coding", "seeds": options.seeds}
    for name in options.sets:
        figures |= run(load(name), options.seeds)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
