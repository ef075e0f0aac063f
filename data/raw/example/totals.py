"""From the report's tables to invented answers of 233 municipalities with those totals."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from example.texts import Text, codes_with_parents
from opentekst.model import percentage
from opentekst.study import Group, Question, Study, TableSpec

RESPONDING = 233
SPARE_ANDERE = 3  # ticks of an unprinted "andere" without a text beside it
GROUPS = ("jong", "jongvolw", "volw", "oud")
# How the unprinted answers of a scale are spread.
WEIGHTS = {
    "Helemaal oneens": 2, "Oneens": 6, "Noch eens, noch oneens": 8, "Eens": 9, "Helemaal eens": 2,
    "Niet belangrijk": 2, "Eerder niet belangrijk": 3, "Eerder belangrijk": 5, "Zeer belangrijk": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """How many units must have each value or code, out of how many that answered."""

    base: int
    counts: Mapping[str, int]


@dataclass
class World:
    """What each unit (NIS code) answers. `order` runs from the most to the least persevering.

    `single` maps a column to the value of each unit that answered; `codes` maps a multiple
    question to each answering unit's codes, those of its "andere" text included; `texts`
    maps an open question to the text of each unit.
    """

    order: list[str]
    weight: dict[str, float]
    single: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    texts: dict[str, dict[str, Text]] = field(default_factory=dict)


def base_of(cells: Sequence[tuple[int, str]], printed: int | None, least: int) -> int:
    """Return the base that the most printed percentages come from.

    Among equals the printed base, then the one whose percentages come nearest.
    """

    def rank(base: int) -> tuple[int, bool, Decimal]:
        fits = sum(percentage(n, base) == Decimal(percent) for n, percent in cells)
        off = sum(abs(Decimal(100 * n) / base - Decimal(percent)) for n, percent in cells)
        return -fits, base != printed, Decimal(off)

    return min(range(least, RESPONDING + 1), key=rank)


def read_targets(study: Study, path: Path) -> dict[str, Target]:
    """Return the targets of tabellen.csv: by question, and by column for a matrix."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["n"]]
    targets: dict[str, Target] = {}
    for table in study.file.tables:
        for group in table.columns:
            mine = [r for r in rows if (r["tabel"], r["groep"]) == (table.number, group.label)]
            if mine:
                targets.update(_group_targets(study, table, group, mine))
    return targets


def _group_targets(
    study: Study, table: TableSpec, group: Group, rows: list[dict[str, str]]
) -> dict[str, Target]:
    question = study.questions[group.sources[0]]
    printed = int(rows[0]["basis_gedrukt"]) if rows[0]["basis_gedrukt"] else None
    if question.kind == "matrix":
        column = {item.label: item.column for item in question.items}
        counted = "|".join(group.count)
        return {
            column[row["categorie"]]: Target(
                base_of(
                    [(int(row["n"]), row["procent"])],
                    int(row["basis_gedrukt"]) if row["basis_gedrukt"] else None,
                    int(row["n"]),
                ),
                {counted: int(row["n"])},
            )
            for row in rows
        }
    ids = {value: value for value in question.values}
    if question.codebook:
        ids |= {code.label: code.id for code in study.codebook(question.id).codes}
    ids |= {choice.label: choice.code for choice in question.choices}
    counts = {ids[row["categorie"]]: int(row["n"]) for row in rows}
    least = sum(counts.values()) if question.kind == "single" else max(counts.values())
    base = base_of([(int(row["n"]), row["procent"]) for row in rows], printed, least)
    return {question.id: Target(base, counts)}


def pick(
    rng: random.Random, items: Sequence[str], k: int, weight: Mapping[str, float] | None = None
) -> list[str]:
    """Return `k` different items; a heavier one is more likely to be among them."""
    if k > len(items) or k < 0:
        raise ValueError(f"cannot pick {k} of {len(items)}")
    luck = {item: rng.random() ** (1 / (weight[item] if weight else 1)) for item in items}
    return sorted(items, key=luck.__getitem__, reverse=True)[:k]


def persevering(rng: random.Random, units: Sequence[str], k: int) -> list[str]:
    """Return the `k` units that still answer, mostly those that come first in `units`."""
    if k > len(units):
        raise ValueError(f"cannot keep {k} of {len(units)}")
    place = {unit: i + rng.gauss(0, 5) for i, unit in enumerate(units)}
    kept = set(sorted(units, key=place.__getitem__)[:k])
    return [unit for unit in units if unit in kept]


def make_world(
    study: Study, targets: Mapping[str, Target], world: World, texts: Sequence[Text], seed: int
) -> World:
    """Fill `world` so that counting it gives the targets."""
    for question in study.file.questions:
        if question.kind == "open":
            continue
        rng = random.Random(f"{seed}:answers:{question.id}")
        stem, _, group = question.id.partition("_")
        pool = world.order
        if stem == "kanaal":
            pool = [u for u in pool if world.single[f"bewust_{group}"].get(u) == "Ja"]
        elif stem == "bewust":
            pool = [u for u in pool if group in world.codes["leeftijd"][u]]
        elif group in GROUPS:
            pool = [u for u in pool if u in world.single[f"bewust_{group}"]]
        elif question.id == "covid_maat":
            pool = [u for u in pool if world.single["covid"].get(u) == "Ja"]
        if question.kind == "multiple":
            target = targets[question.id]
            base = persevering(rng, pool, target.base)
            _fill_multiple(rng, study, question, target, base, world, texts)
        else:
            for column in question.columns:
                target = targets[question.id if question.kind == "single" else column]
                base = persevering(rng, pool, target.base)
                world.single[column] = _values(rng, question, target, base, world.weight)
    return world


def _values(
    rng: random.Random,
    question: Question,
    target: Target,
    base: list[str],
    weight: Mapping[str, float],
) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for values, n in target.counts.items():
        left = [unit for unit in base if unit not in chosen]
        same = values.split("|")
        for unit in pick(rng, left, n, weight if "Ja" in same else None):
            chosen[unit] = _spread(rng, same)
    printed = {value for values in target.counts for value in values.split("|")}
    others = [value for value in question.values if value not in printed]
    return {unit: chosen.get(unit) or _spread(rng, others) for unit in base}


def _spread(rng: random.Random, values: Sequence[str]) -> str:
    return rng.choices(values, [WEIGHTS.get(value, 1) for value in values])[0]


def _fill_multiple(
    rng: random.Random,
    study: Study,
    question: Question,
    target: Target,
    base: list[str],
    world: World,
    texts: Sequence[Text],
) -> None:
    """Give every unit of the base at least one code, and every code its total."""
    listed = [choice.code for choice in question.choices]
    alone = {choice.code for choice in question.choices if choice.exclusive}
    codes: dict[str, set[str]] = {unit: set() for unit in base}
    fixed: dict[str, set[str]] = {}
    wanted = dict(target.counts)
    if question.other:
        fixed = _place_texts(rng, study, question, target, base, world, texts)
        for unit, given in fixed.items():
            codes[unit] = given & set(listed)
        spoken = sum(question.other.choice in given for given in fixed.values())
        wanted.setdefault(question.other.choice, spoken + SPARE_ANDERE)
    for code in sorted(wanted, key=lambda code: code not in alone):
        if code not in listed:
            continue
        free = [unit for unit in base if not codes[unit] & (alone | {code})]
        if code in alone:
            free = [unit for unit in free if unit not in fixed]
        elif question.other and code == question.other.choice:
            free = [unit for unit in free if unit not in fixed]  # the text says all
        have = sum(code in held for held in codes.values())
        for unit in pick(rng, free, wanted[code] - have, None if code in alone else world.weight):
            codes[unit].add(code)
    filler = alone - wanted.keys()
    for unit in base:
        if not codes[unit] and filler:
            codes[unit] |= filler
        elif not codes[unit]:
            _take_one(rng, unit, codes, fixed, set(listed) - alone, question)
    world.codes[question.id] = codes


def _place_texts(
    rng: random.Random,
    study: Study,
    question: Question,
    target: Target,
    base: list[str],
    world: World,
    texts: Sequence[Text],
) -> dict[str, set[str]]:
    """Give each "andere" text a unit of its own; return the codes that it speaks for.

    A text without a decided code leaves the tick of "andere" as it is.
    """
    assert question.other is not None
    book = study.codebook(question.id)
    mine = [text for text in texts if text.question == question.other.question]
    placed = dict(zip(pick(rng, base, len(mine)), mine, strict=True))
    world.texts[question.other.question] = placed
    fixed = {
        unit: set(codes_with_parents(text, book)) or {question.other.choice}
        for unit, text in placed.items()
    }
    by_text = Counter(code for given in fixed.values() for code in given)
    _refuse_impossible(question, target, by_text)
    return fixed


def _take_one(
    rng: random.Random,
    unit: str,
    codes: dict[str, set[str]],
    fixed: Mapping[str, set[str]],
    open_to_all: set[str],
    question: Question,
) -> None:
    """Move a code to a unit that has none from one that has many; totals stay."""
    if question.other and unit in fixed:
        open_to_all = open_to_all - {question.other.choice}
    for donor in sorted(codes, key=lambda u: (-len(codes[u] - fixed.get(u, set())), u)):
        spare = sorted((codes[donor] - fixed.get(donor, set())) & open_to_all)
        if spare and len(codes[donor]) > 1:
            code = rng.choice(spare)
            codes[donor].remove(code)
            codes[unit].add(code)
            return
    raise ValueError(f"{question.id}: too few ticks for this base")


def _refuse_impossible(question: Question, target: Target, by_text: Mapping[str, int]) -> None:
    listed = {choice.code for choice in question.choices}
    for code, n in target.counts.items():
        given = by_text.get(code, 0)
        if given > n or (code not in listed and given != n):
            raise ValueError(
                f"{question.id}: the decided codings give '{code}' to {given} texts,"
                f" where the report prints {n}"
            )
