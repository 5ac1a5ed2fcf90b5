"""Nothing but safe methods leaves for a host that is not loopback, unless the configuration allows it.

A resolver of our own leads a name to an address elsewhere; a switch behind the sockets brings the connection back to a
server that notes what arrives.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zeues_contracts.cli import run

pytestmark = pytest.mark.e2e

HOST, AWAY = "shop.example", "10.20.30.40"
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items": {
            "get": {"responses": {"200": {"description": "Items"}}},
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"201": {"description": "Made"}},
            },
        },
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "delete": {"responses": {"204": {"description": "Gone"}}},
            "put": {"responses": {"204": {"description": "Changed"}}},
        },
        "/search": {"post": {"responses": {"200": {"description": "Found"}}}},
        "/health/clear-cache": {"get": {"responses": {"200": {"description": "Cleared"}}}},
    },
}
CONTRACT = """\
version: 1
consumer: ui
service: shop
interactions:
  - {id: list, operation: GET /items, expect: {status: 200}}
  - {id: make, operation: POST /items, request: {body: {name: cup}}, expect: {status: 201}}
  - {id: drop, operation: "DELETE /items/{id}", request: {path: {id: 1}}, expect: {status: 204}}
  - {id: find, operation: POST /search, expect: {status: 200}}
  - {id: clear, operation: GET /health/clear-cache, expect: {status: 200}}
"""


@contextlib.contextmanager
def noting():
    """A server: its port, and each (method, path) that reaches it."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name):
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self):
            seen.append((self.command, self.path.partition("?")[0]))
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = json.dumps(DOCUMENT if self.path == "/openapi.json" else {}).encode()
            status = {"POST": 201, "DELETE": 204, "PUT": 204}.get(self.command, 200)
            self.send_response(404 if "health" in self.path and "cache" not in self.path else status)
            self.send_header("content-type", "application/json")
            if status != 204:
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and status != 204:
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1], seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def arrived():
    with noting() as server:
        yield server


@pytest.fixture
def away(arrived, monkeypatch):
    """The name leads to an address that is not loopback, whoever asks; connections to it come to the server."""
    port, _ = arrived
    look_up, connect = socket.getaddrinfo, socket.create_connection

    def resolver(host, wanted, *more, **options):
        if host in (HOST, HOST.encode()):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (AWAY, wanted))]
        return look_up(host, wanted, *more, **options)

    def switch(address, *more, **options):
        return connect(("127.0.0.1", port) if address[0] in (HOST, AWAY) else address, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(socket, "create_connection", switch)
    return f"http://{HOST}:{port}"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "ui.yaml").write_text(CONTRACT)
    return tmp_path


def checked(project, capsys, url, settings=""):
    text = f'[services.shop]\nurl = "{url}"\n[services.shop.fuzz]\ncases = 200\nseconds = 4\n{settings}'
    (project / "zeues-contracts.toml").write_text(text)
    run(["check", "--format", "json"])
    return json.loads(capsys.readouterr().out)


def methods(seen):
    return {method for method, _ in seen}


def test_only_safe_methods_leave(project, arrived, away, capsys):
    _, seen = arrived
    report = checked(project, capsys, away)
    assert ("GET", "/items") in seen
    assert methods(seen) <= {"GET", "HEAD"}
    replay = next(one for one in report["stages"] if one["name"] == "replay")
    assert replay["counts"]["skipped"] == 3
    assert any("POST /items" in note for note in report["notes"])


def test_a_get_that_is_listed_as_unsafe_stays_too(project, arrived, away, capsys):
    _, seen = arrived
    settings = '[services.shop.replay]\nunsafe = ["GET /health/clear-cache"]\n'
    checked(project, capsys, away, settings)
    assert ("GET", "/items") in seen
    assert ("GET", "/health/clear-cache") not in seen


def test_an_operation_that_is_listed_as_safe_leaves(project, arrived, away, capsys):
    _, seen = arrived
    checked(project, capsys, away, '[services.shop.replay]\nsafe = ["POST /search"]\n')
    assert {one for one in seen if one[0] not in ("GET", "HEAD")} == {("POST", "/search")}


def test_a_host_that_is_allowed_gets_all(project, arrived, away, capsys):
    _, seen = arrived
    checked(project, capsys, away, f'[services.shop.replay]\nallow-unsafe-hosts = ["{HOST}"]\n')
    assert {"POST", "DELETE"} <= methods(seen)


@pytest.mark.parametrize("first", ["127.0.0.1", AWAY])
def test_a_name_that_changes_its_mind_is_held_to_what_was_checked(first, project, arrived, monkeypatch, capsys):
    """Loopback at one time and elsewhere at another: no unsafe method may come to the one that is elsewhere."""
    port, here = arrived
    look_up, connect = socket.getaddrinfo, socket.create_connection
    other = AWAY if first == "127.0.0.1" else "127.0.0.1"
    asked = []

    def resolver(host, wanted, *more, **options):
        if host not in (HOST, HOST.encode()):
            return look_up(host, wanted, *more, **options)
        asked.append(host)
        address = first if len(asked) % 2 else other
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, wanted))]

    with noting() as (far_port, far):

        def switch(address, *more, **options):
            place = resolver(*address)[0][4][0] if address[0] == HOST else address[0]
            return connect(("127.0.0.1", far_port if place == AWAY else port), *more, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        monkeypatch.setattr(socket, "create_connection", switch)
        checked(project, capsys, f"http://{HOST}:{port}")
        assert len(asked) > 1
        assert here
        assert far
        assert methods(far) <= {"GET", "HEAD"}
