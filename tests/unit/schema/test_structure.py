"""What is seen without a search: proofs by structure, witnesses near by, plain samples. The search is the judge."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.schema import Context
from zeues_contracts.schema.containment.results import MISSING
from zeues_contracts.schema.types import Dialect, Resource, Settings

from . import generation

INTEGER, STRING, NUMBER = {"type": "integer"}, {"type": "string"}, {"type": "number"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def tagged(tag: str, **properties: Any) -> dict[str, Any]:
    return record("kind", kind={"const": tag}, **properties)


CAT, DOG, COW = tagged("cat", age=INTEGER), tagged("dog", age=INTEGER), tagged("cow")
OLDER_DOG = tagged("dog", age={**INTEGER, "minimum": 1})


class Asked:
    """One question, to each of those who may answer it."""

    def __init__(self, sub: Any, sup: Any, dialect: Dialect = Dialect.DRAFT_2020_12) -> None:
        self.context = Context(Settings())
        self.context._deadline = self.context._structure.deadline = time.thread_time() + 60
        graph = self.context.graph
        self.one = graph.at(Resource(sub, dialect).schema())
        self.other = graph.at(Resource(sup, dialect).schema())

    def shown(self) -> bool:
        return self.context._structure.shows(self.one, self.other)

    def near(self) -> Any:
        return self.context._nearby.witness(self.one, self.other)

    def searched(self) -> str:
        deadline = time.thread_time() + 60
        conjunction = frozenset({self.one, self.other ^ 1})
        return self.context._solver.solve(conjunction, self.context.settings.budget, deadline).state


@pytest.mark.parametrize(
    ("sub", "sup"),
    [
        (INTEGER, NUMBER),
        ({**INTEGER, "minimum": 1}, {"minimum": 0, "exclusiveMinimum": -1}),
        ({**INTEGER, "multipleOf": 6}, {"multipleOf": 3}),
        ({**STRING, "minLength": 2, "pattern": "^a"}, {"pattern": "^a", "minLength": 1}),
        ({"enum": [1, 2]}, {"enum": [3, 2, 1]}),
        ({"const": {"a": 1}}, record("a", a=INTEGER)),
        (record("a", "b", a=INTEGER), record("a", a=NUMBER)),
        ({**record(a=INTEGER), "additionalProperties": False}, {"additionalProperties": NUMBER}),
        ({**record(a=INTEGER), "additionalProperties": False}, record(a=INTEGER, b=STRING)),
        ({"type": "array", "items": INTEGER, "minItems": 2}, {"items": NUMBER, "minItems": 1}),
        ({"prefixItems": [INTEGER], "items": False, "type": "array"}, {"prefixItems": [NUMBER, STRING]}),
        ({"contains": INTEGER, "minContains": 2}, {"contains": NUMBER}),
        ({"anyOf": [INTEGER, STRING]}, {"anyOf": [STRING, NUMBER]}),
        ({"anyOf": [record(a=INTEGER), {"type": "null"}]}, {"anyOf": [record(a=NUMBER), {"type": "null"}]}),
        ({"allOf": [record("a"), record(a=INTEGER)]}, record("a", a=NUMBER)),
        ({"oneOf": [CAT, OLDER_DOG]}, {"oneOf": [CAT, DOG]}),
        ({"oneOf": [CAT, DOG]}, {"oneOf": [CAT, DOG, COW]}),
        (CAT, {"oneOf": [DOG, CAT]}),
        # Branches that have values in common: what the wider one took more the other never had.
        (
            {"oneOf": [record("a", x={**INTEGER, "minimum": 0}), record("b", x={**INTEGER, "minimum": 1})]},
            {"oneOf": [record("a", x=INTEGER), record("b", x={**INTEGER, "minimum": 1})]},
        ),
        ({"not": NUMBER}, {"not": INTEGER}),
        ({"if": {"required": ["a"]}, "then": record("b")}, {"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
        ({"patternProperties": {"^x": INTEGER}}, {"patternProperties": {"^x": NUMBER}}),
        ({"propertyNames": {"maxLength": 2}}, {"propertyNames": {"maxLength": 3}}),
    ],
)
def test_what_structure_shows(sub: Any, sup: Any) -> None:
    assert Asked(sub, sup).shown()
    assert Asked(sub, sup).searched() == "empty"


def tree(leaf: Any) -> dict[str, Any]:
    branch = {"type": "array", "items": {"$ref": "#/$defs/Node"}}
    return {"$ref": "#/$defs/Node", "$defs": {"Node": record("value", value=leaf, children=branch)}}


def test_recursive_schemas() -> None:
    assert Asked(tree(INTEGER), tree(NUMBER)).shown()
    assert not Asked(tree(NUMBER), tree(INTEGER)).shown()
    assert Asked(tree(NUMBER), tree(INTEGER)).near() != MISSING


def test_many_schemas_that_refer_to_one_another() -> None:
    def ring(leaf: Any) -> dict[str, Any]:
        names = {f"S{i}": record("v", v=leaf, next={"$ref": f"#/$defs/S{(i + 1) % 400}"}) for i in range(400)}
        return {"$ref": "#/$defs/S0", "$defs": names}

    assert Asked(ring(INTEGER), ring(NUMBER)).shown()
    assert not Asked(ring(NUMBER), ring(INTEGER)).shown()


@pytest.mark.parametrize(
    ("sub", "sup"),
    [
        # What two branches share is in none of them, or in two.
        ({"oneOf": [record("a"), record("b")]}, {"oneOf": [record(), record("b")]}),
        (record("a", "b"), {"oneOf": [record("a"), record("b")]}),
        (
            {"oneOf": [record("a", x={**INTEGER, "minimum": 1}), record("b", x=INTEGER)]},
            {"oneOf": [record("a", x=INTEGER), record("b", x=INTEGER)]},
        ),
        ({"oneOf": [CAT, CAT]}, {"oneOf": [CAT, CAT]} | {"type": "string"}),
        # The same schema applied to itself again and again means nothing.
        ({"$ref": "#/$defs/A", "$defs": {"A": {"allOf": [{"$ref": "#/$defs/A"}]}}}, INTEGER),
        # Names that one side leaves open.
        (record(a=INTEGER), {"additionalProperties": INTEGER}),
        ({"unevaluatedProperties": False, **record(a=INTEGER)}, {"unevaluatedProperties": False, **record()}),
        ({"not": INTEGER}, {"not": NUMBER}),
        ({"type": ["integer", "null"]}, NUMBER),
    ],
)
def test_what_it_does_not(sub: Any, sup: Any) -> None:
    assert not Asked(sub, sup).shown()


def test_null_beside_a_reference() -> None:
    """OpenAPI 3.0's ``nullable`` lets null in whatever the reference says."""
    dialect = Dialect.OPENAPI_3_0
    nullable, plain = {"nullable": True, "allOf": [record(a=INTEGER)]}, {"allOf": [record(a=NUMBER)]}
    assert not Asked(nullable, plain, dialect).shown()
    assert Asked({**nullable}, {**plain, "nullable": True}, dialect).shown()
    assert Asked(nullable, plain, dialect).near() is None
    # Two nullable schemas have null in common, so that `oneOf` of them takes no null.
    either = {"oneOf": [{**CAT, "nullable": True}, {**DOG, "nullable": True}]}
    assert not Asked({**CAT, "nullable": True}, either, dialect).shown()


@pytest.mark.parametrize(
    ("sub", "sup", "witness"),
    [
        (record("a", a=INTEGER), record("a", a=STRING), {"a": 0}),
        (record(), record("a"), {}),
        ({"oneOf": [CAT, DOG]}, {"oneOf": [CAT, OLDER_DOG]}, {"kind": "dog", "age": 0}),
        ({"type": "array", "items": NUMBER}, {"items": INTEGER}, None),
        ({**STRING, "maxLength": 3}, {"maxLength": 2}, "000"),
    ],
)
def test_witnesses_near_by(sub: Any, sup: Any, witness: Any) -> None:
    asked = Asked(sub, sup)
    found = asked.near()
    assert found is not MISSING
    assert asked.context._solver.members.check(found, asked.one) is True
    assert asked.context._solver.members.check(found, asked.other) is False
    assert witness is None or found == witness


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_the_search_says_the_same(seed: int) -> None:
    rng = random.Random(seed)
    one = generation.schema(rng)
    other = generation.mutation(one, rng) if rng.random() < 0.8 else generation.schema(rng)
    for sub, sup in ((one, other), (other, one)):
        try:
            state = Asked(sub, sup).searched()
        except Exception:  # not for the search either
            continue
        if Asked(sub, sup).shown():
            assert state != "found"
        elif Asked(sub, sup).near() is not MISSING:
            assert state != "empty"
