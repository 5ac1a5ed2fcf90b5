from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.snapshots import generating
from zeues_contracts.drift import drift
from zeues_contracts.findings import Finding
from zeues_contracts.openapi import document_from_mapping
from zeues_contracts.openapi.model import Document
from zeues_contracts.snapshots.patching import Inseparable, Patched, patch


def judge(old: Document, new: Document) -> Sequence[Finding]:
    return drift(old, new, service="shop").findings


def document(raw: dict[str, Any], name: str = "x") -> Document:
    return document_from_mapping(raw, name)


def names(findings: Sequence[Finding]) -> set[str]:
    """Fingerprints of what stands for itself.

    The version that was not raised only follows from other changes, and so do texts: one finding counts all that
    differ in a component.
    """
    return {one.fingerprint for one in findings if one.rule not in ("ZC299", "ZC259", "ZC298")}


def accept(old: dict[str, Any], new: dict[str, Any], wanted: Callable[[Finding], bool]) -> Patched | Inseparable:
    changes = judge(document(old), document(new))
    chosen = {one.fingerprint for one in changes if wanted(one)}
    assert chosen, [one.message for one in changes]
    assert not names(changes) <= chosen
    result = patch(document(old), new, changes, chosen, judge)
    if isinstance(result, Patched):
        left = names(judge(document(dict(result.contents)), document(new)))
        assert left == names(changes) - chosen
    return result


def check(seed: int, kinds: Sequence[generating.Change] | None = None) -> str:
    """One random pair and subset: exactly the rest drifts, or what hangs together is told and is enough."""
    rng = random.Random(seed)
    old = generating.document(rng)
    new = generating.changed(rng, old, rng.randint(2, 4), kinds)
    changes = judge(document(old), document(new))
    if len(names(changes)) < 2:
        return "few"
    pool = sorted(names(changes))
    chosen = set(rng.sample(pool, rng.randint(1, len(pool) - 1)))
    before = copy.deepcopy((old, new))
    result = patch(document(old), new, changes, chosen, judge, seconds=1)
    kind = "separable"
    if isinstance(result, Inseparable):
        more = {one.fingerprint for one in result.together}
        assert more
        assert not more & chosen
        result = patch(document(old), new, changes, chosen | more, judge)
        chosen |= more
        kind = "together"
    assert isinstance(result, Patched)
    assert names(judge(document(dict(result.contents)), document(new))) == set(pool) - chosen
    assert (old, new) == before, "patching wrote to what it was given"
    return kind


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 10_000))
def test_what_is_written_drifts_by_exactly_what_was_not_accepted(seed: int) -> None:
    check(seed)


def test_changes_as_they_happen_can_nearly_always_be_separated() -> None:
    kinds = [check(seed, generating.NATURAL) for seed in range(80)]
    assert kinds.count("separable") >= 0.85 * (len(kinds) - kinds.count("few"))
    assert kinds.count("separable") >= 30


ORDER = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "note": {"type": "string"}}}


def shop(order: dict[str, Any] | None = None) -> dict[str, Any]:
    """One component that a request and a response share."""
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/orders": {
                "post": {
                    "requestBody": {"required": True, "content": body},
                    "responses": {"204": {"description": "made"}},
                },
                "get": {"responses": {"200": {"description": "all", "content": body}}},
            }
        },
        "components": {"schemas": {"Order": order or copy.deepcopy(ORDER)}},
    }


def test_two_properties_of_one_component_are_separate() -> None:
    new = shop()
    new["components"]["schemas"]["Order"]["properties"] |= {"when": {"type": "string"}, "size": {"type": "integer"}}
    result = accept(shop(), new, lambda one: one.subject.endswith("when"))
    assert isinstance(result, Patched)
    properties = result.contents["components"]["schemas"]["Order"]["properties"]
    assert set(properties) == {"id", "note", "when"}
    assert result.copies == ()


def test_the_request_is_accepted_and_the_response_is_not_so_the_component_is_copied() -> None:
    new = shop()
    new["components"]["schemas"]["Order"]["properties"]["id"] = {"type": "string"}
    result = accept(shop(), new, lambda one: "in requests" in one.message)
    assert isinstance(result, Patched)
    assert result.copies == ("/components/schemas/Order",)
    schemas = result.contents["components"]["schemas"]
    assert schemas["Order"] == ORDER
    assert schemas["Order__2"]["properties"]["id"] == {"type": "string"}
    request = result.contents["paths"]["/orders"]["post"]["requestBody"]
    assert request["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Order__2"


def test_a_new_operation_brings_the_components_that_it_needs() -> None:
    new = shop()
    new["components"]["schemas"]["Cart"] = {
        "type": "object",
        "properties": {"lines": {"$ref": "#/components/schemas/Line"}},
    }
    new["components"]["schemas"]["Line"] = {"type": "object", "properties": {"sku": {"type": "string"}}}
    new["components"]["schemas"]["Order"]["properties"]["when"] = {"type": "string"}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Cart"}}}
    new["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts", "content": body}}}}
    result = accept(shop(), new, lambda one: one.operation == "GET /carts")
    assert isinstance(result, Patched)
    assert set(result.contents["components"]["schemas"]) == {"Order", "Cart", "Line"}
    assert set(result.contents["components"]["schemas"]["Order"]["properties"]) == {"id", "note"}


def test_a_new_operation_on_a_component_of_which_a_change_is_refused_gets_a_copy() -> None:
    new = shop()
    del new["components"]["schemas"]["Order"]["properties"]["note"]
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    new["paths"]["/orders/{id}"] = {"get": {"responses": {"200": {"description": "one", "content": body}}}}
    result = accept(shop(), new, lambda one: one.operation == "GET /orders/{id}")
    assert isinstance(result, Patched)
    assert "note" in result.contents["components"]["schemas"]["Order"]["properties"]


def test_a_new_operation_brings_its_security_scheme() -> None:
    new = shop()
    new["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    new["paths"]["/carts"] = {"get": {"security": [{"key": []}], "responses": {"200": {"description": "carts"}}}}
    new["paths"]["/others"] = {"get": {"responses": {"200": {"description": "others"}}}}
    result = accept(shop(), new, lambda one: one.operation != "GET /others")
    assert isinstance(result, Patched)
    assert "key" in result.contents["components"]["securitySchemes"]


def test_a_removed_operation_and_one_that_stays() -> None:
    old = shop()
    old["paths"]["/a"] = {"get": {"responses": {"200": {"description": "a"}}}}
    old["paths"]["/b"] = {"get": {"responses": {"200": {"description": "b"}}}}
    result = accept(old, shop(), lambda one: one.operation == "GET /a")
    assert isinstance(result, Patched)
    assert set(result.contents["paths"]) == {"/orders", "/b"}


def test_a_component_that_was_renamed_on_the_way_keeps_its_changes_apart() -> None:
    new = shop()
    order = new["components"]["schemas"].pop("Order")
    order["properties"] |= {"when": {"type": "string"}, "size": {"type": "integer"}}
    new["components"]["schemas"]["OrderRead"] = order
    for operation in new["paths"]["/orders"].values():
        body = operation.get("requestBody") or operation["responses"]["200"]
        body["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/OrderRead"}}}
    result = accept(shop(), new, lambda one: one.subject.endswith("when"))
    assert isinstance(result, Patched)
    assert set(result.contents["components"]["schemas"]["Order"]["properties"]) == {"id", "note", "when"}


def test_a_rewrite_of_which_nothing_is_said_comes_with_what_is_accepted_beside_it() -> None:
    def given(state: dict[str, Any], *states: str) -> dict[str, Any]:
        order = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "state": state}}
        document = shop(order)
        document["components"]["schemas"]["State"] = {"type": "string", "enum": list(states)}
        body = {"application/json": {"schema": {"$ref": "#/components/schemas/State"}}}
        document["paths"]["/states"] = {"get": {"responses": {"200": {"description": "s", "content": body}}}}
        return document

    old = given({"$ref": "#/components/schemas/State"}, "open", "shut")
    old["paths"]["/b"] = {"get": {"responses": {"200": {"description": "b"}}}}
    # Written out, the order's state is what it was before; by the reference it would be the new one.
    new = given({"type": "string", "enum": ["open", "shut"]}, "open", "shut", "lost")
    result = accept(old, new, lambda one: one.operation != "GET /b")
    assert isinstance(result, Patched)
    assert result.copies == ()
    assert set(result.contents["paths"]) == {"/orders", "/states", "/b"}
    assert result.contents["components"] == new["components"]


def test_what_one_edit_did_hangs_together() -> None:
    new = shop()
    new["components"]["schemas"]["Order"]["properties"]["note"] = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    new["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts"}}}}
    changes = judge(document(shop()), document(new))
    requests = [one for one in changes if "in requests" in one.message]
    assert len(requests) == 2
    result = patch(document(shop()), new, changes, {requests[0].fingerprint}, judge)
    assert isinstance(result, Inseparable)
    # No more than has to be: the other change of requests, and neither those of responses nor the new operation.
    assert names(result.together) == {requests[1].fingerprint}


def test_texts_of_one_component_are_taken_and_left_with_their_finding() -> None:
    new = shop()
    new["components"]["schemas"]["Order"]["description"] = "An order."
    new["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts"}}}}
    changes = judge(document(shop()), document(new))
    (text,) = (one for one in changes if one.rule == "ZC298")
    result = patch(document(shop()), new, changes, {text.fingerprint}, judge)
    assert isinstance(result, Patched)
    assert result.texts == ()
    assert result.contents["components"]["schemas"]["Order"]["description"] == "An order."
    assert "/carts" not in result.contents["paths"]
    others = {one.fingerprint for one in changes if one.operation == "GET /carts"}
    result = patch(document(shop()), new, changes, others, judge)
    assert isinstance(result, Patched)
    assert "description" not in result.contents["components"]["schemas"]["Order"]


def test_all_is_the_live_document_and_nothing_is_the_old_one() -> None:
    new = shop()
    new["components"]["schemas"]["Order"]["properties"]["when"] = {"type": "string"}
    new["info"]["description"] = "text that is no change"
    changes = judge(document(shop()), document(new))
    everything = patch(document(shop()), new, changes, {one.fingerprint for one in changes}, judge)
    assert isinstance(everything, Patched)
    assert everything.contents == new
    nothing = patch(document(shop()), new, changes, (), judge)
    assert isinstance(nothing, Patched)
    assert nothing.contents == shop()
