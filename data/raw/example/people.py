"""From one invented response a municipality to the people who filled it in."""

from __future__ import annotations

import datetime
import random
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from example.texts import Text
from example.totals import GROUPS, World
from opentekst.study import Question, Study

MISSING = "-99"
CONSENT = "Ja, ik ga akkoord"
REFUSAL = "Nee, ik ga niet akkoord"
ANDERE = "Andere, namelijk"
ROLES = (
    "Schepen",
    "Voorzitter bijzonder comité voor de sociale dienst",
    "Ambtenaar jeugd",
    "Ambtenaar vrije tijd",
    "Ambtenaar welzijn",
    "Diensthoofd",
    "Algemeen directeur",
    "Gemeenteraadslid",
    ANDERE,
)
ROLE_WEIGHTS = (16, 10, 3, 6, 34, 21, 6, 2, 0)
YOUTH = frozenset({"algemeen", "jongeren", "jongvolwassenen"})
ADULTS = frozenset({"algemeen", "beleid", "volwassenen", "ouderen", "covid", "noden"})
EVERYTHING = YOUTH | ADULTS
# Which parts of the questionnaire someone with this role fills in beside a colleague.
PARTS = {
    "Ambtenaar jeugd": YOUTH,
    "Ambtenaar vrije tijd": YOUTH | {"noden"},
    "Ambtenaar welzijn": ADULTS,
    ANDERE: ADULTS - {"volwassenen"},
}
TEAMS = {
    2: (
        ("Ambtenaar jeugd", "Ambtenaar welzijn"),
        ("Ambtenaar jeugd", "Diensthoofd"),
        ("Ambtenaar welzijn", "Diensthoofd"),
        ("Schepen", "Ambtenaar welzijn"),
        ("Ambtenaar vrije tijd", "Algemeen directeur"),
        ("Schepen", "Algemeen directeur"),
        ("Gemeenteraadslid", "Ambtenaar vrije tijd"),
        (ANDERE, "Schepen"),
    ),
    3: (
        ("Ambtenaar jeugd", "Ambtenaar welzijn", "Diensthoofd"),
        ("Ambtenaar jeugd", "Ambtenaar welzijn", "Schepen"),
        ("Ambtenaar vrije tijd", ANDERE, "Algemeen directeur"),
    ),
    4: (
        ("Ambtenaar jeugd", "Ambtenaar welzijn", "Diensthoofd", "Schepen"),
        ("Ambtenaar jeugd", "Ambtenaar vrije tijd", ANDERE, "Algemeen directeur"),
    ),
}
SCARCE = 6  # respondents with Finished True whose Progress stayed under 100
FIRST_DAY = datetime.date(2021, 3, 1)


@dataclass
class Person:
    """One row of the export. `cells` holds the questionnaire's columns."""

    id: str
    unit: str
    role: str
    start: datetime.datetime
    seconds: int
    parts: frozenset[str] = EVERYTHING
    progress: int = 100
    finished: bool = True
    status: str = "IP Address"
    recorded_after: datetime.timedelta = datetime.timedelta(seconds=1)
    cells: dict[str, str] = field(default_factory=dict)

    @property
    def end(self) -> datetime.datetime:
        """When the last page was left."""
        return self.start + datetime.timedelta(seconds=self.seconds)

    @property
    def recorded(self) -> datetime.datetime:
        """When the response was stored."""
        return self.end + self.recorded_after


def new_id(rng: random.Random) -> str:
    """Return an id of the shape that Qualtrics gives."""
    letters = string.ascii_letters + string.digits
    return f"R_{rng.choice('123')}{''.join(rng.choices(letters, k=14))}"


def a_start(rng: random.Random) -> datetime.datetime:
    """Return a moment in office hours; most answer at once or after a reminder."""
    wave = rng.choices((0, 14, 28), (6, 3, 2))[0]
    day = FIRST_DAY + datetime.timedelta(days=wave + min(int(rng.expovariate(1 / 6)), 18))
    while day.weekday() > 4 and rng.random() < 0.9:
        day += datetime.timedelta(days=1)
    second = int(rng.triangular(9 * 3600, 17.5 * 3600, 10.5 * 3600))
    return datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=second)


def a_duration(rng: random.Random) -> int:
    """Return how many seconds someone took; now and then a night or a week."""
    long = rng.choice((60_000, 250_000)) if rng.random() < 0.04 else 0
    return int(rng.lognormvariate(7.2, 0.5)) + long


def team_sizes(rng: random.Random, units: Sequence[str]) -> dict[str, int]:
    """Return how many people answered for each of the units given, more than one each."""
    sizes = [4] * 3 + [3] * 9
    sizes += [2] * (len(units) - len(sizes))
    rng.shuffle(sizes)
    return dict(zip(units, sizes, strict=True))


def make_people(
    world: World, sizes: Mapping[str, int], andere: int, fixed_ids: Mapping[str, str], seed: int
) -> list[Person]:
    """Return the people of every unit, without answers; `andere` of them have another role.

    `fixed_ids` maps a unit to the ResponseId that study.yaml names.
    """
    rng = random.Random(f"{seed}:people")
    people: list[Person] = []
    for unit in sorted(world.order):
        size = sizes.get(unit, 1)
        roles = rng.choice(TEAMS[size]) if size > 1 else rng.choices(ROLES, ROLE_WEIGHTS)
        start = a_start(rng)
        for i, role in enumerate(rng.sample(roles, len(roles))):
            person = Person(new_id(rng), unit, role, start, a_duration(rng))
            if size > 1:
                person.parts = PARTS.get(role, EVERYTHING)
                person.start += datetime.timedelta(days=rng.randint(0, 4) * i, minutes=37 * i)
            people.append(person)
    for person in people:
        person.id = fixed_ids.get(person.unit, person.id)
    alone = [p for p in people if sizes.get(p.unit, 1) == 1 and p.unit not in fixed_ids]
    have = sum(person.role == ANDERE for person in people)
    for person in rng.sample(alone, max(andere - have, 0)):
        person.role = ANDERE
    together = [p for p in people if sizes.get(p.unit, 1) > 1]
    for person in rng.sample(together, SCARCE):
        person.progress = rng.randint(86, 98)
    return people


def settle(given: Sequence[tuple[Person, str]], responsible: set[str]) -> str:
    """Return the value that counts where people of one unit answer differently."""
    counts = Counter(value for _, value in given)
    owners = {value for person, value in given if person.role in responsible}
    if len(counts) == 1 or len(owners) == 1:
        return (owners or set(counts)).pop()
    most = max(counts.values())
    leading = [(p, v) for p, v in given if counts[v] == most]
    return min(leading, key=lambda pv: (-pv[0].progress, pv[0].recorded, pv[0].id))[1]


class Splitter:
    """Splits the answers of one unit over its people, question after question."""

    def __init__(self, study: Study, world: World, people: list[Person], rng: random.Random):
        """Take the people of one unit; each gets its cells."""
        self.study, self.world, self.people, self.rng = study, world, people, rng
        self.unit = people[0].unit
        self.responsible = {s.id: set(s.responsible) for s in study.file.sections}
        self.authors: dict[str, str] = {}

    def split(self) -> dict[str, str]:
        """Fill the cells of everyone; return who wrote each "andere" text, by its key."""
        for question in self.study.file.questions:
            seeing = [person for person in self.people if self._sees(person, question)]
            for person in self.people:
                empty = MISSING if person in seeing else ""
                person.cells.update(dict.fromkeys(question.columns, empty))
            if question.kind == "multiple" and seeing:
                self._multiple(question, seeing)
            elif question.kind in ("single", "matrix") and seeing:
                for column in question.columns:
                    self._single(question, column, seeing)
        for question in self.study.file.questions:
            if question.other:
                self._tidy_text(question)
        return self.authors

    def _owner(self, section: str) -> Person:
        mine = [p for p in self.people if section in p.parts] or self.people
        return min(mine, key=lambda p: (p.role not in self.responsible[section], p.id))

    def _sees(self, person: Person, question: Question) -> bool:
        stem, _, group = question.id.removesuffix("_andere").partition("_")
        if question.id in ("covid_maat", "covid_andere"):
            return person.cells["covid"] == "Ja"
        if group not in GROUPS:
            return True
        ticked = person.cells[f"leeftijd_{GROUPS.index(group) + 1}"] not in ("", MISSING)
        return ticked and (stem != "kanaal" or person.cells[f"bewust_{group}"] == "Ja")

    def _answering(self, question: Question, seeing: list[Person]) -> list[Person]:
        owner = self._owner(question.section)
        mine = [p for p in seeing if question.section in p.parts or p is owner] or seeing
        return [p for p in mine if p is owner or self.rng.random() < 0.8] or mine[:1]

    def _single(self, question: Question, column: str, seeing: list[Person]) -> None:
        wanted = self.world.single[column].get(self.unit)
        if wanted is None:
            return
        answering = self._answering(question, seeing)
        agree = 0.6 if any(person.progress < 100 for person in answering) else 0.9
        others = [value for value in question.values if value != wanted]
        given = [(person, wanted) for person in answering]
        for _ in range(4):
            trial = [
                (p, wanted if self.rng.random() < agree else self.rng.choice(others))
                for p in answering
            ]
            if settle(trial, self.responsible[question.section]) == wanted:
                given = trial
                break
        for person, value in given:
            person.cells[column] = value

    def _multiple(self, question: Question, seeing: list[Person]) -> None:
        codes = self.world.codes[question.id].get(self.unit)
        if codes is None:
            return
        answering = self._answering(question, seeing)
        ticks: dict[str, set[str]] = {person.id: set() for person in answering}
        text = self._text(question)
        if text and question.other:  # the tick of "andere" goes where the text is
            writer = self.rng.choice(answering)
            ticks[writer.id].add(question.other.choice)
            self.authors[text.key] = writer.id
            codes = codes - {question.other.choice}
        for choice in question.choices:
            alone_in_text = text and choice.code in text.decided and self.rng.random() < 0.6
            if choice.code in codes and not alone_in_text:
                for person in self._tickers(question, choice.code, answering):
                    ticks.setdefault(person.id, set()).add(choice.code)
        alone = {choice.code for choice in question.choices if choice.exclusive}
        for person in self.people:
            mine = ticks.get(person.id, set())
            if person.id in ticks and not mine and alone and self.rng.random() < 0.15:
                mine = alone  # "geen van deze" beside a colleague's ticks: does not count
            if mine:
                for choice in question.choices:
                    person.cells[choice.column] = choice.label if choice.code in mine else ""

    def _tickers(self, question: Question, code: str, answering: list[Person]) -> list[Person]:
        if question.id == "leeftijd":
            return self._who_ticks_group(code)
        some = [person for person in answering if self.rng.random() < 0.6]
        return some or [self.rng.choice(answering)]

    def _who_ticks_group(self, group: str) -> list[Person]:
        section = self.study.questions[f"bewust_{group}"].section
        owner = self._owner(section)
        return [
            person
            for person in self.people
            if person is owner or self.rng.random() < (0.9 if section in person.parts else 0.3)
        ]

    def _text(self, question: Question) -> Text | None:
        if not question.other:
            return None
        return self.world.texts.get(question.other.question, {}).get(self.unit)

    def _tidy_text(self, question: Question) -> None:
        """Put the text in its box; a box that was not ticked holds nothing."""
        assert question.other is not None
        column = self.study.questions[question.other.question].column
        box = next(c.column for c in question.choices if c.code == question.other.choice)
        text = self._text(question)
        for person in self.people:
            if person.cells[box] == "":
                person.cells[column] = ""
            if text and self.authors.get(text.key) == person.id:
                person.cells[column] = text.text


STANCE = {
    "toel_ondersteuning": ("Eens", "Helemaal eens"),
    "toel_betekenis": (),
}
LACKING = ("Oneens", "Helemaal oneens")


def hand_out(
    study: Study, people: list[Person], texts: Sequence[Text], seed: int
) -> dict[str, str]:
    """Give the texts of the open questions to people, one each; return who wrote which.

    A need under a statement goes to someone whose answer on its scale admits one.
    """
    authors: dict[str, str] = {}
    rng = random.Random(f"{seed}:hand_out")
    talk = {person.id: rng.lognormvariate(0, 0.5) for person in people}
    for question in study.open_questions:
        mine = [text for text in texts if text.question == question.id]
        luck = {p.id: rng.random() ** (1 / talk[p.id]) for p in people}
        free = sorted(people, key=lambda p: -luck[p.id])
        if question.id == "functie_andere":
            free = [person for person in free if person.role == ANDERE]
        elif question.prompt == "other":
            continue
        else:
            free = [person for person in free if "noden" in person.parts]
        for text in sorted(mine, key=lambda text: not text.decided):
            scale = question.column.removesuffix("_TEXT")
            able = free
            if question.prompt == "statement":
                able = [p for p in free if p.cells[scale] not in ("", MISSING)]
                stance = STANCE.get(question.id, LACKING)
                if text.decided and "geen_nood" not in text.decided and stance:
                    able = [p for p in able if p.cells[scale] in stance] or able
            person = able[0]
            free.remove(person)
            person.cells[question.column] = text.text
            authors[text.key] = person.id
        for person in people:
            if question.id == "functie_andere" and person.role != ANDERE:
                person.cells[question.column] = ""
    return authors
