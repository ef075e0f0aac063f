"""From many codings of an answer to the one that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from opentekst.model import Coding, Decision

COMBINED = "model:combined"


def decide(
    answers: Iterable[str],
    people: Iterable[Coding],
    machine: Iterable[Coding],
    adjudicators: Iterable[str] = (),
    waiting: Mapping[str, Collection[str]] | None = None,
    least: int = 1,
    majority: bool = True,
) -> list[Decision]:
    """Return one decision for each answer id, in the order of `answers`.

    Of each person the last coding counts, so `people` come oldest first, as in the ledger.
    Then, from strong to weak: the last coding of an adjudicator (an e-mail address, or
    whoever saw the others' codings), what all people say, with `majority` what more than
    half of them say, and, where nobody coded, the machine's combined coding. What remains
    is `open`, without codes; so is an answer that fewer than `least` people coded, and one
    in `waiting`, which maps answers to the coders whose coding must be made again (a code
    was split), unless an adjudicator who is not among them has spoken.
    """
    judges = {name.removeprefix("person:").casefold() for name in adjudicators}
    opinions: dict[str, dict[str, frozenset[str]]] = {}
    verdicts: dict[str, frozenset[str]] = {}
    waiting = waiting or {}
    for coding in people:
        if not coding.by_person:
            continue
        person = coding.coder.removeprefix("person:").casefold()
        opinions.setdefault(coding.answer, {})[person] = frozenset(coding.codes)
        judged = person in judges or coding.how.shown == "codings"
        if judged and coding.coder not in waiting.get(coding.answer, ()):
            verdicts[coding.answer] = frozenset(coding.codes)
    combined = {c.answer: frozenset(c.codes) for c in machine if c.coder == COMBINED}
    return [
        Decision(answer, verdicts[answer], "adjudicated")
        if answer in verdicts
        else Decision(answer, frozenset(), "open")
        if answer in waiting
        else _among_people(answer, list(opinions[answer].values()), least, majority)
        if answer in opinions
        else Decision(answer, combined[answer], "automatic")
        if answer in combined
        else Decision(answer, frozenset(), "open")
        for answer in answers
    ]


def _among_people(
    answer: str, opinions: list[frozenset[str]], least: int, majority: bool
) -> Decision:
    codes, votes = Counter(opinions).most_common(1)[0]
    if len(opinions) < least:
        return Decision(answer, frozenset(), "open")
    if votes == len(opinions):
        return Decision(answer, codes, "unanimous")
    if majority and 2 * votes > len(opinions):
        return Decision(answer, codes, "majority")
    return Decision(answer, frozenset(), "open")
