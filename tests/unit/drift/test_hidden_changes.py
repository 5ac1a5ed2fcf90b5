"""What only looks as if nothing, or nothing but text, had changed: names that are words elsewhere, marks far away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.drift.documents import TODAY, above_info
from zeues_contracts.drift import DriftResult, drift
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.rules import rule

OK = {"200": {"description": "OK"}}
INTEGER: dict[str, Any] = {"type": "integer"}


def api(paths: dict[str, Any], schemas: dict[str, Any] | None = None, **components: Any) -> dict[str, Any]:
    parts = {"schemas": schemas or {}, **components}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, "components": parts}


def body(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    answers = {"200": {"description": "OK", "content": content}}
    return {"/x": {"post": {"requestBody": {"required": True, "content": content}, "responses": answers}}}


def named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def compared(old: dict[str, Any], new: dict[str, Any]) -> DriftResult:
    one, other = (document_from_mapping(json.loads(json.dumps(raw)), name) for raw, name in ((old, "a"), (new, "b")))
    return drift(one, other, today=TODAY)


def breaking(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    found = above_info(compared(old, new))
    return [slug for one in found if (slug := rule(one.rule).slug) != "version-not-raised"]


@pytest.mark.parametrize("keyword", ["dependentRequired", "dependencies"])
@pytest.mark.parametrize("shared", [True, False])
def test_names_that_are_words_elsewhere(keyword: str, shared: bool) -> None:
    one, other = (
        {"properties": {"title": {}, "a": {}}, "dependentRequired": needed, "type": "object"}
        for needed in ({"a": ["b"]}, {"a": ["b"], "title": ["b"]})
    )
    documents = []
    for schema in (one, other):
        schema[keyword] = schema.pop("dependentRequired")
        made = api(body(named("A")), {"A": schema}) if shared else api(body(schema))
        documents.append({**made, "openapi": "3.1.0" if keyword == "dependentRequired" else "3.0.3"})
    assert breaking(*documents) == ["request-narrowed"]
    assert breaking(documents[1], documents[0]) == ["response-widened"]


def test_a_credential_named_like_a_text() -> None:
    schemes = {name: {"type": "http", "scheme": "basic"} for name in ("title", "summary")}
    documents = [
        api({"/x": {"get": {"security": security, "responses": OK}}}, securitySchemes=schemes)
        for security in ([{}], [{"title": []}], [{"title": [], "summary": []}])
    ]
    assert breaking(documents[0], documents[1]) == breaking(documents[1], documents[2]) == ["security-stronger"]
    assert breaking(documents[2], documents[0]) == []


def beside(**said: Any) -> dict[str, Any]:
    """A document whose path item has a parameter for all of its operations."""
    return api({"/x": {"parameters": [{"name": "q", "in": "query", **said}], "get": {"responses": OK}}})


def test_parameters_of_the_path_item() -> None:
    assert breaking(beside(schema={"enum": [1]}), beside(schema={"enum": [True]})) == ["request-values-removed"]
    schemas = (
        {"type": "object", "required": ["a"], "properties": {"a": {**INTEGER, **mark}, "b": INTEGER}}
        for mark in ({"readOnly": True}, {})
    )
    marked, open_ = (beside(content={"application/json": {"schema": schema}}) for schema in schemas)
    assert breaking(marked, open_) == ["request-property-became-required"]
    assert breaking(open_, marked) == []


READ_ONLY = {"type": "string", "readOnly": True}
OPEN = {"type": "string"}


def record(reference: str, *required: str) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {"a": named(reference), "b": INTEGER}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"A": record("X", "a"), "X": READ_ONLY}, {"A": record("X", "a"), "X": OPEN}),
        ({"A": record("X", "a"), "X": named("Z"), "Z": READ_ONLY}, {"A": record("X", "a"), "X": named("Z"), "Z": OPEN}),
        ({"A": record("X", "a"), "X": READ_ONLY}, {"A": record("Y", "a"), "X": READ_ONLY, "Y": OPEN}),
        (
            {"A": {"properties": {"p": named("B")}}, "B": record("X", "a"), "X": READ_ONLY},
            {"A": {"properties": {"p": named("B")}}, "B": record("X", "a"), "X": OPEN},
        ),
    ],
)
def test_a_mark_of_what_a_property_refers_to(old: dict[str, Any], new: dict[str, Any]) -> None:
    """`readOnly` of a component is one of each property that refers to it."""
    assert breaking(api(body(named("A")), old), api(body(named("A")), new)) == ["request-property-became-required"]
    assert breaking(api(body(named("A")), new), api(body(named("A")), old)) == []


def test_what_a_request_leaves_out_may_be_required() -> None:
    old, new = ({"A": record("X", *required), "X": READ_ONLY} for required in ([], ["a"]))
    assert breaking(api(body(named("A")), old), api(body(named("A")), new)) == []
    assert breaking(api(body(named("A")), new), api(body(named("A")), old)) == ["response-property-became-optional"]


def test_a_callback_that_operations_refer_to() -> None:
    """What a callback component sends is met by the operations that name it, beside a combination elsewhere."""
    content = {"application/json": {"schema": named("S")}}
    sent = {"{$request.body#/url}": {"post": {"requestBody": {"content": content}, "responses": OK}}}
    combined = {"application/json": {"schema": {"allOf": [named("S"), {"type": ["integer", "string"]}]}}}
    paths = {
        "/a": {"post": {"callbacks": {"event": {"$ref": "#/components/callbacks/C"}}, "responses": OK}},
        "/b": {"get": {"responses": {"200": {"description": "OK", "content": combined}}}},
    }
    old, new = (api(paths, {"S": {"type": kind}}, callbacks={"C": sent}) for kind in ("integer", "string"))
    found = {one.operations for one in above_info(compared(old, new)) if rule(one.rule).slug == "response-type-changed"}
    assert {name for operations in found for name in operations} == {"POST /a", "GET /b"}


def test_a_mark_is_that_of_the_older_document() -> None:
    old, new = ({"A": record("X"), "X": {"type": "string", **mark}} for mark in ({"writeOnly": True}, {}))
    result = compared(api(body(named("A")), old), api(body(named("A")), new))
    assert "response-write-only-shown" in {rule(one.rule).slug for one in result.findings}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"oneOf": [named("S"), named("T")]}, "response-widened"),
        ({"allOf": [named("T"), {"not": named("S")}]}, "response-values-added"),
    ],
)
def test_less_of_a_branch_may_be_more_of_the_whole(schema: dict[str, Any], expected: str) -> None:
    """``z`` was none of the values while both branches took it, and is one since only the other does."""
    answers = {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}
    documents = [
        api({"/x": {"get": {"responses": answers}}}, {"S": {"enum": values}, "T": {"type": "string"}})
        for values in (["x", "y", "z"], ["x", "y"])
    ]
    assert breaking(*documents) == [expected]
    optional = [
        api({"/x": {"get": {"responses": answers}}}, {"S": {"type": "object", "properties": more}, "T": {}})
        for more in ({"a": INTEGER}, {"a": INTEGER, "b": INTEGER})
    ]
    assert breaking(*optional) == []


@pytest.mark.parametrize(
    ("reference", "schema"),
    [
        ({"allOf": [named("S")], "readOnly": True}, {}),
        ({**named("S"), "readOnly": True}, {}),
        (named("S"), {"readOnly": True}),
    ],
)
def test_what_only_leaves_is_not_asked_for(reference: dict[str, Any], schema: dict[str, Any]) -> None:
    """A component that is met by way of read-only properties alone is no part of requests."""
    holder = {"type": "object", "properties": {"s": reference, "a": INTEGER}}
    old, new = ({"A": holder, "S": {"type": kind, **schema}} for kind in ("integer", "string"))
    assert breaking(api(body(named("A")), old), api(body(named("A")), new)) == ["response-type-changed"]
    # A reference that leads into what is left out is one all the same.
    into = {"B": {"properties": {"b": {"$ref": "#/components/schemas/A/properties/s"}}}}
    documents = [api({**body(named("A")), "/y": body(named("B"))["/x"]}, {**one, **into}) for one in (old, new)]
    if schema:
        return
    told = {(rule(one.rule).slug, one.operations) for one in above_info(compared(*documents))}
    assert any(slug == "request-type-changed" and "POST /y" in operations for slug, operations in told)


TYPES = ("integer", "string")
DEEP = "#/components/schemas/A/$defs/d"


@pytest.mark.parametrize(
    ("place", "reference"),
    [
        (("components", "schemas", "A", "$defs", "d"), DEEP),
        (("components", "schemas", "A", "properties", "p"), "#/components/schemas/A/properties/p"),
        (("components", "x-schemas", "d"), "#/components/x-schemas/d"),
        (("definitions", "d"), "#/definitions/d"),
    ],
)
def test_a_reference_to_what_is_no_component(place: tuple[str, ...], reference: str) -> None:
    documents = []
    for kind in TYPES:
        document = api(body({"type": "object", "properties": {"d": {"$ref": reference}}}), {"A": {"type": "object"}})
        node = document
        for token in place:
            node = node.setdefault(token, {})
        node["type"] = kind
        documents.append(document)
    assert breaking(*documents) == ["request-type-changed", "response-type-changed"]


def test_a_reference_into_a_component_whose_rest_changed() -> None:
    schema = {"type": "object", "properties": {"d": {"$ref": "#/components/schemas/A/properties/p"}}}
    documents = [api(body(schema), {"A": {"properties": {"p": INTEGER, "q": {"type": kind}}}}) for kind in TYPES]
    assert breaking(*documents) == []


def test_keywords_of_the_elder_version() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}}}
    old = {**api(body({**schema, "dependencies": {"a": ["b"]}})), "openapi": "3.0.3"}
    assert breaking(old, api(body({**schema, "dependentRequired": {"a": ["b"]}}))) == []
