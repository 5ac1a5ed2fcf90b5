"""All exchanges of a group in order of time, indexed once: the company that a failure keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from zeues_contracts.exchange import Exchange
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.matching import match_operation
from zeues_contracts.triage.model import ProbeResult
from zeues_contracts.triage.texts import alike_text

__all__ = ["History", "Seen", "operation_of", "path_of"]

_IDENTIFIER = re.compile(r"/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})(?=/|$)", re.IGNORECASE)


def operation_of(exchange: Exchange, document: Document | None = None) -> str:
    """``METHOD /path`` with the document's template where it has one, else with identifiers made nameless."""
    path = path_of(exchange.request.url)
    if document is not None:
        found = match_operation(document, exchange.request.method, path)
        if found is not None:
            return found.operation.name
    return f"{exchange.request.method} {_IDENTIFIER.sub('/{}', path)}"


def path_of(url: str) -> str:
    """The path of a URL, without its query."""
    rest = url.split("://", 1)[-1]
    slash = rest.find("/")
    return (rest[slash:] if slash >= 0 else "/").split("?")[0].split("#")[0] or "/"


@dataclass(slots=True)
class Seen:
    """An exchange with what is asked of it more than once."""

    exchange: Exchange
    index: int
    operation: str
    status: int | None
    alike: str = ""

    @property
    def well(self) -> bool:
        """Whether it was answered, and not with an error."""
        return self.status is not None and self.status < 400

    @property
    def failed(self) -> bool:
        """Whether no answer came, or a 5xx."""
        return self.status is None or self.status >= 500

    @property
    def identity(self) -> tuple[str, str, bytes | None]:
        """What makes it the same request as another."""
        request = self.exchange.request
        return (request.method, request.url, request.body)


@dataclass(slots=True)
class History:
    """All exchanges of a group in order of time, indexed once, and the probes."""

    seen: list[Seen]
    probes: Sequence[ProbeResult]
    by_operation: dict[str, list[Seen]] = field(default_factory=dict)
    by_identity: dict[tuple[str, str, bytes | None], list[Seen]] = field(default_factory=dict)
    by_failure: dict[str, list[Seen]] = field(default_factory=dict)

    @classmethod
    def of(cls, exchanges: Iterable[Exchange], probes: Sequence[ProbeResult], document: Document | None) -> History:
        """The history of exchanges in order of time."""
        history = cls([], probes)
        names: dict[tuple[str, str], str] = {}
        for index, exchange in enumerate(exchanges):
            key = (exchange.request.method, path_of(exchange.request.url))
            if key not in names:
                names[key] = operation_of(exchange, document)
            one = Seen(exchange, index, names[key], exchange.status)
            if one.failed:
                one.alike = alike_text(exchange.response) if exchange.response else exchange.error
                history.by_failure.setdefault(one.alike, []).append(one)
            history.seen.append(one)
            history.by_operation.setdefault(one.operation, []).append(one)
            history.by_identity.setdefault(one.identity, []).append(one)
        return history

    @property
    def down(self) -> list[ProbeResult]:
        """The probes that say that something is not healthy."""
        return [probe for probe in self.probes if probe.healthy is False]

    @property
    def healthy(self) -> bool:
        """Whether there are probes, and none says otherwise."""
        return bool(self.probes) and not self.down and any(probe.healthy for probe in self.probes)

    def wrote_between(self, first: int, last: int) -> bool:
        """Whether something that may change state went well between two exchanges."""
        return any(
            one.well and one.exchange.request.method not in ("GET", "HEAD", "OPTIONS")
            for one in self.seen[first + 1 : last]
        )
