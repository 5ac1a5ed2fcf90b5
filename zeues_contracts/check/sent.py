"""What a run has sent that may have changed something, in one line: nobody is to be surprised by what is gone."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["told_sent"]

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def told_sent(methods: Mapping[str, int], base_url: str) -> str:
    """``sent to http://127.0.0.1:8000, and what it changed is not undone: 12 POST, 3 DELETE``; empty for none."""
    from zeues_contracts.redact import redact_url

    counts = {method: count for method, count in methods.items() if count and method not in _HARMLESS}
    if not counts:
        return ""
    told = ", ".join(f"{count} {method}" for method, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    return f"sent to {redact_url(base_url) or 'the application'}, and what it changed is not undone: {told}"
