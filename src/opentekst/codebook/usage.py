"""What the codings say of a codebook: codes unused, retired but used, confused by coders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from opentekst.codebook.check import Checked, Issue
from opentekst.model import Coding, Decision

MIN_CONFUSED = 3
"""Fewer swaps than this are chance."""

CONFUSED_SHARE = 0.2
"""Two codes are called confused where coders swap them in this share of the answers on which
two people coded and at least one of them gave one of the two."""


class Count(NamedTuple):
    """How many answers carry a code or one below it, by who decided."""

    people: int
    machine: int


class Confused(NamedTuple):
    """Two sibling codes that coders give in each other's place, and how often."""

    one: str
    other: str
    swapped: int
    either: int


def counts(net: Mapping[str, frozenset[str]], decisions: Iterable[Decision]) -> dict[str, Count]:
    """Count answers per code, each answer once for a code and all above it.

    `net` maps each code to itself and all above it.
    """
    people: Counter[str] = Counter()
    machine: Counter[str] = Counter()
    for decision in decisions:
        closed = {up for code in decision.codes for up in net.get(code, ())}
        (machine if decision.basis == "automatic" else people).update(closed)
    return {code: Count(people[code], machine[code]) for code in net}


def retired_in_use(
    checked: Checked, used: Mapping[str, str], ticked: Collection[str] = ()
) -> list[Issue]:
    """Report retired codes in use. `used` maps a code to where it is used, in Dutch.

    Serious where the code is `ticked`, a box of study.yaml; that people's earlier codings
    keep a code that retired is how it should be, but worth knowing.
    """
    return [
        checked.issue(
            "retired-in-use",
            code.id,
            f"code '{code.id}' is vervallen maar wordt nog gebruikt: {used[code.id]}",
            "Voeg ze samen met een code die blijft (opentekst codebook merge), laat de antwoorden"
            " opnieuw coderen, of zet 'status: active'.",
            serious=code.id in ticked,
        )
        for code in (checked.book.codes if checked.book else ())
        if code.status == "retired" and code.id in used
    ]


def never_used(
    checked: Checked, counted: Mapping[str, Count], ticked: Collection[str] = ()
) -> list[Issue]:
    """Report active codes that no answer carries and that nobody ticked."""
    return [
        checked.issue(
            "never-used",
            code.id,
            f"code '{code.id}' kreeg geen enkel antwoord",
            "Laat ze vervallen, of controleer haar sleutelwoorden en voorbeelden.",
        )
        for code in (checked.book.active if checked.book else ())
        if code.id not in ticked and sum(counted.get(code.id, Count(0, 0))) == 0
    ]


def confusions(
    codings: Sequence[Coding], parents: Mapping[str, str], judges: Collection[str] = ()
) -> list[Confused]:
    """Return sibling codes that people give in each other's place, most often first.

    Of each person the last coding of an answer counts; adjudicators (`judges`) have seen the
    others' codings and are left out. A swap is one person giving the first and not the other
    code, where another person gives the other and not the first.
    """
    skipped = {name.removeprefix("person:").casefold() for name in judges}
    opinions: dict[str, dict[str, frozenset[str]]] = {}
    for coding in codings:
        person = coding.coder.removeprefix("person:").casefold()
        if coding.by_person and person not in skipped:
            opinions.setdefault(coding.answer, {})[person] = frozenset(coding.codes)
    swapped: Counter[tuple[str, str]] = Counter()
    given: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for by_person in opinions.values():
        if len(by_person) < 2:
            continue
        stated = frozenset().union(*by_person.values())
        given.update(stated)
        both.update(combinations(sorted(stated), 2))
        swaps = {
            (min(x, y), max(x, y))
            for mine, theirs in combinations(by_person.values(), 2)
            for x in mine - theirs
            for y in theirs - mine
            if parents.get(x) == parents.get(y)
        }
        swapped.update(swaps)
    found = [Confused(x, y, n, given[x] + given[y] - both[x, y]) for (x, y), n in swapped.items()]
    return sorted(found, key=lambda c: (-c.swapped, c.one, c.other))


def confused(checked: Checked, found: Iterable[Confused]) -> list[Issue]:
    """Report the sibling codes that coders confuse often enough to say so."""
    return [
        checked.issue(
            "confused",
            pair.other,
            f"codeurs verwisselen '{pair.one}' en '{pair.other}': bij {pair.swapped} van de"
            f" {pair.either} antwoorden die twee mensen codeerden",
            "Zeg bij beide wanneer welke code geldt (wel/niet, met een voorbeeld).",
        )
        for pair in found
        if pair.swapped >= MIN_CONFUSED and pair.swapped >= CONFUSED_SHARE * pair.either
    ]


def examples_otherwise(
    checked: Checked, coded: Mapping[tuple[str, int], Collection[str]]
) -> list[Issue]:
    """Report examples that the machine codes otherwise.

    `coded` maps (code, number of the example) to the codes that the machine gives it. A code
    above or below the right one is not called wrong.
    """
    book = checked.book
    issues = []
    for (code, number), given in coded.items() if book else ():
        assert book is not None
        if any(code in book.net([g]) or g in book.net([code]) for g in given):
            continue
        as_what = ", ".join(f"'{g}'" for g in given) if given else "geen enkele code"
        issues.append(
            checked.issue(
                "example-otherwise",
                code,
                f"voorbeeld {number + 1} van '{code}' krijgt van de machine {as_what}",
                "Voeg een sleutelwoord toe, of verhuis het voorbeeld als het elders hoort.",
                "examples",
                number,
            )
        )
    return issues
