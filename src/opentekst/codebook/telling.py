"""What differs between two versions of a codebook, told as text and as a page."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opentekst.codebook.changes import told
from opentekst.codebook.codebook import Code
from opentekst.codebook.comparing import DUTCH, Difference, FieldChange
from opentekst.codebook.history import History
from opentekst.codebook.resolving import Step
from opentekst.pages import templates


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed ("same"), went ("old") or came ("new")."""

    kind: str
    text: str


def as_lines(found: Sequence[Difference]) -> list[str]:
    """Return differences as lines of text, a dash for what went and a plus for what came."""
    lines: list[str] = []
    for one in found:
        lines.append(_head(one))
        for field in one.fields:
            if "\n" in field.old + field.new or field.name in _LISTS:
                old, new = field.old.split("\n"), field.new.split("\n")
                lines.append(f"    {field.name}:")
                lines += [f"      - {line}" for line in old if line and line not in new]
                lines += [f"      + {line}" for line in new if line and line not in old]
            else:
                lines += [f"    {field.name}:", f"      - {field.old}", f"      + {field.new}"]
    return lines or ["Er is geen verschil."]


_LISTS = frozenset({"wel", "niet", "sleutelwoorden", "voorbeelden"})


def _head(one: Difference) -> str:
    if one.kind == "same":
        return f"veranderd: {_named(one.new)}"
    arrow = f"{_named(one.old)} → {_named(one.new)}" if one.old and one.new else ""
    return f"{DUTCH[one.kind]}: {arrow or _named(one.old or one.new)}"


def _named(codes: Sequence[Code]) -> str:
    return " + ".join(f"{code.label} ({code.id})" for code in codes)


def pieces(field: FieldChange) -> list[Piece]:
    """Return two texts laid over each other, word by word.

    >>> [(p.kind, p.text) for p in pieces(FieldChange("label", "een kat", "een hond"))]
    [('same', 'een '), ('old', 'kat'), ('new', 'hond')]
    """
    old, new = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (field.old, field.new))
    found: list[Piece] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[i:j])))
            continue
        if i < j:
            found.append(Piece("old", "".join(old[i:j])))
        if k < m:
            found.append(Piece("new", "".join(new[k:m])))
    return found


def as_html(history: History, start: int, end: int, found: Sequence[Difference]) -> str:
    """Return the differences as one page in Dutch that fetches nothing."""

    pages = templates("opentekst.codebook")
    return pages.get_template("diff.html").render(
        title=history.now.title,
        codebook=history.now.id,
        start=start,
        end=end,
        steps=[_step(step) for step in _between(history, start, end)],
        differences=found,
        dutch=DUTCH,
        pieces=pieces,
    )


def _between(history: History, start: int, end: int) -> list[Step]:
    low, high = sorted((start, end))
    return [step for step in history.chain.steps if low <= step.start and step.end <= high]


def step_lines(step: Step) -> list[str]:
    """Return what a step did, a line a change: what, why, when and by whom."""
    if step.edited:
        return ["met de hand veranderd"]
    lines = []
    for change in step.changes:
        what = f"versie {step.undoes} ongedaan gemaakt" if step.undoes else told(change)
        about = ", ".join(part for part in (change.date, change.author) if part)
        why = f": {change.reason}" if change.reason else ""
        lines.append(f"{what}{why}" + (f" ({about})" if about else ""))
    return lines


def _step(step: Step) -> dict[str, Any]:
    return {"start": step.start, "end": step.end, "lines": step_lines(step)}
