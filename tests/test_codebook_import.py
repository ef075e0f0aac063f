"""What comes back from Excel and other programs goes into the hand-edited YAML, and only that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from typer.testing import CliRunner

from opentekst.cli import app
from opentekst.codebook import Code, Codebook
from opentekst.codebook.editing import edit, whole
from opentekst.codebook.incoming import Entry
from opentekst.codebook.merging import merged
from opentekst.codebook.plain import write_csv
from opentekst.codebook.refi import write_qdc
from opentekst.errors import CodebookError
from opentekst.pipeline.deciding import people
from opentekst.pipeline.exchange import import_codebook
from opentekst.study import Study
from test_codebook_exchange import SHIPPED, books, codes, small


@settings(max_examples=25)
@given(changed=st.lists(st.tuples(st.integers(0, 13), codes), min_size=1, max_size=4))
def test_only_the_lines_that_change_are_rewritten(changed: list[tuple[int, Code]]) -> None:
    path = next(p for p in SHIPPED if p.stem == "noden")
    text = path.read_text("utf-8")
    book = Codebook.load(path)
    entries = [
        Entry(replace(code, id=book.codes[i].id, parent=book.codes[i].parent))
        for i, code in changed
    ]
    entries = list({entry.code.id: entry for entry in entries}.values())
    new = merged(book, [*entries, Entry(Code("extra", "Extra", definition="é\nb"))])
    result = edit(text, new)
    untouched = [code for code in book.codes if new.by_id[code.id] == code]
    blocks = text.split("  - id: ")
    for code in untouched:
        block = next(b for b in blocks if b.startswith(f"{code.id}\n"))
        assert f"  - id: {block.rstrip()}" in result
    assert result.startswith(text[: text.index("version:")]), "de opmerkingen vooraan"


def test_comments_and_layout_stay(tmp_path: Path) -> None:
    path = tmp_path / "klein.yaml"
    path.write_text(
        "# Boven\ncodebook: klein\nversion: 1  # telt op\ntitle: Klein\ncodes:\n"
        "# Over geld\n- id: geld\n  label: Geld   # kort houden\n  keywords:\n  - geld*\n"
        "  # samen beslist op 3 mei\n  - budget # niet: begroting\n\n# Over mensen\n- label: Volk\n"
        "  id: mensen\n  definition: >\n    Nood aan\n    mensen.\n# Slot\n"
    )
    book = Codebook.load(path)
    geld, mensen = book.codes
    new = Codebook(
        "klein",
        2,
        "Klein",
        (
            replace(geld, label="Centen", keywords=("centen", "budget"), status="retired"),
            Code("geld.loon", "Loon", "geld"),
            replace(mensen, label="Mensen", definition="Kort."),
        ),
    )
    assert edit(path.read_text(), new) == (
        "# Boven\ncodebook: klein\nversion: 2  # telt op\ntitle: Klein\ncodes:\n"
        "# Over geld\n- id: geld\n  label: Centen   # kort houden\n  keywords:\n"
        '  - "centen"\n  # samen beslist op 3 mei\n  - budget # niet: begroting\n'
        '  status: retired\n- id: geld.loon\n  label: "Loon"\n\n# Over mensen\n- label: Mensen\n'
        '  id: mensen\n  definition: "Kort."\n# Slot\n'
    )


def test_a_file_that_cannot_be_changed_line_by_line_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("codebook: a\nversion: 1\ntitle: A\ncodes: [{id: x, label: X}]\n")
    book = Codebook.load(path)
    new = Codebook("a", 2, "A", (replace(book.codes[0], label="Y"),))
    with pytest.raises(CodebookError, match="accolades"):
        edit(path.read_text(), new)


@settings(max_examples=40)
@given(book=books())
def test_a_whole_codebook_is_written_as_yaml_and_read_back(book: Codebook) -> None:
    from ruamel.yaml import YAML

    assert Codebook.from_data(YAML(typ="rt").load(whole(book)), Path("x.yaml")) == book


# The commands, on the example study


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["codebook", *words])
    return result.exit_code, result.stdout, result.stderr


def test_out_to_excel_changed_and_back_in_as_a_new_version(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "noden.xlsx"
    here = ("--study", str(study))
    coded = people(Study.open(study))
    assert coded
    assert run("export", "noden", "--to", str(file), *here)[0] == 0
    workbook = load_workbook(file)
    workbook["Codes"]["B2"] = "Mensen bereiken"
    workbook.save(file)
    path = study / "codebooks" / "noden.yaml"
    before = path.read_text("utf-8")
    code, out, _ = run("import", str(file), "--into", "noden", "--dry-run", *here)
    assert code == 0 and "→ Mensen bereiken" in out
    assert path.read_text("utf-8") == before
    code, out, _ = run("import", str(file), "--into", "noden", "--json", *here)
    data = json.loads(out)
    assert (code, data["before"], data["after"]) == (0, 1, 2)
    after = path.read_text("utf-8")
    differing = [
        (a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b
    ]
    assert len(differing) == 2, "versie en label"
    assert (study / "codebooks/history/noden/v1.yaml").read_text("utf-8") == before
    code, out, _ = run("import", str(file), "--into", "noden", *here)
    assert code == 0 and "Niets veranderd" in out

    opened = Study.open(study)
    assert [step.edited for step in opened.histories["noden"].steps] == [True]
    assert people(opened) == coded, "elke codering wordt gelezen zoals ervoor"
    code, out, _ = run("undo", "noden", "--reason", "toch niet", *here)
    assert code == 0
    assert (
        Codebook.load(path).codes == Codebook.load(study / "codebooks/history/noden/v1.yaml").codes
    )


def test_an_older_file_undoes_nothing_and_a_clash_is_said(study: Path, tmp_path: Path) -> None:
    here = ("--study", str(study))
    for name, cells in {
        "an": {"B2": "Mensen bereiken"},
        "bo": {"B3": "Detectie", "E2": "Van Bo."},
        "cis": {"B2": "Iedereen bereiken"},
    }.items():
        run("export", "noden", "--to", str(tmp_path / f"{name}.xlsx"), *here)
        workbook = load_workbook(tmp_path / f"{name}.xlsx")
        for cell, text in cells.items():
            workbook["Codes"][cell] = text
        workbook.save(tmp_path / f"{name}.xlsx")
    for name in ("an", "bo"):
        assert run("import", str(tmp_path / f"{name}.xlsx"), "--into", "noden", *here)[0] == 0
    book = Codebook.load(study / "codebooks" / "noden.yaml")
    assert book.version == 3
    assert book.codes[0].label == "Mensen bereiken", "van An, en Bo's ouder bestand laat het staan"
    assert (book.codes[0].definition, book.codes[1].label) == ("Van Bo.", "Detectie")
    code, _, said = run("import", str(tmp_path / "cis.xlsx"), "--into", "noden", *here)
    assert code == 1 and "code bereiken, label" in said and "Mensen bereiken" in said
    assert run("import", str(tmp_path / "an.xlsx"), "--into", "themas", *here)[0] == 1


def test_a_bad_file_changes_nothing_and_is_explained(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "noden.xlsx"
    here = ("--study", str(study))
    run("export", "noden", "--to", str(file), *here)
    workbook = load_workbook(file)
    workbook["Codes"]["A2"], workbook["Codes"]["B3"] = "anders", "Wel goed"
    workbook.save(file)
    before = (study / "codebooks" / "noden.yaml").read_text("utf-8")
    code, _, said = run("import", str(file), "--into", "noden", *here)
    assert code == 1
    assert "cel A2" in said and "opentekst codebook rename" in said
    assert (study / "codebooks" / "noden.yaml").read_text("utf-8") == before
    assert not (study / "codebooks" / "history").exists()


def test_export_does_not_write_over_somebodys_edits(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "noden.csv"
    file.write_text("van iemand")
    code, _, said = run("export", "noden", "--to", str(file), "--study", str(study))
    assert code == 1 and "--again" in said
    assert file.read_text() == "van iemand"
    assert run("export", "noden", "--to", str(file), "--again", "--study", str(study))[0] == 0


def test_a_new_codebook_can_come_from_another_program(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "van_maxqda.qdc"
    file.write_bytes(write_qdc(small()))
    here = ("--study", str(study))
    assert run("import", str(file), "--into", "klein", *here)[0] == 1
    assert run("import", str(file), "--into", "../klein", "--new", *here)[0] == 1
    assert run("import", str(file), "--into", "klein", "--new", *here)[0] == 0
    assert "\n  - id: geld\n" in (study / "codebooks" / "klein.yaml").read_text("utf-8")
    assert run("import", str(file), "--into", "klein", "--new", *here)[0] == 1
    assert Codebook.load(study / "codebooks" / "klein.yaml").codes == small().codes


def test_show_counts_answers_of_people_and_machine(study: Path) -> None:
    code, out, _ = run("show", "noden", "--json", "--study", str(study))
    counted = {entry["id"]: entry for entry in json.loads(out)["codes"]}
    assert code == 0
    decisions = [
        json.loads(line)
        for line in (study / "data/work/decisions.jsonl").read_text("utf-8").splitlines()
    ]
    mine = [d for d in decisions if d["answer"].endswith((":noden",)) or ":toel_" in d["answer"]]
    for name in ("middelen.personeel", "vrijwilligers"):
        given = [d for d in mine if name in d["codes"]]
        machine = sum(d["basis"] == "automatic" for d in given)
        assert counted[name]["machine"] == machine
        assert counted[name]["people"] == len(given) - machine > 0
    assert counted["middelen"]["people"] >= counted["middelen.personeel"]["people"]
    code, out, _ = run("show", "noden", "--study", str(study))
    assert code == 0 and "Personeelsmiddelen" in out
    code, out, _ = run("show", "themas", "--json", "--study", str(study))
    assert sum(entry["machine"] for entry in json.loads(out)["codes"]) > 0


def test_show_works_before_the_first_run(tmp_path: Path) -> None:
    from conftest import copy_example

    root = copy_example(tmp_path / "vers")
    code, out, _ = run("show", "noden", "--study", str(root))
    assert code == 0 and "opentekst run" in out


def test_an_import_that_retires_a_code_says_whose_codings_carry_it(study: Path) -> None:
    opened = Study.open(study)
    book = opened.codebooks["noden"]
    retired = [replace(c, status="retired") if c.id == "vrijwilligers" else c for c in book.codes]
    file = study / "x.csv"
    file.write_bytes(write_csv(replace(book, codes=tuple(retired))))
    done = import_codebook(opened, file, "noden", dry_run=True)
    assert done.retired_used["vrijwilligers"] > 0
    assert not done.written
