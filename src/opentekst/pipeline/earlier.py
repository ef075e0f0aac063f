"""What people decided in an earlier wave, as lessons for the coder of this one.

The earlier wave's study is read, never written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.codebook import History
from opentekst.errors import MissingStageError, OpentekstError, StudyError
from opentekst.model import Coding, Normalised
from opentekst.pipeline.deciding import settled
from opentekst.pipeline.hashes import ledger_hashes, text_hash
from opentekst.pipeline.opinions import to_base
from opentekst.pipeline.sayings import number
from opentekst.store import Paths, file_hash
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.coding.coder import Lesson


@dataclass(frozen=True)
class Earlier:
    """The lessons for one codebook, and in Dutch what was taken and what was left."""

    lessons: tuple[Lesson, ...] = ()
    lines: tuple[str, ...] = ()


def earlier_study(study: Study) -> Study | None:
    """Return the study of the wave before; None where study.yaml names none.

    Raises StudyError where that folder holds no study.
    """
    if not study.file.earlier:
        return None
    root = study.root / study.file.earlier
    if root.resolve() == study.root.resolve():
        raise StudyError(
            "'earlier' wijst naar deze studie zelf",
            place=str(study.root / "study.yaml"),
            found=study.file.earlier,
            remedy="Noem de map van de vorige golf.",
        )
    return Study.open(root)


def earlier_hashes(study: Study) -> dict[str, str]:
    """Return hashes of all in the earlier wave that lessons are made from."""
    before = earlier_study(study)
    if before is None:
        return {}
    work = Paths(before.root).work
    books = before.root / "codebooks"
    rules = before.file.review.model_dump_json(include={"adjudicators", "least", "majority"})
    questions = json.dumps({q.id: q.codebook for q in before.open_questions})
    found = {
        "normalised": file_hash(work / "normalised.jsonl"),
        **{f"codebook {name}": file_hash(books / f"{name}.yaml") for name in study.codebooks},
        **{
            f"history {name}": file_hash(books / "history" / name / "changes.jsonl")
            for name in study.codebooks
        },
        **ledger_hashes(before),
        "review": text_hash(rules + questions),
    }
    return {f"earlier {name}": digest for name, digest in found.items()}


def earlier_lessons(study: Study, before: Study | None, name: str) -> Earlier:
    """Return what the earlier wave, study `before`, teaches under codebook `name`.

    Questions with the same id and codebook teach. Codes are read through the history of the
    codebook here, which must hold the earlier wave's version; an answer whose code was split
    does not teach. A code that is new here nobody could give then: answers without any code, and
    answers in which a keyword of such a code stands, do not teach either. Raises
    MissingStageError for an earlier wave that was not normalised.
    """
    if before is None or name not in before.codebooks:
        return Earlier()
    shared = {q.id for q in study.open_questions if q.codebook == name}
    shared &= {q.id for q in before.open_questions if q.codebook == name}
    if not shared:
        return Earlier()
    if not tied(before.histories[name], study.histories[name]):
        return Earlier(
            lines=(
                f"Van de vorige golf leert '{name}' niets: haar versie staat niet in de"
                " geschiedenis van dit codeboek",
            )
        )
    return _taken(before, study, name, shared)


def tied(then: History, now: History) -> bool:
    """Tell whether the codebook of now came from that of then, step by step."""
    version = then.chain.current
    return (
        version in now.chain.versions
        and now.chain.fingerprint(version) == then.now.fingerprint
        and not then.by_hand
    ) or then.now.fingerprint == now.now.fingerprint


def _taken(before: Study, study: Study, name: str, shared: set[str]) -> Earlier:
    from opentekst.coding.coder import LEFT_TO_PEOPLE, Lesson

    then, now = before.histories[name], study.histories[name]
    try:
        work = Paths(before.root).work
        answers = [a for a in store.read_answers(work / "answers.jsonl") if a.question in shared]
        items = {i.answer: i for i in store.read_normalised(work / "normalised.jsonl")}
    except MissingStageError as fault:
        raise _not_run(before, fault) from None
    decided = settled(before, answers)
    resolve = to_base(now)
    fresh = _fresh(then, now)
    hit = _hits(study, name, fresh)
    lessons: list[Lesson] = []
    split = unclear = 0
    for answer in answers:
        item = items[answer.id]
        if answer.id not in decided or not item.segments or item.flags & LEFT_TO_PEOPLE:
            continue
        codes = tuple(sorted(decided[answer.id]))
        said = Coding(answer.id, codes, "person:", (1.0,) * len(codes), (), then.now.ref)
        became, pending = resolve(said)
        if pending:
            split += 1
        elif fresh and (not became or hit(item)):
            unclear += 1
        else:
            lessons.append(Lesson(item, answer.question, frozenset(became)))
    left = [
        *([f"{split} niet: hun code is gesplitst"] if split else []),
        *([f"{unclear} niet: misschien iets voor een nieuwe code"] if unclear else []),
    ]
    told = f"'{name}' leert ook van {number(len(lessons))} antwoorden uit de vorige golf"
    more = f" ({', '.join(left)})" if left else ""
    return Earlier(tuple(lessons), (told + more,))


def _fresh(then: History, now: History) -> frozenset[str]:
    """Return the codes of the coder here that no code of then led to."""
    book, fates = now.base
    reached = {
        became for code in then.now.by_id for became in now.chain.candidates(code, then.now.version)
    }
    return frozenset(
        code.id for code in book.active if not set(fates.get(code.id, (code.id,))) & reached
    )


def _hits(study: Study, name: str, fresh: frozenset[str]) -> Callable[[Normalised], bool]:
    """Return a function that tells whether a keyword of the codes `fresh` stands in an answer."""
    from opentekst.coding.reading import cutter
    from opentekst.coding.rules import KeywordRules
    from opentekst.language import resolve

    book = study.histories[name].base[0]
    codes = tuple(replace(code, parent="") for code in book.codes if code.id in fresh)
    rules = KeywordRules(replace(book, codes=codes), cutter(resolve(study.file.pipeline).name))
    return lambda item: bool(rules.find(item))


def _not_run(before: Study, fault: OpentekstError) -> MissingStageError:
    return MissingStageError(
        "de vorige golf is nog niet ingelezen en genormaliseerd",
        place=fault.place,
        remedy=f"Doe eerst: opentekst run --study {before.root}.",
    )
