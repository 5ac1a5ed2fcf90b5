"""What this process was told is secret: values that go wherever they stand, and names whose values go.

Whoever resolves headers, passwords or a document's own keys tells them here; who prints one of them later is not who
was given it, so there is one store for the process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, quote_plus

__all__ = [
    "PLACEHOLDER",
    "forget",
    "is_known_value",
    "know",
    "know_headers",
    "known_names",
    "knows_values",
    "redact_known",
    "redact_known_bytes",
]

PLACEHOLDER = "***"
_LEAST = 6
"""A known value under so many characters goes only where it is a whole value: it would tear up ordinary words."""
_LEAST_WHOLE = 3
"""And under so many it is told by its name alone."""
# Values that say nothing of whom they are, and that half of all JSON has somewhere.
_PLAIN = frozenset({"true", "false", "null", "none", "yes", "off"})
_MOST = 2000
# Headers that people configure and that hold no secret; all others that they configure do.
_OPEN_HEADERS = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection", "content-encoding",
    "content-language", "content-length", "content-type", "date", "dnt", "expect", "host", "keep-alive", "origin",
    "pragma", "prefer", "priority", "range", "referer", "te", "traceparent", "tracestate", "transfer-encoding",
    "upgrade", "user-agent", "via", "x-requested-with",
})  # fmt: skip


class _Known(NamedTuple):
    values: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    spellings: tuple[str, ...] = ()
    """The values as they may be written, the longest first."""
    short: frozenset[str] = frozenset()
    """Values that are secret where nothing else stands beside them."""


_known = _Known()
_changing = threading.Lock()


def know(values: Iterable[str] = (), names: Iterable[str] = ()) -> None:
    """Tell this process, for good, what is secret in it.

    ``values`` are taken out of everything, whatever they stand in; those of three to five characters where they are a
    whole value (of a header, a parameter, a JSON text), still shorter ones nowhere.
    ``names`` are those of headers, query parameters and cookies whose values are secret; a name that every request
    has (``Accept``) is passed over.
    """
    global _known  # one for the process: who prints a secret is not who was given it
    given = {one for one in values if len(one) >= _LEAST_WHOLE and PLACEHOLDER not in one}
    new_values = {one for one in given if len(one) >= _LEAST}
    new_short = {one for one in given - new_values if one.lower() not in _PLAIN}
    new_names = {one.strip().lower() for one in names} - _OPEN_HEADERS - {""}
    with _changing:
        if new_values.issubset(_known.values) and new_names <= _known.names and new_short <= _known.short:
            return
        kept = tuple(dict.fromkeys((*_known.values, *sorted(new_values))))[-_MOST:]
        spelt = {spelling for one in kept for spelling in _spellings(one)}
        short = _known.short if len(_known.short) >= _MOST else _known.short | new_short
        _known = _Known(kept, _known.names | new_names, tuple(sorted(spelt, key=lambda it: (-len(it), it))), short)


def know_headers(headers: Mapping[str, str]) -> None:
    """Tell this process headers that were given: their names, and their values with and without a scheme."""
    for name, value in headers.items():
        lower = name.strip().lower()
        if lower in _OPEN_HEADERS:
            continue
        values = [value]
        scheme, blank, rest = value.strip().partition(" ")
        if blank and scheme.isalpha():
            values.append(rest.strip())
            if scheme.lower() == "basic":
                import base64

                try:
                    pair = base64.b64decode(rest.strip(), validate=True).decode("utf-8")
                except ValueError:
                    pair = ""
                values += [pair, pair.partition(":")[2]]
        if lower == "cookie":
            values += [one.partition("=")[2].strip() for one in value.split(";")]
        know(values, (name,))


def forget() -> None:
    """Forget what :func:`know` was told: for a process that outlives what it was told for."""
    global _known
    with _changing:
        _known = _Known()


def redact_known(text: str) -> str:
    """Text without the values that :func:`know` was told, however they are spelt."""
    for spelling in _known.spellings:
        if spelling in text:
            text = text.replace(spelling, PLACEHOLDER)
    return text


def redact_known_bytes(raw: bytes) -> bytes:
    """As :func:`redact_known`, for what need not be text."""
    for spelling in _known.spellings:
        raw = raw.replace(spelling.encode("utf-8", "surrogatepass"), PLACEHOLDER.encode())
    return raw


def knows_values() -> bool:
    """Whether there is anything that :func:`redact_known` or :func:`is_known_value` would find."""
    return bool(_known.spellings or _known.short)


def known_names() -> frozenset[str]:
    """The names, in lower case, that :func:`know` was told."""
    return _known.names


def is_known_value(text: str) -> bool:
    """Whether this, all of it, is a value that :func:`know` was told, however short."""
    return text in _known.short or text in _known.values


def _spellings(value: str) -> set[str]:
    import html
    import json

    quoted = json.dumps(value)[1:-1]
    return {
        value,
        quoted,
        json.dumps(quoted)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value, safe="", errors="replace"),
        quote(value, errors="replace"),
        quote_plus(value, errors="replace"),
        html.escape(value),
        repr(value)[1:-1],
    }
