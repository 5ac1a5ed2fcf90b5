"""A media type that comes beside another is no other's content."""

from typing import Any

from zeues_contracts.drift import drift
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.openapi.model import Document

ANALYSIS = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
ANYTHING = {"type": "object", "additionalProperties": True}


def document(**contents: Any) -> Document:
    content = {name.replace("__", "/").replace("_", "+"): {"schema": schema} for name, schema in contents.items()}
    operation = {"responses": {"200": {"description": "", "content": content}}}
    return document_from_mapping(
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}}}, "d.json"
    )


def levels(old: Document, new: Document) -> set[str]:
    return {one.level.value for one in drift(old, new).findings if one.rule != "ZC299"}


def test_a_structured_syntax_beside_json_is_an_alternative() -> None:
    old = document(application__json=ANALYSIS)
    assert levels(old, document(application__json=ANALYSIS, application__sarif_json=ANYTHING)) == {"info"}


def test_what_takes_the_place_of_json_is_held_to_it() -> None:
    assert "error" in levels(document(application__json=ANALYSIS), document(application__hal_json=ANYTHING))
