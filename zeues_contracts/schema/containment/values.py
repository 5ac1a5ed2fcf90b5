"""JSON values as JSON Schema compares them: 1 is 1.0, true is not 1, members have no order."""

from __future__ import annotations

from typing import Any

from zeues_contracts.schema.containment.numbers import exact

__all__ = ["TYPES", "key_of", "respelled", "size_of", "too_deep", "too_large", "type_of"]

MAX_PARTS = 150_000
TYPES = ("null", "boolean", "number", "string", "array", "object")


def key_of(value: Any) -> Any:
    """A hashable stand-in: equal exactly for values that are equal as instances (Core 4.2.2)."""
    if value is None:
        return ("n",)
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, str):
        return ("s", value)
    if isinstance(value, int):
        return ("i", value)
    if isinstance(value, float):
        if value == value and value not in (float("inf"), float("-inf")):
            number = exact(value)
            return ("i", number.numerator) if number.denominator == 1 else ("f", number)
        return ("x", repr(value))
    if isinstance(value, dict):
        return ("o", frozenset((name, key_of(one)) for name, one in value.items()))
    if isinstance(value, (list, tuple)):
        return ("a", tuple(key_of(one) for one in value))
    return ("?", repr(value))


def respelled(value: Any, depth: int = 0) -> Any:
    """The same value with its large integers written as floats: validators take 10**308 and 1e308 for two numbers."""
    if depth > 60:
        return value
    if isinstance(value, dict):
        return {name: respelled(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [respelled(one, depth + 1) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and 1 << 53 < abs(value) < 10**308 * 2:
        try:
            written = float(value)
        except OverflowError:
            return value
        return written if exact(written) == value else value
    return value


def type_of(value: Any) -> str:
    """The type of a value; an integer is a number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, (list, tuple)) else "object"


def too_large(value: Any, limit: int = MAX_PARTS) -> bool:
    """Whether a value has more parts than anybody writes down; parts that are shared count each time."""
    count, stack = 0, [value]
    while stack:
        one = stack.pop()
        if isinstance(one, (dict, list)):
            count += 1 + len(one)
            if count > limit:
                return True
            stack.extend(one.values() if isinstance(one, dict) else one)
    return False


def too_deep(value: Any, limit: int) -> bool:
    """Whether a value is nested deeper than a limit. Values that are too large first are not to be asked about."""
    level = [value]
    for _ in range(limit):
        level = [
            part
            for one in level
            if isinstance(one, (dict, list))
            for part in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def size_of(value: Any) -> tuple[int, int]:
    """How large a value is to a reader: members and items, then characters."""
    members = text = 0
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            members += 1 + len(one)
            text += sum(map(len, one))
            stack.extend(one.values())
        elif isinstance(one, list):
            members += 1 + len(one)
            stack.extend(one)
        elif isinstance(one, str):
            text += len(one)
        elif one is not None and not isinstance(one, bool):
            text += len(str(one))
    return members, text
