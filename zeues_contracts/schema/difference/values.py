"""Directions and sentences of single keywords."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.difference.model import MISSING, Way
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern, format_bounds

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["became", "bounds_way", "frozen", "listed", "shown", "type_of", "type_set", "way_between", "way_of"]

_LEAST = frozenset({"minLength", "minItems", "minProperties", "minContains"})
_MOST = frozenset({"maxLength", "maxItems", "maxProperties", "maxContains"})


def way_between(loses: bool | None, gains: bool | None) -> Way:
    """The way of a change by whether it takes values away and whether it lets values in; ``None`` is not known."""
    if loses is None or gains is None:
        return Way.UNKNOWN
    if loses:
        return Way.BOTH if gains else Way.NARROWED
    return Way.WIDENED if gains else Way.EQUAL


def way_of(keyword: str, before: Any, after: Any, *, format_assertion: bool = False) -> Way:
    """What the change of one assertion does, taken by itself."""
    if keyword in _LEAST or keyword in _MOST:
        default = 1 if keyword == "minContains" else 0 if keyword in _LEAST else math.inf
        old = default if before is MISSING else before
        new = default if after is MISSING else after
        if old == new:
            return Way.EQUAL
        return Way.NARROWED if (new > old) is (keyword in _LEAST) else Way.WIDENED
    if keyword == "format" and not format_assertion:
        return Way.EQUAL
    if before is MISSING:
        return Way.NARROWED
    if after is MISSING:
        return Way.WIDENED
    if keyword == "pattern":
        return _pattern_way(before, after)
    if keyword == "format":
        return _format_way(before, after)
    if keyword == "multipleOf":
        old, new = _fraction(before), _fraction(after)
        return way_between((old / new).denominator != 1, (new / old).denominator != 1)
    return Way.UNKNOWN


def bounds_way(before: Sequence[Any], after: Sequence[Any], *, lower: bool) -> Way:
    """The way of a numeric bound, each side as (inclusive bound, exclusive bound), :data:`MISSING` for none."""
    old, new = _edge(before, lower=lower), _edge(after, lower=lower)
    return way_between(new > old, new < old)


def type_set(types: Any) -> frozenset[str]:
    """The disjoint types of a ``type`` tuple: ``number`` holds ``integer``."""
    if types is MISSING:
        return frozenset({"null", "boolean", "object", "array", "string", "integer", "fraction"})
    found = set(types)
    if "number" in found:
        found = (found - {"number"}) | {"integer", "fraction"}
    return frozenset(found)


def frozen(value: Any) -> Any:
    """A hashable stand-in, equal for equal JSON values: 1 and 1.0 are one number, 1 and true are not."""
    if isinstance(value, bool) or value is None:
        return ("literal", value)
    if isinstance(value, (int, float)):
        return ("number", value)
    if isinstance(value, list):
        return ("array", tuple(frozen(one) for one in value))
    if isinstance(value, Mapping):
        return ("object", frozenset((name, frozen(one)) for name, one in value.items()))
    return ("string", value)


def shown(value: Any, limit: int = 80) -> str:
    """A JSON value in one short line."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, tuple):
        return " or ".join(map(str, value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)  # the same number; FastAPI writes the bounds of integers as 9999.0
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(values: Sequence[Any], limit: int = 6) -> str:
    """Some JSON values in one short line."""
    text = ", ".join(shown(one, 40) for one in values[:limit])
    return text if len(values) <= limit else f"{text} and {len(values) - limit} more"


def _edge(pair: Sequence[Any], *, lower: bool) -> tuple[float, int]:
    """A bound as a pair that grows as the bound gets tighter."""
    sign = 1 if lower else -1
    inclusive, exclusive = pair
    found: tuple[float, int] = (-math.inf, 0)
    if inclusive is not MISSING:
        found = max(found, (sign * inclusive, 0))
    if exclusive is not MISSING:
        found = max(found, (sign * exclusive, 1))
    return found


def _fraction(value: Any) -> Fraction:
    from fractions import Fraction

    # The decimal that was written, not the binary number next to it: 0.1 is a tenth.
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _pattern_way(before: str, after: str) -> Way:
    try:
        old, new = compile_pattern(before), compile_pattern(after)
        return way_between(not new.contains(old), not old.contains(new))
    except (UnsupportedPattern, PatternBudget):
        return Way.UNKNOWN


def _format_way(before: str, after: str) -> Way:
    old, new = format_bounds(before), format_bounds(after)
    if old is None and new is None:
        return Way.EQUAL
    if old is None:
        return Way.NARROWED
    if new is None:
        return Way.WIDENED
    try:
        loses = False if new.inner.contains(old.outer) else True if not new.outer.contains(old.inner) else None
        gains = False if old.inner.contains(new.outer) else True if not old.outer.contains(new.inner) else None
    except PatternBudget:
        return Way.UNKNOWN
    return way_between(loses, gains)


def type_of(value: Any) -> str:
    """The type of a JSON value; ``fraction`` for a number that is no integer."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "fraction"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def became(keyword: str, before: Any, after: Any) -> str:
    """What a person says of a keyword that changed."""
    if before is MISSING:
        return f"{keyword} {shown(after)} was added"
    if after is MISSING:
        return f"{keyword} {shown(before)} was removed"
    return f"{keyword} {shown(before)} became {shown(after)}"
