"""Which members and items a schema has evaluated, told by cases (Core 2020-12, 11 and 7.7.1).

What ``unevaluatedProperties`` and ``unevaluatedItems`` speak of depends on which branches hold. A *scenario* is a set
of conditions and what is evaluated where they are met; the scenarios of a schema cover every value of it, each once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.schema.containment.graph import ALL, NONE, Graph, Node, UndecidableError

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.formulas import Formula

__all__ = ["Scenario", "scenarios_of"]

MAX_SCENARIOS = 160


class Scenario(msgspec.Struct, frozen=True):
    """Conditions, and what is evaluated under them.

    Of objects: ``names`` and the names of ``patterns``; of arrays: the first ``prefix`` items and those that are of one
    of the literals ``contained``; or ``everything``.
    """

    conditions: tuple[Formula, ...] = ()
    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    prefix: int = 0
    contained: tuple[int, ...] = ()
    everything: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing is evaluated."""
        return not (self.names or self.patterns or self.prefix or self.contained or self.everything)

    def joined(self, other: Scenario) -> Scenario:
        """Both at once."""
        return Scenario(
            self.conditions + tuple(one for one in other.conditions if one not in self.conditions),
            self.names | other.names,
            self.patterns + tuple(one for one in other.patterns if one not in self.patterns),
            max(self.prefix, other.prefix),
            tuple(sorted({*self.contained, *other.contained})),
            self.everything or other.everything,
        )

    def under(self, *conditions: Formula) -> Scenario:
        """The same under further conditions."""
        kept = tuple(one for one in conditions if one != ALL or not isinstance(one, int))
        return Scenario(kept + self.conditions, self.names, self.patterns, self.prefix, self.contained, self.everything)


NOTHING = Scenario()


def scenarios_of(graph: Graph, node: Node, kind: str) -> tuple[Scenario, ...]:
    """What the keywords beside ``unevaluated…`` evaluate; ``kind`` is ``properties`` or ``items``."""
    return _remembered(graph, node, kind, 0)


def _remembered(graph: Graph, node: Node, kind: str, depth: int) -> tuple[Scenario, ...]:
    known: tuple[Scenario, ...] | None = node.scenarios.get(kind)
    if known is None:
        graph.check_loops(node)
        known = node.scenarios[kind] = _of_words(graph, node, kind, depth)
    return known


def _crossed(some: tuple[Scenario, ...], others: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
    if others == (NOTHING,):
        return some
    if len(some) * len(others) > MAX_SCENARIOS:
        raise UndecidableError(f"unevaluated members that depend on more than {MAX_SCENARIOS} combinations of branches")
    return tuple(one.joined(other) for one in some for other in others)


def _of_literal(graph: Graph, literal: int, kind: str, depth: int) -> tuple[Scenario, ...]:
    """The scenarios of a schema that holds."""
    if literal in (ALL, NONE):
        return (NOTHING,)
    node = graph.node(literal)
    if depth > 40:
        raise UndecidableError("unevaluated members below too many references")
    if node.kind in ("union", "const"):
        return (NOTHING,)
    if node.kind == "opaque":
        raise UndecidableError(node.reason)
    inner = _remembered(graph, node, kind, depth + 1)
    word = "unevaluatedProperties" if kind == "properties" else "unevaluatedItems"
    if word in node.words:
        # Where the schema holds, all that was left has been evaluated by it.
        return (Scenario(everything=True),)
    return inner


def _all_idle(scenarios: tuple[Scenario, ...]) -> bool:
    return all(one.idle for one in scenarios)


def _of_words(graph: Graph, node: Node, kind: str, depth: int) -> tuple[Scenario, ...]:
    from zeues_contracts.schema.containment.formulas import Atom

    words = node.words
    found: tuple[Scenario, ...] = (_own(graph, node, words, kind),)
    for literal in graph.in_place(node):
        found = _crossed(found, _of_literal(graph, literal, kind, depth))
    if "anyOf" in words:
        for branch in graph.children(node, "anyOf"):
            held = _of_literal(graph, branch, kind, depth)
            if not _all_idle(held):
                options = [one.under(branch) for one in held] + [NOTHING.under(branch ^ 1)]
                found = _crossed(found, tuple(options))
    if "oneOf" in words:
        branches = graph.children(node, "oneOf")
        each = [_of_literal(graph, branch, kind, depth) for branch in branches]
        if not all(map(_all_idle, each)):
            options = []
            for branch, held in zip(branches, each, strict=True):
                # The node itself sees to it that no other branch holds.
                options += [one.under(branch) for one in held]
            found = _crossed(found, tuple(options))
    if "if" in words:
        test = graph.child(node, "if")
        then = graph.child(node, "then") if "then" in words else ALL
        other = graph.child(node, "else") if "else" in words else ALL
        yes = _crossed(_of_literal(graph, test, kind, depth), _of_literal(graph, then, kind, depth))
        no = _of_literal(graph, other, kind, depth)
        if not (_all_idle(yes) and _all_idle(no)):
            options = [one.under(test) for one in yes] + [one.under(test ^ 1) for one in no]
            found = _crossed(found, tuple(options))
    for name in words.get("dependentSchemas", {}):
        held = _of_literal(graph, graph.child(node, "dependentSchemas", name), kind, depth)
        if not _all_idle(held):
            options = [one.under(Atom("required", name)) for one in held] + [NOTHING.under(Atom("absent", name))]
            found = _crossed(found, tuple(options))
    return found


def _own(graph: Graph, node: Node, words: Any, kind: str) -> Scenario:
    if kind == "properties":
        return Scenario(
            names=frozenset(words.get("properties", ())),
            patterns=tuple(words.get("patternProperties", ())),
            everything="additionalProperties" in words,
        )
    contained: tuple[int, ...] = ()
    if "contains" in words:
        if node.reason == "2019-09":
            raise UndecidableError("unevaluatedItems beside contains, as Draft 2019-09 reads it")
        contained = (graph.child(node, "contains"),)
    return Scenario(prefix=len(words.get("prefixItems", ())), contained=contained, everything="items" in words)
