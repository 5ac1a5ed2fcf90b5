"""A catalogue and a version that stay as they are, so that golden files speak of the reports alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import zeues_contracts
from zeues_contracts import rules
from zeues_contracts.findings import Cause, Level
from zeues_contracts.rules import Rule

_ENTRIES = (
    ("ZC204", "property-may-be-null", "A property may be null now", Level.WARNING, Cause.DRIFT),
    ("ZC205", "enumeration-grew", "An enumeration grew in a response", Level.WARNING, Cause.DRIFT),
    ("ZC298", "framework-upgrade", "A framework upgrade rewrote the document", Level.INFO, Cause.DRIFT),
    ("ZC301", "request-lacks-property", "A request lacks what the document requires", Level.ERROR, Cause.MISMATCH),
    ("ZC401", "undocumented-error", "The service answers with an error of its own", Level.ERROR, Cause.VIOLATION),
    ("ZC502", "dependency-down", "Something that the service depends on is out", Level.ERROR, Cause.OUTAGE),
)


@pytest.fixture
def fixed_catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """ZC299 is left out on purpose: a report may be older or newer than the catalogue."""
    entries = {
        code: Rule(code, slug, title, level, cause, f"Why {slug} matters.", f"How to mend {slug}.")
        for code, slug, title, level, cause in _ENTRIES
    }
    hundreds = {code[:3]: {one: entries[one] for one in entries if one[:3] == code[:3]} for code in entries}
    monkeypatch.setattr(rules, "_hundred", lambda hundred: hundreds.get(hundred, {}))
    monkeypatch.setattr(zeues_contracts, "__version__", "1.2.3")
    rules.rule.cache_clear()
    yield
    rules.rule.cache_clear()  # what was looked up here is nobody else's
