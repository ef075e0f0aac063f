"""The lemmatizer of the shipped pipeline, a spaCy component that reads the word list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentekst.language.lemma_rules import lemma_of, with_particle
from opentekst.language.lexicon import lexicon_of

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

FACTORY = "opentekst_lemmatizer"
PARTICLE = "compound:prt"


class Lemmatizer:
    """Sets `lemma_` from form, UPOS, tag and the particle that depends on a verb.

    Needs tagger, morphologizer and parser before it; where a layer is missing it treats
    every form as one that is not inflected.
    """

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self._known: dict[tuple[str, str, str, bool], str] = {}

    def __call__(self, doc: Doc) -> Doc:
        """Set the lemma of every token of a doc."""
        particles = _particles(doc)
        lexicon = lexicon_of(doc.vocab)
        for token in doc:
            key = (token.text, token.pos_, token.tag_, bool(token.is_sent_start))
            lemma = self._known.get(key)
            if lemma is None:
                lemma = lemma_of(lexicon, *key) if key[0].strip() else key[0]
                self._known[key] = lemma
            particle = particles.get(token.i)
            if particle is not None:
                lemma = with_particle(lexicon, lemma, particle)
            token.lemma_ = lemma
        return doc

    def score(self, examples: Any, **_settings: Any) -> dict[str, Any]:
        """Return spaCy's lemma accuracy."""
        from spacy.scorer import Scorer

        return Scorer.score_token_attr(examples, "lemma")


def _particles(doc: Doc) -> dict[int, str]:
    """Map a verb's position to the particle that is written apart from it."""
    found = {}
    for token in doc:
        if token.dep_ == PARTICLE and token.head.pos_ == "VERB" and token.head.i != token.i:
            found[token.head.i] = _lower(token)
    return found


def _lower(token: Token) -> str:
    return str(token.text).lower()


def register_lemmatizer() -> None:
    """Make the factory known to spaCy; calling it twice does no harm."""
    from spacy.language import Language

    if not Language.has_factory(FACTORY):
        Language.factory(
            FACTORY,
            assigns=["token.lemma"],
            requires=["token.pos", "token.tag", "token.dep"],
            default_score_weights={"lemma_acc": 1.0},
            func=_make,
        )


def _make(nlp: Language, name: str) -> Lemmatizer:
    return Lemmatizer(nlp, name)
