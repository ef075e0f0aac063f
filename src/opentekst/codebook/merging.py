"""What an incoming file would change in a codebook, and the codebook with those changes.

Nothing is ever removed by a file: a code that the file lacks stays as it is, and the order of
the codebook stays. New codes stand behind the last code of their branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from opentekst.codebook.codebook import Code, Codebook
from opentekst.codebook.incoming import FIELDS, STATUS, Entry, Fault
from opentekst.codebook.rows import HEADS
from opentekst.errors import CodebookError


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference: a new code, or one field of a code that is there already."""

    kind: Literal["new", "label", "text", "moved", "status"]
    code: str
    field: str = ""
    before: str | tuple[str, ...] = ""
    after: str | tuple[str, ...] = ""

    def text(self) -> str:
        """Say it in Dutch, in one line (more where items of a list come or go)."""
        if self.kind == "new":
            return f"{self.code}: nieuwe code"
        if self.kind == "moved":
            return (
                f"{self.code}: verhuist van {self.before or '(hoogste niveau)'}"
                f" naar {self.after or '(hoogste niveau)'}"
            )
        if self.kind == "status":
            return f"{self.code}: wordt {STATUS[str(self.after)]}"
        name = HEADS[self.field]
        if isinstance(self.before, tuple) and isinstance(self.after, tuple):
            gone = [f"  - {_short(item)}" for item in self.before if item not in self.after]
            come = [f"  + {_short(item)}" for item in self.after if item not in self.before]
            how = "" if gone or come else " (andere volgorde of dubbele)"
            return "\n".join([f"{self.code}: {name}{how}", *gone, *come])
        if not self.before:
            return f"{self.code}: {name} → {_short(self.after)}"
        return f"{self.code}: {name}: {_short(self.before)} → {_short(self.after) or '(leeg)'}"


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 90 else text[:87] + "…"


def edits(book: Codebook, entries: Sequence[Entry]) -> tuple[Edit, ...]:
    """Return what `entries` would change, in the order of the file."""
    found: list[Edit] = []
    for entry in entries:
        old = book.by_id.get(entry.code.id)
        if old is None:
            found.append(Edit("new", entry.code.id))
            continue
        for field in FIELDS:
            before, after = getattr(old, field), getattr(entry.code, field)
            if field in entry.fields and before != after:
                found.append(Edit(_kind(field), old.id, field, before, after))
    return tuple(found)


def _kind(field: str) -> Literal["label", "text", "moved", "status"]:
    if field == "parent":
        return "moved"
    return "status" if field == "status" else "label" if field == "label" else "text"


def rebased(
    base: Codebook, book: Codebook, entries: Sequence[Entry]
) -> tuple[tuple[Entry, ...], tuple[Fault, ...]]:
    """Return only what a file changed since it was exported from `base`, and what clashes.

    So that an older file does not undo what was done to the codebook since. It clashes where
    both changed the same field in different ways, or where a code that the file changed is
    no longer in the codebook.
    """
    kept: list[Entry] = []
    clashes: list[Fault] = []
    for entry in entries:
        old, now = base.by_id.get(entry.code.id), book.by_id.get(entry.code.id)
        if old is None:
            kept.append(entry)
            continue
        mine = [f for f in FIELDS if f in entry.fields and _differs(entry.code, old, f)]
        if now is None:
            if mine:
                clashes.append(
                    Fault(
                        f"code {old.id}",
                        f"deze code is intussen uit het codeboek verdwenen (versie {book.version})",
                        ", ".join(HEADS[field] for field in mine),
                        "Neem de wijziging over bij de code die nu geldt.",
                        old.id,
                    )
                )
            continue
        clashes += [
            Fault(
                f"code {old.id}, {HEADS[field]}",
                "hier veranderde intussen ook iemand anders iets",
                f"het codeboek zegt nu: {_short(_said(getattr(now, field)))}",
                "Exporteer het codeboek opnieuw en breng uw wijziging daarin aan.",
                old.id,
            )
            for field in mine
            if _differs(now, old, field) and _differs(now, entry.code, field)
        ]
        kept.append(Entry(entry.code, frozenset(mine)))
    return tuple(kept), tuple(clashes)


def _differs(one: Code, other: Code, field: str) -> bool:
    return bool(getattr(one, field) != getattr(other, field))


def _said(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "; ".join(value)


def absent(book: Codebook, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the ids of the codes that the file does not have; they stay as they are."""
    given = {entry.code.id for entry in entries}
    return tuple(code.id for code in book.codes if code.id not in given)


def merged(book: Codebook, entries: Sequence[Entry]) -> Codebook:
    """Return the codebook with the entries taken in, one version up where anything changed.

    Entries come without faults (see `Incoming.faults`). Raises CodebookError where they and
    the codes that the file lacks together make a circle of parents.
    """
    if not edits(book, entries):
        return book
    by_id = {entry.code.id: entry for entry in entries}
    codes = [_taken_in(code, by_id.get(code.id)) for code in book.codes]
    waiting = [entry.code for entry in entries if entry.code.id not in book.by_id]
    if ring := _circle([*codes, *waiting]):
        raise CodebookError(
            "met dit bestand zouden codes in een kring onder elkaar hangen",
            found=" > ".join([*ring, ring[0]]),
            remedy="Verbeter de bovenliggende code van een van deze codes.",
        )
    while waiting:
        here = {code.id for code in codes}
        code = next(c for c in waiting if c.parent in here or not c.parent)
        waiting.remove(code)
        codes.insert(_behind(codes, code.parent), code)
    return Codebook(book.id, book.version + 1, book.title, tuple(codes))


def _taken_in(code: Code, entry: Entry | None) -> Code:
    if entry is None:
        return code
    return replace(code, **{field: getattr(entry.code, field) for field in entry.fields})


def _behind(codes: Sequence[Code], parent: str) -> int:
    """Return the place just behind the last code of a branch (of all, without a parent)."""
    if not parent:
        return len(codes)
    parents = {code.id: code.parent for code in codes}
    last = 0
    for i, code in enumerate(codes):
        above = code.id
        while above and above != parent:
            above = parents[above]
        if above == parent:
            last = i + 1
    return last


def _circle(codes: Sequence[Code]) -> tuple[str, ...]:
    """Return the ids of a circle of parents among all codes, empty where there is none."""
    parents = {code.id: code.parent for code in codes}
    for start in parents:
        chain = [start]
        while (parent := parents.get(chain[-1], "")) and parent not in chain:
            chain.append(parent)
        if parent == start:
            return tuple(chain)
    return ()
