"""ZC6xx, snapshots, ledger and waivers."""

from __future__ import annotations

from zeues_contracts.rules.model import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
