"""Reading exports: every shape that researchers have, and clear refusals for the rest."""

import csv
import datetime
import io
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst.errors import DataError
from opentekst.study import Study
from opentekst.survey import read_survey
from opentekst.survey.export import read_export
from opentekst.survey.places import is_brussels, places_on, postcode_in

HEAD = ["StartDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId", "noden"]
TEXTS = ["Start Date", "Response Type", "Progress", "Finished", "Recorded Date", "Response ID", "Q"]
IMPORT = [f'{{"ImportId":"{name}"}}' for name in HEAD]
ROW = ["2021-03-02 10:00", "IP Address", "100", "True", "2021-03-02 10:20", "R_1", "geld, \n“meer”"]


def written(path: Path, rows: list[list[str]], **how: str) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=how.get("delimiter", ",")).writerows(rows)
    path.write_bytes(text.getvalue().encode(how.get("encoding", "utf-8-sig")))
    return path


def test_qualtrics_csv_with_three_header_rows(tmp_path: Path) -> None:
    export = read_export(written(tmp_path / "e.csv", [HEAD, TEXTS, IMPORT, ROW]))
    assert list(export.frame.columns) == HEAD
    assert export.frame.loc[4, "noden"] == "geld, \n“meer”"
    assert "drie kopregels" in export.kind


def test_legacy_qualtrics_csv_with_two_header_rows(tmp_path: Path) -> None:
    names = ["V1", "V7", "V10", "noden"]
    texts = ["ResponseID", "Status", "Finished", "Welke noden?"]
    export = read_export(written(tmp_path / "e.csv", [names, texts, ["R_1", "0", "1", "geld"]]))
    assert list(export.frame.columns) == ["ResponseId", "Status", "Finished", "noden"]
    assert export.frame.loc[3, "noden"] == "geld"


@pytest.mark.parametrize(
    "how", [{"delimiter": ";", "encoding": "cp1252"}, {"delimiter": "\t", "encoding": "utf-16"}]
)
def test_plain_csv_as_a_belgian_excel_saves_it(tmp_path: Path, how: dict[str, str]) -> None:
    export = read_export(written(tmp_path / "e.csv", [["id", "nood"], ["1", "financiële"]], **how))
    assert export.frame.loc[2, "nood"] == "financiële"


def test_excel_with_the_qualtrics_header_rows(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    pd.DataFrame([HEAD, TEXTS, IMPORT, ROW]).to_excel(path, header=False, index=False)
    assert read_export(path).frame.loc[4, "ResponseId"] == "R_1"


def test_spss_value_labels_become_text_and_missing_codes_become_empty(tmp_path: Path) -> None:
    path = tmp_path / "e.sav"
    frame = pd.DataFrame({"start": [1.0, -99.0, None], "noden": ["geld", "", "tijd"]})
    pyreadstat.write_sav(frame, path, variable_value_labels={"start": {1: "Langer", -99: "Gezien"}})
    export = read_export(path, missing=("-99",))
    assert list(export.frame["start"]) == ["Langer", "", ""]
    assert list(export.frame["noden"]) == ["geld", "", "tijd"]


def test_a_qualtrics_export_with_one_header_row_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "e.csv", [HEAD, ROW])
    with pytest.raises(DataError, match="kopregels"):
        read_export(path)
    assert read_export(path, "plain").frame.shape == (1, len(HEAD))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("e.csv", b"", "leeg"),
        ("e.csv", b'a,b\r\n1,"open', "geen geldige CSV"),
        ("e.csv", b"a,b\r\n1,2,3\r\n", "rij 2"),
        ("e.csv", b"a,a\r\n1,2\r\n", "twee keer"),
        ("e.csv", b"a,b\r\n", "geen enkele respons"),
        ("e.csv", b"PK\x03\x04\x00\x00", "niet te lezen"),
        ("e.sav", b"no spss at all", "niet te lezen"),
        ("e.xlsx", b"no excel at all", "niet te lezen"),
        ("e.docx", b"", "dit soort bestand"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_and_remedy(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=says) as fault:
        read_export(path)
    assert name in fault.value.place
    assert fault.value.remedy


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_cell_of_a_csv_arrives_to_the_letter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "e.csv"
    head = [["ResponseId", "q"], ["Response ID", "Q"], ['{"ImportId":"a"}', '{"ImportId":"b"}']]
    written(path, [*head, *[["R", *row][:2] for row in rows]])
    read = read_export(path).frame
    assert list(read["q"]) == [row[0] for row in rows]


def test_300_municipalities_in_2021_and_285_after_the_mergers() -> None:
    assert len(places_on(datetime.date(2021, 3, 1)).municipalities) == 300
    assert len(places_on(datetime.date(2025, 3, 1)).municipalities) == 285


def test_a_postcode_leads_to_the_municipality_of_that_day() -> None:
    then, now = places_on(datetime.date(2021, 3, 1)), places_on(datetime.date(2025, 3, 1))
    assert [then.municipalities[n].name for n in then.by_postcode["9820"]] == ["Merelbeke"]
    assert [now.municipalities[n].name for n in now.by_postcode["9820"]] == ["Merelbeke-Melle"]
    assert len(now.by_postcode["1804"]) == 2
    assert "1804" in then.doubtful


@given(st.integers(1000, 9999), st.sampled_from(["{}", "B-{}", "{} Gent", " {} ", "postcode {}"]))
def test_a_postcode_is_found_in_what_people_type(code: int, form: str) -> None:
    assert postcode_in(form.format(code)) == str(code)
    assert is_brussels(str(code)) == (code < 1300)


@pytest.mark.parametrize("typed", ["99999", "abcd", "0", "", "900", "2300 of 2310"])
def test_what_is_no_postcode_is_none(typed: str) -> None:
    assert postcode_in(typed) == ""


def test_a_setting_that_fits_no_response_is_reported(study: Path) -> None:
    path = study / "study.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("R_1mCvGq7TzXw4bLd: Vilvoorde", "R_weg: Vilvoorde", 1)
    path.write_text(text.replace('"Ambtenaar jeugd"', '"Jeugdambtenaar"', 1), encoding="utf-8")
    log = read_survey(Study.open(study)).log
    notes = {(f.column, f.note) for f in log.findings if f.kind == "studie"}
    assert ("units.assign", "respons R_weg staat er niet in") in notes
    assert ("sections.jongeren", "niemand is 'Jeugdambtenaar'") in notes
