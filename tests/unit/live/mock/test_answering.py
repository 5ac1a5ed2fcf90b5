"""Answers: routes, documented statuses, creating and reading, media types; each valid under the document."""

import json
from pathlib import Path

import pytest

from tests.unit.live.documents import document
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.live.judging import judge
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.values import Sampler
from zeues_contracts.openapi import document_from_mapping, load
from zeues_contracts.schema.types import Direction
from zeues_contracts.standin import scenes

SHOP = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example.com/v1"}]
paths:
  /items:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: Items
          content: {application/json: {schema: {type: object, required: [items, total], properties: {
            items: {type: array, items: {$ref: "#/components/schemas/Item"}}, total: {type: integer}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses:
        "201": {description: Made, content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
        "409": {description: Taken, content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}
  /items/{item_id}:
    parameters: [{name: item_id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200":
          description: One
          headers: {X-Version: {required: true, schema: {type: integer, minimum: 3}}}
          content:
            application/json: {schema: {$ref: "#/components/schemas/Item"}}
            text/plain: {schema: {type: string}}
        "404": {description: None, content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}
        "418":
          description: Teapot
          content: {application/json: {examples: {small: {value: {cups: 1}}, large: {value: {cups: 9}}}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses:
        "200": {description: Changed, content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
    delete: {responses: {"204": {description: Gone}}}
  /secret:
    get: {security: [{key: []}], responses: {"200": {description: Yes}, "403": {description: No}}}
  /events:
    get: {responses: {"200": {description: Events, content: {text/event-stream: {schema: {type: object}}}}}}
  /file:
    get: {responses: {"200": {description: A file, content: {application/octet-stream: {}}}}}
  /loose:
    get: {responses: {"200": {description: Who knows, content: {application/json: {schema: {}}}}}}
  /impossible:
    get: {responses: {"200": {description: None, content: {application/json: {schema: {allOf: [
      {type: string}, {type: integer}]}}}}}}
  /upload:
    post:
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object, required: [name, file],
        properties: {name: {type: string, minLength: 2}, size: {type: integer}, file: {type: string}}}}}}
      responses: {"200": {description: Taken}}
  /find:
    get:
      parameters: [{name: key, in: query, required: true, schema: {type: string}}]
      security: [{query: []}]
      responses: {"200": {description: Found}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: token}
  schemas:
    New: {type: object, required: [name], properties: {name: {type: string}, price: {type: number}}}
    Item: {type: object, required: [item_id, name], properties: {item_id: {type: integer}, name: {type: string},
      price: {type: number}, made: {type: string, format: date-time}}}
    Problem: {type: object, required: [error], properties: {error: {type: string}}}
"""
JSON = (("content-type", "application/json"),)


@pytest.fixture
def mock():
    return Mock(document(SHOP))


def send(mock, method, path, body=None, headers=()):
    raw = None if body is None else json.dumps(body).encode()
    return mock.answer(Request(method, f"http://mock{path}", (*headers, *(JSON if body is not None else ())), raw))


def value(answered):
    return json.loads(answered.response.body)


def test_what_is_created_is_there_to_read_change_list_and_delete(mock):
    assert value(send(mock, "GET", "/items/7"))["item_id"] == 7
    first = send(mock, "POST", "/items", {"name": "cup", "price": 2.5})
    assert first.response.status == 201
    assert first.response.header("location") == "/items/1"
    made = value(first)
    assert (made["item_id"], made["name"], made["price"]) == (1, "cup", 2.5)
    second = value(send(mock, "POST", "/items", {"name": "pot"}))
    assert second["item_id"] == 2

    assert value(send(mock, "GET", "/items/1")) == made
    listed = value(send(mock, "GET", "/items"))
    assert ([one["name"] for one in listed["items"]], listed["total"]) == (["cup", "pot"], 2)

    changed = value(send(mock, "PUT", "/items/1", {"name": "mug"}))
    assert (changed["item_id"], changed["name"]) == (1, "mug")
    assert value(send(mock, "GET", "/items/1"))["name"] == "mug"

    assert send(mock, "DELETE", "/items/1").response.status == 204
    gone = send(mock, "GET", "/items/1")
    assert gone.response.status == 404
    assert value(gone) == {"error": "error"}, "in the document's own words"
    assert [one["name"] for one in value(send(mock, "GET", "/items"))["items"]] == ["pot"]


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/item", 404, "unknown"),
        ("PATCH", "/items", 405, "unknown"),
        ("GET", "/v1/items", 200, None),
        ("GET", "/items/", 307, None),
        ("HEAD", "/items", 200, None),
        ("OPTIONS", "/items", 204, None),
        ("OPTIONS", "/nowhere", 404, None),
        ("GET", "/openapi.json", 200, None),
        ("GET", "/secret", 403, "credentials"),
        ("GET", "/items?limti=3", 200, "ignored"),
        ("GET", "/items/x", 422, "refused"),
        ("GET", "/loose", 200, "unsaid"),
        ("GET", "/impossible", 501, "no-value"),
        ("GET", "/find?key=a&token=t", 200, None),
        ("GET", "/find?token=t", 422, "refused"),
    ],
)
def test_routes(mock, method, path, status, kind):
    answered = send(mock, method, path)
    assert answered.response.status == status
    assert [remark.kind for remark in answered.remarks] == ([kind] if kind else [])
    if method == "HEAD":
        assert answered.response.body == b""


def test_hints(mock):
    assert send(mock, "GET", "/item").remarks[0].hint == "did you mean /items?"
    assert send(mock, "PATCH", "/items").response.header("allow") == "GET, HEAD, POST"
    assert send(mock, "GET", "/items?limti=3").remarks[0].hint == "did you mean limit?"
    assert send(mock, "GET", "/items/").response.header("location") == "/items"


def test_a_documented_status_can_be_chosen(mock):
    wanted = send(mock, "GET", "/items/1", headers=(("prefer", "status=404"),)).response
    assert (wanted.status, json.loads(wanted.body)) == (404, {"error": "error"})
    assert wanted.header("preference-applied") == "status=404"
    assert send(mock, "GET", "/items/1", headers=(("prefer", "respond-async, code=404"),)).response.status == 404
    unknown = send(mock, "GET", "/items/1", headers=(("prefer", "status=500"),))
    assert unknown.response.status == 501
    assert "documents no 500" in value(unknown)["detail"]
    cups = send(mock, "GET", "/items/1", headers=(("prefer", "status=418, example=large"),))
    assert value(cups) == {"cups": 9}
    invalid = send(mock, "POST", "/items", {}, headers=(("prefer", "status=409"),))
    assert invalid.response.status == 422, "what does not fit is refused whatever is preferred"


def test_media_types_and_headers(mock):
    plain = send(mock, "GET", "/items/1", headers=(("accept", "text/plain;q=0.9, application/json;q=0.1"),)).response
    assert plain.media_type == "text/plain"
    answer = send(mock, "GET", "/items/1", headers=(("accept", "image/png"),)).response
    assert answer.media_type == "application/json"
    assert int(answer.header("x-version") or 0) >= 3
    assert send(mock, "GET", "/file").response.body == b""
    events = send(mock, "GET", "/events").response
    assert events.media_type == "text/event-stream"
    assert events.body.count(b"data: {") == 3


def test_forms(mock):
    edge = "----edge"
    parts = {"name": "ab", "file": "content", "size": "3"}

    def sent(**fields):
        body = "".join(
            f'--{edge}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
            for name, text in fields.items()
        )
        kind = (("content-type", f"multipart/form-data; boundary={edge}"),)
        raw = f"{body}--{edge}--\r\n".encode()
        return mock.answer(Request("POST", "http://mock/upload", kind, raw))

    assert sent(**parts).response.status == 200
    assert [one["loc"] for one in value(sent(name="a", size="x"))["detail"]] == [
        ["body", "name"], ["body", "size"], ["body", "file"],
    ]  # fmt: skip
    other = mock.answer(Request("POST", "http://mock/upload", JSON, b"{}"))
    assert other.response.status == 422
    assert "multipart/form-data" in value(other)["detail"][0]["msg"]


A = "#/components/schemas/A"


def test_what_is_not_declared_is_told_wherever_it_stands():
    made = document(
        {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "paths": {
                "/a": {
                    "post": {
                        "requestBody": {
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
                        },
                        "responses": {"200": {"description": "x"}},
                    }
                }
            },
            "components": {
                "schemas": {
                    "A": {
                        "allOf": [{"properties": {"a": {}}}, {"anyOf": [{"properties": {"b": {}}}, {"type": "null"}]}],
                        "properties": {
                            "list": {"type": "array", "items": {"properties": {"name": {}}}},
                            "map": {"properties": {"x": {}}, "additionalProperties": {"type": "integer"}},
                        },
                    }
                }
            },
        }
    )
    body = {"a": 1, "b": 2, "c": 3, "list": [{"name": 1}, {"nam": 2}], "map": {"any": 1}}
    remarks = send(Mock(made), "POST", "/a", body).remarks
    assert [(one.kind, one.subject) for one in remarks] == [("ignored", "body.c"), ("ignored", "body.list.*.nam")]
    assert remarks[1].hint == "did you mean name?"
    assert remarks[1].witness.pointer == "/list/1/nam"


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("scene", ["incident", "healthy"])
def test_every_answer_of_every_operation_is_as_documented(scene, seed):
    """Our own judge of responses, which knows nothing of the mock, has nothing to say."""
    promise = load(str(Path(scenes.__file__).parent / "data" / scene / "snapshot.json"))
    mock = Mock(promise, seed=seed)
    for operation in promise.operations.values():
        for status in operation.responses:
            path = operation.path
            for parameter in operation.parameters:
                path = path.replace("{" + parameter.name + "}", "TEST-01")
            inputs = Sampler(Direction.REQUEST, seed)
            query = [
                f"{one.name}={inputs.sample(one.schema, one.name).value}"
                for one in operation.parameters
                if one.location == "query" and one.required
            ]
            body = None
            if operation.request_body is not None:
                media = operation.request_body.content["application/json"]
                body = inputs.sample(media.schema, operation.name).value
            target = path + ("?" + "&".join(query) if query else "")
            answered = send(mock, operation.method, target, body, headers=(("prefer", f"status={status}"),))
            assert str(answered.response.status) == status, (operation.name, answered.response.body)
            request = Request(operation.method, f"http://mock{target}")
            assert judge(promise, Exchange(request, answered.response)) == ()


def test_the_same_seed_answers_the_same():
    def told(seed):
        mock = Mock(document(SHOP), seed=seed)
        return [send(mock, *one).response.body for one in (("GET", "/items/3"), ("GET", "/items"), ("GET", "/items"))]

    assert told(4) == told(4)
    assert len({tuple(told(seed)) for seed in range(8)}) > 3


def test_swagger_2():
    old = document_from_mapping(
        {
            "swagger": "2.0",
            "info": {"title": "x", "version": "1"},
            "paths": {
                "/a": {
                    "get": {
                        "produces": ["application/json"],
                        "responses": {
                            "200": {
                                "description": "x",
                                "schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
                                "examples": {"application/json": {"a": 42}},
                            }
                        },
                    }
                }
            },
        },
        "old",
    )
    assert value(send(Mock(old), "GET", "/a")) == {"a": 42}
