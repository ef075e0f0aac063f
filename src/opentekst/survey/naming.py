"""Short ids for questions, choices and rows, made from what people read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

_SMALL = frozenset(
    re.findall(
        r"\w+",
        "de het een en of in op te van voor met bij om tot aan uw ons onze door over naar is zijn"
        " die dat wat welke waarvan mensen personen ik",
    )
)


def slug(text: str, words: int = 3, length: int = 32, drop: Collection[str] = frozenset()) -> str:
    """Return the first telling words of `text` as an id; those in `drop` only for want of better.

    >>> slug("Huisbezoeken (bij ouderen)"), slug("Zorg voor de buurt"), slug("65 jaar")
    ('huisbezoeken', 'zorg_buurt', 'k_65_jaar')
    """
    parts = _words(text)
    telling = [part for part in parts if part not in drop and (words > 9 or part not in _SMALL)]
    kept = telling or parts or ["vraag"]
    short = kept[0][:length]
    for part in kept[1:words]:
        if len(short) + len(part) + 1 > length:
            break
        short += f"_{part}"
    return f"k_{short}" if short[0].isdigit() else short


def slugs(labels: Sequence[str], other: int | None = None) -> list[str]:
    """Return an id for each label, all different; that of label number `other` is `andere`."""
    often = Counter(word for label in labels for word in set(_words(label)))
    shared = {w for w, n in often.items() if len(labels) > 2 and n > len(labels) / 2}
    found: list[str] = []
    for place, label in enumerate(labels):
        taken = {*found, "andere"} if other is not None else set(found)
        name = slug(label, drop=shared)
        found.append("andere" if place == other else unique(name, taken))
    return found


def unique(name: str, taken: Collection[str]) -> str:
    """Return `name`, numbered where it is taken already."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _words(text: str) -> list[str]:
    outside = re.sub(r"\(.*?\)", " ", text)
    plain = unicodedata.normalize("NFKD", outside if outside.strip() else text).casefold()
    return re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
