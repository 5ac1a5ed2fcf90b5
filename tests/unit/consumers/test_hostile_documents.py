"""Documents that are not clean, schemas that are none: the check says what it can and never falls over."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.consumers.documents import answering, check, contract, document, rules, taking
from zeues_contracts.consumers.impact import with_hits
from zeues_contracts.drift import drift

junk = st.sampled_from([None, True, 3, "x", [], {}, [1], {"a": 1}, "#/nowhere", -1, 1e400])
keywords = st.sampled_from(
    ["type", "properties", "required", "items", "anyOf", "oneOf", "allOf", "not", "enum", "const", "$ref", "pattern",
     "format", "minimum", "maxLength", "additionalProperties", "patternProperties", "prefixItems", "if", "then",
     "nullable", "discriminator", "readOnly", "dependentRequired", "propertyNames", "default", "examples"]
)  # fmt: skip
plain = st.sampled_from([{"type": "string"}, {"$ref": "#/components/schemas/A"}, {"type": "object"}, {"type": ["x"]}])


def nested(inner):
    members = st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    return st.dictionaries(keywords, inner | st.lists(inner, max_size=2) | members, max_size=3)


schemas = st.recursive(junk | plain, nested, max_leaves=10)

CONTRACT = contract(
    "{operation: 'POST /x/{id}', request: {path: {id: 1}, query: {q: [1, a], r: x}, headers: {h: y}, "
    "body: {a: 1, b: [{c: x}], z: null}}, expect: {status: [200, 4XX], headers: {h: int}, "
    "body: {a: int, b: [{c: str, d?: any}], e: {$any-of: [str, list]}, f: {$like: {g: 1}}}}}",
    "{operation: 'POST /x/1', request: {body: {$schema: {type: object}}}, expect: {status: 200, body: [int]}}",
)


def described(schema, other):
    a, b = json.dumps(schema), json.dumps(other)
    return document(
        f"paths: {{'/x/{{id}}': {{post: {{parameters: [{{name: id, in: path, required: true, schema: {a}}}, "
        f"{{name: q, in: query, schema: {b}}}, {{name: h, in: header, required: true, schema: {a}}}], "
        f"requestBody: {{content: {{application/json: {{schema: {a}}}}}}}, responses: {{'200': {{description: X, "
        f"headers: {{H: {{schema: {b}}}}}, content: {{application/json: {{schema: {b}}}}}}}}}}}}}}}\n"
        f"components: {{schemas: {{A: {a}, B: {b}}}}}\n"
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas, schemas)
def test_no_schema_makes_the_check_fall_over(schema, other):
    from zeues_contracts.consumers import check_contracts

    try:
        found = described(schema, other)
    except ValueError:
        pytest.skip("no document")
    for one in check_contracts([CONTRACT], found):
        assert "\n" not in one.message
    assert check_contracts([CONTRACT], found) == check_contracts([CONTRACT], found)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas, schemas)
def test_no_change_makes_impact_fall_over(schema, other):
    before, after = described(schema, other), described(other, schema)
    found = with_hits(drift(before, after).findings, [CONTRACT], before, after)
    assert [one.rule for one in found] == [one.rule for one in drift(before, after).findings]


@pytest.mark.parametrize(
    "text",
    [
        "paths: {}",
        "paths: {/x: null}",
        "paths: {/x: {get: null}}",
        "paths: {/x: {get: {responses: null, parameters: [null, 3, {name: q}], requestBody: {content: null}}}}",
        'paths: {/x: {get: {responses: {"200": null, default: {content: {a: null}}}, security: [null, {gone: []}]}}}',
        'paths: {/x: {get: {responses: {"200": {$ref: "#/nowhere"}}, requestBody: {$ref: "#/nowhere"}}}}',
    ],
)
def test_odd_documents(text):
    found = check(
        document(text + "\n"), "{operation: GET /x, request: {query: {q: 1}}, expect: {status: 200, body: {a: int}}}"
    )
    assert all(code.startswith("ZC3") for code in rules(found))


def test_patterns_that_backtrack_without_end():
    evil, text = "^(a+)+$", "a" * 60 + "!"
    found = taking(f"{{type: string, pattern: '{evil}'}}")
    assert rules(check(found, f"{{operation: POST /x, request: {{body: '{text}'}}}}")) == ["ZC324"]
    found = taking(f"{{type: object, patternProperties: {{'{evil}': {{type: string}}}}, properties: {{b: {{}}}}}}")
    assert rules(check(found, f"{{operation: POST /x, request: {{body: {{'{text}': 1}}}}}}")) == ["ZC325"]
    assert rules(
        check(answering("{type: string}"), f"{{operation: GET /x, expect: {{body: {{$regex: '{evil}'}}}}}}")
    ) == ["ZC344"]


def test_deep_and_wide():
    deep = {"type": "string"}
    for _ in range(100):
        deep = {"type": "object", "properties": {"a": deep}, "required": ["a"]}
    found = document(
        f"paths: {{/x: {{get: {{responses: {{'200': {{description: X, content: {{application/json: {{schema: "
        f"{json.dumps(deep)}}}}}}}}}}}}}}}\n"
    )
    assert rules(check(found, "{operation: GET /x, expect: {body: {a: {a: {b: int}}}}}")) == ["ZC341"]
    wide = {"type": "object", "properties": {f"p{i}": {"anyOf": [{"type": "integer"}] * 30} for i in range(400)}}
    found = taking(json.dumps(wide))
    assert rules(check(found, "{operation: POST /x, request: {body: {p399: x, q: 1}}}")) == ["ZC324", "ZC325"]
