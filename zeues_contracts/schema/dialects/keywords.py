"""Which keywords each dialect knows, and what kind of value each of them has."""

from __future__ import annotations

from collections.abc import Mapping

from zeues_contracts.schema.types import Dialect

__all__ = [
    "COUNTS",
    "IN_PLACE",
    "KNOWN",
    "LONE_REF",
    "NULLABLE",
    "NUMBERS",
    "OPENAPI",
    "SCHEMAS",
    "SCHEMA_LISTS",
    "SCHEMA_MAPS",
    "SILENT",
    "STRINGS",
    "TYPES",
]

TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})

NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
COUNTS = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
)
SCHEMAS = (
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
)
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")
STRINGS = (
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "pattern",
    "format",
    "contentEncoding",
    "contentMediaType",
)

_DRAFT_4 = frozenset(
    [
        "$ref",
        "type",
        "enum",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "items",
        "additionalItems",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxProperties",
        "minProperties",
        "required",
        "properties",
        "patternProperties",
        "additionalProperties",
        "dependencies",
        "definitions",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "format",
        "id",
    ]
)
_DRAFT_6 = (_DRAFT_4 | frozenset(["$id", "const", "contains", "propertyNames"])) - {"id"}
_DRAFT_7 = _DRAFT_6 | frozenset(["if", "then", "else", "contentEncoding", "contentMediaType"])
_DRAFT_2019 = (
    _DRAFT_7
    | frozenset(
        [
            "$anchor",
            "$recursiveRef",
            "$recursiveAnchor",
            "$defs",
            "dependentRequired",
            "dependentSchemas",
            "minContains",
            "maxContains",
            "unevaluatedItems",
            "unevaluatedProperties",
        ]
    )
) - {"dependencies"}
_DRAFT_2020 = (_DRAFT_2019 | frozenset(["$dynamicRef", "$dynamicAnchor", "prefixItems"])) - {
    "$recursiveRef",
    "$recursiveAnchor",
}
_EVERYTHING = _DRAFT_2020 | _DRAFT_4 | frozenset(["nullable", "x-nullable", "discriminator"])

KNOWN: Mapping[Dialect, frozenset[str]] = {
    Dialect.DRAFT_4: _DRAFT_4,
    Dialect.DRAFT_6: _DRAFT_6,
    Dialect.DRAFT_7: _DRAFT_7,
    Dialect.DRAFT_2019_09: _DRAFT_2019,
    Dialect.DRAFT_2020_12: _DRAFT_2020,
    Dialect.OPENAPI_3_1: _DRAFT_2020 | {"discriminator"},
    Dialect.OPENAPI_3_0: _EVERYTHING - {"x-nullable"},
    Dialect.SWAGGER_2_0: _EVERYTHING,
}
LONE_REF = frozenset({Dialect.DRAFT_4, Dialect.DRAFT_6, Dialect.DRAFT_7, Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0})
OPENAPI = frozenset({Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0, Dialect.OPENAPI_3_1})
NULLABLE = frozenset({Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0})
SILENT = frozenset({"id", "definitions", "$id", "$anchor", "discriminator", "nullable", "x-nullable"})
IN_PLACE = ("$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf", "not", "if")
