"""The search for a counterexample where nothing was proven: seeded, so that it always finds the same."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.containment.graph import ALL, NONE, Graph, Node, UndecidableError
from zeues_contracts.schema.containment.strings import strings_of
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.context import Context
    from zeues_contracts.schema.types import Schema

__all__ = ["candidates"]

MAX_DEPTH = 6
MAX_POOL = 400
SIMPLE: tuple[Any, ...] = (None, True, False, 0, 1, -1, 0.5, "", "a", "0", [], {}, [0], {"a": 0})


def candidates(context: Context, sub: Schema, sup: Schema, samples: int, deadline: float) -> Iterator[Any]:
    """Values that are perhaps of the first schema and not of the second; the caller confirms.

    Values that a document names (enumerations, defaults, examples, bounds and their neighbours) come first, then values
    built along either schema from these.
    """
    pool = list(SIMPLE)
    for place in (sub, sup):
        pool += _named(context, place, deadline)
    graph = context.graph
    rng = random.Random(len(pool))  # noqa: S311 (nothing secret: the same search every time)
    for value in pool:
        if time.thread_time() > deadline:
            return
        if context.is_witness(sub, sup, value) is not False:
            yield value
    try:
        literals = [graph.at(sub), graph.at(sub), graph.at(sup)]
    except UndecidableError:
        return
    maker = _Maker(graph, rng, pool)
    for _ in range(samples):
        if time.thread_time() > deadline:
            return
        try:
            value = maker.value(rng.choice(literals), MAX_DEPTH)
        except (UndecidableError, RecursionError):
            continue
        if context.is_witness(sub, sup, value) is not False:
            yield value


def _named(context: Context, place: Schema, deadline: float) -> list[Any]:
    """What a document says by value in the reach of a place."""
    found: list[Any] = []
    try:
        start = context.graph.at(place)
    except UndecidableError:
        return found
    stack, seen = [start], {start}
    while stack and len(found) < MAX_POOL and len(seen) < 2000:
        node = context.graph.node(stack.pop())
        if isinstance(node.raw, dict):
            for keyword, given in node.raw.items():
                if keyword in ("const", "default", "example"):
                    found.append(given)
                elif keyword in ("enum", "examples") and isinstance(given, list):
                    found += given
                elif isinstance(given, (int, float)) and not isinstance(given, bool) and abs(given) < 1e15:
                    found += [given, given + 1, given - 1]
        for literal in _below(context.graph, node):
            if time.thread_time() > deadline:
                return found[:MAX_POOL]
            if literal > NONE and literal not in seen:
                seen.add(literal)
                stack.append(literal)
    return found[:MAX_POOL]


def _below(graph: Graph, node: Node) -> Iterator[int]:
    words = node.words
    try:
        yield from graph.in_place(node)
        for keyword in ("anyOf", "oneOf", "prefixItems"):
            if keyword in words:
                yield from graph.children(node, keyword)
        for keyword in ("not", "if", "then", "else", "items", "contains", "additionalProperties"):
            if keyword in words:
                yield graph.child(node, keyword) & ~1
        for keyword in ("properties", "patternProperties", "dependentSchemas"):
            for name in words.get(keyword, ()):
                yield graph.child(node, keyword, name)
    except UndecidableError:
        return


class _Maker:
    """Builds values along schemas, with a taste for what they name."""

    def __init__(self, graph: Graph, rng: random.Random, pool: list[Any]) -> None:
        self.graph = graph
        self.rng = rng
        self.pool = pool
        self.texts = [one for one in pool if isinstance(one, str)]
        self.numbers = [one for one in pool if isinstance(one, (int, float)) and not isinstance(one, bool)]

    def value(self, literal: int, depth: int) -> Any:
        """Something near a literal."""
        if literal == ALL or literal & 1 or depth <= 0:
            return self.rng.choice(self.pool)
        node = self.graph.node(literal)
        if node.kind == "const":
            return node.value
        if node.kind != "schema" or self.rng.random() < 0.05:
            return self.rng.choice(self.pool)
        words = node.words
        if "const" in words:
            return words["const"]
        if words.get("enum"):
            return self.rng.choice(words["enum"])
        parts = list(self.graph.in_place(node))
        parts += [self.rng.choice(self.graph.children(node, one)) for one in ("anyOf", "oneOf") if one in words]
        parts += [self.graph.child(node, one) for one in ("then", "else") if one in words and self.rng.random() < 0.5]
        made = [self.value(one, depth - 1) for one in parts]
        own = self.own(node, depth) if not made or "properties" in words or "items" in words else made[0]
        if isinstance(own, dict):
            for one in made:
                if isinstance(one, dict):
                    own = {**one, **own}
        return own

    def own(self, node: Node, depth: int) -> Any:
        """Something of the node's own keywords."""
        words = node.words
        kinds = words.get("type")
        if kinds is None:
            kinds = ("object",) if "properties" in words or "required" in words else ("string", "number", "array")
            if "items" in words or "prefixItems" in words or "contains" in words:
                kinds = ("array",)
            elif "pattern" in words or "maxLength" in words or "minLength" in words:
                kinds = ("string",)
        kind = self.rng.choice(kinds)
        match kind:
            case "null":
                return None
            case "boolean":
                return self.rng.random() < 0.5
            case "integer" | "number":
                number = self.rng.choice(self.numbers)
                return int(number) if kind == "integer" else number
            case "string":
                return self.text(node)
            case "array":
                return self.items(node, depth)
            case _:
                return self.members(node, depth)

    def text(self, node: Node) -> str:
        try:
            words = strings_of(self.graph, node.number * 2)
            some = words.inner.members(12) or words.outer.members(12)
        except (UndecidableError, UnsupportedPattern, PatternBudget):
            some = ()
        return self.rng.choice(some) if some and self.rng.random() < 0.8 else self.rng.choice(self.texts)

    def items(self, node: Node, depth: int) -> list[Any]:
        words = node.words
        found = (
            [self.value(one, depth - 1) for one in self.graph.children(node, "prefixItems")]
            if "prefixItems" in words
            else []
        )
        size = self.rng.randrange(3) + min(words.get("minItems", 0), 20)
        rest = self.graph.child(node, "items") if "items" in words else ALL
        if "contains" in words and self.rng.random() < 0.7:
            found.append(self.value(self.graph.child(node, "contains"), depth - 1))
        while len(found) < size:
            found.append(self.value(rest, depth - 1))
        return found[: words.get("maxItems", 30)]

    def members(self, node: Node, depth: int) -> dict[str, Any]:
        words = node.words
        names = dict.fromkeys(words.get("required", ()))
        for name in words.get("properties", ()):
            if self.rng.random() < 0.5:
                names.setdefault(name)
        if self.rng.random() < 0.3 and self.texts:
            names.setdefault(self.rng.choice(self.texts))
        rest = self.graph.child(node, "additionalProperties") if "additionalProperties" in words else ALL
        described = words.get("properties", {})
        return {
            name: self.value(self.graph.child(node, "properties", name) if name in described else rest, depth - 1)
            for name in names
        }
