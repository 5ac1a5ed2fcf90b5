"""What was sent, as a contract writes it: today's date as such, secrets as variables, noise left out."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zeues_contracts.consumers.forms.shortening import literal
from zeues_contracts.consumers.model import Payload, RequestSpec
from zeues_contracts.exchange import Request
from zeues_contracts.redact import PLACEHOLDER, is_secret_parameter

__all__ = ["request_spec"]

_SMALL = 8192
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,14})")
_USUAL_ACCEPT = frozenset({"*/*", "", "application/json", "application/json, */*;q=0.5", "application/json, */*"})
_NO_HEADERS = frozenset({
    "accept", "content-type", "cookie", "content-encoding", "expect", "te", "upgrade", "pragma", "cache-control",
    "user-agent", "accept-encoding", "accept-language", "content-length", "host", "connection", "if-none-match",
    "if-modified-since", "traceparent", "tracestate", "baggage", "sentry-trace", "origin", "referer", "priority", "dnt",
})  # fmt: skip
_NO_PREFIXES = ("sec-", "x-forwarded-", "proxy-", "x-stainless-")


def request_spec(
    request: Request, values: Mapping[str, str], at: float, form: Mapping[str, Any] | None = None
) -> RequestSpec:
    """The request as it was sent at a moment (seconds since the epoch), its path parameters being ``values``.

    ``form`` are the fields of a multipart form, which the body itself does not tell.
    """
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    body = _payload(dict(form), at) if form else _body(request.body, kind, at)
    return RequestSpec(
        path={name: _parameter(value, at) for name, value in values.items()},
        query={
            name: _parameter(PLACEHOLDER if is_secret_parameter(name) else many[0] if len(many) == 1 else many, at)
            for name, many in query.items()
        },
        headers=_headers(request),
        cookies=_cookies(request),
        body=body,
        media_type=kind or "application/json",
    )


def _parameter(value: str | list[str], at: float) -> Payload:
    typed: Any = _typed(value) if isinstance(value, str) else [_typed(one) for one in value]
    return _payload(typed, at)


def _typed(text: str) -> Any:
    """Text of a parameter as the value that people write: 10, true."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return text == "true" if text in ("true", "false") else text


def _payload(value: Any, at: float) -> Payload:
    """The payload of a value that was sent: today's date is written as such, a secret as any text."""
    written = _written(value, _days(at))
    if written is None:
        return Payload({"const": value}, value, is_example=True)
    if _has_secret(value):
        return Payload(_schema_of(value), value, written=written)
    return Payload({"const": value}, value, is_example=True, written=written)


def _written(value: Any, today: Sequence[str]) -> Any:
    """The form to write where it is not the value itself, else ``None``."""
    form = _form(value, today)
    return None if form == literal(value) else form


def _form(value: Any, today: Sequence[str]) -> Any:
    if isinstance(value, str):
        if PLACEHOLDER in value:
            return {"$type": "str"}
        return "$today" if value in today else literal(value)
    if isinstance(value, Mapping):
        return {next(iter(literal({name: 0}))): _form(one, today) for name, one in value.items()}
    if isinstance(value, list):
        return [_form(one, today) for one in value]
    return value


def _days(at: float) -> Sequence[str]:
    """The date of a moment here and in UTC."""
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    return (moment.astimezone().date().isoformat(), moment.date().isoformat()) if at else ()


def _has_secret(value: Any) -> bool:
    return PLACEHOLDER in json.dumps(value, ensure_ascii=False, default=str)


def _schema_of(value: Any) -> Any:
    """The schema of a value whose secrets may be any text."""
    if isinstance(value, str) and PLACEHOLDER in value:
        return {"type": "string"}
    if isinstance(value, Mapping):
        properties = {name: _schema_of(one) for name, one in value.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(value),
            "additionalProperties": False,
        }
    if isinstance(value, list):
        return {
            "type": "array",
            "prefixItems": [_schema_of(one) for one in value],
            "minItems": len(value),
            "maxItems": len(value),
        }
    return {"const": value}


def _body(body: bytes | None, kind: str, at: float) -> Payload | None:
    if not body:
        return None
    # Of the moment the date alone counts: it changes at a quarter of an hour, in every time zone that there is.
    return _small_body(body, kind, at // 900 * 900) if len(body) < _SMALL else _any_body(body, kind, at)


@lru_cache(maxsize=2000)
def _small_body(body: bytes, kind: str, at: float) -> Payload | None:
    return _any_body(body, kind, at)


def _any_body(body: bytes, kind: str, at: float) -> Payload | None:
    if kind == "application/x-www-form-urlencoded":
        pairs: dict[str, Any] = {}
        for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
            known = pairs.get(name)
            pairs[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
        return _payload(pairs, at)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        try:
            value = body.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return _payload(value, at)


def _headers(request: Request) -> dict[str, Payload]:
    found: dict[str, Payload] = {}
    for name, value in request.headers:
        if name in _NO_HEADERS or name.startswith(_NO_PREFIXES):
            continue
        found[name] = _header(name, value)
    accept = (request.header("accept") or "").strip()
    if accept not in _USUAL_ACCEPT:
        found["accept"] = Payload({"const": accept}, accept, is_example=True)
    return found


def _header(name: str, value: str) -> Payload:
    if PLACEHOLDER not in value and not is_secret_parameter(name):
        return Payload({"const": value}, value, is_example=True)
    variable = "${" + re.sub(r"\W+", "_", name).upper() + "}"
    written = value.replace(PLACEHOLDER, variable) if PLACEHOLDER in value else variable
    return Payload({"const": value}, value, is_example=True, written=written)


def _cookies(request: Request) -> dict[str, Payload]:
    found: dict[str, Payload] = {}
    for part in (request.header("cookie") or "").split(";"):
        name, equals, _ = part.partition("=")
        if equals and name.strip():
            variable = "${" + re.sub(r"\W+", "_", name.strip()).upper() + "}"
            found[name.strip()] = Payload({"const": PLACEHOLDER}, PLACEHOLDER, is_example=True, written=variable)
    return found
