"""Keyword rules: what a keyword finds, where, and what a denial undoes."""

from __future__ import annotations

import pytest

from opentekst import Codebook
from opentekst.coding import AutoCoder
from opentekst.coding.coder import code_answers
from opentekst.coding.rules import KeywordRules
from opentekst.language import Lexicon, keyword_tokens, normalise_answers, resolve
from opentekst.model import Answer, Normalised

PIPELINE = resolve("blank_nl")
CUT = keyword_tokens(PIPELINE.name)
BOOK = """
codebook: proef
version: 1
title: Proef
codes:
  - {id: vrijwilligers, label: Vrijwilligers, keywords: ["tekort aan vrijwillig*", vrijwilliger*]}
  - {id: geld, label: Geld, keywords: [budget, financiële middelen, meer budget]}
  - {id: ldc, label: Dienstencentrum, keywords: [lokaal dienstencentrum]}
  - {id: centrum, label: Centrum, keywords: [dienstencentr*]}
  - {id: personeel, label: Personeel, keywords: [personeel, geen personeel]}
  - {id: geen_nood, label: Geen nood, keywords: [geen nood*, geen tekort]}
  - {id: gezin, label: Gezin, keywords: [kind en gezin]}
  - {id: clb, label: CLB, keywords: ["clb-*", overleg in het lokaal dienstencentrum]}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    path = tmp_path_factory.mktemp("book") / "proef.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return Codebook.load(path)


def normalised(text: str, prompt: str = "need") -> Normalised:
    keywords = Lexicon(("kind en gezin",))
    answer = Answer("r:q", "r", "u", "q", text)
    return normalise_answers([answer], {"q": prompt}, PIPELINE, lexicon=keywords)[0]


def found(book: Codebook, text: str, prompt: str = "need") -> list[tuple[str, str]]:
    item = normalised(text, prompt)
    return [
        (span.code, item.text[span.start : span.end]) for span in KeywordRules(book, CUT).find(item)
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Wij zoeken vrijwiligers", [("vrijwilligers", "vrijwiligers")]),
        ("vrijwilligerswerkgroepje", [("vrijwilligers", "vrijwilligerswerkgroepje")]),
        ("ouderenvrijwilligers", [("vrijwilligers", "ouderenvrijwilligers")]),
        ("het LDC", [("centrum", "LDC"), ("ldc", "LDC")]),
        ("onze LDC's", [("centrum", "LDC's"), ("ldc", "LDC's")]),
        ("overleg in het LDC", [("clb", "overleg in het LDC"), ("centrum", "LDC"), ("ldc", "LDC")]),
        ("in een lokaal LDC", [("centrum", "LDC"), ("ldc", "lokaal LDC")]),
        ("de CLB-medewerker", [("clb", "CLB-medewerker")]),
        ("financiele middelen", [("geld", "financiele middelen")]),
        ("Kind en Gezin", [("gezin", "Kind en Gezin")]),
        ("meer budget", [("geld", "meer budget")]),
        ("budgetten en een budget", [("geld", "budgetten"), ("geld", "budget")]),
        ("budgettair", []),
    ],
)  # fmt: skip
def test_a_keyword_finds_words_however_they_are_written(
    book: Codebook, text: str, codes: list[tuple[str, str]]
) -> None:
    assert sorted(found(book, text)) == sorted(codes)


@pytest.mark.parametrize(
    ("text", "prompt", "codes"),
    [
        ("te weinig vrijwilligers", "need", {"vrijwilligers"}),
        ("geen vrijwilligers", "need", {"vrijwilligers"}),
        ("geen tekort aan vrijwilligers", "need", {"geen_nood"}),
        ("geen nood aan budget", "need", {"geen_nood"}),
        ("budget is niet het probleem, wel personeel", "need", {"personeel"}),
        ("geen personeel", "statement", {"personeel"}),
        ("geen LDC", "other", set()),
        ("LDC en vrijwilligers, geen budget", "other", {"ldc", "centrum", "vrijwilligers"}),
    ],
)
def test_a_denied_lack_does_not_count_and_a_lacking_thing_does(
    book: Codebook, text: str, prompt: str, codes: set[str]
) -> None:
    assert {code for code, _ in found(book, text, prompt)} == codes


def test_answers_in_another_language_are_left_to_people(book: Codebook) -> None:
    texts = {"nl": "te weinig budget", "fr": "pas assez de budget pour les personnes âgées"}
    answers = [Answer(key, key, "u", "q", text) for key, text in texts.items()]
    items = normalise_answers(answers, {"q": "need"}, PIPELINE)
    coded = code_answers(items, ["q", "q"], {}, AutoCoder(book, pipeline=PIPELINE.name))
    assert {coding.answer for coding in coded.codings} == {"nl"}
