"""Dialects: what one schema object says, whatever it is written in."""

from __future__ import annotations

from typing import Any

import pytest

from zeues_contracts.schema.dialects import BundleError, Note, bundle, origin, translate
from zeues_contracts.schema.types import Dialect, Direction, Resource, Schema, Settings
from zeues_contracts.schema.validators import judge

from .suite import facts, suite_folder

D4, D7, D2019, D2020 = Dialect.DRAFT_4, Dialect.DRAFT_7, Dialect.DRAFT_2019_09, Dialect.DRAFT_2020_12
OA2, OA30, OA31 = Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0, Dialect.OPENAPI_3_1


@pytest.mark.parametrize(
    ("dialect", "node", "expected"),
    [
        (D2020, True, {}),
        (D2020, False, {"not": {}}),
        (D2020, {"title": "x", "description": "y", "x-more": 1}, {}),
        (D4, {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        (D4, {"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        (D4, {"exclusiveMaximum": True}, {}),
        (OA30, {"maximum": 1, "exclusiveMaximum": True}, {"exclusiveMaximum": 1}),
        (D4, {"const": 1, "if": {}}, {}),  # Draft 4 knows neither
        (D7, {"dependentRequired": {"a": ["b"]}}, {}),
        (D7, {"items": [{}], "additionalItems": False}, {"prefixItems": [{}], "items": False}),
        (D7, {"items": {"type": "null"}, "additionalItems": False}, {"items": {"type": "null"}}),
        (D7, {"items": []}, {}),
        (D2020, {"prefixItems": [{}], "items": False}, {"prefixItems": [{}], "items": False}),
        (OA31, {"items": [{"type": "null"}]}, {"prefixItems": [{"type": "null"}]}),
        (
            D7,
            {"dependencies": {"a": ["b"], "c": {"minProperties": 2}}},
            {"dependentRequired": {"a": ("b",)}, "dependentSchemas": {"c": {"minProperties": 2}}},
        ),
        (D2020, {"dependencies": {"a": ["b"]}}, {}),
        (D7, {"$ref": "#/x", "minimum": 1}, {"$ref": "#/x"}),
        (OA30, {"$ref": "#/x", "description": "d"}, {"$ref": "#/x"}),
        (D2020, {"$ref": "#/x", "minimum": 1}, {"$ref": "#/x", "minimum": 1}),
        (D2020, {"$ref": ""}, {"$ref": ""}),
        (OA31, {"$ref": ""}, {}),
        (D2020, {"type": ["string", "null"]}, {"type": ("string", "null")}),
        (OA30, {"type": "string", "nullable": True}, {"type": ("string", "null")}),
        (OA30, {"type": "string", "nullable": False}, {"type": ("string",)}),
        (OA30, {"type": "string", "nullable": True, "enum": ["a"]}, {"type": ("string", "null"), "enum": ["a", None]}),
        (OA30, {"type": "string", "nullable": True, "const": "a"}, {"type": ("string", "null"), "enum": ["a", None]}),
        (OA30, {"nullable": True, "allOf": [{"$ref": "#/x"}]}, {"allOf": [{"$ref": "#/x"}], "nullable": True}),
        (OA30, {"nullable": True, "$ref": "#/x"}, {"$ref": "#/x", "nullable": True}),
        (OA30, {"nullable": True}, {}),
        (OA31, {"type": "string", "nullable": True}, {"type": ("string",)}),
        (OA2, {"type": "string", "x-nullable": True}, {"type": ("string", "null")}),
        (OA30, {"type": "string", "const": "a"}, {"type": ("string",), "const": "a"}),
        (OA2, {"type": "file"}, {}),
        (OA2, {"name": "q", "in": "query", "required": True, "type": "integer"}, {"type": ("integer",)}),
        (OA30, {"minimum": "3", "maxLength": "5"}, {"minimum": 3, "maxLength": 5}),
        (OA30, {"minimum": "x", "maxLength": -1, "minItems": 1.5, "multipleOf": 0}, {}),
        (D2020, {"minLength": 2.0, "minimum": True, "uniqueItems": False}, {"minLength": 2}),
        (D2020, {"type": 5, "enum": "a", "pattern": 1, "properties": [], "required": True, "items": None}, {}),
        (D2020, {"type": ["string", "text"]}, {}),
        (D2020, {"properties": {"a": "no schema", "b": {}}}, {"properties": {"a": True, "b": {}}}),
        (D2020, {"required": ["a", 1, "a"]}, {"required": ("a",)}),
        (D4, {"id": "http://x/y"}, {"$id": "http://x/y"}),
        (OA31, {"discriminator": {"propertyName": "k"}}, {"discriminator": {"propertyName": "k"}}),
        (D2020, {"const": None}, {"const": None}),
        (D2020, [], {}),
    ],
)  # fmt: skip
def test_one_schema_object(dialect: Dialect, node: Any, expected: dict[str, Any]) -> None:
    assert translate(node, dialect) == expected


@pytest.mark.parametrize(
    ("dialect", "node", "keyword"),
    [
        (OA30, {"minimum": "3"}, "minimum"),
        (OA31, {"items": [{}]}, "items"),
        (OA30, {"nullable": True, "$ref": "#/x"}, "nullable"),
        (D7, {"$ref": "#/x", "minimum": 1}, "$ref"),
        (OA31, {"$ref": ""}, "$ref"),
        (D2020, {"type": "text"}, "type"),
        (OA30, {"type": "object", "required": True}, "required"),
        (D2020, {"exclusiveMinimum": True, "minimum": 1}, "exclusiveMinimum"),
        (D2020, "x", ""),
    ],
)
def test_what_is_not_clean_is_noted(dialect: Dialect, node: Any, keyword: str) -> None:
    notes: list[Note] = []
    translate(node, dialect, notes=notes)
    assert [note.keyword for note in notes] == [keyword]
    assert notes[0].message


def test_clean_schemas_leave_no_notes() -> None:
    notes: list[Note] = []
    translate({"$ref": "#/x", "description": "d"}, OA30, notes=notes)
    translate({"type": ["string", "null"], "examples": ["a"]}, D2020, notes=notes)
    translate({"minimum": 1, "exclusiveMinimum": True}, D4, notes=notes)
    translate({"name": "q", "in": "query", "required": True, "type": "integer"}, OA2, notes=notes)
    assert notes == []


def test_origins_of_moved_subschemas() -> None:
    node = {"items": [{}], "additionalItems": {}, "dependencies": {"a": {}}}
    assert origin("prefixItems", node, D7) == "items"
    assert origin("items", node, D7) == "additionalItems"
    assert origin("dependentSchemas", node, D7) == "dependencies"
    assert origin("items", {"items": {}}, D7) == "items"
    assert origin("prefixItems", {"prefixItems": [{}]}, D2020) == "prefixItems"


def test_directions_drop_what_does_not_travel() -> None:
    node = {
        "properties": {"id": {"readOnly": True}, "secret": {"writeOnly": True}, "link": {"$ref": "#/x"}, "name": {}},
        "required": ["id", "secret", "link", "name"],
    }
    request = translate(node, OA31, Direction.REQUEST, resolve=lambda _: {"readOnly": True})
    assert list(request["properties"]) == ["secret", "name"]
    assert request["required"] == ("secret", "name")
    response = translate(node, OA31, Direction.RESPONSE)
    assert list(response["properties"]) == ["id", "link", "name"]


def valid(contents: Any, value: Any, dialect: Dialect = D2020, pointer: str = "", **settings: Any) -> bool | None:
    return judge(Schema(Resource(contents, dialect), pointer), value, Settings(**settings)).valid


def test_a_bundle_stands_alone() -> None:
    document = {
        "paths": {"x": {"schema": {"$ref": "#/components/schemas/Node"}}},
        "components": {
            "schemas": {
                "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
                "Unused": {"type": "string"},
            }
        },
    }
    found = bundle(Schema(Resource(document, OA31), "/paths/x/schema"))
    assert len(found["$defs"]) == 2
    assert "Unused" not in str(found)
    assert valid(document, {"next": {"next": {}}}, OA31, "/paths/x/schema") is True
    assert valid(document, {"next": {"next": 1}}, OA31, "/paths/x/schema") is False


def test_names_that_need_escaping_are_followed() -> None:
    document = {"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "integer"}}}
    assert valid(document, 1) is True
    assert valid(document, "1") is False


def test_nullable_lets_null_in() -> None:
    document = {"s": {"nullable": True, "allOf": [{"$ref": "#/x"}]}, "x": {"type": "object", "required": ["a"]}}
    assert valid(document, None, OA30, "/s") is True
    assert valid(document, {"a": 1}, OA30, "/s") is True
    assert valid(document, {}, OA30, "/s") is False


def test_a_closed_world_closes_whole_values_only() -> None:
    base = {"type": "object", "properties": {"a": {"type": "object", "properties": {"x": {}}}}}
    document = {"allOf": [base, {"properties": {"b": {}}}], "$defs": {"Free": {"type": "object"}}}
    assert valid(document, {"a": {"x": 1}, "b": 1}, closed_world=True) is True
    assert valid(document, {"c": 1}, closed_world=True) is False
    assert valid(document, {"a": {"y": 1}}, closed_world=True) is False
    assert valid(document, {"c": 1}) is True
    assert valid(document, {"c": 1}, pointer="/$defs/Free", closed_world=True) is True
    opened = {"type": "object", "properties": {"a": {}}, "additionalProperties": True}
    assert valid(opened, {"c": 1}, closed_world=True) is True


def test_references_that_lead_nowhere_are_said() -> None:
    with pytest.raises(BundleError, match="#/nowhere"):
        bundle(Schema(Resource({"$ref": "#/nowhere"})))
    with pytest.raises(BundleError):
        bundle(Schema(Resource({}), "/nowhere"))


def test_a_very_deep_schema_is_no_trouble() -> None:
    deep: dict[str, Any] = {"type": "integer"}
    for _ in range(3000):
        deep = {"type": "array", "items": deep}
    assert valid(deep, [[[]]]) is True
    assert valid(deep, [[["a"]]]) is False


def test_the_official_suite() -> None:
    folder = suite_folder()
    if folder is None:
        pytest.skip("JSON_SCHEMA_TEST_SUITE is not set")
    wrong: list[str] = []
    unknown = total = 0
    for fact in facts(folder):
        total += 1
        verdict = judge(fact.schema, fact.value).valid
        if verdict is None:
            unknown += 1
        elif verdict is not fact.valid:
            wrong.append(fact.name)
    assert not wrong
    assert total > 4000
    assert unknown / total < 0.03
