"""Whether a value is one of a schema's: the engine's own reading, three-valued.

It decides finite sets, checks what the search has built and shrinks it; it is never the last word on a witness, which
two validators have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from zeues_contracts.schema.containment.graph import ALL, Conjunction, Graph, Node, UndecidableError
from zeues_contracts.schema.containment.numbers import exact
from zeues_contracts.schema.containment.values import key_of, type_of
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern, format_bounds

__all__ = ["TOO_MUCH", "Members"]

MAX_STEPS = 100_000
TOO_MUCH = f"more than {MAX_STEPS} schemas apply to one value"
MAX_DEPTH = 90
"""Nesting of schemas and values together; what lies deeper is not judged."""


class _Seen:
    """What was evaluated of a value: names of members or positions of items."""

    __slots__ = ("all", "parts")

    def __init__(self) -> None:
        self.all = False
        self.parts: set[Any] = set()

    def take(self, other: _Seen) -> None:
        self.all = self.all or other.all
        self.parts |= other.parts


class Members:
    """Judges values by the nodes of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._steps = 0
        self._kept: list[Any] | None = None
        self._known: dict[tuple[int, int, bool], tuple[bool | None, _Seen | None, int]] = {}
        self.cost = 0
        """How many schemas a validator without memory would have applied for the last verdict."""
        self.reason = ""
        """Why the last verdict that could not be told could not."""

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Verdicts on parts are kept from one check to the next, for values that are made of one another's parts."""
        if self._kept is not None:
            yield
            return
        self._kept, self._known = [], {}
        try:
            yield
        finally:
            self._kept, self._known = None, {}

    def among(self, value: Any, literals: Conjunction) -> bool | None:
        """Whether a value is in a conjunction; ``None`` where that cannot be told."""
        found: bool | None = True
        for literal in literals:
            one = self.check(value, literal)
            if one is False:
                return False
            if one is None:
                found = None
        return found

    def check(self, value: Any, literal: int) -> bool | None:
        """Whether a value is in a literal; ``None`` where that cannot be told."""
        self._steps = self.cost = 0
        if self._kept is None:
            self._known = {}
        else:
            self._kept.append(value)
        try:
            return self._literal(value, literal, 0, None)
        except (UndecidableError, UnsupportedPattern, PatternBudget) as error:
            self.reason = error.reason
        except RecursionError:
            self.reason = "values and schemas nested too deep"
        return None

    def _literal(self, value: Any, literal: int, depth: int, seen: _Seen | None) -> bool | None:
        if literal < 2:
            return literal == ALL
        if literal & 1:
            found = self._literal(value, literal ^ 1, depth, None)
            return None if found is None else not found
        return self._node(value, self.graph.nodes[literal >> 1], depth + 1, seen)

    def _node(self, value: Any, node: Node, depth: int, seen: _Seen | None) -> bool | None:
        if node.kind != "schema":
            if node.kind == "const":
                return bool(key_of(node.value) == key_of(value))
            if node.kind == "opaque":
                self.reason = node.reason
                return None
            return _any(self._literal(value, one, depth, None) for one in node.literals)
        # The parts of the value live as long as it does, so that they are known by their identities.
        key = (node.number, id(value), seen is not None)
        known = self._known.get(key)
        if known is not None:
            self.cost += known[2]
            if seen is not None and known[1] is not None:
                seen.take(known[1])
            return known[0]
        self._steps += 1
        self.cost += 1
        if self._steps > MAX_STEPS:
            raise UndecidableError(TOO_MUCH)
        before = self.cost
        inner = _Seen() if seen is not None else None
        found = self._applied(value, node, depth, inner)
        self._known[key] = (found, inner, self.cost - before + 1)
        if seen is not None and inner is not None:
            seen.take(inner)
        return found

    def _applied(self, value: Any, node: Node, depth: int, seen: _Seen | None) -> bool | None:
        """One schema object applied to one value."""
        if node.loops is not False:
            self.graph.check_loops(node)
        if depth > MAX_DEPTH:
            self.reason = f"values and schemas nested more than {MAX_DEPTH} deep"
            return None
        words = node.words
        if words.get("nullable") and value is None:
            return True
        unevaluated = node.closed or "unevaluatedProperties" in words or "unevaluatedItems" in words
        mine = _Seen() if unevaluated or seen is not None else None
        found = self._assertions(value, node, words)
        if found is False:
            return False
        found = _both(found, self._in_place(value, node, words, depth, mine))
        if found is False:
            return False
        if isinstance(value, dict):
            found = _both(found, self._members(value, node, words, depth, mine))
        elif isinstance(value, (list, tuple)):
            found = _both(found, self._items(value, node, words, depth, mine))
        if found is False:
            return False
        if seen is not None and mine is not None:
            seen.take(mine)
        return found

    def _assertions(self, value: Any, node: Node, words: Mapping[str, Any]) -> bool | None:
        kind = type_of(value)
        types = words.get("type")
        whole = kind == "number" and exact(value).denominator == 1
        if types is not None and kind not in types and not (whole and "integer" in types):
            return False
        if "const" in words or "enum" in words:
            key = key_of(value)
            if "const" in words and key_of(words["const"]) != key:
                return False
            if "enum" in words:
                if node.listed is None:
                    node.listed = frozenset(key_of(one) for one in words["enum"])
                if key not in node.listed:
                    return False
        if kind == "number":
            return _number(exact(value), words)
        if kind == "string":
            return _string(value, words)
        return True

    def _in_place(
        self, value: Any, node: Node, words: Mapping[str, Any], depth: int, seen: _Seen | None
    ) -> bool | None:
        found: bool | None = True
        for literal in self.graph.in_place(node):
            found = _both(found, self._literal(value, literal, depth, seen))
            if found is False:
                return False
        if "anyOf" in words:
            some: bool | None = False
            for literal in self.graph.children(node, "anyOf"):
                inner = _Seen() if seen is not None else None
                one = self._literal(value, literal, depth, inner)
                if one is None and seen is not None:
                    return None
                if one and seen is not None and inner is not None:
                    seen.take(inner)
                some = True if one or some else None if one is None or some is None else False
                if some and seen is None:
                    break
            found = _both(found, some)
        if "oneOf" in words and found is not False:
            found = _both(found, self._one_of(value, node, depth, seen))
        if "not" in words and found is not False:
            found = _both(found, self._literal(value, self.graph.child(node, "not") ^ 1, depth, None))
        if "if" in words and found is not False:
            found = _both(found, self._condition(value, node, words, depth, seen))
        if isinstance(value, dict):
            for name in words.get("dependentSchemas", ()):
                if name in value and found is not False:
                    literal = self.graph.child(node, "dependentSchemas", name)
                    found = _both(found, self._literal(value, literal, depth, seen))
        return found

    def _one_of(self, value: Any, node: Node, depth: int, seen: _Seen | None) -> bool | None:
        held = unsure = 0
        for literal in self.graph.children(node, "oneOf"):
            inner = _Seen() if seen is not None else None
            one = self._literal(value, literal, depth, inner)
            held += one is True
            unsure += one is None
            if held > 1:
                return False
            if one and seen is not None and inner is not None:
                seen.take(inner)
        return None if unsure else held == 1

    def _condition(
        self, value: Any, node: Node, words: Mapping[str, Any], depth: int, seen: _Seen | None
    ) -> bool | None:
        inner = _Seen() if seen is not None else None
        test = self._literal(value, self.graph.child(node, "if"), depth, inner)
        if test is None:
            return None
        if test and seen is not None and inner is not None:
            seen.take(inner)
        branch = "then" if test else "else"
        return self._literal(value, self.graph.child(node, branch), depth, seen) if branch in words else True

    def _members(
        self, value: dict[str, Any], node: Node, words: Mapping[str, Any], depth: int, seen: _Seen | None
    ) -> bool | None:
        if len(value) < words.get("minProperties", 0) or len(value) > words.get("maxProperties", len(value)):
            return False
        if any(name not in value for name in words.get("required", ())):
            return False
        for name, needed in words.get("dependentRequired", {}).items():
            if name in value and any(other not in value for other in needed):
                return False
        found: bool | None = True
        properties = words.get("properties", {})
        patterns = [(one, compile_pattern(one)) for one in words.get("patternProperties", ())]
        for name, one in value.items():
            described = False
            if name in properties:
                described = True
                found = _both(found, self._literal(one, self.graph.child(node, "properties", name), depth, None))
            for pattern, language in patterns:
                if language.accepts(name):
                    described = True
                    literal = self.graph.child(node, "patternProperties", pattern)
                    found = _both(found, self._literal(one, literal, depth, None))
            if not described and "additionalProperties" in words:
                described = True
                found = _both(found, self._literal(one, self.graph.child(node, "additionalProperties"), depth, None))
            if "propertyNames" in words:
                found = _both(found, self._literal(name, self.graph.child(node, "propertyNames"), depth, None))
            if found is False:
                return False
            if described and seen is not None:
                seen.parts.add(name)
        if seen is not None and (node.closed or "unevaluatedProperties" in words) and not seen.all:
            left = 1 if node.closed else self.graph.child(node, "unevaluatedProperties")
            for name, one in value.items():
                if name not in seen.parts:
                    found = _both(found, self._literal(one, left, depth, None))
            seen.all = True
        return found

    def _items(self, value: Any, node: Node, words: Mapping[str, Any], depth: int, seen: _Seen | None) -> bool | None:
        if len(value) < words.get("minItems", 0) or len(value) > words.get("maxItems", len(value)):
            return False
        if words.get("uniqueItems") and len({key_of(one) for one in value}) < len(value):
            return False
        found: bool | None = True
        prefix = len(words.get("prefixItems", ()))
        for position, one in enumerate(value[:prefix]):
            found = _both(found, self._literal(one, self.graph.child(node, "prefixItems", position), depth, None))
            if found is False:
                return False
        if "items" in words and len(value) > prefix:
            rest = self.graph.child(node, "items")
            # A long list is often one item many times: by identity, which is what is remembered here.
            for one in {id(one): one for one in value[prefix:]}.values():
                found = _both(found, self._literal(one, rest, depth, None))
                if found is False:
                    return False
        if seen is not None:
            seen.parts.update(range(len(value) if "items" in words else min(prefix, len(value))))
        if "contains" in words:
            found = _both(found, self._contains(value, node, words, depth, seen))
        if seen is not None and "unevaluatedItems" in words and not seen.all and found is not False:
            left = self.graph.child(node, "unevaluatedItems")
            for position, one in enumerate(value):
                if position not in seen.parts:
                    found = _both(found, self._literal(one, left, depth, None))
            seen.all = True
        return found

    def _contains(
        self, value: Any, node: Node, words: Mapping[str, Any], depth: int, seen: _Seen | None
    ) -> bool | None:
        wanted = self.graph.child(node, "contains")
        if node.reason == "2019-09" and seen is not None:
            return None
        least, most = words.get("minContains", 1), words.get("maxContains")
        held = unsure = 0
        for position, one in enumerate(value):
            inside = self._literal(one, wanted, depth, None)
            held += inside is True
            unsure += inside is None
            if inside and seen is not None:
                seen.parts.add(position)
        if unsure:
            if seen is not None or (held < least <= held + unsure):
                return None
            if most is not None and held <= most < held + unsure:
                return None
        return held >= least and (most is None or held <= most)


def _number(value: Any, words: Mapping[str, Any]) -> bool:
    if "minimum" in words and value < exact(words["minimum"]):
        return False
    if "exclusiveMinimum" in words and value <= exact(words["exclusiveMinimum"]):
        return False
    if "maximum" in words and value > exact(words["maximum"]):
        return False
    if "exclusiveMaximum" in words and value >= exact(words["exclusiveMaximum"]):
        return False
    return "multipleOf" not in words or (value / exact(words["multipleOf"])).denominator == 1


def _string(value: str, words: Mapping[str, Any]) -> bool | None:
    if len(value) < words.get("minLength", 0) or len(value) > words.get("maxLength", len(value)):
        return False
    if "pattern" in words and not compile_pattern(words["pattern"]).accepts(value):
        return False
    if "format" in words:
        bounds = format_bounds(words["format"])
        if bounds is not None and not bounds.inner.accepts(value):
            return None if bounds.outer.accepts(value) else False
    return True


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    unsure = False
    for one in verdicts:
        if one:
            return True
        unsure = unsure or one is None
    return None if unsure else False
