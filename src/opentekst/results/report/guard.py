"""What a list of answers may tell of its writers: no names of places, no small corners.

Whoever reads the page can read all that is in it, whatever the filters show. So what may not
be told is left out of the data: a province or size class stands beside an answer only where
enough units share it among those that answered the same question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

PLACE = "[gemeente]"
SHORT = 6
"""Names of fewer letters are often words too ("ham", "mol", "peer"): they need a capital."""
LEAST = 5
"""From so many units on, a figure or a trait may stand beside answers, whatever the study says."""

Marks = tuple[tuple[int, int, str], ...]


def without_places(names: Iterable[str]) -> Callable[[str, Marks], tuple[str, Marks]]:
    """Return a function that takes the names of municipalities out of a text.

    The text's marks (start, end, code) move along; one that cuts through a name gets the whole
    of what stands there instead.

    >>> without_places(["Gent", "Ham"])("Gent en ham, Ham", ((5, 11, "x"),))
    ('[gemeente] en ham, [gemeente]', ((11, 17, 'x'),))
    """
    ordered = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    exact = [re.escape(name) for name in ordered if len(name) < SHORT]
    free = [re.escape(name) for name in ordered if len(name) >= SHORT]
    parts = [rf"(?i:{'|'.join(free)})"] if free else []
    parts += [re.escape(name.upper()) for name in ordered if len(name) < SHORT] + exact
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)") if parts else re.compile("(?!)")

    def taken_out(text: str, marks: Marks) -> tuple[str, Marks]:
        hits = [match.span() for match in pattern.finditer(text)]
        moved = tuple(
            (_moved(hits, start, False), _moved(hits, end, True), code)
            for start, end, code in marks
        )
        return pattern.sub(PLACE, text), moved

    return taken_out


def _moved(hits: Sequence[tuple[int, int]], offset: int, is_end: bool) -> int:
    shift = 0
    for start, end in hits:
        if offset <= start:
            break
        if offset < end:
            return start + shift + (len(PLACE) if is_end else 0)
        shift += len(PLACE) - (end - start)
    return offset + shift


def tellable(units: Mapping[str, str], least: int) -> frozenset[str]:
    """Return the values of a trait that may stand beside answers.

    `units` maps each unit that answered to its value. A value must be shared by `least` units;
    and those whose value is kept back must be `least` units of two values or more, or it could
    be worked out which value they have: then the smallest other value is kept back too.

    >>> sorted(tellable({"a": "x", "b": "x", "c": "y", "d": "z", "e": "z"}, 2))
    ['x']
    """
    counts: dict[str, int] = {}
    for value in units.values():
        counts[value] = counts.get(value, 0) + 1
    back = {value for value, count in counts.items() if count < least}
    rest = sorted(counts.keys() - back, key=lambda value: (-counts[value], value))
    while back and rest and (len(back) < 2 or sum(counts[v] for v in back) < least):
        back.add(rest.pop())
    return frozenset(counts.keys() - back)


def placed(traits: Mapping[str, tuple[str, str]], least: int) -> Mapping[str, tuple[str, str]]:
    """Return for each unit that answered one question the traits that may be told.

    `traits` maps a unit to its province and size class. A size is told only within a province
    that is.
    """
    provinces = tellable({unit: province for unit, (province, _) in traits.items()}, least)
    told: dict[str, tuple[str, str]] = dict.fromkeys(traits, ("", ""))
    for province in sorted(provinces):
        mine = {unit: size for unit, (of, size) in traits.items() if of == province}
        sizes = tellable(mine, least)
        told |= {unit: (province, size if size in sizes else "") for unit, size in mine.items()}
    return told


def rows_to_hide(row: Sequence[tuple[int, int]], least: int) -> frozenset[int]:
    """Return which of a row's (count, base) pairs must not be printed beside the row's total.

    Small counts and small bases are hidden, and, where only one is, the smallest other with
    it; where there is none, all of the row.

    >>> sorted(rows_to_hide([(2, 20), (9, 20), (7, 20)], 5))
    [0, 2]
    """
    back = {at for at, (count, base) in enumerate(row) if 0 < count < least or base < least}
    if len(back) == 1:
        others = [at for at, (count, _) in enumerate(row) if at not in back and count]
        if not others:
            return frozenset(range(len(row)))
        back.add(min(others, key=lambda at: (row[at][0], at)))
    return frozenset(back)
