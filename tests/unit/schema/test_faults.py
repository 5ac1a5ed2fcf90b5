"""What both validators have against a value: where it stands in the value, and where it is written in the document."""

from __future__ import annotations

from typing import Any

import pytest

from zeues_contracts.schema.faults import MAX_FAULTS, faults
from zeues_contracts.schema.types import Dialect, Direction, Resource, Settings

PLAIN = Settings()


def _told(schema: Any, value: Any, settings: Settings = PLAIN, **more: Any) -> list[tuple[str, str, str]] | None:
    dialect = more.pop("dialect", Dialect.OPENAPI_3_1)
    found = faults(Resource({"a/b": schema}, dialect).schema("/a~1b"), value, settings, **more)
    return None if found is None else [(one.pointer, one.keyword, one.schema_pointer) for one in found]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, "x", []),
        ({"type": "string"}, 1, [("", "type", "/a~1b/type")]),
        ({"properties": {"x/y": {"items": {"minimum": 3}}}}, {"x/y": [4, 2]},
         [("/x~1y/1", "minimum", "/a~1b/properties/x~1y/items/minimum")]),
        ({"prefixItems": [True, {"type": "string"}]}, [1, 2], [("/1", "type", "/a~1b/prefixItems/1/type")]),
        ({"allOf": [{}, {"required": ["n"]}]}, {}, [("", "required", "/a~1b/allOf/1/required")]),
        ({"patternProperties": {"^a/": {"type": "null"}}}, {"a/b": 1},
         [("/a~1b", "type", "/a~1b/patternProperties/^a~1/type")]),
        ({"$defs": {"N": {"properties": {"next": {"$ref": "#/a~1b/$defs/N"}, "v": {"type": "integer"}}}},
          "$ref": "#/a~1b/$defs/N"}, {"next": {"next": {"v": "x"}}},
         [("/next/next/v", "type", "/a~1b/$defs/N/properties/v/type")]),
    ],
)  # fmt: skip
def test_both_places_of_a_fault(schema: Any, value: Any, expected: list[tuple[str, str, str]]) -> None:
    assert _told(schema, value) == expected


def test_words_of_older_dialects_are_found_where_they_are_written() -> None:
    old = {"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}
    assert _told(old, ["a", "b"], dialect=Dialect.DRAFT_7) == [("/1", "type", "/a~1b/additionalItems/type")]
    assert _told(old, [1], dialect=Dialect.DRAFT_7) == [("/0", "type", "/a~1b/items/0/type")]
    bound = {"minimum": 0, "exclusiveMinimum": True}
    assert _told(bound, 0, dialect=Dialect.OPENAPI_3_0) == [("", "exclusiveMinimum", "/a~1b/exclusiveMinimum")]
    # `nullable` beside a combination becomes a choice, which is written nowhere: the schema's own place is told.
    either = {"nullable": True, "allOf": [{"type": "string"}]}
    assert _told(either, None, dialect=Dialect.OPENAPI_3_0) == []
    assert _told(either, 1, dialect=Dialect.OPENAPI_3_0) == [("", "anyOf", "/a~1b/anyOf")]


def test_a_place_in_another_document_is_not_taken_for_one_of_this() -> None:
    other = Resource({"T": {"type": "integer"}}, uri="file:///other.json")
    resource = Resource({"$ref": "file:///other.json#/T"}, others={"file:///other.json": other})
    (found,) = faults(resource.schema(), "x", PLAIN) or ()
    assert (found.keyword, found.schema_pointer) == ("type", "")


def test_what_is_missing_and_what_is_no_format() -> None:
    schema = {"required": ["id"], "properties": {"day": {"type": "string", "format": "date"}}}
    resource = Resource(schema)
    found = faults(resource.schema(), {"day": "monday"}, PLAIN, formats=True) or ()
    assert {(one.keyword, one.missing, one.format) for one in found} == {("required", "id", ""), ("format", "", "date")}
    assert [one.keyword for one in faults(resource.schema(), {"day": "monday"}, PLAIN) or ()] == ["required"]
    # A choice that is wrong for its format alone is no fault: formats are annotations.
    assert _told({"anyOf": [{"format": "date", "type": "string"}]}, "x", formats=True) is None


def test_what_goes_one_way_may_be_left_out_and_is_judged_where_it_is_sent() -> None:
    schema = {"required": ["p"], "properties": {"p": {"type": "string", "writeOnly": True}}}
    closed = {**schema, "additionalProperties": False}
    one_way = Settings(direction=Direction.RESPONSE, marked_stay=True)
    for given in (schema, closed):
        assert _told(given, {}, one_way) == []
        assert _told(given, {"p": "x"}, one_way) == []
        assert _told(given, {"p": 1}, one_way) == [("/p", "type", "/a~1b/properties/p/type")]
    dropped = Settings(direction=Direction.RESPONSE)
    assert _told(closed, {"p": "x"}, dropped) == [("", "additionalProperties", "/a~1b/additionalProperties")]
    assert [one for one, _, _ in _told(schema, {}, Settings(direction=Direction.REQUEST)) or ()] == [""]


def test_of_many_faults_some_are_told() -> None:
    assert len(_told({"items": {"type": "string"}}, list(range(1000))) or ()) == MAX_FAULTS


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#/nowhere"}, 1),
        ({"$ref": "https://example.invalid/schema.json"}, 1),
        ({"type": "string"}, {"x": float("inf")}),
        ({"type": "integer"}, "\ud800"),
    ],
)
def test_what_cannot_be_judged_is_no_fault(schema: Any, value: Any) -> None:
    assert _told(schema, value) is None


def test_deep_values_are_not_judged() -> None:
    value: Any = 1
    for _ in range(400):
        value = [value]
    assert _told({"type": "string"}, value) is None


def test_a_pattern_that_backtracks_without_end_does_not_stop_anybody() -> None:
    assert _told({"pattern": "^(a+)+$"}, "a" * 60 + "!") == [("", "pattern", "/a~1b/pattern")]
