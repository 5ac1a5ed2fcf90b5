from __future__ import annotations

import random
from typing import Any

import pytest

from tests.unit.snapshots import generating
from zeues_contracts.snapshots.aligning import align, renamed_components
from zeues_contracts.snapshots.blending import blend, units_of


@pytest.mark.parametrize("seed", range(30))
def test_no_unit_is_the_old_value_and_all_units_are_the_new_one(seed: int) -> None:
    rng = random.Random(seed)
    old = generating.document(rng)
    new = generating.changed(rng, old, 5)
    units = units_of(old, new)
    assert blend(old, new, ()) == old
    assert unordered(blend(old, new, units)) == unordered(new)
    assert units_of(old, old) == ()


def unordered(value: Any) -> Any:
    """Parameters and sets of texts in one order; the order has no meaning."""
    if isinstance(value, dict):
        return {key: unordered(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((unordered(one) for one in value), key=repr)
    return value


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (SCHEMA, {**SCHEMA, "title": "T"}, ("/title",)),
        (SCHEMA, {**SCHEMA, "properties": {}, "required": []}, ("/properties/a", "/required#a")),
        ({"type": "string"}, {"type": "integer"}, ("/type",)),
        ({"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, ("#structure",)),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, ("/enum#a", "/enum#c")),
        ({"a": True}, {"a": 1}, ("/a",)),
        ({"a": 1}, {"a": 1.0}, ()),
        ({"a": None}, {}, ("/a",)),
        ({"a/b": 1}, {"a/b": 2}, ("/a~1b",)),
        ({"x": [1, 2]}, {"x": [1, 3]}, ("/x",)),
        ({"anyOf": [{"type": "string", "minLength": 1}]}, {"anyOf": [{"type": "string"}]}, ("/anyOf/0/minLength",)),
        ({"paths": {"/a": {"get": {}}}}, {"paths": {"/a": {"get": {}, "post": {}}}}, ("/paths/~1a/post",)),
        ({"paths": {"/a/{x}": {"get": {}}}}, {"paths": {"/a/{y}": {"get": {}}}}, ("/paths/~1a~1{x}",)),
        ({"paths": {}}, {"paths": {"/a": {"get": {}, "parameters": []}}}, ("/paths/~1a/get",)),
        ({}, {"parameters": [{"name": "p", "in": "query"}]}, ("/parameters#query:p",)),
    ],
)
def test_units(old: Any, new: Any, units: tuple[str, ...]) -> None:
    assert sorted(units_of(old, new)) == sorted(units)


def test_what_an_operation_of_a_new_path_shares_comes_with_it() -> None:
    new = {"paths": {"/a": {"get": {"x": 1}, "put": {}, "parameters": [1]}}}
    assert blend({"paths": {}}, new, ["/paths/~1a/get"]) == {"paths": {"/a": {"get": {"x": 1}, "parameters": [1]}}}
    assert blend(new, {"paths": {}}, ["/paths/~1a/get"]) == {"paths": {"/a": {"put": {}, "parameters": [1]}}}
    assert blend(new, {"paths": {}}, ["/paths/~1a/get", "/paths/~1a/put"]) == {"paths": {}}


def test_a_document_nested_without_end_is_taken_as_one() -> None:
    old: Any = {}
    new: Any = {"x": 1}
    for _ in range(700):
        old, new = {"a": old}, {"a": new}
    assert len(units_of(old, new)) == 1


def reference(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def test_components_that_only_changed_their_name() -> None:
    old = {"a": reference("Item"), "components": {"schemas": {"Item": {"type": "string"}}}}
    new = {"a": reference("ItemRead"), "components": {"schemas": {"ItemRead": {"type": "integer"}}}}
    renamed = renamed_components(old, new)
    assert renamed == {"/components/schemas/ItemRead": "/components/schemas/Item"}
    assert align(new, renamed) == {"a": reference("Item"), "components": {"schemas": {"Item": {"type": "integer"}}}}
    assert new["a"] == reference("ItemRead")
    both = {"a": reference("Other"), "components": {"schemas": {"Item": {}, "Other": {}}}}
    assert renamed_components(old, both) == {}  # the old one is still there
    gone = {"a": reference("Nowhere"), "components": {"schemas": {}}}
    assert renamed_components(old, gone) == {}
