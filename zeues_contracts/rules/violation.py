"""ZC4xx, violation: the service's behaviour against its document."""

from __future__ import annotations

from zeues_contracts.rules.model import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
