"""Containment: a table of pairs with the truth for every keyword, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from zeues_contracts.schema import contains, witness
from zeues_contracts.schema.types import (
    Answer,
    Dialect,
    Proven,
    Refuted,
    Resource,
    Unknown,
)
from zeues_contracts.schema.validators import confirm

INTEGER, NUMBER, STRING = {"type": "integer"}, {"type": "number"}, {"type": "string"}
NULL, BOOLEAN, ARRAY, OBJECT = {"type": "null"}, {"type": "boolean"}, {"type": "array"}, {"type": "object"}


def ask(sub: Any, sup: Any, dialect: Dialect = Dialect.DRAFT_2020_12) -> Answer:
    one, other = Resource(sub, dialect).schema(), Resource(sup, dialect).schema()
    answer = contains(one, other)
    if isinstance(answer, Refuted):
        assert confirm(one, other, answer.witness) == ""
        assert answer.explanation is not None
        assert answer.explanation.sentence
    return answer


def truth(sub: Any, sup: Any, dialect: Dialect = Dialect.DRAFT_2020_12) -> bool | None:
    answer = ask(sub, sup, dialect)
    return None if isinstance(answer, Unknown) else isinstance(answer, Proven)


def items(*prefix: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "prefixItems": list(prefix), **more}


def record(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


# first, second, whether first ⊆ second, whether second ⊆ first
TABLE: list[tuple[Any, Any, bool, bool]] = [
    # boolean schemas
    (True, {}, True, True),
    (False, STRING, True, False),
    ({"not": {}}, False, True, True),
    (True, False, False, True),
    # type
    (STRING, {"type": ["string", "null"]}, True, False),
    (INTEGER, NUMBER, True, False),
    ({"type": ["integer", "number"]}, NUMBER, True, True),
    ({"type": ["null", "boolean", "number", "string", "array", "object"]}, True, True, True),
    (STRING, INTEGER, False, False),
    # enum and const
    ({"enum": ["a", "b"]}, {"enum": ["b", "a", "c"]}, True, False),
    ({"const": 1}, {"const": 1.0}, True, True),
    ({"const": 1}, {"const": True}, False, False),
    ({"const": [1, True]}, {"const": [True, 1]}, False, False),
    ({"const": {"a": 1, "b": 2}}, {"const": {"b": 2, "a": 1.0}}, True, True),
    ({"enum": [None, True, False]}, {"type": ["null", "boolean"]}, True, True),
    ({"enum": [1, 2, 3]}, INTEGER, True, False),
    ({"enum": ["a", 1]}, STRING, False, False),
    ({"enum": []}, False, True, True),
    ({"const": {"a": [1]}}, record(a={"type": "array", "items": INTEGER}), True, False),
    ({"enum": ["a", "b"], "pattern": "^a"}, {"const": "a"}, True, True),
    # numbers
    ({"minimum": 1}, {"minimum": 0}, True, False),
    ({"exclusiveMinimum": 0}, {"minimum": 0}, True, False),
    ({**INTEGER, "exclusiveMinimum": 0}, {**INTEGER, "minimum": 1}, True, True),
    ({**INTEGER, "minimum": 0.5}, {**INTEGER, "minimum": 1}, True, True),
    ({**NUMBER, "minimum": 0.5}, {**NUMBER, "minimum": 1}, False, True),
    ({**INTEGER, "minimum": 1, "maximum": 3}, {"enum": [1, 2, 3]}, True, True),
    ({**NUMBER, "minimum": 3, "maximum": 3}, {"const": 3}, True, True),
    ({**NUMBER, "minimum": 3, "exclusiveMaximum": 3}, False, True, True),
    ({**NUMBER, "multipleOf": 4}, {**NUMBER, "multipleOf": 2}, True, False),
    ({**NUMBER, "multipleOf": 1}, INTEGER, True, True),
    ({**NUMBER, "multipleOf": 0.5}, {**NUMBER, "multipleOf": 0.25}, True, False),
    ({**NUMBER, "multipleOf": 0.3}, {**NUMBER, "multipleOf": 0.1}, True, False),
    ({"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}, {"multipleOf": 12}, True, True),
    ({**INTEGER, "multipleOf": 2.5}, {**NUMBER, "multipleOf": 5}, True, True),
    ({**INTEGER, "multipleOf": 7, "minimum": 1, "maximum": 6}, False, True, True),
    ({**INTEGER, "not": {"multipleOf": 2}}, {**INTEGER, "not": {"multipleOf": 4}}, True, False),
    ({**INTEGER, "minimum": 10**30}, {**NUMBER, "minimum": 10**29}, True, False),
    (
        {**NUMBER, "not": INTEGER, "minimum": 1, "maximum": 2},
        {"exclusiveMinimum": 1, "exclusiveMaximum": 2, **NUMBER},
        True,
        True,
    ),
    # strings
    ({**STRING, "minLength": 2}, {**STRING, "minLength": 1}, True, False),
    ({**STRING, "maxLength": 0}, {"const": ""}, True, True),
    ({**STRING, "maxLength": 65535}, {**STRING, "maxLength": 65536}, True, False),
    ({**STRING, "pattern": "^a+$"}, {**STRING, "pattern": "a"}, True, False),
    ({**STRING, "pattern": "^[a-c]$"}, {"enum": ["a", "b", "c"]}, True, True),
    ({**STRING, "pattern": "^.{3}$"}, {**STRING, "minLength": 3, "maxLength": 3}, True, False),  # no line breaks
    ({**STRING, "pattern": "^\\d{2,4}$"}, {**STRING, "minLength": 2, "maxLength": 4}, True, False),
    ({**STRING, "pattern": "^(?!b)"}, {**STRING, "not": {"pattern": "^b"}}, True, True),
    ({**STRING, "pattern": "^a", "minLength": 5}, {**STRING, "pattern": "^a.*$|^a\\s", "minLength": 4}, False, False),
    ({**STRING, "minLength": 2, "maxLength": 1}, False, True, True),
    ({"const": "\U0001f600"}, {**STRING, "maxLength": 1}, True, False),
    # formats are annotations
    ({**STRING, "format": "date"}, {**STRING, "format": "uuid"}, True, True),
    # objects
    (record(["a"], a=STRING), record(a=STRING), True, False),
    (record(a=STRING, b=STRING), record(a=STRING), True, False),
    (record(a=INTEGER), record(a=NUMBER), True, False),
    ({**record(a=INTEGER), "additionalProperties": False}, record(a=INTEGER, b=STRING), True, False),
    ({**OBJECT, "additionalProperties": INTEGER}, {**OBJECT, "additionalProperties": NUMBER}, True, False),
    ({**record(a=INTEGER), "additionalProperties": INTEGER}, {**OBJECT, "additionalProperties": INTEGER}, True, True),
    ({**OBJECT, "additionalProperties": False}, {"const": {}}, True, True),
    ({**OBJECT, "maxProperties": 0}, {"const": {}}, True, True),
    ({**OBJECT, "required": ["a", "b"]}, {**OBJECT, "minProperties": 2}, True, False),
    ({**OBJECT, "required": ["a", "b"], "maxProperties": 1}, False, True, True),
    ({**record(["a"], a=False)}, False, True, True),
    ({**record(a=False)}, {**OBJECT, "not": {"required": ["a"]}}, True, True),
    ({**record(a={}, b={}), "additionalProperties": False}, {**OBJECT, "maxProperties": 2}, True, False),
    ({**record(a={}, b=False), "additionalProperties": False}, {**OBJECT, "maxProperties": 1}, True, False),
    ({**OBJECT, "patternProperties": {"^x": INTEGER}}, record(x=INTEGER), True, False),
    ({**OBJECT, "patternProperties": {"": INTEGER}}, {**OBJECT, "additionalProperties": INTEGER}, True, True),
    (
        {**OBJECT, "patternProperties": {"^a": INTEGER}, "additionalProperties": False},
        {**OBJECT, "propertyNames": {"pattern": "^a"}},
        True,
        False,
    ),
    (
        {**OBJECT, "patternProperties": {"^a": INTEGER, "b$": STRING}},
        {**OBJECT, "not": {"required": ["ab"]}},
        True,
        False,
    ),
    ({**OBJECT, "propertyNames": {"maxLength": 1}}, {**OBJECT, "propertyNames": {"maxLength": 2}}, True, False),
    ({**OBJECT, "propertyNames": {"enum": ["a", "b"]}}, {**OBJECT, "maxProperties": 2}, True, False),
    ({**OBJECT, "propertyNames": {"enum": ["a"]}, "minProperties": 1}, {**OBJECT, "required": ["a"]}, True, False),
    ({**OBJECT, "propertyNames": False}, {"const": {}}, True, True),
    ({**OBJECT, "propertyNames": {"enum": ["a", "b"]}, "minProperties": 3}, False, True, True),
    ({**OBJECT, "minProperties": 2}, {**OBJECT, "minProperties": 1}, True, False),
    ({**OBJECT, "dependentRequired": {"a": ["b"]}, "required": ["a"]}, {**OBJECT, "required": ["b"]}, True, False),
    (
        {**OBJECT, "dependentRequired": {"a": ["b", "c"]}},
        {**OBJECT, "dependentRequired": {"a": ["b"]}},
        True,
        False,
    ),
    (
        {**OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},
        {**OBJECT, "dependentRequired": {"a": ["b"]}},
        True,
        True,
    ),
    (
        {**OBJECT, "dependentSchemas": {"a": {"properties": {"b": INTEGER}}}, "required": ["a"]},
        record(["a"], b=NUMBER),
        True,
        False,
    ),
    # arrays
    ({**ARRAY, "items": INTEGER}, {**ARRAY, "items": NUMBER}, True, False),
    ({**ARRAY, "items": False}, {"const": []}, True, True),
    ({**ARRAY, "minItems": 2}, {**ARRAY, "minItems": 1}, True, False),
    ({**ARRAY, "maxItems": 1}, {**ARRAY, "uniqueItems": True}, True, False),
    (items(INTEGER, STRING), items(INTEGER), True, False),
    (items(INTEGER, items=INTEGER), {**ARRAY, "items": INTEGER}, True, True),
    (items(INTEGER, items=False), {**ARRAY, "maxItems": 1}, True, False),
    (items(INTEGER, False), {**ARRAY, "maxItems": 1}, True, False),
    (items(INTEGER, minItems=1), {**ARRAY, "contains": INTEGER}, True, False),
    ({**ARRAY, "items": INTEGER, "minItems": 1}, {**ARRAY, "contains": NUMBER}, True, False),
    ({**ARRAY, "contains": INTEGER}, {**ARRAY, "contains": NUMBER}, True, False),
    ({**ARRAY, "contains": INTEGER}, {**ARRAY, "minItems": 1}, True, False),
    ({**ARRAY, "contains": INTEGER, "minContains": 2}, {**ARRAY, "contains": INTEGER}, True, False),
    ({**ARRAY, "contains": INTEGER, "minContains": 0}, ARRAY, True, True),
    (
        {**ARRAY, "contains": INTEGER, "minContains": 0, "maxContains": 0},
        {**ARRAY, "items": {"not": INTEGER}},
        True,
        True,
    ),
    ({**ARRAY, "contains": INTEGER, "maxContains": 1}, {**ARRAY, "contains": INTEGER, "maxContains": 2}, True, False),
    (
        {**ARRAY, "contains": NUMBER, "minContains": 0, "maxContains": 1},
        {**ARRAY, "contains": INTEGER, "minContains": 0, "maxContains": 1},
        True,
        False,
    ),
    ({**ARRAY, "contains": INTEGER, "minContains": 2, "maxContains": 1}, False, True, True),
    (
        {"allOf": [{**ARRAY, "contains": {"const": 1}}, {"contains": {"const": 2}}]},
        {**ARRAY, "minItems": 2},
        True,
        False,
    ),
    ({**ARRAY, "contains": INTEGER, "items": STRING}, False, True, True),
    ({**ARRAY, "items": BOOLEAN, "uniqueItems": True}, {**ARRAY, "maxItems": 2}, True, False),
    (
        {**ARRAY, "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
        {**ARRAY, "contains": {"const": 2}},
        True,
        False,
    ),
    ({**ARRAY, "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3}, False, True, True),
    (items({"const": 1}, {"const": 1}, minItems=2), {**ARRAY, "uniqueItems": True}, False, False),
    (items({"const": 1}, {"const": 2}, maxItems=2), {**ARRAY, "uniqueItems": True}, True, False),
    ({**ARRAY, "items": NULL, "minItems": 2}, {**ARRAY, "not": {"uniqueItems": True}}, True, False),
    # combinations
    (
        {"allOf": [record(["a"], a=STRING), record(["b"], b=INTEGER)]},
        record(["a", "b"], a=STRING, b=INTEGER),
        True,
        True,
    ),
    ({"anyOf": [STRING, INTEGER]}, {"anyOf": [NUMBER, STRING]}, True, False),
    ({"anyOf": [STRING, NULL]}, {"type": ["null", "string"]}, True, True),
    ({"anyOf": [{"minimum": 0}, {"maximum": 0}]}, True, True, True),
    ({"oneOf": [{**INTEGER, "minimum": 0}, {**INTEGER, "maximum": 0}]}, {**INTEGER, "not": {"const": 0}}, True, True),
    ({"oneOf": [STRING, STRING]}, False, True, True),
    ({"oneOf": [STRING, {**STRING, "minLength": 3}]}, {**STRING, "maxLength": 2}, True, True),
    ({"oneOf": [True, STRING]}, {"not": STRING}, True, True),
    ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}], **INTEGER}, {"not": {"multipleOf": 6}}, True, False),
    ({"not": {"not": STRING}}, STRING, True, True),
    ({"not": STRING}, {"type": ["null", "boolean", "number", "array", "object"]}, True, True),
    ({"not": {"anyOf": [STRING, NUMBER]}}, {"allOf": [{"not": STRING}, {"not": NUMBER}]}, True, True),
    (
        {"not": record(["a"], a=STRING)},
        {
            "anyOf": [
                {"not": OBJECT},
                {"not": {"required": ["a"]}},
                {"properties": {"a": {"not": STRING}}, "required": ["a"]},
            ]
        },
        True,
        True,
    ),
    (
        {"if": STRING, "then": {"minLength": 1}, "else": INTEGER},
        {"anyOf": [INTEGER, {**STRING, "minLength": 1}]},
        True,
        True,
    ),
    ({"if": True, "then": STRING, "else": INTEGER}, STRING, True, True),
    ({"if": STRING}, True, True, True),
    ({"then": STRING}, True, True, True),
    (
        {"if": record(["k"], k={"const": 1}), "then": {"required": ["a"]}, "else": {"required": ["b"]}, **OBJECT},
        {**OBJECT, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        True,
        False,
    ),
    # choices that only a case analysis covers
    (
        record(["kind", "n"], kind={"enum": ["cat", "dog"]}, n=INTEGER),
        {"anyOf": [record(["kind", "n"], kind={"const": one}, n=INTEGER) for one in ("cat", "dog")]},
        True,
        True,
    ),
    ({"enum": ["a", "b"]}, {"oneOf": [{"const": "a"}, {"const": "b"}]}, True, True),
    (
        record(a=BOOLEAN, b=BOOLEAN),
        {"anyOf": [record(a={"const": True}), record(a={"const": False}), record(b=BOOLEAN)]},
        True,
        False,
    ),
    # references
    ({"$ref": "#/$defs/a", "$defs": {"a": STRING}}, STRING, True, True),
    ({"$ref": "#/$defs/a", "minLength": 1, "$defs": {"a": STRING}}, {**STRING, "minLength": 1}, True, True),
    ({"$ref": "#a", "$defs": {"x": {"$anchor": "a", **STRING}}}, STRING, True, True),
    ({"$id": "http://x/y", "$ref": "z", "$defs": {"a": {"$id": "http://x/z", **STRING}}}, STRING, True, True),
    # unevaluated
    (
        {"allOf": [record(a=STRING)], "properties": {"b": STRING}, "unevaluatedProperties": False},
        {**OBJECT, "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": STRING},
        True,
        True,
    ),
    (
        {"anyOf": [record(["a"], a=STRING), record(["b"], b=STRING)], "unevaluatedProperties": False},
        {**OBJECT, "additionalProperties": STRING, "propertyNames": {"enum": ["a", "b"]}, "minProperties": 1},
        True,
        True,
    ),
    (
        {"oneOf": [record(["a"], a=STRING), record(["b"], b=STRING)], "unevaluatedProperties": False},
        {
            **OBJECT,
            "additionalProperties": STRING,
            "propertyNames": {"enum": ["a", "b"]},
            "minProperties": 1,
            "maxProperties": 1,
        },
        True,
        True,
    ),
    (
        {"if": {"required": ["a"]}, "then": {"properties": {"a": {}}}, **OBJECT, "unevaluatedProperties": False},
        {**OBJECT, "maxProperties": 1, "propertyNames": {"const": "a"}},
        True,
        True,
    ),
    ({**OBJECT, "unevaluatedProperties": STRING}, {**OBJECT, "additionalProperties": STRING}, True, True),
    (
        {**OBJECT, "dependentSchemas": {"a": {"properties": {"a": {}, "b": {}}}}, "unevaluatedProperties": False},
        {**OBJECT, "propertyNames": {"enum": ["a", "b"]}},
        True,
        False,
    ),
    (items(STRING, unevaluatedItems=False), {**ARRAY, "maxItems": 1}, True, False),
    (
        {**ARRAY, "contains": STRING, "unevaluatedItems": INTEGER},
        {**ARRAY, "items": {"type": ["string", "integer"]}, "contains": STRING},
        True,
        True,
    ),
    (
        {"allOf": [items(STRING, INTEGER)], "unevaluatedItems": False},
        items(STRING, INTEGER, items=False),
        True,
        True,
    ),
]


@pytest.mark.parametrize(("first", "second", "forward", "backward"), TABLE)
def test_the_table(first: Any, second: Any, forward: bool, backward: bool) -> None:
    assert truth(first, second) is forward
    assert truth(second, first) is backward


@pytest.mark.parametrize(
    ("schema", "smallest"),
    [
        (True, None),
        (STRING, ""),
        ({**STRING, "minLength": 2}, "00"),
        ({**INTEGER, "minimum": 3}, 3),
        ({**NUMBER, "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.1),
        ({**INTEGER, "multipleOf": 7, "minimum": 1}, 7),
        (record(["a"], a=STRING, b=INTEGER), {"a": ""}),
        ({**ARRAY, "contains": {"const": 5}}, [5]),
        ({**OBJECT, "minProperties": 1}, {"a": None}),
        ({"type": ["array", "object"], "minItems": 1}, {}),
        ({"enum": [[1, 2], "x"]}, "x"),
    ],
)
def test_witnesses_are_small(schema: Any, smallest: Any) -> None:
    answer = witness(Resource(schema).schema())
    assert isinstance(answer, Refuted)
    assert answer.witness == smallest or len(str(answer.witness)) <= len(str(smallest)), answer


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"enum": []},
        {"type": "string", "enum": [1]},
        {"allOf": [STRING, INTEGER]},
        record(["a"], a={"allOf": [STRING, NULL]}),
        {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
        {
            "$ref": "#/$defs/a",
            "$defs": {"a": items({"$ref": "#/$defs/b"}, minItems=1), "b": record(["a"], a={"$ref": "#/$defs/a"})},
        },
    ],
)
def test_what_has_no_value_is_proven_to_have_none(schema: Any) -> None:
    assert isinstance(witness(Resource(schema).schema()), Proven)


def test_a_smallest_value_of_a_recursive_schema_ends() -> None:
    tree = {
        "$ref": "#/$defs/T",
        "$defs": {"T": record(["kids"], kids={"type": "array", "items": {"$ref": "#/$defs/T"}})},
    }
    answer = witness(Resource(tree).schema())
    assert isinstance(answer, Refuted)
    assert answer.witness == {"kids": []}
    either = {"$defs": {"L": {"anyOf": [record(["tail"], tail={"$ref": "#/$defs/L"}), NULL]}}, "$ref": "#/$defs/L"}
    assert isinstance(witness(Resource({**either, "type": "object"}).schema()), Refuted)


@pytest.mark.parametrize(
    ("dialect", "first", "second", "forward", "backward"),
    [
        (Dialect.DRAFT_4, {"minimum": 1, "exclusiveMinimum": True}, {"minimum": 1}, True, False),
        (Dialect.DRAFT_4, {"minimum": 1, "exclusiveMinimum": True, **INTEGER}, {**INTEGER, "minimum": 2}, True, True),
        (Dialect.DRAFT_4, {"const": 1}, {}, True, True),
        (
            Dialect.DRAFT_7,
            {"$ref": "#/definitions/a", "minLength": 3, "definitions": {"a": STRING}},
            STRING,
            True,
            True,
        ),
        (
            Dialect.DRAFT_7,
            {"items": [STRING], "additionalItems": False, **ARRAY},
            {**ARRAY, "maxItems": 1},
            True,
            False,
        ),
        (
            Dialect.DRAFT_7,
            {**OBJECT, "dependencies": {"a": ["b"]}},
            {**OBJECT, "dependencies": {"a": {"required": ["b"]}}},
            True,
            True,
        ),
        (Dialect.DRAFT_2019_09, items(STRING), ARRAY, True, True),
        (Dialect.OPENAPI_3_0, STRING, {**STRING, "nullable": True}, True, False),
        (
            Dialect.OPENAPI_3_0,
            {**STRING, "nullable": True},
            {"anyOf": [STRING, {"enum": [None], "nullable": True}]},
            True,
            True,
        ),
        (Dialect.OPENAPI_3_0, {"allOf": [STRING], "nullable": True}, {**STRING, "nullable": True}, True, True),
        (
            Dialect.OPENAPI_3_0,
            {"minimum": 0, "exclusiveMinimum": True, **NUMBER},
            {"minimum": 0, **NUMBER},
            True,
            False,
        ),
        (Dialect.SWAGGER_2_0, {**STRING, "x-nullable": True}, STRING, False, True),
    ],
)
def test_dialects(dialect: Dialect, first: Any, second: Any, forward: bool, backward: bool) -> None:
    assert truth(first, second, dialect) is forward
    assert truth(second, first, dialect) is backward


def test_two_dialects_are_compared_by_what_they_mean() -> None:
    old = Resource({"type": "string", "nullable": True}, Dialect.OPENAPI_3_0).schema()
    new = Resource({"anyOf": [STRING, NULL]}, Dialect.OPENAPI_3_1).schema()
    assert isinstance(contains(old, new), Proven)
    assert isinstance(contains(new, old), Proven)
