"""Clean a text for matching while keeping track of where every character came from."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html.entities import html5


@dataclass(frozen=True)
class Tracked:
    """A text and, for each of its characters and its end, the offset in the verbatim text."""

    text: str
    origin: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Tracked:
        """Start from a verbatim text."""
        return cls(text, tuple(range(len(text) + 1)))

    def replace(self, pattern: re.Pattern[str], new: Callable[[str], str]) -> Tracked:
        """Replace every match; its replacement points at where the match began."""
        if not pattern.search(self.text):
            return self
        parts: list[str] = []
        origin: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            start, end = match.span()
            replacement = new(match.group())
            parts += [self.text[last:start], replacement]
            origin += [*self.origin[last:start], *[self.origin[start]] * len(replacement)]
            last = end
        parts.append(self.text[last:])
        origin += self.origin[last:]
        return Tracked("".join(parts), tuple(origin))

    def strip(self) -> Tracked:
        """Drop white space at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        end = max(start, len(self.text.rstrip()))
        return Tracked(self.text[start:end], self.origin[start : end + 1])

    def anchors(self) -> tuple[tuple[int, int], ...]:
        """Return the pairs (offset here, verbatim offset) at which the two fall out of step."""
        found: list[tuple[int, int]] = []
        for here, raw in enumerate(self.origin):
            if not found or raw - here != found[-1][1] - found[-1][0]:
                found.append((here, raw))
        return tuple(found)


_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ESCAPED_AGAIN = re.compile(r"&(?:amp;|AMP;|#0{0,4}38;|#[xX]0{0,4}26;)+")
_BREAK = re.compile(r"</?(?:br|p|div|li|ul|ol|tr)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:span|b|i|em|strong|u|a|font)\b[^<>]{0,200}>", re.IGNORECASE)
_HALF = re.compile("[\ud800-\udfff]")
_MARKS = "\u0300-\u036f"
_PILED = re.compile(rf"(?<=[{_MARKS}]{{8}})[{_MARKS}]+")
_COMPOSED = re.compile(rf"\S[{_MARKS}]+")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u2069\ufeff]+"
)
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*[\n\r\u2028\u2029]\s*")
_REPEATED = re.compile(r"([!?.,;:\-_=*#~])\1{2,}")
_QUOTES = re.compile("[\u2018\u2019\u201a\u201b`\u00b4]")
_PLAIN = re.compile(r"[\w'\"()/+%€@,.;:!?-]+(?: [\w'\"()/+%€@,.;:!?-]+)*")
_ROUNDS = 8
"""Entities within entities are undone so many times; beyond that a text is no writing."""


def clean(text: str) -> Tracked:
    """Return `text` with entities decoded, invisible characters gone and spacing tidied.

    Line ends stay, as one newline each; runs of three or more of one punctuation mark
    become one, dots an ellipsis; half a surrogate pair becomes U+FFFD. Offsets lead back to
    the verbatim text, whose letters and digits are all still there. Takes time in proportion
    to the length.

    >>> clean("Te weinig&nbsp;personeel!!!!").text
    'Te weinig personeel!'
    >>> clean("vrijwil\u00adligers &amp;amp; <b>geld</b>").text
    'vrijwilligers & geld'
    """
    tracked = Tracked.of(text)
    if _PLAIN.fullmatch(text) and text.isascii() and not _REPEATED.search(text):
        return tracked
    for _round in range(_ROUNDS):
        again = _tidied(tracked)
        if again.text == tracked.text:
            return again
        tracked = again
    tracked = tracked.replace(_ENTITY, lambda entity: "+" + entity[1:])
    while (again := _tidied(tracked)).text != tracked.text:
        tracked = again
    return again


def _tidied(tracked: Tracked) -> Tracked:
    """Take every step once; a doubly escaped entity or a gap that closed needs another round."""
    tracked = tracked.replace(_ESCAPED_AGAIN, lambda _run: "&")
    tracked = tracked.replace(_ENTITY, _decoded)
    tracked = tracked.replace(_BREAK, lambda _tag: "\n")
    tracked = tracked.replace(_TAG, lambda _tag: " ")
    tracked = tracked.replace(_HALF, lambda _half: "\ufffd")
    tracked = tracked.replace(_PILED, lambda _run: "")
    tracked = tracked.replace(_COMPOSED, lambda part: unicodedata.normalize("NFC", part))
    tracked = tracked.replace(_INVISIBLE, lambda _run: "")
    tracked = tracked.replace(_QUOTES, lambda _quote: "'")
    tracked = tracked.replace(_REPEATED, lambda run: "…" if run[0] == "." else run[0])
    tracked = tracked.replace(_SPACE, lambda _run: " ")
    return tracked.replace(_LINES, lambda _run: "\n").strip()


def _decoded(entity: str) -> str:
    """Return the character of an entity; a name that HTML does not know stays as it is."""
    return html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)
