"""The embedding layer of the shipped pipeline: spaCy's MultiHashEmbed, and a word list.

Beside the form's own hashes (norm, first letters, last letters, shape) each token gets three
that the word list inside the vocabulary gives: which kinds of word the form can be, its set of
readings, and its lemma; an unknown compound gets those of its head. A small word vector says
what it resembles. A form that the small treebanks never showed is so less of a riddle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from opentekst.language.lexicon import Lexicon, lexicon_of
from opentekst.language.word_vectors import vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from spacy.tokens import Doc
    from thinc.api import Model

    Ids = NDArray[np.uint64]

LEXICAL = ("KINDS", "READINGS", "LEMMA", "START")
HIDDEN = ("NORM", "LEMMA")  # made unknown in a share of the training tokens
ARCHITECTURE = "opentekst.LexicalHashEmbed.v1"


def register_architecture() -> None:
    """Make the layer known to spaCy's registry; calling it twice does no harm."""
    from spacy.util import registry

    registry.architectures.register(ARCHITECTURE, func=lexical_hash_embed)


def lexical_hash_embed(
    width: int,
    attrs: list[str],
    rows: list[int],
    lexical_rows: list[int],
    vector_width: int,
    unseen: float = 0.0,
) -> Model[list[Doc], list[Any]]:
    """Build the layer: list of docs to list of arrays of shape (tokens, width).

    `rows` has one number per attribute in `attrs`, `lexical_rows` one per feature in
    `LEXICAL`; `vector_width` is that of the vocabulary's WordVectors. Raises ValueError where
    the numbers do not match. `unseen` is the share of training tokens whose form and lemma
    are made unknown.
    """
    from thinc import api

    if len(rows) != len(attrs) or len(lexical_rows) != len(LEXICAL):
        raise ValueError("rows must match attrs, and lexical_rows the lexical features")
    tables: list[Model[Any, Any]] = [
        api.HashEmbed(width, n, column=i, seed=8 + i, dropout=0.0)
        for i, n in enumerate([*rows, *lexical_rows])
    ]
    hidden = [i for i, name in enumerate([*attrs, *LEXICAL]) if name in HIDDEN]
    extract: Model[list[Doc], list[Any]] = api.Model(
        "extract_lexical_features",
        forward,
        attrs={"columns": attrs, "unseen": unseen, "hidden": hidden},
    )
    vectors: Model[list[Doc], list[Any]] = api.Model("extract_vectors", forward_vectors)
    mix = api.Maxout(width, width * (len(tables) + 1), nP=3, dropout=0.0, normalize=True)
    hashed: Model[Any, Any] = api.chain(
        extract, api.list2ragged(), api.with_array(api.concatenate(*tables))
    )
    dense: Model[Any, Any] = api.chain(
        vectors, api.list2ragged(), api.with_array(api.Linear(width, vector_width))
    )
    layer: Model[list[Doc], list[Any]] = api.chain(
        api.concatenate(hashed, dense), api.with_array(mix), api.ragged2list()
    )
    return layer


def forward(
    model: Model[list[Doc], list[Any]], docs: Sequence[Doc], is_train: bool
) -> tuple[list[Any], Callable[[Any], list[Any]]]:
    """Return per doc the hashes of its tokens, shape (tokens, attributes + lexical)."""
    import numpy as np

    found = []
    for doc in docs:
        own = doc.to_array(model.attrs["columns"]).reshape((len(doc), len(model.attrs["columns"])))
        ids: Any = np.hstack([own, _lexical(lexicon_of(doc.vocab), doc)])
        if is_train and model.attrs["unseen"]:
            _make_unseen(ids, model.attrs["hidden"], model.attrs["unseen"])
        found.append(model.ops.asarray(ids, dtype="uint64"))
    return found, _no_gradient


def forward_vectors(
    model: Model[list[Doc], list[Any]], docs: Sequence[Doc], is_train: bool
) -> tuple[list[Any], Callable[[Any], list[Any]]]:
    """Return per doc the word vectors of its tokens, shape (tokens, width of the vectors)."""
    import numpy as np

    found = []
    for doc in docs:
        vectors, lexicon = vectors_of(doc.vocab), lexicon_of(doc.vocab)
        rows = [vectors.vector(token.lower_, lexicon) for token in doc]
        table: Any = np.array(rows, dtype=np.float32).reshape((len(doc), vectors.width))
        found.append(model.ops.asarray2f(table))
    return found, _no_gradient


def _make_unseen(ids: Any, columns: list[int], share: float) -> None:
    """Give a share of the tokens, in these columns, hashes that no form has: as in new text.

    The training forms are all known to the hash tables, those of new text often not; without
    this the network learns to lean on what it will miss.
    """
    import numpy as np

    chosen = np.flatnonzero(np.random.random(len(ids)) < share)
    for column in columns:
        ids[chosen, column] = np.random.randint(1, 2**62, size=len(chosen), dtype=np.uint64)


def _no_gradient(_gradient: Any) -> list[Any]:
    return []


def _lexical(lexicon: Lexicon, doc: Doc) -> Ids:
    import numpy as np

    rows = [lexicon.ids(token.lower_) for token in doc]
    return np.array(rows, dtype="uint64").reshape((len(doc), len(LEXICAL)))
