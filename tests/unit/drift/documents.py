"""Documents for tests, from YAML text or from mappings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from zeues_contracts.drift import DriftResult, drift
from zeues_contracts.findings import Finding, Level
from zeues_contracts.openapi import Document, parse_document
from zeues_contracts.rules import rule

TODAY = dt.date(2026, 1, 1)


def document(text: str, name: str = "openapi.yaml") -> Document:
    return parse_document(text.encode(), name)


def compare(old: str | Document, new: str | Document, **settings: Any) -> DriftResult:
    one = document(old) if isinstance(old, str) else old
    other = document(new) if isinstance(new, str) else new
    return drift(one, other, today=TODAY, **settings)


def slugs(result: DriftResult) -> list[str]:
    return [rule(one.rule).slug for one in result.findings]


def told(result: DriftResult) -> list[tuple[str, str]]:
    """Rule and message of every finding but those about text and version."""
    quiet = {"text-changed", "version-not-raised"}
    return [(rule(one.rule).slug, one.message) for one in result.findings if rule(one.rule).slug not in quiet]


def above_info(result: DriftResult) -> list[Finding]:
    return [one for one in result.findings if one.level is not Level.INFO]


def only(result: DriftResult, slug: str) -> Finding:
    found = [one for one in result.findings if rule(one.rule).slug == slug]
    assert len(found) == 1, [(one.rule, one.message) for one in result.findings]
    return found[0]
