"""Codings of people and of the machine, read as codings of the codebook of today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from opentekst import store
from opentekst.codebook import Codebook, History
from opentekst.codebook.applying import Fates
from opentekst.codebook.resolving import Chain, Resolved
from opentekst.model import Coding
from opentekst.store import Paths
from opentekst.study import Study


@dataclass(frozen=True)
class Opinions:
    """People's codings, question by question, oldest first, in the codes of today.

    `waiting` maps an answer to the coders whose coding held a code that was split: until a
    person codes that answer again, nothing counts for it.
    """

    codings: list[Coding]
    waiting: Mapping[str, frozenset[str]]


def opinions(study: Study, for_machine: bool = False) -> Opinions:
    """Read every person's coding through the changes of the codebook; rewrite none.

    With `for_machine`, the codes are those that the machine codes with (see `Base`), not
    those of today. Raises LedgerError for a line that cannot be read or names a code that
    never was.
    """
    codings: list[Coding] = []
    waiting: dict[str, frozenset[str]] = {}
    for question in study.open_questions:
        history = study.history(question.id)
        path = Paths(study.root).ledger(question.id)
        ledger = store.read_ledger(path, readable(history))
        resolve = to_base(history) if for_machine else None
        read, waits = through(history.chain, ledger, resolve)
        codings += read
        waiting |= waits
    return Opinions(codings, waiting)


def machine(study: Study) -> list[Coding]:
    """Read the machine's codings, made before the last change of a codebook or after it."""
    codings = store.read_codings(Paths(study.root).work / "codings.jsonl")
    chains = {name: history.chain for name, history in study.histories.items()}
    return [_carried(coding, chains[coding.codebook.id]) for coding in codings]


def readable(history: History) -> Callable[[Coding], Collection[str]]:
    """Return a function that gives those codes of a coding that lead to a code of today."""
    chain, known = history.chain, history.now.by_id

    def codes(coding: Coding) -> list[str]:
        version = coding.codebook.version
        return [
            code
            for code in coding.codes
            if all(became in known for became in chain.candidates(code, version))
        ]

    return codes


def left_behind(study: Study) -> Mapping[str, int]:
    """Count people's codings of questions that study.yaml does not ask, by the question's id."""
    known = {question.id for question in study.open_questions}
    ledgers = sorted((study.root / "annotations").glob("*/people.jsonl"))
    found = {path.parent.name: len(store.read_ledger(path)) for path in ledgers
             if path.parent.name not in known}  # fmt: skip
    return {name: count for name, count in found.items() if count}


def standing(ledger: Iterable[Coding]) -> list[Coding]:
    """Return the codings of a ledger that their coder did not take back."""
    kept: dict[int, Coding] = {}
    places: dict[tuple[str, str, str], list[int]] = {}
    for number, coding in enumerate(ledger):
        place = (coding.answer, coding.coder.casefold(), coding.how.source)
        if coding.act == "coded":
            kept[number] = coding
            places.setdefault(place, []).append(number)
        else:
            for earlier in places.pop(place, ()):
                del kept[earlier]
    return list(kept.values())


def through(
    chain: Chain, ledger: Iterable[Coding], resolve: Callable[[Coding], Resolved] | None = None
) -> tuple[list[Coding], dict[str, frozenset[str]]]:
    """Return a ledger in the codes of today, and the answers that wait, with their coders.

    A coding whose code was split waits until its coder, or another person under a version
    with that split, codes the answer again; in the latter case it counts no more.
    `resolve` may read a coding in another way than as one of today. What its coder took
    back does not count.
    """
    ledger = standing(ledger)
    last: dict[tuple[str, str], tuple[Coding, Resolved]] = {}
    kept: list[tuple[tuple[str, str], Coding]] = []
    for coding in ledger:
        who = (coding.answer, coding.coder.casefold())
        version = coding.codebook.version
        resolved = resolve(coding) if resolve else chain.resolve(coding.codes, version)
        last[who] = (coding, resolved)
        kept.append((who, _with(coding, resolved.codes)))
    waiting: dict[str, frozenset[str]] = {}
    replaced: set[tuple[str, str]] = set()
    settled = {
        answer: chain.index(coding.codebook.version)
        for (answer, _), (coding, resolved) in sorted(
            last.items(), key=lambda one: chain.index(one[1][0].codebook.version)
        )
        if not resolved.pending
    }
    for who, (coding, resolved) in last.items():
        if not resolved.pending:
            continue
        version = coding.codebook.version
        since = max(chain.undecided_since(code, version) for code in resolved.pending)
        if settled.get(coding.answer, -1) >= since:
            replaced.add(who)
        else:
            coders = waiting.get(coding.answer, frozenset())
            waiting[coding.answer] = coders | {coding.coder}
    return [coding for who, coding in kept if who not in replaced], waiting


def to_base(history: History) -> Callable[[Coding], Resolved]:
    """Return a function that reads a coding in the codes of the base.

    One that was made before the base goes ahead to it; one that was made later goes back,
    a merged code to all its parts.
    """
    chain, now = history.chain, history.now
    start = chain.index(chain.base)
    before = Chain(now.id, chain.base, frozenset(), chain.steps[:start])
    book, fates = history.base
    parts: dict[str, list[str]] = {}
    for code in book.by_id:
        for became in fates.get(code, (code,)):
            parts.setdefault(became, []).append(code)

    def resolve(coding: Coding) -> Resolved:
        version = coding.codebook.version
        if chain.index(version) <= start:
            return before.resolve(coding.codes, version)
        known, pending = chain.resolve(coding.codes, version)
        back = dict.fromkeys(part for code in known for part in parts.get(code, ()))
        return Resolved(tuple(back), pending)

    return resolve


@dataclass(frozen=True)
class Base:
    """The codebook that the machine codes with, and the way from its codes to today's.

    Names, places and merges say nothing new about an answer: the machine goes on coding
    with the codebook of before them, and what it finds is read as codes of today. So no
    figure moves when a code is renamed, and a merged code has what its parts had.
    """

    codebook: Codebook
    now: Codebook
    fates: Fates

    def ahead(self, codings: Iterable[Coding]) -> list[Coding]:
        """Return codings in the codes of today."""
        if not self.fates and self.codebook == self.now:
            return list(codings)
        became = {code: ids[0] for code, ids in self.fates.items() if len(ids) == 1}
        return [replace(_mapped(one, became), codebook=self.now.ref) for one in codings]


def base(study: Study, name: str) -> Base:
    """Return what the machine codes with for a codebook."""
    history = study.histories[name]
    return Base(history.base[0], history.now, history.base[1])


def _carried(coding: Coding, chain: Chain) -> Coding:
    resolved = chain.resolve(coding.codes, coding.codebook.version)
    if resolved == (coding.codes, ()):
        return coding
    fates = {c: chain.candidates(c, coding.codebook.version) for c in coding.codes}
    return _mapped(coding, {c: b[0] if len(b) == 1 else "" for c, b in fates.items()})


def _mapped(coding: Coding, became: Mapping[str, str]) -> Coding:
    """Return a coding with other ids; of codes that became one, the highest score counts."""
    scores: dict[str, float] = {}
    for code, score in zip(coding.codes, coding.score, strict=True):
        new = became.get(code, code)
        if new:
            scores[new] = max(score, scores.get(new, 0.0))
    spans = (span._replace(code=became.get(span.code, span.code)) for span in coding.evidence)
    evidence = tuple(dict.fromkeys(span for span in spans if span.code in scores))
    return replace(coding, codes=tuple(scores), score=tuple(scores.values()), evidence=evidence)


def _with(coding: Coding, codes: tuple[str, ...]) -> Coding:
    if codes == coding.codes:
        return coding
    return replace(coding, codes=codes, score=(1.0,) * len(codes))
