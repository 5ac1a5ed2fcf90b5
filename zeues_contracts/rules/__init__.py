"""The catalogue of rules: one declarative entry per rule, added in one place.

Codes are stable and never reused: ZC1xx acquiring and preflight, ZC2xx drift, ZC3xx mismatch, ZC4xx violation,
ZC5xx outage and health, ZC6xx snapshots, ledger and waivers. The entries live in one module per hundred.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from zeues_contracts.rules.model import (
    ContractExample,
    DriftExample,
    Example,
    ExchangeExample,
    HistoryExample,
    PreflightExample,
    Rule,
)

__all__ = [
    "ContractExample",
    "DriftExample",
    "Example",
    "ExchangeExample",
    "HistoryExample",
    "PreflightExample",
    "Rule",
    "all_rules",
    "rule",
]

# By hundred, so that a diff does not import what is said of snapshots and outages; `--help` needs no rule at all.
_MODULES = {
    "ZC1": ("acquire",),
    "ZC2": ("drift",),
    "ZC3": ("mismatch", "rehearsal"),
    "ZC4": ("violation",),
    "ZC5": ("outage",),
    "ZC6": ("snapshots",),
}


def all_rules() -> tuple[Rule, ...]:
    """Every rule of the catalogue, by code."""
    return tuple(entry for hundred in _MODULES for _, entry in sorted(_hundred(hundred).items()))


@cache
def rule(name: str) -> Rule:
    """The rule of a code (``ZC204``, any case) or slug. Raises ``KeyError`` for an unknown one."""
    wanted = name.strip()
    code = wanted.upper()
    found = _hundred(code[:3]).get(code)
    if found is not None:
        return found
    slug = wanted.lower()
    for hundred in _MODULES:
        for candidate in _hundred(hundred).values():
            if candidate.slug == slug:
                return candidate
    raise KeyError(name)


@cache
def _hundred(hundred: str) -> Mapping[str, Rule]:
    """The rules whose codes begin so, by code."""
    entries: dict[str, Rule] = {}
    for name in _MODULES.get(hundred, ()):
        for entry in importlib.import_module(f"zeues_contracts.rules.{name}").RULES:
            if not entry.code.startswith(hundred):
                raise ValueError(f"rule {entry.code} stands among those of {hundred}xx")
            if entry.code in entries:
                raise ValueError(f"rule code {entry.code} is given twice")
            entries[entry.code] = entry
    return entries
