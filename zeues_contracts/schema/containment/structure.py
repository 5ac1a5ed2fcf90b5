"""Containment that is seen from the structure: every demand of the larger schema is met by one of the smaller.

Most questions of a comparison are about two schemas that share nearly all of their parts, and there the answer costs
what differs: parts that are one literal are passed over. What is shown here is proven; what is not shown here is left
to the search (:mod:`~zeues_contracts.schema.containment.solver`), nothing is ever denied.

The proof is coinductive, as of recursive types (Amadio and Cardelli, *Subtyping recursive types*, 1993): a pair that is
met again while it is being proven is taken for proven. That is sound for values, which are finite, as long as every
circle goes through a part of the value; schemas that apply themselves to the same value without end are left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from zeues_contracts.schema.containment.apart import Apart
from zeues_contracts.schema.containment.bounds import at_most, largest, meets_numbers, meets_strings
from zeues_contracts.schema.containment.graph import ALL, NONE, Graph, Node, UndecidableError
from zeues_contracts.schema.containment.literals import MAX_CHOICE, MAX_LISTED, Literals, kinds_of, spread
from zeues_contracts.schema.containment.members import Members
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern

__all__ = ["Structure"]

MAX_PAIRS = 10_000
"""Pairs that are looked at for one question."""
TICKS = 16
"""Pairs after which the time is looked at."""
MAX_DEPTH = 30
"""Pairs within pairs; what lies deeper is taken for proven, and looked at afterwards."""

_UNREAD = ("unevaluatedProperties", "unevaluatedItems")

Pair = tuple[int, int, bool]


class _GivenUpError(Exception):
    """The pair needs more steps than are worth it here."""


class Structure:
    """Proofs of containment between literals of one graph; proofs and failures are remembered."""

    def __init__(
        self,
        graph: Graph,
        members: Members,
        same: Callable[[int, int], bool],
        finite_of: Callable[[int], tuple[Any, ...] | None],
    ) -> None:
        self.graph = graph
        self.members = members
        self.same = same
        self.finite_of = finite_of
        self._proven: dict[Pair, bool] = {}
        self._assumed: dict[Pair, None] = {}
        """Being proven, or proven as long as those before them are: in the order in which they were met."""
        self._later: list[Pair] = []
        """Assumed, and still to be proven."""
        self._left = 0
        self.deadline = 0.0
        """Of the thread's processor time: when to give up."""
        self.literals = Literals(graph, members, finite_of)
        self.opened = self.literals.opened
        self.apart = Apart(self.literals)

    def shows(self, one: int, other: int) -> bool:
        """Whether every value of the first literal is seen to be one of the second."""
        known = self._proven.get((one, other, False))
        if known is not None:
            return known
        self._left = MAX_PAIRS
        self._assumed.clear()
        self._later.clear()
        try:
            shown = self._within(one, other, False, 0)
            while shown and self._later:
                pair = self._later.pop()
                # One that is assumed no longer was needed for something that failed.
                shown = pair not in self._assumed or self._fits(*pair, 0)
        except (_GivenUpError, UndecidableError, UnsupportedPattern, PatternBudget, RecursionError):
            shown = False
        if shown:
            self._proven.update(dict.fromkeys(self._assumed, True))
        self._assumed.clear()
        self._proven[one, other, False] = shown
        return shown

    def _within(self, one: int, other: int, null_settled: bool, depth: int) -> bool:
        if one in (other, NONE) or other == ALL:
            return True
        if other == NONE or one == ALL or (one | other) & 1:
            return False
        key = (one, other, null_settled)
        known = self._proven.get(key)
        if known is None and null_settled:
            known = self._proven.get((one, other, False)) or None
        if known is not None:
            return known
        if key in self._assumed:
            return True
        self._left -= 1
        if self._left < 0 or (self._left % TICKS == 0 and time.thread_time() > self.deadline):
            raise _GivenUpError
        if self.same(one, other):
            self._proven[key] = True
            return True
        before = len(self._assumed)
        self._assumed[key] = None
        if depth > MAX_DEPTH:
            self._later.append(key)
            return True
        if self._fits(one, other, null_settled, depth + 1):
            return True
        # What was concluded from this one goes with it: all that came after it may rest on it.
        while len(self._assumed) > before:
            self._assumed.popitem()
        self._proven[key] = False
        return False

    def _fits(self, one: int, other: int, null_settled: bool, depth: int) -> bool:
        node, wanted = self.graph.node(one), self.graph.node(other)
        for inner in (node, wanted):
            if inner.kind == "schema":
                self.graph.check_loops(inner)
        if node.kind == "const":
            return self.members.check(node.value, other) is True
        if node.kind == "union":
            return all(self._within(inner, other, null_settled, depth) for inner in node.literals)
        if node.kind != "schema":
            return False
        values = self.finite_of(one)
        if values is not None and len(values) <= MAX_LISTED:
            return all(
                self.members.check(value, other) is True
                for value in values
                if not (null_settled and value is None) and self.members.check(value, one) is not False
            )
        if not null_settled and self.literals.takes_null(one) is not False and not self.literals.takes_null(other):
            return False
        nodes = self.opened(one)
        kinds = kinds_of(nodes)
        if not kinds:
            return True
        if wanted.kind == "union":
            met = any(self._within(one, inner, True, depth) for inner in wanted.literals)
        else:
            met = wanted.kind == "schema" and self._meets((one,), nodes, kinds, wanted, depth)
        return met or self._by_cases(nodes, other, depth)

    def _by_cases(self, nodes: list[Node], other: int, depth: int) -> bool:
        """Whether each branch of a choice that every value has to make lies within."""
        for node in nodes:
            for keyword in ("anyOf", "oneOf"):
                if keyword in node.words:
                    branches = self.graph.children(node, keyword)
                    if len(branches) <= MAX_CHOICE:
                        return all(self._within(branch, other, True, depth) for branch in branches)
        return False

    def _meets(
        self, given: tuple[int, ...], nodes: list[Node], kinds: frozenset[str], wanted: Node, depth: int
    ) -> bool:
        """Whether all that a schema asks is asked by one of the schemas that hold; null has been settled.

        ``given`` are the literals that hold, ``nodes`` their schemas.
        """
        words = wanted.words
        if wanted.closed or "const" in words or "enum" in words or any(keyword in words for keyword in _UNREAD):
            return False
        if "type" in words and not kinds <= spread(words["type"]):
            return False
        if kinds & {"integer", "number"} and not meets_numbers(nodes, kinds, words):
            return False
        if "string" in kinds and not meets_strings(nodes, words):
            return False
        if "object" in kinds and not self._objects(nodes, wanted, depth):
            return False
        if "array" in kinds and not self._arrays(nodes, wanted, depth):
            return False
        if not all(self._lie_within(given, target, depth) for target in self.graph.in_place(wanted)):
            return False
        if "anyOf" in words and not self._some(given, nodes, self.graph.children(wanted, "anyOf"), depth):
            return False
        if "oneOf" in words and not self._one(given, nodes, self.graph.children(wanted, "oneOf"), depth):
            return False
        if "not" in words:
            ruled_out = self.graph.child(wanted, "not")
            if not any(
                "not" in node.words and self._within(ruled_out, self.graph.child(node, "not"), False, depth)
                for node in nodes
            ):
                return False
        return "if" not in words or self._conditioned(nodes, wanted, depth)

    def _lie_within(self, given: tuple[int, ...], other: int, depth: int) -> bool:
        return any(self._within(one, other, True, depth) for one in given)

    # Choices.

    def _some(self, literals: tuple[int, ...], nodes: list[Node], branches: tuple[int, ...], depth: int) -> bool:
        if len(branches) > MAX_CHOICE:
            return False
        given = self.literals.choice(nodes)
        if given is not None and len(given) <= MAX_CHOICE:
            # A branch that is there word for word needs no search.
            there = set(branches)
            if all(
                inner in there or any(self._within(inner, branch, True, depth) for branch in _near(inner, branches))
                for inner in given
            ):
                return True
        return any(self._lie_within(literals, branch, depth) for branch in branches)

    def _one(self, literals: tuple[int, ...], nodes: list[Node], branches: tuple[int, ...], depth: int) -> bool:
        """Whether exactly one of some branches holds of every value."""
        if len(branches) > MAX_CHOICE:
            return False
        for node in nodes:
            if "oneOf" in node.words and self._pairwise(self.graph.children(node, "oneOf"), branches, depth):
                return True
        for at, branch in enumerate(branches):
            if self._lie_within(literals, branch, depth):
                others = branches[:at] + branches[at + 1 :]
                return all(any(self.apart.told(one, other) for one in literals) for other in others)
        return False

    def _pairwise(self, given: tuple[int, ...], branches: tuple[int, ...], depth: int) -> bool:
        """Exactly one of the given ones holds: its partner does, and no other, for it is that of one that does not."""
        if len(given) > MAX_CHOICE or len(set(given)) < len(given) or len(set(branches)) < len(branches):
            return False
        partners = _partners(given, branches)
        if partners is None:
            return False
        origins = {branch: inner for inner, branch in partners.items()}
        for inner, branch in partners.items():
            if inner != branch and not self._within(inner, branch, True, depth):
                return False
            for other in branches:
                if other in (branch, origins.get(other)) or self.apart.told(inner, other):
                    continue
                # What is in both would be in the one that it came from, and in that it is not.
                if other not in origins or not self._both_within(inner, other, origins[other], depth):
                    return False
        return True

    def _both_within(self, one: int, other: int, target: int, depth: int) -> bool:
        """Whether what two literals have in common, but null, lies within a third."""
        wanted = self.graph.node(target)
        if wanted.kind != "schema" or (one | other | target) & 1:
            return False
        nodes = [*self.opened(one), *self.opened(other)]
        kinds = kinds_of(nodes)
        return not kinds or self._meets((one, other), nodes, kinds, wanted, depth)

    def _conditioned(self, nodes: list[Node], wanted: Node, depth: int) -> bool:
        test = self.graph.child(wanted, "if")
        for node in nodes:
            if "if" not in node.words or self.graph.child(node, "if") != test:
                continue
            if all(
                keyword not in wanted.words
                or (
                    keyword in node.words
                    and self._within(self.graph.child(node, keyword), self.graph.child(wanted, keyword), False, depth)
                )
                for keyword in ("then", "else")
            ):
                return True
        return False

    # Parts of values.

    def _objects(self, nodes: list[Node], wanted: Node, depth: int) -> bool:
        words = wanted.words
        required = {name for node in nodes for name in node.words.get("required", ())}
        if not required.issuperset(words.get("required", ())):
            return False
        if words.get("minProperties", 0) > max(len(required), largest(nodes, "minProperties")):
            return False
        if "maxProperties" in words and not at_most(nodes, "maxProperties", words["maxProperties"]):
            return False
        for name in words.get("properties", ()):
            if not self._member(nodes, name, self.graph.child(wanted, "properties", name), depth):
                return False
        for keyword in ("patternProperties", "dependentSchemas"):
            for name in words.get(keyword, ()):
                limit = self.graph.child(wanted, keyword, name)
                if limit != ALL and not any(
                    name in node.words.get(keyword, ())
                    and self._within(self.graph.child(node, keyword, name), limit, False, depth)
                    for node in nodes
                ):
                    return False
        if "propertyNames" in words and not self._below(nodes, wanted, "propertyNames", depth):
            return False
        for name, others in words.get("dependentRequired", {}).items():
            given = {one for node in nodes for one in node.words.get("dependentRequired", {}).get(name, ())}
            if not (given | required).issuperset(others):
                return False
        if "additionalProperties" in words:
            rest = self.graph.child(wanted, "additionalProperties")
            if rest != ALL and not any(self._others(node, wanted, rest, depth) for node in nodes):
                return False
        return True

    def _member(self, nodes: list[Node], name: str, limit: int, depth: int) -> bool:
        """Whether what the member of a name has to be, if there is one, lies within a limit."""
        return limit == ALL or any(
            self._within(self.literals.member(node, name), limit, False, depth) for node in nodes
        )

    def _others(self, node: Node, wanted: Node, rest: int, depth: int) -> bool:
        """Whether all members that one schema leaves to its ``additionalProperties`` are held to those by the other."""
        if "additionalProperties" not in node.words:
            return False
        named, patterns = wanted.words.get("properties", ()), tuple(wanted.words.get("patternProperties", ()))
        if not self._within(self.graph.child(node, "additionalProperties"), rest, False, depth):
            return False
        for pattern in node.words.get("patternProperties", ()):
            if pattern not in patterns and not self._within(
                self.graph.child(node, "patternProperties", pattern), rest, False, depth
            ):
                return False
        for name in node.words.get("properties", ()):
            if name in named or any(compile_pattern(pattern).accepts(name) for pattern in patterns):
                continue
            if not self._within(self.graph.child(node, "properties", name), rest, False, depth):
                return False
        return True

    def _arrays(self, nodes: list[Node], wanted: Node, depth: int) -> bool:
        words = wanted.words
        if words.get("minItems", 0) > largest(nodes, "minItems"):
            return False
        if "maxItems" in words and not at_most(nodes, "maxItems", words["maxItems"]):
            return False
        if words.get("uniqueItems") and not any(node.words.get("uniqueItems") for node in nodes):
            return False
        if ("prefixItems" in words or "items" in words) and not any(self._lists(node, wanted, depth) for node in nodes):
            return False
        if "contains" in words:
            return self._contains(nodes, wanted, depth)
        return True

    def _lists(self, node: Node, wanted: Node, depth: int) -> bool:
        """Whether the items of one schema, position by position, lie within those of another."""
        if "items" not in node.words and "prefixItems" not in node.words:
            return False
        first, second = (
            self.graph.children(one, "prefixItems") if "prefixItems" in one.words else () for one in (node, wanted)
        )
        rest, limit = (self.graph.child(one, "items") if "items" in one.words else ALL for one in (node, wanted))
        return all(
            self._within(
                first[at] if at < len(first) else rest, second[at] if at < len(second) else limit, False, depth
            )
            for at in range(max(len(first), len(second)))
        ) and self._within(rest, limit, False, depth)

    def _contains(self, nodes: list[Node], wanted: Node, depth: int) -> bool:
        least, most = wanted.words.get("minContains", 1), wanted.words.get("maxContains")
        limit = self.graph.child(wanted, "contains")
        for node in nodes:
            if "contains" not in node.words:
                continue
            given = self.graph.child(node, "contains")
            if node.words.get("minContains", 1) < least:
                continue
            if most is None:
                if self._within(given, limit, False, depth):
                    return True
            elif given == limit and node.words.get("maxContains", most + 1) <= most:
                return True
        return False

    def _below(self, nodes: list[Node], wanted: Node, keyword: str, depth: int) -> bool:
        limit = self.graph.child(wanted, keyword)
        return limit == ALL or any(
            keyword in node.words and self._within(self.graph.child(node, keyword), limit, False, depth)
            for node in nodes
        )


def _partners(given: tuple[int, ...], branches: tuple[int, ...]) -> dict[int, int] | None:
    """Which branch each of some others is to be: itself where it is there, the rest in their order."""
    there = set(branches)
    left = [branch for branch in branches if branch not in given]
    partners: dict[int, int] = {}
    for one in given:
        if one in there:
            partners[one] = one
        elif left:
            partners[one] = left.pop(0)
        else:
            return None
    return partners


def _near(literal: int, branches: tuple[int, ...]) -> list[int]:
    """Branches by how far their numbers are: what was read together is likely to be meant together."""
    return sorted(branches, key=lambda one: abs(one - literal))
