"""Replay: the consumers' interactions sent to the service where that is safe, and compared with what was promised.

An answer is compared twice: with the document (a difference is a violation) and with what the consumer expects (a
difference that the document allows is a mismatch). What an outage decided is not judged at all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from zeues_contracts.config import LimitsConfig, ServiceConfig
from zeues_contracts.consumers.model import Contract, Interaction
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Evidence, Finding, Hit, Level, Stage, StageStatus
from zeues_contracts.live.apart import apart_finding, ask_others
from zeues_contracts.live.building import (
    CannotBuildError,
    UnsetVariableError,
    build_request,
    operation_of_interaction,
)
from zeues_contracts.live.curl import clean, curl
from zeues_contracts.live.expecting import unmet
from zeues_contracts.live.judging import judge, violation
from zeues_contracts.live.limits import SAFE_METHODS, Bounds, may_send
from zeues_contracts.live.outages import not_judged, outage_finding
from zeues_contracts.live.sending import HttpSender, Sender
from zeues_contracts.openapi.model import Document, Operation
from zeues_contracts.rules import rule
from zeues_contracts.triage.classify import classify_exchange
from zeues_contracts.triage.confined import can_be_confined, confined
from zeues_contracts.triage.model import Confidence, ProbeResult, Replayed, Verdict

__all__ = ["ReplayResult", "Sent", "judge_replayed", "replay"]

_UNMET = "ZC450"
_RETRIES = 2
_MOST_NAMES = 5
_MOMENTARY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What replay saw and found. ``exchanges`` are all that were sent, in order of time, retries included."""

    replayed: tuple[Replayed, ...]
    exchanges: tuple[Exchange, ...]
    findings: tuple[Finding, ...]
    stage: Stage
    outage: Verdict | None = None
    apart: Mapping[str, Verdict] = field(default_factory=dict)
    """The operations that are out for themselves, others being well."""


@dataclass(slots=True)
class Sent:
    """An interaction and what was seen of it: sent by us, or by its own test."""

    contract: Contract
    interaction: Interaction
    operation: Operation | None
    exchange: Exchange | None = None
    attempts: list[Exchange] = field(default_factory=list)
    skipped: str = ""
    lacks: tuple[str, ...] = ()
    """The variables of the environment without which it cannot be sent."""


def replay(
    contracts: Sequence[Contract],
    document: Document | None,
    base_url: str,
    config: ServiceConfig | None = None,
    *,
    service: str = "",
    headers: Mapping[str, str] | None = None,
    limits: LimitsConfig | None = None,
    sender: Sender | None = None,
    probes: Sequence[ProbeResult] = (),
    traffic: Sequence[Exchange] = (),
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> ReplayResult:
    """Send the interactions of the contracts and judge the answers.

    GET and HEAD go to any host; other methods to loopback only, or where ``allow-unsafe-hosts`` or ``safe`` says so;
    what ``unsafe`` lists is never sent. ``traffic`` are exchanges seen before, which help to tell causes. ``progress``
    is called with the number of interactions done and their total.
    """
    settings = config or ServiceConfig()
    began = time.monotonic()
    bounds = Bounds.of(limits or LimitsConfig())
    allowed = tuple(settings.replay.allow_unsafe_hosts)
    line = sender or HttpSender(base_url, headers=headers or {}, bounds=bounds, allow_unsafe_hosts=allowed)
    wanted = [(contract, interaction) for contract in contracts for interaction in contract.interactions]
    chance = random.Random(seed)  # noqa: S311 - jitter, not a secret
    sent: list[Sent] = []
    gone = ""
    bare: Sender | None = None
    try:
        for number, (contract, interaction) in enumerate(wanted, 1):
            one = Sent(contract, interaction, operation_of_interaction(document, interaction))
            sent.append(one)
            if gone:
                one.skipped = gone
            else:
                chosen = line
                if expects_refusal(interaction):
                    # The configured credentials would open the door that the consumer expects to find closed.
                    bare = (
                        bare
                        or getattr(line, "inner", None)
                        or HttpSender(base_url, bounds=bounds, allow_unsafe_hosts=allowed)
                    )
                    chosen = bare
                _send(one, chosen, settings, bounds, chance)
                if one.exchange is not None and one.exchange.error in ("refused", "dns", "tls"):
                    gone = "not sent: the service is gone"
            if progress is not None:
                progress(number, len(wanted))
        _confirm(sent, line, bounds)
        others = _others(sent, document, line, bounds, settings, traffic)
    finally:
        if sender is None:
            line.close()
            if bare is not None:
                bare.close()
    return judge_replayed(sent, document, service=service, probes=probes, traffic=traffic, began=began, others=others)


def expects_refusal(interaction: Interaction) -> bool:
    """Whether an interaction is about being refused for who it is: it then goes out as it is written, nothing added."""
    statuses = interaction.expect.statuses
    return bool(statuses) and all(status in ("401", "403") for status in statuses)


def _send(one: Sent, line: Sender, settings: ServiceConfig, bounds: Bounds, chance: random.Random) -> None:
    try:
        request = build_request(one.interaction, line.base_url, one.operation, _added(line))
    except UnsetVariableError as error:
        one.skipped, one.lacks = f"not sent: {error}", error.names
        return
    except CannotBuildError as error:
        one.skipped = f"not sent: {error}"
        return
    name = one.operation.name if one.operation is not None else f"{request.method} {_path(request)}"
    identifier = one.operation.operation_id if one.operation is not None else ""
    why = may_send(request.method, name, identifier, trusted=line.trusted, config=settings.replay)
    if why:
        one.skipped = f"not sent: {why}"
        return
    retries = _RETRIES if request.method in SAFE_METHODS else 0
    for attempt in range(retries + 1):
        exchange = line.send(request, bounds)
        one.attempts.append(exchange)
        one.exchange = exchange
        momentary = exchange.error in ("reset", "timeout") or exchange.status in _MOMENTARY
        if not momentary or attempt == retries:
            return
        # Full jitter (Brooker, "Exponential Backoff And Jitter"): consumers that fail together do not retry together.
        time.sleep(chance.uniform(0.05, 0.2 * 2**attempt))


def _added(line: Sender) -> frozenset[str]:
    """The names of the headers that a sender adds to every request."""
    headers = getattr(line, "headers", ())
    names = headers if isinstance(headers, Mapping) else [name for name, _ in headers]
    return frozenset(name.lower() for name in names)


def _path(request: Request) -> str:
    from urllib.parse import urlsplit

    return urlsplit(request.url).path or "/"


def _confirm(sent: Sequence[Sent], line: Sender, bounds: Bounds) -> None:
    """Send once more what answered 500, where that is safe: a bug comes back, an accident may not."""
    for one in sent:
        if one.exchange is None or one.exchange.status != 500 or len(one.attempts) > 1:
            continue
        if one.exchange.request.method in SAFE_METHODS:
            one.attempts.append(line.send(one.exchange.request, bounds))


def _others(
    sent: Sequence[Sent],
    document: Document | None,
    line: Sender,
    bounds: Bounds,
    settings: ServiceConfig,
    traffic: Sequence[Exchange],
) -> tuple[Exchange, ...]:
    """Where something is not available: how others are answered now. Asked once, whatever is out."""
    company = (*traffic, *_attempts(sent))
    for one in sent:
        if one.exchange is None or one.exchange.status not in _MOMENTARY:
            continue
        if can_be_confined(classify_exchange(one.exchange, company, (), document)):
            name = one.operation.name if one.operation is not None else ""
            return ask_others(document, name, company, line, bounds, settings.replay.unsafe)
    return ()


def _attempts(sent: Sequence[Sent]) -> tuple[Exchange, ...]:
    return tuple(sorted((one for item in sent for one in item.attempts), key=lambda one: one.at))


def judge_replayed(
    sent: Sequence[Sent],
    document: Document | None,
    *,
    service: str = "",
    probes: Sequence[ProbeResult] = (),
    traffic: Sequence[Exchange] = (),
    began: float = 0.0,
    stage: str = "replay",
    believe: Callable[[Finding, Exchange], bool] | None = None,
    others: Sequence[Exchange] = (),
) -> ReplayResult:
    """The findings of a replay, or of what the tests themselves sent (``stage``). Pure.

    ``believe`` says which violations may be told from an exchange: a recorded one may lack what was taken out of it.
    ``others`` were asked for last, to tell an outage of the service from that of an operation.
    """
    exchanges = (*_attempts(sent), *others)
    company = (*traffic, *exchanges)
    replayed: list[Replayed] = []
    findings: dict[str, Finding] = {}
    blocked: list[str] = []
    outage: Verdict | None = None
    apart: dict[str, Verdict] = {}
    for item in sent:
        entry = Replayed(
            item.contract.consumer,
            item.interaction.id,
            item.interaction.test,
            item.operation.name if item.operation is not None else item.interaction.operation,
            item.exchange,
            skipped=item.skipped,
            attempts=tuple(item.attempts),
        )
        if item.exchange is not None:
            verdict = classify_exchange(item.exchange, company, probes, document)
            why = unmet(item.interaction.expect, item.exchange)
            entry = replace(entry, met=not why, unmet=why, verdict=verdict)
            lines = confined(verdict, company, probes, document) if can_be_confined(verdict) else ()
            if lines:
                told = replace(verdict, evidence=tuple(dict.fromkeys((*verdict.evidence, *lines))))
                apart.setdefault(entry.operation, told)
                finding = apart_finding(entry.operation, told, service, document)
                hit = Hit(item.contract.consumer, item.interaction.id, item.interaction.place)
                _merge(findings, finding.with_(hits=(hit,)))
            elif verdict.is_outage:
                outage = _heavier(outage, verdict)
                blocked.append(f"{item.contract.consumer} {item.interaction.id}: {verdict.evidence[0]}")
            else:
                for finding in _judge_one(item, entry, document, service, believe):
                    _merge(findings, finding)
        elif "is gone" in item.skipped:
            blocked.append(f"{item.contract.consumer} {item.interaction.id}: {item.skipped}")
        replayed.append(entry)
    if outage is not None:
        _merge(findings, outage_finding(outage, service, document))
        _merge(findings, not_judged(blocked, "interaction", outage, stage, service))
    ended = msgspec.structs.replace(_stage(replayed, blocked, outage, service, began, _lacking(sent)), name=stage)
    return ReplayResult(
        tuple(replayed), exchanges, tuple(findings.values()), ended, outage, {} if outage is not None else apart
    )


def _judge_one(
    item: Sent,
    entry: Replayed,
    document: Document | None,
    service: str,
    believe: Callable[[Finding, Exchange], bool] | None = None,
) -> list[Finding]:
    exchange = item.exchange
    assert exchange is not None
    hit = Hit(item.contract.consumer, item.interaction.id, item.interaction.place)
    found: list[Finding] = []
    verdict = entry.verdict
    if document is not None:
        for finding in judge(document, exchange, service=service):
            if believe is not None and not believe(finding, exchange):
                continue
            if finding.rule == "ZC401" and (verdict is None or verdict.confidence is Confidence.CANNOT_TELL):
                # A 5xx that may be either: said, but not as an error of the service.
                found.append(finding.with_(hits=(hit,), confidence="cannot tell", level=Level.WARNING))
            elif finding.rule == "ZC401" and verdict is not None:
                told = (*finding.evidence.details, *verdict.evidence[1:])
                evidence = msgspec.structs.replace(finding.evidence, details=tuple(dict.fromkeys(told)))
                found.append(finding.with_(hits=(hit,), confidence=verdict.confidence.value, evidence=evidence))
            else:
                found.append(finding.with_(hits=(hit,)))
    if exchange.response is None:
        # Without an answer nothing is known of what would have been in it: no word on expectation and promise.
        broken = _unanswered(item, entry, document, service)
        return found if broken is None else [*found, broken.with_(hits=(hit,))]
    status = exchange.status or 0
    # A 5xx is the service's failure, never the consumer's: where that is said already, nothing is added.
    if not entry.unmet or any(one.level is Level.ERROR or status >= 500 for one in found):
        return found
    by_state = status in (401, 403, 404, 409, 410)
    doubtful = by_state or status >= 500
    why = entry.unmet[0]
    found.append(
        rule("ZC450").finding(
            f"{item.contract.consumer} ({item.interaction.id}) would fail on {entry.operation}: {why}",
            level=Level.WARNING if doubtful else Level.ERROR,
            service=service,
            operations=(entry.operation,),
            subject=f"{item.contract.consumer} {item.interaction.id}",
            place=item.interaction.at("/expect"),
            evidence=Evidence(
                explanation=why,
                exchange=clean(exchange),
                replay=curl(exchange.request),
                details=entry.unmet[1:],
            ),
            hits=(hit,),
            hint="prepare the data that the interaction needs, or mend the interaction" if by_state else "",
            confidence="likely" if doubtful else "certain",
        )
    )
    return found


def _unanswered(item: Sent, entry: Replayed, document: Document | None, service: str) -> Finding | None:
    """The finding of an interaction that got no answer and is not known to have met an outage."""
    verdict, exchange = entry.verdict, item.exchange
    if verdict is None or document is None or item.operation is None or exchange is None:
        return None
    return violation(
        "ZC441",
        f"{item.operation.name}: {verdict.evidence[0] if verdict.evidence else 'no answer came'}",
        document,
        item.operation,
        exchange,
        service=service,
        subject=verdict.sign,
        details=verdict.evidence[1:],
        level=Level.ERROR if verdict.confidence is not Confidence.CANNOT_TELL else Level.WARNING,
        confidence=verdict.confidence.value,
    )


def _merge(findings: dict[str, Finding], finding: Finding) -> None:
    """One finding per fingerprint; consumers that meet the same one are hit together."""
    known = findings.get(finding.fingerprint)
    if known is None:
        findings[finding.fingerprint] = finding
    else:
        hits = tuple(dict.fromkeys((*known.hits, *finding.hits)))
        states = sorted({state for state in (*known.state.split(), *finding.state.split()) if state})
        findings[finding.fingerprint] = known.with_(hits=hits, state=" ".join(states))


def _heavier(first: Verdict | None, second: Verdict) -> Verdict:
    if first is None or second.confidence.rank > first.confidence.rank:
        return second
    return second if second.dependency and not first.dependency else first


def _lacking(sent: Sequence[Sent]) -> str:
    """What of the environment keeps interactions from being sent: ``7 interactions not replayed: set X_API_KEY``."""
    lacking = [one for one in sent if one.lacks]
    if not lacking:
        return ""
    names = list(dict.fromkeys(name for one in lacking for name in one.lacks))
    listed = ", ".join(names[:_MOST_NAMES]) + (f" and {len(names) - _MOST_NAMES} more" if names[_MOST_NAMES:] else "")
    return f"{len(lacking)} interaction{'' if len(lacking) == 1 else 's'} not replayed: set {listed}"


def _stage(
    replayed: Sequence[Replayed],
    blocked: Sequence[str],
    outage: Verdict | None,
    service: str,
    began: float,
    lacking: str = "",
) -> Stage:
    sent = [one for one in replayed if one.exchange is not None]
    counts = {
        "sent": len(sent),
        "met": sum(one.met is True for one in sent),
        "unmet": sum(one.met is False for one in sent),
        "skipped": len(replayed) - len(sent),
        "not judged": len(blocked),
    }
    status = StageStatus.BLOCKED if outage is not None else StageStatus.RAN
    reason = outage.sentence if outage is not None else lacking
    if outage is None and not sent:
        status = StageStatus.SKIPPED
        reason = lacking or ("nothing that is safe to send" if replayed else "no interactions")
    return Stage("replay", status, service, reason, time.monotonic() - began if began else 0.0, counts)
