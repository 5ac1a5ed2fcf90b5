"""ZC5xx, outage and health: the environment."""

from __future__ import annotations

from zeues_contracts.rules.model import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
