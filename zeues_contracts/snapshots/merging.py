"""Branches that both approved changes: the snapshot merged by its structure, the ledger joined by an entry.

No entry is rewritten: both branches' lines stay, and one more says that they belong together and which snapshot is
meant by both. A merge driver does it while git merges; ``resolve`` does it afterwards, also out of conflict markers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json
from zeues_contracts.schema.references import escape
from zeues_contracts.snapshots.journal import commit, finish
from zeues_contracts.snapshots.ledger import Entry, Ledger, make_entry, parse_ledger, tips
from zeues_contracts.snapshots.locking import locked
from zeues_contracts.snapshots.store import SnapshotFiles, digest
from zeues_contracts.snapshots.verify import read_state, same_content

__all__ = ["Merged", "Resolved", "driver", "merge_json", "merge_ledgers", "resolve"]

_ABSENT: Any = object()
_MAX_DEPTH = 500


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged JSON value; ``conflicts`` are the pointers where both sides changed one thing differently."""

    value: Any
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """What resolving did: the branches' last entries that were joined, and the digest of the merged snapshot."""

    joined: tuple[Entry, ...]
    after: str
    merged_snapshot: bool = False


def merge_json(base: Any, ours: Any, theirs: Any) -> Merged:
    """Three-way merge of JSON by structure: objects by key, lists of one value each as sets where that is safe.

    What only one side changed is taken from it. Where both changed one thing differently, ours stays and its pointer
    is told.
    """
    conflicts: list[str] = []
    value = _merge(base, ours, theirs, "", conflicts, 0)
    return Merged(None if value is _ABSENT else value, tuple(conflicts))


def merge_ledgers(
    base: bytes, ours: bytes, theirs: bytes, *, actor: str = "", merged: str = "", now: datetime | None = None
) -> bytes:
    """The lines of both ledgers, each once: the common ones, ours, theirs; then an entry that joins them.

    ``merged`` is the digest of the merged snapshot. Without it the joining entry is written only where both branches
    agree on the snapshot, or one of them left it as it was; else ``resolve`` has to write it.
    """
    sides = [parse_ledger(one) for one in (base, ours, theirs)]
    bad = [one for side in sides[1:] for one in side.broken]
    if bad:
        raise UsageError(f"line {bad[0].line} of a ledger is {bad[0].why}", hint="mend that branch's ledger first")
    joined = parse_ledger(_union([side.data for side in sides]))
    ends = tips(joined)
    if len(ends) < 2:
        return joined.data
    after = merged or _agreed(sides[0], ends)
    return joined.appended(_join(ends, after, actor, now)) if after else joined.data


def resolve(
    files: SnapshotFiles, *, reason: str = "", actor: str = "", now: datetime | None = None, wait: float = 10.0
) -> Resolved:
    """Join a ledger that two branches appended to, and record the merged snapshot.

    Takes conflict markers out of the ledger (both sides stay) and merges a snapshot that git left in conflict by its
    structure. What the merged snapshot holds beyond what both branches approved together wants a reason, as far as git
    has their snapshots to compare with. Raises :class:`UsageError` where that needs a decision, with the places.
    """
    with locked(files.lock, wait=wait):
        finish(files)
        state = read_state(files)
        if state.ledger is None:
            raise UsageError(f"{files.ledger}: there is no ledger to resolve")
        odd = [one for one in state.ledger.broken if not one.conflict]
        if odd:
            raise UsageError(
                f"{files.ledger}:{odd[0].line}: is {odd[0].why}", hint="put the ledger back from git, then resolve"
            )
        data, was_merged = _merged_snapshot(files, state.snapshot)
        lines = [line for line in state.ledger.data.split(b"\n") if _is_entry(line)]
        ledger = parse_ledger(_ordered(b"\n".join(lines) + b"\n"))
        ends = tips(ledger)
        after = digest(data)
        new = {"snapshot": data, "ledger": ledger.data}
        if len(ends) > 1:
            odd_places = _beyond_both(files, ledger, ends, data)
            if odd_places and not reason.strip():
                raise UsageError(
                    f"{files.snapshot}: holds more or less than both branches approved, at {_few(odd_places)}",
                    hint="put it right, or say why it is so: --reason TEXT",
                )
            new["ledger"] = ledger.appended(_join(ends, after, actor, now, reason))
        elif ends and ends[0].after != after and not same_content(data, ends[0].after):
            raise UsageError(
                f"{files.snapshot}: is not the snapshot that the ledger speaks of, and there are no branches to join",
                hint="see zeues-contracts snapshot verify",
            )
        commit(files, new)
        return Resolved(ends if len(ends) > 1 else (), after, was_merged)


def _merged_snapshot(files: SnapshotFiles, data: bytes | None) -> tuple[bytes, bool]:
    """The snapshot in its own form: as it lies there, or merged from what git holds of a merge that stopped."""
    if data is None:
        raise UsageError(f"{files.snapshot}: there is no snapshot", hint="put it back from git, then resolve")
    try:
        return canonical_json(json.loads(data)), False
    except (ValueError, RecursionError):
        pass
    from zeues_contracts.snapshots.git import staged

    base, ours, theirs = (staged(files.snapshot, stage) for stage in (1, 2, 3))
    if ours is None or theirs is None:
        raise UsageError(
            f"{files.snapshot}: is no JSON, and git holds no sides of a merge to make it from",
            hint="settle the conflict in the file, or take one side: git checkout --ours|--theirs SNAPSHOT",
        )
    merged = merge_json(_loads(base) if base is not None else {}, _loads(ours), _loads(theirs))
    if merged.conflicts:
        raise UsageError(
            f"{files.snapshot}: both branches changed {_few(merged.conflicts)}",
            hint="settle it in the file, or take one side: git checkout --ours|--theirs SNAPSHOT; then resolve again",
        )
    return canonical_json(merged.value), True


def _beyond_both(files: SnapshotFiles, ledger: Ledger, ends: Sequence[Entry], data: bytes) -> tuple[str, ...]:
    """Where a merged snapshot is not what two branches make together; nothing where that cannot be told."""
    from zeues_contracts.snapshots.git import versions_of

    base = _common(ledger, ends)
    wanted = {ends[0].after, ends[1].after, base.after if base is not None else ""}
    found: dict[str, Any] = {"": {}}
    for _, version in versions_of(files.snapshot, limit=100, everywhere=True):
        try:
            value = json.loads(version)
            name = digest(canonical_json(value))
        except (ValueError, RecursionError, UsageError):
            continue
        if name in wanted:
            found[name] = value
    if len(ends) != 2 or not wanted <= set(found):
        return ()
    start = found[base.after if base is not None else ""]
    ours, theirs = found[ends[0].after], found[ends[1].after]
    merged = merge_json(start, ours, theirs)
    allowed = [merged.value]
    if merged.conflicts:  # somebody had to decide: either side's word stands
        allowed += [merge_json(start, theirs, ours).value, ours, theirs]
    have = _unordered(json.loads(data))
    places = [_parting(_unordered(one), have, "") for one in allowed]
    return () if None in places else tuple(one for one in places[:1] if one is not None)


def _common(ledger: Ledger, ends: Sequence[Entry]) -> Entry | None:
    """The last entry that two branches have in common."""
    by_hash = {entry.hash: entry for entry in ledger.entries}

    def before(entry: Entry) -> set[str]:
        found: set[str] = set()
        waiting = [entry.hash]
        while waiting:
            name = waiting.pop()
            if name in by_hash and name not in found:
                found.add(name)
                waiting += [by_hash[name].previous, *by_hash[name].joins]
        return found

    shared = set.intersection(*(before(entry) for entry in ends))
    common = [entry for entry in ledger.entries if entry.hash in shared]
    return common[-1] if common else None


def _unordered(value: Any) -> Any:
    """A value in which sets of texts (``required``, ``enum``) stand in one order."""
    if isinstance(value, Mapping):
        return {key: _unordered(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted(value) if all(isinstance(one, str) for one in value) else [_unordered(one) for one in value]
    return value


def _parting(one: Any, other: Any, at: str) -> str | None:
    """The first place at which two values differ; ``None`` where they are the same."""
    if _same(one, other):
        return None
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}):
            found = _parting(one.get(key, _ABSENT), other.get(key, _ABSENT), f"{at}/{escape(str(key))}")
            if found is not None:
                return found
    return at


def _loads(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise UsageError("a side of the merge is no JSON", hint="mend that branch's snapshot first") from None


def _merge(base: Any, ours: Any, theirs: Any, pointer: str, conflicts: list[str], depth: int) -> Any:
    if _same(ours, theirs) or _same(theirs, base):
        return ours
    if _same(ours, base):
        return theirs
    if depth < _MAX_DEPTH:
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            before = base if isinstance(base, Mapping) else {}
            merged = {}
            for key in dict.fromkeys((*before, *ours, *theirs)):
                value = _merge(
                    before.get(key, _ABSENT),
                    ours.get(key, _ABSENT),
                    theirs.get(key, _ABSENT),
                    f"{pointer}/{escape(str(key))}",
                    conflicts,
                    depth + 1,
                )
                if value is not _ABSENT:
                    merged[key] = value
            return merged
        if isinstance(base, list) and isinstance(ours, list) and isinstance(theirs, list):
            found = _merge_lists(base, ours, theirs)
            if found is not None:
                return found
    conflicts.append(pointer)
    return ours


def _merge_lists(base: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any] | None:
    """Lists of distinct texts (``required``, ``enum``, ``tags``): what each side added and took away."""
    for side in (base, ours, theirs):
        if not all(isinstance(one, str) for one in side) or len(set(side)) != len(side):
            return None
    gone = (set(base) - set(ours)) | (set(base) - set(theirs))
    return [one for one in dict.fromkeys((*ours, *theirs)) if one not in gone]


def _same(left: Any, right: Any) -> bool:
    if left is _ABSENT or right is _ABSENT:
        return left is right
    # 1, 1.0 and true are equal in Python; as JSON they are written differently, which a merge keeps.
    return bool(left == right) and json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def _union(sides: Iterable[bytes]) -> bytes:
    lines = [line.strip() for data in sides for line in data.split(b"\n") if line.strip()]
    return b"".join(line + b"\n" for line in dict.fromkeys(lines))


def _ordered(data: bytes) -> bytes:
    """Each entry after the ones that it follows, and once; otherwise in the order given."""
    ledger = parse_ledger(_union([data]))
    by_hash = {entry.hash: line for entry, line in zip(ledger.entries, ledger.data.splitlines(), strict=True)}
    done: dict[str, bytes] = {}
    waiting = list(ledger.entries)
    while waiting:
        ready = [
            entry
            for entry in waiting
            if all(name in done or name not in by_hash for name in (entry.previous, *entry.joins))
        ]
        if not ready:  # a circle, which hashes rule out unless somebody forged them
            ready = waiting[:1]
        for entry in ready:
            done[entry.hash] = by_hash[entry.hash]
        waiting = [entry for entry in waiting if entry.hash not in done]
    return b"".join(line + b"\n" for line in done.values())


def _is_entry(line: bytes) -> bool:
    return bool(parse_ledger(line).entries)


def _agreed(base: Ledger, ends: Sequence[Entry]) -> str:
    """The snapshot that all branches mean: the one that only some of them changed, to the same; else nothing."""
    common = base.entries[-1].after if base.entries else ""
    changed = {entry.after for entry in ends if entry.after != common}
    return changed.pop() if len(changed) == 1 else common if not changed else ""


def _join(ends: Sequence[Entry], after: str, actor: str, now: datetime | None, reason: str = "") -> bytes:
    return make_entry(
        action="merge",
        previous=ends[0].hash,
        joins=[one.hash for one in ends[1:]],
        before=ends[0].after,
        after=after,
        reason=reason or f"branches merged: {', '.join(dict.fromkeys(one.actor for one in ends if one.actor))}",
        actor=actor,
        now=now or datetime.now(UTC),
    )


def _few(pointers: Sequence[str], count: int = 5) -> str:
    more = f" and {len(pointers) - count} more places" if len(pointers) > count else ""
    return ", ".join(pointers[:count]) + more


def driver(base: Path, ours: Path, theirs: Path, name: str, *, actor: str = "") -> str:
    """Git's merge driver: merges into ``ours``. ``name`` is the file's name in the repository (``%P``).

    What is left to do, for standard error; empty when all is done. Raises :class:`UsageError` for a conflict, with
    ``ours`` left as it was: git then keeps the file as unmerged.
    """
    data = [one.read_bytes() if one.is_file() else b"" for one in (base, ours, theirs)]
    if name.endswith(".jsonl") or _looks_like_ledger(data[1]):
        merged = merge_ledgers(data[0], data[1], data[2], actor=actor)
        ours.write_bytes(merged)
        return "" if len(tips(parse_ledger(merged))) < 2 else "after the merge run: zeues-contracts snapshot resolve"
    result = merge_json(_loads(data[0]) if data[0].strip() else {}, _loads(data[1]), _loads(data[2]))
    if result.conflicts:
        raise UsageError(
            f"{name or ours}: both branches changed {_few(result.conflicts)}",
            hint="settle it in the file, then run: zeues-contracts snapshot resolve",
        )
    ours.write_bytes(canonical_json(result.value))
    return ""


def _looks_like_ledger(data: bytes) -> bool:
    first = data.lstrip().split(b"\n", 1)[0]
    return bool(parse_ledger(first).entries)
