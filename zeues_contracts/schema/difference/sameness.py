"""Which places of two documents say the same, references included: settled once per pair, in linear time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.schema.references import child, node_at, resolve
from zeues_contracts.schema.types import Schema

__all__ = ["Sameness", "same_json"]

Key = tuple[int, str, int, str]


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same text but for the order of members; 1, 1.0 and true are three values."""
    # Python's == is C speed and never says that the same differ, but it holds 1, 1.0 and true for one.
    try:
        return bool(one == other) and _spelled(one) == _spelled(other)
    except RecursionError:
        return False


def _spelled(value: Any) -> bytes:
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        import json

        return json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")


class Sameness:
    """Pairs of places that are equal as written, and so are all that they refer to.

    A pair that is looked at brings in all pairs that it refers to; what differs is carried backwards along the
    references; so every pair is looked at once, however often it is asked for.
    """

    def __init__(self) -> None:
        self._same: dict[Key, bool] = {}
        self._keep: list[Schema] = []

    def __call__(self, old: Schema, new: Schema) -> bool:
        """Whether two places say the same."""
        if old.resource is new.resource and old.pointer == new.pointer:
            return True
        key = _key(old, new)
        known = self._same.get(key)
        if known is None:
            self._explore(old, new, key)
            known = self._same[key]
        return known

    def _explore(self, old: Schema, new: Schema, start: Key) -> None:
        self._keep += (old, new)  # keys hold identities: what they name has to stay alive
        users: dict[Key, list[Key]] = {}
        different: list[Key] = []
        found: set[Key] = {start}
        stack: list[tuple[Key, Schema, Schema]] = [(start, old, new)]
        while stack:
            key, one, other = stack.pop()
            links = _links(one, other)
            if links is None:
                different.append(key)
                continue
            for target_one, target_other in links:
                target = _key(target_one, target_other)
                if target_one.resource is target_other.resource and target_one.pointer == target_other.pointer:
                    continue
                if self._same.get(target) is True:
                    continue
                users.setdefault(target, []).append(key)
                if self._same.get(target) is False:
                    different.append(target)
                elif target not in found:
                    found.add(target)
                    stack.append((target, target_one, target_other))
        for key in found:
            self._same[key] = True
        while different:
            key = different.pop()
            self._same[key] = False
            different.extend(user for user in users.pop(key, ()) if self._same[user])


def _links(one: Schema, other: Schema) -> list[tuple[Schema, Schema]] | None:
    """The pairs of places that two equal places refer to; ``None`` where they differ."""
    try:
        node, twin = node_at(one), node_at(other)
    except KeyError:
        return None
    if one.resource.dialect is not other.resource.dialect or not same_json(node, twin):
        return None
    links: list[tuple[Schema, Schema]] = []
    for pointer, reference in _references(node):
        here = child(one, *pointer)
        there = child(other, *pointer)
        first, second = resolve(here, reference), resolve(there, reference)
        if first is None and second is None:
            continue  # the same text that leads nowhere on both sides
        if first is None or second is None:
            return None
        links.append((first, second))
    return links


def _references(node: Any) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(node, ())]
    while stack:
        here, path = stack.pop()
        if isinstance(here, Mapping):
            for name, one in here.items():
                if isinstance(one, str):
                    if name in ("$ref", "$dynamicRef", "$recursiveRef"):
                        found.append((path, one))
                elif isinstance(one, (dict, list)) and one:
                    stack.append((one, (*path, name)))
        elif isinstance(here, list):
            stack.extend((one, (*path, i)) for i, one in enumerate(here) if isinstance(one, (dict, list)) and one)
    return found


def _key(old: Schema, new: Schema) -> Key:
    return (id(old.resource), old.pointer, id(new.resource), new.pointer)
