"""From stated needs to workshop themes: counted by unit, quoted safely, chosen, written."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from opentekst import store
from opentekst.cli import app
from opentekst.codebook import Codebook
from opentekst.errors import DataError, StudyError
from opentekst.model import Span, Theme
from opentekst.pipeline import theme_files, theming, topic_review
from opentekst.pipeline.theme_material import Material, material
from opentekst.results.themes import Said, Stated, main_codes, themes_of
from opentekst.results.together import fisher, lift, pairs
from opentekst.study import Study, ThemeSpec
from opentekst.survey.places import all_names, places_on

BOOK = Codebook.parse(
    """
codebook: noden
version: 1
title: Noden
codes:
  - {id: geld, label: Geld}
  - {id: geld.subsidie, label: Subsidie}
  - {id: geld.personeel, label: Personeel}
  - {id: bereik, label: Bereik}
  - {id: geen, label: Geen nood}
"""
)


def said(unit: str, *codes: str, evidence: tuple[Span, ...] = ()) -> Said:
    """An answer of three segments of ten characters."""
    segments = (Span(0, 10), Span(10, 20), Span(20, 30))
    return Said(f"{unit}:noden", unit, frozenset(codes), segments, evidence)


STATED = Stated(
    BOOK,
    [
        said("a", "geld.subsidie", "geld.personeel", evidence=(
            Span(1, 4, "geld.personeel"),
            Span(12, 15, "geld.subsidie"),
            Span(21, 24, "geld.subsidie"),
        )),
        said("b", "geld.subsidie", "bereik", evidence=(
            Span(2, 4, "bereik"),
            Span(12, 14, "geld.subsidie"),
        )),
        said("c", "geld"),
        said("d", "bereik", "geld.personeel"),
        said("e", "geen"),
        said("f"),
    ],
    {f"{unit}:noden": unit for unit in "abcdef"},
    no_need=frozenset({"geen"}),
)  # fmt: skip


def test_a_net_counts_each_unit_once_and_a_code_only_its_own() -> None:
    found = {theme.id: theme for theme in themes_of([STATED])}
    assert list(found) == ["net:geld", "bereik", "geld.personeel", "geld.subsidie", "geld"]
    assert found["net:geld"].units == frozenset("abcd")
    assert sum(len(found[name].units) for name in found if name.startswith("geld")) == 5
    assert found["geld"].units == frozenset("c")
    assert {theme.base for theme in found.values()} == {6}
    assert str(found["net:geld"].percent) == "66.7"


def test_intensity_counts_segments_and_the_main_thing_said() -> None:
    found = {theme.id: theme for theme in themes_of([STATED])}
    # a: twice subsidie; b: bereik stands first; c: nothing else; d: nothing tells which comes first
    assert [main_codes(one) for one in STATED.said[:4]] == [
        {"geld.subsidie"}, {"bereik"}, {"geld"}, set(),
    ]  # fmt: skip
    assert (found["geld.subsidie"].mentions, found["geld.subsidie"].central) == (3, 1)
    assert (found["net:geld"].mentions, found["net:geld"].central) == (6, 2)
    assert (found["bereik"].mentions, found["bereik"].central) == (2, 1)


def test_two_codebooks_with_the_same_code_keep_their_themes_apart() -> None:
    other = Stated(
        Codebook("themas", 1, "Thema's", BOOK.codes), [said("z", "bereik")], {"z:noden": "z"}
    )
    found = {theme.id: theme.units for theme in themes_of([STATED, other])}
    assert found["noden/bereik"] == frozenset("bd")
    assert found["themas/bereik"] == frozenset("z")


def test_lift_and_its_interval_are_those_worked_out_by_hand() -> None:
    # 4 units, 2 state each theme, both by the same 2. Given these margins the number of both has
    # weights 1, 4ψ, ψ² for 0, 1, 2. P(2) = .025 where .975ψ² - .1ψ - .025 = 0: ψ = .21942.
    # Then (4ψ + 2ψ²) / (1 + 4ψ + ψ²) = .50574 units are expected; lift = 4 · that / (2 · 2).
    odds = (0.1 + (0.01 + 4 * 0.975 * 0.025) ** 0.5) / (2 * 0.975)
    low = (4 * odds + 2 * odds**2) / (1 + 4 * odds + odds**2)
    assert lift(4, 2, 2, 2) == pytest.approx((2, low, 2), abs=1e-6)
    assert low == pytest.approx(0.50574, abs=1e-5)
    assert lift(10, 10, 4, 4) == (1, 1, 1)  # what all units state goes with everything


@settings(max_examples=50)
@given(st.integers(4, 60), st.data())
def test_a_lift_lies_in_its_interval_which_agrees_with_fishers_test(
    base: int, data: st.DataObject
) -> None:
    from scipy.stats import fisher_exact

    first = data.draw(st.integers(1, base - 1))
    second = data.draw(st.integers(1, base - 1))
    both = data.draw(st.integers(max(0, first + second - base), min(first, second)))
    value, low, high = lift(base, first, second, both)
    assert 0 <= low <= value <= high <= base / max(first, second) + 1e-9
    assert lift(base, second, first, both) == pytest.approx((value, low, high))
    table = [[both, first - both], [second - both, base - first - second + both]]
    more, less = (fisher_exact(table, alternative=a).pvalue for a in ("greater", "less"))
    if abs(more - 0.025) > 1e-6 and abs(less - 0.025) > 1e-6:
        assert (low > 1 + 1e-9) == (more < 0.025)
        assert (high < 1 - 1e-9) == (less < 0.025)
    assert 0 < fisher(base, first, second, both) <= 1 + 1e-9


def test_pairs_leave_out_nets_and_what_few_state_and_correct_for_their_number() -> None:
    units = frozenset(f"u{n}" for n in range(40))
    some = sorted(units)

    def theme(name: str, held: list[str], kind: str = "code") -> Theme:
        return Theme(name, name, "net" if kind == "net" else "code", frozenset(held), 40, 0, 0,
                     codebook="noden")  # fmt: skip

    found = pairs(
        [theme("a", some[:12]), theme("b", some[:10]), theme("c", some[20:30]),
         theme("n", some[:12], "net"), theme("zeldzaam", some[:4])],
        {"noden": units},
    )  # fmt: skip
    assert (found[0].first, found[0].second) == ("a", "b")
    assert {(pair.first, pair.second) for pair in found[1:]} == {("a", "c"), ("b", "c")}
    assert len(found) == 3
    assert found[0].holm == pytest.approx(3 * found[0].p)
    assert found[0].low > 1


@pytest.fixture(scope="module")
def found(example: Path) -> Material:
    return material(Study.open(example))


@pytest.fixture(scope="module")
def themes(found: Material) -> list[Theme]:
    return theming.complete(found)


def test_themes_of_the_example_are_what_the_decisions_say(
    found: Material, themes: list[Theme], example: Path
) -> None:
    units = {a.id: a.unit for a in store.read_answers(example / "data/work/answers.jsonl")}
    decided = store.read_decisions(example / "data/work/decisions.jsonl")
    by_id = {theme.id: theme for theme in themes}
    for code in ("bereiken", "middelen.personeel", "vrijwilligers"):
        stating = {
            units[d.answer]
            for d in decided
            if code in d.codes and d.answer.endswith(":noden") and d.basis != "open"
        }
        assert by_id[code].units == stating
    net, parts = by_id["net:expertise"], [t for t in themes if t.code.startswith("expertise")]
    assert net.units == frozenset().union(*(theme.units for theme in parts))
    assert len(net.units) < sum(len(t.units) for t in parts if t.kind == "code")
    assert "geen_nood" not in by_id
    assert [len(t.units) for t in themes] == sorted((len(t.units) for t in themes), reverse=True)
    for theme in themes:
        assert theme.central <= len(theme.units) <= theme.mentions
        assert (
            theme.share is None
            or theme.estimate is None
            or (theme.share[0] <= theme.estimate <= theme.share[1])
        )


def test_who_can_help_said_so_in_a_closed_question(found: Material, themes: list[Theme]) -> None:
    by_id = {theme.id: theme for theme in themes}
    ticked = found.counted.holds["kader"]
    assert by_id["zorgzame_buurten"].helpers == {
        unit for unit, boxes in ticked.items() if "zorgzame_buurten" in boxes
    }
    assert by_id["middelen.personeel"].helpers == frozenset()


def test_quotes_of_the_example_name_no_person_and_no_place(
    found: Material, themes: list[Theme], example: Path
) -> None:
    key = json.loads((example / "data/work/pseudonyms.json").read_text("utf-8"))["numbers"]["name"]
    persons = {word for name in key for word in name.split() if len(word) > 3}
    quoted = [(theme, quote) for theme in themes for quote in theme.quotes]
    assert len(quoted) > 50
    places = re.compile(r"\b(" + "|".join(map(re.escape, sorted(all_names()))) + r")\b", re.I)
    for theme, quote in quoted:
        words = set(re.findall(r"\w+", quote.text.casefold()))
        assert not words & persons
        assert not places.search(quote.text)
        assert not found.items[quote.answer].names
        assert found.answers[quote.answer].unit in theme.units
    for theme in themes:
        units = [found.answers[quote.answer].unit for quote in theme.quotes]
        assert len(units) == len(set(units)) <= 3
        assert len(theme.units) >= 3 or not theme.quotes


def test_the_choice_of_the_example_beats_the_most_frequent_themes(
    found: Material, themes: list[Theme]
) -> None:
    chosen = theming.chosen(found, themes, 0)
    assert len(chosen.best.themes) == 6
    assert len(chosen.best.reached) > len(chosen.frequent.reached)
    assert len(chosen.best.reached) >= len(chosen.greedy.reached)
    assert chosen.missed == frozenset(chosen.problem.region) - chosen.best.reached
    assert sum(n for n, _ in chosen.by_region.values()) == len(chosen.best.reached)


def with_settings(found: Material, **asked: object) -> Material:
    return replace(found, spec=found.spec.model_copy(update=asked))


def test_settings_shape_the_choice(found: Material, themes: list[Theme]) -> None:
    shaped = with_settings(
        found,
        must=("rouw",),
        never=("middelen.personeel",),
        one_per_net=True,
        not_together=(("bereiken", "detectie"),),
        least_per_province=40.0,
    )
    chosen = theming.chosen(shaped, themes, 0)
    names = set(chosen.best.themes)
    assert "rouw" in names
    assert "middelen.personeel" not in names
    assert len(names & {"bereiken", "detectie"}) < 2
    by_id = {theme.id: theme for theme in themes}
    assert len({by_id[name].branch for name in names}) == 6
    assert all(n >= 0.4 * of for n, of in chosen.by_region.values())

    nets = theming.chosen(with_settings(found, level="nets"), themes, 0)
    assert "net:expertise" in nets.best.themes
    assert not {"expertise.kennis", "middelen.personeel"} & nets.problem.states.keys()
    assert len(nets.best.reached) >= len(chosen.best.reached)
    both = theming.chosen(with_settings(found, level="all", themes=12), themes, 0)
    for net in (name for name in both.best.themes if name.startswith("net:")):
        code = net.removeprefix("net:").rpartition("/")[2]
        assert not [n for n in both.best.themes if n.startswith(f"{code}.")]

    few = replace(found, spec=ThemeSpec(no_need=("geen_nood",), least_units=17))
    assert len(theming.chosen(few, themes, 0).best.themes) == 4  # nobody asked for six

    large = theming.chosen(with_settings(found, least_units=9, least_central=50.0), themes, 0)
    assert large.left_out["rouw"].startswith("minder dan 9")
    assert "hoofdzaak" in large.left_out["middelen.personeel"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"must": ("samenwerking",)}, "themas/samenwerking"),
        ({"must": ("bestaat_niet",)}, "dit thema bestaat niet"),
        ({"must": ("net:expertise",)}, "--level codes"),
        ({"must": ("rouw",), "least_units": 5}, "minder dan 5 gemeenten"),
        ({"least_per_province": 95.0}, "95%"),
        ({"themes": 50}, "om uit te kiezen"),
    ],
)
def test_a_choice_that_cannot_be_says_why(
    found: Material, themes: list[Theme], asked: dict[str, object], says: str
) -> None:
    with pytest.raises(DataError) as raised:
        theming.chosen(with_settings(found, **asked), themes, 0)
    assert re.search(says, raised.value.text())


def test_an_accepted_topic_is_a_theme_until_answers_have_its_code(study: Path) -> None:
    opened = Study.open(study)
    (number, proposal), *_ = topic_review.waiting(opened).numbered
    topic_review.accept(opened, number, "vervoer")
    stated = material(Study.open(study)).stated
    (topic,) = [theme for theme in themes_of(stated) if theme.kind == "topic"]
    assert topic.id == "topic:1"
    units = {a.id: a.unit for a in store.read_answers(study / "data/work/answers.jsonl")}
    assert topic.units == {units[a] for a in proposal.answers if a.endswith(":noden")}


def run(study: Path, *args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["themes", "--study", str(study), *args])
    return result.exit_code, result.stdout


def names_in(content: str) -> set[str]:
    """Return the municipalities that a text names, but for one that shares a province's name."""
    units = places_on(datetime.date(2021, 3, 1)).municipalities.values()
    provinces = {unit.province for unit in units}
    return {u.name for u in units if re.search(rf"\b{re.escape(u.name)}\b", content)} - provinces


def cells(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return "\n".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    )


def test_the_whole_way_from_study_to_files_that_name_no_municipality(study: Path) -> None:
    code, out = run(study, "--resamples", "3", "--json")
    assert code == 0
    data = json.loads(out)
    assert data["reached"] > data["most_frequent"]["reached"]
    folder = study / "results/themes"
    assert {path.name for path in folder.iterdir()} == {
        "themas.csv", "keuze.csv", "themas.xlsx", "themas.html", "uitnodigingen.xlsx",
    }  # fmt: skip
    for name in ("themas.csv", "keuze.csv", "themas.html"):
        assert names_in((folder / name).read_text("utf-8-sig")) == set()
    assert names_in(cells(folder / "themas.xlsx")) == set()
    page = (folder / "themas.html").read_text("utf-8")
    assert f"<b>{data['reached']}</b> van de {data['stating']}" in page
    rows = list(csv.DictReader((folder / "themas.csv").open(encoding="utf-8-sig")))
    chosen = [row["id"] for row in sorted(rows, key=lambda r: int(r["keuze"] or 99))][:6]
    assert chosen == data["choice"]

    book = openpyxl.load_workbook(folder / "uitnodigingen.xlsx")
    assert book.sheetnames[0] == "NIET PUBLICEREN"
    assert "NIET OM TE PUBLICEREN" in str(book.worksheets[0]["A2"].value)
    missed = [str(row[0].value) for row in book["niet bereikt"].iter_rows(min_row=2)]
    assert len(missed) == len(set(missed)) == data["stating"] - data["reached"]
    first = book.worksheets[1]
    assert "niet publiceren" in str(first["A1"].value)
    roles = [str(row[2].value) for row in first.iter_rows(min_row=2)]
    asking = [role for role in roles if role.startswith("vraagt")]
    assert len(asking) == next(t["n"] for t in data["themes"] if t["id"] == data["choice"][0])

    before = {path: path.read_bytes() for path in folder.iterdir()}
    run(study, "--resamples", "3")
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_a_threshold_takes_out_small_themes_and_all_that_would_tell_them(study: Path) -> None:
    path = study / "study.yaml"
    path.write_text(path.read_text("utf-8") + "\ndisclosure: {threshold: 8}\n", "utf-8")
    code, out = run(study, "--resamples", "0", "--json")
    assert code == 0
    data = json.loads(out)
    rows = {row["id"]: row for row in data["themes"]}
    plain = {theme.id: theme for theme in theming.themes(Study.open(study))}
    small = {name for name, theme in plain.items() if len(theme.units) < 8}
    assert {"rouw", "expertise"} <= small
    for name, row in rows.items():
        assert (row["n"] is None) == (name in small or name in ("net:expertise", "net:middelen",
                                                                "net:doelgroepen"))  # fmt: skip
        if name in small:
            assert row["quotes"] == []
            assert plain[name].quotes == ()
    assert not small & set(data["choice"])
    sheet = openpyxl.load_workbook(study / "results/themes/themas.xlsx")["wie"]
    for label, _, _, n, base, _ in sheet.iter_rows(min_row=2, values_only=True):
        assert n in ("·", 0) or int(str(n)) >= 8, label
        assert base in ("·", 0) or int(str(base)) >= 8, label
    pair_sheet = openpyxl.load_workbook(study / "results/themes/themas.xlsx")["samen"]
    for row in pair_sheet.iter_rows(min_row=2, max_col=6, min_col=6, values_only=True):
        assert row[0] == 0 or int(str(row[0])) >= 8


def test_what_is_asked_wrongly_is_told_and_nothing_is_written(study: Path) -> None:
    shutil.rmtree(study / "results/themes", ignore_errors=True)
    for args in (["--must", "bestaat_niet"], ["--by", "noden"]):
        code, _ = run(study, "--resamples", "0", *args)
        assert code in (1, 2)
    assert not (study / "results/themes").exists()
    path = study / "study.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"kader=zorgzame_buurten"', '"kader=tuinieren"'), "utf-8")
    with pytest.raises(StudyError, match="heeft dit antwoord niet"):
        Study.open(study)


def test_one_question_can_be_looked_at_by_itself(example: Path) -> None:
    opened = Study.open(example)
    asked = {"questions": ("themas",)}  # what study.yaml says of the other question stays unused
    view = theme_files.view(opened, opened.file.themes.model_copy(update=asked), resamples=0)
    assert len(view.questions) == 1
    assert {row.base for row in view.themes} == {81}
    assert "samenwerking" in {row.id for row in view.themes}
    assert {row.id: row.helps_known for row in view.themes}["rouw"]
