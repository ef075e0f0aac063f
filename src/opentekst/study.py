"""study.yaml, checked: which file, which columns, which questions, which tables."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from opentekst import checked_yaml
from opentekst.checked_yaml import Strict
from opentekst.codebook import Codebook, History
from opentekst.errors import StudyError
from opentekst.study_faults import faults
from opentekst.table_spec import Disclosure as Disclosure
from opentekst.table_spec import Group as Group
from opentekst.table_spec import TableSpec as TableSpec
from opentekst.theme_spec import ThemeSpec as ThemeSpec


class Accept(Strict):
    """A column and the values in it that let a response through."""

    column: str
    accept: tuple[str, ...]


class Source(Strict):
    """The export to read, relative to the study; `plain` is one header row, no Qualtrics."""

    file: str
    format: Literal["auto", "qualtrics", "plain"] = "auto"
    missing: tuple[str, ...] = ("-99",)


class Respondents(Strict):
    """Which columns say who answered, and which responses count."""

    id: str = "ResponseId"
    recorded: str = "RecordedDate"
    progress: str = "Progress"
    role: str = ""
    status: Accept | None = None
    consent: Accept | None = None
    finished: Accept | None = None


class Units(Strict):
    """What a percentage counts: municipalities, found by postcode.

    `assign` maps a respondent's id to a municipality's name, where the researcher knows
    better than the postcode. `traits` is a CSV with a row for each municipality (column `nis`
    or `gemeente`) and a column for each trait to split or weight by; of a column `inwoners`,
    `sizes` makes the trait `grootte`: the lower limits of the classes after the first.
    """

    postcode: str
    assign: Mapping[str, str] = Field(default_factory=dict)
    traits: str = ""
    sizes: tuple[int, ...] = Field(default=(10_000, 20_000, 50_000), min_length=1)


class Section(Strict):
    """A part of the questionnaire and the roles whose answer counts first there."""

    id: str
    responsible: tuple[str, ...] = ()


class Choice(Strict):
    """One box to tick: its column, its printed label and its code.

    An `exclusive` choice ("geen van deze") does not go together with another.
    """

    code: str
    column: str
    label: str
    exclusive: bool = False


class Item(Strict):
    """One row of a matrix: its column and its printed label."""

    id: str
    column: str
    label: str


class Other(Strict):
    """The choice "andere, namelijk" and the open question that holds its text."""

    choice: str
    question: str


class Question(Strict):
    """One question of the survey.

    single: `column`, `values`; multiple: `choices`, maybe `other` and `codebook`;
    matrix: `items`, `values`; open: `column`, `codebook`, `prompt`, maybe `context` (the
    closed questions that coders see beside its answers, see Review).
    """

    id: str
    kind: Literal["single", "multiple", "matrix", "open"]
    text: str
    section: str = ""
    column: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    items: tuple[Item, ...] = ()
    other: Other | None = None
    codebook: str = ""
    prompt: Literal["need", "statement", "other", "theme", "open"] = "open"
    context: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {
            "single": ("column", "values"),
            "multiple": ("choices",),
            "matrix": ("items", "values"),
            "open": ("column", "codebook"),
        }
        for field in needs[self.kind]:
            if not getattr(self, field):
                raise ValueError(f"vraag '{self.id}' ({self.kind}) heeft geen '{field}'")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the export that this question reads."""
        if self.kind == "multiple":
            return tuple(choice.column for choice in self.choices)
        if self.kind == "matrix":
            return tuple(item.column for item in self.items)
        return (self.column,)


class Review(Strict):
    """Who codes by hand, what they see beside an answer, and when people have decided.

    `coders` are e-mail addresses. An answer is decided once `least` of them coded it, and
    all agree or, with `majority: count`, more than half do; else by one of `adjudicators`.
    `context` names closed questions (`question`, or `matrix.item`) whose answer is shown.
    """

    coders: tuple[str, ...] = ()
    adjudicators: tuple[str, ...] = ()
    least: int = Field(default=1, ge=1)
    majority: Literal["count", "open"] = "count"
    context: tuple[str, ...] = ()


class CodingSettings(Strict):
    """What the machine may decide by itself.

    `target` is the accuracy of whole code sets that it must reach, `unreviewed` says whether
    its codes count where no person has looked and triage does not trust it, `embedder`
    which sentence vectors it uses.
    """

    target: float = Field(default=0.80, ge=0.5, le=0.99)
    unreviewed: Literal["open", "count"] = "open"
    embedder: str = "use"


class Wave(Strict):
    """One wave: its id, and the folder of its own study, relative to this study.yaml."""

    id: str = Field(min_length=1)
    study: str = Field(min_length=1)


class StudyFile(Strict):
    """The whole of study.yaml.

    `waves` lists the waves of a survey, oldest first; each is a study of its own. `earlier` is
    the folder of the wave before this one, relative to study.yaml: what people decided there
    teaches the coder here.
    """

    study: str
    date: datetime.date
    pipeline: str = "nl_core_news_sm"
    seed: int = 0
    source: Source
    respondents: Respondents
    units: Units
    sections: tuple[Section, ...] = ()
    questions: tuple[Question, ...]
    tables: tuple[TableSpec, ...] = ()
    review: Review = Review()
    coding: CodingSettings = Field(default_factory=CodingSettings)
    disclosure: Disclosure = Disclosure()
    themes: ThemeSpec = Field(default_factory=ThemeSpec)
    compare: str = ""
    waves: tuple[Wave, ...] = ()
    earlier: str = ""


@dataclass(frozen=True)
class Study:
    """A study folder and its checked study.yaml."""

    root: Path
    file: StudyFile

    @classmethod
    def open(cls, root: str | Path = ".") -> Study:
        """Open the study in folder `root`.

        Raises StudyError, with file, line and field, where study.yaml is missing or wrong.
        """
        root = Path(root)
        path = root / "study.yaml"
        if not path.exists():
            raise StudyError(
                "in deze map staat geen studie",
                place=str(path),
                remedy="Ga naar de map van uw studie, of noem haar met --study MAP.",
            )
        return cls(root, _read(checked_yaml.text_of(path, StudyError, "de studie"), path))

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by its id."""
        return {question.id: question for question in self.file.questions}

    @cached_property
    def open_questions(self) -> tuple[Question, ...]:
        """The open questions, in the order of study.yaml."""
        return tuple(q for q in self.file.questions if q.kind == "open")

    @cached_property
    def codebooks(self) -> Mapping[str, Codebook]:
        """Every codebook that a question names, by its id, checked.

        Raises CodebookError for a bad codebook and StudyError for a choice whose code the
        codebook lacks.
        """
        names = dict.fromkeys(q.codebook for q in self.file.questions if q.codebook)
        books = {name: Codebook.load(self.root / "codebooks" / f"{name}.yaml") for name in names}
        for name, book in books.items():
            if book.id != name:
                raise StudyError(
                    "het codeboek heet anders dan zijn bestand",
                    place=str(self.root / "codebooks" / f"{name}.yaml"),
                    found=book.id,
                    remedy=f"Zet er 'codebook: {name}', of hernoem het bestand.",
                )
        for question in self.file.questions:
            for choice in question.choices if question.codebook else ():
                if choice.code not in books[question.codebook].by_id:
                    raise StudyError(
                        f"vraag '{question.id}': de code van keuze '{choice.label}' staat niet"
                        f" in codeboek '{question.codebook}'",
                        place=str(self.root / "study.yaml"),
                        found=choice.code,
                        remedy="Verbeter de code hier, of voeg haar toe aan het codeboek.",
                    )
        return books

    @cached_property
    def histories(self) -> Mapping[str, History]:
        """The history of every codebook, by its id. Raises CodebookError for a bad one."""
        return {
            name: History.load(self.root / "codebooks" / f"{name}.yaml", book)
            for name, book in self.codebooks.items()
        }

    def history(self, question: str) -> History:
        """Return the history of an open or multiple question's codebook."""
        return self.histories[self.questions[question].codebook]

    def codebook(self, question: str) -> Codebook:
        """Return the codebook of an open or multiple question."""
        return self.codebooks[self.questions[question].codebook]


@lru_cache(maxsize=16)
def _read(text: str, path: Path) -> StudyFile:
    """Return the checked study.yaml; a study is opened often, and reading takes a second."""
    data = checked_yaml.parse(text, path, StudyError)
    file = checked_yaml.check(StudyFile, data, path, StudyError)
    for problem, found, place in faults(file):
        raise StudyError(
            problem,
            place=f"{path}:{checked_yaml.line_of(data, place)}",
            found=found,
            remedy="Verbeter de verwijzing, of voeg toe waarnaar ze verwijst.",
        )
    return file
