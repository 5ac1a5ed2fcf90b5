"""Snapshots: the document that was last approved, kept in the user's repository, and who approved what and why."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from zeues_contracts.snapshots.store import digest, read_snapshot, snapshot_path, write_snapshot

if TYPE_CHECKING:
    from zeues_contracts.snapshots.git import snapshot_at

__all__ = ["digest", "read_snapshot", "snapshot_at", "snapshot_path", "write_snapshot"]

# Name -> module, imported on first use (PEP 562): a check needs few of them.
_HOMES = {"snapshot_at": "git"}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
