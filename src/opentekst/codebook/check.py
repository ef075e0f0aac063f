"""What is wrong in a codebook file, or could be better: all at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from opentekst import checked_yaml
from opentekst.codebook.codebook import Code, Codebook, field_faults
from opentekst.codebook.incoming import tree_faults
from opentekst.errors import CodebookError

_SEE = re.compile(r"\bzie ([^\W\d_][\w-]*(?:\.[\w-]+)*)", re.IGNORECASE)


class Issue(NamedTuple):
    """One finding in a codebook. `serious` ones make results wrong or impossible."""

    file: str
    line: int
    kind: str
    code: str
    problem: str
    remedy: str
    serious: bool = False

    def text(self) -> str:
        """Return place, problem and remedy in Dutch."""
        return f"{self.file}:{self.line}: {self.problem}\n  Wat u kunt doen: {self.remedy}"


@dataclass(frozen=True)
class Checked:
    """A codebook file that was looked at: `book` is None where it cannot be read."""

    path: Path
    book: Codebook | None
    issues: tuple[Issue, ...]
    data: Any = field(repr=False, default=None)

    def line(self, code: str, *within: str | int) -> int:
        """Return the line of a code, or of a field or item of it."""
        if code not in self._places:
            return 1
        return checked_yaml.line_of(self.data, ("codes", self._places[code], *within))

    @cached_property
    def _places(self) -> Mapping[str, int]:
        entries = self.data["codes"] if self.data else ()
        return {str(entry.get("id")): index for index, entry in enumerate(entries)}

    def issue(
        self,
        kind: str,
        code: str,
        problem: str,
        remedy: str,
        *within: str | int,
        serious: bool = False,
    ) -> Issue:
        """Return a finding on a code (or a field or item of it) in this file."""
        line = self.line(code, *within)
        return Issue(str(self.path), line, kind, code, problem, remedy, serious)


def check_file(path: Path) -> Checked:
    """Read a codebook file and return all that is wrong in itself; raises nothing.

    Finds bad YAML and fields, duplicate ids, parents that do not exist, circles, codes
    without a definition and references ("zie …") to codes that are not there.
    """
    try:
        data = checked_yaml.load(path, CodebookError, "het codeboek")
    except CodebookError as wrong:
        line = wrong.place.rpartition(":")[2]
        at = int(line) if line.isdigit() else 1
        found = f" ({wrong.found})" if wrong.found else ""
        issue = Issue(str(path), at, "yaml", "", wrong.problem + found, wrong.remedy, True)
        return Checked(path, None, (issue,))
    issues = [
        Issue(
            str(path),
            fault.line,
            "field",
            "",
            fault.problem + (f" (gevonden: {fault.found})" if fault.found else ""),
            "Verbeter deze regel.",
            True,
        )
        for fault in field_faults(data)
    ]
    issues += _tree(path, data)
    if issues:
        return Checked(path, None, tuple(sorted(issues, key=lambda i: i.line)), data)
    checked = Checked(path, Codebook.from_data(data, path), (), data)
    return Checked(path, checked.book, tuple(_contents(checked)), data)


def _tree(path: Path, data: Any) -> list[Issue]:
    """Check ids and parents of whatever codes can be read, good or bad."""
    entries = data.get("codes") if isinstance(data, dict) else None
    codes: list[Code] = []
    at: list[int] = []
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and entry.get("id") is not None:
            code_id = str(entry["id"])
            parent = entry.get("parent")
            above = code_id.rpartition(".")[0] if parent is None else str(parent)
            codes.append(Code(code_id, "", above))
            at.append(index)

    def place(number: int, name: str) -> str:
        return str(checked_yaml.line_of(data, ("codes", at[number], name)))

    return [
        Issue(
            str(path),
            int(fault.place),
            "tree",
            fault.code,
            fault.problem.replace("(", "(regel ") + f": {fault.found}",
            fault.remedy,
            True,
        )
        for fault in tree_faults(codes, place)
    ]


def _contents(checked: Checked) -> list[Issue]:
    book = checked.book
    issues: list[Issue] = []
    for code in book.codes if book else ():
        if code.status == "active" and not code.definition.strip():
            issues.append(
                checked.issue(
                    "no-definition",
                    code.id,
                    f"code '{code.id}' heeft geen definitie",
                    "Schrijf in één zin wat de code betekent; codeurs en machine gebruiken ze.",
                )
            )
        issues += _references(checked, code, book.by_id if book else {})
    return issues


def _references(checked: Checked, code: Code, known: Mapping[str, Code]) -> list[Issue]:
    """Find "zie <id>" that leads nowhere; a word that no id looks like is just a word."""
    issues = []
    for name in ("include", "exclude"):
        for index, text in enumerate(getattr(code, name)):
            for target in _SEE.findall(text):
                if target in known:
                    if known[target].status == "retired" and code.status == "active":
                        issues.append(
                            checked.issue(
                                "reference",
                                code.id,
                                f"code '{code.id}' verwijst naar '{target}', die vervallen is",
                                "Verwijs naar de code die nu gegeven moet worden.",
                                name,
                                index,
                            )
                        )
                elif "." in target or "_" in target:
                    issues.append(
                        checked.issue(
                            "reference",
                            code.id,
                            f"code '{code.id}' verwijst naar '{target}', die niet bestaat",
                            "Verbeter de verwijzing of voeg de code toe.",
                            name,
                            index,
                        )
                    )
    return issues
