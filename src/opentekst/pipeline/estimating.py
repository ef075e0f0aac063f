"""The tables' percentages with a 95% interval: coding error and the units that did not answer.

An audit sample holds answers, a percentage counts units. A unit is audited where all its
answers that a cell counts were drawn and coded blind; it had the product of their chances, and
weighs accordingly. A unit without such an answer needs no coding: its boxes are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan, prod

from opentekst import store
from opentekst.coding.coder import COMBINED
from opentekst.model import Answer, Coding, Decision, Estimate, Response, Table
from opentekst.pipeline.auditing import audit_file, sample_of
from opentekst.pipeline.deciding import settled
from opentekst.pipeline.opinions import machine, opinions
from opentekst.pipeline.sayings import as_csv
from opentekst.results.estimate import estimate
from opentekst.results.intervals import METHODS
from opentekst.results.tables import Counted, count_units, tabulate
from opentekst.review.audit import Sample
from opentekst.store import Paths
from opentekst.study import Disclosure, Group, Study, TableSpec

Key = tuple[str, str, str]
"""A cell: the table's number, the group's label, the category's label."""
Column = tuple[str, str]
"""The table's number and the group's label."""
Rows = tuple[Sequence[bool], Sequence[int], Sequence[float]]
"""What `estimate` asks of the units of a cell: the machine, people, and the chance."""

HEADER = (
    "tabel", "groep", "categorie", "n", "basis", "procent", "schatting", "laag", "hoog",
    "basis_schatting", "steekproef", "ongecodeerd", "methode", "opmerking",
)  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """What estimates are made from, of the answers that say something.

    `people` maps answers to what people decided, `machine` to what the machine gives (made
    without having seen what people gave), `chance` to the probability of having been audited:
    for all that could be, whether they were or not. `audited` are those that were.
    `population` is the number of units that were asked.
    """

    responses: Sequence[Response]
    answers: Sequence[Answer]
    people: Mapping[str, frozenset[str]]
    machine: Mapping[str, frozenset[str]]
    chance: Mapping[str, float]
    audited: Collection[str]
    population: int

    @cached_property
    def written(self) -> Mapping[tuple[str, str], list[str]]:
        """The answers of each unit to each open question."""
        found: dict[tuple[str, str], list[str]] = {}
        for answer in self.answers:
            found.setdefault((answer.unit, answer.question), []).append(answer.id)
        return found


def estimates(study: Study) -> Mapping[Key, Estimate]:
    """Return an estimate for each cell of the study's tables that was asked.

    Raises MissingStageError before the answers were coded, LedgerError for codings and
    ReviewError for a sample that cannot be read.
    """
    return estimated(study, sources(study))


def estimated(study: Study, found: Sources) -> Mapping[Key, Estimate]:
    """Return an estimate for each cell of the tables of study.yaml, by table, group, category.

    Tables that are split or weighted, or whose base is all units, have none.
    """
    study = _with_tables(study, [table for table in study.file.tables if _plain(table)])
    units = sorted({r.unit for r in found.responses} | {a.unit for a in found.answers})
    asked = {(t.number, g.label): _open_questions(study, g) for t, g in _columns(study)}
    coded: dict[bool, list[TableSpec]] = {False: [], True: []}
    for table in study.file.tables:
        coded[any(asked[table.number, group.label] for group in table.columns)].append(table)
    rows = _counted_rows(_with_tables(study, coded[False]), found)
    rows |= _coded_rows(_with_tables(study, coded[True]), found, asked, units)
    made = {}
    for key, (said, truth, chance) in rows.items():
        population = round(len(said) * found.population / len(units))
        made[key] = estimate(said, truth, chance, population)
    return made


def _counted_rows(study: Study, found: Sources) -> dict[Key, Rows]:
    """Return the units of each cell of tables in which no code counts."""
    counted = count_units(study, found.responses, (), ())
    return {
        (table.number, cell.group, cell.category): (
            [True] * cell.n + [False] * (cell.base - cell.n),
            [1] * cell.n + [0] * (cell.base - cell.n),
            [1.0] * cell.base,
        )
        for table in tabulate(study, counted)
        for cell in table.cells
        if cell.base and cell.n is not None
    }


def _coded_rows(
    study: Study, found: Sources, asked: Mapping[Column, Sequence[str]], units: Sequence[str]
) -> dict[Key, Rows]:
    """Return the units of each cell: what the machine says, what people say, and the chance."""
    codes = {answer.id: found.machine.get(answer.id, frozenset()) for answer in found.answers}
    said = _by_unit(study, found, codes)
    sure = _by_unit(study, found, found.people)
    doubtful = {(t.number, g.label): _other_labels(study, g) for t, g in _columns(study)}
    columns = {unit: {key[:2] for key in cells} for unit, cells in said.items()}
    rows: dict[Key, Rows] = {}
    for key in dict.fromkeys(key for unit in units for key in said.get(unit, {})):
        column = key[:2]
        matrix = not asked[column]  # of a matrix each row has a base of its own
        triples = [
            row_of_unit(
                found,
                [a for question in asked[column] for a in found.written.get((unit, question), ())],
                said[unit].get(key, False),
                sure.get(unit, {}).get(key, False),
                key[2] in doubtful[column],
            )
            for unit in units
            if (key in said.get(unit, {}) if matrix else column in columns.get(unit, ()))
        ]
        first, second, third = zip(*triples, strict=True)
        rows[key] = (first, second, third)
    return rows


def _columns(study: Study) -> Iterable[tuple[TableSpec, Group]]:
    return ((table, group) for table in study.file.tables for group in table.columns)


def _plain(table: TableSpec) -> bool:
    return not (table.by or table.weight or table.of_all or table.cutoff)


def _with_tables(study: Study, tables: Sequence[TableSpec]) -> Study:
    """Return the study with these tables only, and with nothing hidden in them."""
    changed = {"tables": tuple(tables), "disclosure": Disclosure()}
    smaller = replace(study, file=study.file.model_copy(update=changed))
    vars(smaller)["codebooks"] = study.codebooks  # reading them again takes seconds
    return smaller


def estimate_csv(tables: Iterable[Table], found: Mapping[Key, Estimate]) -> bytes:
    """Return a CSV with one row a cell: the plain count and, beside it, the estimate."""
    rows = []
    for table in tables:
        for cell in table.cells:
            one = found.get((table.number, cell.group, cell.category))
            if one is None or cell.hidden:
                continue
            base = None if cell.n is None else cell.base
            counted = (cell.n, base, cell.percent)
            ends = (one.value, one.low, one.high)
            rows.append(
                (
                    table.number,
                    cell.group,
                    cell.category,
                    *("" if x is None else x for x in counted),
                    *("" if x is None else f"{x:.1f}" for x in ends),
                    one.base,
                    one.n_audit,
                    one.uncoded,
                    METHODS[one.method],
                    one.note,
                )
            )
    return as_csv(HEADER, rows)


def intervals(
    tables: Iterable[Table], found: Mapping[Key, Estimate]
) -> dict[str, dict[tuple[str, str], tuple[float, float]]]:
    """Return the intervals around what was counted, by table, group and category.

    Only where people coded all: around a count of machine codes an interval would mislead.
    """
    made: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    for table in tables:
        for cell in table.cells:
            one = found.get((table.number, cell.group, cell.category))
            if one is None or one.method != "counted" or cell.hidden:
                continue
            if one.low is not None and one.high is not None:
                made.setdefault(table.number, {})[cell.group, cell.category] = (one.low, one.high)
    return made


def estimate_lines(found: Mapping[Key, Estimate]) -> list[str]:
    """Say in Dutch on what the intervals rest, and where there is too little to say."""
    kinds: Counter[str] = Counter(one.method for one in found.values())
    told = ", ".join(f"{kinds[kind]} {text}" for kind, text in METHODS.items() if kinds[kind])
    lines = [f"Schattingen met 95%-interval: {told or 'geen enkele'} (schattingen.csv)"]
    if kinds["none"]:
        lines.append(
            f"Bij {kinds['none']} percentages is er geen blinde steekproef, of is ze te klein om"
            " iets te zeggen; loot of vergroot haar: opentekst review audit"
        )
    return lines


def estimate_inputs(study: Study) -> Mapping[str, str]:
    """Return hashes of what estimates depend on beside what the tables count: the samples."""
    files = {q.id: audit_file(study, q.id) for q in study.open_questions}
    return {f"audit {name}": store.file_hash(path) for name, path in files.items()}


def sources(study: Study) -> Sources:
    """Read from the study what estimates are made from."""
    from opentekst.survey.places import places_on

    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    items = store.read_normalised(work / "normalised.jsonl")
    silent = {item.answer for item in items if "no_answer" in item.flags}
    people = settled(study, answers)
    kept = [a for a in answers if a.id not in silent or people.get(a.id)]
    blind = blindly_coded(opinions(study).codings)
    chance: dict[str, float] = {}
    audited: set[str] = set()
    for question in study.open_questions:
        sample = sample_of(study, question.id)
        if sample:
            mine = {a.id for a in kept if a.question == question.id}
            chances, done = coded_chances(sample, mine, blind & people.keys())
            chance |= chances
            audited |= done
    return Sources(
        store.read_responses(work / "responses.jsonl"),
        kept,
        people,
        {c.answer: frozenset(c.codes) for c in machine(study) if c.coder == COMBINED},
        chance,
        audited,
        len(places_on(study.file.date).municipalities),
    )


def blindly_coded(codings: Iterable[Coding]) -> frozenset[str]:
    """Return the answers that some person coded without seeing a suggestion or others' codings."""
    return frozenset(c.answer for c in codings if c.by_person and c.how.shown == "blind")


def coded_chances(
    sample: Sample, answers: Collection[str], done: Collection[str]
) -> tuple[dict[str, float], frozenset[str]]:
    """Return each answer's chance to be drawn and decided, and those that were.

    `answers` are those of the question that say something, `done` those that people coded
    blind and decided. Drawn ones that are not done count as not drawn: coders get a sample
    in random order, so what they did of a stratum is a random part of it.
    """
    chances: dict[str, float] = {}
    audited: set[str] = set()
    for stratum in sample.strata:
        mine = [answer for answer in stratum.population if answer in answers]
        coded = [answer for answer in stratum.drawn if answer in answers and answer in done]
        chances |= dict.fromkeys(mine, len(coded) / len(mine) if mine else 0.0)
        audited |= set(coded)
    return chances, frozenset(audited)


def row_of_unit(
    found: Sources, answers: Sequence[str], said: bool, sure: bool, doubtful: bool
) -> tuple[bool, int, float]:
    """Return for one unit and cell: the machine's verdict, people's, and its chance.

    `sure` is what people's decisions alone make of the unit. With some of its answers still
    open, a code that it holds already stays, except a `doubtful` one, which later ones could
    take away.
    """
    if all(answer in found.people for answer in answers):
        drawn = all(answer in found.audited for answer in answers)
        return said, int(sure), _chance(found, answers) if drawn else nan
    if sure and not doubtful:
        return said, 1, nan
    return said, -1, nan if _chance(found, answers) > 0 else 0.0


def _chance(found: Sources, answers: Sequence[str]) -> float:
    """Return the chance that all of a unit's answers are audited; 1 where there are none.

    Answers have lots of their own, so the chances multiply (within one question and stratum
    nearly so).
    """
    return prod(found.chance.get(answer, 0.0) for answer in answers)


def _by_unit(
    study: Study, found: Sources, codes: Mapping[str, frozenset[str]]
) -> Mapping[str, Mapping[Key, bool]]:
    """Return what each unit counts for in every cell it is in the base of, as the tables count."""
    decisions = [Decision(a, given, "automatic") for a, given in codes.items()]
    counted = count_units(study, found.responses, found.answers, decisions)
    held: dict[str, dict[str, Mapping[str, frozenset[str]]]] = {}
    for name, by_unit in counted.holds.items():
        for unit, values in by_unit.items():
            held.setdefault(unit, {})[name] = {unit: values}
    return {
        unit: {
            (table.number, cell.group, cell.category): cell.n == 1
            for table in tabulate(study, Counted(mine, ()))
            for cell in table.cells
            if cell.base and cell.n is not None
        }
        for unit, mine in held.items()
    }


def _open_questions(study: Study, group: Group) -> list[str]:
    """Return the open questions whose answers a column counts, back-coded ones too."""
    asked = []
    for name in group.sources:
        question = study.questions[name]
        if question.kind == "open":
            asked.append(name)
        elif question.other is not None:
            asked.append(question.other.question)
    return asked


def _other_labels(study: Study, group: Group) -> frozenset[str]:
    """Return the labels of "andere" and what is above it: back-coding can take them away."""
    labels = set()
    for name in group.sources:
        question = study.questions[name]
        if question.other is not None:
            book = study.codebook(name)
            other = question.other.choice
            labels |= {book.by_id[code].label for code in (other, *book.ancestors(other))}
            labels |= {choice.label for choice in question.choices if choice.code == other}
    return frozenset(labels)
