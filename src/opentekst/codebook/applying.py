"""A codebook and changes make the next codebook, and say where every code went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opentekst.codebook.changes import (
    TEXTS,
    Add,
    Change,
    Merge,
    Move,
    Part,
    Rename,
    Retire,
    Reword,
    Split,
    told,
)
from opentekst.codebook.codebook import Code, Codebook
from opentekst.errors import CodebookError

Fates = Mapping[str, tuple[str, ...]]
"""Where codes went: one id is what a code became, several are what it may have become.

No id: nothing is left of it. A code that is not named stayed what it was.
"""


@dataclass(frozen=True, slots=True)
class Applied:
    """The next codebook; `renamed` holds the new id of each code that got one."""

    codebook: Codebook
    fates: Fates
    renamed: Mapping[str, str]


def apply(
    book: Codebook,
    changes: Sequence[Change],
    used: Collection[str] = (),
    places: Sequence[str] = (),
) -> Applied:
    """Return the codebook after `changes`, in order, one version further.

    `used` are ids that an earlier version had: they are never given to another code, for
    a coding must keep its meaning. `places` says per change where it stands. Raises
    CodebookError, with that place, for a change that cannot be.
    """
    work = _Work(book, frozenset(used))
    for number, change in enumerate(changes):
        place = places[number] if number < len(places) else ""
        work.make(change, place)
    result = replace(book, version=book.version + 1, codes=tuple(work.codes.values()))
    return Applied(result, work.fates, work.renamed)


def followed(first: Fates, then: Fates) -> dict[str, tuple[str, ...]]:
    """Return where codes went that took `first` and `then` after each other.

    >>> followed({"a": ("b",)}, {"b": ("c", "d")})
    {'b': ('c', 'd'), 'a': ('c', 'd')}
    """
    both = dict(then)
    for code, became in first.items():
        both[code] = tuple(dict.fromkeys(x for b in became for x in then.get(b, (b,))))
    return both


class _Work:
    """A codebook that is being changed: codes in order, and where the first ones went."""

    def __init__(self, book: Codebook, used: frozenset[str]) -> None:
        self.codes = {code.id: code for code in book.codes}
        self.used = used - self.codes.keys()
        self.first = frozenset(self.codes)
        self.fates: dict[str, tuple[str, ...]] = {}
        self.renamed: dict[str, str] = {}
        self.place = ""
        self.saying = ""

    def make(self, change: Change, place: str) -> None:
        """Carry out one change."""
        self.place, self.saying = place, told(change)
        before = list(self.codes.values())
        match change:
            case Rename():
                self.rename(change)
            case Merge():
                self.merge(change)
            case Split():
                self.split(change)
            case Move():
                self.move(change)
            case Retire():
                self.put(replace(self.active(change.code), status="retired"))
            case Add():
                self.add(change)
            case Reword():
                given = {n: getattr(change, n) for n in TEXTS if getattr(change, n) is not None}
                self.put(replace(self.known(change.code), **given))
        if list(self.codes.values()) == before:
            raise self.refusal("deze wijziging verandert niets", "Laat ze weg, of kijk ze na.")

    def rename(self, change: Rename) -> None:
        code = self.known(change.code)
        if change.label:
            self.put(self.labelled(code, change.label))
        if change.id and change.id != code.id:
            self.give_id(code.id, change.id)

    def merge(self, change: Merge) -> None:
        sources = [self.active(code) for code in change.codes if code != change.into]
        target = self.codes.get(change.into)
        if len(sources) + (target is not None) < 2:
            raise self.refusal(
                "samenvoegen vraagt minstens twee codes",
                "Noem nog een code, of geef deze een andere naam (codebook rename).",
            )
        gone = {code.id for code in sources}
        if target is None:
            target = self.united(change, sources)
            self.insert(target, after=self.last_of(gone))
        else:
            target = self.active(target.id)
            target = replace(
                target,
                definition=change.definition or target.definition,
                **_joined([target, *sources], ("include", "keywords", "examples")),
            )
        parent = self.above(target.id, gone) if change.parent is None else change.parent
        if change.parent:
            self.active(change.parent)
        for code in list(self.codes.values()):
            if code.id in gone:
                self.put(replace(code, status="retired"))
            elif code.parent in gone and code.id != target.id:
                self.put(replace(code, parent=target.id))
        self.put(replace(target, parent=parent))
        if change.label:
            self.put(self.labelled(self.codes[target.id], change.label))
        self.check_circle(target.id)
        self.went(dict.fromkeys(gone, (target.id,)))

    def united(self, change: Merge, sources: Sequence[Code]) -> Code:
        """Return a new code that means what all the sources meant."""
        if not change.label:
            raise self.refusal(
                f"'{change.into}' is een nieuwe code, maar heeft geen label",
                "Geef een label, of kies een code die bestaat.",
            )
        self.free(change.into)
        written = " ".join(dict.fromkeys(s.definition for s in sources if s.definition))
        lists = _joined(sources, ("include", "exclude", "keywords", "examples"))
        own = tuple(f"(zie {code.id})" for code in sources)
        lists["exclude"] = tuple(x for x in lists["exclude"] if not x.endswith(own))
        # Its parent is that of the first source; `above` looks further where that goes too.
        return Code(
            change.into,
            change.label,
            sources[0].parent,
            definition=change.definition or written,
            **lists,
        )

    def above(self, code: str, gone: Collection[str]) -> str:
        """Return the parent of `code` once `gone` are gone: the first above all of those."""
        path = []
        parent = self.codes[code].parent
        while parent:
            path.append(parent)
            parent = self.codes[parent].parent
        highest = max((i for i, one in enumerate(path) if one in gone), default=-1)
        return path[highest + 1] if highest + 1 < len(path) else ""

    def split(self, change: Split) -> None:
        code = self.active(change.code)
        below = [c.id for c in self.codes.values() if c.parent == code.id and c.status == "active"]
        if below:
            raise self.refusal(
                f"onder '{code.id}' hangen nog codes",
                "Verplaats die eerst (codebook move).",
                ", ".join(below),
            )
        last = code.id
        for part in change.into:
            if part.id == code.id:
                raise self.refusal(
                    "een code kan niet in zichzelf gesplitst worden",
                    "Kies een ander id: wat met de oude code gecodeerd is, betekent iets anders.",
                )
            if part.id in self.codes and not part.label:
                self.active(part.id)
                continue
            prefix = part.id.rpartition(".")[0]
            parent = prefix if prefix in self.codes and prefix != code.id else code.parent
            self.insert(self.new(part, parent), after=last)
            last = part.id
        self.put(replace(self.codes[code.id], status="retired"))
        self.went({code.id: tuple(dict.fromkeys(part.id for part in change.into))})

    def move(self, change: Move) -> None:
        code = self.known(change.code)
        if change.parent:
            self.active(change.parent)
        self.put(replace(code, parent=change.parent))
        self.check_circle(code.id)
        if change.id and change.id != code.id:
            self.give_id(code.id, change.id)

    def add(self, change: Add) -> None:
        prefix = change.code.id.rpartition(".")[0]
        code = self.new(change.code, prefix if prefix in self.codes else "")
        if change.after:
            self.known(change.after)
        family = {c.id for c in self.codes.values() if c.parent == code.parent and code.parent}
        behind = change.after or self.last_of(family | {code.parent}) or next(reversed(self.codes))
        self.insert(code, after=behind)

    # -- what the changes are made of ---------------------------------------------------

    def new(self, part: Part, parent: str) -> Code:
        self.free(part.id)
        if not part.label:
            raise self.refusal(
                f"code '{part.id}' bestaat niet, en zonder label kan ze niet gemaakt worden",
                "Geef een label, of verbeter het id.",
            )
        under = parent if part.parent is None else part.parent
        if under:
            self.active(under)
        texts = {name: getattr(part, name) for name in TEXTS}
        return self.labelled(Code(part.id, "", under, **texts), part.label)

    def labelled(self, code: Code, label: str) -> Code:
        for other in self.codes.values():
            twin = (other.label, other.parent, other.status) == (label, code.parent, "active")
            if twin and other.id != code.id:
                raise self.refusal(
                    f"'{other.id}' heeft dat label al", "Kies een ander label.", label
                )
        return replace(code, label=label)

    def give_id(self, old: str, new: str) -> None:
        self.free(new)
        self.codes = {
            new if code.id == old else code.id: replace(
                code,
                id=new if code.id == old else code.id,
                parent=new if code.parent == old else code.parent,
            )
            for code in self.codes.values()
        }
        first = next((was for was, now in self.renamed.items() if now == old), old)
        self.renamed[first] = new
        self.went({old: (new,)})

    def went(self, fates: Fates) -> None:
        """Record where codes went; codes that these very changes made have no past."""
        both = followed(self.fates, fates)
        self.fates = {code: became for code, became in both.items() if code in self.first}

    def put(self, code: Code) -> None:
        self.codes[code.id] = code

    def insert(self, code: Code, after: str) -> None:
        entries = list(self.codes.items())
        at = [name for name, _ in entries].index(after) + 1 if after else len(entries)
        self.codes = dict([*entries[:at], (code.id, code), *entries[at:]])

    def last_of(self, codes: Collection[str]) -> str:
        return next((code for code in reversed(self.codes) if code in codes), "")

    def known(self, code: str) -> Code:
        if code not in self.codes:
            near = _near(code, self.codes)
            raise self.refusal(
                f"code '{code}' bestaat niet",
                f"Bedoelt u '{near}'?" if near else "Kijk het id na in het codeboek.",
            )
        return self.codes[code]

    def active(self, code: str) -> Code:
        if self.known(code).status == "retired":
            raise self.refusal(
                f"code '{code}' is vervallen",
                "Kies een code die nog gegeven wordt, of maak het vervallen ongedaan"
                " (codebook undo).",
            )
        return self.codes[code]

    def free(self, code: str) -> None:
        if code in self.codes or code in self.used:
            raise self.refusal(
                f"het id '{code}' is al gebruikt",
                "Kies een ander id: een id krijgt nooit een andere betekenis, ook niet als de"
                " code vervallen is.",
            )

    def check_circle(self, code: str) -> None:
        seen = {code}
        parent = self.codes[code].parent
        while parent:
            if parent in seen:
                raise self.refusal(
                    "zo zouden codes in een kring onder elkaar hangen",
                    "Kies een andere bovenliggende code.",
                    parent,
                )
            seen.add(parent)
            parent = self.codes[parent].parent

    def refusal(self, problem: str, remedy: str, found: str = "") -> CodebookError:
        return CodebookError(
            f"{self.saying}: {problem}", place=self.place, found=found, remedy=remedy
        )


def _joined(codes: Sequence[Code], names: Sequence[str]) -> dict[str, Any]:
    """Return the lists of all codes, one after the other, each entry once."""
    get: Callable[[Code, str], tuple[str, ...]] = getattr
    return {
        name: tuple(dict.fromkeys(x for code in codes for x in get(code, name))) for name in names
    }


def _near(code: str, known: Collection[str]) -> str:
    import difflib

    return next(iter(difflib.get_close_matches(code, known, 1)), "")
