"""Two versions of a document and a choice among their differences: a document between the two. Pure.

The differences are gathered into units, each named by its place: the smallest parts that can be taken one without the
other. A schema that is put together in another way (``type`` becomes ``anyOf``) is one unit; operations of a path,
parameters and entries of ``required`` and ``enum`` are units of their own, whatever order they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from zeues_contracts.schema.references import escape

__all__ = ["Unit", "blend", "references", "units_of"]

Unit = str
"""A JSON pointer, with ``#`` and a word where several parts of one place are meant."""

_ABSENT: Any = object()
_MAX_DEPTH = 200
_STRUCTURE = frozenset({"$ref", "anyOf", "oneOf", "allOf", "type", "const"})
_PLAIN = frozenset({"title", "description", "example", "examples", "deprecated", "default", "externalDocs", "xml"})
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"})
_NAMES = frozenset({"properties", "patternProperties", "schemas", "definitions", "$defs", "responses", "headers"})


def units_of(old: Any, new: Any) -> tuple[Unit, ...]:
    """Every unit in which two values differ, in the order of the document."""
    found: dict[Unit, None] = {}

    def note(unit: Unit) -> bool:
        found[unit] = None
        return False

    _blend(old, new, "", note, 0)
    return tuple(found)


def blend(old: Any, new: Any, chosen: Collection[Unit]) -> Any:
    """The old value with some of the units taken from the new one. Parts are shared with both: write to none."""
    return _blend(old, new, "", frozenset(chosen).__contains__, 0)


Chooses = Callable[[Unit], bool]


def _blend(old: Any, new: Any, at: str, chooses: Chooses, depth: int) -> Any:
    if old is new or _same(old, new):
        return old
    if depth < _MAX_DEPTH:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return _objects(old, new, at, chooses, depth)
        if isinstance(old, list) and isinstance(new, list):
            lists = _lists(old, new, at, chooses, depth)
            if lists is not None:
                return lists
    return new if chooses(at) else old


def _objects(old: Mapping[str, Any], new: Mapping[str, Any], at: str, chooses: Chooses, depth: int) -> Any:
    if at == "/paths":
        return _paths(old, new, chooses, depth)
    within_names = at.rpartition("/")[2] in _NAMES
    restructured = not within_names and any((key in old) != (key in new) for key in _STRUCTURE)
    result: dict[str, Any] = {}
    for key in dict.fromkeys((*old, *new)):
        here = f"{at}/{escape(str(key))}"
        one, other = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if one is other or (one is not _ABSENT and other is not _ABSENT and _same(one, other)):
            result[key] = one
        elif restructured and key not in _PLAIN and not str(key).startswith("x-"):
            _put(result, key, other if chooses(f"{at}#structure") else one)
        elif key == "required" and _names(one) is not None and _names(other) is not None:
            names = _texts(_names(one) or [], _names(other) or [], here, chooses)
            if names or (one is not _ABSENT and other is not _ABSENT):
                result[key] = names
        elif one is _ABSENT or other is _ABSENT:
            parted = _by_method(key, one, other, here)
            if parted is not None:
                _put(result, key, _blend(*parted, here, chooses, depth + 1) or _ABSENT)
            elif key == "parameters" and isinstance(one if other is _ABSENT else other, list):
                both = [[] if side is _ABSENT else side for side in (one, other)]
                _put(result, key, _blend(both[0], both[1], here, chooses, depth + 1) or _ABSENT)
            elif key == "properties" or (isinstance(one if other is _ABSENT else other, Mapping) and key in _NAMES):
                both = [{} if side is _ABSENT else side for side in (one, other)]
                _put(result, key, _blend(both[0], both[1], here, chooses, depth + 1) or _ABSENT)
            else:
                _put(result, key, other if chooses(here) else one)
        else:
            result[key] = _blend(one, other, here, chooses, depth + 1)
    return result


def _paths(old: Mapping[str, Any], new: Mapping[str, Any], chooses: Chooses, depth: int) -> dict[str, Any]:
    """Path items by what they match: a parameter that only changed its name makes no other path of it."""
    partners = {_nameless(key): key for key in new}
    result: dict[str, Any] = {}
    for key, one in old.items():
        here = f"/paths/{escape(str(key))}"
        partner = key if key in new else partners.get(_nameless(key))
        if partner is None:
            _put(result, key, _item(one, here, chooses, comes=False))
        elif partner == key:
            result[key] = _blend(one, new[key], here, chooses, depth + 1)
        elif chooses(here):
            result[partner] = new[partner]
        else:
            result[key] = one
    known = {_nameless(key) for key in old}
    for key, other in new.items():
        if key not in old and _nameless(key) not in known:
            _put(result, key, _item(other, f"/paths/{escape(str(key))}", chooses, comes=True))
    return result


def _item(item: Any, at: str, chooses: Chooses, *, comes: bool) -> Any:
    """A path item that comes or goes: its operations are units of their own, what they share is there with any."""
    if not isinstance(item, Mapping) or not any(str(key).lower() in _METHODS for key in item):
        return item if chooses(at) is comes else _ABSENT
    kept = {
        key: one
        for key, one in item.items()
        if str(key).lower() not in _METHODS or chooses(f"{at}/{escape(str(key))}") is comes
    }
    return kept if any(str(key).lower() in _METHODS for key in kept) else _ABSENT


def _by_method(key: str, one: Any, other: Any, here: str) -> tuple[Any, Any] | None:
    """A ``paths`` or ``webhooks`` object that comes or goes: told item by item."""
    present = other if one is _ABSENT else one
    if here in ("/paths", "/webhooks", "/components") and isinstance(present, Mapping):
        return ({}, other) if one is _ABSENT else (one, {})
    return None


def _lists(old: list[Any], new: list[Any], at: str, chooses: Chooses, depth: int) -> list[Any] | None:
    if all(isinstance(one, str) for one in (*old, *new)) and len({*old}) == len(old) and len({*new}) == len(new):
        return _texts(old, new, at, chooses)
    if at.endswith("/parameters"):
        before, after = _by_key(old), _by_key(new)
        if before is not None and after is not None:
            kept: dict[str, Any] = {}
            for name, one in before.items():
                if name in after:
                    kept[name] = _blend(one, after[name], f"{at}#{name}", chooses, depth + 1)
                elif not chooses(f"{at}#{name}"):
                    kept[name] = one
            added = {name: one for name, one in after.items() if name not in before and chooses(f"{at}#{name}")}
            return [({**kept, **added})[name] for name in _order(list(kept), list(after), set(added))]
    if len(old) == len(new) and all(_alike(one, other) for one, other in zip(old, new, strict=True)):
        return [
            _blend(one, other, f"{at}/{index}", chooses, depth + 1)
            for index, (one, other) in enumerate(zip(old, new, strict=True))
        ]
    return None


def _order(kept: list[str], after: list[str], added: set[str]) -> list[str]:
    """The order of what is left: as it was, each newcomer behind the one that it follows in the new list."""
    order = list(kept)
    for index, name in enumerate(after):
        if name in added:
            before = [one for one in after[:index] if one in order]
            order.insert(order.index(before[-1]) + 1 if before else 0, name)
    return order


def _texts(old: list[str], new: list[str], at: str, chooses: Chooses) -> list[str]:
    kept = [one for one in old if one in new or not chooses(f"{at}#{one}")]
    return kept + [one for one in new if one not in old and chooses(f"{at}#{one}")]


def _names(value: Any) -> list[str] | None:
    if value is _ABSENT:
        return []
    if isinstance(value, list) and all(isinstance(one, str) for one in value) and len(set(value)) == len(value):
        return value
    return None


def _by_key(parameters: list[Any]) -> dict[str, Any] | None:
    """Parameters by place and name, or by what they refer to; ``None`` where they cannot be told apart."""
    found: dict[str, Any] = {}
    for one in parameters:
        if not isinstance(one, Mapping):
            return None
        name = one.get("$ref") or (f"{one['in']}:{one['name']}" if "in" in one and "name" in one else None)
        if not isinstance(name, str) or name in found:
            return None
        found[name] = one
    return found


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.get("$ref") == other.get("$ref") and one.get("type") == other.get("type")
    return _same(one, other)


def _nameless(path: str) -> str:
    return re.sub(r"{[^{}/]*}", "{}", str(path))


def _put(result: dict[str, Any], key: str, value: Any) -> None:
    if value is not _ABSENT:
        result[key] = value


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: ``true`` is not 1. What Python calls unequal (at C speed) is."""
    try:
        if one is _ABSENT or other is _ABSENT or one != other:
            return one is other
    except RecursionError:
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return len(one) == len(other) and all(key in other and _same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return True


def references(value: Any, depth: int = 0) -> Iterator[str]:
    """Every ``$ref`` below a value."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "$ref" and isinstance(one, str):
                yield one
            else:
                yield from references(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from references(one, depth + 1)
