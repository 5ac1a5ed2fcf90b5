"""The semantic version step that changes ask for (semver.org 2.0.0, 6 to 8)."""

from __future__ import annotations

from collections.abc import Iterable

from zeues_contracts.findings import Finding, Level

__all__ = ["version_step"]

_NEW = frozenset(
    {
        "operation-added", "optional-parameter-added", "parameter-relaxed", "request-body-relaxed",
        "request-media-type-added", "response-media-type-added", "response-header-added", "status-added",
        "request-property-added", "response-property-added", "request-widened", "callback-added", "deprecation-changed",
        "security-weaker", "server-added",
    }
)  # fmt: skip


def version_step(findings: Iterable[Finding]) -> str:
    """``major`` where something breaks, ``minor`` where something may be used that could not, else ``patch``.

    Warnings break somebody as well; ``none`` where nothing changed.
    """
    from zeues_contracts.rules import rule

    step = "none"
    for finding in findings:
        if finding.level.rank >= Level.WARNING.rank:
            return "major"
        slug = rule(finding.rule).slug
        if slug in _NEW:
            step = "minor"
        elif step == "none":
            step = "patch"
    return step
