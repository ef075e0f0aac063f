"""What the stages say to survey people, in Dutch: what was done, left out, and what is next."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple
from typing import Any

from babel.numbers import format_decimal, format_percent

from opentekst.model import Decision, Finding, Normalised, Table
from opentekst.results.compare import Difference
from opentekst.results.tables import Counted, Moved
from opentekst.study import Study
from opentekst.survey import CleaningLog

LOCALE = "nl_BE"


def number(value: float) -> str:
    """Return a number as Flemish readers write it.

    >>> number(1234)
    '1.234'
    """
    return str(format_decimal(value, locale=LOCALE))


def share(part: int, whole: int) -> str:
    """Return part of whole as a percentage with one decimal.

    >>> share(233, 300)
    '77,7%'
    """
    return str(format_percent(part / whole if whole else 0, format="0.0%", locale=LOCALE))


def cleaning_lines(log: CleaningLog) -> list[str]:
    """Return the cleaning log for people: what came in, what each rule took out, what is left."""
    conflicts = sum(f.kind == "tegenspraak" for f in log.findings)
    assumed = sum(f.kind == "postcode aangenomen" for f in log.findings)
    lines = [f"{log.source}: {log.kind}, {number(log.received)} responsen binnengekomen"]
    lines += [f"  – {n} weggelaten: {rule}" for rule, n in log.removed if n]
    lines += [
        f"{log.kept} responsen tellen mee, van {log.units} gemeenten",
        f"  {log.merged} gemeenten met meer dan één respondent samengevoegd;"
        f" {conflicts} tegenspraken beslecht",
    ]
    lines += [
        f"  LET OP {f.file}, {f.column}: {f.note}" for f in log.findings if f.kind == "studie"
    ]
    if assumed:
        lines.append(f"  {assumed} responsen met een twijfelachtige postcode of een toewijzing")
    lines += [
        f"Respons: {log.units} van de {log.population} gemeenten"
        f" ({share(log.units, log.population)}); {number(log.answers)} open antwoorden",
        "Elke weggelaten rij en elke tegenspraak staat in results/opschoning.csv, dit overzicht in"
        " results/opschoning.txt",
    ]
    return lines


def cleaning_csv(findings: Sequence[Finding]) -> bytes:
    """Return the findings as a CSV that Excel opens."""
    return as_csv(
        ("soort", "bestand", "rij", "kolom of vraag", "toelichting"),
        ([f.kind, f.file, "" if f.row is None else f.row, f.column, f.note] for f in findings),
    )


NON_ANSWERS = {
    "empty_sign": "leeg teken ('/', '-', '…')",
    "not_applicable": "niet van toepassing",
    "dont_know": "weet niet",
    "refers": "verwijst naar een ander antwoord",
    "no_comment": "geen opmerking",
    "filler": "opvulling ('xxx')",
    "nothing": "'geen', 'nee'",
}


def normalise_lines(items: Sequence[Normalised], pipeline: str) -> tuple[list[str], dict[str, Any]]:
    """Say what normalising found: non-answers by kind, other languages, words for matching."""
    flags = Counter(flag for item in items for flag in item.flags)
    kinds = {kind: flags[f"no_answer:{kind}"] for kind in NON_ANSWERS}
    forms = sum(bool(token.forms) for item in items for token in item.tokens)
    negated = sum(any(token.negated for token in item.tokens) for item in items)
    lines = [
        f"{number(len(items))} antwoorden genormaliseerd met {pipeline},"
        f" {number(sum(len(item.segments) for item in items))} stukken tekst",
        f"{number(flags['no_answer'])} niet-antwoorden tellen niet mee",
        *(f"  {number(n)} {NON_ANSWERS[kind]}" for kind, n in kinds.items() if n),
    ]
    if flags["not_dutch"]:
        lines.append(
            f"{number(flags['not_dutch'])} antwoorden zijn niet in het Nederlands: de machine"
            " codeert ze niet, ze blijven voor mensen"
        )
    lines.append(
        f"Om sleutelwoorden te vinden (de antwoorden zelf veranderen niet): in"
        f" {number(flags['corrected'])} antwoorden een tikfout verbeterd, in"
        f" {number(flags['split'])} een samenstelling gesplitst, in {number(negated)} een"
        f" ontkenning; {number(forms)} woorden kregen een extra vorm"
    )
    if flags["names_removed"]:
        lines.append(
            f"In {number(flags['names_removed'])} antwoorden staan namen of contactgegevens: die"
            " gaan als [naam 1], [telefoon 1] … naar Label Studio; de sleutel blijft in data/work"
        )
    data = {
        "answers": len(items),
        "no_answer": flags["no_answer"],
        "kinds": {kind: n for kind, n in kinds.items() if n},
        "not_dutch": flags["not_dutch"],
        "corrected": flags["corrected"],
        "split": flags["split"],
        "negated": negated,
        "names_removed": flags["names_removed"],
        "pipeline": pipeline,
    }
    return lines, data


BACK_NOTE = (
    "Werkdocument, niet om te publiceren: kleine aantallen staan er in. 'Voor' zijn de"
    " aangekruiste keuzes; wie tekst schreef zonder 'andere' aan te kruisen, telt daar bij"
    " 'andere'. 'Na' is wat de tabellen tellen."
)


def table_lines(
    study: Study,
    tables: Sequence[Table],
    counted: Counted,
    decisions: Sequence[Decision],
    disputed: int,
    provisional: int,
    differences: Sequence[Difference],
) -> tuple[list[str], dict[str, Any]]:
    """Say what the tables count, what was back-coded and how they compare with print."""
    bases = Counter(decision.basis for decision in decisions)
    machine = bases["automatic"]
    lines = [
        f"{len(tables)} tabellen geteld; een percentage telt gemeenten, niet respondenten",
        f"Codes van {sum(bases.values())} open antwoorden: {bases['unanimous']} eensgezind door"
        f" mensen, {bases['majority']} bij meerderheid, {bases['adjudicated']} na arbitrage,"
        f" {machine} door de machine; {bases['open'] - disputed} wachten op een mens, zijn zonder"
        " inhoud of in een andere taal, en tellen niet mee",
        f"{len(counted.moved)} antwoorden onder 'andere' teruggecodeerd,"
        f" waarvan {sum(m.leaves_other for m in counted.moved)} naar een bestaande keuze",
    ]
    lines += _disclosure_lines(study, tables)
    if provisional:
        lines.append(
            f"LET OP: {number(provisional)} antwoorden tellen mee met voorlopige codes, die niemand"
            " nakeek en de machine niet zeker weet (coding: unreviewed: count in study.yaml)"
        )
    if disputed:
        lines.append(
            f"LET OP: over {disputed} antwoorden zijn mensen het oneens; ze tellen niet mee tot een"
            " arbiter beslist (opentekst review push stuurt ze weer mee)"
        )
    unknown = [d for d in differences if not d.known]
    if study.file.compare:
        lines.append(
            f"Vergeleken met {study.file.compare}: {len(differences)} verschillen, waarvan"
            f" {len(differences) - len(unknown)} aan het drukwerk liggen (zie verschillen.csv)"
        )
        lines += [
            f"  LET OP tabel {d.table}, {d.group}, {d.category}: {d.reason}" for d in unknown[:20]
        ]
    data = {
        "tables": len(tables),
        "moved": len(counted.moved),
        "differences": len(differences),
        "unexplained": len(unknown),
        "decisions": dict(sorted(bases.items())),
        "provisional": provisional,
        "hidden": sum(cell.hidden for table in tables for cell in table.cells),
    }
    return lines, data


def _disclosure_lines(study: Study, tables: Sequence[Table]) -> list[str]:
    """Say how many figures are hidden; or, where tables are split, how many are small."""
    threshold = study.file.disclosure.threshold
    hidden = sum(cell.hidden for table in tables for cell in table.cells)
    if threshold:
        return [
            f"{number(hidden)} cellen niet afgedrukt (·): minder dan {threshold} gemeenten, of"
            " nodig om dat te verbergen (disclosure in study.yaml)"
        ]
    split = {spec.number for spec in study.file.tables if spec.by}
    small = sum(
        0 < (cell.n or 0) < 3 for table in tables if table.number in split for cell in table.cells
    )
    if not small:
        return []
    return [
        f"LET OP: {number(small)} cellen van uitgesplitste tabellen tellen maar 1 of 2 gemeenten;"
        " 'disclosure: {threshold: 3}' in study.yaml verbergt ze"
    ]


def difference_csv(differences: Sequence[Difference]) -> bytes:
    """Return the differences with print as a CSV that Excel opens."""
    return as_csv(
        ("tabel", "groep", "categorie", "gedrukt", "berekend", "reden", "verklaard"),
        ([*astuple(d)[:-1], "ja" if d.known else "nee"] for d in differences),
    )


def moved_csv(moved: Sequence[Moved]) -> bytes:
    """Return every back-coded answer (ids and codes, no text) as a CSV."""
    return as_csv(
        ("vraag", "antwoord", "gemeente (NIS)", "codes", "verlaat 'andere'"),
        (
            [m.question, m.answer, m.unit, " ".join(m.codes), "ja" if m.leaves_other else "nee"]
            for m in moved
        ),
    )


def as_csv(header: Collection[str], rows: Iterable[Collection[object]]) -> bytes:
    """Return a CSV that Excel opens; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def safe(cell: object) -> object:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t" and cell else cell
