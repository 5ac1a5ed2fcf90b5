"""One root, one finding: what several operations break at the same place of a shared schema is told once. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from zeues_contracts.findings import Finding

__all__ = ["grouped", "shared_place"]

_DOING = {
    "ZC405": "answer with a body outside of",
    "ZC409": "answer with a text that is not of the format of",
    "ZC411": "accept what is outside of",
    "ZC413": "accept what is outside of",
    "ZC431": "send events outside of",
}
_SHARED = re.compile(r"/(?:components/schemas|definitions)/([^/]+)(.*)")
_SURE = {"certain": 2, "likely": 1}
_SHOWN = 20


def shared_place(finding: Finding) -> tuple[str, str] | None:
    """What findings with the same root have in common: rule and place in a shared schema; ``None`` for others."""
    if finding.rule not in _DOING or finding.place is None or not _SHARED.match(finding.place.pointer):
        return None
    return finding.rule, finding.place.pointer


def grouped(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, those of one root as one with all its operations, where the first of them stood."""
    roots: dict[tuple[str, tuple[str, str]], list[Finding]] = {}
    order: list[Finding | tuple[str, tuple[str, str]]] = []
    for finding in findings:
        place = shared_place(finding)
        if place is None:
            order.append(finding)
            continue
        key = (finding.service, place)
        if key not in roots:
            roots[key] = []
            order.append(key)
        roots[key].append(finding)
    return tuple(one if isinstance(one, Finding) else _joined(roots[one]) for one in order)


def _joined(same: Sequence[Finding]) -> Finding:
    told = sorted(same, key=lambda one: one.operations)
    operations = tuple(dict.fromkeys(name for one in told for name in one.operations))
    if len(operations) == 1:
        return _best(same).with_(hits=tuple(dict.fromkeys(hit for one in same for hit in one.hits)))
    if len(same) == 1:
        return same[0]
    best = _best(same)
    where = _SHARED.match(best.place.pointer) if best.place is not None else None
    assert where is not None
    inside = re.sub(r"/(?:properties|items|anyOf|oneOf|allOf|prefixItems)(?=/)|/[^/]*$", "", where.group(2))
    name = where.group(1) + inside.replace("/", ".").replace("~1", "/").replace("~0", "~")
    why = f": {best.evidence.explanation}" if best.evidence.explanation else ""
    seen = [f"{', '.join(one.operations)}: {one.subject}" for one in same if len(one.operations) == 1]
    return best.with_(
        message=f"{len(operations)} operations {_DOING[best.rule]} {name}{why}",
        operations=operations,
        subject=where.group(0),
        hits=tuple(dict.fromkeys(hit for one in same for hit in one.hits)),
        evidence=replace(best.evidence, details=tuple(dict.fromkeys((*best.evidence.details, *sorted(seen))))[:_SHOWN]),
    )


def _best(same: Sequence[Finding]) -> Finding:
    """The one that says most; the shortest among equals, so that it can be read and runs agree."""
    return min(
        same,
        key=lambda one: (
            -len(one.operations),
            -one.level.rank,
            -_SURE.get(one.confidence, 0),
            _length(one),
            one.operation,
            one.subject,
        ),
    )


def _length(finding: Finding) -> int:
    """How much there is to read of an exchange."""
    exchange = finding.evidence.exchange
    answer = exchange.response if exchange is not None else None
    return len(finding.evidence.replay) + (len(answer.body) if answer is not None else 0)
