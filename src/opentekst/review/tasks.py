"""Answers to Label Studio tasks, and annotations back to codings: no network here."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentekst.codebook import Chain, Codebook
from opentekst.errors import ReviewError
from opentekst.model import CodebookRef, Coding
from opentekst.review.config import CODES, NO_CODE, NONE, TEXT, UNUSED, code_path

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
    chain: Chain | None = None,
) -> Coding | Skipped | Unclear:
    """Return what one person's annotation says about one answer.

    `data` is the task's, `email` the coder's; `chain` holds the earlier versions of
    `codebook`. Raises ReviewError, with the task and the path, where no version has the
    chosen codes.
    """
    if annotation.get("was_cancelled"):
        return Skipped(task)
    regions = annotation.get("result") or []
    codes = chosen(annotation)
    no_code = any(NO_CODE in part["value"].get("choices", ()) for part in _named(regions, NONE))
    if bool(codes) == no_code:
        return Unclear(task, "contradictory" if no_code else "empty")
    made = origin(annotation, data, chain or _alone(codebook))
    if made is None:
        raise ReviewError(
            f"een coder koos een code die niet (meer) in codeboek '{codebook.id}' staat",
            place=f"taak {task} in Label Studio",
            found=" / ".join(_strange(regions, codebook)),
            remedy="Open deze taak in Label Studio en kies een code die bestaat, of zet"
            " de code terug in het codeboek.",
        )
    return Coding(
        answer=data["answer_id"],
        codes=made.codes,
        coder=f"person:{email}",
        score=(1.0,) * len(made.codes),
        evidence=(),
        codebook=made.codebook,
        at=made.at,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """What a person chose, under which codebook and when."""

    codes: tuple[str, ...]
    codebook: CodebookRef
    at: str


def origin(annotation: Mapping[str, Any], data: Mapping[str, Any], chain: Chain) -> Made | None:
    """Return what a person chose, be it that opentekst has since changed the annotation.

    The task's data tell what was chosen first (`coded`, see `migrate`); that holds until
    the person changes the annotation. None where no version of the codebook has the codes.
    """
    codes, at = chosen(annotation), utc(annotation["updated_at"])
    record = data.get("coded", {}).get(str(annotation.get("id")))
    if record is not None:
        moved = codes == tuple(record["shown"]) and record["moved"] in ("", at)
        if moved or (codes == tuple(record["was"]) and record["was_at"] == at):
            ref = CodebookRef(data["codebook"], record["version"], record["fingerprint"])
            return Made(tuple(record["codes"]), ref, record["at"])
    given = int(data["codebook_version"])
    version = chain.version_of(codes, given)
    if version is None:
        return None
    mark = data["codebook_fingerprint"] if version == given else chain.fingerprint(version)
    return Made(codes, CodebookRef(data["codebook"], version, mark), at)


def _alone(codebook: Codebook) -> Chain:
    active = frozenset(code.id for code in codebook.active)
    return Chain(codebook.id, codebook.version, active, (), codebook.fingerprint)


def utc(moment: str | datetime.datetime) -> str:
    """Return a time with a zone as ISO 8601 in UTC, to the microsecond.

    >>> utc("2021-03-01T10:00:00.5+01:00")
    '2021-03-01T09:00:00.500000+00:00'
    """
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment)
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds")


def chosen(annotation: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids that an annotation holds, each once."""
    # The id alone says which code it is: one that moved in the tree is still itself.
    paths = (
        path
        for part in _named(annotation.get("result") or [], CODES)
        for path in part["value"].get("taxonomy", ())
    )
    return tuple(dict.fromkeys(str(path[-1]) if path else "" for path in paths))


def _strange(regions: Sequence[Mapping[str, Any]], codebook: Codebook) -> list[str]:
    """Return the first path that ends in no active code."""
    active = {code.id for code in codebook.active}
    for part in _named(regions, CODES):
        for path in part["value"].get("taxonomy", ()):
            if not path or path[-1] not in active:
                return [str(step) for step in path if step != UNUSED]
    return []


def _named(regions: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    return (part for part in regions if part.get("from_name") == name)
