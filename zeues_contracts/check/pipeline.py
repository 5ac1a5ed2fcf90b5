"""The pipeline: acquire, preflight, drift, contracts, replay, fuzz, and what all of it comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zeues_contracts.check import stages
from zeues_contracts.check.again import again
from zeues_contracts.check.doors import still_open
from zeues_contracts.check.events import Event, Listener
from zeues_contracts.check.identity import identity
from zeues_contracts.check.sent import told_sent
from zeues_contracts.check.settings import check_operations
from zeues_contracts.check.settling import settle
from zeues_contracts.check.stages import NOTHING_RUNS
from zeues_contracts.check.subject import Subject
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Finding, Forecast, Report, StageStatus, in_report_order

if TYPE_CHECKING:
    from zeues_contracts.config import Config

__all__ = ["check"]

# Cause -> the stages that have to have run before its absence means anything.
_LOOKED_FOR = {
    Cause.DRIFT: frozenset({"drift"}),
    Cause.MISMATCH: frozenset({"contracts"}),
    Cause.VIOLATION: frozenset({"replay", "fuzz"}),
    Cause.OUTAGE: frozenset({"health"}),
}


def check(
    config: Config,
    services: Sequence[str] = (),
    *,
    only: Sequence[str] = (),
    headers: Sequence[str] = (),
    since: str = "",
    shard: tuple[int, int] | None = None,
    today: dt.date | None = None,
    pending: bool = False,
    listen: Listener | None = None,
) -> Report:
    """Check services and say of everything found which cause it has.

    ``services`` are names of the configuration, by default all. ``only`` are stages (see ``stages.STAGES``), by default
    all that the configuration enables. ``headers`` are raw ``Name: value`` texts that win over the configuration's.
    ``since`` is a git revision whose snapshot is compared with instead of the working folder's. ``pending`` leaves
    ``SERVICE.pending.json`` beside the snapshot where there is drift, for a later review.

    An outage is no error of this function: it is in the report (``cannot_judge``), with all that needs no service.
    Raises :class:`UsageError` for input that cannot be used.
    """
    unknown = [one for one in only if one not in stages.STAGES]
    if unknown:
        raise UsageError(f"there is no stage {unknown[0]!r}", hint=f"there are {', '.join(stages.STAGES)}")
    day = today or dt.datetime.now(dt.UTC).date()
    names = tuple(services) or tuple(config.services)
    subjects = [
        _check_one(config, name, only, headers, since, shard, day, pending, listen or _nobody) for name in names
    ]
    return _report(config, subjects, day, only)


def _nobody(_: Event) -> None:
    """Listens to nothing."""


def _check_one(
    config: Config,
    name: str,
    only: Sequence[str],
    headers: Sequence[str],
    since: str,
    shard: tuple[int, int] | None,
    day: dt.date,
    pending: bool,
    listen: Listener,
) -> Subject:
    from zeues_contracts.consumers import read_contracts
    from zeues_contracts.http import collect_headers

    settings = config.services[name]
    subject = Subject(config, name, settings, collect_headers(settings.headers, headers), tuple(headers), listen)
    # What is in the repository first: a broken contract is told at once, not after a minute of requests.
    subject.contracts = read_contracts(config, name)
    subject.read_snapshot(since)
    wanted = {
        "health": settings.health.enabled,
        "drift": True,
        "contracts": True,
        "replay": settings.replay.enabled,
        "fuzz": settings.fuzz.enabled,
    }
    if only:
        wanted = {stage: stage in only for stage in wanted}
    subject.sends = wanted["replay"] or wanted["fuzz"]
    subject.acquire()
    check_operations(subject)
    if subject.live is not None:
        from zeues_contracts.openapi import document_findings

        subject.add(document_findings(subject.live, name))
    if wanted["health"] or (subject.live is None and subject.runs()):
        stages.health(subject)
    else:
        identity(subject)
    if wanted["drift"]:
        stages.drift(subject, day)
    if wanted["contracts"]:
        stages.contracts(subject)
    sent = len(subject.traffic)
    if wanted["replay"]:
        stages.replay(subject)
    if wanted["fuzz"]:
        stages.fuzz(subject, shard=shard)
    if wanted["health"] and len(subject.traffic) > sent:
        stages.health_again(subject)
    still_open(subject)
    again(subject, day, sent=len(subject.traffic) > sent)
    settle(subject)
    if subject.live is None and subject.outage is None:
        _note_unreachable(subject)
    note = told_sent(subject.sent, subject.base_url())
    if note:
        subject.notes.append(note)
    if pending and subject.live is not None and subject.snapshot is not None:
        _leave_pending(subject)
    return subject


def _note_unreachable(subject: Subject) -> None:
    """The service answers, but not with a document that can be read: a finding about the way to it."""
    from zeues_contracts.findings import Place
    from zeues_contracts.rules import rule

    entry = rule("ZC113")
    place = Place(subject.source, role="live") if subject.source else None
    subject.add([entry.finding(subject.unreachable, service=subject.name, subject="document", place=place)])


def _leave_pending(subject: Subject) -> None:
    from zeues_contracts.snapshots import snapshot_files, write_pending

    assert subject.live is not None
    drifted = [one for one in subject.findings if one.cause is Cause.DRIFT]
    if drifted:
        path = snapshot_files(subject.config, subject.name).pending
        write_pending(path, subject.live, drifted, source=subject.source)
        subject.notes.append(f"{path}: what was seen, for `zeues-contracts snapshot review --from {path}`")


def _report(config: Config, subjects: Sequence[Subject], day: dt.date, only: Sequence[str]) -> Report:
    from zeues_contracts.check.folding import folded
    from zeues_contracts.levels import apply_levels
    from zeues_contracts.live.grouping import grouped

    findings: list[Finding] = []
    waived: list[Finding] = []
    forecasts: list[Forecast] = []
    for subject in subjects:
        levelled = folded(apply_levels(subject.repeatable(grouped(subject.findings)), config, subject.name))
        kept, tolerated, extra = _waived(subject, levelled, day)
        findings += [*kept, *apply_levels(extra, config, subject.name)]
        waived += tolerated
        if subject.contracts and (subject.replayed or any(one.cause.value == "mismatch" for one in levelled)):
            from zeues_contracts.triage.forecast import forecast

            forecasts += forecast(subject.contracts, levelled, subject.replayed, subject.probes)
    return Report(
        findings=in_report_order(findings),
        stages=tuple(stage for subject in subjects for stage in subject.stages),
        waived=in_report_order(waived),
        forecast=tuple(forecasts),
        cannot_judge="; ".join(dict.fromkeys(reason for one in subjects if (reason := _cannot_judge(one, only)))),
        title="Contract check",
        sources={one.name: one.source for one in subjects if one.source},
        notes=tuple(dict.fromkeys(note for subject in subjects for note in subject.notes)),
    )


def _waived(
    subject: Subject, findings: Sequence[Finding], day: dt.date
) -> tuple[Sequence[Finding], Sequence[Finding], Sequence[Finding]]:
    from zeues_contracts.snapshots import snapshot_files
    from zeues_contracts.snapshots.waivers import apply_waivers, read_waivers

    waivers = read_waivers(snapshot_files(subject.config, subject.name).waivers)
    if not waivers:
        return findings, (), ()
    # A part of a check, or one that an outage cut short, does not tell whether a waiver is used.
    ran = {stage.name for stage in subject.stages if stage.status is StageStatus.RAN}
    causes = {cause for cause, needed in _LOOKED_FOR.items() if needed <= ran and subject.outage is None}
    return apply_waivers(findings, waivers, day, service=subject.name, causes=causes)


def _cannot_judge(subject: Subject, only: Sequence[str]) -> str:
    """Why the run on a service ends with exit code 3, or empty.

    Who asks for some stages alone takes a run in which none of them could be judged for a pass, unless told.
    """
    if subject.outage is not None:
        return f"{subject.name}: {subject.outage.sentence}"
    if subject.unreachable:
        return f"{subject.name}: {subject.unreachable}"
    if subject.closed is not None and subject.sends:
        return f"{subject.name}: {subject.closed.message}"
    asked = [stage for stage in subject.stages if stage.name in only]
    if asked and not any(stage.status is StageStatus.RAN for stage in asked):
        undone = [stage for stage in asked if stage.status is StageStatus.BLOCKED or stage.reason == NOTHING_RUNS]
        return "; ".join(f"{subject.name}: {stage.name}: {stage.reason}" for stage in undone)
    return ""
