"""Printed tables out of pasted text, such as a report saved as text.

What such a text keeps of a table: a caption ("Tabel 3. … (N=232)."), heads wrapped over lines
and set apart by blank lines, and rows that end in their figures, with the label before them on
the same line, on lines above, or above a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from opentekst.results.printed import (
    CAPTION,
    WHOLE,
    Document,
    PrintedCell,
    PrintedTable,
    base_in,
    caption_of,
    joined,
    merged,
    percentage_of,
    whole_number,
)

_MEASURE = re.compile(
    r"(?:\baantal\b[^()%]{0,60}\(\s*N\s*\)|\bN\b|\baantal|\bfreq\w*\.?)"
    r"\s+(?:percentage(?:\s*\(%\))?|procent|\(?%\)?)",
    re.I,
)
_N, _P = r"(/|[0-9][0-9.]*)", r"\(?(/|[0-9]{1,3}(?:[.,][0-9]+)?)(?:\s?%)?\)?"
_PAIR = re.compile(rf"{_N}\s+{_P}(?:\s+|$)")
_FIGURES = re.compile(rf"(?:(?:^|(?<=\s)){_N}\s+{_P}(?:\s+|$))+$")
_LONGEST_LABEL = 7
"""Lines of a label; more of them are running text."""
_WIDEST_HEAD = 60


@dataclass
class _Block:
    """Lines between two blank ones; `page` where it begins a page."""

    lines: list[str]
    at: int
    page: bool = False


@dataclass
class _Open:
    """A table that is being read."""

    number: str
    title: str
    base: int | None
    place: str
    stub: str = ""
    pairs: int = 1
    groups: list[str] = field(default_factory=list)
    cells: list[PrintedCell] = field(default_factory=list)


def from_text(text: str) -> Document:
    """Read every table of a text; the rest is running text, a paragraph a block.

    A table without a caption that begins a page or has the heads of an earlier table goes on
    with that table.
    """
    blocks = _blocks(text)
    tables: list[_Open] = []
    prose: list[str] = []
    left_out: list[str] = []
    at = 0
    while at < len(blocks):
        caption = _caption(blocks[at])
        heads = _heads(blocks, at + bool(caption))
        if heads is None:
            if caption:
                left_out.append(f"regel {blocks[at].at}: titel van tabel {caption.number} zonder"
                                " leesbare kop eronder")  # fmt: skip
            prose.append(joined(blocks[at].lines))
            at += 1
            continue
        table = caption or _continued(heads, tables, blocks[at].at)
        table.stub, table.pairs, table.groups = heads.stub, heads.pairs, heads.groups
        before = len(table.cells)
        rows_end = _rows(blocks, heads.end, table)
        if len(table.cells) == before:
            left_out.append(f"regel {blocks[at].at}: kop van een tabel zonder leesbare rijen")
            prose.append(joined(blocks[at].lines))
        else:
            tables.append(table)
        at = max(rows_end, at + 1)
    made = {id(t): t for t in tables}.values()
    closed = [PrintedTable(t.number, t.title, t.base, tuple(t.cells), t.place) for t in made]
    return Document(tuple(merged(closed)), tuple(p for p in prose if p), tuple(left_out))


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    fresh = True
    for number, line in enumerate(text.splitlines(), start=1):
        page = line.startswith(("\f", " ")) and bool(line.strip())
        line = line.strip("\f").rstrip()
        if not line.strip():
            fresh = True
            continue
        # a caption is a block of its own, also where no blank line is before it
        if fresh or page or CAPTION.match(line):
            blocks.append(_Block([], number, page))
        blocks[-1].lines.append(line.strip())
        fresh = False
    return list(_split_captions(blocks))


def _split_captions(blocks: Sequence[_Block]) -> Iterator[_Block]:
    """Part a caption from the heads that follow it without a blank line."""
    for block in blocks:
        cut = next((i for i, line in enumerate(block.lines) if _MEASURE.search(line)), 0)
        if CAPTION.match(block.lines[0]) and cut:
            yield _Block(block.lines[:cut], block.at, block.page)
            yield _Block(block.lines[cut:], block.at + cut)
        else:
            yield block


def _caption(block: _Block) -> _Open | None:
    found = caption_of(joined(block.lines)) if len(block.lines) <= 4 else None
    return _Open(*found, f"regel {block.at}") if found else None


@dataclass
class _Heads:
    stub: str
    pairs: int
    groups: list[str]
    end: int


def _heads(blocks: Sequence[_Block], at: int) -> _Heads | None:
    """Read heads from block `at` on: group names, then "N %" once for each group."""
    names: list[str] = []
    for end in range(at, min(at + 16, len(blocks))):
        block = blocks[end]
        if _caption(block) and end > at:
            return None
        first = next((i for i, line in enumerate(block.lines) if _FIGURES.search(line)), None)
        words = joined(block.lines[:first])
        rest = [joined(b.lines) for b in blocks[end + 1 : end + 8]]
        measured = _MEASURE.search(words)
        wrapped = _measures_over(block, rest)
        if not measured and not wrapped:
            if first is not None or len(words) > _WIDEST_HEAD or (block.page and names):
                return None
            names.append(words)
            continue
        return _measured(blocks, end, names, first)
    return None


def _measures_over(block: _Block, rest: Sequence[str]) -> bool:
    """Say whether a head "Aantal … (N) %" is broken by blank lines and begins in this block."""
    words = joined(block.lines)
    if len(words) > 2 * _WIDEST_HEAD or not re.search(r"\baantal\b|\bN\b", words, re.I):
        return False
    return bool(rest) and len(rest[0]) < _WIDEST_HEAD and bool(
        _MEASURE.search(f"{words} {rest[0]}")
    )  # fmt: skip


def _measured(blocks: Sequence[_Block], at: int, names: list[str], first: int | None) -> _Heads:
    """Take in the blocks with measures; what stands before the first is the rows' own head."""
    lines: list[str] = []
    end = at
    while end < len(blocks):
        block = blocks[end]
        cut = next((i for i, line in enumerate(block.lines) if _FIGURES.search(line)), None)
        if cut is not None:
            if end == at and first:
                lines += block.lines[:first]
                block.lines[:first] = []
            break
        part = joined(block.lines)
        if end > at and not re.search(r"%|\bN\b|aantal|percentage|besturen", part, re.I):
            break
        if block.page and end > at:
            break
        lines += block.lines
        end += 1
    words = joined(lines)
    found = list(_MEASURE.finditer(words))
    stub = words[: found[0].start()].strip() if found else words
    pairs = max(1, len(found))
    if pairs == 1:
        stub = " ".join([*names, stub]).strip()
        return _Heads(stub, 1, [_single_group(stub)], end)
    groups = [re.sub(r"\s+", " ", name) for name in names]
    if len(groups) > pairs and not stub:
        stub = groups.pop()  # the rows' head, in a block of its own
    elif len(groups) > pairs:
        stub, groups = f"{groups[-1]} {stub}", groups[:pairs]
    groups += [f"kolom {i + 1}" for i in range(len(groups), pairs)]
    return _Heads(stub, pairs, groups, end)


def _single_group(stub: str) -> str:
    """Return the group of a table with one: "Stelling Helemaal eens" is about those who agree."""
    found = re.fullmatch(r"(?:Stelling|Item|Uitspraak|Vraag)\s+(\S.*)", stub)
    return found[1] if found else WHOLE


def _continued(heads: _Heads, tables: Sequence[_Open], line: int) -> _Open:
    """Return the last table with the same heads, or a new one without number."""
    for table in reversed(tables):
        same_stub = table.stub.split()[:1] == heads.stub.split()[:1]
        if table.pairs == heads.pairs and (
            same_stub if heads.pairs == 1 else table.groups == heads.groups
        ):
            return table
    return _Open("", "", None, f"regel {line}")


def _rows(blocks: Sequence[_Block], at: int, table: _Open) -> int:
    """Read rows from block `at` on into the table; return the first block after them."""
    end, label = at, list[str]()
    for here in range(at, len(blocks)):
        block = blocks[here]
        ends = block.page and not any(_FIGURES.search(line) for line in block.lines[:2])
        if _caption(block) or (ends and here > at):
            break
        if here > at and len(joined(block.lines)) < _WIDEST_HEAD and _heads(blocks, here):
            break
        own, label = label, []
        for number, line in enumerate(block.lines):
            figures = _FIGURES.search(line)
            pairs = _PAIR.findall(figures[0]) if figures else []
            if len(pairs) < table.pairs:
                label.append(line)
                continue
            cut = _cut(line, table.pairs)
            words = line[:cut].strip()
            if number or words:
                # a label of this block stands on its own; only bare figures take what is above
                own = []
            _add(table, joined([*own, *label, words]), _PAIR.findall(line[cut:]), table.groups)
            label, own, end = [], [], here + 1
        if end <= here and (len(label) > _LONGEST_LABEL or here - end >= 2):
            break
    return end


def _cut(line: str, pairs: int) -> int:
    """Return where the last `pairs` pairs of figures of a row begin."""
    tokens = list(re.finditer(r"\S+", re.sub(r"\s%", "  ", line)))
    return tokens[-2 * pairs].start()


def _add(table: _Open, label: str, pairs: Sequence[tuple[str, str]], groups: Sequence[str]) -> None:
    category, base = base_in(label)
    for group, (n, percent) in zip(groups, pairs, strict=True):
        table.cells.append(PrintedCell(group, category, _n(n), _p(percent), base))


def _n(text: str) -> int | None:
    return None if text == "/" else whole_number(text)


def _p(text: str) -> Decimal | None:
    return None if text == "/" else percentage_of(text)
