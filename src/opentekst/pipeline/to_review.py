"""What coders get to see of an answer: its text without names, evidence, closed answers, place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape
from string import ascii_uppercase
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.errors import DataError
from opentekst.model import Answer, Coding, Decision, Normalised, Response, Span
from opentekst.pipeline.auditing import in_draw_order, sample_of
from opentekst.pipeline.deciding import decide
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import Opinions, machine, opinions
from opentekst.pipeline.queueing import queued
from opentekst.store import Paths
from opentekst.study import Question, Study

if TYPE_CHECKING:
    from opentekst.language import Masked
    from opentekst.review.tasks import ReviewItem


@dataclass(frozen=True)
class Chosen:
    """The answers to one question that people should see; `left` says how many not, and why."""

    question: Question
    items: tuple[ReviewItem, ...]
    left: Mapping[str, int]

    @property
    def left_out(self) -> tuple[str, ...]:
        """How many stay behind and why, in Dutch."""
        return tuple(f"{count} {why}" for why, count in self.left.items() if count)


@dataclass(frozen=True)
class Desk:
    """Everything of a study that goes into reviewing, read once."""

    study: Study

    @cached_property
    def answers(self) -> list[Answer]:
        """Every open answer."""
        return store.read_answers(Paths(self.study.root).work / "answers.jsonl")

    @cached_property
    def normalised(self) -> dict[str, Normalised]:
        """The normalised answers by id."""
        items = store.read_normalised(Paths(self.study.root).work / "normalised.jsonl")
        return {item.answer: item for item in items}

    @cached_property
    def texts(self) -> dict[str, Masked]:
        """The texts that may leave the study, by answer id."""
        return masked_texts(Paths(self.study.root).work, self.answers, self.normalised)

    @cached_property
    def suggestions(self) -> dict[str, Coding]:
        """The machine's coding of each answer."""
        return {c.answer: c for c in machine(self.study) if c.coder == "model:combined"}

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """What counts for each answer."""
        return {d.answer: d for d in decide(self.study, self.answers)}

    @cached_property
    def opinions(self) -> Opinions:
        """What people said, in the codes of today."""
        return opinions(self.study)

    @cached_property
    def responses(self) -> dict[str, Response]:
        """The closed answers by unit."""
        work = Paths(self.study.root).work
        return {r.unit: r for r in store.read_responses(work / "responses.jsonl")}

    @cached_property
    def order(self) -> dict[str, list[str]]:
        """The answers of each question that people have not settled, the most helpful first."""
        return queued(self.study)

    @cached_property
    def disputes(self) -> frozenset[str]:
        """The answers on which people differ and nobody decided yet."""
        coders: dict[str, set[str]] = {}
        for coding in self.opinions.codings:
            coders.setdefault(coding.answer, set()).add(coding.coder.casefold())
        least = max(2, self.study.file.review.least)
        return frozenset(
            answer
            for answer, who in coders.items()
            if len(who) >= least
            and answer in self.decisions
            and self.decisions[answer].basis == "open"
            and answer not in self.opinions.waiting
        )

    def of(self, question: str) -> list[Answer]:
        """Return a question's answers that say something."""
        return [
            a
            for a in self.answers
            if a.question == question and "no_answer" not in self.normalised[a.id].flags
        ]

    def plain(self, asked: Question, answer: Answer) -> ReviewItem:
        """Return an answer without suggestion, as a blind coder sees it."""
        from opentekst.review.tasks import ReviewItem

        text = unescape(self.texts[answer.id].text)
        context = closed_answers(self.study, asked, self.responses.get(answer.unit))
        return ReviewItem(answer.id, asked.id, asked.text, text, context=context)

    def suggested(self, asked: Question, answer: Answer) -> ReviewItem:
        """Return an answer with what the machine suggests and why."""
        coding = self.suggestions.get(answer.id)
        evidence = marked(self.texts[answer.id], coding.evidence) if coding else ()
        return replace(self.plain(asked, answer), suggestion=coding, evidence=evidence)

    def disputed(self, asked: Question, answer: Answer) -> ReviewItem:
        """Return an answer with what each coder, by letter, made of it."""
        last = {c.coder.casefold(): c for c in self.opinions.codings if c.answer == answer.id}
        letters = zip(ascii_uppercase, sorted(last), strict=False)
        book = self.study.codebook(asked.id)
        labels = {code.id: code.label for code in book.codes}
        told = tuple((f"Codeur {letter}", _said(last[coder], labels)) for letter, coder in letters)
        return replace(self.plain(asked, answer), codings=told)

    def queue(self, asked: Question, everything: bool = False) -> Chosen:
        """Return the working queue of a question: what helps most first, with suggestions.

        What people settled stays out unless `everything`; the blind sample and what people
        differ on always do.
        """
        sample = sample_of(self.study, asked.id)
        filled = self.of(asked.id)
        seeing = [a for a in filled if not sample or a.id not in sample.answers]
        ready = [a for a in seeing if a.id not in self.disputes]
        sent = [a for a in ready if everything or self._unsettled(a)]
        left = {
            **self._silent(asked, filled),
            "in de blinde steekproef": len(filled) - len(seeing),
            "waarover codeurs verschillen (opentekst review adjudicate)": len(seeing) - len(ready),
            "al door mensen beslist (--all neemt ze mee)": len(ready) - len(sent),
        }
        items = in_order([self.suggested(asked, answer) for answer in sent], self.order[asked.id])
        return Chosen(asked, tuple(items), left)

    def blind(self, asked: Question, everything: bool = False) -> Chosen:
        """Return what is coded blind: the sample, or without one what nobody settled."""
        sample = sample_of(self.study, asked.id)
        filled = self.of(asked.id)
        if sample:
            sent = in_draw_order(sample, filled)
            why = "niet getrokken"
        else:
            sent = [a for a in filled if everything or self._unsettled(a)]
            why = "al door mensen beslist (--all neemt ze mee)"
        left = {**self._silent(asked, filled), why: len(filled) - len(sent)}
        return Chosen(asked, tuple(self.plain(asked, answer) for answer in sent), left)

    def _unsettled(self, answer: Answer) -> bool:
        return self.decisions[answer.id].basis in ("automatic", "open")

    def _silent(self, asked: Question, filled: Sequence[Answer]) -> dict[str, int]:
        mine = sum(answer.question == asked.id for answer in self.answers)
        return {"niet-antwoorden": mine - len(filled)}

    def frequent(self, asked: Question) -> list[str]:
        """Return the codes of a question's codebook, the most frequent first."""
        peers = {q.id for q in self.study.open_questions if q.codebook == asked.codebook}
        counts: Counter[str] = Counter()
        for answer in self.answers:
            if answer.question not in peers:
                continue
            decision = self.decisions[answer.id]
            suggestion = self.suggestions.get(answer.id)
            counts.update(decision.codes or (suggestion.codes if suggestion else ()))
        return [code for code, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]


def closed_answers(study: Study, asked: Question, response: Response | None) -> str:
    """Return what a unit answered to the closed questions that study.yaml names for coders."""
    if response is None:
        return ""
    labels = dict(_closed_labels(study))
    told = []
    for name in dict.fromkeys((*asked.context, *study.file.review.context)):
        value = response.single.get(name)
        if value is None and name in response.multiple:
            choices = {c.code: c.label for c in study.questions[name].choices}
            ticked = response.multiple[name]
            value = ", ".join(label for code, label in choices.items() if code in ticked)
        if value:
            label = labels[name]
            told.append(f"{label} {value}" if label.endswith(("?", ":")) else f"{label}: {value}")
    return "\n".join(told)


def _closed_labels(study: Study) -> Iterable[tuple[str, str]]:
    for question in study.file.questions:
        yield question.id, question.text
        yield from ((f"{question.id}.{item.id}", item.label) for item in question.items)


def marked(masked: Masked, evidence: Iterable[Span]) -> tuple[Span, ...]:
    """Return where evidence in the verbatim text stands on the coder's screen, each place once.

    The screen shows the masked text with its entities ("&amp;") resolved.
    """
    found: dict[tuple[int, int], None] = {}
    for span in evidence:
        start, end = masked.to_masked(span.start, span.end)
        found[len(unescape(masked.text[:start])), len(unescape(masked.text[:end]))] = None
    return tuple(Span(start, end) for start, end in sorted(found) if start < end)


def _said(coding: Coding, labels: Mapping[str, str]) -> str:
    lines = [labels.get(code, code) for code in coding.codes] or ["geen enkele code past"]
    lines += [f"Nieuwe code nodig: {coding.how.new_code}"] if coding.how.new_code else []
    lines += [f"Memo: {coding.how.memo}"] if coding.how.memo else []
    return "\n".join(lines)


def questions(study: Study, wanted: str) -> list[Question]:
    """Return the open questions, or the one that is wanted. Raises DataError for another."""
    known: Mapping[str, Question] = {q.id: q for q in study.open_questions}
    if not wanted:
        return list(known.values())
    if wanted not in known:
        raise DataError(
            "deze open vraag bestaat niet",
            found=wanted,
            remedy=f"Kies uit: {', '.join(known)}.",
        )
    return [known[wanted]]


def in_order(items: Iterable[ReviewItem], order: Sequence[str]) -> list[ReviewItem]:
    """Return items in `order`, with their place in the queue; those not in it come last."""
    places = {answer: place for place, answer in enumerate(order)}
    queue = sorted(items, key=lambda item: (places.get(item.answer, len(places)), item.answer))
    return [replace(item, rank=place / len(queue)) for place, item in enumerate(queue)]
