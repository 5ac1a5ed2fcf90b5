"""A service that goes away in the middle of a run: whether it did so by itself, or because of what it was sent.

Where a supervisor starts it again, the request during which the connection broke is sent once more. A process that is
stopped by it twice has a bug, and no outage. Only loopback and hosts that are allowed to be changed are asked so.
"""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import urlsplit

from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Finding
from zeues_contracts.live.fuzz_run import FuzzRun
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.judging import violation
from zeues_contracts.triage.classify import operation_of
from zeues_contracts.triage.matching import match_operation

__all__ = ["stopped_by"]

_BROKEN = frozenset({"reset", "protocol"})
_GONE = frozenset({"reset", "protocol", "refused"})
_LATEST = 8
_WAIT = 4.0
"""Seconds within which a supervisor has to have started the service again."""


def stopped_by(run: FuzzRun) -> list[Finding]:
    """The violation that one request stops the service, where it did so twice; the outage is none then.

    Where that cannot be told, the request is named in the evidence of the outage.
    """
    traffic = run.traffic
    outage = traffic.outage
    if outage is None or outage.exchange is None or outage.exchange.error not in _GONE or not traffic.sender.trusted:
        return []
    suspect = next((one for one in reversed(traffic.recent()[-_LATEST:]) if one.error in _BROKEN), None)
    if suspect is None:
        return []
    name = operation_of(suspect, run.document)
    what = f"the connection broke during {name}, and nobody answered then"
    if not _is_back(traffic):
        traffic.outage = replace(outage, evidence=(*outage.evidence, f"{what}: it may be what stopped the service"))
        return []
    if not _stops(traffic, suspect):
        line = f"{what}; a moment later the service was back, and the same request did not stop it"
        traffic.outage = replace(outage, evidence=(*outage.evidence, line))
        return []
    match = match_operation(run.document, suspect.request.method, urlsplit(suspect.request.url).path or "/")
    if match is None:
        return []
    if _is_back(traffic):
        traffic.outage = None
    return [
        violation(
            "ZC441",
            f"{name} stops the service: {what}, twice",
            run.document,
            match.operation,
            suspect,
            service=run.service,
            subject="stops-service",
            details=("it was started again and sent the same once more", "the run ended with it"),
            confidence="certain",
        )
    ]


def _stops(traffic: Traffic, suspect: Exchange) -> bool:
    """Whether the request does it once more; twice where others are answered at once, as behind several workers."""
    if traffic.sender.send(suspect.request, traffic.bounds).error not in _GONE:
        return False
    return not _answers(traffic) or traffic.sender.send(suspect.request, traffic.bounds).error in _GONE


def _is_back(traffic: Traffic) -> bool:
    until = time.monotonic() + _WAIT
    while time.monotonic() < until:
        if _answers(traffic):
            return True
        time.sleep(0.2)
    return False


def _answers(traffic: Traffic) -> bool:
    """Whether anybody answers, whatever it is: asked by what was answered well before, else by the latest GET."""
    asked: Exchange | None = next(
        (one for one in reversed(traffic.company()) if one.request.method == "GET" and one.status == 200), None
    )
    if asked is None:
        return False
    return traffic.sender.send(asked.request, replace(traffic.bounds, seconds=1.0)).response is not None
