"""What a column of an export is: a closed question, free text, part of a group, or neither."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from opentekst.survey.export import Export
from opentekst.survey.merge import UNTICKED
from opentekst.survey.respondents import clean_choice
from opentekst.survey.scales import in_order

Kind = Literal["single", "open", "number", "date", "private", "place", "empty"]

MAX_VALUES = 20
MAX_SCALE = 11
MAX_LENGTH = 100
"""A single answer has at most so many values, a scale so many points, a value so many signs."""

# "Nee" is the answer to a question; the others only say that a box was left empty.
_BLANK = UNTICKED - {"nee", "no"}
_TICK = {"x", "ja", "yes", "true", "waar", "on", "selected", "checked", "aangeduid"}
_NUMBERED = re.compile(r"^(.+)_(\d+)$")
_SUFFIX = re.compile(r"\s+-\s+(selected choice|geselecteerde keuze|text|tekst)\s*$", re.IGNORECASE)
_SELECTED = re.compile(r"\s+-\s+(selected choice|geselecteerde keuze)(?=\s+-\s)", re.IGNORECASE)
_PRIVATE = re.compile(
    r"^((uw |je )?(e-?mail\w*|e-?mailadres|(voor|achter|familie)?naam|telefoon\w*|gsm\w*)"
    r"|wat is (uw|je|jouw) (e-?mail\w*|naam|telefoonnummer|gsm-?nummer))\W*$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"^(gemeente|stad|gemeentenaam|naam van (de|uw) (gemeente|stad).*)$", re.I)


@dataclass(frozen=True)
class Column:
    """One column: its question text, its filled cells (cleaned) and its SPSS labels if any."""

    name: str
    text: str
    cells: tuple[str, ...]
    listed: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Value → how often, the most frequent first; upper and lower case are one."""
        spelled: dict[str, str] = {}
        for cell in self.cells:
            spelled.setdefault(cell.casefold(), cell)
        return dict(Counter(spelled[cell.casefold()] for cell in self.cells).most_common())

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The values that occur or are listed: listed first, then by frequency."""
        known = {value.casefold() for value in self.listed}
        return (*self.listed, *(v for v in self.counts if v.casefold() not in known))

    @property
    def ticks(self) -> tuple[str, ...]:
        """The values that are not just an empty box."""
        return tuple(value for value in self.values if value.casefold() not in _BLANK)

    @property
    def said(self) -> bool:
        """Whether the export says what was asked, beside the name or in it."""
        return self.text != self.name or " " in self.name


@dataclass(frozen=True)
class Group:
    """Columns name_1, name_2 … of one question; `stem` is its text, `labels` those of the boxes."""

    name: str
    kind: Literal["multiple", "matrix"]
    stem: str
    columns: tuple[Column, ...]
    labels: tuple[str, ...]

    def numbered(self, number: str) -> int | None:
        """Return the place of the column with this number in its name, if there is one."""
        names = [column.name for column in self.columns]
        name = f"{self.name}_{number}"
        return names.index(name) if name in names else None


def columns_of(export: Export) -> dict[str, Column]:
    """Return the columns of an export by name; texts without HTML and Qualtrics' additions."""
    return {
        name: Column(
            name,
            _asked(export.texts.get(name, name)) or name,
            tuple(cell for value in export.frame[name] if (cell := clean_choice(str(value)))),
            tuple(clean_choice(value) for value in export.listed.get(name, ())),
        )
        for name in export.frame.columns
        if name
    }


def kind_of(column: Column) -> Kind:
    """Return what a column that stands alone holds."""
    total, distinct = len(column.cells), len(column.counts)
    if not total:
        return "empty"
    if _PRIVATE.match(column.name) or _PRIVATE.match(column.text) or _share(column, r"\S+@\S+\.\w"):
        return "private"
    if _PLACE.match(column.name) or _PLACE.match(column.text):
        return "place"
    if len(column.listed) > 1 and len(column.values) <= 3 * MAX_VALUES:
        return "single"
    if _share(column, r"\d{4}-\d\d-\d\d|\d{1,2}[/-]\d{1,2}[/-]\d{4}"):
        return "date"
    number = _share(column, r"-?\d+([.,]\d+)?$", 1.0)
    once = sum(count == 1 for count in column.counts.values())
    longest = max(map(len, column.counts))
    closed = (
        distinct <= (MAX_SCALE if number else MAX_VALUES)
        and total >= 2 * distinct
        and (once <= distinct / 2 or number or (distinct <= 4 and longest <= 30))
        and longest <= MAX_LENGTH
        and all(re.search(r"\w", value) for value in column.counts)  # "-" is typed, not chosen
    )
    if closed or in_order(tuple(column.counts))[1] == "scale":
        return "single"
    return "number" if number else "open"


def groups_in(columns: Iterable[Column]) -> list[Group]:
    """Return the multiple-answer questions and matrices among the columns."""
    by_name: dict[str, list[Column]] = {}
    for column in columns:
        if match := _NUMBERED.match(column.name):
            by_name.setdefault(match[1], []).append(column)
    found = []
    for name, members in by_name.items():
        stem, labels = split_texts(members)
        kind = _group_kind(members, stem, labels)
        if kind:
            found.append(Group(name, kind, stem or name, tuple(members), tuple(labels)))
    return found


def split_texts(columns: Sequence[Column]) -> tuple[str, list[str]]:
    """Return what the texts of a group share, and what each adds: "question - choice".

    Where they share nothing, the first is empty.
    """
    texts = [column.text for column in columns]
    shared = texts[0] if len(texts) == 1 else _beginning(texts)
    cut = max((shared.rfind(mark) + len(mark), mark) for mark in (" - ", " – ", ": ", "? "))
    if cut[0] <= len(cut[1]):
        return "", [_label(column, column.text) for column in columns]
    stem = texts[0][: cut[0]].strip().removesuffix("-").removesuffix("–").strip()
    return stem, [_label(c, text[cut[0] :]) for c, text in zip(columns, texts, strict=True)]


def _beginning(texts: Sequence[str]) -> str:
    low, high = min(texts), max(texts)
    return next((low[:i] for i, sign in enumerate(low) if high[i : i + 1] != sign), low)


def _label(column: Column, text: str) -> str:
    """Return a box's label: its part of the question text, else what a ticked cell says."""
    text = text.strip()
    if text and text != column.name:
        return text
    tick = column.ticks[0] if len(column.ticks) == 1 else ""
    return tick if tick and not tick.isdigit() and tick.casefold() not in _TICK else column.name


def _group_kind(
    columns: Sequence[Column], stem: str, labels: Sequence[str]
) -> Literal["multiple", "matrix"] | None:
    if not any(column.cells for column in columns):
        return None
    if all(len(column.ticks) <= 1 for column in columns) and _boxes(columns, labels):
        return "multiple"
    return "matrix" if _is_matrix(columns, stem) else None


def _boxes(columns: Sequence[Column], labels: Sequence[str]) -> bool:
    """Tell whether the one value of each column is a tick rather than an answer."""
    ticked = [(c.ticks[0], label) for c, label in zip(columns, labels, strict=True) if c.ticks]
    own = [value.casefold() == label.casefold() for value, label in ticked]
    if len(columns) == 1:
        return all(own)
    plain = [value.isdigit() or value.casefold() in _TICK for value, _ in ticked]
    if all(mine or mark for mine, mark in zip(own, plain, strict=True)):
        return bool(ticked)
    different = {value.casefold() for value, _ in ticked}
    repeated = any(len(column.cells) > 1 for column in columns)
    return len(different) == len(ticked) > 1 and repeated


def _is_matrix(columns: Sequence[Column], stem: str) -> bool:
    filled = [column for column in columns if column.values]
    if len(filled) < 2:
        return False
    sets = [{value.casefold() for value in column.values} for column in filled]
    union = set().union(*sets)
    if len(union) > MAX_SCALE or max(map(len, union)) > MAX_LENGTH:
        return False
    if all(column.listed for column in filled):
        return len({column.listed for column in filled}) == 1
    if not stem and any(column.said for column in columns):
        return False
    alike = all(
        own & set().union(*(other for j, other in enumerate(sets) if j != i))
        for i, own in enumerate(sets)
    )
    return alike and sum(len(column.cells) for column in filled) >= 2 * len(union)


def _asked(text: str) -> str:
    plain = re.sub(r"</?(b|i|u|em|strong|span|font)\b[^>]*>", "", html.unescape(text))
    plain = re.sub(r"<[^>]+>", " ", plain).replace("\xa0", " ")
    plain = re.sub(r"\s+", " ", plain).strip()
    return _SELECTED.sub("", _SUFFIX.sub("", plain)).strip()


def _share(column: Column, pattern: str, least: float = 0.8) -> bool:
    """Tell whether at least this share of the filled cells begins with the pattern."""
    hits = sum(bool(re.match(pattern, cell)) for cell in column.cells)
    return hits >= least * len(column.cells)
