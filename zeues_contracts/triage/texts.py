"""What a response says in words: the texts in which fingerprints are looked for.

Texts that the request itself sent are taken out: a service that quotes its user's comment says nothing about itself.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import unquote_plus

from zeues_contracts.exchange import Request, Response

__all__ = ["alike_text", "error_texts", "is_failure_body", "json_body", "texts"]

_MAX_BODY = 256 * 1024
_MAX_LEAVES = 400
_MAX_LEAF = 16 * 1024
_ERROR_KEYS = frozenset(
    {
        "cause", "causes", "code", "description", "detail", "details", "error", "error_code", "error_description",
        "error_message", "errors", "exception", "message", "messages", "msg", "reason", "stack", "status_message",
        "title", "trace", "traceback", "type",
    }
)  # fmt: skip
_BAD_WORDS = frozenset({"error", "errors", "failed", "failure", "fail", "unhealthy", "down", "ko", "unavailable"})


def json_body(response: Response) -> Any:
    """The body as JSON, or ``None`` where it is none, is too large, or was cut off."""
    if response.truncated or not response.body or len(response.body) > _MAX_BODY:
        return None
    first = response.body.lstrip()[:1]
    if first not in b'{["' and not response.media_type.endswith("json"):
        return None
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return None


def page_of(response: Response) -> str | None:
    """What tells one page from another: where a redirect leads, or an HTML page's title; ``None`` for what is neither.

    Tokens in pages and in queries vary from answer to answer, so they do not count.
    """
    if response.status in (301, 302, 303, 307, 308):
        location = response.header("location") or ""
        return f"a redirect to {location.partition('?')[0].partition('#')[0][:200]}" if location else None
    if response.status >= 300 or "html" not in response.media_type:
        return None
    text = response.body[:_MAX_LEAF].decode("utf-8", "replace")
    title = re.search(r"<title[^<>]{0,200}>([^<>]{1,200})", text, re.IGNORECASE)
    words = title.group(1) if title else re.sub(r"<[^<>]{0,2000}>", " ", text)
    return f"“{' '.join(html.unescape(words).split())[:100]}”"


def stalled(response: Response) -> bool:
    """Whether a JSON answer began and never came to its end, though it was small: what makes it hangs."""
    kind = response.media_type
    small = len(response.body) < _MAX_LEAF
    return response.truncated and small and (kind == "application/json" or kind.endswith("+json"))


def _leaves(value: Any, *, only_errors: bool) -> list[str]:
    """String leaves in order; with ``only_errors`` those of members that name an error, where success is denied."""
    found: list[str] = []
    # (value, below an error member); a stack, since a body may be nested as deep as its parser allows
    stack: list[tuple[Any, bool]] = [(value, not only_errors)]
    while stack and len(found) < _MAX_LEAVES:
        here, counts = stack.pop()
        if isinstance(here, str):
            if counts:
                found.append(here[:_MAX_LEAF])
        elif isinstance(here, dict):
            denied = not only_errors or is_failure_body(here)
            for key, child in reversed(list(here.items())[:_MAX_LEAVES]):
                named = str(key).lower() in _ERROR_KEYS
                inside = counts if not only_errors else (denied and named and not isinstance(child, dict | list))
                stack.append((child, inside))
        elif isinstance(here, list):
            stack.extend((child, counts) for child in reversed(here[:_MAX_LEAVES]))
    return found


def is_failure_body(value: Any) -> bool:
    """Whether a JSON object says of itself that it failed: ``success: false``, ``ok: false``, ``status: error``."""
    if not isinstance(value, dict):
        return False
    for key in ("success", "ok", "succeeded"):
        if value.get(key) is False:
            return True
    status = value.get("status")
    return isinstance(status, str) and status.lower() in _BAD_WORDS


def _decoded(body: bytes) -> str:
    half = _MAX_BODY // 2
    if len(body) > _MAX_BODY:
        body = body[:half] + b"\n" + body[-half:]
    return body.decode("utf-8", "replace")


def texts(response: Response, request: Request | None = None) -> tuple[str, ...]:
    """The texts of a response, without what the request sent."""
    value = json_body(response)
    if value is not None:
        found = _leaves(value, only_errors=False)
    else:
        text = _decoded(response.body)
        if "html" in response.media_type or text.lstrip()[:1] == "<":
            text = html.unescape(re.sub(r"<[^<>]{0,2000}>", "\n", text))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        found = [text, lines[-1][:_MAX_LEAF]] if len(lines) > 1 else [text.strip()]
    return _without_echo(found, request)


def error_texts(response: Response, request: Request | None = None) -> tuple[str, ...]:
    """The texts by which a JSON body tells of a failure although its status does not."""
    value = json_body(response)
    if value is None:
        return ()
    return _without_echo(_leaves(value, only_errors=True), request)


def _without_echo(found: list[str], request: Request | None) -> tuple[str, ...]:
    if request is not None:
        for sent in _sent_texts(request):
            found = [text.replace(sent, "…") for text in found]
    return tuple(text for text in found if text.strip(" …\n\t"))


def _sent_texts(request: Request) -> list[str]:
    sent: list[str] = []
    _, _, query = request.url.partition("?")
    path = request.url.split("?")[0]
    sent += [unquote_plus(part) for part in path.split("/")[3:]]
    sent += [unquote_plus(pair.partition("=")[2]) for pair in query.split("&")[:200]]
    if request.body and len(request.body) <= _MAX_BODY:
        try:
            sent += _leaves(json.loads(request.body), only_errors=False)
        except (ValueError, RecursionError):
            text = request.body.decode("utf-8", "replace")
            sent += [unquote_plus(pair.partition("=")[2]) for pair in text.split("&")[:200]] if "=" in text else [text]
    # Short values ("id", "a") occur in any text; the longest first, so that a value inside another is found as well.
    return sorted({text for text in sent if len(text) >= 8}, key=lambda text: (-len(text), text))


def alike_text(response: Response) -> str:
    """The words of a failure with all that varies taken out (numbers, identifiers, quoted values), for comparison."""
    value = json_body(response)
    found = _leaves(value, only_errors=False) if value is not None else [_decoded(response.body)[:4096]]
    text = " ".join(found)[:2000]
    text = re.sub(r"'[^']{0,200}'|\"[^\"]{0,200}\"", "'…'", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{20,30}\b|\b0x[0-9a-f]+\b|\d+", "#", text, flags=re.IGNORECASE)
    return f"{response.status} {' '.join(text.split())[:200]}"
