"""From stated needs to workshop themes: what a study says, and which themes reach the most."""

from __future__ import annotations

from opentekst import store
from opentekst.coding.coder import COMBINED
from opentekst.model import Answer, Normalised, Span, Theme
from opentekst.pipeline.deciding import decide
from opentekst.pipeline.opinions import machine, opinions
from opentekst.results.themes import Said, Stated, themes_of
from opentekst.store import Paths
from opentekst.study import Study


def themes(study: Study) -> list[Theme]:
    """Return the themes of the study's need questions, most units first.

    Raises MissingStageError before the answers were coded.
    """
    return themes_of(stated(study))


def stated(study: Study) -> list[Stated]:
    """Return what units said under each codebook of the need questions."""
    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    items = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    decided = {d.answer: d for d in decide(study, answers)}
    evidence = _evidence(study)
    asked = {q.id: q.codebook for q in study.open_questions if q.prompt in ("need", "theme")}
    found = []
    for name in dict.fromkeys(asked.values()):
        mine = [
            a
            for a in answers
            if asked.get(a.question) == name
            and (decided[a.id].codes or "no_answer" not in items[a.id].flags)
        ]
        said = [
            _said(a, items[a.id], decided[a.id].codes, evidence.get(a.id, ()))
            for a in mine
            if decided[a.id].basis != "open"
        ]
        found.append(Stated(study.codebooks[name], said, {a.id: a.unit for a in mine}))
    return found


def _said(
    answer: Answer, item: Normalised, codes: frozenset[str], evidence: tuple[Span, ...]
) -> Said:
    segments = (Span(item.verbatim(s.start), item.verbatim(s.end)) for s in item.segments)
    return Said(
        answer.id,
        answer.unit,
        codes,
        tuple(segments),
        tuple(span for span in evidence if span.code in codes),
    )


def _evidence(study: Study) -> dict[str, tuple[Span, ...]]:
    """Return where codes show in each answer, as people and the machine marked it."""
    found: dict[str, dict[Span, None]] = {}
    marked = [c for c in machine(study) if c.coder == COMBINED]
    for coding in (*opinions(study).codings, *marked):
        found.setdefault(coding.answer, {}).update(dict.fromkeys(coding.evidence))
    return {answer: tuple(spans) for answer, spans in found.items()}
