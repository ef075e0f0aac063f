"""Write what `opentekst themes` finds: lists, a page, and invitations that name municipalities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opentekst import store
from opentekst.model import Theme
from opentekst.pipeline.sayings import as_csv
from opentekst.pipeline.theme_material import Material, material
from opentekst.pipeline.theming import chosen, complete, help_refs, members, units_that_say
from opentekst.pipeline.unit_facts import SIZE, unit_facts
from opentekst.results.chosen import Chosen
from opentekst.results.theme_page import to_html
from opentekst.results.theme_sheets import (
    CHOICE_HEAD,
    THEME_HEAD,
    Guest,
    choice_csv_rows,
    invitations,
    theme_csv_rows,
    theme_workbook,
)
from opentekst.results.theme_view import (
    View,
    choice_view,
    hidden_themes,
    shown_pairs,
    theme_rows,
    who_rows,
)
from opentekst.results.themes import units_with_main
from opentekst.results.together import pairs
from opentekst.store import Paths
from opentekst.study import Study, ThemeSpec
from opentekst.survey.places import places_on

FOLDER = "themes"
INVITATIONS = "uitnodigingen.xlsx"
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Themed:
    """What was found and written; `view` holds only what may be published."""

    material: Material
    themes: tuple[Theme, ...]
    chosen: Chosen
    view: View
    files: tuple[Path, ...]


def write_themes(study: Study, spec: ThemeSpec | None, progress: Progress) -> Themed:
    """Find the themes, choose, and write results/themes: all files or none.

    Raises as `theming.themes` and `theming.choice` do, and StorageError.
    """
    found = material(study, spec)
    themes = complete(found)
    with progress("Stevigheid van de keuze", found.spec.resamples) as step:
        best = chosen(found, themes, step=step)
    view = view_of(found, themes, best)
    out = Paths(study.root).results / FOLDER
    files = {
        out / "themas.csv": as_csv(THEME_HEAD, theme_csv_rows(view)),
        out / "keuze.csv": as_csv(CHOICE_HEAD, choice_csv_rows(view)),
        out / "themas.xlsx": theme_workbook(view),
        out / "themas.html": to_html(view),
        out / INVITATIONS: invitations(
            study.file.study, _guests(found, themes, best), _missed(found, themes, best)
        ),
    }
    store.write_all(files)
    return Themed(found, tuple(themes), best, view, tuple(files))


def view(study: Study, spec: ThemeSpec | None = None, resamples: int | None = None) -> View:
    """Return what may be published of a study's themes and choice, without writing a file.

    Raises as `write_themes` does.
    """
    found = material(study, spec)
    themes = complete(found)
    return view_of(found, themes, chosen(found, themes, resamples))


def view_of(found: Material, themes: Sequence[Theme], best: Chosen) -> View:
    """Return what may be published of themes and choice."""
    study = found.study
    threshold = study.file.disclosure.threshold
    codes = {theme.id: members(found, theme) for theme in themes}
    hidden = hidden_themes(themes, codes, threshold)
    looked = pairs(themes, found.bases)
    shown = shown_pairs(looked, hidden, threshold)
    asked = {one.book.id: one.book.title or one.book.id for one in found.stated}
    labels = labels_of(themes, asked)
    helped = {theme for theme, refs in help_refs(found, themes).items() if refs}
    groups = {
        study.questions[by].text if by in study.questions else by.capitalize(): of
        for by, of in found.groups.items()
    }
    return View(
        title=study.file.study,
        questions=tuple(question.text for question in found.questions),
        themes=theme_rows(themes, labels, asked, helped, hidden, threshold, best),
        who=who_rows(themes, labels, codes, found.bases, groups, hidden, threshold),
        pairs=shown,
        pairs_looked_at=len(looked),
        pairs_hidden=len(looked) - len(shown),
        labels=labels,
        choice=choice_view(best, labels, threshold),
        threshold=threshold,
        notes=(*_notes(found), *best.notes),
    )


def labels_of(themes: Sequence[Theme], asked: Mapping[str, str]) -> dict[str, str]:
    """Return a label for each theme, with its codebook's title where two have the same."""
    seen: dict[str, int] = {}
    for theme in themes:
        seen[theme.label] = seen.get(theme.label, 0) + 1
    return {
        theme.id: theme.label + (f" [{asked[theme.codebook]}]" if seen[theme.label] > 1 else "")
        for theme in themes
    }


def _notes(found: Material) -> list[str]:
    units = {answer.unit for answer in found.answers.values()}
    notes = [
        f"{len(found.answers)} antwoorden van {len(units)} gemeenten zeggen iets; per vraag telt"
        " een gemeente één keer."
    ]
    if found.undecided:
        notes.append(
            f"{found.undecided} antwoorden tellen nog niet mee: niemand besliste erover, en de"
            " machine is er niet zeker genoeg van."
        )
    without = [
        one.book.by_id[code].label
        for one in found.stated
        for code in sorted(found.no_need[one.book.id])
    ]
    if without:
        notes.append(
            f"Geen thema: {', '.join(without)} (no_need). Wie alleen dat antwoordde, hoeft niet"
            " bereikt te worden."
        )
    notes.append(
        "Kan helpen: wat gemeenten zelf aankruisten of antwoordden, volgens 'themes: helps' in"
        " study.yaml; niemand heeft dat nagegaan."
        if found.spec.helps
        else "Wie kan helpen, is niet bekend: study.yaml heeft geen 'themes: helps'."
    )
    return notes


def _guests(
    found: Material, themes: Sequence[Theme], best: Chosen
) -> list[tuple[str, list[Guest]]]:
    """Return who to invite, theme by theme: the chosen ones first, then the others."""
    places = places_on(found.study.file.date).municipalities
    sizes = unit_facts(found.study).traits.get(SIZE, {})
    refs = help_refs(found, themes)
    by_id = {theme.id: theme for theme in themes}
    rest = [t.id for t in themes if t.kind != "net" and t.id not in best.best.themes]
    guests = []
    for theme in (by_id[name] for name in (*best.best.themes, *rest)):
        main = units_with_main(found.of(theme), found.codes(theme))
        said = [(_told(found, ref), units_that_say(found, ref)) for ref in refs[theme.id]]
        guests.append(
            (
                theme.label,
                [
                    Guest(
                        name=places[unit].name,
                        province=places[unit].province,
                        size=sizes.get(unit, ""),
                        asks=unit in theme.units,
                        helps=unit in theme.helpers,
                        main=unit in main,
                        because="; ".join(text for text, units in said if unit in units),
                    )
                    for unit in sorted(theme.units | theme.helpers)
                ],
            )
        )
    return guests


def _missed(found: Material, themes: Sequence[Theme], best: Chosen) -> list[list[str]]:
    """Return who states something that was not chosen: name, province, size and what."""
    places = places_on(found.study.file.date).municipalities
    sizes = unit_facts(found.study).traits.get(SIZE, {})
    plain = [theme for theme in themes if theme.kind != "net"]
    return [
        [
            places[unit].name,
            places[unit].province,
            sizes.get(unit, ""),
            "; ".join(theme.label for theme in plain if unit in theme.units),
        ]
        for unit in sorted(best.missed)
    ]


def _told(found: Material, ref: str) -> str:
    """Return a closed answer as people read it."""
    name, _, value = ref.partition("=")
    question = found.study.questions[name.partition(".")[0]]
    if question.kind == "multiple":
        labels = {choice.code: choice.label for choice in question.choices}
        return f"kruiste aan: {labels[value]} ({question.id})"
    if question.kind == "matrix":
        items = {f"{question.id}.{item.id}": item.label for item in question.items}
        return f"{value}: {items[name]}"
    if question.kind == "open":
        return f"antwoordde op '{name}': {found.study.codebook(name).by_id[value].label}"
    return f"{value}: {question.text}"


def data_of(done: Themed) -> dict[str, Any]:
    """Return what `--json` prints: nothing that may not be published."""
    choice = done.view.choice
    return {
        "questions": [question.id for question in done.material.questions],
        "undecided": done.material.undecided,
        "themes": [
            {
                "id": row.id, "label": row.label, "kind": row.kind, "n": row.n, "base": row.base,
                "low": row.low, "high": row.high, "central": row.central, "rank": row.rank,
                "firm": row.firm, "quotes": [quote.text for quote in row.quotes],
            }
            for row in done.view.themes
        ],
        "choice": [step.id for step in choice.best],
        "reached": choice.reached,
        "stating": choice.stating,
        "most_frequent": {"themes": [s.id for s in choice.frequent],
                          "reached": choice.frequent_reached},
        "greedy": {"themes": [s.id for s in choice.greedy], "reached": choice.greedy_reached},
        "regions": {name: n for name, n, _ in choice.regions},
        "would": dict(choice.would),
        "resamples": choice.resamples,
        "files": [str(path) for path in done.files],
    }  # fmt: skip
