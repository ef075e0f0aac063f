"""A survey that is not the example: public libraries, exported from Qualtrics without any care.

Question tags are Qualtrics' own (Q1, Q2 …), there are columns nobody asked for, answers with
names, empty ones, duplicates, tests, people who refused and people who stopped half way.
"""

from __future__ import annotations

import csv
import io
import json
import random
from typing import NamedTuple

SYSTEM = (
    ("StartDate", "Start Date"), ("EndDate", "End Date"), ("Status", "Response Type"),
    ("IPAddress", "IP Address"), ("Progress", "Progress"),
    ("Duration (in seconds)", "Duration (in seconds)"), ("Finished", "Finished"),
    ("RecordedDate", "Recorded Date"), ("ResponseId", "Response ID"),
    ("RecipientLastName", "Recipient Last Name"), ("RecipientFirstName", "Recipient First Name"),
    ("RecipientEmail", "Recipient Email"), ("ExternalReference", "External Data Reference"),
    ("LocationLatitude", "Location Latitude"), ("LocationLongitude", "Location Longitude"),
    ("DistributionChannel", "Distribution Channel"), ("UserLanguage", "User Language"),
)  # fmt: skip
AGREE = "Ja, ik heb dit gelezen en neem deel"
REFUSE = "Nee, ik neem niet deel"
JOBS = (
    "Bibliothecaris",
    "Medewerker van de bibliotheek",
    "Schepen van cultuur",
    "Andere, namelijk:",
)
PLANS = (
    "Ja, een eigen plan",
    "Ja, samen met andere gemeenten",
    "Nee, maar het is in opmaak",
    "Nee",
)
SERVICES = (
    "Huiswerkbegeleiding", "Digitaal spreekuur", "Levering aan huis", "Taalcafé",
    "Geen van bovenstaande", "Andere, namelijk:",
)  # fmt: skip
SCALE = ("Helemaal oneens", "Eerder oneens", "Eerder eens", "Helemaal eens")
CLAIMS = (
    "Onze bibliotheek heeft genoeg personeel", "Wij bereiken jongeren voldoende",
    "Ons gebouw is geschikt voor activiteiten",
)  # fmt: skip
SERVICE_Q = "Welke van deze diensten biedt uw bibliotheek aan?\n(meerdere antwoorden mogelijk)"
CLAIM_Q = "In welke mate bent u het eens met deze stellingen over uw bibliotheek?"
QUESTIONS = (
    ("Q1", "Welkom bij deze bevraging van de openbare bibliotheken. Neemt u deel en gaat u ermee"
     " akkoord dat wij uw antwoorden verwerken?"),
    ("Q2", "Wat is de postcode van uw gemeente?"),
    ("Q3", "Wat is uw functie? - Selected Choice"),
    ("Q3_4_TEXT", "Wat is uw functie? - Andere, namelijk: - Text"),
    ("Q4", "Heeft uw bibliotheek een plan om jongeren te bereiken?"),
    *((f"Q5_{n}", f"{SERVICE_Q} - Selected Choice - {label}")
      for n, label in enumerate(SERVICES, start=1)),
    ("Q5_6_TEXT", f"{SERVICE_Q} - Andere, namelijk: - Text"),
    *((f"Q6_{n}", f"{CLAIM_Q} - {label}") for n, label in enumerate(CLAIMS, start=1)),
    ("Q7", "Hoeveel vrijwilligers werken er in uw bibliotheek?"),
    ("Q8", "Wat hebt u nodig om jongeren (beter) te bereiken?"),
    ("Q9", "Rond welke thema's wilt u graag een vorming volgen?"),
    ("Q10", "Mogen wij u hierover contacteren? Laat dan uw e-mailadres achter."),
    ("Q_RecaptchaScore", "Q_RecaptchaScore"),
)  # fmt: skip

OTHER_JOBS = (
    "jeugdconsulent",
    "diensthoofd vrije tijd",
    "cultuurbeleidscoördinator",
    "bibliothecaris",
)
OTHER_SERVICES = (
    "boeken aan huis brengen voor zieken", "voorleesuurtjes", "e-books en e-readers uitlenen",
    "repaircafé", "hulp met computers", "gezelschapsspelen uitlenen", "nvt", "praattafels",
)  # fmt: skip
NEEDS = (
    "Meer personeel, vooral in het weekend", "een jeugdwerker die mee de bib runt",
    "Budget voor activiteiten", "geld", "Een eigen ruimte voor jongeren waar lawaai mag",
    "ons gebouw is te klein en te oud", "Samenwerking met de secundaire scholen",
    "Goede voorbeelden van andere bibliotheken.", "Kennis over wat jongeren willen lezen",
    "langere openingsuren tijdens de examens", "De scholen werken niet mee",
    "Te weinig mensen om dit erbij te nemen", "meer middelen", "Subsidies van Vlaanderen",
    "een betere website en sociale media", "Iemand die TikTok kan gebruiken", "geen", "nvt", "/",
    "Lokaal zonder geluidsoverlast; en tijd!", "Vraag het aan Lieve Peeters van de jeugddienst",
    "geen idee", "Nous avons besoin de plus de personnel et d'un local plus grand",
    "Samen met jeugdhuis en jeugddienst iets opzetten", "inspiratie en vorming",
    "Personeel\nBudget\nRuimte", "Te weinig personel om 's avonds open te zijn",
    "Bel gerust naar 0478 12 34 56, wij zoeken partners",
)  # fmt: skip
THEMES = (
    "jongeren en lezen", "sociale media", "omgaan met overlast", "digitale inclusie", "AI",
    "artificiële intelligentie in de bib", "leesbevordering", "Leesbevordering bij anderstaligen",
    "samenwerken met scholen", "agressie aan de balie", "geen", "TikTok en Instagram", "-",
    "hoe trek je tieners aan?", "digitale geletterdheid", "vrijwilligers begeleiden",
)  # fmt: skip
POSTCODES = (
    "9000", "2800", "3000", "8400", "2300", "B-8500", "9300 Aalst", "3500", "8800", "2500", "1800",
    "9100", "3600", "2440", "8630", "9700", "1500", "3200", "2200", "8000", "9500", "3800", "1740",
    "2610", "9160", "3290", "8900", "2400", "9900", "3700", "1702", "2018", "8310", "9240", "3910",
    "1000", "99", "3001", "1804", "2850", "9820", "8790",
)  # fmt: skip


class Survey(NamedTuple):
    """The export as rows of text: names, texts of questions, ImportIds, and the responses."""

    names: list[str]
    texts: list[str]
    responses: list[list[str]]

    def as_csv(self) -> bytes:
        """Return the export as Qualtrics writes it: UTF-8 with a mark, three header rows."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        ids = [json.dumps({"ImportId": name}) for name in self.names]
        writer.writerows([self.names, self.texts, ids, *self.responses])
        return ("\ufeff" + out.getvalue()).encode()


def libraries(count: int = 84, seed: int = 7) -> Survey:
    """Return a survey of `count` responses, always the same for the same seed."""
    dice = random.Random(seed)
    columns = [*SYSTEM, *QUESTIONS]
    names = [name for name, _ in columns]
    responses: list[list[str]] = []
    for number in range(count):
        given = _response(dice, number)
        responses.append([given.get(name, "") for name in names])
    # Somebody sent the same answers twice, a minute apart.
    for source in (5, 21):
        again = list(responses[source])
        again[names.index("ResponseId")] += "b"
        responses.append(again)
    return Survey(names, [text for _, text in columns], responses)


def _response(dice: random.Random, number: int) -> dict[str, str]:
    day, minute = f"2023-09-{number // 4 + 1:02d}", f"{number % 60:02d}"
    test, refused, stopped = number in (0, 1), number % 17 == 3, number % 13 == 4
    given = {
        "StartDate": f"{day} 09:{minute}:00", "EndDate": f"{day} 10:{minute}:00",
        "Status": "Survey Preview" if test else "IP Address", "IPAddress": "*******",
        "Progress": "60" if stopped else "100", "Duration (in seconds)": str(300 + number),
        "Finished": "False" if stopped else "True", "RecordedDate": f"{day} 10:{minute}:07",
        "ResponseId": f"R_{dice.getrandbits(48):012x}", "LocationLatitude": "50.9",
        "LocationLongitude": "4.3", "DistributionChannel": "anonymous", "UserLanguage": "NL",
        "Q1": REFUSE if refused else AGREE, "Q_RecaptchaScore": "1",
    }  # fmt: skip
    if refused:
        return given
    given["Q2"] = dice.choice(POSTCODES)
    given["Q3"] = dice.choices(JOBS, (5, 4, 2, 2))[0]
    if given["Q3"] == JOBS[-1]:
        given["Q3_4_TEXT"] = dice.choice(OTHER_JOBS)
    if stopped:
        return given
    given["Q4"] = dice.choice(PLANS)
    ticked = [label for label in SERVICES if label != SERVICES[4] and dice.random() < 0.4]
    for label in ticked or [SERVICES[4]]:
        given[f"Q5_{SERVICES.index(label) + 1}"] = label
    if SERVICES[5] in ticked:
        given["Q5_6_TEXT"] = dice.choice(OTHER_SERVICES)
    for claim in range(1, len(CLAIMS) + 1):
        given[f"Q6_{claim}"] = dice.choice(SCALE)
    given["Q7"] = str(dice.randrange(30))
    if dice.random() < 0.85:
        given["Q8"] = dice.choice(NEEDS)
    if dice.random() < 0.6:
        given["Q9"] = dice.choice(THEMES)
    if dice.random() < 0.2:
        given["Q10"] = f"bib{number}@voorbeeld.be"
    return given
