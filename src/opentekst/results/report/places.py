"""The map of Flanders: a shape for every municipality that was asked (see NOTICE).

The outline, the provinces and the judicial cantons are true; boundaries between municipalities
of one canton are drawn half way between their villages (training/flanders_map.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from opentekst.results.report.data import Town


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality on the map: its outline as the path of an SVG."""

    town: Town
    path: str


@dataclass(frozen=True, slots=True)
class Map:
    """The map and its size; `names` say where a province's name stands (name, x, y)."""

    width: int
    height: int
    places: tuple[Place, ...]
    provinces: tuple[str, ...]
    names: tuple[tuple[str, int, int], ...]


def map_of(towns: Sequence[Town]) -> Map | None:
    """Return the map of the municipalities that were asked; None where one has no shape."""
    shapes = _shapes()
    old, new = shapes["until_2024"], shapes["from_2025"]
    present = {town.nis for town in towns}
    merged = bool(present & (new.keys() - old.keys()))
    paths = {**old, **new} if merged else old
    if not towns or not present <= paths.keys():
        return None
    places = tuple(Place(town, paths[town.nis]) for town in towns)
    provinces = {town.province for town in towns}
    outlines = tuple(shapes["provinces"][name] for name in sorted(provinces))
    names = tuple((name, *_middle([p for p in places if p.town.province == name]))
                  for name in sorted(provinces))  # fmt: skip
    return Map(shapes["width"], shapes["height"], places, outlines, names)


def outline(path: str) -> list[list[tuple[int, int]]]:
    """Return the corners of each ring of a path of this map."""
    rings = []
    for ring in re.findall(r"M([^Mz]*)z", path):
        numbers = [int(n) for n in re.findall(r"-?\d+", ring)]
        x, y = numbers[:2]
        corners = [(x, y)]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + dx, y + dy
            corners.append((x, y))
        rings.append(corners)
    return rings


def _middle(places: Sequence[Place]) -> tuple[int, int]:
    corners = [corner for place in places for corner in outline(place.path)[0]]
    return (
        round(sum(x for x, _ in corners) / len(corners)),
        round(sum(y for _, y in corners) / len(corners)),
    )


@cache
def _shapes() -> Any:
    text = files("opentekst.results.report").joinpath("flanders.json").read_text("utf-8")
    return json.loads(text)
