"""Names and contacts leave as placeholders; places and organisations stay; the way back holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opentekst.errors import StudyError
from opentekst.language.contacts import find_contacts, has_checksum
from opentekst.language.person_component import NAME, register_persons
from opentekst.language.persons import find_persons
from opentekst.language.pseudonyms import LABELS, Hit, Pseudonyms, find, find_all, mask

ROOT = Path(__file__).parents[1]
GEMEENTEN = ROOT / "src" / "opentekst" / "survey" / "statbel" / "gemeenten.csv"
HAND = [
    (row["text"], [Hit(s["start"], s["end"], s["kind"]) for s in row["spans"]])
    for row in map(
        json.loads,
        (ROOT / "benchmarks/data/names_200.jsonl").read_text(encoding="utf-8").splitlines(),
    )
]
CLEAN = [text for text, gold in HAND if not gold]
PIECES = ["Jan Peeters", "mevr. de vos", "[naam 1]", "0478 12 34 56", "a@b.be", "Kerkstraat 4"]
BETWEEN = [" ", ", ", "\n", "Aalst", "\ue000"]
# Any Unicode, and texts in which names meet odd neighbours.
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([text for text, _ in HAND]), max_size=4).map(" ".join),
    st.lists(
        st.one_of(st.sampled_from(PIECES + BETWEEN), st.text(max_size=8)),
        max_size=8,
    ).map("".join),
)


def masked(text: str, key: Pseudonyms | None = None) -> str:
    return mask(text, find(text), Pseudonyms() if key is None else key).text


def names(text: str) -> list[str]:
    return [text[start:end] for start, end in find_persons(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("burgemeester Jan Peeters steunt het", "burgemeester [naam 1] steunt het"),
        ("Mevr. Van den Broeck uit Aalst", "Mevr. [naam 1] uit Aalst"),
        ("onze medewerkster Els", "onze medewerkster [naam 1]"),
        ("vraag het aan jan peeters", "vraag het aan [naam 1]"),
        ("contact: Sofie De Smet (0478 12 34 56)", "contact: [naam 1] ([telefoon 1])"),
        ("mail s.desmet@aalst.be", "mail [e-mail 1]"),
        ("Zij woont Kerkstraat 45 bus 2, 9300 Aalst", "Zij woont [adres 1], 9300 Aalst"),
        ("RRN 85.07.30-033.28", "RRN [rijksregisternummer 1]"),
    ],
)
def test_what_points_at_a_person_becomes_a_placeholder(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "De schepen en de burgemeester van Aalst en Ninove",
        "Koning Boudewijnstichting, Kind en Gezin, Samana, Ferm en Okra",
        "de Julie Renson stichting en de wijk Sint-Anna",
        "Jan met de pet komt niet naar het Huis van het Kind",
        "In de Kerkstraat, in mei, bij de bakker",
        "Budget van 12.500 euro van 01/01/2021 tot 31/12/2026",
        "",
    ],
)
def test_organisations_places_functions_months_and_sums_stay(text: str) -> None:
    assert masked(text) == text


def test_every_flemish_municipality_stays_also_alone() -> None:
    rows = GEMEENTEN.read_text(encoding="utf-8").splitlines()[1:]
    towns = sorted({row.split(",")[1] for row in rows})
    assert len(towns) > 280
    for town in towns:
        for text in (town, f"In {town} werkt dat goed.", f"{town} en Aalst doen dit samen"):
            assert masked(text) == text, town


def test_a_name_that_the_study_knows_as_a_place_stays() -> None:
    assert find("Verhaegen doet dat goed, zegt mevrouw Verhaegen", places=["Verhaegen"]) == [
        Hit(38, 47, "name")
    ]


def test_the_hand_made_answers_reach_the_floors() -> None:
    for kind, floor in (("name", 0.95), ("phone", 1), ("email", 1), ("address", 0.95)):
        gold = [(text, hit) for text, hits in HAND for hit in hits if hit.kind == kind]
        covered = sum(_covered(text, hit) for text, hit in gold)
        assert covered >= floor * len(gold), kind
    assert sum(bool(find(text)) for text in CLEAN) <= 3


def _covered(text: str, gold: Hit) -> bool:
    """Whether what was found hides every character of a gold stretch."""
    hidden = {at for hit in find(text) for at in range(hit.start, hit.end)}
    return all(at in hidden or text[at].isspace() for at in range(gold.start, gold.end))


def test_a_masked_answer_holds_no_name_that_was_found() -> None:
    for text, gold in HAND:
        hidden = masked(text)
        for hit in gold:
            if _covered(text, hit):
                name = re.escape(text[hit.start : hit.end])
                assert not re.search(rf"(?<!\w){name}(?!\w)", hidden)


@given(TEXTS)
@example("[naam 1] Jan Peeters [naam 3]")
@example("JAN PEETERS BELT MIJ\nJan")
@example("\ud800 Jan Peeters \x00 İ")
def test_offsets_lead_both_ways_and_masking_twice_changes_nothing(text: str) -> None:
    hits = find(text)
    once = mask(text, hits, Pseudonyms())
    assert find(once.text) == []
    assert [once.to_masked(hit.start, hit.end) for hit in hits] == [a[:2] for a in once.anchors]
    assert [once.to_original(a.start, a.end) for a in once.anchors] == [h[:2] for h in hits]
    inside = {at for hit in hits for at in range(hit.start, hit.end)}
    for at in range(len(text)):
        start, end = once.to_masked(at, at + 1)
        if at in inside:
            assert once.text[start:end].startswith("[") and once.text[start:end].endswith("]")
        else:
            assert once.text[start:end] == text[at]
            assert once.to_original(start, end) == (at, at + 1)
    assert once.to_masked(0, len(text)) == (0, len(once.text))
    assert once.to_original(0, len(once.text)) == (0, len(text))


@pytest.mark.parametrize("piece", ["Jan Peeters belt ", "Xab ", "A", "a@b.", "0478 12 34 56 "])
def test_a_text_of_a_hundred_thousand_characters_is_no_trouble(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert find(mask(text, find(text), Pseudonyms()).text) == []


def test_a_span_that_cuts_through_a_name_gets_the_whole_of_it() -> None:
    text = "Vraag Jan Peeters eens"
    result = mask(text, find(text), Pseudonyms())
    assert result.text == "Vraag [naam 1] eens"
    assert result.to_masked(0, 9) == (0, 14)
    assert result.to_original(8, 19) == (6, len(text))


def test_the_same_name_keeps_its_number_over_answers_and_runs() -> None:
    key = Pseudonyms()
    assert masked("Jan Peeters en Els Maes", key) == "[naam 1] en [naam 2]"
    again = Pseudonyms.from_json(json.loads(json.dumps(key.to_json())))
    assert masked("Fatima El Amrani en PEETERS  Jan", again) == "[naam 3] en [naam 1]"
    assert masked("collega Jan Peeters", again) == "collega [naam 1]"
    assert key.number("phone", "x") == 1


def test_part_of_a_name_means_the_one_full_name_of_that_answer() -> None:
    one = masked("Jan Peeters weet het. Vraag aan Jan.")
    assert one == "[naam 1] weet het. Vraag aan [naam 1]."
    two = masked("Jan Peeters en Jan Claes weten het. Vraag aan Jan.")
    assert two == "[naam 1] en [naam 2] weten het. Vraag aan [naam 3]."


def test_a_placeholder_that_a_respondent_typed_keeps_its_number_for_itself() -> None:
    key = Pseudonyms()
    key.reserve(["zoals [naam 1] al zei", "[telefoon 2]"])
    assert masked("Jan Peeters en [naam 1]", key) == "[naam 2] en [naam 1]"


def test_one_telephone_number_written_in_two_ways_is_one() -> None:
    assert masked("0478 12 34 56 of +32 478/12.34.56") == "[telefoon 1] of [telefoon 1]"


@pytest.mark.parametrize("digits", ["85073003328", "17073003384", "02031512304"])
def test_a_national_number_is_known_by_its_checksum(digits: str) -> None:
    assert has_checksum(digits)
    assert [c.kind for c in find_contacts(f"nummer {digits}.")] == ["national_number"]
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert not has_checksum(wrong)
    assert "national_number" not in [c.kind for c in find_contacts(f"nummer {wrong}.")]


def test_a_mistyped_national_number_counts_when_it_is_called_one() -> None:
    assert [c.kind for c in find_contacts("rijksregisternr: 85073003329")] == ["national_number"]


def test_many_texts_at_once_give_what_each_gives_alone() -> None:
    texts = [text for text, _ in HAND]
    assert find_all(texts) == [find(text) for text in texts]


def test_the_component_joins_its_persons_with_those_of_the_pipeline() -> None:
    import spacy

    register_persons()
    nlp = spacy.blank("nl")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "PERSON", "pattern": "Zork"}, {"label": "GPE", "pattern": "Aalst"}]
    )
    nlp.add_pipe(NAME)
    doc = nlp("Zork en mevr. Van den Broeck\nwonen in Aalst")
    found = [(ent.text, ent.label_) for ent in doc.ents]
    assert found == [("Zork", "PERSON"), ("Van den Broeck", "PERSON"), ("Aalst", "GPE")]
    assert Hit(0, 4, "name") in find(doc.text, doc)
    assert find("iets anders", doc) == []


def test_no_name_shows_in_a_repr_or_an_error() -> None:
    key = Pseudonyms()
    text = "Jan Peeters belt"
    result = mask(text, find(text), key)
    assert "eeters" not in f"{key!r} {result!r} {find(text)!r}"
    with pytest.raises(StudyError) as fault:
        Pseudonyms.from_json({"format": 1, "numbers": {"name": {"peeters": 1, "maes": 1}}})
    assert "eeters" not in str(fault.value)
    with pytest.raises(ValueError, match="overlap") as wrong:
        mask(text, [Hit(0, 5, "name"), Hit(2, 8, "name")], key)
    assert "eeters" not in str(wrong.value)


def test_every_kind_has_its_dutch_label() -> None:
    assert set(LABELS) == {hit.kind for _, gold in HAND for hit in gold}
    assert names("geen namen hier") == []
