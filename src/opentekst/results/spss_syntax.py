"""SPSS syntax that carries on from the .sav: back-coding, sets, frequencies and tables.

The first file runs in SPSS and in PSPP; CTABLES stands in a file of its own, because PSPP
before version 2 does not have it and SPSS only with its Custom Tables module.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from opentekst.results.spss import (
    LONGEST_LABEL,
    Dataset,
    Holds,
    Names,
    box_labels,
    code_labels,
    short,
)
from opentekst.study import Group, Question, Study, TableSpec

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table and group in SPSS.

    Its n counts `value` of `variable`, its base all valid values; `closed` where that is the
    variable of a single question and not one of 0 and 1.
    """

    table: str
    group: str
    label: str
    variable: str
    value: int = 1
    closed: bool = False


@dataclass(frozen=True)
class Syntax:
    """What the syntax makes besides the .sav: commands, sets, and the rows of each table.

    `sets` maps the name of a set to its label and variables; `back` maps a multiple question
    to its code → back-coded variable, `splits` the number of a split table to the variable
    that tells its groups apart.
    """

    commands: tuple[str, ...]
    sets: Mapping[str, tuple[str, tuple[str, ...]]]
    back: Mapping[str, Mapping[str, str]]
    lines: tuple[Line, ...]
    splits: Mapping[str, str]


def plan(study: Study, data: Dataset, holds: Holds) -> Syntax:
    """Plan the syntax for a study's questions and tables."""
    planner = _Planner(study, data, holds)
    for question in study.file.questions:
        planner.question(question)
    for spec in study.file.tables:
        for group in spec.columns:
            planner.group(spec, group)
    known = {variable.name for variable in data.variables}
    by = {spec.number: data.singles.get(spec.by, spec.by) for spec in study.file.tables}
    return Syntax(
        tuple(planner.commands),
        planner.sets,
        planner.back,
        tuple(dict.fromkeys(planner.lines)),
        {number: name for number, name in by.items() if name in known},
    )


def to_syntax(study: Study, plan: Syntax, sav: str) -> bytes:
    """Return the syntax that opens `sav`, back-codes "andere", defines sets and counts."""
    parts = [
        "* Encoding: UTF-8.",
        _comment(f"Verder in SPSS met {study.file.study}"),
        _comment("Draait in SPSS en in PSPP. Uitleg: docs/tabellen-uitvoer.md"),
        _comment("Zet eerst de map van dit bestand als werkmap, bijvoorbeeld met CD"),
        f"GET FILE={_quoted(sav)}.",
        *plan.commands,
    ]
    if plan.commands:
        parts.append("EXECUTE.")
    if plan.sets:
        parts.append(_title("Sets van aankruisvragen en codes; na terugcoderen eindigen ze op _tc"))
    parts += [_set_command(name, label, of) for name, (label, of) in plan.sets.items()]
    for table in study.file.tables:
        variables = dict.fromkeys(x.variable for x in plan.lines if x.table == table.number)
        if not variables:
            continue
        parts.append(_title(f"Tabel {table.number}: {table.title}"))
        parts += [_comment(text) for text in _left_out(table, plan)]
        by = plan.splits.get(table.number)
        parts.append(
            _wrapped("CROSSTABS TABLES=", variables, end=f"\n  BY {by} /CELLS=COUNT COLUMN.")
            if by
            else _wrapped("FREQUENCIES VARIABLES=", variables)
        )
    return _file(parts)


def _left_out(table: TableSpec, plan: Syntax) -> Iterator[str]:
    """Tell what of a table's figures the syntax does not make."""
    if table.by and table.number not in plan.splits:
        yield f"Hier niet uitgesplitst: {table.by} staat niet in de .sav"
    if table.weight:
        yield f"Hier niet gewogen naar {table.weight}"
    if table.of_all:
        yield "Hier op wie antwoordde, niet op alle gemeenten"


def to_ctables(study: Study, plan: Syntax) -> bytes:
    """Return CTABLES for every table and set; to run after the syntax of `to_syntax`.

    The rows of a table with 0/1 variables are their sum (N), valid n (base) and mean (share):
    CTABLES itself would leave units without any code out of a set's base.
    """
    parts = [
        "* Encoding: UTF-8.",
        _comment("Voer eerst verder.sps uit. CTABLES vraagt de module Custom Tables van SPSS"),
        _comment("N = aantal, Basis = wie antwoordde, Aandeel = N gedeeld door Basis"),
    ]
    for spec in study.file.tables:
        for group in dict.fromkeys(line.group for line in plan.lines if line.table == spec.number):
            own = [x for x in plan.lines if (x.table, x.group) == (spec.number, group)]
            head = f"Tabel {spec.number}. {spec.title}"
            title = head if len(spec.columns) == 1 else f"{head}: {group}"
            parts.append(_ctable(title, own))
    for question, variables in plan.back.items():
        sets = [name for name, (_, of) in plan.sets.items() if of == tuple(variables.values())]
        if sets:
            parts.append(_title(f"{question} na terugcoderen, als set: alleen wie iets heeft"))
            parts.append(
                f"CTABLES\n  /TABLE {sets[0]} [COUNT 'N' F8.0, COLPCT.COUNT '%' F5.1]\n"
                f"  /CATEGORIES VARIABLES={sets[0]} ORDER=D KEY=COUNT."
            )
    return _file(parts)


class _Planner:
    """Collects commands, sets and lines; every new variable has a name of its own."""

    def __init__(self, study: Study, data: Dataset, holds: Holds) -> None:
        self.study, self.data, self.holds = study, data, holds
        self.commands: list[str] = []
        self.sets: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.back: dict[str, dict[str, str]] = {}
        self.lines: list[Line] = []
        self._set_names = Names()

    def question(self, question: Question) -> None:
        """Make the sets of a question, and back-code it where it has "andere"."""
        if question.kind == "multiple":
            self._set(question.id, question.text, self.data.boxes[question.id])
            if question.other is not None:
                self.back[question.id] = self._back_code(question, question.other.choice)
                label = f"{question.text} (na terugcoderen)"
                self._set(f"{question.id}_tc", label, self.back[question.id])
        elif question.kind == "open":
            self._set(question.id, question.text, self.data.codes[question.id])

    def group(self, spec: TableSpec, group: Group) -> None:
        """Note which variable each row of one group of a table counts."""
        questions = [self.study.questions[name] for name in group.sources]
        first, rows = questions[0], group.rows or spec.rows
        place = (spec.number, group.label)
        if first.kind == "matrix":
            found = {
                key: Line(*place, label, name)
                for key, (label, name) in self._top_boxes(spec, first, rows, group.count).items()
            }
        elif first.kind == "single":
            name = self.data.singles[first.id]
            found = {
                value: Line(*place, value, name, at, closed=True)
                for at, value in enumerate(first.values, start=1)
            }
        else:
            many = len(questions) > 1
            variables = self._united(spec, group, questions) if many else self._variables(first)
            labels = self._labels(first)
            asked = rows or tuple(box_labels(self.study, first)) or tuple(labels)
            found = {
                code: Line(*place, labels[code], name)
                for code, name in variables.items()
                if code in labels and code in asked and self._possible(first, code)
            }
        self.lines += [line for key, line in found.items() if not rows or key in rows]

    def _possible(self, question: Question, code: str) -> bool:
        """Tell whether a question can give a code: as a box, or written under "andere"."""
        if question.kind == "open" or code in {choice.code for choice in question.choices}:
            return True
        other = question.other.choice if question.other else ""
        return other in self.study.codebook(question.id).ancestors(code)

    def _set(self, name: str, label: str, variables: Mapping[str, str]) -> None:
        if len(variables) > 1:  # a set of one is no set
            self.sets["$" + self._set_names.give(name)] = (label, tuple(variables.values()))

    def _variables(self, question: Question) -> Mapping[str, str]:
        if question.kind == "open":
            return self.data.codes[question.id]
        return self.back.get(question.id) or self.data.boxes[question.id]

    def _labels(self, question: Question) -> Mapping[str, str]:
        boxes = box_labels(self.study, question)
        if not question.codebook:
            return boxes
        return {**code_labels(self.study, question, self.holds), **boxes}

    def _back_code(self, question: Question, other: str) -> dict[str, str]:
        """Bring the codes of what was written together with the boxes, as `count_units` does."""
        assert question.other is not None
        book = self.study.codebook(question.id)
        boxes = self.data.boxes[question.id]
        written = self.data.codes[question.other.question]
        labels = {**code_labels(self.study, self.study.questions[question.other.question],
                                self.holds), **box_labels(self.study, question)}  # fmt: skip
        made = {code: self.data.names.give(question.id, code, "tc") for code in labels}
        self.commands.append(
            _title(f"Terugcoderen van {question.id}: wat bij andere geschreven staat, telt bij zijn"
                   " keuze; blijft er niets onder andere over, dan vervalt andere")
        )  # fmt: skip
        self.commands.append(
            _maximum("#geschreven", list(written.values()), "COMPUTE #geschreven = 0.")
        )
        self.commands.append("RECODE #geschreven (1=1) (ELSE=0).")
        with_text, without = [], []
        base = next(iter(boxes.values()))
        for code, variable in made.items():
            below = [box for box, name in boxes.items() if code in book.net([box])]
            ticks = [boxes[box] for box in below]
            kept = [boxes[box] for box in below if box != other]
            given = [written[code]] if code in written else []
            with_text.append(_maximum(variable, [*kept, *given], f"COMPUTE {variable} = 0."))
            # 0 times missing is 0 in SPSS, so that the base would grow
            none = f"RECODE {base} (0=0) (1=0) INTO {variable}."
            without.append(_maximum(variable, ticks, none))
        self.commands += ["DO IF (#geschreven = 1).", *with_text, "ELSE.", *without, "END IF."]
        self.commands += _described(
            {name: f"{labels[code]} – {question.text} (na terugcoderen)"
             for code, name in made.items()}
        )  # fmt: skip
        self.commands.append(f"CROSSTABS /TABLES={boxes[other]}\n  BY {made[other]}.")
        return made

    def _united(
        self, spec: TableSpec, group: Group, questions: Sequence[Question]
    ) -> dict[str, str]:
        """Unite questions that a table counts as one: has a code in any, answered any."""
        found: dict[str, list[str]] = {}
        for question in questions:
            for code, variable in self._variables(question).items():
                found.setdefault(code, []).append(variable)
        self.commands.append(
            _title(f"Tabel {spec.number} telt deze vragen samen: {' '.join(group.sources)}")
        )
        stem = f"tabel{spec.number}"
        made = {code: self.data.names.give(stem, code) for code in found}
        labels = self._labels(questions[0])
        self.commands += [_maximum(made[code], of) for code, of in found.items()]
        self.commands += _described(
            {name: f"{labels.get(code, code)} – {spec.title}" for code, name in made.items()}
        )
        self._set(stem, spec.title, made)
        return made

    def _top_boxes(
        self, spec: TableSpec, question: Question, rows: Sequence[str], count: Sequence[str]
    ) -> dict[str, tuple[str, str]]:
        """Make a 0/1 variable for each item: was one of the values that count given?"""
        wanted = [at for at, v in enumerate(question.values, 1) if v in (count or question.values)]
        items = {item.id: item for item in question.items if not rows or item.id in rows}
        made = {key: self.data.names.give(f"tabel{spec.number}", question.id, key) for key in items}
        values = ", ".join(str(value) for value in wanted)
        self.commands.append(_title(f"Tabel {spec.number} telt van {question.id}: waarde {values}"))
        for key, name in made.items():
            source = self.data.singles[f"{question.id}.{key}"]
            self.commands.append(
                f"RECODE {source}\n  ({values}=1) (MISSING=SYSMIS) (ELSE=0) INTO\n  {name}."
            )
        named = " of ".join(question.values[at - 1] for at in wanted)
        self.commands += _described({made[key]: f"{i.label}: {named}" for key, i in items.items()})
        return {key: (item.label, made[key]) for key, item in items.items()}


def _maximum(variable: str, of: Sequence[str], none: str = "") -> str:
    """Compute the highest of some variables; `none` is the command where there are none."""
    if not of:
        return none
    if len(of) == 1:
        return f"COMPUTE {variable} = {of[0]}."
    return _wrapped(f"COMPUTE {variable} = MAX(", of, ", ", ").")


def _described(labels: Mapping[str, str]) -> Iterator[str]:
    """Label new 0/1 variables and their values."""
    if labels:
        yield _wrapped("FORMATS ", labels, end=" (F3.0).")
        yield _wrapped("VALUE LABELS ", labels, end=" 0 'nee' 1 'ja'.")
        yield _wrapped("VARIABLE LEVEL ", labels, end=" (NOMINAL).")
    for name, label in labels.items():
        yield f"VARIABLE LABELS {name}\n  {_quoted(short(label, LONGEST_LABEL))}."


def _set_command(name: str, label: str, variables: Iterable[str]) -> str:
    head = f"MRSETS /MDGROUP NAME={name}\n  LABEL={_quoted(short(label, 200))}"
    return f"{head}\n  CATEGORYLABELS=VARLABELS VALUE=1\n  {_wrapped('VARIABLES=', variables)}"


def _ctable(title: str, lines: Sequence[Line]) -> str:
    if lines[0].closed:
        name = lines[0].variable
        table = f"  /TABLE {name} [C] [COUNT 'N' F8.0, COLPCT.COUNT '%' F5.1]"
        table += f"\n  /CATEGORIES VARIABLES={name} TOTAL=YES LABEL='Basis'"
    else:
        rows = "\n    + ".join(f"{line.variable} [S]" for line in lines)
        table = f"  /TABLE ({rows})\n    [SUM 'N' F8.0, VALIDN 'Basis' F8.0, MEAN 'Aandeel' F5.3]"
    return f"CTABLES\n{table}\n  /TITLES TITLE={_quoted(short(title, 200))}."


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _comment(text: str) -> str:
    # a full stop at the end of a line would end the comment before its time
    return f"* {short(text, 220).rstrip('.')}."


def _title(text: str) -> str:
    return f"\n{_comment(text)}"


def _wrapped(head: str, names: Iterable[str], between: str = " ", end: str = ".") -> str:
    """Return a command with a list of names, on lines that SPSS takes."""
    text = between.join(names)
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return head + ("\n  " if len(lines) > 1 else "") + "\n  ".join(lines) + end


def _file(parts: Iterable[str]) -> bytes:
    return ("\n".join(parts) + "\n").encode()
