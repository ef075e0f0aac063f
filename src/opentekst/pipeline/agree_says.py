"""What agreement means, in plain Dutch: verdicts with their margin, what is left out, next steps.

The bounds .800 and .667 are Krippendorff's own (Content Analysis, on reliability standards):
at .800 conclusions may rest on the data, from .667 only tentative ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from babel.numbers import format_decimal, format_percent

from opentekst.codebook import Codebook
from opentekst.errors import DataError
from opentekst.pipeline.sayings import LOCALE, number
from opentekst.review.agreement import Measure
from opentekst.review.confusion import NOTHING, Confusion
from opentekst.review.reliability import FEW, Line, Reliability

FIRM, TENTATIVE = 0.800, 0.667
NONE_GIVEN = "(niets)"


@dataclass(frozen=True)
class LeftOut:
    """What does not count, and why: numbers of codings; `gone`, `alone`, `versions` of answers.

    `versions` counts answers that do count, but were coded under two versions of the codebook.
    """

    taken_back: int = 0
    seen: int = 0
    unknown: int = 0
    waiting: int = 0
    gone: int = 0
    alone: int = 0
    versions: int = 0


@dataclass(frozen=True)
class Group:
    """A question, or all questions that share a codebook together, with what was found.

    `answers` maps answer to coder to codes.
    """

    id: str
    title: str
    questions: tuple[str, ...]
    book: Codebook
    answers: Mapping[str, Mapping[str, frozenset[str]]]
    found: Reliability
    confusions: tuple[Confusion, ...]
    left: LeftOut

    @property
    def pooled(self) -> bool:
        """Whether this is several questions together."""
        return len(self.questions) > 1


def decimal(value: float) -> str:
    """Return a figure to three decimals.

    >>> decimal(0.6919)
    '0,692'
    """
    return str(format_decimal(value, format="0.000", locale=LOCALE))


def percent(value: float) -> str:
    """Return a share as a whole percentage.

    >>> percent(0.75)
    '75%'
    """
    return str(format_percent(value, format="0%", locale=LOCALE))


def undefined(units: int) -> str:
    """Say why a figure is not defined."""
    if not units:
        return "geen antwoord dat twee mensen blind codeerden"
    return "iedereen gaf overal hetzelfde, en zonder variatie is er geen toeval te schatten"


def no_margin(measure: Measure) -> str:
    """Say why a figure that is defined has no interval."""
    if measure.value == 1:
        return "geen enkel verschil gezien, dus geen marge"
    return "te weinig variatie voor een marge"


def verdict(alpha: Measure, units: int) -> str:
    """Say what an alpha allows, by Krippendorff's bounds and with its interval."""
    if alpha.value is None:
        return f"niet te bepalen: {undefined(units)}"
    few = f"; weinig antwoorden ({units})" if units < FEW else ""
    if alpha.low is None or alpha.high is None:
        firm = f"te weinig antwoorden ({units}) voor een oordeel" if few else _bare(alpha.value)
        return f"{firm}; {no_margin(alpha)}"
    return f"{_bare(alpha.value)}{_doubt(alpha.value, alpha.low, alpha.high)}{few}"


def _bare(value: float) -> str:
    if value >= FIRM:
        return "betrouwbaar"
    if value >= TENTATIVE:
        return "genoeg voor voorlopige conclusies"
    return "te laag om op te steunen"


def _doubt(value: float, low: float, high: float) -> str:
    """Say which bound lies within the interval, where one does."""
    if value < TENTATIVE:
        return ", al kan de ware waarde hoger liggen" if high >= TENTATIVE else ""
    if low < TENTATIVE:
        return ", maar niet zeker: de marge reikt tot onder 0,667"
    if value >= FIRM > low:
        return ", maar de marge reikt tot onder 0,800"
    return ""


def code_note(line: Line) -> str:
    """Say what to go by for one code."""
    if not line.rare:
        return verdict(line.alpha, line.units)
    lacking = line.units - line.shared
    few = (
        f"zeldzaam: {_answers(line.given)} met deze code"
        if line.given <= lacking
        else f"bijna altijd gegeven: {_answers(lacking)} niet door allen"
    )
    return f"{few}; kijk naar AC1 en 'door allen', niet naar alpha"


def _answers(count: int) -> str:
    return f"{count} antwoord" if count == 1 else f"{count} antwoorden"


def short(line: Line) -> str:
    """Say in a few words what to go by for one code."""
    if line.rare:
        return "zeldzaam: zie AC1" if line.given <= line.units - line.shared else "zie AC1"
    said, _, doubt = code_note(line).split(";")[0].partition(", ")
    return f"misschien {said}" if doubt else said.partition(":")[0]


def note(line: Line) -> str:
    """Say what a line of figures means."""
    return code_note(line) if line.kind == "code" else verdict(line.alpha, line.units)


def label(book: Codebook, code: str) -> str:
    """Return a code's label, or what stands for no code."""
    return NONE_GIVEN if code == NOTHING else book.by_id[code].label


def shown(code: str) -> str:
    """Return a code's id, or what stands for no code."""
    return NONE_GIVEN if code == NOTHING else code


def relation(book: Codebook, one: Confusion) -> str:
    """Say how two confused codes stand to each other in the tree."""
    if one.other == NOTHING:
        return "de ander gaf niets in de plaats"
    if one.one in book.ancestors(one.other) or one.other in book.ancestors(one.one):
        return "hoofdcode of subcode"
    if book.by_id[one.one].parent == book.by_id[one.other].parent != "":
        return "onder dezelfde hoofdcode"
    return ""


def cells(measure: Measure) -> tuple[str, str]:
    """Return a figure and its interval as texts; "–" where there is none.

    >>> cells(Measure(0.5, 0.25, 0.75))
    ('0,500', '0,250–0,750')
    """
    value = "–" if measure.value is None else decimal(measure.value)
    if measure.low is None or measure.high is None:
        return value, "–"
    return value, f"{decimal(measure.low)}–{decimal(measure.high)}"


def left_lines(lefts: Sequence[LeftOut]) -> list[str]:
    """Say what was left out of all questions, and why."""
    total = {f.name: sum(getattr(left, f.name) for left in lefts) for f in fields(LeftOut)}
    reasons = {
        "seen": "coderingen van wie het voorstel of andermans codering zag (arbitrage)",
        "unknown": "coderingen waarvan niet bekend is of ze blind waren",
        "taken_back": "coderingen die hun codeur terugnam",
        "waiting": "coderingen die na een splitsing opnieuw moeten",
        "gone": "antwoorden die niet meer in de gegevens staan",
        "alone": "antwoorden die maar één mens blind codeerde",
    }
    lines = [f"  – {number(total[name])} {why}" for name, why in reasons.items() if total[name]]
    told = ["Telt niet mee:", *lines] if lines else []
    if total["versions"]:
        told.append(
            f"LET OP: {number(total['versions'])} antwoorden werden onder twee versies van het"
            " codeboek gecodeerd; een verschil kan daaraan liggen"
        )
    return told


def nothing_blind(question: str, lefts: Sequence[LeftOut]) -> DataError:
    """Return what is raised where no answer was coded blind by two people."""
    why = "; ".join(line.removeprefix("  – ") for line in left_lines(lefts)[1:])
    return DataError(
        "geen enkel antwoord is door twee mensen blind gecodeerd; overeenkomst is niet te bepalen",
        place=f"vraag '{question}'" if question else "annotations/",
        found=why or "geen coderingen van mensen",
        remedy="Laat twee codeurs dezelfde antwoorden coderen zonder het voorstel van de machine"
        " en zonder elkaars werk te zien: 'opentekst review audit' trekt daarvoor een blinde"
        " steekproef.",
    )


def worst(groups: Sequence[Group], count: int) -> list[tuple[Group, Confusion]]:
    """Return what is most often confused, each codebook once; of as many, the larger share."""
    pooled = {group.book.id for group in groups if group.pooled}
    whole = [group for group in groups if group.pooled or group.book.id not in pooled]
    pairs = [(group, one) for group in whole for one in group.confusions]
    return sorted(pairs, key=lambda p: (-len(p[1].answers), p[1].among))[:count]


def pair_line(group: Group, one: Confusion) -> str:
    """Say which codes are confused, and how often."""
    if one.other == NOTHING:
        return (
            f"{label(group.book, one.one)} of niets: {len(one.answers)} van {one.among} antwoorden"
            f" met deze code (codeboek {group.book.id})"
        )
    how = relation(group.book, one)
    return (
        f"{label(group.book, one.one)} of {label(group.book, one.other)}:"
        f" {len(one.answers)} van {one.among} antwoorden met een van beide"
        f" (codeboek {group.book.id}{f'; {how}' if how else ''})"
    )


def as_data(group: Group) -> dict[str, Any]:
    """Return what was found of a group, for machines."""
    return {
        "questions": list(group.questions),
        "units": group.found.units,
        "coders": list(group.found.coders),
        "lines": [
            {
                "kind": line.kind,
                "part": line.part,
                "units": line.units,
                "alpha": _data(line.alpha),
                "percent": _data(line.percent),
                **({"ac1": _data(line.ac1)} if line.ac1 else {}),
                **({"given": line.given, "shared": line.shared} if line.kind == "code" else {}),
                "note": note(line),
            }
            for line in group.found.lines
        ],
        "confused": [
            {"one": c.one, "other": c.other, "answers": list(c.answers), "among": c.among}
            for c in group.confusions
        ],
        "left_out": {f.name: getattr(group.left, f.name) for f in fields(LeftOut)},
    }


def _data(measure: Measure) -> list[float | None]:
    return [None if value is None else round(value, 4) for value in measure]
