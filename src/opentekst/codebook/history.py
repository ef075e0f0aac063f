"""The history of a codebook: every version as it was, and the steps between them.

`codebooks/history/<id>/v<N>.yaml` is version N to the byte; `changes.jsonl` beside it has
one step a line, oldest first, and only grows. Nothing here writes: what is to be written is
returned, so that codebook, history and study change together or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from opentekst.codebook import changes as data
from opentekst.codebook.applying import Applied, Fates, apply
from opentekst.codebook.changes import Change
from opentekst.codebook.codebook import Codebook
from opentekst.codebook.editing import edit
from opentekst.codebook.resolving import Chain, Step
from opentekst.errors import CodebookError


@dataclass(frozen=True, slots=True)
class Next:
    """A codebook after a step: what it is, and the files to write for it, by path."""

    codebook: Codebook
    step: Step
    files: Mapping[Path, bytes]


@dataclass(frozen=True)
class History:
    """A codebook file (`path`), what it holds now and the steps that led there.

    `now` may have been changed by hand since the last step.
    """

    path: Path
    now: Codebook
    steps: tuple[Step, ...]

    @classmethod
    def load(cls, path: Path, now: Codebook | None = None) -> History:
        """Read the history of the codebook in `path`; `now` is what that file holds.

        Raises CodebookError for a bad codebook, and for a history that cannot be read.
        """
        now = now or Codebook.load(path)
        return cls(path, now, _steps(folder(path) / "changes.jsonl"))

    @property
    def last(self) -> int:
        """The version that the last step made; that of the file where there is no step."""
        return self.steps[-1].end if self.steps else self.now.version

    @property
    def digest(self) -> str:
        """A hash over the steps; empty where there are none."""
        log = folder(self.path) / "changes.jsonl"
        return hashlib.sha256(log.read_bytes()).hexdigest()[:16] if self.steps else ""

    @property
    def by_hand(self) -> bool:
        """True where somebody changed the file since the last step, other than its comments."""
        return bool(self.steps) and self.steps[-1].after != self.now.fingerprint

    @cached_property
    def chain(self) -> Chain:
        """The steps as a way to read codings, to what the file holds now.

        What was changed by hand since the last step counts as a step of its own, from the
        last version to that of the file (or the next, where the file still has that number).
        """
        active = frozenset(code.id for code in self.now.active)
        if not self.by_hand:
            return Chain(self.now.id, self.last, active, self.steps, self.now.fingerprint)
        step = self._hand_step()
        return Chain(self.now.id, step.end, active, (*self.steps, step), step.after)

    @cached_property
    def base(self) -> tuple[Codebook, Fates]:
        """The codebook that the machine codes with, and where its codes went by now.

        That is the oldest version from which on nothing changed but names, places and
        merges: those say nothing new about an answer, so they must not change a coding.
        """
        chain = self.chain
        if chain.base == chain.current:
            return self.now, {}
        return self.version(chain.base), chain.between(chain.base, chain.current)

    def version(self, number: int) -> Codebook:
        """Return a version as it was. Raises CodebookError where there is no such version."""
        if number == self.chain.current:
            return replace(self.now, version=number)
        path = folder(self.path) / f"v{number}.yaml"
        if not path.exists():
            known = ", ".join(str(version) for version in self.chain.versions)
            raise CodebookError(
                f"codeboek '{self.now.id}' heeft geen versie {number}",
                place=str(folder(self.path)),
                remedy=f"Kies uit: {known}."
                if number not in self.chain.versions
                else "Haal de map codebooks/history terug uit uw versiebeheer of back-up.",
            )
        return Codebook.load(path)

    def apply(self, changes: Sequence[Change], places: Sequence[str] = ()) -> Next:
        """Return the codebook after `changes`, one version further.

        Raises CodebookError for a change that cannot be, and where codes vanished from the
        file by hand.
        """
        text, steps, files = self._settled()
        before = self._with_text(text)
        applied = apply(before, changes, _used(before, steps), places)
        return self._next(text, before, applied, steps, files, tuple(changes))

    def adopt(self, target: Codebook) -> Next:
        """Return the codebook as `target` says, one version further: what came from a file.

        No code goes elsewhere, so every coding is read as before. Raises CodebookError where
        codes vanished from the file by hand.
        """
        text, steps, files = self._settled()
        before = self._with_text(text)
        applied = Applied(replace(target, version=before.version + 1), {}, {})
        return self._next(text, before, applied, steps, files, (), edited=True)

    def undo(self, reason: str, author: str, date: str) -> Next:
        """Return the codebook after undoing the last step that still stands.

        Raises CodebookError where there is none.
        """
        text, steps, files = self._settled()
        before = self._with_text(text)
        chain = Chain(before.id, before.version, frozenset(), steps)
        standing = [
            i for i, step in enumerate(steps) if i not in chain.undone and step.undoes is None
        ]
        if not standing:
            raise CodebookError(
                "er is geen wijziging meer om ongedaan te maken",
                place=str(self.path),
                remedy="Bekijk wat er gebeurde met: opentekst codebook diff.",
            )
        step = steps[standing[-1]]
        earlier = self._recorded(step.start)
        target = replace(earlier, version=before.version + 1, title=before.title)
        renamed = {new: old for old, new in step.renamed.items()}
        applied = Applied(target, inverse(step.fates, before, earlier), renamed)
        note = data.Change(reason=reason, author=author, date=date)
        return self._next(text, before, applied, steps, files, (note,), undoes=step.end)

    # -- inside ---------------------------------------------------------------------------

    def _settled(self) -> tuple[str, tuple[Step, ...], dict[Path, bytes]]:
        """Return the file's text with all that was done by hand in a version of its own."""
        text = self.path.read_bytes().decode("utf-8")
        files: dict[Path, bytes] = {}
        if not self.by_hand:
            if self.steps and self.now.version != self.last:
                text = edit(text, replace(self.now, version=self.last))
            files[self._page(self.last)] = text.encode()
            return text, self.steps, files
        step = self._hand_step()
        before = self._recorded(step.start)
        vanished = [code.id for code in before.codes if code.id not in self.now.by_id]
        if vanished:
            raise CodebookError(
                "er zijn codes met de hand uit het codeboek gehaald of hernoemd",
                place=str(self.path),
                found=", ".join(vanished),
                remedy="Zet ze terug zoals ze waren (zie codebooks/history), en gebruik"
                " 'opentekst codebook rename', 'merge' of 'retire': dan blijft elke codering"
                " leesbaar.",
            )
        if self.now.version != step.end:
            text = edit(text, replace(self.now, version=step.end))
        files[self._page(step.end)] = text.encode()
        return text, (*self.steps, step), files

    def _hand_step(self) -> Step:
        last = self.steps[-1]
        before = {code.id for code in self._recorded(last.end).active}
        now = {code.id for code in self.now.active}
        return Step(
            last.end,
            max(self.now.version, last.end + 1),
            last.after,
            self.now.fingerprint,
            {},
            tuple(sorted(now - before)),
            tuple(sorted(before - now)),
            edited=True,
        )

    def _recorded(self, number: int) -> Codebook:
        return Codebook.load(self._page(number))

    def _with_text(self, text: str) -> Codebook:
        return Codebook.parse(text, self.path)

    def _page(self, number: int) -> Path:
        return folder(self.path) / f"v{number}.yaml"

    def _next(
        self,
        text: str,
        before: Codebook,
        applied: Applied,
        steps: tuple[Step, ...],
        files: Mapping[Path, bytes],
        changes: tuple[Change, ...],
        undoes: int | None = None,
        edited: bool = False,
    ) -> Next:
        after = applied.codebook
        had, has = ({code.id for code in book.active} for book in (before, after))
        step = Step(
            before.version,
            after.version,
            before.fingerprint,
            after.fingerprint,
            applied.fates,
            tuple(sorted(has - had)),
            tuple(sorted(had - has)),
            applied.renamed,
            changes,
            undoes,
            edited,
        )
        written = edit(text, after, applied.renamed).encode()
        log = folder(self.path) / "changes.jsonl"
        lines = "".join(_line(one) for one in (*steps[len(self.steps) :], step))
        earlier = log.read_bytes() if log.exists() else b""
        return Next(
            after,
            step,
            {
                **files,
                self._page(after.version): written,
                log: earlier + lines.encode(),
                self.path: written,
            },
        )


def folder(path: Path) -> Path:
    """Return the folder of a codebook file's history."""
    return path.parent / "history" / path.stem


def inverse(fates: Fates, after: Codebook, before: Codebook) -> dict[str, tuple[str, ...]]:
    """Return where the codes of `after` go when `fates` are undone.

    >>> book = Codebook("b", 1, "b", ())
    >>> inverse({"a": ("c",), "b": ("c",)}, book, book)
    {'c': ('a', 'b')}
    """
    back: dict[str, list[str]] = {}
    for old, became in fates.items():
        for new in became:
            back.setdefault(new, []).append(old)
    for new, olds in back.items():
        if new in before.by_id and new not in fates:
            olds.append(new)
    gone = {code.id: () for code in after.codes if code.id not in before.by_id}
    return {**gone, **{new: tuple(olds) for new, olds in back.items()}}


def _used(book: Codebook, steps: tuple[Step, ...]) -> set[str]:
    """Return the ids that codes once had, but for those of what was undone."""
    undone = Chain(book.id, book.version, frozenset(), steps).undone
    return {
        code
        for index, step in enumerate(steps)
        if index not in undone and step.undoes is None
        for code in (*step.came, *step.left, *step.fates, *step.renamed.values())
    }


def _line(step: Step) -> str:
    plain: dict[str, Any] = {
        **{k: v for k, v in asdict(step).items() if k != "changes"},
        "changes": [
            data.about(change) if step.undoes is not None else data.dump(change)
            for change in step.changes
        ],
    }
    return json.dumps(plain, ensure_ascii=False) + "\n"


def _steps(path: Path) -> tuple[Step, ...]:
    if not path.exists():
        return ()
    steps = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            steps.append(_step(json.loads(line)))
        except (ValueError, KeyError, TypeError) as fault:
            raise CodebookError(
                "deze regel is geen volledige stap in de geschiedenis van het codeboek",
                place=f"{path}:{number}",
                found=type(fault).__name__,
                remedy="Haal het bestand terug uit uw versiebeheer of back-up; verander het nooit"
                " met de hand.",
            ) from None
    return tuple(steps)


def _step(row: dict[str, Any]) -> Step:
    given = row.pop("changes")
    undoes = row["undoes"]
    about = ("reason", "author", "date")
    return Step(
        **{
            **row,
            "fates": {code: tuple(became) for code, became in row["fates"].items()},
            "came": tuple(row["came"]),
            "left": tuple(row["left"]),
        },
        changes=tuple(
            data.parse(one)
            if undoes is None
            else Change(**{name: one.get(name, "") for name in about})
            for one in given
        ),
    )
