"""Is the snapshot what was approved, and is the ledger whole? Pure: bytes in, findings out, each saying how to mend it.

The ledger is append-only. Seen by itself, a changed entry breaks its hash and a removed one is missed by its successor;
what was cut off at the end, or rewritten as a whole, is seen against an earlier state of it (git's).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json
from zeues_contracts.findings import Finding, Place
from zeues_contracts.rules import rule
from zeues_contracts.snapshots.journal import read_journal
from zeues_contracts.snapshots.ledger import Entry, Ledger, parse_ledger, read_ledger, tips
from zeues_contracts.snapshots.store import SnapshotFiles, digest

__all__ = ["State", "read_state", "same_content", "verify", "verify_files"]


_SHOWN = 5
"""Entries of an earlier ledger that are missed by name; the rest are counted."""


@dataclass(frozen=True, slots=True)
class State:
    """What there is of a snapshot. ``None`` for a file that is not there; ``earlier`` is the ledger as git has it."""

    snapshot: bytes | None
    ledger: Ledger | None
    interrupted: bool = False
    earlier: Ledger | None = None
    earlier_name: str = ""


def read_state(files: SnapshotFiles, revision: str = "") -> State:
    """The state of the files, and the ledger of a git revision to compare with (empty: none)."""
    try:
        interrupted = read_journal(files) is not None
    except UsageError:
        interrupted = True
    try:
        snapshot = files.snapshot.read_bytes()
    except FileNotFoundError:
        snapshot = None
    except OSError as error:
        raise UsageError(f"{files.snapshot}: cannot be read: {error.strerror or error}") from None
    earlier = None
    if revision:
        from zeues_contracts.snapshots.git import in_revision

        data = in_revision(revision, files.ledger)
        earlier = parse_ledger(data) if data is not None else None
    return State(snapshot, read_ledger(files.ledger), interrupted, earlier, revision)


def verify_files(files: SnapshotFiles, service: str = "", revision: str = "") -> tuple[Finding, ...]:
    """:func:`verify` on files, with a git revision to compare the ledger with (empty: none)."""
    return verify(read_state(files, revision), files, service)


def verify(state: State, files: SnapshotFiles, service: str = "") -> tuple[Finding, ...]:
    """What is wrong with a snapshot and its ledger; nothing when all is well, or when there is neither."""
    checker = _Checker(files, service)
    if state.interrupted:
        # Half of a pair was written: whatever else does not fit follows from that.
        checker.add("ZC607", "an update was cut off while it was writing", files.journal.name, files.journal.name)
        return tuple(checker.found)
    if state.ledger is None or not (state.ledger.entries or state.ledger.broken):
        if state.snapshot is not None:
            checker.add("ZC602", "the snapshot has no ledger: nobody knows who approved it", "", files.ledger.name)
        _against_earlier(checker, state)
        return tuple(checker.found)
    _lines(checker, state.ledger)
    _chain(checker, state.ledger)
    _against_earlier(checker, state)
    _snapshot(checker, state)
    return tuple(checker.found)


def same_content(data: bytes, wanted: str) -> bool:
    """Whether a snapshot whose bytes have another digest still holds the content of one: it was only reformatted."""
    try:
        return digest(canonical_json(json.loads(data))) == wanted
    except (ValueError, RecursionError, UsageError):
        return False


class _Checker:
    """Collects findings; ``lines`` are places in the ledger."""

    def __init__(self, files: SnapshotFiles, service: str) -> None:
        self.files = files
        self.service = service
        self.found: list[Finding] = []

    def add(self, code: str, message: str, subject: str, name: str, line: int | None = None, state: str = "") -> None:
        path = self.files.snapshot.with_name(name)
        role = "ledger" if name == self.files.ledger.name else "snapshot"
        self.found.append(
            rule(code).finding(
                message,
                service=self.service,
                subject=subject,
                place=Place(str(path), "", line, None, role),
                hint=rule(code).mend,
                state=state,
            )
        )

    def ledger(self, code: str, message: str, subject: str, line: int) -> None:
        self.add(code, message, subject, self.files.ledger.name, line)


def _lines(checker: _Checker, ledger: Ledger) -> None:
    conflict = [one for one in ledger.broken if one.conflict]
    if conflict:
        checker.ledger("ZC606", "a merge of the ledger was left unresolved", "conflict", conflict[0].line)
    for one in ledger.broken:
        if not one.conflict:
            checker.ledger("ZC603", f"line {one.line} is {one.why}", f"line {one.line}", one.line)
    for entry in ledger.entries:
        if not entry.whole:
            checker.ledger("ZC603", f"{_named(entry)} was changed after it was written", entry.hash, entry.line)


def _chain(checker: _Checker, ledger: Ledger) -> None:
    position = {entry.hash: index for index, entry in enumerate(ledger.entries)}
    by_content = {entry.computed: entry for entry in ledger.entries}
    roots: list[Entry] = []
    followers: dict[str, list[Entry]] = {}
    seen: set[str] = set()
    for index, entry in enumerate(ledger.entries):
        if entry.hash in seen:
            checker.ledger("ZC603", f"{_named(entry)} is there twice", f"twice {entry.hash}", entry.line)
            continue
        seen.add(entry.hash)
        if not entry.previous:
            roots.append(entry)
        for name in (entry.previous, *entry.joins):
            if not name:
                continue
            if name not in position:
                # The one before it may be there under another hash: then that one was changed, and was told.
                if name not in by_content and not _next_to_changed(ledger, index):
                    message = f"the entry before {_named(entry)} is missing or was rewritten"
                    checker.ledger("ZC604", message, f"before {entry.hash}", entry.line)
            elif position[name] >= index:
                checker.ledger(
                    "ZC605", f"{_named(entry)} stands before the one that it follows", entry.hash, entry.line
                )
        followers.setdefault(entry.previous, []).append(entry)
    joined = {name for entry in ledger.entries for name in entry.joins}
    ends = tips(ledger)
    for previous, entries in followers.items():
        if len(entries) > 1 and len(ends) > 1 and not _all_joined(ledger, entries, joined):
            lines = " and ".join(str(entry.line) for entry in entries)
            if previous:
                message = f"two branches were merged: the entries of lines {lines} follow the same one"
            else:
                message = f"two ledgers were merged: lines {lines} both begin one"
            checker.ledger("ZC606", message, f"after {previous}", entries[-1].line)


def _all_joined(ledger: Ledger, entries: Sequence[Entry], joined: set[str]) -> bool:
    """Whether all but one of the branches that begin with entries end in a join."""
    following = {entry.previous: entry for entry in ledger.entries}
    open_ends = 0
    for entry in entries:
        end, steps = entry, 0
        while end.hash in following and end.hash not in joined and steps <= len(ledger.entries):
            end, steps = following[end.hash], steps + 1
        open_ends += end.hash not in joined
    return open_ends <= 1


def _next_to_changed(ledger: Ledger, index: int) -> bool:
    """Whether the line before an entry was changed or is broken, which explains that its hash is not found."""
    line = ledger.entries[index].line - 1
    if any(one.line == line and not one.conflict for one in ledger.broken):
        return True
    return index > 0 and not ledger.entries[index - 1].whole


def _against_earlier(checker: _Checker, state: State) -> None:
    if state.earlier is None:
        return
    have = {entry.hash for entry in state.ledger.entries} if state.ledger is not None else set()
    gone = [entry for entry in state.earlier.entries if entry.whole and entry.hash not in have]
    told = {one.subject for one in checker.found}
    untold = [entry for entry in gone if entry.hash not in told]
    for number, entry in enumerate(untold[:_SHOWN], 1):
        message = f"an entry that {state.earlier_name} has is missing or changed: {entry.action} of {entry.time}"
        message += f" by {entry.actor}" if entry.actor else ""
        message += f", and {len(untold) - _SHOWN} more" if number == _SHOWN < len(untold) else ""
        checker.ledger("ZC604", message, f"gone {entry.hash}", 1)


def _snapshot(checker: _Checker, state: State) -> None:
    assert state.ledger is not None
    ends = tips(state.ledger)
    wanted = {entry.after for entry in ends if entry.after}
    name = checker.files.snapshot.name
    if state.snapshot is None:
        if wanted:
            checker.add("ZC608", "the ledger speaks of a snapshot that is not there", "", name)
        return
    have = digest(state.snapshot)
    if have in wanted or not ends or any(one.conflict for one in state.ledger.broken):
        return
    if any(one.rule == "ZC606" for one in checker.found):
        return  # the merged snapshot is neither side's, and resolving it records it
    if any(same_content(state.snapshot, one) for one in wanted):
        checker.add("ZC609", "the snapshot was written in another form; its content is what was approved", "", name)
        return
    last = ends[-1]
    older = [entry for entry in state.ledger.entries if entry.after == have]
    if older:
        message = f"the snapshot is the one of line {older[-1].line} ({older[-1].time}), not the last that was approved"
    else:
        message = f"the snapshot is not the one that was approved last, on {last.time}"
        message += f" by {last.actor}" if last.actor else ""
    checker.add("ZC601", message, "", name, state=have)


def _named(entry: Entry) -> str:
    who = f" by {entry.actor}" if entry.actor else ""
    return f"the entry of line {entry.line} ({entry.action}, {entry.time}{who})"
