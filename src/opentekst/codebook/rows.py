"""A codebook as rows of text cells, the form that Excel and CSV share.

A cell holds text as people type it. Lists stand one item a line. To lose nothing, a line
that begins with `\\` holds the rest of that line as it is (outer spaces, an empty item) and a
line that begins with `↳ ` goes on with the item above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from opentekst.codebook.codebook import Code, Codebook
from opentekst.codebook.incoming import (
    FIELDS,
    FORBIDDEN,
    LIST_FIELDS,
    STATUS,
    TEXT_FIELDS,
    Entry,
    Fault,
    Incoming,
    tree_faults,
)

COLUMNS = ("id", *FIELDS)
HEADS: Mapping[str, str] = {
    "id": "code-id",
    "label": "label",
    "parent": "bovenliggende code",
    "status": "status",
    "definition": "definitie",
    "include": "wel",
    "exclude": "niet",
    "keywords": "sleutelwoorden",
    "examples": "voorbeelden",
}
"""What stands above each column."""

TOP = "-"
"""The parent of a code that stands at the top although its id says otherwise."""

ON = "↳ "
RAW = "\\"
NEW_ID = re.compile(r"\w+(?:[.-]\w+)*")

Place = Callable[[int, str], str]
"""Says where a field of row i stands: ("Codes", cell) or (line, column)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: cells by field, and the id that it had when it was exported."""

    cells: Mapping[str, str]
    key: str = ""


def text_cell(text: str) -> str:
    """Return a text as a cell.

    >>> text_cell("Personeel"), text_cell(" ruim ")
    ('Personeel', '\\\\ ruim ')
    """
    return RAW + text if text != text.strip() or text.startswith(RAW) else text


def cell_text(cell: str) -> str:
    """Return the text of a cell: outer spaces go, unless a `\\` keeps them."""
    trimmed = cell.lstrip()
    return trimmed[1:] if trimmed.startswith(RAW) else cell.strip()


def list_cell(items: Iterable[str]) -> str:
    """Return a list as a cell, one item a line.

    >>> list_cell(["geld", "te weinig\\nmensen"])
    'geld\\nte weinig\\n↳ mensen'
    """
    return "\n".join(_item_lines(item) for item in items)


def _item_lines(item: str) -> str:
    first, *more = item.split("\n")
    plain = first and first == first.strip() and not first.startswith((RAW, ON.strip()))
    return "\n".join([first if plain else RAW + first, *(ON + line for line in more)])


def cell_list(cell: str) -> tuple[str, ...]:
    """Return the items of a cell; empty lines are no items."""
    items: list[str] = []
    for line in cell.split("\n"):
        if line.startswith(ON) and items:
            items[-1] += "\n" + line.removeprefix(ON)
        elif line.startswith(RAW):
            items.append(line.removeprefix(RAW))
        elif line.strip():
            items.append(line.strip())
    return tuple(items)


def to_cells(code: Code, book: Codebook) -> dict[str, str]:
    """Return a code as cells by field."""
    above = code.id.rpartition(".")[0]
    return {
        "id": code.id,
        "parent": code.parent or (TOP if above in book.by_id else ""),
        "status": STATUS[code.status],
        **{name: text_cell(getattr(code, name)) for name in TEXT_FIELDS},
        **{name: list_cell(getattr(code, name)) for name in LIST_FIELDS},
    }


def parse_rows(
    rows: Sequence[Row], columns: frozenset[str], place: Place, known: Codebook | None = None
) -> Incoming:
    """Read rows into codes; every bad cell is reported, none stops the others.

    `columns` are the fields that the file has. `known` is the codebook that the file is to
    be imported into: its ids may be there, and a new dotted id is a child of its prefix.
    """
    faults: list[Fault] = []
    entries: list[Entry] = []
    numbers: list[int] = []
    ids = {row.cells.get("id", "").strip() for row in rows}
    for i, row in enumerate(rows):
        if not any(cell.strip() for cell in row.cells.values()) and not row.key:
            continue
        reader = _RowReader(i, row, columns, place, known, frozenset(ids))
        entry = reader.entry()
        faults += reader.faults
        if entry is not None:
            entries.append(entry)
            numbers.append(i)
    elsewhere = frozenset(known.by_id) if known else frozenset()
    codes = [entry.code for entry in entries]
    faults += tree_faults(codes, lambda i, field: place(numbers[i], field), elsewhere)
    return Incoming(tuple(entries), tuple(faults))


@dataclass
class _RowReader:
    """Reads one row and gathers what is wrong with it."""

    number: int
    row: Row
    columns: frozenset[str]
    place: Place
    known: Codebook | None
    ids: frozenset[str]

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []

    def entry(self) -> Entry | None:
        """Return the row's code; None where its id is not to be trusted."""
        for field, cell in self.row.cells.items():
            if bad := FORBIDDEN.search(cell):
                self._fault(
                    field,
                    "in deze cel staat een onzichtbaar stuurteken",
                    f"U+{ord(bad[0]):04X}",
                    "Typ de tekst opnieuw, of plak hem zonder opmaak.",
                )
        code_id = self.row.cells.get("id", "").strip()
        if not self._good_id(code_id):
            return None
        values: dict[str, Any] = {"id": code_id, "parent": self._unsaid_parent(code_id)}
        # A row that ends before a column says nothing of it.
        fields = self.columns & self.row.cells.keys() - {"id"}
        for field in fields:
            values[field] = self._value(field, code_id)
        return Entry(Code(**values), fields)

    def _value(self, field: str, code_id: str) -> str | tuple[str, ...]:
        cell = self.row.cells.get(field, "")
        if field in LIST_FIELDS:
            return cell_list(cell)
        if field == "status":
            return self._status(cell.strip())
        if field == "parent":
            return self._parent(cell.strip(), code_id)
        if field == "label" and not cell.strip():
            self._fault(field, f"code '{code_id}' heeft geen label", "", "Geef de code een naam.")
        return cell_text(cell)

    def _parent(self, given: str, code_id: str) -> str:
        # In a row that was exported, an empty cell is one that somebody emptied.
        if given == TOP or (not given and self.row.key):
            return ""
        return given or self._prefix(code_id)

    def _unsaid_parent(self, code_id: str) -> str:
        """Return the parent that a code has where the file has no such column."""
        if self.known is not None and code_id in self.known.by_id:
            return self.known.by_id[code_id].parent
        return self._prefix(code_id)

    def _prefix(self, code_id: str) -> str:
        above = code_id.rpartition(".")[0]
        return above if above in self.ids or (self.known and above in self.known.by_id) else ""

    def _status(self, given: str) -> Literal["active", "retired"]:
        if given.casefold() in ("", "active", STATUS["active"]):
            return "active"
        if given.casefold() not in ("retired", STATUS["retired"]):
            self._fault(
                "status",
                "deze status bestaat niet",
                given,
                f"Kies uit de lijst: {' of '.join(STATUS.values())}.",
            )
        return "retired"

    def _good_id(self, code_id: str) -> bool:
        key = self.row.key
        if key and code_id != key:
            self._fault(
                "id",
                f"het id van code '{key}' is veranderd" if code_id else f"id '{key}' is gewist",
                code_id,
                f"Zet '{key}' terug. Een id veranderen doet u met: opentekst codebook rename.",
            )
            return False
        if not code_id:
            self._fault(
                "id",
                "deze rij heeft geen code-id",
                "",
                "Geef een nieuwe code een eigen id, zoals 'vervoer' of"
                " 'middelen.vervoer', of maak de rij leeg.",
            )
            return False
        given = self.known is not None and code_id in self.known.by_id
        if not key and not given and not NEW_ID.fullmatch(code_id):
            self._fault(
                "id",
                "een id bestaat uit letters, cijfers en _, met punten tussen de niveaus",
                code_id,
                "Laat spaties en andere tekens weg, bijvoorbeeld 'middelen.vervoer'.",
            )
            return False
        return True

    def _fault(self, field: str, problem: str, found: str, remedy: str) -> None:
        short = found if len(found) <= 60 else found[:57] + "…"
        self.faults.append(Fault(self.place(self.number, field), problem, short, remedy))


def columns_of(heads: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return field → column number for a row of heads, and the heads that mean nothing.

    Dutch heads and the names of the YAML fields are both understood.
    """
    names = {head.casefold(): field for field, head in HEADS.items()}
    names |= {field: field for field in COLUMNS}
    found: dict[str, int] = {}
    unknown = []
    for number, head in enumerate(heads):
        field = names.get(head.strip().casefold())
        if field is not None and field not in found:
            found[field] = number
        elif head.strip():
            unknown.append(head.strip())
    return found, unknown
