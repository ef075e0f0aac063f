"""Where a study's own Label Studio lives, and who codes in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from opentekst.review.running import running
from opentekst.store import Paths
from opentekst.study import Study


def folder(study: Study) -> Path:
    """Return the folder of the study's own Label Studio."""
    return Paths(study.root).work / "labelstudio"


def own_server(study: Study) -> tuple[str, str] | None:
    """Return address and api key of the study's own Label Studio, where it answers."""
    return running(folder(study))


def people(study: Study, extra: Iterable[str] = ()) -> list[str]:
    """Return the e-mail addresses that need an account: the study's coders, and `extra`.

    Adjudicators may be people or programs; those with an address get an account too.
    """
    review = study.file.review
    arbiters = (name.removeprefix("person:") for name in review.adjudicators)
    return list(dict.fromkeys([*review.coders, *(a for a in arbiters if "@" in a), *extra]))
