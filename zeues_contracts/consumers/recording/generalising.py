"""What several answers have in common: their shape, never their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeues_contracts.consumers.recording.nodes import kind_of, union_schemas

__all__ = ["generalised"]

_MOST = 200


def generalised(values: Sequence[Any], depth: int = 0) -> dict[str, Any]:
    """The JSON Schema of a shape that all values have.

    What is in every one of several is required; of one value alone it cannot be told what may be missing, so nothing
    is. Null says nothing about what else may come.
    """
    if depth > 40 or not values or any(value is None for value in values):
        known = [value for value in values if value is not None]
        if not known or depth > 40:
            return {}
        inner = generalised(known, depth)
        return union_schemas([inner, {"type": "null"}]) if inner else {}
    tables = [value for value in values if isinstance(value, Mapping)]
    lists = [value for value in values if isinstance(value, list)]
    parts: list[dict[str, Any]] = []
    if tables:
        parts.append(_object(tables, depth))
    if lists:
        items = [one for value in lists for one in value[:_MOST]][:_MOST]
        inner = generalised(items, depth + 1) if items else {}
        parts.append({"type": "array", "items": inner} if inner else {"type": "array"})
    parts += [kind_of(value) for value in values if not isinstance(value, Mapping | list)]
    return union_schemas(parts)


def _object(tables: Sequence[Mapping[str, Any]], depth: int) -> dict[str, Any]:
    names = dict.fromkeys(name for table in tables for name in table)
    if len(tables) > 1 and len(names) > 50 and not any(all(name in table for table in tables) for name in names):
        inner = generalised([one for table in tables for one in table.values()][:_MOST], depth + 1)
        return {"type": "object", "additionalProperties": inner} if inner else {"type": "object"}
    schema: dict[str, Any] = {"type": "object"}
    properties = {name: generalised([one[name] for one in tables if name in one], depth + 1) for name in names}
    required = [name for name in names if len(tables) > 1 and all(name in one for one in tables)]
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = required
    return schema
