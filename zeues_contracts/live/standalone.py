"""A document that leads nowhere: what it names outside of itself is taken out before an engine reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["standalone"]

_POINTERS = frozenset({"$ref", "$dynamicRef", "operationRef"})
_ADDRESSES = frozenset({"externalValue", "$id"})


def standalone(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without references to other files and hosts, external examples and base addresses of schemas.

    The engine would fetch them itself, files of this machine among them, and send what it read to the service. What a
    reference outwards stood for may be anything then. Parts that are shared stay shared.
    """
    copied = _copy(document, {})
    assert isinstance(copied, dict)
    return copied


def _copy(value: Any, known: dict[int, Any]) -> Any:
    if not isinstance(value, Mapping | list):
        return value
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, list):
        items: list[Any] = []
        known[id(value)] = items
        items += [_copy(one, known) for one in value]
        return items
    entries: dict[str, Any] = {}
    known[id(value)] = entries
    entries |= {key: _copy(one, known) for key, one in value.items() if not _leads_out(key, one)}
    return entries


def _leads_out(key: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False  # a property of that name, and its schema
    return key in _ADDRESSES or (key in _POINTERS and not value.startswith("#"))
