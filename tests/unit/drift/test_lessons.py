"""What users of such tools suffer from, one test for each: false alarms, misses, noise, order, real documents."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.unit.drift.documents import above_info, compare, document, only, slugs, told
from tests.unit.drift.sample import SAMPLE
from zeues_contracts.config import DriftConfig
from zeues_contracts.drift import drift
from zeues_contracts.drift.units import one_dialect
from zeues_contracts.findings import Level
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.rules.drift.examples import api, given, taken, things
from zeues_contracts.schema.types import Dialect


def shared(schema: str, operations: int = 40) -> str:
    body = '{application/json: {schema: {$ref: "#/components/schemas/T"}}}'
    answer = f'{{responses: {{"200": {{description: OK, content: {body}}}}}}}'
    paths = "".join(f"\n  /a{index}: {{get: {answer}}}" for index in range(operations))
    return (
        f"openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:{paths}\ncomponents: {{schemas: {{T: {schema}}}}}\n"
    )


def test_a_change_of_a_shared_schema_is_one_entry_with_its_operations() -> None:
    result = compare(
        shared("{type: object, properties: {a: {type: integer}}}"),
        shared("{type: object, properties: {a: {type: string}}}"),
    )
    finding = only(result, "response-type-changed")
    assert len(finding.operations) == 40
    assert finding.subject == "schema T: a"
    assert len(result.operations_changed) == 40


def test_a_change_of_a_shared_parameter_is_one_entry() -> None:
    text = """
openapi: 3.1.0
info: {{title: T, version: "1"}}
paths:
  /a: {{get: {{parameters: [{{$ref: "#/components/parameters/P"}}], responses: {{"200": {{description: OK}}}}}}}}
  /b: {{get: {{parameters: [{{$ref: "#/components/parameters/P"}}], responses: {{"200": {{description: OK}}}}}}}}
components: {{parameters: {{P: {{name: p, in: query, schema: {{type: integer, maximum: {0}}}}}}}}}
"""
    finding = only(compare(text.format(9), text.format(5)), "request-bound-tightened")
    assert finding.operations == ("GET /a", "GET /b")


def circles(count: int, kind: str) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    for index in range(count):
        links = {f"p{step}": {"$ref": f"#/components/schemas/S{(index + step) % count}"} for step in (1, 2, 3, 7)}
        schemas[f"S{index}"] = {"type": "object", "properties": {"v": {"type": "string"}, **links}}
    schemas["S5"]["properties"]["v"] = {"type": kind}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}, "description": "OK"}
    paths = {f"/x{index}": {"get": {"responses": {"200": body}}} for index in range(60)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Circles", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def test_circles_cost_what_changed_and_not_what_they_reach() -> None:
    old, new = (document_from_mapping(circles(300, kind), kind) for kind in ("string", "integer"))
    began = time.monotonic()
    result = drift(old, new)
    assert time.monotonic() - began < 10  # an honest bound on a busy machine; it takes a tenth of a second
    assert [one.subject for one in above_info(result)] == ["schema S5: v"]
    assert len(above_info(result)[0].operations) == 60


def test_circles_of_documents_of_two_versions_end_as_well() -> None:
    """Different dialects are judged from the roots: the walk must not turn in circles there either."""
    old, new = circles(25, "string"), circles(25, "integer")
    old["openapi"] = "3.0.3"
    old["components"]["schemas"]["S7"]["properties"]["v"]["nullable"] = True
    result = drift(document_from_mapping(old, "old"), document_from_mapping(new, "new"))
    assert [one.subject for one in above_info(result)] == ["schema S5: v"]


def test_a_callback_that_leads_to_itself_ends() -> None:
    text = """
openapi: 3.1.0
info: {{title: T, version: "1"}}
paths:
  /a:
    post: &a
      responses: {{"200": {{description: OK}}}}
      callbacks: {{c: {{$ref: "#/components/callbacks/C"}}}}
components:
  callbacks:
    C:
      "{{$request.body#/u}}":
        post:
          requestBody: {{content: {{application/json: {{schema: {{type: {0}}}}}}}}}
          responses: {{"200": {{description: OK}}}}
          callbacks: {{c: {{$ref: "#/components/callbacks/C"}}}}
"""
    assert "response-type-changed" in slugs(compare(text.format("integer"), text.format("number")))


def test_the_output_is_the_same_from_run_to_run() -> None:
    new = SAMPLE.replace("maxLength: 50", "maxLength: 40").replace("enum: [small, large]", "enum: [small]")
    runs = [compare(document(SAMPLE), document(new)) for _ in range(3)]
    assert runs[0].findings
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{type: string, enum: [a]}", "{type: string, const: a}"),
        ("{const: a}", "{const: a, enum: [a]}"),
        ("{allOf: [{$ref: '#/components/schemas/T'}]}", "{$ref: '#/components/schemas/T'}"),
        ("{anyOf: [{type: string}, {type: 'null'}]}", "{type: [string, 'null']}"),
        ("{anyOf: [{type: string}, {type: integer}]}", "{anyOf: [{type: integer}, {type: string}]}"),
        ("{type: string, format: binary}", "{type: string, contentMediaType: application/octet-stream}"),
        (
            "{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, required: [b]}]}",
            "{allOf: [{type: object}, {type: object, required: [b], properties: {a: {type: string}}}]}",
        ),
        ("{type: integer, exclusiveMinimum: 0}", "{type: integer, minimum: 1}"),
        ("{type: string, title: A, description: x}", "{type: string, title: B, example: y}"),
    ],
)
@pytest.mark.parametrize("write", [taken, given], ids=["request", "response"])
def test_another_spelling_is_no_change(write: Any, old: str, new: str) -> None:
    rest = "components: {schemas: {T: {type: object, properties: {a: {type: string}}}}}\n"
    assert above_info(compare(write(old) + rest, write(new) + rest)) == []
    assert above_info(compare(write(new) + rest, write(old) + rest)) == []


def test_a_property_that_moves_between_components_of_an_allof_is_no_change() -> None:
    text = """
openapi: 3.1.0
info: {{title: T, version: "1"}}
paths: {{/a: {{get: {{responses: {{"200": {{description: OK, content: {{application/json: {{schema:
  {{$ref: "#/components/schemas/C"}}}}}}}}}}}}}}}}
components:
  schemas:
    A: {{type: object, properties: {{{0}}}}}
    B: {{type: object, properties: {{{1}}}}}
    C: {{allOf: [{{$ref: "#/components/schemas/A"}}, {{$ref: "#/components/schemas/B"}}]}}
"""
    x, y = "x: {type: string}", "y: {type: integer}"
    assert above_info(compare(text.format(f"{x}, {y}", ""), text.format(x, y))) == []
    assert slugs(compare(text.format(f"{x}, {y}", ""), text.format(x, "")))[0] == "response-property-removed"


def test_a_named_enumeration_and_a_renamed_component_are_no_change() -> None:
    old = taken("{type: object, properties: {k: {type: string, enum: [a, b]}}}")
    new = taken("{$ref: '#/components/schemas/Body-Input'}") + (
        "components: {schemas: {Kind: {type: string, enum: [a, b], title: Kind}, Body-Input: {type: object, "
        "properties: {k: {$ref: '#/components/schemas/Kind'}}}}}\n"
    )
    assert above_info(compare(old, new)) == []


def test_a_name_that_means_another_schema_now_is_followed_and_not_compared() -> None:
    """The component `Item` was renamed, and another one took its name: nothing changed for the operation."""
    first = taken("{$ref: '#/components/schemas/Item'}") + "components: {schemas: {Item: {type: object}}}\n"
    second = (
        taken("{$ref: '#/components/schemas/Old'}")
        + "components: {schemas: {Old: {type: object}, Item: {type: integer}}}\n"
    )
    assert above_info(compare(first, second)) == []


def test_a_reference_to_another_component_that_changed_as_well_is_judged_by_what_it_is_now() -> None:
    text = "components: {{schemas: {{A: {{type: integer}}, B: {{type: {0}}}}}}}\n"
    first = taken("{$ref: '#/components/schemas/A'}") + text.format("integer")
    second = taken("{$ref: '#/components/schemas/B'}") + text.format("string")
    assert slugs(compare(first, second))[0] == "request-type-changed"
    same = taken("{$ref: '#/components/schemas/B'}") + text.format("integer")
    assert above_info(compare(first.replace("B: {type: integer}", "B: {type: string}"), same)) == []


def test_a_path_parameter_that_is_renamed_or_moved_is_no_change() -> None:
    parameter = "{name: %s, in: path, required: true, schema: {type: string}}"
    old = f"{{'/a/{{id}}': {{get: {{parameters: [{parameter % 'id'}], responses: {{'200': {{description: OK}}}}}}}}}}"
    new = f"{{'/a/{{key}}': {{parameters: [{parameter % 'key'}], get: {{responses: {{'200': {{description: OK}}}}}}}}}}"
    assert told(compare(api(old), api(new))) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("{type: integer}", "{type: integer, multipleOf: 2}", "request-bound-tightened"),
        ("{type: array}", "{type: array, uniqueItems: true}", "request-bound-tightened"),
        ("{type: object}", "{type: object, minProperties: 1}", "request-bound-tightened"),
        ("{type: object}", "{type: object, maxProperties: 1}", "request-bound-tightened"),
        ("{type: array, maxItems: 9}", "{type: array, maxItems: 5}", "request-bound-tightened"),
        ("{type: object}", "{type: object, additionalProperties: false}", "request-object-closed"),
        (
            "{type: object, additionalProperties: {type: number}}",
            "{type: object, additionalProperties: {type: integer}}",
            "request-type-changed",
        ),
        ("true", "{type: string}", "request-type-changed"),
        (
            "{type: array, prefixItems: [{type: string}]}",
            "{type: array, prefixItems: [{type: string}], items: false}",
            "request-narrowed",
        ),
    ],
)  # fmt: skip
def test_changes_that_bind_and_that_nobody_checks(old: str, new: str, rule: str) -> None:
    finding = only(compare(taken(old), taken(new)), rule)
    assert finding.level is Level.ERROR
    assert finding.evidence.witness is not None


def test_an_enumeration_in_a_response_that_opens_is_an_error() -> None:
    finding = only(compare(given("{type: string, enum: [a]}"), given("{type: string}")), "response-values-opened")
    assert finding.level is Level.ERROR
    assert isinstance(finding.evidence.witness.value if finding.evidence.witness else None, str)


def test_may_be_null_has_a_rule_of_its_own() -> None:
    result = compare(given("{type: string}"), given("{anyOf: [{type: string}, {type: 'null'}]}"))
    finding = only(result, "response-may-be-null")
    assert finding.evidence.witness is not None
    assert finding.evidence.witness.value is None


def test_pydantic_1_to_2_is_one_group_and_the_wire_stands_out() -> None:
    def schema(name: str, price: str, note: str) -> str:
        return given("{$ref: '#/components/schemas/Item'}") + (
            "components: {schemas: {HTTPValidationError: {type: object}, Item: {type: object, properties: {"
            f"{name}: {{type: string}}, price: {price}, note: {note}, more: {note}}}}}}}}}\n"
        )

    null = "{anyOf: [{type: string}, {type: 'null'}]}"
    old = schema("a", "{type: number}", "{type: string}").replace("3.1.0", "3.0.2")
    result = compare(old, schema("a", "{type: string}", null))
    assert only(result, "framework-upgrade").level is Level.INFO
    nulls = [one for one in result.findings if one.rule == "ZC286"]
    assert {one.group for one in nulls} == {"framework upgrade"}
    assert {one.level for one in nulls} == {Level.WARNING}
    assert [one.message for one in result.findings if one.level is Level.ERROR and not one.group] == [
        "schema Item `price`, in responses: type number became string"
    ]


def test_fastapi_root_path_is_no_drift() -> None:
    paths = "{/things: {get: {responses: {'200': {description: OK}}}}}"
    assert compare(api(paths), api(paths, "servers: [{url: /api/v1}]\n")).findings == ()
    changed = compare(
        api(paths, "servers: [{url: https://a.example}]\n"), api(paths, "servers: [{url: https://b.example}]\n")
    )
    assert only(changed, "server-removed").level is Level.WARNING
    quiet = drift(
        document(api(paths, "servers: [{url: https://a.example}]\n")),
        document(api(paths)),
        config=DriftConfig(ignore_servers=True),
    )
    assert quiet.findings == ()


def test_a_bound_given_as_a_string_is_a_bound() -> None:
    result = compare(taken("{type: integer, minimum: '1'}"), taken("{type: integer, minimum: '5'}"))
    assert only(result, "request-bound-tightened").evidence.witness is not None


def test_swagger_2_is_compared_with_openapi_3() -> None:
    old = """
swagger: "2.0"
info: {title: T, version: "1"}
paths:
  /a:
    post:
      consumes: [application/json]
      produces: [application/json]
      parameters: [{name: body, in: body, required: true, schema: {$ref: "#/definitions/A"}}]
      responses: {"200": {description: OK, schema: {$ref: "#/definitions/A"}}}
definitions: {A: {type: object, properties: {x: {type: integer}}}}
"""
    new = """
openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /a:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}
      responses:
        "200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}
components: {schemas: {A: {type: object, properties: {x: {type: integer}}}}}
"""
    assert above_info(compare(old, new)) == []
    changed = compare(old, new.replace("type: integer", "type: string"))
    assert {"request-type-changed", "response-type-changed"} <= set(slugs(changed))


def test_places_have_pointers_and_lines_of_both_documents() -> None:
    result = compare(taken("{type: integer, minimum: 0}"), "\n\n" + taken("{type: integer, minimum: 1}"))
    finding = only(result, "request-bound-tightened")
    assert finding.place is not None
    assert finding.place.pointer.endswith("/schema/minimum")
    assert (finding.place.role, finding.place.line) == ("live", 7)
    assert [(one.role, one.line) for one in finding.related] == [("snapshot", 5)]


def test_a_list_written_in_another_way_is_an_error_and_of_a_scalar_it_is_nothing() -> None:
    def query(more: str, kind: str) -> str:
        return things(f"parameters: [{{name: q, in: query, {more} schema: {kind}}}]", method="get")

    listed = "{type: array, items: {type: string}}"
    assert slugs(compare(query("", listed), query("explode: false,", listed)))[0] == "parameter-serialisation-changed"
    assert told(compare(query("", "{type: string}"), query("explode: false,", "{type: string}"))) == []
    assert above_info(compare(query("", "{type: integer}"), query("", "{type: string}"))) == []
    assert above_info(compare(query("", "{type: string}"), query("", "{type: integer}"))) != []


def test_an_operation_that_promised_nothing_breaks_nobody() -> None:
    old = things("x-stability-level: alpha, parameters: [{name: q, in: query, schema: {type: string}}]")
    assert above_info(compare(old, things("x-stability-level: alpha"))) == []


def test_the_report_of_a_whole_path_says_each_operation() -> None:
    old = api("{/a: {get: {responses: {'200': {description: OK}}}, put: {responses: {'200': {description: OK}}}}}")
    assert [one.message for one in compare(old, api()).findings][:2] == ["GET /a was removed", "PUT /a was removed"]


def test_how_the_documents_were_taken_is_said() -> None:
    old = things("").replace("3.1.0", "3.0.3")
    assert compare(old, things("")).notes == ("OpenAPI 3.0.3 against 3.1.0: compared by what each version means",)
    assert compare(things(""), things("")).notes == ()


def test_openapi_3_0_that_says_nothing_in_its_own_way_is_read_as_3_1() -> None:
    plain = document(taken("{type: string}").replace("3.1.0", "3.0.3"))
    own = document(taken("{type: string, nullable: true}").replace("3.1.0", "3.0.3"))
    beside = document(taken("{$ref: '#/components/schemas/A', type: string}").replace("3.1.0", "3.0.3"))
    new = document(taken("{type: string}"))
    assert one_dialect(plain, new) is one_dialect(new, plain) is Dialect.OPENAPI_3_1
    # What is of 3.0 alone is understood where the younger document is read as 3.0, with the keywords that came later.
    assert one_dialect(own, new) is one_dialect(new, own) is one_dialect(beside, new) is Dialect.OPENAPI_3_0
    for word in ("nullable: true", "x-a: {$anchor: b}", "allOf: [{$ref: '#/components/schemas/A', minLength: 1}]"):
        assert one_dialect(own, document(taken(f"{{type: string, {word}}}"))) is None
    assert one_dialect(own, own) is Dialect.OPENAPI_3_0
    assert slugs(drift(own, new))[0] == "request-null-refused"


@pytest.mark.parametrize(
    ("elder", "younger"),
    [
        ("{type: string, nullable: true}", "{type: [string, 'null']}"),
        ("{type: string, nullable: true}", "{type: string}"),
        ("{type: string, enum: [a, b], nullable: true}", "{enum: [a, b, null]}"),
        ("{nullable: true, allOf: [{type: object}]}", "{anyOf: [{type: object}, {type: 'null'}]}"),
        ("{type: integer, minimum: 0, exclusiveMinimum: true}", "{type: integer, exclusiveMinimum: 0}"),
        ("{type: integer, minimum: 0, exclusiveMinimum: true}", "{type: integer, minimum: 0, const: 0}"),
        ("{type: array, items: {type: string, nullable: true}}", "{type: array, prefixItems: [{type: string}]}"),
    ],
)
def test_3_0_beside_3_1_is_judged_as_each_by_itself(elder: str, younger: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = document(taken(elder).replace("3.1.0", "3.0.3")), document(taken(younger))
    pairs = [(old, new), (new, old)]
    assert all(one_dialect(*pair) is Dialect.OPENAPI_3_0 for pair in pairs)
    together = [[(one.rule, one.level) for one in drift(*pair).findings] for pair in pairs]
    monkeypatch.setattr("zeues_contracts.drift.compare.one_dialect", lambda *_: None)
    assert [[(one.rule, one.level) for one in drift(*pair).findings] for pair in pairs] == together


def test_what_no_place_tells_is_told_of_the_whole() -> None:
    """An alternative more, and yet 5 is no longer valid: it matches two of them."""
    old, new = (
        "{anyOf: [{type: string}, {type: integer}]}",
        "{oneOf: [{type: string}, {type: integer}, {type: number}]}",
    )
    finding = only(compare(taken(old), taken(new)), "request-narrowed")
    assert finding.evidence.witness is not None
    assert isinstance(finding.evidence.witness.value, int)
    assert only(compare(given(new), given(old)), "response-widened").evidence.witness is not None
