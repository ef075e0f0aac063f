"""`codebook check`: the file by itself, and against the study's settings, people and machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from opentekst import store
from opentekst.codebook import Codebook
from opentekst.codebook.check import Checked, Issue, check_file
from opentekst.codebook.overlap import definition_overlaps, keyword_overlaps
from opentekst.codebook.usage import (
    confused,
    confusions,
    counts,
    examples_otherwise,
    never_used,
    retired_in_use,
)
from opentekst.errors import DataError, MissingStageError, OpentekstError
from opentekst.model import Answer, Coding, Normalised
from opentekst.pipeline.autocoding import coder_of
from opentekst.pipeline.deciding import people
from opentekst.pipeline.engine import Progress, silent
from opentekst.pipeline.exchange import decisions_of, path_of
from opentekst.pipeline.stages import lexicon_of
from opentekst.store import Paths
from opentekst.study import Study

EXAMPLE = "\x00voorbeeld"
"""Question of the examples when they are coded; no answer of a study can have it."""


@dataclass(frozen=True)
class Report:
    """All findings on one codebook, by line. `left_out` says in Dutch what could not be checked."""

    codebook: str
    path: Path
    codes: int
    issues: tuple[Issue, ...]
    left_out: tuple[str, ...]

    @property
    def serious(self) -> int:
        """How many findings make results wrong or impossible."""
        return sum(issue.serious for issue in self.issues)


def check_codebooks(study: Study, name: str = "", progress: Progress = silent) -> list[Report]:
    """Check one codebook of the study, or all.

    Raises DataError for a codebook that study.yaml does not name. What the codings say can
    only be checked where all codebooks of the study can be read.
    """
    names = list(dict.fromkeys(q.codebook for q in study.file.questions if q.codebook))
    if name and name not in names:
        raise DataError(
            "dit codeboek heeft deze studie niet",
            found=name,
            remedy=f"Kies uit: {', '.join(names)}.",
        )
    names = [name] if name else names
    reports = []
    with progress("Codeboeken nakijken", len(names)) as step:
        for one in names:
            reports.append(_report(study, one))
            step(1)
    return reports


def _report(study: Study, name: str) -> Report:
    path = path_of(study, name)
    checked = check_file(path)
    checked = replace(checked, path=path.relative_to(study.root))
    issues = [issue._replace(file=str(checked.path)) for issue in checked.issues]
    left_out: list[str] = []
    if checked.book is not None:
        from opentekst.language import embed

        issues += keyword_overlaps(checked)
        issues += definition_overlaps(checked, embed)
        try:
            more, left_out = _against_study(study, checked, checked.book)
            issues += more
        except OpentekstError as fault:
            left_out = [f"gebruik van de codes: {fault.text()}"]
    else:
        left_out = ["al de rest: verbeter eerst wat hierboven staat"]
    issues.sort(key=lambda issue: (issue.line, issue.kind, issue.code))
    size = len(checked.book.codes) if checked.book else 0
    return Report(name, checked.path, size, tuple(issues), tuple(left_out))


def _against_study(study: Study, checked: Checked, book: Codebook) -> tuple[list[Issue], list[str]]:
    """Check a codebook against the settings, people's codings and the last run."""
    ledger = [coding for coding in people(study) if coding.codebook.id == book.id]
    boxes = Counter(
        choice.code
        for question in study.file.questions
        if question.codebook == book.id
        for choice in question.choices
    )
    issues = retired_in_use(checked, _used(boxes, ledger), boxes)
    parents = {code.id: code.parent for code in book.codes}
    issues += confused(checked, confusions(ledger, parents, study.file.review.adjudicators))
    decisions = decisions_of(study, book.id)
    if decisions is None:
        return issues, ["ongebruikte codes en voorbeelden: doe eerst opentekst run"]
    net = {code.id: book.net([code.id]) for code in book.codes}
    left_out = []
    if _changed(study, book):
        left_out = ["ongebruikte codes: het codeboek veranderde sinds opentekst run; doe dat eerst"]
    else:
        issues += never_used(checked, counts(net, decisions), _ticked(study, book))
    settled = {
        d.answer: d.codes for d in decisions if d.basis in ("unanimous", "majority", "adjudicated")
    }
    issues += examples_otherwise(checked, _coded_examples(study, book, settled))
    return issues, left_out


def _changed(study: Study, book: Codebook) -> bool:
    """Tell whether the machine last coded with another codebook than today's."""
    codings = store.read_codings(Paths(study.root).work / "codings.jsonl")
    made = {c.codebook.fingerprint for c in codings if c.codebook.id == book.id}
    return bool(made - {book.fingerprint})


def _used(boxes: Counter[str], ledger: Sequence[Coding]) -> dict[str, str]:
    """Say of each code where it is used: boxes of study.yaml and people's codings."""
    coded = Counter(code for coding in ledger for code in coding.codes)
    found = {}
    for code in sorted({*boxes, *coded}):
        where = []
        if coded[code]:
            where.append(f"{coded[code]} coderingen van mensen")
        if boxes[code]:
            where.append(f"{boxes[code]} keuzes in study.yaml")
        found[code] = " en ".join(where)
    return found


def _ticked(study: Study, book: Codebook) -> set[str]:
    """Return the codes, with those above them, that some respondent ticked as a choice."""
    questions = [q.id for q in study.file.questions if q.codebook == book.id and q.choices]
    responses = store.read_responses(Paths(study.root).work / "responses.jsonl")
    codes = {c for r in responses for q in questions for c in r.multiple.get(q, ())}
    return set(book.net(codes))


def _coded_examples(
    study: Study, book: Codebook, settled: dict[str, frozenset[str]]
) -> dict[tuple[str, int], tuple[str, ...]]:
    """Code every example as if it were an answer, with all that people's codings taught."""
    from opentekst.coding.coder import COMBINED, code_answers
    from opentekst.language import normalise_answers, resolve

    place = {
        f"{code.id}:{number}:{EXAMPLE}": (code.id, number)
        for code in book.active
        for number in range(len(code.examples))
    }
    examples = [
        Answer(key, "", "", EXAMPLE, book.by_id[code].examples[number])
        for key, (code, number) in place.items()
    ]
    pipeline = resolve(study.file.pipeline)
    items = normalise_answers(examples, {EXAMPLE: "open"}, pipeline, lexicon=lexicon_of(study))
    everything = [*_items(study, book), *items]
    asked = [item.answer.rpartition(":")[2] for item in everything]
    coded = code_answers(everything, asked, settled, coder_of(study, book.id))
    found: dict[tuple[str, int], tuple[str, ...]] = dict.fromkeys(place.values(), ())
    for coding in coded.codings:
        if coding.answer in place and coding.coder == COMBINED:
            found[place[coding.answer]] = coding.codes
    return found


def _items(study: Study, book: Codebook) -> list[Normalised]:
    """Return the study's own normalised answers under this codebook."""
    work = Paths(study.root).work
    try:
        answers = store.read_answers(work / "answers.jsonl")
        mine = {a.id for a in answers if study.questions[a.question].codebook == book.id}
        return [n for n in store.read_normalised(work / "normalised.jsonl") if n.answer in mine]
    except MissingStageError:
        return []
