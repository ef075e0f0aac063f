"""The whole of room 2: an Answer becomes a Normalised, with offsets that lead back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from opentekst.language.cleaning import Tracked, clean
from opentekst.language.pipelines import PipelineId, load
from opentekst.model import Answer, Normalised, Span, Token

if TYPE_CHECKING:
    from spacy.tokens import Doc

NO_ANSWER = "no_answer"
_NOTHING = re.compile(
    r"(?:n\.?\s?v\.?\s?t\.?|nihil|niets|nul|nope|niks|weet (?:ik )?niet|geen idee|geen mening"
    r"|geen (?:opmerking(?:en)?|commentaar|toelichting|antwoord|aanvulling(?:en)?)"
    r"|(?:zie|cfr?\.?|idem)?\s?(?:als )?(?:hierboven|hoger|boven|vorige vraag|supra|eerder)"
    r"|idem|zelfde|x+|\?+|test|niet van toepassing|geen verdere toelichting)[\s.!?]*",
    re.IGNORECASE,
)
_NONE = re.compile(r"(?:geen|neen?|niets|niks|nihil|geen enkele|/)[\s.!]*", re.IGNORECASE)
_WORD = re.compile(r"\w")


def flags_of(text: str, prompt: str) -> frozenset[str]:
    """Return the flags of a cleaned text; the question's prompt decides what "geen" means.

    >>> sorted(flags_of("nvt", "need")), sorted(flags_of("geen", "need"))
    (['no_answer'], [])
    >>> sorted(flags_of("geen", "other"))
    ['no_answer']
    """
    empty = not _WORD.search(text) or _NOTHING.fullmatch(text) is not None
    if prompt != "need":
        empty = empty or _NONE.fullmatch(text) is not None
    return frozenset({NO_ANSWER} if empty else ())


def normalise_answers(
    answers: Sequence[Answer],
    prompts: Mapping[str, str],
    pipeline: PipelineId,
    progress: Callable[[int], None] = lambda _n: None,
) -> list[Normalised]:
    """Normalise answers, in their order; each distinct text goes through spaCy once.

    `prompts` maps a question id to what it asks for (study.yaml's `prompt`); `progress`
    is called with the number of texts done since the last call.
    """
    tracked = {answer.text: clean(answer.text) for answer in answers}
    distinct = list(dict.fromkeys(item.text for item in tracked.values()))
    parsed = dict(zip(distinct, _parse(distinct, pipeline, progress), strict=True))
    return [
        _normalised(answer, tracked[answer.text], *parsed[tracked[answer.text].text], prompts)
        for answer in answers
    ]


def _parse(
    texts: Iterable[str], pipeline: PipelineId, progress: Callable[[int], None]
) -> Iterable[tuple[tuple[Token, ...], tuple[Span, ...]]]:
    for doc in load(pipeline.name).pipe(texts, batch_size=64):
        progress(1)
        yield _tokens(doc), _segments(doc)


def _tokens(doc: Doc) -> tuple[Token, ...]:
    return tuple(
        Token(token.idx, token.idx + len(token), (token.lemma_ or token.text).lower())
        for token in doc
        if not token.is_space
    )


def _segments(doc: Doc) -> tuple[Span, ...]:
    """Cut at sentence ends and line ends; a segment holds at least one word."""
    cuts = {sentence.start_char for sentence in doc.sents}
    cuts |= {match.end() for match in re.finditer(r"\n", doc.text)}
    edges = sorted({0, len(doc.text), *cuts})
    spans = []
    for start, end in pairwise(edges):
        piece = doc.text[start:end]
        if _WORD.search(piece):
            left = start + len(piece) - len(piece.lstrip())
            spans.append(Span(left, start + len(piece.rstrip())))
    return tuple(spans)


def _normalised(
    answer: Answer,
    tracked: Tracked,
    tokens: tuple[Token, ...],
    segments: tuple[Span, ...],
    prompts: Mapping[str, str],
) -> Normalised:
    flags = flags_of(tracked.text, prompts[answer.question])
    return Normalised(answer.id, tracked.text, tokens, segments, flags, tracked.anchors())
