"""What a person can repeat: a curl line for a request; and exchanges without secrets, bounded, for a report."""

from __future__ import annotations

import re
import shlex

from msgspec.structs import replace

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.redact import redact_body, redact_headers, redact_text, redact_url

__all__ = ["clean", "curl"]

_MAX_BODY = 16 * 1024


def clean(exchange: Exchange) -> Exchange:
    """The exchange for a report: secrets masked, bodies cut to 16 KiB."""
    request = exchange.request
    kind = request.header("content-type") or ""
    body = redact_body(request.body, kind) if request.body is not None else None
    sent = Request(request.method, redact_url(request.url), redact_headers(request.headers), body)
    response = exchange.response
    if response is not None:
        kept = redact_body(response.body, response.media_type)
        response = replace(
            response,
            headers=redact_headers(response.headers),
            body=kept[:_MAX_BODY],
            truncated=response.truncated or len(kept) > _MAX_BODY,
        )
    return replace(exchange, request=sent, response=response, error_text=redact_text(exchange.error_text))


def curl(request: Request) -> str:
    """A curl line that repeats a request exactly, but for secrets: those are shell variables to be set before."""
    words = ["curl", "-sS", "-i"]
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != "GET" or request.body is not None:
        words += ["-X", _quoted(request.method)]
    line = " ".join(words)
    for name, value in request.headers:
        if name in ("host", "content-length", "accept-encoding", "connection", "user-agent"):
            continue
        if redact_headers(((name, value),))[0][1] != value:
            scheme = re.match(r"(?:Bearer|Basic|Token|Digest|ApiKey) ", value, re.IGNORECASE)
            before = f"{name}: {scheme.group(0) if scheme else ''}"
            line += f" -H {_with_variable(before, _variable(name))}"
        else:
            line += f" -H {_quoted(f'{name};' if not value else f'{name}: {value}')}"
    if request.body is not None:
        text = redact_body(request.body, request.header("content-type") or "")
        if b"\0" in text or not _is_text(text):
            line = f"printf %b {_octal(text)} | {line} --data-binary @-"
        else:
            # --data-raw: a body that starts with @ is no file name
            line += f" --data-raw {_quoted(text.decode('utf-8'))}"
    path_as_is = " --path-as-is" if re.search(r"/\.\.?(/|$)", request.url) else ""
    glob = " -g" if re.search(r"[\[\]{}]", request.url) else ""
    return f"{line}{path_as_is}{glob} {_quoted(redact_url(request.url))}"


def _variable(name: str) -> str:
    """The shell variable for a secret of this name: letters, digits and underscores alone."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name[:100]).strip("_").upper()
    return plain if plain and not plain[0].isdigit() else f"SECRET_{plain}".rstrip("_")


def _with_variable(text: str, variable: str) -> str:
    """A shell word of text and a variable. A document chose the text: but for plain text it is quoted on its own."""
    if re.fullmatch(r"[A-Za-z0-9_-]+: (?:[A-Za-z]+ )?", text):
        return f'"{text}${{{variable}}}"'
    return f'{_quoted(text)}"${{{variable}}}"'


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
