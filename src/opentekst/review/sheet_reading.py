"""What somebody coded on a sheet (see `sheet` and `sheet_file`), as codings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from opentekst.codebook import Chain, Codebook
from opentekst.codebook.incoming import Fault
from opentekst.errors import ReviewError
from opentekst.model import Coding, How
from opentekst.review import config, sheet
from opentekst.review.annotations import from_annotation
from opentekst.review.sheet import one_line, path_labels, same
from opentekst.review.sheet_file import Row, Sheet
from opentekst.review.tasks import ReviewItem, region, task_data

_YES = frozenset(("x", "ja", "j", "1", "v", "waar", "true", "✓", "✔"))
_FOUND = 60  # characters of what stands in a cell that an error may show


@dataclass(frozen=True, slots=True)
class Read:
    """What a sheet says; nothing of it counts where there are `faults`.

    `uncoded` counts rows without a code or a cross; in the rows `notes` among them (numbers
    in Excel) stands a memo only.
    """

    codings: tuple[Coding, ...]
    uncoded: int
    notes: tuple[int, ...]
    faults: tuple[Fault, ...]


def read_codings(
    found: Sheet,
    answers: Collection[str],
    coder: str,
    at: str,
    codebook: Codebook,
    chain: Chain,
) -> Read:
    """Return what `coder` (an e-mail address) made of the answers on a sheet.

    `answers` are the ids of the question's answers, `at` an ISO 8601 time for every coding;
    `codebook` and `chain` are the question's of today.
    """
    return _Reader(found, answers, coder, at, codebook, chain).read()


class _Reader:
    def __init__(
        self,
        found: Sheet,
        answers: Collection[str],
        coder: str,
        at: str,
        codebook: Codebook,
        chain: Chain,
    ) -> None:
        self.sheet, self.coder, self.at = found, coder, at
        self.codebook, self.chain = codebook, chain
        self.answers = {one_line(answer): answer for answer in answers}
        self.labels = found.labels or path_labels(codebook)
        self.names = _names(self.labels)
        self.codes = [head for head in found.letters if re.fullmatch(r"Code \d+", head)]
        self.faults: list[Fault] = []

    def read(self) -> Read:
        done: dict[str, tuple[int, Coding]] = {}
        seen: dict[str, int] = {}
        notes = []
        for row in self.sheet.rows:
            self.faults += row.faults
            if not any(row.cells.values()) and not row.faults:
                continue
            answer = self._answer(row)
            if answer is None:
                continue
            seen.setdefault(answer, row.number)
            coding = self._coding(row, answer)
            if coding is None:
                notes += [row.number] if row.cells.get(sheet.MEMO) else []
                continue
            if answer in done and done[answer][1] != coding:
                self._fault(
                    row,
                    sheet.ID,
                    f"dit antwoord is op rij {done[answer][0]} anders gecodeerd",
                    answer,
                    "Verwijder een van beide rijen, of maak ze gelijk.",
                )
            done.setdefault(answer, (row.number, coding))
        return Read(
            tuple(coding for _, coding in done.values()),
            len(seen) - len(done),
            tuple(notes),
            tuple(self.faults),
        )

    def _fault(self, row: Row, head: str, problem: str, found: str, remedy: str) -> None:
        place = self.sheet.place(row.number, head)
        self.faults.append(Fault(place, problem, found[:_FOUND], remedy))

    def _answer(self, row: Row) -> str | None:
        """Return the answer of a row; None, with a fault where it needs one, for no answer."""
        typed = row.cells.get(sheet.ID, "")
        answer = self.answers.get(one_line(typed))
        if answer is None and typed:
            problem = f"vraag '{self.sheet.question}' heeft in deze studie geen antwoord met dit id"
            remedy = "Zet het id terug zoals het was, of verwijder deze rij."
            self._fault(row, sheet.ID, problem, typed, remedy)
        elif answer is None and any(row.cells.get(head) for head in self._filled_in()):
            remedy = "Zet het id terug, of maak deze rij leeg."
            self._fault(row, sheet.ID, "hier staan codes zonder antwoord-id", "", remedy)
        return answer

    def _filled_in(self) -> tuple[str, ...]:
        return (*self.codes, sheet.AGREED, sheet.NO_CODE, sheet.NEW_CODE)

    def _coding(self, row: Row, answer: str) -> Coding | None:
        """Return what a row says; None where it was not filled in or holds a fault."""
        before = len(self.faults)
        proposal = self._proposal(row)
        codes = self._codes(row)
        none = self._crossed(row, sheet.NO_CODE)
        if self._crossed(row, sheet.AGREED):
            codes = self._agreed(row, codes, proposal)
        if codes and none:
            remedy = f"Wis de codes, of wis de x onder '{sheet.NO_CODE}'."
            self._fault(
                row, sheet.NO_CODE, "hier staat een x, maar er zijn ook codes gekozen", "", remedy
            )
        new_code = row.cells.get(sheet.NEW_CODE, "").strip()
        # Who asks for a new code says that those that are there do not do.
        given = codes or none or new_code
        if len(self.faults) > before or row.faults or not given:
            return None
        made = self._made(row, answer, tuple(codes))
        if made is None:
            return None
        outcome: Literal["", "accepted", "changed"] = ""
        if proposal:
            outcome = "accepted" if frozenset(codes) == frozenset(proposal) else "changed"
        return replace(
            made,
            how=How(
                shown=self.sheet.shown,
                suggestion=outcome,
                new_code=new_code,
                memo=row.cells.get(sheet.MEMO, "").strip(),
                source=f"excel:{self.sheet.question}",
            ),
        )

    def _proposal(self, row: Row) -> list[str]:
        if self.sheet.shown != "suggestion":
            return []
        lines = row.cells.get(sheet.PROPOSAL, "").splitlines()
        return [self.names[same(line)] for line in lines if same(line) in self.names]

    def _codes(self, row: Row) -> list[str]:
        typed = {head: row.cells[head] for head in self.codes if row.cells.get(head, "").strip()}
        codes = [self._code(row, head, text) for head, text in typed.items()]
        return list(dict.fromkeys(code for code in codes if code))

    def _code(self, row: Row, head: str, typed: str) -> str:
        code = self.names.get(same(typed), "")
        if not code:
            near = difflib.get_close_matches(same(typed), self.names, n=1)
            meant = f"Bedoelde u '{self.labels[self.names[near[0]]]}'? " if near else ""
            remedy = (
                f"{meant}Kies een code uit de lijst in deze cel; ontbreekt ze, schrijf ze dan"
                f" onder '{sheet.NEW_CODE}'."
            )
            self._fault(row, head, "deze code staat niet in het codeboek", typed, remedy)
        elif not self._known(code):
            self._fault(
                row,
                head,
                f"codeboek '{self.codebook.id}' kent deze code nu niet meer",
                code,
                "Kies een andere code, of zet de code terug in het codeboek"
                " (eventueel met 'status: retired').",
            )
            return ""
        return code

    def _known(self, code: str) -> bool:
        version = self.chain.version_of((code,), self.sheet.codebook.version)
        return version is not None and all(
            became in self.codebook.by_id for became in self.chain.candidates(code, version)
        )

    def _crossed(self, row: Row, head: str) -> bool:
        typed = row.cells.get(head, "").strip()
        if typed and typed.casefold() not in _YES:
            self._fault(row, head, "hier hoort een x, of niets", typed, "Zet een x, of wis de cel.")
        return typed.casefold() in _YES

    def _agreed(self, row: Row, codes: list[str], proposal: list[str]) -> list[str]:
        if not proposal:
            remedy = f"Wis de x en kies codes, of zet een x onder '{sheet.NO_CODE}'."
            self._fault(row, sheet.AGREED, "hier is geen voorstel om mee in te stemmen", "", remedy)
        elif codes and set(codes) != set(proposal):
            problem = "hier staat een x, maar er zijn andere codes gekozen dan het voorstel"
            remedy = "Wis de x, of wis de codes ernaast."
            self._fault(row, sheet.AGREED, problem, "", remedy)
        elif not all(self._known(code) for code in proposal):
            problem = "een code van dit voorstel kent het codeboek nu niet meer"
            self._fault(row, sheet.AGREED, problem, "", "Wis de x en kies zelf codes.")
        return proposal

    def _made(self, row: Row, answer: str, codes: tuple[str, ...]) -> Coding | None:
        """Return the coding as Label Studio's annotation would give it: one way of reading."""
        ref = self.sheet.codebook
        data = task_data(ReviewItem(answer, self.sheet.question, "", ""), self.codebook) | {
            "codebook_version": ref.version,
            "codebook_fingerprint": ref.fingerprint,
        }
        none = region(config.NONE, "choices", [config.NO_CODE])
        chosen = region(config.CODES, "taxonomy", [[code] for code in codes])
        annotation = {"result": [chosen if codes else none], "updated_at": self.at}
        try:
            made = from_annotation(
                annotation, data, self.coder, self.codebook, row.number, self.chain
            )
        except ReviewError:
            self._fault(
                row,
                self.codes[0],
                "deze codes stonden nooit samen in het codeboek",
                ", ".join(codes),
                "Exporteer opnieuw om te zien welke codes er nu zijn, en kies opnieuw.",
            )
            return None
        return made if isinstance(made, Coding) else None


def _names(labels: Mapping[str, str]) -> dict[str, str]:
    """Return ids by all that a person may type for them: id, last label (if one has it), path."""
    last: dict[str, list[str]] = {}
    for code, label in labels.items():
        last.setdefault(same(label.split("›")[-1]), []).append(code)
    short = {name: codes[0] for name, codes in last.items() if len(codes) == 1}
    ids = {same(code): code for code in labels}
    return ids | short | {same(label): code for code, label in labels.items()}
