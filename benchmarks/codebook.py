"""How fast codings are read through a long history of a codebook.

Data: made here, seed 7: 300 codes, 1,000 steps of one change (rename 30%, merge 25%, split
15%, move 15%, add 15%, each kept only where it is possible), 100,000 codings of one to three
codes that were active in a version drawn at random. Baseline: the plain way, which walks the
steps after a coding's version one by one, for each coding (timed on 2,000 codings and scaled
up). Both must give the same answer on those. Prints a table and, last, one JSON line.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path

from opentekst import store
from opentekst.codebook import Code, Codebook, History
from opentekst.codebook.applying import apply
from opentekst.codebook.changes import Add, Change, Merge, Move, Part, Rename, Split
from opentekst.codebook.history import _line
from opentekst.codebook.resolving import Chain, Resolved, Step
from opentekst.errors import CodebookError
from opentekst.model import CodebookRef, Coding
from opentekst.pipeline.opinions import through

SEED = 7
CODES = 300
STEPS = 1_000
CODINGS = 100_000
SAMPLE = 2_000


def draw(random_: random.Random, book: Codebook, number: int) -> Change:
    """Return some change of some codes; it may not be possible."""
    active = [code.id for code in book.active]
    one, two = random_.sample(active, 2)
    kind = random_.random()
    if kind < 0.3:
        return Rename(code=one, label=f"Label {number}", id=f"r{number}")
    if kind < 0.55:
        return Merge(codes=(one, two), into=f"m{number}", label=f"Samen {number}")
    if kind < 0.7:
        parts = (Part(id=f"s{number}a", label=f"A {number}"), Part(id=two))
        return Split(code=one, into=parts)
    if kind < 0.85:
        return Move(code=one, parent=two)
    return Add(code=Part(id=f"a{number}", label=f"Nieuw {number}"))


def grown(random_: random.Random) -> tuple[Codebook, list[Step], list[list[str]]]:
    """Return the last codebook, the steps to it and the active codes of every version."""
    book = Codebook("b", 1, "b", tuple(Code(f"c{n}", f"Code {n}") for n in range(CODES)))
    steps: list[Step] = []
    offered = [[code.id for code in book.active]]
    while len(steps) < STEPS:
        try:
            done = apply(book, [draw(random_, book, len(steps))])
        except CodebookError:
            continue
        had, has = ({code.id for code in b.active} for b in (book, done.codebook))
        steps.append(
            Step(
                book.version,
                done.codebook.version,
                book.fingerprint,
                done.codebook.fingerprint,
                done.fates,
                tuple(sorted(has - had)),
                tuple(sorted(had - has)),
            )
        )
        book = done.codebook
        offered.append([code.id for code in book.active])
    return book, steps, offered


def codings(random_: random.Random, offered: list[list[str]]) -> list[Coding]:
    """Return codings spread over all versions."""
    found = []
    for number in range(CODINGS):
        index = random_.randrange(len(offered))
        codes = tuple(random_.sample(offered[index], random_.randint(1, 3)))
        ref = CodebookRef("b", index + 1, "")
        coder = f"person:p{number % 5}"
        found.append(
            Coding(f"R{number}:q", codes, coder, (1.0,) * len(codes), (), ref, str(number))
        )
    return found


def naive(steps: list[Step], coding: Coding) -> Resolved:
    """Walk from a coding's version to the last, step by step."""
    known: dict[str, None] = {}
    pending = []
    for code in coding.codes:
        now = [code]
        for step in steps[coding.codebook.version - 1 :]:
            now = list(dict.fromkeys(x for c in now for x in step.fates.get(c, (c,))))
        if len(now) == 1:
            known[now[0]] = None
        else:
            pending.append(code)
    return Resolved(tuple(known), tuple(pending))


def main() -> None:
    """Time both ways and print."""
    random_ = random.Random(SEED)
    book, steps, offered = grown(random_)
    ledger = codings(random_, offered)
    active = frozenset(offered[-1])

    start = time.perf_counter()
    chain = Chain("b", book.version, active, tuple(steps))
    resolved = [chain.resolve(coding.codes, coding.codebook.version) for coding in ledger]
    ours = time.perf_counter() - start

    start = time.perf_counter()
    read, waiting = through(Chain("b", book.version, active, tuple(steps)), ledger)
    whole = time.perf_counter() - start

    start = time.perf_counter()
    slow = [naive(steps, coding) for coding in ledger[:SAMPLE]]
    walked = (time.perf_counter() - start) * CODINGS / SAMPLE
    assert slow == resolved[:SAMPLE]
    assert len(read) == CODINGS

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "history" / "b" / "changes.jsonl"
        store.write_all({log: "".join(_line(step) for step in steps).encode()})
        start = time.perf_counter()
        loaded = History.load(Path(folder) / "b.yaml", book)
        reading = time.perf_counter() - start
        assert len(loaded.steps) == STEPS

    pending = sum(bool(one.pending) for one in resolved)
    print(f"{STEPS} wijzigingen, {CODINGS} coderingen, {pending} wachten na een splitsing")
    print(f"{'geschiedenis lezen':<44}{reading:8.2f} s")
    print(f"{'coderingen lezen (tabel per versie)':<44}{ours:8.2f} s")
    print(f"{'idem, met wie er wacht':<44}{whole:8.2f} s")
    print(f"{'basislijn: stap voor stap per codering':<44}{walked:8.2f} s")
    print(
        json.dumps(
            {
                "benchmark": "codebook",
                "seed": SEED,
                "changes": STEPS,
                "codings": CODINGS,
                "pending": pending,
                "waiting_answers": len(waiting),
                "read_history_s": round(reading, 3),
                "resolve_s": round(ours, 3),
                "resolve_and_wait_s": round(whole, 3),
                "naive_s": round(walked, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
