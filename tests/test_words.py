"""Words for matching: typing errors mended, compounds taken apart, abbreviations read out."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from opentekst.errors import CodebookError
from opentekst.language import Abbreviations, Lexicon, normalise_answers, resolve
from opentekst.language.compounds import split
from opentekst.language.spelling import Speller
from opentekst.language.words import Words, study_words
from opentekst.model import Answer, Normalised

BLANK = resolve("blank_nl")
WORDS = Words()
MODULES = ("cleaning", "words", "non_answers", "other_languages", "spelling", "abbreviations",
           "compounds", "matching")  # fmt: skip


def normalised(text: str, lexicon: Lexicon | None = None) -> Normalised:
    answer = Answer("r:q", "r", "u", "q", text)
    return normalise_answers([answer], {"q": "need"}, BLANK, lexicon=lexicon)[0]


def forms(item: Normalised) -> dict[str, tuple[str, ...]]:
    return {item.text[t.start : t.end]: t.forms for t in item.tokens if t.forms}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"opentekst.language.{name}"))
    assert tried
    assert not failed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("vrijwiligers", "vrijwilligers"),
        ("moelijk", "moeilijk"),
        ("activitieten", "activiteiten"),
        ("samewerking", "samenwerking"),
        ("ondersteuen", "ondersteunen"),
        ("gewaardeert", "gewaardeerd"),
    ],
)
def test_a_typing_error_is_mended_for_matching_only(typed: str, meant: str) -> None:
    item = normalised(f"wij zoeken {typed} in de buurt")
    assert meant in forms(item)[typed]
    assert typed in item.text
    assert "corrected" in item.flags


@pytest.mark.parametrize(
    "word",
    [
        "eerstelijnszone",
        "goesting",
        "plezant",
        "babbelke",
        "nonkel",
        "soepcafé",
        "vereenzaming",
        "zorgparagraaf",
        "outreachend",
        "buurtgericht",
        "geld",
        "wzc",
        "kotmadam",
        "merci",
        "outreach",
    ],
)
def test_words_that_are_meant_stay(word: str) -> None:
    speller = Speller(Words(codebook=frozenset({"outreachend"})))
    assert speller.correct(word) == word


def test_a_typing_error_within_a_compound_is_mended() -> None:
    found = forms(normalised("vrijwiligerstekort in de wijk"))["vrijwiligerstekort"]
    assert {"vrijwilliger", "tekort"} <= set(found)


def test_names_are_not_mended() -> None:
    assert not forms(normalised("wij werken met mevrouw Vrijwiligers"))


def test_a_word_that_the_survey_keeps_using_is_a_word_but_a_recurring_slip_is_not() -> None:
    texts = [f"{i} wijkhubje" for i in range(5)] + [f"{i} ouderne" for i in range(5)]
    words = study_words([*texts, *(f"{i} ouderen" for i in range(60))], [])
    assert "wijkhubje" in words.own
    assert "ouderne" not in words.own


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("vrijwilligerstekort", ("vrijwilliger", "tekort")),
        ("personeelsstop", ("personeel", "stop")),
        ("soepcafé", ("soep", "café")),
        ("buurtwerkers", ("buurt", "werkers")),
        ("huiswerkbegeleiding", ("huiswerk", "begeleiding")),
        ("ldc-werking", ("ldc", "werking")),
        ("projectsubsidies", ("project", "subsidies")),
        ("praatgroepje", ("praat", "groepje")),
    ],
)
def test_a_compound_is_taken_apart(word: str, parts: tuple[str, ...]) -> None:
    assert split(word, WORDS) == parts


@pytest.mark.parametrize(
    "word",
    ["aandacht", "ziekenhuis", "gemeente", "bakkers", "overlapping", "signaleren", "bestrijders",
     "tegenstellingen", "eenzaamheid", "vergadering", "verbinding", "samenwerking", "toegankelijk",
     "maatschappelijk", "financiering", "begeleiding", "katrien", "trekkers", "belangrijk"],
)  # fmt: skip
def test_ordinary_words_stay_whole(word: str) -> None:
    assert split(word, WORDS) == ()


@pytest.mark.parametrize("text", ["LDC", "ldc", "LDC's", "L.D.C.", "ldcs"])
def test_an_abbreviation_is_read_out(text: str) -> None:
    assert forms(normalised(f"het {text} zit vol"))[text] == ("lokaal dienstencentrum",)


def test_an_abbreviation_that_is_a_word_counts_in_capitals_only() -> None:
    assert forms(normalised("via LOGO Mechelen"))
    assert not forms(normalised("een mooi logo"))


def test_a_study_has_its_own_abbreviations(tmp_path: Path) -> None:
    (tmp_path / "codebooks").mkdir()
    assert Abbreviations.of_study(tmp_path).expand("LDC") == "lokaal dienstencentrum"
    own = tmp_path / "codebooks" / "afkortingen.yaml"
    own.write_text("afkortingen:\n  DSC: dienst sociale cohesie\n", encoding="utf-8")
    mine = Abbreviations.of_study(tmp_path)
    assert mine.expand("dsc") == "dienst sociale cohesie"
    assert not mine.expand("LDC")
    item = normalised("de DSC", lexicon=Lexicon(abbreviations=mine))
    assert forms(item) == {"DSC": ("dienst sociale cohesie",)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("afkortingen:\n  LDC:\n", "hier hoort tekst"),
        ("afkortingen:\n  LDC: ''\n", "geen betekenis"),
        ("afkortingen:\n  L D C: dienst\n", "zonder spatie"),
        ("afkortingen:\n  LDC: een\n  L.D.C.: twee\n", "andere betekenis"),
        ("afkortigen:\n  LDC: een\n", "ontbreekt"),
        ("- LDC\n", "naam: waarde"),
    ],
)
def test_a_faulty_list_is_refused_with_the_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "afkortingen.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match=said) as fault:
        Abbreviations.load(path)
    assert f"{path}:" in str(fault.value)
