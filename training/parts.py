"""Which sentences train, which stop the training early, and which are kept aside."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from corpus import FILES, Sentence, drawn, read_treebank

KEPT_ASIDE = {"lassy-test": 350, "alpino-test": 400}
STOPPING = {"lassy-dev": 120, "alpino-dev": 120}
LARGEST_STOPPING = 80  # a larger document would cost the training too much


class Parts(NamedTuple):
    """The three parts; no document has sentences in two of them."""

    training: list[Sentence]
    stopping: list[Sentence]
    kept_aside: list[Sentence]


@cache
def parts(treebanks: Path) -> Parts:
    """Read the treebanks and part them by whole documents, by the hashes of their names."""
    by_file = {name: read_treebank(treebanks / f"{name}.conllu") for name in FILES}
    kept_aside = [s for name, n in KEPT_ASIDE.items() for s in drawn(by_file[name], n)]
    stopping = [
        s for name, n in STOPPING.items() for s in drawn(by_file[name], n, LARGEST_STOPPING)
    ]
    elsewhere = {s.document for s in [*kept_aside, *stopping]}
    training = [s for name in FILES for s in by_file[name] if s.document not in elsewhere]
    return Parts(training, stopping, kept_aside)
