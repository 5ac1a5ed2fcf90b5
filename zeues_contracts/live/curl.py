"""What a person can repeat: a curl line for a request; and exchanges without secrets, bounded, for a report."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from zeues_contracts.exchange import Exchange, Headers, Request

__all__ = ["clean", "curl"]

_MASK = "***"
_SECRET = re.compile(
    r"authorization|cookie|passw|secret|token|api[-_]?key|session|credential|signature|private[-_]?key|^key$|^x-auth",
    re.IGNORECASE,
)
_MAX_BODY = 16 * 1024


def clean(exchange: Exchange) -> Exchange:
    """The exchange for a report: secrets masked, bodies cut to 16 KiB."""
    request = exchange.request
    body = _body(request.body) if request.body is not None else None
    sent = Request(request.method, _url(request.url), _headers(request.headers), body)
    response = exchange.response
    if response is not None:
        kept = _body(response.body)
        response = replace(
            response,
            headers=_headers(response.headers),
            body=kept[:_MAX_BODY],
            truncated=response.truncated or len(kept) > _MAX_BODY,
        )
    return replace(exchange, request=sent, response=response)


def _headers(headers: Headers) -> Headers:
    return tuple((name, _MASK if _SECRET.search(name) else value) for name, value in headers)


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    pairs = parts.query.split("&")
    masked = [f"{pair.partition('=')[0]}={_MASK}" if _SECRET.search(pair.partition("=")[0]) else pair for pair in pairs]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "&".join(masked), ""))


def _body(body: bytes) -> bytes:
    """A JSON body with its secrets masked; any other body as it is, since nothing in it has a name."""
    if not _SECRET.search(body.decode("utf-8", "replace")):
        return body
    try:
        return json.dumps(_masked(json.loads(body), 0), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return re.sub(rb"(?i)((?:passw|secret|token|api[-_]?key)[\w-]*\"?\s*[=:]\s*\"?)[^&\s\",]+", rb"\1***", body)


def _masked(value: Any, depth: int) -> Any:
    if depth > 64:
        return value
    if isinstance(value, dict):
        return {
            name: _MASK if isinstance(item, str) and _SECRET.search(name) else _masked(item, depth + 1)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, depth + 1) for item in value]
    return value


def curl(request: Request) -> str:
    """A curl line that repeats a request exactly, but for secrets: those are shell variables to be set before."""
    words = ["curl", "-sS", "-i"]
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != "GET" or request.body is not None:
        words += ["-X", request.method]
    line = " ".join(words)
    for name, value in request.headers:
        if name in ("host", "content-length", "accept-encoding", "connection", "user-agent"):
            continue
        if _SECRET.search(name):
            variable = re.sub(r"\W+", "_", name).upper()
            scheme = re.match(r"(?:Bearer|Basic|Token|Digest|ApiKey) ", value, re.IGNORECASE)
            line += f' -H "{name}: {scheme.group(0) if scheme else ""}${{{variable}}}"'
        else:
            line += f" -H {shlex.quote(f'{name};' if not value else f'{name}: {value}')}"
    if request.body is not None:
        text = _body(request.body)
        if b"\0" in text or not _is_text(text):
            line = f"printf %b {_octal(text)} | {line} --data-binary @-"
        else:
            # --data-raw: a body that starts with @ is no file name
            line += f" --data-raw {_quoted(text.decode('utf-8'))}"
    path_as_is = " --path-as-is" if re.search(r"/\.\.?(/|$)", request.url) else ""
    glob = " -g" if re.search(r"[\[\]{}]", request.url) else ""
    return f"{line}{path_as_is}{glob} {shlex.quote(_url(request.url))}"


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _quoted(text: str) -> str:
    """A shell word; control characters in ANSI-C quoting, so that a line stays a line."""
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
        escaped = "".join(
            f"\\x{ord(char):02x}" if ord(char) < 32 or ord(char) == 127 else f"\\{char}" if char in "\\'" else char
            for char in text
        )
        return f"$'{escaped}'"
    return shlex.quote(text)


def _octal(raw: bytes) -> str:
    return "'" + "".join(f"\\0{byte:03o}" for byte in raw) + "'"
