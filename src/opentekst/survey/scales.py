"""The most plausible order of answers, where the export does not say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Order = Literal["listed", "scale", "number", "frequency"]

_AGREE = (
    "helemaal oneens|helemaal niet eens|helemaal niet akkoord|oneens|niet eens|niet akkoord"
    "|eerder oneens|eerder niet eens|eerder niet akkoord|neutraal|noch eens, noch oneens"
    "|noch eens noch oneens|niet eens, niet oneens|niet eens en niet oneens|eerder eens"
    "|eerder akkoord|eens|akkoord|helemaal eens|helemaal akkoord"
)
_DEGREE = (
    "helemaal niet {0}|zeer on{0}|niet {0}|on{0}|eerder niet {0}|eerder on{0}|neutraal"
    "|noch {0}, noch on{0}|enigszins {0}|eerder {0}|{0}|heel {0}|zeer {0}|heel erg {0}"
)
_SCALES = tuple(
    {value: place for place, value in enumerate(scale.split("|"))}
    for scale in (
        "ja|deels|gedeeltelijk|soms|nee|neen",
        _AGREE,
        *(_DEGREE.format(word) for word in ("belangrijk", "tevreden", "duidelijk", "nuttig")),
        "nooit|zelden|soms|regelmatig|vaak|meestal|altijd",
        "zeer slecht|slecht|matig|redelijk|voldoende|goed|zeer goed|uitstekend",
        "helemaal niet|niet|weinig|een beetje|enigszins|matig|veel|heel veel|helemaal wel",
    )
)
_LAST = re.compile(
    r"(ik )?weet (ik |het )*niet|geen (mening|antwoord|idee)|niet van toepassing|n\.?v\.?t|ander",
    re.IGNORECASE,
)


def in_order(values: Sequence[str]) -> tuple[tuple[str, ...], Order]:
    """Return `values` (the most frequent first) in their most plausible order, and why so.

    "Weet niet" and "andere" come last, whatever the order of the others.

    >>> in_order(["Nee", "Ik weet het niet", "Ja"])
    (('Ja', 'Nee', 'Ik weet het niet'), 'scale')
    >>> in_order(["rood", "groen"])
    (('rood', 'groen'), 'frequency')
    """
    last = [value for value in values if _LAST.match(value)]
    first = [value for value in values if value not in last]
    for scale in _SCALES:
        if first and all(value.casefold() in scale for value in first):
            return (*sorted(first, key=lambda v: scale[v.casefold()]), *last), "scale"
    if first and all(re.fullmatch(r"-?\d+([.,]\d+)?", value) for value in first):
        return (*sorted(first, key=lambda v: float(v.replace(",", "."))), *last), "number"
    return (*first, *last), "frequency"
