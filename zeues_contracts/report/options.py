"""What a renderer may be told besides the report itself."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from zeues_contracts.findings import Level

__all__ = ["RenderOptions", "TrendPoint"]


class TrendPoint(msgspec.Struct, frozen=True):
    """One entry of a ledger, for the trend: when (ISO 8601), what was done, and how many findings of each level."""

    at: str
    label: str
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)
    service: str = ""


class RenderOptions(msgspec.Struct, frozen=True):
    """How a report is shown.

    ``width`` is in columns. ``root`` is the folder that paths are shown relative to (absolute; empty: as they are).
    ``max_findings`` bounds how many findings the formats for people print in full (0: all of them). ``verbose`` shows
    everything of a finding, ``quiet`` the verdict alone (text). ``marker`` names the comment that the Markdown is to
    replace. ``fallback_file`` is where annotations and SARIF results go whose place is no file. ``trend`` is the
    ledger's history, oldest first.
    """

    color: bool = False
    width: int = 80
    fail_level: Level = Level.ERROR
    root: str = ""
    max_findings: int = 100
    verbose: bool = False
    quiet: bool = False
    marker: str = ""
    fallback_file: str = ""
    trend: tuple[TrendPoint, ...] = ()
