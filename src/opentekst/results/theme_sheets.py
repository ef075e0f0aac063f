"""The themes as lists: rows for CSV and Excel, and the invitations that name municipalities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opentekst.results.figures import HIDDEN
from opentekst.results.theme_view import Step, ThemeRow, View
from opentekst.results.together import Pair
from opentekst.results.workbook import Cell, Column, Sheet, to_workbook

THEME_HEAD = (
    "id", "thema", "soort", "vraag", "gemeenten", "basis", "procent", "schatting", "laag", "hoog",
    "vermeldingen", "hoofdzaak", "kunnen_helpen", "keuze", "stevigheid", "opmerking",
)  # fmt: skip
CHOICE_HEAD = (
    "keuze", "plaats", "id", "thema", "gemeenten", "nieuw_bereikt", "samen_bereikt", "stevigheid",
    "ook_in_beste",
)  # fmt: skip
CHOICES = {"best": "beste keuze", "frequent": "meest genoemd", "greedy": "telkens de volgende"}
NOT_PUBLIC = (
    "NIET OM TE PUBLICEREN. Deze lijst noemt gemeenten bij naam, met wat zij in de bevraging"
    " antwoordden. Gebruik haar alleen om uit te nodigen, en geef haar niet door."
)


@dataclass(frozen=True, slots=True)
class Guest:
    """A municipality that may be invited for a theme: it asks, it can help, or both.

    `because` says which closed answers tell that it can help, `main` that the theme is the
    main thing that it said.
    """

    name: str
    province: str
    size: str
    asks: bool
    helps: bool
    main: bool
    because: str

    @property
    def role(self) -> str:
        """What it comes for, in Dutch."""
        if self.asks and self.helps:
            return "vraagt en kan helpen"
        return "vraagt" if self.asks else "kan helpen"


def theme_csv_rows(view: View) -> list[list[object]]:
    """Return a row a theme, as `THEME_HEAD` names them; empty where there is no figure."""
    return [
        [
            row.id, row.label, row.kind, row.asked, _or_hidden(row, row.n), row.base,
            _percent(row.share), _one(row.estimate), _one(row.low), _one(row.high),
            _or_hidden(row, row.mentions), _blank(row.central), _blank(_helpers(row)),
            _blank(row.rank), _percent(row.firm), row.why_not,
        ]
        for row in view.themes
    ]  # fmt: skip


def choice_csv_rows(view: View) -> list[list[object]]:
    """Return a row a theme of each of the three choices, as `CHOICE_HEAD` names them."""
    return [
        [
            CHOICES[name], place, step.id, step.label, step.n,
            HIDDEN if step.adds is None else step.adds, _blank(step.total), _percent(step.firm),
            "ja" if step.in_best else "nee",
        ]
        for name, steps in _choices(view)
        for place, step in enumerate(steps, start=1)
    ]  # fmt: skip


def theme_workbook(view: View) -> bytes:
    """Return the workbook that may be published: choice, themes, who, pairs, quotes."""
    return to_workbook(
        f"Thema's: {view.title}",
        [_choice_sheet(view), _theme_sheet(view), _who_sheet(view), _pair_sheet(view),
         _quote_sheet(view)],
    )  # fmt: skip


def invitations(
    title: str, guests: Sequence[tuple[str, Sequence[Guest]]], missed: Sequence[Sequence[str]]
) -> bytes:
    """Return the workbook of invitations, a sheet a theme; it names municipalities.

    `guests` are pairs of a sheet's title and who is on it; `missed` are rows of those whom no
    chosen theme reaches: name, province, size, and what they state.
    """
    names = _sheet_names([name for name, _ in guests])
    about: list[list[Cell]] = [[NOT_PUBLIC], [f"Studie: {title}"]]
    about += [
        [f"Blad '{sheet}': {name} – {_told(of)}"]
        for sheet, (name, of) in zip(names, guests, strict=True)
    ]
    first = Sheet("NIET PUBLICEREN", (Column("Vertrouwelijk", 110),), about)
    sized = any(guest.size for _, of in guests for guest in of)
    # the first head says it too: a sheet may be printed or copied by itself
    who = (
        Column("Gemeente (niet publiceren)", 28),
        Column("Provincie", 18),
        *([Column("Grootte", 26)] if sized else []),
    )
    head = (
        *who,
        Column("Rol", 20),
        Column("Hoofdzaak van het antwoord", 16),
        Column("Kan helpen, want", 60),
    )
    sheets = [
        Sheet(
            name,
            head,
            [
                [g.name, g.province, *([g.size] if sized else []), g.role,
                 "ja" if g.main else "", g.because]
                for g in sorted(of, key=lambda g: (_ROLES.index(g.role), g.province, g.name))
            ],
        )
        for name, (_, of) in zip(names, guests, strict=True)
    ]  # fmt: skip
    left = Sheet(
        "niet bereikt",
        (*who, Column("Noemt", 90)),
        [
            [name, province, *([size] if sized else []), what]
            for name, province, size, what in sorted(missed, key=lambda row: (row[1], row[0]))
        ],
    )
    return to_workbook(f"NIET PUBLICEREN – uitnodigingen: {title}", [first, *sheets, left])


_ROLES = ("vraagt en kan helpen", "vraagt", "kan helpen")


def _choice_sheet(view: View) -> Sheet:
    columns = (
        Column("Keuze", 20),
        Column("Plaats", 8, "count"),
        Column("Thema", 48),
        Column("Gemeenten die het noemen", 14, "count"),
        Column("Nieuw bereikt", 10, "count"),
        Column("Samen bereikt", 10, "count"),
        Column("Blijft gekozen (van de hertrekkingen)", 18, "share"),
        Column("Ook in de beste keuze", 12),
    )
    rows: list[list[Cell]] = [
        [
            CHOICES[name], place, step.label, step.n,
            HIDDEN if step.adds is None else step.adds,
            HIDDEN if step.total is None else step.total, step.firm,
            "ja" if step.in_best else "nee",
        ]
        for name, steps in _choices(view)
        for place, step in enumerate(steps, start=1)
    ]  # fmt: skip
    return Sheet("keuze", columns, rows)


def _theme_sheet(view: View) -> Sheet:
    columns = (
        Column("Thema", 48),
        Column("Soort", 12),
        Column("Vraag", 24),
        Column("Gemeenten", 11, "count"),
        Column("Basis", 8, "count"),
        Column("Aandeel", 9, "share"),
        Column("Geschat aandeel", 10, "share"),
        Column("95%: laag", 9, "share"),
        Column("95%: hoog", 9, "share"),
        Column("Vermeldingen", 13, "count"),
        Column("Hoofdzaak bij", 11, "count"),
        Column("Kunnen helpen", 10, "count"),
        Column("Plaats in de keuze", 10, "count"),
        Column("Blijft gekozen", 10, "share"),
        Column("Id", 24),
    )
    rows: list[list[Cell]] = [
        [
            row.label, row.kind, row.asked, _cell(row, row.n), row.base, _cell(row, row.share),
            _hundredth(row.estimate), _hundredth(row.low), _hundredth(row.high),
            _cell(row, row.mentions), row.central, _helpers(row), row.rank, row.firm, row.id,
        ]
        for row in view.themes
    ]  # fmt: skip
    return Sheet("thema's", columns, rows)


def _who_sheet(view: View) -> Sheet:
    columns = (
        Column("Thema", 48),
        Column("Kenmerk", 16),
        Column("Groep", 30),
        Column("Gemeenten", 11, "count"),
        Column("Basis", 8, "count"),
        Column("Aandeel", 9, "share"),
    )
    rows: list[list[Cell]] = [
        [
            row.label, row.by, row.group,
            HIDDEN if row.n is None else row.n,
            HIDDEN if row.base is None else row.base,
            row.n / row.base if row.n is not None and row.base else None,
        ]
        for row in view.who
    ]  # fmt: skip
    return Sheet("wie", columns, rows)


def _pair_sheet(view: View) -> Sheet:
    columns = (
        Column("Thema", 40),
        Column("Met thema", 40),
        Column("Basis", 8, "count"),
        Column("Noemen het eerste", 10, "count"),
        Column("Noemen het tweede", 10, "count"),
        Column("Noemen beide", 10, "count"),
        Column("Lift", 8, "figure"),
        Column("95%: laag", 8, "figure"),
        Column("95%: hoog", 8, "figure"),
        Column("p (Fisher)", 9, "figure"),
        Column("p (Holm)", 9, "figure"),
    )
    return Sheet("samen", columns, [_pair_row(view, pair) for pair in view.pairs])


def _pair_row(view: View, pair: Pair) -> list[Cell]:
    return [
        view.labels[pair.first], view.labels[pair.second], pair.base, pair.firsts, pair.seconds,
        pair.both, pair.lift, pair.low, pair.high, pair.p, pair.holm,
    ]  # fmt: skip


def _quote_sheet(view: View) -> Sheet:
    columns = (Column("Thema", 48), Column("Citaat", 90))
    rows: list[list[Cell]] = [
        [row.label, quote.text] for row in view.themes for quote in row.quotes
    ]
    return Sheet("citaten", columns, rows)


def _choices(view: View) -> Iterable[tuple[str, tuple[Step, ...]]]:
    choice = view.choice
    yield from (
        ("best", choice.best), ("frequent", choice.frequent), ("greedy", choice.greedy)
    )  # fmt: skip


def _told(guests: Sequence[Guest]) -> str:
    asks = sum(guest.asks for guest in guests)
    helps = sum(guest.helps for guest in guests)
    if not helps:
        return f"{asks} vragen; van niemand weten we dat hij kan helpen"
    both = sum(guest.asks and guest.helps for guest in guests)
    return f"{asks} vragen, {helps} kunnen helpen (waarvan {both} beide)"


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Return names that Excel takes: at most 31 characters, each once, whatever the case."""
    names: list[str] = []
    taken: set[str] = set()
    for number, title in enumerate(titles, start=1):
        plain = re.sub(r"[\[\]:*?/\\]", " ", title)
        name = f"{number} {plain}"[:31].strip(" '")
        assert name.casefold() not in taken  # each starts with its own number
        taken.add(name.casefold())
        names.append(name)
    return names


def _helpers(row: ThemeRow) -> int | None:
    return row.helpers if row.helps_known else None


def _cell(row: ThemeRow, value: float | None) -> Cell:
    return HIDDEN if row.hidden else value


def _or_hidden(row: ThemeRow, value: int | None) -> object:
    return HIDDEN if row.hidden else _blank(value)


def _blank(value: object | None) -> object:
    return "" if value is None else value


def _hundredth(value: float | None) -> float | None:
    return None if value is None else value / 100


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _one(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
