from __future__ import annotations

import json
from pathlib import Path

from tests.unit.snapshots.project import Project
from zeues_contracts.drift import drift
from zeues_contracts.openapi import load, parse_document
from zeues_contracts.snapshots.contents import FILES_KEY, contents_of
from zeues_contracts.snapshots.updating import Approval, approve, current_digest

MAIN = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      parameters:
        - $ref: "common/parts.yaml#/parameters/Page"
      responses:
        200:
          description: all
          content:
            application/json:
              schema: {$ref: "common/parts.yaml#/schemas/Orders"}
components:
  schemas:
    Local: {type: string}
"""
PARTS = """
parameters:
  Page: {name: page, in: query, schema: {type: integer}}
schemas:
  Orders: {type: array, items: {$ref: "#/schemas/Order"}}
  Order:
    type: object
    properties:
      id: {$ref: "more.yaml"}
      local: {$ref: "../main.yaml#/components/schemas/Local"}
"""
MORE = "{type: integer, minimum: 1}"


def write(folder: Path) -> Path:
    (folder / "common").mkdir()
    (folder / "main.yaml").write_text(MAIN)
    (folder / "common" / "parts.yaml").write_text(PARTS)
    (folder / "common" / "more.yaml").write_text(MORE)
    return folder / "main.yaml"


def test_a_document_of_several_files_becomes_one_that_means_the_same(tmp_path: Path) -> None:
    live = load(str(write(tmp_path)))
    contents = contents_of(live)
    data = json.dumps(contents).encode()
    alone = parse_document(data, "snapshot", external_refs="none")
    assert alone.notes == live.notes
    assert [one.message for one in drift(alone, live).findings] == []
    assert [one.message for one in drift(live, alone).findings] == []
    assert sorted(contents[FILES_KEY]) == ["more.yaml", "parts.yaml"]
    order = contents[FILES_KEY]["parts.yaml"]["schemas"]["Order"]["properties"]
    assert order["local"] == {"$ref": "#/components/schemas/Local"}
    assert str(tmp_path) not in data.decode()


def test_a_change_in_a_further_file_is_seen_against_the_snapshot(tmp_path: Path) -> None:
    main = write(tmp_path)
    before = parse_document(json.dumps(contents_of(load(str(main)))).encode(), "snapshot", external_refs="none")
    (tmp_path / "common" / "more.yaml").write_text("{type: string}")
    assert any(one.level.value == "error" for one in drift(before, load(str(main))).findings)


def test_a_document_of_one_file_is_kept_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}')
    live = load(str(tmp_path / "a.json"))
    assert contents_of(live) is live.raw


def test_keys_that_yaml_made_numbers_are_text(project: Project) -> None:
    project.live(MAIN.replace('"common/parts.yaml#/parameters/Page"', '"#/components/parameters/None"'))
    (project.folder / "live.json").rename(project.folder / "live.yaml")
    (project.folder / "zeues-contracts.toml").write_text('[services.shop]\ndocument = "live.yaml"\n')
    project.ok("snapshot", "update")
    assert list(project.contents()["paths"]["/orders"]["get"]["responses"]) == ["200"]
    assert "nothing has changed" in project.ok("snapshot", "update")


def test_swagger_2_is_kept_as_swagger_2(project: Project) -> None:
    project.live(
        {"swagger": "2.0", "info": {"title": "Old", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}
    )
    project.ok("snapshot", "update")
    assert project.contents()["swagger"] == "2.0"
    assert project.run("snapshot", "diff")[0] == 0


def test_integers_beyond_64_bits_and_odd_text_survive(project: Project) -> None:
    value = {
        "openapi": "3.1.0",
        "info": {"title": "\u202e\u0000é", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Big": {"const": 2**70}}},
    }
    approve(project.files, value, Approval(), action="update", seen=current_digest(project.files))
    assert project.contents() == value
    assert project.run("snapshot", "verify")[0] == 0
