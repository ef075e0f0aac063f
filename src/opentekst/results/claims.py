"""Percentages in running text, beside the counts and the table rows that they belong to.

Only what can be tied safely is compared: a percentage with its count and base in the same
sentence, or with one row of one table whose whole label stands in the sentence. A percentage
after a word such as "bijna" or "ongeveer" says itself that it is not exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opentekst.results import grim
from opentekst.results.audit_column import Flaw, nearest
from opentekst.results.audit_words import cell_text, dutch, number
from opentekst.results.printed import PrintedTable, percentage_of, whole_number

_N = r"(?<![0-9.,])[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9,])|(?<![0-9.,])[0-9]+(?![0-9,.]*[0-9])"
_P = r"[0-9]{1,3}(?:[.,][0-9]+)?"
_WORDS = r"(?:[^\W\d_][\w'’-]*\s+){0,4}?"
_COUNTED = (
    re.compile(
        rf"(?P<n>{_N})\s+{_WORDS}(?:van|op)\s+(?:de\s+|het\s+)?(?P<base>{_N})\s+"
        rf"{_WORDS}\(?\s*(?P<p>{_P})\s?%\)?"
    ),
    re.compile(
        rf"(?P<p>{_P})\s?%[\s,(]*(?:dat\s+zijn\s+|ofwel\s+|of\s+|namelijk\s+|=\s*)?"
        rf"(?P<n>{_N})\s+{_WORDS}(?:van|op)\s+(?:de\s+|het\s+)?(?P<base>{_N})"
    ),
    re.compile(
        rf"[Vv]an\s+de\s+(?P<base>{_N})\s[^.;%]*?(?P<n>{_N})\s+{_WORDS}\(\s*(?P<p>{_P})\s?%\s*\)"
    ),
)
_BASE = re.compile(rf"[Vv]an\s+de\s+({_N})\s|\(\s*[nN]\s*=\s*({_N})\s*\)")
_PERCENT = re.compile(rf"(?<![0-9.,])({_P})\s?%")
_HEDGE = re.compile(
    r"(?:ongeveer|bijna|circa|ca\.?|zo['’]n|ruim|rond(?: de)?|dan|minstens|hoogstens|haast|om en"
    r" bij(?: de)?|tot|à|tussen(?: de)?|plusminus|±|slechts|[0-9]\s*(?:à|tot|-|–))\s*\(?$",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“‘•»])")


@dataclass(frozen=True, slots=True)
class Claim:
    """A percentage in the text with its count and base; None where only a base is known."""

    percent: Decimal
    n: int | None
    base: int
    words: str


def sentences(prose: Sequence[str]) -> Iterator[str]:
    """Yield the sentences of running text."""
    for paragraph in prose:
        yield from _SENTENCE.split(paragraph)


def claims(prose: Sequence[str]) -> list[Claim]:
    """Return the percentages that a sentence itself lets one recompute, in order."""
    found: dict[tuple[int, int], Claim] = {}
    for at, sentence in enumerate(sentences(prose)):
        for pattern in _COUNTED:
            for match in pattern.finditer(sentence):
                n, base = whole_number(match["n"]), whole_number(match["base"])
                percent = percentage_of(match["p"])
                key = (at, match.start("p"))
                if n is None or not base or percent is None or n > base or key in found:
                    continue
                if not _hedged(sentence, match.start("p")):
                    found[key] = Claim(percent, n, base, match[0].strip())
        bases = [whole_number(a or b) for a, b in _BASE.findall(sentence)]
        for match in _PERCENT.finditer(sentence):
            percent, base = percentage_of(match[1]), bases[0] if len(set(bases)) == 1 else None
            if (at, match.start(1)) in found or _hedged(sentence, match.start(1)):
                continue
            if base and percent is not None:
                found[at, match.start(1)] = Claim(percent, None, base, match[0])
    return [found[key] for key in sorted(found)]


def audit_text(prose: Sequence[str], tables: Sequence[PrintedTable]) -> list[Flaw]:
    """Return the percentages of running text that their count, base or table row denies."""
    return [*_by_counts(prose), *_by_rows(prose, tables)]


def _by_counts(prose: Sequence[str]) -> Iterator[Flaw]:
    for claim in claims(prose):
        places = grim.decimals(claim.percent)
        base = number(claim.base)
        if claim.n is None:
            if not grim.counts(claim.base, claim.percent):
                near = nearest(claim.percent, claim.base)
                yield Flaw("text", "tekst", "", "", f"{claim.words} (N={base})", near)
        elif not grim.rounds_to(claim.n, claim.base, claim.percent):
            cut = grim.rules(claim.n, claim.base, claim.percent)
            why = " (afgekapt, niet afgerond)" if cut else ""
            right = grim.shown(claim.n, claim.base, places)
            said = f"{number(claim.n)} van {base} is {dutch(right)}%{why}"
            yield Flaw("text", "tekst", "", "", f"“{claim.words}”", said)


def _by_rows(prose: Sequence[str], tables: Sequence[PrintedTable]) -> Iterator[Flaw]:
    rows: dict[str, list[tuple[PrintedTable, str]]] = {}
    for table in tables:
        for label in table.categories:
            if _telling(label):
                rows.setdefault(_bare(label), []).append((table, label))
    printed = {cell.percent for table in tables for cell in table.cells}
    for sentence in sentences(prose):
        percents = list(_PERCENT.finditer(sentence))
        bare = f" {_bare(sentence)} "
        named = [one for label, found in rows.items() if f" {label} " in bare for one in found]
        if len(percents) != 1 or len(named) != 1 or _hedged(sentence, percents[0].start(1)):
            continue
        table, label = named[0]
        percent = percentage_of(percents[0][1])
        cells = [c for c in table.cells if c.category == label and c.percent is not None]
        # a percentage that any table prints may be about that one: no alarm
        if percent is None or not cells or any(_same(percent, p) for p in printed):
            continue
        told = f"{dutch(percent)}% in de tekst"
        shown = ", ".join(cell_text(cell) for cell in cells)
        yield Flaw("text", table.name, "", label, told, f"in de tabel: {shown}")


def _same(said: Decimal, printed: Decimal | None) -> bool:
    """Say whether a percentage in the text may be the printed one, rounded further or less."""
    if printed is None:
        return False
    loose = max(Decimal(1).scaleb(-grim.decimals(p)) for p in (said, printed))
    return abs(said - printed) <= loose / 2


def _telling(label: str) -> bool:
    """Say whether a label is long enough to be recognised in a sentence."""
    bare = _bare(label)
    return len(bare) >= 12 and len(bare.split()) >= 2


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _hedged(sentence: str, at: int) -> bool:
    return bool(_HEDGE.search(sentence[:at].rstrip(" (")))
