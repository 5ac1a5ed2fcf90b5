"""The ZEUES stand-in: a backend that keeps its promise, or breaks it as on 2026-02-02, as its scenario says.

It serves ``zeues-contracts demo`` and the tests (extra: ``demo``). Nothing here is imported by the rest of the package.
"""

from __future__ import annotations

__all__: list[str] = []
