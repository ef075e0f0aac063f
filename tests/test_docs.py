"""The manual is true: its study works, its commands exist, its links lead somewhere."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from typer.main import get_command

from opentekst.cli import app
from opentekst.pipeline import STAGES, Engine
from opentekst.study import Study

ROOT = Path(__file__).parents[1]
MANUAL = (ROOT / "docs" / "handleiding.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    found = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [f"{name} {sub}" for sub in below] if below else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_explained_and_has_help(command: str) -> None:
    assert f"opentekst {command}" in README + MANUAL or f"`{command}`" in README
    found = get_command(app)
    for part in command.split():
        found = found.commands[part]  # type: ignore[attr-defined]
    assert found.help


@pytest.mark.parametrize(("text", "folder"), [(README, ROOT), (MANUAL, ROOT / "docs")])
def test_every_link_leads_somewhere(text: str, folder: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target.startswith("https://") or (folder / target).exists(), target


def test_the_study_of_the_manual_runs(tmp_path: Path) -> None:
    study, codebook, *_ = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    (tmp_path / "study.yaml").write_text(study, encoding="utf-8")
    (tmp_path / "codebooks").mkdir()
    (tmp_path / "codebooks" / "middelen.yaml").write_text(codebook, encoding="utf-8")
    names = [
        "Status", "Progress", "Finished", "RecordedDate", "ResponseId", "akkoord", "postcode",
        "functie", "plan", "middel_1", "middel_2", "middel_3", "middel_3_TEXT",
    ]  # fmt: skip
    head = ["IP Address", "100", "True", "2021-03-02 10:00:00"]
    answers = [
        ["R_1", "Ja", "9000", "Schepen", "Ja", "Fiets", "", "Andere", "deelfietsen"],
        ["R_2", "Ja", "9000", "Ambtenaar", "Nee", "", "", "", ""],
        ["R_3", "Ja", "2300", "Ambtenaar", "Nee", "", "", "Andere", "een belbus op vraag"],
        ["R_4", "Nee", "8500", "Schepen", "Ja", "Fiets", "", "", ""],
    ]
    imported = [f'{{"ImportId":"{name}"}}' for name in names]
    (tmp_path / "data" / "raw").mkdir(parents=True)
    with (tmp_path / "data/raw/mobiliteit.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([names, names, imported, *[[*head, *a] for a in answers]])

    Engine(Study.open(tmp_path), STAGES).run()
    with (tmp_path / "results/tables/tabellen.csv").open(encoding="utf-8") as stream:
        counted = {
            (r["tabel"], r["categorie"]): (r["n"], r["procent"]) for r in csv.DictReader(stream)
        }
    assert counted == {
        ("1", "Ja"): ("1", "50.0"),
        ("1", "Nee"): ("1", "50.0"),
        ("2", "Fiets"): ("1", "50.0"),
        ("2", "Bus"): ("1", "50.0"),
        ("2", "Andere"): ("1", "50.0"),
    }
