"""Media types: which cover which, and what of their contents travels as text."""

from __future__ import annotations

import re

__all__ = ["covers", "is_json", "text_depth"]

_FORMS = ("application/x-www-form-urlencoded", "multipart/")
_JSON_TOO = frozenset({"*/*", "application/*", "text/json", "application/x-ndjson", "application/jsonl"})


def is_json(name: str) -> bool:
    """Whether contents of a media type are JSON values, as far as its name tells."""
    essence = name.partition(";")[0].strip().lower()
    return essence.endswith(("/json", "+json")) or essence in _JSON_TOO


def text_depth(name: str) -> int | None:
    """How deep the scalars lie that travel as text: 1 in forms, 0 in plain text, 99 in XML; ``None`` in JSON."""
    essence = name.partition(";")[0].strip().lower()
    if is_json(name):
        return None
    if essence.startswith(_FORMS):
        return 1
    return 99 if essence.endswith(("/xml", "+xml")) else 0


def covers(wide: str, narrow: str) -> bool:
    """Whether a media type or range takes in another (RFC 9110, 12.5.1): ``application/*``, ``*/*``, no parameters.

    Names and parameter names are alike in any case, quotes around a value say nothing (RFC 9110, 5.6.6 and 8.3.1).
    """
    one, _, parameters = wide.partition(";")
    other, _, given = narrow.partition(";")
    one, other = one.strip().lower(), other.strip().lower()
    wanted, shown = _parameters(parameters), _parameters(given)
    # JSON is UTF-8 whatever is said (RFC 8259, 11); of a text, silence leaves the charset open.
    charset, spoken = wanted.pop("charset", None), shown.pop("charset", None)
    if charset and spoken and charset.lower() != spoken.lower() and not (is_json(one) and is_json(other)):
        return False
    if wanted and wanted != shown:
        return False
    kind, _, sub = one.partition("/")
    kind2, _, sub2 = other.partition("/")
    if kind not in ("*", kind2):
        return False
    if sub in ("*", sub2):
        return True
    # RFC 6839, 3.1: what reads JSON reads every `+json`; so with XML.
    suffix = sub2.rpartition("+")[2]
    return suffix != sub2 and sub in (suffix, f"*+{suffix}")


def _parameters(text: str) -> dict[str, str]:
    """Parameters by name: they tell one kind of content from another, in whatever order."""
    found: dict[str, str] = {}
    for part in re.findall(r'(?:[^;"]|"(?:[^"\\]|\\.)*"?)+', text):
        name, _, value = part.partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), _unquoted(value.strip()))
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value
