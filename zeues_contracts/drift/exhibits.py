"""Requests and responses that show a break no schema tells of: what was answered or known, and is so no longer.

An exhibit holds only what decides: the rest of the message is as both documents want it. Each is checked against both
documents before it is shown: credentials, media types and statuses are looked up as a gateway would look them up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.media import covers
from zeues_contracts.drift.model import NOTHING
from zeues_contracts.openapi.model import Response, SecurityScheme

__all__ = ["of_content", "of_credentials", "of_media_type", "of_status"]

_SHOWN = "…"
_STRANGE = "x-other"
"""A subtype that nobody registered, for what only a range takes in."""


def of_credentials(
    operation: str, alternative: Mapping[str, tuple[str, ...]], schemes: Mapping[str, SecurityScheme]
) -> dict[str, Any]:
    """A request with the credentials of one alternative of a security requirement, their values left open.

    ``operation`` is its name (``GET /things``), here and below.
    """
    found: dict[str, dict[str, str]] = {}
    scopes: list[str] = []
    for name, wanted in alternative.items():
        raw = schemes[name].raw if name in schemes else {}
        scopes += [one for one in wanted if one not in scopes]
        kind = raw.get("type")
        if kind == "apiKey" and raw.get("in") in ("header", "query", "cookie"):
            part = {"header": "headers", "query": "query", "cookie": "cookies"}[raw["in"]]
            found.setdefault(part, {})[str(raw.get("name", ""))] = _SHOWN
        elif kind == "http" and isinstance(raw.get("scheme"), str):
            found.setdefault("headers", {})["Authorization"] = f"{raw['scheme'].capitalize()} {_SHOWN}"
        elif kind in ("oauth2", "openIdConnect"):
            found.setdefault("headers", {})["Authorization"] = f"Bearer {_SHOWN}"
        else:
            found.setdefault("security", {})[name] = _SHOWN
    request = {**_request(operation), **found}
    return {**request, "scopes": scopes} if scopes else request


def of_media_type(name: str, others: Mapping[str, Any]) -> str:
    """A media type that one name takes in and none of the others; "" where there is none."""
    essence, mark, parameters = name.partition(";")
    kind, _, subtype = essence.strip().partition("/")
    tried = [
        f"{'application' if kind == '*' else kind}/{_STRANGE if subtype == '*' else subtype}",
        f"{_STRANGE}/{_STRANGE}" if kind == "*" else "",
    ]
    for one in filter(None, tried):
        whole = f"{one}{mark}{parameters}"
        if covers(name, whole) and not any(covers(other, whole) for other in others):
            return whole
    return ""


def of_content(operation: str, media_type: str, value: Any) -> dict[str, Any]:
    """A request with a body of a media type; ``value`` is ``NOTHING`` where none is known."""
    request = {**_request(operation), "headers": {"Content-Type": media_type}}
    return request if value is NOTHING else {**request, "body": value}


def _request(operation: str) -> dict[str, Any]:
    method, _, path = operation.partition(" ")
    return {"method": method, "path": path}


def of_status(responses: Mapping[str, Response], known: Mapping[str, Response]) -> dict[str, Any] | None:
    """A success of one set of responses that another does not speak of at all; ``None`` where there is none."""
    for status in responses:
        if status[0] not in "23" or status[1:] == "XX":
            continue
        if status not in known and f"{status[0]}XX" not in known and "default" not in known:
            return {"status": int(status)}
    return None
