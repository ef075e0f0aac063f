"""Normalising keeps the way back to the verbatim text, and knows a non-answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst.language import normalise_answers, resolve
from opentekst.language.cleaning import clean
from opentekst.language.non_answers import NO_ANSWER
from opentekst.model import Answer, Normalised

PIPELINE = resolve("blank_nl")


def normalised(text: str, prompt: str = "need") -> Normalised:
    answer = Answer("r:q", "r", "u", "q", text)
    return normalise_answers([answer], {"q": prompt}, PIPELINE)[0]


@given(st.text(max_size=300))
def test_every_character_leads_back_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once.text).text == once.text
    assert len(once.origin) == len(once.text) + 1
    assert list(once.origin) == sorted(once.origin)
    assert all(0 <= offset <= len(text) for offset in once.origin)
    item = normalised(text)
    for token in item.tokens:
        assert 0 <= item.verbatim(token.start) <= item.verbatim(token.end) <= len(text)


def test_evidence_in_the_cleaned_text_points_at_the_verbatim_text() -> None:
    text = "  Te   weinig&nbsp;personeel &amp; middelen!!!"
    item = normalised(text)
    assert item.text == "Te weinig personeel & middelen!"
    start = item.text.index("personeel")
    assert text[item.verbatim(start) : item.verbatim(start + 9)] == "personeel"


@pytest.mark.parametrize(
    "text",
    [
        "/",
        "nvt",
        "N.V.T.",
        "geen idee",
        "zie vorige vraag",
        "zie hierboven",
        "xxxxxx",
        "…",
        "👍",
        "?",
        "-",
    ],
)
def test_a_non_answer_is_flagged(text: str) -> None:
    assert NO_ANSWER in normalised(text).flags


def test_geen_is_an_answer_to_a_question_on_needs_but_not_under_andere() -> None:
    assert NO_ANSWER not in normalised("geen", "need").flags
    assert NO_ANSWER in normalised("geen", "other").flags


@pytest.mark.parametrize(
    "text",
    [
        "geen budget",
        "niets doen is geen optie",
        "testen van methodieken",
        "idem dito voor vrijwilligers",
    ],
)
def test_an_answer_that_starts_like_a_non_answer_is_one_all_the_same(text: str) -> None:
    assert NO_ANSWER not in normalised(text).flags


def test_sentences_and_lines_are_segments() -> None:
    item = normalised("Meer geld. Meer handen!\n- vrijwilligers")
    assert [item.text[s.start : s.end] for s in item.segments] == [
        "Meer geld.",
        "Meer handen!",
        "vrijwilligers",
    ]


def test_words_get_their_lemma() -> None:
    assert "vrijwilliger" in normalised("Vrijwilligers zoeken").lemmas


def test_a_pipeline_that_is_not_installed_gives_way_to_the_shipped_one() -> None:
    assert resolve("nl_core_news_none").name == "opentekst_nl"
    assert resolve("blank_nl").name == "blank_nl"
