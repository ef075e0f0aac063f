"""Tables as they were printed: what any file holds once it is read, before it is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

WHOLE = "totaal"
"""The only group of a table without groups."""
NOT_ASKED = {"/", "-", "–", "—", "", "n.v.t.", "nvt"}

CAPTION = re.compile(
    r"\s*(?i:tabel|table)\s+([0-9]+[a-z]?(?:[.\-][0-9]+)*)(?:\s*[.:–-]\s*(\S.*)|\s+([A-Z“\"].*)|\s*$)"
)
_BASE = re.compile(r"\(\s*[nN]\s*=\s*([0-9][0-9. ]*)\s*\)")
_WHOLE = re.compile(r"[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+|[0-9]+")
_PERCENT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*%?")


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One printed cell; `n` and `percent` are both None where it was not asked.

    `base` is the base printed for this very cell, in its row or at the head of its column.
    `percent` keeps the decimals that were printed.
    """

    group: str
    category: str
    n: int | None
    percent: Decimal | None
    base: int | None = None


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A printed table; `base` is the N of its caption, `place` where in the file it stands."""

    number: str
    title: str
    base: int | None
    cells: tuple[PrintedCell, ...]
    place: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of columns in printed order."""
        return tuple(dict.fromkeys(cell.group for cell in self.cells))

    @property
    def categories(self) -> tuple[str, ...]:
        """The row labels in printed order."""
        return tuple(dict.fromkeys(cell.category for cell in self.cells))

    @property
    def name(self) -> str:
        """What people call it."""
        return f"tabel {self.number}" if self.number else f"tabel zonder nummer ({self.place})"

    def column(self, group: str) -> tuple[PrintedCell, ...]:
        """The filled cells of one group."""
        filled = (c for c in self.cells if c.n is not None or c.percent is not None)
        return tuple(cell for cell in filled if cell.group == group)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds: its tables, the running text beside them, and what was left out."""

    tables: tuple[PrintedTable, ...]
    prose: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def whole_number(text: str) -> int | None:
    """Read a whole number as printed, with or without separators of thousands.

    >>> whole_number("1.204"), whole_number("16,3"), whole_number("12a")
    (1204, None, None)
    """
    text = text.strip()
    return int(re.sub(r"[^0-9]", "", text)) if _WHOLE.fullmatch(text) else None


def percentage_of(text: str) -> Decimal | None:
    """Read a percentage as printed, keeping its decimals; None where it is none.

    >>> percentage_of("15,0"), percentage_of("47.2 %"), percentage_of("ca. 5")
    (Decimal('15.0'), Decimal('47.2'), None)
    """
    match = _PERCENT.fullmatch(text.strip())
    try:
        return Decimal(match[1].replace(",", ".")) if match else None
    except InvalidOperation:  # pragma: no cover - the pattern admits only numbers
        return None


def caption_of(text: str) -> tuple[str, str, int | None] | None:
    """Read a caption: its number, title and base; None where a text is no caption.

    >>> caption_of("Tabel 3. Kadering (N=232).")
    ('3', 'Kadering', 232)
    >>> caption_of("Tabel 3 toont de kadering.")
    """
    found = CAPTION.match(text)
    if not found:
        return None
    return (found[1], *base_in(found[2] or found[3] or ""))


def base_in(text: str) -> tuple[str, int | None]:
    """Take "(N=233)" out of a caption or label: the text without it, and the base.

    >>> base_in("Startperiode (N=233).")
    ('Startperiode', 233)
    """
    found = _BASE.search(text)
    bare = re.sub(r"\s+", " ", _BASE.sub(" ", text)).strip()
    bare = re.sub(r"\s+([.,;:])", r"\1", bare)
    return bare.rstrip(".").strip(), whole_number(found[1]) if found else None


def joined(lines: Sequence[str]) -> str:
    """Join the lines over which a text was wrapped; a word broken at its end becomes whole.

    >>> joined(["Volwassenen (18-", "25 jaar)"]), joined(["een-", "zaamheid"])
    ('Volwassenen (18-25 jaar)', 'eenzaamheid')
    """
    text = ""
    for line in (line.strip() for line in lines):
        if text.endswith("-") and line[:1].islower() and text[-2:-1].isalpha():
            text = text[:-1] + line
        elif text.endswith(("-", "/")) and text[-2:-1].strip():
            text += line
        else:
            text = f"{text} {line}".strip()
    return text


def merged(tables: Sequence[PrintedTable]) -> Iterator[PrintedTable]:
    """Put the parts of a table that goes on over a page (the same number) together."""
    by_key: dict[str, list[PrintedTable]] = {}
    for at, table in enumerate(tables):
        by_key.setdefault(table.number or f"#{at}", []).append(table)
    for parts in by_key.values():
        first = parts[0]
        cells = tuple(cell for part in parts for cell in part.cells)
        yield PrintedTable(first.number, first.title, first.base, cells, first.place)
