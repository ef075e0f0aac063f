"""What `opentekst themes` says of what it found, left out and chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from opentekst.pipeline.theme_files import INVITATIONS, Themed
from opentekst.results.theme_page import share
from opentekst.results.theme_view import ChoiceView, Step

_NEAR = 3


def theme_lines(done: Themed) -> list[str]:
    """Return what was found, what is left out and why, and the choice, in Dutch."""
    view = done.view
    kinds = Counter(row.kind for row in view.themes)
    told = ", ".join(f"{n} {_plural(kind, n)}" for kind, n in kinds.items())
    names = ", ".join(question.id for question in done.material.questions)
    hidden = sum(row.hidden for row in view.themes)
    lines = [f"Vragen: {names}", *view.notes, f"Thema's die iemand noemt: {told}"]
    if hidden:
        lines.append(
            f"{hidden} daarvan blijven zonder cijfer in wat u publiceert (minder dan"
            f" {view.threshold} gemeenten, of daaruit te berekenen)"
        )
    left = Counter(done.chosen.left_out.values())
    lines += [f"Niet te kiezen: {n} thema's – {why}" for why, n in left.items()]
    without = [row.label for row in view.themes if not row.quotes and row.kind != "net"]
    if without:
        lines.append(
            f"Zonder citaat: {len(without)} thema's – te weinig gemeenten noemen het, of elk"
            " antwoord wijst een gemeente aan of is te kort of te lang"
        )
    return [*lines, "", *choice_lines(view.choice)]


def choice_lines(choice: ChoiceView) -> list[str]:
    """Return the choice in Dutch, beside the simpler ones."""
    lines = [
        f"Keuze ({'; '.join(choice.rules)}): {choice.reached} van de {choice.stating} gemeenten"
        f" die iets noemen ({share(choice.reached / choice.stating)})",
        *(f"  {place}. {_step(step, choice)}" for place, step in enumerate(choice.best, start=1)),
        f"Ter vergelijking: de meest genoemde thema's bereiken er {choice.frequent_reached}"
        f" ({_others(choice.frequent)}); telkens het thema dat het meest toevoegt:"
        f" {choice.greedy_reached} ({_others(choice.greedy)})",
    ]
    regions = [f"{name} {_n(n)} van {of}" for name, n, of in choice.regions]
    lines.append("Per provincie: " + ", ".join(regions))
    if choice.would:
        would = ", ".join(f"{label} (+{_n(n)})" for label, n in choice.would[:_NEAR])
        lines.append(
            f"Niet bereikt: {choice.stating - choice.reached} gemeenten; één thema meer: {would}"
        )
    if choice.contends:
        near = ", ".join(f"{label} ({share(part)})" for label, part in choice.contends[:_NEAR])
        lines.append(f"Net niet gekozen, maar in veel hertrekkingen wel: {near}")
    if choice.without:
        lines.append(
            f"In {choice.without} van de {choice.resamples} hertrekkingen was er geen keuze die"
            " aan de afspraken voldoet"
        )
    return lines


def next_lines(files: Sequence[Path]) -> list[str]:
    """Return where the results are, and what to do next."""
    folder = files[0].parent
    return [
        "",
        f"Keuze, cijfers en citaten: {folder / 'themas.html'} (ook themas.xlsx, themas.csv en"
        " keuze.csv)",
        f"NIET om te publiceren, want met namen van gemeenten: {folder / INVITATIONS}",
        "Verder: probeer een andere keuze (--themes, --must, --never, --least-per-province) en zet"
        " die onder 'themes:' in study.yaml",
    ]


def _step(step: Step, choice: ChoiceView) -> str:
    firm = f"; blijft in {share(step.firm)} van de hertrekkingen" if choice.resamples else ""
    adds = "" if step.adds is None else f", nieuw {step.adds}"
    units = "1 gemeente" if step.n == 1 else f"{step.n} gemeenten"
    return f"{step.label}: {units}{adds}{firm}"


def _others(steps: Sequence[Step]) -> str:
    others = [step.label for step in steps if not step.in_best]
    return "met " + ", ".join(others) if others else "dezelfde thema's"


def _n(value: int | None) -> str:
    return "·" if value is None else str(value)


def _plural(kind: str, n: int) -> str:
    plurals = {"code": "codes", "net": "netten", "aanvaard thema": "aanvaarde thema's"}
    return kind if n == 1 else plurals[kind]
