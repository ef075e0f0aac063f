"""The report: what it says, what it keeps to itself, and how it behaves in a real browser."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from opentekst.cli import app
from opentekst.model import Cell, Table
from opentekst.pipeline import report_parts, report_themes, reporting
from opentekst.results.report import Report, to_document, to_page
from opentekst.results.report.data import Coded, Listed, Pick, Shown, Town
from opentekst.results.report.guard import LEAST
from opentekst.study import Disclosure, Study

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), "")
in_a_browser = pytest.mark.skipif(not CHROMIUM, reason="geen Chromium op deze machine")

NASTY = (
    "</script><script>alert(1)</script> <img src=x onerror=alert(2)> ]]> {{ 7 * 7 }} {% x %}"
    " <!-- \u2028 ${a} \"aan\" 'uit' &amp; 👵🏽 crèche"
)
MANY = 5_000
SIZES = ("klein", "groot")


@pytest.fixture(scope="module")
def study(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after a run; how firm the choice of themes is, is tested elsewhere."""
    root = Path(shutil.copytree(example, tmp_path_factory.mktemp("report") / "study"))
    text = (root / "study.yaml").read_text("utf-8")
    (root / "study.yaml").write_text(
        text.replace("\nthemes:\n", "\nthemes:\n  resamples: 0\n"), "utf-8"
    )
    return root


@pytest.fixture(scope="module")
def report(study: Path) -> Report:
    """The example's report, with the list of answers."""
    return reporting.assembled(Study.open(study), "internal")


@pytest.fixture(scope="module")
def large(report: Report) -> Report:
    """The example's report with 5,000 answers, some of them hostile, as labels are too."""
    kept = [replace(one, size=SIZES[at % 2] if one.province else "")
            for at, one in enumerate(report.answers)]  # fmt: skip
    base = replace(kept[0], text=NASTY, codes=(), marks=(), province="", size="")
    end = NASTY.index("👵🏽") + 1
    marked = replace(
        base, question="noden", codes=("vrijwilligers",), marks=((end - 1, end, "vrijwilligers"),)
    )
    rest = [replace(kept[n % len(kept)], text=f"{kept[n % len(kept)].text} nummer{n}")
            for n in range(MANY - len(kept) - 2)]  # fmt: skip
    codes = tuple(
        replace(code, label=f"{code.label} {NASTY}") if code.id == "vrijwilligers" else code
        for code in report.codes
    )
    towns = tuple(replace(town, size=SIZES[at % 2]) for at, town in enumerate(report.towns))
    towns = (*towns[:-1], replace(towns[-1], name=NASTY))
    made = replace(
        report,
        title=f"{report.title} {NASTY}",
        answers=(*kept, base, marked, *rest),
        codes=codes,
        towns=towns,
        left_out=(*report.left_out, NASTY),
    )
    assert len(made.answers) == MANY
    return made


def test_the_report_says_what_the_study_found(study: Path, report: Report) -> None:
    page = to_page(report).decode()
    assert "233 van de 300 gemeenten" in page
    assert "77,7%" in page
    tables = json.loads((study / "run.lock.json").read_text("utf-8"))["stages"]["tables"]
    assert len(report.tables) == tables["report"]["tables"]
    for heading in ("Samenvatting", "Kaart van de respons", "Tabellen", "Thema’s",
                    "Overeenkomst tussen codeurs", "Wat weggelaten is", "Herkomst"):  # fmt: skip
        assert heading in page
    # Table 1's first row, with its interval, and a machine's share as an estimate.
    assert re.search(r"Sinds de coronacrisis.*?>38<.*?>16,3<.*?>14,3–18,7<", page, re.S)
    assert "≈" in page
    # Decisions and what waits add up to all answers, question by question.
    for row in report.coded:
        asked = next(q for q in report.questions if q.id == row.question)
        assert sum(_answers_of(row)) == asked.answers
        assert 0 <= row.right <= row.checked
    assert report.themes
    assert report.pick.rows
    assert any(theme.quotes for theme in report.themes)
    assert to_page(report) == page.encode()


def _answers_of(row: Coded) -> tuple[int, ...]:
    return row.people, row.adjudicated, row.automatic, row.provisional, row.open, row.empty


def test_the_word_document_holds_the_same_and_no_list_of_answers(report: Report) -> None:
    import docx

    made = to_document(report)
    document = docx.Document(io.BytesIO(made))
    texts = [p.text for p in document.paragraphs]
    captions = [text for text in texts if text.startswith("Tabel ")]
    assert len(captions) >= len(report.tables)
    cells = {cell for table in document.tables for row in table.rows[:4] for cell in
             (c.text for c in row.cells)}  # fmt: skip
    whole = {cell.replace("\u2060", "") for cell in cells}
    assert {"Sinds de coronacrisis", "38", "16,3 [14,3–18,7]", "77,7%"} <= whole
    assert len(document.inline_shapes) == 1  # the map
    assert not any("niet getoond" in text for text in texts)
    written = "\n".join(texts)
    quotes = {quote for theme in report.themes for quote in theme.quotes}
    listed = {a.text for a in report.answers if len(a.text) > 40} - quotes
    assert not [text for text in listed if text in written]
    assert to_document(report) == made


def test_what_is_published_has_no_list_and_tells_nobody_apart(study: Path) -> None:
    done = CliRunner().invoke(app, ["report", "--study", str(study), "--public", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["edition"], said["answers"]) == ("public", 0)
    page = (study / "results/report/rapport.html").read_text("utf-8")
    data = json.loads(_data(page))
    assert data["answers"] == []
    assert "Voor intern gebruik" not in page
    respondents = {
        json.loads(line)["respondent"]
        for line in (study / "data/work/answers.jsonl").read_text("utf-8").splitlines()
    }
    assert not [who for who in respondents if who in page]
    bib = (study / "results/report/bronnen.bib").read_text("ascii")
    assert {*re.findall(r"^@\w+\{(\w+),", bib, re.M)} == {*said["sources"]}
    assert {"passonneau2006", "angelopoulos2023", "honnibal2020", "ericson1969"} <= {
        *said["sources"]
    }
    assert not {"holt1979", "kelly1992"} & {*said["sources"]}  # no weights, no threshold


def test_an_answer_stands_beside_no_trait_that_few_share(report: Report) -> None:
    names = {town.name for town in report.towns if len(town.name) > 5}
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.I)
    assert not [answer.text for answer in report.answers if pattern.search(answer.text)]
    groups: dict[tuple[str, str], int] = {}
    for answer in report.answers:
        key = (answer.question, answer.province)
        groups[key] = groups.get(key, 0) + 1
    assert all(n >= LEAST for (_, province), n in groups.items() if province)
    # Marks move along with what was replaced: none is empty or outside its text.
    for answer in report.answers:
        for start, end, code in answer.marks:
            assert 0 <= start < end <= len(answer.text)
            assert code in answer.codes


@pytest.fixture(scope="module")
def file(large: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The large report as a file."""
    path = tmp_path_factory.mktemp("large") / "rapport.html"
    path.write_bytes(to_page(large))
    return path


@pytest.fixture
def page(file: Path) -> Iterator[Page]:
    """The large report, opened from its file; it fails where the page complains or calls out."""
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    complaints: list[str] = []
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on("dialog", refuse)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        yield page
        browser.close()
    assert complaints == []
    assert set(asked) == {file.as_uri()}


def _data(page: str) -> str:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return found[1]


def _listed(page: Page) -> list[str]:
    return page.locator("#answers li").all_inner_texts()


def _count(page: Page) -> int:
    return int(page.inner_text("#found").split()[0].replace(".", ""))


def _fits(answer: Listed, **wanted: str) -> bool:
    return all(getattr(answer, name) == value for name, value in wanted.items())


def test_what_a_study_lacks_is_said_in_plain_words(study: Path, report: Report) -> None:
    asked = Study.open(study)
    plain = [q.model_copy(update={"prompt": "open"}) for q in asked.file.questions]
    without = replace(asked, file=asked.file.model_copy(update={"questions": tuple(plain)}))
    assert report_themes.heard(without, 0) == ((), Pick(()))
    guarded = Disclosure(threshold=5)
    shy = replace(asked, file=asked.file.model_copy(update={"disclosure": guarded}))
    assert report_parts.splits(report_parts.Sight(shy), report.provinces) == ()
    table = Table(
        "A <b>", "Titel & <i>", "Rij", ("een", "twee"),
        (Cell("een", "x", None, 30, hidden=True), Cell("twee", "x", None, None),
         Cell("een", "y", 12, 30), Cell("twee", "y", 3, 9)),
    )  # fmt: skip
    bare = replace(
        report,
        tables=(Shown(table, {}, frozenset()),),
        questions=tuple(replace(q, tables=(), units=None) for q in report.questions),
        towns=(Town("62063", "Luik", "Luik", "", True),),
        themes=(), pick=Pick(()), agreed=(), disagreements=(), coded=(), splits=(), answers=(),
        left_out=(), held=(), edition="without_answers",
    )  # fmt: skip
    page = to_page(bare).decode()
    for said in (
        "vraagt niet naar noden of thema’s", "niet te zeggen", "er geen kaart", "geen open vragen",
        "(niet afgedrukt)", "(niet gevraagd)", "Tabel A &lt;b&gt;. Titel &amp; &lt;i&gt;",
    ):  # fmt: skip
        assert said in page, said
    assert to_document(bare)


@in_a_browser
def test_every_filter_works_on_five_thousand_answers(page: Page, large: Report) -> None:
    assert _count(page) == MANY
    assert len(_listed(page)) == 25

    page.select_option("#province", label="Limburg")
    assert _count(page) == sum(_fits(a, province="Limburg") for a in large.answers)
    assert all("Limburg" in text for text in _listed(page))
    asked = [town for town in large.towns if town.province == "Limburg"]
    answered = sum(town.answered for town in asked)
    assert f"kaart: {answered} van {len(asked)} gemeenten" in page.inner_text("#said")
    assert page.locator(".town:not(.dim)").count() == len(asked)

    at = next(i for i, q in enumerate(large.questions) if q.id == "noden")
    page.select_option("#question", value=str(at))
    mine = [a for a in large.answers if _fits(a, province="Limburg", question="noden")]
    assert _count(page) == len(mine)
    tables = [shown for shown in large.tables if "noden" in shown.questions]
    assert page.locator("article.table:visible").count() == len(tables) > 0
    shares = {row.code: row for row in large.splits if row.question == "noden"}
    assert page.locator("#split tbody tr").count() == len(shares)
    marked = page.locator("#split tbody td.own").count()
    assert marked == len(shares)

    code = next(i for i, c in enumerate(large.codes) if (c.book, c.id) == ("noden", "bereiken"))
    page.select_option("#code", value=str(code))
    below = {c.id for c in large.codes if c.book == "noden" and c.id.split(".")[0] == "bereiken"}
    assert _count(page) == sum(bool(below & {*a.codes}) for a in mine)
    row = page.locator("#split tbody tr").first.locator("td").all_inner_texts()
    total = shares["bereiken"].total
    assert row[-1] == f"{total}%"

    page.select_option("#code", value="")
    page.select_option("#size", label="groot")
    assert _count(page) == sum(_fits(a, size="groot") for a in mine)
    assert all("groot" in text for text in _listed(page))
    large_ones = [town for town in asked if town.size == "groot"]
    assert page.locator(".town:not(.dim)").count() == len(large_ones)

    page.click("button[type=reset]")
    page.wait_for_function("document.getElementById('said').textContent === ''")
    assert _count(page) == MANY
    assert page.locator("article.table:visible").count() == len(large.tables)


@in_a_browser
def test_a_search_finds_words_whatever_their_accents_and_pages_through(
    page: Page, large: Report
) -> None:
    page.fill("#search", "NUMMER12 ")
    wanted = [a for a in large.answers if "nummer12" in a.text]
    assert _count(page) == len(wanted) > 25
    assert page.inner_text("#page") == f"Pagina 1 van {-(-len(wanted) // 25)}"
    assert page.locator("#answers .hit").first.inner_text() == "nummer12"
    page.click("#next")
    assert page.inner_text("#page").startswith("Pagina 2")
    assert len(_listed(page)) == min(25, len(wanted) - 25)
    page.fill("#search", "creche")
    assert _count(page) == 2
    assert page.locator("#answers .hit").first.inner_text() == "crèche"
    page.fill("#search", "bestaatniet")
    assert _count(page) == 0
    assert page.is_disabled("#next")


@in_a_browser
def test_hostile_text_stays_text_and_evidence_stays_in_place(page: Page) -> None:
    page.fill("#search", "onerror=alert")
    shown = page.locator("#answers .text").all_inner_texts()
    plain = re.sub(r"\s+", " ", NASTY)
    assert [re.sub(r"\s+", " ", text) for text in shown] == [plain, plain]
    # One character beyond the first plane: offsets of Python and of the browser differ there.
    assert page.locator("#answers mark").all_inner_texts() == ["👵"]
    assert page.locator("img").count() == 0
    assert "{{ 7 * 7 }}" in page.inner_text("h1")
    assert "</script><script>alert(1)</script>" in page.inner_text(
        "section[aria-labelledby=weggelaten]"
    )


@in_a_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_serious_keeps_people_from_reading_it(page: Page, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.set_viewport_size({"width": width, "height": 844})
    page.select_option("#question", index=50)
    page.fill("#search", "personeel")
    found = [
        (one["id"], one["nodes"][0]["html"])
        for one in axe.run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@in_a_browser
def test_it_can_be_used_by_keyboard_and_printed(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhoud-rapport"
    levels = [int(tag[1]) for tag in page.eval_on_selector_all(
        "h1, h2, h3, h4", "all => all.map(one => one.tagName)")]  # fmt: skip
    assert levels[0] == 2 or levels[0] == 1
    assert levels.count(1) == 1
    page.emulate_media(media="print")
    for hidden in ("#filters", "#answers", "#search", "nav.contents"):
        assert not page.is_visible(hidden)
    assert page.is_visible("figure.map svg")
    assert page.is_visible("article.table table >> nth=0")
