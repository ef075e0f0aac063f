"""Reading codings of any version of a codebook as those of the version of today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from opentekst.codebook.applying import Fates, followed
from opentekst.codebook.changes import NEUTRAL, Change


@dataclass(frozen=True, slots=True)
class Step:
    """From one version of a codebook to the next.

    `fates` says where codes went. `came` and `left` are the ids that may be given from
    then on, and no longer. A step that undoes an earlier one names in `undoes` the version
    that it undoes; one that was made by hand in the file is `edited`. `renamed` holds the
    new id of each code that got one. `before` and `after` are fingerprints.
    """

    start: int
    end: int
    before: str
    after: str
    fates: Fates
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    undoes: int | None = None
    edited: bool = False

    @property
    def neutral(self) -> bool:
        """True where the step says nothing new about what codes mean."""
        return not self.edited and all(isinstance(change, NEUTRAL) for change in self.changes)


class Resolved(NamedTuple):
    """`codes` are known today; `pending` ones (of then) a person must decide on again."""

    codes: tuple[str, ...]
    pending: tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """All versions of a codebook, oldest first, and the steps between them.

    `current` is the version of today, `active` its codes that may be given, `mark` its
    fingerprint.
    """

    codebook: str
    current: int
    active: frozenset[str]
    steps: tuple[Step, ...] = ()
    mark: str = ""

    def fingerprint(self, version: int) -> str:
        """Return the fingerprint of a version."""
        index = self.index(version)
        return self.steps[index].before if index < len(self.steps) else self.mark

    @cached_property
    def versions(self) -> tuple[int, ...]:
        """The version numbers, oldest first."""
        return (*(step.start for step in self.steps), self.current)

    @cached_property
    def undone(self) -> Mapping[int, int]:
        """Index of a step → index of the step that undoes it."""
        ends = {step.end: index for index, step in enumerate(self.steps)}
        return {
            ends[step.undoes]: index
            for index, step in enumerate(self.steps)
            if step.undoes is not None
        }

    @cached_property
    def fates(self) -> Sequence[Fates]:
        """Per version, oldest first, where its codes went by today.

        Composed from the newest version backwards; what was done and undone is passed
        over, as if it had never been.
        """
        return self._to(len(self.steps))

    def between(self, start: int, end: int) -> Fates:
        """Return where the codes of version `start` went by version `end` (not older)."""
        return self._to(self.index(end))[self.index(start)]

    def index(self, version: int) -> int:
        """Return the place of a version: itself, else the nearest before it, else the first."""
        known = self._places
        if version in known:
            return known[version]
        return max((i for v, i in known.items() if v < version), default=0)

    def resolve(self, codes: Iterable[str], version: int) -> Resolved:
        """Return what `codes`, given under `version`, are today.

        Codes that became one are named once. A code that became several (a split), or of
        which nothing is left, is pending.
        """
        fates = self.fates[self.index(version)]
        known: dict[str, None] = {}
        pending = []
        for code in codes:
            became = fates.get(code)
            if became is None:
                known[code] = None
            elif len(became) == 1:
                known[became[0]] = None
            else:
                pending.append(code)
        return Resolved(tuple(known), tuple(pending))

    def undecided_since(self, code: str, version: int) -> int:
        """Return the index of the first version in which a pending code was undecided."""
        return self._since[self.index(version)].get(code, len(self.steps))

    def candidates(self, code: str, version: int) -> tuple[str, ...]:
        """Return what a code of `version` is today, or may be."""
        return self.fates[self.index(version)].get(code, (code,))

    def whenever(self, code: str, known: Collection[str]) -> tuple[str, ...]:
        """Return what a code of any version is among the codes `known` today; maybe nothing."""
        if code in known:
            return (code,)
        for version in reversed(self.versions):
            became = self.candidates(code, version)
            if became and all(one in known for one in became):
                return became
        return ()

    def version_of(self, codes: Iterable[str], version: int) -> int | None:
        """Return the version under which somebody gave `codes` who was thought to use `version`.

        That is `version` itself where it offers them all, else the latest that does; None
        where none does.
        """
        given = frozenset(codes)
        if given <= self._offered[self.index(version)]:
            return version
        for index in range(len(self.steps), -1, -1):
            if given <= self._offered[index]:
                return self.versions[index]
        return None

    @cached_property
    def base(self) -> int:
        """The oldest version from which on every step was neutral."""
        index = len(self.steps)
        opened = {undo: done for done, undo in self.undone.items()}
        while index > 0:
            step = self.steps[index - 1]
            if index - 1 in opened:
                index = opened[index - 1]
            elif step.neutral:
                index -= 1
            else:
                break
        return self.versions[index]

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {version: index for index, version in enumerate(self.versions)}

    @cached_property
    def _offered(self) -> Sequence[frozenset[str]]:
        """Per version, the codes that may be given."""
        offered = [self.active]
        for step in reversed(self.steps):
            offered.append((offered[-1] - set(step.came)) | set(step.left))
        return offered[::-1]

    @cached_property
    def _since(self) -> Sequence[Mapping[str, int]]:
        """Per version, of the codes that are to be split, the index of the version after."""
        end = len(self.steps)
        found: list[Mapping[str, int]] = [{}] * (end + 1)
        for index in range(end - 1, -1, -1):
            if index in self.undone:
                found[index] = found[self.undone[index] + 1]
                continue
            later = dict(found[index + 1])
            for code, became in self.steps[index].fates.items():
                since = found[index + 1].get(became[0]) if len(became) == 1 else index + 1
                later.pop(code, None)
                if since is not None:
                    later[code] = since
            found[index] = later
        return found

    def _to(self, end: int) -> list[Fates]:
        fates: list[Fates] = [{}] * (end + 1)
        for index in range(end - 1, -1, -1):
            undo = self.undone.get(index, end)
            if undo < end:
                fates[index] = fates[undo + 1]
            else:
                fates[index] = _kept(followed(self.steps[index].fates, fates[index + 1]))
        return fates


def _kept(fates: Fates) -> Fates:
    return {code: became for code, became in fates.items() if became != (code,)}
