"""Read the UD treebanks: sentences with gold layers, in running order, parted by document."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from gold_lemmas import gold_lemma

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

FILES = ("lassy-dev", "lassy-test", "alpino-dev", "alpino-test")
_ID = re.compile(r"(?:.*\\)?(?P<document>[^\\]+?)\.p\.(?P<paragraph>\d+)\.s\.(?P<rest>[\d._]+)$")


@dataclass(frozen=True)
class Word:
    """One token with its gold layers; `head` is an index in the sentence (its own for a root)."""

    form: str
    lemma: str
    upos: str
    xpos: str
    feats: str
    head: int
    deprel: str
    space: bool


@dataclass(frozen=True)
class Sentence:
    """One sentence of a treebank and the place it has in its document."""

    sent_id: str
    document: str
    order: tuple[int, ...]
    words: tuple[Word, ...]

    @property
    def paragraph(self) -> int:
        """Number of the paragraph (or heading, or list item) in the document."""
        return self.order[0]


def read_treebank(path: Path) -> list[Sentence]:
    """Return the sentences of a .conllu file, each document's in running order."""
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        if block.strip():
            found.append(_sentence(block))
    first = {s.document: i for i, s in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda s: (first[s.document], s.order))


def _sentence(block: str) -> Sentence:
    sent_id = ""
    words: list[Word] = []
    for line in block.split("\n"):
        if line.startswith("# sent_id = "):
            sent_id = line.removeprefix("# sent_id = ").strip()
        elif line and line[0] != "#" and line.split("\t")[0].isdigit():
            words.append(_word(line.split("\t"), len(words)))
    match = _ID.match(sent_id)
    if match is None:
        raise ValueError(f"sentence id without document and paragraph: {sent_id}")
    numbers = [int(n) for n in re.split(r"[._]", match["rest"]) if n]
    return Sentence(sent_id, match["document"], (int(match["paragraph"]), *numbers), tuple(words))


def _word(columns: Sequence[str], index: int) -> Word:
    _, form, lemma, upos, xpos, feats, head, deprel, _, misc = columns
    return Word(
        form,
        gold_lemma(form, lemma, upos),
        upos,
        xpos,
        "" if feats == "_" else feats,
        index if head == "0" else int(head) - 1,
        "ROOT" if deprel == "root" else deprel,
        "SpaceAfter=No" not in misc,
    )


def documents(sentences: Iterable[Sentence]) -> list[list[Sentence]]:
    """Group sentences in running order by document."""
    return [list(group) for _, group in groupby(sentences, key=lambda s: s.document)]


def paragraphs(sentences: Iterable[Sentence]) -> list[list[Sentence]]:
    """Group sentences in running order by paragraph; a heading or list item is one too."""
    return [list(group) for _, group in groupby(sentences, key=lambda s: (s.document, s.paragraph))]


def drawn(
    sentences: Sequence[Sentence], at_least: int, largest: int | None = None
) -> list[Sentence]:
    """Draw whole documents, by the order of their names' hashes, until enough sentences.

    The draw looks at nothing but names, so nobody can choose the easy documents; `largest`
    passes over documents of more sentences than that.
    """
    taken: list[Sentence] = []
    by_hash = sorted(
        documents(sentences), key=lambda d: hashlib.sha256(d[0].document.encode()).hexdigest()
    )
    for document in by_hash:
        if len(taken) >= at_least:
            break
        if largest is None or len(document) <= largest:
            taken += document
    return taken


def to_doc(vocab: Vocab, sentences: Sequence[Sentence], gold: bool = True) -> Doc:
    """Return sentences as one running text with gold tokens; without `gold` nothing else."""
    from spacy.tokens import Doc

    words = [word for sentence in sentences for word in sentence.words]
    forms, spaces = [word.form for word in words], [word.space for word in words]
    ends = set[int]()
    starts: list[bool | int | None] = [False] * len(words)
    heads: list[int] = []
    base = 0
    for sentence in sentences:
        starts[base] = True
        heads += [base + word.head for word in sentence.words]
        base += len(sentence.words)
        ends.add(base - 1)
    spaces = [space or i in ends for i, space in enumerate(spaces)]
    if not gold:
        return Doc(vocab, words=forms, spaces=spaces)
    return Doc(
        vocab,
        words=forms,
        spaces=spaces,
        tags=[word.xpos for word in words],
        pos=[word.upos for word in words],
        morphs=[word.feats for word in words],
        lemmas=[word.lemma for word in words],
        heads=heads,
        deps=[word.deprel for word in words],
        sent_starts=starts,
    )
