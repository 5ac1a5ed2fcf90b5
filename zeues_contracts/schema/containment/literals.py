"""What is seen of a literal at once, without a search: the schemas that hold of it, its types, null, its choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zeues_contracts.schema.containment.graph import ALL, NONE, Graph, Node
from zeues_contracts.schema.containment.members import Members

__all__ = ["MAX_CHOICE", "MAX_LISTED", "Literals", "conjuncts", "kinds_of", "spread"]

MAX_CONJUNCTS = 24
MAX_CHOICE = 64
"""Branches of a choice that are looked at one by one."""
MAX_LISTED = 200
"""Values of a finite set that are looked at one by one."""

_KINDS = frozenset({"boolean", "integer", "number", "string", "array", "object"})


def conjuncts(graph: Graph, literal: int) -> list[Node]:
    """Schemas that hold of every value of a literal but ``null``, references and ``allOf`` opened."""
    found: list[Node] = []
    todo, seen = [literal], {literal}
    while todo and len(found) < MAX_CONJUNCTS:
        one = todo.pop(0)
        node = graph.node(one)
        if one & 1 and one != NONE:
            continue
        found.append(node)
        if node.kind == "schema" and one > NONE:
            more = [other for other in graph.in_place(node) if other not in seen and other != ALL]
            seen.update(more)
            todo.extend(more)
    return found


def kinds_of(nodes: list[Node]) -> frozenset[str]:
    """The types but null of the values of all of some schemas; ``number`` are numbers that are no integers."""
    kinds = _KINDS
    for node in nodes:
        types = node.words.get("type")
        if types is not None:
            kinds &= spread(types)
    return kinds


def spread(types: Any) -> set[str]:
    """The names of types, with ``integer`` beside ``number``."""
    return {*types, "integer"} if "number" in types else set(types)


class Literals:
    """The literals of one graph; what was seen of them is remembered."""

    def __init__(self, graph: Graph, members: Members, finite_of: Callable[[int], tuple[Any, ...] | None]) -> None:
        self.graph = graph
        self.members = members
        self.finite_of = finite_of
        self._conjuncts: dict[int, list[Node]] = {}
        self._null: dict[int, bool | None] = {}

    def takes_null(self, literal: int) -> bool | None:
        """Whether null is one of its values; ``None`` where that cannot be told."""
        if literal not in self._null:
            self._null[literal] = self.members.check(None, literal)
        return self._null[literal]

    def opened(self, literal: int) -> list[Node]:
        """The :func:`conjuncts` of a literal."""
        known = self._conjuncts.get(literal)
        if known is None:
            known = self._conjuncts[literal] = conjuncts(self.graph, literal)
        return known

    def member(self, node: Node, name: str) -> int:
        """What a schema asks of the member of a name, so far as is seen without its patterns."""
        words = node.words
        if name in words.get("properties", ()):
            return self.graph.child(node, "properties", name)
        if "additionalProperties" in words and not words.get("patternProperties"):
            return self.graph.child(node, "additionalProperties")
        return ALL

    def choice(self, nodes: list[Node]) -> tuple[int, ...] | None:
        """The branches of the first choice that some schemas ask to be made."""
        for node in nodes:
            for keyword in ("anyOf", "oneOf"):
                if keyword in node.words:
                    return self.graph.children(node, keyword)
        return None
