"""The coder's screen, in a real browser: what it shows, what it keeps, what it never does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from opentekst.codebook import Code, Codebook
from opentekst.model import Coding, Span
from opentekst.review import LabelStudio, LocalServer, ReviewItem
from opentekst.review.access import invite, read_account
from opentekst.review.projects import Place

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

playwright = pytest.importorskip("playwright.sync_api")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), "")
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not CHROMIUM, reason="geen Chromium op deze machine"),
]

STUDY = "Scherm"
CODER = "ilse@scherm.be"
ASKED = "Wat hebt u nodig? <script>alert(1)</script> {{ 7 * 7 }} ]]>"
NASTY = (
    "<script>alert(2)</script> {{ 7 * 7 }} ${text} $text \"aan\" 'uit' ]]> &amp; <b>vet</b>\n"
    "👵🏽 <img src=x onerror=alert(3)> personeel"
)
LONG = "Vijftigduizend tekens. " * 2174
BOOK = Codebook(
    "groot",
    1,
    "Driehonderd codes",
    tuple(
        Code(f"g{n}.c{k}", f"Code {n}-{k}", f"g{n}", definition="Wat hier <b>hoort</b> ]]>")
        if k
        else Code(f"g{n}", f"Groep {n}")
        for n in range(30)
        for k in range(10)
    ),
)
FREQUENT = ("g1.c1", "g2.c2", "g3.c3")


def item(number: int, text: str) -> ReviewItem:
    answer = f"R{number}:noden"
    start = text.find("personeel")
    evidence = (Span(start, start + len("personeel")),) if start >= 0 else ()
    said = Coding(answer, ("g1.c1", "g9.c9"), "model:combined", (0.9, 0.8), (), BOOK.ref)
    context = "Startperiode: <i>2014</i> ]]>"
    return ReviewItem(answer, "noden", ASKED, text, said, evidence, context, number / 2)


@pytest.fixture
def page(label_studio: LocalServer) -> Iterator[Page]:
    """A browser in which the coder has logged in; it fails where a page asks or calls out."""
    url, folder = label_studio.url, label_studio.data_dir
    invite(url, label_studio.api_key, folder, [CODER])
    asked: list[str] = []
    left: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(60_000)

        def refuse(dialog: Dialog) -> None:
            asked.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", refuse)
        page.on("request", lambda request: left.append(request.url))
        page.goto(f"{url}/user/login/")
        page.fill("input[name=email]", CODER)
        page.fill("input[name=password]", read_account(folder)["coders"][CODER])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda there: "login" not in there)
        yield page
        browser.close()
    assert asked == []
    hosts = {urlsplit(one).hostname for one in left if one.startswith("http")}
    assert hosts == {"127.0.0.1"}


def open_task(
    page: Page, server: LocalServer, room: LabelStudio, place: Place, answer: str
) -> None:
    project = room.project(place)
    (task,) = (t for t in room.tasks(int(project.id)) if t.data["answer_id"] == answer)
    page.goto(f"{server.url}/projects/{project.id}/data?task={task.id}")
    page.wait_for_selector("text=Welke codes passen bij dit antwoord?")
    page.wait_for_selector("button:has-text('Submit')")


def ticked(page: Page, label: str) -> bool:
    return page.get_by_role("checkbox", name=label).first.is_checked()


def test_a_coder_changes_a_suggestion_on_a_screen_with_300_codes(
    label_studio: LocalServer, page: Page
) -> None:
    room = LabelStudio(label_studio.url, label_studio.api_key)
    queue = Place(STUDY, "noden")
    room.push(queue, ASKED, BOOK, [item(0, NASTY), item(1, LONG)], frequent=FREQUENT)
    open_task(page, label_studio, room, queue, "R0:noden")

    # Everything stands there to the letter, the evidence marked, the suggestion filled in.
    shown = page.inner_text("body")
    for text in (ASKED, *NASTY.split("\n"), "Startperiode: <i>2014</i> ]]>", "Groep 9 › Code 9-9"):
        assert text in shown
    assert page.inner_text(".htx-highlight").strip() == "personeel"
    assert [ticked(page, f"Code {n}-{n}") for n in (1, 2, 3)] == [True, False, False]

    # A key ticks a frequent code, the tree is searched, a missing code gets a name.
    page.keyboard.press("2")
    page.keyboard.press("n")
    page.fill("[placeholder='Hoe zou die code heten?']", "vervoer")
    page.fill("[placeholder='Memo (niet verplicht)']", "navragen <b>")
    page.click(".ant-select-selector", position={"x": 390, "y": 14})
    page.wait_for_selector(".ant-select-dropdown")
    page.keyboard.type("Code 17-3")
    page.click(".ant-select-tree-treenode:has-text('Code 17-3') .ant-select-tree-checkbox")
    page.keyboard.press("Escape")
    page.click("button:has-text('Submit')")
    page.wait_for_selector("button:has-text('Update')")

    (coding,) = room.pull(queue, BOOK).codings
    assert set(coding.codes) == {"g1.c1", "g2.c2", "g9.c9", "g17.c3"}
    assert coding.coder == f"person:{CODER}"
    assert (coding.how.shown, coding.how.suggestion) == ("suggestion", "changed")
    assert (coding.how.new_code, coding.how.memo) == ("vervoer", "navragen <b>")
    assert (coding.how.seconds or 0) > 0

    open_task(page, label_studio, room, queue, "R1:noden")
    assert LONG.strip() in page.inner_text("body")


def test_a_blind_screen_shows_no_suggestion(label_studio: LocalServer, page: Page) -> None:
    room = LabelStudio(label_studio.url, label_studio.api_key)
    place = Place(STUDY, "noden", "blind", CODER)
    answer = ReviewItem("R0:noden", "noden", ASKED, NASTY)
    room.push(place, ASKED, BOOK, [answer], frequent=FREQUENT)
    open_task(page, label_studio, room, place, "R0:noden")
    assert [ticked(page, f"Code {n}-{n}") for n in (1, 2, 3)] == [False, False, False]
    assert page.locator(".htx-highlight").count() == 0
    assert "model:combined" not in page.inner_text("body")
    page.keyboard.press("0")
    page.click("button:has-text('Submit')")
    page.wait_for_selector("button:has-text('Update')")
    (coding,) = room.pull(place, BOOK).codings
    assert (coding.codes, coding.how.shown, coding.how.suggestion) == ((), "blind", "")
