"""A drafted study as YAML that a researcher reads: comments, quotes, and NAKIJKEN at guesses."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from opentekst.codebook import Codebook
from opentekst.study import Accept, Question, TableSpec
from opentekst.survey.draft import Draft

CHECK = "NAKIJKEN:"
NO_POSTCODE = "VUL_DE_KOLOM_IN"

_TOP = """\
De studie: welk bestand, welke kolommen, welke vragen, welke tabellen.
Gemaakt door 'opentekst init' uit de export. Wat geraden is, staat achter NAKIJKEN:
lees elk van die regels na, verbeter wat niet klopt, en haal het woord daarna weg."""
_SECTIONS = """
Vulden verschillende mensen van één gemeente de vragenlijst in en spreken ze elkaar tegen,
dan telt de waarde van de meesten. Weet u wie voor een onderdeel instaat, noem hem hier en zet
bij elke vraag van dat onderdeel 'section: beleid':
sections:
  - {id: beleid, responsible: ["Schepen", "Diensthoofd"]}
"""
_QUESTIONS = """
Soorten vragen: single (één antwoord), multiple (aankruisen), matrix (één antwoord per rij) en
open. 'other' zegt welke keuze "andere, namelijk" is en welke open vraag de tekst bevat; wat
mensen daar schreven en bij een bestaande keuze hoort, verhuist bij het coderen naar die keuze.
'prompt' zegt wat een open vraag vraagt: need (noden), statement (toelichting bij een stelling),
other (andere, namelijk), theme (thema's) of open. Een vraag die u hier weghaalt, telt niet mee
(haal dan ook haar tabel weg)."""
_TABLES = """
Eén tabel per vraag. 'rows' kiest en ordent de rijen (waarden, codes of items); 'order: count'
zet de vaakst genoemde eerst. Bij een matrix is elke groep een kolom: 'count' zegt wat ze telt."""
_BOOK = """\
Codeboek: {title}
Gemaakt door 'opentekst init'; vul het aan. Een code heeft deze velden:
  id          kort en vast; een punt maakt een onderliggende code (middelen.personeel)
  label       zoals de code in de tabellen staat
  definition  wanneer de code geldt, in één of twee zinnen
  include     wat er ook bij hoort; exclude: wat niet, en waar dat dan hoort
  keywords    woorden die de code bewijzen; * staat voor om het even welke letters (vrijwillig*)
  examples    enkele antwoorden die u zelf verzint of omschrijft
Hoe meer definitie, include en voorbeelden, hoe beter de machine codeert. Voorbeeld:
  - id: middelen
    label: "Nood aan middelen"
    definition: "Het bestuur vraagt geld, mensen of materiaal."
    include: ["subsidies", "meer personeel"]
    keywords: ["budget*", "subsidie*", "personeel"]
    examples: ["Meer geld voor activiteiten"]
"""
_BOXES = "De keuzes van de vraag zijn codes: wat daar hoort, verhuist naar die keuze.\n"


_CODING = """
De machine mag zelf beslissen waar minstens 80% van haar codereeksen juist is (target).
unreviewed: count telt voorlopig ook wat niemand nakeek en zij niet zeker weet; zet er open
zodra mensen coderen, dan telt dat niet meer mee."""


def study_yaml(draft: Draft, title: str, source: str, form: str, day: datetime.date) -> str:
    """Return study.yaml. `source` is relative to the study, `form` a format or empty."""
    who = draft.who
    out = CommentedMap()
    out["study"] = Quoted(title)
    out["date"] = day
    out["pipeline"] = "nl_core_news_sm"
    out["seed"] = day.year
    out.yaml_set_start_comment(_TOP + "\n\n")
    out.yaml_add_eol_comment(f"{CHECK} de naam van uw studie", "study")
    first = "de dag van de eerste respons" if who.day else "vandaag; het bestand bevat geen datum"
    out.yaml_add_eol_comment(f"{CHECK} {first}; gemeenten gelden zoals op deze dag", "date")
    out.yaml_add_eol_comment("Nederlandse taalverwerking (spaCy)", "pipeline")
    out.yaml_add_eol_comment("zelfde getal, zelfde uitkomst", "seed")
    out["coding"] = _map({"target": 0.8, "unreviewed": "count"})
    _before(out, "coding", _CODING)
    out["source"] = _map(
        {"file": Quoted(source), **({"format": form} if form else {}), "missing": _flow(["-99"])}
    )
    out["source"].yaml_add_eol_comment("vraag gezien, maar niet beantwoord", "missing")
    _before(out, "source", "\n")
    out["respondents"] = _respondents(draft)
    _before(out, "respondents", "\nWie telt mee, en in welke kolommen dat staat.")
    out["units"] = _units(draft)
    _before(out, "units", "\nEen percentage telt gemeenten; de postcode zegt welke gemeente.")
    out["questions"] = _listing(
        [(_question(q), draft.notes.get(q.id, ())) for q in draft.questions]
    )
    _before(out, "questions", _SECTIONS + _QUESTIONS)
    out["tables"] = _listing([(_table(table), ()) for table in draft.tables])
    _before(out, "tables", _TABLES)
    return _dump(out)


def codebook_yaml(book: Codebook) -> str:
    """Return a codebook file with an explanation of its fields."""
    out = CommentedMap()
    out["codebook"] = book.id
    out["version"] = book.version
    out["title"] = Quoted(book.title)
    codes = [
        _map(
            {
                "id": code.id,
                "label": Quoted(code.label),
                "definition": Quoted(code.definition),
                **({"keywords": _flow(code.keywords)} if code.keywords else {}),
            }
        )
        for code in book.codes
    ]
    out["codes"] = CommentedSeq(codes)
    boxes = _BOXES if len(book.codes) > 1 else ""
    out.yaml_set_start_comment(_BOOK.format(title=book.title) + boxes)
    return _dump(out)


def _respondents(draft: Draft) -> CommentedMap:
    who, guesses = draft.who.respondents, draft.who.guesses
    out = _map({"id": who.id, "recorded": who.recorded, "progress": who.progress})
    if who.role:
        out["role"] = who.role
    for name in ("status", "consent", "finished"):
        accept: Accept | None = getattr(who, name)
        if accept is not None:
            out[name] = _flow_map({"column": accept.column, "accept": _flow(accept.accept)})
    for name in ("id", "recorded", "role", "consent"):
        if name in guesses:
            _before(out, name, f"{CHECK} {guesses[name]}", 2)
    if who.consent is None:
        text = "geen vraag naar toestemming gevonden; is er een, noem ze hier:"
        example = 'consent: {column: KOLOM, accept: ["Ja, ik ga akkoord"]}'
        _before(out, "id", f"{CHECK} {text}\n{example}" + _more(guesses, "id"), 2)
    return out


def _more(guesses: Mapping[str, str], name: str) -> str:
    return f"\n{CHECK} {guesses[name]}" if name in guesses else ""


def _units(draft: Draft) -> CommentedMap:
    found = draft.who.postcode
    out = _map({"postcode": found or NO_POSTCODE})
    if not found:
        _before(
            out,
            "postcode",
            f"{CHECK} geen kolom met postcodes gevonden. Zet hier de naam van de kolom; heeft"
            "\nhet bestand er geen, voeg ze dan toe. Zonder postcode kan opentekst niet tellen.",
            2,
        )
    elif "postcode" in draft.who.guesses:
        _before(out, "postcode", f"{CHECK} {draft.who.guesses['postcode']}", 2)
    return out


def _question(question: Question) -> CommentedMap:
    out = _map({"id": question.id, "kind": question.kind, "text": Quoted(question.text)})
    if question.column:
        out["column"] = question.column
    if question.codebook:
        out["codebook"] = question.codebook
    if question.kind == "open":
        out["prompt"] = question.prompt
    if question.other:
        out["other"] = _flow_map(question.other.model_dump())
    if question.values:
        out["values"] = _flow(question.values)
    for name, entries in (("choices", question.choices), ("items", question.items)):
        if entries:
            rows = [entry.model_dump(exclude_defaults=True) for entry in entries]
            out[name] = CommentedSeq(
                [_flow_map({**row, "label": Quoted(row["label"])}) for row in rows]
            )
    return out


def _table(table: TableSpec) -> CommentedMap:
    out = _map(
        {
            "number": Quoted(table.number),
            "title": Quoted(table.title),
            "header": Quoted(table.header),
        }
    )
    if table.question:
        out["question"] = table.question
    if table.groups:
        out["groups"] = CommentedSeq(
            [
                _flow_map(
                    {"label": Quoted(g.label), "question": g.question, "count": _flow(g.count)}
                )
                for g in table.groups
            ]
        )
    if table.order != "listed":
        out["order"] = table.order
    if table.footnotes:
        out["footnotes"] = _flow(table.footnotes)
    return out


def _listing(entries: Sequence[tuple[CommentedMap, Sequence[str]]]) -> CommentedSeq:
    """Return a list with an empty line, and what to check, before each entry."""
    out = CommentedSeq([entry for entry, _ in entries])
    for place, (_, notes) in enumerate(entries):
        lines = [*([""] if place else []), *(f"{CHECK} {note}" for note in notes)]
        if lines:
            text = "\n".join(lines)
            out.yaml_set_comment_before_after_key(place, before=text or "\n", indent=2)
    return out


def _before(out: CommentedMap, key: str, text: str, indent: int = 0) -> None:
    out.yaml_set_comment_before_after_key(key, before=text, indent=indent)


def _map(values: Mapping[str, Any]) -> CommentedMap:
    return CommentedMap(values)


def _flow_map(values: Mapping[str, Any]) -> CommentedMap:
    out = CommentedMap(values)
    out.fa.set_flow_style()
    return out


def _flow(values: Sequence[str]) -> CommentedSeq:
    out = CommentedSeq([Quoted(value) for value in values])
    out.fa.set_flow_style()
    return out


def _dump(data: CommentedMap) -> str:
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100_000
    out = io.StringIO()
    yaml.dump(data, out)
    lines = (line.rstrip() for line in out.getvalue().split("\n"))
    return "\n".join("" if line.strip() == "#" else line for line in lines)
