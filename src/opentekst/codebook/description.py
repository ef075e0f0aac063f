"""All that a code says, as one text that people can read and this program can read back.

Programs for qualitative analysis hold one description a code. It carries the definition, then
sections with a heading between square brackets, and last the code's id:

    Nood aan personeel.
    [Wel]
    - meer VTE
    [Voorbeelden]
    - te weinig mensen
    [Code] middelen.personeel

Where the codebook's order is not that of its tree, the last line also gives the code's row.
A line that would be mistaken for one of these begins with `\\`; an item's further lines are
indented by two spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from opentekst.codebook.codebook import Code

SECTIONS = {
    "include": "[Wel]",
    "exclude": "[Niet]",
    "keywords": "[Sleutelwoorden]",
    "examples": "[Voorbeelden]",
}
CODE = "[Code] "
RETIRED = " (vervallen)"
_LAST = re.compile(r"(?P<id>.*?)(?: \(rij (?P<row>\d+)\))?(?P<retired> \(vervallen\))?")
_MARK = re.compile(r"\\*(?:\[(?:Wel|Niet|Sleutelwoorden|Voorbeelden)\]\s*|\[Code\] .*)")
_FIELDS = {heading: field for field, heading in SECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Described:
    """What a description says.

    `id` is empty where another program wrote it, `row` is 0 where it is not given.
    """

    id: str
    status: Literal["active", "retired"]
    definition: str
    lists: dict[str, tuple[str, ...]]
    row: int


def describe(code: Code, row: int = 0) -> str:
    """Return the description of a code; `row` is its place in the codebook, 0 to leave out."""
    lines = [_guarded(line) for line in code.definition.split("\n")] if code.definition else []
    for field, heading in SECTIONS.items():
        items: tuple[str, ...] = getattr(code, field)
        if items:
            lines.append(heading)
            lines += [f"- {item.replace(chr(10), chr(10) + '  ')}" for item in items]
    at = f" (rij {row})" if row else ""
    lines.append(CODE + code.id + at + (RETIRED if code.status == "retired" else ""))
    return "\n".join(lines)


def read_description(text: str) -> Described:
    """Read a description, by `describe` or by another program.

    Sections are recognised wherever they stand, for another program may have trimmed or
    shifted them; without a section everything is the definition.
    """
    definition: list[str] = []
    lists: dict[str, list[str]] = {}
    current: list[str] | None = None
    last: re.Match[str] | None = None
    for line in text.split("\n"):
        if line.startswith(CODE):
            last = _LAST.fullmatch(line.removeprefix(CODE).strip())
            current = None
        elif line.rstrip() in _FIELDS:
            current = lists.setdefault(_FIELDS[line.rstrip()], [])
        elif current is None:
            # Below the code's line, blank lines are another program's; words are a person's.
            if last is None or line.strip():
                definition.append(_unguarded(line))
        elif line.startswith("- "):
            current.append(line[2:])
        elif current and line.startswith("  "):
            current[-1] += "\n" + line[2:]
        elif line.strip():
            current.append(line.strip())
    return Described(
        last["id"] if last else "",
        "retired" if last and last["retired"] else "active",
        "\n".join(definition) if last else "\n".join(definition).strip(),
        {field: tuple(items) for field, items in lists.items()},
        int(last["row"] or 0) if last else 0,
    )


def _guarded(line: str) -> str:
    return "\\" + line if _MARK.fullmatch(line) else line


def _unguarded(line: str) -> str:
    return line[1:] if line.startswith("\\") and _MARK.fullmatch(line) else line
