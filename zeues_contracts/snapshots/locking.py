"""One writer at a time: the other waits for a bounded time, then is refused clearly.

The lock is the operating system's (``flock``, on Windows ``msvcrt.locking``): it ends with the process that holds it,
however that ends, so that a killed run never locks anybody out.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from zeues_contracts.errors import UsageError

__all__ = ["locked"]

_PAUSE = 0.05


@contextlib.contextmanager
def locked(path: Path, *, wait: float = 10.0) -> Iterator[None]:
    """Hold the lock of a file for the block. Raises :class:`UsageError` when it is not free within ``wait`` seconds."""
    deadline = time.monotonic() + wait
    handle = _acquire(path, deadline, wait)
    try:
        yield
    finally:
        # Taken away while it is held: whoever waits sees that its file is no longer the one of that name.
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                path.unlink()
        os.close(handle)


def _acquire(path: Path, deadline: float, wait: float) -> int:
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                path.unlink()  # planted: the lock is a file of this folder, and what is locked gets written to
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
            handle = os.open(path, flags, 0o666)
        except OSError as error:
            raise UsageError(f"{path.parent}: cannot be written: {error.strerror or error}") from None
        if _try(handle):
            if _is_current(handle, path):
                with contextlib.suppress(OSError):
                    os.ftruncate(handle, 0)
                    os.write(handle, f"{os.getpid()}\n".encode("ascii"))
                return handle
            os.close(handle)
            continue
        holder = _holder(path)
        os.close(handle)
        if time.monotonic() >= deadline:
            raise UsageError(
                f"{path.parent}: another process{holder} is writing here; waited {wait:g} s",
                hint="let it end, then run this again; nothing was written",
            )
        time.sleep(_PAUSE)


def _try(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_current(handle: int, path: Path) -> bool:
    """Whether the file that was opened is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except OSError:
        return False


def _holder(path: Path) -> str:
    try:
        text = path.read_bytes()[:20].decode("ascii", "replace").strip()
    except OSError:
        return ""
    return f" (process {text})" if text.isdigit() else ""
