"""Fuzzing: generated requests against what the service promised, each violation confirmed, reduced and told apart.

The engine (``engine``) makes the requests, the traffic (``fuzz_traffic``) bounds and watches them, the rules judge the
answers (``candidates``), and what is suspected is sent again before it is called a violation: a bug comes back, an
outage is named as one and ends the run with what was found so far.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zeues_contracts.config import LimitsConfig, ServiceConfig
from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Finding, Stage, StageStatus
from zeues_contracts.live.engine import PHASES, Generated, run_engine
from zeues_contracts.live.fuzz_confirm import conclude
from zeues_contracts.live.fuzz_plan import Tier, parse_rate, plan, restricted
from zeues_contracts.live.fuzz_run import FuzzProgress, FuzzRun, with_headers
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.health import preflight
from zeues_contracts.live.limits import Bounds
from zeues_contracts.live.outages import not_judged, outage_finding
from zeues_contracts.live.sending import HttpSender, Sender
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.classify import operation_of
from zeues_contracts.triage.model import ProbeResult, Verdict

__all__ = ["FuzzProgress", "FuzzResult", "Headed", "fuzz"]

_WORTHWHILE = 0.2
"""A turn of which fewer requests than this were new is the last one."""
_AFTER = 0.25
"""The part of the time that is kept for confirming, reducing and the stories."""


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """What a run found. ``exchanges`` are the latest of the run; ``cases`` counts the requests."""

    findings: tuple[Finding, ...]
    stage: Stage
    exchanges: tuple[Exchange, ...] = ()
    cases: int = 0
    outage: Verdict | None = None
    notes: tuple[str, ...] = ()


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
        told = preflight(line.base_url, document, settings, dict(forced), limits=limits, sender=Headed(line, forced))
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
    run = FuzzRun(document, traffic, service, forced, progress, began, tuple(settings.replay.safe))
    notes: list[str] = list(left_out)
    try:
        if not tiers:
            stage = Stage("fuzz", StageStatus.SKIPPED, service, "no operations to fuzz", 0.0, {"cases": 0})
            return FuzzResult((), stage, notes=tuple(notes))
        notes += _generate(run, tiers, settings, base_url=line.base_url)
        findings = conclude(run)
    finally:
        if sender is None:
            line.close()
    notes += [f"looked like an outage for a moment: {one}" for one in traffic.passing[:5]]
    return _result(run, tiers, findings, notes, began)


class Headed:
    """A sender that adds the configured headers, for the probes."""

    def __init__(self, inner: Sender, headers: tuple[tuple[str, str], ...]) -> None:
        self.inner = inner
        self.headers = headers
        self.base_url = inner.base_url
        self.trusted = inner.trusted

    def send(self, request: Request, bounds: Bounds | None = None) -> Exchange:
        """Send with the headers; a request's own win."""
        return self.inner.send(replace(request, headers=with_headers(request.headers, self.headers)), bounds)

    def close(self) -> None:
        """Nothing of its own to close."""


def _generate(run: FuzzRun, tiers: Sequence[Tier], settings: ServiceConfig, *, base_url: str) -> list[str]:
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
        # Where cases are scarce no operation takes them all: its part, and never less than a few.
        most = max(8, limit // max(1, sum(len(item) for item in document["paths"].values())))
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


def _result(
    run: FuzzRun, tiers: Sequence[Tier], findings: list[Finding], notes: Sequence[str], began: float
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
