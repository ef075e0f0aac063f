"""What study.yaml says of a table: what it counts, in which groups, and how it is shown."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from opentekst.checked_yaml import Strict


class Group(Strict):
    """One column of a table: its label, the question(s) counted and, for a matrix, what counts."""

    label: str
    question: str = ""
    questions: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    count: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of the questions that this group counts."""
        return self.questions or (self.question,)


class TableSpec(Strict):
    """A table to print. `rows` are values, codes or item ids; empty means all, as listed.

    `by` splits the units: a trait of theirs (`provincie`, or a column of `units.traits`) or a
    closed question. `base` is who a percentage is of: the units that `answered`, or `all`.
    `missing: show` adds a row of those that did not answer, and then the base is all units.
    `nets` groups codes under their parents; a net counts each unit once. `cutoff` puts rows
    counted fewer times under "Andere". `total` adds a row and, with `by`, a column for all
    units. `test` compares the groups of `by`. `weight` is a trait to post-stratify on, or a
    column of the export that holds weights.
    """

    number: str
    title: str
    header: str
    question: str = ""
    groups: tuple[Group, ...] = ()
    rows: tuple[str, ...] = ()
    order: Literal["listed", "count", "label"] = "listed"
    footnotes: tuple[str, ...] = ()
    by: str = ""
    base: Literal["", "answered", "all"] = ""
    missing: Literal["hide", "show"] = "hide"
    nets: bool = False
    cutoff: int = Field(default=0, ge=0)
    total: bool = False
    test: bool = False
    weight: str = ""

    @model_validator(mode="after")
    def _agreeing(self) -> Self:
        if self.by and len(self.groups) > 1:
            raise ValueError("'by' maakt zelf de groepen: noem er hooguit één vraag of groep bij")
        if self.test and not self.by:
            raise ValueError("'test' vergelijkt de groepen van 'by': geef ook 'by'")
        if self.missing == "show" and self.base == "answered":
            raise ValueError("'missing: show' telt op alle gemeenten: zet 'base: all', of laat weg")
        return self

    @property
    def columns(self) -> tuple[Group, ...]:
        """The groups; a table without groups has one, called `totaal`."""
        return self.groups or (Group(label="totaal", question=self.question),)

    @property
    def of_all(self) -> bool:
        """Whether percentages are of all units, not only of those that answered."""
        return self.base == "all" or self.missing == "show"


class Disclosure(Strict):
    """From how many units a figure may be printed; 0 prints all."""

    threshold: int = Field(default=0, ge=0)
