"""The pipeline that comes inside the package: whole, quick to load, and as good as was measured."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from opentekst.language.shipped import directory_hash, load_shipped, shipped_path

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Token

ROOT = Path(__file__).parents[1]
TREEBANKS = ROOT.parent / "shared" / "data" / "ud_nl"
REPORT = ROOT.parent / "shared" / "seed" / "rapport_eenzaamheid_2021.txt"

# What the kept-aside sentences must reach. Alpino's floors are the aims. LassySmall's aims (UPOS
# .96, lemma .96, LAS .78, sentence F .92) are not reached; its floors keep what is, a point or
# so below training/scores.md.
FLOORS = {
    "lassy-test": {"upos": 0.94, "lemma": 0.95, "las": 0.72, "sents_f": 0.75},
    "alpino-test": {"upos": 0.94, "lemma": 0.94, "las": 0.73, "sents_f": 0.90},
}


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_shipped()


def token(nlp: Language, text: str, form: str) -> Token:
    return next(t for t in nlp(text) if t.text == form)


def test_it_is_as_it_was_trained() -> None:
    recorded = shipped_path().with_suffix(".sha256").read_text(encoding="utf-8").strip()
    assert directory_hash(shipped_path()) == recorded


def test_a_changed_byte_changes_the_hash(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    before = directory_hash(tmp_path)
    (tmp_path / "a").write_bytes(b"y")
    changed = directory_hash(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({before, changed, directory_hash(tmp_path)}) == 3


def test_it_is_small_and_holds_no_code() -> None:
    files = [p for p in shipped_path().rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 15_000_000
    assert not [p for p in files if p.suffix in (".py", ".pyc")]


def test_it_says_whose_work_it_rests_on_and_no_machine(nlp: Language) -> None:
    assert (nlp.meta["license"], nlp.meta["version"]) == ("CC BY-SA 4.0", "1.0.0")
    thanks = json.dumps(nlp.meta["sources"])
    assert "Gosse Bouma and Gertjan van Noord" in thanks and "MIT" in thanks
    assert nlp.config["paths"]["treebanks"] is None


def test_it_has_the_components_and_labels_of_spacys_own(nlp: Language) -> None:
    expected = [
        *("tok2vec", "tagger", "morphologizer", "parser"),
        *("opentekst_lemmatizer", "opentekst_persons"),
    ]
    assert nlp.pipe_names == expected
    labels = nlp.pipe_labels
    assert {"LET", "BW", "VG|neven", "N|soort|mv|basis", "_SP"} <= set(labels["tagger"])
    assert {"ROOT", "nsubj", "obj", "compound:prt", "nmod:poss"} <= set(labels["parser"])
    assert "POS=ADV" in labels["morphologizer"]


@pytest.mark.parametrize(
    ("text", "form", "lemma", "upos"),
    [
        ("Er is een vrijwilligerstekort.", "vrijwilligerstekort", "vrijwilligerstekort", "NOUN"),
        ("Veel mensen voelen zich eenzaam.", "mensen", "mens", "NOUN"),
        ("We bezoeken kwetsbare gezinnen thuis.", "gezinnen", "gezin", "NOUN"),
        ("De werkgroep werd in 2019 opgericht.", "opgericht", "oprichten", "VERB"),
        ("Iedereen kreeg een boekje mee.", "boekje", "boek", "NOUN"),
        ("De gemeente zet vrijwilligers in.", "zet", "inzetten", "VERB"),
        ("Wij werken nauw samen met het OCMW.", "werken", "samenwerken", "VERB"),
        ("Oudere inwoners krijgen te weinig bezoek.", "Oudere", "oud", "ADJ"),
        ("De dienstencentra organiseren activiteiten.", "activiteiten", "activiteit", "NOUN"),
        ("Zij zijn vaak alleen.", "zijn", "zijn", "AUX"),
        ("Het gaat om buurtwerkers en zorgverleners.", "zorgverleners", "zorgverlener", "NOUN"),
        ("te weinig personeel en middelen", "middelen", "middel", "NOUN"),
    ],
)  # fmt: skip
def test_words_of_the_survey_have_their_dictionary_form(
    nlp: Language, text: str, form: str, lemma: str, upos: str
) -> None:
    found = token(nlp, text, form)
    assert (found.lemma_, found.pos_) == (lemma, upos)


def test_tags_tell_what_a_word_is_in_its_place(nlp: Language) -> None:
    plural = token(nlp, "De gezinnen wonen hier.", "gezinnen")
    assert plural.tag_ == "N|soort|mv|basis"
    assert plural.morph.to_dict()["Number"] == "Plur"
    assert token(nlp, "Er zijn veel vragen.", "vragen").pos_ == "NOUN"
    assert token(nlp, "Wij vragen meer tijd.", "vragen").pos_ == "VERB"
    assert token(nlp, "De bezoeken duren een uur.", "bezoeken").lemma_ == "bezoek"
    assert token(nlp, "Zij bezoeken hun buren.", "bezoeken").lemma_ == "bezoeken"


@pytest.mark.xfail(strict=True, reason="a known fault: the noun is the commoner in the treebanks")
@pytest.mark.parametrize(
    ("text", "verb"), [("Een bezoek kan geld kosten.", "kosten"), ("Zij werken hard.", "werken")]
)
def test_a_verb_that_looks_like_a_commoner_noun_is_a_verb(
    nlp: Language, text: str, verb: str
) -> None:
    assert token(nlp, text, verb).pos_ == "VERB"


def test_a_line_end_is_white_space_and_cuts_nothing_to_pieces(nlp: Language) -> None:
    doc = nlp("- meer personeel\n- meer tijd voor huisbezoeken\n")
    assert [t.pos_ for t in doc if t.text.isspace()] == ["SPACE", "SPACE"]
    assert token(nlp, doc.text, "huisbezoeken").lemma_ == "huisbezoek"
    assert "".join(t.text_with_ws for t in doc) == doc.text


def test_sentences_end_where_they_end(nlp: Language) -> None:
    doc = nlp("Wij bellen elke week. Er is te weinig geld, zegt mevr. Peeters. Helpt dat?")
    assert [s.text.split()[0] for s in doc.sents] == ["Wij", "Er", "Helpt"]


def test_the_same_text_gives_the_same_result_alone_in_a_stream_and_from_bytes(
    nlp: Language,
) -> None:
    texts = ["Wij zetten vrijwilligers in.", "", "\n", "geen tijd", "Er werd een loket opgericht."]

    def told(pipeline: Language, alone: bool) -> list[list[tuple[Any, ...]]]:
        docs = map(pipeline, texts) if alone else pipeline.pipe(texts, n_process=1)
        return [[(t.tag_, t.lemma_, t.dep_, t.head.i, t.is_sent_start) for t in d] for d in docs]

    again = load_shipped().from_bytes(nlp.to_bytes())
    assert told(nlp, True) == told(nlp, False) == told(again, False)


@pytest.mark.skipif(not REPORT.exists(), reason="the report is not beside the project")
def test_no_lemma_of_a_whole_report_is_a_broken_word(nlp: Language) -> None:
    doc = nlp(REPORT.read_text(encoding="utf-8"))
    words = [t for t in doc if not t.is_space]
    assert len({t.lemma_ for t in words}) > 1000
    assert not [
        t.lemma_ for t in words if not t.lemma_ or set("_ ") & (set(t.lemma_) - set(t.text))
    ]
    assert not [t.lemma_ for t in words if t.text[-1].isalnum() and not t.lemma_[-1].isalnum()]


@pytest.mark.skipif(not TREEBANKS.exists(), reason="the treebanks are not beside the project")
@pytest.mark.parametrize("treebank", sorted(FLOORS))
def test_it_scores_on_sentences_it_never_saw(
    nlp: Language, treebank: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "training"))
    evaluate = importlib.import_module("evaluate")
    found = evaluate.scores(nlp, TREEBANKS / f"{treebank}.conllu", evaluate.heldout_ids())
    assert found["sentences"] >= 350
    missed = {key: found[key] for key, floor in FLOORS[treebank].items() if found[key] < floor}
    assert not missed


def test_it_marks_persons_as_spacys_own_does(nlp: Language) -> None:
    doc = nlp("Burgemeester Jan Peeters van Aalst sprak met Fatima El Amrani van het CAW.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Jan Peeters", "PERSON"),
        ("Fatima El Amrani", "PERSON"),
    ]
