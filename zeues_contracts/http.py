"""A small HTTP client for documents: bounded in time, size and redirects, credentials to one origin only.

- Redirects are followed by hand (RFC 9110, 15.4). What the user gave as headers, and user and password of a URL, go to
  the origin that they were given for and nowhere else; the same host's https in place of http, both on their own
  ports, counts as that origin.
- The time limit is for all of a request: name, connection, headers that drip, body, redirects.
- Bodies are cut at the size limit while they come in, and unpacked (gzip, deflate) no further than to it.
- Proxies of the environment (``HTTPS_PROXY`` and the like) are used, except for loopback, which no proxy can reach.
"""

from __future__ import annotations

import ipaddress
import os
import re
import threading
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from zeues_contracts.config import LimitsConfig, expand_environment
from zeues_contracts.errors import UsageError
from zeues_contracts.redact import know, know_headers, redact_headers, redact_text, redact_url

if TYPE_CHECKING:
    import httpx

__all__ = [
    "Client",
    "Fetched",
    "collect_headers",
    "is_loopback",
    "origin_of",
    "redact_headers",
    "redact_url",
    "transport_error",
]

_ENVIRONMENT = "ZEUES_CONTRACTS_HEADER_"
_PORTS = {"http": 80, "https": 443}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a GET brought, after redirects.

    ``url`` is the final URL without user and password; ``hops`` are the redirects, each (URL, status). ``error`` is
    empty or one of the words of ``Exchange.error``, ``error_text`` says more. ``truncated``: the body was larger than
    the limit and is cut. Header names are in lower case.
    """

    url: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    hops: tuple[tuple[str, int], ...] = ()
    error: str = ""
    error_text: str = ""
    truncated: bool = False

    def header(self, name: str) -> str:
        """The values of a header, joined with commas (RFC 9110, 5.3); empty when it is missing."""
        return ", ".join(value for key, value in self.headers if key == name.lower())

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()


@dataclass(slots=True)
class Client:
    """Fetches with GET. ``headers`` go to ``origin`` alone: any URL of it, by default the first one asked for."""

    headers: Mapping[str, str] = field(default_factory=dict)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    origin: str = ""
    _clients: dict[bool, httpx.Client] = field(default_factory=dict)
    _passwords: dict[str, str] = field(default_factory=dict)
    """Authorization headers out of URLs, by the origin of the URL that had them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def get(self, url: str, accept: str = "*/*") -> Fetched:
        """GET a URL. Transport errors are in the answer; a URL that is none raises :class:`UsageError`."""
        start, authorization = _without_userinfo(url)
        if not self.origin:
            self.origin = origin_of(start)
        if authorization:
            know_headers({"Authorization": authorization})
            know((urlsplit(url).password or "",))
            self._passwords[origin_of(start)] = authorization
        deadline = time.monotonic() + self.limits.timeout
        box: list[Fetched] = []
        # A thread of its own, because neither a name's resolution nor headers that drip can be bounded from within.
        worker = threading.Thread(
            target=lambda: box.append(self._follow(start, accept, deadline)), name="http-get", daemon=True
        )
        worker.start()
        worker.join(self.limits.timeout + 0.5)
        if box:
            return box[0]
        return Fetched(start, error="timeout", error_text=f"no answer within {self.limits.timeout:g} s")

    def _follow(self, url: str, accept: str, deadline: float) -> Fetched:
        hops: list[tuple[str, int]] = []
        here = url
        try:
            while True:
                got = self._one(here, self._headers_for(here), accept, deadline, tuple(hops))
                target = got.header("location")
                if got.error or got.status not in (301, 302, 303, 307, 308) or not target:
                    return got
                hops.append((redact_url(here), got.status))
                if len(hops) > self.limits.max_redirects:
                    text = f"more than {self.limits.max_redirects} redirects"
                    return Fetched(here, got.status, got.headers, b"", tuple(hops), "protocol", text)
                following = _without_userinfo(urljoin(here, target.split("#")[0]), strict=False)[0]
                refused = _refused_hop(here, following)
                if refused:
                    return Fetched(here, got.status, got.headers, b"", tuple(hops), "protocol", refused)
                here = following
        except Exception as error:  # whatever a hostile peer brings the stack to: it is what happened
            word, text = transport_error(error)
            return Fetched(here, hops=tuple(hops), error=word, error_text=text)

    def _headers_for(self, url: str) -> dict[str, str]:
        own = dict(self.headers) if is_same_service(self.origin, origin_of(url)) else {}
        if not any(name.lower() == "authorization" for name in own):
            for origin, authorization in self._passwords.items():
                if is_same_service(origin, origin_of(url)):
                    own["Authorization"] = authorization
        return own

    def _one(
        self, url: str, headers: dict[str, str], accept: str, deadline: float, hops: tuple[tuple[str, int], ...]
    ) -> Fetched:
        import httpx

        left = deadline - time.monotonic()
        if left <= 0:
            return Fetched(url, hops=hops, error="timeout", error_text="no time left")
        sent = {"accept": accept, "accept-encoding": "gzip, deflate", "user-agent": "zeues-contracts"}
        sent |= {name.lower(): value for name, value in headers.items()}
        request = httpx.Request("GET", url, headers=[(name.encode(), _encoded(value)) for name, value in sent.items()])
        request.extensions["timeout"] = {
            "connect": min(left, _CONNECT_SECONDS),
            "read": left,
            "write": left,
            "pool": left,
        }
        response = self._client(url).send(request, stream=True, follow_redirects=False)
        try:
            got = tuple((name.lower(), value) for name, value in response.headers.multi_items())
            body, truncated = _read(response, self.limits.max_bytes, deadline)
        finally:
            response.close()
        return Fetched(url, response.status_code, got, body, hops, truncated=truncated)

    def _client(self, url: str) -> httpx.Client:
        import httpx

        local = is_loopback(url)
        if local not in self._clients:
            self._clients[local] = httpx.Client(
                trust_env=not local,
                verify=httpx.create_ssl_context() if url.startswith("https:") or not local else False,
            )
        return self._clients[local]


def collect_headers(
    config_headers: Mapping[str, str], flags: Iterable[str] = (), environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The headers to send, from the weakest source to the strongest: configuration, environment, flags.

    Configuration values may hold ``${NAME}``. ``ZEUES_CONTRACTS_HEADER_X_API_KEY`` gives ``X-Api-Key``. A flag is
    ``'Name: value'``. Raises :class:`UsageError` for what is no header; the message never holds the value.
    """
    found: dict[str, tuple[str, str]] = {}

    def put(name: str, value: str, origin: str) -> None:
        name, value = name.strip(), value.strip()
        if not _TOKEN.fullmatch(name):
            raise UsageError(f"{origin}: {name[:40]!r} is no header name", hint="write it as 'Name: value'")
        if re.search(r"[\x00\r\n]", value):
            raise UsageError(f"{origin}: the value of {name} holds a line break")
        found[name.lower()] = (name, value)

    for name, value in config_headers.items():
        put(name, expand_environment(value), "configuration, headers")
    for variable, value in sorted((os.environ if environ is None else environ).items()):
        if variable.startswith(_ENVIRONMENT) and len(variable) > len(_ENVIRONMENT):
            put(variable[len(_ENVIRONMENT) :].replace("_", "-").title(), value, variable)
    for flag in flags:
        name, colon, value = flag.partition(":")
        if not colon:
            raise UsageError("--header: there is no colon", hint="write it as --header 'Name: value'")
        put(name, value, "--header")
    headers = dict(found.values())
    know_headers(headers)  # from here on nothing prints them
    return headers


def origin_of(url: str) -> str:
    """``scheme://host:port`` (RFC 6454, 4), the port always named."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().rstrip(".")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme.lower()}://{host}:{parts.port or _PORTS.get(parts.scheme.lower(), 0)}"


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine by its name or address (nothing is looked up)."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def transport_error(error: BaseException) -> tuple[str, str]:
    """The stable word for a transport error (see ``Exchange.error``), and the library's own text."""
    import socket
    import ssl

    import httpx

    text = redact_text(" ".join((str(error) or type(error).__name__).split())[:300])
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(chain) < 12:
        chain.append(link)
        link = link.__cause__ or link.__context__
    kinds: list[tuple[str, Any]] = [
        ("tls", ssl.SSLError),
        ("dns", socket.gaierror),
        ("refused", ConnectionRefusedError),
        ("timeout", (httpx.TimeoutException, TimeoutError)),
        ("reset", (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)),
    ]
    for word, kind in kinds:
        if any(isinstance(one, kind) for one in chain):
            return word, text
    if isinstance(error, httpx.RemoteProtocolError):
        return ("reset" if "disconnected" in text or "closed" in text else "protocol"), text
    if isinstance(error, httpx.ConnectError):
        return "refused", text
    if isinstance(error, httpx.NetworkError):
        return "reset", text
    return "protocol", text


def _without_userinfo(url: str, *, strict: bool = True) -> tuple[str, str]:
    """The URL without user and password, and the Authorization header that they make (RFC 7617)."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError as error:
        raise UsageError(f"{redact_url(url)}: not a URL: {error}", hint="give http://HOST:PORT") from None
    if parts.scheme.lower() not in _PORTS or not host:
        if not strict:
            return url, ""
        raise UsageError(f"{redact_url(url)}: not an http or https URL", hint="give http://HOST:PORT")
    authorization = ""
    if parts.username is not None:
        import base64

        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode("utf-8")).decode("ascii")
    host = f"[{host}]" if ":" in host else host
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", parts.query, "")), authorization


def is_same_service(given_for: str, other: str) -> bool:
    """Whether what was given for one origin may go to another: the same, or the same host upgraded to https."""
    if given_for == other:
        return True
    upgraded = re.sub(r"^http://(.*):80$", r"https://\1:443", given_for)
    return upgraded == other


def _refused_hop(here: str, following: str) -> str:
    """Why a redirect is not followed, or nothing."""
    if urlsplit(following).scheme not in _PORTS:
        return f"redirected to {redact_url(following)[:80]}, which is no http or https URL"
    if is_loopback(following) and not is_loopback(here):
        return "redirected from another host into this machine"
    try:
        inside = ipaddress.ip_address(urlsplit(following).hostname or "").is_link_local
    except ValueError:
        inside = False
    return "redirected to a link-local address" if inside else ""


def _encoded(value: str) -> bytes:
    """A header's value on the wire: Latin-1 (RFC 9110, 5.5), or UTF-8 where that cannot hold it."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


def _read(response: httpx.Response, limit: int, deadline: float) -> tuple[bytes, bool]:
    """The body without its content coding, at most ``limit`` bytes, and whether it was cut."""
    import httpx

    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise httpx.DecodingError(f"the content coding {coding[:20]!r} was not asked for")
    unpack = _unpacker(coding)
    body = bytearray()
    for chunk in response.iter_raw(65536):
        body += unpack(chunk, limit + 1 - len(body))
        if len(body) > limit:
            return bytes(body[:limit]), True
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body had not ended when the time was up")
    return bytes(body), False


def _unpacker(coding: str) -> Any:
    if coding in ("", "identity"):
        return lambda chunk, room: chunk[:room]
    state: dict[str, Any] = {}

    def unpack(chunk: bytes, room: int) -> bytes:
        import httpx

        try:
            if "unpack" not in state:
                # zlib's or bare deflate data: both are sent as `deflate` (RFC 9110, 8.4.1.2).
                bare = coding == "deflate" and chunk[:1] and (chunk[0] & 0x0F) != 8
                state["unpack"] = zlib.decompressobj(47 if coding != "deflate" else -15 if bare else 15)
            packed = state["unpack"].unconsumed_tail + chunk
            return bytes(state["unpack"].decompress(packed, room)) if room > 0 else b""
        except zlib.error as error:
            raise httpx.DecodingError(f"the body is no {coding}: {error}") from None

    return unpack
