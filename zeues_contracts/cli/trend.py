"""The history of ledgers as the HTML report shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zeues_contracts.config import Config
    from zeues_contracts.report import TrendPoint

__all__ = ["trend_of"]

_LEVELS = ("error", "warning", "info")


def trend_of(config: Config, services: Iterable[str]) -> tuple[TrendPoint, ...]:
    """One point for each entry of the services' ledgers, by time: when, why, and the levels of what was approved.

    A ledger that cannot be read has no trend: ``snapshot verify`` is where that is told.
    """
    from zeues_contracts.report import TrendPoint
    from zeues_contracts.snapshots import snapshot_files
    from zeues_contracts.snapshots.ledger import read_ledger

    points = []
    for name in services:
        try:
            ledger = read_ledger(snapshot_files(config, name).ledger)
        except UsageError:
            continue
        for entry in ledger.entries if ledger is not None else ():
            levels = [change.level for change in entry.accepted]
            counts = {level: levels.count(level) for level in _LEVELS if level in levels}
            points.append(TrendPoint(entry.time, f"{entry.action}: {entry.reason}".rstrip(": "), counts, name))
    return tuple(sorted(points, key=lambda one: one.at))
