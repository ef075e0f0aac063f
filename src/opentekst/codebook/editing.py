"""A hand-edited codebook file brought to another content, touching only what differs.

ruamel reads the file and says on which line each part stands; only the lines of a part
that changes are written anew. All other lines stay byte for byte, so comments, order,
quotes and blank lines survive.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    ScalarString,
)

from opentekst.codebook.codebook import Code, Codebook
from opentekst.errors import CodebookError

_ORDER = (
    "id",
    "label",
    "parent",
    "definition",
    "include",
    "exclude",
    "keywords",
    "examples",
    "status",
)
_PLAIN = frozenset({"id", "parent", "status"})

Edit = tuple[int, int, list[str]]
"""Lines [start, end) and what comes in their place."""


def edit(text: str, target: Codebook, renamed: Mapping[str, str] | None = None) -> str:
    """Return a codebook's YAML changed so that it reads as `target`.

    `renamed` maps ids in `text` to their new ones, so that a code with another id stays in
    its place. Raises CodebookError where the file is written in a way that cannot be
    changed line by line: codes between braces, or in another order than in `target`.
    """
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    data = yaml.load("\n".join(lines))
    page = _Page(lines, data)
    edits = _in_order(page.head(target) + page.codes(target, renamed or {}))
    for start, end, new in sorted(edits, key=lambda one: one[:2], reverse=True):
        lines[start:end] = new
    result = bom + newline.join(lines)
    if Codebook.parse(result).codes != target.codes:
        raise CodebookError(
            "dit bestand is zo geschreven dat opentekst het niet regel voor regel kan aanpassen",
            remedy="Schrijf elk veld op een eigen regel, de codes in dezelfde volgorde als eerst.",
        )
    return result


def whole(book: Codebook) -> str:
    """Return a whole codebook as YAML, for a file that does not exist yet."""
    title = DoubleQuotedScalarString(book.title)
    head = _dumped({"codebook": book.id, "version": book.version, "title": title})
    body = [line for code in book.codes for line in _entry(code, "  ")]
    return "\n".join([*head, "codes:" if body else "codes: []", *body, ""])


class _Page:
    """The lines of a codebook file and where its parts stand."""

    def __init__(self, lines: list[str], data: Any) -> None:
        self.lines = lines
        self.data = data
        self.seq = data["codes"]
        if self.seq.fa.flow_style() or any(entry.fa.flow_style() for entry in self.seq):
            raise CodebookError(
                "dit codeboek heeft codes tussen accolades of rechte haken",
                remedy="Schrijf elke code op eigen regels ('- id: …'), en probeer opnieuw.",
            )
        # ruamel's own position of an item is that of its first key, past the dash.
        self.dash = [self.lines[self.seq.lc.item(i)[0]].index("-") for i in range(len(self.seq))]
        self.starts = [self.seq.lc.item(i)[0] for i in range(len(self.seq))]
        after = [
            data.lc.key(key)[0] for key in data if data.lc.key(key)[0] > data.lc.key("codes")[0]
        ]
        last = min(after, default=len(lines))
        self.ends = [
            self.trim(s, e) for s, e in zip(self.starts, [*self.starts[1:], last], strict=True)
        ]

    def trim(self, start: int, end: int) -> int:
        """Return `end` without the blank and comment lines before it: they belong below."""
        while end > start + 1 and self.lines[end - 1].strip()[:1] in ("", "#"):
            end -= 1
        return end

    def head(self, target: Codebook) -> list[Edit]:
        """Change version and title."""
        edits = []
        for key, value in (("version", target.version), ("title", target.title)):
            if self.data[key] != value:
                start = self.data.lc.key(key)[0]
                edits.append(
                    self.scalar(self.data, key, value, start, "", self.span(self.data, key))
                )
        return edits

    def span(self, mapping: Any, key: str, end: int | None = None) -> int:
        """Return the line behind the value of `key`."""
        start = mapping.lc.key(key)[0]
        below = [mapping.lc.key(k)[0] for k in mapping if mapping.lc.key(k)[0] > start]
        return self.trim(start, min(below, default=len(self.lines) if end is None else end))

    def codes(self, target: Codebook, renamed: Mapping[str, str]) -> list[Edit]:
        """Change, add and remove codes."""
        here = {renamed.get(str(e["id"]), str(e["id"])): i for i, e in enumerate(self.seq)}
        edits: list[Edit] = []
        at = self.starts[0] if self.starts else len(self.lines)
        indent = " " * (self.dash[0] if self.dash else 2)
        new: dict[int, list[str]] = {}
        for code in target.codes:
            if code.id in here:
                index = here.pop(code.id)
                edits += self.code(index, code)
                at = self.ends[index]
            else:
                new.setdefault(at, []).extend(_entry(code, indent))
        edits += [(self.starts[i], self.ends[i], []) for i in here.values()]
        return edits + [(line, line, block) for line, block in new.items()]

    def code(self, index: int, code: Code) -> list[Edit]:
        """Change the fields of one code that differ."""
        entry, end = self.seq[index], self.ends[index]
        margin = " " * entry.lc.key("id")[1]
        edits: list[Edit] = []
        behind = self.span(entry, "id", end)
        for name, value in _fields(code).items():
            present = name in entry
            if present:
                stop = self.span(entry, name, end)
            if present and _same(entry[name], code.parent if name == "parent" else value):
                behind = max(behind, stop)
            elif present and value is None:
                edits.append(self.removed(entry, name, stop))
            elif not present and value is not None:
                edits.append((behind, behind, _field(name, value, margin)))
            elif present:
                edits += self.changed(entry, name, value, margin, stop)
                behind = max(behind, stop)
        return edits

    def removed(self, entry: Any, name: str, stop: int) -> Edit:
        start = entry.lc.key(name)[0]
        if self.lines[start].lstrip().startswith("- "):
            raise CodebookError(
                "een code begint in dit bestand niet met haar id",
                place=f"regel {start + 1}",
                remedy="Zet 'id' vooraan in elke code, en probeer opnieuw.",
            )
        return start, stop, []

    def changed(self, entry: Any, name: str, value: Any, margin: str, stop: int) -> list[Edit]:
        start = entry.lc.key(name)[0]
        old: Any = entry[name]
        if isinstance(value, tuple):
            listed = isinstance(old, list) and bool(old)
            if listed and old.fa.flow_style() and stop == start + 1:
                return [self.scalar(entry, name, value, start, margin, stop)]
            if not listed or old.fa.flow_style():
                return [(start, stop, _field(name, value, margin))]
            return self.items(old, value, stop)
        return [self.scalar(entry, name, value, start, margin, stop)]

    def scalar(
        self, mapping: Any, key: str, value: Any, start: int, margin: str, stop: int
    ) -> Edit:
        """Write one value anew, with the quotes (or brackets) it had and the comment behind it."""
        old = mapping[key]
        if isinstance(old, LiteralScalarString | FoldedScalarString):
            styled: Any = DoubleQuotedScalarString(value)
        elif isinstance(value, tuple):
            styled = CommentedSeq(DoubleQuotedScalarString(item) for item in value)
            styled.fa.set_flow_style()
        elif isinstance(old, ScalarString):
            styled = type(old)(value)
        else:
            styled = value
        line = self.lines[start]
        lead = line[: mapping.lc.key(key)[1]] if margin else ""
        written = _dumped({key: styled})
        token = mapping.ca.items.get(key)
        if token and len(token) > 2 and token[2] and stop == start + 1:
            before = line[: line.rindex(token[2].value.split("\n")[0].strip())]
            written[-1] += line[len(before.rstrip()) :]
        return start, stop, [lead + written[0], *(margin + part for part in written[1:])]

    def items(self, old: Any, new: tuple[str, ...], stop: int) -> list[Edit]:
        """Change a list item by item, so that comments between the others stay."""
        starts = [old.lc.item(i)[0] for i in range(len(old))]
        ends = [self.trim(s, e) for s, e in zip(starts, [*starts[1:], stop], strict=True)]
        first = self.lines[starts[0]]
        lead = first[: first.index("-")]
        edits: list[Edit] = []
        was = [str(item) for item in old]
        for tag, i, j, k, m in SequenceMatcher(None, was, new, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            added = _items(new[k:m], lead)
            for index in range(i, j):
                edits.append((starts[index], ends[index], added if index == i else []))
            if i == j:
                place = ends[i - 1] if i else starts[0]
                edits.append((place, place, added))
        return edits


def _fields(code: Code) -> dict[str, Any]:
    """Return what should stand in the file; None where a field need not be there."""
    derived = code.id.rpartition(".")[0]
    return {
        "id": code.id,
        "label": code.label,
        "parent": None if code.parent == derived else code.parent,
        "definition": code.definition or None,
        "include": code.include or None,
        "exclude": code.exclude or None,
        "keywords": code.keywords or None,
        "examples": code.examples or None,
        "status": None if code.status == "active" else code.status,
    }


def _same(old: Any, value: Any) -> bool:
    if isinstance(value, tuple):
        return [str(item) for item in old or ()] == list(value)
    if value is None or value == "":
        return old in ("", None, "active") or (isinstance(old, list) and not old)
    return old is not None and str(old) == value


def _entry(code: Code, indent: str) -> list[str]:
    margin = indent + "  "
    lines = [
        line
        for name, value in _fields(code).items()
        if value is not None
        for line in _field(name, value, margin)
    ]
    lines[0] = f"{indent}- {lines[0].lstrip()}"
    return lines


def _field(name: str, value: Any, margin: str) -> list[str]:
    if isinstance(value, tuple):
        return [f"{margin}{name}:", *_items(value, margin + "  ")]
    styled = value if name in _PLAIN else DoubleQuotedScalarString(value)
    return [margin + line for line in _dumped({name: styled})]


def _items(values: Iterable[str], lead: str) -> list[str]:
    quoted = [DoubleQuotedScalarString(value) for value in values]
    return [lead + line for line in _dumped(quoted)] if quoted else []


def _dumped(data: Any) -> list[str]:
    yaml = YAML(typ="rt")
    yaml.width = 2**31
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue().rstrip("\n").split("\n")


def _in_order(edits: Sequence[Edit]) -> list[Edit]:
    """Join what is inserted at one line: first fields, then whole codes."""
    joined: dict[tuple[int, int], list[str]] = {}
    for start, end, new in edits:
        joined.setdefault((start, end), []).extend(new)
    return [(start, end, new) for (start, end), new in joined.items()]
