"""The map of answers: one page that opens without a network, to search by code and topic."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from opentekst.errors import PipelineError
from opentekst.results.figures import number

SIDE = 10_000  # places are whole numbers from 0 to this: finer than any screen


@dataclass(frozen=True, slots=True)
class Point:
    """One answer on the map.

    `x` and `y` are its place (any unit) and `text` is pseudonymised. `unit` is the name of
    its municipality or empty, `codes` are labels, `basis` is "mens", "machine" or "open",
    `topics` are numbers of the map's topics.
    """

    x: float
    y: float
    text: str
    unit: str
    question: str
    codes: tuple[str, ...]
    basis: str
    topics: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MapTopic:
    """One topic: `number` is unique within its map, `stability` lies between 0 and 1.

    `code` is the label of the nearest code and `proposal` what came of the topic, such as
    "voorstel 3: nieuwe code"; both may be empty.
    """

    number: int
    label: str
    keywords: tuple[str, ...]
    answers: int
    stability: float | None
    stable: bool
    code: str
    proposal: str


@dataclass(frozen=True, slots=True)
class AnswerMap:
    """The answers of one codebook or question; `method` says in a sentence how it was made."""

    name: str
    title: str
    method: str
    points: tuple[Point, ...]
    topics: tuple[MapTopic, ...]


def to_html(maps: Sequence[AnswerMap], questions: Mapping[str, str], title: str) -> bytes:
    """Return one self-contained Dutch page (UTF-8) with all maps, one shown at a time.

    `questions` has the text of each question; one without is shown by its id. The page
    fetches nothing, and the same maps give the same bytes. Raises PipelineError without
    plotly, KeyError where a point has a topic that its map lacks, ValueError where a place
    is no finite number.
    """
    used = dict.fromkeys(point.question for each in maps for point in each.points)
    asked = [name for name in dict.fromkeys((*questions, *used)) if name in used]
    numbers = {name: at for at, name in enumerate(asked)}
    data = {
        "questions": [[name, questions.get(name, name)] for name in asked],
        "maps": [_map(each, numbers) for each in maps],
    }
    script = resources.files("opentekst.results") / "topic_map.js"
    environment = Environment(
        loader=PackageLoader("opentekst.results", "."), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"number": number, "share": _share}
    page = environment.get_template("topic_map.html").render(
        title=title,
        maps=maps,
        data=_script_json(data),
        plotly=_plotly(),
        script=script.read_text("utf-8"),
    )
    return page.encode()


def _map(each: AnswerMap, questions: Mapping[str, int]) -> dict[str, Any]:
    """Return a map as the script reads it: long texts that recur stand in lists, once."""
    codes = list(dict.fromkeys(code for point in each.points for code in point.codes))
    code_at = {code: at for at, code in enumerate(codes)}
    topic_at = {topic.number: at for at, topic in enumerate(each.topics)}
    xs, ys = _scaled(p.x for p in each.points), _scaled(p.y for p in each.points)
    return {
        "codes": codes,
        "topics": [(topic.number, topic.label) for topic in each.topics],
        "points": [
            (
                x,
                y,
                point.text,
                point.unit,
                questions[point.question],
                [code_at[code] for code in point.codes],
                point.basis,
                [topic_at[topic] for topic in point.topics],
            )
            for point, x, y in zip(each.points, xs, ys, strict=True)
        ],
    }


def _share(value: float) -> str:
    return str(format_decimal(value, format="0.00", locale="nl_BE"))


def _scaled(values: Iterable[float]) -> list[int]:
    """Return places from 0 to SIDE; all in the middle where they do not differ."""
    found = [float(value) for value in values]  # numpy's float32 would run over
    if not all(map(math.isfinite, found)):
        raise ValueError("a place on the map is no finite number")
    low, high = min(found, default=0), max(found, default=0)
    span = high - low
    return [round((value - low) / span * SIDE) if span else SIDE // 2 for value in found]


def _script_json(data: object) -> str:
    """Return JSON that no answer can break out of: ASCII only, and no "<"."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _plotly() -> str:
    """Return plotly.js, its licence comment first."""
    try:
        from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]
    except ImportError as fault:
        raise PipelineError(
            f"plotly, dat de kaart van antwoorden tekent, laadt niet: {fault}",
            remedy="Doe in de projectmap: make setup.",
        ) from fault
    return str(get_plotlyjs())
