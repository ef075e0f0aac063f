"""Normalising: what is flagged, cut and matched, and the way back to the verbatim text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opentekst import store
from opentekst.language import Lexicon, normalise_answers, resolve
from opentekst.language.cleaning import clean
from opentekst.language.non_answers import KINDS, kind_of
from opentekst.language.other_languages import is_not_dutch
from opentekst.language.pipelines import PipelineId
from opentekst.language.words import Words
from opentekst.model import Answer, Normalised, Token

ROOT = Path(__file__).parents[1]
BLANK = resolve("blank_nl")
SHIPPED = ROOT / "src" / "opentekst" / "language" / "opentekst_nl"
PARSED = PipelineId("opentekst_nl", "test")
needs_parse = pytest.mark.skipif(not SHIPPED.exists(), reason="the shipped pipeline is not here")
BETWEEN = re.compile(r"(?:[\W_]|\b(?:en|of|maar|want|dus|alsook|evenals|alsmede|\d\d?|[a-z])\b)*")
WORDS = Words()


def answers(*texts: str) -> list[Answer]:
    return [Answer(f"r{i}:q", f"r{i}", "u", "q", text) for i, text in enumerate(texts)]


def normalised(
    text: str, prompt: str = "need", pipeline: PipelineId = BLANK, lexicon: Lexicon | None = None
) -> Normalised:
    return normalise_answers(answers(text), {"q": prompt}, pipeline, lexicon=lexicon)[0]


def ideas(item: Normalised) -> list[str]:
    return [item.text[span.start : span.end] for span in item.segments]


def negated(item: Normalised) -> list[str]:
    return [item.text[token.start : token.end] for token in item.tokens if token.negated]


def forms(item: Normalised) -> dict[str, tuple[str, ...]]:
    return {item.text[t.start : t.end]: t.forms for t in item.tokens if t.forms}


# ------------------------------------------------------------------ whatever people type

ODD = st.text(st.characters(), max_size=200) | st.text(
    st.sampled_from("a b\u0000\u200b\u202e\u0301&;#amp38<b>.,-\n\t!xéא😀\ud800wel geen,"),
    max_size=80,
)


@given(ODD)
def test_any_text_keeps_its_letters_and_every_offset_leads_back(text: str) -> None:
    once = clean(text)
    assert clean(once.text).text == once.text
    assert list(once.origin) == sorted(once.origin)
    assert len(once.origin) == len(once.text) + 1
    item = normalised(text)
    assert store.jsonl([item]) == store.jsonl([normalised(text)])
    raw = [(item.verbatim(t.start), item.verbatim(t.end)) for t in item.tokens]
    assert all(0 <= start <= end <= len(text) for start, end in raw)
    if "&" not in text and "<" not in text:
        kept = [c for c in once.text if c.isascii() and c.isalnum()]
        assert kept == [c for c in text if c.isascii() and c.isalnum()]


@given(ODD)
def test_segments_and_tokens_cover_the_text(text: str) -> None:
    item = normalised(text)
    last = 0
    for span in item.segments:
        assert BETWEEN.fullmatch(item.text[last : span.start].lower())
        assert span.start < span.end
        last = span.end
    assert BETWEEN.fullmatch(item.text[last:].lower())
    bare = item.text
    for token in item.tokens:
        bare = bare[: token.start] + " " * (token.end - token.start) + bare[token.end :]
    assert not bare.strip()


@pytest.mark.parametrize(
    "text",
    [
        "te weinig personeel &amp; geen budget!!! " * 2_400,
        "&" + "amp;" * 25_000,
        "&#5" * 33_000,
        "&#82" * 12_000 + "03;" * 12_000,
        "a" + "\u0301\u0327" * 50_000,
        "<b" * 50_000,
        "\n " * 50_000,
        "woord" * 20_000,
        "wel, geen, " * 9_000,
        "\u202eעברית\u202c " * 11_000,
        "\x00a\u200b" * 33_000,
    ],
    ids=[
        "answers",
        "amp",
        "deep",
        "hidden",
        "marks",
        "tags",
        "lines",
        "letters",
        "commas",
        "rtl",
        "nul",
    ],
)
def test_a_hundred_thousand_characters_are_no_trouble(text: str) -> None:
    once = clean(text)
    assert clean(once.text).text == once.text
    normalised(text)


def test_half_a_character_survives_the_store(tmp_path: Path) -> None:
    broken = answers("hulp \ud83d aan huis")
    (tmp_path / "answers.jsonl").write_bytes(store.jsonl(broken))
    assert store.read_answers(tmp_path / "answers.jsonl") == broken
    items = normalise_answers(broken, {"q": "need"}, BLANK)
    (tmp_path / "normalised.jsonl").write_bytes(store.jsonl(items))
    assert store.read_normalised(tmp_path / "normalised.jsonl") == items


def test_files_without_forms_and_negations_still_read(tmp_path: Path) -> None:
    path = tmp_path / "normalised.jsonl"
    path.write_text(
        '{"answer": "a", "text": "geld", "tokens": [[0, 4, "geld"]], "segments": [[0, 4, ""]],'
        ' "flags": [], "anchors": [[0, 0]]}\n',
        encoding="utf-8",
    )
    assert store.read_normalised(path)[0].tokens == (Token(0, 4, "geld"),)


# ------------------------------------------------------------------ non-answers, languages


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("empty_sign", ["/", "-", "…", "?", "👍", "😀😀", "./.", "***"]),
        ("not_applicable", ["nvt", "N.v.t.", "n v t", "NVT!", "niet van toepassing", "n/a"]),
        ("dont_know", ["geen idee", "Weet ik niet", "dat weet ik niet", "geen flauw idee", "idk"]),
        ("refers", ["zie vorige vraag", "zie hierboven", "idem", "cfr. supra", "zie vraag 12",
                    "Zie mijn vorig antwoord", "reeds vermeld", "hetzelfde"]),
        ("no_comment", ["geen opmerkingen", "Geen verdere toelichting", "niets toe te voegen"]),
        ("filler", ["xxxxxx", "x", "test", "asdf", "bla bla", "qqqq"]),
        ("nothing", ["geen", "Neen.", "niets", "geen enkele", "geen andere"]),
    ],
)  # fmt: skip
def test_a_non_answer_is_flagged_with_its_kind(kind: str, texts: list[str]) -> None:
    assert kind in KINDS
    for text in texts:
        assert kind_of(text, "other") == kind, text
        assert normalised(text, "other").flags == {"no_answer", f"no_answer:{kind}"}


@pytest.mark.parametrize(
    "text",
    [
        "geen budget",
        "niets doen is geen optie",
        "geen idee hoe we ze bereiken",
        "nee, te weinig",
        "testen van methodieken",
        "idem dito voor vrijwilligers",
        "zie bijlage over het LDC",
        "de vorige vraag was duidelijker",
        "geen opmerking over het budget, wel over de tijd",
        "weet niet goed hoe we jongeren bereiken",
        "geen mening gevraagd aan ouderen",
        "LDC",
        "X-stream",
        "onbekend maakt onbemind",
        "vergeten groepen",
        "niet van toepassing zijnde regels",
        "OCMW",
        "JAC",
    ],
)
def test_an_answer_that_looks_like_none_is_an_answer(text: str) -> None:
    assert not kind_of(text, "other")


def test_the_question_decides_what_geen_means() -> None:
    for text in ("geen", "Neen", "niets"):
        assert not kind_of(text, "need")
        for prompt in ("other", "theme", "statement", "open"):
            assert kind_of(text, prompt) == "nothing"


@pytest.mark.parametrize(
    "text",
    [
        "les bonnes pratiques d'autres communes",
        "oui",
        "Nous n'avons pas assez de moyens.",
        "We need more volunteers and staff",
        "Wir brauchen mehr Personal",
        "Нет денег",
        "مزيد من المتطوعين",
        "Daha fazla gönüllü",
    ],
)
def test_another_language_is_flagged(text: str) -> None:
    item = normalised(text)
    assert "not_dutch" in item.flags
    assert not forms(item)


@pytest.mark.parametrize(
    "text",
    [
        "idem",
        "AD",
        "OKRA en Neos",
        "La Libre en De Standaard",
        "best practices",
        "face to face",
        "quick wins",
        "know-how",
        "Ferm",
        "goe bezig",
        "ge moet er goesting voor hebben",
        "LDC De Wijk",
        "We hebben geen budget. Pas de moyens pour le moment, c'est dommage.",
        "merci aan de vrijwilligers",
        "burn-out",
        "community building in de buurt",
        "vrijwilligers",
        "Google",
        "Samana",
    ],
)
def test_short_dutch_jargon_and_names_stay_dutch(text: str) -> None:
    assert not is_not_dutch(text, WORDS)


# ------------------------------------------------------------------ denials


@pytest.mark.parametrize("pipeline", [BLANK, pytest.param(PARSED, marks=needs_parse)])
@pytest.mark.parametrize(
    ("text", "said", "denied"),
    [
        ("geen tekort aan vrijwilligers", "", "vrijwilligers"),
        ("budget is niet het probleem, wel personeel", "personeel", "budget"),
        ("extra ondersteuning is niet nodig", "", "ondersteuning"),
        ("aan visie geen gebrek, wel aan mensen", "mensen", "visie"),
        ("over kennis moeten wij niet klagen", "", "kennis"),
        ("vrijwilligers vinden is geen probleem maar ze houden wel", "houden", "vrijwilligers"),
        ("nood aan handen, niet aan geld", "handen", "geld"),
        ("geen vrijwilligers", "vrijwilligers", ""),
        ("niet genoeg vrijwilligers", "vrijwilligers", ""),
        ("onvoldoende budget en geen tijd", "budget", ""),
        ("wij vinden geen vrijwilligers meer", "vrijwilligers", ""),
        ("niet alleen geld is een probleem", "geld", ""),
        ("niet altijd nodig maar wel vorming", "vorming", ""),
    ],
)
def test_under_needs_a_denied_lack_is_denied_and_a_lacking_thing_is_not(
    text: str, said: str, denied: str, pipeline: PipelineId
) -> None:
    found = negated(normalised(text, "need", pipeline))
    assert not said or said not in found
    assert not denied or denied in found


def test_under_andere_what_there_is_none_of_is_denied() -> None:
    assert "dienstencentrum" in negated(normalised("wij hebben geen dienstencentrum", "other"))
    assert not negated(normalised("wij hebben geen dienstencentrum", "need"))


# ------------------------------------------------------------------ segments


@pytest.mark.parametrize("pipeline", [BLANK, pytest.param(PARSED, marks=needs_parse)])
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("te weinig personeel en geen budget, wel veel vrijwilligers",
         ["te weinig personeel", "geen budget", "wel veel vrijwilligers"]),
        ("jongeren en ouderen bereiken", ["jongeren en ouderen bereiken"]),
        ("vrijwilligers werven en begeleiden", ["vrijwilligers werven en begeleiden"]),
        ("Tijd, centen en knowhow.", ["Tijd", "centen", "knowhow."]),
        ("- detectie\n- methodieken\n2) rol van vrijwilligers",
         ["detectie", "methodieken", "rol van vrijwilligers"]),
        ("Meer geld. Meer handen!", ["Meer geld.", "Meer handen!"]),
        ("samenwerking tussen gemeente en OCMW", ["samenwerking tussen gemeente en OCMW"]),
        ("kwetsbare jongeren en gezinnen", ["kwetsbare jongeren en gezinnen"]),
        ("outreachend werken / aanbellend werken", ["outreachend werken", "aanbellend werken"]),
        ("Ja, maar het kan beter", ["Ja, maar het kan beter"]),
        ("zowel jongeren als ouderen", ["zowel jongeren als ouderen"]),
    ],
)  # fmt: skip
def test_an_answer_is_cut_into_its_ideas(text: str, parts: list[str], pipeline: PipelineId) -> None:
    assert ideas(normalised(text, "need", pipeline)) == parts


def test_names_of_the_codebook_are_never_cut() -> None:
    lexicon = Lexicon(("kind en gezin",))
    assert ideas(normalised("Kind en Gezin, scouts", "other", BLANK, lexicon)) == [
        "Kind en Gezin",
        "scouts",
    ]


@needs_parse
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "We missen tijd en we zoeken vrijwilligers",
            ["We missen tijd", "we zoeken vrijwilligers"],
        ),
        (
            "Wij werken samen met het CAW en de scholen",
            ["Wij werken samen met het CAW en de scholen"],
        ),
    ],
)
def test_the_parse_knows_clauses(text: str, parts: list[str]) -> None:
    assert ideas(normalised(text, "need", PARSED)) == parts


@needs_parse
def test_a_separable_verb_is_found_whole() -> None:
    item = normalised("Onze dienst zet zich in voor ouderen", "need", PARSED)
    verb = next(token for token in item.tokens if item.text[token.start : token.end] == "zet")
    assert "inzetten" in (verb.lemma, *verb.forms)
