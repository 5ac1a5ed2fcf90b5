"""What stands of a suspicion: a 5xx that came back, one of many requests, one whose subject is gone by now."""

import json
import time

import pytest

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.findings import Level
from zeues_contracts.live.candidates import judge_all
from zeues_contracts.live.engine import Generated
from zeues_contracts.live.fuzz_confirm import conclude
from zeues_contracts.live.fuzz_run import FuzzRun
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.limits import Bounds

from .documents import document

BASE = "http://127.0.0.1:8000"
FINE = {"200": {"description": "fine"}}
DOC = document(
    {
        "openapi": "3.1.0",
        "info": {},
        "paths": {
            "/orders": {"post": {"responses": FINE | {"404": {"description": "gone"}}}},
            "/well": {"get": {"responses": FINE}},
        },
    }
)


class Shop:
    """Orders without lines fail, for customers who exist; the first ``mishaps`` of them fail all the same."""

    base_url = BASE
    trusted = True

    def __init__(self, customers=(1,), mishaps=0, slow=0.0):
        self.slow = slow
        self.customers = set(customers)
        self.mishaps = mishaps
        self.asked = []

    def send(self, request, bounds=None):
        self.asked.append(request)
        time.sleep(self.slow)
        status = 200
        if request.method == "POST":
            order = json.loads(request.body)
            if order.get("customer") not in self.customers:
                status = 404
            elif not order.get("lines"):
                status = 500
        if self.mishaps and request.method == "POST":
            self.mishaps -= 1
            status = 500
        body = (b"Internal Server Error", "text/plain") if status == 500 else (b"{}", "application/json")
        return Exchange(request, Response(status, (("content-type", body[1]),), body[0]), at=time.time())

    def close(self):
        """Nothing to close."""


def run_on(shop, seconds=30.0):
    traffic = Traffic(shop, DOC, Bounds(), deadline=time.monotonic() + seconds, cases=1000)
    return FuzzRun(DOC, traffic, "", (), None, time.monotonic())


def sent(run, **order):
    request = Request("POST", f"{BASE}/orders", (("content-type", "application/json"),), json.dumps(order).encode())
    return run.send(Generated(request, "POST /orders", "fuzzing", True))


def well(run):
    return run.send(Generated(Request("GET", f"{BASE}/well"), "GET /well", "fuzzing", True))


def the_server_error(run):
    (finding,) = [one for one in conclude(run) if one.rule == "ZC401"]
    return finding


def test_a_500_whose_subject_is_deleted_later_is_certain_since_it_was_repeated_at_once():
    shop = Shop()
    run = run_on(shop)
    well(run)
    sent(run, customer=1, lines=[], note="x" * 50)
    assert len(shop.asked) > 2
    shop.customers.clear()
    finding = the_server_error(run)
    assert (finding.level, finding.confidence) == (Level.ERROR, "certain")
    assert json.loads(finding.evidence.exchange.request.body) == {"customer": 1}
    told = " ".join(finding.evidence.details)
    assert "came back" in told
    assert "at the end of the run it did not show" in told


def test_the_request_that_still_shows_it_is_the_one_to_repeat():
    shop = Shop(customers=(1, 22))
    run = run_on(shop)
    well(run)
    sent(run, customer=1, lines=[])
    sent(run, customer=22, lines=[])
    shop.customers.remove(1)
    finding = the_server_error(run)
    assert json.loads(finding.evidence.exchange.request.body) == {"customer": 22}
    assert not any("did not show" in line for line in finding.evidence.details)


def test_different_requests_need_no_repeat():
    """Nothing can be sent again: the time is over."""
    shop = Shop(customers=(1, 2, 3))
    run = run_on(shop)
    well(run)
    for customer in (1, 2, 3):
        exchange = shop.send(Request("POST", f"{BASE}/orders", (), json.dumps({"customer": customer}).encode()))
        run.candidates.add(exchange, judge_all(DOC, exchange))
    run.traffic.deadline = time.monotonic() - 1
    finding = the_server_error(run)
    assert (finding.level, finding.confidence) == (Level.ERROR, "certain")
    assert "seen 3 times, for 3 different requests" in finding.evidence.details


@pytest.mark.parametrize("others", [True, False])
def test_what_is_over_with_the_repeat_is_no_finding(others):
    """The same request, sent again at once and with nothing in between, is answered well: a moment's mishap."""
    shop = Shop(mishaps=1)
    run = run_on(shop)
    if others:
        well(run)
    sent(run, customer=1, lines=[1])
    assert conclude(run) == []
    assert len(run.traffic.passing) == 1


def test_a_500_of_which_nothing_is_known_is_no_error():
    shop = Shop(customers=(), mishaps=1)
    run = run_on(shop)
    sent(run, customer=9, lines=[1])
    finding = the_server_error(run)
    assert (finding.level, finding.confidence) == (Level.WARNING, "cannot tell")
    assert any("the same request was answered with 404" in line for line in finding.evidence.details)
    assert not any("times" in line for line in finding.evidence.details)


def test_what_is_done_at_once_does_not_eat_the_time_of_others():
    shop = Shop(slow=0.05)
    run = run_on(shop, seconds=2.0)
    sent(run, customer=1, lines=[], note="x" * 50, more=[1, 2, 3], name="n" * 9)
    assert len(shop.asked) <= 2 + 5
