"""Tables with more groups than a page is wide: some groups at a time, under one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opentekst.results.export import Layout, Row, Section

FIGURES = 16
"""Columns of figures that an upright A4 page holds beside the labels."""


def portions(plan: Layout) -> Iterator[Layout]:
    """Yield a layout as it is, or in parts of as many groups as fit side by side.

    Every part has all rows; only the last has the notes.
    """
    most = max(1, FIGURES // (3 if plan.place in ("row", "column") else 2))
    starts = range(0, max(1, len(plan.heads)), most)
    for start in starts:
        part = slice(start, start + most)
        sections = tuple(
            Section(s.heading, tuple(Row(r.label, r.base, r.cells[part]) for r in s.rows))
            for s in plan.sections
        )
        yield replace(
            plan,
            heads=plan.heads[part],
            bases=plan.bases[part],
            sections=sections,
            title=plan.title if start == 0 else f"{plan.title.removesuffix('.')} (vervolg).",
            notes=plan.notes if start == starts[-1] else (),
        )
