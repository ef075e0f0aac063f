"""Codes that study.yaml names: boxes to tick, "andere" and rows of tables follow a change.

As in a codebook, only what changes is written: each id is replaced where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from opentekst.codebook.applying import Fates
from opentekst.errors import StudyError
from opentekst.study import Study

_BARE = re.compile(r"[^,\[\]{}#\s]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A place in study.yaml that names a code: `line` and `column` count from 0.

    `role` is "box", "other" or "row"; `table` is a row's table.
    """

    code: str
    role: str
    line: int
    column: int
    table: str = ""


def named(study: Study, codebook: str) -> list[Named]:
    """Return every place in study.yaml that names a code of the codebook, top to bottom."""
    data = YAML(typ="rt").load((study.root / "study.yaml").read_text("utf-8-sig"))
    mine = {q.id for q in study.file.questions if q.codebook == codebook}
    return sorted(
        [*_boxes(data, mine), *_rows(data, mine)], key=lambda place: (place.line, place.column)
    )


def tables(study: Study, codebook: str) -> tuple[str, ...]:
    """Return the numbers of the tables that count a question of the codebook."""
    mine = {q.id for q in study.file.questions if q.codebook == codebook}
    return tuple(
        table.number
        for table in study.file.tables
        if any(name in mine for group in table.columns for name in group.sources)
    )


Hunk = tuple[int, list[str], list[str]]
"""The first line (from 0), the lines that were there, the lines in their place."""


def hunks(before: str, after: str) -> list[Hunk]:
    """Return what differs between two texts, line by line."""
    old, new = before.split("\n"), after.split("\n")
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(i, old[i:j], new[k:m]) for tag, i, j, k, m in codes if tag != "equal"]


def put_back(text: str, made: Sequence[Hunk], path: Path) -> str:
    """Return a text with hunks undone, each where it stands now, nearest to where it stood.

    Raises StudyError where somebody has since changed those lines.
    """
    lines = text.split("\n")
    for start, old, new in made:
        here = [i for i in range(len(lines)) if lines[i : i + len(new)] == new]
        if not here or not new:
            raise StudyError(
                "study.yaml is sinds die wijziging met de hand veranderd",
                place=f"{path}:{start + 1}",
                remedy="Zet deze regel terug zoals ze na de wijziging was, of verander de codes"
                " in study.yaml en het codeboek met een nieuwe wijziging.",
            )
        at = min(here, key=lambda i: abs(i - start))
        lines[at : at + len(new)] = old
    return "\n".join(lines)


def followed(study: Study, codebook: str, fates: Fates) -> str:
    """Return study.yaml with the codes that changed.

    Raises StudyError, with every line, where a box or an "andere" cannot follow: a split
    box would not know which part was ticked.
    """
    path = study.root / "study.yaml"
    text = path.read_bytes().decode("utf-8")
    changed = [place for place in named(study, codebook) if place.code in fates]
    _refuse(path, [p for p in changed if p.role != "row" and len(fates[p.code]) != 1])
    shared = _sources(fates)
    others = [p for p in changed if p.role == "other"]
    _refuse(path, [p for p in others if len(shared[fates[p.code][0]]) > 1])
    if not changed:
        return text
    lines = text.split("\n")
    seen = _already(study, codebook, fates)
    # From the end, so that a change does not move the places before it.
    for place in reversed(changed):
        became = [code for code in fates[place.code] if code]
        if place.role == "row":
            became = [c for c in became if not _earlier(place, c, changed, fates, seen)]
        _replace(lines, place, became)
    return "\n".join(lines)


def _boxes(data: Any, mine: set[str]) -> Iterator[Named]:
    for question in data["questions"]:
        if str(question["id"]) not in mine:
            continue
        for choice in question.get("choices") or ():
            yield Named(str(choice["code"]), "box", *choice.lc.value("code"))
        other = question.get("other")
        if other:
            yield Named(str(other["choice"]), "other", *other.lc.value("choice"))


def _rows(data: Any, mine: set[str]) -> Iterator[Named]:
    for table in data.get("tables") or ():
        number = str(table["number"])
        groups = table.get("groups") or ()
        counted = [*groups, table]
        for part in counted:
            asked = {str(part.get("question"))} | {str(q) for q in part.get("questions") or ()}
            inside = part is table and any(
                str(q) in mine
                for group in groups
                for q in (group.get("question"), *(group.get("questions") or ()))
            )
            if inside or asked & mine:
                rows: Any = part.get("rows") or ()
                for index, row in enumerate(rows):
                    line, column = rows.lc.item(index)
                    yield Named(str(row), "row", line, column, number)


def _refuse(path: Path, places: list[Named]) -> None:
    if places:
        raise StudyError(
            "deze codes zijn vakjes uit de vragenlijst en kunnen deze wijziging niet volgen",
            place=f"{path}:{places[0].line + 1}",
            found=", ".join(f"{p.code} (regel {p.line + 1})" for p in places),
            remedy="Een aangekruist vakje kan niet gesplitst worden, en 'andere' niet samengevoegd:"
            " voeg in plaats daarvan codes toe (codebook add) en laat het vakje zoals het is.",
        )


def _sources(fates: Fates) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for old, became in fates.items():
        for new in became:
            found.setdefault(new, set()).add(old)
    return found


def _already(study: Study, codebook: str, fates: Fates) -> Mapping[tuple[str, str], Named]:
    """Return the rows that a table has already, unchanged, by table and code."""
    return {
        (place.table, place.code): place
        for place in named(study, codebook)
        if place.role == "row" and place.code not in fates
    }


def _earlier(
    place: Named,
    code: str,
    changed: list[Named],
    fates: Fates,
    seen: Mapping[tuple[str, str], Named],
) -> bool:
    """Tell whether a table has the row `code` already, or will have it from an earlier place."""
    if (place.table, code) in seen:
        return True
    return any(
        other.table == place.table
        and other.role == "row"
        and (other.line, other.column) < (place.line, place.column)
        and code in fates[other.code]
        for other in changed
    )


def _replace(lines: list[str], place: Named, became: list[str]) -> None:
    line = lines[place.line]
    before, rest = line[: place.column], line[place.column :]
    quote = rest[0] if rest[0] in "\"'" else ""
    if quote:
        token = rest[: rest.index(quote, 1) + 1]
    else:
        bare = _BARE.match(rest)
        token = bare.group() if bare else rest
    after = rest[len(token) :]
    written = [f"{quote}{code}{quote}" for code in became]
    if not re.fullmatch(r"\s*- *", before):
        lines[place.line] = _within(before, written, after)
    elif written:
        lines[place.line : place.line + 1] = [before + code + after for code in written]
    else:
        del lines[place.line]


def _within(before: str, written: list[str], after: str) -> str:
    """Return a line with an entry of a list between brackets (or a value) replaced."""
    if written:
        return before + ", ".join(written) + after
    if follows := re.match(r"\s*,\s*", after):
        return before + after[follows.end() :]
    return re.sub(r"\s*,\s*$", "", before) + after
