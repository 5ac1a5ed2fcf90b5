# ruff: noqa: E501 - tables of documents and pages read best with a row each
"""Operations of OpenAPI 3: what is merged, resolved, defaulted and where it stands."""

import pytest

from zeues_contracts.openapi import parse_document
from zeues_contracts.openapi.model import OperationKey
from zeues_contracts.schema.references import node_at

DOCUMENT = """
openapi: 3.2.0
info: {title: T, version: "1"}
servers:
  - {url: "https://{region}.example.com/{base}", variables: {region: {default: eu}, base: {default: v1}}}
security: [{key: []}]
paths:
  /things/{id}/parts/{part-id}.{ext}:
    summary: item
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: X-Trace, in: header, schema: {type: string}}
      - {name: q, in: query, schema: {type: integer}}
    servers: [{url: /item}]
    get:
      operationId: part
      tags: [a, b]
      deprecated: true
      security: []
      parameters:
        - {name: part-id, in: path, required: true, style: label, schema: {type: string}}
        - {name: ext, in: path, required: true, schema: {type: string}}
        - {name: x-trace, in: header, required: true, schema: {type: integer}}
        - {name: q, in: query, explode: false, allowReserved: true, allowEmptyValue: true, schema: {type: array}}
        - {name: deep, in: query, style: deepObject, schema: {type: object}}
        - {name: sid, in: cookie, schema: {type: string}}
        - {name: filter, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: whole, in: querystring, content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
        - {$ref: "#/components/parameters/P~1a~0b%20c"}
      responses:
        200:
          description: fine
          headers: {X-Rate: {required: true, schema: {type: integer}}, X-Ref: {$ref: "#/components/headers/H"}}
          content:
            "Application/JSON ;  Charset=UTF-8": {schema: {$ref: "#/components/schemas/A"}, encoding: {a: {style: form}}}
            application/*: {}
            text/event-stream: {itemSchema: {type: object}}
            text/csv: {$ref: "#/components/mediaTypes/Csv"}
          links: {next: {$ref: "#/components/links/L"}, gone: {$ref: "#/components/links/Gone"}}
        4xx: {description: bad}
        default: {$ref: "#/components/responses/Error"}
        x-more: {description: none}
    query:
      requestBody: {$ref: "#/components/requestBodies/B"}
      responses: {}
    additionalOperations:
      LINK: {responses: {"204": {description: linked}}}
  /shared: {$ref: "#/components/pathItems/Shared", summary: own, get: {operationId: own, responses: {}}}
  x-extension: {get: {}}
webhooks:
  made: {post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}, responses: {}}}
components:
  schemas: {A: {type: object, properties: {self: {$ref: "#/components/schemas/A"}}}}
  parameters: {"P/a~b c": {name: p, in: query, deprecated: true, schema: {type: boolean}}}
  headers: {H: {$ref: "#/components/headers/H2"}, H2: {deprecated: true, schema: {type: string}}}
  mediaTypes: {Csv: {schema: {type: string}}}
  links: {L: {operationId: part}}
  responses: {Error: {description: error, content: {application/problem+json: {schema: true}}}}
  requestBodies: {B: {required: true, content: {application/json: {schema: {type: object}}}}}
  securitySchemes: {key: {type: apiKey, in: header, name: K}, alias: {$ref: "#/components/securitySchemes/key"}}
  pathItems:
    Shared:
      get: {operationId: shared, responses: {}}
      post:
        operationId: shared-post
        responses: {}
        callbacks:
          done:
            "{$request.body#/url}/x":
              post: {requestBody: {content: {application/json: {schema: {type: string}}}}, responses: {"200": {description: ok}}}
          again: {$ref: "#/components/callbacks/Loop"}
  callbacks:
    Loop: {"http://x/{$url}": {post: {callbacks: {again: {$ref: "#/components/callbacks/Loop"}}, responses: {}}}}
"""
PATH = "/things/{id}/parts/{part-id}.{ext}"
PLACE = "/paths/~1things~1{id}~1parts~1{part-id}.{ext}"


@pytest.fixture(scope="module")
def document():
    return parse_document(DOCUMENT.encode(), "d.yaml")


def operation(document, method, path=PATH):
    return next(one for one in document.operations.values() if (one.method, one.path) == (method, path))


def test_keys(document):
    assert [str(key) for key in document.keys] == [
        "GET /things/{}/parts/{}.{}", "QUERY /things/{}/parts/{}.{}", "LINK /things/{}/parts/{}.{}", "GET /shared", "POST /shared",
    ]  # fmt: skip
    assert document.keys[OperationKey("GET", "/things/{}/parts/{}.{}")] == (PATH, "GET")
    assert document.operation(OperationKey("GET", "/shared")) is document.operation(OperationKey("GET", "/shared"))
    with pytest.raises(KeyError):
        document.operation(OperationKey("GET", "/none"))


def test_parameters(document):
    found = {(one.location, one.name): one for one in operation(document, "GET").parameters}
    assert {key: (one.style, one.explode, one.required, one.position) for key, one in found.items()} == {
        ("path", "part-id"): ("label", False, True, 1),
        ("path", "ext"): ("simple", False, True, 2),
        ("path", "id"): ("simple", False, True, 0),
        ("header", "x-trace"): ("simple", False, True, -1),
        ("query", "q"): ("form", False, False, -1),
        ("query", "deep"): ("deepObject", False, False, -1),
        ("cookie", "sid"): ("form", True, False, -1),
        ("query", "filter"): ("form", True, False, -1),
        ("querystring", "whole"): ("", False, False, -1),
        ("query", "p"): ("form", True, False, -1),
    }
    q = found["query", "q"]
    assert (q.allow_reserved, q.allow_empty_value, q.pointer) == (True, True, f"{PLACE}/get/parameters/3")
    assert node_at(q.schema) == {"type": "array"}
    assert found["query", "p"].pointer == "/components/parameters/P~1a~0b c"
    assert found["query", "p"].deprecated
    assert found["query", "filter"].schema is None
    assert node_at(found["query", "filter"].content["application/json"].schema) == {"type": "object"}
    assert found["path", "id"].pointer == f"{PLACE}/parameters/0"


def test_what_an_operation_inherits(document):
    get = operation(document, "GET")
    assert (get.operation_id, get.tags, get.deprecated, get.security) == ("part", ("a", "b"), True, ())
    assert [server.url for server in get.servers] == ["/item"]
    assert get.pointer == f"{PLACE}/get"
    assert get.path_item == PLACE
    link = operation(document, "LINK")
    assert link.pointer == f"{PLACE}/additionalOperations/LINK"
    assert link.security == ({"key": ()},)
    shared = operation(document, "POST", "/shared")
    assert [server.expanded for server in shared.servers] == ["https://eu.example.com/v1"]
    assert (shared.pointer, shared.path_item) == ("/components/pathItems/Shared/post", "/paths/~1shared")
    assert operation(document, "GET", "/shared").operation_id == "own"


def test_responses(document):
    responses = operation(document, "GET").responses
    assert list(responses) == ["200", "4XX", "default"]
    ok = responses["200"]
    assert list(ok.content) == ["application/json; charset=utf-8", "application/*", "text/event-stream", "text/csv"]
    media = ok.content["application/json; charset=utf-8"]
    assert media.pointer == f"{PLACE}/get/responses/200/content/Application~1JSON ;  Charset=UTF-8"
    assert media.schema.pointer == media.pointer + "/schema"
    assert media.encoding == {"a": {"style": "form"}}
    assert ok.content["application/*"].schema is None
    assert node_at(ok.content["text/event-stream"].item_schema) == {"type": "object"}
    assert ok.content["text/csv"].pointer == "/components/mediaTypes/Csv"
    assert ok.headers["X-Rate"].required
    assert ok.headers["X-Ref"].pointer == "/components/headers/H2"
    assert ok.headers["X-Ref"].deprecated
    assert list(ok.links) == ["next"]
    assert responses["default"].pointer == "/components/responses/Error"
    assert node_at(responses["default"].content["application/problem+json"].schema) is True


def test_request_body(document):
    body = operation(document, "QUERY").request_body
    assert (body.required, body.pointer) == (True, "/components/requestBodies/B")
    assert operation(document, "GET").request_body is None


def test_webhooks_callbacks_and_security(document):
    (made,) = document.webhooks["made"]
    assert (made.name, made.pointer) == ("POST made", "/webhooks/made/post")
    done, again = operation(document, "POST", "/shared").callbacks
    assert (done.name, done.expression) == ("done", "{$request.body#/url}/x")
    assert done.operations[0].parameters == ()
    assert again.operations[0].callbacks[0].operations[0].callbacks == (), "a callback of itself ends"
    assert document.security_schemes["alias"].raw["name"] == "K"


def test_servers_in_silence():
    found = parse_document(b"openapi: 3.1.0\npaths: {/a: {get: {}}}", "d")
    assert [(server.url, server.pointer) for server in found.servers] == [("/", "")]
    assert next(iter(found.operations.values())).servers == found.servers


def test_references_that_turn_in_circles():
    text = b"""
openapi: 3.1.0
paths:
  /a: {$ref: "#/paths/~1b"}
  /b: {$ref: "#/paths/~1a"}
  /c: {get: {parameters: [{$ref: "#/components/parameters/A"}], responses: {"200": {$ref: "#/paths/~1c/get/responses/200"}}}}
components: {parameters: {A: {$ref: "#/components/parameters/B"}, B: {$ref: "#/components/parameters/A"}}}
"""
    found = parse_document(text, "d")
    (only,) = found.operations.values()
    assert only.parameters == ()
    assert only.responses["200"].content == {}


def test_same_path_in_any_order():
    one = b"openapi: 3.1.0\npaths: {'/a/{x}': {get: {operationId: x}}, '/a/{y}': {get: {operationId: y}}}"
    two = b"openapi: 3.1.0\npaths: {'/a/{y}': {get: {operationId: y}}, '/a/{x}': {get: {operationId: x}}}"
    names = [
        {str(key): op.operation_id for key, op in parse_document(text, "d").operations.items()} for text in (one, two)
    ]
    assert names[0] == names[1] == {"GET /a/{}": "x", "GET /a/{y}": "y"}
    for text in (one, two):
        found = parse_document(text, "d")
        assert all(op.key == key for key, op in found.operations.items())


SWAGGER = """
swagger: "2.0"
info: {title: T, version: "1"}
host: api.example.com
basePath: /v1
schemes: [https, http]
consumes: [application/json, application/xml]
produces: [application/json]
securityDefinitions:
  basic: {type: basic, description: d}
  key: {type: apiKey, in: query, name: k}
  auth: {type: oauth2, flow: accessCode, authorizationUrl: "http://a", tokenUrl: "http://t", scopes: {read: r}}
security: [{auth: [read]}]
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 50, required: true}
  Upload: {name: upload, in: formData, type: file, required: true}
paths:
  /a/{id}:
    parameters: [{name: id, in: path, type: string, required: true}]
    get:
      produces: [text/csv]
      parameters:
        - {$ref: "#/parameters/Limit"}
        - {name: csv, in: query, type: array, items: {type: string}}
        - {name: multi, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: pipes, in: query, type: array, items: {type: string}, collectionFormat: pipes}
        - {name: X-A, in: header, type: array, items: {type: string}}
      responses:
        200:
          description: fine
          schema: {$ref: "#/definitions/A"}
          headers: {X-Rate: {type: integer}}
        204: {description: nothing}
        default: {$ref: "#/responses/File"}
    put:
      parameters: [{name: body, in: body, required: true, schema: {$ref: "#/definitions/A"}}]
      responses: {}
    post:
      consumes: [multipart/form-data]
      parameters:
        - {$ref: "#/parameters/Upload"}
        - {name: note, in: formData, type: string, maxLength: 5}
        - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
      responses: {}
    patch:
      parameters: [{name: n, in: formData, type: integer}]
      responses: {}
responses: {File: {description: f, schema: {type: file}}}
definitions: {A: {type: object, properties: {id: {type: integer, x-nullable: true}}}}
"""


@pytest.fixture(scope="module")
def swagger():
    return parse_document(SWAGGER.encode(), "s.yaml")


def test_swagger_2_parameters(swagger):
    get = operation(swagger, "GET", "/a/{id}")
    assert {one.name: (one.location, one.style, one.explode, one.required) for one in get.parameters} == {
        "limit": ("query", "form", True, True),
        "csv": ("query", "form", False, False),
        "multi": ("query", "form", True, False),
        "pipes": ("query", "pipeDelimited", False, False),
        "X-A": ("header", "simple", False, False),
        "id": ("path", "simple", False, True),
    }
    limit = get.parameters[0]
    assert limit.pointer == limit.schema.pointer == "/parameters/Limit"
    schema = node_at(limit.schema)
    assert (schema["type"], schema["maximum"]) == ("integer", 50)
    assert "required" not in schema, "a boolean that no schema can hold"
    assert limit.raw == swagger.raw["parameters"]["Limit"]


def test_swagger_2_bodies(swagger):
    put = operation(swagger, "PUT", "/a/{id}").request_body
    assert (put.required, list(put.content)) == (True, ["application/json", "application/xml"])
    assert put.content["application/json"].schema.pointer == "/paths/~1a~1{id}/put/parameters/0/schema"
    post = operation(swagger, "POST", "/a/{id}")
    assert [one.name for one in post.parameters] == ["id"]
    (form,) = post.request_body.content.values()
    assert (form.name, post.request_body.required) == ("multipart/form-data", True)
    assert node_at(form.schema) == {
        "type": "object",
        "properties": {
            "upload": {"$ref": "#/parameters/Upload"},
            "note": {"$ref": "#/paths/~1a~1%7Bid%7D/post/parameters/1"},
            "tags": {"$ref": "#/paths/~1a~1%7Bid%7D/post/parameters/2"},
        },
        "required": ["upload"],
    }
    assert form.encoding == {"tags": {"style": "form", "explode": True}}
    assert post.raw == swagger.raw["paths"]["/a/{id}"]["post"]
    patch = operation(swagger, "PATCH", "/a/{id}").request_body
    assert (list(patch.content), patch.required) == (["application/x-www-form-urlencoded"], False)


def test_swagger_2_forms_are_schemas(swagger):
    """What stands for a form is judged by the engine's own validators through the references."""
    import jsonschema

    from zeues_contracts.schema.dialects import bundle

    (form,) = operation(swagger, "POST", "/a/{id}").request_body.content.values()
    checker = jsonschema.Draft202012Validator(bundle(form.schema))
    assert checker.is_valid({"upload": "x", "note": "abc"})
    assert not checker.is_valid({"note": "abc"})
    assert not checker.is_valid({"upload": "x", "note": "too long"})


def test_swagger_2_responses(swagger):
    responses = operation(swagger, "GET", "/a/{id}").responses
    assert list(responses) == ["200", "204", "default"]
    assert list(responses["200"].content) == ["text/csv"]
    assert responses["200"].content["text/csv"].schema.pointer == "/paths/~1a~1{id}/get/responses/200/schema"
    assert node_at(responses["200"].headers["X-Rate"].schema) == {"type": "integer"}
    assert responses["204"].content == {}
    assert node_at(responses["default"].content["text/csv"].schema) == {}


def test_swagger_2_servers_and_security(swagger):
    assert [server.url for server in swagger.servers] == ["https://api.example.com/v1", "http://api.example.com/v1"]
    schemes = {name: scheme.raw for name, scheme in swagger.security_schemes.items()}
    assert schemes == {
        "basic": {"type": "http", "scheme": "basic", "description": "d"},
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "auth": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {"authorizationUrl": "http://a", "tokenUrl": "http://t", "scopes": {"read": "r"}}
            },
        },
    }
    assert operation(swagger, "GET", "/a/{id}").security == ({"auth": ("read",)},)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("", ["/"]),
        ("basePath: /v1", ["/v1"]),
        ("basePath: v1", ["/v1"]),
        ("host: h:8", ["//h:8"]),
        ("host: h\nbasePath: /\nschemes: [http]", ["http://h"]),
    ],
)
def test_swagger_2_servers(text, urls):
    found = parse_document(f"swagger: '2.0'\npaths: {{}}\n{text}\n".encode(), "s")
    assert [server.url for server in found.servers] == urls
