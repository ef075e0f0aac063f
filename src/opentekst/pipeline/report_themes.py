"""The themes of a report, and the choice among them: only what may be published of either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opentekst.errors import DataError
from opentekst.model import Theme
from opentekst.pipeline.sayings import number, share
from opentekst.pipeline.theme_files import labels_of
from opentekst.pipeline.theme_material import PROMPTS, Material, material
from opentekst.pipeline.theming import chosen, complete, members
from opentekst.results.report.data import Heard, Pick
from opentekst.results.theme_page import share as whole_percent
from opentekst.results.theme_view import ChoiceView, choice_view, hidden_themes
from opentekst.study import Study

WITH_ALL = " (met alles eronder)"
SHOWN = 12
"""Themes of a kind that are shown; the rest are in results/themes and in the tables."""

RESAMPLES = 100
"""At most so many are drawn to tell how firm the choice is: `opentekst themes` draws more."""


def heard(study: Study, least: int) -> tuple[tuple[Heard, ...], Pick]:
    """Return the themes to show, nets first, and the choice among them.

    Themes of fewer than `least` units have no quotes. Nothing where the study does not ask for
    needs; no choice where none keeps to the study's rules. Raises as `theming.themes`.
    """
    asking = study.file.themes.questions or [q for q in study.open_questions if q.prompt in PROMPTS]
    if not asking:
        return (), Pick(())
    found = material(study)
    themes = [theme for theme in complete(found) if theme.units]
    threshold = study.file.disclosure.threshold
    codes = {theme.id: members(found, theme) for theme in themes}
    hidden = hidden_themes(themes, codes, threshold)
    labels = labels_of(themes, {one.book.id: one.book.title for one in found.stated})
    open_ = [theme for theme in themes if theme.id not in hidden]
    nets = [theme for theme in open_ if theme.kind == "net"]
    single = [theme for theme in open_ if theme.kind != "net"]
    shown = [
        _heard(theme, labels[theme.id], least, threshold)
        for theme in (*nets[:SHOWN], *single[:SHOWN])
    ]
    return tuple(shown), _pick(found, themes, labels, threshold)


def _heard(theme: Theme, label: str, least: int, threshold: int) -> Heard:
    ends = f"{theme.share[0]:.1f}–{theme.share[1]:.1f}" if theme.share else ""
    central = 0 if theme.central < threshold else theme.central
    quotes = [quote.text for quote in theme.quotes] if len(theme.units) >= least else []
    plain = label.replace(WITH_ALL, "")
    return Heard(
        plain, theme.kind, len(theme.units), theme.base, str(theme.percent), theme.mentions,
        central, ends.replace(".", ","), tuple(quotes), theme.codebook, theme.code,
    )  # fmt: skip


def _pick(found: Material, themes: Sequence[Theme], labels: dict[str, str], threshold: int) -> Pick:
    try:
        best = chosen(found, themes, min(RESAMPLES, found.spec.resamples))
        view = choice_view(best, labels, threshold)
    except DataError as fault:
        return Pick((f"Er is geen keuze: {fault.problem}.",))
    return Pick(tuple(_lines(view)), tuple(_rows(view)))


def _lines(view: ChoiceView) -> Iterable[str]:
    part = share(view.reached, view.stating)
    yield (
        f"{len(view.best)} thema’s bereiken samen {number(view.reached)} van de"
        f" {number(view.stating)} gemeenten die iets noemen ({part}):"
        f" {'; '.join(view.rules)}."
    )
    yield (
        f"Ter vergelijking: de vaakst genoemde thema’s bereiken er {number(view.frequent_reached)};"
        f" telkens het thema nemen dat het meest toevoegt, {number(view.greedy_reached)}."
    )
    if view.resamples:
        yield (
            "‘Blijft gekozen’ zegt in welk deel van"
            f" {number(view.resamples)} hertrekkingen (steekproef en codeerfouten) een thema"
            " opnieuw bij de keuze is."
        )


def _rows(view: ChoiceView) -> Iterable[tuple[str, str, str, str]]:
    for step in view.best:
        adds = "·" if step.adds is None else number(step.adds)
        yield step.label, number(step.n), adds, whole_percent(step.firm)
