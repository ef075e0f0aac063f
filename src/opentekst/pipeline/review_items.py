"""Which answers go to people, and what of them may leave the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from opentekst import store
from opentekst.errors import DataError
from opentekst.pipeline.deciding import decide
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import machine
from opentekst.review.decisions import COMBINED
from opentekst.review.tasks import ReviewItem
from opentekst.store import Paths
from opentekst.study import Question, Study


@dataclass(frozen=True)
class Chosen:
    """The answers to one question that people should see, and how many stay behind.

    `non_answers` say nothing; `decided` ones people have settled already.
    """

    question: Question
    items: tuple[ReviewItem, ...]
    non_answers: int
    decided: int

    @property
    def left_out(self) -> tuple[str, ...]:
        """How many stay behind and why, in Dutch."""
        left = {
            "niet-antwoorden": self.non_answers,
            "al door mensen beslist (--all neemt ze mee)": self.decided,
        }
        return tuple(f"{count} {why}" for why, count in left.items() if count)


def review_items(
    study: Study, question: str = "", everything: bool = False, with_suggestions: bool = True
) -> list[Chosen]:
    """Return by question (all open ones, or `question`) what people should code.

    Names are placeholders. Answers that people have settled stay behind unless
    `everything`. Raises DataError for a question that does not exist, MissingStageError
    where the answers have not been coded yet.
    """
    asked = questions(study, question)
    work = Paths(study.root).work
    answers = store.read_answers(work / "answers.jsonl")
    normalised = {item.answer: item for item in store.read_normalised(work / "normalised.jsonl")}
    texts = masked_texts(work, answers, normalised)
    basis = {decision.answer: decision.basis for decision in decide(study, answers)}
    suggestions = (
        {coding.answer: coding for coding in machine(study) if coding.coder == COMBINED}
        if with_suggestions
        else {}
    )
    found = []
    for one in asked:
        mine = [answer for answer in answers if answer.question == one.id]
        filled = [answer for answer in mine if "no_answer" not in normalised[answer.id].flags]
        sent = [a for a in filled if everything or basis[a.id] in ("automatic", "open")]
        items = tuple(
            ReviewItem(a.id, one.id, one.text, unescape(texts[a.id].text), suggestions.get(a.id))
            for a in sent
        )
        found.append(Chosen(one, items, len(mine) - len(filled), len(filled) - len(sent)))
    return found


def questions(study: Study, wanted: str) -> list[Question]:
    """Return the open question `wanted`, or all; raises DataError where there is none such."""
    known: Mapping[str, Question] = {question.id: question for question in study.open_questions}
    if not wanted:
        return list(known.values())
    if wanted not in known:
        raise DataError(
            "deze open vraag bestaat niet", found=wanted, remedy=f"Kies uit: {', '.join(known)}."
        )
    return [known[wanted]]
