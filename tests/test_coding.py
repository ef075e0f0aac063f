"""The coder: good from the codebook alone, better with what people code, honest about the rest."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst import Codebook
from opentekst.coding import AutoCoder, Rule
from opentekst.coding.coder import COMBINED, RULES, code_answers
from opentekst.coding.consistency import coded_differently
from opentekst.coding.learned import Tree
from opentekst.coding.rules import KeywordRules
from opentekst.coding.triage import below, curve, threshold
from opentekst.errors import CodebookError, PipelineError
from opentekst.language import keyword_tokens, normalise_answers, resolve
from opentekst.model import Answer, Coding, Normalised
from opentekst.study import Study

ROOT = Path(__file__).parents[1]
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
STAFF = ["handen tekort bij ons team", "de ploeg is veel te klein", "iemand extra aanwerven"]
HELPERS = ["meer vrijwilligers vinden", "vrijwilligers haken af", "wie wil nog helpen bij ons"]
OTHER = ["het weer was zacht", "de markt is op zaterdag", "wij wonen graag in ons dorp"]


@pytest.fixture(scope="module")
def book() -> Codebook:
    return Codebook.parse(BOOK)


@pytest.fixture(scope="module")
def lessons() -> tuple[list[str], list[tuple[str, ...]]]:
    """Ninety texts, each with its codes: no two the same."""
    pairs: list[tuple[str, tuple[str, ...]]]
    pairs = [(text, ("middelen.personeel",)) for text in STAFF]
    pairs += [(text, ("vrijwilligers",)) for text in HELPERS]
    pairs += [(text, ()) for text in OTHER]
    words = "straks nu vandaag morgen altijd soms vaak weer toch ook".split()
    found = [(f"{text} {word}", codes) for word in words for text, codes in pairs]
    return [text for text, _ in found], [codes for _, codes in found]


@pytest.fixture(scope="module")
def taught(book: Codebook, lessons: tuple[list[str], list[tuple[str, ...]]]) -> AutoCoder:
    return AutoCoder(book, pipeline="blank_nl").fit(*lessons)


def items(*texts: str) -> list[Normalised]:
    answers = [Answer(f"r{i}:q", f"r{i}", "u", "q", text) for i, text in enumerate(texts)]
    return normalise_answers(answers, {"q": "need"}, PIPELINE)


def coder(book: Codebook, **settings: object) -> AutoCoder:
    return AutoCoder(book, pipeline="blank_nl", **settings)  # type: ignore[arg-type]


def by(name: str, codings: Sequence[Coding]) -> dict[str, tuple[str, ...]]:
    return {c.answer: c.codes for c in codings if c.coder == name}


class TestCodebookAlone:
    def test_a_keyword_is_found_by_form_lemma_or_wildcard_and_shows_where(
        self, book: Codebook
    ) -> None:
        rules = KeywordRules(book, CUT)
        found = {}
        for item in items("Veel te weinig personeel.", "VRIJWILLIGERSTEKORT!", "geen budget"):
            found[item.text] = [(item.text[s.start : s.end], s.code) for s in rules.find(item)]
        assert found == {
            "Veel te weinig personeel.": [("te weinig personeel", "middelen.personeel")],
            "VRIJWILLIGERSTEKORT!": [("VRIJWILLIGERSTEKORT", "vrijwilligers")],
            "geen budget": [],
        }

    def test_it_gives_several_codes_one_code_or_none(self, book: Codebook) -> None:
        texts = ["te weinig personeel en vrijwilligers", "vrijwilligers", "mooi weer", "/", ""]
        assert coder(book).predict(texts) == [
            {"middelen.personeel", "vrijwilligers"},
            {"vrijwilligers"},
            set(),
            set(),
            set(),
        ]

    def test_what_no_keyword_names_is_found_by_meaning(self, book: Codebook) -> None:
        assert coder(book).predict(["wij hebben niet genoeg collega's"]) == [{"middelen.personeel"}]

    def test_a_child_stands_for_its_parent(self, book: Codebook) -> None:
        assert coder(book).predict(["middelen: te weinig personeel"]) == [{"middelen.personeel"}]

    def test_a_retired_code_is_never_given(self, book: Codebook) -> None:
        assert coder(book).codes_ == ["middelen", "middelen.personeel", "vrijwilligers"]

    def test_nothing_is_left_to_it_before_people_coded_enough(self, book: Codebook) -> None:
        triaged = coder(book).triage(["te weinig personeel", "mooi weer"])
        assert [one.automatic for one in triaged] == [False, False]
        assert all(0 < one.probability < 1 for one in triaged)

    def test_the_shipped_codebooks_find_most_of_their_own_examples(self) -> None:
        for book in Study.open(ROOT).codebooks.values():
            pairs = [(code.id, text) for code in book.active for text in code.examples]
            given = AutoCoder(book, pipeline="opentekst_nl").predict([text for _, text in pairs])
            right = sum(code in codes for (code, _), codes in zip(pairs, given, strict=True))
            assert right >= 0.9 * len(pairs), book.id


class TestLearning:
    def test_it_learns_what_people_mean_beyond_the_keywords(self, taught: AutoCoder) -> None:
        fresh = ["onze ploeg is te klein", "zaterdag is het markt", "wie wil er bij ons helpen"]
        assert taught.predict(fresh) == [{"middelen.personeel"}, set(), {"vrijwilligers"}]

    def test_it_learns_without_a_codebook(
        self, lessons: tuple[list[str], list[tuple[str, ...]]]
    ) -> None:
        free = AutoCoder(pipeline="blank_nl").fit(*lessons)
        assert free.codes_ == ["middelen.personeel", "vrijwilligers"]
        assert free.predict(["de ploeg is te klein hier"]) == [{"middelen.personeel"}]

    def test_probabilities_have_a_row_a_text_and_a_column_a_code(self, taught: AutoCoder) -> None:
        found = taught.predict_proba(["de ploeg is te klein", "mooi weer"])
        assert found.shape == (2, 3)
        assert ((found >= 0) & (found <= 1)).all()

    def test_the_same_input_gives_the_same_output(
        self, book: Codebook, lessons: tuple[list[str], list[tuple[str, ...]]], taught: AutoCoder
    ) -> None:
        again = coder(book).fit(*lessons)
        texts = ["we zoeken helpers", "de ploeg is moe"]
        assert np.array_equal(again.predict_proba(texts), taught.predict_proba(texts))

    def test_an_answer_gets_the_same_codes_whoever_stands_beside_it(
        self, taught: AutoCoder, lessons: tuple[list[str], list[tuple[str, ...]]]
    ) -> None:
        texts = [f"{text} hoor" for text in lessons[0][:30]]
        forth = taught.predict_proba(texts)
        back = taught.predict_proba(texts[::-1])[::-1]
        alone = np.vstack([taught.predict_proba([text]) for text in texts[:3]])
        assert np.allclose(forth, back, atol=1e-6)
        assert np.allclose(forth[:3], alone, atol=1e-6)

    def test_identical_texts_are_coded_alike_and_as_people_did(
        self, book: Codebook, lessons: tuple[list[str], list[tuple[str, ...]]]
    ) -> None:
        odd = "De kat zit op het dak"
        texts, codes = [*lessons[0], odd], [*lessons[1], ("vrijwilligers",)]
        once = coder(book).fit(texts, codes)
        assert once.predict([odd, "de kat zit op het dak!!"]) == [{"vrijwilligers"}] * 2
        asked = ["a"] * len(texts)
        under = coder(book).fit(texts, codes, questions=asked)
        assert under.predict([odd], questions=["a"]) == [{"vrijwilligers"}]
        twice = coder(book).fit([*texts, odd], [*codes, ()])
        assert twice.predict([odd]) == coder(book).fit(*lessons).predict([odd])

    def test_a_coder_comes_back_from_disk_as_it_was(
        self, taught: AutoCoder, tmp_path: Path
    ) -> None:
        path = tmp_path / "coder.skops"
        taught.save(path)
        back = AutoCoder.load(path)
        texts = ["de ploeg is te klein", "helpers gezocht", "mooi weer"]
        assert np.array_equal(back.predict_proba(texts), taught.predict_proba(texts))
        assert back.triage(texts) == taught.triage(texts)
        assert back.explain(texts[0]) == taught.explain(texts[0])
        assert [p.name for p in tmp_path.iterdir()] == ["coder.skops"]

    def test_what_is_no_coder_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "iets.skops"
        path.write_bytes(b"dit is geen codeur")
        with pytest.raises(PipelineError, match="geen codeur"):
            AutoCoder.load(path)


class TestRefusals:
    def test_a_code_that_the_codebook_lacks(self, book: Codebook) -> None:
        with pytest.raises(CodebookError, match="gevonden: vrijwiligers"):
            coder(book).fit(["a", "b"], [["vrijwiligers"], []])

    def test_texts_and_codes_of_different_length(self, book: Codebook) -> None:
        with pytest.raises(CodebookError, match="2 teksten en 1 reeksen codes"):
            coder(book).fit(["a", "b"], [[]])

    def test_what_is_no_text_is_named_by_its_row(self, book: Codebook) -> None:
        with pytest.raises(CodebookError, match="rij 2"):
            coder(book).predict(["goed", float("nan")])  # type: ignore[arg-type]

    def test_one_text_where_a_list_belongs(self, book: Codebook) -> None:
        with pytest.raises(CodebookError, match="lijst"):
            coder(book).predict("te weinig personeel")

    def test_nothing_to_learn_from(self) -> None:
        with pytest.raises(CodebookError, match="niets om van te leren"):
            AutoCoder().fit(["a", "b"], [[], []])
        with pytest.raises(CodebookError, match="nog niets geleerd"):
            AutoCoder().predict(["a"])


class TestExplaining:
    def test_evidence_stands_in_the_text_and_neighbours_are_coded_answers(
        self, taught: AutoCoder, lessons: tuple[list[str], list[tuple[str, ...]]]
    ) -> None:
        text = "  Te&nbsp;weinig personeel, en de ploeg is te klein"
        found = taught.explain(text)
        assert found.codes == {"middelen.personeel"}
        shown = {text[s.start : s.end] for s in found.evidence}
        assert "Te&nbsp;weinig personeel" in shown
        assert found.neighbours[0].text in lessons[0]
        assert found.neighbours[0].codes == {"middelen.personeel"}

    def test_words_that_were_learned_are_shown_where_no_keyword_stands(
        self, taught: AutoCoder
    ) -> None:
        text = "volgens mij is de ploeg te klein"
        shown = {text[s.start : s.end] for s in taught.explain(text).evidence}
        assert any("ploeg" in part or "klein" in part for part in shown)

    def test_every_code_of_every_coding_has_a_score_and_evidence(self, book: Codebook) -> None:
        found = items("  Te&nbsp;weinig personeel  ", "niet genoeg collega's")
        for coding in code_answers(found, ["q", "q"], {}, coder(book)).codings:
            assert len(coding.score) == len(coding.codes)
            assert all(0 <= score <= 1 for score in coding.score)
            assert {span.code for span in coding.evidence} == set(coding.codes)


class TestRulesAndPeople:
    FORBID = Rule("vrijwilligers", "vrijwilligers genoeg", "forbid", "dat is geen tekort")
    FORCE = Rule("middelen.personeel", "kat", "force", "de kat telt mee")

    @pytest.mark.parametrize("learned", [False, True])
    def test_a_rule_forces_or_forbids_whatever_the_model_says(
        self,
        book: Codebook,
        lessons: tuple[list[str], list[tuple[str, ...]]],
        learned: bool,
    ) -> None:
        ruled = coder(book, rules=[self.FORBID, self.FORCE])
        if learned:
            ruled.fit(*lessons)
        text = "Wij hebben vrijwilligers genoeg, zei de kat"
        assert ruled.predict([text]) == [{"middelen.personeel"}]
        assert ruled.predict_proba([text]).tolist()[0][1:] == [1.0, 0.0]
        reasons = " ".join(ruled.explain(text).reasons)
        assert "dat is geen tekort" in reasons
        assert "de kat telt mee" in reasons

    def test_a_rule_on_an_unknown_code_is_refused(self, book: Codebook) -> None:
        with pytest.raises(CodebookError, match="gevonden: weg"):
            coder(book, rules=[Rule("weg", "kat", "force", "")]).predict(["kat"])

    def test_the_machine_is_judged_on_answers_that_it_had_not_seen(
        self, book: Codebook, lessons: tuple[list[str], list[tuple[str, ...]]]
    ) -> None:
        odd = "De kat zit op het dak"
        found = items(*lessons[0], odd)
        people = {f"r{i}:q": frozenset(codes) for i, codes in enumerate(lessons[1])}
        people[found[-1].answer] = frozenset({"vrijwilligers"})
        coded = code_answers(found, ["q"] * len(found), people, coder(book))
        assert coded.learned_from == len(found)
        assert by(COMBINED, coded.codings)[found[-1].answer] == ()
        verdict = coded.verdicts[-1]
        assert (verdict.automatic, verdict.right) == (False, False)

    def test_keywords_alone_are_an_opinion_of_their_own(self, book: Codebook) -> None:
        coded = code_answers(items("te weinig personeel", "collega's"), ["q"] * 2, {}, coder(book))
        assert by(RULES, coded.codings) == {"r0:q": ("middelen.personeel",), "r1:q": ()}


class TestTriage:
    def test_what_is_left_to_the_machine_is_as_right_as_asked(
        self, book: Codebook, lessons: tuple[list[str], list[tuple[str, ...]]]
    ) -> None:
        order = random.Random(1).sample(range(90), 90)
        texts, codes = [lessons[0][i] for i in order], [lessons[1][i] for i in order]
        fitted = coder(book).fit(texts, codes)
        fresh = [f"{text} hoor" for text in (*STAFF, *HELPERS, *OTHER)]
        triaged = fitted.triage(fresh, target=0.8)
        assert sum(one.automatic for one in triaged) >= 6
        truth = [{"middelen.personeel"}] * 3 + [{"vrijwilligers"}] * 3 + [set()] * 3
        assert all(
            one.codes == own for one, own in zip(triaged, truth, strict=True) if one.automatic
        )

    def test_an_answer_with_a_part_that_nothing_explains_is_for_people(
        self, taught: AutoCoder
    ) -> None:
        whole, more = taught.triage(
            ["de ploeg is veel te klein", "de ploeg is veel te klein. Xylofonen bij nacht in Peru."]
        )
        assert whole.automatic
        assert not more.automatic
        assert "niet verklaard" in " ".join(
            taught.explain("de ploeg is veel te klein. Xylofonen bij nacht in Peru.").reasons
        )

    @given(
        st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=80)
    )
    def test_the_curve_counts_the_surest_first_and_never_more_than_there_are(
        self, rows: list[tuple[float, bool, bool]]
    ) -> None:
        sure, right, eligible = (np.array(column) for column in zip(*rows, strict=True))
        points = curve(sure, right, eligible)
        counts = [point.automatic for point in points]
        assert counts == sorted(set(counts))
        assert sum(eligible) == (counts[-1] if counts else 0)
        for point in points:
            assert 0 <= point.lower <= 1
            assert point.lower <= point.accuracy + 1e-9 or point.accuracy == 0
            assert point.share == pytest.approx(point.automatic / len(rows))
            taken = (sure >= np.sort(sure[eligible])[::-1][point.automatic - 1]) & eligible
            assert taken.sum() == point.automatic
            assert point.accuracy == pytest.approx(right[taken].mean())

    def test_the_threshold_keeps_the_lower_bound_at_the_target(self) -> None:
        sure = np.linspace(1, 0, 200, dtype=np.float64)
        right = np.arange(200) < 120
        everywhere = np.ones(200, dtype=bool)
        limit = threshold(sure, right, everywhere, 0.8)
        taken = sure >= limit
        assert 120 < taken.sum() < 150
        assert right[taken].mean() > 0.8
        assert threshold(sure, right & False, everywhere, 0.8) == float("inf")
        assert threshold(sure[:39], right[:39], everywhere[:39], 0.8) == float("inf")

    def test_a_question_that_falls_short_by_itself_is_left_to_people(self) -> None:
        questions = ["a"] * 10 + ["b"] * 4 + ["c"]
        right = np.array([True] * 10 + [True, False, False, False] + [False])
        taken = np.array([True] * 14 + [False])
        assert below(questions, taken, right, 0.8) == {"b"}


class TestConsistency:
    def test_texts_that_are_alike_and_coded_differently_are_listed(self) -> None:
        found = items(
            "te weinig geld voor onze werking",
            "Te weinig geld voor onze werking!",
            "te weinig gelt voor onze werking",
            "iets heel anders",
        )
        people = {
            "r0:q": frozenset({"a"}),
            "r1:q": frozenset({"b"}),
            "r2:q": frozenset({"b"}),
            "r3:q": frozenset[str](),
        }
        pairs = [(t.first, t.second) for t in coded_differently(found, ["q"] * 4, people)]
        assert pairs == [("r0:q", "r1:q"), ("r0:q", "r2:q")]
        assert coded_differently(found, ["q", "p", "o", "n"], people) == []
        del people["r1:q"], people["r2:q"]
        assert coded_differently(found, ["q"] * 4, people) == []


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_the_tree_drops_what_a_child_implies_and_counts_nets(row: list[bool]) -> None:
    codes = ["a", "a.b", "a.b.c", "d"]
    above = {"a": (), "a.b": ("a",), "a.b.c": ("a.b", "a"), "d": ()}
    tree = Tree.of(codes, lambda code: above[code])
    truth = np.array([row])
    kept = tree.leaves(truth)[0]
    assert not (kept[0] and (kept[1] or kept[2])) or not row[0]
    assert kept.any() == truth.any()
    assert tree.with_nets(truth)[0, 4:].tolist() == [any(row[:3]), any(row[1:3])]
    assert tree.parent.tolist() == [0, 4, 5, 3]
