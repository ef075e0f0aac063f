"""The data that walks through the rooms: frozen, slotted dataclasses.

Offsets are Python character offsets, half open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

QuestionKind = Literal["single", "multiple", "open"]
Basis = Literal["unanimous", "majority", "adjudicated", "automatic", "open"]


class Span(NamedTuple):
    """A stretch of text: character offsets and, for evidence, the code it speaks for."""

    start: int
    end: int
    code: str = ""


class Token(NamedTuple):
    """One token of a normalised text: its offsets in that text, its lemma and more.

    `forms` are what else a keyword may match here, lower-cased: the word that a typing error
    stands for, what an abbreviation means (words with spaces between), the parts of a
    compound, the whole of a separable verb. `negated` says that the answer denies what the
    word stands for, as the question's prompt takes it ("geen tekort": tekort is negated).
    `pos` is its part of speech (Universal Dependencies); empty where the pipeline has none.
    """

    start: int
    end: int
    lemma: str
    forms: tuple[str, ...] = ()
    negated: bool = False
    pos: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in the data: collected and reported, never raised."""

    kind: str
    file: str
    row: int | None
    column: str
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One respondent's text under one open question; `text` is verbatim, for ever."""

    id: str
    respondent: str
    unit: str
    question: str
    text: str


def answer_id(respondent: str, question: str) -> str:
    """Return the stable id of a respondent's answer to a question.

    >>> answer_id("R_2x9", "noden")
    'R_2x9:noden'
    """
    return f"{respondent}:{question}"


@dataclass(frozen=True, slots=True)
class Response:
    """The closed answers of one unit, merged over its respondents.

    `single` maps a question id to the chosen value; `multiple` maps a question id to
    the codes that were ticked. A question that nobody answered is absent.
    """

    unit: str
    respondents: tuple[str, ...]
    single: Mapping[str, str]
    multiple: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Normalised:
    """An answer made ready for matching.

    `text` is the cleaned text; `tokens` and `segments` hold offsets into it. `anchors`
    are pairs (offset in `text`, offset in the verbatim text) where the two run in step
    until the next anchor. `flags` hold `no_answer` with `no_answer:<kind>`, `not_dutch`,
    `corrected` (a typing error was mended for matching), `split` (a compound was taken
    apart for matching) and `names_removed` (`names` are the stretches of `text` that point
    at a person, with their kind as code; they never leave the study).
    """

    answer: str
    text: str
    tokens: tuple[Token, ...]
    segments: tuple[Span, ...]
    flags: frozenset[str]
    anchors: tuple[tuple[int, int], ...] = ((0, 0),)
    names: tuple[Span, ...] = ()

    @property
    def lemmas(self) -> tuple[str, ...]:
        """The lemmas of all tokens, in order."""
        return tuple(token.lemma for token in self.tokens)

    def verbatim(self, offset: int) -> int:
        """Return the offset in the verbatim text that answers to `offset` in `text`."""
        for clean, raw in reversed(self.anchors):
            if offset >= clean:
                return raw + offset - clean
        return offset


@dataclass(frozen=True, slots=True)
class CodebookRef:
    """Which codebook a coding was made with."""

    id: str
    version: int
    fingerprint: str


Act = Literal["coded", "skipped", "withdrawn"]
Shown = Literal["", "blind", "suggestion", "codings"]


@dataclass(frozen=True, slots=True)
class How:
    """How a person came to a coding.

    `shown` is what the person saw beside the answer: nothing (`blind`), the machine's
    `suggestion`, or other people's `codings` (adjudication); empty where it is not known.
    `suggestion` says what became of one: `accepted` as it was, or `changed`. `seconds` were
    spent on it. `new_code` is the code that the person missed, `memo` what else was noted.
    `source` names the place where the coding was made, so that it can be found there again.
    """

    shown: Shown = ""
    suggestion: Literal["", "accepted", "changed"] = ""
    seconds: float | None = None
    new_code: str = ""
    memo: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """One opinion on one answer.

    `coder` is `rule:…`, `model:…`, `topic:…` or `person:…`. `score` holds one number
    from 0 to 1 for each code (1 for people). `evidence` spans are offsets into the
    verbatim text. A person's empty `codes` means "read, no code applies". `at` is an
    ISO 8601 time for people and empty for machines.

    `act` is `coded`; in a ledger also `skipped` (the person passed the answer over) and
    `withdrawn` (the person deleted the coding): both take back what the same person said
    in the same place, and have no codes.
    """

    answer: str
    codes: tuple[str, ...]
    coder: str
    score: tuple[float, ...]
    evidence: tuple[Span, ...]
    codebook: CodebookRef
    at: str = ""
    act: Act = "coded"
    how: How = How()

    @property
    def by_person(self) -> bool:
        """True where a person made this coding."""
        return self.coder.startswith("person:")


@dataclass(frozen=True, slots=True)
class Decision:
    """What counts for one answer, and on what basis; `open` counts for nothing yet."""

    answer: str
    codes: frozenset[str]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Topic:
    """A theme among the answers under one codebook, matched to the nearest code or to none.

    `group` is the codebook's id, or the question's where it has no codebook. `answers` are
    ids, the most typical first; `uncoded` counts those without a code, `units` their units.
    `nearest` is the code that is most like it, `matched` whether the topic is that code's.
    `stability` is the mean best Jaccard over resamples, 0 to 1.
    """

    group: str
    number: int
    label: str
    keywords: tuple[str, ...]
    answers: tuple[str, ...]
    uncoded: int
    units: int
    nearest: str
    matched: bool
    stability: float


ProposalKind = Literal["new", "split", "boundary"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the codebook that a topic asks for.

    `new`: a theme without a code; `split`: a theme within the code `nearest`; `boundary`: a
    theme that lies across the codes `nearest` and `other`. `answers` are ids of those that
    speak for it, `quotes` at most ten of them, typical and different; `units` counts units.
    `stability` is that of topic number `topic` of `group`.
    """

    kind: ProposalKind
    group: str
    topic: int
    label: str
    keywords: tuple[str, ...]
    quotes: tuple[str, ...]
    answers: tuple[str, ...]
    units: int
    nearest: str
    other: str
    stability: float


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an answer that are safe to publish.

    Pseudonymised, without the name of a place, and nothing in it singles out a unit.
    """

    answer: str
    text: str


ThemeKind = Literal["code", "net", "topic"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Something that units state, and that a workshop could be about.

    `id` is a code's id, `net:<code>` for a parent with all below it, or `topic:<n>` for an
    accepted topic that has no coded answers yet; where two codebooks have the same code,
    `<codebook>/<code>` stands for it. `units` state it (NIS codes) of the `base` that answered
    and whose answers are decided. `mentions` counts segments that state it, at least one an
    answer; `central` the units for which it is the main thing said; `helpers` say that they
    can help (NIS codes: never publish them). `share` is the 95% interval, in percent, around
    `estimate`: the share of all units had people coded all; both None where nothing is known.
    `branch` is the top of its tree, the same for all themes of one net.
    """

    id: str
    label: str
    kind: ThemeKind
    units: frozenset[str]
    base: int
    mentions: int
    central: int
    helpers: frozenset[str] = frozenset()
    quotes: tuple[Quote, ...] = ()
    share: tuple[float, float] | None = None
    estimate: float | None = None
    codebook: str = ""
    code: str = ""
    branch: str = ""

    @property
    def percent(self) -> Decimal:
        """The percentage of the base that states it, to one decimal; 0 without a base."""
        return percentage(len(self.units), self.base) if self.base else Decimal("0.0")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a frequency table; `n` and `base` count units.

    `n` is None where the category was not asked in this group (the report's "/"), and where
    the cell is `hidden` because it would tell too much of one unit: a hidden cell holds no
    figure, so that no export can print one. `share` is the percentage where weights make it
    another than n of base. `marks` are the letters of the groups that this percentage is
    significantly above.
    """

    group: str
    category: str
    n: int | None
    base: int | None
    share: Decimal | None = None
    marks: str = ""
    hidden: bool = False

    def __post_init__(self) -> None:
        if self.hidden and (self.n is not None or self.share is not None or self.marks):
            raise ValueError("a hidden cell holds no figure")

    @property
    def percent(self) -> Decimal | None:
        """The percentage to one decimal, halves rounded up; None without a base."""
        if self.n is None or not self.base:
            return None
        return percentage(self.n, self.base) if self.share is None else self.share


def percentage(n: int, base: int) -> Decimal:
    """Return 100 n / base to one decimal, halves rounded up, by exact arithmetic.

    >>> percentage(38, 233)
    Decimal('16.3')
    """
    return (Decimal(n) * 100 / Decimal(base)).quantize(Decimal("0.1"), ROUND_HALF_UP)


Method = Literal["counted", "assisted", "audit", "bounds", "none"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the percentage of one cell would be had people coded every answer, and how sure.

    `value`, `low` and `high` are percentages, 0 to 100, unrounded; `low` and `high` are a 95%
    interval and None where there is too little to say. `method` tells what they rest on:
    `counted` (people coded all), `assisted` (the machine, set right by the audit sample),
    `audit` (that sample alone), `bounds` (what is possible at all) or `none`. `base` counts
    units, `n_audit` those of them that were drawn and coded blind, `uncoded` those of which
    only the machine knows. `note` is in Dutch; empty where there is nothing to add.
    """

    value: float
    low: float | None
    high: float | None
    method: Method
    base: int
    n_audit: int
    uncoded: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A frequency table: cells ordered by category, then by group."""

    number: str
    title: str
    header: str
    groups: tuple[str, ...]
    cells: tuple[Cell, ...]
    footnotes: tuple[str, ...] = field(default=())

    @property
    def categories(self) -> tuple[str, ...]:
        """The row labels in order, each once."""
        return tuple(dict.fromkeys(cell.category for cell in self.cells))
