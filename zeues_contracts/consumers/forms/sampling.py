"""One value of a schema, for sending where only a schema is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["sample"]

_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
    "duration": "P1D",
}
_PLAIN: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1, "boolean": True, "null": None}
_DEEPEST = 30


def sample(schema: Any) -> Any:
    """A value that the schema accepts, or ``None`` where none is found. The same schema gives the same value."""
    from zeues_contracts.schema.validators import judge_document

    value = _guess(schema, 0)
    try:
        if judge_document(schema, value, formats=True).valid:
            return value
    except Exception:  # a schema that no validator takes is told when it is read
        return value
    return _by_engine(schema, value)


def _guess(schema: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    if "const" in schema:
        return schema["const"]
    for key in ("enum", "examples"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    if "default" in schema:
        return schema["default"]
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(key), list) and schema[key] and "type" not in schema:
            return _guess(schema[key][0], depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object" or (kind is None and "properties" in schema):
        properties = schema.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        names = [name for name in schema.get("required", known) if isinstance(name, str)]
        return {name: _guess(known.get(name, True), depth + 1) for name in names}
    if kind == "array":
        return _items(schema, depth)
    if kind == "string":
        return _text(schema)
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    return _PLAIN.get(str(kind))


def _items(schema: Mapping[str, Any], depth: int) -> list[Any]:
    first = schema.get("prefixItems")
    items = [_guess(one, depth + 1) for one in first] if isinstance(first, list) else []
    least = schema.get("minItems")
    wanted = min(least, 100) if isinstance(least, int) else 1
    while len(items) < wanted:
        items.append(_guess(schema.get("items", True), depth + 1))
    return items


def _text(schema: Mapping[str, Any]) -> str:
    text = _FORMATS.get(str(schema.get("format")), "text")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(text) < least <= 10_000:
        text += "x" * (least - len(text))
    return text[:most] if isinstance(most, int) else text


def _number(schema: Mapping[str, Any], *, whole: bool) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step: float = schema.get("multipleOf", 1) if isinstance(schema.get("multipleOf"), int | float) else 1
    value: float = step
    if isinstance(low, int | float) and value < low:
        value = low
    if isinstance(above, int | float) and value <= above:
        value = above + step
    if isinstance(high, int | float) and value > high:
        value = high
    if isinstance(below, int | float) and value >= below:
        value = below - step
    return int(value) if whole and float(value).is_integer() else value


def _by_engine(schema: Any, otherwise: Any) -> Any:
    """What the schema engine finds, where the simple guess does not fit (patterns, combinations)."""
    from zeues_contracts.schema import witness
    from zeues_contracts.schema.types import Refuted, Resource, Schema

    found = witness(Schema(Resource(schema)))
    return found.witness if isinstance(found, Refuted) else otherwise
