"""Find the names of persons in a text.

A capitalised stretch is cut into the names that a small logistic model finds likeliest
(`person_scores.py`; weights in `data/persons.json.gz`, made by
`training/make_person_model.py`). Names in lower case, as informal answers have them, are
found by rule (`person_rules.py`). A name found whole makes its parts known in the same text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from opentekst.language.names import Word, fold
from opentekst.language.person_cues import ORGANISATION, PARTICLES
from opentekst.language.person_features import candidates, marks
from opentekst.language.person_rules import lower_case_names, shouted
from opentekst.language.person_scores import Seen, look, scores

# A part of a name found elsewhere in the text may score this low.
AGAIN = -6.0


class _Scored(NamedTuple):
    first: int
    last: int
    score: float


def find_persons(text: str, places: Collection[str] = ()) -> list[tuple[int, int]]:
    """Return the character offsets of persons' names in `text`, in order, not overlapping.

    `places` are names that are never a person's when they stand alone (the study's units).
    Titles and functions stay outside: "burgemeester Jan Peeters" gives "Jan Peeters".

    >>> text = "Mevr. Van den Broeck uit Aalst en haar collega Els"
    >>> [text[start:end] for start, end in find_persons(text)]
    ['Van den Broeck', 'Els']
    """
    kept = frozenset(map(fold, places))
    seen = look(text)
    spans = lower_case_names(seen.words, kept)
    if not shouted(text):
        chosen, others = _chosen(seen, kept)
        chosen += _again(seen.words, chosen, others, kept)
        spans += [(seen.words[c.first].start, seen.words[c.last].end) for c in chosen]
    return _apart(spans)


def _chosen(seen: Seen, places: frozenset[str]) -> tuple[list[_Scored], list[_Scored]]:
    """Return the likeliest names, and the single words that were not chosen."""
    values = scores(seen, places)
    chosen: list[_Scored] = []
    others: list[_Scored] = []
    for start, end in seen.stretches:
        parts = [_Scored(*pair, values[pair]) for pair in candidates(seen.words, start, end)]
        best = _best(parts, start, end)
        chosen += best
        taken = {at for item in best for at in range(item.first, item.last + 1)}
        others += [part for part in parts if part.first == part.last and part.first not in taken]
    return chosen, others


def _best(scored: Sequence[_Scored], start: int, end: int) -> list[_Scored]:
    """Return the stretches, not overlapping, whose scores above nought add up highest."""
    ending: dict[int, list[_Scored]] = {}
    for item in scored:
        if item.score > 0:
            ending.setdefault(item.last, []).append(item)
    totals = [0.0] * (end - start + 1)
    taken: list[_Scored | None] = [None] * (end - start + 1)
    for here in range(1, end - start + 1):
        totals[here] = totals[here - 1]
        for item in ending.get(start + here - 1, ()):
            total = totals[item.first - start] + item.score
            if total > totals[here]:
                totals[here], taken[here] = total, item
    path: list[_Scored] = []
    here = end - start
    while here > 0:
        step = taken[here]
        if step is not None:
            path.append(step)
        here = here - 1 if step is None else step.first - start
    return path[::-1]


def _again(
    found: Sequence[Word],
    chosen: Sequence[_Scored],
    others: Iterable[_Scored],
    places: frozenset[str],
) -> list[_Scored]:
    """Return single words that are part of a longer name found elsewhere in the text."""
    known: set[str] = set()
    for item in chosen:
        parts = [w for w in found[item.first : item.last + 1] if fold(w.text) not in PARTICLES]
        if len(parts) > 1:
            known |= {fold(word.text) for word in parts if len(word.text) > 2}
    return [
        item
        for item in others
        if item.score > AGAIN
        and fold(found[item.first].text) in known
        and fold(found[item.first].text) not in ORGANISATION | places
        and "N" not in marks(found[item.first].text)
    ]


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order; where two overlap, their union."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
