"""One question on a sheet of Excel, for who codes without Label Studio.

The sheet "Coderen" has an answer a row and drop-downs of the codebook; "Codeboek" says what
each code is, and which id its label stands for; "Info", hidden, says what the workbook is
about. `sheet_reading` reads it back. Every cell is text, so nothing is taken for a formula.
"""

from __future__ import annotations

import datetime
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentekst.codebook import Code, Codebook
from opentekst.codebook.cells import MAX_CELL, height, stored
from opentekst.codebook.incoming import FORBIDDEN
from opentekst.model import Coding
from opentekst.review.config import code_path
from opentekst.review.tasks import ReviewItem

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

CODING, CODEBOOK, INFO = "Coderen", "Codeboek", "Info"
ID, ANSWER, PROPOSAL = "Antwoord-id", "Antwoord", "Voorstel"
AGREED, NO_CODE = "Voorstel klopt (x)", "Geen code past (x)"
NEW_CODE, MEMO = "Nieuwe code nodig", "Memo"
CODE_ID, LABEL = "Code-id", "Code"
CODES = tuple(f"Code {number}" for number in range(1, 6))
NO_PROPOSAL = "(geen voorstel)"

STUDY, QUESTION, BOOK, VERSION, MARK, SHOWN = (
    "studie",
    "vraag",
    "codeboek",
    "versie",
    "kenmerk",
    "getoond",
)
"""The rows of the sheet "Info"."""

CREATED = datetime.datetime(2000, 1, 1)
"""When every exported workbook says it was made: the same answers give the same bytes."""

_HEAD = 2  # the row of the heads, counted from 0: above it stand the question and how to code
_WIDTHS = {ID: 21, ANSWER: 58, PROPOSAL: 30, AGREED: 10, NO_CODE: 10, NEW_CODE: 24, MEMO: 28}
_CODE_WIDTH = 30
_HINTS = {
    ID: "Niet veranderen: hieraan herkent opentekst het antwoord.",
    PROPOSAL: "Wat de machine denkt. Het is maar een voorstel.",
    AGREED: "Zet een x als alle codes van het voorstel kloppen, en geen andere.",
    CODES[0]: "Kies uit de lijst. Meer codes? Gebruik ook de volgende kolommen.",
    NO_CODE: "Zet een x als u het antwoord las en er geen enkele code bij past.",
    NEW_CODE: "Welke code mist u in het codeboek?",
    MEMO: "Wat u kwijt wilt over dit antwoord (niet verplicht).",
}
_MORE = "\n… [ingekort: de hele tekst, {count} tekens, staat in de studie]"


def write_sheet(
    study: str, question_text: str, items: Sequence[ReviewItem], codebook: Codebook, blind: bool
) -> bytes:
    """Return the workbook with `items`, answers to one question, to be coded by one person.

    `study` is the study's name; with `blind` no suggestion is shown. Texts past Excel's
    limit are cut off, visibly. `items` holds at least one.
    """
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    labels = path_labels(codebook)
    info = {
        STUDY: study,
        QUESTION: items[0].question,
        BOOK: codebook.ref.id,
        VERSION: str(codebook.ref.version),
        MARK: codebook.ref.fingerprint,
        SHOWN: "blind" if blind else "suggestion",
    }
    with xlsxwriter.Workbook(out, options) as workbook:
        workbook.set_properties({"title": fitting(question_text)[:200], "created": CREATED})
        _Coding(workbook, items, labels, blind).write(question_text)
        _codebook(workbook, workbook.add_worksheet(CODEBOOK), codebook, labels)
        _info(workbook.add_worksheet(INFO), info)
    return out.getvalue()


def path_labels(codebook: Codebook) -> dict[str, str]:
    """Return by id what each active code is called on the sheet: "Ouder › Label", each once.

    Labels may be the same under different parents; where a whole path is, the id follows.
    """
    names = {
        code.id: " › ".join(one_line(codebook.by_id[step].label) for step in path)
        for code in codebook.active
        for path in [code_path(codebook, code.id)]
    }
    often = Counter(same(name) for name in names.values())
    return {
        code: name if often[same(name)] == 1 and name else f"{name} [{one_line(code)}]".strip()
        for code, name in names.items()
    }


def one_line(text: str) -> str:
    """Return a text as it can be chosen from a list: no breaks, no double spaces."""
    return " ".join(readable_text(text).split())


def same(text: str) -> str:
    """Return what two ways of typing the same label have in common."""
    return re.sub(r"\s*[›>]\s*", "›", one_line(text)).casefold()


def fitting(text: str) -> str:
    """Return a text as it stands in a cell: what a cell cannot hold is visibly replaced.

    A text of over 32,767 UTF-16 units (what Excel counts) ends in a note that says so.
    """
    written = stored(readable_text(text))
    if _units(written) <= MAX_CELL:
        return written
    note = _MORE.format(count=len(text))
    room = MAX_CELL - len(note)
    kept = written.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")
    return kept.rstrip("\u2060") + note


def suggested(suggestion: Coding | None, labels: Mapping[str, str]) -> str:
    """Return a suggestion as it stands in its cell: one label a line."""
    given = [labels[code] for code in suggestion.codes if code in labels] if suggestion else []
    return "\n".join(given) or NO_PROPOSAL


def readable_text(text: str) -> str:
    """Show control characters as their pictures, and half characters as replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return FORBIDDEN.sub(lambda one: _picture(one[0]), text)


def _picture(char: str) -> str:
    return chr(0x2400 + ord(char)) if char < " " else "\ufffd"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class _Coding:
    """The sheet on which people code."""

    def __init__(
        self,
        workbook: Workbook,
        items: Sequence[ReviewItem],
        labels: Mapping[str, str],
        blind: bool,
    ) -> None:
        self.items, self.labels, self.blind = items, labels, blind
        self.style = _styles(workbook)
        self.sheet: Worksheet = workbook.add_worksheet(CODING)
        shown = () if blind else (PROPOSAL, AGREED)
        self.heads = (ID, ANSWER, *shown, *CODES, NO_CODE, NEW_CODE, MEMO)
        self.last = _HEAD + len(items)

    def write(self, question_text: str) -> None:
        self._top(question_text)
        for line, item in enumerate(self.items, start=_HEAD + 1):
            self._row(line, item)
        self._lists()
        self._page()

    def _top(self, question_text: str) -> None:
        columns = len(self.heads) - 1
        agree = "" if self.blind else f"Klopt het voorstel, zet dan een x onder ‘{AGREED}’. "
        told = (
            f"{agree}Kies anders bij elk antwoord een of meer codes uit de lijst, of zet een x"
            f" onder ‘{NO_CODE}’. Wat u leeg laat, blijft open. De codes staan uitgelegd op het"
            f" blad ‘{CODEBOOK}’. Bewaar het bestand als .xlsx."
        )
        title, hint = self.style(bold=True, font_size=13, border=0), self.style(border=0)
        asked = fitting(question_text)
        self.sheet.set_row(0, min(100, height(asked, 110) + 4))
        self.sheet.merge_range(0, 0, 0, columns, "", title)
        self.sheet.write_string(0, 0, asked, title)
        self.sheet.set_row(1, height(told, 150))
        self.sheet.merge_range(1, 0, 1, columns, "", hint)
        self.sheet.write_string(1, 0, told, hint)
        head = self.style(bold=True, bg_color="#0B4F80", font_color="white")
        self.sheet.set_row(_HEAD, 33)
        for number, name in enumerate(self.heads):
            self.sheet.write_string(_HEAD, number, name, head)
            self.sheet.set_column(number, number, _WIDTHS.get(name, _CODE_WIDTH))
            if name in _HINTS:
                more = {"x_scale": 1.8, "author": "opentekst"}
                self.sheet.write_comment(_HEAD, number, _HINTS[name], more)

    def _row(self, line: int, item: ReviewItem) -> None:
        fixed = self.style(bg_color="#EEF1F4", font_color="#5B6770", font_size=8)
        text = self.style(quote_prefix=True)
        open_ = self.style(locked=False, bg_color="#FFFDF2")
        cross = self.style(locked=False, bg_color="#FFFDF2", align="center")
        answer = fitting(item.text)
        proposal = suggested(item.suggestion, self.labels)
        self.sheet.set_row(line, max(height(answer, _WIDTHS[ANSWER]), height(proposal, 30), 32))
        for number, name in enumerate(self.heads):
            if name == ID:
                self.sheet.write_string(line, number, fitting(item.answer), fixed)
            elif name == ANSWER:
                self.sheet.write_string(line, number, answer, text)
            elif name == PROPOSAL:
                grey = {"font_color": "#7A858E"} if proposal == NO_PROPOSAL else {}
                look = self.style(quote_prefix=True, bg_color="#EAF3EC", **grey)
                self.sheet.write_string(line, number, fitting(proposal), look)
            else:
                self.sheet.write_blank(
                    line, number, None, cross if name in (AGREED, NO_CODE) else open_
                )

    def _lists(self) -> None:
        first, end = self.heads.index(CODES[0]), self.heads.index(CODES[-1])
        if self.labels:
            source = f"={CODEBOOK}!$B$2:$B${len(self.labels) + 1}"
            title, message = "Deze code bestaat niet", "Kies een code uit de lijst, of laat leeg."
            rule: dict[str, Any] = {"validate": "list", "source": source}
            told = {"error_title": title, "error_message": message}
            self.sheet.data_validation(_HEAD + 1, first, self.last, end, rule | told)
        for name in (AGREED, NO_CODE):
            if name in self.heads:
                column = self.heads.index(name)
                rule = {"validate": "list", "source": ["x"]}
                told = {"error_title": "Alleen een x", "error_message": "Zet een x, of laat leeg."}
                self.sheet.data_validation(_HEAD + 1, column, self.last, column, rule | told)

    def _page(self) -> None:
        sheet = self.sheet
        sheet.freeze_panes(_HEAD + 1, 2)
        sheet.autofilter(_HEAD, 0, self.last, len(self.heads) - 1)
        start = (_HEAD + 1, self.heads.index(CODES[0]))
        sheet.set_selection(*start, *start)
        _print(sheet, _HEAD)
        _protect(sheet)


def _codebook(
    workbook: Workbook, sheet: Worksheet, codebook: Codebook, labels: Mapping[str, str]
) -> None:
    style = _styles(workbook)
    columns: Mapping[str, tuple[int, Callable[[Code], str]]] = {
        CODE_ID: (20, lambda code: code.id),
        LABEL: (44, lambda code: labels[code.id]),
        "Omschrijving": (56, lambda code: code.definition),
        "Wel": (40, lambda code: "\n".join(code.include)),
        "Niet": (40, lambda code: "\n".join(code.exclude)),
    }
    head = style(bold=True, bg_color="#0B4F80", font_color="white")
    for number, (name, (width, _)) in enumerate(columns.items()):
        sheet.write_string(0, number, name, head)
        sheet.set_column(number, number, width)
    for line, code in enumerate(codebook.active, start=1):
        top = len(code_path(codebook, code.id)) == 1
        cells = [(fitting(text(code)), width) for width, text in columns.values()]
        sheet.set_row(line, max(height(*cell) for cell in cells))
        for number, (cell, _) in enumerate(cells):
            grey = {"bg_color": "#EEF1F4", "font_color": "#5B6770"} if number == 0 else {}
            look = style(quote_prefix=True, bold=top and number == 1, **grey)
            sheet.write_string(line, number, cell, look)
    sheet.freeze_panes(1, 2)
    _print(sheet, 0)
    _protect(sheet)


def _info(sheet: Worksheet, info: Mapping[str, str]) -> None:
    for line, (name, told) in enumerate(info.items()):
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, fitting(told))
    sheet.protect()
    sheet.very_hidden()


def _styles(workbook: Workbook) -> Callable[..., Any]:
    """Return a function that makes each format once."""
    base = {"num_format": "@", "text_wrap": True, "valign": "top", "border": 1}
    made: dict[tuple[Any, ...], Any] = {}

    def style(**more: object) -> Any:
        kind = tuple(sorted(more.items()))
        if kind not in made:
            made[kind] = workbook.add_format({**base, "border_color": "#D5DCE2", **more})
        return made[kind]

    return style


def _print(sheet: Worksheet, heads: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(8)  # A3, as a row is wide
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(heads)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.set_footer("&L&A&RBladzijde &P van &N")


def _protect(sheet: Worksheet) -> None:
    """Guard against slips only: there is no password."""
    allowed = ("format_columns", "format_rows", "autofilter", "sort")
    sheet.protect("", dict.fromkeys(allowed, True))
