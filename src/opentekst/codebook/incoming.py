"""What comes back from a file that people or other programs edited: codes, faults, remarks.

Every format (Excel, CSV, REFI-QDA) is read into the same `Incoming`, which is then compared
with the codebook that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opentekst.codebook.codebook import Code
from opentekst.model import CodebookRef

FIELDS = (
    "label",
    "parent",
    "status",
    "definition",
    "include",
    "exclude",
    "keywords",
    "examples",
)
"""Everything of a code but its id, in the order in which people read it."""

TEXT_FIELDS = ("label", "definition")
LIST_FIELDS = ("include", "exclude", "keywords", "examples")
STATUS = {"active": "actief", "retired": "vervallen"}

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither XML 1.0 nor Excel can hold (XML 1.0, production 2)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a file that a person must mend before it can be read."""

    place: str
    problem: str
    found: str = ""
    remedy: str = ""
    code: str = ""

    def text(self) -> str:
        """Return place, problem, found value and remedy as one readable text."""
        found = f" (gevonden: {self.found})" if self.found else ""
        return f"{self.place}: {self.problem}{found}\n  Wat u kunt doen: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code as a file gives it; only `fields` are in the file, the others say nothing."""

    code: Code
    fields: frozenset[str] = frozenset(FIELDS)


@dataclass(frozen=True, slots=True)
class Incoming:
    """All that a file says: entries in its order, what is wrong in it, and remarks in Dutch.

    `base` is the version that the file was exported from, where it says so.
    """

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()
    base: CodebookRef | None = None

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes of all entries."""
        return tuple(entry.code for entry in self.entries)


def stamp(ref: CodebookRef) -> str:
    """Return a mark for an exported file that says which version it holds."""
    return f"opentekst|{ref.id}|{ref.version}|{ref.fingerprint}"


def read_stamp(text: str) -> CodebookRef | None:
    """Read what `stamp` wrote; None for any other text."""
    parts = text.split("|")
    if len(parts) != 4 or parts[0] != "opentekst" or not parts[2].isdigit():
        return None
    return CodebookRef(parts[1], int(parts[2]), parts[3])


def tree_faults(
    codes: Sequence[Code], place: Callable[[int, str], str], elsewhere: frozenset[str] = frozenset()
) -> list[Fault]:
    """Return duplicate ids, parents that do not exist and circles of parents.

    `place` says where field `name` of code number i stands; `elsewhere` are ids that exist
    outside this file.
    """
    faults = []
    first: dict[str, int] = {}
    for i, code in enumerate(codes):
        if code.id in first:
            faults.append(
                Fault(
                    place(i, "id"),
                    f"deze code staat er al ({place(first[code.id], 'id')})",
                    code.id,
                    "Geef een van beide een ander id, of verwijder de dubbele.",
                    code.id,
                )
            )
        first.setdefault(code.id, i)
    parents = {code.id: code.parent for code in codes}
    for i, code in enumerate(codes):
        if code.parent and code.parent not in parents and code.parent not in elsewhere:
            faults.append(
                Fault(
                    place(i, "parent"),
                    f"code '{code.id}' hangt onder een code die niet bestaat",
                    code.parent,
                    "Kies een bestaande code-id, of laat leeg voor het hoogste niveau.",
                    code.id,
                )
            )
    return faults + _circles(codes, parents, place)


def _circles(
    codes: Sequence[Code], parents: dict[str, str], place: Callable[[int, str], str]
) -> list[Fault]:
    """Report each circle once, at the first of its codes in the file."""
    faults = []
    done: set[str] = set()
    for i, code in enumerate(codes):
        chain = [code.id]
        while (parent := parents.get(chain[-1], "")) and parent not in chain:
            chain.append(parent)
        if parent == code.id and code.id not in done:
            done.update(chain)
            faults.append(
                Fault(
                    place(i, "parent"),
                    "codes hangen in een kring onder elkaar",
                    " > ".join([*chain, parent]),
                    "Verbeter de bovenliggende code van een van deze codes.",
                    code.id,
                )
            )
    return faults
