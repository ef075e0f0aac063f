"""`opentekst codebook check` finds what is wrong, names file and line, and says what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from opentekst.cli import app
from opentekst.codebook.check import Checked, check_file
from opentekst.codebook.overlap import definition_overlaps, keyword_overlaps
from opentekst.codebook.usage import (
    Count,
    confused,
    confusions,
    counts,
    examples_otherwise,
    never_used,
    retired_in_use,
)
from opentekst.model import CodebookRef, Coding, Decision

HEAD = "codebook: proef\nversion: 1\ntitle: Proef\ncodes:\n"


def code(name: str, extra: str = "") -> str:
    return f"  - id: {name}\n    label: Label {name}\n    definition: Over {name}.\n{extra}"


def check(tmp_path: Path, text: str) -> Checked:
    path = tmp_path / "proef.yaml"
    path.write_text(text, encoding="utf-8")
    return check_file(path)


def person(answer: str, who: str, *codes: str) -> Coding:
    ref = CodebookRef("proef", 1, "")
    return Coding(answer, codes, f"person:{who}", (1.0,) * len(codes), (), ref, "2024-01-01")


def test_a_good_codebook_has_nothing_to_say(tmp_path: Path) -> None:
    checked = check(tmp_path, HEAD + code("a") + code("a.b"))
    assert checked.book is not None
    assert not checked.issues
    assert not keyword_overlaps(checked)


def test_all_faults_of_a_file_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = HEAD + (
        code("a", "    kleur: rood\n")  # line 8
        + code("b", "    parent: c\n")  # 12
        + code("c", "    parent: b\n")
        + code("a")  # 17
        + code("x.y")  # 20
        + "  - id: z\n    status: weg\n"  # 23: no label, 24: bad status
    )
    checked = check(tmp_path, text)
    assert checked.book is None
    assert all(issue.serious and issue.remedy for issue in checked.issues)
    found = {(issue.line, issue.kind) for issue in checked.issues}
    assert found == {
        (8, "field"),
        (12, "tree"),
        (17, "tree"),
        (20, "tree"),
        (23, "field"),
        (24, "field"),
    }
    said = {issue.line: issue.problem for issue in checked.issues}
    assert "regel 5" in said[17]
    assert "b > c > b" in said[12]
    assert "x" in said[20]


def test_what_is_no_yaml_or_not_there_is_a_finding_too(tmp_path: Path) -> None:
    (issue,) = check(tmp_path, HEAD + "  - id: a\n   label: scheef\n").issues
    assert (issue.line, issue.serious) == (6, True)
    (issue,) = check_file(tmp_path / "weg.yaml").issues
    assert "is er niet" in issue.problem


def test_missing_definitions_and_references_that_lead_nowhere(tmp_path: Path) -> None:
    checked = check(
        tmp_path,
        HEAD
        + "  - id: a\n    label: A\n"
        + code(
            "b", "    exclude:\n      - geld (zie c.geld)\n      - volk (zie a)\n      - zie ook\n"
        )
        + code("d", "    include: [oud (zie e)]\n")
        + code("e", "    status: retired\n"),
    )
    assert [(i.line, i.kind, i.code) for i in checked.issues] == [
        (5, "no-definition", "a"),
        (11, "reference", "b"),
        (17, "reference", "d"),
    ]
    assert not any(issue.serious for issue in checked.issues)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("geld", "geld", True),
        ("Geld", "geld", True),
        ("geld*", "geldgebrek", True),
        ("geldgebrek", "geld*", True),
        ("zorgzame buurt*", "zorgzame buurten", True),
        ("geld", "geldgebrek", False),
        ("zorg*", "zorgzame buurt", False),
        ("geld", "volk", False),
    ],
)
def test_keywords_that_give_two_codes(tmp_path: Path, one: str, other: str, overlap: bool) -> None:
    def book(first: str, second: str) -> Checked:
        keywords = "    keywords: ['{}']\n"
        return check(
            tmp_path,
            HEAD + code(first, keywords.format(one)) + code(second, keywords.format(other)),
        )

    issues = keyword_overlaps(book("a", "b"))
    assert len(issues) == overlap
    if overlap:
        assert (issues[0].line, issues[0].code) == (12, "b")
    assert not keyword_overlaps(book("a", "a.b")), "wie het kind geeft, geeft de ouder"


def test_definitions_alike_in_words_or_in_meaning(tmp_path: Path) -> None:
    text = HEAD + (
        "  - {id: a, label: A, definition: 'Het bestuur heeft te weinig geld voor de werking.'}\n"
        "  - {id: b, label: B, definition: 'Het bestuur heeft te weinig geld, voor de werking'}\n"
        "  - {id: c, label: C, definition: 'Financiële tekorten.'}\n"
        "  - {id: d, label: D, definition: 'Niemand weet het.'}\n"
    )
    checked = check(tmp_path, text)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        """Stand in for a language model: what is about money lies near what is about money."""
        money = [("geld" in t) or ("Financiële" in t) for t in texts]
        return np.array([[0.9, 0.44] if m else [0.0, 1.0] for m in money], dtype=np.float32)

    by_words = definition_overlaps(checked, None)
    assert [(i.line, i.code) for i in by_words] == [(6, "b")]
    assert "bijna dezelfde woorden" in by_words[0].problem
    by_meaning = definition_overlaps(checked, embed)
    assert [i.code for i in by_meaning] == ["b", "c", "c"]
    assert "gelijkenis 1,00" in by_meaning[1].problem


def test_counts_count_an_answer_once_for_a_code_and_all_above_it() -> None:
    net = {"a": frozenset("a"), "b": frozenset("ab"), "c": frozenset("ac")}
    decisions = [
        Decision("1", frozenset("bc"), "majority"),
        Decision("2", frozenset("b"), "automatic"),
        Decision("3", frozenset(), "open"),
    ]
    assert counts(net, decisions) == {"a": (1, 1), "b": (1, 1), "c": (1, 0)}


def test_unused_and_retired_codes(tmp_path: Path) -> None:
    checked = check(tmp_path, HEAD + code("a") + code("b") + code("c", "    status: retired\n"))
    unused = never_used(checked, {"a": Count(0, 1), "b": Count(0, 0)})
    assert [(i.line, i.code, i.serious) for i in unused] == [(8, "b", False)]
    assert not never_used(checked, {"a": Count(0, 1)}, ticked={"b"})
    used = retired_in_use(checked, {"a": "3 coderingen", "c": "2 coderingen van mensen"})
    assert [(i.line, i.code, i.serious) for i in used] == [(11, "c", False)]
    assert "2 coderingen" in used[0].problem
    boxes = retired_in_use(checked, {"c": "1 keuzes in study.yaml"}, ticked={"c"})
    assert [(i.line, i.code, i.serious) for i in boxes] == [(11, "c", True)]


def test_codes_that_coders_swap(tmp_path: Path) -> None:
    checked = check(tmp_path, HEAD + code("a") + code("b") + code("a.c"))
    codings = []
    for i in range(4):
        codings += [person(f"s{i}", "an", "a"), person(f"s{i}", "bo", "b")]
    for i in range(3):  # one says more than the other: no swap
        codings += [person(f"m{i}", "an", "a"), person(f"m{i}", "bo", "a", "b")]
    codings += [person("x", "an", "a"), person("x", "bo", "a.c")]  # no siblings
    codings += [person("y", "an", "a"), person("y", "bo", "b"), person("y", "bo", "a")]
    codings += [person("z", "an", "a"), person("z", "rechter", "b")]
    parents = {"a": "", "b": "", "a.c": "a"}
    found = confusions(codings, parents, ["rechter"])
    # the four swaps; of the answers two people coded, a or b is in s0-3, m0-2, x and y
    assert found == [("a", "b", 4, 9)]
    (issue,) = confused(checked, found)
    assert (issue.line, issue.code) == (8, "b")
    assert "bij 4 van de 9" in issue.problem
    assert not confused(checked, [found[0]._replace(swapped=2)])
    assert not confused(checked, [found[0]._replace(either=100)])


def test_examples_that_the_machine_codes_otherwise(tmp_path: Path) -> None:
    text = HEAD + code("a", "    examples:\n      - een\n      - twee\n") + code("a.b") + code("c")
    checked = check(tmp_path, text)
    issues = examples_otherwise(checked, {("a", 0): ["a.b"], ("a", 1): ["c"]})
    assert [(i.line, i.code) for i in issues] == [(10, "a")]
    assert "'c'" in issues[0].problem
    (none,) = examples_otherwise(checked, {("a", 0): []})
    assert "geen enkele code" in none.problem


# The command, on the example study


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["codebook", "check", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_shipped_codebooks_have_nothing_serious(example: Path) -> None:
    code, out, _ = run("--json", "--study", str(example))
    reports = json.loads(out)["codebooks"]
    assert code == 0
    assert len(reports) == 7
    for name, report in reports.items():
        assert report["serious"] == 0 and not report["left_out"], name
        lines = (example / "codebooks" / f"{name}.yaml").read_text("utf-8").splitlines()
        for finding in report["findings"]:
            assert finding["file"] == f"codebooks/{name}.yaml"
            assert 0 < finding["line"] <= len(lines)


def test_a_study_with_trouble_exits_1_and_says_where(study: Path) -> None:
    path = study / "codebooks" / "kanalen.yaml"
    text = path.read_text("utf-8")
    at = text.index("  - id: flyer\n")
    end = text.index("    definition:", at)
    path.write_text(text[:end] + "    status: retired\n" + text[end:], "utf-8")
    code, out, _ = run("kanalen", "--study", str(study))
    line = text[:at].count("\n") + 1
    assert code == 1
    assert f"codebooks/kanalen.yaml:{line} ERNSTIG code 'flyer' is vervallen" in out
    assert "4 keuzes in study.yaml" in out


def test_an_example_that_belongs_elsewhere_is_found_by_coding_it(study: Path) -> None:
    path = study / "codebooks" / "noden.yaml"
    text = path.read_text("utf-8")
    at = text.index("    examples:\n", text.index("  - id: vrijwilligers\n"))
    at += len("    examples:\n")
    path.write_text(text[:at] + '      - "Te weinig budget en subsidies"\n' + text[at:], "utf-8")
    _, out, _ = run("noden", "--json", "--study", str(study))
    found = [
        f
        for f in json.loads(out)["codebooks"]["noden"]["findings"]
        if f["kind"] == "example-otherwise" and f["code"] == "vrijwilligers"
    ]
    mine = [f for f in found if f["line"] == text[:at].count("\n") + 1]
    assert len(mine) == 1 and len(found) <= 3
    assert "middelen.financieel" in mine[0]["problem"]


def test_a_broken_codebook_does_not_hide_the_others(study: Path) -> None:
    (study / "codebooks" / "covid.yaml").write_text("codebook: covid\n", "utf-8")
    code, out, _ = run("--json", "--study", str(study))
    reports = json.loads(out)["codebooks"]
    assert code == 1
    assert reports["covid"]["serious"] > 0
    assert reports["noden"]["serious"] == 0 and reports["noden"]["left_out"]


def test_an_unknown_codebook_is_refused_with_those_there_are(example: Path) -> None:
    code, _, said = run("bestaatniet", "--study", str(example))
    assert code == 1 and "noden" in said
