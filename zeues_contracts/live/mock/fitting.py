"""An answer of the mock's own with the values in it that a test waits for, where the document allows these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zeues_contracts.consumers.lists import of_some
from zeues_contracts.openapi.model import MediaType
from zeues_contracts.schema.types import Direction, Settings
from zeues_contracts.schema.validators import judge

__all__ = ["fitted", "with_entries"]

_RESPONSE = Settings(format_assertion=True, direction=Direction.RESPONSE)
_DECLARED = Settings(format_assertion=True, direction=Direction.RESPONSE, closed_world=True)
_Fill = Callable[[Mapping[str, Any]], Any]
_DEEPEST = 30
_MOST_ITEMS = 200


def fitted(media: MediaType, schema: Any, value: Any) -> Any:
    """The value with what ``schema`` (an expectation) wants to be certain values; itself where that is not documented.

    Only values are put in, and properties that have one: where something of another shape is wanted, that stays.
    Entries of maps are given as well.
    """
    value = with_entries(media, schema, value)
    option = _with_values(schema, value, 0, None)
    if media.schema is None or option == value:
        return value
    return option if judge(media.schema, option, _RESPONSE).valid else value


def with_entries(media: MediaType, schema: Any, value: Any) -> Any:
    """The value with the entries of maps that ``schema`` wants, each as those that are there; else itself.

    The names of a map's entries are not documented, so that one of any name may come. An object is no map since more
    might come, and one that takes anything promises nothing.
    """
    option = _with_values(schema, value, 0, _like_others)
    if media.schema is None or option == value or not judge(media.schema, option, _DECLARED).valid:
        return value
    strange = _with_values(schema, value, 0, _strange)
    return value if strange != value and judge(media.schema, strange, _RESPONSE).valid else option


def _like_others(entries: Mapping[str, Any]) -> Any:
    return next(iter(entries.values()))


def _strange(entries: Mapping[str, Any]) -> Any:
    """What no entry of a map is that says what its entries are."""
    return {"": [None, {}]}


def _with_values(schema: Any, value: Any, depth: int, fill: _Fill | None) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return value
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return value if value in schema["enum"] else schema["enum"][0]
    for one in schema.get("allOf", ()):
        value = _with_values(one, value, depth + 1, fill)
    picked = of_some(schema)
    if picked is not None:
        if not isinstance(value, list) or not value:
            return value
        return [_with_values(picked, value[0], depth + 1, fill), *value[1:]]
    if isinstance(value, Mapping):
        return _members(schema, value, depth, fill)
    return _items(schema, value, depth, fill) if isinstance(value, list) else value


def _members(schema: Mapping[str, Any], value: Mapping[str, Any], depth: int, fill: _Fill | None) -> dict[str, Any]:
    found = dict(value)
    properties = schema.get("properties")
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        fixed = isinstance(one, Mapping) and ("const" in one or "enum" in one)
        if name in found:
            found[name] = _with_values(one, found[name], depth + 1, fill)
        elif name in schema.get("required", ()):
            if fill is not None and value:
                seed = fill(value)
                found[name] = seed if fill is _strange else _with_values(one, seed, depth + 1, fill)
            elif fixed:
                found[name] = _with_values(one, None, depth + 1, fill)
    return found


def _items(schema: Mapping[str, Any], value: list[Any], depth: int, fill: _Fill | None) -> list[Any]:
    first = schema.get("prefixItems")
    prefix = first if isinstance(first, list) else []
    rest = schema.get("items", {})
    return [
        _with_values(prefix[index] if index < len(prefix) else rest, one, depth + 1, fill)
        if index < _MOST_ITEMS
        else one
        for index, one in enumerate(value)
    ]
