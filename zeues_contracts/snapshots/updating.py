"""Writing a snapshot: the one way in which it, its ledger and its waivers are changed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json
from zeues_contracts.findings import Finding, Level
from zeues_contracts.snapshots.journal import commit, finish
from zeues_contracts.snapshots.ledger import Ledger, changes_of, make_entry, parse_ledger, tips, who
from zeues_contracts.snapshots.locking import locked
from zeues_contracts.snapshots.store import SnapshotFiles, digest
from zeues_contracts.snapshots.verify import read_state, same_content, verify
from zeues_contracts.snapshots.waivers import waiver_of, with_waiver, without_waivers

__all__ = [
    "Approval",
    "Written",
    "actor_for",
    "adopt",
    "approve",
    "breaking",
    "current_digest",
    "in_ci",
    "prune_waivers",
    "repair",
    "require_may_write",
    "require_reason",
    "require_whole",
]

WAIT = 10.0
_BLOCKING = ("ZC601", "ZC603", "ZC604", "ZC605", "ZC606")
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody decided. ``until`` has the end of each waiver by fingerprint."""

    accepted: Sequence[Finding] = ()
    rejected: Sequence[Finding] = ()
    waived: Sequence[Finding] = ()
    until: Mapping[str, date] | None = None
    reason: str = ""
    source: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. ``finished`` are the files of an earlier run that was cut off, completed first."""

    action: str
    before: str
    after: str
    finished: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the snapshot is another one now."""
        return self.before != self.after


def approve(
    files: SnapshotFiles,
    contents: Mapping[str, Any] | None,
    approval: Approval,
    *,
    action: str,
    seen: str,
    now: datetime | None = None,
    wait: float = WAIT,
) -> Written:
    """Write what was decided: the snapshot (``None``: it stays), an entry of the ledger, waivers; together or not.

    ``seen`` is the digest of the snapshot that the decision was made on (:func:`current_digest`). Raises
    :class:`UsageError` when that is no longer the snapshot, when the ledger or the snapshot has to be mended first,
    or when another process holds the lock for longer than ``wait`` seconds. Then nothing was written.
    """
    moment = now or datetime.now(UTC)
    with locked(files.lock, wait=wait):
        finished = finish(files)
        ledger, before = _checked(files, seen)
        lines = b""
        previous = _tip(ledger)
        if before and not ledger.entries:
            # It was there before it had a ledger: what it was changed from is on record too.
            lines = make_entry(
                action="adopt",
                previous="",
                before="",
                after=before,
                reason="there was a snapshot before there was a ledger",
                actor=approval.actor,
                now=moment,
            )
            previous = parse_ledger(lines).entries[0].hash
        data = canonical_json(contents) if contents is not None else None
        after = digest(data) if data is not None else before
        if after == before and not (approval.accepted or approval.rejected or approval.waived) and not lines:
            return Written(action, before, after, finished)
        name = "create" if after and not before else action
        until = {key: day.isoformat() for key, day in (approval.until or {}).items()}
        lines += make_entry(
            action=name,
            previous=previous,
            before=before,
            after=after,
            reason=approval.reason,
            source=approval.source,
            actor=approval.actor,
            accepted=changes_of(approval.accepted),
            rejected=changes_of(approval.rejected),
            waived=changes_of(approval.waived, until),
            now=moment,
        )
        new: dict[str, bytes] = {"ledger": ledger.appended(lines)}
        if data is not None:
            new["snapshot"] = data
        text = _without_settled(_waivers_text(files), approval.accepted)
        if text is not None or approval.waived:
            text = _waivers_text(files) if text is None else text
            for finding in approval.waived:
                end = (approval.until or {})[finding.fingerprint]
                text = with_waiver(text, waiver_of(finding, end, approval.reason, approval.actor))
            new["waivers"] = text.encode("utf-8", "surrogatepass")
        commit(files, new)
        return Written(name, before, after, finished)


def adopt(files: SnapshotFiles, reason: str, *, actor: str = "", now: datetime | None = None) -> Written:
    """Approve the snapshot as it lies there: one that has no ledger, or that was changed past it.

    Raises :class:`UsageError` where there is no snapshot, it is no JSON, or the ledger itself has to be mended first.
    """
    with locked(files.lock, wait=WAIT):
        finished = finish(files)
        state = read_state(files)
        if state.snapshot is None:
            raise UsageError(f"{files.snapshot}: there is no snapshot to adopt", hint="zeues-contracts snapshot update")
        _refuse(files, [one for one in verify(state, files) if one.rule in _BLOCKING and one.rule != "ZC601"])
        ledger = state.ledger or Ledger()
        data = _canonical(state.snapshot, files)
        last = tips(ledger)[-1] if ledger.entries else None
        before = last.after if last is not None else ""
        if before == digest(data):
            commit(files, {"snapshot": data})
            return Written("adopt", before, before, finished)
        after = digest(data)
        line = make_entry(
            action="adopt", previous=_tip(ledger), before=before, after=after, reason=reason, actor=actor, now=now
        )
        commit(files, {"snapshot": data, "ledger": ledger.appended(line)})
        return Written("adopt", before, digest(data), finished)


def repair(files: SnapshotFiles) -> tuple[str, ...]:
    """Mend what can be mended without deciding anything: a run that was cut off, a snapshot that was reformatted.

    The names of the files written.
    """
    with locked(files.lock, wait=WAIT):
        written = list(finish(files))
        state = read_state(files)
        if state.snapshot is not None and any(one.rule == "ZC609" for one in verify(state, files)):
            commit(files, {"snapshot": _canonical(state.snapshot, files)})
            written.append(files.snapshot.name)
        return tuple(dict.fromkeys(written))


def prune_waivers(files: SnapshotFiles, fingerprints: Sequence[str]) -> None:
    """Take waivers out of the file; all else in it stays."""
    with locked(files.lock, wait=WAIT):
        finish(files)
        commit(files, {"waivers": without_waivers(_waivers_text(files), fingerprints).encode("utf-8", "surrogatepass")})


def current_digest(files: SnapshotFiles) -> str:
    """The digest of the snapshot's content, whatever form it is written in; empty where there is none.

    An update that was cut off has happened: the snapshot that it was writing counts.
    """
    from zeues_contracts.snapshots.journal import read_journal

    journal = read_journal(files)
    if journal is not None and "snapshot" in journal:
        return digest(journal["snapshot"][1])
    state = read_state(files)
    if state.snapshot is None:
        return ""
    wanted = [one.after for one in tips(state.ledger)] if state.ledger is not None else []
    for one in wanted:
        if same_content(state.snapshot, one):
            return one
    return digest(state.snapshot)


def breaking(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those at level error: what an update may not take in without a reason."""
    return tuple(one for one in findings if one.level is Level.ERROR)


def require_reason(findings: Sequence[Finding], reason: str) -> None:
    """Refuse to approve breaking changes without a reason, naming them."""
    bad = breaking(findings)
    if bad and not reason.strip():
        shown = "".join(f"\n  {one.rule} {one.operation}: {one.message}" for one in bad[:_SHOWN])
        more = f"\n  and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        count = f"{len(bad)} breaking change{'s' if len(bad) != 1 else ''}"
        raise UsageError(
            f"{count} would be approved without a reason; nothing was written:{shown}{more}",
            hint="say why: --reason TEXT, or decide change by change: zeues-contracts snapshot review",
        )


def in_ci(environ: Mapping[str, str] | None = None) -> bool:
    """Whether this runs in continuous integration: ``CI`` is set, and not to a word for no."""
    value = (os.environ if environ is None else environ).get("CI", "")
    return value.strip().lower() not in ("", "0", "false", "no", "off")


def require_may_write(*, told: bool, environ: Mapping[str, str] | None = None) -> None:
    """Refuse to change a snapshot in continuous integration unless told to."""
    if in_ci(environ) and not told:
        raise UsageError(
            "CI is set: snapshots are changed by people, not by builds; nothing was written",
            hint="leave what was seen for a review (snapshot pending), or tell it to write: --ci",
        )


def require_whole(files: SnapshotFiles) -> None:
    """Refuse to decide on a snapshot that is not what was approved, or on a ledger that has to be mended first."""
    _refuse(files, [one for one in verify(read_state(files), files) if one.rule in _BLOCKING])


def actor_for(files: SnapshotFiles) -> str:
    """Who acts on these files."""
    return who(files.snapshot.absolute().parent)


def _checked(files: SnapshotFiles, seen: str) -> tuple[Ledger, str]:
    state = read_state(files)
    _refuse(files, [one for one in verify(state, files) if one.rule in _BLOCKING])
    before = current_digest(files)
    if before != seen:
        raise UsageError(
            f"{files.snapshot}: was changed while this was being decided; nothing was written",
            hint="look at the changes again: run the same command once more",
        )
    return state.ledger or Ledger(), before


def _refuse(files: SnapshotFiles, findings: Sequence[Finding]) -> None:
    if findings:
        first = findings[0]
        raise UsageError(
            f"{files.ledger if first.rule != 'ZC601' else files.snapshot}: {first.message} ({first.rule}); "
            "nothing was written",
            hint=first.hint,
        )


def _tip(ledger: Ledger) -> str:
    ends = tips(ledger)
    return ends[-1].hash if ends else ""


def _without_settled(text: str, accepted: Sequence[Finding]) -> str | None:
    """The waivers without those of what is in the snapshot now; ``None`` where that changes nothing."""
    from zeues_contracts.snapshots.waivers import parse_waivers

    names = {one.fingerprint for one in accepted}
    settled = [one.fingerprint for one in parse_waivers(text) if one.fingerprint in names]
    try:
        return without_waivers(text, settled) if settled else None
    except UsageError:  # not written as we write them: a check tells that they are unused
        return None


def _waivers_text(files: SnapshotFiles) -> str:
    from zeues_contracts.snapshots.waivers import parse_waivers

    try:
        text = files.waivers.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{files.waivers}: cannot be read: {error}") from None
    parse_waivers(text, str(files.waivers))
    return text


def _canonical(data: bytes, files: SnapshotFiles) -> bytes:
    import json

    try:
        return canonical_json(json.loads(data))
    except (ValueError, RecursionError):
        raise UsageError(f"{files.snapshot}: is no JSON", hint="put it back from git, or update it") from None
