"""Exchanges as reports show them: without secrets, bounded, and as text where they are text."""

from __future__ import annotations

from msgspec.structs import replace

from zeues_contracts.exchange import Exchange, Headers
from zeues_contracts.redact import redact_body, redact_headers, redact_text, redact_url

__all__ = ["MAX_BODY", "body_text", "shown_exchange"]

MAX_BODY = 64 * 1024
"""Bytes of a body that a report holds."""


def shown_exchange(exchange: Exchange) -> Exchange:
    """The exchange with secrets replaced and bodies cut to :data:`MAX_BODY`. Doing it twice changes nothing more."""
    request = exchange.request
    sent = replace(
        request,
        url=redact_url(request.url),
        headers=redact_headers(request.headers),
        body=None if request.body is None else _body(request.body, request.headers),
    )
    response = exchange.response
    if response is not None:
        body = _body(response.body, response.headers)
        response = replace(
            response,
            headers=redact_headers(response.headers),
            body=body,
            truncated=response.truncated or len(response.body) > MAX_BODY,
        )
    return replace(exchange, request=sent, response=response, error_text=redact_text(exchange.error_text))


def body_text(body: bytes) -> str | None:
    """A body as text, ``None`` where it is none. A character that the cut went through is dropped."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(body) >= MAX_BODY and error.start > len(body) - 4:
            return body[: error.start].decode("utf-8")
        return None


def _body(body: bytes, headers: Headers) -> bytes:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    # What is cut first cannot be read as JSON any more, and would lose the names that tell secrets.
    return redact_body(body[: 4 * MAX_BODY], kind)[:MAX_BODY]
