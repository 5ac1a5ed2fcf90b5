"""``zeues-contracts fuzz``: look for violations of the document with generated requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.cli.options import Output, Target, report_options, service_options
from zeues_contracts.errors import CannotJudgeError, UsageError

if TYPE_CHECKING:
    from zeues_contracts.check.subject import Subject
    from zeues_contracts.config import Config
    from zeues_contracts.findings import Report
    from zeues_contracts.live.fuzzing import FuzzResult
    from zeues_contracts.openapi.model import Document

__all__ = ["base_url_option", "command", "subject_of"]

base_url_option = click.option(
    "--base-url", default="", metavar="URL", help="Where requests go, if not where the document is."
)


@click.command("fuzz")
@service_options
@base_url_option
@click.option(
    "--against",
    type=click.Choice(["live", "snapshot"]),
    default=None,
    help="Which document the service is held to: what it serves now (default) or the snapshot.",
)
@click.option("--seconds", type=click.FloatRange(min=0.5), default=None, help="Time budget, from the first request on.")
@click.option("--cases", type=click.IntRange(min=1), default=None, help="At most so many requests.")
@click.option("--seed", type=int, default=None, help="The same seed makes the same requests.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Requests at the same time; by default 1.")
@click.option(
    "--shard", default="", metavar="PART/PARTS", help="Fuzz one part of the operations, as 2/5 in a CI matrix."
)
@click.option(
    "--phases", default="", metavar="NAMES", help="Some phases alone, by commas: examples, coverage, fuzzing, stateful."
)
@click.option("--operation", "only", multiple=True, metavar="'METHOD /path'", help="Fuzz these alone; repeatable.")
@report_options
def command(
    target: Target,
    output: Output,
    base_url: str,
    against: str | None,
    seconds: float | None,
    cases: int | None,
    seed: int | None,
    workers: int | None,
    shard: str,
    phases: str,
    only: Sequence[str],
) -> int:
    r"""Look for violations of the document with generated requests.

    Methods other than GET and HEAD go to loopback only, unless the configuration allows more.

    \b
    Exit codes: 0 nothing at or above the fail level; 1 violations; 2 usage or configuration;
    3 the service, or something it depends on, went out, no request could be made, or none was let in.

    \b
    Examples:
      zeues-contracts fuzz --url http://localhost:8000/docs --seconds 10
      zeues-contracts fuzz shop --against snapshot
      zeues-contracts fuzz --app main:app --operation 'POST /orders' --seed 7
    """
    from zeues_contracts.live.fuzz_plan import parse_shard
    from zeues_contracts.live.fuzzing import fuzz

    given: dict[str, Any] = {
        "seconds": seconds,
        "cases": cases,
        "seed": seed,
        "workers": workers,
        "phases": _phases(phases),
        "against": against,
    }
    part = parse_shard(shard)
    subject = subject_of(target, output, base_url, fuzz={key: one for key, one in given.items() if one is not None})
    if not subject.runs():
        raise UsageError(
            f"service {subject.name!r}: there is nothing to fuzz, only a document",
            hint="give --base-url, --url or --app, or `url` in the configuration",
        )
    document = _document(subject)
    sender = subject.sender()
    try:
        with output.progress() as progress:
            result = fuzz(
                document,
                subject.base_url(),
                subject.settings,
                service=subject.name,
                headers=subject.headers,
                limits=subject.config.limits,
                sender=sender,
                shard=part,
                only=only,
                used=(),
                progress=lambda one: progress.show(
                    f"{one.cases} requests, {one.suspected} suspected, {one.seconds:.0f} s  {one.phase} {one.operation}"
                ),
            )
    finally:
        if sender is not None:
            sender.close()
    return output.emit(_report(result, subject), subject.config)


def subject_of(target: Target, output: Output, base_url: str = "", **changes: dict[str, Any]) -> Subject:
    """The service that a command is about, with flags over its settings. Raises :class:`UsageError`."""
    import msgspec

    from zeues_contracts.check.subject import Subject
    from zeues_contracts.http import collect_headers

    selection = target.load(fail_level=output.fail_level)
    config, name = selection.config, selection.service
    settings = config.services[name]
    for key, values in changes.items():
        settings = msgspec.structs.replace(settings, **{key: msgspec.structs.replace(getattr(settings, key), **values)})
    if base_url:
        settings = msgspec.structs.replace(settings, base_url=base_url)
    config = msgspec.structs.replace(config, services={**config.services, name: settings})
    headers = collect_headers(settings.headers, selection.headers)
    return Subject(config, name, settings, headers, selection.headers, lambda event: None)


def _document(subject: Subject) -> Document:
    """The document whose promise is to be kept."""
    if subject.settings.fuzz.against == "snapshot":
        from zeues_contracts.snapshots import read_snapshot, snapshot_path

        return read_snapshot(snapshot_path(subject.config, subject.name), subject.config)
    subject.acquire()
    if subject.live is None:
        raise CannotJudgeError(subject.unreachable, hint="; ".join(subject.notes))
    return subject.live


def _phases(text: str) -> list[str] | None:
    from zeues_contracts.live.engine import PHASES

    if not text:
        return None
    named = [one.strip() for one in text.split(",") if one.strip()]
    unknown = [one for one in named if one not in PHASES]
    if unknown or not named:
        raise UsageError(f"--phases {text}: there is no such phase", hint=f"there are {', '.join(PHASES)}")
    return named


def _report(result: FuzzResult, subject: Subject) -> Report:
    from zeues_contracts.findings import Report, StageStatus
    from zeues_contracts.levels import apply_levels

    config: Config = subject.config
    counts = result.stage.counts
    requests, operations = counts.get("cases", 0), counts.get("operations", 0)
    done = f"{requests} request{'s' * (requests != 1)} to {operations} operation{'s' * (operations != 1)}"
    findings = (*result.findings, *((result.closed,) if result.closed is not None else ()))
    closed = result.closed.message if result.closed is not None else ""
    note = f"{done} in {result.stage.seconds:.1f} s, seed {subject.settings.fuzz.seed}"
    return Report(
        apply_levels(subject.repeatable(findings), config, subject.name),
        (result.stage,),
        cannot_judge=result.stage.reason if result.stage.status is StageStatus.BLOCKED else closed,
        title="fuzz",
        sources={subject.name: subject.base_url() or subject.source},
        notes=(*subject.notes, *result.notes, note),
    )
