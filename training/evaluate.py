"""Measure a pipeline on the kept-aside sentences: gold tokens, whole documents as running text."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import Sentence, documents, paragraphs, read_treebank, to_doc

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

HERE = Path(__file__).parent
Scores = dict[str, float | None]


def heldout_ids(path: Path = HERE / "heldout.txt") -> frozenset[str]:
    """Return the ids of the sentences that no training sees."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def scores(nlp: Language, treebank_path: Path, heldout_ids: Collection[str]) -> Scores:
    """Return what `nlp` scores on the kept-aside sentences of one .conllu file.

    Keys: tag, upos, lemma, lemma_folded (capitals aside), uas, las, sents_f (whole documents
    as running text), sents_f_paragraph (each paragraph, heading or list item a text of its
    own), all from 0 to 1 and as spaCy's Scorer defines them; words_per_second, without
    tokenizing; sentences and words, what was measured. A layer that `nlp` does not set is None.
    """
    kept = [s for s in read_treebank(treebank_path) if s.sent_id in heldout_ids]
    whole = documents(kept)
    predicted, seconds = _run(nlp, whole)
    found = _layers(nlp, predicted, whole)
    apart = paragraphs(kept)
    found["sents_f_paragraph"] = _layers(nlp, _run(nlp, apart)[0], apart)["sents_f"]
    words = sum(len(sentence.words) for sentence in kept)
    return {
        **found,
        "words_per_second": words / seconds,
        "sentences": float(len(kept)),
        "words": float(words),
    }


def _run(nlp: Language, texts: Sequence[Sequence[Sentence]]) -> tuple[list[Doc], float]:
    docs = [to_doc(nlp.vocab, text, gold=False) for text in texts]
    start = time.perf_counter()
    done = list(nlp.pipe(docs, batch_size=64))
    return done, time.perf_counter() - start


def _layers(nlp: Language, predicted: Sequence[Doc], texts: Sequence[Sequence[Sentence]]) -> Scores:
    from spacy.scorer import Scorer
    from spacy.training import Example

    examples = [
        Example(doc, to_doc(nlp.vocab, text)) for doc, text in zip(predicted, texts, strict=True)
    ]
    tree = Scorer.score_deps(
        examples,
        "dep",
        getter=lambda token, attr: getattr(token, f"{attr}_").lower(),
        ignore_labels=("p", "punct"),
    )
    accuracy = {
        name: Scorer.score_token_attr(examples, name)[f"{name}_acc"]
        for name in ("tag", "pos", "lemma")
    }
    folded = Scorer.score_token_attr(
        examples, "lemma", getter=lambda token, _attr: token.lemma_.lower()
    )
    layers = {
        "tag": ("TAG", accuracy["tag"]),
        "upos": ("POS", accuracy["pos"]),
        "lemma": ("LEMMA", accuracy["lemma"]),
        "lemma_folded": ("LEMMA", folded["lemma_acc"]),
        "uas": ("DEP", tree["dep_uas"]),
        "las": ("DEP", tree["dep_las"]),
    }
    found: Scores = {
        key: score if all(doc.has_annotation(layer) for doc in predicted) else None
        for key, (layer, score) in layers.items()
    }
    cut = all(doc.has_annotation("SENT_START") for doc in predicted)
    found["sents_f"] = Scorer.score_spans(examples, "sents")["sents_f"] if cut else None
    return found


def baseline() -> Language:
    """Return spaCy's blank Dutch pipeline with its sentencizer and simplemma's lemmas."""
    import simplemma
    import spacy
    from spacy.language import Language

    def lemmatise(doc: Doc) -> Doc:
        for token in doc:
            token.lemma_ = simplemma.lemmatize(token.text, lang="nl")
        return doc

    Language.component("simplemma_baseline", func=lemmatise)
    nlp = spacy.blank("nl")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("simplemma_baseline")
    return nlp
