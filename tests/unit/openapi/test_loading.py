# ruff: noqa: E501 - tables of documents and pages read best with a row each
"""From bytes to a document: JSON and YAML, clean, unclean and hostile."""

import json
from pathlib import Path

import pytest

from zeues_contracts.config import Config, LimitsConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.openapi import document_from_mapping, document_notes, load, load_file, parse_document
from zeues_contracts.redact import is_secret_parameter
from zeues_contracts.schema.types import Dialect

MINIMAL = '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}'


def parse(text, **limits):
    data = text if isinstance(text, bytes) else text.encode()
    return parse_document(data, "d.json", limits=LimitsConfig(**limits))


def test_json():
    found = parse(MINIMAL)
    assert (found.title, found.version, found.dialect, found.notes) == ("T", "3.1.0", Dialect.OPENAPI_3_1, ())
    assert found.text == MINIMAL.encode()


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"\xef\xbb\xbf" + MINIMAL.encode(), "T"),
        (b"\n\n   " + MINIMAL.encode(), "T"),
        (MINIMAL.encode("utf-16"), "T"),
        (MINIMAL.encode("utf-16-le"), "T"),
        (MINIMAL.replace('"T"', '"A", "title": "B"').encode(), "B"),
        (b" " * 10_000 + MINIMAL.encode(), "T"),
    ],
)
def test_json_in_disguise(data, title):
    assert parse(data).title == title


def test_json_that_only_lenient_readers_take():
    found = parse(MINIMAL.replace('"paths": {}', '"paths": {}, "x-a": NaN, "x-b": "\\ud800", "x-c": 1e999'))
    assert found.raw["x-a"] == "NaN"
    assert found.raw["x-c"] == "1e999"
    assert found.notes


YAML = """
# a comment
openapi: 3.0.3
info:
  title: T
  version: 1.10
  x-date: 2024-01-02
  x-time: 12:30:45
  x-on: on
  x-yes: yes
  x-null: ~
  x-true: true
  x-octal: 0o17
  x-hex: 0xff
  x-int: 0123
  x-float: 1e3
  x-inf: .inf
  x-merge: "<<"
  x-text: |
    two
    lines
  x-str: !!str 12
  x-tag: !custom {a: 1}
  x-under: 1_000
  "on": quoted
paths:
  /a:
    get: &get
      responses:
        200: {description: fine}
        default: {description: else}
  /b:
    get:
      <<: *get
      summary: own
"""


def test_yaml():
    found = parse(YAML)
    info = found.raw["info"]
    assert info == {
        "title": "T", "version": 1.1, "x-date": "2024-01-02", "x-time": "12:30:45", "x-on": "on", "x-yes": "yes",
        "x-null": None, "x-true": True, "x-octal": 15, "x-hex": 255, "x-int": 123, "x-float": 1000.0, "x-inf": ".inf",
        "x-merge": "<<", "x-text": "two\nlines\n", "x-str": "12", "x-tag": {"a": 1}, "x-under": "1_000", "on": "quoted",
    }  # fmt: skip
    assert list(found.raw["paths"]["/a"]["get"]["responses"]) == ["200", "default"]
    assert found.raw["paths"]["/b"]["get"] == {
        "responses": found.raw["paths"]["/a"]["get"]["responses"],
        "summary": "own",
    }
    assert found.dialect is Dialect.OPENAPI_3_0


def test_yaml_keys_are_text():
    found = parse("openapi: 3.1.0\npaths: {}\nx: {on: 1, null: 2, true: 3, 1.0: 4, 2024-01-01: 5}\n")
    assert list(found.raw["x"]) == ["on", "null", "true", "1.0", "2024-01-01"]


def test_yaml_notes():
    found = parse("openapi: 3.1.0\npaths: {}\nx: {a: 1, a: 2}\n---\nopenapi: 3.0.0\n")
    assert found.raw["x"] == {"a": 2}
    assert [note.message for note in found.notes] == [
        "line 3: the key 'a' is given twice: the last one counts",
        "line 4: there is a second YAML document: only the first was read",
    ]


def test_yaml_in_flow_style_in_a_yaml_file(tmp_path):
    file = tmp_path / "o.yaml"
    file.write_text("{openapi: 3.1.0, info: {title: Flow}, paths: {}}")
    assert load_file(file).title == "Flow"


LAUGHS = "openapi: 3.1.0\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)
MERGES = "openapi: 3.1.0\na0: &a0 {k: [1,2,3,4,5,6,7,8,9]}\n" + "".join(
    f"a{i}: &a{i} {{x: *a{i - 1}, y: *a{i - 1}, <<: *a{i - 1}}}\n" for i in range(1, 60)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "d.json: is empty"),
        ("   \n", "d.json: is empty"),
        ("<!DOCTYPE html><html><head><title>Sign in &amp; go</title>", "an HTML page ('Sign in & go'), not an OpenAPI"),
        ('<?xml version="1.0"?><x/>', "an XML document"),
        ('{"openapi": "3.1.0", "paths": {', "d.json:1:32: the JSON ends too early"),
        ('{"openapi": "3.1.0",\n "paths": {"/a": "b', "d.json:2:"),
        ('{"openapi": "3.1.0",\n "paths": oops}', "d.json:2:11: not valid JSON"),
        (MINIMAL + "x", "not valid JSON: unexpected content"),
        ("[" * 1_000_000, "nested deeper than 256 levels"),
        ('{"a":' * 1_000_000, "nested deeper than 256 levels"),
        ('{"openapi": "3.1.0", "x": ' + "[" * 260 + "]" * 260 + "}", "nested deeper than 256 levels"),
        ("a: " + "[" * 100_000, "nested deeper than 256 levels"),
        ("\n".join(" " * i + "a:" for i in range(400)), "nested deeper than 256 levels"),
        ("openapi: 3.1.0\na: &a [1, *a]\n", "d.json:2:11: the alias *a stands inside of what it names"),
        ("openapi: 3.1.0\na: *gone\n", "d.json:2:4: the alias *gone names no anchor"),
        (LAUGHS, "larger than"),
        (MERGES, "larger than"),
        ("openapi: 3.1.0\n? [a, b]\n: 1\n", "d.json:2:3: a key is a collection"),
        ("openapi: 3.1.0\n\tpaths: {}\n", "d.json:2:1: not valid YAML"),
        ("openapi: [3.1.0\n", "not valid YAML"),
        ("[1, 2]", "holds a list, not an OpenAPI document"),
        ("just words", "holds text, not an OpenAPI document"),
        ("12", "holds a single value"),
        ('{"info": {}, "paths": {}, "b": 1}', "no `openapi` or `swagger` at the top, but b, info, paths"),
        ("{}", "but nothing"),
        ('{"openapi": {"a": 1}}', "`openapi` at the top is no version"),
        ('{"openapi": null}', "`openapi` at the top is no version"),
        ('{"openapi": "4.0.0"}', "OpenAPI 4.0.0 is not supported"),
        ('{"swagger": "1.2"}', "Swagger 1.2 is not supported"),
        (b'{"openapi": "3.1.0", "a": "\xff"}', "not UTF-8 text"),
        (b"openapi: 3.1.0\na: \xe9\n", "d.json:2: not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "d.json"),
        (b"\x00" * 100, "d.json"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_on_one_line(text, says):
    with pytest.raises(UsageError) as told:
        parse(text)
    assert says in told.value.message
    assert "\n" not in told.value.message
    assert len(told.value.message) < 400


def test_size_limit():
    with pytest.raises(UsageError, match="larger than 50 bytes"):
        parse(MINIMAL, max_bytes=50)


def test_depth_limit_of_ones_own():
    deep = MINIMAL[:-1] + ', "x": ' + "[" * 40 + "]" * 40 + "}"
    assert parse(deep)
    with pytest.raises(UsageError, match="deeper than 20 levels"):
        parse(deep, max_depth=20)


@pytest.mark.parametrize(
    ("text", "version", "dialect", "kinds"),
    [
        ("openapi: 3.0\npaths: {}", "3.0", Dialect.OPENAPI_3_0, ["version"]),
        ("openapi: 3.1\npaths: {}", "3.1", Dialect.OPENAPI_3_1, ["version"]),
        ("openapi: 3.2.0\npaths: {}", "3.2.0", Dialect.OPENAPI_3_1, []),
        ("openapi: 3.9.0\npaths: {}", "3.9.0", Dialect.OPENAPI_3_1, ["version"]),
        ("swagger: 2.0\npaths: {}", "2.0", Dialect.SWAGGER_2_0, ["version"]),
        ("swagger: '2.0'\npaths: {}", "2.0", Dialect.SWAGGER_2_0, []),
        ("swagger: '3.0.1'\npaths: {}", "3.0.1", Dialect.OPENAPI_3_0, ["version"]),
        ("openapi: 3.1.0\njsonSchemaDialect: 'http://json-schema.org/draft-07/schema#'", "3.1.0", Dialect.DRAFT_7, []),
        ("openapi: 3.1.0\njsonSchemaDialect: 'urn:own'", "3.1.0", Dialect.OPENAPI_3_1, ["unclean"]),
    ],
)
def test_versions(text, version, dialect, kinds):
    found = parse(text)
    assert (found.version, found.dialect, [note.kind for note in found.notes]) == (version, dialect, kinds)


UNCLEAN = """
openapi: 3.0.3
paths:
  no-slash: {}
  /text: just text
  /a/{id}/{other}:
    parameters: nothing
    GET:
      parameters:
        - {name: id, in: path, schema: {type: integer}}
        - {name: gone, in: path, required: true}
        - {name: q, in: query}
        - {name: q, in: query}
        - {in: query}
        - text
        - {$ref: ""}
      security: [{undeclared: []}]
      responses:
        200: {$ref: "#/components/responses/Gone"}
        ok: {description: no status}
        201:
          description: x
          content:
            application/json: {schema: {$ref: "#/components/schemas/A", type: object}}
  /a/{key}/{value}:
    get: {operationId: twice, responses: {}}
  /b:
    post: {operationId: twice, requestBody: {description: none}, responses: []}
    put: text
components:
  schemas:
    A: {type: strnig, minimum: "5", required: true, properties: {x: {$ref: "#/nowhere"}}}
"""


def test_unclean_documents_are_taken_and_told():
    found = parse(UNCLEAN)
    operations = found.operations
    assert sorted(str(key) for key in operations) == ["GET /a/{key}/{value}", "GET /a/{}/{}", "POST /b"]
    first = next(one for one in operations.values() if one.path == "/a/{id}/{other}")
    assert [(one.name, one.required, one.position) for one in first.parameters] == [
        ("id", True, 0), ("gone", True, -1), ("q", False, -1), ("other", True, 1),
    ]  # fmt: skip
    assert list(first.responses) == ["200", "201"]
    notes = {(note.kind, note.pointer) for note in document_notes(found)}
    place = "/paths/~1a~1{id}~1{other}"
    assert notes >= {
        ("unclean", "/paths/no-slash"),
        ("unclean", "/paths/~1text"),
        ("unclean", f"{place}/parameters"),
        ("unclean", f"{place}/GET"),
        ("parameter", f"{place}/GET/parameters/0"),
        ("parameter", f"{place}/GET/parameters/1"),
        ("duplicate", f"{place}/GET/parameters/3"),
        ("dangling", f"{place}/GET/parameters/6"),
        ("dangling", f"{place}/GET/responses/200"),
        ("dangling", f"{place}/GET"),
        ("duplicate", "/paths/~1a~1{key}~1{value}"),
        ("duplicate", "/paths/~1b/post/operationId"),
        ("unclean", "/paths/~1b/post/requestBody"),
        ("unclean", "/paths/~1b/put"),
        ("schema", "/components/schemas/A/type"),
        ("schema", "/components/schemas/A/minimum"),
        ("dangling", "/components/schemas/A/properties/x"),
    }


def test_a_clean_document_has_no_notes():
    text = json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {
                "/a/{id}": {
                    "get": {
                        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}},
                    }
                }
            },
            "components": {"schemas": {"A": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}}},
        }
    )  # fmt: skip
    assert document_notes(parse(text)) == ()


@pytest.mark.parametrize(
    "value", ["text", 1, None, True, [], [[]], {}, {"a": None}, {"$ref": 1}, {"$ref": "#"}, {"$ref": "#/paths"}]
)
def test_wrong_types_everywhere(value):
    """Every field of every object, replaced by what it cannot be: no exception, whatever is asked for."""
    whole = {
        "openapi": "3.2.0", "info": {"title": "T"}, "servers": [{"url": "/", "variables": {"a": {"default": "b"}}}], "security": [{"k": []}],
        "tags": [], "webhooks": {"w": {"post": {"responses": {}}}},
        "paths": {"/a/{id}": {"parameters": [{"name": "id", "in": "path", "schema": {}, "content": {}, "style": "x", "explode": 1}],
                              "servers": [{"url": "x"}], "additionalOperations": {"LINK": {}},
                              "post": {"tags": ["a"], "operationId": "x", "security": [{"k": ["s"]}], "servers": [{"url": "u"}],
                                       "requestBody": {"required": True, "content": {"a/b": {"schema": {"type": "string"}, "encoding": {}, "itemSchema": {}}}},
                                       "responses": {"200": {"description": "d", "headers": {"X": {"schema": {}}}, "links": {"l": {}}, "content": {"a/b": {}}}},
                                       "callbacks": {"c": {"{$url}": {"post": {"responses": {}}}}}}}},
        "components": {"schemas": {"A": {"properties": {"a": {}}, "items": {}, "allOf": [{}], "type": "object"}},
                       "securitySchemes": {"k": {"type": "apiKey"}}},
    }  # fmt: skip

    def variants(node):
        if isinstance(node, dict | list):
            for key in node if isinstance(node, dict) else range(len(node)):
                changed = dict(node) if isinstance(node, dict) else list(node)
                changed[key] = value
                yield changed
                for inner in variants(node[key]):
                    changed = dict(node) if isinstance(node, dict) else list(node)
                    changed[key] = inner
                    yield changed

    for head in ({}, {"swagger": "2.0"}):
        for changed in variants(whole):
            if head:
                changed = {**head, **{k: v for k, v in changed.items() if k != "openapi"}}
            try:
                found = document_from_mapping(changed, "d", external_refs="none")
            except UsageError:
                continue
            assert found.keys is not None
            assert found.operations is not None
            assert found.webhooks is not None
            assert found.servers is not None
            assert [server.expanded for server in found.servers]
            assert found.security_schemes is not None
            document_notes(found)


def test_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("openapi.json").write_text(MINIMAL)
    assert load("openapi.json").source == "openapi.json"
    assert load("openapi.json", base=tmp_path).title == "T"
    with pytest.raises(UsageError, match="no such file") as told:
        load("openapi.jsn")
    assert told.value.hint == "did you mean openapi.json?"
    with pytest.raises(UsageError, match="is a folder"):
        load(".")
    with pytest.raises(UsageError, match="the name is empty"):
        load(" ")
    with pytest.raises(UsageError, match="ftp: is not supported"):
        load("ftp://host/openapi.json")
    with pytest.raises(UsageError, match="cannot be read"):
        load("a\0b")
    with pytest.raises(UsageError, match="external-refs"):
        load("openapi.json", config=Config(external_refs="all"))


def test_standard_input(monkeypatch):
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MINIMAL.encode())))
    found = load("-")
    assert (found.title, found.source) == ("T", "standard input")


def test_mapping():
    found = document_from_mapping(json.loads(MINIMAL), "app x")
    assert found.line_of("/paths") is None
    nested = []
    for _ in range(3000):
        nested = [nested]
    with pytest.raises(UsageError, match="deeper"):
        document_from_mapping({"openapi": "3.1.0", "x": nested}, "app x")
    circle = {"openapi": "3.1.0"}
    circle["x"] = circle
    with pytest.raises(UsageError, match="deeper"):
        document_from_mapping(circle, "app x")


def test_a_file_imports_no_client():
    import subprocess
    import sys

    script = (
        "import sys; from zeues_contracts.openapi import load; import pathlib; p = pathlib.Path(sys.argv[1]);"
        "load(str(p)).operations; bad = {'httpx', 'yaml', 'schemathesis', 'rich', 'asyncio', 'jsonschema', 'click'} & set(sys.modules); assert not bad, bad"
    )
    file = Path(__file__).with_name("tiny.json")
    subprocess.run([sys.executable, "-c", script, str(file)], check=True)


def test_what_a_document_calls_its_keys_holds_secrets():
    schemes = {
        "a": {"type": "apiKey", "in": "header", "name": "X-Pass-Through"},
        "b": {"type": "apiKey", "in": "query", "name": "k"},
        "c": {"type": "apiKey", "in": "header", "name": "Accept"},
        "d": {"type": "apiKey", "in": "header", "name": 7},
        "e": {"type": "http", "scheme": "basic", "name": "plain"},
    }
    text = json.dumps({"openapi": "3.1.0", "info": {}, "paths": {}, "components": {"securitySchemes": schemes}})
    assert not is_secret_parameter("k")
    parse_document(text.encode(), "a.json")
    assert is_secret_parameter("k")
    assert is_secret_parameter("x-pass-through")
    assert not is_secret_parameter("accept")
    assert not is_secret_parameter("plain")
