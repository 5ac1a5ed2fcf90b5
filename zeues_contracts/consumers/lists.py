"""Lists of which a consumer reads every item, certain ones, or one that it picked: their schemas, apart and together.

That the first item is like X is ``prefixItems: [X]``, which an empty list fulfils. That an item which was picked is
like X is "the list is empty, or it holds an X": what was picked was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ListShape", "list_schema", "list_shape", "of_some", "some_item"]

Both = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class ListShape:
    """``items`` is for every item; ``first`` for those of the first indexes as well; ``some`` one each is there."""

    items: Any = None
    first: tuple[Any, ...] = ()
    some: tuple[Any, ...] = ()

    def with_(self, other: ListShape, both: Both) -> ListShape:
        """What is told by either; ``both`` puts two schemas of one item together."""
        items = _either(self.items, other.items, both)
        longest = max(len(self.first), len(other.first))
        first = tuple(_either(_at(self.first, index), _at(other.first, index), both) for index in range(longest))
        some = (*self.some, *(one for one in other.some if one not in self.some))
        return ListShape(items, first, some)


def _at(schemas: tuple[Any, ...], index: int) -> Any:
    return schemas[index] if index < len(schemas) else None


def _either(one: Any, two: Any, both: Both) -> Any:
    if one is None or two is None:
        return two if one is None else one
    return both(one, two)


def some_item(schema: Any) -> dict[str, Any]:
    """A list, of which an item that was picked is so."""
    return {"type": "array", "anyOf": [{"maxItems": 0}, {"contains": schema}]}


def of_some(schema: Any) -> Any:
    """The schema of the picked item; ``None`` for all else."""
    if not isinstance(schema, Mapping) or set(schema) != {"type", "anyOf"} or schema["type"] != "array":
        return None
    parts = schema["anyOf"]
    if not isinstance(parts, list) or len(parts) != 2 or parts[0] != {"maxItems": 0}:
        return None
    return parts[1]["contains"] if isinstance(parts[1], Mapping) and set(parts[1]) == {"contains"} else None


def list_shape(schema: Any, both: Both) -> ListShape | None:
    """A schema of lists taken apart, ``None`` for what says anything else as well."""
    if not isinstance(schema, Mapping):
        return None
    picked = of_some(schema)
    if picked is not None:
        return ListShape(some=(picked,))
    if set(schema) == {"allOf"} and isinstance(schema["allOf"], list) and schema["allOf"]:
        found: ListShape | None = ListShape()
        for one in schema["allOf"]:
            part = list_shape(one, both)
            if part is None or found is None:
                return None
            found = found.with_(part, both)
        return found
    if schema.get("type") != "array" or not set(schema) <= {"type", "items", "prefixItems"}:
        return None
    first = schema.get("prefixItems", [])
    if not isinstance(first, list):
        return None
    items = schema.get("items")
    # What is said of every item is, beside `prefixItems`, said of those after them alone.
    if first and "items" in schema and not all(both(one, items) == one for one in first):
        return None
    return ListShape(items, tuple(first))


def list_schema(shape: ListShape, both: Both) -> dict[str, Any]:
    """The schema (2020-12) of a shape; what every item is said to be is not said again of a single one."""
    items = None if shape.items in ({}, True) else shape.items

    def told(schema: Any) -> bool:
        return schema in ({}, True) or (items is not None and both(items, schema) == items)

    first = [{} if told(one) else one for one in shape.first]
    while first and first[-1] == {}:
        first.pop()
    parts: list[dict[str, Any]] = []
    if items is not None:
        parts.append({"type": "array", "items": items})
    if first:
        parts.append({"type": "array", "prefixItems": first})
    some = [one for one in shape.some if not told(one)]
    parts += [some_item(one) for index, one in enumerate(some) if one not in some[:index]]
    if not parts:
        return {"type": "array"}
    return parts[0] if len(parts) == 1 else {"allOf": parts}
