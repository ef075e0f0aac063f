"""What can go wrong, said so that a survey researcher can mend it.

Messages are Dutch, because survey people read them. They name the place (file, row,
column), what was found there and the remedy. They never hold the text of an answer.
"""

from __future__ import annotations


class OpentekstError(Exception):
    """Base of all errors that opentekst raises on purpose.

    `problem` says what is wrong, `place` where, `found` the offending value (never an
    answer's text) and `remedy` what to do about it.
    """

    def __init__(
        self, problem: str, *, place: str = "", found: object = "", remedy: str = ""
    ) -> None:
        self.problem = problem
        self.place = place
        self.found = str(found)
        self.remedy = remedy
        super().__init__(self.text())

    def text(self) -> str:
        """Return place, problem, found value and remedy as one readable text."""
        head = f"{self.place}: {self.problem}" if self.place else self.problem
        if self.found:
            head += f" (gevonden: {self.found})"
        return f"{head}\n  Wat u kunt doen: {self.remedy}" if self.remedy else head


class StudyError(OpentekstError):
    """study.yaml is missing, unreadable or contradicts itself."""


class DataError(OpentekstError):
    """An input file is unreadable or lacks what study.yaml says it holds."""


class CodebookError(OpentekstError):
    """A codebook is malformed: duplicate ids, a circle of parents, a missing label."""


class LedgerError(OpentekstError):
    """The record of people's codings holds something that cannot be read."""


class MissingStageError(OpentekstError):
    """A stage was asked for before the stage that it builds on has run."""


class PipelineError(OpentekstError):
    """A component (spaCy pipeline, embedder, BERTopic) is not there or fails."""


class ReviewError(OpentekstError):
    """Label Studio cannot be reached or answers something unexpected."""


class InvariantError(OpentekstError):
    """A count contradicts itself: a fault in opentekst, not in the data."""


class StorageError(OpentekstError):
    """A file could not be written; earlier results are untouched."""
