"""Judging a recording: what may be believed, whose word counts, what passes for the wrong reason."""

from __future__ import annotations

import json

import pytest

from zeues_contracts.consumers.model import Contract, Expectation, Interaction, RequestSpec
from zeues_contracts.consumers.recording.spool import Outcome, Recorded, Recording
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Cause, Evidence, Finding, Forecast, Layer, Level, Witness
from zeues_contracts.live.observing import believable, judge_recording, with_outcomes, wrong_reasons
from zeues_contracts.openapi import document_from_mapping

DOCUMENT = document_from_mapping(
    {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {
            "/login": {
                "post": {
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "required": ["token", "id"],
                                        "properties": {
                                            "token": {"type": "string", "minLength": 20},
                                            "id": {"type": "integer"},
                                        },
                                    }
                                }
                            },
                        }
                    }
                }
            }
        },
    },
    "shop.json",
)


def recorded(body, *, status=200, truncated=False, library="requests", number="1"):
    data = json.dumps(body).encode()
    response = Response(status, (("content-type", "application/json"),), data, truncated=truncated)
    return Recorded(number, Exchange(Request("POST", "http://shop/login"), response, at=1.0), "test_login", library)


def rules(*exchanges, **options):
    observed = judge_recording(Recording(exchanges), DOCUMENT, "web", **options)
    return {one.rule for one in observed.findings}


def test_what_was_taken_out_of_an_answer_is_no_violation():
    assert rules(recorded({"token": "***", "id": 1})) == set()
    assert rules(recorded({"token": "short", "id": 1}))
    assert rules(recorded({"token": "***", "id": "x"})), "the rest of it counts"


def test_an_answer_that_was_not_read_to_its_end_is_judged_by_its_head():
    assert rules(recorded({"id": "x"}, truncated=True)) == set()
    assert rules(recorded({"detail": "no"}, status=418, truncated=True)) == {"ZC402"}


def test_believable_looks_at_the_place_in_question():
    exchange = recorded({}).exchange
    finding = Finding("ZC405", Level.ERROR, Cause.VIOLATION, "m", evidence=Evidence(Witness({"a": ["***", 5]}, "/a/0")))
    assert not believable(finding, exchange)
    assert believable(finding.with_(evidence=Evidence(Witness({"a": ["***", 5]}, "/a/1"))), exchange)
    assert believable(finding.with_(evidence=Evidence()), exchange)


@pytest.mark.parametrize(("passed", "met"), [(True, True), (False, False), (None, False)])
def test_what_the_proxy_saw_is_met_if_the_command_passed(passed, met):
    observed = judge_recording(
        Recording((recorded({"detail": "no"}, status=404, library="proxy"),)), DOCUMENT, "web", passed=passed
    )
    assert observed.replayed[0].met is met


def test_a_contract_that_is_known_says_what_the_proxy_cannot():
    wanted = Interaction("login", "POST /login", RequestSpec(), Expectation(("404",)), "test_login")
    known = Contract("shop-tests", "shop", (wanted,))
    seen = recorded({"detail": "no"}, status=404, library="proxy")
    observed = judge_recording(Recording((seen,)), DOCUMENT, "web", contracts=[known], passed=False)
    assert (observed.contract.consumer, observed.replayed[0].interaction) == ("shop-tests", "login")
    assert observed.replayed[0].met is True


LAYER = Layer(Cause.MISMATCH, "m")


@pytest.mark.parametrize(
    ("ours", "outcome", "passes", "layers"),
    [
        (Forecast("c", "test_a", passes=False, layers=(LAYER,)), "passed", True, 0),
        (Forecast("c", "test_a", passes=True, wrong_reason="w"), "failed", False, 1),
        (Forecast("c", "test_a", passes=False, layers=(LAYER,)), "failed", False, 1),
        (Forecast("c", "test_a", passes=True), "skipped", None, 0),
        (Forecast("c", "test_a", passes=None), "passed", True, 0),
    ],
)
def test_the_runners_word_goes_before_ours(ours, outcome, passes, layers):
    (told,) = with_outcomes([ours], [Outcome("tests/x.py::test_a[1]", outcome, "call", "assert 1 == 2\nmore")], "c")
    assert (told.passes, len(told.layers)) == (passes, layers)
    if outcome == "failed":
        assert told.wrong_reason == ""


def test_a_failure_that_no_exchange_explains_is_named():
    (told,) = with_outcomes([], [Outcome("t.py::test_b", "failed", "call", "boom\nx")], "c")
    assert (told.test, told.passes, told.layers[0].cause) == ("t.py::test_b", False, None)
    assert "boom" in told.layers[0].message
    assert with_outcomes([], [Outcome("t.py::test_b", "passed")], "c") == ()
    both = [Outcome("t.py::test_b[1]", "failed"), Outcome("t.py::test_b[2]", "passed")]
    assert with_outcomes([Forecast("c", "t.py::test_b", passes=True)], both, "c")[0].passes is False


def test_only_a_pass_has_a_wrong_reason():
    contract = Contract("c", "s", (Interaction("i", "GET /a", RequestSpec(), Expectation(), "test_a"),))
    (found,) = wrong_reasons([Forecast("c", "test_a", passes=True, wrong_reason="why")], contract, "s")
    assert (found.rule, found.operation, found.hits[0].interaction) == ("ZC520", "GET /a", "i")
    assert wrong_reasons([Forecast("c", "test_a", passes=False, wrong_reason="why")], contract) == ()
    assert wrong_reasons([Forecast("c", "test_a", passes=True)], contract) == ()
