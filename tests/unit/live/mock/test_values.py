"""Every value that the mock makes is of its schema, the same for the same seed, and reads well where it can."""

import pytest

from zeues_contracts.live.mock.values import Sampler
from zeues_contracts.schema.types import Dialect, Direction, Resource
from zeues_contracts.schema.validators import judge

SCHEMAS = {
    "string": {"type": "string", "minLength": 3, "maxLength": 5},
    "long": {"type": "string", "minLength": 300},
    "pattern": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    "pattern and length": {"type": "string", "pattern": "^a+$", "minLength": 4, "maxLength": 6},
    "formats": {
        "type": "object",
        "properties": {
            one: {"type": "string", "format": one}
            for one in ("date", "date-time", "time", "uuid", "email", "uri", "ipv4", "ipv6", "hostname", "duration")
        },
        "minProperties": 10,
    },
    "bounds": {"type": "integer", "exclusiveMinimum": 10, "maximum": 11},
    "tenth": {"type": "number", "multipleOf": 0.1, "minimum": 0.25},
    "multiples": {"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6, "minimum": 13}]},
    "negative": {"type": "number", "exclusiveMaximum": -2.5},
    "enum": {"enum": [None, "b", "c"]},
    "enums that meet": {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
    "const": {"const": {"a": [1]}},
    "nullable": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "one of": {
        "oneOf": [
            {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "a"}}},
            {"type": "object", "required": ["kind", "n"], "properties": {"kind": {"const": "b"}, "n": {"minimum": 2}}},
        ]
    },
    "unique": {"type": "array", "items": {"type": "string"}, "minItems": 4, "uniqueItems": True},
    "unique numbers": {"type": "array", "items": {"type": "integer", "minimum": 5}, "minItems": 3, "uniqueItems": True},
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 2},
    "contains": {"type": "array", "contains": {"const": 7}, "items": {"type": "integer"}},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "named map": {
        "type": "object",
        "propertyNames": {"pattern": "^x-[a-z]$"},
        "additionalProperties": True,
        "minProperties": 2,
    },
    "patterned": {"type": "object", "patternProperties": {"^n[0-9]+$": {"type": "integer"}}, "minProperties": 1,
                  "additionalProperties": False},
    "dependent": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}},
                  "required": ["a"], "dependentRequired": {"a": ["b", "c"]}},
    "conditional": {"type": "object", "properties": {"a": {"enum": ["x"]}}, "required": ["a"],
                    "if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}},
    "not": {"type": "integer", "not": {"const": 1}},
    "closed": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
    "a wrong example": {"type": "object", "example": {"a": 1}, "properties": {"a": {"type": "string"}}},
    "anything": {},
    "yes": True,
}  # fmt: skip


def sample(schema, seed=0, dialect=Dialect.OPENAPI_3_1, **more):
    return Sampler(Direction.RESPONSE, seed).sample(Resource(schema, dialect).schema(), "GET /things 200", **more)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_value_is_of_its_schema(name, seed):
    schema = Resource(SCHEMAS[name], Dialect.OPENAPI_3_1).schema()
    sampler = Sampler(Direction.RESPONSE, seed)
    made = sampler.sample(schema, "GET /things 200")
    assert made.found
    assert made.certain
    assert judge(schema, made.value, sampler.settings).valid
    assert Sampler(Direction.RESPONSE, seed).sample(schema, "GET /things 200") == made


def test_seeds_choose():
    schema = {"type": "object", "properties": {"a": {"enum": ["x", "y", "z"]}, "b": {"type": "array"}}}
    assert len({repr(sample(schema, seed).value) for seed in range(20)}) > 5


def test_examples_go_first_and_only_where_they_fit():
    schema = {"type": "object", "properties": {"a": {"type": "string", "examples": [3, "TEST-01"]}}}
    assert sample(schema).value == {"a": "TEST-01"}
    assert sample({"type": "integer", "default": 9}).value == 9
    assert sample({"type": "integer", "example": "nine"}).value == 1
    assert sample(schema, first=[{"a": 5}, {"a": "given"}]).value == {"a": "given"}


def test_what_the_request_spoke_of_comes_back():
    schema = {"type": "object", "properties": {"tag": {"type": "string"}, "n": {"type": "integer"}}}
    assert sample(schema, known={"tag": "A-7", "n": "no number"}).value == {"tag": "A-7", "n": 1}
    assert sample(schema, known={"tag": "A-7"}, first=[{"tag": "example", "n": 4}]).value == {"tag": "A-7", "n": 4}


def test_a_schema_that_holds_itself_ends():
    contents = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "required": ["value", "next", "children"],
                "properties": {
                    "value": {"type": "integer"},
                    "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
            }
        },
    }
    value = sample(contents, dialect=Dialect.DRAFT_2020_12).value
    assert value["value"] == 1
    assert len(repr(value)) < 2000


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
        {"type": "array", "items": {"$ref": "#"}, "minItems": 3},
        {"$ref": "#"},
        False,
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "string", "pattern": "^a$", "minLength": 2},
    ],
)
def test_a_schema_without_values_has_none(schema):
    made = sample(schema, dialect=Dialect.DRAFT_2020_12)
    assert not made.found or not made.certain
    assert made.why


def test_what_is_too_large_is_not_made():
    made = sample({"type": "array", "items": {"type": "integer"}, "minItems": 100_000_000})
    assert not made.found


def test_the_direction_counts():
    schema = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "password": {"type": "string", "writeOnly": True}},
    }
    assert set(sample(schema).value) == {"id"}
    place = Resource(schema, Dialect.OPENAPI_3_1).schema()
    assert set(Sampler(Direction.REQUEST).sample(place, "POST /things").value) == {"password"}


def test_openapi_3_0_speaks_its_own_dialect():
    schema = {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "nullable": True}
    assert sample(schema, dialect=Dialect.OPENAPI_3_0).value == 4
