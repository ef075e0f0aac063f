"""Make the raw data of the example study: an export that never was.

The respondents and all their answers are invented. Only the totals are real: counted by
opentekst, the tables of this export are those of the report in data/rapport/tabellen.csv
(where a printed percentage cannot come from any whole base, the nearest base is used). The
open answers were written by hand and coded by hand; they stand in example/answers.jsonl
and example/codings.jsonl.

    python data/raw/make_example.py [--rebuild-annotations]

writes data/raw/bevraging_2021.csv and .sav and, in annotations/<question>/, people.jsonl and
audit.json (which answers the coders were given, drawn by lot): the same bytes every time.
Ledgers that exist already are people's work: the script then writes nothing, unless told
`--rebuild-annotations`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from example.files import Column, qualtrics_csv, questionnaire, spss, table
from example.mess import greet, make_mess, type_postcode
from example.people import (
    MISSING,
    Person,
    Splitter,
    hand_out,
    make_people,
    team_sizes,
)
from example.texts import Text, audits, ledger, load_texts
from example.totals import RESPONDING, World, make_world, pick, read_targets

from opentekst.store import Paths, jsonl, write_all
from opentekst.study import Study
from opentekst.survey.places import Places, places_on

ROOT = Path(__file__).resolve().parents[2]
TEAMS = 45  # municipalities with more than one respondent
CARGOVIL = "1804"  # a postcode that Zemst and Vilvoorde share
TYPED = {"Gent": "B-9000", "Turnhout": "2300 Turnhout"}
SPARE_ROLES = 3  # respondents with another role who do not say which


def build(study: Study, texts: Sequence[Text]) -> tuple[list[Person], dict[str, str]]:
    """Return everyone in the export and who wrote each text (ResponseId by its key)."""
    seed = study.file.seed
    places = places_on(study.file.date)
    rng = random.Random(f"{seed}:units")
    assigned = {
        place.nis: respondent
        for respondent, name in study.file.units.assign.items()
        if (place := places.named(name))
    }
    certain = {place.nis for name in ("Zemst", *TYPED) if (place := places.named(name))}
    certain |= assigned.keys()
    rest = sorted(places.municipalities.keys() - certain)
    units = sorted(certain) + pick(rng, rest, RESPONDING - len(certain))
    codes = _postcodes(places)
    many = {unit: float(len(codes[unit]) ** 2) for unit in units}  # larger places: more people
    sizes = team_sizes(rng, pick(rng, [u for u in units if u not in assigned], TEAMS, many))

    luck = {unit: rng.random() * (0.4 if unit in sizes else 1) for unit in units}
    weight = {
        unit: rng.lognormvariate(0, 0.6) * (1.8 if unit in sizes else 1) for unit in sorted(units)
    }
    targets = read_targets(study, study.root / study.file.compare)
    world = World(sorted(units, key=luck.__getitem__), weight)
    make_world(study, targets, world, texts, seed)

    roles = sum(text.question == "functie_andere" for text in texts) + SPARE_ROLES
    people = make_people(world, sizes, roles, assigned, seed)
    typed = {}
    for person in people:
        name = places.municipalities[person.unit].name
        typed[person.id] = type_postcode(rng, rng.choice(codes[person.unit]), name)
        if person.unit in assigned:
            typed[person.id] = CARGOVIL
        typed[person.id] = TYPED.pop(name, typed[person.id])
    greet(people, typed)

    authors: dict[str, str] = {}
    for unit in sorted(world.order):
        mine = [person for person in people if person.unit == unit]
        authors |= Splitter(study, world, mine, random.Random(f"{seed}:split:{unit}")).split()
    authors |= hand_out(study, people, texts, seed)
    if sorted(authors) != sorted(text.key for text in texts):
        raise ValueError("not every text of answers.jsonl found its one respondent")
    for person in people:
        if person.progress < 100 and person.cells["themas"] == MISSING:
            person.cells["themas"] = ""

    columns = questionnaire(study)
    opens = [question.column for question in study.open_questions]
    outside = [codes[unit][0] for unit in sorted(places.municipalities.keys() - set(units))]
    people += make_mess(people, [column.name for column in columns], opens, outside, seed)
    return people, authors


def _postcodes(places: Places) -> dict[str, list[str]]:
    """Return each municipality's postcodes, doubtful ones only where it has no other."""
    found: dict[str, list[str]] = {}
    for code in sorted(places.by_postcode, key=lambda code: (code in places.doubtful, code)):
        owner = places.by_postcode[code][0]
        if code not in places.doubtful or owner not in found:
            found.setdefault(owner, []).append(code)
    return found


def _files(
    study: Study, people: Sequence[Person], columns: Sequence[Column], out: Path
) -> dict[Path, bytes]:
    rows = table(people, columns)
    target = out / study.file.source.file
    with tempfile.TemporaryDirectory() as folder:
        sav = spss(rows, columns, Path(folder) / "export.sav")
    return {target: qualtrics_csv(rows, columns), target.with_suffix(".sav"): sav}


def to_json(data: object) -> bytes:
    """Return JSON as a file holds it."""
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the export and the ledgers; return 1, with nothing written, where ledgers exist."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rebuild-annotations", action="store_true")
    parser.add_argument("--texts", type=Path, default=Path(__file__).parent / "example")
    parser.add_argument("--out", type=Path, default=ROOT, help="study folder to write into")
    given = parser.parse_args(arguments)

    study = Study.open(ROOT)
    paths = Paths(given.out)
    present = [q.id for q in study.open_questions if paths.ledger(q.id).exists()]
    if present and not given.rebuild_annotations:
        print(
            f"{paths.ledger(present[0])} bestaat al (en {len(present) - 1} andere): dat is werk van"
            " mensen. Niets geschreven; gebruik --rebuild-annotations om opnieuw te beginnen.",
            file=sys.stderr,
        )
        return 1
    texts = load_texts(given.texts)
    people, authors = build(study, texts)
    codings = ledger(study, texts, authors, study.file.seed)
    samples = audits(study, texts, authors, study.file.seed)
    write_all(
        _files(study, people, questionnaire(study), given.out)
        | {paths.ledger(question): jsonl(lines) for question, lines in codings.items()}
        | {
            paths.ledger(question).with_name("audit.json"): to_json(sample.to_json())
            for question, sample in samples.items()
        }
    )
    print(f"{len(people)} responsen, {len(texts)} open antwoorden, {len(codings)} vragen gecodeerd")
    return 0


if __name__ == "__main__":
    sys.exit(main())
