"""The method section: a paragraph for everything that ran, and for nothing that did not."""

from __future__ import annotations

from dataclasses import dataclass

from babel.numbers import format_decimal

from opentekst.results.report.data import Method
from opentekst.results.report.references import cited


@dataclass(frozen=True, slots=True)
class Ran:
    """What happened in a study, as far as the method section must tell it."""

    population: int
    units: int
    respondents: int
    answers: int
    merged: int
    pipeline: str
    embedder: str
    coders: int
    double_coded: int
    coded_by_people: int
    coded_by_machine: int
    provisional: int
    learned: bool
    triage: bool
    target: float
    blind: int
    topics: bool
    clustered: bool
    methods: frozenset[str]
    """Of the estimates: counted, assisted, audit, bounds, none."""
    tested: bool
    weighted: bool
    threshold: int
    chosen: bool
    masked: int


def paragraphs(ran: Ran) -> tuple[Method, ...]:
    """Return the method section in the order in which an answer walks through the program."""
    found = (
        _survey(ran), _language(ran), _people(ran), _machine(ran), _agreement(ran),
        _estimates(ran), _tests(ran), _topics(ran), _themes(ran), _privacy(ran),
    )  # fmt: skip
    return tuple(method for method in found if method)


def _number(value: float) -> str:
    return str(format_decimal(value, locale="nl_BE"))


def _method(heading: str, text: str, *sources: str) -> Method:
    return Method(heading, text, sources)


def _survey(ran: Ran) -> Method:
    text = (
        f"Alle {_number(ran.population)} gemeenten werden bevraagd; {_number(ran.units)}"
        f" antwoordden ({_number(ran.respondents)} respondenten). Een percentage telt gemeenten,"
        " geen respondenten."
    )
    if ran.merged:
        text += (
            f" Van {_number(ran.merged)} gemeente{'n' if ran.merged > 1 else ''} antwoordden meer"
            " mensen: hun aangekruiste keuzes"
            " werden samengevoegd, bij een vraag met één antwoord telt wie voor dat onderdeel"
            " instaat of anders de meerderheid, en open antwoorden werden elk apart gecodeerd."
        )
    return _method("Bevraging en eenheid", text)


def _language(ran: Ran) -> Method:
    sources = ["honnibal2020"]
    text = (
        f"De {_number(ran.answers)} open antwoorden werden opgeschoond, in lemma’s en stukken"
        f" verdeeld met de spaCy-pijplijn {ran.pipeline} {cited(['honnibal2020'])}"
    )
    if ran.pipeline.startswith("opentekst_nl"):
        sources.append("bouma2017")
        text += f", getraind op Nederlandse boombanken {cited(['bouma2017'])}"
    return _method("Taalverwerking", f"{text}.", *sources)


def _people(ran: Ran) -> Method | None:
    if not ran.coded_by_people:
        return None
    text = (
        f"Mensen codeerden {_number(ran.coded_by_people)} antwoorden met een codeboek per soort"
        " vraag; een antwoord kan verscheidene codes hebben. Waar codeurs verschilden, besliste de"
        " meerderheid of een arbiter."
    )
    sources = []
    if ran.blind:
        text += (
            f" Een steekproef van {_number(ran.blind)} antwoorden werd geloot en blind gecodeerd,"
            " zonder het voorstel van de machine; ze kan groeien zonder iets te verliezen"
            f" {cited(['ohlsson1995'])}."
        )
        sources = ["ohlsson1995"]
    return _method("Coderen door mensen", text, *sources)


def _machine(ran: Ran) -> Method:
    sources: list[str] = []
    text = (
        "Een machine stelde codes voor op grond van trefwoorden, omschrijvingen en voorbeelden in"
        " het codeboek"
    )
    if ran.embedder.startswith("use"):
        sources.append("yang2020")
        text += f" en van de betekenis van zinnen {cited(['yang2020'])}"
    elif ran.embedder.startswith("e5"):
        sources.append("wang2024")
        text += f" en van de betekenis van zinnen {cited(['wang2024'])}"
    text += "."
    if ran.learned:
        sources += ["pedregosa2011", "wolpert1992"]
        text += (
            " Waar mensen genoeg codeerden, leerde zij van hun codes"
            f" {cited(['pedregosa2011', 'wolpert1992'])}; elk gecodeerd antwoord werd beoordeeld"
            " door een machine die zonder dat antwoord had geleerd."
        )
    if ran.triage:
        sources += ["schonlau2016", "brown2001"]
        share = _number(round(100 * ran.target))
        text += (
            " Zij besliste alleen waar de ondergrens van haar juistheid, op hele codereeksen,"
            f" minstens {share}% is {cited(['schonlau2016', 'brown2001'])}: zo"
            f" {_antwoorden(ran.coded_by_machine)}. De andere bleven voor mensen."
        )
    if ran.provisional:
        text += (
            f" {_antwoorden(ran.provisional).capitalize()} tellen mee met voorlopige codes van de"
            " machine, die niemand nakeek."
        )
    return _method("Coderen door de machine", text, *sources)


def _antwoorden(count: int) -> str:
    return f"{_number(count)} antwoord" + ("" if count == 1 else "en")


def _agreement(ran: Ran) -> Method | None:
    if not ran.double_coded:
        return None
    text = (
        f"Van {_number(ran.double_coded)} antwoorden die minstens twee mensen blind codeerden, zegt"
        " Krippendorffs alfa hoe ver zij het boven toeval eens zijn"
        f" {cited(['krippendorff2011'])}, met de MASI-afstand tussen reeksen codes"
        f" {cited(['passonneau2006'])}."
        f" De intervallen komen uit een bootstrap over antwoorden {cited(['zapf2016'])}. De"
        f" grenzen 0,667 en 0,800 zijn die van Krippendorff {cited(['krippendorff2018'])}."
    )
    keys = ("krippendorff2011", "passonneau2006", "zapf2016", "krippendorff2018")
    return _method("Overeenkomst tussen codeurs", text, *keys)


def _estimates(ran: Ran) -> Method | None:
    if not ran.methods & {"counted", "assisted", "audit", "bounds"}:
        return None
    keys = ["ericson1969", "brown2001"]
    text = (
        "Elk 95%-interval gaat over alle bevraagde gemeenten: wie niet antwoordde telt als een"
        " aselecte rest, op gehele aantallen in een eindige populatie"
        f" {cited(['ericson1969', 'brown2001'])}. Dat niet-antwoorders op antwoorders lijken, is"
        " een aanname."
    )
    if ran.methods & {"assisted", "audit"}:
        more = ["sarndal1992", "angelopoulos2023", "angelopoulos2023ppi", "zrnic2024", "egami2023"]
        keys += more
        text += (
            " Waar de machine codeerde, werd haar telling bijgesteld met de blinde steekproef"
            " (regressieschatter, ook bekend als prediction-powered inference)"
            f" {cited(more)}."
        )
    return _method("Intervallen", text, *keys)


def _tests(ran: Ran) -> Method | None:
    if not (ran.tested or ran.weighted):
        return None
    text, keys = "", list[str]()
    if ran.tested:
        keys += ["bilder2000", "raoscott1981", "raoscott1984", "holm1979"]
        text += (
            "Verschillen tussen groepen: de som van de chi-kwadraten per rij"
            f" {cited(['bilder2000'])}, gecorrigeerd volgens Rao en Scott"
            f" {cited(['raoscott1981', 'raoscott1984'])}; per rij elk paar groepen met de exacte"
            f" toets van Fisher, tweezijdig op 5%, gecorrigeerd volgens {cited(['holm1979'])}."
        )
    if ran.weighted:
        keys += ["holt1979", "kish1965"]
        weighing = f"Gewogen tabellen: poststratificatie {cited(['holt1979', 'kish1965'])}."
        text = f"{text} {weighing}".strip()
    return _method("Toetsen en wegen", text, *keys)


def _topics(ran: Ran) -> Method | None:
    if not ran.topics:
        return None
    keys = ["grootendorst2022"]
    text = (
        "Om te zien wat het codeboek mist, werden de antwoorden gegroepeerd met BERTopic"
        f" {cited(['grootendorst2022'])}"
    )
    if ran.clustered:
        keys += ["mcinnes2018", "campello2013", "fred2005"]
        text += (
            f", met UMAP {cited(['mcinnes2018'])} en HDBSCAN {cited(['campello2013'])}, en wat"
            f" vele steekproeven daarvan gemeen hebben {cited(['fred2005'])}"
        )
    text += ". Wat daaruit komt is een voorstel; geen enkel cijfer in dit rapport hangt ervan af."
    return _method("Thema’s die het codeboek mist", text, *keys)


def _themes(ran: Ran) -> Method | None:
    if not ran.chosen:
        return None
    text = (
        "De keuze van thema’s bereikt zoveel mogelijk gemeenten met een vast aantal thema’s"
        f" (maximale dekking, exact opgelost) {cited(['church1974'])}."
    )
    return _method("Keuze van thema’s", text, "church1974")


def _privacy(ran: Ran) -> Method:
    text = (
        "Namen van mensen, telefoonnummers, adressen en e-mailadressen werden vervangen door"
        " tekens zoals [naam 1]"
        + (f" (in {_antwoorden(ran.masked)})." if ran.masked else "; er stonden er geen.")
    )
    keys: tuple[str, ...] = ()
    if ran.threshold:
        keys = ("kelly1992", "fischetti2001")
        text += (
            f" Getallen van minder dan {ran.threshold} gemeenten, en wat nodig is opdat ze niet uit"
            f" andere te berekenen zijn, werden niet afgedrukt {cited(keys)}."
        )
    return _method("Privacy", text, *keys)
