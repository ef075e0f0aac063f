"""Two versions of a study's codebook, compared for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from opentekst import store
from opentekst.codebook import Code, History
from opentekst.codebook.comparing import Difference, Way, as_csv, differences, ways
from opentekst.codebook.telling import as_html, as_lines
from opentekst.errors import CodebookError
from opentekst.pipeline.codebooks import history_of, recorded
from opentekst.study import Study


@dataclass(frozen=True)
class Diff:
    """What differs between two versions of a codebook."""

    history: History
    start: int
    end: int
    found: Sequence[Difference]

    @cached_property
    def lines(self) -> list[str]:
        """The differences as lines of text."""
        return as_lines(self.found)

    @cached_property
    def html(self) -> str:
        """The differences as a page."""
        return as_html(self.history, self.start, self.end, self.found)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The differences for machines."""
        return {
            "codebook": self.history.now.id,
            "from": self.start,
            "to": self.end,
            "steps": recorded(self.history),
            "differences": [
                {
                    "kind": one.kind,
                    "old": [code.id for code in one.old],
                    "new": [code.id for code in one.new],
                    "fields": {field.name: [field.old, field.new] for field in one.fields},
                }
                for one in self.found
            ],
        }


@dataclass(frozen=True)
class Crosswalk:
    """Which code of one version is which of another."""

    codebook: str
    start: int
    end: int
    found: Sequence[Way]

    @cached_property
    def csv(self) -> str:
        """The crosswalk as CSV."""
        return as_csv(self.found, self.start, self.end)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The crosswalk for machines."""
        return {
            "codebook": self.codebook,
            "from": self.start,
            "to": self.end,
            "ways": [[_id(way.old), way.kind, _id(way.new)] for way in self.found],
        }


def diff(study: Study, codebook: str, old: int | None, new: int | None) -> Diff:
    """Compare two versions; by default the previous one and that of today.

    Raises CodebookError for a version that does not exist.
    """
    history = history_of(study, codebook)
    start, end = _versions(history, old, new)
    return Diff(history, start, end, differences(history, start, end))


def crosswalk(study: Study, codebook: str, old: int | None, new: int | None) -> Crosswalk:
    """Return the crosswalk between two versions; defaults and errors as `diff`."""
    history = history_of(study, codebook)
    start, end = _versions(history, old, new)
    return Crosswalk(history.now.id, start, end, ways(history, start, end))


def write(path: Path, text: str) -> None:
    """Write a text to a file, or leave what was there. Raises StorageError."""
    store.write_all({path: text.encode("utf-8")})


def _versions(history: History, old: int | None, new: int | None) -> tuple[int, int]:
    known = history.chain.versions
    if len(known) < 2 and old is None:
        raise CodebookError(
            "van dit codeboek is er nog maar één versie",
            place=str(history.path),
            remedy="Verander het met 'opentekst codebook rename', 'merge', 'split' …",
        )
    end = known[-1] if new is None else new
    start = known[-2] if old is None else old
    for version in (start, end):
        history.version(version)
    return start, end


def _id(code: Code | None) -> str:
    return code.id if code else ""
