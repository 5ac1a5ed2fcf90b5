"""The entry point: ``zeues-contracts`` and ``python -m zeues_contracts``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from zeues_contracts.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
