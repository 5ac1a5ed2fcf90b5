"""The components that a document needs, brought from another one that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeues_contracts.openapi.references import MISSING, look_up
from zeues_contracts.schema.references import escape, unescape
from zeues_contracts.snapshots.blending import references

__all__ = ["complete", "put"]


def complete(contents: Mapping[str, Any], source: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the components that are referred to and are in the other document alone."""
    result: dict[str, Any] = dict(contents)
    waiting = list(references(contents))
    waiting += [f"#/components/securitySchemes/{escape(name)}" for name in _schemes(contents)]
    waiting += [f"#/securityDefinitions/{escape(name)}" for name in _schemes(contents) if "swagger" in contents]
    done: set[str] = set()
    while waiting:
        reference = waiting.pop()
        pointer = reference.removeprefix("#")
        if reference in done or not pointer.startswith("/"):
            continue
        done.add(reference)
        if look_up(result, pointer) is MISSING and (value := look_up(source, pointer)) is not MISSING:
            result = put(result, [unescape(token) for token in pointer.split("/")[1:]], value)
            waiting += references(value)
    return result


def put(value: Any, path: Sequence[str], new: Any) -> Any:
    """A copy of a value with something at a path; only what leads there is copied."""
    if not path:
        return new
    if isinstance(value, list):
        index = int(path[0])
        return [put(one, path[1:], new) if place == index else one for place, one in enumerate(value)]
    below = value.get(path[0], {}) if isinstance(value, Mapping) else {}
    return {**(value if isinstance(value, Mapping) else {}), path[0]: put(below, path[1:], new)}


def _schemes(contents: Mapping[str, Any]) -> set[str]:
    """Names of security schemes that are required somewhere."""
    found: set[str] = set()
    paths = contents.get("paths")
    holders: list[Any] = [contents]
    for item in paths.values() if isinstance(paths, Mapping) else ():
        holders += item.values() if isinstance(item, Mapping) else ()
    for holder in holders:
        security = holder.get("security") if isinstance(holder, Mapping) else None
        for one in security if isinstance(security, list) else ():
            found |= {str(name) for name in one} if isinstance(one, Mapping) else set()
    return found
