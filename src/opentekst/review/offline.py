"""Label Studio's files: tasks to import there, and what it exports, read back into codings."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from opentekst.codebook import Chain, Codebook
from opentekst.errors import DataError
from opentekst.model import Coding
from opentekst.review.annotations import Unclear, from_annotation
from opentekst.review.sheet import readable_text
from opentekst.review.tasks import Json, ReviewItem, to_task

SHOWN = "shown"
"""The field of a task that says what is shown beside the answer: "blind" or "suggestion"."""


@dataclass(slots=True)
class Found:
    """What a file says of one question's answers.

    `uncoded` counts tasks that nobody did anything to; `unclear` holds the ids of those
    with an annotation that is no coding (no code and no "geen code", or both).
    """

    codings: list[Coding] = field(default_factory=list)
    uncoded: int = 0
    skipped: int = 0
    unclear: list[int] = field(default_factory=list)


def write_tasks(items: Iterable[ReviewItem], codebook: Codebook, blind: bool) -> bytes:
    """Return answers in the format that Label Studio imports; `blind` without suggestions."""
    tasks = []
    for item in items:
        shown = replace(
            item, text=readable_text(item.text), suggestion=None if blind else item.suggestion
        )
        task = to_task(shown, codebook)
        extra = {SHOWN: "blind" if blind else "suggestion"}
        tasks.append({**task, "data": {**task["data"], **extra}})
    return (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()


def read_tasks(content: bytes) -> list[Json]:
    """Return the tasks with an answer in an export of Label Studio.

    Raises DataError where the file is no such export.
    """
    remedy = "Kies in Label Studio bij Export het formaat JSON (niet JSON-MIN of CSV)."
    try:
        tasks = json.loads(content)
    except (ValueError, RecursionError):
        raise DataError(
            "dit is geen Excel-werkmap en geen JSON-bestand van Label Studio",
            remedy=f"Bewaar een werkmap als .xlsx, zonder wachtwoord. {remedy}",
        ) from None
    if not isinstance(tasks, list) or not all(_is_task(task) for task in tasks):
        raise DataError("dit is geen JSON-uitvoer van Label Studio", remedy=remedy)
    ours = [task for task in tasks if "answer_id" in task["data"]]
    if not ours:
        raise DataError(
            "in dit bestand staat geen taak van opentekst",
            found=f"{len(tasks)} taken",
            remedy="Neem de uitvoer van een project dat met 'opentekst review export' of"
            " 'opentekst review push' gemaakt is.",
        )
    for task in ours:
        if not isinstance(task.get("annotations"), list):
            raise DataError("deze taken hebben geen annotaties", place=_place(task), remedy=remedy)
    return ours


def _is_task(task: object) -> bool:
    return isinstance(task, dict) and isinstance(task.get("data"), dict)


def coder_of(annotation: Mapping[str, Any]) -> str:
    """Return who made an annotation: an e-mail address, or the number of an account."""
    who = annotation.get("completed_by")
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("id")
    return "" if who is None else str(who)


def named(coders: Sequence[str], tasks: Iterable[Json]) -> dict[str, str]:
    """Return e-mail addresses by who made the annotations of a file.

    `coders` are an address, for a file with one unnamed coder, or `number=address` each.
    Raises DataError for a coder who stays unnamed.
    """
    made = dict.fromkeys(coder_of(one) for task in tasks for one in task["annotations"])
    numbers = [who for who in made if "@" not in who]
    pairs = [coder.partition("=") for coder in coders]
    told = {number.strip(): email.strip() for number, equals, email in pairs if equals}
    plain = [coder.strip() for coder, equals, _ in pairs if not equals]
    unnamed = [who for who in numbers if who not in told]
    if len(plain) == 1 and len(unnamed) == 1:
        told[unnamed.pop()] = plain[0]
    if unnamed:
        example = " ".join(f"--coder {who or 'NUMMER'}=naam@voorbeeld.be" for who in unnamed)
        raise DataError(
            "dit bestand noemt coders met een nummer, zonder e-mailadres",
            found=", ".join(who or "geen nummer" for who in unnamed),
            remedy="Zeg wie het is met --coder EMAIL (één coder) of per nummer: " + example,
        )
    return {who: told.get(who, who) for who in made}


def codings(
    tasks: Iterable[Json],
    coders: Mapping[str, str],
    answers: Mapping[str, Collection[str]],
    codebooks: Callable[[str], tuple[Codebook, Chain]],
) -> dict[str, Found]:
    """Return by question what people made of its answers, oldest first.

    `coders` are those of `named`; `answers` holds the ids of the study's answers by
    question, `codebooks` gives a question's codebook and its versions. Raises DataError for
    a task of another study and for one that is not whole, ReviewError for an unknown code.
    """
    found: dict[str, Found] = {}
    for task in tasks:
        question, answer = task["data"].get("question", ""), task["data"]["answer_id"]
        if question not in answers or answer not in answers[question]:
            raise DataError(
                "dit antwoord staat niet in deze studie",
                place=_place(task),
                found=f"{answer} (vraag {question})"[:100],
                remedy="Noem de studie van dit bestand met --study MAP.",
            )
        into = found.setdefault(question, Found())
        into.uncoded += not task["annotations"]
        for annotation in task["annotations"]:
            _add(into, _read(annotation, task, coders, *codebooks(question)))
    for one in found.values():
        one.codings.sort(key=lambda coding: (coding.at, coding.answer, coding.coder))
    return found


def _add(into: Found, said: Coding | Unclear) -> None:
    if isinstance(said, Unclear):
        into.unclear.append(said.task)
    else:
        into.skipped += said.act == "skipped"
        into.codings.append(said)


def _read(
    annotation: Json, task: Json, coders: Mapping[str, str], codebook: Codebook, chain: Chain
) -> Coding | Unclear:
    data = task["data"]
    coder = coders[coder_of(annotation)]
    try:
        said = from_annotation(annotation, data, coder, codebook, int(task.get("id", 0)), chain)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise DataError(
            "deze taak is niet volledig",
            place=_place(task),
            found=type(fault).__name__,
            remedy="Exporteer opnieuw uit Label Studio; verander het bestand niet met de hand.",
        ) from None
    if not isinstance(said, Coding):
        return said
    shown = data.get(SHOWN, "")
    how = replace(
        said.how,
        shown=said.how.shown or (shown if shown in ("blind", "suggestion") else ""),
        source=said.how.source or f"json:{data['question']}",
    )
    return replace(said, how=how)


def _place(task: Mapping[str, Any]) -> str:
    return f"taak {task.get('id', '?')}"
