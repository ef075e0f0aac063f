"""`opentekst status`: what is done, what is out of date, and what to do next."""

from __future__ import annotations

from pathlib import Path

from opentekst.cli.common import JsonOption, StudyOption, emit, engine, guarded, say


def status(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Zeg wat gedaan is, wat niet meer bij is en wat de volgende stap is."""
    with guarded():
        work = engine(study)
        states = {stage.name: work.fresh(stage) for stage in work.stages}
        lines = [
            f"{'✓' if states[stage.name] else '…'} {stage.title} (opentekst {stage.name})"
            for stage in work.stages
        ]
        stale = [name for name, fresh in states.items() if not fresh]
        lines.append(
            f"Volgende stap: opentekst run (doet {', '.join(stale)})"
            if stale
            else "Alles is bij. Zie results/tables/tabellen.html; nakijken: opentekst review push"
        )
        say(lines, as_json)
        if as_json:
            emit({"stages": states, "stale": stale})
