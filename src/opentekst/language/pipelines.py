"""Which spaCy pipeline runs: the one that the study names, or the one that is always there."""

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
DOWNLOAD_SECONDS = 20


class PipelineId(NamedTuple):
    """Name and version of a pipeline, as recorded in run.lock.json."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def resolve(wanted: str) -> PipelineId:
    """Return the pipeline that will run when `wanted` is asked for, without loading it.

    An installed package called `wanted` is taken; otherwise `blank_nl`, spaCy's Dutch
    tokenizer with simplemma's lemmas.
    """
    if wanted != BLANK:
        try:
            return PipelineId(wanted, metadata.version(wanted))
        except metadata.PackageNotFoundError:
            pass
    spacy, simplemma = metadata.version("spacy"), metadata.version("simplemma")
    return PipelineId(BLANK, f"spacy-{spacy}+simplemma-{simplemma}")


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
    try:
        return spacy.load(name, exclude=["ner"])
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


def keyword_tokens(name: str) -> Callable[[str], list[tuple[str, str]]]:
    """Return a function that cuts a keyword into (lower-cased form, lemma) pairs."""
    nlp = load(name)

    def cut(keyword: str) -> list[tuple[str, str]]:
        return [(token.lower_, token.lemma_.lower()) for token in nlp(keyword)]

    return cut
