"""ZC2xx, drift: the live document against the snapshot."""

from __future__ import annotations

from zeues_contracts.rules.model import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
