"""Operations that are out for themselves while the service is not: others are asked first, then it is told of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Finding, Level
from zeues_contracts.live.identity import ask_these
from zeues_contracts.live.judging import documented_response, judge
from zeues_contracts.live.limits import Bounds
from zeues_contracts.live.outages import outage_finding
from zeues_contracts.live.sending import Sender
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.classify import operation_of
from zeues_contracts.triage.model import Confidence, Verdict
from zeues_contracts.triage.texts import json_body

__all__ = ["apart_finding", "apart_findings", "ask_others"]

_MOST = 8
_SERVER_ERROR = "ZC401"


def ask_others(
    document: Document | None,
    but: str,
    company: Sequence[Exchange],
    sender: Sender,
    bounds: Bounds,
    unsafe: Sequence[str] = (),
) -> tuple[Exchange, ...]:
    """Up to eight other operations as they are answered now: GETs that were answered well, then such without input.

    ``but`` is the operation that is not. It ends with the first that is not answered at all.
    """
    good: dict[str, Exchange] = {}
    for one in reversed(company):
        if one.request.method == "GET" and one.status is not None and one.status < 300:
            good.setdefault(operation_of(one, document), one)
    good.pop(but, None)
    short = replace(bounds, seconds=min(bounds.seconds, 3.0))
    asked: list[Exchange] = []
    for one in list(good.values())[:_MOST]:
        asked.append(sender.send(one.request, short))
        if asked[-1].response is None:
            return tuple(asked)
    if document is not None and len(asked) < _MOST:
        rest = [one for one in document.operations.values() if one.name != but and one.name not in good]
        asked += [one.exchange for one in ask_these(rest, sender, short, unsafe, most=_MOST - len(asked))]
    return tuple(asked)


def apart_findings(apart: Mapping[str, Verdict], service: str, document: Document | None) -> list[Finding]:
    """What is told of each operation that is out for itself.

    A method that is none of the document's fails with the path, and is told with those that are.
    """
    known = {one.name for one in document.operations.values()} if document is not None else set(apart)
    paths = {name.partition(" ")[2] for name in apart if name in known}
    return [
        apart_finding(name, verdict, service, document)
        for name, verdict in sorted(apart.items())
        if name in known or name.partition(" ")[2] not in paths
    ]


def apart_finding(name: str, verdict: Verdict, service: str, document: Document | None) -> Finding:
    """One operation that is out for itself.

    A violation where the service itself answers with what the document does not allow and never with anything else; an
    outage where it is allowed (a warning: it keeps its promise), where a proxy says so, or where it was well before.
    """
    exchange = verdict.exchange
    assert exchange is not None
    assert exchange.response is not None
    known = document.operations.values() if document is not None else ()
    operation = next((one for one in known if one.name == name), None)
    allowed = documented_response(operation, exchange.response.status) if operation is not None else None
    told = [line for line in verdict.evidence if line]
    own = json_body(exchange.response) is not None and verdict.confidence is not Confidence.CERTAIN
    never = any("was never answered well" in line for line in told)
    if own and never and document is not None:
        for found in judge(document, exchange, service=service):
            if found.rule == _SERVER_ERROR:
                details = tuple(dict.fromkeys((*found.evidence.details, *told[1:])))
                evidence = msgspec.structs.replace(found.evidence, details=details)
                return found.with_(confidence=Confidence.LIKELY.value, evidence=evidence)
    finding = outage_finding(replace(verdict, sign="unavailable"), service, document)
    documented = allowed is not None and allowed.status != "default"
    why = told[0] if told else ""
    more = (f"the document allows {exchange.response.status} here",) if documented else ()
    evidence = msgspec.structs.replace(finding.evidence, details=(*finding.evidence.details, *more))
    return finding.with_(
        message=f"{name} is not available, others are: {why}",
        level=Level.WARNING if documented else finding.level,
        evidence=evidence,
        hint="see why this operation does not answer; what it promises was not judged",
    )
