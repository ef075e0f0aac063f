"""The guard: no figure, and no difference of figures, tells what a few municipalities said.

A figure below the threshold is hidden, and with it as few others as keep anyone from working
it out: for every hidden figure there must be other whole counts that agree with all that is
printed, and in which it is not small. Which others, is found by mixed-integer programming,
one small figure after the other (the heuristic of Kelly, Golden & Assad 1992, Cell
suppression: disclosure protection for sensitive tabular data, Networks 22; Fischetti &
Salazar 2001, Management Science 47, for the model).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from opentekst.errors import InvariantError
from opentekst.results.census import EVERYWHERE, Census, Slot
from opentekst.results.relations import Relation, Relations

HIDDEN_NOTE = (
    "· = niet afgedrukt: het gaat om te weinig gemeenten, of dat getal zou eruit te berekenen zijn."
)


class Figure(NamedTuple):
    """A figure that a table would print: what it counts, its base, whether it is weighted."""

    slot: Slot
    base: Slot
    weighted: bool = False


@dataclass(frozen=True)
class _Part:
    """Figures that hang together: counts, relations as rows over them, and the roles."""

    slots: tuple[Slot, ...]
    counts: Any
    matrix: Any
    low: Any
    high: Any
    printed: frozenset[int]
    bases: Mapping[int, frozenset[int]]
    most: int


def to_hide(
    census: Census, figures: Sequence[Figure], threshold: int, limits: Iterable[Relation] = ()
) -> frozenset[Slot]:
    """Return the slots of `figures` that must not be printed, their bases included.

    A count from 1 up to `threshold` - 1 units is small. `limits` are relations that the
    tables show besides, as a cut-off does. Where a base is hidden, all that is printed of it
    must be too. A weighted percentage of all units is hidden where any group of its row is.
    """
    relations = Relations(census)
    limits = [
        Relation(tuple((relations.same(s), f) for s, f in limit.terms), limit.low, limit.high)
        for limit in limits
    ]
    asked = {slot for figure in figures for slot in (figure.slot, figure.base)}
    relations.add([*asked, *(slot for limit in limits for slot, _ in limit.terms)])
    known = Slot("all")
    printed = {relations.same(slot) for slot in asked} - {known}
    of: dict[Slot, set[Slot]] = {}
    for figure in figures:
        base = relations.same(figure.base)
        if base != known:
            of.setdefault(base, set()).add(relations.same(figure.slot))
    hidden: set[Slot] = set()
    for part in _parts(census, relations, [*relations.found, *limits], printed, of):
        hidden |= {part.slots[at] for at in _hide(part, threshold)}
    blurred = {(s.sources, s.what) for s in hidden if s.where != EVERYWHERE and s.kind == "holds"}
    return frozenset(
        slot
        for figure in figures
        for slot in (figure.slot, figure.base)
        if relations.same(slot) in hidden
        or (
            figure.weighted
            and slot is figure.slot
            and slot.where == EVERYWHERE
            and (slot.sources, relations.same(slot).what) in blurred
        )
    )


def _parts(
    census: Census,
    relations: Relations,
    found: Sequence[Relation],
    printed: Collection[Slot],
    of: Mapping[Slot, set[Slot]],
) -> list[_Part]:
    """Split all figures into parts that have no relation with each other."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    slots = sorted(relations.slots, key=_order)
    at = {slot: place for place, slot in enumerate(slots)}
    known = Slot("all")
    pairs = [
        (at[terms[0][0]], at[slot])
        for relation in found
        for terms in [[t for t in relation.terms if t[0] != known]]
        for slot, _ in terms[1:]
    ]
    pairs += [(at[base], at[slot]) for base, of_it in of.items() for slot in of_it]
    rows, cols = zip(*pairs, strict=True) if pairs else ((), ())
    joined = coo_array((np.ones(len(pairs)), (rows, cols)), shape=(len(slots), len(slots)))
    _, label = connected_components(joined, directed=False)
    mine: dict[int, list[Relation]] = {}
    for relation in found:
        first = next((slot for slot, _ in relation.terms if slot != known), None)
        if first is not None:
            mine.setdefault(int(label[at[first]]), []).append(relation)
    most = len(census.counted.units)
    parts = []
    for number, own in sorted(mine.items()):
        inside = [s for s in slots if s != known and label[at[s]] == number]
        if any(s in printed for s in inside):
            parts.append(_part(census, inside, own, printed, of, most))
    return parts


def _order(slot: Slot) -> tuple[Any, ...]:
    return (slot.kind, slot.sources, slot.where, sorted(slot.what))


def _part(
    census: Census,
    slots: Sequence[Slot],
    own: Sequence[Relation],
    printed: Collection[Slot],
    of: Mapping[Slot, set[Slot]],
    most: int,
) -> _Part:
    import numpy as np
    from scipy.sparse import csr_array

    at = {slot: place for place, slot in enumerate(slots)}
    counts = np.array([census.count(slot) for slot in slots], dtype=float)
    entries: list[tuple[int, int, int]] = []
    low, high = np.zeros(len(own)), np.zeros(len(own))
    for row, relation in enumerate(own):
        fixed = sum(factor * most for slot, factor in relation.terms if slot not in at)
        for slot, factor in relation.terms:
            if slot in at:
                entries.append((row, at[slot], factor))
        low[row], high[row] = relation.low - fixed, relation.high - fixed
    rows, cols, factors = zip(*entries, strict=True)
    matrix = csr_array((factors, (rows, cols)), shape=(len(own), len(slots)), dtype=float)
    sums = matrix @ counts
    if ((sums < low - 1e-9) | (sums > high + 1e-9)).any():
        raise InvariantError(
            "een verband tussen getallen van de tabellen klopt niet",
            place=", ".join(sorted({source for slot in slots for source in slot.sources})),
            remedy="Dit is een fout in opentekst: meld haar, en publiceer de tabellen niet.",
        )
    bases = {
        at[base]: frozenset(at[slot] for slot in of_it if slot in at and slot != base)
        for base, of_it in of.items()
        if base in at
    }
    return _Part(
        tuple(slots), counts, matrix, low, high,
        frozenset(at[s] for s in slots if s in printed), bases, most,
    )  # fmt: skip


def _hide(part: _Part, threshold: int) -> set[int]:
    """Return which figures of a part must be hidden."""
    small = [
        at
        for at, slot in enumerate(part.slots)
        if 0 < part.counts[at] < threshold and (slot.kind != "missing" or at in part.printed)
    ]
    hidden = {at for at in small if at in part.printed}
    hidden |= {at for base in hidden & part.bases.keys() for at in part.bases[base]}
    waiting = sorted(small, key=lambda place: -part.counts[place])
    while waiting:
        at = waiting.pop()
        # far counts are tried last: the nearer they are kept, the sooner the answer is found
        for reach in (0, threshold, part.most):
            found = _more(part, at, threshold, hidden, reach)
            if found is not None:
                break
        else:  # nothing that could be hidden is enough: print none of it
            return set(part.printed)
        more, counts = found
        hidden |= more
        waiting = [i for i in waiting if counts[i] < threshold]
    return hidden


def _more(
    part: _Part, at: int, threshold: int, hidden: Collection[int], reach: int
) -> tuple[set[int], Any] | None:
    """Return the fewest figures to hide besides `hidden` so that figure `at` may be large.

    With them come the other counts that a reader would have to reckon with. A newly hidden
    count may be up to `reach` another than it is; None where that is not enough.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, diags_array, eye_array, hstack

    n = len(part.slots)
    shut = np.array([i in part.printed and i not in hidden for i in range(n)])
    below = np.where(shut, np.minimum(part.counts, reach), part.counts)
    above = np.where(shut, np.minimum(part.most - part.counts, reach), part.most - part.counts)
    low = np.concatenate([part.counts - below, np.where(shut, 0.0, 1.0)])
    high = np.concatenate([part.counts + above, np.ones(n) if reach else np.where(shut, 0.0, 1.0)])
    low[at] = threshold
    if low[at] > high[at]:
        return None
    same = eye_array(n)
    zero = csr_array(part.matrix.shape)
    constraints = [
        LinearConstraint(hstack([part.matrix, zero]), part.low, part.high),
        # a count may differ from the true one only where its figure is hidden
        LinearConstraint(hstack([same, -diags_array(above)]), -np.inf, part.counts),
        LinearConstraint(hstack([same, diags_array(below)]), part.counts, np.inf),
    ]
    pairs = [(base, i) for base, of in part.bases.items() for i in of if i in part.printed]
    if pairs:  # a base that is hidden hides what is a percentage of it
        rows = np.repeat(np.arange(len(pairs)), 2)
        cols = np.array([n + i for pair in pairs for i in pair])
        values = np.tile([1.0, -1.0], len(pairs))
        matrix = coo_array((values, (rows, cols)), shape=(len(pairs), 2 * n))
        constraints.append(LinearConstraint(matrix.tocsr(), -np.inf, 0))
    cost = np.zeros(2 * n)
    cost[n:][shut] = [_cost(part, i) for i in range(n) if shut[i]]
    result = milp(
        cost,
        integrality=np.ones(2 * n),
        bounds=Bounds(low, high),
        constraints=constraints,
        options={"mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    counts = np.rint(result.x[:n])
    return {i for i in range(n) if shut[i] and result.x[n + i] > 0.5}, counts


def _cost(part: _Part, at: int) -> float:
    """Return what it costs to hide a figure: little for small ones, much for totals and bases."""
    slot = part.slots[at]
    dear = 20 if at in part.bases else 4 if slot.where == EVERYWHERE else 1
    return float(dear * (1 + part.counts[at] / part.most))


def names_in(text: str, names: Iterable[str]) -> bool:
    """Tell whether a text names one of some places, as a word of its own, in any case.

    >>> names_in("Wij in Sint-Niklaas doen dat", ["Sint-Niklaas"]), names_in("dielegem", ["Diele"])
    (True, False)
    """
    wanted = "|".join(re.escape(name) for name in sorted(names) if name)
    return bool(wanted) and bool(re.search(rf"(?<!\w)(?:{wanted})(?!\w)", text, re.IGNORECASE))


def quotable(
    quotes: Iterable[tuple[str, str, frozenset[str]]],
    units_of: Callable[[str], int],
    places: Iterable[str],
    threshold: int,
) -> frozenset[str]:
    """Return the ids of the quotes that may be printed.

    A quote is an id, its text with names of persons taken out, and its codes. One is held
    back where it names a place, still shows a placeholder such as "[naam 1]", or has a code
    that fewer than `threshold` units have (`units_of` counts them): its writer stands out.
    """
    named = partial(names_in, names=tuple(places))
    return frozenset(
        key
        for key, text, codes in quotes
        if not named(text)
        and not re.search(r"\[[a-z]+ \d+\]", text)
        and all(units_of(code) >= threshold for code in codes)
    )
