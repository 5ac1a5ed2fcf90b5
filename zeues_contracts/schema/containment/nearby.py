"""Witnesses near what differs: a value of the differing part, put into a plain value of what is around it.

The search for a value of one schema that is none of another goes through all that both say. Where they share most of
their parts a value is found sooner by going where they part, which is where one of them refers to another literal than
the other. What is found is tried, on the way and at the end, so that nothing is taken for a witness that is none; what
is not found is left to the search.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from zeues_contracts.schema.containment.graph import ALL, NONE, Conjunction, Graph, Node, UndecidableError
from zeues_contracts.schema.containment.results import MISSING
from zeues_contracts.schema.containment.samples import PLAIN, Samples, edges, plainest
from zeues_contracts.schema.containment.structure import Structure

__all__ = ["Nearby"]

MAX_TRIED = 100
"""Values that are tried for one question."""
MAX_DEPTH = 16
MAX_KEPT = 2
"""Witnesses of a part that are put into what is around it."""
MAX_PADDED = 8
MAX_PARTNERS = 3


class Nearby:
    """Looks for values of one literal that are none of another. ``sample`` finds a value of a conjunction."""

    def __init__(self, graph: Graph, structure: Structure, sample: Callable[[Conjunction], Any]) -> None:
        self.graph = graph
        self.structure = structure
        self.literals = structure.literals
        self.members = structure.members
        self.search = sample
        self.samples = Samples(structure)
        self._tried = 0
        self._open: set[tuple[int, int]] = set()
        self._known: dict[tuple[int, int], tuple[Any, ...]] = {}

    def witness(self, one: int, other: int) -> Any:
        """A value of the first literal that is none of the second; ``MISSING`` where none was met."""
        self._tried = 0
        self._open.clear()
        try:
            with self.members.remembering():
                return next(iter(self._witnesses(one, other, 0)), MISSING)
        except (UndecidableError, RecursionError):
            return MISSING

    def _witnesses(self, one: int, other: int, depth: int) -> tuple[Any, ...]:
        key = (one, other)
        if one in (other, NONE) or other == ALL or key in self._open or depth > MAX_DEPTH:
            return ()
        known = self._known.get(key)
        if known is not None:
            return known
        if depth and self.structure.shows(one, other):
            return ()  # not here
        self._open.add(key)
        kept: list[Any] = []
        for value in self._candidates(one, other, depth):
            if time.thread_time() > self.structure.deadline:
                return tuple(kept)
            self._tried += isinstance(value, (dict, list)) and bool(value)  # others are told at once
            if self._tried > MAX_TRIED:
                return tuple(kept)  # not all that there is: not remembered
            if self.members.check(value, one) and self.members.check(value, other) is False:
                kept.append(value)
                if len(kept) == MAX_KEPT or not depth:
                    break
        self._open.discard(key)
        self._known[key] = tuple(kept)
        return self._known[key]

    def _candidates(self, one: int, other: int, depth: int) -> Iterator[Any]:
        mine, theirs = self.literals.opened(one), self.literals.opened(other)
        if not any(_has_parts(node) for node in mine):
            if any(_has_parts(node) for node in theirs):
                yield from PLAIN
                return
            yield from PLAIN
            for node in (*theirs, *mine):
                yield from edges(node.words)
            yield from plainest(self.structure.finite_of(one) or ())
            value = self.search(frozenset({one, other ^ 1}))  # small, and exactly what is asked
            if value is not MISSING:
                yield value
            return
        choice = self.literals.choice(mine)
        if choice is not None:
            yield from self._branches(choice, self.literals.choice(theirs) or (other,), depth)
        base = self._sample(one)
        if base is MISSING:
            return
        yield base
        if isinstance(base, dict):
            if choice is None:
                yield from self._outside(base, one, self.literals.choice(theirs) or (), depth)
            yield from self._objects(base, mine, theirs, depth)
        elif isinstance(base, list):
            yield from self._arrays(base, mine, theirs, depth)

    def _sample(self, literal: int) -> Any:
        value = self.samples.of(literal)
        return self.search(frozenset({literal})) if value is MISSING else value

    def _branches(self, mine: tuple[int, ...], theirs: tuple[int, ...], depth: int) -> Iterator[Any]:
        left = [branch for branch in theirs if branch not in mine]
        for branch in mine:
            if branch in theirs:
                continue
            for other in self._partners(branch, left):
                yield from self._witnesses(branch, other, depth + 1)
            value = self._sample(branch)
            if value is not MISSING:
                yield value
                if isinstance(value, dict):
                    yield from self._outside(value, branch, theirs, depth)

    def _outside(self, value: dict[str, Any], branch: int, theirs: tuple[int, ...], depth: int) -> Iterator[Any]:
        """An object of one branch that is led out of the branches of the other side one after the other.

        A member that the one does not limit, and the others do, is given a value that they do not take.
        """
        mine = self.literals.opened(branch)
        for other in theirs:
            if self.members.check(value, other) is not True:
                continue
            spoiled = next(self._spoiled(value, branch, mine, other, depth), None)
            if spoiled is None:
                return
            value = spoiled
        yield value

    def _spoiled(
        self, value: dict[str, Any], branch: int, mine: list[Node], other: int, depth: int
    ) -> Iterator[dict[str, Any]]:
        for node in self.literals.opened(other):
            for name in node.words.get("properties", ()):
                limit = self.literals.member(node, name)
                for given in {self.literals.member(one, name) for one in mine}:
                    for inner in self._witnesses(given, limit, depth + 1):
                        changed = {**value, name: inner}
                        if self.members.check(changed, branch) and self.members.check(changed, other) is False:
                            yield changed

    def _partners(self, branch: int, others: list[int]) -> list[int]:
        """Branches that this one may have become: those of its name; else all, if they are few."""
        name = self._name(branch)
        named = [other for other in others if name and self._name(other) == name]
        return named or (others if len(others) <= MAX_PARTNERS else [])

    def _name(self, literal: int) -> str:
        place = self.graph.node(literal).place
        return place.pointer.rsplit("/", 1)[-1] if place is not None else ""

    def _objects(self, base: dict[str, Any], mine: list[Node], theirs: list[Node], depth: int) -> Iterator[Any]:
        needed = {name for node in mine for name in node.words.get("required", ())}
        for node in theirs:
            for name in node.words.get("required", ()):
                if name in base and name not in needed:
                    yield {other: value for other, value in base.items() if other != name}
        for node in mine:
            for name in node.words.get("properties", ()):
                given = self.graph.child(node, "properties", name)
                limits = [self.literals.member(one, name) for one in theirs]
                if given == NONE or given in limits:
                    continue
                for limit in limits:
                    for value in self._witnesses(given, limit, depth + 1) if limit != ALL else ():
                        yield {**base, name: value}
        yield from self._others(base, mine, theirs, depth)

    def _others(self, base: dict[str, Any], mine: list[Node], theirs: list[Node], depth: int) -> Iterator[Any]:
        """Members that one side names and the other does not, and such as neither names."""
        for node in theirs:
            for name in (*node.words.get("properties", ()), "other"):
                limit = self.literals.member(node, name)
                givens = [self.literals.member(one, name) for one in mine]
                if limit == ALL or limit in givens or any(name in one.words.get("properties", ()) for one in mine):
                    continue
                for given in givens:
                    for value in self._witnesses(given, limit, depth + 1):
                        yield {**base, name: value}

    def _arrays(self, base: list[Any], mine: list[Node], theirs: list[Node], depth: int) -> Iterator[Any]:
        for node in mine:
            given = self.graph.child(node, "items") if "items" in node.words else ALL
            for other in theirs:
                limit = self.graph.child(other, "items") if "items" in other.words else ALL
                for value in self._witnesses(given, limit, depth + 1):
                    yield [value, *base[1:]]
                    if len(base) <= MAX_PADDED:
                        yield [*base, value]


def _has_parts(node: Node) -> bool:
    """Whether a schema is made of others."""
    return node.kind != "const" and not node.leaf and node.number > 0
