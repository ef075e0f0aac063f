"""Tables beyond the report's: groups, nets, bases, cut-offs, weights and the guard."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentekst import store
from opentekst.errors import InvariantError, StudyError
from opentekst.model import Cell, Table
from opentekst.pipeline.quoting import HELD_BACK, shown_texts
from opentekst.results.backcoding import check
from opentekst.results.census import Facts
from opentekst.results.counting import Counted, Moved, as_ticked, back_code
from opentekst.results.disclosure import names_in, quotable
from opentekst.results.excel import to_xlsx
from opentekst.results.export import to_csv, to_html
from opentekst.results.tables import tabulate
from opentekst.study import Disclosure, Study
from opentekst.survey.places import places_on
from table_attack import Attack

STUDY = """\
study: Proef
date: 2021-03-01
source: {file: data/raw/x.csv}
respondents: {}
units: {postcode: postcode}
questions:
  - {id: soort, kind: single, text: Soort, column: soort, values: [stad, dorp, kust, haven]}
  - id: keuze
    kind: multiple
    text: Keuze
    codebook: noden
    other: {choice: andere, question: tekst}
    choices:
      - {code: geld, column: k1, label: Geld}
      - {code: tijd, column: k2, label: Tijd}
      - {code: andere, column: k3, label: Andere}
  - {id: tekst, kind: open, text: Welke, column: k3_TEXT, codebook: noden, prompt: other}
  - {id: nood, kind: open, text: Noden, column: nood, codebook: noden}
"""
BOOK = """\
codebook: noden
version: 1
title: Noden
codes:
  - {id: geld, label: Geld}
  - {id: geld.subsidie, label: Subsidie}
  - {id: geld.lening, label: Lening}
  - {id: tijd, label: Tijd}
  - {id: tijd.verlof, label: Verlof}
  - {id: andere, label: Andere}
  - {id: andere.kennis, label: Kennis}
"""
CODES = ("geld", "geld.subsidie", "geld.lening", "tijd", "tijd.verlof", "andere", "andere.kennis")
KINDS = ("stad", "dorp", "kust", "haven")
NEEDS = "number: '1', title: Noden, header: Nood, question: nood"
FEW = settings(max_examples=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of four questions, without data."""
    root = tmp_path_factory.mktemp("proef")
    (root / "codebooks").mkdir()
    (root / "codebooks" / "noden.yaml").write_text(BOOK, "utf-8")
    return root


def study_of(root: Path, *tables: str, threshold: int = 0) -> Study:
    lines = "".join(f"  - {{{table}}}\n" for table in tables)
    guard = f"disclosure: {{threshold: {threshold}}}\n"
    (root / "study.yaml").write_text(f"{STUDY}{guard}tables:\n{lines}", "utf-8")
    return Study.open(root)


Unit = tuple[str, frozenset[str] | None]


def counted_of(study: Study, units: Sequence[Unit]) -> Counted:
    """Count units that each have a kind ("" for no answer) and codes (None for no answer)."""
    book = study.codebooks["noden"]
    named = {f"u{at:03}": unit for at, unit in enumerate(units)}
    holds = {
        "soort": {u: frozenset({kind}) for u, (kind, _) in named.items() if kind},
        "nood": {u: book.net(codes) for u, (_, codes) in named.items() if codes is not None},
    }
    return Counted(holds, (), {}, frozenset(named))


units_of = st.lists(
    st.tuples(
        st.sampled_from(["", *KINDS]),
        st.none() | st.frozensets(st.sampled_from(CODES), max_size=3),
    ),
    min_size=1,
    max_size=40,
)


def cells_of(table: Table) -> dict[tuple[str, str], Cell]:
    return {(cell.group, cell.category): cell for cell in table.cells}


@FEW
@given(units_of)
def test_a_net_counts_each_unit_once(folder: Path, units: Sequence[Unit]) -> None:
    study = study_of(folder, f"{NEEDS}, nets: true")
    (table,) = tabulate(study, counted_of(study, units))
    n = {cell.category: cell.n or 0 for cell in table.cells}
    assert list(n)[:3] == ["Geld", "– Subsidie", "– Lening"]
    either = sum(bool(codes and codes & {"geld", "geld.subsidie", "geld.lening"})
                 for _, codes in units)  # fmt: skip
    assert n["Geld"] == either
    assert max(n["– Subsidie"], n["– Lening"]) <= n["Geld"]
    assert n["Geld"] <= n["– Subsidie"] + n["– Lening"] + sum(
        bool(codes and "geld" in codes) for _, codes in units
    )


@FEW
@given(units_of)
def test_groups_missing_answers_and_all_units_add_up(folder: Path, units: Sequence[Unit]) -> None:
    study = study_of(folder, f"{NEEDS}, by: soort, missing: show, total: true")
    (table,) = tabulate(study, counted_of(study, units))
    cells = cells_of(table)
    for kind in table.groups[:-1]:
        inside = [codes for k, codes in units if k == kind]
        assert cells[kind, "Geen antwoord"].n == sum(codes is None for codes in inside)
        assert cells[kind, "Totaal"].n == cells[kind, "Geld"].base == len(inside) > 0
    assert cells["Totaal", "Totaal"].n == len(units)
    answered = sum(codes is not None for _, codes in units)
    assert cells["Totaal", "Geen antwoord"].n == len(units) - answered


@FEW
@given(units_of)
def test_the_base_is_those_who_answered_unless_all_are_asked_for(
    folder: Path, units: Sequence[Unit]
) -> None:
    other = NEEDS.replace("'1'", "'2'")
    study = study_of(folder, NEEDS, f"{other}, base: all")
    answered, everyone = tabulate(study, counted_of(study, units))
    assert {c.base for c in answered.cells} == {sum(codes is not None for _, codes in units)}
    assert {c.base for c in everyone.cells} == {len(units)}
    assert [c.n for c in answered.cells] == [c.n for c in everyone.cells]


@FEW
@given(units_of, st.integers(2, 6))
def test_rare_rows_go_under_andere_where_each_unit_counts_once(
    folder: Path, units: Sequence[Unit], cutoff: int
) -> None:
    other = NEEDS.replace("'1'", "'2'")
    study = study_of(folder, NEEDS, f"{other}, cutoff: {cutoff}, order: count")
    counted = counted_of(study, units)
    whole, cut = tabulate(study, counted)
    n = {cell.category: cell.n or 0 for cell in whole.cells}
    rest = f"Andere (minder dan {cutoff} keer)"
    rare = [label for label, times in n.items() if times < cutoff]
    kept = [cell for cell in cut.cells if cell.category != rest]
    assert sorted(cell.category for cell in kept) == sorted(set(n) - set(rare))
    assert [cell.n for cell in kept] == sorted((cell.n or 0 for cell in kept), reverse=True)
    if rare:
        labels = {code.label: code.id for code in study.codebooks["noden"].codes}
        codes = {labels[label] for label in rare}
        held = counted.holds["nood"].values()
        assert cut.cells[-1] == Cell("totaal", rest, sum(bool(h & codes) for h in held), len(held))
        assert f"{rest}: {', '.join(rare)}." in cut.footnotes


def test_post_stratification_gives_each_group_its_share_of_the_population(folder: Path) -> None:
    study = study_of(folder, f"{NEEDS}, weight: streek")
    geld: frozenset[str] = frozenset({"geld"})
    counted = counted_of(study, [("", geld)] * 3 + [("", frozenset())] + [("", frozenset())] * 4)
    streek = {unit: "noord" if unit < "u004" else "zuid" for unit in counted.units}
    streek |= {f"rest{at}": "zuid" for at in range(8)}  # 4 of 4 in the north, 4 of 12 in the south
    facts = Facts({"streek": streek}, {"streek": ("noord", "zuid", "oost")})
    (table,) = tabulate(study, counted, facts)
    cell = cells_of(table)["totaal", "Geld"]
    # 3/4 of the north (weight 4 of 16) and 0/4 of the south (12 of 16)
    assert (cell.n, cell.base, cell.percent) == (3, 8, Decimal("18.8"))
    assert "Geen respons uit oost." in table.footnotes


GUARDED = (
    "number: '0', title: Soort, header: Soort, question: soort",
    f"{NEEDS}, by: soort, total: true, nets: true",
    NEEDS.replace("'1'", "'2'"),
    NEEDS.replace("'1'", "'3'") + ", base: all, missing: show",
)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", *KINDS, *KINDS[:2] * 4]),
            st.none() | st.frozensets(st.sampled_from(CODES), max_size=3),
        ),
        min_size=25,
        max_size=60,
    )
)
def test_what_is_hidden_cannot_be_worked_out_from_all_tables_together(
    folder: Path, units: Sequence[Unit]
) -> None:
    threshold = 3
    study = study_of(folder, *GUARDED, threshold=threshold)
    open_study = study_of(folder, *GUARDED)
    counted = counted_of(study, units)
    guarded, truth = tabulate(study, counted), tabulate(open_study, counted)
    small = []
    for at, (shown, true) in enumerate(zip(guarded, truth, strict=True)):
        full = cells_of(true)
        for cell in shown.cells:
            n = full[cell.group, cell.category].n
            assert n is not None
            if cell.hidden:
                assert cell.n is None and cell.percent is None
                if 0 < n < threshold and cell.category not in ("Totaal", "Geen antwoord"):
                    small.append((at, cell))
            else:
                assert cell.n == n and not 0 < n < threshold
    attack = Attack(KINDS, guarded)
    for at, cell in small:
        low, high = attack.between(at, cell)
        assert low < threshold <= high


def test_without_secondary_suppression_the_attack_does_succeed(folder: Path) -> None:
    units = [("stad", frozenset({"geld"}))] * 4 + [("stad", frozenset[str]())] * 6
    units += [("dorp", frozenset({"geld"}))] * 2 + [("dorp", frozenset[str]())] * 8
    study = study_of(folder, *GUARDED)
    tables = tabulate(study, counted_of(study, units))
    cell = cells_of(tables[1])["dorp", "Geld"]
    hidden = Cell("dorp", "Geld", None, 10, hidden=True)
    tables[1] = Table("1", "", "", tables[1].groups,
                      tuple(hidden if c == cell else c for c in tables[1].cells))  # fmt: skip
    assert Attack(KINDS, tables).between(1, hidden) == (2, 2)


@FEW
@given(
    st.dictionaries(
        st.sampled_from([f"u{at}" for at in range(8)]),
        st.frozensets(st.sampled_from(["geld", "tijd", "andere"])),
        min_size=1,
    ),
    st.lists(
        st.tuples(
            st.sampled_from([f"u{at}" for at in range(8)]),
            st.frozensets(st.sampled_from(CODES), max_size=2),
        ),
        max_size=12,
    ),
    st.data(),
)
def test_back_coding_keeps_its_promises_and_a_broken_one_is_refused(
    folder: Path,
    ticked: dict[str, frozenset[str]],
    texts: list[tuple[str, frozenset[str]]],
    data: st.DataObject,
) -> None:
    book = study_of(folder, NEEDS).codebooks["noden"]
    written = [(unit, f"a{at}", codes) for at, (unit, codes) in enumerate(texts)]
    before = as_ticked(book, "andere", ticked, written)
    after, moved = back_code(book, "keuze", "andere", ticked, written)
    check("keuze", book, "andere", before, after, moved)  # raises nothing
    unit = data.draw(st.sampled_from(sorted(after)))
    fewer = {u: codes for u, codes in after.items() if u != unit}
    with pytest.raises(InvariantError, match="de basis veranderde"):
        check("keuze", book, "andere", before, fewer, moved)
    extra = next((c for c in ("geld", "tijd") if c not in after[unit]
                  and not any(m.unit == unit for m in moved)), None)  # fmt: skip
    if extra:
        with pytest.raises(InvariantError, match="kreeg een code die ze niet schreef"):
            check("keuze", book, "andere", before, {**after, unit: after[unit] | {extra}}, moved)
    if "geld" in after[unit]:
        under = {"geld", "geld.subsidie", "geld.lening"}
        with pytest.raises(InvariantError, match=r"verloor een keuze|code erboven"):
            check(
                "keuze",
                book,
                "andere",
                before,
                {**after, unit: after[unit] - under | {"geld.lening"}},
                [*moved, Moved("keuze", "x", unit, ("geld.lening",), False)],
            )
    if moved:
        with pytest.raises(InvariantError, match="verhuisde twee keer"):
            check("keuze", book, "andere", before, after, [*moved, moved[0]])


def test_a_quote_that_names_or_singles_out_a_municipality_is_held_back() -> None:
    quotes = [
        ("plain", "Te weinig vrijwilligers", frozenset({"vrijwilligers"})),
        ("named", "Wij in SINT-NIKLAAS hebben geen geld", frozenset({"vrijwilligers"})),
        ("inside", "Het is halleluja", frozenset({"vrijwilligers"})),
        ("person", "Vraag het aan [naam 1]", frozenset({"vrijwilligers"})),
        ("rare", "Een mobiel zorgcafé", frozenset({"vrijwilligers", "zorgcafe"})),
    ]
    units = {"vrijwilligers": 31, "zorgcafe": 2}
    free = quotable(quotes, units.__getitem__, ["Halle", "Sint-Niklaas"], 3)
    assert free == {"plain", "inside"}


def test_with_the_guard_no_shown_answer_names_its_municipality(example: Path) -> None:
    work = example / "data" / "work"
    answers = {a.id: a for a in store.read_answers(work / "answers.jsonl")}
    decided = {d.answer: d for d in store.read_decisions(work / "decisions.jsonl")}
    texts = {key: answer.text for key, answer in answers.items()}
    chosen = next(a for a in answers.values() if decided[a.id].codes and a.question == "noden")
    texts[chosen.id] += " Groeten uit Wortegem-Petegem."
    opened = Study.open(example)
    assert shown_texts(opened, answers, decided, texts) == texts
    file = opened.file.model_copy(update={"disclosure": Disclosure(threshold=3)})
    shown = shown_texts(Study(example, file), answers, decided, texts)
    assert shown[chosen.id] == HELD_BACK
    assert 0 < sum(text == HELD_BACK for text in shown.values()) < len(shown) / 2
    names = [unit.name for unit in places_on(file.date).municipalities.values()]
    assert not [key for key, text in shown.items() if names_in(text, names)]


def test_a_hidden_cell_shows_a_dot_everywhere_and_holds_no_figure() -> None:
    cells = (
        Cell("x (A)", "a", 9, 20, marks="B"), Cell("y (B)", "a", None, 20, hidden=True),
        Cell("x (A)", "b", None, None), Cell("y (B)", "b", None, None, hidden=True),
    )  # fmt: skip
    table = Table("1", "T", "H", ("x (A)", "y (B)"), cells, ("· = niet afgedrukt",))
    assert to_csv([table]).decode().splitlines() == [
        "tabel,titel,groep,basis_gedrukt,categorie,n,procent,hoger_dan",
        "1,T,x (A),20,a,9,45.0,B", "1,T,y (B),20,a,·,·,", "1,T,x (A),,b,,,", "1,T,y (B),,b,·,·,",
    ]  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([table])))["Tabel 1"]
    rows = list(sheet.iter_rows(min_row=5, max_row=6, values_only=True))
    assert rows == [("a", 9, 45, "·", "·"), ("b", "/", "/", "·", "·")]
    assert sheet["C5"].number_format == '0.0" B"'
    page = to_html([table], "T", "").decode()
    assert page.count('aria-label="niet afgedrukt">·<') == 4
    assert "45,0 B" in page
    with pytest.raises(ValueError, match="no figure"):
        Cell("x", "a", 2, 20, hidden=True)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (f"{NEEDS}, test: true", "test"),
        (f"{NEEDS}, missing: show, base: answered", "missing: show"),
        (f"{NEEDS}, by: nood", "splitst op een vraag zonder keuzes"),
        (f"{NEEDS}, by: keuze, test: true", "groepen die elkaar overlappen"),
        (f"{NEEDS}, cutoff: 3", "cutoff"),
        (f"{NEEDS}, by: streek", "niet bestaat"),
        (f"{NEEDS}, weight: soort", "niet bestaat"),
        ("number: '1', title: T, header: H, question: soort, nets: true", "nets vragen"),
    ],
)
def test_a_table_that_cannot_be_is_refused(folder: Path, table: str, problem: str) -> None:
    with pytest.raises(StudyError, match=problem):
        study = study_of(folder, table, threshold=3)
        tabulate(study, counted_of(study, [("stad", frozenset({"geld"}))] * 4))
