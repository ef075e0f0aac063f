"""Small word vectors for the most frequent Dutch forms, eight bits a number.

They come from a sentence encoder that knows Dutch, reduced by principal components
(`training/vectors_build.py`), and tell the pipeline which words resemble each other. Like the
word list they travel inside the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from opentekst.language.lexicon import TABLE, Lexicon, packed, unpacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from spacy.vocab import Vocab

    Table = NDArray[np.int8]
    Floats = NDArray[np.float32]

KEY = "vectors"
SCALE = 40.0  # one standard deviation in the eight-bit table


class WordVectors:
    """`forms` (lower-cased, distinct) and their vectors, an int8 table of shape (forms, width)."""

    def __init__(self, forms: Sequence[str], table: Table) -> None:
        self.forms = forms
        self.table = table
        self._row = {form: i for i, form in enumerate(forms)}
        self._known: dict[str, Floats] = {}

    @property
    def width(self) -> int:
        """Length of what `vector` returns: the table's width and two marks."""
        return int(self.table.shape[1]) + 2

    def vector(self, form: str, lexicon: Lexicon) -> Floats:
        """Return the vector of a lower-cased form; that of its head where it is a compound.

        The last two numbers mark a form that is known itself, and one known by its head.
        """
        known = self._known.get(form)
        if known is None:
            known = self._known[form] = self._look_up(form, lexicon)
        return known

    def _look_up(self, form: str, lexicon: Lexicon) -> Floats:
        import numpy as np

        found = np.zeros(self.width, dtype=np.float32)
        row, mark = self._row.get(form), -2
        if row is None:
            row, mark = self._row.get(lexicon.head(form)), -1
        if row is not None:
            found[:-2] = self.table[row] / SCALE
            found[mark] = 1
        return found

    def to_bytes(self) -> bytes:
        """Return forms and table as one compressed block."""
        header = {"forms": list(self.forms), "width": int(self.table.shape[1])}
        return packed(header, self.table.T.tobytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> WordVectors:
        """Read what `to_bytes` wrote."""
        import numpy as np

        header, rest = unpacked(data)
        columns = np.frombuffer(rest, dtype=np.int8).reshape((header["width"], -1))
        return cls(header["forms"], np.ascontiguousarray(columns.T))


@lru_cache(maxsize=4)
def _read(data: bytes) -> WordVectors:
    return WordVectors.from_bytes(data)


def put_vectors(vocab: Vocab, vectors: WordVectors) -> None:
    """Put the vectors into a vocabulary that has the word list already."""
    vocab.lookups.get_table(TABLE).set(KEY, vectors.to_bytes())


def vectors_of(vocab: Vocab) -> WordVectors:
    """Return the vectors inside a vocabulary; KeyError where there are none."""
    return _read(vocab.lookups.get_table(TABLE)[KEY])
