"""The rows of a real export that must not count, and the postcodes as people type them."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence

from example.people import (
    CONSENT,
    EVERYTHING,
    MISSING,
    REFUSAL,
    Person,
    a_duration,
    a_start,
    new_id,
)

NO_PLACE = ("1000", "1070", "99999", "abcd", "0")  # two of Brussels, three wrong ones
UNFINISHED = (3, 3, 4, 6, 9, 12, 18, 22, 31, 38, 44, 57, 63, 78, 84)
TESTS = ("Survey Preview",) * 6 + ("Survey Test",) * 2
REFUSALS = 9
DUPLICATES = 4


def type_postcode(rng: random.Random, code: str, name: str) -> str:
    """Return a postcode as someone may type it."""
    style = rng.random()
    if style > 0.12:
        return code
    return rng.choice((f"B-{code}", f"{code} {name}", f" {code}", f"{code} ", f"{code}  "))


def make_mess(
    people: Sequence[Person],
    columns: Sequence[str],
    open_columns: Sequence[str],
    outside: Sequence[str],
    seed: int,
) -> list[Person]:
    """Return tests, refusals, unfinished, doubled and homeless responses.

    `columns` are the questionnaire's, in order; `outside` are postcodes of municipalities
    that did not take part. None of these rows holds a hand-written answer, save the doubles.
    """
    rng = random.Random(f"{seed}:mess")
    rows: list[Person] = []

    def like(example: Person) -> Person:
        cells = {c: MISSING if c in open_columns and v else v for c, v in example.cells.items()}
        twin = Person(new_id(rng), "", example.role, a_start(rng), a_duration(rng), cells=cells)
        rows.append(twin)
        return twin

    whole = [p for p in people if p.parts == EVERYTHING and p.progress == 100]
    for i, status in enumerate(TESTS):
        test = like(rng.choice(whole))
        test.status, test.seconds = status, rng.randint(40, 400)
        test.start = datetime.datetime(2021, 3, 1, 7, 40) + datetime.timedelta(minutes=9 * i)
        for column in open_columns:
            if test.cells[column]:
                test.cells[column] = rng.choice(("test", "xxx", "blabla", MISSING))
        test.cells["postcode"] = rng.choice(("9999", "1000", "9000", "2300"))
    for _ in range(REFUSALS):
        refusal = like(rng.choice(whole))
        refusal.seconds = rng.randint(8, 60)
        refusal.cells = {"toestemming": REFUSAL}
    for i, progress in enumerate(UNFINISHED):
        example = rng.choice(whole)
        half = like(example)
        half.progress, half.finished = progress, False
        half.recorded_after = datetime.timedelta(days=7, seconds=rng.randint(1, 50))
        half.seconds = max(20, half.seconds * progress // 100)
        if i % 3 == 0:
            half.cells["postcode"] = rng.choice(outside)
        seen = set(columns[: max(1, len(columns) * progress // 100)])
        half.cells = {c: v for c, v in half.cells.items() if c in seen}
    for postcode in NO_PLACE:
        like(rng.choice(whole)).cells["postcode"] = postcode
    for original in rng.sample(whole, DUPLICATES):
        double = like(original)
        double.cells = dict(original.cells)
        double.start = original.recorded + datetime.timedelta(minutes=rng.randint(3, 1500))
    return rows


def greet(people: Sequence[Person], postcodes: Mapping[str, str]) -> None:
    """Fill in consent, postcode and role; `postcodes` maps a person's id to what was typed."""
    for person in people:
        person.cells |= {
            "toestemming": CONSENT,
            "postcode": postcodes[person.id],
            "functie": person.role,
        }
