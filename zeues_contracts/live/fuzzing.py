"""Fuzzing: generated requests against what the service promised, each violation confirmed, reduced and told apart.

The engine (``engine``) makes the requests, the traffic (``fuzz_traffic``) bounds and watches them, the rules judge the
answers (``candidates``), and what is suspected is sent again before it is called a violation: a bug comes back, an
outage is named as one and ends the run with what was found so far.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from zeues_contracts.config import LimitsConfig, ServiceConfig
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Finding, Level, Stage, StageStatus
from zeues_contracts.live.candidates import Candidate, Candidates, judge_all, reduce
from zeues_contracts.live.engine import PHASES, Generated, run_engine
from zeues_contracts.live.fuzz_plan import Tier, parse_rate, plan, restricted
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.health import preflight
from zeues_contracts.live.judging import violation
from zeues_contracts.live.lifecycle import play_lives, play_unguarded
from zeues_contracts.live.limits import Bounds
from zeues_contracts.live.outages import not_judged, outage_finding
from zeues_contracts.live.sending import HttpSender, Sender
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.classify import classify_exchange, operation_of
from zeues_contracts.triage.matching import match_operation
from zeues_contracts.triage.model import Confidence, ProbeResult, Verdict

__all__ = ["FuzzProgress", "FuzzResult", "fuzz"]

_GOOD_PER_OPERATION = 3
_STREAM_SAMPLES = 4
"""Each sample of a stream takes its time; after a few of an operation there is nothing new to be seen."""
_WORTHWHILE = 0.2
"""A turn of which fewer requests than this were new is the last one."""
_AFTER = 0.25
"""The part of the time that is kept for confirming, reducing and the stories."""


@dataclass(frozen=True, slots=True)
class FuzzProgress:
    """Where a run stands: requests sent, seconds gone, suspicions so far, and what is being tried."""

    cases: int
    seconds: float
    suspected: int
    operation: str
    phase: str


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """What a run found. ``exchanges`` are the latest of the run; ``cases`` counts the requests."""

    findings: tuple[Finding, ...]
    stage: Stage
    exchanges: tuple[Exchange, ...] = ()
    cases: int = 0
    outage: Verdict | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    document: Document
    traffic: Traffic
    service: str
    headers: tuple[tuple[str, str], ...]
    progress: Callable[[FuzzProgress], None] | None
    began: float
    candidates: Candidates = field(default_factory=Candidates)
    good: dict[str, list[Exchange]] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    dropped: dict[str, list[Exchange]] = field(default_factory=dict)
    stories: dict[str, Finding] = field(default_factory=dict)
    streams: dict[str, int] = field(default_factory=dict)
    requests: set[int] = field(default_factory=set)
    fresh: int = 0
    suspected: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, made: Generated) -> Exchange | None:
        """Send what the engine made, and judge the answer."""
        if self.streams.get(made.operation, 0) >= _STREAM_SAMPLES:
            return None
        request = replace(made.request, headers=_with(made.request.headers, self.headers))
        exchange = self.traffic.send(request)
        if exchange is None:
            return None
        self._count(request, made.operation, exchange)
        found = judge_all(self.document, exchange, positive=made.positive, service=self.service)
        new = self.candidates.add(exchange, found) if found else 0
        first = False
        with self.lock:
            self.suspected += new
            self.reached.add(made.operation)
            if exchange.response is None:
                self.dropped.setdefault(made.operation, []).append(exchange)
            elif exchange.response.status < 300 and not exchange.response.truncated:
                kept = self.good.setdefault(made.operation, [])
                first = not kept
                if len(kept) < _GOOD_PER_OPERATION and len(exchange.response.body) < 64 * 1024:
                    kept.append(exchange)
        if first:
            self.guarded(exchange)
        if self.progress is not None:
            gone = time.monotonic() - self.began
            self.progress(FuzzProgress(self.traffic.sent, gone, self.suspected, made.operation, made.phase))
        return exchange

    def _count(self, request: Request, operation: str, exchange: Exchange) -> None:
        identity = hash((request.method, request.url, request.body))
        response = exchange.response
        with self.lock:
            if identity not in self.requests:
                self.requests.add(identity)
                self.fresh += 1
            if response is not None and response.truncated:
                self.streams[operation] = self.streams.get(operation, 0) + 1

    def guarded(self, exchange: Exchange) -> None:
        """Ask for the same without credentials, as soon as an operation has answered well with them."""
        unguarded = play_unguarded(
            self.document, [exchange], self.traffic.send, service=self.service, secret_names=self.secret_names
        )
        for finding in unguarded:
            with self.lock:
                self.stories.setdefault(finding.fingerprint, finding)

    @property
    def secret_names(self) -> list[str]:
        """The configured headers: any of them may be a credential."""
        return [name for name, _ in self.headers]

    def resend(self, request: Request) -> Exchange | None:
        """Send outside of the count of cases: confirming and reducing."""
        return None if self.traffic.spent else self.traffic.send(request, counted=False)


def _with(headers: tuple[tuple[str, str], ...], forced: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Configured headers replace generated ones: made-up credentials would test nothing but the door."""
    if not forced:
        return headers
    names = {name for name, _ in forced}
    return (*(one for one in headers if one[0] not in names), *forced)


def fuzz(
    document: Document,
    base_url: str,
    config: ServiceConfig | None = None,
    *,
    service: str = "",
    headers: Mapping[str, str] | None = None,
    limits: LimitsConfig | None = None,
    sender: Sender | None = None,
    shard: tuple[int, int] | None = None,
    only: Sequence[str] = (),
    changed: Collection[str] = (),
    used: Collection[str] = (),
    progress: Callable[[FuzzProgress], None] | None = None,
) -> FuzzResult:
    """Fuzz a service with requests made from a document, within the configured seconds and cases.

    ``document`` is what is promised: the live document or the snapshot. ``changed`` and ``used`` are the names of
    operations that get the budget first. ``sender`` replaces the HTTP sender (an application in process); it must add
    no headers of its own, since some requests are sent without credentials on purpose; it is not closed.

    Never raises for what the service does; raises :class:`UsageError` for settings or a document that cannot be used.
    """
    settings = config or ServiceConfig()
    wanted = settings.fuzz
    began = time.monotonic()
    bounds = Bounds.of(limits or LimitsConfig())
    bounds = replace(bounds, max_bytes=min(bounds.max_bytes, 4 * 1024 * 1024), stream_seconds=0.3, events=3)
    line = sender or HttpSender(base_url, bounds=bounds, allow_unsafe_hosts=tuple(settings.replay.allow_unsafe_hosts))
    forced = tuple((name.lower(), value) for name, value in (headers or {}).items())
    tiers, left_out = plan(
        document,
        exclude=(*wanted.exclude, *settings.replay.unsafe),
        only=only,
        trusted=line.trusted,
        safe=settings.replay.safe,
        shard=shard,
        changed=changed,
        used=used,
    )

    def look() -> tuple[tuple[ProbeResult, ...], Verdict | None]:
        told = preflight(line.base_url, document, settings, dict(forced), limits=limits, sender=_Headed(line, forced))
        return told.probes, told.outage

    traffic = Traffic(
        line,
        document,
        bounds,
        deadline=began + wanted.seconds,
        cases=wanted.cases,
        rate=parse_rate(wanted.rate_limit),
        look=look,
    )
    run = _Run(document, traffic, service, forced, progress, began)
    notes: list[str] = list(left_out)
    try:
        if not tiers:
            stage = Stage("fuzz", StageStatus.SKIPPED, service, "no operations to fuzz", 0.0, {"cases": 0})
            return FuzzResult((), stage, notes=tuple(notes))
        notes += _generate(run, tiers, settings, base_url=line.base_url)
        findings = _conclude(run, tiers)
    finally:
        if sender is None:
            line.close()
    notes += [f"looked like an outage for a moment: {one}" for one in traffic.passing[:5]]
    return _result(run, tiers, findings, notes, began)


class _Headed:
    """A sender that adds the configured headers, for the probes."""

    def __init__(self, inner: Sender, headers: tuple[tuple[str, str], ...]) -> None:
        self.inner = inner
        self.headers = headers
        self.base_url = inner.base_url
        self.trusted = inner.trusted

    def send(self, request: Request, bounds: Bounds | None = None) -> Exchange:
        return self.inner.send(replace(request, headers=_with(request.headers, self.headers)), bounds)

    def close(self) -> None:
        """Nothing of its own to close."""


def _generate(run: _Run, tiers: Sequence[Tier], settings: ServiceConfig, *, base_url: str) -> list[str]:
    """Let the engine run over the tiers in order, each operation's phases first, the stories across operations last."""
    wanted = settings.fuzz
    traffic = run.traffic
    phases = [phase for phase in PHASES if phase in wanted.phases]
    single = [phase for phase in phases if phase != "stateful"]
    end = traffic.deadline - wanted.seconds * _AFTER
    cases = traffic.cases
    notes: list[str] = []
    stories = 0.2 if "stateful" in phases and single else 0.0

    def go(document: Mapping[str, Any], chosen: Sequence[str], seconds: float, limit: int, seed: int) -> None:
        traffic.cases = min(cases, traffic.sent + max(1, limit))
        local = threading.Event()
        stop = _Either(local, traffic.stop)
        deadline = time.monotonic() + seconds
        # Where cases are scarce no operation takes them all: twice its part, and never less than a few.
        most = max(8, 2 * limit // max(1, sum(len(item) for item in document["paths"].values())))
        taken: dict[str, int] = {}

        def send(made: Generated) -> Exchange | None:
            if time.monotonic() > deadline:
                local.set()
                return None
            taken[made.operation] = taken.get(made.operation, 0) + 1
            if taken[made.operation] > most and "stateful" not in chosen:
                return None
            return run.send(made)

        told = run_engine(
            document,
            base_url,
            send,
            stop=stop,
            seconds=seconds + 5.0,
            seed=seed,
            phases=chosen,
            examples=wanted.examples_per_operation,
            workers=wanted.workers,
            headers=dict(run.headers),
        )
        notes.extend(f"{label}: {text}" if label else text for label, text in told.errors)
        if traffic.outage is None and traffic.sent < cases:
            traffic.stop.clear()  # a tier's share of the cases was used up, not the whole

    everything = frozenset().union(*(tier.names for tier in tiers))
    turn = 0
    while not traffic.stop.is_set() and end - time.monotonic() > 0.2 and traffic.sent < cases:
        # The first turn goes through all phases; those that enumerate would only send the same again, those that draw
        # take further turns with further seeds for as long as the budget lasts.
        here = single if turn == 0 else [phase for phase in single if phase == "fuzzing"]
        before, known = traffic.sent, run.fresh
        left_share = 1.0
        for tier in tiers if here else ():
            if traffic.stop.is_set() or end - time.monotonic() <= 0.2:
                break
            seconds = (end - time.monotonic()) * (1.0 - stories) * tier.share / left_share
            limit = int((cases - traffic.sent) * (1.0 - stories) * tier.share / left_share)
            go(restricted(run.document, tier.names), here, max(1.0, seconds), limit, wanted.seed + turn)
            left_share = max(1e-6, left_share - tier.share)
        if "stateful" in phases and not traffic.stop.is_set() and end - time.monotonic() > 0.2:
            # A story costs several requests: within a turn stories get their part of the cases, not all that is left.
            limit = max(1, int((cases - traffic.sent) * (0.5 if here else 1.0)))
            document = restricted(run.document, everything)
            go(document, ["stateful"], end - time.monotonic(), limit, wanted.seed + turn)
        turn += 1
        fresh = run.fresh - known
        if fresh <= (traffic.sent - before) * _WORTHWHILE or not (set(phases) & {"fuzzing", "stateful"}):
            break  # a small document is soon exhausted: what is drawn now was sent before
    traffic.cases = cases
    if traffic.outage is None:
        traffic.stop.clear()
    return list(dict.fromkeys(notes))[:20]


class _Either(threading.Event):
    """An event that is set when one of two is."""

    def __init__(self, first: threading.Event, second: threading.Event) -> None:
        super().__init__()
        self.first = first
        self.second = second

    def is_set(self) -> bool:
        return self.first.is_set() or self.second.is_set()

    def set(self) -> None:
        self.first.set()


def _conclude(run: _Run, tiers: Sequence[Tier]) -> list[Finding]:
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


def _confirmed(run: _Run, candidate: Candidate) -> Finding | None:
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


def _server_error(run: _Run, candidate: Candidate, again: Exchange, *, comes_back: bool) -> Finding | None:
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


def _unconfirmed(run: _Run, candidate: Candidate) -> Finding | None:
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


def _dropped(run: _Run) -> list[Finding]:
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
        match = match_operation(run.document, exchange.request.method, _path(exchange.request.url))
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


def _path(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).path or "/"


def _result(
    run: _Run, tiers: Sequence[Tier], findings: list[Finding], notes: Sequence[str], began: float
) -> FuzzResult:
    traffic = run.traffic
    names = frozenset().union(*(tier.names for tier in tiers))
    reached = {operation_of(one, run.document) for one in traffic.recent()} | run.reached
    unreached = sorted(names - reached)
    seconds = time.monotonic() - began
    counts = {
        "cases": traffic.sent,
        "operations": len(names) - len(unreached),
        "not reached": len(unreached),
        "findings": len(findings),
    }
    status, reason = StageStatus.RAN, ""
    told = list(notes)
    if traffic.outage is not None:
        status, reason = StageStatus.BLOCKED, traffic.outage.sentence
        findings.append(outage_finding(traffic.outage, run.service, run.document))
        what = unreached or sorted(names)
        findings.append(not_judged(what, "operation", traffic.outage, "fuzz", run.service))
    elif unreached:
        told.append(f"the budget ended before {len(unreached)} operations were reached: {', '.join(unreached[:5])}")
    stage = Stage("fuzz", status, run.service, reason, seconds, counts)
    return FuzzResult(tuple(findings), stage, traffic.recent(), traffic.sent, traffic.outage, tuple(told))
