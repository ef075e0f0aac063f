"""The documents keep their word: commands, links and excerpts are those of the program."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from ruamel.yaml import YAML

from opentekst.cli import app
from opentekst.codebook import Codebook
from opentekst.pipeline import STAGES, Engine
from opentekst.study import Study, StudyFile

ROOT = Path(__file__).parents[1]
MANUAL = ROOT / "docs" / "handleiding.md"
PAGES = (
    ROOT / "README.md",
    MANUAL,
    ROOT / "docs" / "codeboek.md",
    ROOT / "docs" / "codeboek-uitwisselen.md",
    ROOT / "docs" / "normaliseren.md",
    ROOT / "docs" / "coderen.md",
    ROOT / "docs" / "overeenkomst.md",
    ROOT / "docs" / "nakijken-offline.md",
    ROOT / "docs" / "label-studio.md",
    ROOT / "docs" / "volgorde.md",
    ROOT / "docs" / "werkateliers.md",
    ROOT / "docs" / "tabellen-nakijken.md",
    ROOT / "docs" / "tabellen-uitvoer.md",
    ROOT / "docs" / "tabellen.md",
    ROOT / "docs" / "schattingen.md",
    ROOT / "docs" / "rapport.md",
    ROOT / "docs" / "notebook.md",
    ROOT / "docs" / "golven.md",
)

# The export of the manual's own small study; the fixture adds the rows of texts and ImportIds.
EXPORT = """\
ResponseId|RecordedDate|Status|Progress|Finished|akkoord|postcode|functie|hitteplan|maatregel_1\
|maatregel_2|maatregel_3|maatregel_4|maatregel_4_TEXT|drempels
R_001|2024-06-03 09:00:00|Survey Preview|100|True|Ja|9000|Ambtenaar|Ja|x|||||
R_002|2024-06-03 10:00:00|IP Address|100|True|Ja|9000|Ambtenaar|Ja|x|x||||Te weinig personeel
R_003|2024-06-03 11:00:00|IP Address|100|True|Ja|9000 Gent|Schepen|Nee||x||||Mensen bereiken
R_004|2024-06-04 09:00:00|IP Address|100|True|Ja|2800|Ambtenaar|Ja||||x|kerken als koele plek|Budget
R_005|2024-06-04 10:00:00|IP Address|100|True|Ja|3000|Schepen|Ja|x|||x|gratis zwembad|nvt
R_006|2024-06-04 11:00:00|IP Address|100|True|Ja|1804|Ambtenaar|Nee|||x|||Geen tijd
R_007|2024-06-05 09:00:00|IP Address|100|True|Ja|8400|Ambtenaar|In opmaak|x|||||Subsidies
R_008|2024-06-05 10:00:00|IP Address|100|True|Ja|1070|Ambtenaar|Ja|x|||||Geld
R_009|2024-06-05 11:00:00|IP Address|100|True|Nee|2300|Ambtenaar|||||||
R_010|2024-06-05 12:00:00|IP Address|40|False|Ja|2300|Ambtenaar|Ja||||||
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL.read_text("utf-8"), re.M | re.S)


def parsed() -> list[dict[str, Any]]:
    return [YAML(typ="safe").load(block) for block in blocks("yaml")]


def the_whole_study() -> dict[str, Any]:
    (whole,) = [data for data in parsed() if "study" in data]
    return whole


def commands(group: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield " ".join((*above, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def manual_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study of the manual, written as the manual says."""
    root = tmp_path_factory.mktemp("hitteplan")
    (root / "codebooks").mkdir()
    (root / "data" / "raw").mkdir(parents=True)
    for text, data in zip(blocks("yaml"), parsed(), strict=True):
        if "study" in data:
            (root / "study.yaml").write_text(text, "utf-8")
        elif "codebook" in data:
            (root / "codebooks" / f"{data['codebook']}.yaml").write_text(text, "utf-8")
    names, *responses = [line.split("|") for line in EXPORT.splitlines()]
    ids = [f'{{"ImportId":"{name}"}}' for name in names]
    with (root / the_whole_study()["source"]["file"]).open("w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([names, names, ids, *responses])
    return root


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_place_in_the_manual(name: str) -> None:
    assert COMMANDS[name].help
    assert f"opentekst {name}" in MANUAL.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_document_names_a_command_that_does_not_exist(page: Path) -> None:
    for words in re.findall(r"(?<!from )\bopentekst ([a-z]+(?: [a-z]+)?)", _code(page)):
        first = words.split()[0]
        assert words in COMMANDS or first in COMMANDS, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_document_names_an_option_that_does_not_exist(page: Path) -> None:
    known = {option for c in COMMANDS.values() for p in c.params for option in p.opts} | {"--help"}
    lines = re.findall(r"opentekst [^\n`|]*", _code(page))
    used = {option for line in lines for option in re.findall(r"--[a-z-]+", line)}
    assert used <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in _anchors(linked), target


def test_pictures_stay_small() -> None:
    for picture in (ROOT / "docs" / "img").iterdir():
        assert picture.stat().st_size < 200_000, picture.name


def test_every_excerpt_is_a_part_that_study_yaml_or_a_codebook_may_have() -> None:
    whole = the_whole_study()
    for data in parsed():
        if "codebook" not in data:
            StudyFile.model_validate({**whole, **data})


def test_the_study_of_the_manual_is_accepted(manual_study: Path) -> None:
    study = Study.open(manual_study)
    assert set(study.codebooks) == {"drempels", "maatregelen"}
    for name, book in study.codebooks.items():
        assert isinstance(book, Codebook)
        assert book.id == name


def test_the_study_of_the_manual_runs_and_says_what_the_manual_shows(manual_study: Path) -> None:
    reports = Engine(Study.open(manual_study), STAGES).run()
    said = [line for r in reports for line in (r.title, *(f"  {line}" for line in r.lines))]
    (shown,) = [block for block in blocks("text") if block.startswith("Inlezen\n")]
    assert shown.splitlines() == said[: len(shown.splitlines())]
    tables = list(csv.DictReader((manual_study / "results/tables/tabellen.csv").open("r")))
    counted = {(row["tabel"], row["categorie"]): int(row["n"]) for row in tables}
    assert counted["2", "Andere maatregel"] == counted["2", "Zwemmen en waterspelen"] == 1
    assert counted["3", "Te weinig middelen"] == 4


def _code(page: Path) -> str:
    """Return what a page shows as code: blocks and inline."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", page.read_text("utf-8"), re.S))


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
