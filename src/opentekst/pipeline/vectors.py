"""Sentence vectors kept in data/work: a text that comes back is not embedded again."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opentekst.pipeline.cache import Cache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from opentekst.language.embeddings import Embed


def remembered(name: str, cache: Cache) -> Embed:
    """Return the embedder `name`, with `cache` to remember by; it holds hashes, no texts."""
    import numpy as np

    from opentekst.language import embedder, embedder_version
    from opentekst.language.normalise import recipe

    embed, version = embedder(name), f"{embedder_version(name)} {recipe()}"
    held: dict[str, NDArray[np.float32]] = {}

    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        keys = {text: _key(version, text) for text in texts if text not in held}
        known = cache.get(list(keys.values()))
        held.update((t, _unpacked(known[key])) for t, key in keys.items() if key in known)
        new = [text for text in keys if text not in held]
        made = dict(zip(new, embed(new), strict=True))
        cache.put({keys[text]: _packed(vector) for text, vector in made.items()})
        held.update(made)
        return np.stack([held[text] for text in texts]) if len(texts) else embed([])

    return vectors


def _key(version: str, text: str) -> str:
    return hashlib.sha256(f"{version}\0{text}".encode(errors="surrogatepass")).hexdigest()


def _packed(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _unpacked(text: str) -> NDArray[np.float32]:
    import numpy as np

    return np.frombuffer(base64.b64decode(text), dtype="<f4")
