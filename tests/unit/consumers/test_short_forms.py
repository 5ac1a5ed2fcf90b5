"""What the short forms mean, and what is said of those that mean nothing."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeues_contracts.consumers.forms import (
    FormError,
    Surroundings,
    example_of,
    expand_expectation,
    expand_sent,
    short_expectation,
    short_sent,
)
from zeues_contracts.consumers.forms.generalising import generalise
from zeues_contracts.schema.validators import judge_document

NOW = dt.datetime(2026, 2, 28, 23, 30, tzinfo=dt.UTC)
AROUND = Surroundings(NOW, {"TOKEN": "s3cr3t", "HOST": "example.com"})
STR, INT = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("form", "schema"),
    [
        ("str", STR),
        ("any", {}),
        ("$any", {}),
        ("[{worker_id: int, operacion: str}]", {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"worker_id": INT, "operacion": STR},
                "required": ["worker_id", "operacion"],
            },
        }),
        ([{"worker_id": "int", "operacion": "str"}], {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"worker_id": INT, "operacion": STR},
                "required": ["worker_id", "operacion"],
            },
        }),
        ("str | null", {"type": ["string", "null"]}),
        ("int | num", {"type": "number"}),
        ("'ARM' | \"SOLD\"", {"enum": ["ARM", "SOLD"]}),
        ("'it''s'", {"const": "it's"}),
        ("str | any", {}),
        ({"a": "opt str", "b?": "int"}, {
            "type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": INT},
        }),
        ({"a": "opt any"}, {"type": "object", "properties": {"a": {}}}),
        ({"$$ref": "str", "sure??": "int"}, {
            "type": "object", "properties": {"$ref": STR, "sure?": INT}, "required": ["$ref", "sure?"],
        }),
        ([], {"type": "array"}),
        (["str", "int"], {"type": "array", "prefixItems": [STR, INT], "minItems": 2}),
        (True, {"const": True}),
        (7, {"const": 7}),
        (None, {"type": "null"}),
        ("$$price", {"const": "$price"}),
        ({"$const": "healthy"}, {"const": "healthy"}),
        ({"$const": {"$any": 1}}, {"const": {"$any": 1}}),
        ({"$enum": [1, None]}, {"enum": [1, None]}),
        ({"$regex": "^[A-Z]{2}$"}, {"type": "string", "pattern": "^[A-Z]{2}$"}),
        ({"$each": {"id": "int"}, "$min": 1}, {
            "type": "array", "minItems": 1,
            "items": {"type": "object", "properties": {"id": INT}, "required": ["id"]},
        }),
        ({"$map": "int"}, {"type": "object", "additionalProperties": INT}),
        ({"a": {"$opt": {"b": "int"}}}, {
            "type": "object",
            "properties": {"a": {"anyOf": [
                {"type": "object", "properties": {"b": INT}, "required": ["b"]}, {"type": "null"},
            ]}},
        }),
        ({"$like": {"n": 1, "l": ["a"]}}, {
            "type": "object",
            "properties": {"n": {"type": "number"}, "l": {"type": "array", "items": STR}},
            "required": ["n", "l"],
        }),
        ({"$any-of": ["list", {"history": "list"}]}, {
            "anyOf": [
                {"type": "object", "properties": {"history": {"type": "array"}}, "required": ["history"]},
                {"type": "array"},
            ],
        }),
        ({"$schema": {"type": "string", "maxLength": 3}}, {"type": "string", "maxLength": 3}),
    ],
)  # fmt: skip
def test_an_expectation_means(form, schema):
    assert expand_expectation(form)[0] == schema


@pytest.mark.parametrize(
    ("form", "pointer", "says", "hint"),
    [
        ("sttr", "", "`sttr` is no type", "did you mean `str`?"),
        ("healthy", "", "`healthy` is no type", '{$const: "healthy"}'),
        ({"a": {"b": "intt"}}, "/a/b", "`intt` is no type", "did you mean `int`?"),
        ([{"x/y": "nope"}], "/0/x~1y", "`nope` is no type", "$const"),
        ("[int", "", "`,` is missing in `[int`", "[{worker_id: int}]"),
        ("", "", "an empty type", "$const"),
        ("a: b", "", "`a` in `a: b` is no type", "$const"),
        ({"$regx": "a"}, "/$regx", "there is no matcher `$regx`", "did you mean `$regex`?"),
        ({"$regex": "("}, "/$regex", "regular expression is not understood", ""),
        ({"$regex": 3}, "/$regex", "holds a regular expression", ""),
        ({"$each": "int", "other": 1}, "/other", "`other` cannot stand beside `$each`", "$$each"),
        ({"$each": "int", "$map": "int"}, "/$map", "one at a time", ""),
        ({"$each": "int", "$min": -1}, "/$min", "`$min` is a number of items", ""),
        ({"$min": 1}, "/$min", "`$min` stands beside a matcher", "$each"),
        ({"$enum": []}, "/$enum", "the list of values", ""),
        ({"$schema": 3}, "/$schema", "holds a JSON Schema", ""),
        ("$tody", "", "there is no `$tody`", "did you mean `$today`?"),
    ],
)
def test_an_expectation_that_means_nothing(form, pointer, says, hint):
    with pytest.raises(FormError) as told:
        expand_expectation(form)
    assert told.value.pointer == pointer
    assert says in told.value.message
    assert hint in told.value.hint


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("ARM", "ARM"),
        ("int", "int"),
        ("$today", "2026-02-28"),
        ("$today+1d", "2026-03-01"),
        ("$now-2h", "2026-02-28T21:30:00+00:00"),
        ("$$today", "$today"),
        ("$100", "$100"),
        ("Bearer ${TOKEN}", "Bearer s3cr3t"),
        ("${PORT:-8000}", "8000"),
        ("$env:HOST", "example.com"),
        ({"$const": "${TOKEN}"}, "${TOKEN}"),
        ({"a": [1, None, {"$$b": "$$c"}]}, {"a": [1, None, {"$b": "$c"}]}),
    ],
)
def test_what_is_sent_by_example(form, value):
    sent = expand_sent(form, AROUND)
    assert sent.example
    assert sent.value == value
    assert sent.schema == {"const": value}


def test_what_comes_from_the_environment_is_never_shown():
    sent = expand_sent({"key": "$env:TOKEN", "auth": "Bearer ${TOKEN}"}, AROUND)
    assert sent.value == {"key": "s3cr3t", "auth": "Bearer s3cr3t"}
    assert sent.public == {"key": "$env:TOKEN", "auth": "Bearer ${TOKEN}"}
    assert sent.unset == ()
    gone = expand_sent({"key": "$env:GONE", "n": 1, "more": ["${TOKEN}${LOST}-${GONE}"]}, AROUND)
    assert gone.unset == ("/key", "/more/0")
    assert gone.variables == ("GONE", "LOST")


def test_examples_beside_a_type_are_filled_in_as_values_are():
    like = expand_sent({"$like": {"sku": "${TOKEN}", "due": "$today", "n": [1]}}, AROUND)
    assert like.value == {"sku": "s3cr3t", "due": expand_sent("$today", AROUND).value, "n": [1]}
    assert like.public["sku"] == "${TOKEN}"
    assert not like.example
    assert like.schema["properties"]["sku"] == {"type": "string"}
    assert expand_sent({"$type": "str", "$example": "$env:TOKEN"}, AROUND).value == "s3cr3t"
    assert expand_sent({"$type": "str", "$example": "$$env:TOKEN"}, AROUND).value == "$env:TOKEN"
    gone = expand_sent({"a": {"$like": "${GONE}"}, "b": {"$each": {"x": "$env:GONE"}, "$min": 2}}, AROUND)
    assert gone.unset == ("/a", "/b")
    assert gone.variables == ("GONE",)
    some = expand_sent({"$any-of": ["$env:TOKEN", "x"]}, AROUND)
    assert (some.value, some.public) == ("s3cr3t", "$env:TOKEN")
    for form in ({"$like": {"a": {"$type": "int"}}}, {"$type": "int", "$example": "$any"}):
        with pytest.raises(FormError, match="holds one value"):
            expand_sent(form, AROUND)


@pytest.mark.parametrize("value", ["${TOKEN}", "a ${TOKEN}", "$today", {"a": "$x", "$b": ["${C}"]}], ids=str)
def test_examples_are_written_so_that_they_are_read_as_they_are(value):
    schema = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "object"}]}
    sent = expand_sent(short_sent(value, schema, example=False), AROUND)
    assert (sent.value, sent.schema) == (value, schema)


def test_what_is_sent_by_schema_is_known_whole():
    sent = expand_sent({"worker_id": {"$schema": {"type": "integer", "exclusiveMinimum": 0}}, "note?": "x"}, AROUND)
    assert not sent.example
    assert sent.schema == {
        "type": "object",
        "properties": {"worker_id": {"type": "integer", "exclusiveMinimum": 0}, "note": {"const": "x"}},
        "required": ["worker_id"],
        "additionalProperties": False,
    }
    assert judge_document(sent.schema, sent.value).valid
    assert expand_sent({"$type": "uuid"}).value == "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    assert expand_sent({"$regex": "^x[0-9]{3}$", "$example": "x123"}).value == "x123"


def test_a_sample_is_found_for_a_pattern_without_an_example():
    sent = expand_sent({"$regex": "^x[0-9]{3}$"})
    assert judge_document(sent.schema, sent.value).valid


@pytest.mark.parametrize(("form", "hint"), [("$todday", "$today"), ("$env", "$env:NAME"), ("$any2", "$any")])
def test_what_is_sent_and_means_nothing(form, hint):
    with pytest.raises(FormError) as told:
        expand_sent(form, AROUND)
    assert f"did you mean `{hint}`" in told.value.hint


def test_dates_stay_in_the_calendar():
    with pytest.raises(FormError, match="beyond the calendar"):
        expand_sent("$today+99999d", Surroundings(dt.datetime(9999, 1, 1, tzinfo=dt.UTC), {}))


def test_what_is_shown_by_example():
    assert example_of({"a": {"$like": 1}, "b": "str", "c": [{"$regex": "x", "$example": "x"}]}) == {"a": 1, "c": ["x"]}
    assert example_of("str") is None


def test_generalising_never_keeps_one_value_and_says_no_more_than_was_seen():
    assert generalise(["a", "b"]) == STR
    assert generalise([None]) == {}
    assert generalise(["a", None]) == {"type": ["string", "null"]}
    assert generalise([{"a": 1, "b": None}, {"a": 2.5}]) == {
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {}},
        "required": ["a"],
    }
    assert generalise([[], [1]]) == {"type": "array", "items": {"type": "number"}}


names = st.text("ab?$/~ é", min_size=1, max_size=4) | st.sampled_from(["id", "$ref", "$$x", "q?", "??", "$schema"])
scalars = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "$today", "${A}", "a ${B}", "$$", "int"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
schemas = st.recursive(
    st.sampled_from([{}, STR, INT, {"type": "null"}, {"const": 1}, {"const": "x"}, {"enum": ["a", 1]},
                     {"type": ["string", "null"]}, {"type": "string", "pattern": "^a"}, {"maxLength": 3}, True, False]),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda one, two: {"anyOf": [one, two]}, inner, inner),
        st.builds(
            lambda members, required: {
                "type": "object",
                "properties": members,
                **({"required": sorted(required & set(members))} if required & set(members) else {}),
            },
            st.dictionaries(names, inner, min_size=1, max_size=3),
            st.sets(names, max_size=3),
        ),
    ),
    max_leaves=6,
)  # fmt: skip


def normal(schema):
    """A schema with its required properties in one order: the order has no meaning."""
    if isinstance(schema, dict):
        return {k: sorted(v) if k == "required" and isinstance(v, list) else normal(v) for k, v in schema.items()}
    return [normal(one) for one in schema] if isinstance(schema, list) else schema


@settings(max_examples=150, deadline=None)
@given(schemas)
def test_the_form_of_an_expectation_means_the_schema(schema):
    assert normal(expand_expectation(short_expectation(schema))[0]) == normal(schema)


@settings(max_examples=150, deadline=None)
@given(values)
def test_the_form_of_a_value_sends_the_value(value):
    sent = expand_sent(short_sent(value, {"const": value}, example=True), Surroundings(NOW, {}))
    assert sent.value == value
    assert sent.example
