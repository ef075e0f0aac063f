"""Coding without a server: files for coders out of the study, and back into the ledger."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from opentekst import store
from opentekst.errors import DataError, ReviewError
from opentekst.model import Coding
from opentekst.pipeline.opinions import readable
from opentekst.pipeline.to_review import Chosen, Desk, questions
from opentekst.store import Paths
from opentekst.study import Study

if TYPE_CHECKING:
    from opentekst.codebook.incoming import Fault

Kind = Literal["excel", "json"]
KINDS: Mapping[str, Kind] = {"excel": "excel", ".xlsx": "excel", "json": "json", ".json": "json"}
FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Exported:
    """What went into files for one question: none where there was nothing to code."""

    question: str
    answers: int
    files: tuple[Path, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """What a file brought for one question.

    `coded` answers were coded in the file: `new` codings went into the ledger at `path`,
    `unchanged` ones stand there. `remarks` are Dutch.
    """

    question: str
    coded: int
    new: int
    unchanged: int
    uncoded: int
    skipped: int
    remarks: tuple[str, ...]
    path: Path


def export(
    study: Study,
    target: Path,
    question: str = "",
    kind: Kind | None = None,
    blind: bool = False,
    everything: bool = False,
    again: bool = False,
) -> list[Exported]:
    """Write the answers that people should code: a workbook a question, or tasks as JSON.

    Without `question` every open question gets a file, its name behind that of `target`.
    `kind` is by default what the suffix says; beside JSON lies the screen (.xml). A file
    that is there may hold somebody's work: it is replaced only with `again`. Raises
    DataError for that, for an unknown suffix and question, MissingStageError where the
    answers have not been coded yet.
    """
    kind = kind or kind_of(target)
    desk = Desk(study)
    pick = desk.blind if blind else desk.queue
    chosen = [pick(asked, everything) for asked in questions(study, question)]
    files: dict[Path, bytes] = {}
    reports = []
    for one in chosen:
        made = _files(study, one, _target(target, one, len(chosen)), kind, blind)
        files |= made
        reports.append(Exported(one.question.id, len(one.items), tuple(made), one.left_out))
    for path, content in files.items():
        if path.exists() and not again and path.read_bytes() != content:
            raise DataError(
                "dit bestand bestaat al, misschien met coderingen van iemand",
                place=str(path),
                remedy="Kies een andere naam, of vervang het met --again.",
            )
    store.write_all(files)
    return reports


def kind_of(target: Path) -> Kind:
    """Return what the suffix of a file says; raises DataError where it says nothing known."""
    kind = KINDS.get(target.suffix.lower())
    if kind is None:
        raise DataError(
            "opentekst weet niet in welk formaat",
            place=str(target),
            found=target.suffix or "geen achtervoegsel",
            remedy="Geef een naam die op .xlsx of .json eindigt, of kies --format.",
        )
    return kind


def _target(target: Path, chosen: Chosen, questions: int) -> Path:
    if questions == 1:
        return target
    return target.with_name(f"{target.stem}-{chosen.question.id}{target.suffix}")


def _files(
    study: Study, chosen: Chosen, target: Path, kind: Kind, blind: bool
) -> dict[Path, bytes]:
    from opentekst.review.config import labelling_config
    from opentekst.review.offline import write_tasks
    from opentekst.review.sheet import write_sheet

    asked = chosen.question
    book = study.codebook(asked.id)
    if not chosen.items:
        return {}
    if kind == "excel":
        return {target: write_sheet(study.file.study, asked.text, chosen.items, book, blind)}
    screen = labelling_config(book, asked.text).encode()
    return {
        target: write_tasks(chosen.items, book, blind),
        target.with_name(f"{target.stem}-scherm.xml"): screen,
    }


def take_in(study: Study, source: Path, coders: Sequence[str] = ()) -> list[Imported]:
    """Read a file that somebody coded, and add to the ledger what it does not hold yet.

    `coders` says who: see `review.offline.named`; for a workbook one e-mail address. Where
    anything in the file is wrong nothing is written. Raises DataError, with file, row and
    column, for that; ReviewError for a code that no version of the codebook has.
    """
    try:
        content = source.read_bytes()
    except OSError as fault:
        raise DataError(
            "kan dit bestand niet lezen",
            place=str(source),
            found=fault.strerror or type(fault).__name__,
            remedy="Controleer de naam, en sluit het bestand in andere programma's.",
        ) from None
    with in_file(source):
        if content[:2] == b"PK":  # a workbook is a zip
            return [_from_sheet(study, source, content, coders)]
        return _from_tasks(study, content, coders)


def _from_sheet(study: Study, source: Path, content: bytes, coders: Sequence[str]) -> Imported:
    from opentekst.review.annotations import utc
    from opentekst.review.sheet_file import open_sheet
    from opentekst.review.sheet_reading import read_codings

    coder = _only(coders)
    found = open_sheet(content)
    _check_study(study, found.study, found.question, found.codebook.id)
    history = study.history(found.question)
    moment = datetime.datetime.fromtimestamp(source.stat().st_mtime, datetime.UTC)
    ids = _answers(study)[found.question]
    at = found.modified or utc(moment)
    read = read_codings(found, ids, coder, at, history.now, history.chain)
    if read.faults:
        raise all_faults(read.faults)
    remarks = []
    if read.notes:
        rows = ", ".join(str(number) for number in read.notes[:10])
        more = " …" if len(read.notes) > 10 else ""
        remarks.append(f"{len(read.notes)} keer alleen een memo: telt niet (rij {rows}{more})")
    return _append(study, found.question, read.codings, read.uncoded, 0, remarks)


def _from_tasks(study: Study, content: bytes, coders: Sequence[str]) -> list[Imported]:
    from opentekst.review.offline import codings, named, read_tasks

    tasks = read_tasks(content)
    found = codings(
        tasks,
        named(coders, tasks),
        _answers(study),
        lambda question: (study.history(question).now, study.history(question).chain),
    )
    reports = []
    for question in found:
        # All ledgers are sound before the first is written.
        store.read_ledger(Paths(study.root).ledger(question), readable(study.history(question)))
    for question, one in found.items():
        remarks = []
        if one.unclear:
            shown = ", ".join(str(task) for task in one.unclear[:10])
            more = " …" if len(one.unclear) > 10 else ""
            remarks.append(f"{len(one.unclear)} onduidelijk: open ze opnieuw (taak {shown}{more})")
        reports.append(_append(study, question, one.codings, one.uncoded, one.skipped, remarks))
    return reports


def _append(
    study: Study,
    question: str,
    codings: Iterable[Coding],
    uncoded: int,
    skipped: int,
    remarks: Iterable[str],
) -> Imported:
    """Add to the ledger what it does not hold; what a coder said last time is not said again."""
    from opentekst.review.annotations import truly_blind

    codings, remarks = list(codings), list(remarks)
    path = Paths(study.root).ledger(question)
    ledger = store.read_ledger(path, readable(study.history(question)))
    fresh = truly_blind((one for one in codings if not _repeated(one, ledger)), ledger)
    store.append_ledger(path, fresh)
    added = store.read_ledger(path)[len(ledger) :]
    new = sum(one.act == "coded" for one in added)
    later = len({one.answer for one in added if _overtaken(one, ledger)})
    if later:
        remarks.append(
            f"let op: {later} antwoorden codeerde dezelfde persoon intussen elders, later dan dit"
            " bestand; wat nu ingelezen is, telt"
        )
    known = {name.casefold() for name in study.file.review.coders}
    known |= {name.casefold() for name in study.file.review.adjudicators}
    who = dict.fromkeys(coding.coder.removeprefix("person:") for coding in codings)
    strange = [name for name in who if known and name.casefold() not in known]
    if strange:
        remarks.append(f"let op: {', '.join(strange)} staat niet bij 'review' in study.yaml")
    coded = sum(coding.act == "coded" for coding in codings)
    return Imported(question, coded, new, coded - new, uncoded, skipped, tuple(remarks), path)


def _repeated(coding: Coding, ledger: Sequence[Coding]) -> bool:
    """True where the coder's last coding in the same place says the same.

    A workbook has one time for all its rows: saved again, its codings are not new ones.
    """
    place = (coding.answer, coding.coder.casefold(), coding.how.source)
    last = next(
        (c for c in reversed(ledger) if (c.answer, c.coder.casefold(), c.how.source) == place),
        None,
    )
    if last is None or last.act != coding.act:
        return False
    said = [(frozenset(one.codes), one.codebook, one.how) for one in (coding, last)]
    return said[0] == said[1]


def _overtaken(coding: Coding, ledger: Iterable[Coding]) -> bool:
    when = datetime.datetime.fromisoformat(coding.at)
    return any(
        one.answer == coding.answer
        and one.coder.casefold() == coding.coder.casefold()
        and datetime.datetime.fromisoformat(one.at) > when
        for one in ledger
        if one.at
    )


def _answers(study: Study) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {question.id: set() for question in study.open_questions}
    for answer in store.read_answers(Paths(study.root).work / "answers.jsonl"):
        ids[answer.question].add(answer.id)
    return ids


def _only(coders: Sequence[str]) -> str:
    names = [name.strip() for name in coders if name.strip()]
    if len(names) != 1 or "=" in names[0]:
        raise DataError(
            "een werkmap is van één coder",
            found=", ".join(names) or "geen",
            remedy="Zeg wie hem invulde: --coder naam@voorbeeld.be.",
        )
    return names[0]


def _check_study(study: Study, name: str, question: str, book: str) -> None:
    if name != study.file.study:
        raise DataError(
            "dit bestand hoort bij een andere studie",
            found=name,
            remedy="Noem de map van die studie met --study. Kreeg deze studie een andere naam, zet"
            " dan in study.yaml zolang de oude terug.",
        )
    if question not in {one.id for one in study.open_questions}:
        raise DataError(
            "de vraag van dit bestand is geen open vraag van deze studie",
            found=question,
            remedy="Zet de vraag terug in study.yaml.",
        )
    if book != study.codebook(question).id:
        raise DataError(
            f"vraag '{question}' wordt nu met een ander codeboek gecodeerd",
            found=book,
            remedy=f"Zet in study.yaml 'codebook: {book}' bij deze vraag, of exporteer opnieuw.",
        )


def all_faults(faults: Sequence[Fault]) -> DataError:
    """Return one error that names every faulty cell, so that all can be mended at once."""
    first, *more = faults
    lines = [
        f"Ook {fault.place}: {fault.problem}"
        + (f" (gevonden: {fault.found})" if fault.found else "")
        for fault in more[: FAULTS_SHOWN - 1]
    ]
    lines += [f"En nog {len(faults) - FAULTS_SHOWN} fouten."] * (len(faults) > FAULTS_SHOWN)
    remedy = "\n  ".join([f"{first.remedy} Er is nog niets ingelezen.", *lines])
    return DataError(first.problem, place=first.place, found=first.found, remedy=remedy)


@contextmanager
def in_file(source: Path) -> Iterator[None]:
    """Say in which file something is wrong."""
    try:
        yield
    except (DataError, ReviewError) as fault:
        if str(source) in fault.place:
            raise
        place = f"{source}, {fault.place}" if fault.place else str(source)
        raise type(fault)(
            fault.problem, place=place, found=fault.found, remedy=fault.remedy
        ) from None
