"""The map of answers, as a browser shows it; most tests skip where there is no Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

from opentekst.results.topic_map import AnswerMap, MapTopic, Point, to_html

pytest.importorskip("plotly", reason="plotly komt met de extra 'topics'")

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), "")
in_browser = pytest.mark.skipif(not CHROMIUM, reason="geen Chromium op deze machine")

NASTY = "</script><script>alert(1)</script> <b>&amp; \"'\u2028<!-- 👵🏽\nnaar de bus"
QUESTIONS = {"noden": "Wat hebt u nodig om eenzaamheid aan te pakken?", "covid": "En door covid?"}
DUTY, RIDES = "Geen nood", "Vervoer <gratis>"
TOPICS = (
    MapTopic(1, "vervoer & bus", ("bus", "taxi"), 1204, 0.824, True, RIDES, "voorstel 3: nieuw"),
    MapTopic(7, "bezoek", ("bezoek",), 2, 0.31, False, "", ""),
)
POINTS = (
    Point(0, 0, NASTY, "Gent", "noden", (DUTY, RIDES), "mens", (1,)),
    Point(1, 1, "Cafébezoek voor ouderen", "", "noden", (DUTY,), "machine", (7, 1)),
    Point(2, -3.5, "Meer tijd", "Aalst", "covid", (), "open", ()),
    Point(3, 4, "Een foto’s-avond", "Aalst", "noden", ("geen",), "machine", (7,)),
)
MAP = AnswerMap("noden", "Noden van besturen", "Gemaakt met BERTopic.", POINTS, TOPICS)
OTHER = AnswerMap("covid", "Covid", "", POINTS[2:3], ())
EMPTY = AnswerMap("leeg", "Lege kaart", "", (), ())
PAGE = to_html([MAP, OTHER, EMPTY], QUESTIONS, "Kaart <van> antwoorden")

Open = Callable[..., lxml.html.HtmlElement]


def text(page: lxml.html.HtmlElement, path: str) -> list[str]:
    return [str(found.text_content()).strip() for found in page.xpath(path)]


def listed(page: lxml.html.HtmlElement) -> list[str]:
    return text(page, "//*[@id='lijst']//p[@class='text']")


@pytest.fixture
def browse(tmp_path: Path) -> Open:
    """Open a page in Chromium, run `then` in it, and return what it holds."""

    def browse(state: str = "", page: bytes = PAGE, then: str = "") -> lxml.html.HtmlElement:
        path = tmp_path / "kaart.html"
        path.write_bytes(page + f"<script>{then}</script>".encode())
        options = ("--headless", "--no-sandbox", "--dump-dom", "--virtual-time-budget=5000")
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        window = ("--window-size=1400,1000", "--enable-unsafe-swiftshader")
        run = subprocess.run(
            [CHROMIUM, *options, profile, *window, f"{path.as_uri()}#{state}"],
            capture_output=True, timeout=120, check=True,
        )  # fmt: skip
        shown = lxml.html.fromstring(run.stdout.decode())
        assert shown.get("data-fout") is None
        return shown

    return browse


def test_the_page_is_the_same_each_time_and_holds_all_it_needs() -> None:
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

    assert to_html([MAP, OTHER, EMPTY], QUESTIONS, "Kaart <van> antwoorden") == PAGE
    page = PAGE.decode()
    assert "* Licensed under the MIT license" in page
    assert get_plotlyjs() in page
    own = page.replace(get_plotlyjs(), "")
    assert "http:" not in own
    assert "https:" not in own
    assert "src=" not in own
    assert "href=" not in own


def test_no_answer_breaks_out_of_the_data() -> None:
    page = PAGE.decode()
    assert page.count("<script") == page.count("</script>")
    assert "alert(1)</script>" not in page
    assert "\u2028" not in page
    data = lxml.html.fromstring(page).xpath("string(//*[@id='gegevens'])")
    assert json.loads(str(data))["maps"][0]["points"][0][2] == NASTY


def test_a_map_says_what_is_wrong_with_a_point() -> None:
    with pytest.raises(KeyError):
        to_html([replace(MAP, topics=TOPICS[:1])], QUESTIONS, "")
    with pytest.raises(ValueError, match="finite"):
        to_html([replace(MAP, points=(*POINTS, replace(POINTS[0], x=float("nan"))))], {}, "")


@in_browser
def test_all_answers_show_as_they_are(browse: Open) -> None:
    page = browse()
    assert text(page, "//*[@id='teller']") == ["4 van 4 antwoorden getoond"]
    assert listed(page) == [point.text for point in POINTS]
    assert text(page, "//*[@id='lijst']/li[1]//span") == [
        "Gent", QUESTIONS["noden"], f"code: {DUTY}; {RIDES}", "thema: vervoer & bus",
        "gecodeerd door mens",
    ]  # fmt: skip
    assert text(page, "//*[@id='legende']/li") == [
        f"●{DUTY} (2)", "■geen (1)", "○geen code (1)",
    ]  # fmt: skip
    rows = text(page, "//*[@data-map='0']//tbody/tr/td")
    assert rows[:3] == ["1.204", "0,82", f"{RIDES}voorstel 3: nieuw"]
    assert rows[3:] == ["2", "0,31 onvast", "–"]
    assert set(text(page, "//*[@class='annotation']")) == {"vervoer & bus", "bezoek"}


@in_browser
def test_the_address_sets_the_filters(browse: Open) -> None:
    wanted = {
        "code=geen": [2],
        'code="geen"': [3],
        "code=Vervoer+%3Cgratis%3E": [0],
        "thema=geen": [2],
        "thema=1&kleur=thema": [0, 1],
        "vraag=covid&kleur=wie": [2],
        "q=CAFEBEZOEK+ouderen": [1],
        "q=foto's": [3],
        "map=noden&code=geen&q=vervoer": [],
        "map=bestaat+niet&code=ook+niet": [0, 1, 2, 3],
    }
    page = browse("map=noden&code=geen&q=tijd")
    assert listed(page) == [POINTS[2].text]
    follow = f"""const states = {json.dumps([*wanted])};
    document.body.dataset.found = JSON.stringify(states.map((state) => {{
      location.hash = state;
      dispatchEvent(new Event("hashchange"));
      const texts = [...document.querySelectorAll("#lijst .text")].map((each) => each.textContent);
      return [document.getElementById("teller").textContent, texts];
    }}));"""
    found = json.loads(str(browse(then=follow).body.get("data-found")))
    assert found == [
        [f"{len(places)} van 4 antwoorden getoond", [POINTS[at].text for at in places]]
        for places in wanted.values()
    ]


@in_browser
def test_a_click_on_a_topic_filters_and_the_button_clears(browse: Open) -> None:
    click = "document.querySelector('[data-thema=\"7\"]').click();"
    note = "document.body.dataset.address = location.hash;"
    page = browse("q=e", then=click + note)
    assert listed(page) == [POINTS[1].text, POINTS[3].text]
    assert page.xpath("//button[@aria-pressed='true']/text()") == ["bezoek"]
    assert page.body.get("data-address") == "#thema=7&q=e"
    page = browse("thema=7&q=e", then=f"document.getElementById('wis').click();{note}")
    assert len(listed(page)) == 4
    assert page.body.get("data-address") == ""


@in_browser
def test_a_filter_leaves_the_part_in_sight(browse: Open) -> None:
    zoom = """document.getElementById("in").click();
    setTimeout(() => {
      document.querySelector("[data-thema]").click();
      document.body.dataset.range = document.getElementById("kaart").layout.xaxis.range;
    }, 500);"""
    assert browse(then=zoom).body.get("data-range").startswith("1150")


@in_browser
def test_the_pointer_shows_the_answer_below_it(browse: Open) -> None:
    hover = """setTimeout(() => {
      const box = [...document.querySelectorAll("#kaart .point")].at(-1).getBoundingClientRect();
      const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
      document.querySelector("#kaart .nsewdrag").dispatchEvent(new MouseEvent("mousemove", at));
    }, 500);"""
    page = browse("code=Vervoer+%3Cgratis%3E&vraag=noden", then=hover)
    assert not page.xpath("//*[@id='tip']/@hidden")
    assert text(page, "//*[@id='tip']/p[@class='text']") == [NASTY]


@in_browser
def test_one_map_shows_at_a_time(browse: Open) -> None:
    page = browse("map=covid")
    assert text(page, "//*[@data-map and not(@hidden)]/h2") == ["Covid"]
    assert "Voor deze kaart zijn geen thema’s gevonden." in text(page, "//section[not(@hidden)]/p")
    assert text(page, "//*[@id='vraag']/option") == ["alle vragen", "En door covid? (1)"]
    page = browse("map=leeg")
    warnings = text(page, "//*[@data-map and not(@hidden)]/p[@class='warning']")
    assert warnings == ["Deze kaart heeft geen antwoorden."]
    assert page.xpath("//*[@id='inhoud']/@hidden")
    page = browse(page=to_html([], {}, "Kaart"))
    assert text(page, "//main/p") == ["Er zijn nog geen antwoorden om te tonen."]


@in_browser
def test_a_large_map_lists_200_answers_and_colours_ten_codes(browse: Open) -> None:
    many = tuple(
        replace(POINTS[0], x=at % 71, y=at % 97, text=f"{at}", codes=(f"code {at % 13}",))
        for at in range(4100)
    )
    page = browse(page=to_html([replace(MAP, points=many)], QUESTIONS, "Groot"))
    assert len(listed(page)) == 200
    assert text(page, "//*[@id='meer']") == ["Nog 3.900 meer: filter verder om ze hier te zien."]
    assert page.xpath("//label[select/@id='map']/@hidden")
    legend = text(page, "//*[@id='legende']/li")
    assert len(legend) == 11
    assert legend[0] == "●code 0 (316)"
    assert legend[-1] == "●overige (945)"
