"""What is only text: told once for each owner, and taken apart for those who want to read it."""

from typing import Any

from zeues_contracts.drift import DriftResult, drift
from zeues_contracts.findings import Finding
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.openapi.model import Document


def document(example: Any, summary: str = "s") -> Document:
    operation = {"summary": summary, "responses": {"200": {"description": "", "x-sample": example}}}
    return document_from_mapping(
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}}}, "d.json"
    )


def told(result: DriftResult) -> Finding:
    (found,) = [one for one in result.findings if one.rule == "ZC298"]
    return found


def test_values_are_taken_apart_by_deepdiff_where_that_is_wanted() -> None:
    old, new = document({"a": 1, "b": [1, 2]}), document({"a": 2, "b": [1, 2]})
    spoken, plain = told(drift(old, new)), told(drift(old, new, values=False))
    assert spoken.evidence.details == ("responses/200/x-sample: Value of root['a'] changed from 1 to 2.",)
    assert plain.evidence.details == ()
    # What explains is no part of what changed: a decision on the one is one on the other.
    assert (spoken.fingerprint, spoken.state, spoken.message) == (plain.fingerprint, plain.state, plain.message)


def test_several_texts_of_one_owner_are_one_finding() -> None:
    found = told(drift(document({"a": 1}, "one"), document({"a": 2}, "two"), values=False))
    assert found.message == "operation: 2 texts changed"
    assert found.evidence.details == ("responses/200/x-sample changed", "summary changed")
