"""Snapshots: the document that was last approved, kept in the user's repository."""

from __future__ import annotations

from zeues_contracts.snapshots.store import digest, read_snapshot, snapshot_path, write_snapshot

__all__ = ["digest", "read_snapshot", "snapshot_path", "write_snapshot"]
