"""What stands of what a fuzz run suspects: sent again, told apart from an outage, reduced to the smallest request."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Finding, Level
from zeues_contracts.live.candidates import Candidate, judge_all, reduce
from zeues_contracts.live.fuzz_run import FuzzRun
from zeues_contracts.live.judging import violation
from zeues_contracts.live.lifecycle import play_lives
from zeues_contracts.triage.classify import classify_exchange
from zeues_contracts.triage.matching import match_operation
from zeues_contracts.triage.model import Confidence

__all__ = ["conclude"]


def conclude(run: FuzzRun) -> list[Finding]:
    """Play the stories, confirm and reduce what is suspected, and keep what stands."""
    findings: list[Finding] = []
    traffic = run.traffic
    good = [exchange for name in sorted(run.good) for exchange in run.good[name]]
    findings += run.stories.values()
    if traffic.outage is None:
        findings += play_lives(run.document, good, run.resend, service=run.service)
    for candidate in sorted(run.candidates.all(), key=lambda one: -one.smallest[1].level.rank):
        finding = _confirmed(run, candidate)
        if finding is not None:
            findings.append(finding)
    findings += _dropped(run)
    unique: dict[str, Finding] = {}
    for finding in findings:
        unique.setdefault(finding.fingerprint, finding)
    return list(unique.values())


def _confirmed(run: FuzzRun, candidate: Candidate) -> Finding | None:
    """What stands of a suspicion: sent again, told apart from an outage, and reduced."""
    traffic = run.traffic
    exchange, finding = candidate.smallest
    if traffic.outage is not None or traffic.spent:
        return _unconfirmed(run, candidate)
    again = run.resend(exchange.request)
    if again is None:
        return _unconfirmed(run, candidate)
    same = [
        one for one in judge_all(run.document, again, service=run.service) if one.fingerprint == candidate.fingerprint
    ]
    if candidate.rule == "ZC401":
        return _server_error(run, candidate, again, comes_back=bool(same))
    if same:
        exchange, finding = reduce(run.document, candidate, run.resend, service=run.service)
        confidence = "certain"
    else:
        # It depends on what came before; the exchange itself is the proof.
        confidence = "likely"
    return _dressed(candidate, finding, confidence)


def _server_error(run: FuzzRun, candidate: Candidate, again: Exchange, *, comes_back: bool) -> Finding | None:
    """A 5xx is a bug of the service only if nothing else explains it."""
    exchange, finding = candidate.smallest
    other = next((one for name in sorted(run.good) for one in run.good[name] if name != finding.operation), None)
    company = [exchange, again]
    if other is not None and other.request.method == "GET":
        well = run.resend(other.request)
        company += [well] if well is not None else []
    last = run.resend(exchange.request)
    if last is not None:
        company.append(last)
    verdict = classify_exchange(exchange, company, run.traffic.probes, run.document)
    if verdict.is_outage:
        run.traffic.passing.append(verdict.sentence)
        return None
    if verdict.cause is None and not comes_back:
        told = "seen once, it did not come back for the same request"
        return _dressed(candidate, finding.with_(level=Level.WARNING), "cannot tell", told)
    if comes_back:
        exchange, finding = reduce(run.document, candidate, run.resend, service=run.service)
    confidence = verdict.confidence if verdict.cause is not None else Confidence.LIKELY
    return _dressed(candidate, finding, confidence.value, *verdict.evidence[1:])


def _unconfirmed(run: FuzzRun, candidate: Candidate) -> Finding | None:
    """What was suspected and could not be sent again: kept where the exchange itself proves it."""
    began = run.traffic.outage_at if run.traffic.outage is not None else float("inf")
    seen = [(exchange, finding) for exchange, finding in candidate.seen if exchange.at < began]
    if not seen:
        return None
    exchange, finding = seen[0]
    if candidate.rule == "ZC401":
        verdict = classify_exchange(exchange, (), (), run.document)
        if verdict.cause is None or verdict.is_outage:
            return None
    return _dressed(candidate, finding, "likely", "it could not be sent again")


def _dressed(candidate: Candidate, finding: Finding, confidence: str, *more: str) -> Finding:
    details = [*finding.evidence.details, *more]
    if candidate.count > 1:
        details.append(f"seen {candidate.count} times")
    message = finding.message
    states = sorted(candidate.states)
    if finding.rule == "ZC402" and len(states) > 1:
        message = f"{finding.operation} answers {', '.join(states)}, which are not documented"
    return finding.with_(
        message=message,
        confidence=confidence,
        state=" ".join(states) or finding.state,
        evidence=replace(finding.evidence, details=tuple(dict.fromkeys(details))),
    )


def _dropped(run: FuzzRun) -> list[Finding]:
    """Requests whose connection breaks each time while others are answered (ZC441)."""
    found: list[Finding] = []
    if run.traffic.outage is not None:
        return found
    for name in sorted(run.dropped):
        exchange = min(run.dropped[name], key=lambda one: len(one.request.url) + len(one.request.body or b""))
        company = [exchange]
        for _ in range(2):
            again = run.resend(exchange.request)
            company += [again] if again is not None else []
        other = next((one for key in sorted(run.good) for one in run.good[key] if key != name), None)
        if other is not None:
            well = run.resend(other.request) if other.request.method == "GET" else None
            company += [well] if well is not None else []
        verdict = classify_exchange(exchange, company, run.traffic.probes, run.document)
        match = match_operation(run.document, exchange.request.method, urlsplit(exchange.request.url).path or "/")
        if verdict.cause is None or verdict.is_outage or match is None:
            continue
        found.append(
            violation(
                "ZC441",
                f"{name}: {verdict.evidence[0]}",
                run.document,
                match.operation,
                exchange,
                service=run.service,
                subject=exchange.error,
                details=verdict.evidence[1:],
                confidence=verdict.confidence.value,
            )
        )
    return found
