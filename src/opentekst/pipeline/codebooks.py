"""Changing a codebook of a study: what a change would touch, and making it."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentekst import store
from opentekst.checked_yaml import check, parse
from opentekst.codebook import History
from opentekst.codebook.changes import Change, dump, load, signed, told, touched
from opentekst.codebook.history import Next, folder
from opentekst.codebook.resolving import Chain, Step
from opentekst.errors import CodebookError, StudyError
from opentekst.pipeline import study_codes
from opentekst.pipeline.opinions import opinions, readable, through
from opentekst.store import Paths
from opentekst.study import Study, StudyFile


@dataclass(frozen=True)
class Touched:
    """What a change touches of people's work and of the results.

    `codings` are lines of people with one of the codes, `decisions` answers that count
    with one, `waiting` answers that a person must code again because of this change;
    `lines` are those of study.yaml that change.
    """

    codes: tuple[str, ...]
    codings: int
    decisions: int
    waiting: int
    tables: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Changed:
    """A change that was made, or would be: from version to version, and what it touches."""

    codebook: str
    start: int
    end: int
    said: tuple[str, ...]
    touched: Touched
    made: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """What happened, for people."""
        it = self.touched
        head = f"Codeboek '{self.codebook}': versie {self.start} → {self.end}"
        tables = f"tabel {', '.join(it.tables)}" if it.tables else "geen tabel"
        follow = [
            f"  study.yaml volgt op regel {', '.join(str(line) for line in it.lines)}"
            if it.lines
            else "",
            f"  {_count(it.waiting, 'antwoord wacht', 'antwoorden wachten')} daardoor op een"
            " nieuwe codering door een mens (opentekst review push)"
            if it.waiting
            else "",
        ]
        return (
            head,
            *(f"  {line}" for line in self.said),
            f"  raakt {_count(it.codings, 'codering', 'coderingen')} van mensen,"
            f" {_count(it.decisions, 'beslissing', 'beslissingen')} en {tables}",
            *(line for line in follow if line),
            "" if self.made else "  Er is niets veranderd (--dry-run).",
        )

    @property
    def data(self) -> dict[str, Any]:
        """The same, for machines."""
        it = self.touched
        return {
            "codebook": self.codebook,
            "from": self.start,
            "to": self.end,
            "made": self.made,
            "changes": list(self.said),
            "codes": list(it.codes),
            "codings": it.codings,
            "decisions": it.decisions,
            "waiting": it.waiting,
            "tables": list(it.tables),
            "study_lines": list(it.lines),
        }


def change(
    study: Study, codebook: str, changes: Sequence[Change], dry: bool, places: Sequence[str] = ()
) -> Changed:
    """Apply changes to a codebook of the study, all or none; `dry` only says what would be.

    Author and day are filled in where a change names none. Raises CodebookError for a
    change that cannot be, StudyError where study.yaml cannot follow.
    """
    history = history_of(study, codebook)
    done = [signed(one, author(study.root), today()) for one in changes]
    following = history.apply(done, places)
    return _make(study, history, following, tuple(told(one) for one in done), dry)


def change_from(study: Study, path: Path, dry: bool) -> Changed:
    """Apply the changes in a file to the codebook that it names; raises as `change` does."""
    wanted = load(path)
    return change(study, wanted.codebook, wanted.changes, dry, wanted.places)


def undo(study: Study, codebook: str, reason: str, by: str, dry: bool) -> Changed:
    """Undo the last step of a codebook that still stands, by a step of its own."""
    history = history_of(study, codebook)
    following = history.undo(reason, by or author(study.root), today())
    said = f"versie {following.step.undoes} ongedaan gemaakt"
    return _make(study, history, following, (said,), dry)


def history_of(study: Study, codebook: str) -> History:
    """Return a codebook's history. Raises CodebookError where the study has no such book."""
    if codebook not in study.histories:
        raise CodebookError(
            "dit codeboek hoort niet bij deze studie",
            found=codebook,
            remedy=f"Kies uit: {', '.join(study.histories)}.",
        )
    return study.histories[codebook]


def owner_of(study: Study, codes: Sequence[str], codebook: str) -> str:
    """Return the codebook that holds all `codes`; `codebook` where that is given.

    Raises CodebookError where none does, or several do.
    """
    if codebook:
        return history_of(study, codebook).now.id
    homes = [
        name for name, book in study.codebooks.items() if all(code in book.by_id for code in codes)
    ]
    if len(homes) != 1:
        raise CodebookError(
            "deze codes staan in meer dan één codeboek"
            if homes
            else "geen enkel codeboek heeft deze code(s)",
            found=", ".join(codes),
            remedy=f"Zeg welk: --codebook {' of '.join(homes)}."
            if homes
            else "Kijk de ids na in de map codebooks/.",
        )
    return homes[0]


def author(root: Path) -> str:
    """Return who is at work: git's user, else the name of the account."""
    import getpass

    try:
        for key in ("user.email", "user.name"):
            asked = ["git", "-C", str(root), "config", key]
            name = subprocess.run(asked, capture_output=True, text=True, check=False)
            if name.stdout.strip():
                return name.stdout.strip()
    except OSError:
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "onbekend"


def today() -> str:
    """Return the day of today as YYYY-MM-DD."""
    return datetime.datetime.now().astimezone().date().isoformat()


def _make(
    study: Study, history: History, following: Next, said: tuple[str, ...], dry: bool
) -> Changed:
    name = history.now.id
    text, lines, kept = _study_text(study, history, following)
    _check_study(study, following, text)
    undone = [step for step in history.steps if step.end == following.step.undoes]
    codes = tuple(
        dict.fromkeys(code for step in (*undone, following.step) for code in _codes(step))
    )
    report = Changed(
        name,
        following.step.start,
        following.step.end,
        said,
        _touched(study, history, following, codes, lines),
        not dry,
    )
    if not dry:
        files: dict[Path, bytes] = dict(following.files)
        if lines:
            files[study.root / "study.yaml"] = text.encode("utf-8")
            files[_memory(history, following.step.end)] = kept
        store.write_all(files)
    return report


def _study_text(
    study: Study, history: History, following: Next
) -> tuple[str, tuple[int, ...], bytes]:
    """Return study.yaml after a step, the lines that differ, and how to put them back."""
    before = (study.root / "study.yaml").read_bytes().decode("utf-8")
    undoes = following.step.undoes
    if undoes is None:
        text = study_codes.followed(study, history.now.id, following.step.fates)
    else:
        memory = _memory(history, undoes)
        hunks = json.loads(memory.read_text("utf-8")) if memory.exists() else []
        text = study_codes.put_back(before, hunks, study.root / "study.yaml")
    made = study_codes.hunks(before, text)
    lines = [line for start, old, _ in made for line in range(start + 1, start + 1 + len(old))]
    return text, tuple(lines), json.dumps(made, ensure_ascii=False).encode("utf-8")


def _memory(history: History, version: int) -> Path:
    return folder(history.path) / f"v{version}.study.json"


def _codes(step: Step) -> tuple[str, ...]:
    """Return the ids of before that a step is about."""
    about = [code for one in step.changes for code in touched(one)]
    return tuple(dict.fromkeys([*about, *step.fates, *step.left]))


def _check_study(study: Study, following: Next, text: str) -> None:
    """Refuse a study.yaml that would not be accepted, or would name a code that is not there."""
    path = study.root / "study.yaml"
    file = check(StudyFile, parse(text.removeprefix("\ufeff"), path, StudyError), path, StudyError)
    book = following.codebook
    for question in file.questions:
        if question.codebook == book.id:
            for choice in question.choices:
                if choice.code not in book.by_id:
                    raise StudyError(
                        f"vraag '{question.id}' heeft een vakje met een code die dan niet meer"
                        " bestaat",
                        place=str(path),
                        found=choice.code,
                        remedy="Laat deze code bestaan, of verander eerst study.yaml.",
                    )


def _touched(
    study: Study,
    history: History,
    following: Next,
    codes: tuple[str, ...],
    lines: tuple[int, ...],
) -> Touched:
    mine = {q.id for q in study.open_questions if q.codebook == history.now.id}
    about = set(codes)
    said = opinions(study)
    codings = sum(
        bool(about & set(coding.codes))
        for coding in said.codings
        if coding.answer.rpartition(":")[2] in mine
    )
    return Touched(
        codes,
        codings,
        _decisions(study, mine, about),
        len(_waiting(study, history, following, mine) - said.waiting.keys()),
        tables_with(study, history, about),
        lines,
    )


def _decisions(study: Study, mine: set[str], codes: set[str]) -> int:
    """Return how many answers count with one of the codes now; 0 where nothing was coded."""
    from opentekst.pipeline.deciding import decide

    work = Paths(study.root).work
    if not (work / "codings.jsonl").exists() or not (work / "answers.jsonl").exists():
        return 0
    answers = [a for a in store.read_answers(work / "answers.jsonl") if a.question in mine]
    return sum(bool(codes & decision.codes) for decision in decide(study, answers))


def _waiting(study: Study, history: History, following: Next, mine: set[str]) -> set[str]:
    """Return the answers that would wait for a person after the step."""
    steps = history.chain.steps
    active = frozenset(code.id for code in following.codebook.active)
    after = Chain(history.now.id, following.step.end, active, (*steps, following.step))
    found: set[str] = set()
    for question in sorted(mine):
        ledger = store.read_ledger(Paths(study.root).ledger(question), readable(history))
        found |= through(after, ledger)[1].keys()
    return found


def tables_with(study: Study, history: History, codes: set[str]) -> tuple[str, ...]:
    """Return the numbers of the tables in which one of the codes can be counted."""
    rows: dict[str, set[str]] = {}
    for place in study_codes.named(study, history.now.id):
        if place.role == "row":
            rows.setdefault(place.table, set()).add(place.code)
    book = history.now
    net = {code for code in codes if code in book.by_id} | codes
    above = {up for code in net if code in book.by_id for up in book.ancestors(code)}
    return tuple(
        number
        for number in study_codes.tables(study, book.id)
        if number not in rows or rows[number] & (net | above)
    )


def recorded(history: History) -> list[Mapping[str, Any]]:
    """Return the steps of a codebook's history, for machines."""
    return [
        {
            "from": step.start,
            "to": step.end,
            "by_hand": step.edited,
            "undoes": step.undoes,
            "changes": [dump(one) if step.undoes is None else {} for one in step.changes],
        }
        for step in history.chain.steps
    ]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
