"""How many answers a person must code, in the order of the queue and in a random order.

    python benchmarks/review.py [--seeds 5] [--answers 800] [--round 50] [--target 0.85]

Data: `restaurants` (coding_sets.py), of which each seed (0, 1, 2, …) draws a survey of
`--answers` by lot. The held codes are the coder. The machine begins with the codebook alone;
after each round of `--round` answers it learns from all that were coded and judges the others
anew. Wanted: whole-set accuracy `--target` over the whole survey, where what the person coded
is right and of the rest counts what the machine says. Reported: after how many answers that is
so for the first time, counted answer by answer. Baseline: the same in a random order. Both
orders run on the same survey with the same rounds. `saved` is 1 - queue / random; `uncertain`
(with --all) is the order by doubt alone, without the bonus for rare codes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from coding_sets import Task, load
from opentekst.coding import AutoCoder
from opentekst.coding.reading import embedder_named
from opentekst.coding.triage import Triaged
from opentekst.coding.words import Embed
from opentekst.pipeline.queueing import likeness_key
from opentekst.review.queue import NO_CODE, Candidate, order

console = Console(width=120)
Order = Callable[[Task, Sequence[int], Sequence[Triaged], Sequence[int], int], list[int]]


class Done(NamedTuple):
    """What a person had coded when the target was reached, and the machine's share right then."""

    coded: int
    machine: float


def by_queue(
    task: Task, rest: Sequence[int], said: Sequence[Triaged], coded: Sequence[int], _seed: int
) -> list[int]:
    """Return the rows of the rest in the order that opentekst gives a coder."""
    examples = Counter(code for row in coded for code in task.truth[row] or {NO_CODE})
    candidates = [
        Candidate(str(row), likeness_key(task.items[row]), one.probability, one.codes)
        for row, one in zip(rest, said, strict=True)
    ]
    return [int(row) for row in order(candidates, examples)]


def by_doubt(
    _task: Task, rest: Sequence[int], said: Sequence[Triaged], _coded: Sequence[int], _seed: int
) -> list[int]:
    """Return the rows of the rest, the least sure first."""
    return [rest[i] for i in np.argsort([one.probability for one in said], kind="stable")]


def by_lot(
    _task: Task, rest: Sequence[int], _said: Sequence[Triaged], coded: Sequence[int], seed: int
) -> list[int]:
    """Return the rows of the rest in a random order."""
    return random.Random(f"{seed}:{len(coded)}").sample(list(rest), len(rest))


ORDERS: dict[str, Order] = {"queue": by_queue, "random": by_lot, "uncertain": by_doubt}


def remembering() -> Embed:
    """Return the embedder with a memory: each round asks for the same texts."""
    embed = embedder_named("use")
    known: dict[str, NDArray[np.float32]] = {}

    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new or not texts:
            known.update(zip(new, embed(new), strict=True))
        return np.array([known[text] for text in texts]) if texts else embed([])

    return vectors


def simulate(
    task: Task, survey: Sequence[int], name: str, seed: int, size: int, target: float, embed: Embed
) -> Done:
    """Let a person code round after round until the whole survey reaches the target."""
    coded: list[int] = []
    rest = list(survey)
    while rest:
        items, truth = task.of(rest)
        coder = AutoCoder(task.book, embedder=embed)
        if coded:
            coder.fit(*task.of(coded), unlabelled=items)
        said = coder.triage(items)
        right = {row: s.codes == own for row, s, own in zip(rest, said, truth, strict=True)}
        for row in ORDERS[name](task, rest, said, coded, seed)[:size]:
            if len(coded) + sum(right.values()) >= target * len(survey):
                return Done(len(coded), mean(right.values()))
            coded.append(row)
            del right[row]
        rest = list(right)
    return Done(len(coded), 1.0)


def main() -> None:
    """Run every order on the same surveys; print the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--answers", type=int, default=800)
    parser.add_argument("--round", type=int, default=50)
    parser.add_argument("--target", type=float, default=0.85)
    parser.add_argument("--all", action="store_true", help="also the order by doubt alone")
    options = parser.parse_args()
    task, embed = load("restaurants"), remembering()
    names = list(ORDERS) if options.all else ["queue", "random"]
    table = Table("seed", *names, "saved", title=f"answers to code for {options.target:.0%}")
    found: dict[str, list[Done]] = {name: [] for name in names}
    for seed in range(options.seeds):
        survey = sorted(random.Random(seed).sample(range(len(task.items)), options.answers))
        for name in names:
            done = simulate(task, survey, name, seed, options.round, options.target, embed)
            found[name].append(done)
        last = [found[name][-1] for name in names]
        table.add_row(
            str(seed),
            *(f"{one.coded} (machine {one.machine:.3f})" for one in last),
            f"{1 - last[0].coded / last[1].coded:.3f}",
        )
    console.print(table)
    figures: dict[str, Any] = {
        "benchmark": "review",
        "seeds": options.seeds,
        "answers": options.answers,
        "round": options.round,
        "target": options.target,
    }
    for name in names:
        figures[f"coded_{name}"] = round(mean(one.coded for one in found[name]), 1)
    pairs = list(zip(found["queue"], found["random"], strict=True))
    savings = [1 - queue.coded / lot.coded for queue, lot in pairs]
    figures["saved"] = round(mean(savings), 4)
    figures["saved_least"] = round(min(savings), 4)
    figures["saved_most"] = round(max(savings), 4)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
