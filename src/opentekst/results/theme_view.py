"""What of the themes may be published: every figure that tells of too few units is taken out.

All that people get to see is made from this, except the list of invitations. Hidden are: a
theme that fewer units state than the threshold, and a net that holds such a theme (the rest of
the net would tell it); a whole row of "who" with a small figure in it, and those of the nets
above; pairs with a small figure; what each chosen theme adds, where one adds few.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from opentekst.model import Quote, Theme
from opentekst.results.chooser import Choice, would_reach
from opentekst.results.chosen import Chosen
from opentekst.results.together import Pair

KINDS = {"code": "code", "net": "net", "topic": "aanvaard thema"}
_WOULD = 5
_CONTENDS = 0.1


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme in figures; None is a figure that is hidden or not known.

    `helpers` counts those who can help; 0 with `helps_known` false means that nobody asked.
    `rank` is its place in the choice, `firm` the share of resamples in which it is chosen,
    `why_not` why it could not be chosen.
    """

    id: str
    label: str
    kind: str
    asked: str
    n: int | None
    base: int
    low: float | None
    high: float | None
    estimate: float | None
    mentions: int | None
    central: int | None
    helpers: int | None
    helps_known: bool
    rank: int | None
    firm: float | None
    why_not: str
    quotes: tuple[Quote, ...]
    hidden: bool

    @property
    def share(self) -> float | None:
        """The share of the base that states it, 0 to 1."""
        return self.n / self.base if self.n is not None and self.base else None


@dataclass(frozen=True, slots=True)
class WhoRow:
    """A theme and a group: how many of its units that answered state it, None where hidden."""

    theme: str
    label: str
    by: str
    group: str
    n: int | None
    base: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A theme of a choice: the units that state it, that it adds, and reached so far."""

    id: str
    label: str
    n: int
    adds: int | None
    total: int | None
    firm: float | None
    in_best: bool


@dataclass(frozen=True)
class ChoiceView:
    """The choice beside the two simpler ones, as steps; what is reached where, and what not.

    `regions` are (name, reached, of), `would` (label, units that a theme more would add),
    `contends` (label, share of resamples) of themes that were not chosen but nearly.
    """

    best: tuple[Step, ...]
    frequent: tuple[Step, ...]
    greedy: tuple[Step, ...]
    reached: int
    frequent_reached: int
    greedy_reached: int
    stating: int
    regions: tuple[tuple[str, int | None, int], ...]
    would: tuple[tuple[str, int | None], ...]
    contends: tuple[tuple[str, float], ...]
    resamples: int
    without: int
    rules: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """All that may be published of the themes of a study."""

    title: str
    questions: tuple[str, ...]
    themes: tuple[ThemeRow, ...]
    who: tuple[WhoRow, ...]
    pairs: tuple[Pair, ...]
    pairs_looked_at: int
    pairs_hidden: int
    labels: Mapping[str, str]
    choice: ChoiceView
    threshold: int
    notes: tuple[str, ...]


def hidden_themes(
    themes: Sequence[Theme], members: Mapping[str, frozenset[str]], threshold: int
) -> frozenset[str]:
    """Return the themes whose figures must not be printed; `members` are their codes."""
    small = {theme.id for theme in themes if 0 < len(theme.units) < threshold}
    return frozenset(small | _holding(themes, members, small))


def theme_rows(
    themes: Sequence[Theme],
    labels: Mapping[str, str],
    asked: Mapping[str, str],
    helped: Collection[str],
    hidden: frozenset[str],
    threshold: int,
    chosen: Chosen,
) -> tuple[ThemeRow, ...]:
    """Return the themes in figures, the hidden ones last.

    `asked` are titles of codebooks, `helped` the themes of which is known who can help.
    """
    order = {theme: at for at, theme in enumerate(chosen.best.themes, start=1)}
    firm = chosen.firm.share
    rows = []
    for theme in sorted(themes, key=lambda theme: theme.id in hidden):
        shut = theme.id in hidden
        low, high = theme.share or (None, None)
        known = not shut and theme.kind != "topic"
        central = theme.central if known else None
        rows.append(
            ThemeRow(
                id=theme.id,
                label=labels[theme.id],
                kind=KINDS[theme.kind],
                asked=asked[theme.codebook],
                n=None if shut else len(theme.units),
                base=theme.base,
                low=None if shut else low,
                high=None if shut else high,
                estimate=None if shut else theme.estimate,
                mentions=None if shut else theme.mentions,
                central=_large(central, threshold),
                helpers=_large(len(theme.helpers), threshold),
                helps_known=theme.id in helped,
                rank=order.get(theme.id),
                firm=firm.get(theme.id),
                why_not=chosen.left_out.get(theme.id, ""),
                quotes=() if 0 < len(theme.units) < threshold else theme.quotes,
                hidden=shut,
            )
        )
    return tuple(rows)


def who_rows(
    themes: Sequence[Theme],
    labels: Mapping[str, str],
    members: Mapping[str, frozenset[str]],
    bases: Mapping[str, frozenset[str]],
    groups: Mapping[str, Mapping[str, frozenset[str]]],
    hidden: frozenset[str],
    threshold: int,
) -> tuple[WhoRow, ...]:
    """Return, for each theme and each way to split the units, how many of each group state it."""
    rows = []
    for by, of in groups.items():
        cells = {
            theme.id: [
                (
                    label,
                    len(theme.units & units),
                    len((bases[theme.codebook] | theme.units) & units),
                )
                for label, units in of.items()
            ]
            for theme in themes
        }
        small = {
            name
            for name, found in cells.items()
            if name in hidden or any(0 < n < threshold or 0 < of < threshold for _, n, of in found)
        }
        small |= _holding(themes, members, small)
        rows += [
            WhoRow(
                theme.id,
                labels[theme.id],
                by,
                label,
                *((None, None) if theme.id in small else (n, b)),
            )
            for theme in themes
            for label, n, b in cells[theme.id]
        ]
    return tuple(rows)


def shown_pairs(pairs: Sequence[Pair], hidden: frozenset[str], threshold: int) -> tuple[Pair, ...]:
    """Return the pairs of which no figure is small."""

    def small(pair: Pair) -> bool:
        one, other = pair.firsts - pair.both, pair.seconds - pair.both
        rest = pair.base - pair.both - one - other
        return any(0 < n < threshold for n in (pair.both, one, other, rest))

    return tuple(p for p in pairs if not {p.first, p.second} & hidden and not small(p))


def choice_view(chosen: Chosen, labels: Mapping[str, str], threshold: int) -> ChoiceView:
    """Return the choice as it may be published."""
    problem, firm = chosen.problem, chosen.firm
    near = sorted(
        ((labels[t], share) for t, share in firm.share.items() if t not in chosen.best.themes),
        key=lambda one: -one[1],
    )
    regions = [(name, n, of) for name, (n, of) in chosen.by_region.items()]
    shown = _guarded([(n, of - n) for _, n, of in regions], threshold)
    return ChoiceView(
        best=_steps(chosen, chosen.best, labels, threshold),
        frequent=_steps(chosen, chosen.frequent, labels, threshold),
        greedy=_steps(chosen, chosen.greedy, labels, threshold),
        reached=len(chosen.best.reached),
        frequent_reached=len(chosen.frequent.reached),
        greedy_reached=len(chosen.greedy.reached),
        stating=len(problem.region),
        regions=tuple(
            (name, n if keep else None, of)
            for (name, n, of), keep in zip(regions, shown, strict=True)
        ),
        would=tuple(
            (labels[theme], _large(len(units), threshold))
            for theme, units in would_reach(problem, chosen.best)[:_WOULD]
        ),
        contends=tuple(one for one in near if one[1] >= _CONTENDS),
        resamples=firm.resamples,
        without=firm.without,
        rules=tuple(_rules(chosen, labels)),
    )


def _steps(
    chosen: Chosen, one: Choice, labels: Mapping[str, str], threshold: int
) -> tuple[Step, ...]:
    open_ = all(not 0 < len(added) < threshold for added in one.adds)
    total = 0
    steps: list[Step] = []
    for theme, added in zip(one.themes, one.adds, strict=True):
        total += len(added)
        steps.append(
            Step(
                id=theme,
                label=labels[theme],
                n=len(chosen.problem.states[theme]),
                adds=len(added) if open_ else None,
                total=total if open_ or len(steps) + 1 == len(one.themes) else None,
                firm=chosen.firm.share.get(theme),
                in_best=theme in chosen.best.themes,
            )
        )
    return tuple(steps)


def _rules(chosen: Chosen, labels: Mapping[str, str]) -> list[str]:
    rules = chosen.rules
    said = [f"{rules.k} thema's uit {len(chosen.problem.states)}"]
    if rules.least:
        said.append(f"in elke provincie minstens {rules.least:g}% van de gemeenten bereikt")
    if chosen.one_per_net:
        said.append("hooguit één thema per net")
    said += [
        "hooguit één van: " + ", ".join(labels[t] for t in chosen.problem.states if t in group)
        for group in chosen.apart
    ]
    if rules.must:
        said.append("zeker erbij: " + ", ".join(labels[t] for t in sorted(rules.must)))
    if rules.never:
        said.append("nooit: " + ", ".join(labels[t] for t in sorted(rules.never)))
    return said


def _holding(
    themes: Sequence[Theme], members: Mapping[str, frozenset[str]], small: set[str]
) -> set[str]:
    """Return the nets that hold one of the themes `small`."""
    return {
        net.id
        for net in themes
        if net.kind == "net"
        and any(members[name] and members[name] <= members[net.id] for name in small)
    }


def _large(n: int | None, threshold: int) -> int | None:
    return None if n is None or 0 < n < threshold else n


def _guarded(parts: Sequence[tuple[int, int]], threshold: int) -> list[bool]:
    """Return which figures may be shown beside their total: never all but one."""
    keep = [not any(0 < n < threshold for n in part) for part in parts]
    if keep.count(False) == 1 and len(keep) > 1:
        keep[min((at for at, k in enumerate(keep) if k), key=lambda at: parts[at][0])] = False
    return keep
