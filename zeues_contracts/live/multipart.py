"""Bodies of several parts (RFC 2046, 5.1; RFC 7578): can a parser take them apart? Pure."""

from __future__ import annotations

import re

from zeues_contracts.exchange import Request

__all__ = ["is_malformed"]

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^";,\s]{1,70}))', re.IGNORECASE)


def is_malformed(request: Request) -> bool:
    """Whether a request says that its body has several parts, and no parser can take it apart.

    A generator that violates a form's schema (a text in the place of the whole form) ends there: what the service
    answers is about the transport, not about what its document promises.
    """
    kind = request.header("content-type") or ""
    if not kind.lower().lstrip().startswith("multipart/"):
        return False
    found = _BOUNDARY.search(kind)
    if found is None:
        return True
    if request.body is None:
        return False  # a recorded request whose body was not kept
    body = b"\r\n" + request.body
    delimiter = b"\r\n--" + (found.group(1) or found.group(2)).encode("utf-8", "replace")
    _, *parts = body.split(delimiter)
    if not parts or not parts[-1].startswith(b"--"):
        return True
    return any(not re.match(rb"[ \t]*\r\n[^\r\n:]{1,100}:[^\0]{0,4096}?\r\n\r\n", part) for part in parts[:-1])
