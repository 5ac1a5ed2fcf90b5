# ruff: noqa: E501
"""What is inside of the document is not reported, what is outside is, and what cannot be told is left alone."""

import pytest

from zeues_contracts.findings import Level
from zeues_contracts.live.judging import judge, readings
from zeues_contracts.live.judging_requests import judge_request, judge_series
from zeues_contracts.live.streams import events_of
from zeues_contracts.live.validating import problems
from zeues_contracts.rules import rule
from zeues_contracts.schema.types import Direction
from zeues_contracts.triage.matching import known_methods, match_operation

from .documents import document, exchange

THINGS = document(rule("ZC405").example.document)


def one_response(content, status="200", version="3.1.0", **response):
    operation = {"responses": {status: {"description": "fine", "content": content, **response}}}
    return document({"openapi": version, "info": {}, "paths": {"/a": {"get": operation}}})


def codes(doc, *args, **kwargs):
    return [finding.rule for finding in judge(doc, exchange("GET", "/a", *args, **kwargs))]


JSON = "application/json"


@pytest.mark.parametrize(
    ("content", "kwargs", "expected"),
    [
        ({JSON: {"schema": {}}}, {"body": {"any": 1}}, []),
        ({JSON: {}}, {"body": [1]}, []),
        ({}, {"body": "text"}, []),
        ({JSON: {"schema": False}}, {"body": 1}, ["ZC405"]),
        ({"application/*": {"schema": {"type": "object"}}}, {"body": {}}, []),
        ({"*/*": {"schema": {"type": "object"}}}, {"body": []}, ["ZC405"]),
        ({"application/problem+json": {}}, {"body": {}}, ["ZC404"]),
        ({JSON: {}}, {"body": {}, "headers": {"content-type": "application/json; charset=utf-8"}}, []),
        ({"text/plain": {"schema": {"type": "string", "maxLength": 3}}}, {"body": "long", "headers": {"content-type": "text/plain"}}, ["ZC405"]),
        ({JSON: {"schema": {"type": "object"}}}, {"body": None}, ["ZC406"]),
        ({JSON: {"schema": {"type": "object"}}}, {"body": "{", "headers": {"content-type": JSON}}, ["ZC406"]),
        ({JSON: {"schema": {"type": "object"}}}, {"body": {}, "truncated": True}, ["ZC432"]),
    ],
)  # fmt: skip
def test_content(content, kwargs, expected):
    assert codes(one_response(content), **kwargs) == expected


@pytest.mark.parametrize(
    ("documented", "status", "expected"),
    [
        ("200", 200, []),
        ("2XX", 201, []),
        ("default", 418, []),
        ("200", 201, ["ZC403"]),
        ("200", 418, ["ZC402"]),
        ("200", 405, []),
        ("200", 500, ["ZC401"]),
        ("503", 503, []),
        ("default", 500, ["ZC401"]),
    ],
)
def test_statuses(documented, status, expected):
    assert codes(one_response({}, documented), status, {}) == expected


def test_what_routers_answer_by_themselves_is_no_finding():
    doc = one_response({})
    assert codes(doc, 404, {"detail": "Not Found"}) == []
    assert codes(doc, 404, {"detail": "no such thing"}) == ["ZC402"]
    assert codes(doc, 400, {"detail": "There was an error parsing the body"}) == []


def test_nullable_and_exclusive_bounds_of_3_0():
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "nullable": True},
            "b": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "c": {"$ref": "#/components/schemas/C", "nullable": True},
            "d": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/C"}]},
        },
    }
    doc = document(
        {
            "openapi": "3.0.3",
            "info": {},
            "paths": {"/a": {"get": {"responses": {"200": {"content": {JSON: {"schema": schema}}}}}}},
            "components": {"schemas": {"C": {"type": "string"}}},
        }
    )
    # Beside a reference `nullable` is read as its author meant it, here as everywhere (schema.dialects.translate).
    assert codes(doc, body={"a": None, "b": 1, "c": None, "d": None}) == []
    assert codes(doc, body={"b": 0}) == ["ZC405"]
    assert codes(doc, body={"c": 1}) == ["ZC405"]


def test_what_goes_one_way_is_not_required_the_other():
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}, "password": {"type": "string", "writeOnly": True}},
        "required": ["id", "password"],
    }
    doc = one_response({JSON: {"schema": schema}})
    place = doc.schema("/paths/~1a/get/responses/200/content/application~1json/schema")
    assert problems(place, {"id": 1}, Direction.RESPONSE) == ()
    assert problems(place, {"password": "x"}, Direction.REQUEST) == ()
    assert problems(place, {}, Direction.RESPONSE)[0].missing == "id"


def test_a_schema_that_cannot_be_used_claims_nothing():
    doc = one_response({JSON: {"schema": {"$ref": "#/nowhere"}}})
    assert codes(doc, body={}) == []
    doc = one_response({JSON: {"schema": {"$ref": "https://example.invalid/schema.json"}}})
    assert codes(doc, body={}) == []


def test_cycles_are_no_trouble():
    doc = document(
        {
            "openapi": "3.1.0",
            "info": {},
            "paths": {"/a": {"get": {"responses": {"200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/T"}}}}}}}},
            "components": {
                "schemas": {
                    "T": {
                        "type": "object",
                        "properties": {"t": {"$ref": "#/components/schemas/T"}, "n": {"type": "integer"}},
                    }
                }
            },
        }
    )  # fmt: skip
    body = {"n": "x"}
    for _ in range(50):
        body = {"t": body}
    (finding,) = judge(doc, exchange("GET", "/a", body=body))
    assert finding.subject.startswith("200 /t/t/t")


@pytest.mark.parametrize(
    ("kind", "text", "level"),
    [
        ("date-time", "2026-02-02T10:00:00Z", None),
        ("date-time", "2026-02-02T23:59:60Z", None),
        ("date-time", "2026-02-02T10:00:00.123456", Level.INFO),
        ("date-time", "yesterday", Level.WARNING),
        ("date", "2026-02-30", Level.WARNING),
        ("uuid", "123", Level.WARNING),
        ("ipv4", "1.2.3.4", None),
        ("made-up", "whatever", None),
    ],
)
def test_formats_are_annotations_with_a_voice(kind, text, level):
    doc = one_response({JSON: {"schema": {"type": "string", "format": kind}}})
    found = judge(doc, exchange("GET", "/a", body=f'"{text}"', headers={"content-type": JSON}))
    assert [(finding.rule, finding.level) for finding in found] == ([("ZC409", level)] if level else [])


def test_places_and_witness():
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "integer"}}}}
    doc = one_response({JSON: {"schema": schema}})
    body = {"items": [1, "two", "three"]}
    (finding,) = judge(doc, exchange("GET", "/a", body=body), service="s")
    assert finding.subject == "200 /items/* type"
    assert finding.evidence.witness.value == body
    assert finding.evidence.witness.pointer == "/items/1"
    assert finding.place.pointer.endswith("/schema/properties/items/items/type")
    other = judge(doc, exchange("GET", "/a", body={"items": ["x"]}), service="s")
    assert other[0].fingerprint == finding.fingerprint


def test_headers():
    headers = {
        "X-N": {"schema": {"type": "integer"}},
        "X-L": {"schema": {"type": "array", "items": {"type": "integer"}}},
    }
    doc = one_response({}, headers={**headers, "Content-Type": {"required": True, "schema": {"const": "x"}}})
    assert codes(doc, headers={"x-n": "5", "x-l": "1,2"}) == []
    assert codes(doc, headers={"x-n": "five", "x-l": "1,x"}) == ["ZC408", "ZC408"]


def test_what_a_text_can_stand_for():
    assert readings("5")[:2] == ["5", 5]
    assert True in readings("true")
    assert [1, 2] in readings("1,2")


def events(body, kind="text/event-stream", **more):
    return events_of(kind, body, **more)


def test_events():
    body = b": hello\n\ndata: 1\ndata: 2\nid: 7\nretry: 10\n\r\ndata: cut"
    assert events(body) == [{"data": "1\n2", "id": "7", "retry": 10}]
    assert events(b"data: whole", complete=True) == [{"data": "whole"}]
    assert events(b'{"a": 1}\n{"b"', "application/x-ndjson") == [{"a": 1}]


def post(body, status, **more):
    answer = {"id": 1, "name": "a"} if status == 201 else {"detail": more.pop("detail", [])}
    one = exchange("POST", "/things", status, answer, body, {"location": "/things/1"}, **more)
    return [(finding.rule, finding.subject) for finding in judge_request(THINGS, one)]


@pytest.mark.parametrize(
    ("body", "status", "detail", "expected"),
    [
        ({"name": "a"}, 201, None, []),
        ({}, 422, None, []),
        ({}, 201, None, [("ZC410", "body name")]),
        ({"name": ""}, 201, None, [("ZC411", "body /name")]),
        ({"name": 5}, 201, None, [("ZC411", "body /name")]),
        ({"name": "a", "made": 5}, 201, None, [("ZC413", "body /made")]),
        ({"name": "a"}, 422, [{"loc": ["body"], "type": "value_error"}], [("ZC412", "422 body value_error")]),
        ({"name": "a"}, 422, [{"loc": ["body"], "type": "date_from_datetime_inexact"}], []),
        ({"name": "a\x00"}, 422, [{"loc": ["body"], "type": "value_error"}], []),
        ({"name": "a", "made": "no date"}, 422, [{"loc": ["body"], "type": "value_error"}], []),
    ],
)
def test_requests(body, status, detail, expected):
    assert post(body, status, **({"detail": detail} if detail else {})) == expected


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (
            [{"loc": ["body", "tag"], "msg": "no such tag", "type": "tag", "input": {"long": "x" * 500}}],
            "body.tag: no such tag",
        ),
        ([{"loc": ["body"], "msg": str(n), "type": "x"} for n in range(5)], "body: 0; body: 1; body: 2 and 2 more"),
        ("not on  Sundays", "not on Sundays"),
        ([{"why": "no"}], '{"detail": [{"why": "no"}]}'),
    ],
)
def test_what_a_refusal_says_is_told_in_words(detail, said):
    one = exchange("POST", "/things", 422, {"detail": detail}, {"name": "a"})
    (finding,) = judge_request(THINGS, one)
    assert finding.rule == "ZC412"
    assert finding.message.endswith(f"a request that fits its document: {said}")


QUERY = document(
    {
        "openapi": "3.1.0",
        "info": {},
        "paths": {
            "/q": {
                "get": {
                    "parameters": [
                        {"name": "n", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 9}},
                        {"name": "l", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
                        {"name": "b", "in": "query", "schema": {"type": "boolean"}},
                        {"name": "d", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                        {"name": "X-H", "in": "header", "required": True, "schema": {"enum": ["a", "b"]}},
                    ],
                    "responses": {"200": {"description": "fine"}},
                }
            }
        },
    }
)


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("n=5", "a", []),
        ("n=5&l=1&l=2&b=true", "a", []),
        ("l=1", "a", [("ZC410", "query n")]),
        ("n=10", "a", [("ZC411", "query n")]),
        ("n=x", "a", [("ZC411", "query n")]),
        ("n=+5", "a", [("ZC413", "query n")]),
        ("n=5&b=on", "a", [("ZC413", "query b")]),
        ("n=5&l=1&l=x", "a", [("ZC411", "query l")]),
        ("n=5&unknown=1", "a", []),
        ("n=5", "c", [("ZC411", "header X-H")]),
        ("n=5", None, [("ZC410", "header X-H")]),
        ("n=5&n=6", "a", []),
    ],
)
def test_parameters(query, header, expected):
    headers = {"x-h": header} if header else {}
    one = exchange("GET", f"/q?{query}", 200, {}, request_headers=headers)
    assert [(finding.rule, finding.subject) for finding in judge_request(QUERY, one)] == expected


def series(*steps):
    return [finding.rule for finding in judge_series(THINGS, [exchange(*step) for step in steps])]


MADE = ("POST", "/things", 201, {"id": 7, "name": "a"}, {"name": "a"})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([MADE, ("GET", "/things/7", 200, {})], []),
        ([MADE, ("GET", "/things/7", 404, {})], ["ZC422"]),
        ([MADE, ("GET", "/things/8", 404, {})], []),
        ([MADE, ("DELETE", "/things/7", 204), ("GET", "/things/7", 404, {})], []),
        ([MADE, ("DELETE", "/things/7", 204), ("GET", "/things/7", 200, {})], ["ZC421"]),
        ([("DELETE", "/things/7", 204), MADE, ("GET", "/things/7", 200, {})], []),
        ([("DELETE", "/things/7", 202), ("GET", "/things/7", 200, {})], []),
        ([("DELETE", "/things/7", 404), ("GET", "/things/7", 200, {})], []),
        ([("POST", "/things", 422, {}, {}), ("GET", "/things/7", 404, {})], []),
    ],
)
def test_series(steps, expected):
    assert series(*steps) == expected


def test_matching():
    doc = document(
        {
            "openapi": "3.1.0",
            "info": {},
            "servers": [{"url": "https://x.example/api/v1"}],
            "paths": {
                "/a/{id}": {"get": {"responses": {}}, "delete": {"responses": {}}},
                "/a/mine": {"get": {"responses": {}}},
                "/f/{name}.{ext}": {"get": {"responses": {}}},
            },
        }
    )
    assert match_operation(doc, "GET", "/a/mine").operation.path == "/a/mine"
    assert match_operation(doc, "GET", "/a/x%20y").path == {"id": "x y"}
    assert match_operation(doc, "GET", "/api/v1/a/5").path == {"id": "5"}
    assert match_operation(doc, "GET", "/f/a.b").path == {"name": "a", "ext": "b"}
    assert match_operation(doc, "POST", "/a/5") is None
    assert match_operation(doc, "GET", "/a/5/6") is None
    assert known_methods(doc, "/a/5") == ("DELETE", "GET")
