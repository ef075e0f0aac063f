"""Codes that say the same: shared keywords, and definitions alike in wording or in meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from opentekst.codebook.check import Checked, Issue
from opentekst.codebook.codebook import Code, Codebook

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]

SAME_WORDS = 0.95
"""Definitions this much alike letter by letter (Ratcliff/Obershelp, as in difflib) are one."""

SAME_MEANING = 0.8
"""Cosine of label with definition from which two codes are called alike. In the example's seven
codebooks 99% of the pairs lie below 0.83 at most; those above are near twins."""


def keyword_overlaps(checked: Checked) -> list[Issue]:
    """Find keywords that make two codes apply to the same words.

    A keyword with `*` covers another with as many words. A code and those above it may
    share keywords, since who states a child states its parent.
    """
    book = checked.book
    issues = []
    apart = {(one.id, other.id) for one, other in _pairs(book)} if book else set()
    for one, other in sorted(_overlapping(book.active if book else ())):
        if (one.code, other.code) in apart:
            same = one.text.casefold() == other.text.casefold()
            shared = f"'{other.text}'" + ("" if same else f" ('{one.text}')")
            issues.append(
                checked.issue(
                    "keyword-overlap",
                    other.code,
                    f"sleutelwoord {shared} van '{other.code}' geeft ook '{one.code}'",
                    "Laat het bij één code staan, tenzij een antwoord beide moet krijgen.",
                    "keywords",
                    other.number,
                )
            )
    return issues


class _Keyword(NamedTuple):
    """A keyword and where it stands: code number and id, its number within the code."""

    order: int
    number: int
    code: str
    text: str


def _overlapping(codes: Sequence[Code]) -> set[tuple[_Keyword, _Keyword]]:
    """Return pairs of keywords of which one covers the other, in codebook order."""
    words = [
        _Keyword(order, number, code.id, text)
        for order, code in enumerate(codes)
        for number, text in enumerate(code.keywords)
        if text.strip()
    ]
    bare: dict[str, list[_Keyword]] = {}
    for word in words:
        bare.setdefault(_bare(word.text), []).append(word)
    found = set()
    for word in words:
        if "*" in word.text:
            pattern = _pattern(word.text)
            hits = [
                other for text, all_ in bare.items() if pattern.fullmatch(text) for other in all_
            ]
        else:
            hits = [other for other in bare[_bare(word.text)] if "*" not in other.text]
        found |= {(min(word, hit), max(word, hit)) for hit in hits if hit.code != word.code}
    return found


def _bare(keyword: str) -> str:
    """Return what a keyword names without its stars, the spaces made single."""
    return " ".join(word.replace("*", "") for word in keyword.casefold().split())


def _pattern(keyword: str) -> re.Pattern[str]:
    """Return what a keyword matches: each star any letters within a word."""
    words = (re.escape(word).replace(r"\*", r"\w*") for word in keyword.casefold().split())
    return re.compile(" ".join(words))


def definition_overlaps(checked: Checked, embed: Embed | None) -> list[Issue]:
    """Find pairs of definitions that are alike in wording or, with `embed`, in meaning.

    `embed` gives unit-length vectors, one row a text.
    """
    book = checked.book
    if book is None:
        return []
    pairs = [(a, b) for a, b in _pairs(book) if a.definition and b.definition]
    near = _near(pairs, embed) if embed else {}
    issues = []
    for one, other in pairs:
        texts = (_plain(one.definition), _plain(other.definition))
        matcher = SequenceMatcher(None, *texts, autojunk=False)
        wording = matcher.quick_ratio() >= SAME_WORDS and matcher.ratio() >= SAME_WORDS
        meaning = near.get((one.id, other.id), 0.0)
        if not wording and meaning < SAME_MEANING:
            continue
        how = "bijna dezelfde woorden" if wording else f"gelijkenis {meaning:.2f}".replace(".", ",")
        issues.append(
            checked.issue(
                "definition-overlap",
                other.id,
                f"de definities van '{one.id}' en '{other.id}' lijken op elkaar ({how})",
                "Zeg in beide waarin ze verschillen (wel/niet), of voeg de codes samen.",
                "definition",
            )
        )
    return issues


def _pairs(book: Codebook) -> Iterator[tuple[Code, Code]]:
    """Yield pairs of active codes of which neither stands above the other."""
    for one, other in combinations(book.active, 2):
        if one.id not in book.ancestors(other.id) and other.id not in book.ancestors(one.id):
            yield one, other


def _near(pairs: Sequence[tuple[Code, Code]], embed: Embed) -> dict[tuple[str, str], float]:
    codes = list({code.id: code for pair in pairs for code in pair}.values())
    if not codes:
        return {}
    vectors = embed([f"{code.label}. {code.definition}" for code in codes])
    row = {code.id: i for i, code in enumerate(codes)}
    return {(a.id, b.id): float(vectors[row[a.id]] @ vectors[row[b.id]]) for a, b in pairs}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
