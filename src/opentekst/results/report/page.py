"""The report as one page: no network, no library, all text escaped."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from babel.numbers import format_decimal
from markupsafe import Markup

from opentekst.model import Cell
from opentekst.pages import templates
from opentekst.results.figures import base_text, count_text, number, percent_text
from opentekst.results.intervals import interval_notes, interval_text
from opentekst.results.report.bars import INKS, SHAPES, plan_of, plot
from opentekst.results.report.data import Report, Shown
from opentekst.results.report.places import map_of
from opentekst.results.report.references import SOURCES, address, as_text, ordered, to_bibtex
from opentekst.results.report.summary import key_figures, key_lines, response_rows

SIDE = 2
"""Groups from which on a table goes over the full width."""


def to_page(report: Report) -> bytes:
    """Return the report as one self-contained HTML page (UTF-8), in Dutch.

    The page may fetch nothing (Content-Security-Policy) and runs only its own script, known by
    its hash. The same report gives the same bytes.
    """
    environment = templates("opentekst.results.report")
    environment.filters |= {
        "number": number, "count": count_text, "percent": percent_text, "base": base_text,
        "decimal": decimal,
    }  # fmt: skip
    script = _file("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = environment.get_template("report.html.j2").render(
        report=report,
        style=Markup(_file("report.css")),  # noqa: S704 (shipped with this program)
        script=Markup(script),  # noqa: S704
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}';"
        " img-src data:; base-uri 'none'; form-action 'none'",
        data=in_script(for_script(report)),
        figures=key_figures(report),
        highlights=key_lines(report),
        by_province=response_rows(report, report.provinces, "province"),
        by_size=response_rows(report, report.sizes, "size"),
        map=map_of(report.towns),
        tables=[(shown, plan_of(shown), plot(shown)) for shown in report.tables],
        interval=interval,
        notes=notes,
        inks=INKS,
        shapes=SHAPES,
        side=SIDE,
        table_at={shown.table.number: at for at, shown in enumerate(report.tables)},
        nets=[theme for theme in report.themes if theme.kind == "net"],
        single=[theme for theme in report.themes if theme.kind != "net"],
        at_code={(code.book, code.id): at for at, code in enumerate(report.codes)},
        sources=[_linked(key) for key in ordered(report.sources)],
        bibtex=to_bibtex(report.sources).decode(),
        texts={question.id: question.text for question in report.questions},
    )
    return page.encode()


def _linked(key: str) -> tuple[str, str]:
    """Return a source's text without its address, and the address."""
    link = address(SOURCES[key].link)
    return as_text(key).removesuffix(link).strip(), link


def decimal(value: float) -> str:
    """Return a number to one decimal, as Flemish readers write it."""
    return str(format_decimal(value, format="0.0", locale="nl_BE"))


def interval(shown: Shown, cell: Cell) -> str:
    """Return what stands small beside a percentage: its interval, or the estimate with its own."""
    one = shown.estimates.get((cell.group, cell.category))
    return "" if one is None or one.low is None else interval_text(one)


def notes(shown: Shown) -> tuple[str, ...]:
    """Return a footnote for each method that a table's intervals rest on."""
    return interval_notes(one for one in shown.estimates.values() if one.low is not None)


def in_script(data: Any) -> Markup:
    """Return data as JSON that no text in it can break out of: no <, > or & as such."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 (nothing that HTML would read is left)


def for_script(report: Report) -> dict[str, Any]:
    """Return what the page's script filters and lists; offsets count UTF-16 units."""
    codes = {(code.book, code.id): at for at, code in enumerate(report.codes)}
    asked = {q.id: (at, q.codebook) for at, q in enumerate(report.questions)}
    bases = tuple(dict.fromkeys(answer.basis for answer in report.answers))
    return {
        "questions": [[q.id, q.codebook, list(q.tables)] for q in report.questions],
        "codes": [[c.book, c.label, codes.get((c.book, c.parent), -1)] for c in report.codes],
        "provinces": list(report.provinces),
        "sizes": list(report.sizes),
        "bases": bases,
        "answers": [
            [
                asked[one.question][0],
                one.text,
                [codes[asked[one.question][1], code] for code in one.codes],
                [
                    [_units(one.text, start), _units(one.text, end),
                     codes[asked[one.question][1], code]]
                    for start, end, code in one.marks
                ],
                bases.index(one.basis),
                _at(report.provinces, one.province),
                _at(report.sizes, one.size),
            ]
            for one in report.answers
        ],
        "splits": [
            [asked[row.question][0], codes[asked[row.question][1], row.code], list(row.shares),
             row.total]
            for row in report.splits
        ],
    }  # fmt: skip


def _units(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def _at(values: Sequence[str], value: str) -> int:
    return values.index(value) if value in values else -1


def _file(name: str) -> str:
    return files("opentekst.results.report").joinpath("templates", name).read_text("utf-8")
