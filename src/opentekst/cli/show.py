"""`opentekst show`: answers with their codes, who gave them, and the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from opentekst.cli.common import JsonOption, StudyOption, console, emit, guarded
from opentekst.pipeline.views import CodedAnswer, coded_answers


def show(
    study: StudyOption = Path(),
    as_json: JsonOption = False,
    question: Annotated[str, typer.Option(help="Alleen deze vraag.")] = "",
    code: Annotated[str, typer.Option(help="Alleen antwoorden met deze code.")] = "",
    count: Annotated[int, typer.Option(help="Hoeveel antwoorden.", min=1)] = 3,
) -> None:
    """Toon antwoorden met hun codes en het bewijs, op uw scherm en nergens anders."""
    with guarded():
        chosen = coded_answers(study, question, code)
        shown = _spread(chosen, count)
        if as_json:
            emit({"answers": [_as_data(item) for item in shown], "of": len(chosen)})
            return
        for item in shown:
            _print(item)
        console.print(f"{len(shown)} van {len(chosen)} gecodeerde antwoorden.")


def _spread(found: list[CodedAnswer], count: int) -> list[CodedAnswer]:
    """Return `count` answers from all over the list, with evidence for every code if possible."""
    proved = [a for a in found if {c.id for c in a.codes} <= {s.code for s in a.evidence}]
    chosen = proved if len(proved) >= count else found
    return chosen[:: max(1, len(chosen) // count)][:count]


def _print(item: CodedAnswer) -> None:
    text = Text(item.text)
    for span in item.evidence:
        text.stylize("bold underline", span.start, span.end)
    console.print(f"[bold]{item.question}[/] · {item.municipality} · {item.basis}")
    console.print(Text("  “") + text + Text("”"))
    for code in item.codes:
        proof = [item.text[s.start : s.end] for s in item.evidence if s.code == code.id]
        because = f": {' | '.join(dict.fromkeys(proof))}" if proof else ""
        console.print(Text(f"  → {code.label} ({code.id}){because}"))
    for rule in item.rules:
        console.print(Text(f"  ! {rule}"))
    console.print()


def _as_data(item: CodedAnswer) -> dict[str, object]:
    return {
        "answer": item.answer,
        "question": item.question,
        "municipality": item.municipality,
        "text": item.text,
        "codes": [code.id for code in item.codes],
        "basis": item.basis,
        "rules": list(item.rules),
        "evidence": [[s.start, s.end, s.code] for s in item.evidence],
    }
