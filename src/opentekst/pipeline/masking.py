"""Names leave the study as placeholders only: the key that says who is "[naam 1]", and its use.

The key lies in data/work/pseudonyms.json and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from opentekst import store
from opentekst.errors import MissingStageError
from opentekst.model import Answer, Normalised

if TYPE_CHECKING:
    from opentekst.language import Masked, Pseudonyms

KEY = "pseudonyms.json"


def updated_key(path: Path, answers: Sequence[Answer], items: Sequence[Normalised]) -> bytes:
    """Return the key at `path` with the names of `answers` added, to be written there.

    A name keeps its number for as long as it stands in some answer; one that is gone leaves
    the key, and its number is not given again.
    """
    from opentekst.language import Pseudonyms

    earlier = store.read_json(path)
    key = Pseudonyms() if earlier is None else Pseudonyms.from_json(earlier)
    key.reserve(answer.text for answer in answers)
    texts = [_masked(a, item, key).text for a, item in zip(answers, items, strict=True)]
    content = key.in_use(texts).to_json()
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def masked_texts(
    work: Path, answers: Sequence[Answer], normalised: Mapping[str, Normalised]
) -> dict[str, Masked]:
    """Return by answer id the text that may leave the study.

    Raises MissingStageError where normalising has not made the key.
    """
    from opentekst.language import Pseudonyms

    content = store.read_json(work / KEY)
    if content is None:
        raise MissingStageError(
            "de sleutel van de namen ontbreekt",
            place=str(work / KEY),
            remedy="Doe eerst: opentekst normalise.",
        )
    key = Pseudonyms.from_json(content)
    return {a.id: _masked(a, normalised[a.id], key) for a in answers}


def _masked(answer: Answer, item: Normalised, key: Pseudonyms) -> Masked:
    from opentekst.language import Hit, mask

    spans = ((item.verbatim(s.start), item.verbatim(s.end), s.code) for s in item.names)
    # What a name is cut from may be less than one character there: half of an entity.
    return mask(answer.text, [Hit(*span) for span in spans if span[0] < span[1]], key)
