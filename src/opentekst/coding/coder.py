"""All coders on the answers of one codebook, and the machine's combined opinion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentekst.codebook import Codebook
from opentekst.coding.classifier import Learned, features, learn
from opentekst.coding.rules import Cut, KeywordRules
from opentekst.coding.zeroshot import (
    CUT,
    Embed,
    Nearness,
    nearness,
    segment_span,
    segment_texts,
)
from opentekst.model import Coding, Normalised, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RULES = "rule:keywords"
ZERO_SHOT = "model:zeroshot"
LEARNED = "model:learned"
COMBINED = "model:combined"
LEFT_TO_PEOPLE = frozenset({"no_answer", "not_dutch"})
MIN_CODED = 40
"""The classifier learns from this many people's codings on."""


@dataclass(frozen=True)
class _Evidence:
    """Per answer: code → the stretches of normalised text that speak for it."""

    rules: Sequence[Mapping[str, tuple[Span, ...]]]
    near: Nearness
    items: Sequence[Normalised]
    codes: Sequence[str]

    def spans(self, row: int, code: str) -> tuple[Span, ...]:
        """Return rule hits where there are any, else the nearest segment."""
        if hits := self.rules[row].get(code):
            return hits
        if not self.items[row].segments:
            return ()
        column = self.codes.index(code)
        return (segment_span(self.items[row], int(self.near.segment[row, column]), code),)


def code_answers(
    items: Sequence[Normalised],
    codebook: Codebook,
    people: Mapping[str, frozenset[str]],
    cut: Cut,
    embed: Embed,
    seed: int = 0,
) -> list[Coding]:
    """Return up to four codings an answer: rules, zero-shot, learned, and all combined.

    `people` maps answer ids to the codes that people settled on; from `MIN_CODED` of them
    on, a classifier learns. Non-answers and answers in another language get no codes: the
    latter are left to people. `cut` and
    `embed` come from the language room. Scores run from 0 to 1: 1 for a rule, the
    similarity for zero-shot, a probability for the classifier.
    """
    import numpy as np

    items = [item for item in items if item.segments and not item.flags & LEFT_TO_PEOPLE]
    if not items:
        return []
    codes = [code.id for code in codebook.active]
    rules = _rule_hits(items, codebook, cut)
    vectors = embed(segment_texts(items))
    near = nearness(items, codebook, embed, vectors)
    evidence = _Evidence(rules, near, items, codes)
    hits = np.array([[code in found for code in codes] for found in rules], dtype=np.float32)
    learned = _learned(items, codes, people, near, hits, embed, seed)
    codings: list[Coding] = []
    for row, item in enumerate(items):
        opinions = {
            RULES: {code: 1.0 for code in codes if code in rules[row]},
            ZERO_SHOT: _above(codes, near.score[row], np.full(len(codes), CUT)),
        }
        if learned is not None:
            opinions[LEARNED] = _above(codes, learned.probability[row], learned.cut)
        opinions[COMBINED] = _combined(codes, opinions, learned)
        for coder, scores in opinions.items():
            codings.append(_coding(item, row, coder, scores, codebook, evidence))
    return codings


def _rule_hits(
    items: Sequence[Normalised], codebook: Codebook, cut: Cut
) -> list[Mapping[str, tuple[Span, ...]]]:
    matcher = KeywordRules(codebook, cut)
    found: list[Mapping[str, tuple[Span, ...]]] = []
    for item in items:
        by_code: dict[str, tuple[Span, ...]] = {}
        for span in matcher.find(item):
            by_code[span.code] = (*by_code.get(span.code, ()), span)
        found.append(by_code)
    return found


def _learned(
    items: Sequence[Normalised],
    codes: Sequence[str],
    people: Mapping[str, frozenset[str]],
    near: Nearness,
    hits: NDArray[np.float32],
    embed: Embed,
    seed: int,
) -> Learned | None:
    import numpy as np

    coded = np.array([i for i, item in enumerate(items) if item.answer in people], dtype=np.int64)
    if len(coded) < MIN_CODED:
        return None
    dense = np.hstack([embed([item.text for item in items]), near.score, hits])
    matrix = features([i.text for i in items], [i.lemmas for i in items], dense)
    truth = np.array([[code in people[items[i].answer] for code in codes] for i in coded])
    return learn(matrix, truth, coded, seed)


def _above(
    codes: Sequence[str], scores: NDArray[np.floating], cuts: NDArray[np.floating]
) -> dict[str, float]:
    return {
        code: round(float(score), 4)
        for code, score, cut in zip(codes, scores, cuts, strict=True)
        if score >= cut
    }


def _combined(
    codes: Sequence[str], opinions: Mapping[str, Mapping[str, float]], learned: Learned | None
) -> dict[str, float]:
    """Per code: what was learned where it was learned, else a rule, else zero-shot."""
    chosen: dict[str, float] = {}
    untaught = opinions[RULES] or opinions[ZERO_SHOT]
    for column, code in enumerate(codes):
        taught = learned is not None and learned.cut[column] == learned.cut[column]
        source = opinions[LEARNED] if taught else untaught
        if code in source:
            chosen[code] = source[code]
    return chosen


def _coding(
    item: Normalised,
    row: int,
    coder: str,
    scores: Mapping[str, float],
    codebook: Codebook,
    evidence: _Evidence,
) -> Coding:
    implied = {parent for code in scores for parent in codebook.ancestors(code)}
    given = [code for code in scores if code not in implied]
    spans = [span for code in given for span in evidence.spans(row, code)]
    return Coding(
        answer=item.answer,
        codes=tuple(given),
        coder=coder,
        score=tuple(scores[code] for code in given),
        evidence=tuple(Span(item.verbatim(s.start), item.verbatim(s.end), s.code) for s in spans),
        codebook=codebook.ref,
    )
