"""Why a pattern is not judged."""

from __future__ import annotations

__all__ = ["PatternBudget", "UnsupportedPattern"]


class UnsupportedPattern(ValueError):  # noqa: N818 - named after what was met, as in the interface
    """A pattern that is no regular language, no ECMA-262 pattern, or one that engines read differently."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PatternBudget(ValueError):  # noqa: N818
    """An automaton would grow past its bound; the message names the bound."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
