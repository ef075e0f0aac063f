"""What a push and a pull did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from opentekst.model import Coding


class Cursor(NamedTuple):
    """How far a pull got in one project: the last change, and the annotations without meaning."""

    seen: str = ""
    unclear: tuple[str, ...] = ()


def sources(known: Iterable[Coding], project: str) -> set[str]:
    """Return the annotations of a project that the ledger knows, but for those taken back."""
    found: dict[str, bool] = {}
    for entry in known:
        if entry.how.source.startswith(f"{project}/"):
            found[entry.how.source] = entry.act != "withdrawn"
    return {source for source, stands in found.items() if stands}


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did to the answers in it.

    `moved` tasks got their annotations under the codes of today; `waiting` ones hold a
    code that was split, for a person to choose again.
    """

    project_id: int
    added: int
    updated: int
    unchanged: int
    moved: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class PullReport:
    """What people did, oldest first, and what was no coding.

    `entries` are for the ledger: coded, skipped and withdrawn. `empty` (submitted without a
    code and without "geen code") and `contradictory` (with both) hold task ids, to be opened
    again. `cursor` is where the next pull of the project called `project` starts; `tasks`
    counts the tasks that were looked at.
    """

    entries: tuple[Coding, ...]
    empty: tuple[int, ...] = ()
    contradictory: tuple[int, ...] = ()
    project: str = ""
    cursor: Cursor = field(default_factory=Cursor)
    tasks: int = 0

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The entries that are codings."""
        return tuple(entry for entry in self.entries if entry.act == "coded")

    @property
    def skipped(self) -> int:
        """How many answers were passed over."""
        return sum(entry.act == "skipped" for entry in self.entries)

    @property
    def withdrawn(self) -> int:
        """How many codings their coder deleted."""
        return sum(entry.act == "withdrawn" for entry in self.entries)
