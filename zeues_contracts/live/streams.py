"""Streams taken apart: server-sent events (HTML, 9.2.6), NDJSON and JSON text sequences (RFC 7464)."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["events_of"]


def events_of(media_type: str, body: bytes, *, complete: bool = False) -> list[dict[str, Any]] | list[Any]:
    """The messages of a stream's sample. What is cut off at the end is left out, unless the stream is ``complete``.

    A server-sent event is an object of its fields, as OpenAPI 3.2 (4.14.4) describes it for ``itemSchema``:
    ``data`` with its lines joined, ``event``, ``id``, and ``retry`` as an integer. Comments and events without data
    are left out.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    if media_type != "text/event-stream":
        separator = "\x1e" if media_type == "application/json-seq" else "\n"
        parts = re.split(separator, text)
        if not complete:
            parts = parts[:-1]
        return [_parsed(part) for part in parts if part.strip()]
    blocks = re.split(r"(?:\r\n|\n|\r){2}", text)
    if not complete:
        blocks = blocks[:-1]
    found: list[dict[str, Any]] = []
    for block in blocks:
        event: dict[str, Any] = {}
        data: list[str] = []
        for line in re.split(r"\r\n|\n|\r", block):
            name, colon, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name in ("event", "id"):
                event[name] = value
            elif name == "retry" and value.isdigit():
                event[name] = int(value)
            elif not name and colon:
                continue
        if data:
            found.append({"data": "\n".join(data), **event})
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
