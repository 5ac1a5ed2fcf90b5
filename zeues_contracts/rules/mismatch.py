"""ZC3xx, mismatch: a consumer against the document."""

from __future__ import annotations

from zeues_contracts.rules.model import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
