"""What was read of one answer, as it is noted: ways into the body, and events with their places in the code."""

from __future__ import annotations

from typing import Any

from .sites import Site, consumer_site

__all__ = ["EACH", "EACH_KEY", "FIRST", "SOME", "Path", "Reads", "step_of"]

EACH = 0
"""In a path: any item of a list. Keys are text, so that a number is free."""
EACH_KEY = 1
"""In a path: any value of an object that was iterated over."""
FIRST = 2
"""In a path: the first item of a list; the one after it is one more, and -1 is the last item, as in Python."""
SOME = -100
"""In a path: an item of a list that was picked, nobody knows where."""

_LAST_INDEX = 15
_MAX_EVENTS = 4000

Path = tuple[Any, ...]


class Reads:
    """What was read of one answer: events of its status and its body, each with the place in the consumer's code.

    A body event is ``(path, kind, key, found, site)``; a status event ``(kind, operand, site)``; one of the headers
    ``(kind, name, found, site)``.
    """

    __slots__ = ("body", "changed", "headers", "status")

    def __init__(self) -> None:
        self.body: dict[tuple[Path, str, Any, Any, Site | None], None] = {}
        self.status: dict[tuple[str, Any, Site | None], None] = {}
        self.headers: dict[tuple[str, str, bool, Site | None], None] = {}
        self.changed = False

    def note(self, path: Path, kind: str, key: Any = None, found: Any = None, depth: int = 3) -> None:
        """Note a read of the body, from the consumer's code only. Never raises."""
        try:
            site = consumer_site(depth)
            if site is None or len(self.body) >= _MAX_EVENTS:
                return
            event = (path, kind, key, found, site)
            if event not in self.body:
                self.body[event] = None
                self.changed = True
        except Exception:
            return

    def note_header(self, kind: str, name: Any, *, found: bool) -> None:
        """Note that a header was asked for, two frames above. Never raises."""
        try:
            site = consumer_site(3)
            event = (kind, name, found, site)
            if site is not None and isinstance(name, str) and len(self.headers) < 200 and event not in self.headers:
                self.headers[event] = None
                self.changed = True
        except Exception:
            return

    def note_status(self, kind: str, operand: Any, depth: int = 3) -> None:
        """Note a comparison of the status. Never raises."""
        try:
            site = consumer_site(depth)
            if site is not None:
                self.add_status(kind, operand, site)
        except Exception:
            return

    def add_status(self, kind: str, operand: Any, site: Site | None) -> None:
        """Note what is known of the status otherwise (``raise_for_status``, ``ok``)."""
        event = (kind, int(operand) if isinstance(operand, int) else None, site)
        if event not in self.status and len(self.status) < 200:
            self.status[event] = None
            self.changed = True


def step_of(index: Any) -> int:
    """The step of a path for a list's index."""
    if type(index) is not int or not -_LAST_INDEX <= index <= _LAST_INDEX:
        return SOME
    return FIRST + index if index >= 0 else index
