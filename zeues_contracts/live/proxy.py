"""A recording proxy on loopback, for commands that no hook reaches: Node, curl, a browser.

It stands in the place of the service (a reverse proxy, HTTP to the command, HTTP or HTTPS to the target), passes on
what comes as it comes, streams included, and keeps a bounded, redacted copy. Nothing is written to disk.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from zeues_contracts.consumers.recording.building import BY_PROXY
from zeues_contracts.consumers.recording.spool import Recorded, Recording
from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.live.sending import decoded
from zeues_contracts.redact import redact_body, redact_headers, redact_text, redact_url

__all__ = ["TEST_HEADER", "RecordingProxy", "record_by_proxy", "running_proxy"]

TEST_HEADER = "zeues-contracts-test"
"""A request header by which a command may name its test; it is not passed on."""
URL_VARIABLE = "ZEUES_CONTRACTS_URL"

_MAX_BODY = 1024 * 1024
_MAX_REQUEST = 64 * 1024 * 1024
_MAX_EXCHANGES = 100_000
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 300.0
_CHUNK = 65536
# RFC 9110, 7.6.1: said of one connection, not of the message.
_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip


class RecordingProxy:
    """What the proxy has seen. ``url`` is where the command finds it, with the path of the target's base."""

    def __init__(self, target: str, port: int = 0) -> None:
        """Listen on a loopback port (a free one for 0). Raises :class:`UsageError`."""
        try:
            parts = urlsplit(target if "://" in target else f"http://{target}")
            known = parts.scheme in ("http", "https") and bool(parts.hostname)
            number = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            known = False
        if not known:
            raise UsageError(f"{redact_url(target)[:200]}: not an http or https URL", hint="give http://HOST:PORT")
        self.secure = parts.scheme == "https"
        self.host, self.port = str(parts.hostname), number
        self.netloc = parts.netloc.rpartition("@")[2]
        self.origin = f"{parts.scheme}://{self.netloc}"
        self.recorded: list[Recorded] = []
        self.running: dict[int, Callable[[], tuple[Exchange, str]]] = {}
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        try:
            self.server = _Server(("127.0.0.1", port), handler)
        except OSError as error:
            raise UsageError(f"--port {port}: {error.strerror or error}", hint="leave it out: a free one") from None
        self.own = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.url = self.own + parts.path.rstrip("/")

    def connect(self) -> http.client.HTTPConnection:
        """A new connection to the target."""
        if self.secure:
            import ssl

            return http.client.HTTPSConnection(
                self.host, self.port, timeout=_CONNECT_SECONDS, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self.host, self.port, timeout=_CONNECT_SECONDS)

    def keep(self, exchange: Exchange, test: str) -> None:
        """Keep an exchange, redacted."""
        with self._lock:
            if len(self.recorded) < _MAX_EXCHANGES:
                self.recorded.append(Recorded(f"proxy-{len(self.recorded) + 1}", _clean(exchange), test, BY_PROXY))

    def recording(self) -> Recording:
        """What was seen until now, in order of time; of answers that go on (streams), what has come of them."""
        with self._lock:
            running = list(self.running.values())
        for exchange, test in [one() for one in running]:
            self.keep(exchange, test)
        with self._lock:
            return Recording(tuple(sorted(self.recorded, key=lambda one: one.exchange.at)))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The command went away: its own business."""


class _Handler(http.server.BaseHTTPRequestHandler):
    proxy: ClassVar[RecordingProxy]
    protocol_version = "HTTP/1.1"
    timeout = _READ_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing is printed into the command's output."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _pass_on(self) -> None:
        proxy = self.proxy
        at, began = time.time(), time.monotonic()
        body = self._request_body()
        if body is None:
            self.close_connection = True
            self.send_error(413)
            return
        pairs = [(name.lower(), value) for name, value in self.headers.items()]
        named = {one.strip().lower() for name, value in pairs if name == "connection" for one in value.split(",")}
        sent = [(name, value) for name, value in pairs if name not in _HOP and name not in named]
        test = next((value for name, value in sent if name == TEST_HEADER), "")
        sent = [(name, value) for name, value in sent if name not in (TEST_HEADER, "host", "content-length")]
        # An absolute form (RFC 9112, 3.2.2) names us or somebody else; what counts is where we stand.
        path = self.path if self.path.startswith("/") else "/" + self.path.split("://", 1)[-1].partition("/")[2]
        has_body = bool(body) or "content-length" in self.headers or "transfer-encoding" in self.headers
        request = Request(self.command, proxy.origin + path, tuple(sent), body if has_body else None)
        connection = proxy.connect()
        try:
            connection.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", proxy.netloc)
            for name, value in sent:
                connection.putheader(name, value.encode("latin-1", "replace"))
            if has_body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            if connection.sock is not None:
                connection.sock.settimeout(_READ_SECONDS)
            answer = connection.getresponse()
        except Exception as error:  # whatever the target does: the command gets a 502, the recording the reason
            connection.close()
            word, text = _error(error)
            proxy.keep(Exchange(request, None, word, text, at), test)
            self._refuse(text)
            return
        kept = bytearray()
        headers = tuple((name.lower(), value) for name, value in answer.getheaders() if name.lower() not in _HOP)

        def seen(*, whole: bool = False) -> tuple[Exchange, str]:
            coding = next((value for name, value in headers if name == "content-encoding"), "")
            body = decoded(bytes(kept), coding, _MAX_BODY)
            response = Response(answer.status, headers, body, time.monotonic() - began, truncated=not whole)
            return Exchange(request, response, at=at), test

        proxy.running[id(kept)] = seen
        whole = False
        try:
            whole = self._answer(answer, kept)
        finally:
            connection.close()
            if proxy.running.pop(id(kept), None) is not None:
                proxy.keep(*seen(whole=whole))

    def _request_body(self) -> bytes | None:
        """The whole body; ``None`` where it is too large."""
        if "chunked" in (self.headers.get("transfer-encoding") or "").lower():
            parts: list[bytes] = []
            size = 0
            while True:
                length = int(self.rfile.readline(1024).split(b";")[0].strip() or b"0", 16)
                if length == 0:
                    while self.rfile.readline(65536).strip():
                        pass
                    return b"".join(parts)
                size += length
                if size > _MAX_REQUEST:
                    return None
                parts.append(self.rfile.read(length))
                self.rfile.readline(8)
        length = int(self.headers.get("content-length") or 0)
        return None if length > _MAX_REQUEST else self.rfile.read(length) if length else b""

    def _answer(self, answer: http.client.HTTPResponse, kept: bytearray) -> bool:
        """Pass the answer on as it comes, and keep a part of it; whether all of it came and is kept."""
        own = self.proxy
        pairs = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        bodiless = self.command == "HEAD" or answer.status in (204, 304) or answer.status < 200
        sized = any(name.lower() == "content-length" for name, _ in pairs)
        self.send_response_only(answer.status, answer.reason)
        for name, value in pairs:
            if name.lower() == "location" and value.startswith(own.origin):
                value = own.own + value[len(own.origin) :]  # the redirect leads back to us
            self.send_header(name, value)
        chunked = not sized and not bodiless and self.request_version != "HTTP/1.0"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif not sized and not bodiless:
            self.close_connection = True
        self.end_headers()
        whole = True
        try:
            while not bodiless:
                data = answer.read1(_CHUNK)
                if not data:
                    break
                whole = whole and len(kept) + len(data) <= _MAX_BODY
                kept += data[: max(0, _MAX_BODY - len(kept))]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
                self.wfile.flush()
            if answer.length and not bodiless:
                raise http.client.IncompleteRead(b"", answer.length)
            if chunked:
                self.wfile.write(b"0\r\n\r\n")
        except (OSError, http.client.HTTPException):
            whole = False  # the command has heard enough, or the target broke off
            self.close_connection = True
        return whole

    def _refuse(self, text: str) -> None:
        with contextlib.suppress(OSError):
            body = f"the service behind the recording proxy did not answer: {text}\n".encode()
            self.send_response_only(502, "Bad Gateway")
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def _error(error: Exception) -> tuple[str, str]:
    import ssl

    text = redact_text(str(error) or type(error).__name__)[:300]
    kinds: tuple[tuple[str, Any], ...] = (
        ("tls", ssl.SSLError),
        ("dns", socket.gaierror),
        ("refused", ConnectionRefusedError),
        ("timeout", TimeoutError),
        ("reset", (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead)),
    )
    return next((word for word, kind in kinds if isinstance(error, kind)), "protocol"), text


def _clean(exchange: Exchange) -> Exchange:
    asked, came = exchange.request, exchange.response
    kind = asked.header("content-type") or ""
    request = Request(
        asked.method,
        redact_url(asked.url),
        redact_headers(asked.headers),
        None if asked.body is None else redact_body(asked.body[:_MAX_BODY], kind),
    )
    response = None
    if came is not None:
        body = redact_body(came.body, came.media_type)
        response = Response(came.status, redact_headers(came.headers), body, came.seconds, came.truncated)
    return Exchange(request, response, exchange.error, exchange.error_text, exchange.at)


@contextlib.contextmanager
def running_proxy(target: str, *, port: int = 0) -> Iterator[RecordingProxy]:
    """A proxy that listens until the end of the block."""
    proxy = RecordingProxy(target, port)
    thread = threading.Thread(target=proxy.server.serve_forever, args=(0.05,), name="recording-proxy", daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()


def record_by_proxy(
    words: Sequence[str],
    target: str,
    *,
    port: int = 0,
    variables: Sequence[str] = (),
    run: Callable[[Sequence[str], dict[str, str]], int] | None = None,
) -> tuple[Recording, int]:
    """Run a command with the proxy's URL in its environment and in the place of ``{url}``; what it did, and its code.

    ``variables`` are further names to put the URL in, besides ``ZEUES_CONTRACTS_URL``.
    """
    from zeues_contracts.consumers.recording.running import run_command

    with running_proxy(target, port=port) as proxy:
        environment = {**os.environ, **dict.fromkeys((URL_VARIABLE, *variables), proxy.url)}
        for name in ("no_proxy", "NO_PROXY"):
            known = environment.get(name, "")
            environment[name] = f"{known},127.0.0.1" if known else "127.0.0.1"
        code = (run or run_command)([word.replace("{url}", proxy.url) for word in words], environment)
        return proxy.recording(), code
