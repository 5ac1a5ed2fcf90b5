"""Laws that hold for every schema, on random ones: what is proven, refuted and found is so."""

from __future__ import annotations

import collections
import copy
import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.schema import contains, witness
from zeues_contracts.schema.types import Proven, Refuted, Resource, Unknown
from zeues_contracts.schema.validators import confirm, judge

from . import generation
from .suite import facts, suite_folder

seeds = st.integers(0, 2**32)
some = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def place(contents: Any) -> Any:
    return Resource(contents).schema()


def near(rng: random.Random) -> tuple[Any, Any]:
    """A schema and one that has to do with it, in either order."""
    one = generation.schema(rng)
    other = generation.mutation(one, rng) if rng.random() < 0.8 else generation.schema(rng)
    return (one, other) if rng.random() < 0.5 else (other, one)


@given(seeds)
@some
def test_every_schema_contains_itself(seed: int) -> None:
    schema = generation.schema(random.Random(seed))
    assert isinstance(contains(place(schema), place(schema)), Proven)
    assert isinstance(contains(place(schema), place(copy.deepcopy(schema))), Proven)
    assert isinstance(contains(place(schema), place(True)), Proven)
    assert isinstance(contains(place(False), place(schema)), Proven)


@given(seeds)
@some
def test_validators_agree_with_every_answer(seed: int) -> None:
    rng = random.Random(seed)
    sub, sup = near(rng)
    answer = contains(place(sub), place(sup))
    if isinstance(answer, Refuted):
        assert confirm(place(sub), place(sup), answer.witness) == ""
        return
    if isinstance(answer, Unknown):
        assert answer.reason
        return
    inside, outside = jsonschema_rs.Draft202012Validator(sub), jsonschema_rs.Draft202012Validator(sup)
    for maker in (sub, sup) * 8:
        value = generation.value_of(maker, rng, maker)
        assert not inside.is_valid(value) or outside.is_valid(value), value


@given(seeds)
@some
def test_containment_is_transitive(seed: int) -> None:
    rng = random.Random(seed)
    middle = generation.schema(rng)
    low, high = generation.mutation(middle, rng), generation.mutation(middle, rng)
    if isinstance(contains(place(low), place(middle)), Proven) and isinstance(
        contains(place(middle), place(high)), Proven
    ):
        assert not isinstance(contains(place(low), place(high)), Refuted)


def rewritten(node: Any, rng: random.Random, depth: int = 0) -> Any:
    """A schema that says the same in other words."""
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    keys = list(node)
    rng.shuffle(keys)
    for key in keys:
        given_value = node[key]
        if key in ("properties", "patternProperties", "dependentSchemas", "$defs"):
            out[key] = {name: rewritten(one, rng, depth + 1) for name, one in sorted(given_value.items())}
        elif key in ("anyOf", "oneOf", "allOf"):
            branches = [rewritten(one, rng, depth + 1) for one in given_value]
            rng.shuffle(branches)
            out[key] = branches
        elif key in ("enum", "required"):
            out[key] = list(reversed(given_value))
        elif key in ("items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"):
            out[key] = rewritten(given_value, rng, depth + 1)
        elif key == "const" and "enum" not in node and rng.random() < 0.5:
            out["enum"] = [given_value]
        else:
            out[key] = given_value
    if depth and "$ref" not in out and rng.random() < 0.3:
        # An annotation, or a wrapper that changes nothing. (Unevaluated keywords look through both.)
        out = {"allOf": [out]} if rng.random() < 0.5 else {**out, "title": "same"}
    return out


@given(seeds)
@some
def test_other_words_for_the_same_change_no_answer(seed: int) -> None:
    rng = random.Random(seed)
    schema = generation.schema(rng)
    other = rewritten(schema, rng)
    for sub, sup in ((schema, other), (other, schema)):
        assert not isinstance(contains(place(sub), place(sup)), Refuted)
    third = generation.mutation(schema, rng)
    one, two = contains(place(schema), place(third)), contains(place(other), place(third))
    assert {type(one), type(two)} != {Proven, Refuted}


REWRITES = [
    ({"const": "a"}, {"enum": ["a"]}),
    ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {"type": "string"}]}),
    ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
    ({"type": "integer"}, {"type": "number", "multipleOf": 1}),
    ({"not": {"not": {"type": "string"}}}, {"type": "string"}),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}, {"type": "string"}),
    ({"enum": [True, False]}, {"type": "boolean"}),
    ({"if": {"type": "string"}, "then": {"minLength": 1}}, {"anyOf": [{"not": {"type": "string"}}, {"minLength": 1}]}),
    ({"pattern": "^(a|b)$"}, {"pattern": "^[ab]$"}),
    ({"type": "array", "maxItems": 0}, {"const": []}),
    ({"type": "object", "maxProperties": 0}, {"const": {}}),
    ({"minLength": 1}, {"anyOf": [{"minLength": 2}, {"minLength": 1, "maxLength": 1}, {"not": {"type": "string"}}]}),
]


@pytest.mark.parametrize(("one", "other"), REWRITES)
def test_known_rewrites_are_proven_both_ways(one: Any, other: Any) -> None:
    assert isinstance(contains(place(one), place(other)), Proven)
    assert isinstance(contains(place(other), place(one)), Proven)


@given(seeds)
@some
def test_every_witness_is_a_value(seed: int) -> None:
    """A schema's smallest value is one of its values, and one that has none takes no generated value."""
    rng = random.Random(seed)
    schema = generation.schema(rng)
    none_found = contains(place(schema), place(False))
    if isinstance(none_found, Refuted):
        assert judge(place(schema), none_found.witness).valid is True
    elif isinstance(none_found, Proven):
        validator = jsonschema_rs.Draft202012Validator(schema)
        assert not any(validator.is_valid(generation.value_of(schema, rng, schema)) for _ in range(20))
    assert witness is not None


def test_the_official_suite_as_containment() -> None:
    """`{const: value}` ⊆ schema exactly when the suite says valid."""
    folder = suite_folder()
    if folder is None:
        pytest.skip("JSON_SCHEMA_TEST_SUITE is not set")
    wrong: list[str] = []
    reasons: collections.Counter[str] = collections.Counter()
    unknown = total = 0
    for fact in facts(folder):
        total += 1
        answer = contains(place({"const": fact.value}), fact.schema)
        if isinstance(answer, Unknown):
            reasons[answer.reason] += 1
            unknown += 1
        elif isinstance(answer, Proven) is not fact.valid:
            wrong.append(fact.name)
    assert not wrong
    assert unknown / total < 0.05, reasons.most_common(12)
