"""Which operations are fuzzed, in which order, with how much of the budget. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.errors import UsageError
from zeues_contracts.live.limits import SAFE_METHODS, is_listed
from zeues_contracts.openapi.model import Document, Operation

__all__ = ["Tier", "check_named", "parse_rate", "parse_shard", "plan", "restricted"]

# An operation that changed gets four times what one gets that nobody is known to use.
_WEIGHTS = {"changed": 4.0, "used": 2.0, "rest": 1.0}


@dataclass(frozen=True, slots=True)
class Tier:
    """Operations that are fuzzed together; ``share`` is their part of the time, all tiers together 1."""

    name: str
    operations: tuple[Operation, ...]
    share: float

    @property
    def names(self) -> frozenset[str]:
        """The operations' names."""
        return frozenset(operation.name for operation in self.operations)


def parse_shard(text: str) -> tuple[int, int] | None:
    """``1/4`` as (1, 4); ``None`` for an empty text. Raises :class:`UsageError`."""
    if not text:
        return None
    found = re.fullmatch(r"\s*(\d{1,4})\s*/\s*(\d{1,4})\s*", text)
    if found is None or not 1 <= int(found.group(1)) <= int(found.group(2)):
        raise UsageError(f"--shard {text}: not a shard", hint="give PART/PARTS, for instance 1/4")
    return int(found.group(1)), int(found.group(2))


def parse_rate(text: str) -> float:
    """Requests per second of ``100/s``, ``20/m`` or ``1000/h``; 0 for an empty text. Raises :class:`UsageError`."""
    if not text:
        return 0.0
    found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(s|sec|second|m|min|minute|h|hour)s?\s*", text.lower())
    if found is None or int(found.group(1)) == 0:
        raise UsageError(f"rate limit {text}: not a rate", hint="give for instance 100/s or 20/m")
    return int(found.group(1)) / {"s": 1.0, "m": 60.0, "h": 3600.0}[found.group(2)[0]]


def check_named(document: Document, names: Sequence[str]) -> None:
    """Raises :class:`UsageError` for a name that no operation of the document has; the hint is the nearest one."""
    from difflib import get_close_matches

    operations = document.operations.values()
    unknown = [name for name in names if not any(is_listed(one.name, one.operation_id, [name]) for one in operations)]
    for name in unknown:
        if "*" in name and len(unknown) < len(names):
            continue  # a pattern beside names that are there may have nothing to find
        known = [text for one in operations for text in (one.name, one.operation_id) if text]
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        listed = ", ".join(one.name for one in list(operations)[:5]) or "none"
        raise UsageError(
            f"operation {name!r}: the document has no such operation",
            hint=f"did you mean {near[0]!r}?"
            if near
            else f"its operations are {listed}{' …' if len(known) > 5 else ''}",
        )


def plan(
    document: Document,
    *,
    exclude: Sequence[str] = (),
    only: Sequence[str] = (),
    trusted: bool = True,
    safe: Sequence[str] = (),
    shard: tuple[int, int] | None = None,
    changed: Collection[str] = (),
    used: Collection[str] = (),
) -> tuple[tuple[Tier, ...], tuple[str, ...]]:
    """The tiers to fuzz, and a sentence for each operation that is left out although it was not excluded.

    Operations of one resource stay in one shard, so that what is created there can be read and deleted there.
    """
    chosen: list[Operation] = []
    left_out: list[str] = []
    for operation in document.operations.values():
        if is_listed(operation.name, operation.operation_id, exclude):
            continue
        if only and not is_listed(operation.name, operation.operation_id, only):
            continue
        if not trusted and operation.method not in SAFE_METHODS and not is_listed(operation.name, "", safe):
            left_out.append(f"{operation.name}: not a safe method, and the host is not loopback")
            continue
        chosen.append(operation)
    if shard is not None:
        mine = _mine(chosen, *shard)
        chosen = [operation for operation in chosen if operation.name in mine]
    groups: dict[str, list[Operation]] = {"changed": [], "used": [], "rest": []}
    for operation in chosen:
        name = "changed" if operation.name in changed else "used" if operation.name in used else "rest"
        groups[name].append(operation)
    total = sum(_WEIGHTS[name] * len(group) for name, group in groups.items())
    tiers = tuple(
        Tier(name, tuple(group), _WEIGHTS[name] * len(group) / total) for name, group in groups.items() if group
    )
    return tiers, tuple(left_out)


def _mine(operations: Sequence[Operation], part: int, parts: int) -> frozenset[str]:
    """The names of one shard: whole resources, the largest first to the emptiest shard, ties by name."""
    resources: dict[str, list[str]] = {}
    for operation in operations:
        resources.setdefault(re.sub(r"(/\{[^{}]*\}).*$", "", operation.path) or "/", []).append(operation.name)
    shards: list[list[str]] = [[] for _ in range(parts)]
    for resource in sorted(resources, key=lambda one: (-len(resources[one]), one)):
        min(shards, key=len).extend(resources[resource])
    return frozenset(shards[part - 1])


def restricted(document: Document, names: Collection[str]) -> Mapping[str, Any]:
    """The document with only some operations; everything else (components, path parameters) stays as it is."""
    paths: dict[str, Any] = {}
    for operation in document.operations.values():
        if operation.name not in names:
            continue
        # The path as it is written; a path item behind a reference is resolved by the operation's pointer.
        item = _at(document.raw, operation.path_item)
        kept = paths.setdefault(operation.path, _without_operations(item))
        kept[operation.method.lower()] = operation.raw
    return {**document.raw, "paths": paths}


def _without_operations(item: Any) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        return {}
    kept = ("parameters", "servers", "summary", "description")
    return {name: value for name, value in item.items() if name in kept}


def _at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
