"""From exchanges that were captured (HAR, VCR cassettes) to a contract: generalised, never frozen to one value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from zeues_contracts.consumers.forms.generalising import generalise
from zeues_contracts.consumers.forms.shortening import short_expectation, written_name
from zeues_contracts.consumers.importing.model import Imported, unique_id
from zeues_contracts.consumers.importing.secrets import clean_form, clean_header, clean_text, variable
from zeues_contracts.errors import UsageError
from zeues_contracts.exchange import Exchange
from zeues_contracts.openapi.matching import match_operation
from zeues_contracts.openapi.model import Document
from zeues_contracts.redact import redact_json, redact_text, redact_url

__all__ = ["import_exchanges"]

# Files of a page and what its tracking sends are no calls of a service.
_ASSETS = ("image/", "font/", "text/css", "text/html", "audio/", "video/", "application/javascript", "text/javascript")
_ASSET_NAMES = (
    ".js",
    ".css",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".ico",
    ".woff",
    ".woff2",
    ".ttf",
    ".map",
    ".webp",
)
_KEPT_HEADERS = frozenset({"accept", "authorization", "if-match", "prefer", "idempotency-key"})
_EVERYDAY = frozenset(
    {
        "x-requested-with", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "x-request-id",
        "x-amzn-trace-id", "x-datadog-trace-id", "x-b3-traceid",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """Exchanges that are the same call: operation, status, names in the query, media type."""

    operation: str
    path_values: dict[str, str]
    status: int
    exchanges: list[Exchange] = field(default_factory=list)


def import_exchanges(
    exchanges: Sequence[Exchange],
    source: str,
    *,
    consumer: str,
    service: str = "",
    base_url: str = "",
    document: Document | None = None,
) -> Imported:
    """The contract of captured exchanges: one interaction for each operation, status and set of query parameters.

    Of several hosts, those below ``base_url`` count; else the host that was called most. With a document, paths become
    its templates, so that calls for several items are one interaction.
    """
    calls, notes = _calls(exchanges, source, base_url)
    groups: dict[tuple[Any, ...], _Seen] = {}
    for path, exchange in calls:
        response = exchange.response
        assert response is not None
        method = exchange.request.method.upper()
        match = match_operation(document, method, path) if document is not None else None
        operation = match.operation.name if match is not None else f"{method} {_escaped(path)}"
        names = tuple(sorted({name for name, _ in _query(exchange)}))
        key = (operation, response.status, names)
        seen = groups.setdefault(key, _Seen(operation, dict(match.path) if match else {}, response.status))
        seen.exchanges.append(exchange)
    ids: set[str] = set()
    interactions = [_interaction(one, ids) for one in groups.values()]
    contract: dict[str, Any] = {"version": 1, "consumer": consumer}
    if service:
        contract["service"] = service
    contract["interactions"] = interactions
    return Imported(contract, tuple(notes))


def _calls(exchanges: Sequence[Exchange], source: str, base_url: str) -> tuple[list[tuple[str, Exchange]], list[str]]:
    """The exchanges that are calls of the service, each with its path below the base URL."""
    notes: list[str] = []
    by_host: dict[str, list[tuple[str, Exchange]]] = {}
    left_out = 0
    base = _parts(base_url)
    if base is None:
        raise UsageError(f"--base-url {redact_url(base_url)[:80]}: not a URL", hint="give http://HOST:PORT")
    prefix = base.path.rstrip("/")
    wanted = base.netloc.lower()
    for exchange in exchanges:
        parts = _parts(exchange.request.url)
        if (
            parts is None
            or parts.scheme not in ("http", "https")
            or exchange.response is None
            or _is_asset(exchange, parts.path)
        ):
            left_out += 1
            continue
        host = parts.netloc.rpartition("@")[2].lower()
        path = unquote(parts.path) or "/"
        if wanted and (host != wanted or not (path + "/").startswith(prefix + "/")):
            left_out += 1
            continue
        by_host.setdefault(host, []).append((path[len(prefix) :] or "/", exchange))
    if not by_host:
        where = f" below {base_url}" if base_url else ""
        raise UsageError(f"{source}: no call of a service in it{where}", hint="--base-url names the service's address")
    host = max(by_host, key=lambda one: len(by_host[one]))
    others = sorted(one for one in by_host if one != host)
    if others:
        notes.append(f"of several hosts {host} was taken; left out: {', '.join(others)} (--base-url chooses)")
    if left_out:
        notes.append(f"{left_out} exchanges were left out: files of a page, preflights, or no answer")
    return by_host[host], notes


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # no request can have gone there
        return None


def _is_asset(exchange: Exchange, path: str) -> bool:
    assert exchange.response is not None
    if exchange.request.method.upper() in ("OPTIONS", "CONNECT", "TRACE") or exchange.response.status < 100:
        return True
    return exchange.response.media_type.startswith(_ASSETS) or path.lower().endswith(_ASSET_NAMES)


def _escaped(path: str) -> str:
    return redact_text(path).replace("{", "%7B").replace("}", "%7D").replace(" ", "%20").replace("#", "%23")


def _query(exchange: Exchange) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return []


def _interaction(seen: _Seen, ids: set[str]) -> dict[str, Any]:
    first = seen.exchanges[0]
    suffix = "" if seen.status < 300 else f"-{seen.status}"
    one: dict[str, Any] = {"id": unique_id(seen.operation + suffix, ids), "operation": seen.operation}
    request = _request(first, seen.path_values)
    if request:
        one["request"] = request
    expect: dict[str, Any] = {"status": seen.status}
    bodies = [_json(exchange) for exchange in seen.exchanges]
    known = [value for there, value in bodies if there]
    if known and len(known) == len(bodies):
        schema = generalise([redact_json(value) for value in known])
        if schema != {}:
            expect["body"] = short_expectation(schema)
    one["expect"] = expect
    return one


def _request(exchange: Exchange, path_values: dict[str, str]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if path_values:
        request["path"] = {name: clean_text(name, value) for name, value in path_values.items()}
    query: dict[str, list[Any]] = {}
    for name, value in _query(exchange):
        query.setdefault(name, []).append(clean_text(name, value))
    if query:
        request["query"] = {
            written_name(name): values[0] if len(values) == 1 else values for name, values in query.items()
        }
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for name, value in exchange.request.headers:
        lower = name.lower()
        if lower == "cookie":
            pairs = (part.strip().partition("=") for part in value.split(";"))
            cookies |= {key: f"$env:{variable(key)}" for key, equals, _ in pairs if equals and key}
        elif lower in _KEPT_HEADERS or (lower.startswith("x-") and lower not in _EVERYDAY):
            headers[lower] = clean_header(lower, value)
    if headers:
        request["headers"] = headers
    if cookies:
        request["cookies"] = cookies
    _put_body(exchange, request)
    return request


def _put_body(exchange: Exchange, request: dict[str, Any]) -> None:
    body = exchange.request.body
    if not body:
        return
    kind = (exchange.request.header("content-type") or "").partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return
    if kind == "application/x-www-form-urlencoded":
        request["media-type"] = kind
        fields = parse_qsl(text, keep_blank_values=True)
        request["body"] = {written_name(name): clean_text(name, value) for name, value in fields}
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if kind and not kind.startswith("multipart/"):
            request["media-type"] = kind
            request["body"] = clean_text("body", text)
        return
    if kind and kind != "application/json":
        request["media-type"] = kind
    request["body"] = clean_form(value, "BODY")


def _json(exchange: Exchange) -> tuple[bool, Any]:
    response = exchange.response
    assert response is not None
    if not response.body or not (response.media_type.endswith("json") or not response.media_type):
        return False, None
    try:
        return True, json.loads(response.body)
    except (ValueError, RecursionError):
        return False, None
