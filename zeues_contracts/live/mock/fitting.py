"""An answer of the mock's own with the values in it that a test waits for, where the document allows these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.lists import of_some
from zeues_contracts.openapi.model import MediaType
from zeues_contracts.schema.types import Direction, Settings
from zeues_contracts.schema.validators import judge

__all__ = ["fitted"]

_RESPONSE = Settings(format_assertion=True, direction=Direction.RESPONSE)
_DEEPEST = 30
_MOST_ITEMS = 200


def fitted(media: MediaType, schema: Any, value: Any) -> Any:
    """The value with what ``schema`` (an expectation) wants to be certain values; itself where that is not documented.

    Only values are put in, and properties that have one: where something of another shape is wanted, that stays.
    """
    option = _with_values(schema, value, 0)
    if media.schema is None or option == value:
        return value
    return option if judge(media.schema, option, _RESPONSE).valid else value


def _with_values(schema: Any, value: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return value
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return value if value in schema["enum"] else schema["enum"][0]
    for one in schema.get("allOf", ()):
        value = _with_values(one, value, depth + 1)
    picked = of_some(schema)
    if picked is not None:
        return [_with_values(picked, value[0], depth + 1), *value[1:]] if isinstance(value, list) and value else value
    if isinstance(value, Mapping):
        return _members(schema, value, depth)
    return _items(schema, value, depth) if isinstance(value, list) else value


def _members(schema: Mapping[str, Any], value: Mapping[str, Any], depth: int) -> dict[str, Any]:
    found = dict(value)
    properties = schema.get("properties")
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        fixed = isinstance(one, Mapping) and ("const" in one or "enum" in one)
        if name in found or (fixed and name in schema.get("required", ())):
            found[name] = _with_values(one, found.get(name), depth + 1)
    return found


def _items(schema: Mapping[str, Any], value: list[Any], depth: int) -> list[Any]:
    first = schema.get("prefixItems")
    prefix = first if isinstance(first, list) else []
    rest = schema.get("items", {})
    return [
        _with_values(prefix[index] if index < len(prefix) else rest, one, depth + 1) if index < _MOST_ITEMS else one
        for index, one in enumerate(value)
    ]
