"""Answers to Label Studio tasks: no network here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from opentekst.codebook import Codebook
from opentekst.model import Coding, Span
from opentekst.review.config import (
    CODES,
    CONTEXT,
    EVIDENCE,
    FREQUENT,
    TEXT,
    code_path,
    opinion_fields,
)

Json = dict[str, Any]

LAST = 1.0
"""The rank of an answer that need not be coded any more."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One answer to review; `suggestion` is what the machine thinks, if anything.

    `evidence` are stretches of `text`; `context` is what the respondent answered to closed
    questions, as coders should read it. `rank`, from 0 (first) to 1, is its place in the
    queue; None outside a queue. `codings` are the name and the coding of each earlier coder,
    for adjudication.
    """

    answer: str
    question: str
    question_text: str
    text: str
    suggestion: Coding | None = None
    evidence: tuple[Span, ...] = ()
    context: str = ""
    rank: float | None = None
    codings: tuple[tuple[str, str], ...] = ()


def task_data(item: ReviewItem, codebook: Codebook) -> Json:
    """Return the `data` of a task: the answer and the codebook that it is coded with."""
    data = {
        "answer_id": item.answer,
        "question": item.question,
        "question_text": item.question_text,
        TEXT: item.text,
        CONTEXT: item.context,
        "codebook": codebook.ref.id,
        "codebook_version": codebook.ref.version,
        "codebook_fingerprint": codebook.ref.fingerprint,
    }
    for number, opinion in enumerate(item.codings, start=1):
        data |= dict(zip(opinion_fields(number), opinion, strict=True))
    return data


def prediction(
    item: ReviewItem, codebook: Codebook, version: str = "", frequent: Iterable[str] = ()
) -> Json | None:
    """Return what the machine suggests for an answer as a Label Studio prediction.

    None where there is nothing to say: no active code suggested and no place in a queue.
    `version` names the model on the screen (default: the suggestion's coder). Codes in
    `frequent` fill their box, the others the tree. The score is the place in the queue (Label
    Studio's uncertainty sampling gives the lowest first); without one that of the least
    certain code.
    """
    suggestion = item.suggestion
    active = {code.id for code in codebook.active}
    given: list[tuple[str, float]] = []
    if suggestion is not None:
        scores = suggestion.score or (0.0,) * len(suggestion.codes)
        pairs = zip(suggestion.codes, scores, strict=True)
        given = [pair for pair in pairs if pair[0] in active]
    if not given and item.rank is None:
        return None
    boxes = set(frequent)
    ticked = [code for code, _ in given if code in boxes]
    paths = [code_path(codebook, code) for code, _ in given if code not in boxes]
    result = [region(FREQUENT, "choices", ticked)] if ticked else []
    result += [region(CODES, "taxonomy", paths)] if paths else []
    if given:
        result += [_mark(number, span, item.text) for number, span in enumerate(item.evidence)]
    score = min((score for _, score in given), default=0.0) if item.rank is None else item.rank
    return {
        "model_version": version or (suggestion.coder if suggestion else "model:combined"),
        "score": round(score, 6),
        "result": result,
    }


def to_task(
    item: ReviewItem, codebook: Codebook, version: str = "", frequent: Iterable[str] = ()
) -> Json:
    """Return an answer as a task to import: `data` and at most one prediction."""
    suggested = prediction(item, codebook, version, frequent)
    return {
        "data": task_data(item, codebook),
        "predictions": [suggested] if suggested else [],
    }


def region(name: str, kind: str, value: Sequence[Any]) -> Json:
    """Return one control's value as it stands in predictions and annotations."""
    return {"from_name": name, "to_name": TEXT, "type": kind, "value": {kind: list(value)}}


def _mark(number: int, span: Span, text: str) -> Json:
    """Return a highlighted stretch; Label Studio counts characters as Python does."""
    value = {
        "start": span.start,
        "end": span.end,
        "text": text[span.start : span.end],
        "labels": [EVIDENCE],
    }
    kind = {"from_name": EVIDENCE, "to_name": TEXT, "type": "labels"}
    return {"id": f"bewijs{number}", **kind, "value": value}
