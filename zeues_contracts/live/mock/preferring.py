"""What a client would like: a documented status or example by ``Prefer`` (RFC 7240), a media type by ``Accept``.

A rehearsal that has seen what a test waits for wishes for it as if the test had: the same request, the same number of
times sent.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from zeues_contracts.exchange import Request
from zeues_contracts.openapi.model import MediaType

__all__ = ["Preference", "Wish", "Wishes", "accepted", "preference_of", "wish_of"]


Wish = tuple[str, str, bytes]
"""Method, path with query, body: what makes two requests of different runs the same one."""


def wish_of(request: Request) -> Wish:
    """The key of a request; JSON is compared as what it says, not as it is spelled."""
    parts = urlsplit(request.url)
    body = request.body or b""
    if body[:1] in (b"{", b"["):
        with contextlib.suppress(ValueError, RecursionError):
            body = json.dumps(json.loads(body), sort_keys=True).encode()
    elif body[:2] == b"--":
        # The boundary of a form is another one each time (RFC 2046, 5.1.1).
        body = body.replace(body.partition(b"\r\n")[0], b"--")
    return (request.method, parts.path + (f"?{parts.query}" if parts.query else ""), body)


@dataclass(frozen=True, slots=True)
class Preference:
    """``status`` is 0 where none is preferred; ``example`` names one of the media type's examples.

    ``body`` is an expectation (a JSON Schema) whose values are to be in the answer, as far as the document allows.
    """

    status: int = 0
    example: str = ""
    body: Any = None

    @property
    def any(self) -> bool:
        """Whether anything is preferred."""
        return bool(self.status or self.example) or self.body is not None


Wishes = Mapping[Wish, tuple[Preference, ...]]
"""What to answer each time that a request is sent."""


def preference_of(request: Request) -> Preference:
    """``Prefer: status=404``, ``Prefer: code=404``, ``Prefer: example=empty``, several separated by commas."""
    status, example = 0, ""
    for name, value in request.headers:
        if name.lower() != "prefer":
            continue
        for part in re.split(r"[,;]", value[:1000]):
            key, _, given = part.partition("=")
            text = given.strip().strip('"')
            if key.strip().lower() in ("status", "code") and re.fullmatch(r"[1-5]\d\d", text):
                status = int(text)
            elif key.strip().lower() == "example":
                example = text
    return Preference(status, example)


def accepted(content: Mapping[str, MediaType], accept: str) -> MediaType:
    """The documented media type that a client likes best (RFC 9110, 12.5.1); where it likes all alike, JSON."""
    names = list(content)
    json_first = sorted(names, key=lambda name: not name.split(";")[0].strip().lower().endswith("json"))
    best, weight = json_first[0], 0.0
    ranges = [_range(one) for one in accept[:2000].split(",") if one.strip()]
    for name in json_first:
        kind = name.split(";")[0].strip().lower()
        fits = [q for wanted, q in ranges if _matches(kind, wanted)]
        if fits and max(fits) > weight:
            best, weight = name, max(fits)
    return content[best]


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = text.split(";")
    weight = 1.0
    for one in parameters:
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", one)
        if found:
            weight = float(found[1])
    return kind.strip().lower(), weight


def _matches(kind: str, wanted: str) -> bool:
    return wanted in ("*/*", kind, f"{kind.partition('/')[0]}/*") or kind == "*/*"
