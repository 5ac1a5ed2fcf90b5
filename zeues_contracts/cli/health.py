"""``zeues-contracts health``: probe a service and what it depends on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.fuzz import base_url_option, subject_of
from zeues_contracts.cli.options import Output, Target, report_options, service_options
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.check.subject import Subject
    from zeues_contracts.findings import Report
    from zeues_contracts.live.health import HealthResult
    from zeues_contracts.triage.model import ProbeResult

__all__ = ["command"]


@click.command("health")
@service_options
@base_url_option
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=None, help="How long to wait for each answer, at most 5."
)
@report_options
def command(target: Target, output: Output, base_url: str, timeout: float | None) -> int:
    r"""Probe a service and what it depends on, and say whether its health endpoints are honest.

    Only GET is sent, to the probes of the configuration and to what looks like a health endpoint.

    \b
    Exit codes: 0 all well; 1 a finding without an outage; 2 usage or configuration;
    3 the service, or something it depends on, is out.

    \b
    Examples:
      zeues-contracts health
      zeues-contracts health --url http://localhost:8000/docs --format json
    """
    import msgspec

    from zeues_contracts.live.health import preflight

    subject = subject_of(target, output, base_url)
    if not subject.runs():
        raise UsageError(
            f"service {subject.name!r}: there is nothing to probe, only a document",
            hint="give --base-url, --url or --app, or `url` in the configuration",
        )
    limits = subject.config.limits
    if timeout is not None:
        limits = msgspec.structs.replace(limits, timeout=timeout)
    if subject.settings.document:
        subject.acquire()  # a file is at hand; a service that is out should not be asked for its document first
    began = time.monotonic()
    sender = subject.sender()
    try:
        with output.progress() as progress:
            progress.show(f"{subject.name}: probing")
            result = preflight(
                subject.base_url(),
                subject.live,
                subject.settings,
                subject.headers,
                service=subject.name,
                limits=limits,
                sender=sender,
            )
    finally:
        if sender is not None:
            sender.close()
    return output.emit(_report(result, subject, time.monotonic() - began), subject.config)


def _report(result: HealthResult, subject: Subject, seconds: float) -> Report:
    from zeues_contracts.findings import Report, Stage, StageStatus
    from zeues_contracts.levels import apply_levels

    notes = [_said(probe) for probe in result.probes]
    if not notes and result.outage is None:
        notes = ["no health endpoint was found; the service answers"]
    out = result.outage
    stage = Stage(
        "health",
        StageStatus.RAN,
        subject.name,
        seconds=seconds,
        counts={"probes": len(result.probes), "unhealthy": sum(one.healthy is False for one in result.probes)},
    )
    return Report(
        apply_levels(result.findings, subject.config, subject.name),
        (stage,),
        cannot_judge=out.sentence if out is not None else "",
        title="health",
        sources={subject.name: subject.base_url() or subject.source},
        notes=(*subject.notes, *notes),
    )


def _said(probe: ProbeResult) -> str:
    """``/api/redis-health (Redis): NOT healthy (200): Too many connections``."""
    word = {True: "healthy", False: "NOT healthy", None: "cannot tell"}[probe.healthy]
    of = f" ({probe.dependency})" if probe.dependency else ""
    status = f" ({probe.status})" if probe.status is not None else ""
    return f"{probe.path}{of}: {word}{status}" + (f": {probe.text}" if probe.text else "")
