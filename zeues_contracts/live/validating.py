"""Is a value in the set that a schema of the document stands for? Asked of two independent validators.

As ``schema.faults`` tells it, of what really travelled: properties that go one way only are not required the other way,
and where they are sent they are what is described. Formats are annotations (JSON Schema 2020-12 Validation, 7.2.1), and
one that jsonschema-rs misses is told where our own reading of it misses it too.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from zeues_contracts.schema.faults import Fault, faults
from zeues_contracts.schema.types import Direction, Schema, Settings

__all__ = ["problems"]

_MAX_TEXT = 100_000
_SETTINGS = {way: Settings(direction=way, marked_stay=True) for way in Direction}


def problems(schema: Schema, value: Any, direction: Direction, *, formats: bool = True) -> tuple[Fault, ...] | None:
    """Why a value is outside of a schema; empty when it is inside, ``None`` when it cannot be told.

    It cannot be told where the schema cannot be compiled or the validators disagree.
    """
    found = faults(schema, value, _SETTINGS[direction], formats=formats)
    if not found:
        return found
    hard = tuple(one for one in found if not one.format)
    return hard + tuple(one for one in found if one.format and _misfit(one))


# The second opinion on formats (RFC 3339, 4122, 5321, 4291).


def _date(text: str) -> bool:
    dt.date.fromisoformat(text)
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text))


def _date_time(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", text):
        return False
    # Leap seconds are allowed by RFC 3339 and unknown to Python.
    whole = re.sub(r"\.\d+", "", text).upper().replace("Z", "+00:00")
    dt.datetime.fromisoformat(re.sub(r":60(?=[+-])", ":59", whole))
    return True


def _time(text: str) -> bool:
    return bool(re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", text))


def _uuid(text: str) -> bool:
    return len(text) == 36 and str(uuid.UUID(text)) == text.lower()


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _date,
    "date-time": _date_time,
    "time": _time,
    "uuid": _uuid,
    "email": lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text)),
    "ipv4": lambda text: ipaddress.IPv4Address(text) is not None,
    "ipv6": lambda text: ipaddress.IPv6Address(text) is not None,
}


def _misfit(fault: Fault) -> bool:
    """Whether the format is one that is judged, and our own reading of it refuses the text as well."""
    check = _FORMATS.get(fault.format)
    if check is None or not isinstance(fault.instance, str):
        return False
    try:
        return not check(fault.instance[:_MAX_TEXT])
    except ValueError:
        return True
