"""Documents that are not clean: whatever stands anywhere, drift says something of it and never fails."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import yaml

from tests.unit.drift.documents import compare
from tests.unit.drift.sample import SAMPLE
from zeues_contracts.drift import drift
from zeues_contracts.errors import ZeuesContractsError
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.rules.drift.examples import taken, things

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", "x", "#/components/schemas/Thing", "#/nowhere", [], {}, [None], [[]], {"": ""},
    {"$ref": ""}, {"$ref": "#/components/schemas/Thing"}, {"$ref": "#/paths"}, {"$ref": 5}, {"type": "nothing"},
    {"x": {"$ref": "other.yaml#/a"}}, ["a", 1, None], {"deprecated": "yes", "x-sunset": 5}, {"enum": 5},
    {"required": True},
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        found += places(value, (*path, key))
    return found


def spoiled(raw: Any, chance: random.Random) -> Any:
    out = json.loads(json.dumps(raw))
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(places(out))
        node = out
        for key in path[:-1]:
            node = node[key]
        if chance.random() < 0.2 and isinstance(node, dict):
            del node[path[-1]]
        else:
            node[path[-1]] = json.loads(json.dumps(chance.choice(JUNK)))
    return out


@pytest.mark.parametrize("seed", range(150))
def test_a_spoiled_document_is_compared(seed: int) -> None:
    raw = yaml.safe_load(SAMPLE)
    chance = random.Random(seed)
    new = spoiled(raw, chance)
    try:
        documents = [document_from_mapping(raw, "old"), document_from_mapping(new, "new")]
    except ZeuesContractsError:
        return  # what cannot be loaded says so
    for old, other in (documents, documents[::-1]):
        for finding in drift(old, other).findings:
            assert finding.message
            json.dumps(finding.evidence.before, default=str)
    assert drift(documents[1], document_from_mapping(json.loads(json.dumps(new)), "again")).findings == ()


@pytest.mark.parametrize("depth", [50, 400])
def test_a_deep_schema_ends(depth: int) -> None:
    def deep(leaf: Any) -> Any:
        schema = leaf
        for _ in range(depth):
            schema = {"type": "object", "properties": {"a": schema}}
        body = {"content": {"application/json": {"schema": schema}}, "description": "OK"}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Deep", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": body}}}},
        }

    try:
        old, new = (document_from_mapping(deep({"type": kind}), kind) for kind in ("string", "integer"))
    except ZeuesContractsError:
        return
    assert any(one.level != "info" for one in drift(old, new).findings)


@pytest.mark.parametrize(
    "reference", ["http://[bad", "http://[bad#/a", "//[", "http://a.example:x/y", "\u0000", "#/%zz"]
)
def test_a_reference_that_is_no_address_leads_nowhere(reference: str) -> None:
    text = json.dumps(reference)
    old, new = taken("{type: string}"), taken(f"{{$ref: {text}}}")
    for one, other in ((old, new), (new, old), (new, new)):
        compare(one, other)
    named = "{oneOf: [{type: object}], discriminator: {propertyName: k, mapping: {a: %s}}}"
    compare(taken(named % text), taken(named % "x"))


@pytest.mark.parametrize(
    "junk", ["5", "[]", "{}", "null", "[{}]", "{type: {}}", "{contentType: 5, headers: [], style: {}}"]
)
def test_encodings_that_are_none_do_no_harm(junk: str) -> None:
    def form(encoding: str, schema: str) -> str:
        content = f"{{multipart/form-data: {{schema: {schema}, encoding: {encoding}}}}}"
        return things(f"requestBody: {{content: {content}}}")

    plain = "{type: object, properties: {a: {type: string}}}"
    for encoding in (junk, f"{{a: {junk}}}"):
        for schema in (plain, f"{{type: object, properties: {{a: {junk}}}}}", junk):
            compare(form("{a: {contentType: text/csv}}", plain), form(encoding, schema))
            compare(form(encoding, schema), form("{a: {contentType: text/csv}}", plain))
