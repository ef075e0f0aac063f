"""The bridge: answers of an earlier wave that people code again under the codebook of now.

Units are drawn by lot, with all their answers to a question, because a percentage counts units.
What people code lies in annotations/<question>.brug/people.jsonl of the newer wave: a ledger of
its own, so that a bridge answer is in no base, sample or agreement of that wave.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from opentekst import store
from opentekst.errors import DataError
from opentekst.model import Answer
from opentekst.pipeline.masking import masked_texts
from opentekst.pipeline.opinions import readable, through
from opentekst.pipeline.wave_sides import Asked, Pair
from opentekst.results.bridge import Readings
from opentekst.review.audit import Sample, draw
from opentekst.store import Paths
from opentekst.study import Study


def place(question: str) -> str:
    """Return the name under which the bridge of a question lies in annotations/."""
    return f"{question}.brug"


def ledger(study: Study, question: str) -> Path:
    """Return the ledger of a question's bridge, in the study of the newer wave."""
    return Paths(study.root).ledger(place(question))


def sample_file(study: Study, question: str) -> Path:
    """Return where it stands which units were drawn."""
    return ledger(study, question).with_name("brug.json")


def workbook_file(root: Path, question: str) -> Path:
    """Return where a bridge's workbook is written, in the study that lists the waves."""
    return Paths(root).results / "waves" / f"brug_{question}.xlsx"


def sample_of(study: Study, question: str) -> Sample | None:
    """Return the units that were drawn for a question's bridge; None where none were."""
    content = store.read_json(sample_file(study, question))
    if content is None:
        return None
    return Sample.from_json(content, str(sample_file(study, question)))


@dataclass(frozen=True)
class Drawn:
    """A bridge to code: the units drawn, of how many, their answers, and the workbook."""

    question: str
    units: int
    of: int
    answers: int
    file: Path


def draw_bridge(pair: Pair, asked: Asked, size: int, file: Path, again: bool) -> Drawn:
    """Draw a bridge, or let it grow to `size` units; write the workbook in which to code it.

    The draw has permanent random numbers: a larger size keeps who was drawn. Raises DataError
    for a workbook that is there already, unless `again`; ReviewError for a size below 1.
    """
    study, question = pair.now.study, asked.id
    earlier = sample_of(study, question)
    sample = draw(earlier, list(asked.as_then), size, study.file.seed)
    answers = answers_of(pair, asked, sample)
    content = _workbook(pair, asked, answers)
    if file.exists() and not again and file.read_bytes() != content:
        raise DataError(
            "dit bestand bestaat al, misschien met coderingen van iemand",
            place=str(file),
            remedy="Lees het eerst in (--import), of vervang het met --again.",
        )
    files = {file: content}
    if sample != earlier:
        text = json.dumps(sample.to_json(), ensure_ascii=False, indent=1) + "\n"
        files[sample_file(study, question)] = text.encode()
    store.write_all(files)
    return Drawn(question, len(sample.answers), len(asked.as_then), len(answers), file)


def answers_of(pair: Pair, asked: Asked, sample: Sample) -> list[Answer]:
    """Return the answers of then, of the units drawn, that counted then.

    Unit by unit, in random order: who stops halfway coded a random part.
    """

    def lot(unit: str) -> str:
        return hashlib.sha256(f"{sample.seed}:volgorde:{unit}".encode()).hexdigest()

    mine = [
        a
        for a in pair.then.answers
        if a.question == asked.id
        and a.id in pair.then.decisions
        and pair.became[a.unit] in sample.answers
    ]
    return sorted(mine, key=lambda a: (lot(pair.became[a.unit]), a.id))


def _workbook(pair: Pair, asked: Asked, answers: Sequence[Answer]) -> bytes:
    from html import unescape

    from opentekst.review.sheet import write_sheet
    from opentekst.review.tasks import ReviewItem

    texts = masked_texts(pair.then.work, answers, pair.then.items)
    items = [
        ReviewItem(a.id, asked.id, asked.question.text, unescape(texts[a.id].text)) for a in answers
    ]
    study, book = pair.now.study, pair.now.study.codebook(asked.id)
    return write_sheet(title(study, asked.id), asked.question.text, items, book, blind=True)


def title(study: Study, question: str) -> str:
    """Return the study's name as a bridge workbook holds it: no other command takes it."""
    return f"{study.file.study} (brug {question})"


def take_in(pair: Pair, asked: Asked, file: Path, coder: str) -> tuple[int, int]:
    """Read a bridge workbook that `coder` filled in; return the codings in it and the new ones.

    Raises DataError, with file and cell, for a file that is no workbook of this bridge and for
    what cannot be read in it: then nothing is written.
    """
    from opentekst.pipeline.offline import all_faults, in_file
    from opentekst.review.annotations import utc
    from opentekst.review.sheet_file import open_sheet
    from opentekst.review.sheet_reading import read_codings

    study, history = pair.now.study, pair.now.study.history(asked.id)
    sample = sample_of(study, asked.id)
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise DataError(
            "kan dit bestand niet lezen",
            place=str(file),
            found=fault.strerror or type(fault).__name__,
            remedy="Controleer de naam, en sluit het bestand in andere programma's.",
        ) from None
    with in_file(file):
        found = open_sheet(content)
        if sample is None or found.study != title(study, asked.id):
            raise DataError(
                "dit is geen werkmap van deze brug",
                found=found.study,
                remedy=f"Trek de brug: opentekst waves bridge --question {asked.id}.",
            )
        moment = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
        ids = [a.id for a in answers_of(pair, asked, sample)]
        at = found.modified or utc(moment)
        read = read_codings(found, ids, coder, at, history.now, history.chain)
        if read.faults:
            raise all_faults(read.faults)
    target = ledger(study, asked.id)
    store.read_ledger(target, readable(history))
    return len(read.codings), store.append_ledger(target, read.codings)


def recoded(study: Study, question: str) -> dict[str, frozenset[str]]:
    """Return what people decided on the bridge's answers, in the codes of today, by answer."""
    from opentekst.review.decisions import decide

    history = study.history(question)
    lines = store.read_ledger(ledger(study, question), readable(history))
    said, waiting = through(history.chain, lines)
    rules = study.file.review
    answers = sorted({coding.answer for coding in said})
    made = decide(
        answers, said, (), rules.adjudicators, waiting, rules.least, rules.majority == "count"
    )
    return {d.answer: d.codes for d in made if d.basis != "open"}


def by_people(pair: Pair, asked: Asked) -> dict[str, Readings]:
    """Return the readings of the units of which people coded all answers again.

    Empty where no bridge was drawn, or nobody coded it.
    """
    sample = sample_of(pair.now.study, asked.id)
    if sample is None or asked.crosswalk is None:
        return {}
    again = recoded(pair.now.study, asked.id)
    codes: dict[str, list[str]] = {}
    done: dict[str, list[frozenset[str]]] = {}
    for answer in answers_of(pair, asked, sample):
        unit = pair.became[answer.unit]
        codes.setdefault(unit, []).append(answer.id)
        if answer.id in again:
            done.setdefault(unit, []).append(again[answer.id])
    return {
        unit: readings(asked, pair, unit, frozenset().union(*done[unit]))
        for unit, mine in codes.items()
        if unit in done and len(done[unit]) == len(mine)
    }


def readings(
    asked: Asked,
    pair: Pair,
    unit: str,
    again: frozenset[str],
    before: frozenset[str] | None = None,
) -> Readings:
    """Return the three readings of a unit: what counted then (or `before`), crossed, recoded."""
    walk = asked.crosswalk
    assert walk is not None
    said = asked.rolled.holds[unit] if before is None else before
    return Readings(walk.as_then(said), walk.completed(said, again), walk.now.net(again))
