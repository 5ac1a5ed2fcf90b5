"""Scalars as they are written: the texts that a schema of a parameter or of a form's field lets through.

A parameter travels as text, where the integer 1 and the string "1" are one. So two schemas of different types are
compared as sets of texts: numbers and booleans as JSON writes them, strings as they are (OpenAPI 3.1, 4.8.12.3, takes
the rest from RFC 6570, which knows no types). There is no text for null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.extras import TEXTS
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema.references import resolve
from zeues_contracts.schema.types import Resource, Schema

__all__ = ["ANY_KIND", "kinds_of", "texts"]

_SCALARS = ("string", "integer", "number", "boolean", "null")
ANY_KIND = frozenset((*_SCALARS, "array", "object"))
_ON_STRINGS = frozenset({"minLength", "maxLength", "pattern", "format"})
_ON_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_SILENT = frozenset({"default", "deprecated", "readOnly", "writeOnly", "nullable", "$schema", "discriminator"}) | TEXTS
_NUMBER = "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_MAX_DEPTH = 16
_MAX_BRANCHES = 64
_MAX_DIGITS = 20


def texts(schema: Schema) -> Schema | None:
    """The schema of the texts that are written for a scalar's values; ``None`` where that cannot be said exactly.

    Of numbers that is known without bounds or for integers; lists, objects and conditions are not taken apart.
    """
    found = _branches(schema, 0)
    if found is None or len(found) > _MAX_BRANCHES:
        return None
    return Resource(found[0] if len(found) == 1 else {"anyOf": found} if found else False).schema()


def _branches(schema: Schema, depth: int) -> list[dict[str, Any]] | None:
    node = look_up(schema.resource.contents, schema.pointer)
    if node is True:
        return [{"type": "string"}]
    if not isinstance(node, Mapping) or depth > _MAX_DEPTH:
        return None
    said = {key: value for key, value in node.items() if key not in _SILENT and not str(key).startswith("x-")}
    if isinstance(said.get("$ref"), str):
        if len(said) > 1 and schema.resource.dialect.value not in ("openapi-3.0", "swagger-2.0"):
            return None
        target = resolve(schema, said["$ref"])
        return None if target is None else _branches(target, depth + 1)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in said:
            return _choice(schema, keyword, said, depth)
    if "enum" in said or "const" in said:
        return _listed(said)
    kinds = said.pop("type", None)
    if kinds is None:
        return [{"type": "string", **said}] if not set(said) - _ON_STRINGS else None
    return _typed([kinds] if isinstance(kinds, str) else kinds, said)


def _choice(schema: Schema, keyword: str, said: Mapping[str, Any], depth: int) -> list[dict[str, Any]] | None:
    """The branches of a choice together; an ``allOf`` of one is that one, a ``oneOf`` has to be of different types."""
    branches = said[keyword]
    if set(said) - {keyword} or not isinstance(branches, list) or not 0 < len(branches) <= _MAX_BRANCHES:
        return None
    if keyword == "allOf" and len(branches) > 1:
        return None
    types = [one.get("type") if isinstance(one, Mapping) else None for one in branches]
    if keyword == "oneOf" and (not all(isinstance(one, str) for one in types) or len(set(types)) < len(types)):
        return None
    if {"integer", "number"} <= set(types if keyword == "oneOf" else ()):
        return None
    found: list[dict[str, Any]] = []
    for index in range(len(branches)):
        inner = _branches(Schema(schema.resource, f"{schema.pointer}/{keyword}/{index}"), depth + 1)
        if inner is None or len(found) + len(inner) > _MAX_BRANCHES:
            return None
        found += inner
    return found


def _listed(said: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Listed values as they are written, those that are of the type beside them."""
    values = said.get("enum", [said.get("const")])
    if set(said) - {"enum", "const", "type"} or {"enum", "const"} <= set(said) or not isinstance(values, list):
        return None
    kinds = said.get("type", list(_SCALARS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(kinds, list):
        return None
    written: list[str] = []
    for value in values:
        if isinstance(value, (list, Mapping)):
            return None
        kind = _kind(value)
        if value is not None and (kind in kinds or (kind == "integer" and "number" in kinds)):
            written.append(value if isinstance(value, str) else json.dumps(value))
    return [{"type": "string", "enum": written}] if written else []


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "integer" if isinstance(value, int) else "number"


def _typed(kinds: Any, said: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    if not isinstance(kinds, list) or set(said) - _ON_STRINGS - _ON_NUMBERS:
        return None
    found: list[dict[str, Any]] = []
    for kind in kinds:
        match kind:
            case "string":
                found.append({"type": "string", **{key: said[key] for key in said if key in _ON_STRINGS}})
            case "integer":
                pattern = _integers(said)
                if pattern is None:
                    return None
                if pattern:
                    found.append({"type": "string", "pattern": pattern})
            case "number":
                if set(said) & _ON_NUMBERS:
                    return None
                found.append({"type": "string", "pattern": _NUMBER})
            case "boolean":
                found.append({"type": "string", "enum": ["true", "false"]})
            case "null":
                continue
            case _:
                return None
    return found


def _integers(said: Mapping[str, Any]) -> str | None:
    """The pattern of the integers within bounds; "" where there is none, ``None`` where it cannot be written."""
    low, high = _bound(said, "minimum", "exclusiveMinimum", 1), _bound(said, "maximum", "exclusiveMaximum", -1)
    if not isinstance(low, (int, type(None))) or not isinstance(high, (int, type(None))):
        return None
    if low is not None and high is not None and low > high:
        return ""
    if any(one is not None and len(str(abs(one))) > _MAX_DIGITS for one in (low, high)):
        return None
    parts: list[str] = []
    if low is None or low < 0:
        parts += [
            f"-{part}" for part in _magnitudes(max(1, -high) if high is not None else 1, None if low is None else -low)
        ]
    if (low is None or low <= 0) and (high is None or high >= 0):
        parts.append("0")
    if high is None or high > 0:
        parts += _magnitudes(max(1, low) if low is not None else 1, high)
    return f"^({'|'.join(parts)})$"


def _bound(said: Mapping[str, Any], plain: str, strict: str, step: int) -> int | str | None:
    """The tightest integer that two bounds let through; a text where they are no integers."""
    value, edge = said.get(plain), said.get(strict)
    if edge is True and isinstance(value, int) and not isinstance(value, bool):
        return value + step
    if edge is None or edge is False:  # 0 equals False
        edge = None
    elif isinstance(edge, bool) or not isinstance(edge, int):
        return "no integer"
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        return "no integer"
    if edge is None:
        return value
    edge += step
    return edge if value is None else max(value, edge) if step > 0 else min(value, edge)


def _magnitudes(low: int, high: int | None) -> list[str]:
    """Patterns that match the positive integers from ``low`` to ``high`` (inclusive; ``None`` for no end)."""
    parts: list[str] = []
    digits = len(str(low))
    while high is None or low <= high:
        last = 10**digits - 1
        if high is None and low == 10 ** (digits - 1):
            parts.append(f"[1-9][0-9]{{{digits - 1},}}")
            return parts
        end = last if high is None else min(last, high)
        parts += _of_length(str(low), str(end))
        low = end + 1
        digits += 1
    return parts


def _of_length(low: str, high: str) -> list[str]:
    """Patterns for numbers of one length, between two of it."""
    if low == high:
        return [low]
    if len(low) == 1:
        return [f"[{low}-{high}]"]
    if low[0] == high[0]:
        return [low[0] + part for part in _of_length(low[1:], high[1:])]
    rest = len(low) - 1
    parts: list[str] = []
    first, last = int(low[0]), int(high[0])
    if low[1:] != "0" * rest:
        parts += [low[0] + part for part in _of_length(low[1:], "9" * rest)]
        first += 1
    tail: list[str] = []
    if high[1:] != "9" * rest:
        tail = [high[0] + part for part in _of_length("0" * rest, high[1:])]
        last -= 1
    if first <= last:
        head = str(first) if first == last else f"[{first}-{last}]"
        parts.append(head + "[0-9]" * rest)
    return parts + tail


def kinds_of(schema: Schema | None, depth: int = 0) -> frozenset[str]:
    """The types that a parameter's values may have, as far as its schema tells; all of them where it does not.

    How lists and objects are written does not matter to one that is of scalars only.
    """
    if schema is None or depth > 8:
        return ANY_KIND
    node = look_up(schema.resource.contents, schema.pointer)
    if not isinstance(node, Mapping):
        return ANY_KIND
    if isinstance(node.get("$ref"), str):
        return kinds_of(resolve(schema, node["$ref"]), depth + 1)
    kinds = node.get("type")
    if isinstance(kinds, str):
        return frozenset({kinds})
    if isinstance(kinds, list):
        return frozenset(map(str, kinds))
    for keyword in ("anyOf", "oneOf", "allOf"):
        branches = node.get(keyword)
        if isinstance(branches, list) and branches and (keyword != "allOf" or len(branches) == 1):
            inner = [Schema(schema.resource, f"{schema.pointer}/{keyword}/{index}") for index in range(len(branches))]
            return frozenset().union(*(kinds_of(one, depth + 1) for one in inner))
    values = node.get("enum", [node["const"]] if "const" in node else None)
    if isinstance(values, list) and not any(isinstance(one, (list, Mapping)) for one in values):
        return frozenset(_SCALARS)
    return ANY_KIND
