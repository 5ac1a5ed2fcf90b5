"""Beginning to watch a process."""

from __future__ import annotations

import atexit
import contextlib
import os

from . import clients, stdlib
from .patching import watch_imports
from .recorder import SPOOL_VARIABLE, Recorder, activate

__all__ = ["install", "patch_libraries"]

_patched: list[bool] = []


def install() -> Recorder | None:
    """Watch this process if the environment names a spool folder. Never raises."""
    with contextlib.suppress(Exception):
        folder = os.environ.get(SPOOL_VARIABLE, "")
        if not folder or not os.path.isdir(folder):  # noqa: PTH112 - as few imports as can be
            return None
        recorder = Recorder(folder)
        activate(recorder)
        patch_libraries()
        atexit.register(recorder.flush, final=True)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=recorder.forked)
        _flush_before_exit(recorder)
        return recorder
    return None


def patch_libraries() -> None:
    """Watch the libraries that are imported, and those that will be; once."""
    if not _patched:
        _patched.append(True)
        watch_imports({**clients.PATCHES, **stdlib.PATCHES})


def _flush_before_exit(recorder: Recorder) -> None:
    """``os._exit`` runs no exit handlers: forked workers end by it."""
    leave = os._exit

    def _exit(status: int) -> None:
        recorder.flush(final=True)
        leave(status)

    os._exit = _exit  # type: ignore[assignment]
