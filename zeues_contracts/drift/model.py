"""The words of drift: its result, and what a message is to the service."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from zeues_contracts.findings import Finding
from zeues_contracts.schema.types import Direction

__all__ = ["NOTHING", "DriftResult", "Sense", "Use"]


class _Nothing:
    """Marks what is not there, which JSON's null is not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"

    def __bool__(self) -> bool:
        return False


NOTHING = _Nothing()
"""No witness, no fragment: ``None`` is JSON's null."""


class Sense(StrEnum):
    """Whether the service takes a message or gives it: what it takes must not narrow, what it gives must not widen."""

    TAKES = "takes"
    GIVES = "gives"

    @property
    def flipped(self) -> Sense:
        """The other side's view, as callbacks and webhooks have it."""
        return Sense.GIVES if self is Sense.TAKES else Sense.TAKES


class Use(msgspec.Struct, frozen=True):
    """How a schema is used: in which kind of message, and whether the service takes or gives it.

    The body of a callback is a request that the service gives: ``readOnly`` is left out of it as of any request.
    """

    direction: Direction
    sense: Sense

    @property
    def words(self) -> str:
        """``requests``, ``responses``, and of callbacks ``requests that it sends`` and ``responses that it takes``."""
        plain = Sense.TAKES if self.direction is Direction.REQUEST else Sense.GIVES
        if self.sense is plain:
            return f"{self.direction}s"
        return "requests that it sends" if self.direction is Direction.REQUEST else "responses that it takes"


class DriftResult(msgspec.Struct, frozen=True):
    """What changed from one document to another.

    ``findings`` have their rules' default levels, in the order of a report; ``levels.apply_levels`` applies a
    configuration. ``operations_changed`` are the operations whose requests or responses changed (``METHOD /path``, as
    the newer document writes them; as the older one does where they are gone). ``bump`` is the semantic version step
    that the changes ask for: ``major``, ``minor``, ``patch`` or ``none``. ``notes`` say how the documents were taken.
    """

    findings: tuple[Finding, ...]
    operations_changed: tuple[str, ...]
    bump: str
    notes: tuple[str, ...] = ()


def absent(value: Any) -> bool:
    """Whether a value stands for nothing (``NOTHING``, or the mark of differences)."""
    return value is NOTHING or repr(value) == "MISSING"
