"""What a push and a pull did."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from opentekst.model import Coding

OVERLAP = datetime.timedelta(seconds=30)
"""A change may be seen later than its time says: the server writes it when it is done."""


class Cursor(NamedTuple):
    """How far a pull got in one project: the last change, and how many places it knew then."""

    seen: str = ""
    places: int = 0

    def since(self, places: int) -> str:
        """Return the time to fetch changes from; empty for all, where the ledger lost some."""
        if not self.seen or places < self.places:
            return ""
        moment = datetime.datetime.fromisoformat(self.seen) - OVERLAP
        return moment.isoformat(timespec="microseconds")


def sources(known: Iterable[Coding], project: str) -> int:
    """Return how many annotations of a project the ledger knows."""
    start = f"{project}/"
    return len({entry.how.source for entry in known if entry.how.source.startswith(start)})


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
    again. `seen` is the time of the last change that this pull saw in the project called
    `project`, to start the next from; `tasks` counts the tasks that were looked at.
    """

    entries: tuple[Coding, ...]
    empty: tuple[int, ...] = ()
    contradictory: tuple[int, ...] = ()
    project: str = ""
    seen: str = ""
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
