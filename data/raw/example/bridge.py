"""The bridge of the second wave: answers of 2021 that the coders of 2026 coded again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from example.texts import ARBITER, TEAM_2026
from opentekst.model import Answer, Coding, How
from opentekst.review.audit import Sample
from opentekst.store import Paths, jsonl
from opentekst.study import Study
from opentekst.survey.places import successors

QUESTION = "noden"
PLACE = f"{QUESTION}.brug"
DAY = {"person:codeur_3": "2026-05-04", "person:codeur_4": "2026-05-06", ARBITER: "2026-05-11"}


def bridge(
    before: Study, study: Study, answers: Sequence[Answer], folder: Path, paths: Paths
) -> dict[Path, bytes]:
    """Return the ledger of the bridge: the answers of the municipalities that were drawn.

    `opentekst waves bridge --question noden` drew them (brug.json, beside the ledger);
    bridge_2026.jsonl says which codes each coder gave. Raises ValueError for a drawn answer of
    which it does not.
    """
    target = paths.ledger(PLACE)
    chosen = target.with_name("brug.json")
    if not chosen.exists():
        return {}
    drawn = Sample.from_json(json.loads(chosen.read_text("utf-8"))).answers
    became = successors(before.file.date, study.file.date)
    keys = {
        row["text"]: row["key"]
        for row in _rows(folder / "answers.jsonl")
        if row["question"] == QUESTION
    }
    given = {
        (row["key"], row["coder"]): row["codes"] for row in _rows(folder / "bridge_2026.jsonl")
    }
    mine = [
        (a.id, keys[a.text]) for a in answers if a.question == QUESTION and became[a.unit] in drawn
    ]
    book = study.codebook(QUESTION)
    order = [code.id for code in book.codes]
    lines = []
    for coder in TEAM_2026:
        for answer, key in sorted(mine, key=lambda one: one[1]):
            if (key, coder) not in given:
                if (
                    coder == ARBITER
                    and given[key, "person:codeur_3"] == given[key, "person:codeur_4"]
                ):
                    continue
                raise ValueError(f"{key}: {coder} did not code it for the bridge")
            codes = tuple(sorted(given[key, coder], key=order.index))
            how = How(shown="codings" if coder == ARBITER else "blind")
            at = f"{DAY[coder]}T14:00:00Z"
            lines.append(
                Coding(answer, codes, coder, (1.0,) * len(codes), (), book.ref, at, how=how)
            )
    return {target: jsonl(lines)}


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
