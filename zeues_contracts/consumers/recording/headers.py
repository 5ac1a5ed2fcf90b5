"""What a consumer expects of an answer's headers: those that it cannot do without, as its code has it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zeues_contracts.consumers.recording.bodies import body_expectation
from zeues_contracts.consumers.recording.spool import BodyRead, HeaderRead
from zeues_contracts.exchange import Response

__all__ = ["header_expectations"]

# Said of the message, the connection or the server (RFC 9110, RFC 9112), not of what was answered; the media type is
# told by the content that is documented.
_TRANSPORT = frozenset({
    "age", "alt-svc", "connection", "content-encoding", "content-length", "content-type", "date", "keep-alive",
    "proxy-authenticate", "proxy-connection", "server", "server-timing", "te", "trailer", "transfer-encoding",
    "upgrade", "via", "x-powered-by",
})  # fmt: skip


def header_expectations(reads: Sequence[HeaderRead], response: Response) -> Mapping[str, Any]:
    """The headers that are relied on, in lower case, each with the JSON Schema of its text.

    A header is relied on where the code fails without it: ``headers["x-total"]``, ``assert "etag" in headers``. What
    is asked for with ``.get()`` and not demanded is not.
    """
    told = [one for one in reads if one.name.lower() not in _TRANSPORT]
    # A header that came and was not kept cannot be compared with anything.
    told = [one for one in told if not one.found or response.header(one.name) is not None]
    if not told:
        return {}
    came = {one.name: response.header(one.name) for one in told if one.found}
    asked = tuple(BodyRead((), one.kind, one.name, one.found, one.site) for one in told)
    schema = body_expectation(asked, json.dumps(came).encode()) or {}
    names = {one.name for one in told}
    return {
        name.lower(): schema.get("properties", {}).get(name, {}) for name in schema.get("required", ()) if name in names
    }
