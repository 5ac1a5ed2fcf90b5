"""What a run has sent that may have changed something, in one line: nobody is to be surprised by what is gone."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeues_contracts.exchange import Exchange

__all__ = ["told_sent"]

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def told_sent(traffic: Sequence[Exchange], base_url: str) -> str:
    """``sent to http://127.0.0.1:8000, and what it changed is not undone: 12 POST, 3 DELETE``; empty for none."""
    from zeues_contracts.redact import redact_url

    counts = collections.Counter(one.request.method for one in traffic if one.request.method not in _HARMLESS)
    if not counts:
        return ""
    told = ", ".join(f"{count} {method}" for method, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    return f"sent to {redact_url(base_url) or 'the application'}, and what it changed is not undone: {told}"
