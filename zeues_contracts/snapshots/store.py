"""Where a snapshot is, how it is read, and how it is written: canonical JSON, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json, write_atomically

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.openapi.model import Document

__all__ = ["digest", "read_snapshot", "snapshot_path", "write_snapshot"]


def snapshot_path(config: Config, service: str) -> Path:
    """The snapshot file of a service: as configured, else ``snapshots/SERVICE.json`` below the configuration."""
    entry = config.services.get(service)
    given = entry.snapshot if entry is not None else ""
    return Path(config.root) / (given or f"{config.snapshots}/{service}.json")


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
