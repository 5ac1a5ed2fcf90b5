"""References to other files: which are read, which are not, and where their places are."""

import json
import os
from pathlib import Path

import pytest

from tests.unit.openapi.servers import Site, document
from zeues_contracts.config import Config, LimitsConfig
from zeues_contracts.openapi import document_notes, load
from zeues_contracts.schema.references import node_at, resolve


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text))

    return write


ROOT = """
openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /a: {$ref: "paths/a.yaml"}
  /b:
    get:
      parameters: [{$ref: "common.yaml#/parameters/Page"}]
      responses:
        "200": {$ref: "common.yaml#/responses/Ok"}
        default: {$ref: "gone.yaml#/x"}
components: {schemas: {Own: {type: string, example: {$ref: "never-read.yaml"}}}}
"""
COMMON = """
parameters:
  Page: {name: page, in: query, schema: {$ref: "schemas/page.json"}}
responses:
  Ok:
    description: ok
    content: {application/json: {schema: {$ref: "schemas/thing.yaml#/Thing"}}}
"""


def test_files_of_the_same_tree(folder):
    folder("openapi.yaml", ROOT)
    folder("paths/a.yaml", 'get:\n  operationId: a\n  responses: {"200": {$ref: "../common.yaml#/responses/Ok"}}\n')
    folder("common.yaml", COMMON)
    folder("schemas/page.json", {"type": "integer", "minimum": 1})
    folder(
        "schemas/thing.yaml",
        'Thing: {type: object, properties: {own: {$ref: "../openapi.yaml#/components/schemas/Own"}}}\n',
    )
    found = load("openapi.yaml")
    a, b = found.operations.values()
    assert a.operation_id == "a"
    uri = Path("paths/a.yaml").absolute().as_uri()
    assert a.pointer == f"{uri}#/get"
    assert found.place(a.pointer).source == os.path.join("paths", "a.yaml")
    assert found.place(a.pointer).line == 1
    (page,) = b.parameters
    assert resolve(page.schema, "schemas/page.json") is not None
    assert page.pointer.endswith("common.yaml#/parameters/Page")
    place = found.place(page.schema, "snapshot")
    assert (place.source, place.pointer, place.line, place.role) == (
        "common.yaml",
        "/parameters/Page/schema",
        3,
        "snapshot",
    )
    thing = resolve(b.responses["200"].content["application/json"].schema, "schemas/thing.yaml#/Thing")
    own = resolve(thing, "../openapi.yaml#/components/schemas/Own")
    assert own.resource is found.resource
    assert node_at(own)["type"] == "string"
    external = [note for note in found.notes if note.kind == "external"]
    assert [note.pointer for note in external] == ["/paths/~1b/get/responses/default"]
    assert "gone.yaml" in external[0].message
    assert "default" in b.responses
    assert len(document_notes(found)) >= 1


@pytest.mark.parametrize(
    "reference",
    ["../../secret.yaml#/x", "/etc/passwd", "file:///etc/passwd#/x", "link.yaml#/x", "sub", "../secret.yaml"],
)
def test_files_elsewhere_are_not_read(folder, tmp_path, reference):
    folder("secret.yaml", "x: {description: secret}")
    folder(
        "api/openapi.yaml",
        f'openapi: 3.1.0\npaths: {{/a: {{get: {{responses: {{"200": {{$ref: "{reference}"}}}}}}}}}}\n',
    )
    folder("api/sub/x.yaml", "x: 1")
    Path("api/link.yaml").symlink_to(tmp_path / "secret.yaml")
    found = load("api/openapi.yaml")
    assert not found.texts
    assert [note.kind for note in found.notes] == ["external"]
    assert next(iter(found.operations.values())).responses["200"].description == ""


def test_the_project_is_the_tree_where_there_is_one(folder, tmp_path):
    folder("common/c.yaml", "Ok: {description: shared}")
    folder(
        "api/openapi.yaml", 'openapi: 3.1.0\npaths: {/a: {get: {responses: {"200": {$ref: "../common/c.yaml#/Ok"}}}}}\n'
    )
    config = Config(root=str(tmp_path), source=str(tmp_path / "zeues-contracts.toml"))
    (only,) = load("api/openapi.yaml", config=config).operations.values()
    assert only.responses["200"].description == "shared"


def test_none_and_local_and_network(folder):
    pages = {
        "/c.yaml": (200, "Ok: {description: far, content: {application/json: {schema: {$ref: 'd.json#/D'}}}}"),
        "/d.json": (200, {"D": {"type": "integer"}}),
    }
    with Site(pages) as site:
        folder(
            "o.yaml",
            f'openapi: 3.1.0\npaths: {{/a: {{get: {{responses: {{"200": {{$ref: "{site.url}/c.yaml#/Ok"}}}}}}}}}}\n',
        )
        for mode in ("none", "local"):
            found = load("o.yaml", config=Config(external_refs=mode))
            assert not found.texts
            assert not site.asked
        found = load("o.yaml", config=Config(external_refs="network"))
        (only,) = found.operations.values()
        assert only.responses["200"].description == "far"
        schema = only.responses["200"].content["application/json"].schema
        assert node_at(resolve(schema, "d.json#/D")) == {"type": "integer"}
        assert found.place(schema).source == site.url + "/c.yaml"


def test_a_fetched_document_reads_no_files_and_keeps_credentials_home(folder, tmp_path):
    folder("local.yaml", "Ok: {description: mine}")
    with Site({"/x.yaml": (200, "Ok: {description: far}")}) as other, Site({}) as site:
        refs = {
            "200": {"$ref": f"{tmp_path.as_uri()}/local.yaml#/Ok"},
            "201": {"$ref": f"{other.url}/x.yaml#/Ok"},
            "202": {"$ref": "own.yaml#/Ok"},
        }
        site.pages["/openapi.json"] = (200, document(paths={"/a": {"get": {"responses": refs}}}))
        site.pages["/own.yaml"] = (200, "Ok: {description: near}")
        found = load(site.url + "/openapi.json", config=Config(external_refs="network"), headers={"X-API-Key": "k"})
        (only,) = found.operations.values()
        assert [one.description for one in only.responses.values()] == ["", "far", "near"]
        assert "x-api-key" not in other.asked[0][1]
        assert site.asked[-1][1]["x-api-key"] == "k"


def test_bounds(folder):
    folder("o.json", document(paths={}, x=[{"$ref": f"f{i}.json"} for i in range(1000)]))
    for index in range(1000):
        folder(f"f{index}.json", "{}")
    found = load("o.json")
    assert len(found.texts) < 500
    assert "too many other files" in found.notes[-1].message
    folder("big.json", {"x": "y" * 5000})
    folder("p.json", document(paths={}, x={"$ref": "big.json"}))
    found = load("p.json", config=Config(limits=LimitsConfig(max_bytes=2000)))
    assert "larger than 2000 bytes" in found.notes[0].message


def test_files_that_refer_to_each_other_end(folder):
    folder("o.json", document(paths={"/a": {"$ref": "a.json#/item"}}))
    folder("a.json", {"item": {"$ref": "b.json#/item"}})
    folder("b.json", {"item": {"$ref": "a.json#/item", "get": {"responses": {}}}})
    found = load("o.json")
    assert [str(key) for key in found.keys] == ["GET /a"]


def test_swagger_2_in_pieces(folder):
    folder("s.yaml", "swagger: '2.0'\npaths: {/a: {get: {parameters: [{$ref: 'p.yaml#/Limit'}], responses: {}}}}\n")
    folder("p.yaml", "Limit: {name: limit, in: query, type: integer, required: true}\n")
    (only,) = load("s.yaml").operations.values()
    (limit,) = only.parameters
    assert limit.required
    assert node_at(limit.schema)["type"] == "integer"
    assert "required" not in node_at(limit.schema)
