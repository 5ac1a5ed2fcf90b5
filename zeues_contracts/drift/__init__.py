"""Drift: two documents in, findings out. No I/O."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.drift.compare import drift
    from zeues_contracts.drift.model import DriftResult

__all__ = ["DriftResult", "drift"]

_HOMES = {"drift": "compare", "DriftResult": "model"}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
