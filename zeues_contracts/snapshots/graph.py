"""When each field came and went: the ledger's approvals, with the documents that git has of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zeues_contracts.errors import ZeuesContractsError
from zeues_contracts.files import canonical_json
from zeues_contracts.snapshots.fields import fields_of
from zeues_contracts.snapshots.store import SnapshotFiles, digest

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.snapshots.ledger import Change, Entry, Ledger

__all__ = ["Graph", "Line", "Span", "Version", "build_graph", "graph_json", "graph_of"]


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the snapshot: when it was approved, by whom and why. ``known`` says that its document was found."""

    time: str
    actor: str
    reason: str
    digest: str
    known: bool
    accepted: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """From the version in which a field came to the one in which it went (``None``: it is there still)."""

    came: int
    went: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A field's life. An operation itself has an empty ``field``. ``hits`` are consumers that its changes hit."""

    operation: str
    field: str
    spans: tuple[Span, ...]
    hits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """All versions, oldest first, and the lines in the order of operations."""

    versions: tuple[Version, ...]
    lines: tuple[Line, ...]

    @property
    def missing(self) -> int:
        """How many versions' documents neither git nor the working folder has."""
        return sum(1 for one in self.versions if not one.known)


def graph_of(files: SnapshotFiles, ledger: Ledger, config: Config | None = None) -> Graph:
    """The graph of a snapshot from its ledger, git's versions of the file, and the file as it lies there."""
    from zeues_contracts.snapshots.git import versions_of

    contents: dict[str, bytes] = {}
    times: dict[str, tuple[str, str, str]] = {}
    for commit, data in versions_of(files.snapshot):
        name = _digest(data)
        contents[name] = data
        times.setdefault(name, (commit.time, commit.author, commit.subject))
    if files.snapshot.is_file():
        data = files.snapshot.read_bytes()
        contents[_digest(data)] = data
    versions = _versions(ledger.entries, contents, times)
    return build_graph(versions, [_fields(contents.get(one.digest), config) for one in versions])


def build_graph(versions: Sequence[Version], fields: Sequence[Mapping[str, Sequence[str]] | None]) -> Graph:
    """The graph of versions and the fields of each; ``None`` where the document is not known: it counts as the last."""
    alive: dict[tuple[str, str], int] = {}
    spans: dict[tuple[str, str], list[Span]] = {}
    last: set[tuple[str, str]] = set()
    for index, known in enumerate(fields):
        if known is None:
            continue
        here = {(operation, "") for operation in known}
        here |= {(operation, name) for operation, names in known.items() for name in names}
        for key in here - last:
            alive[key] = index
        for key in last - here:
            spans.setdefault(key, []).append(Span(alive.pop(key), index))
        last = here
    for key, came in alive.items():
        spans.setdefault(key, []).append(Span(came, None))
    lines = [
        Line(operation, name, tuple(found), _hits(versions, operation, name, found))
        for (operation, name), found in spans.items()
    ]
    lines.sort(key=lambda one: (one.operation.partition(" ")[2], one.operation, one.field))
    return Graph(tuple(versions), tuple(lines))


def graph_json(graph: Graph, service: str) -> dict[str, Any]:
    """The graph as JSON, version 1; versions are named by their place in the list, from 0."""
    return {
        "version": 1,
        "service": service,
        "versions": [
            {
                "time": one.time,
                "actor": one.actor,
                "reason": one.reason,
                "digest": one.digest,
                "known": one.known,
                "accepted": [change.to_json() for change in one.accepted],
            }
            for one in graph.versions
        ],
        "fields": [
            {
                "operation": one.operation,
                "field": one.field,
                "spans": [{"came": span.came, "went": span.went} for span in one.spans],
                "hits": list(one.hits),
            }
            for one in graph.lines
        ],
    }


def _versions(
    entries: Sequence[Entry], contents: Mapping[str, bytes], times: Mapping[str, tuple[str, str, str]]
) -> tuple[Version, ...]:
    """What the ledger tells, and before it what git alone knows of."""
    told = {entry.after for entry in entries} | {entry.before for entry in entries}
    first = entries[0].time if entries else ""
    found = [
        Version(time, author, subject, name, True)
        for name, (time, author, subject) in times.items()
        if name not in told and (not first or _utc(time) < first)
    ]
    last = found[-1].digest if found else ""
    for entry in entries:
        if entry.after and entry.after != last:
            known = entry.after in contents
            found.append(Version(entry.time, entry.actor, entry.reason, entry.after, known, entry.accepted))
            last = entry.after
    return tuple(found)


def _utc(time: str) -> str:
    from datetime import UTC, datetime

    try:
        return datetime.fromisoformat(time).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return time


def _digest(data: bytes) -> str:
    """The digest of the content in its own form, as the ledger has it."""
    try:
        return digest(canonical_json(json.loads(data)))
    except (ValueError, RecursionError, ZeuesContractsError):
        return digest(data)


def _fields(data: bytes | None, config: Config | None) -> Mapping[str, Sequence[str]] | None:
    if data is None:
        return None
    from zeues_contracts.openapi import parse_document

    try:
        limits = config.limits if config is not None else None
        return fields_of(parse_document(data, "snapshot", limits=limits, external_refs="none"))
    except ZeuesContractsError:
        return None


def _hits(versions: Sequence[Version], operation: str, name: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Consumers that the changes of a field hit, as the ledger noted them when they were approved."""
    leaf = name.rpartition(".")[2].removesuffix("[]") if "." in name else name.rpartition(" ")[2]
    moments = {span.came for span in spans} | {span.went for span in spans if span.went is not None}
    found: dict[str, None] = {}
    for index in sorted(moments):
        for change in versions[index].accepted:
            about = change.subject.rpartition(":")[2].strip()
            last = about.rpartition("/")[2].rpartition(".")[2].removesuffix("[]")
            if operation in change.operations and (last == leaf or (not name and not change.subject)):
                found |= dict.fromkeys(hit.partition(":")[0] for hit in change.hits)
    return tuple(found)
