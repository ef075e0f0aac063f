"""Which spaCy pipeline runs: the one that the study names, or the one that is always there.

`nl_core_news_sm` is taken where it is installed; `opentekst_nl` is the project's own, trained
on the same treebanks, and comes with it; `blank_nl` only cuts words and looks lemmas up.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

from opentekst.errors import PipelineError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

BLANK = "blank_nl"
SHIPPED = "opentekst_nl"
DOWNLOAD_SECONDS = 20
UNUSED = ("opentekst_persons",)
"""What normalising does without: `pseudonyms.find` does the same on the text itself."""
UNUSED_FOR_WORDS = (*UNUSED, "ner", "parser")


class PipelineId(NamedTuple):
    """Name and version of a pipeline, as recorded in run.lock.json."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def resolve(wanted: str) -> PipelineId:
    """Return the pipeline that will run when `wanted` is asked for, without loading it.

    The shipped pipelines are always there; any other is taken where a package of that name
    is installed, and otherwise `opentekst_nl` does the work.
    """
    if wanted == BLANK:
        spacy, simplemma = metadata.version("spacy"), metadata.version("simplemma")
        return PipelineId(BLANK, f"spacy-{spacy}+simplemma-{simplemma}")
    if wanted != SHIPPED:
        try:
            return PipelineId(wanted, metadata.version(wanted))
        except metadata.PackageNotFoundError:
            pass
    from opentekst.language.shipped import shipped_version

    return PipelineId(SHIPPED, shipped_version())


def try_download(name: str) -> bool:
    """Try once to install a spaCy pipeline from where spaCy keeps them; give up in seconds.

    Returns whether it is installed now. Never raises: without a network the shipped
    pipeline does the work.
    """
    from spacy import about

    version = f"{about.__version__.rpartition('.')[0]}.0"
    wheel = f"{name}-{version}/{name}-{version}-py3-none-any.whl"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--retries", "0"]
    try:
        done = subprocess.run(
            [*command, "--timeout", "5", f"{about.__download_url__}/{wheel}"],
            capture_output=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    importlib.invalidate_caches()
    return done.returncode == 0


@cache
def load(name: str) -> Language:
    """Load a pipeline that `resolve` named. Raises PipelineError where it does not load."""
    import spacy

    if name == BLANK:
        return _blank()
    if name == SHIPPED:
        from opentekst.language.shipped import load_shipped

        return load_shipped()
    try:
        return spacy.load(name)
    except (OSError, ValueError, ImportError) as fault:
        raise PipelineError(
            f"de spaCy-pipeline '{name}' laadt niet",
            found=type(fault).__name__,
            remedy="Installeer haar opnieuw, of zet 'pipeline: blank_nl' in study.yaml.",
        ) from None


def _blank() -> Language:
    import simplemma
    import spacy
    from spacy.language import Language

    @Language.component("simplemma_nl")
    def lemmatise(doc: Doc) -> Doc:
        for token in doc:
            token.lemma_ = simplemma.lemmatize(token.text, lang="nl").lower()
        return doc

    nlp = spacy.blank("nl")
    nlp.add_pipe("sentencizer", config={"punct_chars": [".", "!", "?", ";", "…"]})
    nlp.add_pipe("simplemma_nl")
    return nlp


@cache
def keyword_tokens(name: str) -> Callable[[str], list[tuple[str, str]]]:
    """Return a function that cuts a keyword into (lower-cased form, lemma) pairs."""
    nlp = load(name)

    @cache
    def cut(keyword: str) -> list[tuple[str, str]]:
        with nlp.select_pipes(disable=[p for p in UNUSED_FOR_WORDS if p in nlp.pipe_names]):
            return [(token.lower_, token.lemma_.lower()) for token in nlp(keyword)]

    return cut
