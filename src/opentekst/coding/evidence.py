"""What in an answer speaks for a code, and which coded answers it resembles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from opentekst.coding.forced import Rules
from opentekst.coding.learned import Judged, Learned
from opentekst.model import Normalised, Span

_TELLING = 0.5
"""A word shows where it says at least this share of what the most telling word says."""


class Neighbour(NamedTuple):
    """A coded answer that resembles the one explained; `similarity` is a cosine."""

    text: str
    codes: frozenset[str]
    similarity: float


class Explanation(NamedTuple):
    """Why an answer has its codes; `evidence` holds offsets into the verbatim text."""

    codes: frozenset[str]
    evidence: tuple[Span, ...]
    neighbours: tuple[Neighbour, ...]
    reasons: tuple[str, ...]


class Witness:
    """Shows the evidence for codes in answers that were judged.

    From strong to weak: a rule that forces the code, the codebook's keywords, the words that
    weigh most in what was learned, and the segment that the code suits best.
    """

    def __init__(
        self,
        items: Sequence[Normalised],
        codes: Sequence[str],
        hits: Sequence[Mapping[str, tuple[Span, ...]]],
        rules: Rules,
        learned: Learned | None,
        judged: Judged,
    ) -> None:
        self.hits, self._items, self._rules = hits, items, rules
        self._learned, self._judged = learned, judged
        self._column = {code: k for k, code in enumerate(codes)}

    def spans(self, row: int, codes: Iterable[str]) -> tuple[Span, ...]:
        """Return where the evidence stands in the verbatim text of answer `row`."""
        item = self._items[row]
        found = [span for code in sorted(codes) for span in self._of(row, code)]
        return tuple(
            Span(item.verbatim(span.start), item.verbatim(span.end), span.code) for span in found
        )

    def _of(self, row: int, code: str) -> Sequence[Span]:
        item = self._items[row]
        forced = [
            Span(span.start, span.end, code)
            for rule, span in self._rules.found(item)
            if rule.code == code and rule.effect == "force"
        ]
        return forced or self.hits[row].get(code) or self._telling(row, code)

    def _telling(self, row: int, code: str) -> Sequence[Span]:
        """Return the words that weigh most, joined where they touch; else the best segment."""
        item = self._items[row]
        weights = self._learned.word_weights(item, self._column[code]) if self._learned else []
        most = max(weights, default=0.0)
        if most > 0:
            return list(
                _joined(item, [i for i, w in enumerate(weights) if w >= _TELLING * most], code)
            )
        if not item.segments:
            return []
        segment = item.segments[self._best_segment(row, self._column[code])]
        return [Span(segment.start, segment.end, code)]

    def _best_segment(self, row: int, column: int) -> int:
        mine = self._judged.part_probability[self._judged.owner == row, column]
        return int(mine.argmax()) if len(mine) else 0


def _joined(item: Normalised, chosen: Sequence[int], code: str) -> Iterator[Span]:
    start = None
    for place, index in enumerate(chosen):
        start = item.tokens[index].start if start is None else start
        following = chosen[place + 1] if place + 1 < len(chosen) else None
        if following != index + 1:
            yield Span(start, item.tokens[index].end, code)
            start = None
