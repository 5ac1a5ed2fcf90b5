"""What a mock remembers: representations by path. Enough for create, then read, change, list and delete."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

__all__ = ["Store"]

_MAX_KEPT = 10_000


class Store:
    """Representations by path, the oldest forgotten first."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, Any] = OrderedDict()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._counts: dict[str, int] = {}

    def next_number(self, collection: str) -> int:
        """1, 2, … for the things created in a collection."""
        self._counts[collection] = self._counts.get(collection, 0) + 1
        return self._counts[collection]

    def put(self, path: str, value: Any) -> None:
        """Remember what stands at a path."""
        self._gone.pop(path, None)
        self._items[path] = value
        self._items.move_to_end(path)
        while len(self._items) > _MAX_KEPT:
            self._items.popitem(last=False)

    def delete(self, path: str) -> None:
        """Remember that nothing stands at a path any more."""
        for one in [one for one in self._items if one == path or one.startswith(path + "/")]:
            del self._items[one]
        self._gone[path] = None
        while len(self._gone) > _MAX_KEPT:
            self._gone.popitem(last=False)

    def get(self, path: str) -> Any:
        """What stands at a path, or ``None``."""
        return self._items.get(path)

    def is_gone(self, path: str) -> bool:
        """Whether a path, or one above it, was deleted."""
        return any(path == one or path.startswith(one + "/") for one in self._gone)

    def below(self, collection: str) -> Iterator[Any]:
        """The things in a collection, in the order in which they came."""
        prefix = collection.rstrip("/") + "/"
        for path, value in self._items.items():
            if path.startswith(prefix) and "/" not in path[len(prefix) :].rstrip("/"):
                yield value
