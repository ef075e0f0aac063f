"""What units state: codes, nets and accepted topics as themes, with how intensely and by whom.

Everything counts units. A net holds each unit once, however many of its codes the unit states.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from opentekst.codebook import Codebook
from opentekst.model import Span, Theme

NET, TOPIC = "net:", "topic:"


@dataclass(frozen=True, slots=True)
class Said:
    """One decided answer: its unit, its codes, its segments and where each code shows.

    `segments` and `evidence` are offsets into the verbatim text; a code without evidence has
    none.
    """

    answer: str
    unit: str
    codes: frozenset[str]
    segments: tuple[Span, ...] = ()
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A topic that a person accepted as a code that no answer has yet."""

    number: int
    code: str
    label: str
    answers: frozenset[str]


@dataclass(frozen=True)
class Stated:
    """What was said under one codebook: decided answers, and topics that were accepted.

    `unit_of` has the unit of every answer that says something, decided or not.
    """

    book: Codebook
    said: Sequence[Said]
    unit_of: Mapping[str, str]
    accepted: Sequence[Accepted] = ()
    no_need: frozenset[str] = field(default=frozenset())

    @property
    def base(self) -> frozenset[str]:
        """The units with a decided answer that says something."""
        return frozenset(one.unit for one in self.said)


def themes_of(stated: Sequence[Stated]) -> list[Theme]:
    """Return all themes, most units first; codes that nobody states are left out."""
    clash = _shared_codes([one.book for one in stated])
    found = [theme for one in stated for theme in _themes(one, clash)]
    return sorted(found, key=lambda theme: (-len(theme.units), theme.id))


def main_codes(one: Said) -> frozenset[str]:
    """Return the codes that are the main thing an answer says.

    The one in most segments; of several, the one that shows first. Where nothing tells
    which comes first, there is none.
    """
    if len(one.codes) < 2:
        return one.codes
    marks = {code: segments_with(one, {code}) for code in one.codes}
    most = max(map(len, marks.values()))
    top = [code for code in one.codes if len(marks[code]) == most]
    first = {code: _first(one, code) for code in top}
    earliest = min(first.values())
    return frozenset(code for code in top if first[code] == earliest and earliest >= 0)


def units_with_main(stated: Stated, codes: Collection[str]) -> frozenset[str]:
    """Return the units for which one of `codes` is the main thing that an answer says."""
    wanted = frozenset(codes)
    return frozenset(one.unit for one in stated.said if main_codes(one) & wanted)


def segments_with(one: Said, codes: Collection[str]) -> frozenset[int]:
    """Return which segments (by number) show one of `codes`."""
    return frozenset(
        number
        for number, segment in enumerate(one.segments)
        for span in one.evidence
        if span.code in codes and span.start < segment.end and segment.start < span.end
    )


def members_of(theme: Theme, book: Codebook) -> frozenset[str]:
    """Return the codes that a theme stands for: its own and, for a net, all below it."""
    if theme.kind != "net":
        return frozenset({theme.code})
    return _below(book, theme.code)


def _themes(stated: Stated, clash: frozenset[str]) -> list[Theme]:
    book = stated.book
    fresh = {topic.code for topic in stated.accepted}
    codes = [code for code in book.codes if code.id not in stated.no_need | fresh]
    made = [
        _theme(stated, _name(book, code.id, clash), code.label, "code", code.id, {code.id})
        for code in codes
    ]
    for code in codes:
        below = _below(book, code.id) - stated.no_need
        if len(below) > 1:
            name = NET + _name(book, code.id, clash)
            label = f"{code.label} (met alles eronder)"
            made.append(_theme(stated, name, label, "net", code.id, below))
    made += [_topic(stated, topic) for topic in stated.accepted]
    return [theme for theme in made if theme.units]


def _theme(
    stated: Stated,
    name: str,
    label: str,
    kind: str,
    code: str,
    members: Collection[str],
) -> Theme:
    wanted = frozenset(members)
    mine = [one for one in stated.said if one.codes & wanted]
    return Theme(
        id=name,
        label=label,
        kind="net" if kind == "net" else "code",
        units=frozenset(one.unit for one in mine),
        base=len(stated.base),
        mentions=sum(max(1, len(segments_with(one, wanted))) for one in mine),
        central=len(units_with_main(stated, wanted)),
        codebook=stated.book.id,
        code=code,
        branch=f"{stated.book.id}/{stated.book.path(code)[0]}",
    )


def _topic(stated: Stated, topic: Accepted) -> Theme:
    units = frozenset(stated.unit_of[a] for a in topic.answers if a in stated.unit_of)
    return Theme(
        id=f"{TOPIC}{topic.number}",
        label=topic.label,
        kind="topic",
        units=units,
        base=len(set(stated.unit_of.values())),
        mentions=sum(answer in stated.unit_of for answer in topic.answers),
        central=0,
        codebook=stated.book.id,
        code=topic.code,
        branch=f"{stated.book.id}/{stated.book.path(topic.code)[0]}",
    )


def _below(book: Codebook, code: str) -> frozenset[str]:
    return frozenset(one.id for one in book.codes if code in (one.id, *book.ancestors(one.id)))


def _first(one: Said, code: str) -> int:
    return min((span.start for span in one.evidence if span.code == code), default=-1)


def _name(book: Codebook, code: str, clash: frozenset[str]) -> str:
    return f"{book.id}/{code}" if code in clash else code


def _shared_codes(books: Sequence[Codebook]) -> frozenset[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for book in books:
        twice |= seen & book.by_id.keys()
        seen |= book.by_id.keys()
    return frozenset(twice)
