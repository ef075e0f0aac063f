"""YAML files that people edit: read with ruamel, checked with pydantic, faults by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from opentekst.errors import OpentekstError

Schema = TypeVar("Schema", bound=BaseModel)

_DUTCH = {
    "missing": "dit veld ontbreekt",
    "extra_forbidden": "dit veld bestaat niet",
    "string_type": "hier hoort tekst; zet de waarde tussen aanhalingstekens",
    "int_type": "hier hoort een geheel getal",
    "int_parsing": "hier hoort een geheel getal",
    "list_type": "hier hoort een lijst (regels die met '- ' beginnen)",
    "dict_type": "hier horen velden van de vorm 'naam: waarde'",
    "model_type": "hier horen velden van de vorm 'naam: waarde'",
    "literal_error": "deze waarde is hier niet toegelaten",
    "bool_parsing": "hier hoort true of false",
    "date_from_datetime_parsing": "hier hoort een datum als 2021-03-01",
    "date_type": "hier hoort een datum als 2021-03-01",
}


class Strict(BaseModel):
    """Base of all file schemas: unknown fields are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class YamlFault(NamedTuple):
    """One thing wrong in a YAML file: the line, the problem in Dutch and the value found."""

    line: int
    problem: str
    found: str


def load(path: Path, error: type[OpentekstError], what: str) -> Any:
    """Return the parsed YAML of `path`, keeping line numbers; raises as `text_of` and `parse`."""
    return parse(text_of(path, error, what), path, error)


def text_of(path: Path, error: type[OpentekstError], what: str) -> str:
    """Return the text of a YAML file.

    Raises `error` where the file is missing or unreadable; `what` names the file's role
    ("de studie", "het codeboek") in the message.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(
            f"{what} is er niet", place=str(path), remedy="Controleer de map en de bestandsnaam."
        ) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise error(
            f"{what} is niet te lezen",
            place=str(path),
            found=type(fault).__name__,
            remedy="Bewaar het bestand als UTF-8 en controleer de leesrechten.",
        ) from None


def parse(text: str, path: Path, error: type[OpentekstError]) -> Any:
    """Return parsed YAML with its line numbers; `path` is only named in an error."""
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise error(
            "dit is geen geldige YAML",
            place=f"{path}:{line}",
            found=fault.problem or "",
            remedy="Kijk op deze regel (en de regel erboven) naar insprongen, dubbele punten"
            " en aanhalingstekens.",
        ) from None
    except YAMLError as fault:
        raise error("dit is geen geldige YAML", place=str(path), found=str(fault)) from None


def line_of(data: Any, loc: tuple[str | int, ...]) -> int:
    """Return the 1-based line on which the item at `loc` stands, as near as known."""
    line = 1
    for key in loc:
        marks = getattr(data, "lc", None)
        if marks is None:
            break
        try:
            position = marks.item(key) if isinstance(key, int) else marks.key(key)
            line = position[0] + 1
        except (KeyError, IndexError, TypeError, AttributeError):
            line = max(line, (marks.line or 0) + 1)
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            break
    return line


def check(schema: type[Schema], data: Any, path: Path, error: type[OpentekstError]) -> Schema:
    """Return `data` as `schema`; raise `error` with file, line, field and remedy."""
    try:
        return schema.model_validate(_plain(data))
    except ValidationError as wrong:
        first, *more = _faults(wrong, data)
        raise error(
            first.problem,
            place=f"{path}:{first.line}",
            found=first.found,
            remedy="Verbeter deze regel en probeer opnieuw"
            + (f" (daarna volgen nog {len(more)} fouten)." if more else "."),
        ) from None


def faults(schema: type[BaseModel], data: Any) -> list[YamlFault]:
    """Return all that keeps `data` from being `schema`, by line; empty where nothing does."""
    try:
        schema.model_validate(_plain(data))
    except ValidationError as wrong:
        return sorted(_faults(wrong, data))
    return []


def _faults(wrong: ValidationError, data: Any) -> list[YamlFault]:
    found = []
    for detail in wrong.errors():
        loc = tuple(part for part in detail["loc"] if isinstance(part, (str, int)))
        field = ".".join(str(part) for part in loc) or "bestand"
        kind = detail["type"]
        message = (
            str(detail["msg"]).removeprefix("Value error, ")
            if kind == "value_error"
            else _DUTCH.get(kind, "deze waarde past hier niet")
        )
        short = "" if kind in ("missing", "value_error") else _short(detail["input"])
        found.append(YamlFault(line_of(data, loc), f"veld '{field}': {message}", short))
    return found


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _plain(value: Any) -> Any:
    """Strip ruamel's wrappers, so that pydantic sees dicts, lists and scalars."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return value if kind is bool else kind(value)
    return value
