"""A person with only the manual and another survey than the example: from export to report."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from typer.testing import CliRunner

from opentekst.cli import app
from opentekst.pipeline.coding_says import left_behind_lines
from opentekst.pipeline.opinions import left_behind
from opentekst.study import Study
from opentekst.survey.places import places_on
from other_survey import AGREE, CLAIMS, JOBS, PLANS, REFUSE, SCALE, SERVICES, Survey, libraries

SURVEY = libraries()


def as_csv(survey: Survey, path: Path) -> None:
    path.write_bytes(survey.as_csv())


def as_excel(survey: Survey, path: Path) -> None:
    """Write Qualtrics' Excel: three header rows, numbers as numbers."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (survey.names, survey.texts, [json.dumps({"ImportId": n}) for n in survey.names]):
        sheet.append(row)
    for row in survey.responses:
        sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(path)


def as_spss(survey: Survey, path: Path) -> None:
    """Write Qualtrics' SPSS file: choices are numbers with labels, names fit SPSS."""
    frame = pd.DataFrame(survey.responses, columns=survey.names)
    labels: dict[str, dict[float, str]] = {}
    choices = {
        "Q1": (AGREE, REFUSE), "Q3": JOBS, "Q4": PLANS, "Finished": ("True", "False"),
        "Status": ("IP Address", "Survey Preview"),
        **{f"Q5_{n}": (label,) for n, label in enumerate(SERVICES, start=1)},
        **{f"Q6_{n}": SCALE for n in range(1, len(CLAIMS) + 1)},
    }  # fmt: skip
    for column, values in choices.items():
        codes = {value: float(number) for number, value in enumerate(values, start=1)}
        frame[column] = frame[column].map(codes)
        labels[column] = {number: value for value, number in codes.items()}
    for column in ("Progress", "Q7", "Duration (in seconds)"):
        frame[column] = pd.to_numeric(frame[column])
    frame["RecordedDate"] = pd.to_datetime(frame["RecordedDate"])
    frame = frame.rename(columns={"Duration (in seconds)": "Duration__in_seconds_"})
    texts: list[str | None] = [text.replace("\n", " ") for text in survey.texts]
    pyreadstat.write_sav(frame, str(path), column_labels=texts, variable_value_labels=labels)


# What a person looks for in an answer; a subcode is shown with the code above it.
BY_HAND = {
    "Meer personeel": ("person", "mensen om"),
    "Plaats": ("lokaal", "ruimte", "gebouw", "local"),
    "Samenwerken": ("samen", "scholen", "partners"),
    "Middelen › Geld": ("budget", "geld", "subsid"),
    "Middelen": ("middelen",),
}
SILENT = {"", "nvt", "/", "geen idee"}

WRITERS: dict[str, Callable[[Survey, Path], None]] = {
    "bibliotheken.csv": as_csv, "bibliotheken.xlsx": as_excel, "bibliotheken.sav": as_spss,
}  # fmt: skip


def opentekst(*words: str) -> str:
    """Run a command as the shell does; return what it says on both screens."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return str(done.output)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def coded_by_hand(text: str) -> list[str]:
    """Return the codes that a person gives, as the workbook names them."""
    said = text.casefold()
    return [code for code, words in BY_HAND.items() if any(word in said for word in words)]


def cells_of(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)["Coderen"].iter_rows(values_only=True))


def fill_in(path: Path) -> None:
    """Code every answer of the workbook, as a person does."""
    book = openpyxl.load_workbook(path)
    sheet = book["Coderen"]
    rows = cells_of(path)
    start = next(place for place, row in enumerate(rows) if "Code 1" in row)
    first, none = rows[start].index("Code 1"), rows[start].index("Geen code past (x)")
    text = rows[start].index("Antwoord")
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        codes = coded_by_hand(row[text])
        for place, code in enumerate(codes):
            sheet.cell(number, first + place + 1, code)
        if not codes:
            sheet.cell(number, none + 1, "x")
    book.save(path)


def expected() -> tuple[Counter[str], dict[str, dict[str, str]]]:
    """Count by hand which responses drop out, and return those that count by their id."""
    dropped: Counter[str] = Counter()
    kept: dict[str, dict[str, str]] = {}
    places = places_on(pd.Timestamp("2023-09-01").date())
    seen: set[tuple[str, ...]] = set()
    for cells in SURVEY.responses:
        row = dict(zip(SURVEY.names, cells, strict=True))
        said = tuple(cell for name, cell in row.items() if name.startswith("Q"))
        if row["Status"] == "Survey Preview":
            dropped["test of voorbeeld"] += 1
        elif row["Q1"] != AGREE:
            dropped["geen toestemming"] += 1
        elif row["Finished"] != "True":
            dropped["niet afgewerkt"] += 1
        elif said in seen:
            dropped["dubbel"] += 1
        else:
            seen.add(said)
            digits = "".join(sign for sign in row["Q2"] if sign.isdigit())
            if digits in places.by_postcode:
                kept[row["ResponseId"]] = {**row, "units": places.by_postcode[digits][0]}
            else:
                dropped["geen gemeente"] += 1
    return dropped, kept


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The study after what the manual says in part 4, and what each command said."""
    here = tmp_path_factory.mktemp("een lege map")
    export = here / "bibliotheken.csv"
    as_csv(SURVEY, export)
    bib = here / "bib"
    said = {"init": opentekst("init", str(export), "--into", str(bib))}
    for code, label, *more in (
        ("personeel", "Meer personeel", "--keyword", "personeel", "--keyword", "te weinig mensen"),
        ("ruimte", "Plaats", "--keyword", "lokaal", "--keyword", "ruimte", "--keyword", "gebouw"),
        ("samen", "Samenwerken", "--keyword", "samenwerk*", "--keyword", "scholen"),
        ("middelen", "Middelen", "--keyword", "middelen"),
        (
            "middelen.geld",
            "Geld",
            "--keyword",
            "budget*",
            "--keyword",
            "geld",
            "--keyword",
            "subsid*",
        ),
    ):
        definition = f"Nood aan {label.casefold()} in de bibliotheek."
        words = ("--codebook", "q8", "--label", label, "--definition", definition, *more)
        opentekst("codebook", "add", code, "--study", str(bib), *words)
    said["check"] = opentekst("codebook", "check", "q8", "--study", str(bib))
    said["code"] = opentekst("code", "--study", str(bib))
    sheet = here / "q8.xlsx"
    opentekst("review", "export", str(sheet), "--question", "q8", "--blind", "--study", str(bib))
    fill_in(sheet)
    said["sheet"] = " ".join(str(cell) for row in cells_of(sheet) for cell in row if cell)
    coder = ("--coder", "an@voorbeeld.be")
    said["import"] = opentekst("review", "import", str(sheet), *coder, "--study", str(bib))
    said["tables"] = opentekst("tables", "--study", str(bib))
    said["checked"] = opentekst("codebook", "check", "q8", "--study", str(bib))
    return bib, said


def test_init_understands_what_was_asked(walked: tuple[Path, dict[str, str]]) -> None:
    bib, said = walked
    study = Study.open(bib)
    file = study.file
    assert {q.id: q.kind for q in file.questions} == {
        "q3_andere": "open", "q4": "single", "q5": "multiple", "q5_andere": "open",
        "q6": "matrix", "q8": "open", "q9": "open",
    }  # fmt: skip
    assert {q.id: q.prompt for q in study.open_questions} == {
        "q3_andere": "other", "q5_andere": "other", "q8": "need", "q9": "theme",
    }  # fmt: skip
    assert (file.units.postcode, file.respondents.role) == ("Q2", "Q3")
    assert file.respondents.consent
    assert file.respondents.consent.accept == (AGREE,)
    assert study.questions["q6"].values == SCALE
    services = study.questions["q5"].choices
    assert [choice.label for choice in services] == [*SERVICES[:-1], "Andere, namelijk"]
    assert [choice.code for choice in services if choice.exclusive] == ["geen_bovenstaande"]
    for guessed in ("Toestemming: wie in kolom 'Q1'", "een getal; opentekst telt geen", "Q10"):
        assert guessed in said["init"]
    assert "2023-09-01" in (bib / "study.yaml").read_text("utf-8")


def test_a_table_of_what_is_written_under_andere_says_where_it_counts_too(
    walked: tuple[Path, dict[str, str]],
) -> None:
    tables = Study.open(walked[0]).file.tables
    notes = {table.question: (table.number, " ".join(table.footnotes)) for table in tables}
    assert notes["q5"][0] == "2"
    assert "Alleen wie hier iets schreef; tabel 2 telt het mee" in notes["q5_andere"][1]
    assert notes["q8"][1].startswith("Uit de open vraag.")


def test_who_counts_is_as_counted_by_hand(walked: tuple[Path, dict[str, str]]) -> None:
    bib, said = walked
    dropped, kept = expected()
    found = Counter(row["soort"] for row in rows(bib / "results" / "opschoning.csv"))
    assert {kind: found[kind] for kind in dropped} == dict(dropped)
    assert set(dropped) == {
        "test of voorbeeld", "geen toestemming", "niet afgewerkt", "dubbel", "geen gemeente",
    }  # fmt: skip
    units = {row["units"] for row in kept.values()}
    assert f"{len(kept)} responsen tellen mee, van {len(units)} gemeenten" in said["code"]


def test_tables_are_as_counted_by_hand(walked: tuple[Path, dict[str, str]]) -> None:
    bib, _ = walked
    _, kept = expected()
    written = rows(bib / "results" / "tables" / "tabellen.csv")
    cells = {r["categorie"]: r for r in written if r["tabel"] == "2"}
    answered = {r["units"] for r in kept.values() if any(r[f"Q5_{n}"] for n in range(1, 7))}
    for number, label in enumerate(SERVICES[:4], start=1):
        units = {row["units"] for row in kept.values() if row[f"Q5_{number}"]}
        cell = cells[label]
        assert int(cell["basis_gedrukt"]) == len(answered)
        # back-coding may add units that wrote a listed service under "andere"
        assert len(units) <= int(cell["n"]) <= len(units) + 4
    plan = [r for r in written if r["titel"].startswith("Heeft uw bibliotheek een plan")]
    assert sum(int(row["n"]) for row in plan) == len({r["units"] for r in kept.values() if r["Q4"]})


def test_codes_made_by_command_and_given_in_excel_are_counted(
    walked: tuple[Path, dict[str, str]],
) -> None:
    bib, said = walked
    _, kept = expected()
    answered = [
        (r["units"], coded_by_hand(r["Q8"])) for r in kept.values() if r["Q8"] not in SILENT
    ]
    held: dict[str, set[str]] = {}
    for unit, codes in answered:
        for code in codes:
            for label in code.split(" › "):
                held.setdefault(label, set()).add(unit)
    written = [r for r in rows(bib / "results" / "tables" / "tabellen.csv") if r["tabel"] == "6"]
    assert {int(r["basis_gedrukt"]) for r in written} == {len({unit for unit, _ in answered})}
    assert {r["categorie"]: int(r["n"]) for r in written if r["n"] != "0"} == {
        label: len(units) for label, units in held.items()
    }
    assert set(held) == {"Meer personeel", "Plaats", "Samenwerken", "Middelen", "Geld"}
    assert f"{len(answered)} nieuw" in said["import"]


def test_the_way_ends_in_a_report(walked: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    bib = Path(shutil.copytree(walked[0], tmp_path / "bib"))
    said = opentekst("report", "--study", str(bib))
    assert "Verder: open rapport.html" in said
    page = (bib / "results" / "report" / "rapport.html").read_text("utf-8")
    _, kept = expected()
    units = {row["units"] for row in kept.values()}
    assert f"{len(units)} van de 300 gemeenten antwoordden" in page
    assert "Meer personeel" in page
    assert "Peeters" not in page


def test_names_do_not_leave_with_the_workbook(walked: tuple[Path, dict[str, str]]) -> None:
    _, said = walked
    assert any("Peeters" in cell for row in SURVEY.responses for cell in row)
    assert "[naam 1]" in said["sheet"]
    assert "Peeters" not in said["sheet"]
    assert "0478" not in said["sheet"]


def test_what_is_said_on_the_way_fits_what_was_done(walked: tuple[Path, dict[str, str]]) -> None:
    bib, said = walked
    assert "ongebruikte codes" in said["check"]  # not that the new codes got no answer
    assert "geen enkel antwoord" not in said["check"]
    assert "ongebruikte codes" not in said["checked"]
    assert "0 door mensen" in said["tables"]
    told = next(line for line in said["tables"].splitlines() if "Codeboek q8:" in line)
    assert "geleerd uit" in told
    assert "voorlopige codes" in said["tables"]
    shown = opentekst("show", "--study", str(bib), "--question", "q8", "--code", "middelen.geld")
    assert "Geld (middelen.geld)" in shown


def test_codings_of_a_question_that_got_another_id_are_not_forgotten_in_silence(
    walked: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    bib, said = walked
    assert "annotations/q8" not in said["tables"]
    renamed = Path(shutil.copytree(bib, tmp_path / "bib"))
    text = (renamed / "study.yaml").read_text("utf-8")
    text = text.replace("id: q8", "id: noden").replace("question: q8", "question: noden")
    (renamed / "study.yaml").write_text(text, "utf-8")
    found = left_behind(Study.open(renamed))
    count = len((bib / "annotations" / "q8" / "people.jsonl").read_text("utf-8").splitlines())
    assert found == {"q8": count}
    (line,) = left_behind_lines(found)
    assert f"{count} coderingen" in line
    assert "zet dan 'id: q8' terug" in line


@pytest.mark.parametrize("name", ["bibliotheken.xlsx", "bibliotheken.sav"])
def test_excel_and_spss_give_the_same_as_csv(
    name: str, walked: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    WRITERS[name](SURVEY, tmp_path / name)
    other = tmp_path / "studie"
    opentekst("init", str(tmp_path / name), "--into", str(other))
    opentekst("read", "--study", str(other))
    for file in ("responses.jsonl", "answers.jsonl"):
        assert (other / "data" / "work" / file).read_bytes() == (
            walked[0] / "data" / "work" / file
        ).read_bytes()
    drafts = [_asked(Study.open(root)) for root in (walked[0], other)]
    assert drafts[0] == drafts[1]


def _asked(study: Study) -> list[dict[str, Any]]:
    """Return the questions; of a single one the values sorted, as only SPSS tells their order."""
    found = [question.model_dump() for question in study.file.questions]
    for question in found:
        if question["kind"] == "single":
            question["values"] = sorted(question["values"])
    return found


def test_a_table_with_a_date_column_of_another_name_gets_the_day_of_the_survey(
    tmp_path: Path,
) -> None:
    names = {"ResponseId": "volgnummer", "RecordedDate": "ingevuld_op", "Q1": "akkoord",
             "Q2": "postcode", "Q4": "plan", "Q8": "noden"}  # fmt: skip
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(names.values())
    places = [SURVEY.names.index(name) for name in names]
    writer.writerows([row[place] for place in places] for row in SURVEY.responses)
    export = tmp_path / "plat.csv"
    export.write_bytes(out.getvalue().encode("cp1252"))
    said = opentekst("init", str(export), "--into", str(tmp_path / "plat"))
    assert "Tijd: kolom 'ingevuld_op' bevat in elke rij een datum" in said
    file = Study.open(tmp_path / "plat").file
    assert (file.respondents.recorded, str(file.date)) == ("ingevuld_op", "2023-09-01")
    assert "285" not in opentekst("read", "--study", str(tmp_path / "plat"))
