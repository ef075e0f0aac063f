"""The blind audit sample of a question: drawn once, kept beside the ledger, only ever enlarged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from opentekst import store
from opentekst.model import Answer
from opentekst.review.audit import Sample, draw
from opentekst.store import Paths
from opentekst.study import Study

FIRST = 50
"""So many answers has a first sample, where nobody says how many."""


def audit_file(study: Study, question: str) -> Path:
    """Return where a question's sample stands."""
    return Paths(study.root).ledger(question).with_name("audit.json")


def sample_of(study: Study, question: str) -> Sample | None:
    """Return a question's sample; None where none was drawn."""
    content = store.read_json(audit_file(study, question))
    return None if content is None else Sample.from_json(content)


def sample_hashes(study: Study) -> dict[str, str]:
    """Return a hash of the sample of every open question that has one."""
    return {
        f"audit {q.id}": digest
        for q in study.open_questions
        if (digest := store.file_hash(audit_file(study, q.id)))
    }


def draw_sample(study: Study, question: str, answers: Sequence[str], size: int) -> Sample:
    """Draw or enlarge a question's sample to `size` answers, write it down and return it.

    With a `size` of 0 an earlier sample stays as it is, but for answers that are new.
    """
    earlier = sample_of(study, question)
    size = size or (len(earlier.answers) if earlier else min(FIRST, len(answers)))
    sample = draw(earlier, answers, size, study.file.seed)
    if sample != earlier:
        text = json.dumps(sample.to_json(), ensure_ascii=False, indent=1) + "\n"
        store.write_all({audit_file(study, question): text.encode()})
    return sample


def in_draw_order(sample: Sample, answers: Sequence[Answer]) -> list[Answer]:
    """Return the drawn ones of `answers`, shuffled: who stops halfway coded a random part."""

    def lot(answer: Answer) -> str:
        return hashlib.sha256(f"{sample.seed}:volgorde:{answer.id}".encode()).hexdigest()

    return sorted((a for a in answers if a.id in sample.answers), key=lot)
