"""A request that the document refuses is mended as little as possible, and what it then meets is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.findings import Hit
from zeues_contracts.live.behind import behind, mended
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.rules import rule

ORDER = {
    "type": "object",
    "properties": {
        "tag": {"type": "string", "minLength": 1},
        "worker": {"type": "integer", "exclusiveMinimum": 0},
        "day": {"type": "string", "format": "date"},
        "note": {"type": "string"},
    },
    "required": ["tag", "worker", "day"],
}


def document(body: Any = None, parameters: Any = ()) -> Any:
    operation: dict[str, Any] = {"responses": {"200": {"description": "ok"}}, "parameters": list(parameters)}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    raw = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders": {"post": operation}}}
    return document_from_mapping(raw, "t")


def contract(body: Any = None, **query: Any) -> Contract:
    def payload(value: Any) -> Payload:
        return Payload({"const": value}, value, is_example=True)

    spec = RequestSpec(
        query={name: payload(value) for name, value in query.items()},
        body=None if body is None else payload(body),
    )
    return Contract("till", "shop", (Interaction("order", "POST /orders", spec, Expectation(("200",))),))


def body_of(result: Any) -> Any:
    return result.contracts[0].interactions[0].request.body.value


def test_a_missing_member_is_added_and_the_rest_is_kept() -> None:
    result = mended([contract({"tag": "T-1", "worker": 93, "extra": True})], document(ORDER))
    value = body_of(result)
    assert {**value, "day": ""} == {"tag": "T-1", "worker": 93, "extra": True, "day": ""}
    assert len(value["day"]) == 10
    assert result.notes == {("till", "order"): "`day` was added"}


def test_a_value_that_does_not_fit_is_changed_and_no_other() -> None:
    result = mended([contract({"tag": "T-1", "worker": 0, "day": "2026-02-02"})], document(ORDER))
    value = body_of(result)
    assert value["worker"] > 0
    assert (value["tag"], value["day"]) == ("T-1", "2026-02-02")
    assert "`worker` was changed" in result.notes["till", "order"]


def test_a_request_that_fits_is_left_alone() -> None:
    assert mended([contract({"tag": "T-1", "worker": 93, "day": "2026-02-02"})], document(ORDER)).contracts == ()


def test_a_missing_body_and_a_missing_parameter_are_sent() -> None:
    wanted = {"name": "shift", "in": "query", "required": True, "schema": {"enum": ["day", "night"]}}
    result = mended([contract()], document(ORDER, [wanted]))
    request = result.contracts[0].interactions[0].request
    assert request.query["shift"].value in ("day", "night")
    assert set(request.body.value) >= {"tag", "worker", "day"}
    assert result.notes["till", "order"] == "a body was sent and `shift` was added"


def test_what_no_value_can_mend_is_left_out() -> None:
    assert mended([contract({"tag": "T-1"})], document({"type": "object", "not": {}})).contracts == ()


def test_what_stands_for_a_variable_is_not_sent() -> None:
    (one,) = contract({"tag": "${TAG}", "worker": 93}).interactions
    assert one.request.body is not None
    body = replace(one.request.body, unset=("/tag",), variables=("TAG",))
    lacking = replace(one, request=replace(one.request, body=body))
    assert mended([Contract("till", "shop", (one,))], document(ORDER)).contracts != ()
    assert mended([Contract("till", "shop", (lacking,))], document(ORDER)).contracts == ()


def test_only_what_is_about_the_service_is_told_and_says_what_it_took() -> None:
    hit = (Hit("till", "order"),)
    bug = rule("ZC401").finding("answers 500", hits=hit)
    other = rule("ZC450").finding("would fail", hits=hit)
    told = behind([bug, other], {("till", "order"): "`day` was added"})
    assert [one.rule for one in told] == ["ZC401"]
    assert told[0].evidence.details == ("behind the mismatch of till: order, seen when `day` was added",)
