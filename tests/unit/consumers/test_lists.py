"""Schemas of lists of which certain items are read: written, read back, put together, judged."""

from __future__ import annotations

import pytest

from tests.unit.consumers.documents import rules
from tests.unit.consumers.test_checking_answers import expecting
from zeues_contracts.consumers.forms import FormError, expand_expectation, short_expectation
from zeues_contracts.consumers.lists import of_some, some_item
from zeues_contracts.consumers.merging import join

NAMED = "{type: object, properties: {name: {type: string}, more: {type: string}}, required: [name]}"
OTHER = "{type: object, properties: {kind: {const: other}}, required: [kind]}"
FORMS = [
    {"$first": [{"name": "str"}]},
    {"$first": ["any", {"name": "str"}]},
    {"$some": {"name": "str"}},
    {"$all-of": [[{"name": "str"}], {"$first": [{"id": "int"}]}, {"$some": {"n": 1}}]},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_forms_are_read_back_as_they_are_written(form):
    schema, may_miss = expand_expectation(form)
    assert not may_miss
    assert short_expectation(schema) == form


@pytest.mark.parametrize("form", [{"$first": {"a": "int"}}, {"$first": []}, {"$all-of": []}], ids=str)
def test_what_holds_no_list_of_forms_is_refused(form):
    with pytest.raises(FormError, match="holds the list"):
        expand_expectation(form)


def test_an_item_that_was_picked():
    assert of_some(some_item({"type": "string"})) == {"type": "string"}
    for other in ({}, True, {"type": "array"}, {"type": "array", "anyOf": [{"maxItems": 1}, {"contains": {}}]}):
        assert of_some(other) is None


def test_what_is_relied_on_at_one_time_and_another():
    each, first, some = (expand_expectation(one)[0] for one in ([{"a": "int"}], {"$first": [{"b": "str"}]}, FORMS[2]))
    assert short_expectation(join(join(each, first), some)) == {
        "$all-of": [[{"a": "int"}], {"$first": [{"b": "str"}]}, {"$some": {"name": "str"}}]
    }
    assert join(first, each) == join(each, first)
    assert join(each, {"type": "array"}) == each
    assert short_expectation(join(first, first)) == {"$first": [{"b": "str"}]}


@pytest.mark.parametrize(
    ("items", "body", "fired", "message"),
    [
        (NAMED, "{$some: {name: str}}", [], ""),
        (NAMED, "{$first: [{name: str}]}", [], ""),
        (NAMED, "{$all-of: [[{name: str}], {$some: {name: str}}]}", [], ""),
        (NAMED, "{$some: {gone: str}}", ["ZC341"], "relies on `[].gone` (200), which is not documented"),
        (NAMED, "{$some: {more: str}}", ["ZC342"], "relies on `[].more` (200), which is optional"),
        (NAMED, "{$first: [{gone: str}]}", ["ZC341"], "relies on `[0].gone` (200), which is not documented"),
        (NAMED, "{$first: [any, {name: int}]}", ["ZC340"], "expects an integer at `[1].name` (200)"),
        (NAMED, "{$all-of: [[{name: str}], {$some: {gone: str}}]}", ["ZC341"], "relies on `[].gone`"),
        (f"{{anyOf: [{NAMED}, {OTHER}]}}", "{$some: {name: str}}", ["ZC342"], "relies on `[].name`"),
    ],
)
def test_items_that_were_picked_may_be_any_that_is_documented(items, body, fired, message):
    findings = expecting(f"{{type: array, items: {items}}}", body)
    assert rules(findings) == fired
    assert all(message in one.message for one in findings)


def test_a_list_of_which_one_item_is_read_is_a_list():
    findings = expecting("{type: object, properties: {things: {type: array}}}", "{$some: {name: str}}")
    assert rules(findings) == ["ZC340"]
    assert "expects a list as the body (200)" in findings[0].message
