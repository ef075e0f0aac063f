"""One text through the spaCy pipeline: tokens with their forms, segments, denials."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from opentekst.language.abbreviations import Abbreviations
from opentekst.language.matching import Forms, protected
from opentekst.language.negation import BARE_DENIES, Word, denials
from opentekst.language.other_languages import NOT_DUTCH, is_not_dutch
from opentekst.language.person_scores import prepare
from opentekst.language.pipelines import UNUSED, load
from opentekst.language.pseudonyms import find
from opentekst.language.segments import segments
from opentekst.language.words import Words
from opentekst.model import Span, Token

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST = 5_000
"""A longer text goes through the pipeline in pieces: memory grows with the longest."""
_CUT = re.compile(r"\n|(?<=[.!?])\s|\s")


class Parsed(NamedTuple):
    """What the pipeline makes of a text, whatever the question: offsets into that text.

    `always` and `bare` are indices of denied tokens (see negation.py); `names` are what
    points at a person, with its kind (see pseudonyms.py).
    """

    tokens: tuple[Token, ...]
    segments: tuple[Span, ...]
    always: tuple[int, ...]
    bare: tuple[int, ...]
    flags: tuple[str, ...]
    names: tuple[Span, ...] = ()

    def denied(self, prompt: str) -> frozenset[int]:
        """Return the indices of the tokens that are denied under a prompt."""
        return frozenset(self.always + self.bare if prompt in BARE_DENIES else self.always)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what json.dumps made of one."""
        tokens, spans, always, bare, flags, names = data
        return cls(
            tuple(Token(s, e, lemma, tuple(forms), *rest) for s, e, lemma, forms, *rest in tokens),
            tuple(Span(start, end, code) for start, end, code in spans),
            tuple(always),
            tuple(bare),
            tuple(flags),
            tuple(Span(*span) for span in names),
        )

    def joined(self, other: Self, offset: int) -> Self:
        """Return this with the piece of text that follows `offset` characters further."""
        size = len(self.tokens)
        return type(self)(
            self.tokens
            + tuple(t._replace(start=t.start + offset, end=t.end + offset) for t in other.tokens),
            self.segments + _moved(other.segments, offset),
            self.always + tuple(i + size for i in other.always),
            self.bare + tuple(i + size for i in other.bare),
            tuple(dict.fromkeys(self.flags + other.flags)),
            self.names + _moved(other.names, offset),
        )


def _moved(spans: Iterable[Span], offset: int) -> tuple[Span, ...]:
    return tuple(Span(s.start + offset, s.end + offset, s.code) for s in spans)


class Parser:
    """The pipeline with all that a study knows of words; made once, used for many texts."""

    def __init__(
        self,
        pipeline: str,
        words: Words,
        abbreviations: Abbreviations,
        keywords: Sequence[str],
        places: Collection[str] = (),
    ) -> None:
        self._nlp = load(pipeline)
        self._places = places
        self._words = words
        self._forms = Forms(words, abbreviations)
        names = protected(keywords)
        self._keep = re.compile(names, re.IGNORECASE) if names else None

    def pipe(self, texts: Sequence[str]) -> Iterator[Parsed]:
        """Yield a Parsed for each text, in order."""
        pieces = [(number, piece) for number, text in enumerate(texts) for piece in _pieces(text)]
        prepare(piece for _, piece in pieces)
        unused = [name for name in UNUSED if name in self._nlp.pipe_names]
        docs = self._nlp.pipe((piece for _, piece in pieces), batch_size=64, disable=unused)
        whole: Parsed | None = None
        offset = 0
        for place, ((number, piece), doc) in enumerate(zip(pieces, docs, strict=True)):
            part = self._parsed(doc)
            whole = part if whole is None else whole.joined(part, offset)
            offset += len(piece)
            if place + 1 == len(pieces) or pieces[place + 1][0] != number:
                yield self._flagged(texts[number], whole)
                whole, offset = None, 0

    def _parsed(self, doc: Doc) -> Parsed:
        tokens = [token for token in doc if not token.is_space]
        forms, flags = self._forms.of(doc, tokens)
        ideas = segments(doc, self._keep)
        told = denials(
            [
                Word(
                    token.idx,
                    token.lower_,
                    token.lemma_.lower(),
                    token.pos_ in ("NOUN", "PROPN", "X") or not token.pos_,
                    token.pos_ in ("VERB", "AUX"),
                )
                for token in tokens
            ],
            ideas,
        )
        return Parsed(
            tuple(
                Token(t.idx, t.idx + len(t), (t.lemma_ or t.text).lower(), extra, pos=t.pos_)
                for t, extra in zip(tokens, forms, strict=True)
            ),
            ideas,
            tuple(sorted(told.always)),
            tuple(sorted(told.bare)),
            flags,
            tuple(Span(*hit) for hit in find(doc.text, doc, self._places)),
        )

    def _flagged(self, text: str, parsed: Parsed) -> Parsed:
        """Flag another language; what was done for Dutch words is undone then."""
        if not is_not_dutch(text, self._words):
            return parsed
        tokens = tuple(token._replace(forms=()) for token in parsed.tokens)
        return parsed._replace(tokens=tokens, always=(), bare=(), flags=(NOT_DUTCH,))


def _pieces(text: str) -> Iterable[str]:
    """Cut a long text, best at a line end, else a sentence end, else a space; lose nothing."""
    while len(text) > LONGEST:
        ends = {match.group(): match.end() for match in _CUT.finditer(text, LONGEST // 2, LONGEST)}
        at = ends.get("\n") or max(ends.values(), default=LONGEST)
        yield text[:at]
        text = text[at:]
    yield text
