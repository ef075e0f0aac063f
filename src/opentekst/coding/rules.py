"""Keyword rules: a code applies where one of its keywords stands in the answer.

A keyword is matched word by word, on the lower-cased form or on the lemma; `*` at the
start or end of a word stands for any letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentekst.codebook import Codebook
from opentekst.model import Normalised, Span

if TYPE_CHECKING:
    from spacy.matcher import Matcher

Cut = Callable[[str], list[tuple[str, str]]]


class KeywordRules:
    """The keywords of a codebook as spaCy matchers; `find` gives the evidence."""

    def __init__(self, codebook: Codebook, cut: Cut) -> None:
        """`cut` turns a keyword into (form, lemma) pairs, as the pipeline would."""
        import spacy
        from spacy.matcher import Matcher

        self._vocab = spacy.blank("nl").vocab
        self._matcher: Matcher = Matcher(self._vocab, validate=False)
        for code in codebook.active:
            patterns = [p for keyword in code.keywords for p in _patterns(keyword, cut)]
            if patterns:
                self._matcher.add(code.id, patterns, greedy="LONGEST")

    def find(self, normalised: Normalised) -> list[Span]:
        """Return the stretches of the normalised text that speak for a code, in order."""
        from spacy.tokens import Doc

        if not normalised.tokens or not len(self._matcher):
            return []
        text = normalised.text
        doc = Doc(
            self._vocab,
            words=[text[token.start : token.end] for token in normalised.tokens],
            lemmas=[token.lemma for token in normalised.tokens],
        )
        found = {
            Span(
                normalised.tokens[start].start,
                normalised.tokens[end - 1].end,
                self._vocab.strings[key],
            )
            for key, start, end in self._matcher(doc)
        }
        return sorted(found)


def _patterns(keyword: str, cut: Cut) -> list[list[dict[str, Any]]]:
    """Return the token patterns of a keyword: one on forms, one on lemmas."""
    by_form: list[dict[str, Any]] = []
    by_lemma: list[dict[str, Any]] = []
    for word in keyword.lower().split():
        if "*" in word:
            regex = "^" + re.escape(word).replace(r"\*", r"\w*") + "$"
            by_form.append({"LOWER": {"REGEX": regex}})
            by_lemma.append({"LOWER": {"REGEX": regex}})
        else:
            for form, lemma in cut(word):
                by_form.append({"LOWER": form})
                by_lemma.append({"LEMMA": lemma})
    return [by_form] if by_form == by_lemma else [by_form, by_lemma]
