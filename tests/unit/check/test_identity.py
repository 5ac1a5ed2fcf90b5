"""Another service at the address, or none at all, is the environment; a newer version of the service is drift.

Real servers: what a gateway, another team's service and a successor answer.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="needs the extra: demo")

from tests.unit.check.test_pipeline import status_of
from tests.unit.live.services import serving
from zeues_contracts.check import check
from zeues_contracts.config import Config, load_config
from zeues_contracts.findings import Cause, Report, StageStatus
from zeues_contracts.snapshots import snapshot_files
from zeues_contracts.snapshots.updating import Approval, approve, current_digest

CONTRACT = """
version: 1
consumer: till
service: shop
interactions:
  - {id: all, operation: GET /items, expect: {status: 200}}
  - {id: nothing, operation: GET /carts, expect: {status: 200}}
"""
Answer = tuple[int, dict[str, str], bytes]


def document(title: str, *paths: str, version: str = "1", **components: Any) -> dict[str, Any]:
    """A document whose paths are read (``/items``) or written (``POST /items``)."""
    found: dict[str, Any] = {}
    for path in paths:
        method, _, where = path.rpartition(" ")
        names = [part[1:-1] for part in where.split("/") if part.startswith("{")]
        found.setdefault(where, {})[(method or "GET").lower()] = {
            "parameters": [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names],
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}},
        }
    made: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": title, "version": version}, "paths": found}
    if components:
        made["components"] = {"schemas": components}
    return made


def answering(live: Any, answers: dict[str, Answer], otherwise: Answer) -> Callable[..., Any]:
    """An application that serves a document and a few paths, and answers everything else alike."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        status, headers, body = answers.get(scope["path"], otherwise)
        if scope["path"] == "/openapi.json":
            status, headers, body = 200, {"content-type": "application/json"}, json.dumps(live).encode()
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return app


def said(value: Any, status: int = 200, **headers: str) -> Answer:
    return status, {"content-type": "application/json", **headers}, json.dumps(value).encode()


SHOP = document("Shop", "/items", "/items/{id}", "POST /orders", "/prices")
NOT_FOUND = said({"detail": "Not Found"}, 404)
KONG = said({"message": "no Route matched with those values"}, 404, server="kong/3.4.0")
NGINX: Answer = (
    404,
    {"content-type": "text/html", "server": "nginx/1.25.3"},
    b"<html><body><center><h1>404 Not Found</h1></center><hr><center>nginx/1.25.3</center></body></html>",
)
TRAEFIK: Answer = (404, {"content-type": "text/plain; charset=utf-8"}, b"404 page not found\n")
ENVOY: Answer = (404, {"server": "envoy"}, b"")


@contextlib.contextmanager
def project(folder: Path, app: Callable[..., Any], *, snapshot: Any = SHOP, more: str = "") -> Iterator[Config]:
    """A repository with an approved document and a contract, whose service is ``app`` behind a real server."""
    (folder / "contracts").mkdir(exist_ok=True)
    (folder / "contracts" / "till.yaml").write_text(CONTRACT, "utf-8")
    with serving(app) as url:
        text = f'[services.shop]\nurl = "{url}/openapi.json"\nfuzz = {{ seconds = 1, cases = 40 }}\n{more}'
        (folder / "zeues-contracts.toml").write_text(text, "utf-8")
        config = load_config(folder / "zeues-contracts.toml", environ={})
        files = snapshot_files(config, "shop")
        approve(files, snapshot, Approval(reason="first", actor="t"), action="create", seen=current_digest(files))
        yield config


def check_environment(report: Report, *words: str) -> None:
    assert report.exit_code() == 3
    assert not [one for one in report.findings if one.cause in (Cause.DRIFT, Cause.VIOLATION)]
    (finding,) = [one for one in report.findings if one.rule == "ZC507"]
    told = " ".join((finding.message, *finding.evidence.details))
    assert all(word in told for word in words), told
    assert "Shop" in report.cannot_judge or "documented operations" in report.cannot_judge


@pytest.mark.parametrize(
    ("live", "answers", "otherwise", "words"),
    [
        (document("Kong Admin API", "/services", "/routes"), {}, KONG, ("GET /items answered 404", "as Kong says")),
        (document("Edge", "/status-page"), {}, NGINX, ("as nginx says",)),
        (document("Edge", "/status-page"), {}, TRAEFIK, ("Traefik",)),
        (document("Edge", "/status-page"), {}, ENVOY, ("`server: envoy`",)),
        (document("Edge"), {}, NOT_FOUND, ("its document is empty",)),
        (document("Shop"), {}, NOT_FOUND, ("its document is empty", "GET /items answered 404")),
        # The next two answer as they document: only that nothing speaks for the same service tells.
        (document("Payments", "/charges"), {"/charges": said([])}, NOT_FOUND, ("“Payments”", "GET /charges answered")),
        (document("Edge", "/services"), {"/services": said([])}, KONG, ("as Kong says",)),
        # Its own document promises what is not there either: whatever it is called.
        (document("Shop", "/v2/items"), {}, NOT_FOUND, ("GET /v2/items answered 404", "still, both are called")),
    ],
    ids=["kong", "nginx", "traefik", "envoy", "empty", "empty-shop", "payments", "kong-well", "nowhere"],
)
def test_another_service_is_the_environment(
    tmp_path: Path, live: Any, answers: Any, otherwise: Answer, words: tuple[str, ...]
) -> None:
    with project(tmp_path, answering(live, answers, otherwise)) as config:
        report = check(config)
        alone = check(config, only=("drift",))
    check_environment(report, *words)
    check_environment(alone, *words)
    found = status_of(report)
    assert (found["drift"], found["replay"], found["fuzz"]) == (StageStatus.BLOCKED,) * 3
    # What needs no service is told against what was approved.
    assert [one.message for one in report.findings if one.cause is Cause.MISMATCH and "/carts" in one.message]


@pytest.mark.parametrize(
    "live",
    [
        document("Shop", "/v2/goods", version="2"),
        document("Shop API v2", "/goods", version="2"),
        document("Store", "/api/v2/items", "/api/v2/prices", version="2"),
        document("Store", "/goods", version="2", Item={}, Price={}),
    ],
    ids=["title", "title-like", "paths", "components"],
)
@pytest.mark.parametrize("otherwise", [NOT_FOUND, KONG], ids=["plain", "behind-kong"])
def test_a_successor_that_answers_is_drift(tmp_path: Path, live: Any, otherwise: Answer) -> None:
    answers = {path: said([]) for path in live["paths"]}
    snapshot = {**SHOP, "components": {"schemas": {"Item": {}, "Price": {}}}}
    with project(tmp_path, answering(live, answers, otherwise), snapshot=snapshot) as config:
        report = check(config, only=("health", "drift"))
    assert report.exit_code() == 1
    assert {one.cause for one in report.findings if one.level.value == "error"} == {Cause.DRIFT}


def test_requests_that_lead_nowhere_are_no_violation(tmp_path: Path) -> None:
    """The right document, and a proxy whose route to the service is gone: every path is one that nobody has."""
    with project(tmp_path, answering(SHOP, {}, NOT_FOUND)) as config:
        report = check(config)
    assert report.exit_code() == 3
    check_environment(report, "GET /items, GET /prices answered 404, as a path that nobody has")


@pytest.mark.parametrize(
    "answer",
    [said({"error": "upgrading"}), (200, {"content-type": "application/json"}, b""), said({"hello": 1})],
    ids=["notice", "empty", "no document"],
)
def test_one_answer_for_everything_and_no_document_is_no_violation(tmp_path: Path, answer: Answer) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        status, headers, body = answer
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    with project(tmp_path, app) as config:
        report = check(config)
    check_environment(report, "as a path that nobody has")


def test_some_operations_that_are_not_there_are_the_service_s_own(tmp_path: Path) -> None:
    answers = {"/prices": said([])}
    with project(tmp_path, answering(SHOP, answers, NOT_FOUND)) as config:
        report = check(config)
    assert report.exit_code() == 1
    assert not any(one.cause is Cause.OUTAGE for one in report.findings)


def test_a_service_that_refuses_everything_unknown_is_not_called_another(tmp_path: Path) -> None:
    """A 404 for a thing is no 404 for its path."""
    things = document("Shop", "/items/{id}")
    live = document("Shop", "/v2/items/{id}", version="2")
    with project(tmp_path, answering(live, {}, NOT_FOUND), snapshot=things) as config:
        report = check(config, only=("drift",))
    assert report.exit_code() == 1


def test_an_answer_of_5xx_from_the_old_paths_is_an_outage(tmp_path: Path) -> None:
    down: Answer = (502, {"content-type": "text/html"}, b"<h1>502 Bad Gateway</h1>")
    with project(tmp_path, answering(document("Edge", "/routes"), {}, down)) as config:
        report = check(config, only=("drift",))
    assert report.exit_code() == 3
    assert [one.rule for one in report.findings] == ["ZC503"]


def test_nothing_is_asked_of_what_is_listed_as_unsafe(tmp_path: Path) -> None:
    asked: list[str] = []
    inner = answering(document("Edge", "/routes"), {}, NOT_FOUND)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(f"{scope['method']} {scope['path']}")
        await inner(scope, receive, send)

    more = 'replay = { unsafe = ["GET /items", "POST /orders"] }\n'
    snapshot = document("Shop", "/items", "POST /orders", "/prices", "/cache/clear")
    with project(tmp_path, app, more=more, snapshot=snapshot) as config:
        check(config, only=("drift",))
    assert "GET /prices" in asked
    assert not {"GET /items", "GET /orders", "GET /cache/clear"} & set(asked)
    assert all(one.startswith("GET ") for one in asked)
