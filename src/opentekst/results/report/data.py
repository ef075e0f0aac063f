"""All that a report says, as plain values: assembled by `pipeline`, rendered here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opentekst.model import Estimate, Table

Edition = str
"""`internal` (with the list of answers), `without_answers` or `public`."""
Intervals = Mapping[tuple[str, str], Estimate]
"""Of a table's group and category."""


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality that was asked: NIS code, traits, and whether it answered."""

    nis: str
    name: str
    province: str
    size: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: what was asked, and how many units answered it (None: too few to tell).

    `answers` counts the texts of an open question, `empty` those of them that say nothing
    ("nvt", "/"). `tables` are the numbers of the tables that count it.
    """

    id: str
    text: str
    kind: str
    units: int | None
    answers: int = 0
    empty: int = 0
    codebook: str = ""
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeName:
    """A code as readers see it; `parent` is the id above it in `book`, empty at the top."""

    book: str
    id: str
    label: str
    definition: str
    parent: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer that may be shown: pseudonymised, and without the names of municipalities.

    `marks` are the stretches that speak for a code: (start, end, code). `province` and `size`
    are empty where they would point at too few units.
    """

    question: str
    text: str
    codes: tuple[str, ...]
    marks: tuple[tuple[int, int, str], ...]
    basis: str
    province: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """How many units of each province hold a code, in percent of those that answered.

    `shares` follow `Report.provinces`; None where too few units would stand behind it.
    """

    question: str
    code: str
    shares: tuple[int | None, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A table, what its percentages would be had people coded all, and what it counts."""

    table: Table
    estimates: Intervals
    questions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Heard:
    """A theme as readers see it: how many units state it, and in which words."""

    label: str
    kind: str
    units: int
    base: int
    percent: str
    mentions: int
    central: int
    interval: str
    quotes: tuple[str, ...]
    codebook: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice of themes that together reach the most units, beside the most frequent ones."""

    lines: tuple[str, ...]
    rows: tuple[tuple[str, str, str, str], ...] = ()
    """Of each theme: label, units that state it, units that it adds, how firm it is."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far coders agree on a question or codebook: figures as text, and the verdict."""

    title: str
    answers: int
    coders: int
    alpha: str
    interval: str
    same: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Coded:
    """Who coded the answers of a question, as numbers of answers.

    `automatic` are left to the machine by triage, `provisional` count as well though nobody
    looked at them and the machine is not sure.
    `checked` were drawn by lot and coded blind; `right` of them the machine had wholly right
    without having seen what people gave (`low` and `high`: 95% interval, percent).
    """

    question: str
    people: int
    adjudicated: int
    automatic: int
    provisional: int
    open: int
    empty: int
    checked: int = 0
    right: int = 0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """A codebook and the version that counts."""

    id: str
    title: str
    version: int
    fingerprint: str
    codes: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What the report was made from; no clock."""

    files: tuple[tuple[str, str], ...]
    packages: tuple[tuple[str, str], ...]
    books: tuple[Book, ...]
    pipeline: str
    embedder: str
    seed: int
    program: str


@dataclass(frozen=True, slots=True)
class Method:
    """A paragraph of the method section, and the sources it leans on (keys)."""

    heading: str
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole report. `warnings` stand at its top; `held` says what was held back, and why."""

    title: str
    day: str
    edition: Edition
    towns: tuple[Town, ...]
    respondents: int
    questions: tuple[Asked, ...]
    tables: tuple[Shown, ...]
    themes: tuple[Heard, ...]
    pick: Pick
    codes: tuple[CodeName, ...]
    answers: tuple[Listed, ...]
    splits: tuple[Split, ...]
    agreed: tuple[Agreed, ...]
    disagreements: tuple[str, ...]
    coded: tuple[Coded, ...]
    left_out: tuple[str, ...]
    held: tuple[str, ...]
    methods: tuple[Method, ...]
    origin: Origin
    warnings: tuple[str, ...] = ()

    @property
    def provinces(self) -> tuple[str, ...]:
        """The provinces of the units that were asked, by name."""
        return tuple(sorted({town.province for town in self.towns}))

    @property
    def sizes(self) -> tuple[str, ...]:
        """The size classes, smallest first; empty where the study knows none."""
        return tuple(dict.fromkeys(t.size for t in self.towns if t.size))

    @property
    def answered(self) -> int:
        """The number of units that answered."""
        return sum(town.answered for town in self.towns)

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of the sources that the method section leans on, each once."""
        return tuple(dict.fromkeys(key for method in self.methods for key in method.sources))


def readable(text: str) -> str:
    """Return a text that every file can hold: broken halves of characters become a mark."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
