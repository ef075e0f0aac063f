"""opentekst in a notebook: a study whose parts are data frames.

`docs/notebook.md` describes every frame; `docs/notebook.ipynb` is a tutorial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from opentekst import study as checked
from opentekst.errors import DataError, MissingStageError
from opentekst.pipeline import STAGES, Engine, StageReport

if TYPE_CHECKING:
    from pandas import DataFrame

    from opentekst.pipeline.engine import Progress

_DONE, _TO_DO = "✓", "…"
_FRAMES = (
    "responses() answers() codings() decisions() tables() topics() agreement() codebook(VRAAG)"
)


@dataclass(frozen=True)
class Told:
    """What was done or how things stand, in Dutch; a notebook shows it as a list."""

    title: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.title, *self.lines))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(line)}</li>" for line in self.lines)
        listed = f"<ul style='list-style:none;padding-left:0'>{items}</ul>"
        return f"<div><strong>{escape(self.title)}</strong>{listed}</div>"


class Study:
    """A study folder, opened for analysis.

    Every method that gives a data frame reads what is on disk and returns a copy: changing it
    changes nothing in the study. Each raises MissingStageError where its stage was not run, or
    where something has changed since; with `stale` the latter is left to the reader to know.
    A changed study.yaml or codebook is read again by itself.
    """

    def __init__(self, root: str | Path = ".", *, stale: bool = False) -> None:
        self.root = Path(root)
        self._stale = stale
        self._stamp = self._stamped()
        self._study = checked.Study.open(self.root)

    @classmethod
    def open(cls, root: str | Path = ".", *, stale: bool = False) -> Study:
        """Open the study in folder `root`.

        Raises StudyError, with file, line and field, where study.yaml is missing or wrong.
        """
        return cls(root, stale=stale)

    @property
    def definition(self) -> checked.Study:
        """study.yaml and the codebooks, checked, as they are now on disk."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._study = checked.Study.open(self.root)
            self._stamp = stamp
        return self._study

    def run(self, *stages: str, again: bool = False) -> Told:
        """Run what is out of date, in order, as `opentekst run`; return what was done.

        `stages` limits to those (read, normalise, code, topics, tables) and what they build
        on, `again` runs them though they are up to date. Raises DataError for a stage that
        does not exist and OpentekstError where a stage fails; earlier results stay as they were.
        """
        known = [stage.name for stage in STAGES]
        for name in stages:
            if name not in known:
                raise DataError(
                    "deze stap bestaat niet", found=name, remedy=f"Kies uit: {', '.join(known)}."
                )
        reports = self._engine(_progress()).run(stages, force=again)
        if not any(report.ran for report in reports):
            return Told("Alles was al bij: er is niets gedaan.", ())
        return Told("Gedaan", tuple(_report_lines(reports)))

    def status(self) -> Told:
        """Return which stages are up to date and what to do next, as `opentekst status`."""
        states = self._states()
        lines = [f"{_DONE if states[s.name] else _TO_DO} {s.title} ({s.name})" for s in STAGES]
        stale = [name for name, fresh in states.items() if not fresh]
        lines += self._figures()
        lines.append(
            f"Volgende stap: run() doet {', '.join(stale)}" if stale else f"Alles is bij: {_FRAMES}"
        )
        return Told(self.definition.file.study, tuple(lines))

    def responses(self) -> DataFrame:
        """Return one row a municipality: who it is, and its answers to the closed questions."""
        from opentekst.pipeline import frames

        return frames.responses(self._after("read"))

    def answers(self, question: str = "", *, raw: bool = False) -> DataFrame:
        """Return one row an open answer, of one question where named.

        Names of persons are placeholders, such as "[naam 1]"; with `raw` the text is verbatim:
        for your own eyes. Raises DataError for a question that does not exist.
        """
        from opentekst.pipeline import frames

        return frames.answers(self._after("read" if raw else "normalise"), question, raw)

    def codings(self, question: str = "", *, raw: bool = False) -> DataFrame:
        """Return every opinion of people and machine, one row a code, in the codes of today.

        Raises DataError for a question that does not exist.
        """
        from opentekst.pipeline import frames

        return frames.codings(self._after("code"), question, raw)

    def decisions(self, question: str = "", *, wide: bool = False, nets: bool = False) -> DataFrame:
        """Return what counts for each answer: one row a code, or with `wide` one row an answer.

        With `nets` an answer with a code also has the codes above it. Raises DataError for a
        question that does not exist.
        """
        from opentekst.pipeline import frames

        return frames.decisions(self._after("tables"), question, wide, nets)

    def tables(self) -> dict[str, DataFrame]:
        """Return the tables by their number, one row a cell, with the estimates' intervals.

        Title, header and footnotes stand in `attrs` of each frame.
        """
        from opentekst.pipeline import result_frames

        return result_frames.tables(self._after("tables"))

    def topics(self, *, answers: bool = False) -> DataFrame:
        """Return the topics found among the answers; with `answers`, which answer is in which."""
        from opentekst.pipeline import result_frames

        study = self._after("topics")
        return result_frames.topic_answers(study) if answers else result_frames.topics(study)

    def agreement(self, part: Literal["figures", "confusions"] = "figures") -> DataFrame:
        """Return how far people agree who coded the same answers blind, or what they confuse.

        Raises DataError where nothing was coded blind by two people.
        """
        from opentekst.pipeline import result_frames

        figures, confusions = result_frames.agreement(self._after("read"))
        return confusions if part == "confusions" else figures

    def codebook(self, question: str) -> DataFrame:
        """Return the codes of a question's codebook (or of a codebook by its id), in order.

        Raises DataError where there is neither.
        """
        from opentekst.pipeline import result_frames

        return result_frames.codebook(self.definition, question)

    def __repr__(self) -> str:
        return str(self.status())

    def _repr_html_(self) -> str:
        return self.status()._repr_html_()

    def _engine(self, progress: Progress | None = None) -> Engine:
        return Engine(self.definition, STAGES, *([progress] if progress else []))

    def _states(self) -> dict[str, bool]:
        engine = self._engine()
        return {stage.name: engine.fresh(stage) for stage in engine.stages}

    def _after(self, name: str) -> checked.Study:
        """Return the study. Raises MissingStageError where the stage did not run, or is stale."""
        engine = self._engine()
        stage = next(stage for stage in STAGES if stage.name == name)
        if not self._stale and not engine.fresh(stage):
            ran = bool(engine.last(name))
            raise MissingStageError(
                f"de stap '{stage.title}' is niet meer bij: er is iets veranderd sinds ze liep"
                if ran
                else f"de stap '{stage.title}' is nog niet gedaan",
                place=str(self.root),
                remedy=f'Doe eerst run("{name}"), of run() voor alles'
                + ("; Study.open(MAP, stale=True) toont wat er staat." if ran else "."),
            )
        return self.definition

    def _figures(self) -> list[str]:
        """Return what the last run found, as far as it ran."""
        engine = self._engine()
        read, tables = engine.last("read"), engine.last("tables")
        lines = []
        if read:
            lines.append(
                f"{read['units']} van {read['population']} gemeenten, {read['answers']} antwoorden"
                " op open vragen"
            )
        if tables:
            counts = dict(tables["decisions"])
            waiting = counts.pop("open", 0)
            lines.append(
                f"{sum(counts.values())} antwoorden beslist, {waiting} wachten op een mens;"
                f" {tables['tables']} tabellen"
            )
        return lines

    def _stamped(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes when study.yaml or a codebook does."""
        files = [self.root / "study.yaml", *sorted((self.root / "codebooks").rglob("*.yaml"))]
        stats = ((str(path), path.stat()) for path in files if path.exists())
        return tuple((name, one.st_mtime_ns, one.st_size) for name, one in stats)


def _report_lines(reports: Sequence[StageReport]) -> list[str]:
    lines = []
    for report in reports:
        lines.append(f"{_DONE} {report.title}" + ("" if report.ran else " (was al bij)"))
        lines += [f"  {line}" for line in report.lines]
    return lines


def _progress() -> Progress:
    """Return a progress bar that fits where this runs."""
    from rich.console import Console

    from opentekst import progress

    if progress.in_notebook():
        return progress.notebook
    return partial(progress.terminal, Console(stderr=True))
