"""Several files changed as one: all of them are as before, or all as after, whatever happens in between.

What is to be written goes to a journal first, in one atomic step; that step is the moment at which the change has
happened. Then the files are written, and the journal is taken away. A journal that is found later is the trace of a run
that was cut off: :func:`finish` writes what is missing. All of it under the lock of ``locking``.
"""

from __future__ import annotations

import contextlib
import glob
import json
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from zeues_contracts.errors import UsageError
from zeues_contracts.files import target_of, write_atomically
from zeues_contracts.snapshots.store import SnapshotFiles, digest

__all__ = ["Journal", "commit", "finish", "read_journal"]

_PARTS = ("snapshot", "ledger", "waivers")
_ABSENT = ""
Journal = Mapping[str, tuple[str, bytes]]
"""By part (``snapshot``, ``ledger``, ``waivers``): the digest of what was there before (empty: nothing), the new."""


def commit(files: SnapshotFiles, new: Mapping[str, bytes]) -> None:
    """Write new contents of parts (``snapshot``, ``ledger``, ``waivers``), together or not at all.

    The lock must be held. Parts that are as wanted already are left alone. Raises :class:`UsageError` where a file
    cannot be written.
    """
    changed = {part: data for part, data in new.items() if _digest_of(_path(files, part)) != digest(data)}
    if not changed:
        return
    for part in changed:
        target_of(_path(files, part))  # refused now, not when half of it is written
    with _uninterrupted():
        if len(changed) > 1:
            parts = {part: (_digest_of(_path(files, part)), data) for part, data in changed.items()}
            write_atomically(files.journal, _encode(parts), follow=False)
        for part in _PARTS:
            if part in changed:
                write_atomically(_path(files, part), changed[part])
        with contextlib.suppress(FileNotFoundError):
            files.journal.unlink()


def read_journal(files: SnapshotFiles) -> Journal | None:
    """What a run that was cut off was writing; ``None`` where there is nothing of the kind.

    Raises :class:`UsageError` for a journal that is not one of ours.
    """
    try:
        data = files.journal.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{files.journal}: cannot be read: {error.strerror or error}") from None
    try:
        value = json.loads(data)
        parts = {
            part: (str(entry["before"]), str(entry["after"]).encode("utf-8", "surrogatepass"))
            for part, entry in value["parts"].items()
        }
        whole = value["version"] == 1 and set(parts) <= set(_PARTS)
        whole = whole and all(digest(parts[part][1]) == value["parts"][part]["digest"] for part in parts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise UsageError(
            f"{files.journal}: not a journal of zeues-contracts, or damaged",
            hint="look at the snapshot and its ledger in git, then remove this file",
        )
    return parts


def finish(files: SnapshotFiles) -> tuple[str, ...]:
    """Write what a run that was cut off had decided to write; the names of the files written now.

    The lock must be held. Left-over temporary files go too. Raises :class:`UsageError` where a file was changed by
    somebody else in the meantime: then nothing is touched.
    """
    journal = read_journal(files)
    if journal is None:
        _sweep(files)
        return ()
    for part, (before, data) in journal.items():
        if _digest_of(_path(files, part)) not in (before, digest(data)):
            raise UsageError(
                f"{_path(files, part)}: was changed after an update of it was cut off",
                hint=f"put it back as it was (git checkout), or remove {files.journal.name} to give that update up",
            )
    written = []
    for part in _PARTS:
        if part in journal and _digest_of(_path(files, part)) != digest(journal[part][1]):
            write_atomically(_path(files, part), journal[part][1])
            written.append(_path(files, part).name)
    with contextlib.suppress(FileNotFoundError):
        files.journal.unlink()
    _sweep(files)
    return tuple(written)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and a request to end wait for the few milliseconds of writing; by then what was wanted is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _path(files: SnapshotFiles, part: str) -> Path:
    return {"snapshot": files.snapshot, "ledger": files.ledger, "waivers": files.waivers}[part]


def _digest_of(path: Path) -> str:
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return _ABSENT
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None


def _encode(parts: Journal) -> bytes:
    value = {
        "version": 1,
        "parts": {
            part: {"before": before, "digest": digest(data), "after": data.decode("utf-8", "surrogatepass")}
            for part, (before, data) in parts.items()
        },
    }
    return json.dumps(value, sort_keys=True).encode("ascii") + b"\n"


def _sweep(files: SnapshotFiles) -> None:
    """Remove temporary files that a killed run left behind (``write_atomically`` names them ``.NAME.….tmp``)."""
    for target in (files.snapshot, files.ledger, files.waivers, files.journal, files.review):
        for stray in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
            with contextlib.suppress(OSError):
                stray.unlink()
