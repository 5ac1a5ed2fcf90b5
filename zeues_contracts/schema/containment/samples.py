"""Plain values of a schema, put together from what its keywords say: most schemas need no search for one.

What is put together is tried before it is given, so that nothing is taken for a value that is none; where nothing is
found this way the caller searches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.schema.containment.graph import ALL, NONE, Node
from zeues_contracts.schema.containment.results import MISSING
from zeues_contracts.schema.containment.structure import Structure
from zeues_contracts.schema.containment.values import TYPES, size_of, type_of

__all__ = ["PLAIN", "Samples", "edges", "plainest"]

PLAIN: tuple[Any, ...] = (None, False, 0, "", [], {})
MAX_BRANCHES = 8
MAX_LISTED = 200
MAX_TEXT = 1000
MAX_NUMBER = 1 << 50
"""Beyond it a float has no neighbours at a distance of one."""
MAX_ITEMS = 100
MAX_DEPTH = 24


def edges(words: Mapping[str, Any]) -> Iterator[Any]:
    """Numbers and texts at the bounds that a schema object names, and beside them."""
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if keyword in words:
            bound = words[keyword]
            if abs(bound) > MAX_NUMBER:
                continue
            yield from (bound, bound + 1, bound - 1)
            if isinstance(bound, float):
                yield from (int(bound), int(bound) + 1, int(bound) - 1)
    for keyword in ("minLength", "maxLength"):
        if keyword in words and words[keyword] <= MAX_TEXT:
            for length in (words[keyword], words[keyword] + 1, words[keyword] - 1):
                if length >= 0:
                    yield "0" * length


def plainest(values: tuple[Any, ...]) -> list[Any]:
    """Some values, the smallest first."""
    return sorted(values[:MAX_LISTED], key=lambda one: (*size_of(one), TYPES.index(type_of(one))))


class Samples:
    """Values of the literals of one graph; each is looked for once."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.graph = structure.graph
        self.members = structure.members
        self._known: dict[int, Any] = {}

    def of(self, literal: int, depth: int = 0) -> Any:
        """A value of a literal; ``MISSING`` where none was put together. Raises ``UndecidableError``."""
        if literal not in self._known:
            self._known[literal] = MISSING  # for one that holds itself
            for value in self._candidates(literal, depth):
                if self.members.check(value, literal):
                    self._known[literal] = value
                    break
        return self._known[literal]

    def _candidates(self, literal: int, depth: int) -> Iterator[Any]:
        if literal == NONE or literal & 1 or depth > MAX_DEPTH:
            return
        nodes = self.structure.opened(literal)
        values = self.structure.finite_of(literal)
        if values is not None:
            yield from plainest(values)
            return
        yield from PLAIN
        for node in nodes:
            yield from edges(node.words)
        for node in nodes:
            for keyword in ("anyOf", "oneOf"):
                if keyword in node.words:
                    for branch in self.graph.children(node, keyword)[:MAX_BRANCHES]:
                        value = self.of(branch, depth + 1)
                        if value is not MISSING:
                            yield value
        yield from self._objects(nodes, depth)
        yield from self._arrays(nodes, depth)

    def _objects(self, nodes: list[Node], depth: int) -> Iterator[dict[str, Any]]:
        needed = dict.fromkeys(name for node in nodes for name in node.words.get("required", ()))
        if not needed:
            return
        value = {name: self.of(self._member(nodes, name), depth + 1) for name in needed}
        if all(one is not MISSING for one in value.values()):
            yield value

    def _member(self, nodes: list[Node], name: str) -> int:
        for node in nodes:
            if name in node.words.get("properties", ()):
                return self.graph.child(node, "properties", name)
        for node in nodes:
            if "additionalProperties" in node.words:
                return self.graph.child(node, "additionalProperties")
        return ALL

    def _arrays(self, nodes: list[Node], depth: int) -> Iterator[list[Any]]:
        least = max((node.words.get("minItems", 0) for node in nodes), default=0)
        for node in nodes:
            if "items" in node.words and 0 < least <= MAX_ITEMS:
                value = self.of(self.graph.child(node, "items"), depth + 1)
                if value is not MISSING:
                    yield [value] * least
