"""What describes a value: schema objects at their places, references and ``allOf`` followed, unions left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zeues_contracts.schema.dialects.bundle import target_of
from zeues_contracts.schema.dialects.translate import translate
from zeues_contracts.schema.references import child, node_at, resolve
from zeues_contracts.schema.types import Direction, Schema

__all__ = ["Part", "parts_of", "read_schema"]

_MAX_PARTS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One schema object that describes the value: its place, read as 2020-12, and as it stands in the document."""

    place: Schema
    read: Mapping[str, Any]
    raw: Mapping[str, Any]

    def branches(self, keyword: str) -> list[Schema]:
        """The places of ``anyOf`` or ``oneOf``."""
        return [child(self.place, keyword, index) for index in range(len(self.read.get(keyword, ())))]


def read_schema(place: Schema, node: Any, direction: Direction) -> Mapping[str, Any]:
    """The schema object at a place as 2020-12, without what does not go this way."""

    def target(one: Mapping[str, Any]) -> Any:
        found = resolve(place, one["$ref"])
        return None if found is None else node_at(found)

    return translate(node, place.resource.dialect, direction, resolve=target)


def parts_of(places: Iterable[Schema], direction: Direction) -> list[Part]:
    """All schema objects that every value at some places has to satisfy, but for unions, ``if`` and ``not``.

    A ``False`` schema is a part that reads ``{"not": {}}``. What leads nowhere is left out.
    """
    found: list[Part] = []
    seen: set[tuple[int, str]] = set()
    stack = list(places)[::-1]
    while stack and len(found) < _MAX_PARTS:
        place = stack.pop()
        mark = (id(place.resource), place.pointer)
        if mark in seen:
            continue
        seen.add(mark)
        try:
            node = node_at(place)
        except KeyError:
            continue
        read = read_schema(place, node, direction)
        found.append(Part(place, read, node if isinstance(node, Mapping) else {}))
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if keyword in read:
                target = target_of(place, read, keyword)
                if target is not None:
                    stack.append(target)
        stack += [child(place, "allOf", index) for index in reversed(range(len(read.get("allOf", ()))))]
    return found
