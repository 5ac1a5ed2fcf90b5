"""Differences as people read them: where, what, which way; and nothing where nothing changed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.schema.difference import MISSING, Change, Way, differ, difference
from zeues_contracts.schema.types import Answer, Dialect, Direction, Proven, Resource, Schema, Settings

from . import generation

D2020, OA30, OA31 = Dialect.DRAFT_2020_12, Dialect.OPENAPI_3_0, Dialect.OPENAPI_3_1
INTEGER, STRING, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}


def changes(old: Any, new: Any, dialect: Dialect = D2020, **given_settings: Any) -> tuple[Change, ...]:
    found = Settings(**given_settings) if given_settings else None
    return difference(Resource(old, dialect).schema(), Resource(new, dialect).schema(), settings=found)


def told(old: Any, new: Any, dialect: Dialect = D2020, **given_settings: Any) -> list[str]:
    return [f"{change} ({change.direction})" for change in changes(old, new, dialect, **given_settings)]


def record(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # assertions
        ({**INTEGER, "minimum": 0}, {**INTEGER, "minimum": 1}, ["the value: minimum 0 became 1 (narrowed)"]),
        ({**INTEGER, "maximum": 5}, INTEGER, ["the value: maximum 5 was removed (widened)"]),
        (
            {"type": "number", "minimum": 0},
            {"type": "number", "exclusiveMinimum": 0},
            ["the value: minimum 0 became exclusiveMinimum 0 (narrowed)"],
        ),
        ({**STRING, "maxLength": 5}, {**STRING, "maxLength": 9}, ["the value: maxLength 5 became 9 (widened)"]),
        (
            {**STRING, "pattern": "^a"},
            {**STRING, "pattern": "^ab"},
            ['the value: pattern "^a" became "^ab" (narrowed)'],
        ),
        ({**INTEGER, "multipleOf": 2}, {**INTEGER, "multipleOf": 4}, ["the value: multipleOf 2 became 4 (narrowed)"]),
        ({**INTEGER, "multipleOf": 2}, {**INTEGER, "multipleOf": 3}, ["the value: multipleOf 2 became 3 (both)"]),
        (STRING, INTEGER, ["the value: type string became integer (both)"]),
        (INTEGER, {"type": "number"}, ["the value: type integer became number (widened)"]),
        ({}, STRING, ["the value: type string was added (narrowed)"]),
        ({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, ['the value: gained "c" (widened)']),
        ({"enum": ["a", "b"]}, {"enum": ["a", "c"]}, ['the value: lost "b" and gained "c" (both)']),
        ({"const": "v1"}, {"const": "v2"}, ['the value: "v1" became "v2" (both)']),
        (STRING, {**STRING, "enum": ["a", "b"]}, ['the value: is now one of "a", "b" (narrowed)']),
        ({**STRING, "enum": ["a"]}, STRING, ['the value: is no longer "a" alone (widened)']),
        (
            {"type": "array", "items": STRING},
            {"type": "array", "items": STRING, "uniqueItems": True},
            ["the value: items must now be unique (narrowed)"],
        ),
        # null
        (STRING, {"anyOf": [STRING, NULL]}, ["the value: may be null now (widened)"]),
        ({"type": ["string", "null"]}, STRING, ["the value: may no longer be null (narrowed)"]),
        (
            record(end={**STRING, "maxLength": 3}),
            record(end={"anyOf": [{**STRING, "maxLength": 4}, NULL]}),
            ["end: may be null now (widened)", "end: maxLength 3 became 4 (widened)"],
        ),
        # objects
        (
            record(items=record(worker_id={**INTEGER, "minimum": 0})),
            record(items=record(worker_id={**INTEGER, "minimum": 1})),
            ["items/worker_id: minimum 0 became 1 (narrowed)"],
        ),
        (record(a=STRING), record(a=STRING, b=INTEGER), ["b: was added (narrowed)"]),
        (record(a=STRING, b=INTEGER), record(a=STRING), ["b: was removed (widened)"]),
        (
            {**record(a=STRING), "required": ["a"]},
            {**record(a=STRING, b={}), "required": ["a", "b"]},
            ["b: was added (equal)", "b: is required (narrowed)"],
        ),
        (
            {**record(a=STRING, b=STRING), "required": ["a"]},
            {**record(a=STRING, b=STRING), "required": ["b"]},
            ["a: is no longer required (widened)", "b: became required (narrowed)"],
        ),
        (
            record(a=STRING),
            {**record(a=STRING), "additionalProperties": False},
            ["the value: additional properties are no longer allowed (narrowed)"],
        ),
        (
            {"type": "object", "additionalProperties": INTEGER},
            {"type": "object", "additionalProperties": {"type": "number"}},
            ["{*}: type integer became number (widened)"],
        ),
        (
            {"patternProperties": {"^x": INTEGER}},
            {"patternProperties": {"^x": {"type": "number"}}},
            ["{^x}: type integer became number (widened)"],
        ),
        (
            {"type": "object", "dependentRequired": {"a": ["b"]}},
            {"type": "object", "dependentRequired": {"a": ["b", "c"]}},
            ['the value: with "a", "b" became "b", "c" among the required (narrowed)'],
        ),
        # arrays
        (
            {"type": "array", "items": record(id=INTEGER)},
            {"type": "array", "items": record(id=STRING)},
            ["[]/id: type integer became string (both)"],
        ),
        (
            {"prefixItems": [STRING, INTEGER]},
            {"prefixItems": [STRING, {"type": "number"}]},
            ["[1]: type integer became number (widened)"],
        ),
        # choices
        (
            {"anyOf": [STRING, INTEGER]},
            {"anyOf": [INTEGER, {"type": "boolean"}, STRING]},
            ["the value: may also be boolean (widened)"],
        ),
        (STRING, {"anyOf": [INTEGER, STRING]}, ["the value: may also be integer (widened)"]),
        (
            {"type": ["string", "integer"]},
            {"anyOf": [INTEGER, {"type": "boolean"}, STRING]},
            ["the value: may also be boolean (widened)"],
        ),
        (
            {
                "oneOf": [
                    {**record(kind={"const": "cat"}, lives={**INTEGER, "maximum": 9}), "required": ["kind"]},
                    {**record(kind={"const": "dog"}), "required": ["kind"]},
                ]
            },
            {
                "oneOf": [
                    {**record(kind={"const": "dog"}), "required": ["kind"]},
                    {**record(kind={"const": "cat"}, lives={**INTEGER, "maximum": 7}), "required": ["kind"]},
                ]
            },
            ["lives: maximum 9 became 7 (narrowed)"],
        ),
        ({"not": {"minimum": 1}}, {"not": {"minimum": 2}}, ["the value: minimum 1 became 2 (widened)"]),
        (True, False, ["the value: accepts less than before (narrowed)"]),
        # annotations
        (
            {**STRING, "format": "date"},
            {**STRING, "format": "uuid"},
            ['the value: format "date" became "uuid" (equal)'],
        ),
        (
            {**INTEGER, "default": 1},
            {**INTEGER, "default": True},
            ["the value: default 1 became true (equal)"],
        ),
    ],
)
def test_a_change_is_told(old: Any, new: Any, expected: list[str]) -> None:
    assert told(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": "string", "const": "a"}, {"const": "a"}),
        ({"anyOf": [STRING, NULL]}, {"type": ["string", "null"]}),
        ({"anyOf": [STRING, INTEGER]}, {"anyOf": [INTEGER, STRING]}),
        ({"allOf": [record(a=STRING)]}, record(a=STRING)),
        ({"allOf": [record(a=STRING), record(b=STRING)]}, record(a=STRING, b=STRING)),
        ({"title": "A", **STRING}, {"title": "B", "description": "b", **STRING}),
        ({"$ref": "#/$defs/A", "$defs": {"A": record(a=STRING)}}, record(a=STRING)),
        (
            {"$ref": "#/$defs/A", "$defs": {"A": record(a=STRING)}},
            {"allOf": [{"$ref": "#/$defs/B"}], "title": "x", "$defs": {"B": record(a=STRING)}},
        ),
        ({**INTEGER, "minimum": 1}, {**INTEGER, "exclusiveMinimum": 0}),
        (record(a=STRING, b=INTEGER), record(b=INTEGER, a=STRING)),
        ({**STRING, "pattern": "^(a|b)$"}, {**STRING, "pattern": "^[ab]$"}),
        ({"enum": [1, 2]}, {"enum": [2.0, 1.0]}),
        ({"if": True, "then": STRING}, STRING),
    ],
)
def test_a_rewrite_is_no_change(old: Any, new: Any) -> None:
    assert told(old, new) == []
    assert told(new, old) == []


def test_pointers_and_fragments_are_those_of_both_documents() -> None:
    old = {"schemas": {"Body": {"$ref": "#/schemas/Item"}, "Item": record(n={**INTEGER, "minimum": 0})}}
    new = {"schemas": {"Body": record(n={**INTEGER, "minimum": 1})}}
    left, right = Resource(old, OA31), Resource(new, OA31)
    (change,) = difference(left.schema("/schemas/Body"), right.schema("/schemas/Body"))
    assert change.path == ("n",)
    assert change.old_pointer == "/schemas/Item/properties/n/minimum"
    assert change.new_pointer == "/schemas/Body/properties/n/minimum"
    assert (change.before, change.after, change.keyword) == (0, 1, "minimum")
    (added,) = changes({}, {"minLength": 1})
    assert (added.old_pointer, added.new_pointer, added.before, added.after) == ("", "/minLength", MISSING, 1)


def test_a_component_is_told_once_and_a_recursive_one_too() -> None:
    def document(least: int) -> dict[str, Any]:
        node = {
            **record(
                id={**INTEGER, "minimum": least},
                next={"anyOf": [{"$ref": "#/$defs/Node"}, NULL]},
                others={"type": "array", "items": {"$ref": "#/$defs/Node"}},
            ),
        }
        return {**record(a={"$ref": "#/$defs/Node"}, b={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}}

    assert told(document(0), document(1)) == ["a/id: minimum 0 became 1 (narrowed)"]
    assert told(document(1), document(1)) == []


def test_nullable_of_openapi_3_0_is_the_null_branch_of_3_1() -> None:
    old = Resource({**record(a={"type": "string", "nullable": True})}, OA30).schema()
    new = Resource({**record(a={"anyOf": [STRING, NULL]})}, OA31).schema()
    assert difference(old, new) == ()
    assert told(record(a=STRING), record(a={"type": "string", "nullable": True}), OA30) == [
        "a: may be null now (widened)"
    ]


def test_a_property_moved_between_branches_of_all_of_is_no_change_beside_a_real_one() -> None:
    old = {"allOf": [record(a=STRING, b=STRING), record(c=INTEGER)]}
    new = {"allOf": [record(a=STRING), record(b=STRING, c={"type": "number"})]}
    assert told(old, new) == ["c: type integer became number (widened)"]


def test_directions_hide_what_does_not_travel() -> None:
    old = record(id={**STRING, "readOnly": True}, name=STRING)
    new = record(id={**INTEGER, "readOnly": True}, name=STRING)
    assert told(old, new, OA31, direction=Direction.REQUEST) == []
    assert told(old, new, OA31, direction=Direction.RESPONSE) == ["id: type string became integer (both)"]


def test_an_asserted_format_is_a_change_of_the_set() -> None:
    assert told(STRING, {**STRING, "format": "uuid"}, format_assertion=True) == [
        'the value: format "uuid" was added (narrowed)'
    ]


def test_no_change_is_silent() -> None:
    old = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
    new = {"if": {"required": ["a"]}, "then": {"required": ["c"]}}
    assert [change.direction for change in changes(old, new)] != []
    assert changes({"$ref": "#/nowhere"}, {"$ref": "#/elsewhere"}) != ()


def test_one_and_true_are_two_values() -> None:
    assert told({"const": 1}, {"const": True}) == ["the value: 1 became true (both)"]
    assert told({"const": 1}, {"const": 1.0}) == []


def test_a_witness_is_at_hand_where_a_list_lost_a_value() -> None:
    (change,) = changes(record(op={"enum": ["ARM", "SOLD"]}), record(op={"enum": ["ARM"]}))
    assert change.witness == "SOLD"
    (change,) = changes(STRING, {"anyOf": [STRING, NULL]})
    assert change.witness is None


def test_the_cost_grows_with_what_changed() -> None:
    """Containment is asked along the way to the change, and of nothing beside it."""

    def document(least: int) -> dict[str, Any]:
        schemas = {f"S{i}": record(next={"$ref": f"#/$defs/S{i + 1}"}, n=INTEGER) for i in range(300)}
        schemas["S300"] = record(n=INTEGER)
        schemas["Leaf"] = record(n={**INTEGER, "minimum": least})
        return {**record(chain={"$ref": "#/$defs/S0"}, leaf={"$ref": "#/$defs/Leaf"}), "$defs": schemas}

    asked: list[str] = []
    old, new = Resource(document(0)).schema(), Resource(document(1)).schema()
    walker = differ()
    engine = walker.contains

    def counted(sub: Schema, sup: Schema) -> Answer:
        asked.append(sub.pointer)
        return engine(sub, sup)

    walker.contains = counted
    assert [str(change) for change in walker.changes(old, new)] == ["leaf/n: minimum 0 became 1"]
    assert len(asked) <= 8
    asked.clear()
    walker.changes(old, new)
    assert asked == []


def test_deep_documents_end() -> None:
    def deep(innermost: dict[str, Any]) -> dict[str, Any]:
        node = innermost
        for _ in range(400):
            node = record(a=node)
        return node

    found = changes(deep(INTEGER), deep(STRING))
    assert len(found) == 1


def test_equal_documents_ask_nothing() -> None:
    def never(sub: Schema, sup: Schema) -> Answer:
        raise AssertionError((sub, sup))

    walker = differ()
    walker.contains = never
    document = {"$ref": "#/$defs/A", "$defs": {"A": record(a={"$ref": "#/$defs/A"})}}
    twin = {"$defs": {"A": record(a={"$ref": "#/$defs/A"})}, "$ref": "#/$defs/A"}
    assert walker.changes(Resource(document).schema(), Resource(twin).schema()) == ()


def test_ways_under_a_negation_are_reversed() -> None:
    assert Way.WIDENED.flipped is Way.NARROWED
    assert Way.BOTH.flipped is Way.BOTH
    assert Proven() == Proven()


@given(st.integers(0, 2**32))
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
def test_a_random_change_is_told_with_its_direction(seed: int) -> None:
    """Nothing is told of what is equal, nothing that differs is kept silent, and no way contradicts containment."""
    rng = random.Random(seed)
    before = generation.schema(rng)
    old, new = Resource(before).schema(), Resource(generation.mutation(before, rng)).schema()
    walker = differ()
    ways = {change.direction for change in walker.changes(old, new)} - {Way.EQUAL}
    loses, gains = walker.contains(old, new), walker.contains(new, old)
    if isinstance(loses, Proven):
        assert not ways & {Way.NARROWED, Way.BOTH}
    if isinstance(gains, Proven):
        assert not ways & {Way.WIDENED, Way.BOTH}
    assert bool(ways) is not (isinstance(loses, Proven) and isinstance(gains, Proven))


def test_every_property_that_became_required_is_told() -> None:
    old = Resource({"properties": {"a": {}, "b": {}}})
    new = Resource({"properties": {"a": {}, "b": {}}, "required": ["a", "b"]})
    said = [(one.where, one.sentence) for one in difference(old.schema(), new.schema())]
    assert said == [("a", "became required"), ("b", "became required")]


CURRENCY = {"$defs": {"C": {"enum": ["EUR", "USD"], "title": "Currency"}}}
REFERENCE = {"$ref": "#/$defs/C"}


def with_member(schema: Any) -> dict[str, Any]:
    return {**CURRENCY, **record(c=schema)}


@pytest.mark.parametrize("nested", [False, True])
def test_what_stands_beside_a_reference_is_read(nested: bool) -> None:
    """Pydantic writes every default of an enumeration so."""

    def place(schema: Any) -> Any:
        return with_member(schema) if nested else {**CURRENCY, **schema}

    where = "c" if nested else "the value"
    old, new = place({**REFERENCE, "default": "EUR"}), place({**REFERENCE, "default": "USD"})
    assert told(old, new) == [f'{where}: default "EUR" became "USD" (equal)']
    # The same in other words: inlined, in allOf, beside null.
    inlined = place({"enum": ["EUR", "USD"], "default": "EUR"})
    wrapped = place({"allOf": [REFERENCE], "default": "EUR"})
    assert told(old, inlined) == told(old, wrapped) == told(inlined, wrapped) == []
    maybe = place({"anyOf": [REFERENCE, NULL], "default": "EUR"})
    assert [one for one in told(maybe, place({"anyOf": [REFERENCE, NULL], "default": "USD"})) if "default" in one]
    # Up to Draft 7 and OpenAPI 3.0 nothing beside a reference counts.
    assert told(old, new, OA30) == told(old, new, Dialect.DRAFT_7) == []


def test_another_type_says_it_all() -> None:
    page = {**record(items={"type": "array"}, total={**INTEGER, "minimum": 0}), "required": ["items", "total"]}
    assert told({"type": "array", "items": INTEGER}, page) == ["the value: type array became object (both)"]
    old, new = record(w={**INTEGER, "exclusiveMinimum": 0}), record(w={**STRING, "minLength": 1})
    assert told(old, new) == ["w: type integer became string (both)"]
    # What overlaps is compared all the same.
    assert len(told({**INTEGER, "minimum": 1}, {"type": "number", "minimum": 2})) == 2


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(9999.0, "9999"), (0.5, "0.5"), (-0.0, "0"), (1e20, "1e+20"), (True, "true"), ([1.0], "[1.0]")],
)
def test_a_whole_number_is_shown_as_one(value: object, wanted: str) -> None:
    from zeues_contracts.schema.difference.values import shown

    assert shown(value) == wanted
