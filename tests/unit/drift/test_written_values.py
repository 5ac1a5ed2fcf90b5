"""Scalars of parameters and forms are texts: types that write the same texts are the same."""

from __future__ import annotations

import re

import pytest

from tests.unit.drift.documents import above_info, compare, told
from zeues_contracts.drift.texts import texts
from zeues_contracts.openapi.references import look_up
from zeues_contracts.rules.drift.examples import things
from zeues_contracts.schema import Proven, Refuted, contains
from zeues_contracts.schema.types import Resource


def query(schema: str, more: str = "") -> str:
    return things(f"parameters: [{{name: q, in: query, {more}schema: {schema}}}]", method="get")


def form(schema: str) -> str:
    body = f"{{type: object, properties: {{f: {schema}}}}}"
    return things(f"requestBody: {{content: {{application/x-www-form-urlencoded: {{schema: {body}}}}}}}")


def pattern_of(bounds: dict[str, object]) -> str:
    written = texts(Resource({"type": "integer", **bounds}).schema())
    assert written is not None
    node = look_up(written.resource.contents, written.pointer)
    return str(node["pattern"]) if isinstance(node, dict) else "(?!)"


@pytest.mark.parametrize(
    ("low", "high"),
    [(None, None), (0, None), (None, 0), (1, 65535), (-20, 7), (-1200, -31), (99, 1001), (5, 5), (7, 3)],
)
def test_integers_within_bounds_are_written_in_decimals(low: int | None, high: int | None) -> None:
    bounds = {key: value for key, value in (("minimum", low), ("maximum", high)) if value is not None}
    pattern = re.compile(pattern_of(bounds))
    for number in (*range(-1300, 1300), 65534, 65535, 65536, 10**9):
        within = (low is None or number >= low) and (high is None or number <= high)
        assert bool(pattern.match(str(number))) is within, (number, pattern.pattern)


@pytest.mark.parametrize("text", ["", "01", "-0", "+1", "1.0", "1e3", " 1", "0x1"])
def test_no_other_text_is_an_integer(text: str) -> None:
    assert re.match(pattern_of({}), text) is None


@pytest.mark.parametrize(
    ("one", "other", "within"),
    [
        ({"type": "boolean"}, {"enum": ["true", "false", "maybe"]}, True),
        ({"type": "boolean"}, {"enum": ["true"]}, False),
        ({"enum": [1, 2]}, {"enum": ["1", "2", "3"]}, True),
        ({"type": ["integer", "null"]}, {"type": "string"}, True),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "string", "pattern": "^[1-9]"}, True),
        ({"type": "integer"}, {"type": "number"}, True),
        ({"type": "number"}, {"type": "integer"}, False),
        ({"type": "string", "enum": ["7"]}, {"type": "integer", "minimum": 1, "maximum": 9}, True),
        ({"anyOf": [{"type": "integer"}, {"const": "all"}]}, {"type": "string", "minLength": 1}, True),
    ],
)
def test_texts_of_one_type_among_those_of_another(one: object, other: object, within: bool) -> None:
    left, right = texts(Resource(one).schema()), texts(Resource(other).schema())
    assert left is not None
    assert right is not None
    assert isinstance(contains(left, right), Proven if within else Refuted)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array"},
        {"type": "object"},
        {"type": "number", "minimum": 1},
        {"type": "integer", "multipleOf": 3},
        {"not": {"type": "integer"}},
        {"type": "integer", "minimum": 0.5},
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        {"enum": [[1]]},
        {"$ref": "#/nowhere"},
        {"$ref": "#"},
    ],
)
def test_what_cannot_be_said_exactly_is_not_said(schema: object) -> None:
    assert texts(Resource(schema).schema()) is None


@pytest.mark.parametrize("write", [query, form])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{type: integer}", "{type: string, pattern: '^-?\\d+$'}"),
        ("{type: integer, minimum: 0, maximum: 999}", "{type: string, maxLength: 3}"),
        ("{type: boolean}", "{type: string, enum: ['true', 'false']}"),
        ("{type: integer, enum: [1, 2]}", "{type: string, enum: ['1', '2']}"),
        ("{type: string, enum: ['1', '2']}", "{type: integer}"),
        ("{type: array, items: {type: integer}}", "{type: array, items: {type: string}}"),
    ],
)
def test_the_same_texts_in_other_types_break_nobody(write: object, old: str, new: str) -> None:
    assert callable(write)
    assert above_info(compare(write(old), write(new))) == []


@pytest.mark.parametrize(
    ("old", "new", "witness"),
    [
        ("{type: integer}", "{type: string, pattern: '^\\d+$'}", -1),
        ("{type: integer}", "{type: string, maxLength: 3}", None),
        ("{type: boolean}", "{type: string, enum: ['true']}", False),
        ("{type: string}", "{type: integer}", ""),
        ("{type: string, enum: ['1', x]}", "{type: integer}", "x"),
    ],
)
def test_a_text_that_is_refused_is_shown_as_the_value_that_was_sent(old: str, new: str, witness: object) -> None:
    (found,) = above_info(compare(query(old), query(new)))
    assert found.rule == "ZC264"
    assert found.evidence.witness is not None
    if witness is not None:
        assert found.evidence.witness.value == witness
    else:
        assert isinstance(found.evidence.witness.value, int)
        assert len(str(found.evidence.witness.value)) > 3


def test_a_number_that_becomes_a_text_of_a_format_has_to_be_of_it() -> None:
    (found,) = above_info(compare(query("{type: integer}"), query("{type: string, format: uuid}")))
    assert found.rule == "ZC270"


def test_properties_of_an_object_in_a_query_are_texts_too() -> None:
    def filtered(kind: str) -> str:
        return query(f"{{type: object, properties: {{a: {{type: {kind}}}}}}}", "style: deepObject, explode: true, ")

    assert above_info(compare(filtered("integer"), filtered("string"))) == []
    assert above_info(compare(filtered("string"), filtered("integer"))) != []


def test_the_default_of_what_must_be_sent_is_read_by_nobody() -> None:
    old, new = "{type: integer, default: 1}", "{type: integer, default: 5}"
    assert [slug for slug, _ in told(compare(query(old), query(new)))] == ["parameter-default-changed"]
    required = "required: true, "
    assert above_info(compare(query(old, required), query(new, required))) == []
    assert above_info(compare(query("{type: number, default: 1}"), query("{type: number, default: 1.0}"))) == []


def test_an_integer_has_no_reserved_characters() -> None:
    assert above_info(compare(query("{type: integer}", "allowReserved: true, "), query("{type: integer}"))) == []
    assert above_info(compare(query("{type: string}", "allowReserved: true, "), query("{type: string}"))) != []


LIST, TEXT, THING = "{type: array, items: {type: string}}", "{type: string}", "{type: object, properties: {a: {}}}"
NUMBERS, NUMBER = "{type: array, items: {type: integer}}", "{type: integer}"


@pytest.mark.parametrize("place", ["in: query, explode: false", "in: header", "in: cookie, explode: false"])
def test_a_list_in_one_text_and_a_single_text(place: str) -> None:
    def parameter(schema: str) -> str:
        return things(f"parameters: [{{name: q, {place}, schema: {schema}}}]", method="get")

    plain = "{type: string, pattern: '^[a-z]+$'}"
    for old, new in ((NUMBER, NUMBERS), (NUMBER, LIST), (plain, LIST), (NUMBERS, LIST)):
        assert above_info(compare(parameter(old), parameter(new))) == [], (old, new)
    # "a,b" was one text and is read as two, or the other way round.
    for old, new in ((LIST, TEXT), (TEXT, LIST), (NUMBERS, NUMBER), (LIST, NUMBERS), (TEXT, NUMBERS), (LIST, NUMBER)):
        assert above_info(compare(parameter(old), parameter(new))) != [], (old, new)


@pytest.mark.parametrize("media", ["application/xml", "text/plain"])
def test_an_object_is_no_text(media: str) -> None:
    def body(schema: str) -> str:
        return things(f"requestBody: {{content: {{{media}: {{schema: {schema}}}}}}}")

    def answer(schema: str) -> str:
        content = f"content: {{{media}: {{schema: {schema}}}}}"
        return things(f"responses: {{'200': {{description: x, {content}}}}}", method="get")

    assert above_info(compare(body(THING), body(TEXT))) != []
    assert above_info(compare(answer(TEXT), answer(THING))) != []
    assert above_info(compare(query(THING), query(TEXT))) != []
    assert above_info(compare(form(THING), form(TEXT))) != []


def test_numbers_in_xml_are_texts() -> None:
    def body(kind: str) -> str:
        schema = f"{{type: object, properties: {{a: {{type: {kind}}}}}}}"
        return things(f"requestBody: {{content: {{application/xml: {{schema: {schema}}}}}}}")

    assert above_info(compare(body("integer"), body("string"))) == []
    assert above_info(compare(body("string"), body("integer"))) != []


def test_a_listed_value_in_other_words_is_compared_where_it_stands() -> None:
    old, new = "{type: array, items: {const: a}}", "{type: array, items: {type: string, enum: [c, a]}}"
    assert above_info(compare(query(old), query(new))) == []
    (found,) = above_info(compare(query(new), query(old)))
    assert found.evidence.witness is not None
    assert found.evidence.witness.value == "c"


def test_texts_in_a_choice_of_exactly_one_are_judged_as_a_whole() -> None:
    def body(kind: str) -> str:
        first = f"{{type: object, additionalProperties: {{type: {kind}}}}}"
        schema = f"{{oneOf: [{first}, {{type: object, properties: {{b: {{type: boolean}}}}}}]}}"
        return things(f"requestBody: {{content: {{application/x-www-form-urlencoded: {{schema: {schema}}}}}}}")

    # A fraction fitted the second branch alone, and fits both now.
    (found,) = above_info(compare(body("integer"), body("number")))
    assert found.evidence.witness is not None


def test_what_no_value_fitted_takes_nothing_away() -> None:
    def body(other: str) -> str:
        content = f"application/xml: {{schema: {{oneOf: [{{const: true}}, {{const: {other}}}]}}}}"
        return things(f"requestBody: {{content: {{{content}}}}}")

    assert above_info(compare(body("true"), body("b"))) == []


@pytest.mark.parametrize(
    "schema",
    [
        "{$ref: '#/components/schemas/Kind'}",
        "{type: array, items: {$ref: '#/components/schemas/Kind'}}",
        "{anyOf: [{$ref: '#/components/schemas/Kind'}, {type: 'null'}]}",
        "{type: object, properties: {a: {$ref: '#/components/schemas/Kind'}}}",
    ],
)
def test_a_component_in_a_query_is_judged_as_it_travels(schema: str) -> None:
    def kinds(values: str, kind: str, body: bool = False) -> str:
        told = f"parameters: [{{name: q, in: query, schema: {schema}}}]"
        if body:
            told += f", requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}"
        return things(told, f"components: {{schemas: {{Kind: {{type: {kind}, enum: {values}}}}}}}")

    numbers, texts_ = kinds("[1, 2]", "integer"), kinds("['1', '2']", "string")
    assert above_info(compare(numbers, texts_)) == []
    assert above_info(compare(numbers, kinds("['1']", "string"))) != []
    # In a body a number is a number.
    assert above_info(compare(kinds("[1, 2]", "integer", True), kinds("['1', '2']", "string", True))) != []
