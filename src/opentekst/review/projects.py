"""The kinds of Label Studio projects: what a coder sees there, and how one is found again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opentekst.model import Shown

Kind = Literal["queue", "blind", "adjudication"]

TITLE_LENGTH = 50

_MARK = "[opentekst] "
_SEPARATOR = " · "
_WORDS: dict[Kind, str] = {"queue": "", "blind": "blind", "adjudication": "verschillen"}

_SHOWN: dict[Kind, Shown] = {
    "queue": "suggestion",
    "blind": "blind",
    "adjudication": "codings",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The project for one question: its working queue, a coder's blind sample, or adjudication.

    A blind sample has a project for each `coder` (an e-mail address): in Label Studio
    whoever opens a task sees the codings that others made of it.
    """

    study: str
    question: str
    kind: Kind = "queue"
    coder: str = ""

    @property
    def title(self) -> str:
        """The title, cut off where Label Studio would refuse it; the question comes first."""
        return f"{self.question}{self._kind} · {self.study}"[:TITLE_LENGTH]

    @property
    def mark(self) -> str:
        """The line of a project's description by which it is found, whatever its title."""
        return f"{_MARK}{self.question}{_SEPARATOR}{self.study}{self._kind}"

    def shown(self, coder: str) -> Shown:
        """Return what `coder` saw here; what somebody saw in another's blind project is unknown."""
        if self.kind == "blind" and coder.casefold() != self.coder.casefold():
            return ""
        return _SHOWN[self.kind]

    @classmethod
    def of(cls, description: str) -> Place | None:
        """Return the place that a project's description marks; None where it has no mark."""
        for line in description.splitlines():
            if line.startswith(_MARK):
                question, *rest = line.removeprefix(_MARK).split(_SEPARATOR)
                tails: tuple[tuple[Kind, int], ...] = (("adjudication", 1), ("blind", 2))
                for kind, tail in tails:
                    word = _WORDS[kind]
                    if len(rest) > tail and rest[-tail] == word:
                        coder = rest[-1] if kind == "blind" else ""
                        return cls(_SEPARATOR.join(rest[:-tail]), question, kind, coder)
                if rest:
                    return cls(_SEPARATOR.join(rest), question)
        return None

    @property
    def _kind(self) -> str:
        words = [_WORDS[self.kind], self.coder] if self.kind == "blind" else [_WORDS[self.kind]]
        return "".join(f"{_SEPARATOR}{word}" for word in words if word)
