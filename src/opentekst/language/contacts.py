"""Find telephone numbers, e-mail addresses, street addresses and national register numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from opentekst.language.names import fold
from opentekst.language.person_cues import DETERMINERS, LOCATIVE, NEVER, word_set

REGION = "BE"
_MIN_DIGITS = 7

# The local part and the labels follow the WHATWG HTML standard, "valid e-mail address", with
# letters of any script; a top-level domain is asked for, and "(at)" is read as "@".
_EMAIL = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w!#$%&'*+/=?^`{|}~-][\w.!#$%&'*+/=?^`{|}~-]{0,63}"
    r"(?:@|\s?[\[(](?:at|apenstaartje|@)[\])]\s?)"
    r"(?:[^\W_](?:[^\W_]|-(?=[^\W_])){0,62}\.){1,8}[^\W\d_]{2,24}(?![\w@])",
    re.IGNORECASE,
)
_NATIONAL = re.compile(
    r"(?<![\d.,/-])\d\d[./ -]?\d\d[./ -]?\d\d[ ./-]?\d{3}[ ./-]?\d\d(?![\d]|[.,/-]\d)"
)
_OFFICIAL = re.compile(r"\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d")
_REGISTER = re.compile(r"(?:rijksregister\w*|rrn?|insz|niss|bis)[-\s.:nr°]*$", re.IGNORECASE)

_STREET_ENDS = (
    r"(?:straat|str\.|laan|steenweg|stwg\.?|plein|dreef|weg|lei|kaai|baan|singel|hof|pad|markt"
    r"|dijk|vest|plaats|gracht|kade|wal|wegel|gang|kouter|akker|heide|veld|berg|dries|park|ring"
    r"|boulevard|square|poort|brug|hoek|lane|kerkhof|plantsoen|heirbaan|dorp|rij|einde|broek)"
)
_NUMBER = (
    r",?\s{0,2}(?:nr\.?\s?|nummer\s|n°\s?|huisnummer\s)?"
    r"(?P<number>\d{1,4})(?:\s?[a-z](?![\w'’])|\s?[A-H](?![\w'’]))?(?:[-/]\d{1,4}\w?)?"
    r"(?:,?\s{0,2}(?:bus|bte\.?|app\.?|appartement)\s{0,2}\w{1,4})?"
    r"(?![\w%€]|[.,:/-]\d|\s?(?:keer|maal|x\b|dag|uur|u\b|jaar|maand|we[ek]{2}|euro|eur\b|€|%|km|m\b"
    r"|meter|person|mens|vrijw|inwon|bewon|gezin|deeln|huis|stuks|kinder|ouder|buurt|bank|minu))"
)
_DUTCH = re.compile(
    rf"(?<![\w-])(?P<name>(?:[^\W\d_]+[-'’])*[^\W\d_]*?{_STREET_ENDS})(?![\w-]){_NUMBER}",
    re.IGNORECASE,
)
_FRENCH = re.compile(
    r"(?<!\w)(?:rue|avenue|chaussée|place|boulevard|allée|chemin|quai|clos|impasse|drève)\s"
    r"(?:(?:de|du|des|la|le|les|l['’]|d['’]|aux?)\s?){0,3}(?:[^\W\d_][\w'’.-]*\s){0,3}[^\W\d_][\w'’.-]*"
    + _NUMBER,
    re.IGNORECASE,
)
_AHEAD = re.compile(r"(?:[^\W\d_][\w'’.-]*[ \t]){1,4}$")
_JOINING = word_set("van de der den het la le du des d' 't ter ten")
_QUALITIES = word_set(
    "oude nieuwe lange korte grote kleine hoge lage groene rode witte zwarte heilige brede smalle"
    " eerste tweede derde achterste voorste oud nieuw groot klein"
)
# Ordinary words that end as a street does and may precede a number.
_NO_STREET = word_set(
    "onderweg snelweg autoweg spoorweg omweg uitweg fietspad voetpad wandelpad zebrapad jaagpad"
    " speelplein grabbelpas loopbaan rommelmarkt kerstmarkt arbeidsmarkt woningmarkt jobmarkt"
    " vrijwilligersmarkt buurtpark gemeente-plein werkplaats ontmoetingsplaats standplaats"
    " parkeerplaats verblijfplaats woonplaats hangplek gehoor geloof behoefte kerkhof begijnhof"
    " gerechtshof vakgebied werkveld speelveld voetbalveld grasveld middenveld sportveld"
    " sportpark recreatiepark bedrijvenpark industriepark themapark kinderhoek leeshoek invalshoek"
    " gesprek ijsberg afweg halfweg overweg vermogensplaats belasting onderwijsplaats tussenweg"
    " wijkdorp werelddorp kinderdorp allerlei velerlei tweeërlei enerlei generlei gang ingang"
    " toegang uitgang doorgang omgang voortgang vooruitgang ondergang overgang afgang opgang"
    " vergang weekeinde uiteinde einde berg dorp veld weg plein markt park ring hoek pad rij hof"
    " brug dijk wal plaats lei baan straat laan square poort broek dries heide akker"
    " schooljaar-einde jaareinde"
)


class Contact(NamedTuple):
    """Where a contact stands, and its kind: phone, email, address or national_number."""

    start: int
    end: int
    kind: str


def find_contacts(text: str) -> list[Contact]:
    """Return the contacts in `text`, in order, not overlapping.

    Telephone numbers are judged by libphonenumber for Belgium, national register (and bis)
    numbers by their checksum; a number in the official notation, or after a word such as
    "rijksregisternummer", counts with a wrong checksum too: it is a typing error of one.
    Streets without a house number stay.

    >>> [(c.kind, c.start, c.end) for c in find_contacts("Kerkstraat 4, tel. 053/73 23 45")]
    [('address', 0, 12), ('phone', 19, 31)]
    """
    found: list[Contact] = []
    for contact in (*_emails(text), *_national(text), *_phones(text), *_addresses(text)):
        if all(contact.end <= other.start or contact.start >= other.end for other in found):
            found.append(contact)
    return sorted(found)


def _emails(text: str) -> Iterator[Contact]:
    if "@" in text or "at" in text.casefold() or "apenst" in text.casefold():
        for match in _EMAIL.finditer(text):
            yield Contact(*match.span(), "email")


def has_checksum(digits: str) -> bool:
    """Return whether eleven digits are a national register number (or a bis number).

    The rule of the Rijksregister (IT000): 97 minus the first nine digits modulo 97, with a 2
    before them for who was born from 2000 on; month and day may be nought where unknown, and
    the month is raised by 20 or 40 in a bis number. Not python-stdnum's check, which looks at
    the clock to tell the century.

    >>> has_checksum("85073003328"), has_checksum("17073003384"), has_checksum("85073003329")
    (True, True, False)
    """
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    rests = [97 - int(century + digits[:9]) % 97 for century in ("", "2")]
    return int(digits[9:]) in rests and month <= 12 and day <= 31 and int(digits[2:4]) < 53


def _national(text: str) -> Iterator[Contact]:
    for match in _NATIONAL.finditer(text):
        piece = match.group()
        digits = "".join(sign for sign in piece if sign.isdecimal())
        official = _OFFICIAL.fullmatch(piece) is not None
        called = _REGISTER.search(text[max(0, match.start() - 40) : match.start()]) is not None
        if official or called or (digits.isascii() and has_checksum(digits)):
            yield Contact(*match.span(), "national_number")


def _phones(text: str) -> Iterator[Contact]:
    if sum(map(str.isdigit, text)) < _MIN_DIGITS:
        return
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, REGION):
        if match.end - match.start >= _MIN_DIGITS:
            opening = match.raw_string.startswith("(") and ")" not in match.raw_string
            yield Contact(match.start + opening, match.end, "phone")


def _addresses(text: str) -> Iterator[Contact]:
    if not any(map(str.isdigit, text)):
        return
    for match in _FRENCH.finditer(text):
        if not _is_year(match.group("number")):
            yield Contact(*match.span(), "address")
    for match in _DUTCH.finditer(text):
        if _is_year(match.group("number")):
            continue
        start = _street_start(text, match.start())
        if fold(match.group("name")) not in _NO_STREET or start < match.start():
            yield Contact(start, match.end(), "address")


def _is_year(number: str) -> bool:
    return len(number) == 4 and number.startswith(("19", "20"))


def _street_start(text: str, start: int) -> int:
    """Move the start back over the words that belong to the street ("Lange", "Jan van")."""
    ahead = _AHEAD.search(text[max(0, start - 80) : start])
    if ahead is None:
        return start
    at = start
    for word in reversed(list(re.finditer(r"\S+\s", ahead.group()))):
        form = fold(word.group().strip(" ."))
        capital = word.group()[0].isupper() and form not in NEVER | LOCATIVE | DETERMINERS
        joins = form in _JOINING and at < start
        if not (capital or form in _QUALITIES or joins):
            break
        if not joins or capital:
            at = start - len(ahead.group()) + word.start()
    return at
