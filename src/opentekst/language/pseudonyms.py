"""Replace what points at a person by stable placeholders: "[naam 1]", "[telefoon 1]", …

`find` says where, `Pseudonyms` is a study's key (which name has which number), `mask`
replaces and keeps the way back. Nothing here puts a name into an error, a log or a repr.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from opentekst.errors import StudyError
from opentekst.language.contacts import find_contacts
from opentekst.language.names import BLANK_SIGN, fold
from opentekst.language.person_cues import PARTICLES
from opentekst.language.person_scores import BATCH, prepare
from opentekst.language.persons import find_persons

if TYPE_CHECKING:
    from spacy.tokens import Doc

LABELS: Mapping[str, str] = {
    "name": "naam",
    "phone": "telefoon",
    "email": "e-mail",
    "address": "adres",
    "national_number": "rijksregisternummer",
}
_KINDS = {label: kind for kind, label in LABELS.items()}
_PLACEHOLDER = re.compile(rf"\[({'|'.join(map(re.escape, _KINDS))}) (\d{{1,9}})\]")
_FORMAT = 1


class Hit(NamedTuple):
    """A stretch of text to be replaced; `kind` is a key of LABELS."""

    start: int
    end: int
    kind: str


class Anchor(NamedTuple):
    """A placeholder's offsets in the masked text and those of what it stands for."""

    start: int
    end: int
    original_start: int
    original_end: int


def find(text: str, doc: Doc | None = None, places: Collection[str] = ()) -> list[Hit]:
    """Return what must be replaced in `text`: in order, not overlapping, offsets into `text`.

    `doc` is the text's parse, whose own persons (label PERSON or PER) are added; a parse of
    another text is not used. `places` are names that stay (the study's municipalities).
    Placeholders already there stay. What is found does not depend on what was replaced
    before: the search is repeated on the text without its hits until it finds no more, so
    that a masked text has none.

    >>> [(hit.kind, hit.start, hit.end) for hit in find("Vraag aan Sofie De Smet, 0478 12 34 56")]
    [('name', 10, 23), ('phone', 25, 38)]
    """
    hits: list[Hit] = []
    rest = _without(text, [match.span() for match in _PLACEHOLDER.finditer(text)])
    named = _entities(doc, text, places)
    while True:
        fresh = [Hit(*contact) for contact in find_contacts(rest)]
        rest = _without(rest, [hit[:2] for hit in fresh])
        persons = [span for span in named if BLANK_SIGN not in rest[span[0] : span[1]]]
        persons = _joined([*persons, *find_persons(rest, places)])
        fresh += [Hit(start, end, "name") for start, end in persons]
        rest = _without(rest, persons)
        if not fresh:
            return sorted(hits)
        hits += fresh
        named = []


def find_all(texts: Sequence[str], places: Collection[str] = ()) -> list[list[Hit]]:
    """Return `find` of every text, in order; several times faster than one by one."""
    distinct = list(dict.fromkeys(texts))
    known: dict[str, list[Hit]] = {}
    for at in range(0, len(distinct), BATCH):
        batch = distinct[at : at + BATCH]
        prepare(batch)
        known.update((text, find(text, places=places)) for text in batch)
    return [known[text] for text in texts]


def _without(text: str, spans: Iterable[Sequence[int]]) -> str:
    """Blank out spans, each character by a sign that no language uses."""
    signs = list(text)
    for start, end in spans:
        signs[start:end] = BLANK_SIGN * (end - start)
    return "".join(signs)


def _entities(doc: Doc | None, text: str, places: Collection[str]) -> list[tuple[int, int]]:
    if doc is None or doc.text != text:
        return []
    kept = set(map(fold, places))
    return [
        (entity.start_char, entity.end_char)
        for entity in doc.ents
        if entity.label_ in ("PERSON", "PER") and fold(entity.text) not in kept
    ]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    whole: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if whole and start < whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


@dataclass(repr=False)
class Pseudonyms:
    """A study's key: which name, number or address has which number, by kind.

    A number once given never changes; new ones are appended in order of first appearance.
    Numbers that respondents themselves typed in a placeholder's form are `reserved`.
    The key holds names: keep it as private as the answers.
    """

    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    reserved: dict[str, set[int]] = field(default_factory=dict)

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind}: {len(known)}" for kind, known in self.numbers.items())
        return f"Pseudonyms({counts})"

    def reserve(self, texts: Iterable[str]) -> None:
        """Keep numbers free that stand in `texts` as if they were placeholders.

        Call it with all answers of a study before masking the first.
        """
        for text in texts:
            for label, number in _PLACEHOLDER.findall(text):
                kind = _KINDS[label]
                if int(number) not in self.numbers.get(kind, {}).values():
                    self.reserved.setdefault(kind, set()).add(int(number))

    def number(self, kind: str, value: str) -> int:
        """Return the number of a normalised value; a new value gets the next free number."""
        known = self.numbers.setdefault(kind, {})
        if value not in known:
            following = max(known.values(), default=0) + 1
            while following in self.reserved.get(kind, ()):
                following += 1
            known[value] = following
        return known[value]

    def in_use(self, masked: Iterable[str]) -> Pseudonyms:
        """Return the key with only what stands in these masked texts; other numbers stay taken.

        >>> key = Pseudonyms()
        >>> _ = key.number("name", "els"), key.number("name", "wim")
        >>> key.in_use(["Vraag [naam 2]"]).to_json()["numbers"], key
        ({'name': {'wim': 2}}, Pseudonyms(name: 2))
        """
        used = {(_KINDS[k], int(n)) for text in masked for k, n in _PLACEHOLDER.findall(text)}
        kept = Pseudonyms({}, {kind: set(taken) for kind, taken in self.reserved.items()})
        for kind, known in self.numbers.items():
            kept.numbers[kind] = {v: n for v, n in known.items() if (kind, n) in used}
            if gone := {n for n in known.values() if (kind, n) not in used}:
                kept.reserved.setdefault(kind, set()).update(gone)
        return kept

    def to_json(self) -> dict[str, Any]:
        """Return the key as JSON values."""
        return {
            "format": _FORMAT,
            "numbers": {kind: dict(known) for kind, known in self.numbers.items()},
            "reserved": {kind: sorted(numbers) for kind, numbers in self.reserved.items()},
        }

    @classmethod
    def from_json(cls, content: object) -> Pseudonyms:
        """Read a key. Raises StudyError where it is not one."""
        try:
            return cls._read(content)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise StudyError(
                "de sleutel van de pseudoniemen is onleesbaar",
                remedy="Zet de vorige versie van het bestand terug. Wissen kan ook, maar dan "
                "krijgen namen een ander nummer dan in wat al verstuurd is.",
            ) from None

    @classmethod
    def _read(cls, content: Any) -> Pseudonyms:
        if content["format"] != _FORMAT:
            raise ValueError
        numbers = {kind: dict(content["numbers"][kind]) for kind in content["numbers"]}
        for known in numbers.values():
            if len(set(known.values())) != len(known):
                raise ValueError
            if not all(type(n) is int and n > 0 for n in known.values()):
                raise ValueError
        if not set(numbers) <= set(LABELS):
            raise ValueError
        reserved = {kind: set(map(int, content["reserved"][kind])) for kind in content["reserved"]}
        return cls(numbers, reserved)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with placeholders, and where each of them comes from."""

    text: str
    anchors: tuple[Anchor, ...] = ()

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original text of a span in `text`.

        A span that cuts through a placeholder gets the whole of what it stands for.
        """
        return _moved([(a[:2], a[2:]) for a in self.anchors], start, end)

    def to_masked(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in `text` of a span in the original text.

        A span that cuts through a name gets the whole placeholder.
        """
        return _moved([(a[2:], a[:2]) for a in self.anchors], start, end)


def _moved(
    pairs: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], start: int, end: int
) -> tuple[int, int]:
    starts = [here[0] for here, _ in pairs]

    def move(offset: int, side: int) -> int:
        at = bisect_right(starts, offset) - 1
        if at < 0:
            return offset
        here, there = pairs[at]
        if here[0] < offset < here[1]:
            return there[side]
        return there[0] if offset == here[0] else there[1] + offset - here[1]

    return move(start, 0), move(end, 1)


def mask(text: str, hits: Iterable[Hit], key: Pseudonyms) -> Masked:
    """Replace the hits of `find` by placeholders; new names are added to `key`.

    Within one text a first name or surname alone gets the number of the one full name there
    that holds it. Raises ValueError where hits overlap or lie outside the text.

    >>> text = "Jan Peeters weet het. Peeters belt."
    >>> mask(text, find(text), Pseudonyms()).text
    '[naam 1] weet het. [naam 1] belt.'
    """
    ordered = sorted(hits)
    edges = [0, *(edge for hit in ordered for edge in hit[:2]), len(text)]
    if edges != sorted(edges) or any(hit.start == hit.end for hit in ordered):
        raise ValueError("hits overlap, are empty or lie outside the text")
    key.reserve([text])
    meant = _meant(text, ordered)
    parts: list[str] = []
    anchors: list[Anchor] = []
    last = length = 0
    for hit in ordered:
        number = key.number(hit.kind, meant(hit))
        placeholder = f"[{LABELS[hit.kind]} {number}]"
        parts += [text[last : hit.start], placeholder]
        start = length + hit.start - last
        length, last = start + len(placeholder), hit.end
        anchors.append(Anchor(start, length, hit.start, hit.end))
    return Masked("".join([*parts, text[last:]]), tuple(anchors))


def _meant(text: str, hits: Sequence[Hit]) -> Callable[[Hit], str]:
    """Return a function that gives the normalised value a hit stands for, seen in its text."""
    names = [normal("name", text[hit.start : hit.end]) for hit in hits if hit.kind == "name"]
    full = {name for name in names if len(_parts(name)) > 1}

    def value(hit: Hit) -> str:
        own = normal(hit.kind, text[hit.start : hit.end])
        if hit.kind != "name" or own in full:
            return own
        holding = {name for name in full if _parts(own) and _parts(own) <= _parts(name)}
        return holding.pop() if len(holding) == 1 else own

    return value


def _parts(name: str) -> set[str]:
    return {part for part in name.split() if part not in PARTICLES}


def normal(kind: str, value: str) -> str:
    """Return the form under which a value is known in the key.

    Case, accents, spacing and, for names, the order of the words make no difference.

    >>> normal("name", "PEETERS  Jan") == normal("name", "Jan Peeters")
    True
    >>> normal("phone", "0478/12.34.56") == normal("phone", "+32 478 12 34 56")
    True
    """
    if kind == "name":
        return " ".join(sorted(fold(value).split()))
    if kind == "national_number":
        return "".join(sign for sign in value if sign.isdigit())
    if kind == "phone":
        return _e164(value)
    return fold(value)


def _e164(value: str) -> str:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(value, "BE")
    except phonenumbers.NumberParseException:
        return fold(value)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
