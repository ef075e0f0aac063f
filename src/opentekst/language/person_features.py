"""The features of a stretch of words that may be a person's name, and the words it may hold."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from opentekst.language.names import (
    BLANK_SIGN,
    Word,
    fold,
    is_dutch_compound,
    is_dutch_word,
    is_foreign_word,
    lexicon,
)
from opentekst.language.person_cues import (
    CAPITAL_PARTICLES,
    DETERMINERS,
    LOCATIVE,
    NEVER,
    ORGANISATION,
    ORGANISATION_ENDS,
    PARTICLES,
    ROLE_ENDS,
    ROLES,
    SAYING,
    THINGS,
    TITLES,
)

LONGEST = 7
TOO_LONG = 40


@lru_cache(maxsize=200_000)
def marks(text: str) -> str:
    """Return what is known of one word, a letter a fact, in alphabetical order.

    A word of more than TOO_LONG letters is no name.

    F first name, L surname (f and l: less usual ones), P place, W Dutch word, E English or
    French word, N never a name, O organisation word, V capitalised particle, I initial, U all
    capitals, K capitals inside.
    """
    if len(text) > TOO_LONG:
        return "N"
    form = fold(text)
    names = lexicon()
    bare = form[:-1] if len(form) > 4 and form.endswith("s") else form
    halves = form.split("-")
    first = form in names.first or all(half in names.first for half in halves)
    last = form in names.last or bare in names.last or halves[0] in names.last
    dutch = is_dutch_word(text.lower()) or (not last and is_dutch_compound(text.lower()))
    found = {
        "F": first,
        "L": last,
        "f": not first and (form in names.first_far or halves[0] in names.first_far),
        "l": not last and (form in names.last_far or bare in names.last_far),
        "P": form in names.place,
        "W": dutch,
        "E": is_foreign_word(text.lower()),
        "N": form in NEVER,
        "O": form in ORGANISATION
        or form in names.organisation
        or halves[-1] in ORGANISATION
        or (len(form) > 6 and form.endswith(ORGANISATION_ENDS)),
        "V": form in CAPITAL_PARTICLES,
        "I": text.endswith("."),
        "U": len(text) > 1 and text.isupper(),
        "K": any(sign.isupper() for sign in text[2:]) and not text.isupper() and "-" not in text,
    }
    known = {letter for letter, true in found.items() if true}
    if known & set("FLflPWO"):
        known.discard("E")
    if known & set("FL") and len(text) > 3:
        known.discard("U")
    return "".join(sorted(known)) or "x"


def before_class(word: Word | None) -> str:
    """Return the kind of word that stands before a name."""
    if word is None or word.text == "\n":
        return "^"
    if word.text[0] == BLANK_SIGN:
        return "Cap"
    form = fold(word.text)
    for name, known in (
        ("title", TITLES),
        ("role", ROLES),
        ("loc", LOCATIVE),
        ("det", DETERMINERS),
        ("say", SAYING),
        ("org", ORGANISATION),
    ):
        if form in known:
            return name
    if form.endswith(ROLE_ENDS):
        return "role"
    if (len(form) > 6 and form.endswith(ORGANISATION_ENDS)) or form.endswith(THINGS):
        return "org"
    if not form[:1].isalnum():
        return form
    capital = word.is_name_like and form not in NEVER
    return "Cap" if capital else "num" if form[:1].isdigit() else "word"


def after_class(word: Word | None) -> str:
    """Return the kind of word that stands after a name."""
    if word is None or word.text == "\n":
        return "$"
    if word.text[0] == BLANK_SIGN:
        return "Cap"
    form = fold(word.text)
    if form in SAYING:
        return "say"
    if form in ORGANISATION or (len(form) > 6 and form.endswith(ORGANISATION_ENDS)):
        return "org"
    if not form[:1].isalnum():
        return form
    return "Cap" if word.is_name_like else "num" if form[:1].isdigit() else "word"


def features(
    run: Sequence[Word | None], first: int, last: int, stretch: tuple[int, int]
) -> dict[str, float]:
    """Return the features of `run[first:last + 1]`.

    `run` holds the words of a text; None stands where the text begins and ends. `stretch`
    says where the stretch of capitalised words begins and ends (half open).
    """
    inside = [word for word in run[first : last + 1] if word is not None]
    before, after = run[first - 1], run[last + 1]
    if before is not None and before.text == "." and first > 1:
        before = run[first - 2] if not inside[0].opens else before
    capitals = [word for word in inside if word.is_name_like]
    head, tail = _short(marks(inside[0].text)), _short(marks(inside[-1].text))
    count = min(len(capitals), 4)
    if count > 1 and head[0] in "Ff" and tail == "E":
        tail = "x"
    left, right = before_class(before), after_class(after)
    edge = _edge(run, first, last, stretch)
    opening = "b" if inside[0].opens else "m"
    found: dict[str, float] = {
        f"n={count}": 1,
        f"n={count} left={left}": 1,
        f"n={count} right={right}": 1,
        f"n={count} {opening}": 1,
        f"n={count} edge={edge}": 1,
        f"n={min(count, 2)} cut {edge[0]}": 1,
        f"n={min(count, 2)} cut {edge[1]} after": 1,
        f"n={count} edge={edge} head={head}": 1,
        f"n={count} edge={edge} tail={tail}": 1,
        f"n={count} edge={edge} left={left}": 1,
        f"n={count} head={head} {opening}": 1,
        f"n={count} head={head} left={left}": 1,
        f"n={count} tail={tail} right={right}": 1,
        f"edge={edge} pair={head} {tail}": 1,
        f"pair={head} {tail} {opening}": 1,
    }
    if head == "V" and count > 1:
        surname = " ".join(fold(word.text) for word in inside)
        listed = surname in lexicon().last or surname in lexicon().last_far
        found[f"{'listed' if listed else 'new'} surname {tail} {opening}"] = 1
        found["listed surname" if listed else "new surname"] = 1
    if count > 1 and head[0] in "Ff" and tail[0] not in "NO" and edge[1] in "-p":
        found["first name first"] = 1
        found[f"{head[0]} first, tail {tail[0] in 'FLfl'}"] = 1
        found[f"first name first, left {edge[0]}"] = 1
    for word in inside[1:-1]:
        inner = _short(marks(word.text)) if word.is_name_like else fold(word.text)
        found[f"inner={inner}"] = 1
    for letter in {letter for word in capitals for letter in marks(word.text)}:
        found[f"n={min(count, 2)} any={letter}"] = 1
    if all(letter in "FLVIflW" for word in capitals for letter in marks(word.text)):
        found[f"n={count} all names"] = 1
    if any("-" in word.text for word in inside):
        found[f"hyphen {count}"] = 1
    _lexical(found, before, after, count)
    return found


def _edge(run: Sequence[Word | None], first: int, last: int, stretch: tuple[int, int]) -> str:
    """Return what a part would be cut off from in its stretch, a sign for either side.

    "-" nothing, C a capital, W an ordinary word with a capital (w: where a sentence begins),
    I an initial, p a particle.
    """
    left = right = "-"
    before, after = run[first - 1], run[last + 1]
    if first > stretch[0] and before is not None:
        facts = marks(before.text)
        plain = "W" in facts and not set(facts) & set("FLfl")
        left = "I" if before.is_initial else "C" if not plain else "w" if before.opens else "W"
    if last + 1 < stretch[1] and after is not None:
        right = "p" if not after.is_name_like else "W" if "W" in marks(after.text) else "C"
    return left + right


def _short(known: str) -> str:
    """Keep the facts that matter most, so that pairs of words stay countable."""
    for letter in "NOIVUK":
        if letter in known:
            return letter
    name = next((letter for letter in "FLfl" if letter in known), "")
    return name + "".join(letter for letter in known if letter in "PW") or known[0]


def _lexical(found: dict[str, float], before: Word | None, after: Word | None, count: int) -> None:
    if before is not None and before.text[0] != BLANK_SIGN:
        form = fold(before.text)
        found[f"before={form}"] = 1
        if form[:1].isalpha() and not before.is_name_like:
            found[f"n={min(count, 2)} before ends={form[-3:]}"] = 1
        elif before.is_name_like:
            found[f"cut left {_short(marks(before.text))}"] = 1
    if after is not None and after.text[0] != BLANK_SIGN:
        form = fold(after.text)
        found[f"after={form}"] = 1
        if after.is_name_like:
            found[f"cut right {_short(marks(after.text))}"] = 1


def runs(found: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the stretches of capitalised words, joined by particles, as index pairs (half open).

    A particle in lower case may begin a stretch only after a title.
    """
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(found):
        if not (_may_join(found[at]) or _leads(found, at)):
            at += 1
            continue
        end = at + 1
        while (after := _next(found, end)) is not None:
            end = after
        spans.append((at, end))
        at = end
    return spans


def _next(found: Sequence[Word], at: int) -> int | None:
    """Return the end of the run when it may go on at `at`: particles or none, and a capital."""
    ahead = at
    while ahead < len(found) and ahead - at < 3 and _is_particle(found[ahead]):
        ahead += 1
    if ahead >= len(found) or not _may_join(found[ahead]):
        return None
    if found[ahead].opens and ahead == at and not found[at - 1].is_initial:
        return None
    if ahead > at:
        return None if _parts_ways(found[at:ahead], found[ahead]) else ahead + 1
    return ahead + 1 if found[ahead].start - found[at - 1].end <= 2 else None


def _parts_ways(particles: Sequence[Word], word: Word) -> bool:
    """Return whether "van de" leads to an organisation or a place rather than a surname."""
    surname = " ".join(fold(part.text) for part in (*particles, word))
    names = lexicon()
    if surname in names.last or surname in names.last_far:
        return False
    if fold(particles[0].text) in ("het", "op", "te", "aan", "af"):
        return True
    facts = set(marks(word.text))
    return bool(facts & set("NOU")) or ("P" in facts and not facts & set("Ll"))


def _may_join(word: Word) -> bool:
    return word.is_name_like and "N" not in marks(word.text)


def _is_particle(word: Word) -> bool:
    return not word.is_name_like and fold(word.text) in PARTICLES


def _leads(found: Sequence[Word], at: int) -> bool:
    if not _is_particle(found[at]) or fold(found[at].text) in ("het", "te", "op", "af", "aan"):
        return False
    before = found[at - 1] if at else None
    if before is not None and before.text == "." and at > 1:
        before = found[at - 2]
    return before is not None and fold(before.text) in TITLES and _next(found, at + 1) is not None


def candidates(found: Sequence[Word], start: int, end: int) -> list[tuple[int, int]]:
    """Return the index pairs (last one included) in a run that may be one person's name."""
    return [
        (first, last)
        for first in range(start, end)
        if found[first].is_name_like or first == start
        for last in range(first, min(end, first + LONGEST))
        if found[last].is_name_like and not (first == last and found[first].is_initial)
    ]


def is_place(text: str, places: AbstractSet[str]) -> bool:
    """Return whether a text is a known place or organisation; `places` holds folded names."""
    form = fold(text)
    return form in places or form in lexicon().place or form in lexicon().organisation
