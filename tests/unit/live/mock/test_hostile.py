"""Documents that are not clean, and requests that are not either: the mock answers, and raises nothing."""

import itertools
import json

import pytest

from zeues_contracts.exchange import Request
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.openapi import document_from_mapping

SCHEMAS = {
    "leads nowhere": {"$ref": "#/components/schemas/Missing"},
    "holds itself": {"$ref": "#/components/schemas/Loop"},
    "is itself": {"$ref": "#/components/schemas/Self"},
    "is no schema": "string",
    "is a list": [1, 2],
    "is null": None,
    "has a wrong type": {"type": "strnig", "properties": 5, "required": "a", "items": 3, "enum": {}, "pattern": 7},
    "has no value": {"allOf": [{"type": "string"}, {"type": "integer"}]},
    "has a hostile pattern": {"type": "string", "pattern": "^(a+)+$", "minLength": 30},
    "has a broken pattern": {"type": "string", "pattern": "(["},
    "is huge": {"type": "array", "minItems": 10**9, "items": {"type": "string", "minLength": 10**9}},
    "is wide": {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(800)}},
    "is deep": None,
    "branches": {"anyOf": [{"oneOf": [{"anyOf": [{"type": "integer"}] * 6}] * 6}] * 6},
    "has strange examples": {"type": "integer", "example": {"a": float("nan")}, "examples": "x", "default": []},
}
deep = {"type": "integer"}
for _ in range(100):
    deep = {"type": "object", "required": ["a"], "properties": {"a": deep}}
SCHEMAS["is deep"] = deep
BODIES = [
    *(None, b"{}", b"[]", b"null", b"{", b"\xff\x00", b'"a"', b"1e400", b'{"a": {"a": 1}}', b"a" * 50_000),
    b"[" * 5000 + b"]" * 5000,
    b'{"\\ud800": "\\udfff"}',
]
SELF = {"$ref": "#/components/schemas/Self"}
LOOP = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Loop"}}}


def promise(schema):
    content = {"application/json": {"schema": schema}}
    return document_from_mapping(
        {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "paths": {
                "/a/{id}": {
                    "post": {
                        "parameters": [
                            {"name": "id", "in": "path", "required": True, "schema": schema},
                            {"name": "q", "in": "query", "schema": schema},
                            {"name": "h", "in": "header", "schema": schema},
                            {"in": "query"},
                            {"$ref": "#/components/parameters/Missing"},
                        ],
                        "requestBody": {"content": content},
                        "responses": {"200": {"content": content, "headers": {"X": {"schema": schema}}}},
                    },
                    "get": {"responses": {"2XX": {"description": "x", "content": content}, "oops": 3}},
                    "delete": {},
                },
            },
            "components": {
                "schemas": {"Loop": LOOP, "Self": SELF},
            },
        },
        "hostile",
    )  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_answers(name):
    mock = Mock(promise(SCHEMAS[name]))
    for method, body, path in itertools.product(("GET", "POST", "DELETE"), BODIES, ("/a/1?q=1", "/a/%00%ff?q=%ff&q=")):
        request = Request(method, f"http://mock{path}", (("content-type", "application/json"), ("h", "\xff")), body)
        response = mock.answer(request).response
        assert 200 <= response.status < 502
        if response.body:
            json.loads(response.body)


@pytest.mark.parametrize(
    "headers",
    [
        (("content-type", "multipart/form-data"),),
        (("content-type", "multipart/form-data; boundary=" + "x" * 5000),),
        (("content-type", "application/x-www-form-urlencoded"),),
        (("content-type", "; ; ;"), ("accept", "*/*;q=9," * 500), ("prefer", "status=200,,=;" * 200)),
        (("cookie", "a=b; \xff=\x00" * 100), ("prefer", "code=599"), ("accept", "text/*;q=x")),
    ],
)
def test_strange_headers(headers):
    mock = Mock(promise({"type": "object", "properties": {"a": {"type": "string"}}}))
    for body in BODIES:
        response = mock.answer(Request("POST", "http://mock/a/1", headers, body)).response
        assert 200 <= response.status < 502
