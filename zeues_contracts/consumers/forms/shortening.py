"""From schemas and values back to the forms that people write: the shortest one that means exactly the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.forms.expecting import expand_expectation
from zeues_contracts.consumers.forms.sending import expand_sent
from zeues_contracts.consumers.forms.words import TYPES, FormError, reserved
from zeues_contracts.consumers.lists import of_some

__all__ = ["literal", "short_expectation", "short_sent", "written_name"]

# The first name of each type is the one that is written.
_NAMES: tuple[tuple[str, Mapping[str, Any]], ...] = tuple(
    (name, schema) for i, (name, schema) in enumerate(TYPES.items()) if schema not in list(TYPES.values())[:i]
)
_DEEPEST = 60


def short_expectation(schema: Any, *, may_miss: bool = False) -> Any:
    """The form of an expectation's schema; ``{$schema: …}`` where no short form means the same."""
    if may_miss:
        form = _optional(schema)
        return {"$opt": short_expectation(schema)} if form is None else form
    form = _form(schema, 0)
    return {"$schema": schema} if form is None else form


def short_sent(value: Any, schema: Any, *, example: bool) -> Any:
    """The form of what is sent: the value itself, or the form of all values that may be sent."""
    if example:
        return literal(value)
    form = _sent(schema, 0)
    if form is not None and _means_sent(form, schema):
        return form
    whole = {"$schema": schema}
    return whole if value is None else {**whole, "$example": literal(value)}


def literal(value: Any) -> Any:
    """A value as it is written where a value is meant: words of the language are escaped with another ``$``."""
    if isinstance(value, str):
        if "${" in value and not value.startswith("$"):
            return {"$const": value}
        return f"${value}" if reserved(value) else value
    if isinstance(value, Mapping):
        return {written_name(str(name)): literal(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [literal(one) for one in value]
    return value


def written_name(name: str, *, optional: bool = False) -> str:
    """The key that a property or parameter is written with: the inverse of ``words.property_name``."""
    written = f"${name}" if reserved(name) else name
    if optional:
        return f"{written}?"
    return f"{written}?" if name.endswith("?") else written


def _form(schema: Any, depth: int) -> Any:
    """A short form, ``None`` where there is none. Every form is read back: what does not mean the same is not used."""
    if depth > _DEEPEST:
        return None
    for name, meant in _NAMES:
        if schema == meant:
            return name
    if not isinstance(schema, Mapping):
        return None
    form = _candidate(schema, depth)
    if form is None:
        return None
    try:
        return form if expand_expectation(form)[0] == schema else None
    except FormError:
        return None


def _candidate(schema: Mapping[str, Any], depth: int) -> Any:
    keys = set(schema)
    if keys == {"const"}:
        value = schema["const"]
        return value if isinstance(value, bool | int | float) else {"$const": value}
    if keys == {"enum"}:
        return {"$enum": schema["enum"]}
    if keys == {"type", "pattern"}:
        return {"$regex": schema["pattern"]}
    if keys == {"type"} and isinstance(schema["type"], list):
        names = [next((name for name, one in _NAMES if one == {"type": kind}), None) for kind in schema["type"]]
        return None if None in names else " | ".join(str(name) for name in names)
    if keys == {"anyOf"} and isinstance(schema["anyOf"], list):
        parts = [_inner(one, depth + 1) for one in schema["anyOf"]]
        if all(isinstance(one, str) for one in parts):
            return " | ".join(parts)
        return {"$any-of": parts}
    if keys == {"allOf"} and isinstance(schema["allOf"], list):
        return {"$all-of": [_inner(one, depth + 1) for one in schema["allOf"]]}
    if schema.get("type") == "object" and keys <= {"type", "properties", "required"}:
        return _object(schema, depth)
    if schema.get("type") == "object" and keys == {"type", "additionalProperties"}:
        return {"$map": _inner(schema["additionalProperties"], depth + 1)}
    if schema.get("type") == "array":
        return _array(schema, depth)
    return None


def _inner(schema: Any, depth: int) -> Any:
    form = _form(schema, depth)
    return {"$schema": schema} if form is None else form


def _optional(schema: Any) -> str | None:
    """``opt X`` for a schema that allows null besides X, ``None`` where that cannot be said in a word."""
    if schema == {}:
        return "opt any"
    if not isinstance(schema, Mapping):
        return None
    for name, _ in _NAMES:
        if name not in ("any", "null") and expand_expectation(f"opt {name}")[0] == schema:
            return f"opt {name}"
    return None


def _object(schema: Mapping[str, Any], depth: int) -> Any:
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list) or set(required) - set(properties):
        return None
    form: dict[str, Any] = {}
    for name, one in properties.items():
        if name in required:
            form[written_name(name)] = _inner(one, depth + 1)
            continue
        word = _optional(one)
        if word is not None:
            form[written_name(name)] = word
        else:
            form[written_name(name, optional=True)] = _inner(one, depth + 1)
    return form


def _array(schema: Mapping[str, Any], depth: int) -> Any:
    keys = set(schema) - {"type"}
    if keys <= {"items"}:
        return [_inner(schema.get("items", {}), depth + 1)]
    if keys <= {"items", "minItems", "maxItems"}:
        form = {"$each": _inner(schema.get("items", {}), depth + 1)}
        for key, keyword in (("$min", "minItems"), ("$max", "maxItems")):
            if keyword in schema:
                form[key] = schema[keyword]
        return form
    if keys == {"prefixItems"} and isinstance(schema["prefixItems"], list):
        return {"$first": [_inner(one, depth + 1) for one in schema["prefixItems"]]}
    picked = of_some(schema)
    if picked is not None:
        return {"$some": _inner(picked, depth + 1)}
    if keys == {"prefixItems", "minItems"} and isinstance(schema["prefixItems"], list):
        return [_inner(one, depth + 1) for one in schema["prefixItems"]]
    return None


def _sent(schema: Any, depth: int) -> Any:
    if depth > _DEEPEST or not isinstance(schema, Mapping):
        return None
    if schema == {}:
        return "$any"
    if set(schema) == {"const"}:
        return literal(schema["const"])
    closed = schema.get("additionalProperties") is False
    properties = schema.get("properties")
    if schema.get("type") == "object" and closed and isinstance(properties, Mapping):
        required = schema.get("required", [])
        form = {}
        for name, one in properties.items():
            inner = _sent(one, depth + 1)
            form[written_name(name, optional=name not in required)] = {"$schema": one} if inner is None else inner
        return form
    prefix = schema.get("prefixItems")
    if schema.get("type") == "array" and isinstance(prefix, list):
        parts = [_sent(one, depth + 1) for one in prefix]
        return [{"$schema": one} if part is None else part for part, one in zip(parts, prefix, strict=True)]
    for name, meant in _NAMES:
        if schema == meant:
            return {"$type": name}
    if set(schema) == {"enum"}:
        return {"$enum": schema["enum"]}
    if set(schema) == {"type", "pattern"}:
        return {"$regex": schema["pattern"]}
    return None


def _means_sent(form: Any, schema: Any) -> bool:
    try:
        return bool(expand_sent(form).schema == schema)
    except FormError:
        return False
