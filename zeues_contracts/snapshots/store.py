"""Where a snapshot and what goes with it are, how a snapshot is read, and how it is written: canonical JSON, whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json, inside_project, write_atomically

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.openapi.model import Document

__all__ = ["SnapshotFiles", "digest", "read_snapshot", "snapshot_files", "snapshot_path", "write_snapshot"]

_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class SnapshotFiles:
    """The files of one snapshot, all in its folder. ``snapshot`` says where it is; the others are named after it."""

    snapshot: Path

    @property
    def stem(self) -> str:
        """``shop`` of ``snapshots/shop.json``, ``shop.staging`` of ``snapshots/shop.staging.json``."""
        name = self.snapshot.name
        return name.rpartition(".")[0] if name.lower().endswith((".json", ".yaml", ".yml")) else name

    @property
    def ledger(self) -> Path:
        """Who approved what: append-only."""
        return self.snapshot.with_name(f"{self.stem}.ledger.jsonl")

    @property
    def waivers(self) -> Path:
        """What is tolerated until a date."""
        return self.snapshot.with_name(f"{self.stem}.waivers.toml")

    @property
    def review(self) -> Path:
        """The state of a review that was broken off: one person's, not for the repository."""
        return self.snapshot.with_name(f"{self.stem}.review.json")

    @property
    def pending(self) -> Path:
        """What a check saw on a machine that may not write."""
        return self.snapshot.with_name(f"{self.stem}.pending.json")

    @property
    def journal(self) -> Path:
        """What is being written; there only while it is, or after a crash."""
        return self.snapshot.with_name(f".{self.stem}.journal.json")

    @property
    def lock(self) -> Path:
        """Held by the process that writes."""
        return self.snapshot.with_name(f".{self.stem}.lock")


def snapshot_path(config: Config, service: str, environment: str = "") -> Path:
    """The snapshot file of a service: as configured, else ``snapshots/SERVICE.json`` below the configuration.

    With an environment it is ``SERVICE.ENVIRONMENT.json`` beside that. Raises :class:`UsageError` for a name that is
    none, and where a link leads out of the project.
    """
    entry = config.services.get(service)
    given = entry.snapshot if entry is not None else ""
    path = Path(config.root) / (given or f"{config.snapshots}/{service}.json")
    inside_project(path, config.root, f"services.{service}.snapshot" if given else "snapshots")
    if not environment:
        return path
    if not _ENVIRONMENT.fullmatch(environment):
        raise UsageError(
            f"{environment[:80]!r}: not the name of an environment", hint="letters, digits, - and _, such as staging"
        )
    stem = SnapshotFiles(path).stem
    return path.with_name(f"{stem}.{environment}{path.name[len(stem) :]}")


def snapshot_files(config: Config, service: str, environment: str = "") -> SnapshotFiles:
    """The snapshot of a service and the files that go with it."""
    return SnapshotFiles(snapshot_path(config, service, environment))


def read_snapshot(path: Path, config: Config | None = None) -> Document:
    """The document that was last approved. Raises :class:`UsageError` where there is none or it cannot be read."""
    from zeues_contracts.openapi import load

    if not path.is_file():
        raise UsageError(f"{path}: there is no snapshot", hint="take the first one: zeues-contracts snapshot update")
    return load(str(path), config=config)


def write_snapshot(path: Path, contents: Mapping[str, Any]) -> str:
    """Write a document as the snapshot and return its digest. Atomic; the same contents leave the file as it is."""
    data = canonical_json(contents)
    if not (path.is_file() and path.read_bytes() == data):
        write_atomically(path, data)
    return digest(data)


def digest(data: bytes) -> str:
    """The name of a snapshot's content: ``sha256:`` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
