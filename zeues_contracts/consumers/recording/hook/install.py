"""Beginning to watch a process: at once a look at what is imported, and all else when an HTTP library is."""

from __future__ import annotations

import os
import sys

from .watching import PatchFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .recorder import Recorder

__all__ = ["install", "patch_libraries"]

_SPOOL_VARIABLE = "ZEUES_CONTRACTS_SPOOL"  # as in recorder, which is not imported before it is wanted
# What tells that a process may send requests, or runs tests. JSON decoders, threads and tasks are no sign of that.
_SIGNS = (
    "requests.adapters",
    "urllib3.connectionpool",
    "httpx._client",
    "httpx2._client",
    "aiohttp.client",
    "http.client",
    "_pytest.reports",
    "unittest.result",
)
_finders: list[PatchFinder] = []


def install() -> None:
    """Watch this process if the environment names a spool folder. Never raises."""
    try:
        folder = os.environ.get(_SPOOL_VARIABLE, "")
        if not folder or not os.path.isdir(folder):  # noqa: PTH112 - as few imports as can be
            return

        def wake(module: Any) -> None:
            _wake(finder, folder)

        finder = PatchFinder(dict.fromkeys(_SIGNS, wake))
        sys.meta_path.insert(0, finder)
        finder.patch_imported()
    except Exception:  # whatever it is, it is none of the process's business
        return


def _wake(finder: PatchFinder, folder: str) -> None:
    """Begin to record: the first library of interest has been imported."""
    if _finders:
        return
    _finders.append(finder)
    finder.paused = True  # what we import for ourselves is patched afterwards, when all of us is there
    try:
        import atexit

        from . import clients, stdlib
        from .recorder import Recorder, activate

        recorder = Recorder(folder)
        activate(recorder)
        finder.patches = {**clients.PATCHES, **stdlib.PATCHES}
        atexit.register(recorder.flush, final=True)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=recorder.forked)
        _flush_before_exit(recorder)
    finally:
        finder.paused = False
    finder.patch_imported()


def patch_libraries() -> None:
    """Watch the libraries that are imported, and those that will be; once. For who has a recorder of his own."""
    if not _finders:
        from . import clients, stdlib

        finder = PatchFinder({**clients.PATCHES, **stdlib.PATCHES})
        _finders.append(finder)
        sys.meta_path.insert(0, finder)
        finder.patch_imported()


def _flush_before_exit(recorder: Recorder) -> None:
    """``os._exit`` runs no exit handlers: forked workers end by it."""
    leave = os._exit

    def _exit(status: int) -> None:
        recorder.flush(final=True)
        leave(status)

    os._exit = _exit  # type: ignore[assignment]
