"""What health endpoints of every habit say is read as it is meant, or not at all."""

import json

import pytest

from zeues_contracts.exchange import Response
from zeues_contracts.live.health_bodies import read_health


def answer(body, status=200, kind="application/json"):
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(status, (("content-type", kind),), raw)


READINGS = [
    ("health+json pass", answer({"status": "pass"}, kind="application/health+json"), True),
    ("health+json fail", answer({"status": "fail", "output": "db"}, kind="application/health+json"), False),
    ("spring up", answer({"status": "UP", "components": {"db": {"status": "UP"}}}), True),
    ("spring down", answer({"status": "DOWN", "components": {"redis": {"status": "DOWN"}}}), False),
    ("spring out of service", answer({"status": "OUT_OF_SERVICE"}), False),
    ("spring unknown", answer({"status": "UNKNOWN"}), None),
    ("zeues redis", answer({"status": "unhealthy", "message": "Too many connections", "operational": False}), False),
    ("zeues redis gone", answer({"status": "disconnected", "operational": False}), False),
    ("contradiction", answer({"status": "ok", "operational": False}), False),
    ("flag", answer({"ok": True}), True),
    ("true", answer("true"), True),
    ("a word", answer('"ok"'), True),
    ("plain", answer("OK\n", kind="text/plain"), True),
    ("pong", answer("pong", kind="text/plain"), True),
    ("prose", answer("Healthy.", kind="text/plain"), True),
    ("empty", answer(""), True),
    ("empty 204", answer("", 204), True),
    ("the index page of an application", answer("<!doctype html><p>ok", kind="text/html"), None),
    ("unknown shape", answer({"uptime": 5}), None),
    ("degraded", answer({"status": "degraded"}), None),
    ("status alone", answer("", 503), False),
    ("status against body", answer({"status": "healthy"}, 503), False),
    ("a redirect", answer("", 302), None),
    ("parts alone, one bad", answer({"redis": "ok", "database": "down"}), False),
    ("parts alone, good", answer({"redis": "ok", "database": True}), True),
]


@pytest.mark.parametrize(("name", "response", "healthy"), READINGS, ids=[row[0] for row in READINGS])
def test_reading(name, response, healthy):
    assert read_health(response).healthy is healthy


@pytest.mark.parametrize(
    ("body", "dependency"),
    [
        ({"status": "healthy", "sheets_connection": "error"}, "Google Sheets"),
        ({"status": "UP", "components": {"redis": {"status": "DOWN"}}}, "Redis"),
        (
            {"status": "pass", "checks": {"postgres:connections": [{"status": "pass"}, {"status": "fail"}]}},
            "PostgreSQL",
        ),
        ({"status": "Healthy", "results": [{"name": "rabbit", "status": "Unhealthy"}]}, "RabbitMQ"),
        ({"status": "Healthy", "entries": {"my-billing": {"status": "Unhealthy"}}}, "my-billing"),
        ({"ok": True, "db": False}, "database"),
    ],
)
def test_a_sick_part_is_named(body, dependency):
    sick = [part for part in read_health(answer(body)).parts if part.healthy is False]
    assert [part.dependency for part in sick] == [dependency]


def test_expected_values_decide_alone():
    body = {"status": "gruen", "redis": {"up": 1}}
    assert read_health(answer(body), {"status": "gruen", "redis.up": 1}).healthy is True
    assert read_health(answer(body), {"status": ["rot", "gruen"]}).healthy is True
    wrong = read_health(answer(body), {"redis.up": 2})
    assert wrong.healthy is False
    assert "redis.up is 1" in wrong.text
    assert read_health(answer({"status": "ok"}), {"missing": True}).healthy is False
    assert read_health(answer({"up": True}), {"up": 1}).healthy is False
