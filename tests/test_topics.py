"""Topics show what the codebook misses, whatever the order of the rows, and people decide."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from opentekst import store
from opentekst.cli import app
from opentekst.codebook import Code, Codebook
from opentekst.coding.topic_names import topic_name
from opentekst.coding.topics import Topics, find_topics
from opentekst.language import embedder, normalise_answers, resolve
from opentekst.model import Answer, Normalised, Proposal
from opentekst.pipeline import topic_review
from opentekst.pipeline.deciding import decide
from opentekst.study import Study

pytest.importorskip("bertopic")

PLANTED = {
    "vervoer": r"vervoer|\bbus\b|dorpsbus|belbus|mobilit|rolstoel|rollator|rijdt|rijden|taxi",
    "privacy": r"privacy|gdpr|dpo\b|toestemming|beroepsgeheim|\bavg\b|gegevens|adreslijst"
    r"|mogen wij",
    "ontmoetingsruimte": r"ontmoetingsruimte|lokaal[.,]|\bzaal|buurthuis|\bplek|plaats|caf[eé]",
}
WORK = Path("data") / "work"


def answers_of(texts: Sequence[str]) -> dict[str, Answer]:
    return {f"a{i}": Answer(f"a{i}", f"r{i}", f"u{i}", "q", text) for i, text in enumerate(texts)}


def normalised(answers: Mapping[str, Answer]) -> list[Normalised]:
    return normalise_answers([*answers.values()], {"q": "open"}, resolve("opentekst_nl"))


def themes_of(example: Path, items: Sequence[Normalised] | None = None) -> Topics:
    study = Study.open(example)
    answers = {a.id: a for a in store.read_answers(example / WORK / "answers.jsonl")}
    codes = {d.answer: d.codes for d in decide(study, [*answers.values()], provisional=True)}
    book = study.codebooks["themas"]
    mine = theme_items(example) if items is None else items
    return find_topics(mine, answers, codes, book, embedder("use"), group="themas", seed=1)


def theme_items(example: Path) -> list[Normalised]:
    items = store.read_normalised(example / WORK / "normalised.jsonl")
    return [item for item in items if item.answer.endswith(":themas")]


def test_the_themes_without_a_code_are_the_first_proposals(example: Path) -> None:
    answers = {a.id: a.text for a in store.read_answers(example / WORK / "answers.jsonl")}
    proposals = store.read_proposals(example / WORK / "proposals.jsonl")
    for words in PLANTED.values():
        shares = [
            sum(bool(re.search(words, answers[a], re.I)) for a in p.answers) / len(p.answers)
            for p in proposals[:5]
        ]
        assert max(shares) >= 0.6
    assert all(p.kind == "new" for p in proposals[:5])
    assert all(p.units and p.label and p.keywords and p.quotes for p in proposals)
    assert all(set(p.quotes) <= set(p.answers) and len(p.quotes) <= 10 for p in proposals)


def test_no_new_code_is_proposed_for_a_topic_that_has_one(example: Path) -> None:
    topics = store.read_topics(example / WORK / "topics.jsonl")
    known = {(t.group, t.number) for t in topics if t.matched}
    assert known
    new = [p for p in store.read_proposals(example / WORK / "proposals.jsonl") if p.kind == "new"]
    assert not known & {(p.group, p.topic) for p in new}
    assert all(0 <= t.stability <= 1 for t in topics)


@pytest.mark.parametrize("order", ["shuffled", "first and last swapped"])
def test_the_order_of_the_rows_changes_nothing(example: Path, order: str) -> None:
    items = theme_items(example)
    other = random.Random(0).sample(items, len(items))
    if order != "shuffled":
        other = [items[-1], *items[1:-1], items[0]]
    assert other != items
    found = themes_of(example)
    assert found.topics
    assert themes_of(example, other) == found


def test_with_few_texts_topics_are_sought_otherwise_and_with_very_few_not(example: Path) -> None:
    items = theme_items(example)
    few = themes_of(example, items[:45])
    assert "hiërarchisch" in few.how.said
    assert "UMAP" in themes_of(example).how.said
    none = themes_of(example, items[:8])
    assert not none.topics and not none.proposals


def test_identical_texts_are_one_text_with_all_their_answers(example: Path) -> None:
    items = theme_items(example)
    once = themes_of(example)
    again = themes_of(example, [*items, *items])
    assert again.how.texts == once.how.texts


def test_a_new_theme_a_theme_within_a_code_and_one_across_two_codes() -> None:
    """Themes that lie far apart are made by hand; what is done with them is not."""
    said = {
        "bus": "de bus rijdt hier niet meer na {} uur",
        "fiets": "een veilig fietspad naar school nummer {}",
        "buren": "buren kennen elkaar amper in straat {}",
        "zaal": "geen zaal voor de vereniging met {} leden",
    }
    texts = [text.format(i) for text in said.values() for i in range(25)]
    answers = answers_of(texts)
    of = {f"a{i}": list(said)[i // 25] for i in range(100)}
    codes = {
        answer: frozenset(
            {"mobiliteit"} if theme in ("bus", "fiets")
            else {"contact" if int(answer[1:]) % 2 else "wijk"} if theme == "buren"
            else set()
        )
        for answer, theme in of.items()
    }  # fmt: skip
    labels = {"mobiliteit": "Mobiliteit", "contact": "Contact", "wijk": "Wijkwerking"}
    book = Codebook(
        "proef", 1, "Proef", tuple(Code(id=i, label=label) for i, label in labels.items())
    )

    def embed(wanted: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([near_its_theme(text) for text in wanted])

    found = find_topics(normalised(answers), answers, codes, book, embed, seed=3)
    kinds = {(p.kind, of[p.answers[0]]): p for p in found.proposals}
    assert set(kinds) == {
        ("new", "zaal"), ("split", "bus"), ("split", "fiets"), ("boundary", "buren"),
    }  # fmt: skip
    assert kinds["new", "zaal"].units == 25
    assert kinds["split", "bus"].nearest == "mobiliteit"
    across = kinds["boundary", "buren"]
    assert {across.nearest, across.other} == {"contact", "wijk"}
    assert all(p.stability > 0.9 for p in found.proposals)


def near_its_theme(text: str) -> NDArray[np.float32]:
    words = ("bus", "fietspad", "buren", "zaal")
    lot = np.random.default_rng(sum(map(ord, text)))
    vector = lot.normal(scale=0.1, size=64)
    for place, word in enumerate(words):
        vector[place] += 3 * (word in text)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def test_a_topic_is_named_as_a_person_would_name_it() -> None:
    texts = (
        "Er is te weinig vervoer naar activiteiten.",
        "Vervoer naar activiteiten is duur voor Rita Goossens",
        "het vervoer in het weekend",
    )
    items = normalised(answers_of(texts))
    assert topic_name(items, {"vervoer": 0.5, "activiteit": 0.4}) == "vervoer naar activiteiten"
    assert "Goossens" not in topic_name(items, {"goossens": 1.0, "rita": 1.0, "vervoer": 0.1})
    assert topic_name([], {"bus": 0.2, "auto": 0.4}) == "auto, bus"


def opentekst(root: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--study", str(root)])
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(root: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--study", str(root)])
    assert result.exit_code in (1, 2)
    return result.output


def test_an_accepted_theme_is_a_code_with_its_quotes_as_examples(study: Path) -> None:
    shown = opentekst(study, "topics")
    assert "1. " in shown and "stabiliteit" in shown and "topics accept" in shown
    book = study / "codebooks" / "noden.yaml"
    before = book.read_bytes()
    found = topic_review.waiting(Study.open(study))
    wanted = found.numbered[0][1]
    options = ("accept", "1", "--as", "mobiliteit", "--under", "middelen", "--label", "Vervoer")
    opentekst(study, "topics", *options, "--dry-run")
    assert book.read_bytes() == before
    said = opentekst(study, "topics", *options)
    assert "versie 1 → 2" in said and "codebook undo noden" in said
    assert "al door mensen gecodeerd" in said
    code = Study.open(study).codebooks["noden"].by_id["middelen.mobiliteit"]
    assert (code.label, code.parent) == ("Vervoer", "middelen")
    texts = [" ".join(found.texts[quote].split()) for quote in wanted.quotes]
    assert code.examples and set(code.examples) <= set(texts)
    assert wanted not in [p for _, p in topic_review.waiting(Study.open(study)).numbered]
    assert "geen voorstel" in refused(study, "topics", "accept", "1", "--as", "nog_eens")

    opentekst(study, "codebook", "undo", "noden")
    assert book.read_bytes() != before  # a step of its own
    assert wanted in [p for _, p in topic_review.waiting(Study.open(study)).numbered]


def test_a_rejected_theme_does_not_come_back_unless_taken_back(study: Path) -> None:
    label = topic_review.waiting(Study.open(study)).numbered[1][1].label
    assert label in opentekst(study, "topics", "reject", "2", "--reason", "hoort bij themas")
    ledger = study / "annotations" / "voorstellen.jsonl"
    assert json.loads(ledger.read_text("utf-8"))["reason"] == "hoort bij themas"
    listed = json.loads(opentekst(study, "topics", "--json"))
    assert 2 not in [p["number"] for p in listed["proposals"]]
    assert listed["decided"] == 1
    # Next time: fewer answers, another seed, the same theme.
    shutil.rmtree(study / "data" / "work")
    settings = study / "study.yaml"
    settings.write_text(settings.read_text("utf-8").replace("seed: 2021", "seed: 7"), "utf-8")
    listed = json.loads(opentekst(study, "topics", "--json"))
    assert label not in [p["label"] for p in listed["proposals"]]
    assert listed["decided"] >= 1
    assert label in opentekst(study, "topics", "undo")
    assert "geen afgewezen voorstel" in refused(study, "topics", "undo")
    assert len(ledger.read_text("utf-8").splitlines()) == 2


def test_a_split_and_a_boundary_become_a_subcode_and_a_merge(study: Path) -> None:
    ids = [a.id for a in store.read_answers(study / WORK / "answers.jsonl") if ":noden" in a.id][:3]
    common = dict(group="noden", topic=1, keywords=("x",), quotes=tuple(ids), answers=tuple(ids))
    made = [
        Proposal("split", label="jonge vrijwilligers", units=3, nearest="vrijwilligers",
                 other="", stability=0.8, **common),  # type: ignore[arg-type]
        Proposal("boundary", label="afspraken", units=3, nearest="samenwerking.intern",
                 other="samenwerking.extern", stability=0.8, **common),  # type: ignore[arg-type]
    ]  # fmt: skip
    store.write_all({study / WORK / "proposals.jsonl": store.jsonl(made)})
    topic_review.accept(Study.open(study), 1, "jong")
    assert Study.open(study).codebooks["noden"].by_id["vrijwilligers.jong"].label == (
        "Jonge vrijwilligers"
    )
    topic_review.accept(Study.open(study), 2, "samenwerking.extern")
    book = Study.open(study).codebooks["noden"]
    assert book.by_id["samenwerking.intern"].status == "retired"
    assert [p for _, p in topic_review.waiting(Study.open(study)).numbered] == []
