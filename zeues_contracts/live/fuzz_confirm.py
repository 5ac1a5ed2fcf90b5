"""What stands of what a fuzz run suspects: sent again, told apart from an outage, reduced to the smallest request."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec.structs import replace

from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Cause, Finding, Level
from zeues_contracts.live.candidates import Candidate, reduce, showing
from zeues_contracts.live.fuzz_run import FuzzRun
from zeues_contracts.live.fuzz_stopping import stopped_by
from zeues_contracts.live.grouping import grouped, shared_place
from zeues_contracts.live.judging import violation
from zeues_contracts.live.lifecycle import play_lives
from zeues_contracts.triage.classify import classify_exchange, operation_of
from zeues_contracts.triage.company import resource_of
from zeues_contracts.triage.matching import match_operation
from zeues_contracts.triage.model import Confidence
from zeues_contracts.triage.texts import alike_text

__all__ = ["conclude"]

_TRIED = 3
"""So many of the requests that showed a suspicion are sent again before it counts as one that does not repeat."""
_OFTEN = 3
"""From so many different requests on, a 5xx of one kind needs no repeat."""
_ASKED, _RESOURCES = 8, 2
"""So many operations are asked again when a 5xx is suspected, and so many resources have to fail alike then."""
_MOVED_ON = "sent again at the end of the run it did not show: it depends on what the service held at that moment"


def conclude(run: FuzzRun) -> list[Finding]:
    """Play the stories, confirm and reduce what is suspected, and keep what stands."""
    findings: list[Finding] = []
    traffic = run.traffic
    good = [exchange for name in sorted(run.good) for exchange in run.good[name]]
    findings += stopped_by(run)
    _ask_again(run)
    findings += run.stories.values()
    if traffic.outage is None:
        findings += play_lives(run.document, good, run.resend, service=run.service)
    proved: set[tuple[str, str]] = set()
    for candidate in sorted(run.candidates.all(), key=lambda one: -one.smallest[1].level.rank):
        root = shared_place(candidate.smallest[1])
        if root is not None and root in proved:
            # The same place of a shared schema: told as one, so proved as one.
            findings.append(_dressed(candidate, candidate.smallest[1], "likely"))
            continue
        finding = _confirmed(run, candidate)
        if finding is not None:
            findings.append(finding)
        if root is not None and finding is not None and finding.confidence == Confidence.CERTAIN:
            proved.add(root)
    findings += _dropped(run)
    unique: dict[str, Finding] = {}
    for finding in findings:
        unique.setdefault(finding.fingerprint, finding)
    return list(grouped(tuple(unique.values())))


def _ask_again(run: FuzzRun) -> None:
    """Where a 5xx is suspected, ask what was answered well before once more: what fails alike now is an outage's.

    One resource alone may have been spoilt by what the run wrote into it; that several go at once is no bug of each.
    """
    suspected = [one for one in run.candidates.all() if one.rule == "ZC401"]
    if not suspected or run.traffic.outage is not None:
        return
    asked = [one for name in sorted(run.good) for one in run.good[name][:1] if one.request.method == "GET"][:_ASKED]
    now: list[tuple[Exchange, Exchange]] = []
    failing: list[tuple[Exchange, Exchange]] = []
    for one in asked:
        # The budget may be used up: what is out is often slow, and that a run is misread costs more than a moment.
        again = run.traffic.sender.send(one.request, run.traffic.briefly)
        now.append((one, again))
        if again.response is not None and again.response.status >= 500:
            failing.append((one, again))
        if len(failing) == _RESOURCES + 1:
            break
    shown = [one.smallest[0] for one in suspected]
    for before, again in failing:
        assert again.response is not None
        words = alike_text(again.response)
        alike = [one for one in (*shown, *(two for _, two in failing)) if _says(one, words)]
        if len({resource_of(operation_of(one, run.document)) for one in alike}) < _RESOURCES:
            continue
        company = [before, *(one for one in shown if _says(one, words)), *(two for _, two in now)]
        verdict = classify_exchange(again, company, run.traffic.probes, run.document)
        if verdict.is_outage:
            others = sorted({operation_of(one, run.document) for one in alike})
            line = f"{len(others)} operations fail alike: {', '.join(others[:4])}"
            run.traffic.outage = dataclasses.replace(verdict, evidence=(*verdict.evidence, line))
            run.traffic.outage_at = min(one.at for one in alike)
            return


def _says(exchange: Exchange, words: str) -> bool:
    return exchange.response is not None and alike_text(exchange.response) == words


def _confirmed(run: FuzzRun, candidate: Candidate) -> Finding | None:
    """What stands of a suspicion: sent again, told apart from an outage, and reduced."""
    if candidate.rule == "ZC401":
        return _server_error(run, candidate)
    if run.traffic.outage is not None or run.traffic.spent:
        return _unconfirmed(run, candidate)
    for shown in candidate.seen[:_TRIED]:
        again = run.resend(shown[0].request)
        if again is None:
            return _unconfirmed(run, candidate)
        if showing(run.document, again, candidate.fingerprint, service=run.service) is not None:
            _, finding = reduce(run.document, shown, run.resend, service=run.service)
            return _dressed(candidate, finding, "certain")
    # The exchange itself is the proof.
    return _dressed(candidate, candidate.smallest[1], "likely", _MOVED_ON)


def _server_error(run: FuzzRun, candidate: Candidate) -> Finding | None:
    """A 5xx is a bug of the service only if nothing else explains it.

    It is certain where it came back for the same request, or for so many different ones that no accident explains it.
    What it refers to may be gone by now (the run itself creates and deletes), so a repeat that is answered otherwise
    at the end speaks neither for nor against it.
    """
    if run.traffic.outage is not None:
        return _unconfirmed(run, candidate)
    exchange, finding = candidate.proof or candidate.smallest
    now = _now(run, candidate)
    if now is not None:
        exchange, finding = now
    company = [exchange, *candidate.repeats]
    company += [one for one in candidate.otherwise if one.request == exchange.request]
    company += _well(run, finding.operation)
    verdict = classify_exchange(exchange, company, run.traffic.probes, run.document)
    beside = _beside(run, exchange, finding.operation) if verdict.is_outage else []
    if beside:
        company += beside
        verdict = classify_exchange(beside[-1], company, run.traffic.probes, run.document)
    proved = candidate.proof is not None or now is not None
    often = len(candidate.requests) >= _OFTEN
    if verdict.is_outage and finding.operation in run.traffic.apart:
        return None  # it is told with the operations that are out for themselves
    if verdict.is_outage and (verdict.sign != "answered-later" or not often):
        run.traffic.passing.append(verdict.sentence)
        return None
    details = list(verdict.evidence[1:])
    if proved:
        details.insert(0, "it came back for the same request")
    elif candidate.otherwise:
        details.append(f"sent again at once, the same request was answered with {_answers(candidate.otherwise)}")
    if proved and now is None and not run.traffic.spent:
        details.append(_MOVED_ON)
    if verdict.cause is None and not (proved or often):
        return _dressed(candidate, finding.with_(level=Level.WARNING), "cannot tell", *details)
    sure = (proved or often) and verdict.cause is Cause.VIOLATION
    return _dressed(candidate, finding, (Confidence.CERTAIN if sure else Confidence.LIKELY).value, *details)


def _now(run: FuzzRun, candidate: Candidate) -> tuple[Exchange, Finding] | None:
    """The smallest request that shows it still: the one that a person can repeat."""
    tried = [candidate.proof] if candidate.proof is not None else []
    tried += [one for one in candidate.seen if candidate.proof is None or one[0].request != candidate.proof[0].request]
    for shown in tried[:_TRIED]:
        again = run.resend(shown[0].request)
        if again is None:
            return None
        same = showing(run.document, again, candidate.fingerprint, service=run.service)
        if same is not None:
            return reduce(run.document, (again, same), run.resend, service=run.service)
    return None


def _well(run: FuzzRun, but: str) -> list[Exchange]:
    """Something else that is answered well: now where it can be asked, else as it was during the run."""
    others = [one for name in sorted(run.good) for one in run.good[name] if name != but]
    asked = next((one for one in others if one.request.method == "GET"), None)
    again = run.resend(asked.request) if asked is not None else None
    return [again] if again is not None else others[:1]


def _beside(run: FuzzRun, exchange: Exchange, operation: str) -> list[Exchange]:
    """Another input of the operation that was answered well, and the failing one again: whether the input decides."""
    good = next((one for one in run.good.get(operation, ()) if one.request != exchange.request), None)
    if good is None:
        return []
    asked = [run.resend(one) for one in (good.request, exchange.request)]
    return [one for one in asked if one is not None] if None not in asked else []


def _answers(exchanges: Sequence[Exchange]) -> str:
    """Statuses, or what came instead, in words."""
    return ", ".join(dict.fromkeys(str(one.status or one.error) for one in exchanges))


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
        different = len(candidate.requests)
        by = f", for {different} different requests" if different > 1 else ""
        details.append(f"seen {candidate.count} times{by}")
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
