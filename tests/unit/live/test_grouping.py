"""One root, one finding: a place of a shared schema that the answers of several operations break."""

import pytest
from msgspec.structs import replace

from zeues_contracts.findings import Hit
from zeues_contracts.live.candidates import judge_all
from zeues_contracts.live.grouping import grouped, shared_place
from zeues_contracts.rules import rule

from .documents import document, exchange

BODY = "content: {application/json: {schema: %s}}"
BILL = BODY % '{$ref: "#/components/schemas/Bill"}'
BILLS = BODY % '{type: array, items: {$ref: "#/components/schemas/Bill"}}'
DOC = document(
    f"""
openapi: 3.1.0
info: {{}}
paths:
  /bills: {{get: {{responses: {{"200": {{description: all, {BILLS}}}}}}}}}
  /bills/{{id}}:
    get: {{responses: {{"200": {{description: one, {BILL}}}}}}}
    put: {{responses: {{"200": {{description: one, {BILL}}}}}}}
  /other: {{get: {{responses: {{"200": {{description: x, {BODY % "{type: object}"}}}}}}}}}
components:
  schemas:
    Bill: {{type: object, properties: {{total: {{type: number}}, lines: {{type: array, items: {{type: string}}}}}}}}
"""
)


def found(*answers):
    return [one for method, path, body in answers for one in judge_all(DOC, exchange(method, path, 200, body))]


def test_a_shared_place_is_told_once_with_all_its_operations():
    findings = found(
        ("GET", "/bills", [{"total": 1}, {"total": None}]),
        ("GET", "/bills/1", {"total": None}),
        ("PUT", "/bills/1", {"total": None, "lines": ["x" * 50]}),
        ("GET", "/other", []),
    )
    assert [one.rule for one in findings] == ["ZC405"] * 4
    first, other = grouped(findings)
    assert first.operations == ("GET /bills", "GET /bills/{id}", "PUT /bills/{id}")
    assert first.message == '3 operations answer with a body outside of Bill.total: null is not of type "number"'
    assert first.place.pointer == "/components/schemas/Bill/properties/total/type"
    assert first.evidence.exchange.request.url.endswith("/bills/1"), "the shortest to read"
    assert "GET /bills: 200 /*/total type" in first.evidence.details
    assert other is findings[3]
    assert grouped([first, other]) == (first, other)


def test_the_identity_does_not_depend_on_which_operations_were_seen():
    three = found(
        ("GET", "/bills/1", {"total": None}), ("PUT", "/bills/1", {"total": None}), ("GET", "/bills", [{"total": ""}])
    )
    ids = {grouped(pair)[0].fingerprint for pair in (three, three[:2], three[1:], three[::-1])}
    assert len(ids) == 1


def test_different_places_stay_apart():
    findings = found(("GET", "/bills/1", {"total": None}), ("PUT", "/bills/1", {"lines": [1]}))
    assert grouped(findings) == tuple(findings)
    (lines,) = grouped(found(*[(method, "/bills/1", {"lines": [1]}) for method in ("GET", "PUT")]))
    assert lines.message.startswith("2 operations answer with a body outside of Bill.lines")


def test_one_operation_that_was_seen_by_two_ways_is_one_finding_with_all_its_consumers():
    (one,) = found(("GET", "/bills/1", {"total": None}))
    replayed = one.with_(hits=(Hit("web", "read"),), subject="200 /total type ")
    (joined,) = grouped([one, replayed])
    assert (joined.operations, joined.hits) == (one.operations, replayed.hits)
    assert joined.message == one.message


@pytest.mark.parametrize(
    ("code", "pointer"),
    [("ZC405", "/paths/~1a/get/responses/200/content"), ("ZC401", "/components/schemas/A/type"), ("ZC405", "")],
)
def test_only_shared_schemas_are_shared(code, pointer):
    (finding,) = found(("GET", "/bills/1", {"total": None}))
    changed = rule(code).finding("m", operations=("GET /a",), place=replace(finding.place, pointer=pointer))
    assert shared_place(changed) is None
    assert shared_place(changed.with_(place=None)) is None
