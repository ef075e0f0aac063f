"""What a push and a pull did."""

from __future__ import annotations

from dataclasses import dataclass

from opentekst.model import Coding


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
    """People's codings, oldest first, and what was no coding.

    `skipped` counts annotations; `empty` (submitted without a code and without "geen
    code") and `contradictory` (with both) hold task ids, to be opened again.
    """

    codings: tuple[Coding, ...]
    skipped: int
    empty: tuple[int, ...]
    contradictory: tuple[int, ...] = ()
