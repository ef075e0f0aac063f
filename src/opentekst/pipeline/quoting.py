"""Which answers may be shown as quotes where the study guards against disclosure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from opentekst.model import Answer, Decision
from opentekst.study import Study

HELD_BACK = "(niet getoond: wijst een gemeente aan)"


def shown_texts(
    study: Study,
    answers: Mapping[str, Answer],
    decided: Mapping[str, Decision],
    texts: Mapping[str, str],
) -> dict[str, str]:
    """Return the texts with those that name or single out a municipality replaced.

    `texts` hold no names of persons. Nothing is replaced where study.yaml sets no threshold.
    """
    from opentekst.results.disclosure import quotable
    from opentekst.survey.places import places_on

    threshold = study.file.disclosure.threshold
    if not threshold:
        return dict(texts)
    places = {unit.name for unit in places_on(study.file.date).municipalities.values()}
    units: dict[str, Counter[str]] = {name: Counter() for name in study.codebooks}
    said: dict[tuple[str, str], set[str]] = {}
    for key, decision in decided.items():
        book = study.questions[answers[key].question].codebook
        said.setdefault((book, answers[key].unit), set()).update(decision.codes)
    for (book, _), codes in said.items():
        units[book].update(codes)
    free: set[str] = set()
    for name, counts in units.items():
        mine = [key for key in texts if study.questions[answers[key].question].codebook == name]
        quotes = [(key, texts[key], decided[key].codes) for key in mine]
        free |= quotable(quotes, counts.__getitem__, places, threshold)
    return {key: text if key in free else HELD_BACK for key, text in texts.items()}
