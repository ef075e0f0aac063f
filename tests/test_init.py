"""`opentekst init`: from an export to a study that runs, whatever the export looks like."""

import csv
import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from conftest import ROOT
from opentekst.cli import app
from opentekst.codebook import Codebook
from opentekst.errors import DataError, StudyError
from opentekst.pipeline import STAGES, Engine
from opentekst.pipeline.starting import start_study
from opentekst.pipeline.unit_facts import unit_facts
from opentekst.results.tables import count_units, tabulate
from opentekst.store import Paths, read_responses
from opentekst.study import Question, Study, StudyFile
from opentekst.survey.draft import Draft, draft
from opentekst.survey.export import read_export
from opentekst.survey.survey import read_survey

RAW = ROOT / "data" / "raw"
QUICK = ("read", "normalise", "code", "tables")
# What the example's tables 1, 2, 4, 6 and 8 count.
COUNTED = ("start", "onderscheid", "samenwerking", "covid", "leeftijd")


def by_hand(rows: int = 12) -> list[list[str]]:
    """A small survey about greenery: other names and questions than the example's."""
    columns: dict[str, tuple[str, list[str]]] = {
        "StartDate": ("Start Date", ["2023-05-02 10:00:00"]),
        "Status": ("Response Type", ["IP Address"]),
        "Progress": ("Progress", ["100"]),
        "Finished": ("Finished", ["True"]),
        "RecordedDate": ("Recorded Date", ["2023-05-02 10:20:00"]),
        "ResponseId": ("Response ID", [f"R_{i}" for i in range(rows)]),
        "Q1": ("Ik neem vrijwillig deel aan dit onderzoek", ["Ja, ik neem deel"]),
        "Q2": ("Postnummer van uw gemeente", ["9000", "2000", "3000", "8000", "8500", "9300"]),
        "Q3": ("Hebt u een <b>groenplan</b>?", ["Nee", "Ja", "Ja", "Weet ik niet"]),
        "Q4_1": ("Welk groen is er? - Selected Choice - Park", ["Park", ""]),
        "Q4_2": ("Welk groen is er? - Selected Choice - Bos", ["", "Bos", "Bos"]),
        "Q4_3": ("Welk groen is er? - Selected Choice - Ander groen:", ["Ander groen:", "", ""]),
        "Q4_4": ("Welk groen is er? - Selected Choice - Geen groen", [""]),
        "Q4_3_TEXT": ("Welk groen is er? - Ander groen: - Text", ["een geveltuin", "", ""]),
        "Q5_1": ("Hoe belangrijk is groen? - In het dorp", ["Belangrijk", "Zeer belangrijk"]),
        "Q5_2": ("Hoe belangrijk is groen? - Langs de weg", ["Zeer belangrijk", "Onbelangrijk"]),
        "Q5_2_TEXT": ("Hoe belangrijk is groen? - Langs de weg - Text", ["voor de schaduw", ""]),
        "Q6": ("Welke noden hebt u?", [f"nummer {i}: meer plantgoed" for i in range(rows)]),
        "Q7": ("Uw e-mailadres", [f"iemand{i}@gemeente.example" for i in range(rows)]),
        "Q8": ("Hoeveel bomen staan er?", [str(1000 + 7 * i) for i in range(rows)]),
        "Q9": ("Nooit getoond", [""]),
    }
    body = [[cells[i % len(cells)] for _, cells in columns.values()] for i in range(rows)]
    imports = [f'{{"ImportId":"{name}"}}' for name in columns]
    return [list(columns), [text for text, _ in columns.values()], imports, *body]


def as_csv(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def as_excel(path: Path, rows: list[list[str]]) -> Path:
    pd.DataFrame(rows).to_excel(path, header=False, index=False)
    return path


def as_plain(path: Path, rows: list[list[str]]) -> Path:
    names = {"ResponseId": "nr", "StartDate": "datum", "Q2": "postcode"}
    keep = [i for i, name in enumerate(rows[0]) if name in names or name.startswith("Q")]
    head = [names.get(rows[0][i], rows[0][i]) for i in keep]
    return as_csv(path, [head, *([row[i] for i in keep] for row in rows[3:])])


def drafted(path: Path) -> Draft:
    return draft(read_export(path, missing=("-99",)))


def questions_of(found: Draft) -> dict[str, Question]:
    return {question.id: question for question in found.questions}


def counted(study: Study) -> dict[str, set[tuple[str, int | None, int | None]]]:
    """Count the tables of `COUNTED`: row, number of units and base; open answers left out."""
    units = count_units(study, read_survey(study).responses, [], [])
    tables = tabulate(study, units, unit_facts(study))
    asked = {spec.number: spec.question for spec in study.file.tables}
    return {
        asked[table.number]: {(cell.category, cell.n, cell.base) for cell in table.cells}
        for table in tables
        if asked[table.number] in COUNTED
    }


@pytest.fixture(scope="module")
def published() -> dict[str, set[tuple[str, int | None, int | None]]]:
    return counted(Study.open(ROOT))


def with_what_the_researcher_knows(made: StudyFile) -> StudyFile:
    """Add what no export tells: where one postcode belongs, and who answers for which part."""
    example = Study.open(ROOT)
    sections = {q.id: q.section for q in example.file.questions}
    return made.model_copy(
        update={
            "units": example.file.units,
            "sections": example.file.sections,
            "questions": tuple(
                q.model_copy(update={"section": sections.get(q.id, "")}) for q in made.questions
            ),
        }
    )


@pytest.mark.parametrize("name", ["bevraging_2021.csv", "bevraging_2021.sav"])
def test_the_draft_of_the_example_counts_what_the_example_counts(
    name: str, tmp_path: Path, published: dict[str, set[tuple[str, int | None, int | None]]]
) -> None:
    started = start_study(RAW / name, tmp_path)
    made = Study.open(tmp_path)
    assert [started.draft.count(k) for k in ("single", "multiple", "matrix", "open")] == [
        *(8, 19, 5, 20)
    ]
    theirs = {q.id: q.columns for q in Study.open(ROOT).file.questions if q.kind != "open"}
    assert {q.id: q.columns for q in made.file.questions if q.kind != "open"} == theirs
    mine = counted(Study(tmp_path, with_what_the_researcher_knows(made.file)))
    assert mine == published
    assert mine.keys() == set(COUNTED)


@pytest.mark.parametrize(
    ("write", "name"), [(as_csv, "e.csv"), (as_excel, "e.xlsx"), (as_plain, "plain.csv")]
)
def test_another_survey_runs_at_once_whatever_the_file(
    write: object, name: str, tmp_path: Path
) -> None:
    path = write(tmp_path / name, by_hand())  # type: ignore[operator]
    study = tmp_path / "studie"
    started = start_study(path, study)
    Engine(Study.open(study), STAGES).run(QUICK)
    assert (study / "results/tables/tabellen.html").exists()
    assert len(read_responses(Paths(study).work / "responses.jsonl")) == 6
    kinds = {q.id: q.kind for q in started.draft.questions}
    assert kinds == {
        **{"q3": "single", "q4": "multiple", "q4_andere": "open", "q5": "matrix"},
        **{"q5_2_toelichting": "open", "q6": "open"},
    }


def test_what_qualtrics_says_is_recognised(tmp_path: Path) -> None:
    found = drafted(as_csv(tmp_path / "e.csv", by_hand()))
    asked = questions_of(found)
    assert found.who.respondents.consent is not None
    assert found.who.respondents.consent.column == "Q1"
    assert (found.who.postcode, str(found.who.day)) == ("Q2", "2023-05-02")
    assert asked["q3"].text == "Hebt u een groenplan?"
    assert asked["q3"].values == ("Ja", "Nee", "Weet ik niet")
    assert [c.label for c in asked["q4"].choices] == ["Park", "Bos", "Ander groen", "Geen groen"]
    assert [c.code for c in asked["q4"].choices] == ["park", "bos", "andere", "geen_groen"]
    assert [c.exclusive for c in asked["q4"].choices] == [False, False, False, True]
    assert asked["q4"].other is not None
    assert asked["q4"].other.question == "q4_andere"
    assert asked["q5"].values == ("Onbelangrijk", "Belangrijk", "Zeer belangrijk")
    assert asked["q5"].text == "Hoe belangrijk is groen?"
    prompts = {name: q.prompt for name, q in asked.items() if q.kind == "open"}
    assert prompts == {"q4_andere": "other", "q5_2_toelichting": "statement", "q6": "need"}
    assert [table.question or table.groups[0].question for table in found.tables] == [
        *("q3", "q4", "q5", "q4_andere", "q5_2_toelichting", "q6")
    ]
    said = "\n".join(found.unsure)
    assert "wijst een persoon aan" in said
    assert "geen getallen" in said
    assert "leeg" in said


def test_a_box_for_andere_gets_the_choices_as_codes(tmp_path: Path) -> None:
    start_study(as_csv(tmp_path / "e.csv", by_hand()), tmp_path / "s")
    codes = Codebook.load(tmp_path / "s/codebooks/q4_andere.yaml").by_id
    assert list(codes) == ["park", "bos", "geen_groen", "andere"]
    assert codes["park"].keywords == ("park",)
    assert codes["geen_groen"].keywords == ()
    other = Codebook.load(tmp_path / "s/codebooks/q6.yaml")
    assert [code.id for code in other.codes] == ["andere"]
    assert other.codes[0].definition
    assert "keywords" in (tmp_path / "s/codebooks/q6.yaml").read_text("utf-8")


def test_spss_labels_give_the_order_of_the_values() -> None:
    start = questions_of(drafted(RAW / "bevraging_2021.sav"))["start"]
    assert start.values == next(
        q.values for q in Study.open(ROOT).file.questions if q.id == "start"
    )


def test_an_opinion_is_no_consent(tmp_path: Path) -> None:
    values = ["Helemaal akkoord", "Akkoord", "Niet akkoord", "Neutraal"] * 3
    rows = [["id", "postcode", "stelling"], *([str(i), "9000", v] for i, v in enumerate(values))]
    found = drafted(as_csv(tmp_path / "e.csv", rows))
    assert found.who.respondents.consent is None
    assert questions_of(found)["stelling"].values == (
        *("Niet akkoord", "Neutraal", "Akkoord", "Helemaal akkoord"),
    )


def test_numbered_columns_of_different_questions_are_no_matrix(tmp_path: Path) -> None:
    rows = [["id", "postcode", "q_1", "q_2"]]
    rows += [[str(i), "9000", ("Ja", "Nee")[i % 2], f"een lang antwoord {i}"] for i in range(9)]
    found = questions_of(drafted(as_csv(tmp_path / "e.csv", rows)))
    assert {name: q.kind for name, q in found.items()} == {"q_1": "single", "q_2": "open"}


def test_without_postcodes_the_study_says_what_is_missing(tmp_path: Path) -> None:
    rows = [["id", "vraag"], *([str(i), ("Ja", "Nee")[i % 2]] for i in range(6))]
    study = tmp_path / "s"
    started = start_study(as_csv(tmp_path / "e.csv", rows), study)
    assert "NIET GEVONDEN" in "\n".join(started.lines)
    assert started.data["unit"] is None
    assert "geen kolom met postcodes gevonden" in (study / "study.yaml").read_text("utf-8")
    with pytest.raises(DataError, match="VUL_DE_KOLOM_IN"):
        Engine(Study.open(study), STAGES).run(("read",))


def test_responses_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "e.csv", [["postcode", "vraag"], ["9000", "Ja"], ["9000", "Ja"]])
    with pytest.raises(DataError, match="kolom 'id'"):
        start_study(path, tmp_path / "s")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("there", ["study.yaml", "codebooks/q6.yaml", "data/raw/e.csv"])
def test_nothing_is_ever_overwritten(there: str, tmp_path: Path) -> None:
    path, study = as_csv(tmp_path / "e.csv", by_hand()), tmp_path / "s"
    (study / there).parent.mkdir(parents=True)
    (study / there).write_text("van iemand")
    with pytest.raises(StudyError) as fault:
        start_study(path, study)
    assert there in fault.value.place
    assert fault.value.remedy
    assert [p.read_text() for p in study.rglob("*") if p.is_file()] == ["van iemand"]


def test_an_export_that_lies_in_place_stays_there(tmp_path: Path) -> None:
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    path = as_csv(raw / "e.csv", by_hand())
    before = path.stat().st_mtime_ns
    started = start_study(path, tmp_path)
    assert path.stat().st_mtime_ns == before
    assert Study.open(tmp_path).file.source.file == "data/raw/e.csv"
    assert "data/raw/e.csv" not in started.data["written"]


def test_the_file_reads_well_and_names_its_guesses(tmp_path: Path) -> None:
    start_study(RAW / "bevraging_2021.csv", tmp_path)
    text = (tmp_path / "study.yaml").read_text("utf-8")
    assert "# NAKIJKEN: het bestand zegt de volgorde niet" in text
    assert '      - {code: andere, column: kader_5, label: "Andere beleidsontwikkeling"}' in text
    assert "  - id: start\n    kind: single\n" in text
    assert "NAKIJKEN: de dag van de eerste respons" in text


def test_the_command_says_what_it_recognised_and_what_comes_next(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "e.csv", by_hand())
    study = tmp_path / "s"
    first = CliRunner().invoke(app, ["init", str(path), "--into", str(study), "--json"])
    assert first.exit_code == 0
    said = json.loads(first.stdout)
    assert said["questions"] == {"single": 1, "multiple": 1, "matrix": 1, "open": 3}
    assert (said["consent"], said["unit"]) == ("Q1", "Q2")
    assert "NAKIJKEN" in first.stderr
    again = CliRunner().invoke(app, ["init", str(path), "--into", str(study)])
    assert again.exit_code == 2
    assert "al een studie" in again.stderr
    shutil.rmtree(study)
    plain = CliRunner().invoke(app, ["init", str(path), "--into", str(study)])
    assert "opentekst run --study" in plain.stdout
    assert not any(f"nummer {i}" in plain.stdout for i in range(12))
