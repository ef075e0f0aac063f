"""A coder on disk: skops for what scikit-learn made, plain values for all else; no pickle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from opentekst.codebook import Code, Codebook
from opentekst.coding.autocoder import AutoCoder
from opentekst.coding.forced import Rule
from opentekst.coding.learned import HeldOut, Learned
from opentekst.coding.members import Combiner, Members
from opentekst.coding.space import Space
from opentekst.coding.triage import SetCoder
from opentekst.errors import PipelineError

FORMAT = 1


def save(coder: AutoCoder, path: Path) -> None:
    """Write beside, then rename. Raises PipelineError for an embedder that has no name."""
    from skops.io import dump

    if not isinstance(coder.embedder, str):
        raise PipelineError(
            "deze codeur gebruikt een zinsinbedding zonder naam en is niet te bewaren",
            remedy='Maak de codeur met een naam, zoals embedder="use".',
        )
    state = {
        "format": FORMAT,
        "codebook": None if coder.codebook is None else dataclasses.asdict(coder.codebook),
        "rules": [dataclasses.asdict(rule) for rule in coder.rules],
        "settings": {
            "seed": coder.seed,
            "embedder": coder.embedder,
            "prompt": coder.prompt,
            "pipeline": coder.pipeline,
        },
        "codes": coder.codes_,
        "coded": [[text, question, sorted(codes)] for text, question, codes in coder.coded_],
        "learned": None if coder.learned_ is None else _plain(coder.learned_),
    }
    beside = path.with_name(f".{path.name}.new")
    try:
        dump(state, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load(path: Path) -> AutoCoder:
    """Read what `save` wrote. Raises PipelineError, and runs no code, for any other file."""
    from skops.io import get_untrusted_types
    from skops.io import load as read
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        foreign = get_untrusted_types(file=path)
        state = read(path) if not foreign else {}
    except (BadZipFile, KeyError, OSError, ValueError, UntrustedTypesFoundException):
        state = {}
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise PipelineError(
            "dit is geen codeur die met deze versie van opentekst bewaard is",
            place=str(path),
            remedy="Leer de codeur opnieuw, en bewaar hem met save().",
        )
    held = state["codebook"]
    coder = AutoCoder(
        None if held is None else _codebook(held),
        rules=[Rule(**rule) for rule in state["rules"]],
        **state["settings"],
    )
    coder.codes_ = list(state["codes"])
    coder.coded_ = [(text, question, frozenset(codes)) for text, question, codes in state["coded"]]
    coder.learned_ = None if state["learned"] is None else _learned(state["learned"])
    return coder


def _plain(learned: Learned) -> dict[str, Any]:
    """Return the fields of what was learned, one level down."""
    return {
        "space": _fields(learned.space),
        "members": _fields(learned.members),
        "combiner": _fields(learned.combiner),
        "cuts": learned.cuts,
        "sets": _fields(learned.sets),
        "held_out": learned.held_out._asdict(),
    }


def _fields(part: Any) -> dict[str, Any]:
    found = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in found.items()}


def _learned(state: dict[str, Any]) -> Learned:
    space = {**state["space"], "questions": tuple(state["space"]["questions"])}
    return Learned(
        Space(**space),
        Members(**state["members"]),
        Combiner(**state["combiner"]),
        state["cuts"],
        SetCoder(**state["sets"]),
        HeldOut(**state["held_out"]),
    )


def _codebook(state: dict[str, Any]) -> Codebook:
    codes = []
    for code in state["codes"]:
        fields: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in code.items()}
        codes.append(Code(**fields))
    return Codebook(state["id"], state["version"], state["title"], tuple(codes))
