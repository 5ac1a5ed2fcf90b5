"""What a check saw on a machine that may not write: ``SERVICE.pending.json``, which a later review takes up.

It holds the live document itself, so that people review what the build met and not what is live by then. What changed
is computed anew from it: the changes named in the file are for reading alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zeues_contracts.errors import UsageError
from zeues_contracts.files import canonical_json, write_atomically
from zeues_contracts.redact import redact_text
from zeues_contracts.snapshots.contents import contents_of
from zeues_contracts.snapshots.ledger import changes_of
from zeues_contracts.snapshots.store import SnapshotFiles, digest

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.findings import Finding
    from zeues_contracts.openapi.model import Document

__all__ = ["Pending", "read_pending", "write_pending"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Pending:
    """A pending file as read. ``snapshot`` is the digest of the snapshot that the check compared with."""

    document: Document
    time: str
    source: str
    snapshot: str
    fingerprints: tuple[str, ...]

    @property
    def named(self) -> str:
        """How the source is called in the ledger."""
        return f"{self.source} as of {self.time}" if self.source else f"as of {self.time}"


def write_pending(
    path: Path,
    document: Document,
    findings: Sequence[Finding],
    source: str = "",
    *,
    snapshot: str | None = None,
    now: datetime | None = None,
) -> None:
    """Leave the live document and what changed for a review. ``source`` says where it came from, without credentials.

    ``snapshot`` is the digest of the snapshot it was compared with; by default of the file beside it now.
    """
    if snapshot is None:
        from zeues_contracts.snapshots.updating import current_digest

        name = path.name.removesuffix(".pending.json")
        snapshot = current_digest(SnapshotFiles(path.with_name(f"{name}.json")))
    contents = contents_of(document)
    value = {
        "version": _VERSION,
        "time": (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": redact_text(source),
        "snapshot": snapshot,
        "findings": [one.to_json() for one in changes_of(findings)],
        "digest": digest(canonical_json(contents)),
        "document": contents,
    }
    write_atomically(path, canonical_json(value), follow=False)


def read_pending(path: Path, config: Config | None = None) -> Pending:
    """What a check left. Raises :class:`UsageError` for a file that is not one of these, or is not whole."""
    from zeues_contracts.config import LimitsConfig
    from zeues_contracts.openapi import document_from_mapping
    from zeues_contracts.openapi.loading import read_bounded

    limits = config.limits if config is not None else LimitsConfig()
    data = read_bounded(path, limits.max_bytes * 2)
    wrong = UsageError(
        f"{path}: not a pending file of zeues-contracts, or damaged",
        hint="take it from the build again; `zeues-contracts check` writes it where CI is set",
    )
    if len(data) > limits.max_bytes * 2:
        raise UsageError(f"{path}: larger than {limits.max_bytes * 2} bytes", hint="raise `limits.max-bytes`")
    try:
        value: Any = json.loads(data)
        contents = value["document"]
        whole = value["version"] == _VERSION and isinstance(contents, Mapping)
        whole = whole and digest(canonical_json(contents)) == value["digest"]
        texts = [value[key] for key in ("time", "source", "snapshot")]
        names = [one["fingerprint"] for one in value["findings"]]
        whole = whole and all(isinstance(one, str) for one in (*texts, *names))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise wrong from None
    if not whole:
        raise wrong
    document = document_from_mapping(contents, f"{path}#/document", limits=limits, external_refs="none")
    return Pending(document, texts[0], texts[1], texts[2], tuple(names))
