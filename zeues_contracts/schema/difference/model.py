"""What a difference is made of."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from zeues_contracts.schema.types import Answer, Schema

__all__ = ["MISSING", "Change", "Contains", "Way", "path_text"]


class _Missing:
    """Marks a keyword that is not there, which JSON's null is not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()
"""``Change.before`` of what was added, ``Change.after`` of what was removed."""

Contains = Callable[[Schema, Schema], Answer]
"""Whether every value of the first schema is one of the second."""


class Way(StrEnum):
    """What a change does to the set of values."""

    WIDENED = "widened"
    """Values are accepted that were not."""
    NARROWED = "narrowed"
    """Values are no longer accepted."""
    BOTH = "both"
    EQUAL = "equal"
    """The set is the same: an annotation (``format``, ``default``, ``deprecated``, …) changed."""
    UNKNOWN = "unknown"

    @property
    def flipped(self) -> Way:
        """The way as seen from under a ``not``."""
        return _FLIPPED.get(self, self)


_FLIPPED = {Way.WIDENED: Way.NARROWED, Way.NARROWED: Way.WIDENED}


class Change(msgspec.Struct, frozen=True):
    """One place that changed.

    ``path`` leads into the *value*, from the root of what was asked about: property names as they are, ``[]`` for any
    item, ``[2]`` for the third, ``{*}`` for any additional property, ``{^x-}`` for those that match a pattern,
    ``{names}`` for the names themselves. ``old_pointer`` and ``new_pointer`` are the schema places (JSON pointers into
    the two documents); where a side has no such keyword, its pointer is that of the schema object that lacks it.

    ``keyword`` is the 2020-12 keyword that changed; besides these, ``nullable`` (null joined or left), ``properties``
    with ``path`` ending in the property that was added or removed, ``required`` with ``path`` ending in the property
    that became required or optional, and ``schema`` where the change cannot be pinned to a keyword. ``before`` and
    ``after`` are what the documents say there, :data:`MISSING` for nothing. ``witness`` is a value of that place (not
    of the whole) which is accepted on one side only, :data:`MISSING` where none is at hand.
    """

    path: tuple[str, ...]
    old_pointer: str
    new_pointer: str
    keyword: str
    direction: Way
    before: Any
    after: Any
    sentence: str
    witness: Any = MISSING

    @property
    def where(self) -> str:
        """The path for a person: ``items/worker_id``; ``the value`` for the root."""
        return path_text(self.path)

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


def path_text(path: tuple[str, ...]) -> str:
    """A path into a value as one line."""
    return "/".join(path) if path else "the value"
