"""The order in which a coder is given the answers: where a person's minute helps most.

What a person codes is right, so the answers that the machine most probably has wrong come
first: that takes away most expected error an answer (uncertainty sampling; Lewis & Gale 1994,
SIGIR). A bonus goes to answers of which people coded few like them, counted by suggested code;
it wanes with every such answer that is in the queue already. So rare codes come early, and no
code crowds out the others. Texts that are nearly identical stand together: they are read once.
benchmarks/review.py measures what it saves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

RARE = 0.25
"""How much the first example of a code is worth, as a share of the risk that the set is wrong."""
NO_CODE = ""
"""Stands for "no code applies" where codes are counted."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that a person may be given.

    `text` is the same for texts that are nearly identical. `codes` are the machine's
    suggestion and `sure` the probability that this whole set is right; 0 where it has none.
    """

    answer: str
    text: str
    sure: float
    codes: frozenset[str]


def order(candidates: Iterable[Candidate], examples: Mapping[str, int]) -> list[str]:
    """Return the ids of the answers, those first that a person had best code first.

    `examples` says how many answers people gave each code (`NO_CODE`: none at all). The
    order depends on what is given, not on the order in which it is given.
    """
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        groups[one.text].append(one)
    waiting: dict[frozenset[str], list[tuple[float, str]]] = defaultdict(list)
    for text, alike in groups.items():
        alike.sort(key=lambda one: (one.sure, one.answer))
        # Each must be coded, so what counts is the risk of one of them, on average.
        waiting[alike[0].codes or frozenset({NO_CODE})].append(
            (fmean(1 - one.sure for one in alike), text)
        )
    for alternatives in waiting.values():
        alternatives.sort()
    seen = Counter(examples)
    queue: list[str] = []
    while waiting:
        codes = max(
            waiting,
            key=lambda codes: (_worth(waiting[codes][-1][0], codes, seen), waiting[codes][-1][1]),
        )
        _, text = waiting[codes].pop()
        if not waiting[codes]:
            del waiting[codes]
        queue += [one.answer for one in groups[text]]
        seen.update(codes)
    return queue


def _worth(risk: float, codes: Iterable[str], seen: Mapping[str, int]) -> float:
    """Return the risk that the set is wrong, raised where its rarest code was seldom seen."""
    rarest = min(seen.get(code, 0) for code in codes)
    return risk * (1 + RARE / sqrt(1 + rarest))
