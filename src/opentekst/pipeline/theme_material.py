"""What themes are made from: the decided answers to the need questions, and who gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from opentekst import store
from opentekst.coding.coder import COMBINED
from opentekst.errors import DataError, StudyError
from opentekst.model import Answer, Decision, Normalised, Span, Theme
from opentekst.pipeline.deciding import decide
from opentekst.pipeline.estimating import Sources, sources
from opentekst.pipeline.opinions import machine, opinions
from opentekst.pipeline.topic_review import accepted_topics
from opentekst.pipeline.unit_facts import SIZE, unit_facts
from opentekst.results.census import Census
from opentekst.results.counting import Counted, count_units
from opentekst.results.themes import Accepted, Said, Stated, members_of
from opentekst.store import Paths
from opentekst.study import Question, Study, ThemeSpec

PROMPTS = ("need", "theme")


@dataclass(frozen=True)
class Material:
    """All that themes need of a study that has been coded.

    `answers` are those to the need questions that say something, `decided` the decision on each;
    `groups[by]` maps labels to units that responded; `responded` are all of those.
    """

    study: Study
    spec: ThemeSpec
    questions: tuple[Question, ...]
    stated: tuple[Stated, ...]
    answers: Mapping[str, Answer]
    items: Mapping[str, Normalised]
    decided: Mapping[str, Decision]
    counted: Counted
    groups: Mapping[str, Mapping[str, frozenset[str]]]
    no_need: Mapping[str, frozenset[str]]

    @property
    def responded(self) -> frozenset[str]:
        """The units that responded, whatever they answered."""
        return self.counted.units

    @cached_property
    def basis(self) -> Sources:
        """What estimates are made from."""
        return sources(self.study)

    @property
    def bases(self) -> Mapping[str, frozenset[str]]:
        """The units with a decided answer, by codebook."""
        return {one.book.id: one.base for one in self.stated}

    def of(self, theme: Theme) -> Stated:
        """Return what was said under a theme's codebook."""
        return next(one for one in self.stated if one.book.id == theme.codebook)

    def codes(self, theme: Theme) -> frozenset[str]:
        """Return the codes that make a theme; none for a topic, which has no coded answers."""
        if theme.kind == "topic":
            return frozenset()
        return members_of(theme, self.of(theme).book) - self.no_need[theme.codebook]

    @property
    def undecided(self) -> int:
        """How many answers count for nothing, because nobody decided on them."""
        return sum(self.decided[answer].basis == "open" for answer in self.answers)


def material(study: Study, spec: ThemeSpec | None = None) -> Material:
    """Read from a study what themes are made from.

    Raises MissingStageError before the answers were coded, StudyError where there is no need
    question, and where `by` or `no_need` names what does not exist.
    """
    spec = spec or study.file.themes
    questions = need_questions(study, spec)
    work = Paths(study.root).work
    everything = store.read_answers(work / "answers.jsonl")
    items = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    decided = {d.answer: d for d in decide(study, everything)}
    says = {a.id for a in everything if decided[a.id].codes or "no_answer" not in items[a.id].flags}
    asked = {question.id for question in questions}
    mine = {a.id: a for a in everything if a.question in asked and a.id in says}
    responses = store.read_responses(work / "responses.jsonl")
    substantive = [d for d in decided.values() if d.answer in says]
    counted = count_units(study, responses, everything, substantive)
    no_need = _no_need(study, spec, questions)
    stated = _stated(study, questions, mine, items, decided, no_need)
    return Material(
        study, spec, questions, stated, mine, items, decided, counted,
        _groups(study, spec, counted), no_need,
    )  # fmt: skip


def need_questions(study: Study, spec: ThemeSpec) -> tuple[Question, ...]:
    """Return the questions that ask for needs or themes.

    Raises StudyError where there is none, DataError for one that does not exist.
    """
    if spec.questions:
        known = {question.id: question for question in study.open_questions}
        for name in spec.questions:
            if name not in known:
                raise DataError(
                    "deze open vraag bestaat niet",
                    found=name,
                    remedy="Kies uit: " + ", ".join(known) + ".",
                )
        return tuple(known[name] for name in dict.fromkeys(spec.questions))
    found = tuple(q for q in study.open_questions if q.prompt in PROMPTS)
    if not found:
        raise StudyError(
            "geen enkele open vraag vraagt naar noden of thema's",
            place=str(study.root / "study.yaml"),
            remedy="Zet 'prompt: need' of 'prompt: theme' bij zo'n vraag, of kies er een met"
            " --question.",
        )
    return found


def _stated(
    study: Study,
    questions: Sequence[Question],
    answers: Mapping[str, Answer],
    items: Mapping[str, Normalised],
    decided: Mapping[str, Decision],
    no_need: Mapping[str, frozenset[str]],
) -> tuple[Stated, ...]:
    evidence = _evidence(study)
    book_of = {question.id: question.codebook for question in questions}
    found = []
    for name in dict.fromkeys(book_of.values()):
        mine = [a for a in answers.values() if book_of[a.question] == name]
        said = [
            _said(a, items[a.id], decided[a.id].codes, evidence.get(a.id, ()))
            for a in mine
            if decided[a.id].basis != "open"
        ]
        coded = {code for one in said for code in one.codes}
        topics = [
            Accepted(topic.number, topic.code, topic.label, topic.answers)
            for topic in accepted_topics(study)
            if topic.group == name and topic.code not in coded
        ]
        units = {a.id: a.unit for a in mine}
        found.append(Stated(study.codebooks[name], said, units, topics, no_need[name]))
    return tuple(found)


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


def _no_need(
    study: Study, spec: ThemeSpec, questions: Sequence[Question]
) -> dict[str, frozenset[str]]:
    """Return by codebook the codes that say there is no need."""
    books = {q.codebook: study.codebooks[q.codebook] for q in questions}
    found: dict[str, set[str]] = {name: set() for name in books}
    known = [book.by_id for book in study.codebooks.values()]
    for entry in spec.no_need:
        book, _, code = entry.rpartition("/")
        if not any(code in by_id for by_id in known):
            raise StudyError(
                "'themes: no_need' noemt een code die niet bestaat",
                place=str(study.root / "study.yaml"),
                found=entry,
                remedy="Verbeter de code, of laat ze weg.",
            )
        for name in books:
            if book in ("", name) and code in books[name].by_id:
                found[name].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def _groups(
    study: Study, spec: ThemeSpec, counted: Counted
) -> dict[str, Mapping[str, frozenset[str]]]:
    """Return the groups of units that tell who states a theme: province and size by default."""
    facts = unit_facts(study)
    by = spec.by or ("provincie", *((SIZE,) if SIZE in facts.traits else ()))
    for name in by:
        question = study.questions.get(name)
        if name not in facts.traits and (question is None or question.kind in ("open", "matrix")):
            raise StudyError(
                "thema's splitsen op iets dat niet bestaat",
                place=str(study.root / "study.yaml"),
                found=name,
                remedy="Kies een gesloten vraag of een kenmerk van gemeenten ("
                + ", ".join(facts.traits)
                + "), bij 'themes: by' of met --by.",
            )
    census = Census(study, counted, facts)
    return {name: census.groups(name) for name in dict.fromkeys(by)}
