"""What is known about names: the list that ships, and the words that a name is cut into.

The list (`data/names.txt.gz`, made by `training/make_names.py`) holds folded first names,
surnames and places: Faker (MIT), CLDR (Unicode-3.0), Statbel (CC BY 4.0).
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from opentekst.language.person_cues import word_set

# Stands where something was found before: a character for private use, never in a language.
BLANK_SIGN = "\ue000"
_WORD = re.compile(
    rf"{BLANK_SIGN}+|"
    r"(?:[^\W\d_]\.){2,}|[^\W\d_]\.(?=[\s,;)\]/-]|[^\W\d_]|$)"  # initials
    r"|[^\W\d_]+(?:['’&\-‐‑][^\W\d_]+)*"
    r"|\d+(?:[.,/:]\d+)*|[^\S\n]+|\S|\n"
)
_ENDS = frozenset('.!?:;•*–—|\n("“”„«»[]/')
_OWNER = re.compile(r"['’]s$")
_DOTTED = word_set(
    "mevr mw mvr dhr hr dr drs ir ing mr mrs ms prof ds past br zr e.h st sint juf"
    " bijv bv nl tel blz art nr ca o.a resp incl excl enz"
)


class Word(NamedTuple):
    """A word, number or mark: its offsets and text, and what is seen of it at once.

    `opens` says whether a sentence may begin here; `is_name_like` whether it begins with a
    capital letter ("Metro-oprichter" is an ordinary word all the same); `is_initial`
    whether it is one initial or several, such as "J." or "P.J.".
    """

    start: int
    end: int
    text: str
    opens: bool
    is_name_like: bool
    is_initial: bool


@lru_cache(maxsize=100_000)
def _is_joined(text: str) -> bool:
    """Return whether the last part after a hyphen is a Dutch word in lower case."""
    part = text.rpartition("-")[2]
    return len(part) < len(text) and len(part) > 2 and part.islower() and is_dutch_word(part)


class Lexicon(NamedTuple):
    """Folded names by kind; `far` ones are less usual in Belgium."""

    first: frozenset[str]
    last: frozenset[str]
    first_far: frozenset[str]
    last_far: frozenset[str]
    place: frozenset[str]
    organisation: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Return the list that ships; it is read once, in some 20 ms."""
    packed = files("opentekst.language").joinpath("data", "names.txt.gz").read_bytes()
    parts = dict(line.split("\t") for line in gzip.decompress(packed).decode().splitlines())
    return Lexicon(*(frozenset(parts[part].split("|")) for part in Lexicon._fields))


@lru_cache(maxsize=100_000)
def fold(name: str) -> str:
    """Return `name` in lower case, without accents, with single spaces.

    >>> fold("Özlem  DE SMET")
    'ozlem de smet'
    """
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


@lru_cache(maxsize=100_000)
def is_dutch_word(form: str) -> bool:
    """Return whether the treebanks or simplemma's dictionary know this lower-case form."""
    import simplemma

    return form in ordinary_words() or simplemma.is_known(form, lang="nl")


@lru_cache(maxsize=100_000)
def is_dutch_compound(form: str) -> bool:
    """Return whether a lower-case form is two Dutch words joined, with or without an -s-.

    >>> is_dutch_compound("buurtfeest"), is_dutch_compound("vandenbroucke")
    (True, False)
    """
    for cut in range(4, len(form) - 3):
        if is_dutch_word(form[cut:]) and (
            is_dutch_word(form[:cut]) or (form[cut - 1] == "s" and is_dutch_word(form[: cut - 1]))
        ):
            return True
    return False


@lru_cache(maxsize=100_000)
def is_foreign_word(form: str) -> bool:
    """Return whether simplemma's English or French dictionary knows this lower-case form."""
    import simplemma

    return simplemma.is_known(form, lang="en") or simplemma.is_known(form, lang="fr")


@cache
def ordinary_words() -> frozenset[str]:
    """Return the words that the treebanks write in lower case (CC BY-SA 4.0)."""
    packed = files("opentekst.language").joinpath("data", "ordinary_words.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))


def words(text: str) -> list[Word]:
    """Cut a text into words, numbers and marks; white space is dropped, a line end is a mark.

    >>> [word.text for word in words("Mevr. J. De Smet's idee")]
    ['Mevr', '.', 'J.', 'De', 'Smet', 'idee']
    """
    found: list[Word] = []
    opens = True
    for match in _WORD.finditer(text):
        piece = match.group()
        if piece.isspace() and piece != "\n":
            continue
        start = match.start()
        core = _OWNER.sub("", piece)
        capital = (core[0].isupper() or core[0].istitle()) and not _is_joined(core)
        initial = capital and len(core) > 1 and core[-1] == "."
        found.append(Word(start, start + len(core), core, opens, capital, initial))
        opens = piece in _ENDS or (opens and not piece[0].isalnum() and piece[0] != BLANK_SIGN)
        if piece == "." and len(found) > 1 and found[-2].text.casefold() in _DOTTED:
            opens = False
    return found
