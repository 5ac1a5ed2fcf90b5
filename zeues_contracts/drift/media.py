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
    """Whether a media type or range takes in another (RFC 9110, 12.5.1): ``application/*``, ``*/*``, no parameters."""
    one, _, parameters = wide.partition(";")
    other, _, given = narrow.partition(";")
    wanted = _parameters(parameters)
    if wanted and wanted != _parameters(given):
        return False
    kind, _, sub = one.strip().partition("/")
    kind2, _, sub2 = other.strip().partition("/")
    if kind not in ("*", kind2):
        return False
    if sub in ("*", sub2):
        return True
    # RFC 6839, 3.1: what reads JSON reads every `+json`; so with XML.
    suffix = sub2.rpartition("+")[2]
    return suffix != sub2 and sub in (suffix, f"*+{suffix}")


def _parameters(text: str) -> list[str]:
    """The parameters that tell one kind of content from another: a charset does not."""
    return sorted(one for one in re.split(r"\s*;\s*", text.strip()) if one and not one.lower().startswith("charset="))
