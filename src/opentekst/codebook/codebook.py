"""Code and Codebook: parse, check, fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from opentekst import checked_yaml
from opentekst.errors import CodebookError
from opentekst.model import CodebookRef


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `parent` is the id of its parent, empty at the top of the tree."""

    id: str
    label: str
    parent: str = ""
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    status: Literal["active", "retired"] = "active"


@dataclass(frozen=True)
class Codebook:
    """A versioned list of codes; order is the order of the file."""

    id: str
    version: int
    title: str
    codes: tuple[Code, ...]

    @classmethod
    def load(cls, path: str | Path) -> Codebook:
        """Read and check a codebook file.

        Raises CodebookError, with file and line, for bad YAML, unknown fields, a
        duplicate id, a parent that does not exist and a circle of parents.
        """
        path = Path(path)
        return _read(checked_yaml.text_of(path, CodebookError, "het codeboek"), path)

    @classmethod
    def parse(cls, text: str, path: str | Path = "codeboek") -> Codebook:
        """Read and check the text of a codebook file; raises as `load` does."""
        return _read(text.removeprefix("\ufeff"), Path(path))

    @classmethod
    def from_data(cls, data: Any, path: Path) -> Codebook:
        """Check what ruamel.yaml read from a codebook file; raises as `load` does."""
        parsed = checked_yaml.check(_CodebookFile, data, path, CodebookError)
        codes = _with_parents(parsed.codes)
        _check_tree(
            codes, [checked_yaml.line_of(data, ("codes", i)) for i in range(len(codes))], path
        )
        return cls(parsed.codebook, parsed.version, parsed.title, codes)

    @cached_property
    def by_id(self) -> Mapping[str, Code]:
        """Every code by its id."""
        return {code.id: code for code in self.codes}

    @cached_property
    def active(self) -> tuple[Code, ...]:
        """The codes that may be given."""
        return tuple(code for code in self.codes if code.status == "active")

    @cached_property
    def ref(self) -> CodebookRef:
        """Id, version and fingerprint, as recorded with each coding."""
        return CodebookRef(self.id, self.version, self.fingerprint)

    @cached_property
    def fingerprint(self) -> str:
        """A hash over everything that can change a coding; comments do not count."""
        content = json.dumps([asdict(code) for code in self.codes], ensure_ascii=False)
        return hashlib.sha256(f"{self.id}{content}".encode()).hexdigest()[:16]

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the ids above `code`, nearest first."""
        found: list[str] = []
        parent = self.by_id[code].parent
        while parent:
            found.append(parent)
            parent = self.by_id[parent].parent
        return tuple(found)

    def net(self, codes: Iterable[str]) -> frozenset[str]:
        """Return `codes` with all their ancestors: who states a child states its parent."""
        closed: set[str] = set()
        for code in codes:
            closed.add(code)
            closed.update(self.ancestors(code))
        return frozenset(closed)

    def path(self, code: str) -> tuple[str, ...]:
        """Return the ids from the top of the tree down to `code`."""
        return (*reversed(self.ancestors(code)), code)


class _CodeFile(checked_yaml.Strict):
    id: str
    label: str
    parent: str | None = None
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    status: Literal["active", "retired"] = "active"


class _CodebookFile(checked_yaml.Strict):
    codebook: str
    version: int
    title: str
    codes: tuple[_CodeFile, ...]


@lru_cache(maxsize=128)
def _read(text: str, path: Path) -> Codebook:
    """Return the checked codebook; the same file is read often, and reading takes a while."""
    return Codebook.from_data(checked_yaml.parse(text, path, CodebookError), path)


def _with_parents(entries: tuple[_CodeFile, ...]) -> tuple[Code, ...]:
    """Turn file entries into codes; a dotted id is by default a child of its prefix."""
    return tuple(
        Code(
            **{
                **entry.model_dump(),
                "parent": entry.id.rpartition(".")[0] if entry.parent is None else entry.parent,
            }
        )
        for entry in entries
    )


def _check_tree(codes: tuple[Code, ...], lines: list[int], path: Path) -> None:
    first_line: dict[str, int] = {}
    for code, line in zip(codes, lines, strict=True):
        if code.id in first_line:
            raise CodebookError(
                f"code '{code.id}' staat er al op regel {first_line[code.id]}",
                place=f"{path}:{line}",
                remedy="Geef een van beide een ander id, of verwijder de dubbele.",
            )
        first_line[code.id] = line
    parents = {code.id: code.parent for code in codes}
    for code, line in zip(codes, lines, strict=True):
        if code.parent and code.parent not in parents:
            raise CodebookError(
                f"code '{code.id}' hangt onder een code die niet bestaat",
                place=f"{path}:{line}",
                found=code.parent,
                remedy="Voeg de bovenliggende code toe, of verbeter 'parent'.",
            )
        seen = [code.id]
        while parent := parents[seen[-1]]:
            if parent in seen:
                raise CodebookError(
                    "codes hangen in een kring onder elkaar",
                    place=f"{path}:{line}",
                    found=" > ".join([*seen, parent]),
                    remedy="Verbeter 'parent' bij een van deze codes.",
                )
            if parent not in parents:
                break
            seen.append(parent)


def field_faults(data: Any) -> list[checked_yaml.YamlFault]:
    """Return all that is wrong in the fields of a codebook file, by line."""
    return checked_yaml.faults(_CodebookFile, data)
