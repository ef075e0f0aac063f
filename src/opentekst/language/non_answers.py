"""Which answers are none, and of what kind; the question's prompt decides what "geen" means."""

from __future__ import annotations

import re
from collections.abc import Mapping

NO_ANSWER = "no_answer"
_LONGEST = 120
_WORD = re.compile(r"[^\W_]")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_DOTS = re.compile(r"(?<=\b\w)[.]\s?(?=\w\b)")
_SPACE = re.compile(r"[\s.,;:!?/()'\"…-]+")
_REPEATED = re.compile(r"(\w)\1{2,}")

# The patterns meet a text in lower case, with one space between words and no other signs.
_WE = r"(?:ik|we|wij)"
_FILL = r"(?:(?:zo|nu|zou|er|echt|eigenlijk|nog|even|helaas|meteen|direct|onmiddellijk|meer|t) )*"
_IT = r"(?:(?:het|dat|dit|t) )?"
_HERE = (
    r"(?:hierboven|hoger|boven|supra|eerder|daarnet|hiervoor|daarvoor|vorige|vraag \w{1,3}"
    r"|(?:(?:de|het|bij|in|mijn|op) )*(?:vorige?|bovenstaande?|eerdere?|eerder|voorgaande?|andere)"
    r" (?:vragen|vraag|antwoorden|antwoord|opmerkingen|opmerking|toelichting|punt))"
)
_SAID = r"(?:vermeld|gezegd|aangegeven|beschreven|beantwoord|ingevuld|gemeld|toegelicht)"
_REMARK = (
    r"(?:opmerking(?:en)?|commentaar|toelichting(?:en)?|antwoord(?:en)?|aanvulling(?:en)?|mening"
    r"|opinie|suggesties?|reactie|feedback|(?:bijkomende )?info|vragen|voorkeur|uitspraak)"
)
_LESS = r"(?:verdere?|extra|bijkomende?|andere|specifieke?|directe?|enkele|speciale|nadere)"
_ALL = r"(?:deze|die|alle|allen|beide|allemaal|(?:de )?bovenstaande|(?:de |deze )?genoemde)"

_KINDS: Mapping[str, tuple[str, ...]] = {
    "not_applicable": (
        r"n ?v ?t|n ?a|not applicable|geen toepassing|niet relevant",
        r"niet (?:echt |meer )?van toepassing(?: (?:hier|(?:op|voor|bij) (?:ons|mij)))?",
    ),
    "dont_know": (
        rf"(?:{_WE} )?(?:(?:heb|hebben|zou) )?(?:{_WE} )?(?:(?:er|daar) )?{_FILL}(?:totaal )?"
        r"(?:geen|gn) (?:flauw )?(?:idee|benul|gedacht|zicht(?: op)?)"
        r"(?: (?:er|van|hiervan|daarvan|hoor|sorry|nog|meer))*",
        rf"(?:(?:{_WE}|dat|dit) )?(?:weet|weten) (?:{_WE} )?{_IT}{_FILL}niet"
        r"(?: (?:zo|meer|precies|goed|direct|meteen|zeker|exact|hoor|echt|eigenlijk|gauw|snel))*",
        rf"(?:{_WE} )?(?:dat )?(?:zou|kan) (?:{_WE} )?{_IT}{_FILL}niet (?:weten|zeggen|beoordelen)",
        r"niet bekend|onbekend|wist ik niet|vergeten|(?:ik )?ben (?:het |ik )?vergeten",
        r"(?:ik )?kan (?:ik )?niet op komen|idk|i don t know|don t know|dunno|no idea",
    ),
    "refers": (
        rf"(?:(?:ook|al|reeds) )*(?:zie|cfr|cf|vgl|idem|zoals|als|conform|zelfde)"
        rf"(?: (?:ook|als|aan|de|het|mijn|antwoord|opmerking|toelichting|op|bij|in|al))* {_HERE}"
        rf"(?: ook)?(?: {_SAID})?",
        rf"(?:(?:ook|al|reeds) )*{_HERE}(?: (?:al|reeds|is|was|werd))* {_SAID}",
        rf"(?:(?:ook|is|werd) )*(?:reeds|al) {_SAID}",
        r"(?:(?:ook|reeds) )?(?:supra|hierboven)|(?:ook )?(?:idem(?: dito)?|id|ibidem|dito)",
        r"(?:de|het)?zelfde(?: als (?:hier)?boven)?",
    ),
    "no_comment": (
        rf"(?:(?:ik|wij|we) )?(?:(?:heb|hebben|wil) )?(?:{_WE} )?(?:(?:hier|daar|verder|er) )*"
        rf"geen (?:{_LESS} )*{_REMARK}"
        r"(?: (?:te|om te|nodig|over|hierover|hierop|bij|meer|op|daarover|toe te voegen|geven))*",
        rf"(?:hier|daar) (?:heb|hebben) {_WE} geen (?:mening|opinie) over",
        r"(?:niets|niks) (?:(?:meer|verder|extra) )?(?:toe te voegen|te melden|te zeggen)",
        r"(?:wil ik niet|liever niet|zeg ik niet)(?: (?:zeggen|beantwoorden|antwoorden|invullen))?",
        r"gaat (?:je|u|jullie) niets aan|no comment|privé",
    ),
    "nothing": (
        r"geen|ne+n?|nope|no|niets|niks|nihil|nul|niet|none|nothing|niemand|nergens",
        rf"geen (?:enkele?|een|één|andere[n]?|specifieke?|bijzondere?|van {_ALL})|geeneen",
        r"(?:nee|neen|nope) (?:niets|geen|niks|niet|dat niet|hoor|dank (?:u|je)|bedankt)",
        r"(?:er )?(?:is|zijn) er geen|kan (?:ik )?(?:niets|niks) bedenken",
        r"(?:helemaal|totaal|absoluut|eigenlijk|echt|momenteel|voorlopig|nog) (?:niets|niks|geen)",
        r"(?:helemaal|totaal|absoluut|echt|nog) niet|(?:niets|niks) (?:speciaals|bijzonders)",
    ),
    "filler": (
        r"x+|test(?:je|ing)?|test test|(?:bla ?)+|asdf\w*|qwerty\w*|azerty\w*|(?:ha){2,}",
        r"lorem ipsum|[a-z]|(?:\d )*\d|hm+|euh+|uh+|pff+|tja|ok|oké",
    ),
}
_KIND = {kind: re.compile("|".join(f"(?:{p})" for p in lines)) for kind, lines in _KINDS.items()}
KINDS = ("empty_sign", *_KINDS)
"""Signs only; nvt; geen idee; zie vorige vraag; geen opmerkingen; geen; xxxx."""


def kind_of(text: str, prompt: str) -> str:
    """Return the kind of non-answer that a cleaned text is, or an empty string for an answer.

    `prompt` is what the question asks for (study.yaml). To a question on needs, "geen" or
    "niets" says that there is none, which is an answer; elsewhere it fills the field.

    >>> kind_of("n.v.t.", "need"), kind_of("Zie vorige vraag!", "need"), kind_of("…", "need")
    ('not_applicable', 'refers', 'empty_sign')
    >>> kind_of("geen", "need"), kind_of("geen", "other"), kind_of("geen budget", "other")
    ('', 'nothing', '')
    """
    if len(text) > _LONGEST:
        return "" if _WORD.search(text) else "empty_sign"
    if not _WORD.search(text):
        return "empty_sign"
    bare = _bare(text)
    for kind, pattern in _KIND.items():
        if pattern.fullmatch(bare):
            return "" if kind == "nothing" and prompt == "need" else kind
    return "filler" if _REPEATED.fullmatch(bare) else ""


def flags_of(text: str, prompt: str) -> frozenset[str]:
    """Return `no_answer` and `no_answer:<kind>` for a non-answer, else nothing.

    >>> sorted(flags_of("geen idee", "need"))
    ['no_answer', 'no_answer:dont_know']
    """
    kind = kind_of(text, prompt)
    return frozenset({NO_ANSWER, f"{NO_ANSWER}:{kind}"} if kind else ())


def _bare(text: str) -> str:
    """Lower-case, without signs: "N.V.T.!" and "nvt" are one."""
    text = _DOTS.sub("", text.lower())
    return _SPACE.sub(" ", _EDGES.sub("", text)).strip()
