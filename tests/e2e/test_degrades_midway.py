"""A service that goes bad while it is checked, each in its own way: what is called an outage, and what is not.

A small shop behind a real server, with a fault that begins at some request. Whatever the fault, the run ends by itself,
claims neither drift nor violation of what the fault decided, and says why it cannot judge. What only looks like an
outage stays a violation.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from tests.unit.live.services import serving
from zeues_contracts.check import check
from zeues_contracts.config import Config, load_config
from zeues_contracts.findings import Cause, Level, Report
from zeues_contracts.snapshots import snapshot_files
from zeues_contracts.snapshots.updating import Approval, approve, current_digest

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::UserWarning")]

CONTRACT = """
version: 1
consumer: till
service: shop
interactions:
  - {id: list, operation: GET /items, expect: {status: 200}}
  - {id: create, operation: POST /items, request: {body: {name: pen, price: 3}}, expect: {status: 201}}
  - {id: stock, operation: "GET /stock/{name}", request: {path: {name: pen}}, expect: {status: 200}}
"""
JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
TEXT = {"content-type": "text/plain"}
Answer = tuple[int, dict[str, str], bytes]
Fault = Callable[[str, str, int], Answer | None]


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=20)
    price: int = Field(ge=0, le=1000)


class Stored(Item):
    id: int


NONE = {404: {"description": "no such thing"}}


def shop(*, bug: str = "") -> FastAPI:
    app = FastAPI(title="Shop", version="1.0")
    stored: dict[int, Stored] = {}

    @app.get("/items")
    def items() -> list[Stored]:
        return list(stored.values())[:20]

    @app.post("/items", status_code=201)
    def create(one: Item) -> Stored:
        made = Stored(id=len(stored) + 1, **one.model_dump())
        stored[made.id] = made
        return made

    @app.get("/items/{item_id}", responses=NONE)
    def item(item_id: int) -> Stored:
        if item_id not in stored:
            raise HTTPException(404, "no such item")
        return stored[item_id]

    @app.get("/prices")
    def prices() -> dict[str, int]:
        return {"pen": 3}

    @app.get("/orders/{order_id}", response_model=None)
    def order(order_id: int) -> Any:
        return JSONResponse({"detail": bug}, 500) if bug and order_id % 2 == 0 else {"id": order_id}

    @app.get("/stock/{name}")
    def stock(name: str) -> dict[str, Any]:
        return {"name": name, "count": len(stored)}

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "healthy"}

    return app


def faulty(app: Any, fault: Fault) -> Any:
    """The application with answers put in its place: ``fault`` is asked with method, path and the request's number."""
    count = 0

    async def served(scope: Any, receive: Any, send: Any) -> None:
        nonlocal count
        count += 1
        answer = fault(scope["method"], scope["path"], count) if scope["type"] == "http" else None
        if answer is None:
            await app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        status, headers, body = answer
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return served


@contextlib.contextmanager
def project(folder: Path, app: Any, approved: Any, *, cases: int = 150) -> Iterator[Config]:
    (folder / "contracts").mkdir()
    (folder / "contracts" / "till.yaml").write_text(CONTRACT, "utf-8")
    with serving(app) as url:
        # The number of requests decides, not the time.
        text = f'[services.shop]\nurl = "{url}/openapi.json"\nfuzz = {{ seconds = 20, cases = {cases} }}\n'
        (folder / "zeues-contracts.toml").write_text(text, "utf-8")
        config = load_config(folder / "zeues-contracts.toml", environ={})
        files = snapshot_files(config, "shop")
        approve(files, approved, Approval(reason="first", actor="t"), action="create", seen=current_digest(files))
        yield config


def claims(report: Report, *causes: Cause) -> list[str]:
    """What is claimed of the causes, at warning and above."""
    wanted = causes or (Cause.DRIFT, Cause.VIOLATION, Cause.MISMATCH)
    return [f"{one.rule} {one.message}" for one in report.at_least(Level.WARNING) if one.cause in wanted]


def outage(report: Report) -> str:
    """All that is said of outages."""
    found = [one for one in report.findings if one.cause is Cause.OUTAGE]
    return "\n".join("\n".join((one.rule, one.message, *one.evidence.details)) for one in found)


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


def data(_: str, path: str) -> bool:
    return path.startswith(("/items", "/stock"))


def everything(_: str, __: str) -> bool:
    return True


def writes(method: str, _: str) -> bool:
    return method == "POST"


PAGE = b"<html><head><title>We will be back soon</title></head><body>maintenance</body></html>"
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
NO_ROUTE = said({"message": "no Route matched with those values"})
NOBODY = said({"detail": "'NoneType' object has no attribute 'get'"})
TOO_MANY = said({"detail": "Internal server error: max number of clients reached"})
KINDS: dict[str, tuple[Answer, Callable[[str, str], bool], str]] = {
    "redis is full": ((500, JSON, TOO_MANY), data, "Redis is out"),
    "masked": ((500, TEXT, b"Internal Server Error"), data, "began to fail at once"),
    "database": (
        (500, JSON, said({"detail": "FATAL: remaining connection slots are reserved for superusers"})),
        data,
        "PostgreSQL is out",
    ),
    "never set up": ((500, JSON, NOBODY), data, "began to fail at once"),
    "disk": ((500, JSON, said({"detail": "[Errno 28] No space left on device"})), writes, "No space left"),
    "slowed down": ((429, {**JSON, "retry-after": "60"}, said({"detail": "Too Many Requests"})), everything, "ZC504"),
    "maintenance": ((503, {**HTML, "retry-after": "120"}, b"<h1>Maintenance</h1>"), everything, "Retry-After 120 s"),
    "gateway": ((502, HTML, BAD_GATEWAY), everything, "502 Bad Gateway"),
    "page": ((200, HTML, PAGE), everything, "the page “We will be back soon”"),
    "notice": ((200, JSON, said({"message": "We are upgrading"})), everything, "answered with “We are upgrading” now"),
    "login": ((302, {"location": "https://login.example/?x=1"}, b""), everything, "a redirect to https://login"),
    "expired": ((401, JSON, said({"detail": "token expired"})), everything, "answered 200 before and 401 now"),
    "shut out": ((403, HTML, b"<h1>Forbidden</h1>"), everything, "answered 200 before and 403 now"),
    "route lost": ((404, JSON, NO_ROUTE), everything, "Kong"),
}


@pytest.mark.parametrize("begins", [15, 50], ids=["early", "late"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_goes_bad_is_an_outage_and_nothing_else(tmp_path: Path, kind: str, begins: int) -> None:
    answer, where, words = KINDS[kind]
    app = shop()

    def fault(method: str, path: str, number: int) -> Answer | None:
        known = number >= begins and path != "/openapi.json"
        return answer if known and where(method, path) else None

    with project(tmp_path, faulty(app, fault), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3, claims(report)
    assert claims(report) == []
    assert words in outage(report), outage(report)
    # Each outage once, whoever met it.
    told = [(one.rule, one.subject) for one in report.at_least(Level.WARNING)]
    assert len(told) == len(set(told))


def test_an_outage_that_begins_with_the_last_requests_is_one(tmp_path: Path) -> None:
    """Too few operations have failed by then to tell by themselves: what was well before is asked again."""
    app, failed = shop(), []

    def fault(method: str, path: str, number: int) -> Answer | None:
        begun = number >= 100 and (method, path) == ("POST", "/items")
        if begun or (failed and data(method, path)):
            failed.append(path)
            return 500, TEXT, b"Internal Server Error"
        return None

    with project(tmp_path, faulty(app, fault), app.openapi(), cases=400) as config:
        report = check(config)
    assert failed
    assert report.exit_code() == 3, claims(report)
    assert claims(report) == []
    assert "ZC505" in outage(report)


def test_an_outage_that_is_over_makes_no_liar_of_the_health_endpoint(tmp_path: Path) -> None:
    app = shop()

    def fault(method: str, path: str, number: int) -> Answer | None:
        known = 50 <= number < 55 and path != "/openapi.json"
        return (503, JSON, said({"detail": "upstream connect error"})) if known else None

    with project(tmp_path, faulty(app, fault), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3
    assert claims(report) == []
    assert "ZC511" not in outage(report)
    assert any("run the check once more" in note for note in report.notes)


@pytest.mark.parametrize(
    "bug",
    ["could not read the order from redis: 'Order' object has no attribute 'total'", "the redis entry is malformed"],
)
def test_a_bug_that_speaks_of_redis_is_a_bug(tmp_path: Path, bug: str) -> None:
    app = shop(bug=bug)
    with project(tmp_path, app, app.openapi(), cases=300) as config:
        report = check(config)
    assert report.exit_code() == 1
    (found,) = [one for one in report.findings if one.rule == "ZC401"]
    assert found.operations == ("GET /orders/{order_id}",)
    assert found.confidence == "certain"
    assert claims(report, Cause.OUTAGE) == []


@pytest.mark.parametrize("documented", [True, False], ids=["documented", "undocumented"])
def test_one_operation_that_is_never_available_hides_no_bug_elsewhere(tmp_path: Path, documented: bool) -> None:
    """A feature that is switched off is no outage of the service: the others are fuzzed, and judged."""
    app = shop(bug="'Order' object has no attribute 'total'")
    if documented:
        app.get("/report", responses={503: {"description": "switched off"}}, response_model=None)(lambda: {"a": 1})
    else:
        app.get("/report", response_model=None)(lambda: {"a": 1})

    def fault(_: str, path: str, __: int) -> Answer | None:
        return (503, JSON, said({"detail": "Service Unavailable"})) if path == "/report" else None

    with project(tmp_path, faulty(app, fault), app.openapi(), cases=300) as config:
        report = check(config)
    assert report.exit_code() == 1
    bugs = {one.operation for one in report.findings if one.rule == "ZC401" and one.level is Level.ERROR}
    assert bugs == {"GET /orders/{order_id}"} | (set() if documented else {"GET /report"})
    told = [one for one in report.findings if one.rule == "ZC503"]
    assert [(one.operations, one.level) for one in told] == ([(("GET /report",), Level.WARNING)] if documented else [])
    assert "not judged" not in outage(report).replace("what it promises was not judged", "")


def test_a_health_endpoint_that_is_slow_is_told_and_hides_nothing(tmp_path: Path) -> None:
    app = shop(bug="order is not known")
    stop = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/health":
            await asyncio.wait_for(stop.wait(), 1)
        await app(scope, receive, send)

    with project(tmp_path, slow, app.openapi(), cases=200) as config:
        file = Path(config.source)
        file.write_text(f"[limits]\ntimeout = 0.4\n{file.read_text('utf-8')}", "utf-8")
        report = check(load_config(file, environ={}))
    assert report.exit_code() == 1, outage(report)
    assert [one.rule for one in report.findings if one.level is Level.ERROR] == ["ZC401"]
    (late,) = [one for one in report.findings if one.rule == "ZC513"]
    assert "/health gives no answer in time" in late.message


def documents(*sequence: Any) -> Fault:
    """A fault that gives one document after the other, the last one from then on."""
    left = list(sequence)

    def fault(_: str, path: str, __: int) -> Answer | None:
        if path != "/openapi.json":
            return None
        one = left.pop(0) if len(left) > 1 else left[0]
        return one if isinstance(one, tuple) else (200, JSON, said(one))

    return fault


def changed(document: Any, version: str = "2.0") -> Any:
    """A later version: prices are gone, a name need not be there."""
    later = copy.deepcopy(document)
    later["info"]["version"] = version
    later["components"]["schemas"]["Stored"]["required"] = ["id"]
    del later["paths"]["/prices"]
    return later


def versions(first: str, *others: str) -> list[Any]:
    approved = shop().openapi()
    made = {"old": approved, "new": changed(approved)}
    return [made[one] for one in (first, *others)]


@pytest.mark.parametrize(
    ("sequence", "words"),
    [
        (versions("old", "new"), "from version 1.0 to 2.0 during the run"),
        (versions("new", "old"), "from version 2.0 to 1.0 during the run"),
        (versions("old", "new", "old", "new"), "two versions of the service answer in turn"),
        (versions("new", "old", "new", "old"), "two versions of the service answer in turn"),
    ],
    ids=["deployed", "rolled back", "in turn", "in turn, new first"],
)
def test_a_deployment_in_the_middle_is_no_drift(tmp_path: Path, sequence: list[Any], words: str) -> None:
    app = shop()
    with project(tmp_path, faulty(app, documents(*sequence)), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3
    assert claims(report) == []
    assert words in outage(report)
    assert "ZC508" in outage(report)


def test_what_holds_for_both_versions_is_drift(tmp_path: Path) -> None:
    app = shop()
    first = changed(app.openapi(), "2.0")
    second = copy.deepcopy(first)
    second["info"]["version"] = "2.1"
    with project(tmp_path, faulty(app, documents(first, second)), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3
    assert any(one.startswith("ZC201 GET /prices") for one in claims(report, Cause.DRIFT))


def test_a_document_with_a_text_of_its_own_each_time_is_one_document(tmp_path: Path) -> None:
    app = shop()
    made = []
    for number in range(9):
        made.append(copy.deepcopy(app.openapi()))
        made[-1]["info"] |= {"description": f"made at {number}", "version": f"dev{number}"}
    with project(tmp_path, faulty(app, documents(*made)), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 0
    assert claims(report) == []


def out(fault: Fault) -> Fault:
    """The fault, and Redis out for whatever holds data from the 50th request on."""
    return lambda method, path, number: (
        fault(method, path, number) or ((500, JSON, TOO_MANY) if number >= 50 and data(method, path) else None)
    )


EDGE = {"openapi": "3.1.0", "info": {"title": "Edge", "version": "1"}, "paths": {"/routes": {"get": {"responses": {}}}}}


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (None, "the document was read again while something is out, and is the same"),
        ((502, HTML, BAD_GATEWAY), "it could not be read again while something is out"),
        (EDGE, "what is there now, “Edge”, shares no operation with it"),
    ],
    ids=["same", "gone", "another's"],
)
def test_drift_stands_though_something_went_out_later(tmp_path: Path, then: Any, words: str) -> None:
    app = shop()
    later = changed(app.openapi())
    sequence = [later] if then is None else [later, then]
    with project(tmp_path, faulty(app, out(documents(*sequence))), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3
    drift = [one for one in report.findings if one.rule == "ZC280"]
    assert drift
    assert {one.level for one in drift} == {Level.ERROR}
    assert all(any(words in line for line in one.evidence.details) for one in drift)


def test_routes_that_are_left_out_while_something_is_out_are_not_called_removed(tmp_path: Path) -> None:
    app = shop()
    less = copy.deepcopy(app.openapi())
    less["paths"] = {path: item for path, item in less["paths"].items() if not data("GET", path)}

    def down(_: str, path: str, __: int) -> Answer | None:
        if path == "/openapi.json":
            return (200, JSON, said(less))
        if path == "/health":
            return (503, JSON, said({"status": "unhealthy", "redis": "error: Connection refused"}))
        return (404, JSON, said({"detail": "Not Found"})) if data("GET", path) else None

    with project(tmp_path, faulty(app, down), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3
    removed = [one for one in report.findings if one.rule == "ZC201"]
    assert removed
    assert all((one.level, one.confidence) == (Level.WARNING, "cannot tell") for one in removed)
    assert not [one for one in report.findings if one.level is Level.ERROR and one.cause is not Cause.OUTAGE]


def test_routes_that_came_back_are_not_called_removed(tmp_path: Path) -> None:
    app = shop()
    less = copy.deepcopy(app.openapi())
    less["paths"] = {path: item for path, item in less["paths"].items() if not data("GET", path)}
    with project(tmp_path, faulty(app, out(documents(less, app.openapi()))), app.openapi()) as config:
        report = check(config)
    assert report.exit_code() == 3
    assert claims(report) == []
