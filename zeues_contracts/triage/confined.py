"""Whose outage it is: the whole service's, or that of one operation (or a few) while others are answered well. Pure.

A feature that is switched off, or one backend of many behind a gateway, answers 503 for ever and says nothing about the
rest. What names a dependency (Redis, a pool) is not looked at here: others may need it, and it stays the service's.
"""

from __future__ import annotations

from collections.abc import Sequence

from zeues_contracts.exchange import Exchange
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.company import resource_of
from zeues_contracts.triage.history import History, operation_of, path_of
from zeues_contracts.triage.model import ProbeResult, Verdict

__all__ = ["can_be_confined", "confined", "fails_as", "spared"]

_STATUS = frozenset({"unavailable", "gateway", "gateway-timeout"})
"""Signs that the status alone gives."""
_STATUSES = frozenset({502, 503, 504})
_FEW = 3
"""From more resources than this that are not available it is no more a thing of each."""
_FOR_EACH = 2
"""So many operations have to be answered well for each resource that is not."""


def can_be_confined(verdict: Verdict) -> bool:
    """Whether a verdict is an outage that its status alone tells, and that names nothing which others may need."""
    answered = verdict.exchange is not None and verdict.exchange.response is not None
    return verdict.is_outage and verdict.sign in _STATUS and not verdict.dependency and answered


def fails_as(verdict: Verdict, exchange: Exchange) -> bool:
    """Whether an answer has the status by which an outage was seen."""
    return verdict.exchange is not None and exchange.status is not None and exchange.status == verdict.exchange.status


def confined(
    verdict: Verdict,
    exchanges: Sequence[Exchange],
    probes: Sequence[ProbeResult] = (),
    document: Document | None = None,
) -> tuple[str, ...]:
    """Evidence that an outage is that of a few operations alone; empty where it may be the service's.

    ``exchanges`` are all that is known, in order of time, those included that were asked since. Others count that were
    answered well after the first failure: twice as many as fail, and not the probes alone. No answer at all, and any of
    502, 503 and 504, is a failure here, so that one that spreads is not taken for many small ones.
    """
    if not can_be_confined(verdict) or any(probe.healthy is False for probe in probes):
        return ()
    assert verdict.exchange is not None
    history = History.of(exchanges, probes, document)
    failing = [one for one in history.seen if one.status is None or one.status in _STATUSES]
    out = {one.operation for one in failing}
    begun = min((one.index for one in failing if fails_as(verdict, one.exchange)), default=None)
    places = {resource_of(name) for name in out}
    if begun is None or len(places) > _FEW:
        return ()
    known = {one.name for one in document.operations.values()} if document is not None else None
    well = {
        one.operation: path_of(one.exchange.request.url)
        for one in history.seen[begun:]
        if one.well and one.operation not in out and (known is None or one.operation in known)
    }
    probed = {probe.path.partition("#")[0] for probe in probes}
    others = sorted(name for name, path in well.items() if path not in probed)
    if not others or len(well) < _FOR_EACH * len(places):
        return ()
    listed = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    lines = [f"meanwhile {listed} {'answer' if len(others) > 1 else 'answers'} well: it is no outage of the service"]
    name = next(one.operation for one in failing if fails_as(verdict, one.exchange))
    if not any(one.well for one in history.by_operation[name]):
        times = sum(one.exchange.status == verdict.exchange.status for one in history.by_operation[name])
        lines.append(
            f"{name} was never answered well" + (f", {times} times {verdict.exchange.status}" if times else "")
        )
    return tuple(lines)


def spared(
    exchanges: Sequence[Exchange], apart: dict[str, Verdict], document: Document | None = None
) -> tuple[Exchange, ...]:
    """The exchanges without those by which some operations are known to be out for themselves."""
    if not apart:
        return tuple(exchanges)
    kept = []
    for one in exchanges:
        verdict = apart.get(operation_of(one, document)) if one.status in _STATUSES else None
        if verdict is None or not fails_as(verdict, one):
            kept.append(one)
    return tuple(kept)
