"""Whether we are let in: by the configured credentials at the start, and still at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zeues_contracts.check.subject import Subject
from zeues_contracts.findings import Level

if TYPE_CHECKING:
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.openapi.model import Document

__all__ = ["access", "still_open"]

_LATEST = 10
_ENOUGH = 3


def access(subject: Subject, document: Document) -> None:
    """Whether the configured credentials open anything."""
    from zeues_contracts.live.access import judge_access, probe_access
    from zeues_contracts.live.limits import Bounds

    bounds = Bounds.of(subject.config.limits)
    with subject.line() as line:
        exchanges = probe_access(document, line, bounds, subject.settings.replay.unsafe)
    subject.closed = judge_access(document, exchanges, subject.name, configured=tuple(subject.headers))
    if subject.closed is not None:
        if not subject.sends:
            subject.closed = subject.closed.with_(level=Level.WARNING)
        subject.add([subject.closed])


def still_open(subject: Subject) -> None:
    """Where the latest answers were refusals or pages: whether a request that was answered well before is so still."""
    if subject.outage is not None or subject.closed is not None or subject.is_in_process:
        return
    from zeues_contracts.live.access import shut
    from zeues_contracts.live.limits import Bounds
    from zeues_contracts.live.outages import outage_finding

    barred = [one for one in subject.traffic[-_LATEST:] if _barred(one)]
    if len(barred) < _ENOUGH:
        return
    before = [one for one in subject.traffic if one.at < barred[0].at and _well(one)]
    if not before:
        return
    with subject.line() as line:
        now = line.send(before[-1].request, Bounds.of(subject.config.limits))
    subject.traffic.append(now)
    verdict = shut(before[-1], now)
    if verdict is not None:
        subject.outage = verdict
        subject.add([outage_finding(verdict, subject.name, subject.document)])


def _barred(exchange: Exchange) -> bool:
    from zeues_contracts.live.access import refused
    from zeues_contracts.triage.texts import page_of

    return refused(exchange) or (exchange.response is not None and page_of(exchange.response) is not None)


def _well(exchange: Exchange) -> bool:
    response = exchange.response
    if exchange.request.method != "GET" or response is None or response.status != 200:
        return False
    return response.media_type.endswith("json") and not response.truncated
