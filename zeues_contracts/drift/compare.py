"""Two documents in, findings out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from zeues_contracts.config import DriftConfig
from zeues_contracts.drift.bump import version_step
from zeues_contracts.drift.collect import Collector
from zeues_contracts.drift.model import DriftResult, Use
from zeues_contracts.drift.operations import compare_operation, operation_added, operation_removed
from zeues_contracts.drift.pair import Pair
from zeues_contracts.drift.policy import STABILITY, Policy, stability
from zeues_contracts.drift.schemas import SchemaJudge
from zeues_contracts.drift.security import compare_schemes
from zeues_contracts.drift.servers import compare_servers
from zeues_contracts.drift.units import Survey, survey
from zeues_contracts.drift.walk import Side, Walk
from zeues_contracts.openapi.model import Document, OperationKey

__all__ = ["drift"]


def drift(
    old: Document,
    new: Document,
    *,
    service: str = "",
    config: DriftConfig | None = None,
    today: dt.date | None = None,
    roles: tuple[str, str] = ("snapshot", "live"),
) -> DriftResult:
    """What changed from an older document to a newer one, judged by what it means to those who use the service.

    ``today`` is the day on which sunsets are judged. ``roles`` name the two documents in the findings' places.
    Findings have their rules' default levels; the result depends on nothing but the arguments. No I/O.
    """
    settings = config or DriftConfig()
    policy = Policy(today or dt.datetime.now(dt.UTC).date(), settings.deprecation_days)
    collector = Collector(service)
    found = survey(old, new)
    joined = found is not None and old.dialect is new.dialect
    walk = _walk(old, new, settings, policy, collector, found.changed_schemas if found is not None and joined else None)
    if found is not None and joined:
        _joined(walk, found, lambda: _walk(old, new, settings, policy, collector, None))
    else:
        for key in old.keys:
            if key in new.keys:
                compare_operation(Side(walk, _name(old, new, key)), old.operation(key), new.operation(key))
    collector.unstable.update(_unstable(old, new))
    for key in old.keys:
        if key not in new.keys:
            operation_removed(Side(walk, _name(old, new, key)), old.operation(key))
    for key in new.keys:
        if key not in old.keys:
            operation_added(Side(walk, _name(old, new, key)), new.operation(key))
    _components(walk, found)
    _webhooks(walk)
    _security(walk)
    compare_servers(walk)
    findings = collector.findings(old, new, roles)
    touched = {name for finding in findings for name in finding.operations}
    return DriftResult(findings, tuple(sorted(touched)), version_step(findings))


def _walk(
    old: Document,
    new: Document,
    settings: DriftConfig,
    policy: Policy,
    collector: Collector,
    changed: frozenset[str] | None,
) -> Walk:
    pair = Pair(old, new, settings, policy, changed)
    return Walk(pair, collector, SchemaJudge(pair, collector))


def _joined(walk: Walk, found: Survey, from_roots: Callable[[], Walk]) -> None:
    """Judge operations that changed by themselves, and component schemas once for all that reach them."""
    overlay = walk.pair.overlay
    assert overlay is not None
    crossing: set[OperationKey] = set()
    work: list[tuple[str, Use]] = []
    for pointer in sorted(overlay.changed):
        for use in found.uses:
            if not (found.reaching(pointer, use) or found.crossing(pointer, use)):
                continue
            if walk.schemas.changed(use, walk.pair.old.schema(pointer), walk.pair.new.schema(pointer)):
                work.append((pointer, use))
                crossing |= found.crossing(pointer, use)
    old, new = walk.pair.old, walk.pair.new
    for pointer, use in work:
        if overlay.met_alone(pointer):
            operations = found.touched(pointer, use, crossing)
            if operations:
                walk.schemas.compare(use, old.schema(pointer), new.schema(pointer), operations, pointer)
    exact = from_roots() if crossing else walk
    meeting = {key for key in found.both if new.keys[key][0] in overlay.paths} if overlay.paths else set()
    for part in overlay.parts:
        for use in found.uses:
            meeting |= found.reaching(part, use)
    for key in found.both:
        if key in crossing or key in found.dirty or key in meeting:
            side = Side(exact if key in crossing else walk, found.names[key])
            compare_operation(side, old.operation(key), new.operation(key))


def _unstable(old: Document, new: Document) -> Iterator[str]:
    """Operations of the older document that were marked as not stable yet."""
    paths = old.raw.get("paths")
    for key, (path, method) in old.keys.items():
        item = paths.get(path) if isinstance(paths, Mapping) else None
        raw = item.get(method.lower()) if isinstance(item, Mapping) else None
        level, known = stability(raw) if isinstance(raw, Mapping) else ("stable", True)
        if known and STABILITY[level] < STABILITY["beta"]:
            yield _name(old, new, key)


def _name(old: Document, new: Document, key: OperationKey) -> str:
    path, method = new.keys.get(key) or old.keys[key]
    return f"{method} {path}"


def _webhooks(walk: Walk) -> None:
    old, new = walk.pair.old, walk.pair.new
    if not old.webhooks and not new.webhooks:
        return
    before = {(name, one.method): one for name, many in old.webhooks.items() for one in many}
    after = {(name, one.method): one for name, many in new.webhooks.items() for one in many}
    for (name, method), one in before.items():
        side = Side(walk, f"{method} {name}", True, "webhook, ")
        other = after.get((name, method))
        if other is None:
            operation_removed(side, one)
        else:
            compare_operation(side, one, other)
    for (name, method), other in after.items():
        if (name, method) not in before:
            operation_added(Side(walk, f"{method} {name}", True, "webhook, "), other)


def _security(walk: Walk) -> None:
    old, new = walk.pair.old, walk.pair.new
    if old.security_schemes == new.security_schemes:
        return
    used: dict[str, list[str]] = {}
    for key in old.keys:
        if key in new.keys:
            one, other = old.operation(key), new.operation(key)
            names = {name for alternative in one.security for name in alternative}
            for name in names & {name for alternative in other.security for name in alternative}:
                used.setdefault(name, []).append(other.name)
    compare_schemes(walk, used)


def _components(walk: Walk, found: Survey | None) -> None:
    """What component schemas say besides the set of values, each once."""
    if found is None:
        return
    for pointer in sorted(found.changed_schemas):
        for use in found.uses:
            operations = found.touched(pointer, use)
            if operations:
                old, new = walk.pair.old.schema(pointer), walk.pair.new.schema(pointer)
                walk.schemas.extras(use, old, new, operations, pointer)
