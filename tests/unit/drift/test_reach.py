"""Who is touched by a component that changed, by whichever way they come to it."""

from typing import Any

from zeues_contracts.drift import drift
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.openapi.model import Document


def content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def document(kind: str) -> Document:
    """``X`` is met in a choice by an operation, and alone by a webhook."""
    choice = {"anyOf": [{"$ref": "#/components/schemas/X"}, {"$ref": "#/components/schemas/Y"}]}
    sent = {"requestBody": content({"$ref": "#/components/schemas/X"}), "responses": {"200": {"description": ""}}}
    return document_from_mapping(
        {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "", **content(choice)}}}}},
            "webhooks": {"w": {"post": sent}},
            "components": {
                "schemas": {
                    "X": {"type": "object", "required": ["n"], "properties": {"n": {"type": kind}}},
                    "Y": {"type": "object", "required": ["m"], "properties": {"m": {"type": "integer"}}},
                }
            },
        },
        "d.json",
    )


def test_a_webhook_that_refers_to_a_component_which_others_meet_in_a_choice():
    found = [one for one in drift(document("integer"), document("string")).findings if one.level.value == "error"]
    assert {name for one in found for name in one.operations} == {"GET /a", "POST w"}


def test_texts_of_an_operation_are_told_without_a_judgement_and_names_are_no_texts():
    def written(text: str, header: str) -> Document:
        response = {"description": text, "headers": {"title": {"schema": {"type": header}}}}
        operation = {"summary": text, "responses": {"200": response}}
        return document_from_mapping(
            {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}}}, "d.json"
        )

    assert {one.level.value for one in drift(written("a", "integer"), written("b", "integer")).findings} == {"info"}
    changed = drift(written("a", "integer"), written("a", "string")).findings
    assert any("header title" in one.message and one.level.value == "error" for one in changed)
