"""What is known of a conjunction: nothing is in it, something is, or it cannot be told."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

from zeues_contracts.schema.containment.graph import Conjunction

__all__ = ["ASSUMED", "EMPTY", "MISSING", "Asking", "Result", "found", "maybe"]

MISSING: Any = object()


class Result(NamedTuple):
    """``state`` is ``empty``, ``found`` (with a value of the set) or ``maybe`` (with a value that may be one)."""

    state: str
    value: Any = MISSING
    reason: str = ""


EMPTY = Result("empty")
ASSUMED = Result("empty", reason="assumed")
"""Taken for empty as long as something above is not settled: good enough to give up, never to rely on."""

Asking = Generator[Conjunction, Result, Result]
"""A computation that asks about the conjunctions of parts of a value, and ends with what is known of the whole."""


def found(value: Any) -> Result:
    """Something is in the set: this."""
    return Result("found", value)


def maybe(reason: str, value: Any = MISSING) -> Result:
    """It cannot be told."""
    return Result("maybe", value, reason)
