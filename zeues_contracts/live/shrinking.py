"""Smaller requests that may still show the same thing (greedy delta debugging: Zeller and Hildebrandt, 2002). Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from zeues_contracts.exchange import Request

__all__ = ["size", "smaller"]


def size(request: Request) -> tuple[int, int, str]:
    """What is compared when the smallest of several requests is wanted; a total order, so that runs agree."""
    body = request.body or b""
    return (len(body) + len(request.url), sum(len(name) + len(value) for name, value in request.headers), request.url)


def smaller(request: Request) -> Iterator[Request]:
    """Requests that are strictly smaller in one respect, the boldest first."""
    yield from _without_query(request)
    yield from _without_headers(request)
    if request.body:
        yield from _smaller_body(request)


def _without_query(request: Request) -> Iterator[Request]:
    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for number in range(len(pairs)):
        rest = pairs[:number] + pairs[number + 1 :]
        url = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(rest), ""))
        yield Request(request.method, url, request.headers, request.body)
    for number, (name, value) in enumerate(pairs):
        for shorter in _smaller_text(value):
            changed = [*pairs[:number], (name, shorter), *pairs[number + 1 :]]
            url = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(changed), ""))
            yield Request(request.method, url, request.headers, request.body)


def _without_headers(request: Request) -> Iterator[Request]:
    kept = ("content-type", "accept", "authorization", "host")
    for number, (name, _) in enumerate(request.headers):
        if name not in kept and "key" not in name and "token" not in name:
            rest = request.headers[:number] + request.headers[number + 1 :]
            yield Request(request.method, request.url, rest, request.body)


def _smaller_body(request: Request) -> Iterator[Request]:
    try:
        value = json.loads(request.body or b"")
    except (ValueError, RecursionError):
        return
    for candidate in _smaller_value(value, 0):
        body = json.dumps(candidate, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if len(body) < len(request.body or b""):
            yield Request(request.method, request.url, request.headers, body)


def _smaller_value(value: Any, depth: int) -> Iterator[Any]:
    if depth > 8:
        return
    if isinstance(value, dict):
        if len(value) > 3:
            half = len(value) // 2
            yield dict(list(value.items())[:half])
            yield dict(list(value.items())[half:])
        for name in value:
            yield {key: item for key, item in value.items() if key != name}
        for name, item in value.items():
            for shorter in _smaller_value(item, depth + 1):
                yield {**value, name: shorter}
    elif isinstance(value, list):
        if value:
            yield []
        if len(value) > 1:
            yield value[: len(value) // 2]
            yield value[len(value) // 2 :]
        for number, item in enumerate(value[:8]):
            for shorter in _smaller_value(item, depth + 1):
                yield [*value[:number], shorter, *value[number + 1 :]]
    elif isinstance(value, str):
        yield from _smaller_text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value not in (0, 1):
        for candidate in (0, 1, int(value) // 2 if abs(value) < 1e300 else 1):
            if len(str(candidate)) < len(str(value)):
                yield candidate


def _smaller_text(value: str) -> Iterator[str]:
    if value:
        yield ""
    if len(value) > 1:
        yield "a"
        yield value[: len(value) // 2]
    if len(value) > 3:
        yield "a" * (len(value) // 2)
