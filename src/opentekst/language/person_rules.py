"""Names of persons written without capitals, or in a text of capitals only: by rule."""

from __future__ import annotations

from collections.abc import Sequence

from opentekst.language.names import Word, fold, is_dutch_word, lexicon
from opentekst.language.person_cues import NEVER, PARTICLES, ROLES, SAYING, SURE_TITLES, word_set

_GREETINGS = word_set("groet groeten groetjes mvg gr naam heet")


def shouted(text: str) -> bool:
    """Return whether a text of several words is written in capitals.

    >>> shouted("EMMA IS ZIEK"), shouted("OCMW")
    (True, False)
    """
    letters = [sign for sign in text if sign.isalpha()]
    upper = sum(sign.isupper() for sign in letters)
    return len(text.split()) > 2 and upper > 0.8 * len(letters)


def lower_case_names(found: Sequence[Word], places: frozenset[str]) -> list[tuple[int, int]]:
    """Return the offsets of names whose words begin without a capital, or all are capitals.

    Taken are: a surname after "mevrouw" or "dhr."; a first name with a surname ("jan
    peeters", "tom de backer", "Pim fortuyn"); a first name after a role or a greeting
    ("collega els").
    """
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(found):
        end = _name_at(found, at, places)
        if end is None:
            at += 1
            continue
        spans.append((found[at].start, found[end - 1].end))
        at = end
    return spans


def _name_at(found: Sequence[Word], at: int, places: frozenset[str]) -> int | None:
    if not found[at].text[0].isalpha():
        return None
    if not _lower(found[at]):
        named = _is_first(found[at], places) and fold(found[at].text) in lexicon().first
        return _surname(found, at + 1, places, sure=False, first=found[at]) if named else None
    before = fold(found[at - 1].text) if at else ""
    if before == "." and at > 1:
        before = fold(found[at - 2].text)
    if before in SURE_TITLES and (end := _surname(found, at, places, sure=True)):
        return end
    if not _is_first(found[at], places):
        return None
    if end := _surname(found, at + 1, places, sure=False, first=found[at]):
        return end
    cued = before in ROLES or before in _GREETINGS or before in SURE_TITLES
    cued = cued or (before == "," and at > 1 and fold(found[at - 2].text) in _GREETINGS)
    alone = not is_dutch_word(found[at].text.lower()) and fold(found[at].text) not in SAYING
    return at + 1 if cued and alone else None


def _lower(word: Word) -> bool:
    return word.text.islower() or (word.text.isupper() and len(word.text) > 1)


def _is_first(word: Word, places: frozenset[str]) -> bool:
    form = fold(word.text)
    known = form in lexicon().first or (
        "-" in form and all(part in lexicon().first for part in form.split("-"))
    )
    return known and len(form) > 2 and form not in NEVER | places | PARTICLES | SAYING


def _surname(
    found: Sequence[Word],
    at: int,
    places: frozenset[str],
    *,
    sure: bool,
    first: Word | None = None,
) -> int | None:
    """Return where a surname that begins at `at` ends, or None where there is none."""
    end = at
    while end < len(found) and end - at < 3 and fold(found[end].text) in PARTICLES:
        end += 1
    if end >= len(found) or not found[end].text[0].isalpha():
        return None
    if not _lower(found[end]) and (first is None or not _lower(first)):
        return None
    whole = " ".join(fold(word.text) for word in found[at : end + 1])
    last = fold(found[end].text)
    if last in NEVER | places or last in ROLES or whole in places or last in SAYING:
        return None
    listed = last in lexicon().last or whole in lexicon().last
    common = is_dutch_word(found[end].text.lower())
    if sure:
        good = listed or not common
    elif first is not None and is_dutch_word(first.text.lower()):
        good = listed and not common
    else:
        good = (listed and not common) or (end > at and whole in lexicon().last)
        good = good or not (common or last in lexicon().place or end > at)
    return end + 1 if good else None
