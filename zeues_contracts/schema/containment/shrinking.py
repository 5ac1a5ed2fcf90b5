"""Making a witness small: fewer members, shorter strings, plainer values, as long as it stays one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from zeues_contracts.schema.containment.values import size_of

__all__ = ["shrunk"]

MAX_ASKED = 200
PLAIN: tuple[Any, ...] = (None, False, True, 0, "", [], {})


def shrunk(value: Any, is_witness: Callable[[Any], bool]) -> Any:
    """A value near a witness, none of whose simpler neighbours is a witness too.

    ``is_witness`` is asked some hundred times at most; equal values give equal answers.
    """
    asked = 0
    current = value
    progress = True
    while progress:
        progress = False
        for simpler in _simpler(current):
            asked += 1
            if asked > MAX_ASKED:
                return current
            if is_witness(simpler):
                current = simpler
                progress = True
                break
    return current


def _simpler(value: Any) -> Iterator[Any]:
    """Neighbours that are smaller, the smallest first."""
    size = size_of(value)
    if isinstance(value, (list, dict)) and value:
        for one in PLAIN:
            if _rank(one) < _rank(value) or size_of(one) < size:
                yield one
    yield from _cut(value, 0)


def _rank(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1
    if isinstance(value, (int, float)):
        return 2
    return 3 if isinstance(value, str) else 4 if isinstance(value, list) else 5


def _cut(value: Any, depth: int) -> Iterator[Any]:
    if depth > 40:
        return
    if isinstance(value, dict):
        for name in reversed(value):
            yield {other: one for other, one in value.items() if other != name}
        for name, one in value.items():
            for smaller in _part(one, depth):
                yield {**value, name: smaller}
    elif isinstance(value, list):
        if len(value) > 3:
            yield value[: len(value) // 2]
        # Of equal items in a row one is as good as the other.
        first = [at for at, one in enumerate(value) if not at or one != value[at - 1]]
        for position in reversed(first):
            yield value[:position] + value[position + 1 :]
        for position in first:
            one = value[position]
            for smaller in _part(one, depth):
                yield [*value[:position], smaller, *value[position + 1 :]]
    elif isinstance(value, str) and value:
        if len(value) > 3:
            yield value[: len(value) // 2]
        yield value[:-1]


def _part(value: Any, depth: int) -> Iterator[Any]:
    if isinstance(value, (list, dict)):
        if value:
            yield None
            yield [] if isinstance(value, list) else {}
        yield from _cut(value, depth + 1)
    elif isinstance(value, str) and len(value) > 1:
        yield from _cut(value, depth + 1)
