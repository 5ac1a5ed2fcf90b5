"""A body as it was read: a tree of its places, what is known of each, and the schema that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zeues_contracts.consumers.lists import ListShape, list_schema
from zeues_contracts.consumers.recording.conditions import conjunction, loosened
from zeues_contracts.consumers.recording.hook.reads import EACH, EACH_KEY, FIRST, SOME

__all__ = ["Node", "Path", "fill", "kind_of", "schema_of_node", "union_schemas"]

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Node:
    """What is known of one place in the body. ``picked`` are items by their step: an index, or anyone knows which."""

    kinds: set[str] = field(default_factory=set)
    members: dict[str, Node] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    each: Node | None = None
    each_key: Node | None = None
    picked: dict[int, Node] = field(default_factory=dict)
    demanded: list[dict[str, Any]] = field(default_factory=list)
    uses: list[Callable[[], dict[str, Any]]] = field(default_factory=list)
    came: list[Any] = field(default_factory=list)

    def child(self, step: str | int) -> Node:
        """The place one step below; it is made where it is not known."""
        if isinstance(step, str):
            self.kinds.add("object")
            return self.members.setdefault(step, Node())
        if step == EACH_KEY:
            self.kinds.add("object")
            self.each_key = self.each_key or Node()
            return self.each_key
        self.kinds.add("array")
        if step == EACH:
            self.each = self.each or Node()
            return self.each
        return self.picked.setdefault(step, Node())

    def at(self, path: Path) -> Node:
        """The place at the end of a way."""
        node = self
        for step in path:
            node = node.child(step)
        return node


def fill(node: Node, value: Any, depth: int = 0) -> None:
    """Put what came beside what was read."""
    if depth > 100:
        return
    node.came.append(value)
    if isinstance(value, Mapping):
        for name, child in node.members.items():
            if name in value:
                fill(child, value[name], depth + 1)
        if node.each_key is not None:
            for one in list(value.values())[:1000]:
                fill(node.each_key, one, depth + 1)
    elif isinstance(value, list):
        if node.each is not None:
            for one in value[:1000]:
                fill(node.each, one, depth + 1)
        for step, child in node.picked.items():
            for one in _items_of(value, step):
                fill(child, one, depth + 1)


def _items_of(value: list[Any], step: int) -> Sequence[Any]:
    if step == SOME:
        return value[:1000]
    index = step - FIRST if step >= FIRST else step
    return [value[index]] if -len(value) <= index < len(value) else []


def schema_of_node(node: Node, depth: int = 0) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what is expected at a place."""
    if depth > 60:
        return {}
    base = _base(node, depth)
    demanded = conjunction(_distinct([*node.demanded, *_needed(node)])) or {}
    if not demanded:
        return base
    wanted, known = _types(demanded), _types(base)
    if wanted and known and not wanted & known:
        return demanded  # what the test wants is not what came
    if "anyOf" in demanded and not node.members and node.each is None and not node.picked:
        return demanded
    return conjunction([base, demanded]) or {}


def _needed(node: Node) -> list[dict[str, Any]]:
    """What the code does with a value that came as nothing of the kind: it says what it needs, whatever came."""
    if not node.uses or any(isinstance(one, Mapping | list) for one in node.came):
        return []
    return [schema for use in node.uses if (schema := use())]


def _base(node: Node, depth: int) -> dict[str, Any]:
    kinds = set(node.kinds)
    if not kinds:
        return union_schemas([kind_of(one) for one in node.came]) if node.came else {}
    came = {"object" if isinstance(one, Mapping) else "array" if isinstance(one, list) else "" for one in node.came}
    if len(kinds) > 1 and came - {""}:
        kinds &= came
    parts: list[dict[str, Any]] = []
    if "object" in kinds:
        part: dict[str, Any] = {"type": "object"}
        if node.required:
            part["required"] = list(node.required)
        inner = {name: schema_of_node(child, depth + 1) for name, child in node.members.items()}
        properties = {name: one for name, one in inner.items() if one}
        if properties:
            part["properties"] = properties
        if node.each_key is not None:
            each = schema_of_node(node.each_key, depth + 1)
            if each:
                part["additionalProperties"] = each
        parts.append(part)
    if "array" in kinds:
        parts.append(_list(node, depth))
    return union_schemas(parts)


def _list(node: Node, depth: int) -> dict[str, Any]:
    items = schema_of_node(node.each, depth + 1) if node.each is not None else {}
    known = {step: schema_of_node(child, depth + 1) for step, child in sorted(node.picked.items())}
    last = max(known, default=0)
    first = tuple(known.get(step, {}) for step in range(FIRST, last + 1))
    # Several that nobody knows the place of may be several: no value is that of all of them.
    some = tuple(loosened(one) if step == SOME else one for step, one in known.items() if step < 0)

    def both(one: Any, two: Any) -> Any:
        return conjunction([one, two]) or {}

    return list_schema(ListShape(items or None, first, some), both)


def _types(schema: Mapping[str, Any]) -> set[str]:
    if "allOf" in schema:
        return next((found for one in schema["allOf"] if (found := _types(one))), set())
    if set(schema) == {"anyOf"}:
        parts = [_types(one) for one in schema["anyOf"]]
        return set().union(*parts) if all(parts) else set()
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _distinct(schemas: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for index, one in enumerate(schemas) if one not in schemas[:index]]


def kind_of(value: Any) -> dict[str, Any]:
    """The type of a value as a schema. Numbers are numbers: no consumer in Python minds whether 3 is written 3.0."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, Mapping):
        return {"type": "object"}
    return {"type": "array"} if isinstance(value, list) else {}


def union_schemas(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The schema of the values of any of these, plainly written."""
    from zeues_contracts.consumers.forms.words import union

    return dict(union(schemas))
