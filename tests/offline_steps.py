"""What the tests of coding without a server do, as a person does it."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from opentekst import store
from opentekst.cli import app
from opentekst.model import Coding
from opentekst.store import Paths

AN = "an@stad.be"


def review(study: Path, *words: str | Path) -> str:
    """Run `opentekst review` and return what it says; fail where it does."""
    result = CliRunner().invoke(app, ["review", *map(str, words), "--study", str(study)])
    assert result.exit_code == 0, result.output
    return result.output


def refused(study: Path, *words: str | Path) -> str:
    result = CliRunner().invoke(app, ["review", *map(str, words), "--study", str(study)])
    assert result.exit_code == 1, result.output
    return " ".join(result.output.split())


def ledger(study: Path, question: str = "noden") -> list[Coding]:
    return store.read_ledger(Paths(study).ledger(question))


def without_sample(study: Path) -> None:
    """Forget who is to be coded blind: what stands in a sample is in no other file."""
    for sample in study.rglob("audit.json"):
        sample.unlink()
