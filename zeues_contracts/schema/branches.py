"""What tells the branches of a choice apart: a property that each of them fixes, each to values of its own.

That is what a discriminator is (OpenAPI 3.1, 4.8.25) where its branches say so by ``const`` or ``enum``, and what a
validator does not know: it tries every branch, and has a complaint of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

__all__ = ["Tag", "tag_of"]

_DEEPEST = 20
_MOST_LOOKS = 5_000
"""Schemas may lead back to themselves in many ways; what is not found by then tells nothing apart."""
_MOST_BRANCHES = 200


class Tag(msgspec.Struct, frozen=True):
    """A property, and by the position of each branch that describes objects the values that it may have there."""

    name: str
    values: Mapping[int, tuple[Any, ...]]

    @property
    def allowed(self) -> tuple[Any, ...]:
        """The values of all branches, in order."""
        return tuple(value for ones in self.values.values() for value in ones)

    def branches(self, value: Any) -> tuple[int, ...]:
        """The positions of the branches that a value of the property belongs to."""
        wanted = _key(value)
        return tuple(at for at, ones in self.values.items() if any(_key(one) == wanted for one in ones))


def tag_of(branches: Sequence[Any], definitions: Mapping[str, Any]) -> Tag | None:
    """The property that tells branches apart, if one does. ``definitions`` are the ``$defs`` of a bundle."""
    if not 2 <= len(branches) <= _MOST_BRANCHES:
        return None
    reader = _Reader(definitions)
    marks = {at: reader.marks(one) for at, one in enumerate(branches) if not reader.is_no_object(one)}
    if len(marks) < 2 or reader.looks > _MOST_LOOKS:
        return None
    for name in next(iter(marks.values())):
        values = {at: tuple(ones[name]) for at, ones in marks.items() if name in ones}
        if len(values) == len(marks) and _are_apart(values.values()):
            return Tag(name, values)
    return None


class _Reader:
    """Reads what schemas fix, through references and combinations, as far as the bounds allow."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions
        self.looks = 0

    def may_look(self, node: Any, depth: int) -> bool:
        self.looks += 1
        return isinstance(node, Mapping) and depth <= _DEEPEST and self.looks <= _MOST_LOOKS

    def marks(self, node: Any, depth: int = 0) -> dict[str, Sequence[Any]]:
        """The properties of a schema's objects that have but certain values."""
        if not self.may_look(node, depth):
            return {}
        found: dict[str, Sequence[Any]] = {}
        properties = node.get("properties")
        for name, given in properties.items() if isinstance(properties, Mapping) else ():
            values = self.values(given, depth + 1)
            if values:
                found[str(name)] = values
        for part in self.parts(node):
            found = {**self.marks(part, depth + 1), **found}
        for keyword in ("oneOf", "anyOf"):
            inner = node.get(keyword)
            if isinstance(inner, list) and 0 < len(inner) <= _MOST_BRANCHES:
                every = [self.marks(one, depth + 1) for one in inner]
                for name in every[0]:
                    if all(name in one for one in every):
                        found.setdefault(name, [value for one in every for value in one[name]])
        return found

    def values(self, node: Any, depth: int) -> Sequence[Any]:
        """The values that a schema lists."""
        if not self.may_look(node, depth):
            return ()
        if "const" in node:
            return [node["const"]]
        if isinstance(node.get("enum"), list):
            return list(node["enum"])
        return next((found for part in self.parts(node) if (found := self.values(part, depth + 1))), ())

    def is_no_object(self, node: Any, depth: int = 0) -> bool:
        """Whether a branch is for another kind of value, such as null."""
        if not self.may_look(node, depth):
            return node is False
        kind = node.get("type")
        if kind is not None:
            return "object" not in ([kind] if isinstance(kind, str) else list(kind))
        target = self.target(node)
        return target is not None and self.is_no_object(target, depth + 1)

    def parts(self, node: Mapping[str, Any]) -> list[Any]:
        """What else describes the same values, all of them."""
        target, combined = self.target(node), node.get("allOf")
        return ([] if target is None else [target]) + (list(combined) if isinstance(combined, list) else [])

    def target(self, node: Mapping[str, Any]) -> Any:
        reference = node.get("$ref")
        return self.definitions.get(reference.removeprefix("#/$defs/")) if isinstance(reference, str) else None


def _are_apart(values: Iterable[Sequence[Any]]) -> bool:
    keys = [{_key(one) for one in ones} for ones in values]
    return sum(len(one) for one in keys) == len(set().union(*keys))


def _key(value: Any) -> str:
    """Equal for values that are equal in JSON; ``True`` is no 1."""
    return json.dumps(value, sort_keys=True, default=str)
