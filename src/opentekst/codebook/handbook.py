"""The coders' handbook: one printable HTML page that fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opentekst.codebook.codebook import Code, Codebook
from opentekst.pages import templates

_SEE = re.compile(r"\bzie ([^\W\d_][\w-]*(?:\.[\w-]+)*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Branch:
    """A code with its number in the tree ("2.1") and the branches below it."""

    code: Code
    number: str
    below: tuple[Branch, ...]

    @property
    def depth(self) -> int:
        """0 at the top of the tree."""
        return self.number.count(".")


def branches(book: Codebook, retired: bool = True) -> tuple[Branch, ...]:
    """Return the tree of a codebook in file order, with or without retired codes.

    An active code below a retired one keeps its place under it.
    """
    below: dict[str, list[Code]] = {}
    for code in book.codes:
        below.setdefault(code.parent, []).append(code)

    def grow(parent: str, prefix: str) -> tuple[Branch, ...]:
        grown: list[Branch] = []
        for code in below.get(parent, ()):
            number = f"{prefix}{len(grown) + 1}"
            branch = Branch(code, number, grow(code.id, f"{number}."))
            if retired or code.status == "active" or branch.below:
                grown.append(branch)
        return tuple(grown)

    return grow("", "")


def flat(grown: tuple[Branch, ...]) -> list[Branch]:
    """Return all branches, each before those below it."""
    return [one for branch in grown for one in (branch, *flat(branch.below))]


def handbook(book: Codebook) -> bytes:
    """Return the handbook as one HTML page, in Dutch, that prints well on A4."""
    from markupsafe import Markup, escape

    numbers = {b.code.id: b for b in flat(branches(book, retired=False))}

    def linked(text: str) -> Markup:
        """Return a text with each "zie <id>" turned into a link to that code's label."""
        parts = []
        end = 0
        for hit in _SEE.finditer(text):
            target = numbers.get(hit[1])
            if target is None:
                continue
            parts += [escape(text[end : hit.start(1)])]
            parts += [
                Markup('<a href="#code-{}">{} {}</a>').format(
                    target.number, target.number, target.code.label
                )
            ]
            end = hit.end(1)
        return Markup("").join([*parts, escape(text[end:])])

    environment = templates("opentekst.codebook")
    environment.filters["linked"] = linked
    grown = branches(book, retired=False)
    page = environment.get_template("handbook.html.j2").render(
        book=book,
        tree=grown,
        codes=flat(grown),
        retired=[code for code in book.codes if code.status == "retired"],
    )
    return page.encode()
