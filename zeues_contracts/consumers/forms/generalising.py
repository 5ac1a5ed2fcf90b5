"""From values that were seen to what is common to them: never one value, never more than was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeues_contracts.consumers.forms.words import union

__all__ = ["generalise"]

_DEEPEST = 60
_MOST_ITEMS = 500


def generalise(values: Sequence[Any], depth: int = 0) -> Any:
    """The schema of values like these.

    A property that was always there is required, one that was there at times is optional. Null tells that it may be
    null; null alone tells nothing. Whole numbers are numbers: the next one may have a fraction.
    """
    if depth > _DEEPEST:
        return {}
    known = [one for one in values if one is not None]
    if not known:
        return {}
    parts: list[Any] = []
    objects = [one for one in known if isinstance(one, Mapping)]
    lists = [one for one in known if isinstance(one, list | tuple)]
    if objects:
        parts.append(_objects(objects, depth))
    if lists:
        items = [item for one in lists for item in one[:_MOST_ITEMS]][:_MOST_ITEMS]
        inner = generalise(items, depth + 1) if items else {}
        parts.append({"type": "array", "items": inner} if inner != {} else {"type": "array"})
    for kind, types in (("boolean", bool), ("string", str)):
        if any(isinstance(one, types) for one in known):
            parts.append({"type": kind})
    if any(isinstance(one, int | float) and not isinstance(one, bool) for one in known):
        parts.append({"type": "number"})
    if len(known) < len(values):
        parts.append({"type": "null"})
    return union(parts)


def _objects(objects: Sequence[Mapping[str, Any]], depth: int) -> dict[str, Any]:
    names = list(dict.fromkeys(str(name) for one in objects for name in one))
    schema: dict[str, Any] = {"type": "object"}
    if names:
        schema["properties"] = {
            name: generalise([one[name] for one in objects if name in one], depth + 1) for name in names
        }
    required = [name for name in names if all(name in one for one in objects)]
    if required:
        schema["required"] = required
    return schema
