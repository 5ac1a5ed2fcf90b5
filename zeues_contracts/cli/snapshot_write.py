"""Commands that write snapshots at once: ``update``, ``pending``, ``resolve``, ``merge-driver``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import (
    Target,
    config_option,
    load_configuration,
    service_argument,
    service_options,
)
from zeues_contracts.cli.snapshot_common import (
    Work,
    below,
    ci_option,
    env_option,
    from_option,
    gather,
    reason_option,
    say,
)
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zeues_contracts.findings import Finding
    from zeues_contracts.snapshots import SnapshotFiles

__all__ = ["merge_driver", "pending", "resolve", "update"]


@click.command("update")
@service_options
@env_option
@from_option
@reason_option
@ci_option
@click.option("--dry-run", is_flag=True, help="Say what would be approved; write nothing.")
def update(target: Target, environment: str, pending_file: Path | None, reason: str, ci: bool, dry_run: bool) -> int:
    r"""Approve the live document as it is: all changes at once.

    Breaking changes want a --reason. Where CI is set nothing is written unless --ci says so.

    \b
    Examples:
      zeues-contracts snapshot update
      zeues-contracts snapshot update shop --reason "2.0 is released"
      zeues-contracts snapshot update --from snapshots/shop.pending.json --reason "as the build saw it"
    """
    from zeues_contracts.snapshots import updating
    from zeues_contracts.snapshots.contents import contents_of
    from zeues_contracts.snapshots.updating import Approval, actor_for, approve, require_reason

    if not dry_run:
        updating.require_may_write(told=ci)
    work = gather(target, environment, pending_file)
    updating.require_whole(work.files)
    if dry_run:
        click.echo(_would(work))
        return 0
    require_reason(work.changes, reason)
    approval = Approval(accepted=work.changes, reason=reason, source=work.source, actor=actor_for(work.files))
    done = approve(work.files, contents_of(work.live), approval, action="update", seen=work.seen)
    if not done.changed:
        click.echo(f"{below(work.files.snapshot)}: nothing has changed")
        return 0
    _forget(work.files, pending_file)
    what = "Took the first snapshot" if done.action == "create" else f"Approved {_count(work.changes)}"
    click.echo(f"{what}: {below(work.files.snapshot)}, {below(work.files.ledger)}")
    return 0


@click.command("pending")
@service_options
@env_option
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="The file to write; by default SERVICE.pending.json beside the snapshot.",
)
def pending(target: Target, environment: str, file: Path | None) -> int:
    r"""Write what is live now to SERVICE.pending.json, for a later review.

    `zeues-contracts check` does this by itself where CI is set. Keep the file as an artifact of the build: whoever
    reviews it decides about what the build saw, not about what the service has become since.

    \b
    Examples:
      zeues-contracts snapshot pending
      zeues-contracts snapshot pending shop --url https://staging.example.com/docs --file shop.pending.json
      zeues-contracts snapshot review --from snapshots/shop.pending.json
    """
    from zeues_contracts.snapshots import write_pending

    work = gather(target, environment)
    if not work.changes and work.old is not None:
        click.echo("Nothing has changed: there is nothing to review.")
        return 0
    path = file or work.files.pending
    write_pending(path, work.live, work.changes, work.source, snapshot=work.seen)
    click.echo(f"Left {_count(work.changes)} for a review: {below(path)}")
    click.echo(f"Next: zeues-contracts snapshot review --from {below(path)}")
    return 0


@click.command("resolve")
@service_argument()
@config_option
@env_option
@reason_option
@ci_option
def resolve(services: tuple[str, ...], config_file: Path | None, environment: str, reason: str, ci: bool) -> int:
    r"""Join a ledger that two branches appended to, and record the merged snapshot.

    For after a merge that git could not do: both branches' entries stay, and conflict markers go. To have git do it
    while it merges, see `zeues-contracts snapshot merge-driver --help`.

    \b
    Examples:
      zeues-contracts snapshot resolve
      zeues-contracts snapshot resolve shop --reason "both features are in 2.1"
    """
    from zeues_contracts.snapshots import merging, snapshot_files
    from zeues_contracts.snapshots.updating import actor_for, require_may_write

    require_may_write(told=ci)
    selection = load_configuration(config_file, services)
    files = snapshot_files(selection.config, selection.service, environment)
    done = merging.resolve(files, reason=reason, actor=actor_for(files))
    if done.merged_snapshot:
        click.echo(f"Merged {below(files.snapshot)} by its structure.")
    if done.joined:
        ends = " and ".join(f"line {one.line} ({one.actor or one.action})" for one in done.joined)
        click.echo(f"Joined {ends} in {below(files.ledger)}.")
    else:
        click.echo(f"{below(files.ledger)}: there were no branches to join.")
    click.echo(f"Next: git add {below(files.snapshot)} {below(files.ledger)}")
    return 0


@click.command("merge-driver")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.argument("name", default="")
def merge_driver(base: Path, ours: Path, theirs: Path, name: str) -> int:
    r"""Merge a snapshot or a ledger; git calls this.

    BASE, OURS and THEIRS are the files that git gives, NAME is the path in the repository; the result is in OURS.

    \b
    Once in the repository, in .gitattributes:
      snapshots/*.json          merge=zeues-contracts
      snapshots/*.ledger.jsonl  merge=zeues-contracts

    \b
    Examples (once in each clone; git then calls the third):
      git config merge.zeues-contracts.name "snapshots of zeues-contracts"
      git config merge.zeues-contracts.driver "zeues-contracts snapshot merge-driver %O %A %B %P"
      zeues-contracts snapshot merge-driver base.json ours.json theirs.json snapshots/shop.json

    Snapshots are merged by their structure; of ledgers both sides' entries stay and are joined by one more. Where both
    branches changed the snapshot, run `zeues-contracts snapshot resolve` after the merge: it records the merged one.
    """
    from zeues_contracts.snapshots.ledger import who
    from zeues_contracts.snapshots.merging import driver

    try:
        left = driver(base, ours, theirs, name, actor=who(Path.cwd()))
    except UsageError as error:
        # git takes 1 to 128 for a conflict; anything above stops the whole merge.
        say(f"Error: {error.message}")
        say(f"Next: {error.hint}")
        return 1
    if left:
        say(f"{name}: {left}")
    return 0


def _would(work: Work) -> str:
    if work.old is None:
        return f"{below(work.files.snapshot)}: would be the first snapshot"
    lines = [f"{below(work.files.snapshot)}: {_count(work.changes)} would be approved"]
    lines += [f"  {one.fingerprint}  {one.level.value:7} {one.rule}  {_what(one)}" for one in work.changes]
    from zeues_contracts.report.safe import cell

    return "\n".join(cell(line, 500) for line in lines)


def _what(change: Finding) -> str:
    return f"{change.operation}: {change.message}" if change.operation else change.message


def _count(changes: Sequence[Finding]) -> str:
    bad = sum(1 for one in changes if one.level.value == "error")
    return f"{len(changes)} change{'s' if len(changes) != 1 else ''}" + (f" ({bad} breaking)" if bad else "")


def _forget(files: SnapshotFiles, pending_file: Path | None) -> None:
    """What was decided in a review is settled by an update of everything; a pending file in our folder is done."""
    files.review.unlink(missing_ok=True)
    if pending_file is not None and pending_file.absolute() == files.pending.absolute():
        pending_file.unlink(missing_ok=True)
