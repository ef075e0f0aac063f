"""The hand-written open answers and what the coders made of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opentekst.codebook import Codebook
from opentekst.model import CodebookRef, Coding, How, answer_id
from opentekst.review.audit import Sample, Stratum
from opentekst.study import Question, Study

ARBITER = "person:arbiter"
Team = Mapping[str, str]
"""Who coded, and when: two coders, then the arbiter."""
TEAM: Team = {
    "person:codeur_1": "2021-05-07T14:00:00Z",
    "person:codeur_2": "2021-05-12T14:00:00Z",
    ARBITER: "2021-05-20T09:30:00Z",
}
TEAM_2026: Team = {
    "person:codeur_3": "2026-04-20T14:00:00Z",
    "person:codeur_4": "2026-04-22T14:00:00Z",
    ARBITER: "2026-04-28T09:30:00Z",
}
SHARE_CODED = 0.7  # of the answers that are no "andere" text; the rest is the machine's


@dataclass(frozen=True)
class Text:
    """One open answer, the codings of it by coder, and the codes that were decided."""

    key: str
    question: str
    text: str
    codings: Mapping[str, frozenset[str]]
    decided: frozenset[str]


def load_texts(folder: Path, wave: str = "", team: Team = TEAM) -> list[Text]:
    """Read answers.jsonl and codings.jsonl, or those of another wave ("_2026").

    Raises ValueError for an answer that the two coders did not both code, and where they
    differ and no arbiter settled it.
    """
    codings: dict[str, dict[str, frozenset[str]]] = {}
    for row in _rows(folder / f"codings{wave}.jsonl"):
        codings.setdefault(row["key"], {})[row["coder"]] = frozenset(row["codes"])
    answers = list(_rows(folder / f"answers{wave}.jsonl"))
    if len({row["key"] for row in answers}) < len(answers):
        raise ValueError("a key stands twice in answers.jsonl")
    return [
        Text(row["key"], row["question"], row["text"], given, _decide(row["key"], given, team))
        for row in answers
        for given in [codings.get(row["key"], {})]
    ]


def codes_with_parents(text: Text, book: Codebook) -> frozenset[str]:
    """Return the codes that were decided for a text and all codes above them."""
    return book.net(text.decided)


def ledger(
    study: Study, texts: list[Text], authors: Mapping[str, str], seed: int, team: Team = TEAM
) -> dict[str, list[Coding]]:
    """Return each question's codings by people, in the order in which they coded.

    `authors` maps a text's key to the ResponseId of who wrote it.
    """
    lines: dict[str, list[Coding]] = {}
    for question in study.open_questions:
        book = study.codebook(question.id)
        order = [code.id for code in book.codes]
        mine = drawn(question, texts, seed)
        lines[question.id] = [
            _coding(text, coder, authors[text.key], order, book.ref, team[coder])
            for coder in team
            for text in mine
            if coder in text.codings
        ]
    return {question: codings for question, codings in lines.items() if codings}


def audits(
    study: Study, texts: list[Text], authors: Mapping[str, str], seed: int
) -> dict[str, Sample]:
    """Return the audit sample of each question: the answers that the coders coded, of all."""
    samples = {}
    for question in study.open_questions:
        chosen, everything = (
            tuple(sorted(answer_id(authors[text.key], text.question) for text in some))
            for some in (
                drawn(question, texts, seed),
                [text for text in texts if text.question == question.id],
            )
        )
        if chosen:
            samples[question.id] = Sample(seed, (Stratum(everything, chosen),))
    return samples


def drawn(question: Question, texts: list[Text], seed: int) -> list[Text]:
    """Return the texts of a question that people coded: a lot, or all that "andere" got."""
    mine = [text for text in texts if text.question == question.id]
    if question.prompt == "other":
        return mine
    rng = random.Random(f"{seed}:coded:{question.id}")
    chosen = set(rng.sample(range(len(mine)), round(SHARE_CODED * len(mine))))
    return [text for i, text in enumerate(mine) if i in chosen]


def _coding(
    text: Text, coder: str, author: str, order: list[str], ref: CodebookRef, at: str
) -> Coding:
    codes = tuple(sorted(text.codings[coder], key=order.index))
    answer = answer_id(author, text.question)
    how = How(shown="codings" if coder == ARBITER else "blind")
    return Coding(answer, codes, coder, (1.0,) * len(codes), (), ref, at, how=how)


def _decide(key: str, given: Mapping[str, frozenset[str]], team: Team) -> frozenset[str]:
    if ARBITER in given:
        return given[ARBITER]
    first, second = (given.get(coder) for coder in tuple(team)[:2])
    if first is None or second is None:
        raise ValueError(f"{key}: not coded by both coders")
    if first != second:
        raise ValueError(f"{key}: the coders differ and there is no arbiter's coding")
    return first


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        yield from (json.loads(line) for line in stream if line.strip())
