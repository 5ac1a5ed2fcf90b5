"""Interactions sent to a real service, judged against document and expectation, and the forecast made from it."""

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from zeues_contracts.config import ReplayConfig, ServiceConfig
from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
from zeues_contracts.findings import Cause, Level, StageStatus
from zeues_contracts.live.addresses import Target
from zeues_contracts.live.building import CannotBuildError, build_request, operation_of_interaction
from zeues_contracts.live.expecting import status_fits, unmet
from zeues_contracts.live.replay import Sent, judge_replayed, replay
from zeues_contracts.live.sending import HttpSender
from zeues_contracts.triage.forecast import count_if_mended, forecast, forecast_sentence
from zeues_contracts.triage.model import ProbeResult

from .documents import document, exchange
from .services import free_url, serving


class Take(BaseModel):
    tag: str
    worker: int


def value(one):
    return Payload({"const": one}, one, True)


def interaction(name, operation, expect="200", *, body=None, schema=None, path=None, query=None, test=""):
    return Interaction(
        name,
        operation,
        RequestSpec(
            {key: value(one) for key, one in (path or {}).items()},
            {key: value(one) for key, one in (query or {}).items()},
            body=None if body is None else value(body),
        ),
        Expectation(tuple(expect.split("|")) if expect else (), body=Payload(schema) if schema is not None else None),
        test,
    )


PLAIN = """
openapi: 3.1.0
info: {}
paths:
  /bills: {get: {responses: {"200": {description: fine}}}}
  /post: {post: {responses: {"200": {description: fine}}}}
  /well: {get: {responses: {"200": {description: fine}}}}
"""


def judged(*pairs, probes=()):
    """The findings of answers, each to an interaction of its own that expects 200."""
    contract = Contract("web", "s", tuple(interaction(f"{one} {two}", f"{one} {two}") for one, two, _ in pairs))
    answers = [exchange(one, two, **more) for one, two, more in pairs]
    sent = [
        Sent(contract, each, operation_of_interaction(document(PLAIN), each), got, [got])
        for each, got in zip(contract.interactions, answers, strict=True)
    ]
    return judge_replayed(sent, document(PLAIN), probes=probes).findings


FAILED = {"status": 500, "body": "Internal Server Error"}


@pytest.mark.parametrize("failing", [("POST", "/post"), ("GET", "/bills")])
def test_a_plain_500_on_a_service_that_is_well_is_the_services_fault_alone(failing):
    (finding,) = judged((*failing, FAILED), ("GET", "/well", {}))
    assert (finding.rule, finding.level, finding.confidence) == ("ZC401", Level.ERROR, "likely")
    assert [hit.consumer for hit in finding.hits] == ["web"]
    assert finding.evidence.details == ("GET /well answers well",)


def test_a_plain_500_of_which_nothing_else_is_known_is_no_mismatch():
    (finding,) = judged(("POST", "/post", FAILED))
    assert (finding.rule, finding.level, finding.confidence) == ("ZC401", Level.WARNING, "cannot tell")


def test_a_plain_500_while_a_probe_says_down_is_an_outage():
    down = ProbeResult("http://x/redis", "/redis", 503, False, "Redis")
    found = judged(("POST", "/post", FAILED), ("GET", "/well", {}), probes=[down])
    assert {one.cause for one in found} == {Cause.OUTAGE}


def test_a_connection_that_breaks_each_time_is_no_mismatch():
    broken = {"error": "reset"}
    found = judged(("GET", "/bills", broken), ("GET", "/bills", broken), ("GET", "/well", {}))
    assert {(one.rule, one.level, one.confidence) for one in found} == {("ZC441", Level.ERROR, "likely")}


def test_an_answer_that_never_comes_is_no_mismatch():
    late = {"error": "timeout"}
    found = judged(("GET", "/bills", late), ("GET", "/bills", late), ("GET", "/well", {}))
    assert {(one.rule, one.level, one.confidence) for one in found} == {("ZC441", Level.WARNING, "cannot tell")}


def test_a_body_that_stalls_while_a_probe_stalls_is_an_outage():
    down = ProbeResult("http://x/health", "/health", 200, False, "", "the answer stops after 8 bytes")
    found = judged(("GET", "/well", {"body": {"a": 1}, "truncated": True}), probes=[down])
    assert {one.cause for one in found} == {Cause.OUTAGE}


@pytest.fixture(scope="module")
def app():
    app = FastAPI()
    app.state.out = False

    @app.post("/take")
    def take(take: Take) -> dict[str, bool]:
        if take.tag == "none":
            raise HTTPException(404, "no such spool")
        if app.state.out:
            raise HTTPException(500, "Internal server error: Too many connections")
        if take.tag == "bug":
            raise HTTPException(500, "'Take' object has no attribute 'operacion'")
        return {"success": True}

    @app.get("/history/{tag}")
    def history(tag: str) -> dict[str, str | list[str]]:
        return {"tag": tag, "sessions": []}

    @app.get("/bad", response_model=list[str])
    def bad():
        return JSONResponse({})

    @app.get("/redis-health")
    def redis_health():
        return {"status": "unhealthy", "message": "Too many connections"} if app.state.out else {"status": "healthy"}

    return app


@pytest.fixture
def url(app):
    app.state.out = False
    with serving(app) as base:
        yield base


CONTRACT = Contract(
    "suite",
    "spools",
    (
        interaction("take", "POST /take", body={"tag": "T", "worker": 1}, schema={"required": ["success"]}, test="1"),
        interaction("take-bug", "POST /take", body={"tag": "bug", "worker": 1}, test="2"),
        interaction("take-lacking", "POST /take", body={"tag": "T"}, test="3"),
        interaction("unknown", "POST /take", "404", body={"tag": "none", "worker": 1}, test="4"),
        interaction("history", "GET /history/{t}", path={"t": "a/b"}, schema={"required": ["history"]}, test="5"),
        interaction("not-200", "POST /take", "4XX|5XX", body={"tag": "U", "worker": 1}, test="6"),
        interaction("bad", "GET /bad", test="7"),
    ),
)


def test_on_a_healthy_service(app, url):
    result = replay([CONTRACT], document(app.openapi()), url, service="spools")
    met = {one.interaction: one.met for one in result.replayed}
    assert met == {
        "take": True,
        "take-bug": False,
        "take-lacking": False,
        "unknown": True,
        "history": False,
        "not-200": False,
        "bad": True,
    }
    found = {(finding.rule, finding.hits[0].interaction) for finding in result.findings}
    assert found == {
        ("ZC401", "take-bug"),
        ("ZC450", "take-lacking"),
        ("ZC450", "history"),
        ("ZC450", "not-200"),
        ("ZC402", "unknown"),
        ("ZC405", "bad"),
    }
    assert result.stage.status is StageStatus.RAN
    assert result.stage.counts["sent"] == 7


def test_during_an_outage_no_violation_is_claimed(app, url):
    app.state.out = True
    result = replay([CONTRACT], document(app.openapi()), url, service="spools")
    assert result.stage.status is StageStatus.BLOCKED
    assert result.outage.is_outage
    by = {one.interaction: one for one in result.replayed}
    assert by["take"].verdict.cause is Cause.OUTAGE
    assert by["take-bug"].verdict.cause is Cause.OUTAGE
    hit = {hit.interaction for finding in result.findings if finding.cause is not Cause.OUTAGE for hit in finding.hits}
    assert not hit & {"take", "take-bug", "not-200"}
    # What needs no dependency is judged all the same.
    assert {"history", "take-lacking", "bad"} <= hit


def test_the_forecast_in_layers(app, url):
    doc = document(app.openapi())
    app.state.out = True
    out = replay([CONTRACT], doc, url, service="spools")
    told = {one.test: one for one in forecast([CONTRACT], out.findings, out.replayed)}
    assert [told[test].passes for test in "1234567"] == [False, False, False, True, False, True, True]
    assert told["1"].layers[0].cause is Cause.OUTAGE
    assert told["3"].layers[0].cause is Cause.MISMATCH
    assert "an outage" in told["6"].wrong_reason
    assert not told["4"].wrong_reason
    every = tuple(told.values())
    assert count_if_mended(every, ()) == 3
    assert count_if_mended(every, (Cause.OUTAGE,)) == 5
    assert forecast_sentence(every).startswith("now 3 of 7; with ")
    assert forecast_sentence(every).endswith("(1 passes for the wrong reason)")
    app.state.out = False
    back = replay([CONTRACT], doc, url, service="spools")
    behind = {one.test: one for one in forecast([CONTRACT], back.findings, back.replayed)}
    assert behind["2"].layers[0].cause is Cause.VIOLATION
    assert behind["1"].passes is True


def test_a_service_that_is_gone_ends_it_at_once(app):
    result = replay([CONTRACT], document(app.openapi()), free_url(), service="spools")
    assert len(result.exchanges) == 1
    assert result.stage.counts["not judged"] == 7
    assert {finding.rule for finding in result.findings} == {"ZC501", "ZC521"}


def test_unsafe_methods_stay_off_hosts_that_are_not_loopback(app, url):
    port = int(url.rpartition(":")[2])
    sender = HttpSender("http://elsewhere.invalid", target=Target("http", "elsewhere.invalid", port, "", "127.0.0.1"))
    result = replay([CONTRACT], document(app.openapi()), sender.base_url, sender=sender)
    assert {one.request.method for one in result.exchanges} == {"GET"}
    assert all("loopback" in one.skipped for one in result.replayed if one.operation == "POST /take")
    listed = ServiceConfig(replay=ReplayConfig(safe=["POST /take"], unsafe=["GET /bad"]))
    result = replay([CONTRACT], document(app.openapi()), sender.base_url, listed, sender=sender)
    assert {one.request.method for one in result.exchanges} == {"GET", "POST"}
    assert not [one for one in result.exchanges if "/bad" in one.request.url]


def test_the_path_value_is_one_segment(app, url):
    request = build_request(CONTRACT.interactions[4], url)
    assert request.url.endswith("/history/a%2Fb")


def test_what_cannot_be_built_says_why():
    with pytest.raises(CannotBuildError, match="path parameter id"):
        build_request(interaction("x", "GET /a/{id}"), "http://x")
    with pytest.raises(CannotBuildError, match="no operation"):
        build_request(interaction("x", "readThing"), "http://x")


def test_queries():
    request = build_request(interaction("x", "GET /a", query={"q": "a b", "n": [1, 2], "f": True}), "http://x/base/")
    assert request.url == "http://x/base/a?q=a+b&n=1&n=2&f=true"


@pytest.mark.parametrize(
    ("status", "wanted", "fits"),
    [
        (200, "200", True),
        (201, "2XX", True),
        (404, "2xx", False),
        (500, "", True),
        (204, "20X", True),
        (200, "abc", False),
    ],
)
def test_statuses(status, wanted, fits):
    assert status_fits(status, wanted) is fits


def test_unmet_speaks_of_the_body_only_where_the_status_fits():
    expectation = Expectation(("200",), body=Payload({"type": "array"}))
    assert unmet(expectation, exchange(status=404, body={})) == ("status 404, expected 200",)
    (why,) = unmet(expectation, exchange(body={}))
    assert "array" in why
    assert unmet(expectation, exchange(body=[])) == ()
    assert "no answer" in unmet(expectation, exchange(error="refused"))[0]


def test_levels_of_what_the_data_may_explain(app, url):
    contract = Contract("c", "s", (interaction("x", "POST /take", body={"tag": "none", "worker": 1}),))
    result = replay([contract], document(app.openapi()), url)
    (finding,) = [one for one in result.findings if one.rule == "ZC450"]
    assert (finding.level, finding.confidence) == (Level.WARNING, "likely")


def test_who_expects_a_closed_door_knocks_without_the_configured_key():
    app = FastAPI()

    @app.get("/bills")
    def bills(request: Request):
        if request.headers.get("x-api-key") != "right":
            raise HTTPException(401)
        return []

    with serving(app) as url:
        contract = Contract("web", "s", (interaction("open", "GET /bills"), interaction("closed", "GET /bills", "401")))
        result = replay([contract], None, url, headers={"x-api-key": "right"})
    assert [(one.interaction, one.met) for one in result.replayed] == [("open", True), ("closed", True)]
