"""People decide on proposals: a code in the codebook, or never again; both are remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from filelock import FileLock

from opentekst import store
from opentekst.codebook import Codebook
from opentekst.codebook.changes import Add, Change, Merge, Part, checked
from opentekst.errors import DataError
from opentekst.model import Proposal
from opentekst.pipeline import codebooks
from opentekst.pipeline.deciding import settled
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.topic_stage import PROPOSALS
from opentekst.store import Paths
from opentekst.study import Study

DECIDED = "voorstellen.jsonl"
ACCEPTED, REJECTED, REOPENED = "accepted", "rejected", "reopened"
_SAME_ANSWERS, _SAME_WORDS = 0.5, 0.5


@dataclass(frozen=True)
class Waiting:
    """The proposals that wait for a decision, with their numbers, and how many do not."""

    numbered: tuple[tuple[int, Proposal], ...]
    decided: int
    texts: Mapping[str, str]


@dataclass(frozen=True)
class AcceptedTopic:
    """A proposal that became code `code` of codebook `group`; `number` counts all decisions."""

    number: int
    group: str
    code: str
    label: str
    answers: frozenset[str]


def accepted_topics(study: Study) -> list[AcceptedTopic]:
    """Return the topics that people accepted as a code that is still in use, oldest first."""
    accepted = [line for line in _standing(study) if line["decision"] == ACCEPTED]
    return [
        AcceptedTopic(number, line["group"], line["code"], code.label, frozenset(line["answers"]))
        for number, line in enumerate(accepted, start=1)
        if line["kind"] != "boundary"
        for code in [study.codebooks[line["group"]].by_id[line["code"]]]
        if code.status == "active"
    ]


def waiting(study: Study) -> Waiting:
    """Return the proposals of the last `topics` run that nobody decided on.

    One that was rejected before, in this run or another, is recognised by its answers or its
    words. Raises MissingStageError where `topics` has not run.
    """
    proposals = _proposals(study)
    past = _standing(study)
    numbered = [
        (place, one)
        for place, one in enumerate(proposals, start=1)
        if not any(_same(one, line) for line in past)
    ]
    quoted = {quote for _, one in numbered for quote in one.quotes}
    return Waiting(tuple(numbered), len(proposals) - len(numbered), _texts(study, quoted))


def accept(
    study: Study,
    place: int,
    code: str,
    *,
    under: str | None = None,
    label: str = "",
    definition: str = "",
    keywords: Sequence[str] = (),
    reason: str = "",
    dry: bool = False,
) -> codebooks.Changed:
    """Change the codebook as proposal `place` asks, and remember that.

    A new theme becomes code `code`, under `under`; a theme within a code becomes a code under
    it; its quotes without names are the first examples. Of two codes with a theme across
    them, `code` is what they are merged into. Raises DataError for a number that is not
    there, CodebookError for a code that cannot be.
    """
    proposal = _numbered(study, place)
    book = study.codebooks[proposal.group]
    why = reason or f"thema '{proposal.label}' (opentekst topics)"
    change = checked(_change(study, proposal, book, code, under, label, definition, keywords, why))
    done = codebooks.change(study, proposal.group, [change], dry)
    if not dry:
        made = change.code.id if isinstance(change, Add) else code
        _remember(study, proposal, ACCEPTED, code=made, reason=reason)
    return done


def settled_answers(study: Study, place: int) -> int:
    """Return how many answers of proposal `place` people coded: their codings stay as they are."""
    answers = store.read_answers(Paths(study.root).work / "answers.jsonl")
    known = settled(study, answers)
    return sum(answer in known for answer in _numbered(study, place).answers)


def reject(study: Study, place: int, reason: str = "") -> Proposal:
    """Remember that proposal `place` is not wanted: it is not shown again."""
    proposal = _numbered(study, place)
    _remember(study, proposal, REJECTED, reason=reason)
    return proposal


def reopen(study: Study) -> Mapping[str, Any]:
    """Take back the last rejection that still stands. Raises DataError where there is none."""
    standing = [line for line in _standing(study) if line["decision"] == REJECTED]
    if not standing:
        raise DataError(
            "er is geen afgewezen voorstel om terug te halen",
            remedy="Een aanvaard voorstel haalt u terug met: opentekst codebook undo CODEBOEK.",
        )
    last = standing[-1]
    _append(study, {**last, "decision": REOPENED, "author": codebooks.author(study.root),
                    "date": codebooks.today()})  # fmt: skip
    return last


def _change(
    study: Study,
    proposal: Proposal,
    book: Codebook,
    code: str,
    under: str | None,
    label: str,
    definition: str,
    keywords: Sequence[str],
    reason: str,
) -> Change:
    if proposal.kind == "boundary":
        both = (proposal.nearest, proposal.other)
        new = "" if code in both else label or proposal.label.capitalize()
        return Merge(codes=both, into=code, label=new, definition=definition, reason=reason)
    parent = under if under is not None else proposal.nearest * (proposal.kind == "split")
    name = code if not parent or code.startswith(f"{parent}.") else f"{parent}.{code}"
    part = Part(
        id=name,
        label=label or proposal.label[:1].upper() + proposal.label[1:],
        parent=parent or None,
        definition=definition,
        keywords=tuple(keywords),
        examples=tuple(_examples(study, proposal)),
    )
    return Add(code=part, reason=reason)


def _examples(study: Study, proposal: Proposal) -> list[str]:
    """Return the quotes as examples; those in which a name was replaced stay out."""
    work = Paths(study.root).work
    named = {i.answer for i in store.read_normalised(work / "normalised.jsonl") if i.names}
    texts = _texts(study, set(proposal.quotes))
    return [" ".join(texts[quote].split()) for quote in proposal.quotes if quote not in named]


def _numbered(study: Study, place: int) -> Proposal:
    numbered = dict(waiting(study).numbered)
    if place not in numbered:
        raise DataError(
            "er wacht geen voorstel met dit nummer",
            found=str(place),
            remedy="Kijk met 'opentekst topics' welke nummers er zijn.",
        )
    return numbered[place]


def _proposals(study: Study) -> list[Proposal]:
    return store.read_proposals(Paths(study.root).work / PROPOSALS)


def _texts(study: Study, wanted: set[str]) -> dict[str, str]:
    work = Paths(study.root).work
    answers = [a for a in store.read_answers(work / "answers.jsonl") if a.id in wanted]
    items = {i.answer: i for i in store.read_normalised(work / "normalised.jsonl")}
    return {a: masked.text for a, masked in masked_texts(work, answers, items).items()}


def _same(proposal: Proposal, line: Mapping[str, Any]) -> bool:
    """Tell whether a proposal is the one of a decision: answers in common, or words."""
    if (proposal.kind, proposal.group) != (line["kind"], line["group"]):
        return False
    if {proposal.nearest, proposal.other} != {line["nearest"], line["other"]} and (
        proposal.kind != "new"
    ):
        return False
    answers, before = set(proposal.answers), set(line["answers"])
    if len(answers & before) >= _SAME_ANSWERS * min(len(answers), len(before)):
        return True
    words, old = set(proposal.keywords), set(line["keywords"])
    return len(words & old) >= _SAME_WORDS * max(len(words), len(old), 1)


def _standing(study: Study) -> list[dict[str, Any]]:
    """Return the decisions that were not taken back, oldest first."""
    standing: list[dict[str, Any]] = []
    path = _path(study)
    for line in store.read_rows(path, "topics") if path.exists() else ():
        if line["decision"] == REOPENED:
            standing = [s for s in standing if s["answers"] != line["answers"]]
        else:
            standing.append(line)
    books = study.codebooks
    return [
        line
        for line in standing
        if line["decision"] == REJECTED
        or (line["group"] in books and line["code"] in books[line["group"]].by_id)
    ]


def _remember(
    study: Study, proposal: Proposal, decision: str, code: str = "", reason: str = ""
) -> None:
    line = {
        "decision": decision,
        "kind": proposal.kind,
        "group": proposal.group,
        "label": proposal.label,
        "keywords": proposal.keywords,
        "nearest": proposal.nearest,
        "other": proposal.other,
        "answers": sorted(proposal.answers),
        "code": code,
        "reason": reason,
        "author": codebooks.author(study.root),
        "date": codebooks.today(),
    }
    _append(study, line)


def _append(study: Study, line: Mapping[str, Any]) -> None:
    path = _path(study)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.parent / f".{DECIDED}.lock", timeout=30):
        earlier = path.read_bytes() if path.exists() else b""
        text = json.dumps(line, ensure_ascii=False) + "\n"
        store.write_all({path: earlier + text.encode()})


def _path(study: Study) -> Any:
    return study.root / "annotations" / DECIDED
