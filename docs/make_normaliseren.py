"""Write docs/normaliseren.md: sixty answers as municipalities write them, before and after.

    python docs/make_normaliseren.py

The answers are made up; what stands beside them is what the program makes of them, with the
shipped pipeline and the example study's codebooks.
"""

from __future__ import annotations

from pathlib import Path

from opentekst.codebook import Codebook
from opentekst.language import Lexicon, normalise_answers
from opentekst.language.pipelines import PipelineId
from opentekst.model import Answer, Normalised, Token

ROOT = Path(__file__).parents[1]
PIPELINE = PipelineId("opentekst_nl", "docs")

ANSWERS: tuple[tuple[str, str], ...] = (
    # Non-answers, and what looks like one.
    ("need", "/"),
    ("need", "n.v.t."),
    ("other", "Geen."),
    ("need", "geen"),
    ("statement", "zie mijn antwoord op de vorige vraag"),
    ("theme", "geen idee"),
    ("theme", "Geen idee hoe we mannen van middelbare leeftijd bereiken"),
    ("other", "idem"),
    ("other", "xxxx"),
    ("statement", "👍👍"),
    ("statement", "Geen verdere toelichting"),
    ("need", "niets doen is geen optie"),
    # Other languages.
    ("need", "Nous n'avons pas assez de personnel pour visiter les personnes âgées."),
    ("theme", "good practices van andere steden"),
    ("other", "oui"),
    ("need", "Merci aan VVSG voor dit initiatief, wij hebben vooral nood aan vorming."),
    # What exports and keyboards do to a text.
    ("need", "  Te&nbsp;weinig   personeel &amp; middelen!!!!"),
    ("need", "<p>Meer tijd<br>en <b>budget</b></p>"),
    ("need", "vrijwil\u00adligers\u200b zoeken…"),
    # Typing errors, names, dialect.
    ("need", "Vrijwiligers vinden is moelijk"),
    ("need", "te wienig persnoneel op de sociale diesnt"),
    ("need", "betere samewerking met de eerstelijnszone"),
    ("statement", "Goesting is er wel, maar ge moet er de mensen voor hebben"),
    ("other", "Onze collega Lieve Desmedt van Samana"),
    ("need", "structurreel overleg met de huisarsten"),
    # Abbreviations.
    ("other", "LDC's, wzc's en het CAW"),
    ("need", "Te weinig pers. in het L.D.C."),
    ("other", "via LOGO en ELZ"),
    ("need", "een nieuw logo voor de buurtwerking"),
    ("other", "GBO met CAW, DMW en OCMW"),
    # Compounds, separable verbs.
    ("need", "Vrijwilligerstekort in de dorpsrestaurants"),
    ("need", "werkingsmiddelen voor een buurthuiskamer"),
    ("statement", "Onze jeugddienst zet zich al jaren in voor kwetsbare jongeren."),
    ("need", "We lopen achter met de huisbezoeken aan 80-plussers"),
    ("other", "JAC-medewerkers en de OCMW/gemeente-website"),
    ("need", "een personeelsstop sinds de laatste besparingsronde"),
    # Several ideas in one answer, or one.
    ("need", "te weinig personeel en geen budget, wel veel vrijwilligers"),
    ("need", "jongeren en ouderen bereiken"),
    ("need", "Tijd, centen en knowhow."),
    ("need", "- detectie\n- toeleiding naar het aanbod\n- vorming voor onze vrijwilligers"),
    ("need", "vrijwilligers werven en begeleiden"),
    ("need", "We kennen de eenzame mensen niet en we hebben geen tijd om ze te zoeken."),
    ("other", "Kind en Gezin, Huis van het Kind en de scholen"),
    ("need", "goede praktijken van andere gemeenten, vorming voor onze medewerkers"),
    ("need", "Meer afstemming tussen gemeente en OCMW"),
    ("theme", "Outreachend werken / aanbellend werken"),
    ("need", "1) tijd 2) geld 3) een duidelijke visie"),
    ("need", "De mensen die we willen bereiken, komen niet naar onze activiteiten."),
    ("statement", "Ja, maar de samenwerking met de huisartsen kan beter"),
    # What is denied, and what is lacking.
    ("statement", "Geen tekort aan vrijwilligers"),
    ("need", "geen vrijwilligers"),
    ("statement", "Budget is niet het probleem, wel personeel."),
    ("need", "Er is nood aan handen, niet aan geld"),
    ("statement", "Extra ondersteuning is voor ons niet nodig"),
    ("statement", "Wij hebben niet genoeg vrijwilligers en onvoldoende expertise"),
    ("statement", "Over onze vrijwilligers mogen wij niet klagen"),
    ("other", "wij hebben geen dienstencentrum"),
    ("need", "Niet alleen geld, ook een visie ontbreekt"),
    ("statement", "Aan goede wil geen gebrek, aan tijd wel"),
    ("theme", "Geen theorie meer, wel concrete methodieken"),
)

KINDS = {
    "no_answer:empty_sign": "niet-antwoord: leeg teken",
    "no_answer:not_applicable": "niet-antwoord: niet van toepassing",
    "no_answer:dont_know": "niet-antwoord: weet niet",
    "no_answer:refers": "niet-antwoord: verwijzing",
    "no_answer:no_comment": "niet-antwoord: geen opmerking",
    "no_answer:filler": "niet-antwoord: opvulling",
    "no_answer:nothing": "niet-antwoord: 'geen'",
    "not_dutch": "andere taal: voor mensen",
    "corrected": "tikfout",
    "split": "samenstelling",
}
PROMPTS = {
    "need": "noden",
    "statement": "toelichting",
    "other": "andere, namelijk",
    "theme": "thema's",
}
INTRO = """\
# Wat normaliseren met een antwoord doet

Deze bladzijde is gemaakt met `python docs/make_normaliseren.py`: zestig verzonnen antwoorden zoals
gemeenten ze schrijven, en wat het programma ervan maakt. Aan het antwoord zelf verandert nooit
iets: mensen zien altijd wat er getikt is, en elk stuk tekst is terug te vinden in het origineel.

- **Opgekuist**: tekens uit webpagina's, onzichtbare tekens, dubbele spaties, `!!!!`.
- **Niet-antwoord**: "/", "nvt", "geen idee", "zie vorige vraag" … Wat "geen" betekent, hangt van
  de vraag af: bij een vraag naar noden is het een antwoord (er zijn er geen), bij "andere,
  namelijk" niet.
- **Andere taal**: de machine codeert het niet; het blijft voor mensen.
- **Ideeën**: een antwoord wordt geknipt in wat op zichzelf iets zegt; ` ‖ ` staat waar geknipt is.
- **Extra vormen**: waaronder een sleutelwoord een woord ook vindt. Een tikfout wordt verbeterd, een
  afkorting uitgeschreven (lijst: `codebooks/afkortingen.yaml` van uw studie, anders de
  meegeleverde), een samenstelling gesplitst, een scheidbaar werkwoord samengevoegd.
- **Ontkend**: wat het antwoord tegenspreekt, telt niet. "Geen tekort aan vrijwilligers" is geen
  tekort, maar "geen vrijwilligers" is bij een vraag naar noden precies de nood. Onder "andere,
  namelijk" en bij thema's telt wat na "geen" komt niet mee.

"""


def normalised() -> list[Normalised]:
    """Return the answers after normalising, in order."""
    books = [Codebook.load(path) for path in sorted((ROOT / "codebooks").glob("*.yaml"))
             if path.stem != "afkortingen"]  # fmt: skip
    keywords = tuple(sorted({word for book in books for c in book.active for word in c.keywords}))
    answers = [Answer(f"{i}", "", "", prompt, text) for i, (prompt, text) in enumerate(ANSWERS)]
    return normalise_answers(answers, {p: p for p in PROMPTS}, PIPELINE, lexicon=Lexicon(keywords))


def row(prompt: str, verbatim: str, item: Normalised) -> str:
    """Return one line of the table."""
    ideas = " ‖ ".join(item.text[span.start : span.end] for span in item.segments)
    shapes = "; ".join(
        f"{word} → {', '.join(shown)}"
        for token in item.tokens
        if (shown := _shown(word := item.text[token.start : token.end], token))
    )
    denied = " ".join(item.text[t.start : t.end] for t in item.tokens if t.negated)
    flags = ", ".join(KINDS[flag] for flag in sorted(item.flags) if flag in KINDS)
    cells = (PROMPTS[prompt], verbatim, flags, ideas, shapes, denied)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _shown(word: str, token: Token) -> tuple[str, ...]:
    """Return a token's forms, and its lemma where that is another word (zet … in → inzetten)."""
    other = word[:3].lower() in token.lemma[1:] and token.lemma != word.lower()
    return (token.lemma, *token.forms) if other else token.forms


def _cell(text: str) -> str:
    """Show what a table cell would hide: line ends, tags, bars, invisible characters."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")
    return text.replace("\n", " ⏎ ").replace("\u00ad", "␣").replace("\u200b", "␣").strip()


def main() -> None:
    """Write the page."""
    head = "| vraag | antwoord | bijzonder | ideeën | extra vormen | ontkend |\n"
    rows = [
        row(prompt, text, item) for (prompt, text), item in zip(ANSWERS, normalised(), strict=True)
    ]
    page = INTRO + head + "| --- | --- | --- | --- | --- | --- |\n" + "".join(rows)
    (ROOT / "docs" / "normaliseren.md").write_text(page, encoding="utf-8")
    print(f"docs/normaliseren.md: {len(rows)} antwoorden")


if __name__ == "__main__":
    main()
