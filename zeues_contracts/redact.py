"""Secrets out of whatever is shown or kept: the one place that knows what a secret looks like.

Secrets are told by the name that they go by (headers, query parameters, JSON keys) and by their shape (JWT, bearer
tokens, the prefixed keys of well-known services, passwords inside of URLs). What is taken out becomes ``***``; the
structure around it stays, so that a recording remains usable.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

__all__ = ["PLACEHOLDER", "is_secret_name", "redact_body", "redact_headers", "redact_json", "redact_text", "redact_url"]

PLACEHOLDER = "***"
_MAX_DEPTH = 200

_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "set-cookie2",
        "x-amz-security-token",
        "x-forwarded-access-token",
        "x-goog-iap-jwt-assertion",
        "x-vault-token",
        "www-authenticate-info",
    }
)
# fmt: off
_SECRET_WORDS = frozenset({
    "password", "passwd", "passwort", "passphrase", "pwd", "secret", "secrets", "authorization",
    "authentication", "apikey", "accesskey", "secretkey", "privatekey", "cookie", "cookies", "credential",
    "credentials", "jwt", "bearer", "otp", "totp", "cvv", "cvc", "pin", "csrf", "xsrf", "csrftoken",
    "csrfmiddlewaretoken", "sessionid", "sid", "jsessionid", "phpsessid", "contrasena", "clave", "psk", "ssn",
})
_SECRET_PAIRS = frozenset({
    "api/key", "access/key", "secret/key", "private/key", "signing/key", "encryption/key", "auth/key",
    "master/key", "session/id", "session/key", "shared/key", "account/key", "client/assertion",
    "subscription/key", "function/key",
})
_TOKENS = frozenset({"token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "signature", "sig"})
# A name that ends so tells something about a secret, or holds a cursor: the value is no secret.
_HARMLESS = frozenset({
    "at", "date", "time", "type", "types", "count", "counts", "length", "size", "limit", "limits", "policy",
    "url", "uri", "endpoint", "enabled", "disabled", "required", "expired", "expires", "expiry", "ttl",
    "name", "id", "description", "hint", "strength", "set", "changed", "valid", "format", "field", "fields",
    "schema", "scheme", "method", "methods", "status", "error", "errors", "message",
})
# fmt: on
_CURSORS = frozenset({"page", "next", "prev", "previous", "continuation", "cursor", "sync", "pagination"})
_NUMBERS_TOO = frozenset({"password", "pin", "otp", "totp", "cvv", "cvc", "passwd", "pwd", "ssn", "clave"})

# Each may only begin where a word begins, and nothing is tried twice: the time grows with the text alone.
_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9_.-])(?:
      eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?
    | (?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[0-9A-Z]{16}(?![0-9A-Za-z])
    | gh[pousr]_[A-Za-z0-9]{30,}+ | github_pat_[A-Za-z0-9_]{22,}+ | gl(?:pat|ptt|dt|rt|oas)-[A-Za-z0-9_-]{20,}+
    | xox[abeoprs]-[A-Za-z0-9-]{10,}+ | xapp-[A-Za-z0-9-]{10,}+
    | AIza[0-9A-Za-z_-]{35} | ya29\.[0-9A-Za-z_-]{20,}+ | GOCSPX-[0-9A-Za-z_-]{20,}+
    | [rsp]k_(?:live|test)_[0-9A-Za-z]{10,}+ | whsec_[0-9A-Za-z+/=]{16,}+
    | sk-[A-Za-z0-9_-]{20,}+ | npm_[A-Za-z0-9]{30,}+ | pypi-[A-Za-z0-9_-]{40,}+ | hf_[A-Za-z0-9]{30,}+
    | SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+ | dop_v1_[0-9a-f]{40,}+ | hv[sb]\.[A-Za-z0-9_-]{20,}+
    )""",
    re.VERBOSE,
)
_PEM = re.compile(r"-----BEGIN (?P<kind>[A-Z ]{0,30}PRIVATE KEY)-----[^-]*+(?:-----END (?P=kind)-----)?")
_SCHEME = re.compile(
    r"(?i)\b(bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)(\s{1,4})"
    r"(?=[A-Za-z0-9._~+/=-]*?[0-9=])([A-Za-z0-9._~+/=-]{8,4096})"
)
_USERINFO = re.compile(r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^\s/?#'\"<>]{1,1024}@")
_ASSIGNED = re.compile(
    r"""(?<![A-Za-z0-9_.-])(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,60}+)(?P<sign>=)
        (?P<value>"[^"\n]{1,4096}"|'[^'\n]{1,4096}'|[^\s&;,"'<>)\]}]{1,4096})""",
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"""(?P<quote>\\?["'])(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,60})(?P=quote)(?P<sign>\s{0,4}:\s{0,4})
        (?P<open>\\?["'])(?P<value>[^"'\\\n]{1,4096})""",
    re.VERBOSE,
)
_HEADER_LINE = re.compile(
    r"(?im)(?<![A-Za-z0-9-])(authorization|proxy-authorization|cookie|set-cookie|x-api-key|x-auth-token)(\s*:\s*)(?!\*\*\*)[^\r\n\"']+"
)


def redact_url(url: str) -> str:
    """A URL without user and password, and without the values of secret query parameters and fragments."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return redact_text(url)
    netloc = parts.netloc
    if "@" in netloc:
        netloc = f"{PLACEHOLDER}@{netloc.rpartition('@')[2]}"
    query = _redact_pairs(parts.query)
    fragment = _redact_pairs(parts.fragment) if "=" in parts.fragment else parts.fragment
    return urlunsplit((parts.scheme, netloc, _SHAPES.sub(PLACEHOLDER, parts.path), query, fragment))


def redact_headers(headers: Iterable[tuple[str, str]] | Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers in order, secret values replaced. ``Authorization`` keeps its scheme, cookies keep their names."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((name, _redact_header(name, value)) for name, value in pairs)


def redact_json(value: Any) -> Any:
    """A copy of a JSON value without secrets. Types stay: text becomes ``***``, a secret number 0."""
    return _redact_value(value, secret=False, numbers=False, depth=0)


def redact_text(text: str, known: Iterable[str] = ()) -> str:
    """Any text without secrets: what has a secret's shape, what is assigned to a secret name, and what is ``known``.

    ``known`` are values that are secret here (the headers that were given); those under six characters are skipped,
    which would tear up ordinary words.
    """
    for value in sorted({one for one in known if len(one) >= 6}, key=len, reverse=True):
        text = text.replace(value, PLACEHOLDER)
    if "PRIVATE KEY" in text:
        text = _PEM.sub(PLACEHOLDER, text)
    if "://" in text:
        text = _USERINFO.sub(rf"\1{PLACEHOLDER}@", text)
    text = _HEADER_LINE.sub(
        lambda found: found[1] + found[2] + _redact_header(found[1], found[0][len(found[1] + found[2]) :]), text
    )
    text = _SCHEME.sub(rf"\1\2{PLACEHOLDER}", text)
    text = _SHAPES.sub(PLACEHOLDER, text)
    text = _ASSIGNED.sub(_assigned, text)
    return _QUOTED.sub(_quoted, text)


def redact_body(body: bytes, media_type: str) -> bytes:
    """A message body without secrets: JSON and forms by name and shape, other text by shape; what is no text stays."""
    kind = media_type.partition(";")[0].strip().lower()
    if not body:
        return body
    if kind.endswith(("/json", "+json")) or body[:1] in (b"{", b"["):
        import json

        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            pass
        else:
            clean = redact_json(value)
            return body if clean == value else json.dumps(clean, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body
    if kind == "application/x-www-form-urlencoded":
        return _redact_pairs(text).encode()
    return redact_text(text).encode()


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a header, parameter, property or variable of this name holds a secret."""
    if name.lower() in _SECRET_HEADERS or name.lower() == "pass":
        return True
    words = _words(name)
    if not words:
        return False
    if words[-1] in _HARMLESS and not (words[-1] == "id" and f"{'/'.join(words[-2:])}" in _SECRET_PAIRS):
        return False
    if any(word in _SECRET_WORDS for word in words):
        return True
    if any(f"{a}/{b}" in _SECRET_PAIRS for a, b in itertools.pairwise(words)):
        return True
    return words[-1] in _TOKENS and not any(word in _CURSORS for word in words)


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name[:100])
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", spaced)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def _redact_header(name: str, value: str) -> str:
    lower = name.lower()
    if lower in ("authorization", "proxy-authorization"):
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} {PLACEHOLDER}" if blank else PLACEHOLDER
    if lower == "cookie":
        return "; ".join(f"{one.partition('=')[0].strip()}={PLACEHOLDER}" for one in value.split(";") if one.strip())
    if lower == "set-cookie":
        first, semicolon, rest = value.partition(";")
        return f"{first.partition('=')[0].strip()}={PLACEHOLDER}{semicolon}{rest}"
    if is_secret_name(name):
        return PLACEHOLDER
    if lower in ("location", "referer", "content-location", "link"):
        return redact_text(redact_url(value) if lower != "link" else value)
    return redact_text(value)


def _redact_pairs(query: str) -> str:
    """A query string or form with secret values replaced; everything else keeps its spelling."""
    if not query:
        return query
    parts: list[str] = []
    for part in re.split(r"([&;])", query):
        name, equals, value = part.partition("=")
        if not equals or not value:
            parts.append(_SHAPES.sub(PLACEHOLDER, part))
            continue
        plain = unquote_plus(value)
        clean = PLACEHOLDER if is_secret_name(unquote_plus(name)) else redact_text(plain)
        parts.append(f"{name}={value if clean == plain else quote(clean, safe='*/:@ ,')}")
    return "".join(parts)


def _redact_value(value: Any, *, secret: bool, numbers: bool, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return PLACEHOLDER
    if isinstance(value, str):
        return PLACEHOLDER if secret and value else redact_text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return type(value)(0) if secret and numbers else value
    if isinstance(value, Mapping):
        clean: dict[Any, Any] = {}
        for key, one in value.items():
            name = str(key)
            below = secret or is_secret_name(name)
            number = numbers or bool(_NUMBERS_TOO & set(_words(name)))
            clean[redact_text(key) if isinstance(key, str) else key] = _redact_value(
                one, secret=below, numbers=number, depth=depth + 1
            )
        return clean
    if isinstance(value, list | tuple):
        return [_redact_value(one, secret=secret, numbers=numbers, depth=depth + 1) for one in value]
    return value


def _assigned(found: re.Match[str]) -> str:
    return f"{found['name']}={PLACEHOLDER}" if is_secret_name(found["name"]) else found[0]


def _quoted(found: re.Match[str]) -> str:
    if not is_secret_name(found["name"]):
        return found[0]
    return f"{found['quote']}{found['name']}{found['quote']}{found['sign']}{found['open']}{PLACEHOLDER}"
