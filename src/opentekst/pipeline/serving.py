"""Where a study's own Label Studio lives, and who codes in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from opentekst.errors import ReviewError
from opentekst.review.running import running
from opentekst.store import Paths
from opentekst.study import Study


def folder(study: Study) -> Path:
    """Return the folder of the study's own Label Studio."""
    return Paths(study.root).work / "labelstudio"


def own_server(study: Study) -> tuple[str, str] | None:
    """Return address and api key of the study's own Label Studio, where it answers."""
    return running(folder(study))


def address(study: Study, url: str = "", key: str = "") -> tuple[str, str]:
    """Return address and api key of the Label Studio to use.

    What was given comes first, then the environment, then the study's own server. Raises
    ReviewError where there is none, or an address without a key.
    """
    url = url or os.environ.get("LABEL_STUDIO_URL", "")
    key = key or os.environ.get("LABEL_STUDIO_API_KEY", "")
    own = None if url or key else own_server(study)
    if own:
        return own
    if not url or not key:
        raise ReviewError(
            "opentekst weet niet waar uw Label Studio staat",
            found="geen adres" if not url else "geen sleutel",
            remedy="Start er zelf een met opentekst review serve, of zet LABEL_STUDIO_URL en"
            " LABEL_STUDIO_API_KEY (beide).",
        )
    return url, key


def people(study: Study, extra: Iterable[str] = ()) -> list[str]:
    """Return the e-mail addresses that need an account: the study's coders, and `extra`.

    Adjudicators may be people or programs; those with an address get an account too.
    """
    review = study.file.review
    arbiters = (name.removeprefix("person:") for name in review.adjudicators)
    return list(dict.fromkeys([*review.coders, *(a for a in arbiters if "@" in a), *extra]))
