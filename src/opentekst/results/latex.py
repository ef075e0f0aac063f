"""Frequency tables as LaTeX: booktabs tables that break over pages, in a whole document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opentekst.model import Cell, Table
from opentekst.results.export import BASE, COUNT, Layout, layout
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

_PREAMBLE = r"""% Gemaakt door opentekst. Zet een tabel in uw eigen tekst door haar van haar regel
% "% Tabel ..." tot en met \end{longtable} over te nemen; de pakketten hieronder zijn nodig.
\documentclass[a4paper,10pt]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\else
  \usepackage{fontspec}
\fi
\usepackage[dutch]{babel}
\usepackage[margin=2cm]{geometry}
\usepackage{array,booktabs,longtable,caption}
\captionsetup{labelformat=empty,justification=raggedright,singlelinecheck=false,font=bf}
\setlength{\LTleft}{0pt}
\setlength{\LTcapwidth}{\textwidth}
\newcolumntype{L}[1]{>{\raggedright\arraybackslash}p{#1}}
\newcolumntype{R}[1]{>{\raggedleft\arraybackslash}p{#1}}
"""
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    '"': r"\textquotedbl{}",  # a shorthand in babel's Dutch
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line's end it would be an argument, and so would a star
    "*": "{*}",
    "-": "-{}",  # two would join to a dash
    ",": ",{}",
    "?": "?{}",
    "!": "!{}",
}
_TEXT_WIDTH, _BETWEEN = 16.98, 0.212
"""In centimetres: between the margins, and between two columns (twice 3 pt)."""
_KNOWN = re.compile("[\n\x20-\x7e\xa0-\u017f\u2013\u2014\u2018-\u201e\u2020\u2022\u2026\u20ac]")
"""What pdfTeX can show with the fonts of the preamble."""


def to_latex(tables: Sequence[Table], heading: str) -> bytes:
    r"""Return a document that pdfLaTeX, XeLaTeX and LuaLaTeX take, with a `longtable` a table.

    Every label is escaped: none can hold a command. A character that pdfLaTeX's fonts lack
    shows there as a box. Raises DataError as `layout`.
    """
    body = "".join(part for table in tables for plan in portions(layout(table))
                   for part in _table(plan))  # fmt: skip
    title = f"\\section*{{{escaped(heading)}}}\n"
    strange = sorted({char for char in title + body if not _KNOWN.fullmatch(char)})
    declared = "".join(
        f"  \\DeclareUnicodeCharacter{{{ord(char):04X}}}{{\\rule{{.5em}}{{.5em}}}}\n"
        for char in strange
    )
    known = f"\\ifPDFTeX\n{declared}\\fi\n" if declared else ""
    document = f"\\begin{{document}}\n{title}{body}\\end{{document}}\n"
    return (_PREAMBLE + known + document).encode()


def escaped(text: str) -> str:
    r"""Return a text as LaTeX that shows it as it is.

    >>> escaped("50% {tijd} & [geld]")
    '50\\% \\{tijd\\} \\& {[}geld]'
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    line = re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", whole).strip()
    return "".join(_SPECIAL.get(char, char) for char in line)


def _table(plan: Layout) -> Iterator[str]:
    by_row = plan.place in ("row", "column")
    base, count = ("Basis", "N") if len(plan.heads) > 1 else (BASE, COUNT)
    below: tuple[str, ...] = (base, count, "%") if by_row else (count, "%")
    step = len(below)
    columns = step * len(plan.heads)
    figure = 2.4 if len(plan.heads) == 1 else max(0.62, min(1.3, 12.8 / columns - _BETWEEN))
    room = max(3.0, _TEXT_WIDTH - columns * (figure + _BETWEEN))
    size = "\\small" if len(plan.heads) == 1 else "\\footnotesize"
    head = [*_head(plan, below, step * (figure + _BETWEEN) - _BETWEEN)]
    yield f"\n% {escaped(plan.title)}\n{{{size}\\setlength{{\\tabcolsep}}{{3pt}}\n"
    columns_of = f"@{{}}L{{{room:.2f}cm}}*{{{columns}}}{{R{{{figure:.2f}cm}}}}@{{}}"
    yield f"\\begin{{longtable}}{{{columns_of}}}\n"
    yield f"\\caption{{{escaped(plan.title)}}}\\\\\n\\toprule\n"
    yield from head
    yield "\\midrule\n\\endfirsthead\n\\toprule\n"
    yield from head
    yield "\\midrule\n\\endhead\n\\bottomrule\n\\endlastfoot\n"
    for section in plan.sections:
        if section.heading:
            yield _row([f"\\multicolumn{{{columns + 1}}}{{@{{}}l}}{{\\textbf{{"
                        f"{escaped(section.heading)}}}}}"], stay="*")  # fmt: skip
        for row in section.rows:
            figures = [text for cell in row.cells for text in _texts(cell, by_row)]
            yield _row([escaped(row.label), *figures])
    yield "\\end{longtable}}\n"
    yield from (f"\\noindent{{\\footnotesize\\itshape {escaped(note)}\\par}}\n"
                for note in plan.notes)  # fmt: skip


def _head(plan: Layout, below: tuple[str, ...], width: float) -> Iterator[str]:
    step = len(below)
    if any(plan.heads):
        cells = [
            f"\\multicolumn{{{step}}}{{>{{\\centering\\arraybackslash}}p{{{width:.2f}cm}}}}"
            f"{{\\textbf{{{escaped(head + (base_text(base) if plan.place == 'head' else ''))}}}}}"
            for head, base in zip(plan.heads, plan.bases, strict=True)
        ]
        yield _row(["", *cells])
        starts = range(2, 2 + step * len(plan.heads), step)
        yield "".join(f"\\cmidrule(lr){{{at}-{at + step - 1}}}" for at in starts) + "\n"
    texts = [escaped(plan.header), *(escaped(text) for text in below * len(plan.heads))]
    yield _row([f"\\textbf{{{text}}}" for text in texts])


def _texts(cell: Cell, by_row: bool) -> list[str]:
    if cell.n is None and not cell.hidden:
        return [empty_text(cell)] * (3 if by_row else 2)
    known = number(cell.base) if cell.base is not None else HIDDEN if cell.hidden else NO_PERCENT
    return [*([known] if by_row else []), count_text(cell), percent_text(cell)]


def _row(cells: Sequence[str], stay: str = "") -> str:
    return " & ".join(cells) + f" \\\\{stay}\n"
