"""Abbreviations of the field, read out for matching: LDC → lokaal dienstencentrum."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import field_validator

from opentekst import checked_yaml
from opentekst.errors import CodebookError

_DOTTED = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\.?")
_PLURAL = re.compile(r"(?:'s|s|en)$")
_SHAPE = re.compile(r"[^\W_](?:[^\W_]|[&'.-])*")


@dataclass(frozen=True)
class Abbreviations:
    """A list of abbreviations: lower-cased, without dots → what each stands for."""

    meaning: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Abbreviations:
        """Read and check a list (codebooks/afkortingen.yaml of a study).

        Raises CodebookError, with file and line, for bad YAML, an unknown field, an empty
        meaning, and an abbreviation that is no single word.
        """
        data = checked_yaml.load(path, CodebookError, "de lijst met afkortingen")
        parsed = checked_yaml.check(_File, data, path, CodebookError)
        found: dict[str, str] = {}
        for short, meaning in parsed.afkortingen.items():
            key = _plain(short)
            line = checked_yaml.line_of(data, ("afkortingen", short))
            if not _SHAPE.fullmatch(short):
                raise CodebookError(
                    "een afkorting is één woord, zonder spatie",
                    place=f"{path}:{line}",
                    found=short,
                    remedy="Schrijf vóór het dubbelpunt alleen de afkorting, bijvoorbeeld LDC.",
                )
            if found.get(key, meaning) != meaning:
                raise CodebookError(
                    "deze afkorting staat er al, met een andere betekenis",
                    place=f"{path}:{line}",
                    found=short,
                    remedy="Houd één van beide; hoofdletters en punten maken geen verschil.",
                )
            found[key] = " ".join(meaning.lower().split())
        return cls(found)

    @classmethod
    def of_study(cls, root: Path) -> Abbreviations:
        """Return the study's own list, codebooks/afkortingen.yaml, else the shipped one."""
        path = root / "codebooks" / "afkortingen.yaml"
        return cls.load(path) if path.exists() else shipped()

    def expand(self, word: str, ordinary: bool = False) -> str:
        """Return what a word stands for, lower-cased, or an empty string.

        Capitals, dots and the plural make no difference, unless the letters are an
        `ordinary` word too ("logo"): then only capitals or dots make it an abbreviation.

        >>> shipped().expand("LDC's"), shipped().expand("l.d.c."), shipped().expand("geld")
        ('lokaal dienstencentrum', 'lokaal dienstencentrum', '')
        """
        if ordinary and not word.isupper() and not is_dotted(word):
            return ""
        key = _plain(word)
        return self.meaning.get(key) or self.meaning.get(_PLURAL.sub("", key), "")

    @cached_property
    def fingerprint(self) -> str:
        """A hash over the list."""
        content = "\n".join(f"{short}\t{long}" for short, long in sorted(self.meaning.items()))
        return hashlib.sha256(content.encode()).hexdigest()[:16]


@cache
def shipped() -> Abbreviations:
    """Return the list that ships: abbreviations of Flemish local welfare work."""
    with as_file(files("opentekst.language").joinpath("data", "afkortingen.yaml")) as path:
        return Abbreviations.load(path)


def shipped_text() -> str:
    """Return the file of the list that ships, for a study to start from."""
    return files("opentekst.language").joinpath("data", "afkortingen.yaml").read_text("utf-8")


def is_dotted(text: str) -> bool:
    """Tell whether a text is letters with dots between: L.D.C."""
    return _DOTTED.fullmatch(text) is not None


def _plain(word: str) -> str:
    return word.lower().replace(".", "").replace("’", "'")


class _File(checked_yaml.Strict):
    afkortingen: dict[str, str]

    @field_validator("afkortingen")
    @classmethod
    def _filled(cls, value: dict[str, str]) -> dict[str, str]:
        for short, meaning in value.items():
            if not meaning.strip():
                raise ValueError(f"'{short}' heeft geen betekenis")
        return value
