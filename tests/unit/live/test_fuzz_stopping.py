"""A request that stops the service is a bug; a service that stopped and came back is an outage."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from zeues_contracts.config import FuzzConfig, LimitsConfig, ServiceConfig
from zeues_contracts.findings import Cause
from zeues_contracts.live.fuzzing import FuzzResult, fuzz
from zeues_contracts.openapi import document_from_mapping

NUMBER = {"type": "integer", "minimum": 0, "maximum": 99}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/colours": {
            "get": {
                "responses": {
                    "200": {
                        "description": "x",
                        "content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}},
                    }
                }
            }
        },
        "/orders/{id}": {
            "get": {
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 0, "maximum": 99},
                    }
                ],
                "responses": {"200": {"description": "x"}, "422": {"description": "x"}},
            }
        },
    },
}
# Answers well until it exits: at an order with an even number, or at the request whose number it is told.
SERVER = """
import json, os, re, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
count, at, even = 0, int(sys.argv[2]), sys.argv[3] == "even"

class Handler(BaseHTTPRequestHandler):
    def answer(self):
        global count
        count += 1
        order = re.fullmatch(r"/orders/(\\d{1,2})", self.path)
        if count == at or (even and order and int(order[1]) % 2 == 0):
            os._exit(3)
        known = order or self.path == "/colours"
        body = json.dumps(["red"] if self.path == "/colours" else {}).encode()
        self.send_response(200 if known else 422 if self.path.startswith("/orders/") else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class Supervised:
    """A process that is started again some time after it ended; without a pause never."""

    def __init__(self, pause: float | None, *, at: int = 0, even: bool = False) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.pause, self.at, self.even, self.starts = pause, at, even, 0
        self.ended = threading.Event()
        self.start()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def start(self) -> None:
        words = [str(self.port), str(self.at if not self.starts else 0), "even" if self.even else ""]
        self.process = subprocess.Popen([sys.executable, "-c", SERVER, *words], stderr=subprocess.DEVNULL)
        self.starts += 1
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            time.sleep(0.01)

    def watch(self) -> None:
        while not self.ended.is_set():
            self.process.wait()
            if self.pause is None or self.ended.wait(self.pause):
                return
            self.start()


@contextlib.contextmanager
def supervised(pause: float | None, *, at: int = 0, even: bool = False) -> Iterator[Supervised]:
    service = Supervised(pause, at=at, even=even)
    try:
        yield service
    finally:
        service.ended.set()
        service.process.kill()
        service.thread.join(10)
        service.process.kill()


def fuzzed(service: Supervised) -> FuzzResult:
    settings = ServiceConfig(fuzz=FuzzConfig(seconds=4, cases=120, phases=["fuzzing"]))
    return fuzz(
        document_from_mapping(DOCUMENT, "shop.json"),
        f"http://127.0.0.1:{service.port}",
        settings,
        limits=LimitsConfig(timeout=1),
    )


@pytest.mark.filterwarnings("ignore")
def test_a_request_that_stops_it_twice_is_a_violation() -> None:
    with supervised(0.3, even=True) as service:
        result = fuzzed(service)
        assert service.starts >= 3
    assert result.outage is None
    (found,) = [one for one in result.findings if one.rule == "ZC441"]
    assert (found.cause, found.confidence) == (Cause.VIOLATION, "certain")
    assert found.operations == ("GET /orders/{id}",)
    assert "stops the service" in found.message
    assert re.search(r"/orders/\d", found.evidence.replay)


@pytest.mark.filterwarnings("ignore")
def test_a_service_that_stops_by_itself_and_comes_back_is_an_outage() -> None:
    with supervised(0.5, at=60) as service:
        result = fuzzed(service)
    assert result.outage is not None
    assert [one.rule for one in result.findings if one.level.value == "error"] == ["ZC501"]
    assert any("did not stop it" in line for line in result.outage.evidence)


@pytest.mark.filterwarnings("ignore")
def test_one_that_does_not_come_back_is_an_outage_with_a_suspicion() -> None:
    with supervised(None, even=True) as service:
        result = fuzzed(service)
    assert result.outage is not None
    assert not [one for one in result.findings if one.rule == "ZC441"]
    assert any("may be what stopped the service" in line for line in result.outage.evidence)
