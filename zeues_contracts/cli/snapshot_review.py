"""``zeues-contracts snapshot review``: decide about the changes one by one, in a terminal or by flags."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zeues_contracts.cli.options import Target, service_options, wants_color, write_out
from zeues_contracts.cli.options import say as say_out
from zeues_contracts.cli.snapshot_common import (
    Work,
    below,
    changes_between,
    ci_option,
    env_option,
    from_option,
    gather,
    reason_option,
    say,
)
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from zeues_contracts.findings import Finding
    from zeues_contracts.openapi.model import Document
    from zeues_contracts.snapshots.patching import Inseparable, Patched
    from zeues_contracts.snapshots.review import Review
    from zeues_contracts.snapshots.updating import Written

__all__ = ["Plan", "plan_of", "review", "today", "write"]


@click.command("review")
@service_options
@env_option
@from_option
@click.option("--accept", "accepted", multiple=True, metavar="FINGERPRINT", help="Take a change in; repeatable.")
@click.option("--accept-all", is_flag=True, help="Take in all that nothing else is said about.")
@click.option("--reject", "rejected", multiple=True, metavar="FINGERPRINT", help="Refuse a change; repeatable.")
@click.option(
    "--waive", "waived", multiple=True, metavar="FINGERPRINT=DATE", help="Tolerate a change until a date; repeatable."
)
@click.option("--together", is_flag=True, help="Take in too what hangs together with what was accepted.")
@reason_option
@ci_option
@click.option("--list", "listed", is_flag=True, help="List the changes with their fingerprints; decide nothing.")
@click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR is set.")
def review(
    target: Target,
    environment: str,
    pending_file: Path | None,
    accepted: tuple[str, ...],
    accept_all: bool,
    rejected: tuple[str, ...],
    waived: tuple[str, ...],
    together: bool,
    reason: str,
    ci: bool,
    listed: bool,
    color: bool | None,
) -> int:
    r"""Decide about each change: accept, reject, waive until a date, or skip.

    In a terminal the changes come one by one, the widest effect first; nothing is written before a summary was
    confirmed. What was decided before an interruption is taken up again. Without a terminal, flags decide.

    Accepting some changes and not others writes a snapshot that holds just those, and it is checked that it drifts
    from the live document by just the rest.

    \b
    Examples:
      zeues-contracts snapshot review
      zeues-contracts snapshot review --from snapshots/shop.pending.json
      zeues-contracts snapshot review --accept 3f2a91c04b7d --reject 88b1 --reason "2.0, without the new filter"
      zeues-contracts snapshot review --accept-all --waive 3f2a91c04b7d=2027-01-31 --reason "2.0"
    """
    from zeues_contracts.snapshots.updating import require_may_write, require_whole

    by_flags = bool(accepted or accept_all or rejected or waived)
    interactive = not by_flags and not listed and sys.stdin.isatty() and sys.stdout.isatty()
    if by_flags or interactive:
        require_may_write(told=ci)
    work = gather(target, environment, pending_file)
    if by_flags or interactive:
        require_whole(work.files)  # before anybody has decided anything
    if work.old is None:
        raise UsageError(
            f"{below(work.files.snapshot)}: there is no snapshot to review changes of",
            hint="take the first one: zeues-contracts snapshot update",
        )
    if not work.changes:
        click.echo("Nothing has changed: there is nothing to review.")
        work.files.review.unlink(missing_ok=True)
        return 0
    if interactive:
        from zeues_contracts.cli.snapshot_terminal import run

        return run(work, pending_file, reason=reason, color=wants_color(color))
    if not by_flags:
        from zeues_contracts.report.safe import guard_log

        write_out(guard_log(_listing(work)))
        return 0 if listed else 1
    decided = _decided(work, accepted, rejected, waived, accept_all=accept_all)
    plan = plan_of(work, decided, together=together)
    done = write(work, plan, reason, pending_file)
    say_out(told(work, plan, done))
    return 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be written: ``contents`` is the new snapshot, ``None`` where it stays as it is."""

    accepted: tuple[Finding, ...]
    rejected: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    until: Mapping[str, date]
    contents: Mapping[str, Any] | None
    copies: tuple[str, ...] = ()
    brought: tuple[Finding, ...] = ()
    """Accepted besides, since they hang together with what was chosen."""


def plan_of(work: Work, decided: Review, *, together: bool = False) -> Plan:
    """The decisions as something to write. Raises :class:`UsageError` where changes hang together."""
    from zeues_contracts.snapshots.patching import Inseparable
    from zeues_contracts.snapshots.review import Choice, Decision

    brought: tuple[Finding, ...] = ()
    patched = _patched(work, decided)
    if isinstance(patched, Inseparable):
        if not together:
            names = " ".join(f"--accept {one.fingerprint}" for one in patched.together)
            if not patched.in_time:
                raise UsageError(
                    "no snapshot that holds just these changes was found in time",
                    hint="decide about fewer changes at once, or accept all changes of an operation",
                )
            listed = "".join(f"\n  {one.fingerprint} {one.operation}: {one.message}" for one in patched.together)
            raise UsageError(
                f"what was accepted hangs together with changes that were not:{listed}",
                hint=f"take them together (--together, or {names}), or leave both",
            )
        brought = patched.together
        for one in brought:
            decided = decided.decide(one.fingerprint, Decision(Choice.ACCEPT))
        patched = _patched(work, decided)
        if isinstance(patched, Inseparable):
            raise UsageError("the changes cannot be separated", hint="accept all changes of an operation, or none")
    waived = decided.chosen(Choice.WAIVE)
    names_waived = {one.fingerprint for one in waived}
    return Plan(
        decided.chosen(Choice.ACCEPT),
        decided.chosen(Choice.REJECT),
        waived,
        {key: day for key, day in decided.until.items() if key in names_waived},
        patched.contents if decided.chosen(Choice.ACCEPT) else None,
        patched.copies,
        brought,
    )


def write(work: Work, plan: Plan, reason: str, pending_file: Path | None) -> Written:
    """Write a plan. Raises :class:`UsageError` where a reason is wanting; then nothing was written."""
    from zeues_contracts.snapshots.updating import Approval, actor_for, approve, require_reason

    require_reason(plan.accepted, reason)
    if plan.waived and not reason.strip():
        raise UsageError("a waiver wants a reason; nothing was written", hint="say why: --reason TEXT")
    approval = Approval(
        plan.accepted, plan.rejected, plan.waived, plan.until, reason, work.source, actor_for(work.files)
    )
    done = approve(work.files, plan.contents, approval, action="review", seen=work.seen)
    work.files.review.unlink(missing_ok=True)
    left = len(work.changes) - len(plan.accepted) - len(plan.rejected) - len(plan.waived)
    if pending_file is not None and not left and pending_file.absolute() == work.files.pending.absolute():
        pending_file.unlink(missing_ok=True)
    return done


def told(work: Work, plan: Plan, done: Written) -> str:
    """What was written, in a sentence or two."""
    parts = [
        f"{len(some)} {word}"
        for some, word in ((plan.accepted, "accepted"), (plan.rejected, "rejected"), (plan.waived, "waived"))
        if some
    ]
    lines = [f"Wrote {below(work.files.ledger)}: {', '.join(parts) or 'nothing decided'}."]
    if done.changed:
        left = len(work.changes) - len(plan.accepted)
        rest = f"; {left} change{'s' if left != 1 else ''} still drift" if left else ""
        lines.append(
            f"Wrote {below(work.files.snapshot)}{rest.replace('1 change still drift', '1 change still drifts')}."
        )
    if plan.brought:
        lines.append(
            f"Accepted besides, since they hang together: {', '.join(one.fingerprint for one in plan.brought)}."
        )
    if plan.copies:
        lines.append(f"Copied, so that only some operations see them changed: {', '.join(plan.copies)}.")
    return "\n".join(lines)


def today() -> date:
    """The day, in UTC as the ledger's times are."""
    return datetime.now(UTC).date()


def _decided(
    work: Work, accepted: Sequence[str], rejected: Sequence[str], waived: Sequence[str], *, accept_all: bool
) -> Review:
    from zeues_contracts.snapshots.review import Choice, Decision, Review, find_change
    from zeues_contracts.snapshots.waivers import parse_until

    decided = Review(work.changes)
    given = [(text, Decision(Choice.ACCEPT)) for text in accepted]
    given += [(text, Decision(Choice.REJECT)) for text in rejected]
    for text in waived:
        fingerprint, equals, day = text.partition("=")
        if not equals:
            raise UsageError(f"--waive {text[:60]!r}: there is no date", hint="--waive FINGERPRINT=2027-01-31")
        given.append((fingerprint, Decision(Choice.WAIVE, parse_until(day, today()))))
    for text, decision in given:
        change = find_change(work.changes, text)
        known = decided.decisions.get(change.fingerprint)
        if known is not None and known != decision:
            raise UsageError(
                f"{change.fingerprint}: --{known.choice.value} and --{decision.choice.value} were both given",
                hint="keep one of them",
            )
        decided = decided.decide(change.fingerprint, decision)
    if accept_all:
        for change in decided.open:
            decided = decided.decide(change.fingerprint, Decision(Choice.ACCEPT))
    return decided


def _patched(work: Work, decided: Review) -> Patched | Inseparable:
    from zeues_contracts.snapshots.contents import contents_of
    from zeues_contracts.snapshots.patching import patch
    from zeues_contracts.snapshots.review import Choice

    assert work.old is not None

    def judge(old: Document, new: Document) -> Sequence[Finding]:
        return changes_between(work.config, work.service, old, new, impact=False)

    chosen = [one.fingerprint for one in decided.chosen(Choice.ACCEPT)]
    if len(chosen) > 0 and len(chosen) < len(work.changes):
        say("checking that what is left drifts, and nothing else …")
    return patch(work.old, contents_of(work.live), work.changes, chosen, judge)


def _listing(work: Work) -> str:
    from zeues_contracts.report.safe import cell

    lines = [f"{len(work.changes)} change{'s' if len(work.changes) != 1 else ''}, the widest effect first:"]
    for one in work.changes:
        more = f" (+{len(one.operations) - 1})" if len(one.operations) > 1 else ""
        what = f"{one.operation}{more}: {one.message}" if one.operation else one.message
        lines.append(cell(f"{one.fingerprint}  {one.level.value:7}  {one.rule}  {what}", 400))
        consumers = dict.fromkeys(hit.consumer for hit in one.hits)
        if consumers:
            lines.append(cell(f"              hits {', '.join(consumers)}", 400))
    lines.append("Decide: zeues-contracts snapshot review --accept FINGERPRINT … --reason TEXT")
    return "\n".join(lines) + "\n"
