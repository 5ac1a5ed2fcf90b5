"""The schemas that one context has met, as numbered nodes.

A *literal* is an integer: twice a node's number for its values, one more for all other values. A *conjunction* is a
frozenset of literals: the values that all of them have. Literal 0 is every value, literal 1 is none.
Nodes are made when they are first asked for; places that say the same in small share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.schema.containment.values import key_of, too_large
from zeues_contracts.schema.dialects.bundle import closes, target_of, translated_at
from zeues_contracts.schema.dialects.translate import origin
from zeues_contracts.schema.references import base_of, escape, has_own_vocabulary, node_at
from zeues_contracts.schema.types import Dialect, Resource, Schema, Settings

__all__ = ["ALL", "NONE", "Conjunction", "Graph", "Node", "UndecidableError"]

ALL = 0
NONE = 1

Conjunction = frozenset[int]

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_SCALARS = frozenset(
    {
        "type",
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "required",
        "dependentRequired",
        "nullable",
    }
)
_APPLICATORS = frozenset(
    {
        *_REFERENCES,
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentSchemas",
        "properties",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "unevaluatedProperties",
        "prefixItems",
        "items",
        "contains",
        "minContains",
        "maxContains",
        "unevaluatedItems",
    }
)
_VALUE_PLACES = frozenset(
    {
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "prefixItems",
        "items",
        "contains",
        "unevaluatedItems",
    }
)
MAX_NODES = 400_000


class UndecidableError(Exception):
    """What stands in the way of an answer; ``reason`` is told to the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Node:
    """One schema: a schema object at its place, one value (``const``), or any of some literals (``union``)."""

    __slots__ = (
        "closed",
        "formulas",
        "kind",
        "language",
        "leaf",
        "listed",
        "literals",
        "loops",
        "number",
        "place",
        "raw",
        "reason",
        "references",
        "scenarios",
        "value",
        "words",
    )

    def __init__(self, number: int, kind: str) -> None:
        self.number = number
        self.kind = kind
        self.place: Schema | None = None
        self.raw: Any = None
        self.words: Mapping[str, Any] = {}
        self.closed = False
        self.value: Any = None
        self.literals: tuple[int, ...] = ()
        self.reason = ""
        # What is computed once, by whoever needs it.
        self.formulas: dict[str, Any] = {}
        self.references: tuple[int, ...] | None = None
        self.language: Any = None
        self.listed: frozenset[Any] | None = None
        self.leaf = False
        self.loops: bool | None = None
        self.scenarios: dict[str, Any] = {}


class Graph:
    """Nodes by number, by place, by value."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        everything, nothing = Node(0, "schema"), Node(1, "opaque")
        self.nodes: list[Node] = [everything, nothing]
        self._places: dict[tuple[int, str, bool], int] = {}
        self._small: dict[Any, int] = {}
        self._constants: dict[Any, int] = {}
        self._unions: dict[tuple[int, ...], int] = {}
        self._children: dict[tuple[int, str, str | int], int] = {}
        self._resources: dict[int, Resource] = {}

    def node(self, literal: int) -> Node:
        """The node of a literal, whatever its sign."""
        return self.nodes[literal >> 1]

    def _new(self, kind: str) -> Node:
        if len(self.nodes) > MAX_NODES:
            raise UndecidableError(f"more than {MAX_NODES} schemas")
        node = Node(len(self.nodes), kind)
        self.nodes.append(node)
        return node

    def constant(self, value: Any) -> int:
        """The literal of one value. Raises :class:`UndecidableError` for one that nobody writes down."""
        if too_large(value):
            raise UndecidableError("values of more members than can be written out")
        key = key_of(value)
        known = self._constants.get(key)
        if known is None:
            node = self._new("const")
            node.value = value
            node.leaf = not isinstance(value, (list, dict))
            known = self._constants[key] = node.number * 2
        return known

    def union(self, literals: tuple[int, ...]) -> int:
        """The literal of what any of some literals has."""
        kept = tuple(sorted({one for one in literals if one != NONE}))
        if ALL in kept or any(one ^ 1 in kept for one in kept):
            return ALL
        if len(kept) < 2:
            return kept[0] if kept else NONE
        known = self._unions.get(kept)
        if known is None:
            node = self._new("union")
            node.literals = kept
            known = self._unions[kept] = node.number * 2
        return known

    def at(self, place: Schema, *, value: bool = True) -> int:
        """The literal of the schema at a place; ``value``: it describes a value as a whole, as the closed world asks.

        Raises :class:`UndecidableError` where what stands there cannot be read apart from its callers.
        """
        if id(place.resource) not in self._resources:
            self._resources[id(place.resource)] = place.resource  # numbers of objects are only good while they live
            if has_own_vocabulary(place):
                raise UndecidableError("a schema with a metaschema of its own, which may take keywords away")
        closed = value and self.settings.closed_world
        key = (id(place.resource), place.pointer, closed)
        known = self._places.get(key)
        if known is None:
            known = self._places[key] = self._read(place, closed)
        return known

    def child(self, node: Node, keyword: str, token: str | int | None = None) -> int:
        """The literal of a subschema of a node."""
        key = (node.number, keyword, "" if token is None else token)
        known = self._children.get(key)
        if known is None:
            assert node.place is not None
            written = origin(keyword, node.raw, node.place.resource.dialect)
            pointer = f"{node.place.pointer}/{escape(written)}"
            if token is not None:
                pointer += f"/{escape(str(token))}"
            raw = node.words[keyword] if token is None else node.words[keyword][token]
            if raw is True or raw is False:
                known = ALL if raw else NONE
            else:
                known = self.at(Schema(node.place.resource, pointer), value=keyword in _VALUE_PLACES)
            self._children[key] = known
        return known

    def children(self, node: Node, keyword: str) -> tuple[int, ...]:
        """The literals of a keyword's list of schemas."""
        return tuple(self.child(node, keyword, i) for i in range(len(node.words[keyword])))

    def targets(self, node: Node) -> tuple[int, ...]:
        """The literals that a node refers to."""
        if node.references is None:
            place = node.place
            node.references = tuple(
                self._target(place, node.words, keyword)
                for keyword in _REFERENCES
                if keyword in node.words and place is not None
            )
        return node.references

    def in_place(self, node: Node) -> Iterator[int]:
        """The literals that hold of every value of a node: references and ``allOf``."""
        yield from self.targets(node)
        if "allOf" in node.words:
            yield from self.children(node, "allOf")

    def same_value(self, node: Node) -> Iterator[int]:
        """The literals of schemas that a node applies to the same value, whether they must hold or may."""
        yield from node.literals
        yield from self.in_place(node)
        words = node.words
        for keyword in ("anyOf", "oneOf"):
            if keyword in words:
                yield from self.children(node, keyword)
        for keyword in ("not", "if", "then", "else"):
            if keyword in words:
                yield self.child(node, keyword)
        for name in words.get("dependentSchemas", ()):
            yield self.child(node, "dependentSchemas", name)

    def check_loops(self, node: Node) -> None:
        """See to it that a schema comes to an end on one value.

        Raises :class:`UndecidableError` where it applies itself to the same value again: what that means is not
        defined (Core 9.4.1).
        """
        if node.loops is None:
            self._find_loops(node)
        if node.loops:
            raise UndecidableError("a schema that applies itself to the same value without end")

    def _find_loops(self, start: Node) -> None:
        open_: set[int] = {start.number}
        stack = [(start, self.same_value(start))]
        while stack:
            node, rest = stack[-1]
            literal = next(rest, None)
            if literal is None:
                stack.pop()
                open_.discard(node.number)
                if node.loops is None:
                    node.loops = False
                continue
            inner = self.node(literal)
            if literal <= NONE or inner.loops is False:
                continue
            if inner.loops or inner.number in open_:
                for one, _ in stack:
                    one.loops = True
                return
            open_.add(inner.number)
            stack.append((inner, self.same_value(inner)))

    def _target(self, place: Schema, words: Mapping[str, Any], keyword: str) -> int:
        target = target_of(place, words, keyword)
        if target is None:
            if keyword != "$ref":
                raise UndecidableError(
                    f"where the {keyword} at {place.pointer or 'the root'} leads depends on the caller"
                )
            # The same words from the same address mean the same, whatever that is.
            return self._opaque(f"the reference {words[keyword]} leads nowhere", (base_of(place)[0], words[keyword]))
        return self.at(target, value=False)

    def _opaque(self, reason: str, key: Any) -> int:
        known = self._small.get(("opaque", key))
        if known is None:
            node = self._new("opaque")
            node.reason = reason
            known = self._small["opaque", key] = node.number * 2
        return known

    def _read(self, place: Schema, closed: bool) -> int:
        try:
            raw = node_at(place)
        except KeyError:
            return self._opaque(f"nothing stands at {place.pointer or 'the root'}", (id(place.resource), place.pointer))
        if isinstance(raw, bool):
            return ALL if raw else NONE
        dialect = place.resource.dialect
        words = self.words_at(place)
        closed = closed and "unevaluatedProperties" not in words and closes(place, self.settings)
        if not closed:
            if not words:
                return ALL
            if words.keys() == {"not"} and words["not"] in ({}, True):
                return NONE
            if all(key in _SCALARS or key == "format" for key in words):
                return self._leaf(place, raw, words)
            passed = self._passed_through(place, words)
            if passed is not None:
                return passed
        node = self._new("schema")
        node.place, node.raw, node.words, node.closed = place, raw, words, closed
        if dialect is Dialect.DRAFT_2019_09 and "contains" in words:
            node.reason = "2019-09"
        return node.number * 2

    def _speaks(self, keyword: str, given: Any, words: Mapping[str, Any]) -> bool:
        if keyword in _SCALARS:
            return keyword != "type" or len(given) < 7
        if keyword == "format":
            return self.settings.format_assertion
        if keyword in ("then", "else"):
            return "if" in words
        if keyword in ("minContains", "maxContains"):
            return "contains" in words
        return keyword in _APPLICATORS

    def _leaf(self, place: Schema, raw: Any, words: Mapping[str, Any]) -> int:
        try:
            key = tuple((name, _frozen(name, words[name])) for name in sorted(words))
        except RecursionError:
            raise UndecidableError("a value nested too deep") from None
        known = self._small.get(key)
        if known is None:
            node = self._new("schema")
            node.place, node.raw, node.words = place, raw, words
            node.leaf = True
            known = self._small[key] = node.number * 2
        return known

    def _passed_through(self, place: Schema, words: Mapping[str, Any]) -> int | None:
        """The literal of a schema that is nothing but another one."""
        if words.keys() != {"$ref"}:
            return None
        # Chains of references may be long, and may be circles.
        seen: set[tuple[int, str]] = set()
        here, said = place, words
        while True:
            seen.add((id(here.resource), here.pointer))
            target = target_of(here, said, "$ref")
            if target is None:
                return self._target(here, said, "$ref")
            if (id(target.resource), target.pointer) in seen:
                return self._opaque("a reference that leads back to itself", (id(target.resource), target.pointer))
            here, said = target, self.words_at(target)
            if said.keys() != {"$ref"}:
                return self.at(target, value=False)

    def words_at(self, place: Schema) -> Mapping[str, Any]:
        """What a schema object says that matters for the set."""
        raw = node_at(place)
        if isinstance(raw, bool):
            return {}
        words = translated_at(place, self.settings)
        return {key: one for key, one in words.items() if self._speaks(key, one, words)}


def _frozen(keyword: str, value: Any) -> Any:
    if keyword in ("type", "required"):
        return tuple(value)
    if keyword == "dependentRequired":
        return tuple(sorted((name, tuple(one)) for name, one in value.items()))
    return key_of(value)
