"""What a parameter's value is once a server has read it: text on the wire, read by style, explode and schema.

OpenAPI 3.1, 4.8.12 (style values) and RFC 6570. A value on the wire has no type: ``93`` is a number to one schema and
text to another, so that a value stands for everything that its text can be read as.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from zeues_contracts.consumers.checking.model import REQUESTS
from zeues_contracts.consumers.checking.views import declared_names, items_of, kinds_of, property_of
from zeues_contracts.openapi.model import Parameter
from zeues_contracts.schema.types import Schema
from zeues_contracts.schema.validators import judge

__all__ = ["object_names", "read_parameter", "readings", "text_of"]

_INTEGER = re.compile(r"-?[0-9]{1,300}")
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,3})?")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}


def text_of(value: Any) -> str:
    """How a client writes a scalar into a URL or a header."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def readings(value: Any) -> list[Any]:
    """The JSON values that a scalar can stand for on the wire, the likeliest first."""
    text = text_of(value)
    found: list[Any] = [] if isinstance(value, str) else [value]
    found.append(text)
    if _INTEGER.fullmatch(text):
        found.append(int(text))
    elif _NUMBER.fullmatch(text):
        found.append(float(text))
    if text in ("true", "false"):
        found.append(text == "true")
    if text in ("", "null"):
        found.append(None)
    return found


def read_parameter(parameter: Parameter, given: Any) -> list[Any]:
    """The values that a server may read a parameter as. ``given`` is what the consumer sends, before it is written."""
    schema = parameter.schema
    if schema is None:
        return _content(given)
    kinds = kinds_of(schema, REQUESTS)
    found: list[Any] = []
    if "array" in kinds:
        found += [_array(schema, one) for one in _lists(parameter, given)]
    if "object" in kinds:
        found += [_object(schema, one) for one in _objects(parameter, given)]
    if isinstance(given, list | Mapping):
        if not found:
            found.append(given)
        if isinstance(given, list) and len(given) == 1 and "array" not in kinds:
            found += readings(_bare(parameter, given[0]))
    elif "array" not in kinds or kinds - {"array", "object"} or not found:
        found += readings(_bare(parameter, given))
    return found


def _content(given: Any) -> list[Any]:
    """A parameter with ``content`` is JSON in a text."""
    if not isinstance(given, str):
        return [given]
    try:
        return [json.loads(given), given]
    except (ValueError, RecursionError):
        return [given]


def _bare(parameter: Parameter, given: Any) -> Any:
    """A scalar of a path without the sign that its style puts before it (``.5``, ``;id=5``)."""
    if not isinstance(given, str) or parameter.location != "path":
        return given
    if parameter.style == "label" and given.startswith("."):
        return given[1:]
    if parameter.style == "matrix" and given.startswith(f";{parameter.name}="):
        return given[len(parameter.name) + 2 :]
    return given


def _lists(parameter: Parameter, given: Any) -> list[list[Any]]:
    """The lists that a value may be on the wire."""
    if isinstance(given, list):
        if len(given) == 1 and isinstance(given[0], str) and not parameter.explode:
            return [_split(parameter, given[0]), given]
        return [given]
    if isinstance(given, Mapping):
        return []
    text = text_of(given)
    if parameter.location == "query" and parameter.explode and parameter.style in ("", "form"):
        return [[given]]
    return [_split(parameter, text)]


def _split(parameter: Parameter, text: str) -> list[Any]:
    style = parameter.style
    if parameter.location == "path" and style == "label":
        return list(text.removeprefix(".").split("." if parameter.explode else ","))
    if parameter.location == "path" and style == "matrix":
        parts = text.removeprefix(";").split(";")
        if parameter.explode:
            return [one.partition("=")[2] for one in parts]
        return list(parts[0].partition("=")[2].split(","))
    separator = _SEPARATORS.get(style, ",")
    if style == "spaceDelimited":
        text = text.replace("%20", " ").replace("+", " ")
    parts = text.split(separator)
    # A header's list may have blanks after its commas (RFC 9110, 5.6.1).
    return [one.strip() for one in parts] if parameter.location == "header" else list(parts)


def _objects(parameter: Parameter, given: Any) -> list[Mapping[str, Any]]:
    if isinstance(given, Mapping):
        return [given]
    text = ",".join(text_of(one) for one in given) if isinstance(given, list) else text_of(given)
    style = parameter.style
    separator = ","
    if parameter.location == "path" and style == "label":
        text, separator = text.removeprefix("."), "." if parameter.explode else ","
    elif parameter.location == "path" and style == "matrix":
        text = text.removeprefix(";")
        separator = ";" if parameter.explode else ","
        if not parameter.explode:
            text = text.partition("=")[2]
    else:
        separator = _SEPARATORS.get(style, ",")
    parts = text.split(separator)
    if parameter.explode:
        pairs = [one.partition("=") for one in parts]
        return [{unquote(name): unquote(value) for name, _, value in pairs}] if all(one[1] for one in pairs) else []
    if len(parts) % 2:
        return []
    return [dict(zip(parts[::2], parts[1::2], strict=True))]


def _array(schema: Schema, values: Iterable[Any]) -> list[Any]:
    return [_best(items_of(schema, index, REQUESTS), one) for index, one in enumerate(values)]


def _object(schema: Schema, members: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): _best(property_of(schema, str(name), REQUESTS), one) for name, one in members.items()}


def _best(places: list[Schema], value: Any) -> Any:
    """The reading that a part's own schema takes; its plain text where none is taken."""
    if isinstance(value, Mapping):
        return {
            str(name): _best([inner for place in places for inner in property_of(place, str(name), REQUESTS)], one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [
            _best([inner for place in places for inner in items_of(place, index, REQUESTS)], one)
            for index, one in enumerate(value)
        ]
    options = readings(value)
    for option in options:
        if places and all(judge(place, option, REQUESTS).valid for place in places):
            return option
    if not places:
        return options[0]
    # None is taken: the one of the right kind tells best what is wrong.
    kinds = frozenset(kind for place in places for kind in kinds_of(place, REQUESTS))
    if kinds & {"integer", "number"}:
        return next((one for one in options if isinstance(one, int | float) and not isinstance(one, bool)), options[0])
    return next((one for one in options if isinstance(one, str)), options[0])


def object_names(parameter: Parameter) -> frozenset[str]:
    """The names that a query parameter is sent under which is an object of single entries (form, exploded)."""
    if parameter.schema is None or parameter.location != "query" or not parameter.explode:
        return frozenset()
    if parameter.style not in ("", "form") or "object" not in kinds_of(parameter.schema, REQUESTS):
        return frozenset()
    return frozenset(declared_names(parameter.schema, REQUESTS))
