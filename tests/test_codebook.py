"""Codebooks are checked on load; a fault names file and line."""

from pathlib import Path

import pytest

from opentekst import Codebook
from opentekst.errors import CodebookError

SHIPPED = [
    path
    for path in sorted((Path(__file__).parents[1] / "codebooks").glob("*.yaml"))
    if path.name not in ("afkortingen.yaml", "regels.yaml")
]
HEAD = "codebook: proef\nversion: 1\ntitle: Proef\ncodes:\n"


def code(name: str, extra: str = "") -> str:
    return f"  - id: {name}\n    label: Label {name}\n{extra}"


def load(tmp_path: Path, text: str) -> Codebook:
    path = tmp_path / "proef.yaml"
    path.write_text(text, encoding="utf-8")
    return Codebook.load(path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_code_of_a_shipped_codebook_says_what_it_means(path: Path) -> None:
    book = Codebook.load(path)
    assert book.id == path.stem
    for entry in book.codes:
        assert entry.label and entry.definition and entry.keywords and entry.examples, entry.id


def test_a_dotted_id_is_a_child_and_its_unit_counts_for_the_parent(tmp_path: Path) -> None:
    book = load(tmp_path, HEAD + code("a") + code("a.b") + code("a.b.c"))
    assert book.path("a.b.c") == ("a", "a.b", "a.b.c")
    assert book.net({"a.b.c"}) == {"a", "a.b", "a.b.c"}


def test_comments_do_not_change_the_fingerprint_and_keywords_do(tmp_path: Path) -> None:
    plain = load(tmp_path, HEAD + code("a")).fingerprint
    assert load(tmp_path, "# uitleg\n" + HEAD + code("a")).fingerprint == plain
    assert load(tmp_path, HEAD + code("a", "    keywords: [geld]\n")).fingerprint != plain


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEAD + code("a") + code("b") + code("a"), 9, "staat er al op regel 5"),
        (HEAD + code("a") + code("x.y"), 7, "niet bestaat"),
        (
            HEAD + code("a", "    parent: b\n") + code("b", "    parent: a\n"),
            5,
            "kring",
        ),
        (HEAD + code("a", "    kleur: rood\n"), 7, "bestaat niet"),
        (HEAD + "  - id: a\n", 5, "ontbreekt"),
        (HEAD + code("a", "   label: scheef\n"), 7, "geen geldige YAML"),
        ("codebook: proef\nversion: twee\ntitle: t\ncodes: []\n", 2, "geheel getal"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(CodebookError, match=says) as fault:
        load(tmp_path, text)
    assert fault.value.place.endswith(f"proef.yaml:{line}")


def test_a_missing_codebook_says_which(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="is er niet") as fault:
        Codebook.load(tmp_path / "weg.yaml")
    assert "weg.yaml" in fault.value.place
