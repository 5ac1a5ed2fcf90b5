"""What a reference leads to now is what counts: a target that is gone, and one that was another component before."""

from __future__ import annotations

import pytest

from tests.unit.drift.documents import above_info, compare, only, slugs
from zeues_contracts.rules.drift.examples import api

TOKEN = "{type: object, properties: {id: {type: string}}}"
DATED = "{type: object, properties: {id: {type: string}, createdAt: {type: string}}}"


def exchanged(schemas: str, taken: str, given: str) -> str:
    """A document with one operation, from a table of schemas and the names of those that it takes and gives."""
    content = "content: {{application/json: {{schema: {{$ref: '#/components/schemas/{}'}}}}}}"
    operation = (
        f"{{requestBody: {{required: true, {content.format(taken)}}}, "
        f"responses: {{'200': {{description: OK, {content.format(given)}}}}}}}"
    )
    return api(f"{{/x: {{post: {operation}}}}}", f"components: {{schemas: {schemas}}}\n")


def holding(name: str) -> str:
    """A schema that holds another by way of a list."""
    return f"{{type: object, properties: {{tokens: {{type: array, items: {{$ref: '#/components/schemas/{name}'}}}}}}}}"


@pytest.mark.parametrize(
    ("old", "new", "used"),
    [
        ("{T: {type: string}}", "{}", "T"),
        (f"{{T: {{type: string}}, U: {holding('T')}}}", f"{{U: {holding('T')}}}", "U"),
    ],
)
def test_a_reference_whose_target_is_gone_is_undecided(old: str, new: str, used: str) -> None:
    finding = only(compare(exchanged(old, used, used), exchanged(new, used, used)), "schema-undecided")
    assert "schema T" in finding.message
    assert "is gone" in finding.message
    assert finding.operations == ("POST /x",)


def test_a_reference_that_never_led_anywhere_is_no_change() -> None:
    text = exchanged("{}", "T", "T")
    assert slugs(compare(text, text + " ")) == []


def test_a_component_that_nothing_refers_to_any_more_may_go() -> None:
    old = exchanged("{T: {type: string}, V: {type: string}}", "T", "T")
    assert above_info(compare(old, exchanged("{T: {type: string}}", "T", "T"))) == []


def test_a_schema_met_by_another_way_is_the_one_that_it_is_now() -> None:
    old = exchanged(f"{{T: {TOKEN}, D: {DATED}, U: {holding('T')}, V: {holding('D')}}}", "V", "U")
    new = exchanged(f"{{T: {DATED}, U: {holding('T')}}}", "U", "U")
    result = compare(old, new)
    assert above_info(result) == []
    assert "response-property-added" in slugs(result)
