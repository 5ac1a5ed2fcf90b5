"""The entry point: ``zeues-contracts`` and ``python -m zeues_contracts``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # What is imported stays: looking for garbage among it, while it comes in and when it all goes, takes a tenth of a
    # small command's time.
    gc.set_threshold(50_000, 20, 20)
    from zeues_contracts.cli import run

    code = run()
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
