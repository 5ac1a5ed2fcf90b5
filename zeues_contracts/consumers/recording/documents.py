"""The document at hand while a consumer is recorded: its templates give operations their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.openapi.model import Document

__all__ = ["document_at_hand"]


def document_at_hand(config: Config, service: str, given: str = "") -> Document | None:
    """The document given, the snapshot, the configured file; ``None`` without any. The network is not asked.

    Raises :class:`UsageError` for a file that cannot be used.
    """
    from zeues_contracts.openapi import load
    from zeues_contracts.snapshots import read_snapshot, snapshot_path

    if given:
        return load(given, config=config)
    settings = config.services.get(service)
    if settings is None:
        return None
    path = snapshot_path(config, service)
    if path.is_file():
        return read_snapshot(path, config)
    return load(settings.document, config=config, base=Path(config.root)) if settings.document else None
