"""The catalogue of rules: one declarative entry per rule, added in one place.

Codes are stable and never reused: ZC1xx acquiring and preflight, ZC2xx drift, ZC3xx mismatch, ZC4xx violation,
ZC5xx outage and health, ZC6xx snapshots, ledger and waivers. The entries live in one module per hundred.
"""

from __future__ import annotations

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

_CATALOGUE: dict[str, Rule] = {}


def all_rules() -> tuple[Rule, ...]:
    """Every rule of the catalogue, by code."""
    return tuple(_catalogue()[code] for code in sorted(_catalogue()))


def rule(name: str) -> Rule:
    """The rule of a code (``ZC204``, any case) or slug. Raises ``KeyError`` for an unknown one."""
    wanted = name.strip()
    catalogue = _catalogue()
    found = catalogue.get(wanted.upper())
    if found is not None:
        return found
    for candidate in catalogue.values():
        if candidate.slug == wanted.lower():
            return candidate
    raise KeyError(name)


def _catalogue() -> dict[str, Rule]:
    if not _CATALOGUE:
        # Imported on first use: `--help` needs no rule.
        from zeues_contracts.rules import acquire, drift, mismatch, outage, rehearsal, snapshots, violation

        for module in (acquire, drift, mismatch, rehearsal, violation, outage, snapshots):
            for entry in module.RULES:
                if entry.code in _CATALOGUE:
                    raise ValueError(f"rule code {entry.code} is given twice")
                _CATALOGUE[entry.code] = entry
    return _CATALOGUE
