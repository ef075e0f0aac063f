"""Answers to Label Studio tasks, and annotations back to codings: no network here."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentekst.codebook import Codebook
from opentekst.errors import ReviewError
from opentekst.model import CodebookRef, Coding
from opentekst.review.config import CODES, NO_CODE, NONE, TEXT, code_path

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One answer to review; `suggestion` is what the machine thinks, if anything."""

    answer: str
    question: str
    question_text: str
    text: str
    suggestion: Coding | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """The coder passed this task over."""

    task: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """A submitted annotation that is no coding.

    `why` is "empty" (no code and no "geen code") or "contradictory" (both).
    """

    task: int
    why: str


def task_data(item: ReviewItem, codebook: Codebook) -> Json:
    """Return the `data` of a task: the answer and the codebook that it is coded with."""
    return {
        "answer_id": item.answer,
        "question": item.question,
        "question_text": item.question_text,
        TEXT: item.text,
        "codebook": codebook.ref.id,
        "codebook_version": codebook.ref.version,
        "codebook_fingerprint": codebook.ref.fingerprint,
    }


def prediction(suggestion: Coding | None, codebook: Codebook, version: str = "") -> Json | None:
    """Return the suggestion as a Label Studio prediction; None where it has no active code.

    `version` names the model on the screen (default: the suggestion's coder). The score is
    that of the least certain code, so that sorting by it shows doubtful answers first.
    """
    if suggestion is None:
        return None
    active = {code.id for code in codebook.active}
    scores = suggestion.score or (0.0,) * len(suggestion.codes)
    given = [pair for pair in zip(suggestion.codes, scores, strict=True) if pair[0] in active]
    if not given:
        return None
    paths = [code_path(codebook, code) for code, _ in given]
    return {
        "model_version": version or suggestion.coder,
        "score": round(min(score for _, score in given), 4),
        "result": [region(CODES, "taxonomy", paths)],
    }


def to_task(item: ReviewItem, codebook: Codebook, version: str = "") -> Json:
    """Return an answer as a task to import: `data` and at most one prediction."""
    suggested = prediction(item.suggestion, codebook, version)
    return {
        "data": task_data(item, codebook),
        "predictions": [suggested] if suggested else [],
    }


def region(name: str, kind: str, value: Sequence[Any]) -> Json:
    """Return one control's value as it stands in predictions and annotations."""
    return {"from_name": name, "to_name": TEXT, "type": kind, "value": {kind: list(value)}}


def from_annotation(
    annotation: Mapping[str, Any],
    data: Mapping[str, Any],
    email: str,
    codebook: Codebook,
    task: int,
) -> Coding | Skipped | Unclear:
    """Return what one person's annotation says about one answer.

    `data` is the task's, `email` the coder's. Raises ReviewError, with the task and the
    path, where a chosen code is not an active code of `codebook`.
    """
    if annotation.get("was_cancelled"):
        return Skipped(task)
    regions = annotation.get("result") or []
    codes = tuple(dict.fromkeys(_codes(regions, codebook, task)))
    no_code = any(NO_CODE in part["value"].get("choices", ()) for part in _named(regions, NONE))
    if bool(codes) == no_code:
        return Unclear(task, "contradictory" if no_code else "empty")
    return Coding(
        answer=data["answer_id"],
        codes=codes,
        coder=f"person:{email}",
        score=(1.0,) * len(codes),
        evidence=(),
        codebook=CodebookRef(
            data["codebook"], data["codebook_version"], data["codebook_fingerprint"]
        ),
        at=utc(annotation["updated_at"]),
    )


def utc(moment: str | datetime.datetime) -> str:
    """Return a time with a zone as ISO 8601 in UTC, to the microsecond.

    >>> utc("2021-03-01T10:00:00.5+01:00")
    '2021-03-01T09:00:00.500000+00:00'
    """
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment)
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds")


def _codes(regions: Sequence[Mapping[str, Any]], codebook: Codebook, task: int) -> Iterator[str]:
    active = {code.id for code in codebook.active}
    for part in _named(regions, CODES):
        for path in part["value"].get("taxonomy", ()):
            # The id alone says which code it is: one that moved in the tree is still itself.
            if not path or path[-1] not in active:
                raise ReviewError(
                    f"een coder koos een code die niet (meer) in codeboek '{codebook.id}' staat",
                    place=f"taak {task} in Label Studio",
                    found=" / ".join(str(step) for step in path),
                    remedy="Open deze taak in Label Studio en kies een code die bestaat, of zet"
                    " de code terug in het codeboek.",
                )
            yield path[-1]


def _named(regions: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    return (part for part in regions if part.get("from_name") == name)
