"""Annotations made under an earlier codebook, brought to the codes of today: no network here.

What a person chose, when and under which version is written into the task first (under
`coded`), then the annotation is changed. So an interruption loses nothing, doing it again
changes nothing, and a pull still gives the coding that the person made, not the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from opentekst.codebook import Chain, Code, Codebook
from opentekst.codebook.resolving import Resolved
from opentekst.review.annotations import Made, chosen, given_paths, origin, utc
from opentekst.review.config import CODES, FREQUENT, UNUSED, code_path
from opentekst.review.reconcile import Task
from opentekst.review.tasks import Json

AGAIN = "opnieuw"
"""The field of a task that says whether a person must code it again: "ja" or "nee"."""


class Changed(NamedTuple):
    """An annotation to change: its id, when it was last changed, and what it should hold."""

    id: int
    updated: str
    result: list[Json]


@dataclass(frozen=True, slots=True)
class Move:
    """What is to be done to one task: its new data first, then its annotations."""

    task: int
    data: Json
    annotations: tuple[Changed, ...]
    waiting: bool


def moves(tasks: Iterable[Task], codebook: Codebook, chain: Chain) -> list[Move]:
    """Return what it takes to show every annotation under its code of today.

    An annotation with a code that was split keeps that code, in a part of the tree of its
    own, until a person chooses again. Tasks without a change are left out, and so is an
    annotation with a code that no version had.
    """
    planned = (_move(task, codebook, chain) for task in tasks if "answer_id" in task.data)
    return [move for move in planned if move is not None]


def unused(tasks: Iterable[Task], codebook: Codebook, chain: Chain) -> tuple[Code, ...]:
    """Return the codes that annotations still show but that may not be given any more.

    Of a code that was split the definition says into what.
    """
    shown = dict.fromkeys(
        path[-1]
        for task in tasks
        for annotation in task.annotations
        for path in _paths(annotation)
        if path[0] == UNUSED  # a box is never one of those
    )
    return tuple(_explained(code, codebook, chain) for code in shown)


def renewed(suggestion: Json, version: int, codebook: Codebook, chain: Chain) -> Json | None:
    """Return a suggestion in the codes of today, none where no code of it is left."""
    before = _paths(suggestion)
    if not before:
        return suggestion
    paths = []
    active = {code.id for code in codebook.active}
    for path in before:
        made = chain.version_of([path[-1]], version)
        known = chain.resolve([path[-1]], made).codes if made is not None else ()
        paths += [code_path(codebook, code) for code in known if code in active]
    if not paths:
        return {**suggestion, "result": []}
    once = [list(path) for path in dict.fromkeys(tuple(path) for path in paths)]
    return {**suggestion, "result": _with_paths(suggestion["result"], once)}


def waiting(tasks: Iterable[Task]) -> int:
    """Return how many tasks wait for a person to code them again."""
    return sum(task.data.get(AGAIN) == "ja" for task in tasks)


def _move(task: Task, codebook: Codebook, chain: Chain) -> Move | None:
    coded: Json = {}
    changed = []
    opinions: list[Made] = []
    for annotation in task.annotations:
        if annotation.get("was_cancelled") or not chosen(annotation):
            continue
        made = origin(annotation, task.data, chain)
        if made is None:
            return None
        opinions.append(made)
        shown = _shown(made.codes, made.codebook.version, chain)
        paths = [_path(codebook, code) for code in shown]
        here = utc(annotation["updated_at"])
        right = _right(annotation, shown, codebook)
        coded[str(annotation["id"])] = {
            "codes": list(made.codes),
            "version": made.codebook.version,
            "fingerprint": made.codebook.fingerprint,
            "at": made.at,
            "was": list(chosen(annotation)),
            "was_at": here,
            "shown": shown,
            "moved": here if right else "",
        }
        if not right:
            result = _with_paths(annotation["result"], paths)
            changed.append(Changed(int(annotation["id"]), here, result))
    pending = _pending(opinions, chain)
    data = _data(task.data, codebook, coded, pending)
    before = task.data.get("coded", {})
    unfinished = any(
        record["moved"] and before.get(key, record)["moved"] == "" for key, record in coded.items()
    )
    again = task.data.get(AGAIN, "nee") != ("ja" if pending else "nee")
    if not changed and not unfinished and not again:
        return None
    return Move(task.id, data, tuple(changed), pending)


def _pending(opinions: Sequence[Made], chain: Chain) -> bool:
    """Tell whether a split code waits, and nobody coded the answer since the split."""
    since, last = 0, -1
    for made in opinions:
        version = made.codebook.version
        pending = chain.resolve(made.codes, version).pending
        if pending:
            since = max(since, *(chain.undecided_since(code, version) for code in pending))
        else:
            last = max(last, chain.index(version))
    return since > last and since > 0


def _data(data: Mapping[str, Any], codebook: Codebook, coded: Json, pending: bool) -> Json:
    return {
        **data,
        "codebook_version": codebook.ref.version,
        "codebook_fingerprint": codebook.ref.fingerprint,
        "coded": {**data.get("coded", {}), **coded},
        AGAIN: "ja" if pending else "nee",
    }


def finished(move: Move, updated: Mapping[int, str]) -> Json:
    """Return a task's data once its annotations are changed: when each was, is part of it."""
    coded = {
        key: {**record, "moved": updated.get(int(key), record["moved"])}
        for key, record in move.data["coded"].items()
    }
    return {**move.data, "coded": coded}


def _shown(codes: Iterable[str], version: int, chain: Chain) -> list[str]:
    """Return the codes of today, and of those that are pending the code of then."""
    found: dict[str, None] = {}
    for code in codes:
        known: Resolved = chain.resolve([code], version)
        found.update(dict.fromkeys(known.codes or (code,)))
    return list(found)


def _path(codebook: Codebook, code: str) -> list[str]:
    entry = codebook.by_id.get(code)
    if entry is not None and entry.status == "active":
        return code_path(codebook, code)
    return [UNUSED, code]


def _right(annotation: Mapping[str, Any], shown: Sequence[str], codebook: Codebook) -> bool:
    """Tell whether an annotation holds just these codes, each where the screen shows it."""
    if set(chosen(annotation)) != set(shown):
        return False
    for part in annotation["result"]:
        if part.get("from_name") == FREQUENT:
            active = {code.id for code in codebook.active}
            if not active.issuperset(part["value"].get("choices", ())):
                return False
        elif part.get("from_name") == CODES:
            paths = part["value"].get("taxonomy", ())
            if any(list(path) != _path(codebook, str(path[-1])) for path in paths if path):
                return False
    return True


def _paths(holder: Mapping[str, Any]) -> list[list[str]]:
    return [[str(step) for step in path] for path in given_paths(holder) if path]


def _with_paths(result: Iterable[Json], paths: list[list[str]]) -> list[Json]:
    """Return an annotation's parts with other codes, all in the tree; the rest stays as it is."""

    def parts() -> Iterator[Json]:
        left: list[list[str]] | None = paths
        for part in result:
            if part.get("from_name") not in (CODES, FREQUENT):
                yield part
            elif left is not None:
                kind = {**part, "from_name": CODES, "type": "taxonomy"}
                yield {**kind, "value": {"taxonomy": left}}
                left = None

    return list(parts())


def _explained(code: str, codebook: Codebook, chain: Chain) -> Code:
    entry = codebook.by_id.get(code, Code(code, code))
    made = chain.version_of([code], chain.current)
    became = chain.candidates(code, made) if made is not None else (code,)
    parts = [codebook.by_id[one].label for one in became if one in codebook.by_id]
    if became == (code,):
        told = "Vervallen: deze codering blijft, maar de code wordt niet meer gegeven."
    elif parts:
        told = f"Gesplitst: kies opnieuw uit {', '.join(parts)}."
    else:
        told = "Deze code bestaat niet meer: kies opnieuw."
    return Code(code, entry.label, definition=told)
