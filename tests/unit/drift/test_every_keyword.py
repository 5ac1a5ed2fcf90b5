"""Every keyword in both directions: what narrows breaks requests alone, what widens breaks answers alone.

Each row holds a schema and a wider one. Rewrites of the same set break nobody, whichever way they go.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.drift.documents import above_info
from zeues_contracts.drift import drift
from zeues_contracts.openapi import document_from_mapping

TEXT: dict[str, Any] = {"type": "string"}
INT: dict[str, Any] = {"type": "integer"}
LIST: dict[str, Any] = {"type": "array", "items": TEXT}
THING: dict[str, Any] = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
REF = {"$ref": "#/components/schemas/Known"}
HAS_A = {"contains": {"const": "a"}}
PAIR = {"type": "array", "prefixItems": [TEXT, INT]}
IF_A = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}

WIDER: list[tuple[Any, Any]] = [
    ({"type": "number", "minimum": 1}, {"type": "number", "minimum": 0}),
    ({"type": "number", "minimum": 1}, {"type": "number"}),
    ({"type": "number", "maximum": 1}, {"type": "number", "maximum": 2}),
    ({"type": "number", "exclusiveMinimum": 1}, {"type": "number", "minimum": 1}),
    ({"type": "number", "exclusiveMaximum": 1}, {"type": "number", "exclusiveMaximum": 2}),
    ({"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 2}),
    (TEXT | {"minLength": 2}, TEXT | {"minLength": 1}),
    (TEXT | {"maxLength": 2}, TEXT),
    (TEXT | {"pattern": "^ab"}, TEXT | {"pattern": "^a"}),
    (LIST | {"minItems": 1}, LIST),
    (LIST | {"maxItems": 1}, LIST),
    (LIST | {"uniqueItems": True}, LIST),
    (LIST | HAS_A, LIST),
    (LIST | HAS_A | {"minContains": 2}, LIST | HAS_A),
    (LIST | HAS_A | {"maxContains": 2}, LIST | HAS_A),
    (PAIR, {"type": "array"}),
    (PAIR | {"items": False}, PAIR),
    (PAIR | {"unevaluatedItems": False}, PAIR),
    (LIST, {"type": "array"}),
    (THING | {"minProperties": 1}, THING),
    (THING | {"maxProperties": 1}, THING),
    (THING | {"required": ["a"]}, THING),
    (THING | {"additionalProperties": False}, THING),
    (THING | {"additionalProperties": False}, THING | {"additionalProperties": TEXT}),
    (THING | {"additionalProperties": INT}, THING | {"additionalProperties": {"type": "number"}}),
    (THING | {"unevaluatedProperties": False}, THING),
    (THING | {"patternProperties": {"^x": TEXT | {"maxLength": 1}}}, THING | {"patternProperties": {"^x": TEXT}}),
    (THING | {"propertyNames": {"maxLength": 2}}, THING | {"propertyNames": {"maxLength": 3}}),
    (THING | {"dependentRequired": {"a": ["b"]}}, THING),
    (THING | {"dependentSchemas": {"a": {"required": ["b"]}}}, THING),
    (THING | IF_A, THING),
    (THING | {"if": {"required": ["a"]}, "else": {"required": ["b"]}}, THING),
    (THING | IF_A | {"then": {"required": ["b", "c"]}}, THING | IF_A),
    (TEXT | {"not": {"const": "x"}}, TEXT),
    ({"not": {"type": "null"}}, {}),
    (TEXT | {"enum": ["a"]}, TEXT | {"enum": ["a", "b"]}),
    (TEXT | {"enum": ["a"]}, TEXT),
    ({"const": "a"}, {"enum": ["a", "b"]}),
    ({"type": ["string", "null"], "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
    (TEXT, {"type": ["string", "null"]}),
    (REF, {"anyOf": [REF, {"type": "null"}]}),
    (INT, {"type": "number"}),
    (TEXT, {"type": ["string", "integer"]}),
    ({"anyOf": [TEXT]}, {"anyOf": [TEXT, INT]}),
    ({"oneOf": [TEXT]}, {"oneOf": [TEXT, INT]}),
    ({"allOf": [REF, {"required": ["x"]}]}, REF),
    ({"type": "array", "items": THING | {"required": ["a"]}}, {"type": "array", "items": THING}),
    (
        THING | {"properties": {"a": {"type": "array", "items": INT | {"maximum": 3}}}},
        THING | {"properties": {"a": {}}},
    ),
    (THING | {"properties": {"a": False, "b": TEXT}}, THING),
]

SAME: list[tuple[Any, Any]] = [
    (TEXT | {"const": "a"}, {"enum": ["a"]}),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ({"anyOf": [TEXT, INT]}, {"type": ["integer", "string"]}),
    ({"oneOf": [TEXT, INT]}, {"anyOf": [INT, TEXT, TEXT]}),
    ({"allOf": [THING, {"required": ["a"]}]}, THING | {"required": ["a"]}),
    ({"not": {"not": TEXT}}, TEXT),
    (INT | {"minimum": 1}, INT | {"exclusiveMinimum": 0}),
    (INT | {"multipleOf": 1}, {"type": "number", "multipleOf": 1}),
    (THING | {"additionalProperties": {}, "required": []}, THING),
    (TEXT | {"minLength": 0}, TEXT),
    (TEXT | {"pattern": "^[0-9]+$"}, TEXT | {"pattern": r"^\d+$"}),
    ({"type": "boolean"}, {"enum": [True, False]}),
    (THING | {"dependentRequired": {"a": ["b"]}}, THING | {"dependentSchemas": {"a": {"required": ["b"]}}}),
    (THING | {"if": {"required": ["a"]}}, THING),
    (LIST | HAS_A | {"minContains": 0}, LIST),
    ({"type": "array", "prefixItems": [TEXT], "items": TEXT}, LIST),
    (THING | {"unevaluatedProperties": False}, THING | {"additionalProperties": False}),
    (REF, {"type": "object", "properties": {"x": TEXT}}),
    ({"const": 1}, {"const": 1.0}),
    (INT, INT | {"format": "int64", "title": "T", "examples": [1], "$comment": "c"}),
]


def _operation(schema: Any, *, request: bool) -> Any:
    content = {"application/json": {"schema": schema}}
    told = {"requestBody": {"required": True, "content": content}} if request else {}
    answer = {"description": "x"} if request else {"description": "x", "content": content}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/things": {"post": {**told, "responses": {"200": answer}}}},
        "components": {"schemas": {"Known": {"type": "object", "properties": {"x": TEXT}}}},
    }


def _breaks(old: Any, new: Any, *, request: bool) -> bool:
    one, other = (document_from_mapping(_operation(schema, request=request), "x.json") for schema in (old, new))
    found = above_info(drift(one, other))
    assert all(finding.evidence.witness is not None for finding in found)
    return bool(found)


def _name(value: Any) -> str:
    return json.dumps(value)[:60]


@pytest.mark.parametrize(("narrow", "wide"), WIDER, ids=_name)
def test_what_narrows_breaks_requests_and_what_widens_breaks_answers(narrow: Any, wide: Any) -> None:
    assert _breaks(wide, narrow, request=True)
    assert _breaks(narrow, wide, request=False)
    assert not _breaks(narrow, wide, request=True)
    assert not _breaks(wide, narrow, request=False)


@pytest.mark.parametrize(("one", "other"), SAME, ids=_name)
def test_the_same_set_in_other_words_breaks_nobody(one: Any, other: Any) -> None:
    for request in (True, False):
        assert not _breaks(one, other, request=request)
        assert not _breaks(other, one, request=request)
