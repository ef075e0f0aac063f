"""`opentekst codebook …`: change a codebook, undo, compare versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from opentekst.cli import exchange, versions
from opentekst.cli.common import JsonOption, StudyOption, emit, guarded, say
from opentekst.codebook.changes import (
    Add,
    Change,
    Merge,
    Move,
    Part,
    Rename,
    Retire,
    Reword,
    Split,
    checked,
)
from opentekst.pipeline import codebooks
from opentekst.study import Study

app = typer.Typer(help="Het codeboek veranderen en bekijken.", no_args_is_help=True)
versions.register(app)
exchange.register(app)

BookOption = Annotated[
    str, typer.Option("--codebook", help="Het codeboek (nodig als het niet uit de code blijkt).")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Waarom; komt in de geschiedenis.")]
AuthorOption = Annotated[str, typer.Option("--author", help="Wie beslist (anders: uw git-naam).")]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Zeg alleen wat er zou veranderen en wat dat raakt.")
]
LabelOption = Annotated[str, typer.Option("--label", help="Het label op het scherm.")]
IdOption = Annotated[str, typer.Option("--id", help="Een nieuw id (liefst niet: ids zijn vast).")]
ParentOption = Annotated[str | None, typer.Option("--parent", help="De bovenliggende code.")]
DefinitionOption = Annotated[str | None, typer.Option("--definition", help="De omschrijving.")]
IncludeOption = Annotated[list[str] | None, typer.Option("--include", help="Wel; herhaalbaar.")]
ExcludeOption = Annotated[list[str] | None, typer.Option("--exclude", help="Niet; herhaalbaar.")]
KeywordOption = Annotated[
    list[str] | None, typer.Option("--keyword", help="Een sleutelwoord; herhaalbaar.")
]
ExampleOption = Annotated[
    list[str] | None, typer.Option("--example", help="Een voorbeeld; herhaalbaar.")
]


def _do(work: Callable[[], codebooks.Changed], as_json: bool) -> None:
    with guarded():
        done = work()
        say([line for line in done.lines if line], as_json)
        if done.made:
            say(["Verder: opentekst run"], as_json)
        if as_json:
            emit(done.data)


def _one(
    study: Path, change: Change, codes: Sequence[str], book: str, dry: bool, as_json: bool
) -> None:
    def work() -> codebooks.Changed:
        opened = Study.open(study)
        name = codebooks.owner_of(opened, codes, book)
        return codebooks.change(opened, name, [checked(change)], dry)

    _do(work, as_json)


@app.command()
def apply(
    changes: Annotated[Path, typer.Argument(help="Het bestand met wijzigingen (YAML).")],
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Voer de wijzigingen in een bestand uit, allemaal of geen."""
    _do(lambda: codebooks.change_from(Study.open(study), changes, dry), as_json)


@app.command()
def rename(
    code: Annotated[str, typer.Argument(help="Het id van de code.")],
    label: LabelOption = "",
    new_id: IdOption = "",
    book: BookOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Geef een code een ander label (en alleen als u het vraagt een ander id)."""
    change = Rename(code=code, label=label, id=new_id, reason=reason, author=author)
    _one(study, change, [code], book, dry, as_json)


@app.command()
def merge(
    codes: Annotated[list[str], typer.Argument(help="De ids van de codes die samengaan.")],
    into: Annotated[str, typer.Option("--into", help="De code waarin ze opgaan.")],
    label: LabelOption = "",
    definition: DefinitionOption = None,
    parent: ParentOption = None,
    book: BookOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Voeg codes samen tot één, bestaande of nieuwe (dan met --label)."""
    change = Merge(
        codes=tuple(dict.fromkeys(codes)),
        into=into,
        label=label,
        definition=definition or "",
        parent=parent,
        reason=reason,
        author=author,
    )
    _one(study, change, codes, book, dry, as_json)


@app.command()
def split(
    code: Annotated[str, typer.Argument(help="Het id van de code die gesplitst wordt.")],
    into: Annotated[
        list[str], typer.Option("--into", help="Een deel: 'id=label', of een id dat bestaat.")
    ],
    book: BookOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Splits een code; wat ermee gecodeerd is, wacht op een nieuwe codering."""
    parts = [text.partition("=") for text in into]
    change = Split(
        code=code,
        into=tuple(Part(id=name.strip(), label=label.strip()) for name, _, label in parts),
        reason=reason,
        author=author,
    )
    _one(study, change, [code], book, dry, as_json)


@app.command()
def move(
    code: Annotated[str, typer.Argument(help="Het id van de code.")],
    to: Annotated[str, typer.Option("--to", help="De bovenliggende code; '' is bovenaan.")],
    new_id: IdOption = "",
    book: BookOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Hang een code, met wat eronder staat, onder een andere code."""
    change = Move(code=code, parent=to, id=new_id, reason=reason, author=author)
    _one(study, change, [code], book, dry, as_json)


@app.command()
def retire(
    code: Annotated[str, typer.Argument(help="Het id van de code.")],
    book: BookOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Geef een code niet meer; wat ermee gecodeerd is, blijft."""
    _one(study, Retire(code=code, reason=reason, author=author), [code], book, dry, as_json)


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Het id van de nieuwe code.")],
    label: LabelOption,
    book: Annotated[str, typer.Option("--codebook", help="Het codeboek.")],
    parent: ParentOption = None,
    after: Annotated[str, typer.Option("--after", help="De code waarachter ze komt.")] = "",
    definition: DefinitionOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    keyword: KeywordOption = None,
    example: ExampleOption = None,
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Voeg een code toe."""
    part = Part(
        id=code,
        label=label,
        parent=parent,
        definition=definition or "",
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        keywords=tuple(keyword or ()),
        examples=tuple(example or ()),
    )
    change = Add(code=part, after=after, reason=reason, author=author)
    _one(study, change, [], book, dry, as_json)


@app.command()
def reword(
    code: Annotated[str, typer.Argument(help="Het id van de code.")],
    definition: DefinitionOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    keyword: KeywordOption = None,
    example: ExampleOption = None,
    book: BookOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Verwoord een code anders; een lijst die u geeft, komt in de plaats van de oude."""
    change = Reword(
        code=code,
        definition=definition,
        include=tuple(include) if include else None,
        exclude=tuple(exclude) if exclude else None,
        keywords=tuple(keyword) if keyword else None,
        examples=tuple(example) if example else None,
        reason=reason,
        author=author,
    )
    _one(study, change, [code], book, dry, as_json)


@app.command()
def undo(
    codebook: Annotated[str, typer.Argument(help="Het codeboek.")],
    reason: ReasonOption = "",
    author: AuthorOption = "",
    study: StudyOption = Path(),
    dry: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Maak de laatste wijziging ongedaan; ook dat komt in de geschiedenis."""
    _do(lambda: codebooks.undo(Study.open(study), codebook, reason, author, dry), as_json)
