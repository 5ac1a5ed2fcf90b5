"""Exchanges: one request and the response (or the lack of one) that really happened.

Secrets are taken out when an exchange is made, so that no later step can leak them.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

__all__ = ["Exchange", "Request", "Response"]

Headers = tuple[tuple[str, str], ...]


class Request(msgspec.Struct, frozen=True):
    """A request as it left: ``headers`` in order, names in lower case; ``body`` in bytes, ``None`` for none."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, by name in any case."""
        return _first(self.headers, name)


class Response(msgspec.Struct, frozen=True):
    """A response as it came: ``seconds`` is the time from sending until the body was read.

    ``truncated`` says that reading stopped at the size or time limit (an endless stream).
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    seconds: float = 0.0
    truncated: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, by name in any case."""
        return _first(self.headers, name)

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty when the header is missing."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()


class Exchange(msgspec.Struct, frozen=True):
    """One request and its response, or the transport error that came instead.

    ``error`` is empty when a response came, else a stable word: ``refused``, ``reset``, ``timeout``, ``dns``, ``tls``,
    ``protocol``; ``error_text`` is the library's own message, or, beside a response of an application in process, the
    exception that it raised. ``at`` is seconds since the epoch.
    """

    request: Request
    response: Response | None = None
    error: str = ""
    error_text: str = ""
    at: float = 0.0

    @property
    def status(self) -> int | None:
        """The status of the response, ``None`` when there was none."""
        return self.response.status if self.response else None


def _first(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None
