"""The waves of a survey: their studies, and what two of them hold side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from opentekst import store
from opentekst.errors import MissingStageError, StudyError
from opentekst.model import Answer, Decision, Normalised, Response
from opentekst.pipeline.earlier import tied
from opentekst.pipeline.stages import substantive
from opentekst.results.crosswalks import Crosswalk
from opentekst.results.mergers import Held, Rolled, roll_up
from opentekst.results.waves import Subject
from opentekst.store import Paths
from opentekst.study import Question, Study
from opentekst.survey.places import places_on, successors

if TYPE_CHECKING:
    from opentekst.results.tables import Counted


def waves_of(study: Study) -> dict[str, Study]:
    """Return the studies of the waves that study.yaml lists, oldest first, by their ids.

    Raises StudyError where it lists fewer than two, where a folder holds no study, and where
    they are not in order.
    """
    if len(study.file.waves) < 2:
        raise StudyError(
            "deze studie heeft nog geen tweede golf",
            place=str(study.root / "study.yaml"),
            remedy="Begin er een: opentekst waves new MAP --export BESTAND.",
        )
    found = {
        wave.id: study if wave.study in (".", "./") else Study.open(study.root / wave.study)
        for wave in study.file.waves
    }
    days = [one.file.date for one in found.values()]
    if days != sorted(days):
        raise StudyError(
            "de golven staan niet van oud naar nieuw",
            place=str(study.root / "study.yaml"),
            found=", ".join(f"{name} ({one.file.date})" for name, one in found.items()),
            remedy="Verander de volgorde bij 'waves', of verbeter 'date' in de study.yaml ervan.",
        )
    return found


def last_wave(study: Study) -> Study:
    """Return the study of the newest wave; the study itself where it lists none."""
    if not study.file.waves:
        return study
    return Study.open(study.root / study.file.waves[-1].study)


@dataclass(frozen=True)
class Side:
    """One wave as it was counted: what lies in data/work of its study."""

    id: str
    study: Study

    @property
    def work(self) -> Path:
        """Where the wave's work lies."""
        return Paths(self.study.root).work

    @cached_property
    def responses(self) -> list[Response]:
        """The closed answers, by unit."""
        return store.read_responses(self.work / "responses.jsonl")

    @cached_property
    def answers(self) -> list[Answer]:
        """The open answers."""
        return store.read_answers(self.work / "answers.jsonl")

    @cached_property
    def items(self) -> dict[str, Normalised]:
        """The normalised answers, by id."""
        return {i.answer: i for i in store.read_normalised(self.work / "normalised.jsonl")}

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """What counts, by answer; not what is open, nor what says nothing."""
        made = store.read_decisions(self.work / "decisions.jsonl")
        known = {answer.id for answer in self.answers}
        if {decision.answer for decision in made} != known:
            raise MissingStageError(
                "de export van deze golf is veranderd sinds er geteld werd",
                place=str(self.study.root),
                remedy=f"Doe eerst: opentekst run --study {self.study.root}.",
            )
        return {d.answer: d for d in substantive(self.work, made) if d.basis != "open"}

    @cached_property
    def counted(self) -> Counted:
        """What each unit holds."""
        from opentekst.results.tables import count_units

        return count_units(self.study, self.responses, self.answers, [*self.decisions.values()])

    @cached_property
    def units(self) -> frozenset[str]:
        """The units that answered anything."""
        return frozenset(r.unit for r in self.responses) | {a.unit for a in self.answers}

    def coded(self, question: str) -> dict[str, frozenset[str]]:
        """Return the codes of each unit's decided answers to an open question, as decided."""
        found: dict[str, frozenset[str]] = {}
        for answer in self.answers:
            if answer.question == question and answer.id in self.decisions:
                codes = self.decisions[answer.id].codes
                found[answer.unit] = found.get(answer.unit, frozenset()) | codes
        return found

    def by_machine(self, question: str) -> tuple[int, int]:
        """Return how many of the decided answers to a question the machine coded, and all."""
        mine = [
            self.decisions[a.id]
            for a in self.answers
            if a.question == question and a.id in self.decisions
        ]
        return sum(d.basis == "automatic" for d in mine), len(mine)


@dataclass(frozen=True)
class Asked:
    """A question of both waves: its rows, and what each unit of now holds, then and now.

    `as_then` is what units held then as it counted then, in the codes of now where they are the
    same. `crosswalk` is there for questions with a codebook. `remarks` are Dutch.
    """

    id: str
    question: Question
    subjects: tuple[Subject, ...]
    then: Held
    now: Held
    as_then: Held
    rolled: Rolled
    crosswalk: Crosswalk | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two waves, one after the other."""

    then: Side
    now: Side

    @cached_property
    def became(self) -> Mapping[str, str]:
        """Which unit of now each unit of then is in."""
        return successors(self.then.study.file.date, self.now.study.file.date)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names of the units of now."""
        units = places_on(self.now.study.file.date).municipalities
        return {nis: unit.name for nis, unit in units.items()}

    @property
    def threshold(self) -> int:
        """Fewer units than this must not be told of: the stricter of the two studies."""
        return max(one.study.file.disclosure.threshold for one in (self.then, self.now))

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """The questions that both waves asked, in the order of now."""
        found: list[Asked] = []
        for question in self.now.study.file.questions:
            before = self.then.study.questions.get(question.id)
            if before and before.kind == question.kind:
                found += self._asked(before, question)
        return tuple(found)

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """The questions of now that cannot be compared, and why, in Dutch."""
        told = []
        for question in self.now.study.file.questions:
            before = self.then.study.questions.get(question.id)
            if before is None:
                told.append(f"{question.id}: alleen in {self.now.id} gevraagd")
            elif before.kind != question.kind:
                told.append(f"{question.id}: was in {self.then.id} een ander soort vraag")
            elif question.kind == "open" and self._crosswalk(before, question) is None:
                told.append(
                    f"{question.id}: het codeboek van {self.now.id} komt niet stap voor stap uit"
                    f" dat van {self.then.id} (opentekst codebook …), of heet anders"
                )
        gone = len(self.then.study.questions.keys() - self.now.study.questions.keys())
        return (*told, *([f"{gone} vragen van {self.then.id} zijn niet meer gesteld"] * bool(gone)))

    def _asked(self, before: Question, question: Question) -> Iterable[Asked]:
        if question.kind == "open":
            walk = self._crosswalk(before, question)
            if walk is not None:
                yield self._open(question, walk, _remarks(before, question))
        elif question.kind == "matrix":
            both = {item.id for item in before.items}
            for item in question.items:
                if item.id in both:
                    name = f"{question.id}.{item.id}"
                    yield self._single(name, before, question, _remarks(before, question))
        elif question.kind == "single":
            yield self._single(question.id, before, question, _remarks(before, question))
        else:
            yield self._multiple(before, question)

    def _crosswalk(self, before: Question, question: Question) -> Crosswalk | None:
        if before.codebook != question.codebook:
            return None
        name = question.codebook
        then, now = self.then.study.histories[name], self.now.study.histories[name]
        if not tied(then, now):
            return None
        chain = now.chain
        return Crosswalk(then.now, now.now, chain.between(then.chain.current, chain.current))

    def _single(
        self, name: str, before: Question, question: Question, remarks: tuple[str, ...]
    ) -> Asked:
        held = self.then.counted.holds.get(name, {})
        rolled = roll_up(name, held, self.became, "mode")
        values = dict.fromkeys((*question.values, *before.values))
        subjects = tuple(
            Subject(name, v, v, "choice", _known(v in before.values, v in question.values))
            for v in values
        )
        now = self.now.counted.holds.get(name, {})
        return Asked(
            name, question, subjects, rolled.holds, now, rolled.holds, rolled, None, remarks
        )

    def _multiple(self, before: Question, question: Question) -> Asked:
        name = question.id
        held = self.then.counted.holds.get(name, {})
        now = self.now.counted.holds.get(name, {})
        alone = [choice.code for choice in before.choices if choice.exclusive]
        walk = self._crosswalk(before, question) if question.codebook else None
        if walk is not None:
            held = {unit: walk.carried(codes) for unit, codes in held.items()}
        rolled = roll_up(name, held, self.became, "union", alone)
        labels = {c.code: c.label for c in (*before.choices, *question.choices)}
        old, new = ({c.code for c in one.choices} for one in (before, question))
        if question.codebook:
            book = self.now.study.codebook(name)
            seen = frozenset().union(*rolled.holds.values(), *now.values())
            labels |= {c.id: c.label for c in book.codes if c.id in seen - labels.keys()}
            old, new = (one | (labels.keys() - old - new) for one in (old, new))
        subjects = tuple(
            Subject(name, code, label, "choice", _known(code in old, code in new))
            for code, label in labels.items()
        )
        remarks = _remarks(before, question)
        return Asked(
            name, question, subjects, rolled.holds, now, rolled.holds, rolled, walk, remarks
        )

    def _open(self, question: Question, walk: Crosswalk, remarks: tuple[str, ...]) -> Asked:
        name = question.id
        rolled = roll_up(name, self.then.coded(name), self.became, "union")
        lost = frozenset(walk.lost)
        then = {
            unit: walk.carried(codes) | (walk.as_then(codes) & lost)
            for unit, codes in rolled.holds.items()
        }
        as_then = {unit: walk.as_then(codes) for unit, codes in rolled.holds.items()}
        now = {unit: walk.now.net(codes) for unit, codes in self.now.coded(name).items()}
        parents = {code.parent for code in walk.now.active}
        subjects = [
            Subject(
                name,
                code.id,
                code.label,
                "net" if code.id in parents else "code",
                "both" if code.id in walk.tied else "now",
            )
            for code in walk.now.active
        ]
        subjects += [
            Subject(name, code, walk.then.by_id[code].label, "code", "then") for code in walk.lost
        ]
        return Asked(name, question, tuple(subjects), then, now, as_then, rolled, walk, remarks)


def _known(then: bool, now: bool) -> Literal["both", "then", "now"]:
    return "both" if then and now else "then" if then else "now"


def _remarks(before: Question, question: Question) -> tuple[str, ...]:
    told = []
    if " ".join(before.text.split()) != " ".join(question.text.split()):
        told.append("de vraag was toen anders gesteld")
    if question.kind in ("single", "matrix") and set(before.values) != set(question.values):
        told.append("de keuzes waren toen andere: alleen gelijke zijn vergeleken")
    return tuple(told)
