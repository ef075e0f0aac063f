"""Make src/opentekst/coding/zeroshot.json from the example study.

    python training/make_zeroshot.py

Every answer with every code of its codebook is one case: the six numbers of
`coding/likeness.py`, and whether people settled on the code. Each codebook counts equally
and comes in three states: whole, without keywords, and with labels and definitions only, so
that the weights also fit poorer codebooks.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from opentekst.codebook import Codebook
from opentekst.coding.likeness import FEATURES, CodebookReader
from opentekst.language import Lexicon, embed, keyword_tokens, normalise_answers, resolve
from opentekst.model import Answer, Normalised
from opentekst.study import Study

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "data" / "raw" / "example"
TARGET = ROOT / "src" / "opentekst" / "coding" / "zeroshot.json"
PIPELINE = resolve("opentekst_nl")
STATES: Sequence[Mapping[str, Any]] = (
    {},
    {"keywords": ()},
    {"keywords": (), "examples": (), "include": ()},
)


def settled() -> Mapping[str, frozenset[str]]:
    """Return what people settled on, by key: the arbiter, else what both coders said."""
    by_key: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for line in (EXAMPLE / "codings.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        by_key[row["key"]][row["coder"]] = frozenset(row["codes"])
    return {
        key: said.get("person:arbiter", said["person:codeur_1"]) for key, said in by_key.items()
    }


def answers(study: Study) -> Mapping[str, list[Normalised]]:
    """Return the normalised answers of the example by codebook; their ids are the keys."""
    lines = (EXAMPLE / "answers.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    prompts = {question.id: question.prompt for question in study.open_questions}
    found: dict[str, list[Normalised]] = {}
    for name, book in study.codebooks.items():
        mine = [
            Answer(row["key"], row["key"], "", row["question"], row["text"])
            for row in rows
            if study.questions[row["question"]].codebook == name
        ]
        words = [text for code in book.active for text in (*code.keywords, code.label)]
        found[name] = normalise_answers(mine, prompts, PIPELINE, lexicon=Lexicon(tuple(words)))
    return found


def cases(
    items: Sequence[Normalised], book: Codebook, truth: Mapping[str, frozenset[str]]
) -> tuple[Any, Any]:
    """Return the features (cases, 6) and the truth (cases,) of one codebook in one state."""
    likeness = CodebookReader(book, keyword_tokens(PIPELINE.name), embed).read(items)
    given = np.array([[code.id in truth[item.answer] for code in book.active] for item in items])
    return likeness.features.reshape(-1, len(FEATURES)), given.ravel()


def main() -> None:
    """Learn the weights and write them."""
    study, truth = Study.open(ROOT), settled()
    features, given, weights = [], [], []
    for name, items in answers(study).items():
        book = study.codebooks[name]
        for state in STATES:
            poorer = replace(book, codes=tuple(replace(code, **state) for code in book.codes))
            x, y = cases(items, poorer, truth)
            features.append(x)
            given.append(y)
            weights.append(np.full(len(y), 1 / len(items)))
    x, y, w = np.concatenate(features), np.concatenate(given), np.concatenate(weights)
    scaler = StandardScaler().fit(x)
    model = LogisticRegression().fit(scaler.transform(x), y, sample_weight=w * len(w) / w.sum())
    weight = model.coef_[0] / scaler.scale_
    held = {name: round(float(value), 4) for name, value in zip(FEATURES, weight, strict=True)}
    held["intercept"] = round(float(model.intercept_[0] - weight @ scaler.mean_), 4)
    TARGET.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")
    print(f"{len(y)} cases; {TARGET.relative_to(ROOT)}: {held}")


if __name__ == "__main__":
    main()
