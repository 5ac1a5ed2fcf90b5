"""Requests and credentials go to the origin that the user named, wherever its page or its document leads."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from zeues_contracts.check import check
from zeues_contracts.cli import run
from zeues_contracts.config.model import ServiceConfig
from zeues_contracts.openapi.loading import document_from_mapping
from zeues_contracts.openapi.sources import request_base

SECRET = "Bearer of-the-named-one"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items": {
            "get": {"responses": {"200": {"description": "ok"}}},
            "post": {"responses": {"200": {"description": "ok"}}},
        }
    },
}
CONTRACT = """version: 1
consumer: till
service: shop
interactions:
  - id: items
    operation: GET /items
    expect: {status: 200}
"""


class Seen:
    """One server: what it answers by path, and every request that came."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str, bytes, dict[str, str]]] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""

    def foreign(self) -> list[tuple[str, str]]:
        """What came with the credentials, or is more than a look at the document."""
        return [
            (method, path)
            for method, path, headers in self.requests
            if method != "GET" or path != "/openapi.json" or SECRET in headers.values()
        ]


@contextlib.contextmanager
def serving() -> Iterator[Seen]:
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            seen.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, kind, data, more = seen.pages.get(self.path, (200, "application/json", b"{}", {}))
            self.send_response(status)
            for name, value in {"content-type": kind, "content-length": str(len(data)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    seen.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()


def _page(named: Seen, other: Seen) -> str:
    script = f'const ui = SwaggerUIBundle({{url: "{other.url}/openapi.json", dom_id: "#swagger-ui"}})'
    html = f'<html><div id="swagger-ui"></div><script>{script}</script></html>'
    named.pages["/docs"] = (200, "text/html", html.encode(), {})
    named.pages["/openapi.json"] = (404, "text/plain", b"", {})
    other.pages["/openapi.json"] = (200, "application/json", json.dumps(DOCUMENT).encode(), {})
    return f"{named.url}/docs"


def _redirect(named: Seen, other: Seen) -> str:
    named.pages["/redirected.json"] = (302, "text/plain", b"", {"location": f"{other.url}/openapi.json"})
    other.pages["/openapi.json"] = (200, "application/json", json.dumps(DOCUMENT).encode(), {})
    return f"{named.url}/redirected.json"


def _servers(named: Seen, other: Seen) -> str:
    document = {**DOCUMENT, "servers": [{"url": f"{other.url}/"}]}
    named.pages["/openapi.json"] = (200, "application/json", json.dumps(document).encode(), {})
    return f"{named.url}/openapi.json"


def _folder(tmp_path: Path, url: str, more: str = "") -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "till.yaml").write_text(CONTRACT, "utf-8")
    text = f'''[services.shop]
url = "{url}"
{more}
[services.shop.headers]
Authorization = "{SECRET}"
[services.shop.fuzz]
seconds = 2
cases = 3
'''
    (tmp_path / "zeues-contracts.toml").write_text(text, "utf-8")
    return tmp_path / "zeues-contracts.toml"


@pytest.mark.parametrize("lead", [_page, _redirect, _servers])
def test_no_request_goes_where_only_the_service_leads(lead: Callable[[Seen, Seen], str], tmp_path: Path) -> None:
    from zeues_contracts.config import load_config

    with serving() as named, serving() as other:
        config = load_config(_folder(tmp_path, lead(named, other)), environ={})
        report = check(config)
        assert other.foreign() == []
        arrived = [(method, path, headers.get("authorization")) for method, path, headers in named.requests]
        assert ("GET", "/items", SECRET) in arrived
        told = [one for one in report.notes if "set `base-url`" in one]
        assert len(told) == (0 if lead is _servers else 1)
        assert all(other.url in one and named.url in one for one in told)


def test_an_origin_that_is_configured_gets_the_requests(tmp_path: Path) -> None:
    from zeues_contracts.config import load_config

    with serving() as named, serving() as other:
        file = _folder(tmp_path, _page(named, other), f'base-url = "{other.url}"')
        report = check(load_config(file, environ={}), only=("contracts", "replay"))
        assert ("GET", "/items") in other.foreign()
        assert not any("base-url" in one for one in report.notes)


@pytest.mark.parametrize("command", [["fuzz", "--seconds", "2", "--cases", "3"], ["health"]])
def test_the_single_commands_hold_to_it_too(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as named, serving() as other:
        _folder(tmp_path, _page(named, other))
        monkeypatch.chdir(tmp_path)
        assert run([command[0], "shop", *command[1:]]) in (0, 1)
        capsys.readouterr()
        assert other.foreign() == []
        assert any(SECRET in headers.values() for _, _, headers in named.requests)


@pytest.mark.parametrize(
    ("settings", "found", "base", "noted"),
    [
        ({"url": "http://a:1/docs"}, "http://a:1/api", "http://a:1/api", False),
        ({"url": "http://a:1/docs"}, "http://b:1/api", "http://a:1/api", True),
        ({"url": "http://a:1/v2/docs"}, "http://a:2", "http://a:1/v2", True),
        ({"url": "http://u:p@a:1/docs"}, "http://b", "http://a:1", True),
        ({"url": "http://a/docs"}, "https://a/api", "https://a/api", False),
        ({"url": "https://a/docs"}, "http://a/api", "https://a/api", True),
        ({"url": "a:1/docs"}, "", "http://a:1", False),
        ({"url": "http://a:1", "base_url": "http://b:1"}, "http://c:1", "http://b:1", False),
        ({"document": "http://a:1/x.json"}, "http://a:1/api", "http://a:1/api", False),
        ({"document": "http://a:1/x.json"}, "http://b:1/api", "http://a:1/api", True),
        ({"document": "http://a:1/x.json", "url": "http://b:1"}, "http://a:1", "http://b:1", False),
        ({"document": "x.json"}, "http://b:1", "", True),
        ({"document": "x.json"}, "", "", False),
    ],
)
def test_the_base_of_requests(settings: dict[str, str], found: str, base: str, noted: bool) -> None:
    import msgspec

    document = msgspec.structs.replace(document_from_mapping(DOCUMENT, "x"), base_url=found)
    got = request_base(ServiceConfig(**settings), "shop", document)  # type: ignore[arg-type]
    assert got.url == base
    assert bool(got.note) == noted
    assert "p@" not in got.note
