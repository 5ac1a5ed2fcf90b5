"""Probes against a real server: found, read, and never a lever; honesty."""

import asyncio

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse, StreamingResponse

from zeues_contracts.config import HealthConfig, ProbeConfig, ServiceConfig
from zeues_contracts.findings import Cause
from zeues_contracts.live.health import discover, judge_health, looks_like_health, preflight, read_probe
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.live.limits import Bounds

from .documents import document, exchange
from .services import free_url, serving

SICK = {"status": "unhealthy", "message": "Redis not responding: Too many connections", "operational": False}


def service(redis_up=True, asked=None):
    app = FastAPI()
    asked = asked if asked is not None else []

    @app.middleware("http")
    async def note(request, call_next):
        asked.append(f"{request.method} {request.url.path}")
        return await call_next(request)

    @app.get("/api/health")
    def health():
        return {"status": "healthy", "sheets_connection": "ok"}

    @app.get("/api/redis-health")
    def redis_health():
        return {"status": "healthy", "operational": True} if redis_up else SICK

    @app.get("/api/health/clear-cache")
    def clear_cache():
        return {"ok": True}

    @app.get("/api/health/drain")
    def drain():
        return {"ok": True}

    @app.get("/api/livez")
    def livez():
        return "ok"

    @app.get("/api/reports/health/{year}")
    def report(year: int):
        return {}

    return app


def run(app, config=None, **more):
    sender = AsgiSender(app, bounds=Bounds(seconds=2))
    try:
        return preflight(sender.base_url, document(app.openapi()), config, sender=sender, **more)
    finally:
        sender.close()


def test_a_healthy_service_has_no_findings():
    result = run(service())
    assert result.outage is None
    assert not result.findings
    assert {probe.path: probe.healthy for probe in result.probes} == {
        "/api/health": True,
        "/api/redis-health": True,
        "/api/livez": True,
    }


def test_only_get_is_sent_and_no_lever_is_pulled():
    asked = []
    run(service(asked=asked))
    assert {one.split()[0] for one in asked} == {"GET"}
    assert not [one for one in asked if "clear" in one or "drain" in one or "reports" in one]


def test_the_dishonest_one_is_named_and_liveness_is_not():
    result = run(service(redis_up=False))
    assert result.outage.dependency == "Redis"
    assert [(finding.rule, finding.subject) for finding in result.findings] == [
        ("ZC510", "Redis"),
        ("ZC511", "/api/health"),
    ]
    assert all(finding.cause is Cause.OUTAGE for finding in result.findings)
    assert "not at Redis" in " ".join(result.findings[1].evidence.details)


def test_the_traffic_can_say_otherwise():
    seen = exchange("POST", "/x", 500, {"detail": "Error 111 connecting to localhost:6379. Connection refused."})
    result = run(service(), traffic=[seen])
    assert {finding.rule for finding in result.findings} == {"ZC502", "ZC511"}
    blamed = {finding.subject for finding in result.findings if finding.rule == "ZC511"}
    assert blamed == {"/api/health", "/api/redis-health"}


def test_configured_probes_and_unsafe_lists():
    config = ServiceConfig(
        health=HealthConfig(
            discover=False,
            probes=[
                ProbeConfig(path="/api/health", dependency="Sheets", healthy={"sheets_connection": "up"}),
                ProbeConfig(path="/gone"),
            ],
        )
    )
    result = run(service(), config)
    assert [(probe.path, probe.healthy) for probe in result.probes] == [("/api/health", False), ("/gone", None)]
    assert {finding.rule for finding in result.findings} >= {"ZC510", "ZC512"}


def test_nobody_there():
    result = preflight(free_url())
    assert result.outage.sign == "refused"
    assert [finding.rule for finding in result.findings] == ["ZC501"]


def test_a_name_that_does_not_resolve():
    result = preflight("http://name.invalid")
    assert (result.outage.sign, result.outage.dependency) == ("dns", "DNS")


def test_a_health_endpoint_that_never_ends():
    app = FastAPI()

    async def events():
        for _ in range(200):
            yield "data: {}\n\n"
            await asyncio.sleep(0.02)

    @app.get("/health")
    def health():
        return StreamingResponse(events(), media_type="text/event-stream")

    with serving(app) as url:
        result = preflight(url, document(app.openapi()))
    assert [probe.healthy for probe in result.probes if probe.path == "/health"] == [None]
    assert result.outage is None


def test_a_service_that_says_503():
    app = FastAPI()

    @app.get("/ready")
    def ready():
        return JSONResponse({"status": "starting"}, 503)

    result = run(app)
    assert result.outage is not None
    assert [finding.rule for finding in result.findings] == ["ZC510"]


@pytest.mark.parametrize(
    ("path", "method", "probed"),
    [
        ("/health", "get", True),
        ("/healthz", "get", True),
        ("/api/v1/redis-health", "get", True),
        ("/health/ready", "get", True),
        ("/health/redis", "get", True),
        ("/api/health/db", "get", True),
        ("/actuator/health", "get", True),
        ("/status", "get", True),
        ("/health", "post", False),
        ("/health/{part}", "get", False),
        ("/health/cache-flush", "get", False),
        ("/health/restart", "get", False),
        ("/reset-health", "get", False),
        ("/orders/{id}/status", "get", False),
        ("/orders/all/status", "get", False),
        ("/healthy-food", "get", False),
        ("/users/health/records", "get", False),
    ],
)
def test_what_is_a_probe(path, method, probed):
    doc = document({"openapi": "3.1.0", "info": {}, "paths": {path: {method: {"responses": {}}}}})
    (operation,) = doc.operations.values()
    assert looks_like_health(operation) is probed


def test_unsafe_is_not_probed():
    app = service()
    paths = [probe.path for probe in discover(document(app.openapi()), HealthConfig(), ["GET /api/health"])]
    assert "/api/redis-health" in paths
    assert "/api/health" not in paths


def test_without_a_document_the_service_is_asked_for_its_own():
    with serving(service(redis_up=False)) as url:
        result = preflight(url)
    assert result.outage.dependency == "Redis"
    assert {probe.path for probe in result.probes} == {"/api/health", "/api/redis-health", "/api/livez"}


@pytest.mark.parametrize(
    ("detail", "healthy"),
    [
        ("KeyError: 'redis_connection'", None),
        ("ValueError: timeout must be a positive integer, got 'connection refused'", None),
        ("KeyError: 'x', after redis.exceptions.ConnectionError: Error 99 connecting", False),
        ("'NoneType' object has no attribute 'ping'", False),
        ("Internal Server Error", False),
    ],
)
def test_a_health_check_that_breaks_tells_of_itself_alone(detail, healthy):
    seen = exchange("GET", "/health", 500, {"detail": detail})
    (probe,) = read_probe(ProbeConfig(path="/health"), seen)
    assert probe.healthy is healthy
    result = judge_health([probe], [seen])
    assert (result.outage is None) is (healthy is None)


@pytest.mark.parametrize(("kind", "healthy"), [("application/json", False), ("text/event-stream", None)])
def test_a_probe_that_stops_in_the_middle_is_down(kind, healthy):
    seen = exchange("GET", "/health", 200, {"status": "starting"}, headers={"content-type": kind}, truncated=True)
    (probe,) = read_probe(ProbeConfig(path="/health"), seen)
    assert probe.healthy is healthy
