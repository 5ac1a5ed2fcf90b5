"""Two documents in, findings out."""

from __future__ import annotations

import datetime as dt

from zeues_contracts.config import DriftConfig
from zeues_contracts.drift.bump import version_step
from zeues_contracts.drift.collect import Collector
from zeues_contracts.drift.model import DriftResult
from zeues_contracts.drift.operations import compare_operation, operation_added, operation_removed
from zeues_contracts.drift.pair import Pair
from zeues_contracts.drift.policy import STABILITY, Policy, stability
from zeues_contracts.drift.schemas import SchemaJudge
from zeues_contracts.drift.security import compare_schemes
from zeues_contracts.drift.servers import compare_servers
from zeues_contracts.drift.walk import Side, Walk
from zeues_contracts.findings import Finding, Level
from zeues_contracts.openapi.model import Document, Operation, OperationKey

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
    pair = Pair(old, new, settings, policy, joined=False)
    walk = Walk(pair, collector, SchemaJudge(pair, collector))
    for key in old.keys:
        name = _name(old, new, key)
        side = Side(walk, name)
        if key not in new.keys:
            operation_removed(side, old.operation(key))
        else:
            compare_operation(side, old.operation(key), new.operation(key))
    for key in new.keys:
        if key not in old.keys:
            operation_added(Side(walk, _name(old, new, key)), new.operation(key))
    _webhooks(walk)
    _security(walk)
    compare_servers(walk)
    findings = collector.findings(old, new, roles)
    touched = {name for finding in findings for name in finding.operations}
    return DriftResult(findings, tuple(sorted(touched)), version_step(findings))


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


__all__ += ["STABILITY", "Finding", "Level", "Operation", "stability"]
