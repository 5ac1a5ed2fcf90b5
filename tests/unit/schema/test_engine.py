"""The engine around containment: settings, explanations, budgets, memory, and schemas that mean harm."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from zeues_contracts.schema import Context, contains, explain, witness
from zeues_contracts.schema.types import (
    Answer,
    Budget,
    Dialect,
    Direction,
    Proven,
    Refuted,
    Resource,
    Settings,
    Unknown,
)
from zeues_contracts.schema.validators import confirm

OA30, OA31 = Dialect.OPENAPI_3_0, Dialect.OPENAPI_3_1
INTEGER, STRING = {"type": "integer"}, {"type": "string"}


def ask(sub: Any, sup: Any, dialect: Dialect = Dialect.DRAFT_2020_12, **settings: Any) -> Answer:
    one, other = Resource(sub, dialect).schema(), Resource(sup, dialect).schema()
    context = Context(Settings(**settings))
    answer = contains(one, other, context)
    if isinstance(answer, Refuted):
        assert confirm(one, other, answer.witness, context.settings) == ""
    return answer


def record(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


# Settings.


def test_a_format_restricts_only_where_it_is_asserted() -> None:
    date, text = {**STRING, "format": "date"}, STRING
    assert ask(text, date) == Proven()
    assert ask(date, text, format_assertion=True) == Proven()
    assert isinstance(ask(text, date, format_assertion=True), Refuted)
    uuid = {**STRING, "format": "uuid"}
    assert ask(uuid, {**STRING, "minLength": 36, "maxLength": 36}, format_assertion=True) == Proven()
    assert isinstance(ask(uuid, {**STRING, "format": "date"}, format_assertion=True), Refuted)
    email = {**STRING, "format": "email"}
    assert ask(email, {**email, "minLength": 1}, format_assertion=True) == Proven()
    assert ask({**email, "maxLength": 9}, email, format_assertion=True) == Proven()
    assert isinstance(ask(email, {**email, "maxLength": 9}, format_assertion=True), Refuted)
    assert ask({**STRING, "format": "no-such-format"}, text, format_assertion=True) == Proven()
    assert ask(text, {**STRING, "format": "no-such-format"}, format_assertion=True) == Proven()


def test_a_format_that_is_not_known_exactly_is_never_guessed() -> None:
    """Between the two bounds of a format there is no answer, outside of them there is."""
    email = {**STRING, "format": "email"}
    assert ask(email, {**STRING, "pattern": "@"}, format_assertion=True) == Proven()
    assert isinstance(ask(email, {**STRING, "maxLength": 3}, format_assertion=True), Refuted)
    inside = ask({"const": "a b@c d"}, email, format_assertion=True)
    assert not isinstance(inside, Proven)


def test_the_direction_drops_what_does_not_travel() -> None:
    old = record(["id", "name"], id={**INTEGER, "readOnly": True}, name=STRING)
    new = record(["name"], id={**STRING, "readOnly": True}, name=STRING)
    assert ask(old, new, OA31, direction=Direction.REQUEST) == Proven()
    assert ask(new, old, OA31, direction=Direction.REQUEST) == Proven()
    assert isinstance(ask(old, new, OA31, direction=Direction.RESPONSE), Refuted)
    assert isinstance(ask(old, new, OA31), Refuted)


def test_the_closed_world_closes_what_is_described_and_nothing_else() -> None:
    small, large = record(a=STRING), record(a=STRING, b=STRING)
    assert isinstance(ask(small, large), Refuted)
    assert ask(small, large, closed_world=True) == Proven()
    answer = ask(large, small, closed_world=True)
    assert isinstance(answer, Refuted)
    assert answer.witness == {"b": ""}
    assert answer.explanation is not None
    assert answer.explanation.value_pointer == "/b"
    both = {"allOf": [record(a=STRING), record(b=STRING)]}
    assert ask(both, large, closed_world=True) == Proven()
    assert ask(large, both, closed_world=True) == Proven()
    assert ask({"type": "object"}, {"type": "object", "minProperties": 0}, closed_world=True) == Proven()
    spoken = {**record(a=STRING), "additionalProperties": STRING}
    assert ask(record(c=record(x=STRING)), record(c=record(x=STRING, y=STRING)), closed_world=True) == Proven()
    assert isinstance(ask(spoken, small, closed_world=True), Refuted)


# Explanations.


@pytest.mark.parametrize(
    ("sub", "sup", "value_pointer", "keyword", "sub_pointer", "sup_pointer", "sentence"),
    [
        (
            record(items={"type": "array", "items": record(["worker_id"], worker_id=INTEGER)}),
            record(items={"type": "array", "items": record(worker_id={**INTEGER, "minimum": 1})}),
            "/items/0/worker_id",
            "minimum",
            "/properties/items/items/properties/worker_id",
            "/properties/items/items/properties/worker_id/minimum",
            "`items/0/worker_id` is 0, below the minimum 1",
        ),
        (
            {"$ref": "#/$defs/A", "$defs": {"A": record(a={"anyOf": [STRING, {"type": "null"}]})}},
            record(a=STRING),
            "/a",
            "type",
            "/$defs/A/properties/a",
            "/properties/a/type",
            "`a` is null, not a string",
        ),
        (record(), record(["a"], a={}), "", "required", "", "/required", "the value lacks the required member `a`"),
        (
            {"enum": ["ARM", "SOLD"]},
            {"enum": ["ARM"]},
            "",
            "enum",
            "",
            "/enum",
            'the value is "SOLD", not one of "ARM"',
        ),
        (
            record(["a"], a=STRING),
            {**record(), "additionalProperties": False},
            "/a",
            "additionalProperties",
            "/properties/a",
            "/additionalProperties",
            "`a` is not allowed: no other properties are",
        ),
        (
            {"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 2},
            {"prefixItems": [INTEGER], "items": False},
            "/1",
            "items",
            "/items",
            "/items",
            "`1` is not allowed: `items` is false for it",
        ),
        (
            {"type": "array", "items": {"const": 1}, "minItems": 2},
            {"uniqueItems": True},
            "",
            "uniqueItems",
            "",
            "/uniqueItems",
            "the value is [1, 1], in which items are equal",
        ),
        (
            record(["kind"], kind={"const": "dog"}, age=INTEGER),
            {
                "oneOf": [
                    record(["kind"], kind={"const": "cat"}),
                    record(["kind"], kind={"const": "dog"}, age={**INTEGER, "minimum": 1}),
                ]
            },
            "/age",
            "minimum",
            "/properties/age",
            "/oneOf/1/properties/age/minimum",
            "`age` is 0, below the minimum 1",
        ),
        (
            {"type": "boolean"},
            {"anyOf": [STRING, INTEGER]},
            "",
            "anyOf",
            "",
            "/anyOf",
            "the value is false, neither a string nor an integer",
        ),
        (
            STRING,
            {"oneOf": [STRING, {"minLength": 0}]},
            "",
            "oneOf",
            "",
            "/oneOf",
            'the value is "", which fits branches 0 and 1 of `oneOf`, and only one may',
        ),
        ({"const": 5}, {"not": INTEGER}, "", "not", "", "/not", "the value is 5, which `not` rules out"),
        (
            {"const": [1, 2]},
            {"contains": {"const": 3}},
            "",
            "contains",
            "",
            "/contains",
            "the value has 0 items of the kind that it must contain, fewer than 1",
        ),
        (
            {"const": {"xy": 1}},
            {"propertyNames": {"maxLength": 1}},
            "",
            "propertyNames",
            "",
            "/propertyNames",
            'the value has a member "xy": no such name is allowed',
        ),
    ],
)
def test_a_refutation_is_explained(
    sub: Any, sup: Any, value_pointer: str, keyword: str, sub_pointer: str, sup_pointer: str, sentence: str
) -> None:
    one, other = Resource(sub).schema(), Resource(sup).schema()
    answer = contains(one, other)
    assert isinstance(answer, Refuted)
    found = explain(one, other, answer)
    assert found is not None
    assert (found.sentence, found.keyword, found.value_pointer) == (sentence, keyword, value_pointer)
    assert (found.sub_pointer, found.sup_pointer) == (sub_pointer, sup_pointer)
    assert explain(one, other, Refuted(answer.witness)) == found


def test_pointers_are_those_of_the_dialect_that_was_written() -> None:
    sub = Resource({"items": [STRING, STRING], "type": "array", "minItems": 2}, Dialect.DRAFT_7).schema()
    sup = Resource({"items": [STRING], "additionalItems": INTEGER}, Dialect.DRAFT_7).schema()
    answer = contains(sub, sup)
    assert isinstance(answer, Refuted)
    assert answer.explanation is not None
    assert answer.explanation.sub_pointer == "/items/1"
    assert answer.explanation.sup_pointer == "/additionalItems/type"


# What cannot be read.


@pytest.mark.parametrize(
    ("sub", "sup"),
    [
        ({"$ref": "#/nowhere"}, STRING),
        (STRING, {"$ref": "http://elsewhere/x"}),
        ({"$ref": "#"}, STRING),
        (INTEGER, {"not": {"$ref": "#"}}),
        ({"anyOf": [{"$ref": "#"}, STRING]}, INTEGER),
        ({**STRING, "pattern": r"^(a)\1$"}, {**STRING, "maxLength": 3}),
        (STRING, {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        (
            {
                "$id": "http://x/a",
                "$ref": "b",
                "$defs": {
                    "b": {"$id": "b", "$dynamicRef": "#t", "$defs": {"t": {"$dynamicAnchor": "t"}}},
                    "t": {"$dynamicAnchor": "t", **STRING},
                },
            },
            STRING,
        ),
    ],
)
def test_what_cannot_be_read_is_unknown_with_a_reason(sub: Any, sup: Any) -> None:
    answer = ask(sub, sup)
    assert isinstance(answer, Unknown), answer
    assert answer.reason


def test_what_cannot_be_read_does_no_harm_where_it_does_not_matter() -> None:
    broken = {"$ref": "#/nowhere"}
    assert ask(broken, broken) == Proven()
    assert ask(record(a=broken), record(a=True)) == Proven()
    assert ask({**record(a=broken), "required": ["b"]}, {"required": ["b"]}) == Proven()
    assert ask({"allOf": [broken, STRING]}, {"type": ["string", "null"]}) == Proven()
    pattern = {**STRING, "pattern": r"^(a)\1$"}
    assert ask({**pattern, "maxLength": 5}, pattern) == Proven()
    assert ask({"allOf": [pattern, {"minLength": 1}]}, {"anyOf": [{"type": "null"}, pattern]}) == Proven()


def test_a_witness_is_found_by_search_where_nothing_can_be_proven() -> None:
    """A backreference is no regular language; a value that a document names refutes all the same."""
    sub = {**STRING, "enum": ["abab", "abc"]}
    answer = ask({**STRING, "pattern": r"^(ab)\1$", "examples": ["abab"]}, {**STRING, "maxLength": 3})
    assert isinstance(answer, Refuted)
    assert answer.witness == "abab"
    assert not isinstance(ask(sub, {**STRING, "pattern": r"^(ab)\1$"}), Proven)


# Hostile schemas.


def nested(depth: int, leaf: Any, wrap: Callable[[Any], Any]) -> Any:
    for _ in range(depth):
        leaf = wrap(leaf)
    return leaf


def doubling(depth: int, keyword: str, leaf: Any) -> dict[str, Any]:
    definitions = {f"a{i}": {keyword: [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(depth)}
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{depth}": leaf}}


WRAPS: list[Callable[[Any], Any]] = [
    lambda one: {"type": "array", "items": one, "minItems": 1},
    lambda one: record(["a"], a=one),
    lambda one: {"allOf": [one]},
    lambda one: {"not": one},
    lambda one: {"anyOf": [one, {"type": "null"}]},
]


@pytest.mark.parametrize("number", range(len(WRAPS)))
def test_deep_schemas_end(number: int) -> None:
    wrap = WRAPS[number]
    budget = Budget(seconds=0.5)
    for depth in (60, 700):
        one, other = nested(depth, INTEGER, wrap), nested(depth, {"type": "number"}, wrap)
        for sub, sup in ((one, other), (other, one)):
            assert ask(sub, sup, budget=budget)


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_schemas_that_double_at_every_step_end(keyword: str) -> None:
    leaf = record(a=INTEGER)
    for more in ({}, {"unevaluatedProperties": False}):
        schema = {**doubling(34, keyword, leaf), **more}
        for sub, sup in ((schema, record(a={"type": "number"})), (record(a=INTEGER), schema)):
            assert ask(sub, sup, budget=Budget(seconds=0.5))


def test_values_that_double_at_every_step_end() -> None:
    def tree(leaf: Any) -> dict[str, Any]:
        definitions = {
            f"a{i}": record(["l", "r"], l={"$ref": f"#/$defs/a{i + 1}"}, r={"$ref": f"#/$defs/a{i + 1}"})
            for i in range(40)
        }
        return {"$ref": "#/$defs/a0", "$defs": {**definitions, "a40": leaf}}

    assert ask(tree(INTEGER), tree({"type": "number"})) == Proven()
    answer = ask(tree(STRING), tree(INTEGER), budget=Budget(seconds=0.5))
    assert isinstance(answer, Unknown)  # the smallest witness has 2 ** 40 members


@pytest.mark.parametrize(
    ("sub", "sup", "proven"),
    [
        ({"type": "array", "minItems": 10**9}, {"minItems": 10**9 - 1}, True),
        ({**STRING, "maxLength": 10**9}, {"maxLength": 10**9 + 1}, True),
        ({"type": "object", "minProperties": 10**9}, {"minProperties": 1}, True),
        ({"enum": [f"v{i}" for i in range(5000)]}, {"enum": [f"v{i}" for i in reversed(range(5000))]}, True),
        ({"enum": [f"v{i}" for i in range(5000)]}, {**STRING, "pattern": "^v[0-9]+$"}, True),
        ({**STRING, "maxLength": 65536}, {"maxLength": 65535}, False),
        ({"type": "array", "maxItems": 1000}, {"maxItems": 999}, False),
        ({"type": "object", "maxProperties": 500}, {"maxProperties": 499}, False),
        ({**INTEGER, "multipleOf": 1000003}, {"multipleOf": 1000033}, False),
        ({**STRING, "pattern": "(.*a){25}"}, {"pattern": "(x+x+)+y"}, False),
        ({"type": "number", "minimum": 1e308}, {"minimum": 1.1e308}, False),
    ],
)
def test_large_numbers_cost_nothing(sub: Any, sup: Any, proven: bool) -> None:
    assert isinstance(ask(sub, sup), Proven if proven else Refuted)


def test_large_unions_of_told_apart_objects_are_decided() -> None:
    def shapes(count: int, least: int) -> list[Any]:
        return [
            record(["kind"], kind={"const": f"k{i}"}, **{f"p{j}": {**INTEGER, "minimum": least} for j in range(6)})
            for i in range(count)
        ]

    assert ask({"oneOf": shapes(30, 1)}, {"oneOf": shapes(30, 0)}) == Proven()
    assert ask({"anyOf": shapes(30, 1)}, {"oneOf": shapes(30, 0)[::-1]}) == Proven()
    assert isinstance(ask({"oneOf": shapes(31, 1)}, {"oneOf": shapes(30, 0)}), Refuted)
    open_ = [record([f"p{i}"], **{f"p{i}": {**INTEGER, "minimum": i}}) for i in range(12)]
    assert ask({"anyOf": open_}, {"anyOf": open_[::-1]}) == Proven()


def test_a_spent_budget_is_named() -> None:
    hard = {
        "type": "object",
        "allOf": [{"anyOf": [{"required": [f"a{i}"]}, {"required": [f"b{i}"]}]} for i in range(18)],
    }
    answer = ask(hard, {"minProperties": 18}, budget=Budget(branches=16))
    assert answer == Unknown("the budget of 16 branches was spent")
    bit, listed = {**INTEGER, "minimum": 0, "maximum": 1}, {"enum": [0, 1]}
    answer = ask(nested(300, bit, WRAPS[1]), nested(300, listed, WRAPS[1]), budget=Budget(depth=2))
    assert isinstance(answer, Unknown)
    assert "2 levels" in answer.reason


# Memory and cost.


def chain(size: int, least: int) -> dict[str, Any]:
    found = {
        f"C{i}": record(
            ["count"],
            next={"$ref": f"#/$defs/C{(i + 1) % size}"},
            jump={"anyOf": [{"$ref": f"#/$defs/C{(i * 7 + 3) % size}"}, {"type": "null"}]},
            all={"type": "array", "items": {"$ref": "#/$defs/C0"}},
            count={**INTEGER, "minimum": least},
        )
        for i in range(size)
    }
    return {"$ref": "#/$defs/C0", "$defs": found}


def test_two_hundred_recursive_components_are_compared_once_each() -> None:
    old, new = Resource(chain(200, 1)).schema(), Resource(chain(200, 0)).schema()
    context = Context(Settings(budget=Budget(seconds=60)))
    assert contains(old, new, context) == Proven()
    settled = len(context._solver._known)
    assert settled < 200 * 12
    for number in range(200):
        place = f"/$defs/C{number}"
        assert contains(old.resource.schema(place), new.resource.schema(place), context) == Proven()
    assert len(context._solver._known) == settled
    answer = contains(new, old, context)
    assert isinstance(answer, Refuted)
    assert answer.witness == {"count": 0}


def test_what_was_assumed_is_dropped_when_it_falls() -> None:
    """A and B refer to each other; what B was worth while A was open is not kept when A is refuted."""

    def pair(least: int) -> dict[str, Any]:
        return {
            "$defs": {
                "A": record(
                    ["b"], b={"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]}, n={**INTEGER, "minimum": least}
                ),
                "B": record(["a"], a={"$ref": "#/$defs/A"}),
            }
        }

    context = Context()
    old, new = Resource(pair(0)), Resource(pair(1))
    first = contains(old.schema("/$defs/A"), new.schema("/$defs/A"), context)
    second = contains(old.schema("/$defs/B"), new.schema("/$defs/B"), context)
    assert isinstance(first, Refuted)
    assert isinstance(second, Refuted)
    assert second.witness == {"a": {"b": None, "n": 0}}


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    old, new = chain(12, 1), chain(12, 0)
    new["$defs"]["C7"]["properties"]["count"] = {"type": "number"}
    one, other = Resource(old), Resource(new)
    places = [f"/$defs/C{i}" for i in range(12)]
    alone = [contains(other.schema(p), one.schema(p), Context()) for p in places]
    context = Context()
    together = [contains(other.schema(p), one.schema(p), context) for p in reversed(places)][::-1]
    assert [type(answer) for answer in alone] == [type(answer) for answer in together]
    assert all(isinstance(contains(other.schema(p), one.schema(p), Context()), Refuted) for p in places)


def test_the_same_question_has_the_same_answer_in_another_process() -> None:
    code = (
        "import json;from zeues_contracts.schema import Resource,contains;"
        "a={'anyOf':[{'type':'object','properties':{'b':{'type':'string'},'a':{'type':'integer'}},'required':['a','b']},"
        "{'type':'array','contains':{'pattern':'x'}}]};"
        "print(json.dumps(contains(Resource(a).schema(),Resource({'type':'null'}).schema()).witness))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONHASHSEED": seed}, check=True
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert json.loads(runs[0].stdout) is not None


def test_no_validator_is_loaded_for_a_proof() -> None:
    code = (
        "import sys;from zeues_contracts.schema import Resource,contains;"
        "print(contains(Resource({'type':'integer'}).schema(),Resource({'type':'number'}).schema()));"
        "print(sorted({'jsonschema','jsonschema_rs','rich','schemathesis','fastapi'}&set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["Proven()", "[]"]


def test_the_words_load_nothing_of_the_engine() -> None:
    code = (
        "import sys;import zeues_contracts.schema as s;s.Settings();"
        "print([m for m in sys.modules if m.startswith('zeues_contracts.schema.')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['zeues_contracts.schema.types']"


def test_witness_asks_for_any_value() -> None:
    context = Context(Settings(format_assertion=True))
    answer = witness(Resource({**STRING, "format": "date"}).schema(), context)
    assert isinstance(answer, Refuted)
    assert len(answer.witness) == 10
    assert witness(Resource(False).schema()) == Proven()


def test_a_yes_or_no_is_what_the_answer_says() -> None:
    context = Context()
    for sub, sup in ((INTEGER, {"type": "number"}), ({"type": "number"}, INTEGER), ({"$ref": "#/nowhere"}, INTEGER)):
        one, other = Resource(sub).schema(), Resource(sup).schema()
        quick = context.lies_within(one, other)
        answer = contains(one, other, context)
        assert quick == (None if isinstance(answer, Unknown) else isinstance(answer, Proven))
        assert context.lies_within(one, other) == quick


def test_threads_take_turns() -> None:
    from concurrent.futures import ThreadPoolExecutor

    old, new = Resource(chain(30, 1)), Resource(chain(30, 0))
    context = Context(Settings(budget=Budget(seconds=60)))
    places = [f"/$defs/C{i}" for i in range(30)] * 2

    def both(place: str) -> tuple[Answer, Answer]:
        one, other = old.schema(place), new.schema(place)
        return contains(one, other, context), contains(other, one, context)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(both, places))
    assert all(forward == Proven() and isinstance(back, Refuted) for forward, back in answers)


def test_what_is_taken_for_empty_so_far_rules_nothing_out() -> None:
    """The search must not pass over a branch of ``oneOf`` of which it has only found no value yet."""
    schemas = [
        {
            "oneOf": [{"$ref": f"#/$defs/Pair{name}"}, {"$ref": "#/$defs/Other"}],
            "$defs": {
                f"Pair{name}": {"oneOf": [{"$ref": f"#/$defs/Some{name}"}, {"properties": {"a": STRING}}]},
                f"Some{name}": {"anyOf": [{"$ref": f"#/$defs/Held{name}"}]},
                f"Held{name}": {"properties": {}, "required": ["a"]},
                "Other": {"properties": {"n": INTEGER}, "required": ["b"]},
            },
        }
        for name in ("", "Renamed")
    ]
    one, other = (Resource(schema).schema() for schema in schemas)
    for sub, sup in ((one, other), (other, one)):
        context = Context()
        assert context.lies_within(sub, sup) is True
        assert contains(sub, sup, context) == Proven()
