"""What the commands of ``snapshot`` share: the two documents, what changed between them, and words about files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.cli.options import Selection, Target
    from zeues_contracts.config import Config
    from zeues_contracts.findings import Finding
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.snapshots import SnapshotFiles

__all__ = [
    "Work",
    "below",
    "changes_between",
    "ci_option",
    "env_option",
    "finish_cut_off",
    "from_option",
    "gather",
    "reason_option",
    "say",
    "tell_impact",
]


@dataclass(frozen=True, slots=True)
class Work:
    """A snapshot, the document that is live or was left by a build, and what changed between them.

    ``seen`` is the digest of the snapshot that the changes were told against; ``old`` is ``None`` for the first one.
    """

    config: Config
    service: str
    files: SnapshotFiles
    old: Document | None
    live: Document
    source: str
    seen: str
    changes: tuple[Finding, ...] = ()


def env_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--env NAME``."""
    return click.option(
        "--env", "environment", default="", metavar="NAME", help="An environment's snapshot: SERVICE.NAME.json."
    )(command)


def from_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--from FILE``."""
    return click.option(
        "--from",
        "pending_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        default=None,
        metavar="FILE",
        help="What a build saw (SERVICE.pending.json), instead of what is live now.",
    )(command)


def reason_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--reason TEXT``."""
    return click.option("--reason", "-m", default="", metavar="TEXT", help="Why; it goes into the ledger.")(command)


def ci_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--ci``."""
    return click.option("--ci", is_flag=True, help="Write although CI is set.")(command)


def gather(target: Target, environment: str = "", pending_file: Path | None = None) -> Work:
    """Both documents of the one service chosen and their changes, levels and consumers hit told; widest first."""
    from zeues_contracts.snapshots import read_pending, read_snapshot, snapshot_files
    from zeues_contracts.snapshots.review import in_review_order
    from zeues_contracts.snapshots.updating import current_digest

    selection = _selection(target, pending_file)
    config, service = selection.config, selection.service
    files = snapshot_files(config, service, environment)
    finish_cut_off(files)
    seen = current_digest(files)
    old = read_snapshot(files.snapshot, config) if seen else None
    if pending_file is not None:
        pending = read_pending(pending_file, config)
        live, source = pending.document, pending.named
        if pending.snapshot and seen and pending.snapshot != seen:
            say("the snapshot has changed since the build looked; what is shown is against the snapshot of now")
    else:
        from zeues_contracts.openapi.sources import live_document

        live = live_document(config, service, selection.headers)
        source = _from_root(live.source, Path(config.root))
    changes = changes_between(config, service, old, live) if old is not None else ()
    return Work(config, service, files, old, live, source, seen, in_review_order(changes))


def changes_between(
    config: Config, service: str, old: Document, new: Document, *, impact: bool = True
) -> tuple[Finding, ...]:
    """The drift from one document to another at the configured levels, with the consumers that it hits."""
    from zeues_contracts.drift import drift
    from zeues_contracts.levels import apply_levels

    entry = config.services.get(service)
    result = drift(old, new, service=service, config=entry.drift if entry is not None else None)
    findings = tell_impact(config, service, result.findings, old, new) if impact else result.findings
    return tuple(apply_levels(findings, config, service))


def tell_impact(
    config: Config, service: str, findings: Sequence[Finding], old: Document, new: Document
) -> Sequence[Finding]:
    """Findings with the interactions of consumers that they hit."""
    if not findings or service not in config.services:
        return findings
    from zeues_contracts.consumers import read_contracts

    contracts = read_contracts(config, service)
    if not contracts:
        return findings
    from zeues_contracts.consumers.impact import with_hits

    return tuple(with_hits(findings, contracts, old, new))


def finish_cut_off(files: SnapshotFiles) -> None:
    """Complete an update that was cut off, and say so."""
    from zeues_contracts.snapshots.journal import read_journal
    from zeues_contracts.snapshots.updating import repair

    if read_journal(files) is not None:
        written = repair(files)
        say(f"an update that was cut off was completed: {', '.join(written) or 'all was written already'}")


def _from_root(source: str, root: Path) -> str:
    """A source as the ledger names it: no folders of the machine that it was read on."""
    if "://" in source or not Path(source).is_absolute():
        return source
    try:
        return str(Path(source).relative_to(root))
    except ValueError:
        return Path(source).name


def below(path: Path) -> str:
    """A file as people call it: from the working folder where it lies in there."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def say(text: str) -> None:
    """A line on standard error."""
    from zeues_contracts.cli import options

    options.say(text, err=True)


def _selection(target: Target, pending_file: Path | None) -> Selection:
    if pending_file is not None and (target.url or target.app or target.document):
        raise UsageError("--from gives the document already", hint="leave out --url, --app and --document")
    return target.load()
