"""The files of a comparison of waves: CSV and Excel for figures, a page to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from opentekst.model import percentage
from opentekst.pages import templates
from opentekst.pipeline.sayings import as_csv
from opentekst.pipeline.wave_says import (
    METHOD,
    bridge_note,
    change_text,
    coverage_lines,
    drift_rows,
    machine_note,
    p_text,
    question_notes,
    row_note,
)
from opentekst.pipeline.waving import Compared, Waved
from opentekst.results.bridge import Parts
from opentekst.results.significance import LEVEL
from opentekst.results.waves import Change, Share, Trend
from opentekst.results.workbook import Cell, Column, Sheet, to_workbook
from opentekst.survey.places import places_on

HEADER = (
    "golf_oud", "golf_nieuw", "vraag", "soort", "code", "label",
    "n_oud", "basis_oud", "procent_oud", "n_nieuw", "basis_nieuw", "procent_nieuw",
    "verschil", "laag", "hoog", "p", "p_holm",
    "paren", "alleen_oud", "alleen_nieuw", "verschil_paren", "paren_laag", "paren_hoog",
    "p_paren", "p_paren_holm",
    "mening", "mening_laag", "mening_hoog", "codeboek", "codeboek_laag", "codeboek_hoog",
    "codeur", "codeur_laag", "codeur_hoog", "brug", "brug_gemeenten",
    "machine_oud", "machine_nieuw", "opmerking",
)  # fmt: skip
KINDS = {"choice": "keuze", "code": "code", "net": "net"}
BRIDGES = {"people": "mensen", "machine": "machine", "none": ""}
SWITCH = (
    "golf_oud", "golf_nieuw", "nis_oud", "gemeente_oud", "provincie_oud", "nis_nieuw",
    "gemeente_nieuw", "provincie_nieuw", "gefuseerd", "antwoordde_oud", "antwoordde_nieuw",
    "tegenspraak",
)  # fmt: skip


def trend_csv(found: Iterable[Waved]) -> bytes:
    """Return every row of every question, with all its figures, in full precision of one decimal.

    Differences are in percentage points.
    """
    rows = []
    for waved in found:
        for one in waved.questions:
            parts = {part.code: part for part in one.parts}
            rows += [_line(waved, one, row, parts.get(row.subject.code)) for row in one.rows]
    return as_csv(HEADER, rows)


def _line(waved: Waved, one: Compared, row: Trend, parts: Parts | None) -> list[object]:
    subject = row.subject
    start: list[object] = [
        waved.pair.then.id, waved.pair.now.id, one.asked.id, KINDS[subject.kind], subject.code,
        subject.label,
    ]  # fmt: skip
    if row.hidden:
        blank = [""] * (len(HEADER) - len(start) - 1)
        return [*start, *blank, row_note(row)]
    pairs = row.pairs
    machine = ["" if not of else f"{percentage(n, of)}" for n, of in one.machine]
    return [
        *start,
        *_share_cells(row.then if subject.known != "now" else None),
        *_share_cells(row.now if subject.known != "then" else None),
        *_change_cells(row.change),
        *((pairs.total, pairs.only_then, pairs.only_now) if pairs else ("", "", "")),
        *_change_cells(row.paired),
        *_parts_cells(parts),
        BRIDGES[one.bridge],
        parts.units if parts else "",
        *machine,
        row_note(row),
    ]


def _share_cells(share: Share | None) -> tuple[object, object, object]:
    if share is None:
        return "", "", ""
    return share.n, share.base, percentage(share.n, share.base) if share.base else ""


def points(value: float) -> Decimal:
    """Return a share as percentage points with one decimal: never "-0.0".

    No text: a spreadsheet would take one that starts with a sign for a formula.
    """
    return _plain(Decimal(repr(100 * value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _change_cells(change: Change | None) -> tuple[object, ...]:
    if change is None:
        return ("",) * 5
    ends = (float(change.difference), change.low, change.high)
    return (*(points(x) for x in ends), f"{change.p:.4f}", f"{change.adjusted:.4f}")


def _parts_cells(parts: Parts | None) -> list[object]:
    if parts is None:
        return [""] * 9
    _, *rounded = parts.rounded()
    cells: list[object] = []
    for name, value in zip(("opinion", "codebook", "coder"), rounded, strict=True):
        low, high = parts.intervals[name]
        cells += [_plain(value), points(low), points(high)]
    return cells


def _plain(value: Decimal) -> Decimal:
    return value if value else Decimal("0.0")


def drift_csv(found: Iterable[Waved]) -> bytes:
    """Return every sign of drift, one a row."""
    head = ("golf_oud", "golf_nieuw", "vraag", "soort", "wat", "oud", "nieuw", "maat", "uitleg")
    rows = [
        (waved.pair.then.id, waved.pair.now.id, *row)
        for waved in found
        for one in waved.questions
        for row in drift_rows(waved, one)
    ]
    return as_csv(head, rows)


def switch_csv(found: Iterable[Waved]) -> bytes:
    """Return into which unit of now each unit of then went, and which questions they dispute.

    What they answered is not told.
    """
    rows: list[Sequence[object]] = []
    for waved in found:
        pair = waved.pair
        then, now = (
            places_on(side.study.file.date).municipalities for side in (pair.then, pair.now)
        )
        merged = {new for old, new in pair.became.items() if old != new}
        for nis in sorted(then):
            old, new = then[nis], now[pair.became[nis]]
            disputes = sorted(c.question for c in waved.conflicts if c.unit == new.nis)
            rows.append(
                (
                    pair.then.id, pair.now.id, nis, old.name, old.province, new.nis, new.name,
                    new.province,
                    "ja" if new.nis in merged else "nee",
                    "ja" if nis in pair.then.units else "nee",
                    "ja" if new.nis in pair.now.units else "nee",
                    " ".join(disputes) if nis in pair.then.units else "",
                )
            )  # fmt: skip
    return as_csv(SWITCH, rows)


def workbook(title: str, found: Sequence[Waved]) -> bytes:
    """Return the comparison as an Excel workbook: trends, parts, drift, and how it was made."""
    return to_workbook(
        title, [_trend_sheet(found), _part_sheet(found), _drift_sheet(found), _notes_sheet(found)]
    )


def _trend_sheet(found: Sequence[Waved]) -> Sheet:
    columns = (
        Column("Golven", 13), Column("Vraag", 16), Column("Rij", 44), Column("Soort", 8),
        Column("n toen", 8, "count"), Column("basis toen", 8, "count"),
        Column("% toen", 9, "share"),
        Column("n nu", 8, "count"), Column("basis nu", 8, "count"), Column("% nu", 9, "share"),
        Column("verschil (procentpunt)", 12, "share"), Column("laag", 9, "share"),
        Column("hoog", 9, "share"), Column("p (Holm)", 9, "figure"),
        Column("paren", 8, "count"), Column("alleen toen", 8, "count"),
        Column("alleen nu", 8, "count"), Column("verschil in paren", 11, "share"),
        Column("laag (paren)", 9, "share"), Column("hoog (paren)", 9, "share"),
        Column("p (paren, Holm)", 9, "figure"), Column("Opmerking", 44),
    )  # fmt: skip
    rows = [
        _trend_row(waved, row) for waved in found for one in waved.questions for row in one.rows
    ]
    return Sheet("Trends", columns, rows, still=3)


def _trend_row(waved: Waved, row: Trend) -> list[Cell]:
    subject = row.subject
    start: list[Cell] = [
        f"{waved.pair.then.id} → {waved.pair.now.id}",
        subject.question,
        subject.label,
        KINDS[subject.kind],
    ]
    if row.hidden:
        return [*start, *["·"] * 17, row_note(row)]
    shares: list[Cell] = []
    for share, missing in ((row.then, "now"), (row.now, "then")):
        absent = subject.known == missing or not share.base
        shares += [None] * 3 if absent else [share.n, share.base, float(share.value)]
    pairs = row.pairs
    counts: list[Cell] = [pairs.total, pairs.only_then, pairs.only_now] if pairs else [None] * 3
    return [*start, *shares, *_figures(row.change), *counts, *_figures(row.paired), row_note(row)]


def _figures(change: Change | None) -> list[Cell]:
    if change is None:
        return [None] * 4
    return [float(change.difference), change.low, change.high, change.adjusted]


def _part_sheet(found: Sequence[Waved]) -> Sheet:
    columns = (
        Column("Golven", 13), Column("Vraag", 16), Column("Code", 44),
        Column("% toen", 9, "share"), Column("% nu", 9, "share"),
        Column("verandering", 11, "share"),
        Column("mening", 10, "share"), Column("laag", 9, "share"), Column("hoog", 9, "share"),
        Column("codeboek", 10, "share"), Column("laag (codeboek)", 9, "share"),
        Column("hoog (codeboek)", 9, "share"),
        Column("codeur", 10, "share"), Column("laag (codeur)", 9, "share"),
        Column("hoog (codeur)", 9, "share"),
        Column("Brug door", 11), Column("gemeenten in de brug", 10, "count"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for waved in found:
        for one in waved.questions:
            labels = {row.subject.code: row.subject.label for row in one.rows}
            for part in one.parts:
                cells: list[Cell] = [float(part.then), float(part.now), float(part.total)]
                for name in ("opinion", "codebook", "coder"):
                    cells += [float(getattr(part, name)), *part.intervals[name]]
                waves = f"{waved.pair.then.id} → {waved.pair.now.id}"
                rows.append(
                    [
                        waves,
                        one.asked.id,
                        labels[part.code],
                        *cells,
                        BRIDGES[one.bridge],
                        part.units,
                    ]
                )
    return Sheet("Ontleding", columns, rows, still=3)


def _drift_sheet(found: Sequence[Waved]) -> Sheet:
    columns = (
        Column("Golven", 13), Column("Vraag", 16), Column("Soort", 24), Column("Wat", 34),
        Column("Toen", 12), Column("Nu", 12), Column("Maat", 12), Column("Uitleg", 60),
    )  # fmt: skip
    rows = [
        [f"{waved.pair.then.id} → {waved.pair.now.id}", *(str(cell) for cell in row)]
        for waved in found
        for one in waved.questions
        for row in drift_rows(waved, one)
    ]
    return Sheet("Afwijkingen", columns, rows, still=2)


def _notes_sheet(found: Sequence[Waved]) -> Sheet:
    lines = [line for waved in found for line in coverage_lines(waved)]
    for waved in found:
        for one in waved.questions:
            lines += [f"{one.asked.id}: {note}" for note in question_notes(waved, one)]
    return Sheet("Uitleg", (Column("Hoe dit gemaakt is", 120),), [[x] for x in (*lines, *METHOD)])


def page(title: str, found: Sequence[Waved]) -> bytes:
    """Return one self-contained Dutch page; it fetches nothing and holds no script."""
    environment = templates("opentekst.results")
    template = environment.get_template("waves.html")
    return template.render(
        title=title,
        method=METHOD,
        waves=[
            {
                "head": f"{waved.pair.then.id} → {waved.pair.now.id}",
                "then": waved.pair.then.id,
                "now": waved.pair.now.id,
                "coverage": coverage_lines(waved),
                "questions": [_question(waved, one) for one in waved.questions],
            }
            for waved in found
        ],
    ).encode()


def _question(waved: Waved, one: Compared) -> dict[str, Any]:
    labels = {row.subject.code: row.subject.label for row in one.rows}
    return {
        "id": one.asked.id,
        "text": one.asked.question.text,
        "notes": [*question_notes(waved, one), *machine_note(waved, one)],
        "rows": [_page_row(row) for row in one.rows],
        "parts": [
            [labels[part.code], change_text(part.rounded()[0]), *_page_parts(part)]
            for part in one.parts
        ],
        "bridge": bridge_note(waved, one),
        "drift": [[str(cell) for cell in row[1:]] for row in drift_rows(waved, one)],
    }


def _page_parts(part: Parts) -> list[str]:
    told = []
    for name, value in zip(("opinion", "codebook", "coder"), part.rounded()[1:], strict=True):
        low, high = part.intervals[name]
        ends = f" [{change_text(low)}; {change_text(high)}]" if low or high else ""
        told.append(change_text(value) + ends)
    return told


def _row_kind(row: Trend) -> str:
    """Return the class of a row on the page: a net, surely changed, both, or neither."""
    sure = bool(row.change and not row.hidden and row.change.adjusted < LEVEL)
    return "-".join(["net"] * (row.subject.kind == "net") + ["sure"] * sure)


def _page_row(row: Trend) -> dict[str, Any]:
    def share(of: Share, missing: str) -> str:
        if row.hidden:
            return "·"
        if row.subject.known == missing or not of.base:
            return "–"
        return f"{percentage(of.n, of.base)}%".replace(".", ",") + f" ({of.n}/{of.base})"

    def change(of: Change | None) -> str:
        if row.hidden or of is None:
            return ""
        low, high = (change_text(x) for x in (of.low, of.high))
        return f"{change_text(float(of.difference))} [{low}; {high}]"

    return {
        "label": row.subject.label,
        "kind": _row_kind(row),
        "then": share(row.then, "now"),
        "now": share(row.now, "then"),
        "change": change(row.change),
        "p": p_text(row.change) if not row.hidden else "",
        "paired": change(row.paired),
        "paired_p": p_text(row.paired) if not row.hidden else "",
        "note": row_note(row),
    }
