"""Places of a report as they are called from the working folder.

Contracts are named from the configuration's folder, so that findings read the same on every machine. Where that is not
the working folder, an editor, an annotation and code scanning would look for them in the wrong place.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from zeues_contracts.findings import Finding, Place, Report

__all__ = ["from_here"]


def from_here(report: Report, root: str) -> Report:
    """The report with relative files of the folder ``root`` named from the working folder; nothing else changes."""
    here, base = Path.cwd(), Path(root)
    # A folder elsewhere altogether (a demonstration's) is no place to send anybody to.
    if not root or base == here or not (base.is_relative_to(here) or here.is_relative_to(base)):
        return report
    known: dict[str, str] = {}

    def called(source: str) -> str:
        if source not in known:
            known[source] = _called(source, Path(root), here)
        return known[source]

    renamed = partial(_renamed, called=called)
    return replace(
        report,
        findings=tuple(renamed(one) for one in report.findings),
        waived=tuple(renamed(one) for one in report.waived),
    )


def _called(source: str, root: Path, here: Path) -> str:
    """Only what is a file there and none here: names that came from the command line are from here already."""
    if not source or "://" in source or Path(source).is_absolute():
        return source
    try:
        if (here / source).exists() or not (root / source).is_file():
            return source
    except (OSError, ValueError):  # no name that a file can have
        return source
    return Path(os.path.relpath(root / source, here)).as_posix()


def _renamed(finding: Finding, called: Callable[[str], str]) -> Finding:

    def place(one: Place) -> Place:
        source = called(one.source)
        return one if source == one.source else replace(one, source=source)

    return finding.with_(
        place=None if finding.place is None else place(finding.place),
        related=tuple(place(one) for one in finding.related),
        hits=tuple(one if one.place is None else replace(one, place=place(one.place)) for one in finding.hits),
    )
