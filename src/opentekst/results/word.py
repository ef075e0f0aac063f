"""Frequency tables as a Word document: native tables with captions, in the report's style."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from opentekst.model import Cell, Table
from opentekst.results.export import BASE, COUNT, CREATED, Layout, Row, layout
from opentekst.results.figures import (
    HIDDEN,
    NO_PERCENT,
    base_text,
    count_text,
    empty_text,
    number,
    percent_text,
)
from opentekst.results.portions import portions

if TYPE_CHECKING:
    from docx.document import Document

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHADE, _BAND, _LINE = "E3ECF3", "F2F5F8", "B7C3CE"
_TEXT_WIDTH = 9_640
"""Between the margins of 2 cm of A4 upright, in twentieths of a point."""
_SHORT = 15
"""Rows that stay together on a page."""
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def to_docx(tables: Sequence[Table], heading: str) -> bytes:
    """Return a Word document (A4, Dutch): `heading`, then each table with its caption.

    Captions are Word's own, so that Word can list the tables and refer to them; the head of
    a table is repeated on each page. All text is text: no fields, formulas or links come out
    of a label. The same tables give the same bytes. Raises DataError as `layout`.
    """
    import docx

    document = docx.Document()
    styled(document, heading)
    document.add_heading(xml_text(heading), level=0)
    for table in tables:
        for plan in portions(layout(table)):
            add_table(document, table, plan)
    out = io.BytesIO()
    document.save(out)
    return timeless(out.getvalue())


def styled(document: Document, heading: str) -> None:
    """Set page, fonts and language, and the properties that would differ from day to day."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    for name, size, bold in (("Normal", 10, False), ("Caption", 10.5, True), ("Title", 20, True)):
        style: Any = document.styles[name]
        style.font.size, style.font.bold, style.font.name = Pt(size), bold, "Calibri"
        style.font.color.rgb = RGBColor(0x1B, 0x25, 0x30)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font would win over the name
    caption: Any = document.styles["Caption"].paragraph_format
    caption.keep_with_next, caption.space_before, caption.space_after = True, Pt(18), Pt(4)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "nl-BE")
    properties = document.core_properties
    properties.title, properties.author, properties.comments = xml_text(heading)[:255], "", ""
    properties.created = properties.modified = CREATED
    properties.last_modified_by, properties.revision = "", 1
    properties.language = "nl-BE"


def add_table(document: Document, table: Table, plan: Layout, room: bool = False) -> None:
    """Add a laid out table to a document of `styled`: caption, table, notes.

    With `room` the percentages get more of the width: an interval stands behind them.
    """
    _caption(document, table, plan)
    body = document.element.body
    section = body.sectPr
    section.addprevious(_native(plan, room))
    for note in plan.notes:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(xml_text(note))
        run.italic = True
        run.font.size = 114_300  # 9 pt, in English Metric Units
        shape = paragraph.paragraph_format
        shape.space_before, shape.space_after = 38_100, 0  # 3 pt


def add_grid(
    document: Document, head: Sequence[str], rows: Iterable[Sequence[str]], shares: Sequence[int]
) -> None:
    """Add a small table of texts in the style of the others, without a caption.

    `shares` divide the width; a negative one makes its column stand to the left.
    """
    widths = [_TEXT_WIDTH * abs(share) // sum(map(abs, shares)) for share in shares]
    sides = ["left" if share < 0 else "right" for share in shares]
    root = _element("tbl")
    root.append(_properties(sum(widths)))
    grid = _element("tblGrid")
    root.append(grid)
    for width in widths:
        grid.append(_element("gridCol", w=width))
    for at, row in enumerate((head, *rows)):
        cells = [(text, 1, side) for text, side in zip(row, sides, strict=True)]
        root.append(_line(cells, widths, 18, head=not at))
    document.element.body.sectPr.addprevious(root)
    document.add_paragraph()


def _caption(document: Document, table: Table, plan: Layout) -> None:
    """Write "Tabel 3. …"; a number is a sequence field, which Word's list of tables reads."""
    paragraph = document.add_paragraph(style="Caption")
    start = f"Tabel {table.number}"
    if table.number.isascii() and table.number.isdigit() and len(table.number) < 5:
        paragraph.add_run("Tabel ")
        field = _element("fldSimple", instr=f" SEQ Tabel \\* ARABIC \\r {int(table.number)} ")
        field.append(_run(table.number))
        paragraph._p.append(field)
        paragraph.add_run(xml_text(plan.title.removeprefix(start)))
    else:
        paragraph.add_run(xml_text(plan.title))


def _native(plan: Layout, room: bool) -> Any:
    """Build the table by its elements: python-docx's own cells take quadratic time."""
    by_row = plan.place in ("row", "column")
    wide = len(plan.heads) > 1
    base, count = ("Basis", "N") if wide else (BASE, COUNT)
    below: tuple[str, ...] = (base, count, "%") if by_row else (count, "%")
    widths = _widths(len(plan.heads), len(below), room)
    together = len(plan.rows) <= _SHORT
    size = 16 if wide else 19  # half points
    root = _element("tbl")
    root.append(_properties(sum(widths)))
    grid = _element("tblGrid")
    root.append(grid)
    for width in widths:
        grid.append(_element("gridCol", w=width))
    for cells in _head(plan, below):
        root.append(_line(cells, widths, size, head=True))
    for section in plan.sections:
        if section.heading:
            root.append(_line([(section.heading, len(widths), "left")], widths, size, band=True))
        for row in section.rows:
            keep = together and (row is not plan.rows[-1] or bool(plan.notes))
            root.append(_line([*_figures(row, by_row)], widths, size, keep=keep))
    return root


def _widths(heads: int, step: int, room: bool) -> list[int]:
    """Return the widths of the columns: figures as wide as they need, labels the rest."""
    if heads == 1:
        figures = [1_050] * (step - 2) + ([1_700, 2_300] if room else [2_500, 1_000])
    else:
        each = max(420, min(900, 7_200 // (heads * step)))
        narrow = each * 2 // 3 if room else each
        figures = ([narrow] * (step - 1) + [each * step - narrow * (step - 1)]) * heads
    return [max(2_000, _TEXT_WIDTH - sum(figures)), *figures]


_Text = tuple[str, int, str]


def _head(plan: Layout, below: tuple[str, ...]) -> Iterator[list[_Text]]:
    if any(plan.heads):
        yield [
            ("", 1, "left"),
            *(
                (head + (base_text(base) if plan.place == "head" else ""), len(below), "center")
                for head, base in zip(plan.heads, plan.bases, strict=True)
            ),
        ]
    yield [(plan.header, 1, "left"), *((text, 1, "right") for text in below * len(plan.heads))]


def _figures(row: Row, by_row: bool) -> Iterator[_Text]:
    yield row.label, 1, "left"
    for cell in row.cells:
        for text in _texts(cell, by_row):
            yield text, 1, "right"


def _texts(cell: Cell, by_row: bool) -> list[str]:
    if cell.n is None and not cell.hidden:
        return [empty_text(cell)] * (3 if by_row else 2)
    known = number(cell.base) if cell.base is not None else HIDDEN if cell.hidden else NO_PERCENT
    return [*([known] if by_row else []), count_text(cell), percent_text(cell)]


def _properties(width: int) -> Any:
    properties = _element("tblPr")
    properties.append(_element("tblW", w=width, type="dxa"))
    properties.append(_element("tblLayout", type="fixed"))
    borders = _element("tblBorders")
    for side, color in (("top", "1B2530"), ("bottom", "1B2530"), ("insideH", _LINE)):
        borders.append(_element(side, val="single", sz=4, space=0, color=color))
    properties.insert(1, borders)
    margins = _element("tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(side, w=50, type="dxa"))
    properties.append(margins)
    return properties


def _line(
    cells: Sequence[_Text],
    widths: Sequence[int],
    size: int,
    head: bool = False,
    band: bool = False,
    keep: bool = False,
) -> Any:
    row, settings = _element("tr"), _element("trPr")
    settings.append(_element("cantSplit"))
    if head:
        settings.append(_element("tblHeader"))
    row.append(settings)
    at = 0
    for text, span, side in cells:
        cell, properties = _element("tc"), _element("tcPr")
        properties.append(_element("tcW", w=sum(widths[at : at + span]), type="dxa"))
        if span > 1:
            properties.append(_element("gridSpan", val=span))
        if head or band:
            fill = _SHADE if head else _BAND
            properties.append(_element("shd", val="clear", color="auto", fill=fill))
        if head:
            properties.append(_element("vAlign", val="bottom"))
        cell.append(properties)
        cell.append(_paragraph(text, side, size, bold=head or band, keep=keep))
        row.append(cell)
        at += span
    return row


def _paragraph(text: str, side: str, size: int, bold: bool, keep: bool) -> Any:
    paragraph, properties = _element("p"), _element("pPr")
    if bold or keep:
        properties.append(_element("keepNext"))
    properties.append(_element("spacing", before=30, after=30))
    properties.append(_element("jc", val=side))
    paragraph.append(properties)
    if text:
        paragraph.append(_run(text, size, bold))
    return paragraph


def _run(text: str, size: int = 0, bold: bool = False) -> Any:
    from docx.oxml.ns import qn

    run = _element("r")
    if size:
        look = _element("rPr")
        if bold:
            look.append(_element("b"))
        look.append(_element("sz", val=size))
        run.append(look)
    for at, part in enumerate(xml_text(text).split("\n")):
        if at:
            run.append(_element("br"))
        piece = _element("t")
        piece.text = part
        piece.set(qn("xml:space"), "preserve")
        run.append(piece)
    return run


def _element(tag: str, **attributes: object) -> Any:
    from docx.oxml import OxmlElement

    named = {f"{{{_W}}}{name}": str(value) for name, value in attributes.items()}
    return OxmlElement(f"w:{tag}", named)


def xml_text(text: str) -> str:
    """Return a text that XML can hold."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = re.sub("\r\n?|[\x0b\x0c]", "\n", whole)
    return re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", lines)


def timeless(content: bytes) -> bytes:
    """Return the document without the time at which each part was packed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as packed,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for name in packed.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            again.writestr(entry, packed.read(name))
    return out.getvalue()
