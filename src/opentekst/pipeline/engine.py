"""Which stages are out of date, and running them so that nothing is ever half done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from opentekst.errors import StorageError
from opentekst.store import Paths, file_hash, write_all
from opentekst.study import Study

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Called with a title and a total; gives a function to call with the number of steps done."""


def silent(_title: str, _total: int) -> AbstractContextManager[Callable[[int], None]]:
    """Show no progress."""
    return nullcontext(lambda _steps: None)


@dataclass(frozen=True)
class StageReport:
    """What a stage did. `lines` are for people, `data` for machines, `ran` False if fresh."""

    stage: str
    title: str
    ran: bool
    lines: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """What a stage made: files to write, and what to say of it.

    `once` goes with `data` to who asked for this run; it is not recorded, because it depends
    on what there was before.
    """

    files: Mapping[Path, bytes]
    lines: tuple[str, ...]
    data: Mapping[str, Any]
    once: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One stage: `inputs` names all it depends on, `make` does the work without writing.

    `after` names the stages whose outputs it reads.
    """

    name: str
    title: str
    after: tuple[str, ...]
    inputs: Callable[[Study], Mapping[str, str]]
    make: Callable[[Study, Progress], Made]


class Engine:
    """Runs the stages of one study. Only one runs at a time in a study folder."""

    def __init__(
        self, study: Study, stages: tuple[Stage, ...], progress: Progress = silent
    ) -> None:
        self.study = study
        self.paths = Paths(study.root)
        self.stages = stages
        self.progress = progress

    def fresh(self, stage: Stage) -> bool:
        """Tell whether a stage, and all it builds on, was made from its present inputs."""
        if not all(self.fresh(other) for other in self.stages if other.name in stage.after):
            return False
        return self._current(stage)

    def _current(self, stage: Stage) -> bool:
        entry = self._lock().get(stage.name)
        if entry is None or entry["inputs"] != dict(stage.inputs(self.study)):
            return False
        return all(file_hash(self.study.root / path) == h for path, h in entry["outputs"].items())

    def run(
        self,
        names: tuple[str, ...] = (),
        force: bool = False,
        tell: Callable[[StageReport], None] = lambda _report: None,
    ) -> list[StageReport]:
        """Run what is out of date, in order.

        `names` limits to those stages and what they build on; `force` reruns them.

        `tell` gets each stage's report as soon as it is done. Raises OpentekstError; what
        earlier runs and earlier stages wrote is then untouched.
        """
        reports = []
        asked = [stage for stage in self.stages if not names or stage.name in names]
        needed = {name for stage in asked for name in (stage.name, *stage.after)}
        with self._alone():
            for stage in self.stages:
                if stage in asked or (stage.name in needed and not self._current(stage)):
                    reports.append(self._one(stage, force and stage in asked))
                    tell(reports[-1])
        return reports

    def last(self, name: str) -> Mapping[str, Any]:
        """Return the `data` of a stage's last run, empty where it never ran."""
        entry = self._lock().get(name, {})
        report: Mapping[str, Any] = entry.get("report", {})
        return report

    def _one(self, stage: Stage, force: bool) -> StageReport:
        if not force and self._current(stage):
            return StageReport(stage.name, stage.title, ran=False, data=self.last(stage.name))
        made = stage.make(self.study, self.progress)
        # Inputs are taken after the work: a stage may settle what it depends on (the pipeline).
        entry = {
            "inputs": dict(stage.inputs(self.study)),
            "outputs": {
                path.relative_to(self.study.root).as_posix(): _hash(content)
                for path, content in made.files.items()
            },
            "report": dict(made.data),
        }
        stages = {**self._lock(), stage.name: entry}
        order = [s.name for s in self.stages]
        lock = {"stages": {name: stages[name] for name in order if name in stages}}
        text = json.dumps(lock, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
        write_all({**made.files, self.paths.lock: text.encode()})
        return StageReport(stage.name, stage.title, True, made.lines, {**made.data, **made.once})

    def _lock(self) -> dict[str, Any]:
        try:
            stages: dict[str, Any] = json.loads(self.paths.lock.read_text("utf-8"))["stages"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return {}
        return stages

    def _alone(self) -> FileLock:
        try:
            self.paths.work.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.paths.work / "bezig.lock", timeout=0)
            lock.acquire()
        except Timeout:
            raise StorageError(
                "een andere opentekst-opdracht werkt nu in deze studie",
                place=str(self.study.root),
                remedy="Wacht tot die klaar is en probeer opnieuw.",
            ) from None
        except OSError as fault:
            raise StorageError(
                "in deze map kan niet geschreven worden",
                place=str(self.paths.work),
                found=fault.strerror or type(fault).__name__,
                remedy="Controleer de schrijfrechten en de vrije schijfruimte.",
            ) from None
        return lock


def _hash(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()
