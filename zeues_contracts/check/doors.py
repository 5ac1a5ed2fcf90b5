"""Whether we are let in: by the configured credentials at the start, and still at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zeues_contracts.check.subject import Subject
from zeues_contracts.findings import Cause, Level

if TYPE_CHECKING:
    from zeues_contracts.exchange import Exchange
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.triage.model import Verdict

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
    """Whether what was answered well before is so still: asked where the latest answers were refusals or pages.

    And where several operations were found to break their promise at once: a notice may stand in JSON, too.
    """
    if subject.outage is not None or subject.closed is not None or subject.is_in_process:
        return
    verdict = _shut(subject) or _one_answer(subject)
    if verdict is not None:
        subject.is_out(verdict)


def _shut(subject: Subject) -> Verdict | None:
    from zeues_contracts.live.access import shut

    barred = [one for one in subject.traffic[-_LATEST:] if _barred(one)]
    if len(barred) < _ENOUGH:
        return None
    before = [one for one in subject.traffic if one.at < barred[0].at and _well(one)]
    if not before:
        return None
    (now,) = _asked_again(subject, before[-1:])
    return shut(before[-1], now)


def _one_answer(subject: Subject) -> Verdict | None:
    from zeues_contracts.live.access import one_answer

    broken = {one.operation for one in subject.findings if one.cause is Cause.VIOLATION and one.level is Level.ERROR}
    if len(broken) < _ENOUGH:
        return None
    first: dict[str, Exchange] = {}
    for one in subject.traffic:
        body = one.response.body if one.response is not None else b""
        if _well(one) and all(known.response is None or known.response.body != body for known in first.values()):
            first.setdefault(one.request.url, one)
    before = list(first.values())[:2]
    return one_answer(before, _asked_again(subject, before)) if len(before) > 1 else None


def _asked_again(subject: Subject, exchanges: Sequence[Exchange]) -> list[Exchange]:
    from zeues_contracts.live.limits import Bounds

    bounds = Bounds.of(subject.config.limits)
    with subject.line() as line:
        now = [line.send(one.request, bounds) for one in exchanges]
    subject.traffic += now
    return now


def _barred(exchange: Exchange) -> bool:
    from zeues_contracts.live.access import refused
    from zeues_contracts.triage.texts import page_of

    return refused(exchange) or (exchange.response is not None and page_of(exchange.response) is not None)


def _well(exchange: Exchange) -> bool:
    response = exchange.response
    if exchange.request.method != "GET" or response is None or response.status != 200:
        return False
    return response.media_type.endswith("json") and not response.truncated
