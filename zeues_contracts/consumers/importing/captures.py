"""Captured traffic as exchanges: HAR 1.2 (a browser's network log) and VCR cassettes (VCR.py, Ruby's VCR, Betamax)."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Mapping
from typing import Any

from zeues_contracts.exchange import Exchange, Request, Response

__all__ = ["cassette_exchanges", "har_exchanges", "is_cassette", "is_har"]

_MOST = 100_000
_LARGEST = 16 * 1024 * 1024


def is_har(value: Any) -> bool:
    """Whether a JSON value is a HAR log."""
    return isinstance(value, Mapping) and isinstance(value.get("log"), Mapping) and "entries" in value["log"]


def is_cassette(value: Any) -> bool:
    """Whether a value is a cassette."""
    for key in ("interactions", "http_interactions"):
        given = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(given, list) and (not given or (isinstance(given[0], Mapping) and _uri(given[0]))):
            return ("provider" not in value and "version" in value) or bool(given and _uri(given[0]))
    return False


def har_exchanges(value: Mapping[str, Any]) -> list[Exchange]:
    """The exchanges of a HAR log, in its order; entries that are none are left out."""
    entries = value["log"].get("entries")
    found: list[Exchange] = []
    for entry in entries[:_MOST] if isinstance(entries, list) else []:
        if not isinstance(entry, Mapping):
            continue
        request, response = entry.get("request"), entry.get("response")
        if not isinstance(request, Mapping) or not isinstance(request.get("url"), str):
            continue
        sent = Request(
            str(request.get("method") or "GET").upper(),
            request["url"],
            _pairs(request.get("headers")),
            _posted(request),
        )
        found.append(Exchange(sent, _har_response(response) if isinstance(response, Mapping) else None))
    return found


def _pairs(given: Any) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(one.get("name", "")).lower(), str(one.get("value", "")))
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, Mapping) and not str(one.get("name", "")).startswith(":")  # HTTP/2's own
    )


def _posted(request: Mapping[str, Any]) -> bytes | None:
    data = request.get("postData")
    if not isinstance(data, Mapping):
        return None
    text = data.get("text")
    if isinstance(text, str) and text:
        return text.encode("utf-8", "surrogatepass")
    params = data.get("params")
    if isinstance(params, list) and params:
        from urllib.parse import urlencode

        pairs = [(str(one.get("name", "")), str(one.get("value", ""))) for one in params if isinstance(one, Mapping)]
        return urlencode(pairs).encode()
    return None


def _har_response(response: Mapping[str, Any]) -> Response:
    content = response.get("content")
    body, kind = b"", ""
    if isinstance(content, Mapping):
        kind = str(content.get("mimeType") or "")
        text = content.get("text")
        if isinstance(text, str):
            body = _decoded(text) if content.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")
    headers = _pairs(response.get("headers"))
    if kind and not any(name == "content-type" for name, _ in headers):
        headers = (*headers, ("content-type", kind))
    status = response.get("status")
    return Response(status if isinstance(status, int) else 0, headers, body)


def cassette_exchanges(value: Mapping[str, Any]) -> list[Exchange]:
    """The exchanges of a cassette, in its order."""
    given = value.get("interactions", value.get("http_interactions"))
    found: list[Exchange] = []
    for one in given[:_MOST] if isinstance(given, list) else []:
        if not isinstance(one, Mapping) or not _uri(one):
            continue
        request = one["request"]
        response = one.get("response")
        sent = Request(
            str(request.get("method") or "GET").upper(),
            _uri(one),
            _named(request.get("headers")),
            _text(request.get("body")) or None,
        )
        found.append(Exchange(sent, _cassette_response(response) if isinstance(response, Mapping) else None))
    return found


def _uri(one: Any) -> str:
    request = one.get("request") if isinstance(one, Mapping) else None
    given = request.get("uri", request.get("url")) if isinstance(request, Mapping) else None
    return given if isinstance(given, str) else ""


def _named(given: Any) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in given.items() if isinstance(given, Mapping) else ():
        values = value if isinstance(value, list) else [value]
        found.append((str(name).lower(), ", ".join(str(item) for item in values)))
    return tuple(found)


def _text(given: Any) -> bytes:
    """A body: text, ``{string: …}`` or ``{base64_string: …}``; YAML's binary is base64."""
    if isinstance(given, Mapping):
        if isinstance(given.get("base64_string"), str):
            return _decoded(given["base64_string"])
        given = given.get("string", "")
    if isinstance(given, str):
        return given.encode("utf-8", "surrogatepass")
    return b""


def _cassette_response(response: Mapping[str, Any]) -> Response:
    status = response.get("status", response.get("status_code"))
    code = status.get("code") if isinstance(status, Mapping) else status
    headers = _named(response.get("headers"))
    encoding = next((value.lower() for name, value in headers if name == "content-encoding"), "")
    body = _text(response.get("body", response.get("content")))
    return Response(code if isinstance(code, int) else 0, headers, _unpacked(body, encoding))


def _unpacked(body: bytes, encoding: str) -> bytes:
    """A compressed body as text; YAML's binary comes in as base64 here. Bounded: what is larger is cut off."""
    if encoding not in ("gzip", "x-gzip", "deflate") or not body:
        return body
    raw = body if body[:2] == b"\x1f\x8b" else _decoded(body.decode("ascii", "ignore"))
    try:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        return unpacker.decompress(raw, _LARGEST)
    except (zlib.error, gzip.BadGzipFile):
        return body


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=False)
    except ValueError:
        return b""
