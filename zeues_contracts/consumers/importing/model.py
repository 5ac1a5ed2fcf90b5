"""What an import gives: the value of a contract file, and what was left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Imported", "unique_id"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A contract as the value that a contract file holds, its forms already written; ``notes`` for the user."""

    value: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def unique_id(text: str, taken: set[str]) -> str:
    """An id from a description: ``a request for a user`` → ``a-request-for-a-user``, numbered where it is taken."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text.lower()).strip("-")[:80].strip("-") or "interaction"
    name, number = plain, 2
    while name in taken:
        name = f"{plain}-{number}"
        number += 1
    taken.add(name)
    return name
