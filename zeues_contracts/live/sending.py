"""The one way by which requests reach a service: bounded in time and size, to an address that was checked.

Two senders share the interface: over HTTP (here), and into an ASGI application in process (``inprocess``). Redirects
are not followed: what is judged is the answer to the request that was sent.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import msgspec

from zeues_contracts.exchange import Exchange, Request, Response
from zeues_contracts.live.addresses import Target, resolve
from zeues_contracts.live.limits import Bounds

if TYPE_CHECKING:
    import httpcore

__all__ = ["Headed", "HttpSender", "Sender", "decoded", "is_stream", "stop_reading", "with_headers"]

_STREAMS = frozenset(
    {"text/event-stream", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq"}
)


class Sender(Protocol):
    """Sends a request and brings back what happened, always, in bounded time. Safe to use from several threads."""

    base_url: str
    trusted: bool

    def send(self, request: Request, bounds: Bounds | None = None) -> Exchange:
        """One exchange; transport errors are in it, none is raised."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


def is_stream(media_type: str) -> bool:
    """Whether a media type is a sequence of messages that may never end."""
    return media_type in _STREAMS


def stop_reading(body: bytearray, stream: bool, started: float, bounds: Bounds) -> bool:
    """Whether enough of a body was read: past a limit, or events enough of a stream."""
    now = time.monotonic() - started
    if len(body) > bounds.max_bytes or now > bounds.seconds:
        return True
    if not stream:
        return False
    # An event ends with a blank line (HTML, 9.2.5); the other streams have one message a line.
    events = body.count(b"\n\n") + body.count(b"\r\n\r\n")
    return now > bounds.stream_seconds or events >= bounds.events


def decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """A body without its content coding (RFC 9110, 8.4.1), at most ``limit`` bytes; as it came where that fails."""
    name = encoding.strip().lower()
    if name not in ("gzip", "x-gzip", "deflate") or not body:
        return body
    for window in (47,) if name != "deflate" else (15, -15):
        try:
            return zlib.decompressobj(window).decompress(body, limit)
        except zlib.error:
            continue
    return body


class HttpSender:
    """Sends over HTTP to the address that the base URL's host resolved to when the sender was made."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
        target: Target | None = None,
        allow_unsafe_hosts: tuple[str, ...] = (),
    ) -> None:
        """``headers`` go with every request; a request's own headers win."""
        from zeues_contracts.live.wire import DeadlineBackend, make_pool

        self.target = target or resolve(base_url, allow_unsafe_hosts)
        self.base_url = self.target.base_url
        self.trusted = self.target.trusted
        self.bounds = bounds or Bounds()
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
        self._backend = DeadlineBackend()
        self._pool = make_pool(self._backend)
        parts = urlsplit(self.target.origin)
        self._origin = (parts.scheme, parts.netloc.lower())
        connect = urlsplit(self.target.connect_origin) if self.target.address else parts
        self._connect = (connect.scheme.encode(), self.target.address.encode(), self.target.port)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def send(self, request: Request, bounds: Bounds | None = None) -> Exchange:
        """One exchange. A request to another origin than the base URL's is refused, whatever the method."""
        from zeues_contracts.live.wire import transport_error

        limits = bounds or self.bounds
        at = time.time()
        sent = self._with_headers(request)
        if self.target.error:
            return Exchange(sent, None, "dns", self.target.error, at)
        parts = urlsplit(request.url)
        netloc = parts.netloc.rpartition("@")[2].lower()
        if (parts.scheme, netloc) != self._origin:
            return Exchange(sent, None, "protocol", f"{netloc} is not {self._origin[1]}: not sent", at)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query or request.url.endswith("?") else "")
        started = time.monotonic()
        self._backend.set_deadline(started + limits.seconds)
        try:
            status, raw, body, truncated = self._exchanged(sent, path, started, limits)
        except Exception as error:  # whatever a hostile peer brings the stack to: it is what happened
            return Exchange(sent, None, *transport_error(error), at)
        got = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)
        encoding = next((value for name, value in got if name == "content-encoding"), "")
        body = decoded(body, encoding, limits.max_bytes)
        seconds = time.monotonic() - started
        return Exchange(sent, Response(status, got, body, seconds, truncated), at=at)

    def _exchanged(
        self, request: Request, path: str, started: float, bounds: Bounds
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
        """Status, headers, body, and whether it was cut off.

        A connection that was kept open may be closed by the server the moment that we use it again (uvicorn does after
        a 500); where nothing came back on it, the request is sent once more on a new one (RFC 9112, 9.3.1).
        """
        from zeues_contracts.live.wire import make_pool, transport_error

        self._backend.begin()
        try:
            return self._over(self._pool, request, path, started, bounds)
        except Exception as error:
            if not self._backend.stale or transport_error(error)[0] != "reset":
                raise
            broken = error
        pool = make_pool(self._backend)
        try:
            return self._over(pool, request, path, started, bounds)
        except Exception as error:
            # Nobody is there any more: it broke with this request or just before, which says more than "refused".
            if transport_error(error)[0] != "refused":
                raise
            raise broken from None
        finally:
            pool.close()

    def _over(
        self, pool: httpcore.ConnectionPool, request: Request, path: str, started: float, bounds: Bounds
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
        answer = pool.handle_request(self._built(request, path))
        try:
            body, truncated = self._read(answer, started, bounds)
        finally:
            answer.close()
        return answer.status, answer.headers, body, truncated

    def _with_headers(self, request: Request) -> Request:
        own = {name.lower() for name, _ in request.headers}
        more = [(name, value) for name, value in self.headers.items() if name not in own]
        return Request(request.method, request.url, (*request.headers, *more), request.body)

    def _built(self, request: Request, path: str) -> httpcore.Request:
        import httpcore

        headers = [(b"host", self.target.host_header.encode("ascii", "replace"))]
        headers += [
            (name.encode("ascii", "replace"), _header_bytes(value))
            for name, value in request.headers
            if name not in ("host", "content-length", "transfer-encoding", "connection")
        ]
        names = {name for name, _ in headers}
        if b"accept" not in names:
            headers.append((b"accept", b"*/*"))
        if b"accept-encoding" not in names:
            headers.append((b"accept-encoding", b"identity"))
        if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
            headers.append((b"content-length", str(len(request.body or b"")).encode()))
        extensions: dict[str, Any] = {"timeout": {"connect": 5.0, "pool": 5.0}}
        if self.target.scheme == "https":
            extensions["sni_hostname"] = self.target.host
        scheme, host, port = self._connect
        return httpcore.Request(
            method=request.method.encode("ascii", "replace"),
            url=httpcore.URL(scheme=scheme, host=host, port=port, target=path.encode("utf-8", "surrogatepass")),
            headers=headers,
            content=request.body or b"",
            extensions=extensions,
        )

    def _read(self, answer: httpcore.Response, started: float, bounds: Bounds) -> tuple[bytes, bool]:
        import httpcore

        kind = next((value for name, value in answer.headers if name.lower() == b"content-type"), b"")
        stream = is_stream(kind.decode("latin-1").split(";")[0].strip().lower())
        if stream:
            self._backend.set_deadline(started + min(bounds.seconds, bounds.stream_seconds))
        body = bytearray()
        try:
            for chunk in answer.iter_stream():
                body += chunk
                if stop_reading(body, stream, started, bounds):
                    return bytes(body[: bounds.max_bytes]), True
        except httpcore.ReadTimeout:
            # The headers came and the body stopped: a stream that is silent, or a response that hangs.
            return bytes(body), True
        return bytes(body), False


def _header_bytes(value: str) -> bytes:
    """A header's value on the wire: Latin-1 (RFC 9110, 5.5), or UTF-8 where that cannot hold it."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


class Headed:
    """A sender that adds the configured headers, for the probes."""

    def __init__(self, inner: Sender, headers: tuple[tuple[str, str], ...]) -> None:
        self.inner = inner
        self.headers = headers
        self.base_url = inner.base_url
        self.trusted = inner.trusted

    def send(self, request: Request, bounds: Bounds | None = None) -> Exchange:
        """Send with the headers; a request's own win."""
        return self.inner.send(
            msgspec.structs.replace(request, headers=with_headers(request.headers, self.headers)), bounds
        )

    def close(self) -> None:
        """Nothing of its own to close."""


def with_headers(
    headers: tuple[tuple[str, str], ...], forced: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Configured headers replace generated ones: made-up credentials would test nothing but the door."""
    if not forced:
        return headers
    names = {name for name, _ in forced}
    return (*(one for one in headers if one[0] not in names), *forced)
