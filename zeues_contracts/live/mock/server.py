"""The mock on a loopback port: HTTP/1.1 in threads, bounded in connections, sizes and time; each request is logged."""

from __future__ import annotations

import http
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Headers, Request, Response
from zeues_contracts.live.mock.answering import Mock
from zeues_contracts.live.mock.remarks import Remark

__all__ = ["MOCK_ORIGIN", "TEST_HEADER", "Logged", "MockServer"]

MOCK_ORIGIN = "http://mock"
"""The origin of the URLs that are logged: the port is another one in each run."""
TEST_HEADER = "zeues-contracts-test"
"""The request header by which a recorder names the test that sends a request. It is not judged."""

_MAX_BODY = 16 * 1024 * 1024
_MAX_LINE = 65536
_MAX_CONNECTIONS = 200
_MAX_LOGGED = 50_000
_KEPT_BODY = 64 * 1024
_IDLE = 60.0
_SAFE = re.compile(r"[^\x20-\x7e\t]")


@dataclass(frozen=True, slots=True)
class Logged:
    """A request that came, numbered from 1, with its answer and what is to be said of it.

    ``mark`` is what ``on_request`` returned when it came: how much the command had printed by then.
    """

    number: int
    exchange: Exchange
    operation: str
    remarks: tuple[Remark, ...] = ()
    test: str = ""
    mark: int = 0

    @property
    def wrong(self) -> bool:
        """Whether the service will not take it: refused, of no operation, or without credentials."""
        return any(remark.kind in ("unknown", "credentials", "refused") for remark in self.remarks)

    @property
    def line(self) -> str:
        """``POST /api/things?x=1 → 201``."""
        request = self.exchange.request
        parts = urlsplit(request.url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{request.method} {parts.path}{query} → {self.exchange.status}"


class MockServer:
    """Serves a mock on loopback while it is entered.

    ``on_request`` is called before each request is answered and gives a number that is logged with it. Raises
    :class:`UsageError` for a port that cannot be had.
    """

    def __init__(self, mock: Mock, *, port: int = 0, on_request: Callable[[], int] | None = None) -> None:
        self.mock = mock
        self.log: list[Logged] = []
        self.count = 0
        self.on_request = on_request
        self._lock = threading.Lock()
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except (OSError, OverflowError) as error:
            raise UsageError(f"port {port}: {error}", hint="leave --port out: a free one is taken") from None
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="mock", daemon=True)

    @property
    def url(self) -> str:
        """The base URL, without a final slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, request: Request) -> Response:
        """Answer a request and log it. One at a time: what was created is there for the next request."""
        test = request.header(TEST_HEADER) or ""
        # The host's port is another one in each run.
        headers = tuple((name, value) for name, value in request.headers if name not in (TEST_HEADER, "host"))
        request = Request(request.method, request.url, headers, request.body)
        with self._lock:
            mark = self.on_request() if self.on_request is not None else 0
            answered = self.mock.answer(request)
            self.count += 1
            if len(self.log) < _MAX_LOGGED:
                kept = Request(request.method, request.url, headers, _cut(request.body))
                exchange = Exchange(kept, answered.response)
                name = answered.operation.name if answered.operation is not None else ""
                self.log.append(Logged(self.count, exchange, name, answered.remarks, test[:200], mark))
        return answered.response


def _cut(body: bytes | None) -> bytes | None:
    return body if body is None or len(body) <= _KEPT_BODY else body[:_KEPT_BODY]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    owner: MockServer

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._room = threading.BoundedSemaphore(_MAX_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(timeout=10.0):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that breaks off, or one that we could not follow: its connection is closed, nothing is printed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "zeues-contracts-mock"
    sys_version = ""
    timeout = _IDLE
    disable_nagle_algorithm = True
    server: _Server

    def __getattr__(self, name: str) -> Any:
        # Whatever the method is called: the document decides, not this class.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nothing on standard error: the report tells."""

    def _serve(self) -> None:
        headers = tuple((name.lower(), str(value)) for name, value in self.headers.items())
        body = self._read()
        if body is None:
            return
        try:
            parts = urlsplit(self.path)
        except ValueError:
            self._write(Response(400, (("content-type", "application/json"),), b'{"detail":"Bad Request"}'))
            return
        path = "/" + parts.path.lstrip("/")
        url = f"{MOCK_ORIGIN}{path}" + (f"?{parts.query}" if parts.query else "")
        request = Request(self.command.upper(), url, headers, body or None)
        preflight = _preflight(request)
        response = preflight or self.server.owner.answer(request)
        self._write(Response(response.status, (*response.headers, *_cors(request)), response.body))

    def _read(self) -> bytes | None:
        """The body, bounded; ``None`` after an answer was given because it cannot be read."""
        if "chunked" in (self.headers.get("transfer-encoding") or "").lower():
            return self._read_chunks()
        text = (self.headers.get("content-length") or "0").strip()
        if not text.isdigit():
            self._refuse(400, "Content-Length is no number")
            return None
        if int(text[:20]) > _MAX_BODY:
            self._refuse(413, "Request Entity Too Large")
            return None
        return self.rfile.read(int(text))

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            line = self.rfile.readline(_MAX_LINE).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", line):
                self._refuse(400, "a chunk without a size")
                return None
            size = int(line, 16)
            if len(body) + size > _MAX_BODY:
                self._refuse(413, "Request Entity Too Large")
                return None
            if size == 0:
                for _ in range(100):  # trailers
                    if self.rfile.readline(_MAX_LINE).strip() == b"":
                        break
                return bytes(body)
            body += self.rfile.read(size)
            self.rfile.readline(_MAX_LINE)

    def _refuse(self, status: int, why: str) -> None:
        self.close_connection = True
        self._write(Response(status, (("content-type", "application/json"),), f'{{"detail":"{why}"}}'.encode()))

    def _write(self, response: Response) -> None:
        """The whole answer in one piece: two would wait for each other (Nagle and delayed acknowledgement)."""
        try:
            phrase = http.HTTPStatus(response.status).phrase
        except ValueError:
            phrase = "Status"
        lines = [
            f"HTTP/1.1 {response.status} {phrase}",
            f"server: {self.server_version}",
            f"date: {self.date_time_string()}",
        ]
        lines += [f"{name}: {_SAFE.sub('?', value)}" for name, value in response.headers]
        if response.status >= 200 and response.status not in (204, 304) and self.command != "HEAD":
            lines.append(f"content-length: {len(response.body)}")
        if self.close_connection:
            lines.append("connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        try:
            self.wfile.write(head + (response.body if self.command != "HEAD" else b""))
        except (TimeoutError, OSError):
            self.close_connection = True


def _cors(request: Request) -> Headers:
    """Any page may read what a mock on loopback answers: there is no secret in it."""
    origin = request.header("origin")
    if origin is None:
        return ()
    return (
        ("access-control-allow-origin", origin[:500]),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "*"),
        ("vary", "Origin"),
    )


def _preflight(request: Request) -> Response | None:
    """The answer to a CORS preflight (Fetch, 4.8), ``None`` for any other request."""
    wanted = request.header("access-control-request-method")
    if request.method != "OPTIONS" or request.header("origin") is None or wanted is None:
        return None
    names = request.header("access-control-request-headers") or "*"
    return Response(
        204,
        (
            ("access-control-allow-methods", wanted[:100]),
            ("access-control-allow-headers", names[:2000]),
            ("access-control-max-age", "600"),
        ),
    )
