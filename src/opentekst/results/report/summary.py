"""What a reader wants to know first: key figures, what stands out, who answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from opentekst.model import percentage
from opentekst.results.export import layout
from opentekst.results.figures import number, percent_text
from opentekst.results.report.data import Report

NEEDS, TABLES = 3, 4
"""How many themes and how many tables give a line to the summary."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: large, with what it counts and what it is of."""

    value: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Rate:
    """The response of one part of the units."""

    name: str
    answered: int
    asked: int

    @property
    def percent(self) -> str:
        """The response in percent, to one decimal."""
        return str(percentage(self.answered, self.asked)).replace(".", ",")


def key_figures(report: Report) -> list[Figure]:
    """Return the figures at the top of the report."""
    asked, answered = len(report.towns), report.answered
    opens = [q for q in report.questions if q.kind == "open"]
    texts, empty = sum(q.answers for q in opens), sum(q.empty for q in opens)
    people = sum(row.people + row.adjudicated for row in report.coded)
    machine = sum(row.automatic for row in report.coded)
    loose = sum(row.provisional for row in report.coded)
    waiting = sum(row.open for row in report.coded)
    found = [
        Figure(
            f"{Rate('', answered, asked).percent}%" if asked else "–",
            "respons",
            f"{number(answered)} van de {number(asked)} gemeenten",
        ),
        Figure(number(report.respondents), "respondenten", "samengevoegd per gemeente"),
        Figure(
            number(len(report.questions)),
            "vragen",
            f"{len(opens)} open, {len(report.questions) - len(opens)} gesloten",
        ),
    ]
    if texts:
        found += [
            Figure(number(texts), "open antwoorden", f"{number(empty)} zeggen niets"),
            Figure(
                number(people),
                "door mensen gecodeerd",
                f"{number(machine)} door de machine,"
                + (f" {number(loose)} voorlopig," if loose else "")
                + f" {number(waiting)} wachten nog",
            ),
        ]
    return found


def key_lines(report: Report) -> list[str]:
    """Return sentences on what stands out: the most stated themes, the largest rows."""
    themes = [
        f"{theme.label}: {number(theme.units)} van de {number(theme.base)} gemeenten"
        f" ({theme.percent.replace('.', ',')}%)"
        for theme in report.themes
        if theme.kind != "net"
    ][:NEEDS]
    said = [f"Het vaakst genoemde thema – {themes[0]}."] if themes else []
    said += [f"Ook vaak genoemd – {theme}." for theme in themes[1:]]
    return said + [line for line in _largest(report)][:TABLES]


def _largest(report: Report) -> Iterator[str]:
    """Yield the largest row of each table that has one group."""
    for shown in report.tables:
        plan = layout(shown.table)
        cells = [c for c in shown.table.cells if c.percent is not None and c.n is not None]
        if any(plan.heads) or len(plan.sections) != 1 or not cells:
            continue
        top = max(cells, key=lambda cell: cell.percent or 0)
        title = shown.table.title.strip().rstrip(".:")
        title += "" if title.endswith("?") else ":"
        yield (
            f"{title} “{top.category.strip()}” is het vaakst, bij"
            f" {percent_text(top).split(' ')[0]}% ({number(top.n)} van de {number(top.base)}"
            f" gemeenten; tabel {shown.table.number})."
        )


def response_rows(
    report: Report, values: Sequence[str], trait: Literal["province", "size"]
) -> list[Rate]:
    """Return the response for each value of a trait."""
    return [
        Rate(value, sum(town.answered for town in mine), len(mine))
        for value in values
        for mine in [[town for town in report.towns if getattr(town, trait) == value]]
    ]
