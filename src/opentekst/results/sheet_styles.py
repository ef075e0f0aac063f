"""How the cells of the tables' workbook look."""

from __future__ import annotations

from typing import Any


def sheet_styles() -> dict[str, dict[str, Any]]:
    """Return name → format, as XlsxWriter takes it."""
    # quote_prefix keeps a label such as "=1+1" text, also after it is edited in Excel
    text = {"text_wrap": True, "valign": "top", "quote_prefix": True}
    line = {"bottom": 4, "bottom_color": "#B7C3CE"}
    head = {**text, "bold": True, "bg_color": "#E3ECF3", "bottom": 1, "valign": "bottom"}
    figure = {"align": "right", "valign": "top", "num_format": "#,##0"}
    faint = {"italic": True, "font_color": "#44505A", "bottom": 1}
    return {
        "title": {**text, "bold": True, "font_size": 12},
        "head": head,
        "corner": {**head, "bottom": 0},
        "head_right": {**head, "align": "right"},
        "head_centre": {**head, "align": "center"},
        "section": {**text, "bold": True, "bg_color": "#F2F5F8"},
        "label": {**text, **line},
        "count": {**figure, **line},
        "percent": {**figure, **line, "num_format": "0.0"},
        "words": {**text, **line, "indent": 1},
        "head_words": {**head, "indent": 1},
        "margin": {**figure, **line, "font_color": "#44505A"},
        "base_label": {**text, **faint},
        "base": {**figure, **faint},
        "link": {**text, **line, "underline": 1, "font_color": "#0B5394"},
        "note": {**text, "font_color": "#44505A", "font_size": 10},
    }
