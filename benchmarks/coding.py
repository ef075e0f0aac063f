"""How well the coder codes, with none, few and many coded answers, beside plain baselines.

    python benchmarks/coding.py [--seeds 5] [--parts restaurants sib200 noden example triage]

`restaurants`: 1,001 sentences of Flemish reviews with several codes or none (SemEval-2016 task
5); `sib200`: 800 news sentences with one topic each; `bare`: the restaurants once more, with
labels and one-line definitions alone in the codebook. For every seed 200 texts are drawn from
the part `report`; of all others 0, 50, 100, 200, 400 or all are coded. `noden`: 120 needs,
written blind, by the codebook alone. `example`: the example study by question, learned from
coder 1: tested on answers held out where both coders agreed, and on the adjudicated ones.
`triage`: 400 texts of the part `tune` of the restaurants coded, all 400 of `report` to triage.
`speed`: fitting on 1,000 plain texts and coding 1,000 others, all that it takes included.
Baselines: see coding_baselines.py. Log loss and calibration error (ten bins) are over all
answers and codes. Seeds 0, 1, 2, … Data and parts: see coding_sets.py.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from coding_baselines import TAUGHT, UNTAUGHT, Given
from coding_example import example
from coding_sets import Task, load, needs, poorer
from opentekst.coding import AutoCoder

TESTED = 200
SIZES = (0, 50, 100, 200, 400, 10_000)
MEASURES = ("micro_f1", "macro_f1", "whole_set", "log_loss", "calibration", "seconds")
console = Console(width=120)

Figures = dict[str, float]


def measures(task: Task, test: Sequence[int], given: Given) -> Figures:
    """Return F1, whole-set accuracy, log loss and calibration error over the task's codes."""
    from sklearn.metrics import f1_score

    truth = np.array([[code in task.truth[i] for code in task.codes] for i in test])
    found = np.array([[code in sets for code in task.codes] for sets in given.sets])
    present = truth.any(axis=0)
    figures = {
        "micro_f1": float(f1_score(truth, found, average="micro", zero_division=0)),
        "macro_f1": float(
            f1_score(truth[:, present], found[:, present], average="macro", zero_division=0)
        ),
        "whole_set": float((truth == found).all(axis=1).mean()),
    }
    if given.probability is not None:
        chance = given.probability.clip(1e-3, 1 - 1e-3)
        figures["log_loss"] = float(-np.log(np.where(truth, chance, 1 - chance)).mean())
        figures["calibration"] = calibration(given.probability.ravel(), truth.ravel())
    return figures


def calibration(chance: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Return the expected calibration error in ten bins of equal width."""
    place = np.minimum((chance * 10).astype(int), 9)
    gaps = [abs(chance[place == b].sum() - truth[place == b].sum()) for b in range(10)]
    return float(sum(gaps) / len(chance))


def run(task: Task, seeds: int, title: str) -> Figures:
    """Print the table of one set and return its figures, each the mean over the seeds."""
    found: dict[tuple[int, str], list[Figures]] = defaultdict(list)
    for seed in range(seeds):
        test = random.Random(seed).sample(list(task.report), TESTED)
        held = set(test)
        rest = [row for row in range(len(task.items)) if row not in held]
        random.Random(seed).shuffle(rest)
        for size in SIZES:
            train = rest[:size]
            for name, coder in (TAUGHT if train else UNTAUGHT).items():
                start = time.perf_counter()
                given = coder(task, train, test, seed)
                spent = time.perf_counter() - start
                figures = {**measures(task, test, given), "seconds": spent}
                found[len(train), name].append(figures)
    return _table(title, found)


def _table(title: str, found: Mapping[tuple[int, str], Sequence[Figures]]) -> Figures:
    table = Table("coded", "coder", *MEASURES, title=title)
    figures: Figures = {}
    for (size, name), runs in sorted(found.items(), key=lambda one: one[0][0]):
        means = {key: mean(run[key] for run in runs) for key in runs[0]}
        shown = (f"{means[key]:.3f}" if key in means else "–" for key in MEASURES)
        table.add_row(str(size), name, *shown)
        figures |= {f"{title}_{size}_{name}_{key}": round(v, 4) for key, v in means.items()}
    console.print(table)
    return figures


def zero_shot(_seeds: int) -> Figures:
    """Code the needs by the codebook alone."""
    task = needs()
    test = list(task.report)
    found = {}
    for name, coder in UNTAUGHT.items():
        start = time.perf_counter()
        given = coder(task, (), test, 0)
        figures = {**measures(task, test, given), "seconds": time.perf_counter() - start}
        found[0, name] = [figures]
    return _table("noden", found)


def triage(seeds: int) -> Figures:
    """Print how much of the restaurants is left to the machine at a target of 0.80."""
    task = load("restaurants")
    table = Table("seed", "automatic", "accuracy", "expected", "whole set", title="triage")
    shares, reached, gaps = [], 0, []
    for seed in range(seeds):
        train = random.Random(seed).sample(list(task.tune), 400)
        test = list(task.report)
        items, truth = task.of(test)
        coder = AutoCoder(task.book, seed=seed).fit(*task.of(train), unlabelled=items)
        given = coder.triage(items, target=0.80)
        right = np.array([one.codes == own for one, own in zip(given, truth, strict=True)])
        taken = np.array([one.automatic for one in given])
        chance = np.array([one.probability for one in given])
        accuracy = float(right[taken].mean()) if taken.any() else float("nan")
        shares.append(float(taken.mean()))
        reached += accuracy >= 0.80
        gaps.append(calibration(chance, right))
        row = (taken.mean(), accuracy, chance[taken].mean(), right.mean())
        table.add_row(str(seed), *(f"{value:.3f}" for value in row))
    console.print(table)
    return {
        "triage_share": round(mean(shares), 4),
        "triage_seeds_at_target": reached,
        "triage_calibration": round(mean(gaps), 4),
    }


def speed(_seeds: int) -> Figures:
    """Print how long fitting on 1,000 texts and coding 1,000 others takes."""
    task = load("restaurants")
    texts = [item.text for item in task.items][:1000]
    truth = task.truth[:1000]
    start = time.perf_counter()
    coder = AutoCoder(task.book).fit(texts, truth)
    fitted = time.perf_counter()
    coder.predict([f"{text} En dan nog iets anders." for text in texts])
    coded = time.perf_counter()
    table = Table("fit 1,000 texts (s)", "code 1,000 other texts (s)", title="speed")
    table.add_row(f"{fitted - start:.1f}", f"{coded - fitted:.1f}")
    console.print(table)
    return {
        "speed_fit_1000_s": round(fitted - start, 2),
        "speed_code_1000_s": round(coded - fitted, 2),
    }


PARTS: Mapping[str, Callable[[int], Figures]] = {
    "restaurants": lambda seeds: run(load("restaurants"), seeds, "restaurants"),
    "bare": lambda seeds: run(poorer(load("restaurants")), seeds, "bare"),
    "sib200": lambda seeds: run(load("sib200"), seeds, "sib200"),
    "noden": zero_shot,
    "example": lambda _seeds: example(console),
    "triage": triage,
    "speed": speed,
}


def main() -> None:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    options = parser.parse_args()
    figures: dict[str, Any] = {"benchmark": "coding", "seeds": options.seeds}
    for name in options.parts:
        figures |= PARTS[name](options.seeds)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
