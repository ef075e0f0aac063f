"""Two versions of a codebook side by side: a crosswalk of codes, and what differs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from opentekst.codebook.applying import Fates
from opentekst.codebook.codebook import Code, Codebook
from opentekst.codebook.history import History

Kind = Literal["same", "merged", "split", "new", "gone"]

DUTCH: dict[Kind, str] = {
    "same": "één op één",
    "merged": "samengevoegd",
    "split": "gesplitst",
    "new": "nieuw",
    "gone": "vervallen",
}
_FIELDS = {
    "id": "id",
    "label": "label",
    "parent": "hangt onder",
    "definition": "omschrijving",
    "include": "wel",
    "exclude": "niet",
    "keywords": "sleutelwoorden",
    "examples": "voorbeelden",
    "status": "toestand",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a code of one version to a code of another; either may be None."""

    kind: Kind
    old: Code | None
    new: Code | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a code that differs; lists have one entry a line."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What happened to one code (or several that became one) between two versions."""

    kind: Kind
    old: tuple[Code, ...]
    new: tuple[Code, ...]
    fields: tuple[FieldChange, ...]


def ways(history: History, start: int, end: int) -> list[Way]:
    """Return the crosswalk from version `start` to version `end`, which may be the older.

    Only codes that may be given in the one or the other version are in it, in the order of
    `start`, then of `end`. Raises CodebookError for a version that does not exist.
    """
    chain = history.chain
    if chain.index(start) > chain.index(end):
        return [_turned(way) for way in crosswalk(*_pair(history, end, start))]
    return crosswalk(*_pair(history, start, end))


def _pair(history: History, start: int, end: int) -> tuple[Codebook, Codebook, Fates]:
    older, newer = history.version(start), history.version(end)
    return older, newer, history.chain.between(start, end)


def _turned(way: Way) -> Way:
    kinds: dict[Kind, Kind] = {"merged": "split", "split": "merged", "new": "gone", "gone": "new"}
    return Way(kinds.get(way.kind, way.kind), way.new, way.old)


def crosswalk(old: Codebook, new: Codebook, fates: Fates) -> list[Way]:
    """Return the ways from the codes of `old` to those of `new`, by `fates`."""
    given = {code.id for code in new.active}
    became = {
        code.id: tuple(c for c in fates.get(code.id, (code.id,)) if c in given)
        for code in old.active
    }
    sources: dict[str, list[str]] = {}
    for code, targets in became.items():
        if len(targets) == 1:
            sources.setdefault(targets[0], []).append(code)
    reached = {target for targets in became.values() for target in targets}
    found = []
    for entry in old.active:
        targets = became[entry.id]
        for target in targets:
            kind: Kind = "merged" if len(sources.get(target, ())) > 1 else "same"
            found.append(Way("split" if len(targets) > 1 else kind, entry, new.by_id[target]))
        if not targets:
            found.append(Way("gone", entry, None))
    return found + [Way("new", None, code) for code in new.active if code.id not in reached]


def as_csv(found: Iterable[Way], start: int, end: int) -> str:
    """Return a crosswalk as CSV: code and label before, what happened, code and label after."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([f"code_v{start}", f"label_v{start}", "soort", f"code_v{end}", f"label_v{end}"])
    for way in found:
        old, new = ([c.id, c.label] if c else ["", ""] for c in (way.old, way.new))
        writer.writerow([*old, DUTCH[way.kind], *new])
    return stream.getvalue()


def differences(history: History, start: int, end: int) -> list[Difference]:
    """Return what differs between two versions, code by code; what is the same is left out."""
    found: list[Difference] = []
    done: set[tuple[str, str]] = set()
    all_ways = ways(history, start, end)
    for way in all_ways:
        here = (way.old.id if way.old else "", way.new.id if way.new else "")
        if here in done:
            continue
        family = _family(way, all_ways)
        done |= {(w.old.id if w.old else "", w.new.id if w.new else "") for w in family}
        old = tuple(dict.fromkeys(w.old for w in family if w.old))
        new = tuple(dict.fromkeys(w.new for w in family if w.new))
        fields = _changes(old, new)
        if way.kind != "same" or fields:
            found.append(Difference(way.kind, old, new, fields))
    return found


def _family(way: Way, all_ways: Sequence[Way]) -> list[Way]:
    if way.kind == "merged":
        return [w for w in all_ways if w.new == way.new and w.kind == "merged"]
    if way.kind == "split":
        return [w for w in all_ways if w.old == way.old]
    return [way]


def _changes(old: tuple[Code, ...], new: tuple[Code, ...]) -> tuple[FieldChange, ...]:
    """Compare a code with what it became; of merged codes, with the one that stayed."""
    if len(new) != 1 or not old:
        return ()
    same = [code for code in old if code.id == new[0].id]
    if len(old) > 1 and not same:
        return ()
    before = same[0] if same else old[0]
    return tuple(
        FieldChange(dutch, was, now)
        for name, dutch in _FIELDS.items()
        if (was := _text(name, before)) != (now := _text(name, new[0]))
    )


def _text(name: str, code: Code) -> str:
    value: str | tuple[str, ...] = getattr(code, name)
    if name == "parent":
        return code.parent or "(bovenaan)"
    if name == "status":
        return "vervallen" if code.status == "retired" else "in gebruik"
    return "\n".join(value) if isinstance(value, tuple) else value
