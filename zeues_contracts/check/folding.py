"""One fault, one finding: what a stronger finding already explains is its evidence, not a finding of its own."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from zeues_contracts.findings import Cause, Finding, Hit, Level

__all__ = ["folded"]

_UNMET = "ZC450"
"""An interaction that came out otherwise than expected when it was replayed."""


def folded(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings without the failed replays of interactions whose contract is known not to fit.

    The document told beforehand that the interaction must fail; that it did confirms it. The exchange becomes evidence
    of the finding that told so, which is kept at its level.
    """
    explaining: dict[tuple[str, str], int] = {}
    for index, finding in enumerate(findings):
        if finding.cause is Cause.MISMATCH and finding.rule != _UNMET and finding.level is Level.ERROR:
            for hit in finding.hits:
                explaining.setdefault(_key(hit), index)
    kept = list(findings)
    gone: set[int] = set()
    for index, finding in enumerate(findings):
        if finding.rule != _UNMET or not finding.hits:
            continue
        reasons = {explaining.get(_key(hit)) for hit in finding.hits}
        if None in reasons:
            continue
        gone.add(index)
        for reason in reasons:
            assert reason is not None
            kept[reason] = _confirmed(kept[reason], finding)
    return tuple(finding for index, finding in enumerate(kept) if index not in gone)


def _key(hit: Hit) -> tuple[str, str]:
    return hit.consumer, hit.interaction


def _confirmed(finding: Finding, seen: Finding) -> Finding:
    evidence = finding.evidence
    if evidence.exchange is not None:
        return finding
    return finding.with_(
        evidence=replace(
            evidence,
            exchange=seen.evidence.exchange,
            replay=evidence.replay or seen.evidence.replay,
            details=(*evidence.details, "replayed: the service answers so"),
        )
    )
