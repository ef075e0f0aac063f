"""A Dutch word list in one small block of bytes: word kinds, lemmas, compounds, exceptions.

It travels inside the pipeline's vocabulary (`nlp.vocab.lookups`), so that the model that
was trained with it and the lemmatizer that reads it can never part. `training/lexicon_build.py`
makes it, out of spacy-lookups-data (MIT, Explosion) and the training sentences.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from spacy.vocab import Vocab

TABLE = "opentekst_lexicon"
KEY = "block"
UNKNOWN_FIRST = 3  # a head or first part of a compound has at least this many letters
LINKS = ("", "s", "en", "e", "-", "s-")  # what stands between the parts: arbeids-, kinder-


class Analysis(NamedTuple):
    """One reading of a form: its UPOS ("X" where the list does not say) and its lemma."""

    upos: str
    lemma: str


class Edit(NamedTuple):
    """A reading as written in the table: cut so many letters, then add these."""

    upos: str
    cut: int
    add: str


class Features(NamedTuple):
    """What the tagger and parser see of a form: three numbers, 0 for nothing known."""

    kinds: int
    readings: int
    lemma: str


class Lexicon:
    """The word list.

    `forms` maps a lower-cased form to a row of `readings`; `exceptions` maps "form UPOS" to
    the lemma that the treebanks give it; `suffixes` maps "UPOS ending" to an edit for
    inflected forms that no list knows; `particles` are the first parts of separable verbs.
    """

    def __init__(
        self,
        forms: Mapping[str, int],
        readings: Sequence[Sequence[Edit]],
        exceptions: Mapping[str, str],
        suffixes: Mapping[str, tuple[int, str]],
        particles: frozenset[str],
    ) -> None:
        self.forms = forms
        self.readings = readings
        self.exceptions = exceptions
        self.suffixes = suffixes
        self.particles = particles
        kinds = sorted({self._kinds(row) for row in readings})
        self._kind_of_row = [kinds.index(self._kinds(row)) + 1 for row in readings]
        self._ids: dict[str, tuple[int, int, int, int]] = {}

    @staticmethod
    def _kinds(row: Sequence[Edit]) -> tuple[str, ...]:
        return tuple(sorted({edit.upos + ("" if edit.cut or edit.add else "=") for edit in row}))

    def analyses(self, form: str) -> list[Analysis]:
        """Return the readings that the list gives a lower-cased form, none where it is unknown.

        >>> Lexicon({"boeken": 0}, [[Edit("NOUN", 2, "")]], {}, {}, frozenset()).analyses("boeken")
        [Analysis(upos='NOUN', lemma='boek')]
        """
        row = self.forms.get(form)
        if row is None:
            return []
        return [
            Analysis(edit.upos, form[: len(form) - edit.cut] + edit.add)
            for edit in self.readings[row]
        ]

    def head(self, form: str) -> str:
        """Return the last part of an unknown compound that the list knows, "" where none.

        The longest known ending behind a known first part wins; where no first part is
        known, the longest known ending of five letters or more.
        """
        fallback = ""
        for start in range(UNKNOWN_FIRST, len(form) - UNKNOWN_FIRST + 1):
            ending = form[start:]
            if ending not in self.forms:
                continue
            if form[start - 1] == "-" or self._is_first_part(form[:start]):
                return ending
            if not fallback and len(ending) >= 5:
                fallback = ending
        return fallback

    def _is_first_part(self, part: str) -> bool:
        for link in LINKS:
            if part.endswith(link):
                bare = part[: len(part) - len(link)]
                if len(bare) >= UNKNOWN_FIRST and bare in self.forms:
                    return True
        return False

    def ids(self, form: str) -> tuple[int, int, int, int]:
        """Return the numbers that the embedding hashes: kinds, readings, lemma, first letters."""
        known = self._ids.get(form)
        if known is None:
            from spacy.strings import get_string_id

            features = self.features(form)
            lemma = get_string_id(features.lemma) if features.lemma else 0
            known = (features.kinds, features.readings, lemma, get_string_id(form[:3]))
            self._ids[form] = known
        return known

    def features(self, form: str) -> Features:
        """Return what the list says of a lower-cased form, by its head where it is a compound."""
        row, word, compound = self.forms.get(form), form, 0
        if row is None:
            word, compound = self.head(form), 1
            row = self.forms.get(word)
        if row is None:
            return Features(0, 0, "")
        edit = self.readings[row][0]
        lemma = word[: len(word) - edit.cut] + edit.add
        return Features(2 * self._kind_of_row[row] + compound, 2 * (row + 1) + compound, lemma)

    def to_bytes(self) -> bytes:
        """Return the whole as one compressed block; the same content gives the same bytes."""
        import numpy as np

        ordered = sorted(self.forms)
        rows = np.array([self.forms[form] for form in ordered], dtype="<u2").tobytes()
        header = {
            "forms": ordered,
            "readings": [[list(edit) for edit in row] for row in self.readings],
            "exceptions": dict(sorted(self.exceptions.items())),
            "suffixes": {key: list(edit) for key, edit in sorted(self.suffixes.items())},
            "particles": sorted(self.particles),
        }
        return packed(header, rows)

    @classmethod
    def from_bytes(cls, data: bytes) -> Lexicon:
        """Read what `to_bytes` wrote."""
        import numpy as np

        header, rest = unpacked(data)
        rows = np.frombuffer(rest, dtype="<u2").tolist()
        return cls(
            dict(zip(header["forms"], rows, strict=True)),
            [[Edit(*edit) for edit in row] for row in header["readings"]],
            header["exceptions"],
            {key: (cut, add) for key, (cut, add) in header["suffixes"].items()},
            frozenset(header["particles"]),
        )


def packed(header: Mapping[str, Any], rest: bytes) -> bytes:
    """Return a header (as JSON) and raw numbers as one compressed block."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return lzma.compress(text.encode() + b"\0" + rest, preset=9 | lzma.PRESET_EXTREME)


def unpacked(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Read what `packed` wrote."""
    text, _, rest = lzma.decompress(data).partition(b"\0")
    return json.loads(text), rest


@lru_cache(maxsize=4)
def _read(data: bytes) -> Lexicon:
    return Lexicon.from_bytes(data)


def put_lexicon(vocab: Vocab, lexicon: Lexicon) -> None:
    """Put the list into a vocabulary, in the place of one that is there."""
    from spacy.lookups import Table

    vocab.lookups.set_table(TABLE, Table.from_dict({KEY: lexicon.to_bytes()}, name=TABLE))


def lexicon_of(vocab: Vocab) -> Lexicon:
    """Return the list inside a vocabulary; KeyError where there is none."""
    return _read(vocab.lookups.get_table(TABLE)[KEY])
