"""Which operation of a document a request belongs to: see :mod:`zeues_contracts.openapi.matching`."""

from __future__ import annotations

from zeues_contracts.openapi.matching import Match, known_methods, match_operation

__all__ = ["Match", "known_methods", "match_operation"]
