"""The Dutch pipeline that comes inside the package: load it, and tell whether it is whole."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from opentekst.errors import PipelineError
from opentekst.language.lemmatizer import register_lemmatizer
from opentekst.language.lexical_features import register_architecture
from opentekst.language.person_component import register_persons

if TYPE_CHECKING:
    from spacy.language import Language

NAME = "opentekst_nl"


def shipped_path() -> Path:
    """Return the directory of the pipeline inside the package."""
    return Path(str(resources.files("opentekst.language") / NAME))


def shipped_version() -> str:
    """Return the version and the first digits of the hash, as recorded with every result.

    >>> len(shipped_version().split("+")[1])
    8
    """
    meta = json.loads((shipped_path() / "meta.json").read_text("utf-8"))
    digest = shipped_path().with_suffix(".sha256").read_text("utf-8")
    return f"{meta['version']}+{digest[:8]}"


def register() -> None:
    """Make the pipeline's own layer, lemmatizer and person finder known to spaCy."""
    register_architecture()
    register_lemmatizer()
    register_persons()


def load_shipped() -> Language:
    """Load the pipeline, in under two seconds. Raises PipelineError where it does not load."""
    import spacy

    register()
    try:
        return spacy.load(shipped_path())
    except (OSError, ValueError, KeyError) as fault:
        raise PipelineError(
            f"de meegeleverde spaCy-pipeline '{NAME}' laadt niet",
            found=type(fault).__name__,
            remedy="Installeer opentekst opnieuw.",
        ) from None


def directory_hash(path: Path) -> str:
    """Return the SHA-256, in hexadecimal, over all files: sorted relative path and bytes."""
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(path).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
