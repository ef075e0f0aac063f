"""Changes of a codebook as data: rename, merge, split, move, retire, add, reword.

A change says what happens to which code, why, when and by whom. It is read from
CHANGES.yaml, kept in the history, and knows nothing of the codebook it will meet.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from opentekst import checked_yaml
from opentekst.errors import CodebookError

TEXTS = ("definition", "include", "exclude", "keywords", "examples")
"""The fields of a code that say what it means."""

_ID = re.compile(r"\w[\w-]*(\.\w[\w-]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What all changes share: the reason, the day (YYYY-MM-DD) and who decided."""

    reason: str = ""
    date: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Change):
    """Another label, another id, or both; empty means: as it was."""

    code: str
    label: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Change):
    """Several codes into one, `into`: an existing code, or a new one with a `label`."""

    codes: tuple[str, ...]
    into: str
    label: str = ""
    definition: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the codes that a code is split into; without `label` it exists already."""

    id: str
    label: str = ""
    parent: str | None = None
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Change):
    """One code into several; it retires, and people say again which of them applies."""

    code: str
    into: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Change):
    """Another parent (empty: the top of the tree); the codes below come along."""

    code: str
    parent: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire(Change):
    """No longer given; what was coded with it stays."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Change):
    """A new code; `after` names the code behind which it stands in the file."""

    code: Part
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reword(Change):
    """Other texts for a code; None means: as it was."""

    code: str
    definition: str | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    keywords: tuple[str, ...] | None = None
    examples: tuple[str, ...] | None = None


NEUTRAL = (Rename, Merge, Move)
"""Changes that say nothing new about what a code means in an answer."""


def touched(change: Change) -> tuple[str, ...]:
    """Return the ids of the existing codes that a change is about."""
    match change:
        case Merge(codes=codes, into=into):
            return tuple(dict.fromkeys((*codes, into)))
        case Split(code=code) | Rename(code=code) | Move(code=code):
            return (code,)
        case Retire(code=code) | Reword(code=code):
            return (code,)
    return ()


def told(change: Change) -> str:
    """Return the change as a Dutch clause: "'a' en 'b' samengevoegd tot 'c'"."""
    match change:
        case Rename(code=code, label=label, id=new):
            what = [f"het label '{label}'" if label else "", f"het id '{new}'" if new else ""]
            return f"'{code}' krijgt {' en '.join(part for part in what if part)}"
        case Merge(codes=codes, into=into):
            return f"{_listed(codes)} samengevoegd tot '{into}'"
        case Split(code=code, into=parts):
            return f"'{code}' gesplitst in {_listed(part.id for part in parts)}"
        case Move(code=code, parent=parent, id=new):
            where = f"onder '{parent}'" if parent else "bovenaan in de boom"
            return f"'{code}' verplaatst naar {where}" + (f", met id '{new}'" if new else "")
        case Retire(code=code):
            return f"'{code}' vervallen"
        case Add(code=part):
            return f"'{part.id}' toegevoegd"
        case Reword(code=code):
            given = [_DUTCH[name] for name in TEXTS if getattr(change, name) is not None]
            return f"'{code}' anders verwoord ({', '.join(given)})"
    return ""


_DUTCH = {
    "definition": "omschrijving",
    "include": "wel",
    "exclude": "niet",
    "keywords": "sleutelwoorden",
    "examples": "voorbeelden",
}


def _listed(codes: Any) -> str:
    quoted = [f"'{code}'" for code in codes]
    return " en ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)


class _PartFile(checked_yaml.Strict):
    id: str
    label: str = ""
    parent: str | None = None
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


_VERBS: Mapping[str, frozenset[str]] = {
    "rename": frozenset({"label", "id"}),
    "merge": frozenset({"into", "label", "definition", "parent"}),
    "split": frozenset({"into"}),
    "move": frozenset({"to", "id"}),
    "retire": frozenset(),
    "add": frozenset({"label", "parent", "after", *TEXTS}),
    "reword": frozenset(TEXTS),
}
_ABOUT = frozenset({"reason", "date", "author"})


class _Entry(checked_yaml.Strict):
    """One change as it stands in a file: a verb with its code(s), and that verb's fields."""

    rename: str | None = None
    merge: tuple[str, ...] | None = None
    split: str | None = None
    move: str | None = None
    retire: str | None = None
    add: str | None = None
    reword: str | None = None
    label: str | None = None
    id: str | None = None
    into: str | tuple[str | _PartFile, ...] | None = None
    to: str | None = None
    parent: str | None = None
    after: str | None = None
    definition: str | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    keywords: tuple[str, ...] | None = None
    examples: tuple[str, ...] | None = None
    reason: str = ""
    date: datetime.date | None = None
    author: str = ""

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [name for name in _VERBS if getattr(self, name) is not None]
        if len(verbs) != 1:
            raise ValueError(f"een wijziging begint met één van: {', '.join(_VERBS)}")
        allowed = _VERBS[verbs[0]] | _ABOUT | {verbs[0]}
        wrong = sorted(self.model_fields_set - allowed)
        if wrong:
            raise ValueError(f"'{wrong[0]}' hoort niet bij '{verbs[0]}'")
        problem = _lacks(self, verbs[0])
        if problem:
            raise ValueError(problem)
        return self


def _lacks(entry: _Entry, verb: str) -> str:
    """Return in Dutch what a change lacks, or nothing."""
    new = [entry.id, entry.add]
    new += [part if isinstance(part, str) else part.id for part in _parts(entry)]
    new += [entry.into] if isinstance(entry.into, str) else []
    bad = next((code for code in new if code is not None and not _ID.fullmatch(code)), None)
    problems = {
        "rename": "geef een nieuw 'label', een nieuw 'id' of beide"
        if not entry.label and not entry.id
        else "",
        "merge": "geef minstens een code, en met 'into' de code waarin ze opgaat"
        if not entry.merge or not isinstance(entry.into, str)
        else "",
        "split": "geef met 'into' een lijst van minstens twee codes"
        if len(_parts(entry)) < 2
        else "",
        "move": "geef met 'to' de nieuwe bovenliggende code ('' is bovenaan)"
        if entry.to is None
        else "",
        "add": "geef een 'label'" if not entry.label else "",
        "reword": f"geef minstens een van: {', '.join(TEXTS)}"
        if all(getattr(entry, name) is None for name in TEXTS)
        else "",
    }
    if bad is not None:
        return f"'{bad}' is geen geldig id: letters, cijfers, _ en -, met punten ertussen"
    return problems.get(verb, "")


def _parts(entry: _Entry) -> tuple[str | _PartFile, ...]:
    return entry.into if isinstance(entry.into, tuple) else ()


def _change(entry: _Entry, author: str, date: str) -> Change:
    about: dict[str, Any] = {
        "reason": entry.reason,
        "author": entry.author or author,
        "date": entry.date.isoformat() if entry.date else date,
    }
    texts: dict[str, Any] = {name: getattr(entry, name) for name in TEXTS}
    given = {name: value for name, value in texts.items() if value is not None}
    if entry.rename is not None:
        return Rename(code=entry.rename, label=entry.label or "", id=entry.id or "", **about)
    if entry.merge is not None:
        return Merge(
            codes=tuple(dict.fromkeys(entry.merge)),
            into=str(entry.into),
            label=entry.label or "",
            definition=entry.definition or "",
            parent=entry.parent,
            **about,
        )
    if entry.split is not None:
        parts = tuple(
            Part(id=part) if isinstance(part, str) else Part(**part.model_dump())
            for part in _parts(entry)
        )
        return Split(code=entry.split, into=parts, **about)
    if entry.move is not None:
        return Move(code=entry.move, parent=entry.to or "", id=entry.id or "", **about)
    if entry.retire is not None:
        return Retire(code=entry.retire, **about)
    if entry.add is not None:
        part = Part(id=entry.add, label=entry.label or "", parent=entry.parent, **given)
        return Add(code=part, after=entry.after or "", **about)
    return replace(Reword(code=str(entry.reword), **texts), **about)


class _ChangesFile(checked_yaml.Strict):
    codebook: str
    author: str = ""
    date: datetime.date | None = None
    changes: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """A file of changes: for which codebook, which changes, and on which line each stands."""

    codebook: str
    changes: tuple[Change, ...]
    places: tuple[str, ...]


def load(path: Path) -> Changes:
    """Read a file of changes. Raises CodebookError with file and line."""
    data = checked_yaml.load(path, CodebookError, "het bestand met wijzigingen")
    parsed = checked_yaml.check(_ChangesFile, data, path, CodebookError)
    date = parsed.date.isoformat() if parsed.date else ""
    return Changes(
        parsed.codebook,
        tuple(_change(entry, parsed.author, date) for entry in parsed.changes),
        tuple(
            f"{path}:{checked_yaml.line_of(data, ('changes', i))}"
            for i in range(len(parsed.changes))
        ),
    )


def parse(data: Mapping[str, Any]) -> Change:
    """Return the change that stands in `data`, in the form of one entry of CHANGES.yaml.

    Raises pydantic.ValidationError (a ValueError) where it is none.
    """
    return _change(_Entry.model_validate(data), "", "")


def dump(change: Change) -> dict[str, Any]:
    """Return a change in the form of one entry of CHANGES.yaml; `parse` is the way back."""
    plain = {f.name: getattr(change, f.name) for f in fields(change)}
    about = {name: plain.pop(name) for name in ("reason", "date", "author")}
    if isinstance(change, Merge):
        data = {"merge": list(plain.pop("codes")), **plain}
    elif isinstance(change, Split):
        data = {"split": change.code, "into": [_part(part) for part in change.into]}
    elif isinstance(change, Move):
        data = {"move": change.code, "to": change.parent, "id": change.id}
    elif isinstance(change, Add):
        part = _part(change.code, whole=True)
        data = {"add": part.pop("id"), **part, "after": change.after}
    else:
        data = {type(change).__name__.lower(): plain.pop("code"), **plain}
    kept = {"to"} | (set(TEXTS) if isinstance(change, Reword) else set()) | {"parent"}
    both = {**data, **about}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in both.items()
        if value is not None and (name in kept or value not in ("", (), []))
    }


def about(change: Change) -> dict[str, str]:
    """Return why, when and by whom."""
    return {"reason": change.reason, "date": change.date, "author": change.author}


def _part(part: Part, whole: bool = False) -> Any:
    if part == Part(id=part.id) and not whole:
        return part.id
    plain = {f.name: getattr(part, f.name) for f in fields(part)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in plain.items()
        if name == "id" or (value is not None and (name == "parent" or value not in ("", ())))
    }


def signed(change: Change, author: str, date: str) -> Change:
    """Return a change with author and day filled in where it names none."""
    return replace(change, author=change.author or author, date=change.date or date)


def checked(change: Change) -> Change:
    """Return a change that was put together from options, if it is whole.

    Raises CodebookError, in Dutch, for one that a file could not hold either.
    """
    try:
        _Entry.model_validate(dump(change))
    except ValidationError as fault:
        said = str(fault.errors()[0]["msg"]).removeprefix("Value error, ")
        raise CodebookError(
            f"deze wijziging is niet volledig: {said}",
            remedy="Kijk de opties na met --help.",
        ) from None
    return change
