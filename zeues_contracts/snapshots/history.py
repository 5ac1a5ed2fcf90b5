"""The ledger as people read it: text, JSON and a Markdown changelog. Pure functions of the entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zeues_contracts.snapshots.ledger import Change, Entry

__all__ = ["breaking_count", "log_json", "log_rows"]

_ACTIONS = {
    "create": "took the first snapshot",
    "adopt": "adopted the snapshot as it was",
    "update": "updated the snapshot",
    "review": "reviewed the changes",
    "waive": "waived findings",
    "merge": "joined two branches",
}
_LEVELS = {"error": 0, "warning": 1, "info": 2}


def breaking_count(entry: Entry) -> int:
    """How many breaking changes an entry approved."""
    return sum(1 for one in entry.accepted if one.level == "error")


def what_of(entry: Entry) -> str:
    """What an entry did, in words."""
    return _ACTIONS.get(entry.action, entry.action)


def log_json(entries: Sequence[Entry], service: str) -> dict[str, Any]:
    """The ledger as JSON, version 1: newest last, as in the file."""
    return {
        "version": 1,
        "service": service,
        "entries": [
            {
                "line": one.line,
                "time": one.time,
                "actor": one.actor,
                "action": one.action,
                "reason": one.reason,
                "source": one.source,
                "before": one.before,
                "after": one.after,
                "hash": one.hash,
                "whole": one.whole,
                "accepted": [change.to_json() for change in one.accepted],
                "rejected": [change.to_json() for change in one.rejected],
                "waived": [change.to_json() for change in one.waived],
                "joins": list(one.joins),
            }
            for one in entries
        ],
    }


def log_rows(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Changes worst first, then as they were noted."""
    return tuple(sorted(changes, key=lambda one: _LEVELS.get(one.level, 3)))
