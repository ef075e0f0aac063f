"""A codebook as plain CSV, both ways, and as SKOS (the W3C's vocabulary for word lists).

In CSV a cell that a spreadsheet would take for a formula gets an apostrophe in front, which
reading takes off again.
"""

from __future__ import annotations

import csv
import io
import re

from opentekst.codebook.codebook import Codebook
from opentekst.codebook.incoming import Incoming
from opentekst.codebook.refi import guid
from opentekst.codebook.rows import COLUMNS, HEADS, Row, columns_of, parse_rows, to_cells
from opentekst.errors import CodebookError

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_PREFIX = (
    ("include", "Wel"),
    ("exclude", "Niet"),
)


def write_csv(book: Codebook) -> bytes:
    """Return the codebook as CSV (UTF-8 with a mark for Excel, commas, one row a code)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([HEADS[field] for field in COLUMNS])
    for code in book.codes:
        cells = to_cells(code, book)
        writer.writerow([_guard(cells[field]) for field in COLUMNS])
    return ("\ufeff" + out.getvalue()).encode()


def read_csv(content: bytes, known: Codebook | None = None) -> Incoming:
    """Read a CSV with a head row; commas, semicolons and tabs are all understood.

    Raises CodebookError for text that is not UTF-8 and for heads that mean nothing.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise CodebookError(
            "dit bestand is geen UTF-8",
            place=f"byte {fault.start}",
            remedy="Bewaar het in Excel als 'CSV UTF-8 (door komma's gescheiden)'.",
        ) from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[int] = []
    table: list[list[str]] = []
    at = 1
    try:
        for cells in reader:
            table.append(cells)
            lines.append(at)
            at = reader.line_num + 1
    except csv.Error as fault:
        raise CodebookError(
            "dit is geen leesbare CSV", place=f"regel {at}", found=str(fault)
        ) from None
    columns, unknown = columns_of(table[0] if table else [])
    if "id" not in columns or "label" not in columns:
        raise CodebookError(
            f"op de eerste regel staan geen kolommen '{HEADS['id']}' en '{HEADS['label']}'",
            found=head.strip()[:80],
            remedy="Zet de namen van de kolommen op de eerste regel.",
        )

    def place(row: int, field: str) -> str:
        return f"regel {lines[row + 1]}, kolom {HEADS[field]}"

    rows = [
        Row({f: _unguard(cells[n]) for f, n in columns.items() if n < len(cells)})
        for cells in table[1:]
    ]
    found = parse_rows(rows, frozenset(columns), place, known)
    remarks = tuple(f"kolom '{name}' wordt niet gelezen" for name in unknown)
    return Incoming(found.entries, found.faults, remarks)


def _guard(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def write_skos(book: Codebook) -> bytes:
    """Return the codebook as SKOS in Turtle: one concept a code, in one concept scheme.

    Keywords become hidden labels, include and exclude scope notes, a retired code is
    deprecated. A concept's address is the GUID that the .qdc file gives it.
    Source: W3C, SKOS Reference, 2009.
    """
    from rdflib import OWL, RDF, SKOS, Graph, Literal, Namespace, URIRef
    from rdflib.namespace import DCTERMS

    def address(code: str) -> URIRef:
        return URIRef(guid(book.id, code).urn)

    graph = Graph()
    graph.bind("skos", SKOS)
    scheme = URIRef(Namespace("urn:uuid:")[str(guid(book.id, ""))])
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal(book.title, lang="nl")))
    graph.add((scheme, DCTERMS.identifier, Literal(book.id)))
    graph.add((scheme, OWL.versionInfo, Literal(str(book.version))))
    for code in book.codes:
        node = address(code.id)
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.inScheme, scheme))
        graph.add((node, SKOS.notation, Literal(code.id)))
        graph.add((node, SKOS.prefLabel, Literal(code.label, lang="nl")))
        if code.parent:
            graph.add((node, SKOS.broader, address(code.parent)))
            graph.add((address(code.parent), SKOS.narrower, node))
        else:
            graph.add((node, SKOS.topConceptOf, scheme))
            graph.add((scheme, SKOS.hasTopConcept, node))
        if code.definition:
            graph.add((node, SKOS.definition, Literal(code.definition, lang="nl")))
        for field, word in _PREFIX:
            for text in getattr(code, field):
                graph.add((node, SKOS.scopeNote, Literal(f"{word}: {text}", lang="nl")))
        for keyword in code.keywords:
            graph.add((node, SKOS.hiddenLabel, Literal(keyword, lang="nl")))
        for example in code.examples:
            graph.add((node, SKOS.example, Literal(example, lang="nl")))
        if code.status == "retired":
            graph.add((node, OWL.deprecated, Literal(True)))
    return str(graph.serialize(format="turtle")).encode()
