"""What should be in a Label Studio project against what is there: no network here.

Label Studio knows no unique key, drops bad predictions silently and may still carry out a
request that timed out. So a push compares by answer id and sends only the difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from opentekst.codebook import Codebook
from opentekst.review.tasks import LAST, Json, ReviewItem, prediction, task_data

# Between the coder and the hash in the name of a model version.
_HASH = " #"


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it stands in Label Studio."""

    id: int
    data: Json
    annotations: tuple[Json, ...]
    predictions: tuple[Json, ...]
    updated: str = ""

    @property
    def used(self) -> bool:
        """True where a person did something here, be it skipping."""
        return bool(self.annotations)

    @property
    def suggested(self) -> Json | None:
        """The latest suggestion, in the form of `prediction`, its version without hash."""
        if not self.predictions:
            return None
        last = max(self.predictions, key=lambda one: int(one["id"]))
        return {
            "model_version": str(last["model_version"]).split(_HASH)[0],
            "score": last["score"],
            "result": last["result"],
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be in the project: data and suggestion by answer id, and their version."""

    data: Mapping[str, Json]
    suggestions: Mapping[str, Json]
    version: str


@dataclass(frozen=True, slots=True)
class Lack:
    """What is to be sent: new tasks, new data by task id, predictions, tasks to remove."""

    tasks: tuple[Json, ...]
    data: Mapping[int, Json]
    predictions: tuple[Json, ...]
    spare: tuple[int, ...]

    @property
    def steps(self) -> int:
        """How many things there are to send; 0 where all is in place."""
        return len(self.tasks) + len(self.data) + len(self.predictions) + len(self.spare)


def by_answer(tasks: Iterable[Task]) -> dict[str, Task]:
    """Return one task for each answer id: the first that people used, else the oldest."""
    found: dict[str, Task] = {}
    for task in sorted(tasks, key=lambda one: (not one.used, one.id)):
        if "answer_id" in task.data:
            found.setdefault(task.data["answer_id"], task)
    return found


def wanted(
    items: Iterable[ReviewItem],
    present: Iterable[Task],
    codebook: Codebook,
    renew: Callable[[Json, int], Json | None] = lambda suggestion, _version: suggestion,
    frequent: Collection[str] = (),
) -> Wanted:
    """Return what a push of `items` should lead to.

    Answers of the project that are not in the push keep the suggestion that they have, and
    go to the end of the queue; `renew` brings one that was made under a version of the
    codebook to the codes of today. `frequent` codes have a box of their own.
    """
    pushed = {item.answer: item for item in items}
    queued = any(item.rank is not None for item in pushed.values())
    suggestions = {
        answer: renew(task.suggested, int(task.data["codebook_version"]))
        if task.suggested
        else None
        for answer, task in by_answer(present).items()
    }
    suggestions |= {
        answer: prediction(item, codebook, frequent=frequent) for answer, item in pushed.items()
    }
    if queued:
        suggestions |= {
            answer: {**suggestion, "score": LAST}
            for answer, suggestion in suggestions.items()
            if answer not in pushed and suggestion
        }
    kept = {answer: suggestion for answer, suggestion in suggestions.items() if suggestion}
    data = {answer: task_data(item, codebook) for answer, item in pushed.items()}
    return Wanted(data, kept, _version(kept))


def lacking(want: Wanted, present: Iterable[Task]) -> Lack:
    """Return what is missing, out of date or there twice."""
    tasks = list(present)
    there = by_answer(tasks)
    kept = {task.id for task in there.values()}
    new = [
        {
            "data": data,
            "predictions": [
                {**suggestion, "model_version": want.version}
                for suggestion in (want.suggestions.get(answer),)
                if suggestion
            ],
        }
        for answer, data in want.data.items()
        if answer not in there
    ]
    predictions = [
        {**suggestion, "model_version": want.version, "task": there[answer].id}
        for answer, suggestion in want.suggestions.items()
        if answer in there and not _has(there[answer], suggestion, want.version)
    ]
    return Lack(
        tuple(new),
        {
            there[answer].id: data
            for answer, data in want.data.items()
            if answer in there and outdated(there[answer], data)
        },
        tuple(predictions),
        tuple(
            task.id
            for task in tasks
            if "answer_id" in task.data and task.id not in kept and not task.used
        ),
    )


def outdated(task: Task, data: Json) -> bool:
    """True where a task may and should get new data.

    A task that somebody coded keeps the text and the codebook that were coded.
    """
    return not task.used and task.data != data


def _has(task: Task, suggestion: Json, version: str) -> bool:
    return any(
        {name: one[name] for name in suggestion} == {**suggestion, "model_version": version}
        for one in task.predictions
    )


def _version(suggestions: Mapping[str, Json]) -> str:
    """Name a set of suggestions by coder and content: the same set has the same name."""
    coders = sorted({suggestion["model_version"] for suggestion in suggestions.values()})
    content = json.dumps(sorted(suggestions.items(), key=lambda pair: pair[0]), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return f"{', '.join(coders)}{_HASH}{digest}" if coders else ""
