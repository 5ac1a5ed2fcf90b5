"""A whole run against a sender that answers at once: who is reached, when the time begins, what is not judged."""

import time
from collections import Counter

import pytest

from zeues_contracts.config import FuzzConfig, ServiceConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import StageStatus
from zeues_contracts.live.engine import Generated
from zeues_contracts.live.fuzz_plan import check_named
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.fuzz_turns import _Pass
from zeues_contracts.live.fuzzing import fuzz
from zeues_contracts.live.limits import Bounds

from .documents import document

BASE = "http://127.0.0.1:8000"


class Silent:
    """Answers ``{}`` to everything."""

    base_url = BASE

    def __init__(self, trusted=True):
        self.trusted = trusted
        self.asked = []

    def send(self, request, bounds=None):
        self.asked.append(request)
        return Exchange(request, Response(200, (("content-type", "application/json"),), b"{}"), at=time.time())

    def close(self):
        """Nothing to close."""


def operation(name):
    parameters = [
        {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 5, "minLength": 1}},
        {"name": "n", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
    ]
    return {"operationId": name, "parameters": parameters, "responses": {"200": {"description": "fine"}}}


def of(paths):
    return document({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths})


MANY = of({f"/{name}": {"get": operation(name)} for name in "abcdefghijkl"})


def run(doc=MANY, sender=None, **options):
    given = {name: options.pop(name) for name in ("only", "shard") if name in options}
    # No probes: what is counted is what the engine sends.
    settings = ServiceConfig(fuzz=FuzzConfig(**options))
    return fuzz(doc, BASE, settings, sender=sender or Silent(), **given)


@pytest.mark.parametrize(
    "phases", [["coverage", "fuzzing"], ["coverage"], ["examples", "coverage", "fuzzing", "stateful"]]
)
def test_every_operation_is_reached_before_any_gets_many(phases):
    result = run(cases=len(MANY.operations), phases=phases)
    assert result.stage.counts["not reached"] == 0
    assert result.cases == len(MANY.operations)


def test_what_is_enumerated_is_sent_once():
    sender = Silent()
    result = run(sender=sender, phases=["coverage"], only=["GET /a"])
    # What comes behind confirms and reduces.
    assert len(set(sender.asked[: result.cases])) == result.cases
    assert result.cases > 10


def made(name, phase="fuzzing"):
    return Generated(Request("GET", f"{BASE}/{name}"), f"GET /{name}", phase, True)


def test_no_operation_takes_what_belongs_to_others(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    share = _Pass(seconds=10.0, pairs=4, cases=3, together=5, workers=1)
    assert [share.takes(made("a")) for _ in range(5)] == [True] * 3 + [False] * 2
    now[0] += 1  # the first took 1 of its 2.5 seconds: 9 are left for three
    assert share.takes(made("b"))
    now[0] += 3.5
    assert not share.takes(made("b"))
    now[0] += 7  # late, yet never without a single request
    assert share.takes(made("c"))
    assert not share.takes(made("c"))
    assert share.over


def test_cases_are_capped_over_the_phases(monkeypatch):
    share = _Pass(seconds=10.0, pairs=4, cases=3, together=4, workers=1)
    assert [share.takes(made("a", phase)) for phase in ("coverage", "fuzzing") for _ in range(3)] == [True] * 4 + [
        False
    ] * 2


def test_an_operation_that_had_its_part_is_asked_no_more_in_a_later_phase(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    share = _Pass(seconds=10.0, pairs=2, cases=3, together=3, workers=1)
    assert [share.takes(made("a", "coverage")) for _ in range(3)] == [True] * 3
    assert [share.takes(made("a", "fuzzing")) for _ in range(3)] == [False] * 3


def test_all_that_was_sent_is_counted_though_the_latest_alone_are_kept():
    sender = Silent()
    result = run(sender=sender, cases=260, seconds=20.0)
    assert len(result.exchanges) == 200 < len(sender.asked)
    assert result.methods == Counter(one.method for one in sender.asked)


def test_the_time_begins_with_the_first_request():
    traffic = Traffic(Silent(), MANY, Bounds(), deadline=time.monotonic() + 1000, cases=9, seconds=5.0)
    assert traffic.left > 900
    traffic.send(Request("GET", f"{BASE}/a"))
    assert 0 < traffic.left <= 5
    before = traffic.deadline
    traffic.send(Request("GET", f"{BASE}/a"))
    assert traffic.deadline == before


@pytest.mark.parametrize(
    ("doc", "options", "status", "reason"),
    [
        (of({}), {}, StageStatus.BLOCKED, "has no operations"),
        (MANY, {"exclude": ["* /*"]}, StageStatus.BLOCKED, "excluded"),
        (of({"/a": {"post": operation("a")}}), {"sender": Silent(trusted=False)}, StageStatus.BLOCKED, "not loopback"),
        (of({"/a": {"get": operation("a")}}), {"shard": (2, 2)}, StageStatus.SKIPPED, "shard 2/2"),
    ],
)
def test_without_requests_nothing_is_judged(doc, options, status, reason):
    result = run(doc, **options)
    assert (result.stage.status, result.cases, result.findings) == (status, 0, ())
    assert reason in result.stage.reason


def test_what_the_engine_cannot_make_is_said():
    impossible = operation("a")
    impossible["parameters"] = [{"name": "q", "in": "query", "required": True, "schema": {"not": {}}}]
    result = run(of({"/a": {"get": impossible}}), phases=["fuzzing"], cases=20)
    assert (result.cases, result.stage.status) == (0, StageStatus.BLOCKED)
    assert "GET /a" in result.stage.reason
    result = run(of({"/a": {"get": impossible}, "/b": {"get": operation("b")}}), phases=["fuzzing"], cases=20)
    assert result.stage.status is StageStatus.RAN
    assert "the engine made nothing for 1 operation: GET /a" in result.notes


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("GET /custmers", "did you mean 'GET /customers'?"),
        ("listCustomer", "did you mean 'listCustomers'?"),
        ("* /zzz", "its operations are GET /customers"),
        ("nonsense", "its operations are GET /customers"),
    ],
)
def test_a_name_that_no_operation_has(name, hint):
    doc = of({"/customers": {"get": operation("listCustomers")}})
    check_named(doc, ["GET /customers", "listCustomers", "* /cust*", "* /orders/*"])
    with pytest.raises(UsageError) as error:
        run(doc, only=[name])
    assert name in error.value.message
    assert error.value.hint == hint
