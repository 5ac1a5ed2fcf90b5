"""Whether two literals have no value in common, as far as types, finite sets and tags tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zeues_contracts.schema.containment.graph import NONE, Node
from zeues_contracts.schema.containment.literals import MAX_CHOICE, MAX_LISTED, Literals, kinds_of
from zeues_contracts.schema.containment.values import key_of

__all__ = ["Apart"]

MAX_NESTED = 6
"""Choices within choices."""


class Apart:
    """Pairs of literals; answers are remembered."""

    def __init__(self, literals: Literals) -> None:
        self.literals = literals
        self._known: dict[tuple[int, int], bool] = {}

    def told(self, one: int, other: int, depth: int = 0) -> bool:
        """Whether two literals are seen to have no value in common."""
        if NONE in (one, other):
            return True
        if one == other or (one | other) & 1 or depth > MAX_NESTED:
            return False
        key = (min(one, other), max(one, other))
        known = self._known.get(key)
        if known is None:
            self._known[key] = False  # for schemas that lead back to themselves
            known = self._known[key] = self._is_apart(one, other, depth)
        return known

    def _is_apart(self, one: int, other: int, depth: int) -> bool:
        for literal, against in ((one, other), (other, one)):
            values = self.literals.finite_of(literal)
            if values is not None and len(values) <= MAX_LISTED:
                return all(self.literals.members.check(value, against) is False for value in values)
        if self.literals.takes_null(one) is not False and self.literals.takes_null(other) is not False:
            return False
        first, second = self.literals.opened(one), self.literals.opened(other)
        kinds = kinds_of(first) & kinds_of(second)
        if not kinds:
            return True
        if kinds == {"object"} and self._tagged(first, second):
            return True
        for nodes, against in ((first, other), (second, one)):
            branches = self.literals.choice(nodes)
            if branches is not None and len(branches) <= MAX_CHOICE:
                return all(self.told(branch, against, depth + 1) for branch in branches)
        return False

    def _tagged(self, first: list[Node], second: list[Node]) -> bool:
        """Whether a member that one of two objects must have cannot be what both ask."""
        needed = {name for node in (*first, *second) for name in node.words.get("required", ())}
        for name in needed:
            mine, theirs = (self._tags(nodes, name) for nodes in (first, second))
            if mine is not None and theirs is not None and not mine & theirs:
                return True
        return False

    def _tags(self, nodes: list[Node], name: str) -> set[Any] | None:
        """The values of the member of a name, where they are finitely many."""
        for literal in self._properties(nodes, name):
            values = self.literals.finite_of(literal)
            if values is not None:
                return {key_of(one) for one in values}
        return None

    def _properties(self, nodes: list[Node], name: str) -> Iterator[int]:
        for node in nodes:
            if name in node.words.get("properties", ()):
                yield self.literals.graph.child(node, "properties", name)
