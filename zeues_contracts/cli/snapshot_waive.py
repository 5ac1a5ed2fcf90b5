"""``zeues-contracts snapshot waive``: tolerate findings until a date, with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Target, say, service_options
from zeues_contracts.cli.snapshot_common import below, ci_option, env_option, gather, reason_option
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zeues_contracts.findings import Finding
    from zeues_contracts.snapshots import SnapshotFiles

__all__ = ["waive"]


@click.command("waive")
@service_options(several=True, metavar="[SERVICE] FINGERPRINT...")
@env_option
@click.option("--until", default="", metavar="DATE", help="The last day: 2027-01-31, or 30d, 6w from today.")
@reason_option
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    metavar="FILE",
    help="A JSON report that holds the findings (check --format json); by default the drift of now.",
)
@click.option("--remove", is_flag=True, help="Take the waivers of these fingerprints out.")
@click.option("--prune", is_flag=True, help="Take out waivers that have expired or that nothing needs any more.")
@ci_option
def waive(
    target: Target,
    environment: str,
    until: str,
    reason: str,
    report_file: Path | None,
    remove: bool,
    prune: bool,
    ci: bool,
) -> int:
    r"""Tolerate findings until a date, with a reason.

    FINGERPRINT is what a report prints beside a finding; its first digits are enough. A waiver never hides a finding
    that has got worse since. Expired and unused waivers are findings themselves.

    \b
    Examples:
      zeues-contracts snapshot waive 3f2a91c04b7d --until 2027-01-31 --reason "the app follows in January"
      zeues-contracts snapshot waive 3f2a91c04b7d --until 6w --reason "…" --report report.json
      zeues-contracts snapshot waive --prune
    """
    from zeues_contracts.config import load_config
    from zeues_contracts.snapshots.updating import require_may_write

    require_may_write(told=ci)
    known = load_config(target.config_file).services
    fingerprints = tuple(one for one in target.services if one not in known)
    target = target._replace(services=tuple(one for one in target.services if one in known))
    if remove or prune:
        if until or (fingerprints and not remove):
            raise UsageError("--prune and --remove take waivers out", hint="waive in a call of its own")
        return _take_out(target, environment, fingerprints if remove else (), report_file, prune=prune)
    return _add(target, environment, fingerprints, until, reason, report_file)


def _add(
    target: Target,
    environment: str,
    fingerprints: Sequence[str],
    until: str,
    reason: str,
    report_file: Path | None,
) -> int:
    from zeues_contracts.snapshots.review import find_change
    from zeues_contracts.snapshots.updating import Approval, actor_for, approve
    from zeues_contracts.snapshots.waivers import parse_until

    if not fingerprints or not until or not reason.strip():
        raise UsageError(
            "a waiver needs fingerprints, an end and a reason",
            hint='snapshot waive FINGERPRINT --until 2027-01-31 --reason "…"',
        )
    day = parse_until(until, _today())
    files, seen, findings = _findings(target, environment, report_file)
    chosen = {one.fingerprint: one for one in (find_change(findings, text) for text in fingerprints)}
    waived, ends = tuple(chosen.values()), dict.fromkeys(chosen, day)
    approval = Approval(waived=waived, until=ends, reason=reason, actor=actor_for(files))
    approve(files, None, approval, action="waive", seen=seen)
    for one in waived:
        say(f"Waived until {day}: {one.fingerprint} {one.rule} {one.operation}: {one.message}")
    say(f"Wrote {below(files.waivers)}")
    return 0


def _take_out(
    target: Target, environment: str, fingerprints: Sequence[str], report_file: Path | None, *, prune: bool
) -> int:
    from zeues_contracts.findings import Cause
    from zeues_contracts.snapshots import read_waivers, snapshot_files
    from zeues_contracts.snapshots.updating import prune_waivers
    from zeues_contracts.snapshots.waivers import unused_waivers

    selection = target.load()
    files = snapshot_files(selection.config, selection.service, environment)
    waivers = read_waivers(files.waivers)
    gone = {one.fingerprint for one in waivers if any(one.fingerprint.startswith(text) for text in fingerprints)}
    if fingerprints and not gone:
        raise UsageError("--remove: there is no waiver of these fingerprints", hint=f"see {below(files.waivers)}")
    if prune:
        gone |= {one.fingerprint for one in waivers if one.until < _today()}
        _, _, findings = _findings(target, environment, report_file)
        # Drift alone was looked for, unless a report says what else there is.
        causes = None if report_file is not None else (Cause.DRIFT,)
        gone |= {one.fingerprint for one in unused_waivers(findings, waivers, causes=causes)}
    prune_waivers(files, sorted(gone))
    say(f"{below(files.waivers)}: took out {len(gone)} waiver{'s' if len(gone) != 1 else ''}")
    return 0


def _findings(
    target: Target, environment: str, report_file: Path | None
) -> tuple[SnapshotFiles, str, tuple[Finding, ...]]:
    """The files, the snapshot's digest, and the findings that can be waived."""
    from zeues_contracts.snapshots import snapshot_files
    from zeues_contracts.snapshots.updating import current_digest

    if report_file is None:
        work = gather(target, environment)
        return work.files, work.seen, work.changes
    import json

    from zeues_contracts.report import report_from_json

    selection = target.load()
    files = snapshot_files(selection.config, selection.service, environment)
    try:
        value = json.loads(report_file.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{report_file}: no JSON: {error}") from None
    report = report_from_json(value, source=str(report_file))
    return files, current_digest(files), (*report.findings, *report.waived)


def _today() -> date:
    return datetime.now(UTC).date()
