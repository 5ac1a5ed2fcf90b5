"""The entry point: ``zeues-contracts`` and ``python -m zeues_contracts``."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

# By these, libraries and applications come in that may have something to put away at the end.
_FOREIGN = ("zeues_contracts.live", "zeues_contracts.openapi.inprocess")


def main() -> None:
    """Run the command line and exit with its code."""
    # What is imported stays: looking for garbage among it while it comes in takes a tenth of a small command's time.
    gc.set_threshold(50_000, 20, 20)
    from zeues_contracts.cli import run

    code = run()
    if not any(name in sys.modules for name in _FOREIGN):
        _end(code)
    gc.freeze()
    sys.exit(code)


def _end(code: int) -> None:
    """End at once, as mypy does: to free two documents object by object takes up to a sixth of the time of a diff.

    Returns where the output cannot be flushed: the interpreter's own end tells why.
    """
    with contextlib.suppress(OSError, ValueError):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
