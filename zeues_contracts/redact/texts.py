"""Secrets out of texts, headers, URLs, JSON and bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from .known import PLACEHOLDER, is_known_value, redact_known, redact_known_bytes
from .names import is_secret_name, is_secret_parameter, is_weak_name

__all__ = ["redact_body", "redact_headers", "redact_json", "redact_text", "redact_url"]

_MAX_DEPTH = 200
# Each may only begin where a word begins, and nothing is tried twice: the time grows with the text alone. They are
# compiled (and kept, by `re`) when there is a text to look through: most commands have none.
_SHAPES = r"""(?x)(?<![A-Za-z0-9_.-])(?:
      eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?
    | (?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[0-9A-Z]{16}(?![0-9A-Za-z])
    | gh[pousr]_[A-Za-z0-9]{30,}+ | github_pat_[A-Za-z0-9_]{22,}+ | gl(?:pat|ptt|dt|rt|oas)-[A-Za-z0-9_-]{20,}+
    | xox[abeoprs]-[A-Za-z0-9-]{10,}+ | xapp-[A-Za-z0-9-]{10,}+
    | AIza[0-9A-Za-z_-]{35} | ya29\.[0-9A-Za-z_-]{20,}+ | GOCSPX-[0-9A-Za-z_-]{20,}+
    | [rsp]k_(?:live|test)_[0-9A-Za-z]{10,}+ | whsec_[0-9A-Za-z+/=]{16,}+
    | sk-[A-Za-z0-9_-]{20,}+ | npm_[A-Za-z0-9]{30,}+ | pypi-[A-Za-z0-9_-]{40,}+ | hf_[A-Za-z0-9]{30,}+
    | SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+ | dop_v1_[0-9a-f]{40,}+ | hv[sb]\.[A-Za-z0-9_-]{20,}+
    )"""
_PEM = r"-----BEGIN (?P<kind>[A-Z ]{0,30}PRIVATE KEY)-----[^-]*+(?:-----END (?P=kind)-----)?"
_SCHEME = (
    r"(?i)\b(bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)(\s{1,4})"
    r"(?=[A-Za-z0-9._~+/=-]*?[0-9=])([A-Za-z0-9._~+/=-]{8,4096})"
)
_USERINFO = r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^\s/?#'\"<>]{1,1024}@"
_NAMED_PLAINLY = r"""(?x)(?<![A-Za-z0-9_./-])(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,60}+)
        (?P<sign>[ \t]{1,4}=[ \t]{0,4}|[ \t]{0,4}:[ \t]{1,4})
        (?P<value>[^\s&;,"'<>()\[\]{}=*$]{1,4096})(?P<end>[ \t]{0,4}(?:[\r\n&;,"'<>)\]}]|$))?"""
_PROSE = frozenset({
    "required", "missing", "invalid", "field", "must", "string", "null", "none", "true", "false", "str", "number",
    "integer", "int", "boolean", "empty", "expected", "value", "is", "not", "the", "a", "an", "no", "unknown", "bearer",
    "basic", "apikey", "object", "array", "short", "long", "optional", "forbidden", "wrong", "bad",
})  # fmt: skip
_ELEMENT = r"""(?x)<(?P<name>[A-Za-z_][A-Za-z0-9_.:-]{0,80}+)(?P<more>(?:\s[^<>]{0,500}+)?)>
        (?P<value>\s*+(?:<!\[CDATA\[[^\]]{1,4096}+\]\]>|[^<]{1,4096}+))(?=</)"""
_ASSIGNED = r"""(?x)(?<![A-Za-z0-9_.-])(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,60}+)(?P<sign>=)
        (?P<value>"[^"\n]{1,4096}"|'[^'\n]{1,4096}'|[^\s&;,"'<>)\]}]{1,4096})"""
_QUOTED = r"""(?x)(?P<quote>\\?["'])(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,60})(?P=quote)(?P<sign>\s{0,4}:\s{0,4})
        (?:(?P<open>\\?["'])(?P<value>[^"'\\\n]{1,4096})|(?P<number>-?[0-9][0-9.eE+-]{0,40}+))"""
_HEADER_LINE = (
    r"(?im)(?<![A-Za-z0-9-])(authorization|proxy-authorization|cookie|set-cookie|x-api-key|x-auth-token)"
    r"(\s*:\s*)(?!\*\*\*)[^\r\n\"']+"
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
    path = re.sub(_SHAPES, PLACEHOLDER, redact_known(parts.path))
    return redact_known(urlunsplit((parts.scheme, netloc, path, query, fragment)))


def redact_headers(headers: Iterable[tuple[str, str]] | Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers in order, secret values replaced. ``Authorization`` keeps its scheme, cookies keep their names."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((name, _redact_header(name, value)) for name, value in pairs)


def redact_json(value: Any) -> Any:
    """A copy of a JSON value without secrets. Types stay: text becomes ``***``, a secret number 0."""
    return _redact_value(value, secret=False, depth=0)


def redact_text(text: str, known: Iterable[str] = ()) -> str:
    """Any text without secrets: what has a secret's shape, what is assigned to a secret name, and what is ``known``.

    ``known`` are values that are secret here (the headers that were given); those under six characters are skipped,
    which would tear up ordinary words. A text that is, all of it, a value that :func:`know` was told is one however
    short it is.
    """
    return PLACEHOLDER if is_known_value(text) else _redact_within(text, known)


def _redact_within(text: str, known: Iterable[str] = ()) -> str:
    for value in sorted({one for one in known if len(one) >= 6}, key=len, reverse=True):
        text = text.replace(value, PLACEHOLDER)
    text = redact_known(text)
    if "PRIVATE KEY" in text:
        text = re.sub(_PEM, PLACEHOLDER, text)
    if "://" in text:
        text = re.sub(_USERINFO, rf"\1{PLACEHOLDER}@", text)
    text = re.sub(
        _HEADER_LINE,
        lambda found: found[1] + found[2] + _redact_header(found[1], found[0][len(found[1] + found[2]) :]),
        text,
    )
    text = re.sub(_SCHEME, rf"\1\2{PLACEHOLDER}", text)
    text = re.sub(_SHAPES, PLACEHOLDER, text)
    if "</" in text:
        text = re.sub(_ELEMENT, _element, text)
    text = re.sub(_ASSIGNED, _assigned, text)
    text = re.sub(_NAMED_PLAINLY, _named_plainly, text)
    return re.sub(_QUOTED, _quoted, text)


def redact_body(body: bytes, media_type: str) -> bytes:
    """A message body without secrets: JSON and forms by name and shape, other text by shape; what is no text stays."""
    kind = media_type.partition(";")[0].strip().lower()
    if not body:
        return body
    if kind.endswith(("/json", "+json")) or body[:1] in (b"{", b"["):
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            pass
        else:
            clean = redact_json(value)
            return body if clean == value else json.dumps(clean, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if kind.startswith("multipart/"):
        return _redact_parts(body, media_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return redact_known_bytes(body)
    if kind == "application/x-www-form-urlencoded":
        return _redact_pairs(text).encode()
    return redact_text(text).encode()


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
    if is_secret_parameter(name):
        return PLACEHOLDER if value else value
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
            parts.append(re.sub(_SHAPES, PLACEHOLDER, redact_known(part)))
            continue
        plain = unquote_plus(value)
        clean = PLACEHOLDER if is_secret_parameter(unquote_plus(name)) else redact_text(plain)
        parts.append(f"{name}={value if clean == plain else quote(clean, safe='*/:@ ,')}")
    return "".join(parts)


def _redact_value(value: Any, *, secret: bool, depth: int, weak: bool = False) -> Any:
    if depth > _MAX_DEPTH:
        return PLACEHOLDER
    if isinstance(value, str):
        return PLACEHOLDER if (secret or weak) and value else redact_text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        # A short number is a count, a code or a price far more often than it is a header's value.
        return type(value)(0) if secret or (len(repr(value)) > 5 and is_known_value(repr(value))) else value
    if isinstance(value, Mapping):
        clean: dict[Any, Any] = {}
        for key, one in value.items():
            name = str(key)
            named = is_secret_name(name)
            slight = named and is_weak_name(name)
            # A short value that is somebody's property name is a word there.
            clean[_redact_within(key) if isinstance(key, str) else key] = _redact_value(
                one, secret=secret or (named and not slight), depth=depth + 1, weak=slight
            )
        return clean
    if isinstance(value, list | tuple):
        return [_redact_value(one, secret=secret, depth=depth + 1, weak=weak) for one in value]
    return value


def _redact_parts(body: bytes, media_type: str) -> bytes:
    """A multipart body (RFC 2046, 5.1) without the contents of parts that go by a secret name (RFC 7578, 4.2)."""
    named = re.search(r'boundary="?([^";,\s]{1,100})', media_type, re.IGNORECASE)
    boundary = b"--" + named[1].encode("utf-8", "replace") if named else body.partition(b"\r\n")[0][:120]
    if not boundary.startswith(b"--") or len(boundary) < 3:
        return redact_body(body, "text/plain")
    parts = body.split(boundary)
    for index, part in enumerate(parts):
        head, blank, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'(?i)\bname="([^"]{1,200})"', head)
        if not blank or not content:
            continue
        if name is not None and is_secret_parameter(name[1].decode("utf-8", "replace")):
            parts[index] = head + blank + PLACEHOLDER.encode() + b"\r\n"
            continue
        kind = re.search(rb"(?i)content-type:[ \t]*([^\r\n]{1,200})", head)
        said = kind[1].decode("utf-8", "replace") if kind else "text/plain"
        inner = redact_body(content, "text/plain" if said.lower().startswith("multipart/") else said)
        parts[index] = redact_body(head, "text/plain") + blank + inner
    return boundary.join(parts)


def _element(found: re.Match[str]) -> str:
    if not found["value"].strip() or not is_secret_name(found["name"].rpartition(":")[2]):
        return found[0]
    return f"<{found['name']}{found['more']}>{PLACEHOLDER}"


def _named_plainly(found: re.Match[str]) -> str:
    """``password: hunter2`` is a secret, ``password: must be long`` is not."""
    value, name = found["value"], found["name"]
    if value.lower().rstrip(".!") in _PROSE or not is_secret_name(name) or is_weak_name(name):
        return found[0]
    mixed = len(value) >= 4 and re.search(r"\d", value) and re.search(r"[^\d.]", value)
    if "=" not in found["sign"] and found["end"] is None and not mixed:
        return found[0]
    return f"{name}{found['sign']}{PLACEHOLDER}{found['end'] or ''}"


def _assigned(found: re.Match[str]) -> str:
    return f"{found['name']}={PLACEHOLDER}" if is_secret_name(found["name"]) else found[0]


def _quoted(found: re.Match[str]) -> str:
    if not is_secret_name(found["name"]):
        return found[0]
    start = f"{found['quote']}{found['name']}{found['quote']}{found['sign']}"
    if found["number"] is not None:
        return found[0] if is_weak_name(found["name"]) else f"{start}0"
    return f"{start}{found['open']}{PLACEHOLDER}"
