"""What a query or a form can carry decides what a change of it means: no null, and a list one value at a time."""

from __future__ import annotations

import pytest

from tests.unit.drift.documents import above_info, compare, slugs, told
from zeues_contracts.rules.drift.examples import things

BINARY = "{type: string, format: binary}"


def listed(item: str) -> str:
    return f"{{type: array, items: {item}}}"


def query(schema: str, more: str = "") -> str:
    return things(f"parameters: [{{name: q, in: query, {more}schema: {schema}}}]", method="get")


def form(schema: str, media: str = "multipart/form-data") -> str:
    body = f"{{type: object, properties: {{f: {schema}}}}}"
    return things(f"requestBody: {{content: {{{media}: {{schema: {body}}}}}}}")


@pytest.mark.parametrize(
    ("many", "single"),
    [
        (listed("{type: string}"), "{type: string}"),
        (listed("{type: integer}"), "{type: integer}"),
        (f"{{anyOf: [{listed('{type: string}')}, {{type: 'null'}}]}}", "{type: string}"),
        (listed("{type: string}"), "{anyOf: [{type: string}, {type: 'null'}]}"),
    ],
)
def test_a_list_in_a_query_that_becomes_one_value_breaks_and_the_other_way_it_does_not(many: str, single: str) -> None:
    assert [one.rule for one in above_info(compare(query(many), query(single)))] == ["ZC264"]
    assert above_info(compare(query(single), query(many))) == []


def test_a_list_of_other_values_is_no_widening() -> None:
    assert above_info(compare(query("{type: string}"), query(listed("{type: integer}")))) != []
    two = "{type: array, minItems: 2, items: {type: integer}}"
    assert above_info(compare(query("{type: integer}"), query(two))) != []


@pytest.mark.parametrize("media", ["multipart/form-data", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("item", [BINARY, "{type: integer}"])
def test_a_field_of_many_parts_that_becomes_one_breaks_and_the_other_way_it_does_not(media: str, item: str) -> None:
    assert [one.rule for one in above_info(compare(form(listed(item), media), form(item, media)))] == ["ZC264"]
    assert above_info(compare(form(item, media), form(listed(item), media))) == []


@pytest.mark.parametrize("write", [query, form])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{anyOf: [{type: integer}, {type: 'null'}]}", "{type: integer}"),
        ("{type: [integer, 'null']}", "{type: integer}"),
        ("{enum: [a, null]}", "{enum: [a]}"),
    ],
)
def test_a_null_that_could_not_be_sent_is_not_missed(write, old: str, new: str) -> None:
    assert told(compare(write(old), write(new))) == []


def test_in_json_a_null_is_missed() -> None:
    old = form("{type: [integer, 'null']}", "application/json")
    assert slugs(compare(old, form("{type: integer}", "application/json")))[0] == "request-null-refused"
