"""Quotes for themes, from answers whose text may leave the study."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from opentekst.model import Quote, Theme
from opentekst.pipeline.cache import Cache
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.theme_material import Material
from opentekst.pipeline.vectors import remembered
from opentekst.results.disclosure import quotable
from opentekst.results.quotes import (
    QUOTES,
    Candidate,
    fit_to_print,
    parts_of_names,
    points_at_a_unit,
    typical_and_different,
)
from opentekst.results.themes import main_codes
from opentekst.store import Paths
from opentekst.survey.places import all_names

FEWEST = 3
"""A theme that fewer units state is not quoted, whatever study.yaml says: it singles them out."""


def quotes(found: Material, themes: Sequence[Theme]) -> dict[str, tuple[Quote, ...]]:
    """Return at most three quotes for each theme that enough units state.

    Of answers in which the theme is the main thing said, where there are enough.
    """
    import numpy as np

    threshold = max(found.study.file.disclosure.threshold, FEWEST)
    texts = {
        answer: masked.text
        for answer, masked in masked_texts(
            Paths(found.study.root).work, [*found.answers.values()], found.items
        ).items()
    }
    safe = _safe(found, texts, threshold)
    embed = remembered(
        found.study.file.coding.embedder,
        Cache(Paths(found.study.root).work / "vectors.sqlite"),
    )
    made: dict[str, tuple[Quote, ...]] = {}
    for theme in themes:
        pool, best = _pool(found, theme)
        if len(theme.units) < threshold or not pool:
            continue
        shown = [Candidate(a, found.answers[a].unit, found.items[a].text) for a in pool]
        vectors = np.asarray(embed([found.items[a].text for a in pool]), dtype=float)
        allowed = safe & best
        if len(allowed) < QUOTES:
            allowed = safe & set(pool)
        picked = typical_and_different(shown, vectors, allowed)
        made[theme.id] = tuple(Quote(one.answer, _tidy(one.text)) for one in picked)
    return made


def _pool(found: Material, theme: Theme) -> tuple[list[str], set[str]]:
    """Return the answers that state a theme, and those whose main thing it is."""
    mine = found.of(theme)
    if theme.kind == "topic":
        answers = {a for topic in mine.accepted if topic.code == theme.code for a in topic.answers}
        return sorted(answers & mine.unit_of.keys()), set()
    codes = found.codes(theme)
    stating = [one for one in mine.said if one.codes & codes]
    return [one.answer for one in stating], {
        one.answer for one in stating if main_codes(one) & codes
    }


def _safe(found: Material, texts: Mapping[str, str], threshold: int) -> frozenset[str]:
    """Return the answers that may be quoted: nothing in them points at a person or a unit."""
    places = parts_of_names(all_names())
    units: Counter[str] = Counter()
    for one in found.stated:
        units.update(
            {
                f"{one.book.id}/{code}": len({s.unit for s in one.said if code in s.codes})
                for code in one.book.by_id
            }
        )
    ordinary = _ordinary(found)
    rows = [
        (
            answer,
            text,
            frozenset(
                f"{found.study.questions[found.answers[answer].question].codebook}/{code}"
                for code in found.decided[answer].codes
            ),
        )
        for answer, text in texts.items()
        # with no name taken out, the cleaned text is as safe as the pseudonymised one
        if not found.items[answer].names
        and text == found.answers[answer].text
        and "not_dutch" not in found.items[answer].flags
        and fit_to_print(text)
        and not points_at_a_unit(text, places, ordinary)
    ]
    return quotable(rows, units.__getitem__, places, threshold)


def _ordinary(found: Material) -> Callable[[str], bool]:
    """Return a test: is a word Dutch, or written without a capital by several units?"""
    from opentekst.language.words import WORD, shipped

    units: dict[str, set[str]] = {}
    for answer in found.answers.values():
        for word in WORD.findall(answer.text):
            if word == word.casefold():
                units.setdefault(word, set()).add(answer.unit)
    known = shipped()
    several = {word for word, of in units.items() if len(of) > 1}

    def ordinary(word: str) -> bool:
        return all(part in known or part in several for part in re.findall(r"[^\W\d_]+", word))

    return ordinary


def _tidy(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())
