"""The second wave, 2026: a small export of invented people in the municipalities of after 2025.

Who answers, and what, leans on the first wave: municipalities that took part are likelier to do
so again, and mostly keep what they said to closed questions. The texts are written by hand.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from example.files import Column, questionnaire
from example.mess import greet, type_postcode
from example.people import CONSENT, MISSING, REFUSAL, ROLES, Person, a_duration, new_id
from example.texts import Text
from opentekst.model import Response
from opentekst.study import Question, Study
from opentekst.survey.places import Places, places_on, successors

UNITS = 140  # municipalities that respond, of 285
PAIRS = 9  # of those, with two respondents
LOYAL = 3.0  # how much likelier a municipality of the first wave is to respond
FIRST_DAY = datetime(2026, 3, 2)
ROLE_WEIGHTS = (16, 8, 2, 4, 40, 22, 6, 2, 0)
# What a municipality answers where it did not take part before, or changes its mind.
CHANCE = {"jong": 0.55, "jongvolw": 0.5, "volw": 0.6, "oud": 0.85, "Ja": 0.35}
FIRMNESS = 0.75  # how often the answer of the first wave is kept
UNFINISHED = (12, 34, 61)


def build_next(
    study: Study, before: Study, responses: Sequence[Response], texts: Sequence[Text]
) -> tuple[list[Person], dict[str, str]]:
    """Return everyone in the second export and who wrote each text (ResponseId by its key).

    `responses` are the first wave's, of study `before`.
    """
    seed = study.file.seed
    rng = random.Random(f"{seed}:units")
    places = places_on(study.file.date)
    became = successors(before.file.date, study.file.date)
    said: dict[str, Response] = {}
    for response in responses:
        said.setdefault(became[response.unit], response)
    units = _units(rng, places, said)
    people = [_person(rng, unit) for unit in units]
    people += [_person(rng, unit) for unit in sorted(rng.sample(units, PAIRS))]
    for person in people:
        for question in study.file.questions:
            person.cells |= dict.fromkeys(question.columns, MISSING)
    for unit in units:
        mine = [person for person in people if person.unit == unit]
        _closed(rng, study, mine, said.get(unit))
    authors = _hand_out(study, people, texts)
    typed = {}
    for person in people:
        codes = sorted(c for c, of in places.by_postcode.items() if of == (person.unit,))
        codes = codes or sorted(c for c, of in places.by_postcode.items() if person.unit in of)
        name = places.municipalities[person.unit].name
        typed[person.id] = type_postcode(rng, rng.choice(codes), name)
    greet(people, typed)
    return people + _mess(rng, people, questionnaire(study)), authors


def _units(rng: random.Random, places: Places, said: Mapping[str, Response]) -> list[str]:
    luck = {
        unit: rng.random() ** (1 / (LOYAL if unit in said else 1))
        for unit in sorted(places.municipalities)
    }
    return sorted(sorted(luck, key=lambda unit: -luck[unit])[:UNITS])


def _person(rng: random.Random, unit: str) -> Person:
    day = FIRST_DAY + timedelta(days=min(int(rng.expovariate(1 / 8)), 40))
    start = day + timedelta(seconds=int(rng.triangular(9 * 3600, 17.5 * 3600, 10.5 * 3600)))
    role = rng.choices(ROLES, ROLE_WEIGHTS)[0]
    return Person(new_id(rng), unit, role, start, a_duration(rng))


def _closed(
    rng: random.Random, study: Study, people: Sequence[Person], said: Response | None
) -> None:
    """Fill in the closed questions of one municipality, the same for each of its people."""
    for question in study.file.questions:
        if question.kind == "single":
            before = said.single.get(question.id) if said else None
            value = before if before and rng.random() < FIRMNESS else None
            value = value or ("Ja" if rng.random() < CHANCE["Ja"] else "Nee")
            for person in people:
                person.cells[question.column] = value
        elif question.kind == "multiple":
            ticked = _ticks(rng, question, said)
            for person in people:
                person.cells |= {
                    c.column: c.label if c.code in ticked else "" for c in question.choices
                }


def _ticks(rng: random.Random, question: Question, said: Response | None) -> set[str]:
    before = said.multiple.get(question.id) if said else None
    ticked = {
        choice.code
        for choice in question.choices
        if (
            choice.code in before
            if before is not None and rng.random() < FIRMNESS
            else rng.random() < CHANCE[choice.code]
        )
    }
    return ticked or {question.choices[-1].code}


def _hand_out(study: Study, people: Sequence[Person], texts: Sequence[Text]) -> dict[str, str]:
    authors: dict[str, str] = {}
    for question in study.open_questions:
        rng = random.Random(f"{study.file.seed}:hand_out:{question.id}")
        mine = [text for text in texts if text.question == question.id]
        for text, person in zip(mine, rng.sample(people, len(mine)), strict=True):
            person.cells[question.column] = text.text
            authors[text.key] = person.id
    return authors


def _mess(rng: random.Random, people: Sequence[Person], columns: Sequence[Column]) -> list[Person]:
    """Return what must not count: a test, two refusals, some that stopped halfway."""
    rows: list[Person] = []
    for number, example in enumerate(rng.sample(list(people), 3 + len(UNFINISHED))):
        twin = Person(new_id(rng), "", example.role, example.start, a_duration(rng))
        twin.start += timedelta(days=1, minutes=7 * number)
        if number == 0:
            twin.status = "Survey Preview"
            twin.cells = {**example.cells, "noden": "test", "themas": "test"}
        elif number < 3:
            twin.cells = {"toestemming": REFUSAL}
        else:
            twin.progress, twin.finished = UNFINISHED[number - 3], False
            seen = len(columns) * twin.progress // 100
            shown = {column.name for column in columns[: max(1, seen)]}
            twin.cells = {"toestemming": CONSENT} | {
                name: value
                for name, value in example.cells.items()
                if name in shown and name not in ("noden", "themas")
            }
        rows.append(twin)
    return rows


def told(people: Sequence[Person]) -> str:
    """Say in Dutch who is in the export."""
    counts = Counter(bool(person.unit) for person in people)
    units = len({person.unit for person in people if person.unit})
    return f"{len(people)} responsen, {counts[True]} tellen mee, uit {units} gemeenten"
