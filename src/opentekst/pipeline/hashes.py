"""Hashes of all that a stage can depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from opentekst.store import Paths, file_hash
from opentekst.study import Study


def codebook_hashes(study: Study) -> Mapping[str, str]:
    """Return the fingerprint of every codebook and of its history."""
    now = {f"codebook {name}": book.fingerprint for name, book in study.codebooks.items()}
    past = {f"history {name}": history.digest for name, history in study.histories.items()}
    return {**now, **{name: digest for name, digest in past.items() if digest}}


def ledger_hashes(study: Study) -> Mapping[str, str]:
    """Return a hash of the ledger of every open question that has one."""
    paths = Paths(study.root)
    return {
        f"ledger {q.id}": digest
        for q in study.open_questions
        if (digest := file_hash(paths.ledger(q.id)))
    }


def program(*packages: str) -> Mapping[str, str]:
    """Return a hash of this program and the versions of packages."""
    versions = {name: _version(name) for name in packages}
    return {"opentekst": _source_hash(), **versions}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "niet geïnstalleerd"


@cache
def _source_hash() -> str:
    """Hash this program's own source: a change of code makes results stale."""
    root = Path(str(files("opentekst")))
    digest = hashlib.sha256()
    for path in sorted(
        p
        for p in root.rglob("*")
        if p.suffix in (".py", ".csv", ".html", ".js", ".j2", ".gz", ".yaml", ".json")
    ):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
