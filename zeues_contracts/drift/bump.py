"""The semantic version step that changes ask for (semver.org 2.0.0, 6 to 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zeues_contracts.findings import Finding, Level

__all__ = ["ADDS", "stepped", "version_step"]

ADDS = frozenset(
    {
        "operation-added", "optional-parameter-added", "parameter-relaxed", "request-body-relaxed",
        "request-media-type-added", "response-media-type-added", "response-header-added", "status-added",
        "request-property-added", "response-property-added", "request-widened", "callback-added", "deprecation-changed",
        "security-weaker", "server-added",
    }
)  # fmt: skip
"""Slugs of rules that tell of something that may be used and could not be used before."""


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
        if slug == "version-not-raised":
            continue
        if slug in ADDS:
            step = "minor"
        elif step == "none":
            step = "patch"
    return step


def stepped(version: str, bump: str) -> str:
    """A semantic version after a step; "" for a version that is none, and for no step.

    Below 1.0.0 a major step is a minor one, and the others are patches (semver.org 2.0.0, 4).
    """
    found = re.fullmatch(r"(v?)(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:[-+].*)?", version.strip())
    if found is None or bump == "none":
        return ""
    major, minor, patch = (int(found[i]) for i in (2, 3, 4))
    if major == 0:
        bump = "minor" if bump == "major" else "patch"
    parts = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0), "patch": (major, minor, patch + 1)}[bump]
    return found[1] + ".".join(map(str, parts))
