"""What `opentekst audit` says about printed tables, in Dutch and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from opentekst.pipeline.printed_tables import Audited
from opentekst.results.audit import TableAudit
from opentekst.results.audit_column import ColumnAudit, Flaw
from opentekst.results.audit_words import KINDS, among, chance_text, number

_TELLING = Fraction(1, 20)
"""A check that made-up figures pass more often than this says little."""
_SOURCES = {
    "printed": "gedrukt",
    "computed": "berekend",
    "rows": "gedrukt per rij",
    "across": "per rij",
    "changing": "wisselt",
    "none": "onbekend",
}


def table_lines(one: TableAudit) -> Iterator[str]:
    """Yield what was read of a table, what is fine, and each flaw with what would fit."""
    table = one.table
    base = "" if table.base is None else f" (N={number(table.base)})"
    title = f". {table.title}" if table.title else ""
    yield f"{table.name.capitalize()}{title}{base}"
    size = f"{len(table.categories)} rijen"
    if len(one.columns) > 1:
        size += f", {len(one.columns)} kolommen"
    checked = sum(column.checked for column in one.columns)
    yield f"  {size}, {_plural(checked, 'cel', 'cellen')} nagerekend; {_bases(one)}"
    left = sum(column.cells for column in one.columns) - checked
    if left:
        yield f"  niet na te rekenen: {_plural(left, 'cel', 'cellen')} (aantal of basis ontbreekt)"
    for remark in one.remarks:
        yield f"  let op: {remark}"
    if one.flaws:
        yield from (line for flaw in one.flaws for line in flaw_lines(flaw))
    elif checked:
        luck = f"{chance_text(one.chance)}{_weak(one.chance)}"
        yield f"  klopt; kans dat verzonnen percentages ook zouden kloppen: {luck}"


def flaw_lines(flaw: Flaw) -> Iterator[str]:
    """Yield a flaw: where and what, then what is printed and what would fit."""
    where = " · ".join(part for part in (flaw.group, flaw.row) if part and part != "totaal")
    head = f"{where}: {KINDS[flaw.kind]}" if where else KINDS[flaw.kind]
    yield f"  ✗ {head}"
    yield f"      gedrukt: {flaw.printed}; wel kloppend: {flaw.fits}"


def _bases(one: TableAudit) -> str:
    told = list(dict.fromkeys(_base(column) for column in one.columns))
    return "basis " + ", ".join(told)


def _base(column: ColumnAudit) -> str:
    source = _SOURCES[column.source]
    return f"{among(column.bases)} ({source})" if column.bases else source


def _weak(chance: Fraction) -> str:
    return "; dat het klopt, zegt hier dus weinig" if chance > _TELLING else ""


def summary_lines(found: Audited) -> Iterator[str]:
    """Yield the counts at the end and what was left out."""
    cells = sum(column.checked for one in found.tables for column in one.columns)
    fine = sum(not one.flaws for one in found.tables)
    tables = _plural(len(found.tables), "tabel", "tabellen")
    yield f"{tables}, {_plural(cells, 'cel', 'cellen')} nagerekend; {fine} zonder bevinding."
    if found.claims:
        said = _plural(found.claims, "percentage", "percentages")
        yield f"In de lopende tekst: {said} met een aantal of een basis erbij nagerekend."
    yield from (f"Overgeslagen: {what}" for what in found.left_out)
    if found.flaws:
        yield _plural(len(found.flaws), "bevinding.", "bevindingen.")


def _plural(count: int, one: str, more: str) -> str:
    return f"{number(count)} {one if count == 1 else more}"


def as_data(file: str, found: Audited) -> dict[str, Any]:
    """Return the whole audit as plain data; a base is [lowest, highest] or null."""
    return {
        "file": file,
        "tables": [
            {
                "number": one.table.number,
                "title": one.table.title,
                "place": one.table.place,
                "base": one.table.base,
                "rows": len(one.table.categories),
                "columns": [
                    {
                        "group": column.group,
                        "cells": column.cells,
                        "checked": column.checked,
                        "base": [column.bases[0], column.bases[-1]] if column.bases else None,
                        "source": column.source,
                        "chance": float(column.chance),
                    }
                    for column in one.columns
                ],
                "chance": float(one.chance),
                "remarks": list(one.remarks),
            }
            for one in found.tables
        ],
        "findings": [
            {
                "kind": flaw.kind,
                "table": flaw.table,
                "group": flaw.group,
                "row": flaw.row,
                "printed": flaw.printed,
                "fits": flaw.fits,
            }
            for flaw in found.flaws
        ],
        "text_claims": found.claims,
        "left_out": list(found.left_out),
    }
