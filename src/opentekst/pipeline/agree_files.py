"""The files of `opentekst agree`: one tidy CSV, one workbook, one page of confused codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from opentekst.pipeline.agree_says import (
    Group,
    code_note,
    label,
    note,
    relation,
    shown,
    undefined,
    verdict,
)
from opentekst.pipeline.sayings import as_csv
from opentekst.results.confusions import Book, Case, Pair, Said, to_html
from opentekst.results.workbook import Cell, Column, Sheet, to_workbook
from opentekst.review.agreement import Measure
from opentekst.review.confusion import Confusion
from opentekst.review.reliability import FEW, Line

KINDS = {
    "whole": "vraag",
    "level": "niveau",
    "code": "code",
    "coders": "codeurs",
    "period": "periode",
}
PERCENT = "aandeel gelijk"
HEADER = ("soort", "vraag", "onderdeel", "n", "maat", "waarde", "laag", "hoog", "opmerking")
NOT_DEFINED = "niet te bepalen"


def made(study: str, groups: Sequence[Group], texts: Mapping[str, str]) -> dict[str, bytes]:
    """Return the content of each file by its name; `texts` are pseudonymised, by answer."""
    return {
        "overeenkomst.csv": as_csv(HEADER, _tidy(groups)),
        "overeenkomst.xlsx": to_workbook("Overeenkomst tussen codeurs", _sheets(groups, texts)),
        "verwarringen.html": to_html(study, _books(groups, texts)),
    }


def _tidy(groups: Sequence[Group]) -> Iterator[tuple[object, ...]]:
    """Yield one row a figure: shares lie between 0 and 1, decimals have a point."""
    for group in groups:
        for line in group.found.lines:
            about = (KINDS[line.kind], group.id, line.part, line.units)
            said = note(line)
            name = "alpha (nominaal)" if line.kind == "code" else "alpha (MASI)"
            yield (*about, name, *_cells(line.alpha), said)
            if line.ac1:
                yield (*about, "AC1", *_cells(line.ac1), "")
            yield (*about, PERCENT, *_cells(line.percent), "" if line.units else said)
            if line.kind == "code":
                yield (*about, "antwoorden met de code", line.given, "", "", "")
                yield (*about, "antwoorden met de code door allen", line.shared, "", "", "")
        for lean in group.found.leanings:
            pair = f"{lean.one} – {lean.other}"
            about = ("codeurs en code", group.id, f"{pair}: {lean.code}", lean.units)
            yield (*about, f"alleen {lean.one}", lean.only_one, "", "", "")
            yield (*about, f"alleen {lean.other}", lean.only_other, "", "", "")
        for one in group.confusions:
            pair = f"{shown(one.one)} – {shown(one.other)}"
            about = ("verwarring", group.id, pair, one.among)
            said = relation(group.book, one)
            yield (*about, "antwoorden verward", len(one.answers), "", "", said)


def _cells(measure: Measure) -> tuple[object, ...]:
    return tuple("" if value is None else f"{value:.4f}" for value in measure)


def _sheets(groups: Sequence[Group], texts: Mapping[str, str]) -> list[Sheet]:
    return [
        _overview(groups),
        _parts("Niveaus", "Niveau", "level", groups),
        _codes(groups),
        _parts("Codeurs", "Codeurs", "coders", groups),
        _leanings(groups),
        _parts("Verloop", "Periode (tweede codering)", "period", groups),
        _pairs(groups),
        _cases(groups, texts),
    ]


def _figure(name: str) -> tuple[Column, ...]:
    return (Column(name, 11, "figure"), Column("laag", 9, "figure"), Column("hoog", 9, "figure"))


_SHARE = (Column("gelijk", 11, "share"), Column("laag", 9, "share"), Column("hoog", 9, "share"))
_N = Column("n", 8, "count")


def _values(measure: Measure) -> tuple[Cell, ...]:
    rounded = [None if value is None else round(value, 4) for value in measure]
    if measure.value is None:
        return (NOT_DEFINED, None, None)
    return tuple(rounded)


def _overview(groups: Sequence[Group]) -> Sheet:
    columns = (
        Column("Vraag", 26), _N, Column("Codeurs", 24), *_figure("alpha (MASI)"), *_SHARE,
        Column("Duiding", 52),
    )  # fmt: skip
    rows = []
    for group in groups:
        whole = group.found.whole
        coders = ", ".join(group.found.coders)
        figures = (*_values(whole.alpha), *_values(whole.percent))
        rows.append((group.id, whole.units, coders, *figures, verdict(whole.alpha, whole.units)))
    return Sheet("Overzicht", columns, rows)


def _parts(name: str, head: str, kind: str, groups: Sequence[Group]) -> Sheet:
    columns = (
        Column("Vraag", 26), Column(head, 26), _N, *_figure("alpha (MASI)"), *_SHARE,
        Column("Duiding", 52),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        lines = [line for line in group.found.lines if line.kind == kind]
        rows += [(group.id, line.part, *_row(line)) for line in lines]
        if kind == "period" and not lines and group.found.units:
            few = f"te weinig antwoorden om een verloop te zien (minder dan {FEW})"
            rows.append((group.id, "", group.found.units, *(None,) * 6, few))
        elif kind != "period" and not lines:
            said = f"{NOT_DEFINED}: {undefined(group.found.units)}"
            rows.append((group.id, "", group.found.units, *(None,) * 6, said))
    return Sheet(name, columns, rows, still=2)


def _row(line: Line) -> tuple[Cell, ...]:
    return (line.units, *_values(line.alpha), *_values(line.percent), note(line))


def _codes(groups: Sequence[Group]) -> Sheet:
    columns = (
        Column("Vraag", 22), Column("Code", 26), Column("Label", 30), _N,
        Column("met de code", 10, "count"), Column("door allen", 10, "count"),
        *_figure("alpha"), *_figure("AC1"), *_SHARE, Column("Opmerking", 52),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        for line in group.found.of("code"):
            about = (group.id, line.part, label(group.book, line.part), line.units)
            ac1 = _values(line.ac1) if line.ac1 else (None, None, None)
            figures = (*_values(line.alpha), *ac1, *_values(line.percent))
            rows.append((*about, line.given, line.shared, *figures, code_note(line)))
    return Sheet("Codes", columns, rows, still=2)


def _leanings(groups: Sequence[Group]) -> Sheet:
    columns = (
        Column("Vraag", 22), Column("Code", 26), Column("Label", 30), _N,
        Column("Codeur A", 22), Column("alleen A", 10, "count"),
        Column("Codeur B", 22), Column("alleen B", 10, "count"),
    )  # fmt: skip
    rows = [
        (
            group.id, lean.code, label(group.book, lean.code), lean.units,
            lean.one, lean.only_one, lean.other, lean.only_other,
        )
        for group in groups
        for lean in group.found.leanings
    ]  # fmt: skip
    return Sheet("Wie geeft wat vaker", columns, rows, still=2)


def _pairs(groups: Sequence[Group]) -> Sheet:
    columns = (
        Column("Vraag", 22), Column("Code", 26), Column("Verward met", 26),
        Column("Label", 30), Column("Verward met (label)", 30),
        Column("antwoorden verward", 11, "count"), Column("met een van beide", 11, "count"),
        Column("aandeel", 9, "share"), Column("Verband", 30),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        for one in group.confusions:
            names = (shown(one.one), shown(one.other))
            labels = (label(group.book, one.one), label(group.book, one.other))
            often = (len(one.answers), one.among, round(len(one.answers) / one.among, 4))
            rows.append((group.id, *names, *labels, *often, relation(group.book, one)))
    return Sheet("Verwarringen", columns, rows, still=3)


def _cases(groups: Sequence[Group], texts: Mapping[str, str]) -> Sheet:
    columns = (
        Column("Vraag", 20), Column("Code", 24), Column("Verward met", 24),
        Column("Antwoord", 70), Column("Wie gaf wat", 50), Column("Nummer", 30),
    )  # fmt: skip
    rows = [
        (
            group.id, shown(one.one), shown(one.other), texts[answer],
            "\n".join(
                f"{coder}: {', '.join(sorted(codes)) or shown('')}"
                for coder, codes in group.answers[answer].items()
            ),
            answer,
        )
        for group in groups
        if not group.pooled
        for one in group.confusions
        for answer in one.answers
    ]  # fmt: skip
    return Sheet("Antwoorden", columns, rows, still=3)


def _books(groups: Sequence[Group], texts: Mapping[str, str]) -> list[Book]:
    """Return what the page shows: each codebook once, over all its questions."""
    pooled = {group.book.id for group in groups if group.pooled}
    return [
        Book(
            group.book.title,
            group.found.units,
            tuple(_pair(group, one, texts) for one in group.confusions),
        )
        for group in groups
        if (group.pooled or group.book.id not in pooled) and group.found.units
    ]


def _pair(group: Group, one: Confusion, texts: Mapping[str, str]) -> Pair:
    cases = (
        Case(
            answer.rpartition(":")[2],
            texts[answer],
            tuple(
                Said(
                    coder, tuple(label(group.book, code) for code in sorted(codes)) or (shown(""),)
                )
                for coder, codes in group.answers[answer].items()
            ),
        )
        for answer in one.answers
    )
    known = group.book.by_id
    codes = tuple(known[code] for code in (one.one, one.other) if code)
    return Pair(codes, relation(group.book, one), one.among, tuple(cases))
