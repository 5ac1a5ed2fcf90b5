"""What Pydantic's lax mode makes of values and texts: conversions, and formats as it reads them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any

from zeues_contracts.schema.types import Resource, Schema, Settings
from zeues_contracts.schema.validators import judge

__all__ = ["converted", "has_format", "is_of", "pattern_schema", "reads_as"]

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})
_UUID = re.compile(r"(?:urn:uuid:)?\{?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?")


def is_of(kind: str, value: Any) -> bool:
    """Whether a value is of a JSON type, as Pydantic tells types: 1.0 is no integer to be taken as it is."""
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    types: Mapping[str, type | tuple[type, ...]] = {
        "string": str, "boolean": bool, "array": list, "object": dict, "null": type(None),
    }  # fmt: skip
    return isinstance(value, types[kind])


def converted(kind: str, value: Any, form: str) -> tuple[Any] | None:
    """What Pydantic's lax mode makes of a value, in a tuple of one; ``None`` where it refuses."""
    if kind in ("integer", "number"):
        if isinstance(value, bool):
            return (int(value),)
        if kind == "integer" and isinstance(value, float) and math.isfinite(value) and value.is_integer():
            return (int(value),)
        if isinstance(value, str) and len(value) <= 4300:
            text = value.strip()
            if re.fullmatch(r"[+-]?\d+(?:_\d+)*(?:\.0*)?", text):
                return (int(text.partition(".")[0].replace("_", "")),)
            if kind == "number" and re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", text):
                return (float(text),)
        return None
    if kind == "boolean":
        text = value.strip().lower() if isinstance(value, str) else str(value)
        if isinstance(value, str | int | float) and text.removesuffix(".0") in _TRUE | _FALSE:
            return (text.removesuffix(".0") in _TRUE,)
        return None
    if kind == "string" and isinstance(value, int | float) and _is_moment(form, value):
        return (None,)  # something that has no JSON of its own
    return None


def _is_moment(form: str, value: float) -> bool:
    """Whether Pydantic takes a number for what a format means: seconds since the epoch, of a day, of a duration."""
    if form == "duration":
        return True
    if isinstance(value, bool):
        return form == "binary"
    if form == "date":
        return value % 86400 == 0
    return form in ("date-time", "binary") or (form == "time" and 0 <= value < 86400)


def reads_as(form: str, value: str) -> bool:
    """Whether a text has a format as Pydantic reads it: a date-time needs neither offset nor seconds there."""
    text = value[:1000]
    try:
        if form == "date-time":
            return bool(dt.datetime.fromisoformat(text.strip()))
        if form == "time":
            return dt.time.fromisoformat(text.strip()) is not None
        if form == "date":
            return bool(dt.date.fromisoformat(text)) or bool(dt.datetime.fromisoformat(text))
        if form == "uuid":
            return (
                re.fullmatch(r"(?:urn:uuid:)?\{?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?", text)
                is not None
            )
    except ValueError:
        return bool(re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,9})?", text)) and form == "date-time"
    return has_format(form, value) is not False


def has_format(form: str, value: str) -> bool | None:
    """Whether a text has a format as its specification says (RFC 3339: a date-time has an offset)."""
    return judge(_format_only(form), value, Settings(format_assertion=True)).valid


def _format_only(form: str) -> Schema:
    return _scratch(("format", form))


def pattern_schema(pattern: str) -> Schema:
    """The strings that a pattern is found in, as a schema of its own."""
    return _scratch(("pattern", pattern))


_SCRATCH: dict[tuple[str, str], Schema] = {}


def _scratch(key: tuple[str, str]) -> Schema:
    if key not in _SCRATCH:
        while len(_SCRATCH) >= 256:
            _SCRATCH.pop(next(iter(_SCRATCH)), None)
        _SCRATCH[key] = Resource({"type": "string", key[0]: key[1]}).schema()
    return _SCRATCH[key]
