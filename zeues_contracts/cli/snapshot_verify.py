"""Commands that look at snapshots: ``verify`` and ``diff``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import (
    Output,
    Target,
    config_option,
    load_configuration,
    report_options,
    service_argument,
    service_options,
)
from zeues_contracts.cli.snapshot_common import (
    below,
    changes_between,
    ci_option,
    env_option,
    reason_option,
    say,
)
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.findings import Finding
    from zeues_contracts.openapi.model import Document

__all__ = ["diff", "verify"]


@click.command("verify")
@service_argument(several=True)
@config_option
@env_option
@click.option(
    "--against",
    default="HEAD",
    show_default=True,
    metavar="REV",
    help="The git revision whose entries must all be there still (in a pull request: main...); empty for none.",
)
@click.option(
    "--repair", "mend", is_flag=True, help="Mend what needs no decision: a cut-off update, a reformatted file."
)
@click.option("--adopt", is_flag=True, help="Approve the snapshot as it lies there; wants a --reason.")
@reason_option
@ci_option
@report_options
def verify(
    services: tuple[str, ...],
    config_file: Path | None,
    environment: str,
    against: str,
    mend: bool,
    adopt: bool,
    reason: str,
    ci: bool,
    output: Output,
) -> int:
    r"""Check that snapshots are what was approved and that their ledgers are whole; say how to mend what is not.

    \b
    Examples:
      zeues-contracts snapshot verify
      zeues-contracts snapshot verify --against main...     in a pull request
      zeues-contracts snapshot verify --repair
    """
    from zeues_contracts.findings import Report, Stage, StageStatus, in_report_order
    from zeues_contracts.levels import apply_levels
    from zeues_contracts.snapshots import snapshot_files, updating, verify_files

    selection = load_configuration(config_file, services)
    if adopt and not reason.strip():
        raise UsageError("--adopt approves a snapshot: it wants a reason", hint="--reason TEXT")
    if mend or adopt:
        updating.require_may_write(told=ci)
    findings: list[Finding] = []
    stages = []
    for service in selection.services:
        files = snapshot_files(selection.config, service, environment)
        if mend:
            written = updating.repair(files)
            say(f"{service}: mended {', '.join(written)}" if written else f"{service}: there was nothing to mend")
        if adopt:
            updating.adopt(files, reason, actor=updating.actor_for(files))
            say(f"{service}: adopted {below(files.snapshot)}")
        found = verify_files(files, service, against)
        findings += apply_levels(found, selection.config, service)
        present = files.snapshot.exists() or files.ledger.exists()
        stages.append(
            Stage(
                "verify",
                StageStatus.RAN if present else StageStatus.SKIPPED,
                service,
                "" if present else "no snapshot yet: take the first one with `zeues-contracts snapshot update`",
            )
        )
    report = Report(in_report_order(findings), tuple(stages), title="Snapshots")
    return output.emit(report, selection.config)


@click.command("diff")
@service_options
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME",
    help="Twice: from one environment's snapshot to another's. Once: from the plain snapshot to it.",
)
@report_options
def diff(target: Target, environments: tuple[str, ...], output: Output) -> int:
    r"""Drift between the snapshots of two environments, or from the snapshot to what is live.

    \b
    Examples:
      zeues-contracts snapshot diff
      zeues-contracts snapshot diff --env production --env staging
    """
    from zeues_contracts.findings import Report, Stage, StageStatus, in_report_order
    from zeues_contracts.snapshots import read_snapshot, snapshot_path

    if len(environments) > 2:
        raise UsageError("--env was given more than twice", hint="a comparison has two sides")
    selection = target.load(fail_level=output.fail_level)
    config, service = selection.config, selection.service
    names = ("", *environments) if len(environments) == 1 else environments
    documents: list[Document] = [read_snapshot(snapshot_path(config, service, name), config) for name in names]
    if not names:
        from zeues_contracts.openapi.sources import live_document

        documents = [read_snapshot(snapshot_path(config, service), config)]
        documents.append(live_document(config, service, selection.headers))
    changes = changes_between(config, service, documents[0], documents[1])
    stage = Stage("drift", StageStatus.RAN, service)
    title = f"{names[0] or 'snapshot'} → {names[1]}" if names else "snapshot → live"
    return output.emit(Report(in_report_order(changes), (stage,), title=title), config)
