"""What study.yaml says of themes: which questions, who can help, and how to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from opentekst.checked_yaml import Strict

Level = Literal["codes", "nets", "all"]


class ThemeSpec(Strict):
    """Settings of `opentekst themes`; what the command line says goes before them.

    `questions` are open questions (empty: all with prompt `need` or `theme`). `by` names
    traits of units and closed questions that tell who states a theme. `no_need` are codes
    that say there is nothing to help with: no theme, and who states nothing else need not be
    reached. `helps` maps a theme to closed answers (`question=value`, `matrix.item=value`)
    that mean: we can help others with this.

    The rest is the choice: `themes` of them from `level` (codes, nets, or all), each province
    reached for `least_per_province` percent, `one_per_net` at most one theme a tree, of each
    list in `not_together` at most one, `must` and `never` by id. Only themes count that
    `least_units` units state, and that are the main thing said for `least_central` percent of
    those.
    """

    questions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    no_need: tuple[str, ...] = ()
    helps: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    themes: int = Field(default=6, ge=1, le=50)
    level: Level = "codes"
    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    least_per_province: float = Field(default=0, ge=0, le=100)
    one_per_net: bool = False
    not_together: tuple[tuple[str, ...], ...] = ()
    least_units: int = Field(default=1, ge=1)
    least_central: float = Field(default=0, ge=0, le=100)
    resamples: int = Field(default=500, ge=0, le=10_000)
