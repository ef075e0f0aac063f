"""The person finder as a spaCy component, so that a pipeline's `doc.ents` hold persons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from opentekst.language.persons import find_persons

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

NAME = "opentekst_persons"
LABEL = "PERSON"
# How pipelines label a person.
PERSONS = frozenset((LABEL, "PER"))


@cache
def register_persons() -> None:
    """Make the component known to spaCy; `nlp.add_pipe(NAME)` then works.

    Its one setting is `places`: names that are never a person's when they stand alone.
    """
    from spacy.language import Language

    @Language.factory(NAME, default_config={"places": []}, assigns=["doc.ents"])
    def make(nlp: Language, name: str, places: Sequence[str]) -> Callable[[Doc], Doc]:
        def mark(doc: Doc) -> Doc:
            return mark_persons(doc, places)

        return mark


def mark_persons(doc: Doc, places: Sequence[str] = ()) -> Doc:
    """Add the persons found to `doc.ents` with label PERSON; return the doc.

    Persons that an earlier component found stay, and are joined with ours where they
    overlap; other entities stay where no person is found.
    """
    theirs = [ent for ent in doc.ents if ent.label_ in PERSONS]
    spans = [(ent.start_char, ent.end_char) for ent in theirs] + find_persons(doc.text, places)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is None:
            continue
        if joined and span.start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end))
        else:
            joined.append((span.start, span.end))
    persons = [doc[start:end] for start, end in joined]
    taken = {token.i for person in persons for token in person}
    others = [ent for ent in doc.ents if not any(token.i in taken for token in ent)]
    doc.set_ents([_labelled(doc, person.start, person.end) for person in persons] + others)
    return doc


def _labelled(doc: Doc, start: int, end: int) -> Span:
    from spacy.tokens import Span

    return Span(doc, start, end, label=LABEL)
