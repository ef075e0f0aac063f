"""Where things lie in a study folder; atomic writes; the annotation ledger.

Only `pipeline` touches this module. Every write goes to a file beside the target, which
is then renamed over it: a full disk or an interruption leaves the earlier file as it was.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast, get_args

from filelock import FileLock, Timeout

from opentekst.errors import LedgerError, MissingStageError, StorageError
from opentekst.model import (
    Act,
    Answer,
    CodebookRef,
    Coding,
    Decision,
    How,
    Normalised,
    Proposal,
    Response,
    Span,
    Token,
    Topic,
)

SURROGATES = "surrogatepass"
"""Half a character, as broken exports hold, stays verbatim like all else in an answer."""


@dataclasses.dataclass(frozen=True)
class Paths:
    """The places of a study folder."""

    root: Path

    @property
    def work(self) -> Path:
        """What can be rebuilt and is nobody's to read."""
        return self.root / "data" / "work"

    @property
    def results(self) -> Path:
        """What people read."""
        return self.root / "results"

    @property
    def lock(self) -> Path:
        """The record of what each stage was made from."""
        return self.root / "run.lock.json"

    def ledger(self, question: str) -> Path:
        """The append-only record of people's codings of one question."""
        return self.root / "annotations" / question / "people.jsonl"


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write all files or none: first beside their targets, then renamed into place.

    Raises StorageError; the earlier files are then as they were.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for target, content in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.new")
            staged.append((beside, target))
            with beside.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for beside, target in staged:
            beside.replace(target)
    except OSError as fault:
        raise StorageError(
            "kon niet schrijven; de eerdere resultaten zijn niet aangeraakt",
            place=str(fault.filename or (staged[-1][1] if staged else "")),
            found=fault.strerror or type(fault).__name__,
            remedy="Maak schijfruimte vrij of controleer de schrijfrechten, en probeer opnieuw.",
        ) from None
    finally:
        for beside, _ in staged:
            beside.unlink(missing_ok=True)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or an empty string where there is none."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def jsonl(records: Iterable[Any]) -> bytes:
    """Return dataclasses as JSON Lines, keys in field order, sets sorted."""
    return "".join(
        json.dumps(_encode(record), ensure_ascii=False, default=_default) + "\n"
        for record in records
    ).encode(errors=SURROGATES)


def _encode(record: Any) -> Any:
    if isinstance(record, Coding | How):
        # What is at its default stays out: most codings are a machine's.
        return {
            f.name: getattr(record, f.name)
            for f in dataclasses.fields(record)
            if f.name == "at"
            or f.default is dataclasses.MISSING
            or getattr(record, f.name) != f.default
        }
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}
    return record


def _default(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _encode(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def read_rows(path: Path, stage: str) -> list[dict[str, Any]]:
    """Read JSON Lines that `stage` made. Raises MissingStageError where it has not run."""
    return [row for _, row in _lines(path, stage)]


def _lines(path: Path, stage: str) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8", errors=SURROGATES) as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, json.loads(line)
    except FileNotFoundError:
        raise MissingStageError(
            f"de stap '{stage}' is nog niet gedaan",
            place=str(path),
            remedy=f"Doe eerst: opentekst {stage} (of opentekst run voor alles).",
        ) from None
    except json.JSONDecodeError:
        raise MissingStageError(
            f"de uitkomst van '{stage}' is beschadigd",
            place=str(path),
            remedy=f"Verwijder dit bestand en doe opnieuw: opentekst {stage}.",
        ) from None


def read_responses(path: Path) -> list[Response]:
    """Read what `read` wrote of the closed questions."""
    return [
        Response(
            row["unit"],
            tuple(row["respondents"]),
            row["single"],
            {question: frozenset(codes) for question, codes in row["multiple"].items()},
        )
        for _, row in _lines(path, "read")
    ]


def read_answers(path: Path) -> list[Answer]:
    """Read what `read` wrote of the open questions."""
    return [Answer(**row) for _, row in _lines(path, "read")]


def read_normalised(path: Path) -> list[Normalised]:
    """Read what `normalise` wrote."""
    return [
        Normalised(
            row["answer"],
            row["text"],
            tuple(_token(token) for token in row["tokens"]),
            tuple(Span(*span) for span in row["segments"]),
            frozenset(row["flags"]),
            tuple((clean, raw) for clean, raw in row["anchors"]),
            tuple(Span(*span) for span in row.get("names", ())),
        )
        for _, row in _lines(path, "normalise")
    ]


def _token(fields: list[Any]) -> Token:
    """Read a token; older files have no forms and negations, newer ones only where needed."""
    start, end, lemma, *more = fields
    if not more:
        return Token(start, end, lemma)
    return Token(start, end, lemma, tuple(more[0]), *more[1:])


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; None where there is no file or it is damaged."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def read_codings(path: Path) -> list[Coding]:
    """Read what `code` wrote."""
    return [_coding(row) for _, row in _lines(path, "code")]


def read_topics(path: Path) -> list[Topic]:
    """Read the topics that `topics` wrote."""
    lists = ("keywords", "answers")
    return [
        Topic(**{**row, **{name: tuple(row[name]) for name in lists}})
        for _, row in _lines(path, "topics")
    ]


def read_proposals(path: Path) -> list[Proposal]:
    """Read the proposals that `topics` wrote."""
    lists = ("keywords", "quotes", "answers")
    return [
        Proposal(**{**row, **{name: tuple(row[name]) for name in lists}})
        for _, row in _lines(path, "topics")
    ]


def read_decisions(path: Path) -> list[Decision]:
    """Read what `tables` wrote of what counts for each answer."""
    return [
        Decision(row["answer"], frozenset(row["codes"]), row["basis"])
        for _, row in _lines(path, "tables")
    ]


def _coding(row: Mapping[str, Any]) -> Coding:
    return Coding(
        row["answer"],
        tuple(row["codes"]),
        row["coder"],
        tuple(float(score) for score in row["score"]),
        tuple(Span(*span) for span in row["evidence"]),
        CodebookRef(**row["codebook"]),
        row["at"],
        _act(row.get("act", "coded")),
        How(**row.get("how", {})),
    )


def _act(name: str) -> Act:
    if name not in get_args(Act):
        raise ValueError(name)
    return cast(Act, name)


def read_ledger(
    path: Path, known: Callable[[Coding], Collection[str]] | None = None
) -> list[Coding]:
    """Read what people did to one question's answers, oldest first; empty without a ledger.

    Skipped and withdrawn answers are entries too (see Coding.act).

    `known`, where given, returns those codes of a coding that can be read. Raises
    LedgerError, with file and line, for a line that is not a whole coding, for a coding by
    a machine, and for a code that cannot be read.
    """
    if not path.exists():
        return []
    codings: list[Coding] = []
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                coding = _coding(json.loads(line))
            except (ValueError, KeyError, TypeError) as fault:
                raise LedgerError(
                    "deze regel is geen volledige codering",
                    place=f"{path}:{number}",
                    found=type(fault).__name__,
                    remedy="Haal het bestand terug uit uw versiebeheer of back-up; verander het"
                    " nooit met de hand.",
                ) from None
            if not coding.by_person:
                raise LedgerError(
                    "in dit bestand horen alleen coderingen van mensen",
                    place=f"{path}:{number}",
                    found=coding.coder,
                    remedy="Verwijder deze regel; coderingen van de machine horen in data/work.",
                )
            readable = coding.codes if known is None else known(coding)
            unknown = [code for code in coding.codes if code not in readable]
            if unknown:
                raise LedgerError(
                    f"deze code staat niet in codeboek '{coding.codebook.id}'",
                    place=f"{path}:{number}",
                    found=unknown[0],
                    remedy="Zet de code terug in het codeboek (eventueel met 'status: retired');"
                    " coderingen van mensen worden nooit weggegooid. Hernoem codes"
                    " alleen met 'opentekst codebook rename'.",
                )
            codings.append(coding)
    return codings


def _said(coding: Coding) -> Coding:
    """Return a coding without how it was made: ledgers of before hold no such thing."""
    return dataclasses.replace(coding, how=How())


def append_ledger(path: Path, codings: Iterable[Coding]) -> int:
    """Add codings that the ledger does not hold yet; return how many were added.

    Nothing that stands in the ledger is changed or dropped. Raises LedgerError where
    another process is writing, StorageError where the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.parent / ".people.lock", timeout=30):
            known = {_said(coding) for coding in read_ledger(path)}
            fresh = list({_said(c): c for c in codings if _said(c) not in known}.values())
            if fresh:
                earlier = path.read_bytes() if path.exists() else b""
                write_all({path: earlier + jsonl(fresh)})
            return len(fresh)
    except Timeout:
        raise LedgerError(
            "een ander programma schrijft in dit bestand",
            place=str(path),
            remedy="Wacht tot de andere opdracht klaar is en probeer opnieuw.",
        ) from None
