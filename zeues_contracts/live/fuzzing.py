"""Fuzzing: generated requests against what the service promised, each violation confirmed, reduced and told apart.

The engine (``engine``) makes the requests, the traffic (``fuzz_traffic``) bounds and watches them, the rules judge the
answers (``candidates``), and what is suspected is sent again before it is called a violation: a bug comes back, an
outage is named as one and ends the run with what was found so far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from zeues_contracts.config import LimitsConfig, ServiceConfig
from zeues_contracts.exchange import Exchange
from zeues_contracts.findings import Finding, Stage, StageStatus
from zeues_contracts.live.access import judge_access
from zeues_contracts.live.apart import apart_findings
from zeues_contracts.live.fuzz_confirm import conclude
from zeues_contracts.live.fuzz_plan import Tier, check_named, parse_rate, plan
from zeues_contracts.live.fuzz_run import FuzzProgress, FuzzRun
from zeues_contracts.live.fuzz_traffic import Traffic
from zeues_contracts.live.fuzz_turns import generate
from zeues_contracts.live.health import preflight
from zeues_contracts.live.limits import Bounds
from zeues_contracts.live.outages import not_judged, outage_finding
from zeues_contracts.live.sending import Headed, HttpSender, Sender
from zeues_contracts.openapi.model import Document
from zeues_contracts.triage.classify import operation_of
from zeues_contracts.triage.model import ProbeResult, Verdict

__all__ = ["FuzzProgress", "FuzzResult", "fuzz"]

_SETUP = 60.0
"""Seconds within which the first request has to be made. They are ours, not the budget's: that begins with it."""


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """What a run found.

    ``exchanges`` are the latest of the run; ``cases`` counts the requests that were made up, ``methods`` all that were
    sent. ``closed`` says that nothing which needs credentials let us in. ``apart`` are operations that are out while
    others are well.
    """

    findings: tuple[Finding, ...]
    stage: Stage
    exchanges: tuple[Exchange, ...] = ()
    cases: int = 0
    outage: Verdict | None = None
    notes: tuple[str, ...] = ()
    methods: Mapping[str, int] = field(default_factory=dict)
    closed: Finding | None = None
    apart: Mapping[str, Verdict] = field(default_factory=dict)


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
    before: Sequence[Exchange] = (),
    progress: Callable[[FuzzProgress], None] | None = None,
) -> FuzzResult:
    """Fuzz a service with requests made from a document, within the configured seconds and cases.

    The seconds count from the first request; what it takes to get there is bounded by a minute.

    ``document`` is what is promised: the live document or the snapshot. ``changed`` and ``used`` are the names of
    operations that get the budget first. ``before`` are exchanges seen before, which help to tell causes. ``sender``
    replaces the HTTP sender (an application in process); it must add no headers of its own, since some requests are
    sent without credentials on purpose; it is not closed.

    Never raises for what the service does; raises :class:`UsageError` for settings or a document that cannot be used,
    and for a name in ``only`` that no operation has.
    """
    check_named(document, only)
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
        deadline=began + _SETUP,
        seconds=wanted.seconds,
        cases=wanted.cases,
        rate=parse_rate(wanted.rate_limit),
        look=look,
        unsafe=tuple(settings.replay.unsafe),
        before=tuple(before),
    )
    run = FuzzRun(document, traffic, service, forced, progress, began, tuple(settings.replay.safe))
    notes: list[str] = list(left_out)
    try:
        if not tiers:
            return _nothing(document, service, shard, left_out)
        notes += generate(run, tiers, settings, base_url=line.base_url)
        findings = conclude(run)
    finally:
        if sender is None:
            line.close()
    notes += [f"looked like an outage for a moment: {one}" for one in traffic.passing[:5]]
    return _result(run, tiers, findings, notes, began)


def _nothing(document: Document, service: str, shard: tuple[int, int] | None, left_out: Sequence[str]) -> FuzzResult:
    """A run without operations: an empty shard is as it should be, anything else was not judged."""
    if shard is not None and document.operations:
        status, reason = StageStatus.SKIPPED, f"no operations in shard {shard[0]}/{shard[1]}"
    elif not document.operations:
        status, reason = StageStatus.BLOCKED, "the document has no operations"
    elif left_out:
        status, reason = StageStatus.BLOCKED, f"no operation may be sent: {left_out[0]}"
    else:
        status, reason = StageStatus.BLOCKED, "every operation is excluded by the configuration"
    stage = Stage("fuzz", status, service, reason, 0.0, {"cases": 0, "operations": 0})
    return FuzzResult((), stage, notes=tuple(left_out))


def _unreached(sentence: str, names: Sequence[str]) -> list[str]:
    """A note on operations that were not reached, where there are any."""
    if not names:
        return []
    count = f"{len(names)} operations" if len(names) > 1 else "1 operation"
    return [f"{sentence.format(count)}: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"]


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
    elif traffic.apart:
        known = {one.fingerprint for one in findings}
        told_apart = apart_findings(traffic.apart, run.service, run.document)
        findings += [one for one in told_apart if one.fingerprint not in known]
    if traffic.outage is None and not traffic.sent:
        status, reason = StageStatus.BLOCKED, f"no request was made: {told[0] if told else 'none could be generated'}"
    elif traffic.outage is None and unreached:
        refused = [name for name in unreached if any(note.startswith(f"{name}:") for note in notes)]
        late = [name for name in unreached if name not in refused]
        told += _unreached("the engine made nothing for {}", refused)
        told += _unreached("the budget ended before {} could be reached", late)
    stage = Stage("fuzz", status, run.service, reason, seconds, counts)
    closed = None
    if traffic.outage is None:
        sent = tuple(name for name, _ in run.headers)
        closed = judge_access(run.document, tuple(run.doors.values()), run.service, configured=sent)
    return FuzzResult(
        tuple(findings),
        stage,
        traffic.recent(),
        traffic.sent,
        traffic.outage,
        tuple(told),
        dict(traffic.methods),
        closed,
        dict(traffic.apart),
    )
