"""Snapshots: the document that was last approved, kept in the user's repository, and who approved what and why."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from zeues_contracts.snapshots.store import (
    SnapshotFiles,
    digest,
    read_snapshot,
    snapshot_files,
    snapshot_path,
    write_snapshot,
)

if TYPE_CHECKING:
    from zeues_contracts.snapshots.git import git_document, snapshot_at
    from zeues_contracts.snapshots.pending import read_pending, write_pending
    from zeues_contracts.snapshots.verify import verify_files
    from zeues_contracts.snapshots.waivers import apply_waivers, read_waivers

__all__ = [
    "SnapshotFiles",
    "apply_waivers",
    "digest",
    "git_document",
    "read_pending",
    "read_snapshot",
    "read_waivers",
    "snapshot_at",
    "snapshot_files",
    "snapshot_path",
    "verify_files",
    "write_pending",
    "write_snapshot",
]

# Name -> module, imported on first use (PEP 562): a check needs few of them.
_HOMES = {
    "apply_waivers": "waivers",
    "git_document": "git",
    "read_pending": "pending",
    "read_waivers": "waivers",
    "snapshot_at": "git",
    "verify_files": "verify",
    "write_pending": "pending",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
