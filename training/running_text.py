"""Make training texts: runs of sentences, some of them written as survey answers are."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus import Sentence, Word, documents, to_doc

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.training import Example

LONGEST_RUN = 6
FINAL = frozenset(".!?;:")
LINE_END = Word("\n", "\n", "SPACE", "_SP", "", 0, "dep", False)


def training_runs(sentences: Sequence[Sentence], rng: random.Random) -> Iterator[list[Sentence]]:
    """Cut every document into runs of 1 to 6 sentences, and change part of them."""
    for document in documents(sentences):
        start = 0
        while start < len(document):
            length = rng.randint(1, LONGEST_RUN)
            yield as_written(document[start : start + length], rng)
            start += length


def as_written(run: Sequence[Sentence], rng: random.Random) -> list[Sentence]:
    """Return the run as it is (80%) or as people type: no capitals, no full stops, line ends."""
    style = rng.random()
    lines = rng.random() < 0.1
    changed = []
    for sentence in run:
        if style < 0.05:
            sentence = _lower(sentence)
        elif style < 0.1:
            sentence = _lower_start(sentence)
        if 0.03 < style < 0.07 or 0.1 < style < 0.14:
            sentence = _no_final_stop(sentence)
        if 0.14 < style < 0.18:
            sentence = _listed(sentence)
        changed.append(sentence)
    return _with_line_ends(changed) if lines else changed


def _lower(sentence: Sentence) -> Sentence:
    return replace(
        sentence, words=tuple(replace(word, form=word.form.lower()) for word in sentence.words)
    )


def _lower_start(sentence: Sentence) -> Sentence:
    first = sentence.words[0]
    if first.upos == "PROPN" or first.form.isupper():
        return sentence
    words = (replace(first, form=first.form.lower()), *sentence.words[1:])
    return replace(sentence, words=words)


def _no_final_stop(sentence: Sentence) -> Sentence:
    """Drop a final mark that nothing depends on."""
    last = len(sentence.words) - 1
    if last < 1 or sentence.words[last].form not in FINAL:
        return sentence
    if any(word.head == last for word in sentence.words):
        return sentence
    return replace(sentence, words=sentence.words[:last])


def _listed(sentence: Sentence) -> Sentence:
    """Put a dash before a sentence that has none."""
    if sentence.words[0].upos == "PUNCT":
        return sentence
    root = next(i for i, word in enumerate(sentence.words) if word.head == i)
    dash = Word("-", "-", "PUNCT", "LET", "", root + 1, "punct", True)
    moved = tuple(replace(word, head=word.head + 1) for word in sentence.words)
    return replace(sentence, words=(dash, *moved))


def _with_line_ends(run: Sequence[Sentence]) -> list[Sentence]:
    """End every paragraph but the last with a line end, part of its last sentence."""
    found = []
    for sentence, following in pairwise(run):
        if sentence.paragraph != following.paragraph or len(run) < 5:
            end = replace(LINE_END, head=len(sentence.words) - 1)
            sentence = replace(sentence, words=(*sentence.words, end))
        found.append(sentence)
    return [*found, run[-1]]


def reader(sentences: Sequence[Sentence], seed: int) -> Callable[[Language], Iterator[Example]]:
    """Return a spaCy corpus reader; every pass over it cuts and changes anew, as the seed says."""
    passes = 0

    def read(nlp: Language) -> Iterator[Example]:
        nonlocal passes
        passes += 1
        rng = random.Random(f"{seed} {passes}")
        for run in training_runs(sentences, rng):
            yield example(nlp, run)

    return read


def example(nlp: Language, run: Sequence[Sentence]) -> Example:
    """Return one running text, bare and with its gold layers."""
    from spacy.training import Example

    return Example(to_doc(nlp.vocab, run, gold=False), to_doc(nlp.vocab, run))


def whole_documents(
    sentences: Sequence[Sentence],
) -> Callable[[Language], Iterator[Example]]:
    """Return a spaCy corpus reader of the documents as they are, for early stopping."""

    def read(nlp: Language) -> Iterator[Example]:
        for document in documents(sentences):
            yield example(nlp, document)

    return read
