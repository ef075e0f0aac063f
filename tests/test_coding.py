"""Coders: rules from keywords, zero-shot from the codebook, learned from people."""

from pathlib import Path

import pytest

from opentekst import Codebook
from opentekst.coding.coder import COMBINED, LEARNED, RULES, ZERO_SHOT, code_answers
from opentekst.coding.rules import KeywordRules
from opentekst.language import embed, keyword_tokens, normalise_answers, resolve
from opentekst.model import Answer, Coding, Normalised
from opentekst.study import Study

PIPELINE = resolve("blank_nl")
CUT = keyword_tokens(PIPELINE.name)
BOOK = """
codebook: proef
version: 1
title: Proef
codes:
  - {id: middelen, label: Middelen, keywords: [middelen]}
  - id: middelen.personeel
    label: Tekort aan personeel
    definition: Er zijn te weinig medewerkers of te weinig uren.
    keywords: [te weinig personeel, personeelstekort]
    examples: [we hebben niet genoeg medewerkers, handen tekort]
  - id: vrijwilligers
    label: Tekort aan vrijwilligers
    definition: Er zijn te weinig vrijwilligers.
    keywords: [vrijwilliger*, extra vrijwilliger]
    examples: [we vinden geen vrijwilligers meer]
  - id: oud
    label: Oude code
    status: retired
    keywords: [budget]
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    path = tmp_path_factory.mktemp("book") / "proef.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return Codebook.load(path)


def items(*texts: str) -> list[Normalised]:
    answers = [Answer(f"r{i}:q", f"r{i}", "u", "q", text) for i, text in enumerate(texts)]
    return normalise_answers(answers, {"q": "need"}, PIPELINE)


def by(coder: str, codings: list[Coding]) -> dict[str, tuple[str, ...]]:
    return {c.answer: c.codes for c in codings if c.coder == coder}


def test_a_keyword_is_found_by_form_lemma_or_wildcard_and_shows_where(book: Codebook) -> None:
    rules = KeywordRules(book, CUT)
    found = {}
    for item in items("Veel te weinig personeel.", "VRIJWILLIGERSTEKORT!", "geen budget", "geld"):
        found[item.text] = [(item.text[s.start : s.end], s.code) for s in rules.find(item)]
    assert found == {
        "Veel te weinig personeel.": [("te weinig personeel", "middelen.personeel")],
        "VRIJWILLIGERSTEKORT!": [("VRIJWILLIGERSTEKORT", "vrijwilligers")],
        "geen budget": [],
        "geld": [],
    }


def test_several_codes_one_code_or_none(book: Codebook) -> None:
    codings = code_answers(
        items("te weinig personeel en vrijwilligers", "vrijwilligers", "mooi weer", "/"),
        book, {}, CUT, embed,
    )  # fmt: skip
    rules = by(RULES, codings)
    assert rules == {
        "r0:q": ("middelen.personeel", "vrijwilligers"),
        "r1:q": ("vrijwilligers",),
        "r2:q": (),
    }


def test_a_child_stands_for_its_parent(book: Codebook) -> None:
    codings = code_answers(items("middelen: te weinig personeel"), book, {}, CUT, embed)
    assert by(RULES, codings) == {"r0:q": ("middelen.personeel",)}


def test_what_no_keyword_names_is_found_by_meaning(book: Codebook) -> None:
    codings = code_answers(items("wij hebben niet genoeg collega's"), book, {}, CUT, embed)
    assert by(ZERO_SHOT, codings) == {"r0:q": ("middelen.personeel",)}
    assert by(COMBINED, codings) == {"r0:q": ("middelen.personeel",)}


def test_every_code_comes_with_a_score_and_evidence_in_the_verbatim_text(book: Codebook) -> None:
    text = "  Te&nbsp;weinig personeel  "
    for coding in code_answers(items(text), book, {}, CUT, embed):
        assert len(coding.score) == len(coding.codes)
        assert all(0 <= score <= 1 for score in coding.score)
        assert {span.code for span in coding.evidence} == set(coding.codes)
        for span in coding.evidence:
            assert text[span.start : span.end].strip() == "Te&nbsp;weinig personeel"


def test_the_classifier_learns_what_people_mean_beyond_the_keywords(book: Codebook) -> None:
    wanted = ["handen tekort bij ons team", "de ploeg is veel te klein", "iemand extra aanwerven"]
    other = ["het weer was zacht", "de markt is op zaterdag", "wij wonen graag in ons dorp"]
    texts = [f"{text} {i}" for i in range(8) for text in (*wanted, *other)]
    people = {
        f"r{i}:q": frozenset({"middelen.personeel"} if i % 6 < 3 else ()) for i in range(len(texts))
    }
    fresh = ["onze ploeg is te klein, handen tekort", "zaterdag is het markt in het dorp"]
    codings = code_answers(items(*texts, *fresh), book, people, CUT, embed)
    learned = by(LEARNED, codings)
    assert learned[f"r{len(texts)}:q"] == ("middelen.personeel",)
    assert learned[f"r{len(texts) + 1}:q"] == ()


def test_the_order_of_the_answers_does_not_matter(book: Codebook) -> None:
    texts = ["te weinig personeel", "geen collega's genoeg", "vrijwilligers zoeken"]
    forth = code_answers(items(*texts), book, {}, CUT, embed)
    back = code_answers(items(*reversed(texts)), book, {}, CUT, embed)
    assert sorted((c.coder, c.codes, c.score) for c in forth) == sorted(
        (c.coder, c.codes, c.score) for c in back
    )


def test_the_shipped_codebooks_find_their_own_examples() -> None:
    for book in Study.open(Path(__file__).parents[1]).codebooks.values():
        pairs = [(code.id, text) for code in book.active for text in code.examples]
        codings = code_answers(items(*(text for _, text in pairs)), book, {}, CUT, embed)
        given = by(COMBINED, codings)
        hits = sum(code in book.net(given.get(f"r{i}:q", ())) for i, (code, _) in enumerate(pairs))
        assert hits / len(pairs) > 0.9, book.id
