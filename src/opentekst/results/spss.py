"""The merged responses as an SPSS file: closed answers, boxes and codes, one row a unit."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from opentekst.model import Response
from opentekst.study import Question, Study

UNANSWERED, UNDECIDED = -9, -8
MISSING = {
    UNANSWERED: "niet gevraagd of niet beantwoord",
    UNDECIDED: "antwoord telt nog niet: geen beslissing, of zonder inhoud",
}
"""User-missing values, in every question's variable."""
TICKED = {0: "nee", 1: "ja"}
LONGEST_NAME, LONGEST_LABEL, LONGEST_VALUE_LABEL, LONGEST_TITLE = 64, 240, 120, 60
"""In bytes of UTF-8. SPSS takes labels of 256 bytes; a line of syntax must hold one."""
_RESERVED = frozenset("ALL AND BY EQ GE GT LE LT NE NOT OR TO WITH".split())
_STAMP = slice(92, 109)  # the creation date (9) and time (8) in the header of a .sav
_FIXED_STAMP = b"01 Jan 0000:00:00"

Holds = Mapping[str, Mapping[str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Variable:
    """One column: a value for each unit, with the labels of its values.

    A variable of texts has no value labels. `labels` leaves out the missing values, which
    are the same everywhere (`MISSING`).
    """

    name: str
    label: str
    values: tuple[str, ...] | tuple[int, ...]
    labels: Mapping[int, str] = field(default_factory=dict)


class Names:
    """Gives names that SPSS takes, each once, whatever the case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, *parts: str) -> str:
        """Return a name of at most 64 bytes made of `parts`, with points between.

        >>> Names().give("noden", "te weinig tijd"), Names().give("1e vraag"), Names().give("by")
        ('noden.te_weinig_tijd', 'v_1e_vraag', 'by_v')
        """
        plain = unicodedata.normalize("NFKD", ".".join(parts)).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^A-Za-z0-9_.]", "_", plain).strip("._") or "v"
        stem = stem if stem[0].isalpha() else f"v_{stem}"
        stem = f"{stem}_v" if stem.upper() in _RESERVED else stem[:LONGEST_NAME].rstrip("._")
        turns = (f"{stem[:58].rstrip('._')}_{turn}" for turn in itertools.count(2))
        name = next(n for n in itertools.chain([stem], turns) if n.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name


@dataclass(frozen=True)
class Dataset:
    """The variables, in order, and which of them hold a question.

    `singles` maps a single question or an item of a matrix to its variable; `boxes` and
    `codes` map a multiple or an open question to its code → variable. `names` gives further
    names that do not clash.
    """

    variables: tuple[Variable, ...]
    singles: Mapping[str, str]
    boxes: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, Mapping[str, str]]
    names: Names


def dataset(
    study: Study,
    responses: Sequence[Response],
    holds: Holds,
    written: Mapping[str, AbstractSet[str]],
    units: Mapping[str, Mapping[str, str]],
) -> Dataset:
    """Return the variables of a study: one row a unit, in the order of `responses`.

    `holds` is what the tables counted (see `Counted`), `written` the units that wrote an
    answer to an open question, `units` what is known of each unit: name of a variable → text.
    A box is 1 or 0 where its question was answered; a code, with the codes above it, is 1 or
    0 where an answer of the unit was decided. No text of an answer is in it.
    """
    names, made = Names(), list[Variable]()
    rows = [response.unit for response in responses]
    known = dict.fromkeys(name for unit in rows for name in units.get(unit, {}))

    def add(name: str, label: str, values: Iterable[int], labels: Mapping[int, str]) -> str:
        made.append(Variable(name, short(label, LONGEST_LABEL), tuple(values), labels))
        return name

    for name, values in (
        ("eenheid", rows),
        *((name, [units.get(unit, {}).get(name, "") for unit in rows]) for name in known),
    ):
        made.append(Variable(names.give(name), name.capitalize(), tuple(values)))
    add(names.give("respondenten"), "Aantal respondenten", (len(r.respondents) for r in responses),
        {})  # fmt: skip
    singles: dict[str, str] = {}
    boxes: dict[str, dict[str, str]] = {}
    codes: dict[str, dict[str, str]] = {}
    for question in study.file.questions:
        if question.kind == "multiple":
            ticks = {
                r.unit: r.multiple[question.id] for r in responses if question.id in r.multiple
            }
            boxes[question.id] = {
                code: add(names.give(question.id, code), f"{label} – {question.text}",
                          _dichotomy(rows, code, ticks, frozenset()), TICKED)
                for code, label in box_labels(study, question).items()
            }  # fmt: skip
        elif question.kind == "open":
            held = holds.get(question.id, {})
            waiting = written.get(question.id, frozenset())
            codes[question.id] = {
                code: add(names.give(question.id, code), f"{label} – {question.text}",
                          _dichotomy(rows, code, held, waiting), TICKED)
                for code, label in code_labels(study, question, holds).items()
            }  # fmt: skip
        else:
            number = {value: at for at, value in enumerate(question.values, start=1)}
            labels = {at: value for value, at in number.items()}
            for key, label in single_labels(question).items():
                chosen = (number.get(r.single.get(key, ""), UNANSWERED) for r in responses)
                singles[key] = add(names.give(key), label, chosen, labels)
    return Dataset(tuple(made), singles, boxes, codes, names)


def single_labels(question: Question) -> dict[str, str]:
    """Return name in a Response → variable label of a single question or of a matrix's items."""
    if question.kind == "matrix":
        return {f"{question.id}.{i.id}": f"{i.label} – {question.text}" for i in question.items}
    return {question.id: question.text}


def box_labels(study: Study, question: Question) -> dict[str, str]:
    """Return code → label of the boxes; boxes merged into one code have that code's label."""
    codes = [choice.code for choice in question.choices]
    return {
        choice.code: study.codebook(question.id).by_id[choice.code].label
        if codes.count(choice.code) > 1
        else choice.label
        for choice in question.choices
    }


def code_labels(study: Study, question: Question, holds: Holds) -> dict[str, str]:
    """Return code → label of the codes in use: active, or retired and still held by a unit."""
    held = {code for codes in holds.get(question.id, {}).values() for code in codes}
    return {
        code.id: code.label
        for code in study.codebook(question.id).codes
        if code.status == "active" or code.id in held
    }


def short(text: str, most: int) -> str:
    """Return a text on one line that takes at most `most` bytes of UTF-8.

    >>> short("één lange regel", 12)
    'één lan…'
    """
    # half a character, as broken exports hold, is no UTF-8
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    line = re.sub(r"[\s\x00-\x1f\x7f]+", " ", whole).strip()
    if len(line.encode()) <= most:
        return line
    return line.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"


def to_sav(data: Dataset, title: str) -> bytes:
    """Return the SPSS file (.sav, UTF-8); the same variables give the same bytes."""
    import pandas as pd
    import pyreadstat

    asked = [v for v in data.variables if v.labels]
    frame = pd.DataFrame({v.name: list(v.values) for v in data.variables})
    with TemporaryDirectory() as folder:  # the library writes to a path only
        path = Path(folder) / "responsen.sav"
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=short(title, LONGEST_TITLE),
            column_labels={v.name: v.label for v in data.variables},
            variable_value_labels={
                v.name: {
                    value: short(label, LONGEST_VALUE_LABEL)
                    for value, label in {**v.labels, **MISSING}.items()
                }
                for v in asked
            },
            missing_ranges={v.name: [*MISSING] for v in asked},
            variable_measure={v.name: "nominal" for v in asked},
            variable_format={v.name: "F3.0" for v in asked},
        )
        content = bytearray(path.read_bytes())
    content[_STAMP] = _FIXED_STAMP
    return bytes(content)


def _dichotomy(
    rows: Sequence[str],
    code: str,
    held: Mapping[str, frozenset[str]],
    waiting: AbstractSet[str],
) -> list[int]:
    return [
        int(code in held[unit]) if unit in held else (UNDECIDED if unit in waiting else UNANSWERED)
        for unit in rows
    ]
