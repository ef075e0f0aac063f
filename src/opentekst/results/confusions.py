"""The page of confused codes: what each code is for, and the answers that divide the coders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opentekst.codebook import Code
from opentekst.pages import templates


@dataclass(frozen=True, slots=True)
class Said:
    """What one coder said of an answer: labels."""

    coder: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An answer on which coders differ; `text` holds no names."""

    question: str
    text: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes that coders confuse, or one that some gave and others did not.

    `relation` says how they stand to each other; `among` counts the answers with either.
    """

    codes: tuple[Code, ...]
    relation: str
    among: int
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A codebook with its pairs, the most confused first; `units` were coded twice, blind."""

    title: str
    units: int
    pairs: tuple[Pair, ...]


def to_html(study: str, books: Sequence[Book]) -> bytes:
    """Return one self-contained Dutch page (UTF-8); it fetches nothing, all text is escaped."""
    environment = templates("opentekst.results")
    return environment.get_template("confusions.html").render(study=study, books=books).encode()
