"""What a schema asks of values of one type, as a formula over atoms; every atom has an atom as its negation's parts.

Formulas are built for numbers, arrays and objects. Null and booleans are evaluated, strings are languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from zeues_contracts.schema.containment.graph import ALL, NONE, Graph, Node, UndecidableError
from zeues_contracts.schema.containment.numbers import exact
from zeues_contracts.schema.containment.scenarios import scenarios_of
from zeues_contracts.schema.containment.values import type_of

__all__ = ["FALSE", "TRUE", "And", "Atom", "Exactly", "Formula", "Names", "Or", "formula_of", "negated"]


class And(msgspec.Struct, frozen=True):
    """All parts hold; of none at all: true."""

    parts: tuple[Formula, ...]


class Or(msgspec.Struct, frozen=True):
    """Some part holds; of none at all: false."""

    parts: tuple[Formula, ...]


class Exactly(msgspec.Struct, frozen=True):
    """One of the literals holds and no other (or, where ``one`` is false: none, or more than one)."""

    literals: tuple[int, ...]
    one: bool


class Names(NamedTuple):
    """Names of members: one name, those of a pattern, or the rest: all but some names and the names of patterns."""

    kind: str
    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()


class Atom(NamedTuple):
    """One constraint on a value of the formula's type.

    Numbers: ``ge gt le lt multiple no-multiple in not-in``. Arrays: ``min max`` (lengths), ``item`` (if there is an
    item at an index, it is of the literal), ``has`` (there is one, and it is), ``rest`` (all from an index on),
    ``some`` (one of these), ``least most`` (how many are of the literal), ``unique duplicate``.
    Objects: ``min max`` (members), ``required absent``, ``rule`` (members of these names are of the literal), ``some``
    (one of them is), ``names`` (all names are of the literal), ``bad-name`` (some name is). ``opaque clear``: something
    unreadable holds or not.
    """

    kind: str
    what: Any = None
    literal: int = 0


Formula = And | Or | Exactly | Atom | int
"""An integer is a literal: a schema of the same value."""

TRUE = And(())
FALSE = Or(())

_OPPOSITE = {
    "ge": "lt",
    "lt": "ge",
    "gt": "le",
    "le": "gt",
    "multiple": "no-multiple",
    "no-multiple": "multiple",
    "in": "not-in",
    "not-in": "in",
    "unique": "duplicate",
    "duplicate": "unique",
    "required": "absent",
    "absent": "required",
    "opaque": "clear",
    "clear": "opaque",
}
_OPPOSITE_OF_LITERAL = {
    "item": "has",
    "has": "item",
    "rest": "some",
    "rule": "some",
    "names": "bad-name",
    "bad-name": "names",
}


def negated(formula: Formula) -> Formula:
    """The formula of all other values of the type."""
    if isinstance(formula, int):
        return formula ^ 1
    if isinstance(formula, And):
        return Or(tuple(map(negated, formula.parts)))
    if isinstance(formula, Or):
        return And(tuple(map(negated, formula.parts)))
    if isinstance(formula, Exactly):
        return Exactly(formula.literals, not formula.one)
    kind, what, literal = formula
    if kind in _OPPOSITE:
        return Atom(_OPPOSITE[kind], what, literal)
    if kind in _OPPOSITE_OF_LITERAL:
        return Atom(_OPPOSITE_OF_LITERAL[kind], what, literal ^ 1)
    if kind == "some":
        return Atom("rule" if isinstance(what, Names) else "rest", what, literal ^ 1)
    if kind == "min":
        return Atom("max", what - 1) if what > 0 else FALSE
    if kind == "max":
        return Atom("min", what + 1)
    if kind == "least":
        return Atom("most", what - 1, literal) if what > 0 else FALSE
    assert kind == "most", kind
    return Atom("least", what + 1, literal)


def all_of(parts: list[Formula]) -> Formula:
    """Conjunction, as flat as it gets."""
    found: list[Formula] = []
    for part in parts:
        if part in (FALSE, NONE):
            return FALSE
        if part == ALL and isinstance(part, int):
            continue
        if isinstance(part, And):
            found.extend(part.parts)
        else:
            found.append(part)
    return found[0] if len(found) == 1 else And(tuple(found))


def any_of(parts: list[Formula]) -> Formula:
    """Disjunction, as flat as it gets."""
    found: list[Formula] = []
    for part in parts:
        if part == TRUE or (isinstance(part, int) and part == ALL):
            return TRUE
        if isinstance(part, int) and part == NONE:
            continue
        if isinstance(part, Or):
            found.extend(part.parts)
        else:
            found.append(part)
    return found[0] if len(found) == 1 else Or(tuple(found))


def formula_of(graph: Graph, literal: int, kind: str) -> Formula:
    """What a literal asks of values of a type (``number``, ``array``, ``object``)."""
    node = graph.node(literal)
    key = kind if not literal & 1 else f"not {kind}"
    known: Formula | None = node.formulas.get(key)
    if known is None:
        positive = node.formulas.get(kind)
        if positive is None:
            positive = node.formulas[kind] = _build(graph, node, kind)
        known = positive if not literal & 1 else negated(positive)
        node.formulas[key] = known
    return known


def _build(graph: Graph, node: Node, kind: str) -> Formula:
    if node.kind == "opaque":
        return Atom("opaque", node.reason, node.number * 2)
    if node.kind == "union":
        return any_of(list(node.literals))
    if node.kind == "const":
        return _constant(graph, node.value, kind)
    graph.check_loops(node)
    words = node.words
    parts: list[Formula] = []
    types = words.get("type")
    if types is not None and kind not in types:
        if kind != "number" or "integer" not in types:
            return FALSE
        parts.append(Atom("multiple", exact(1)))
    lists = ([words["const"]] if "const" in words else None, words.get("enum"))
    parts.extend(
        _one_of(graph, [one for one in values if type_of(one) == kind], kind) for values in lists if values is not None
    )
    parts.extend(graph.targets(node))
    if "allOf" in words:
        parts.extend(graph.children(node, "allOf"))
    if "anyOf" in words:
        parts.append(any_of(list(graph.children(node, "anyOf"))))
    if "oneOf" in words:
        branches = graph.children(node, "oneOf")
        parts.append(branches[0] if len(branches) == 1 else Exactly(branches, True))
    if "not" in words:
        parts.append(graph.child(node, "not") ^ 1)
    if "if" in words:
        parts.append(_condition(graph, node))
    parts.extend(_OWN[kind](graph, node, words))
    return all_of(parts)


def _condition(graph: Graph, node: Node) -> Formula:
    test = graph.child(node, "if")
    then = graph.child(node, "then") if "then" in node.words else ALL
    other = graph.child(node, "else") if "else" in node.words else ALL
    return any_of([all_of([test, then]), all_of([test ^ 1, other])])


def _one_of(graph: Graph, values: list[Any], kind: str) -> Formula:
    if kind == "number":
        return Atom("in", frozenset(exact(one) for one in values)) if values else FALSE
    return any_of([graph.constant(one) for one in values])


def _constant(graph: Graph, value: Any, kind: str) -> Formula:
    if type_of(value) != kind:
        return FALSE
    if kind == "number":
        return Atom("in", frozenset({exact(value)}))
    if kind == "array":
        items = [Atom("item", i, graph.constant(one)) for i, one in enumerate(value)]
        return And((Atom("min", len(value)), Atom("max", len(value)), *items))
    rules = [Atom("rule", Names("one", frozenset({name})), graph.constant(one)) for name, one in value.items()]
    needed = [Atom("required", name) for name in value]
    return And((*needed, *rules, Atom("rule", Names("rest", frozenset(value)), NONE)))


def _number(_graph: Graph, _node: Node, words: Mapping[str, Any]) -> list[Formula]:
    atoms: list[Formula] = []
    for keyword, kind in (("minimum", "ge"), ("exclusiveMinimum", "gt"), ("maximum", "le"), ("exclusiveMaximum", "lt")):
        if keyword in words:
            atoms.append(Atom(kind, exact(words[keyword])))
    if "multipleOf" in words:
        atoms.append(Atom("multiple", exact(words["multipleOf"])))
    return atoms


def _array(graph: Graph, node: Node, words: Mapping[str, Any]) -> list[Formula]:
    atoms: list[Formula] = []
    if words.get("minItems", 0) > 0:
        atoms.append(Atom("min", words["minItems"]))
    if "maxItems" in words:
        atoms.append(Atom("max", words["maxItems"]))
    first = 0
    if "prefixItems" in words:
        prefix = graph.children(node, "prefixItems")
        first = len(prefix)
        atoms.extend(Atom("item", i, one) for i, one in enumerate(prefix) if one != ALL)
    if "items" in words and (rest := graph.child(node, "items")) != ALL:
        atoms.append(Atom("rest", first, rest))
    if words.get("uniqueItems"):
        atoms.append(Atom("unique"))
    if "contains" in words:
        wanted = graph.child(node, "contains")
        if words.get("minContains", 1) > 0:
            atoms.append(Atom("least", words.get("minContains", 1), wanted))
        if "maxContains" in words:
            atoms.append(Atom("most", words["maxContains"], wanted))
    if "unevaluatedItems" in words:
        if node.reason == "2019-09" or node.place is None:
            raise UndecidableError("unevaluatedItems beside contains, as Draft 2019-09 reads it")
        left = graph.child(node, "unevaluatedItems")
        if left != ALL:
            cases: list[Formula] = []
            for one in scenarios_of(graph, node, "items"):
                rule = TRUE if one.everything else Atom("rest", one.prefix, graph.union((left, *one.contained)))
                cases.append(all_of([*one.conditions, rule]))
            atoms.append(_cases(cases))
    return atoms


def _object(graph: Graph, node: Node, words: Mapping[str, Any]) -> list[Formula]:
    atoms: list[Formula] = []
    if words.get("minProperties", 0) > 0:
        atoms.append(Atom("min", words["minProperties"]))
    if "maxProperties" in words:
        atoms.append(Atom("max", words["maxProperties"]))
    atoms.extend(Atom("required", name) for name in words.get("required", ()))
    names = words.get("properties", {})
    for name in names:
        one = graph.child(node, "properties", name)
        if one != ALL:
            atoms.append(Atom("rule", Names("one", frozenset({name})), one))
    patterns = tuple(words.get("patternProperties", ()))
    for pattern in patterns:
        one = graph.child(node, "patternProperties", pattern)
        if one != ALL:
            atoms.append(Atom("rule", Names("pattern", patterns=(pattern,)), one))
    if "additionalProperties" in words and (rest := graph.child(node, "additionalProperties")) != ALL:
        atoms.append(Atom("rule", Names("rest", frozenset(names), patterns), rest))
    if "propertyNames" in words and (named := graph.child(node, "propertyNames")) != ALL:
        atoms.append(Atom("names", None, named))
    for name, needed in words.get("dependentRequired", {}).items():
        atoms.append(any_of([Atom("absent", name), all_of([Atom("required", other) for other in needed])]))
    atoms.extend(
        any_of([Atom("absent", name), graph.child(node, "dependentSchemas", name)])
        for name in words.get("dependentSchemas", {})
    )
    if "unevaluatedProperties" in words or node.closed:
        left = NONE if node.closed else graph.child(node, "unevaluatedProperties")
        if left != ALL:
            cases: list[Formula] = []
            for case in scenarios_of(graph, node, "properties"):
                rule = TRUE if case.everything else Atom("rule", Names("rest", case.names, case.patterns), left)
                cases.append(all_of([*case.conditions, rule]))
            atoms.append(_cases(cases))
    return atoms


def _cases(cases: list[Formula]) -> Formula:
    """A choice of cases of which one holds for every value; so its negation is the same choice of negated rules."""
    return cases[0] if len(cases) == 1 else any_of(cases)


_OWN = {"number": _number, "array": _array, "object": _object}
