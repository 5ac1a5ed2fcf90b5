"""Values that note what is read of them, and are in everything else what they stand for.

Decoded JSON is handed out as subclasses of ``dict`` and ``list``, a status as a subclass of ``int``. Equality,
``isinstance``, encoding, copying and pickling go on working; copies and pickles are plain values.
"""
# ruff: noqa: D102 - the methods are those of dict and list

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, SupportsIndex

from .sites import Site, consumer_site

__all__ = ["EACH", "EACH_KEY", "Reads", "Status", "TrackedDict", "TrackedList", "plain", "wrap"]

EACH = 0
"""In a path: any item of a list. Keys are text, so that a number is free."""
EACH_KEY = 1
"""In a path: any value of an object that was iterated over."""

_MAX_EVENTS = 4000

Path = tuple[Any, ...]


class Reads:
    """What was read of one answer: events of its status and its body, each with the place in the consumer's code.

    A body event is ``(path, kind, key, found, site)``; a status event ``(kind, operand, site)``.
    """

    __slots__ = ("body", "changed", "status")

    def __init__(self) -> None:
        self.body: dict[tuple[Path, str, Any, Any, Site | None], None] = {}
        self.status: dict[tuple[str, Any, Site | None], None] = {}
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


def wrap(value: Any, reads: Reads, path: Path = ()) -> Any:
    """The value, or a tracked one in its place where it is exactly a dict or a list."""
    kind = type(value)
    if kind is dict:
        table = TrackedDict(value)
        table._zc_reads, table._zc_path = reads, path
        return table
    if kind is list:
        items = TrackedList(value)
        items._zc_reads, items._zc_path = reads, path
        return items
    return value


def plain(value: Any, depth: int = 0) -> Any:
    """A value without tracking."""
    if depth > 200:
        return value
    if isinstance(value, dict):
        return {key: plain(one, depth + 1) for key, one in dict.items(value)}
    if isinstance(value, list):
        return [plain(one, depth + 1) for one in list.__iter__(value)]
    return value


class _Disguised(type):
    """``type(x) == dict`` and tables by type find a tracked value as what it stands for."""

    def __eq__(cls, other: object) -> bool:
        return cls is other or other is cls._stands_for() or type.__eq__(cls, other) is True

    def __ne__(cls, other: object) -> bool:
        return not cls == other

    def __hash__(cls) -> int:
        return hash(cls._stands_for())

    def _stands_for(cls) -> type:
        return cls.__mro__[1]


class TrackedDict(dict[Any, Any], metaclass=_Disguised):
    """A ``dict`` out of an answer that notes which keys are read."""

    __slots__ = ("_zc_path", "_zc_reads")
    _zc_reads: Reads
    _zc_path: Path

    def _note(self, kind: str, key: Any = None, found: Any = None) -> None:
        with contextlib.suppress(AttributeError):
            self._zc_reads.note(self._zc_path, kind, key if isinstance(key, str) else None, found, 4)

    def _child(self, key: Any, value: Any, step: Any = None) -> Any:
        kind = type(value)
        if kind is not dict and kind is not list:
            return value
        with contextlib.suppress(AttributeError):
            value = wrap(value, self._zc_reads, (*self._zc_path, str(key) if step is None else step))
            dict.__setitem__(self, key, value)
        return value

    def __getitem__(self, key: Any) -> Any:
        __tracebackhide__ = True
        if not dict.__contains__(self, key):
            self._note("get", key, found=False)
            return dict.__getitem__(self, key)  # raises as a dict does
        self._note("get", key, found=True)
        return self._child(key, dict.__getitem__(self, key))

    def get(self, key: Any, default: Any = None) -> Any:
        found = dict.__contains__(self, key)
        self._note("maybe", key, found=found)
        return self._child(key, dict.__getitem__(self, key)) if found else default

    def pop(self, key: Any, *default: Any) -> Any:
        __tracebackhide__ = True
        found = dict.__contains__(self, key)
        self._note("maybe" if default else "get", key, found=found)
        if found:
            self._child(key, dict.__getitem__(self, key))
        return dict.pop(self, key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        self._note("maybe", key, found=dict.__contains__(self, key))
        return dict.setdefault(self, key, default)

    def __contains__(self, key: Any) -> bool:
        found = dict.__contains__(self, key)
        self._note("in", key, found=found)
        return found

    def _each(self) -> None:
        with contextlib.suppress(Exception):
            for key, value in list(dict.items(self)):
                if type(value) is dict or type(value) is list:
                    self._child(key, value, EACH_KEY)

    def __iter__(self) -> Iterator[Any]:
        self._note("iter")
        return dict.__iter__(self)

    def keys(self) -> Any:
        self._note("iter")
        return dict.keys(self)

    def values(self) -> Any:
        self._note("iter")
        self._each()
        return dict.values(self)

    def items(self) -> Any:
        self._note("iter")
        self._each()
        return dict.items(self)

    def __len__(self) -> int:
        self._note("len")
        return dict.__len__(self)

    def __eq__(self, other: object) -> bool:
        self._note("equal", found=_shape(other))
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._note("equal", found=_shape(other))
        return dict.__ne__(self, other)

    __hash__ = None

    def copy(self) -> Any:
        return wrap(dict(dict.items(self)), self._zc_reads, self._zc_path)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (dict, (dict(dict.items(self)),))

    @property
    def __class__(self) -> Any:
        # isinstance() asks for it where the type alone says no (PEP 3119): a failed test is seen here.
        self._note("type")
        return dict

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise TypeError("__class__ assignment only supported for mutable types or ModuleType subclasses")


class TrackedList(list[Any], metaclass=_Disguised):
    """A ``list`` out of an answer that notes that it is read as one."""

    __slots__ = ("_zc_path", "_zc_reads")
    _zc_reads: Reads
    _zc_path: Path

    def _note(self, kind: str, key: Any = None, found: Any = None) -> None:
        with contextlib.suppress(AttributeError):
            self._zc_reads.note(self._zc_path, kind, key, found, 4)

    def _each(self) -> None:
        with contextlib.suppress(Exception):
            reads, path = self._zc_reads, (*self._zc_path, EACH)
            for index, value in enumerate(list.__iter__(self)):
                if type(value) is dict or type(value) is list:
                    list.__setitem__(self, index, wrap(value, reads, path))

    def __getitem__(self, index: Any) -> Any:
        __tracebackhide__ = True
        self._note("item")
        if isinstance(index, slice):
            self._each()
            return wrap(list(list.__getitem__(self, index)), self._zc_reads, self._zc_path)
        value = list.__getitem__(self, index)
        if type(value) is dict or type(value) is list:
            value = wrap(value, self._zc_reads, (*self._zc_path, EACH))
            list.__setitem__(self, index, value)
        return value

    def __iter__(self) -> Iterator[Any]:
        self._note("iter")
        self._each()
        return list.__iter__(self)

    def __reversed__(self) -> Iterator[Any]:
        self._note("iter")
        self._each()
        return list.__reversed__(self)

    def __len__(self) -> int:
        self._note("len")
        return list.__len__(self)

    def __contains__(self, value: Any) -> bool:
        self._note("has", found=_shape(value))
        return list.__contains__(self, value)

    def pop(self, *index: Any) -> Any:
        __tracebackhide__ = True
        self._note("item")
        self._each()
        return list.pop(self, *index)

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        self._note("iter")
        self._each()
        list.sort(self, key=key, reverse=reverse)

    def __eq__(self, other: object) -> bool:
        self._note("equal", found=_shape(other))
        return list.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._note("equal", found=_shape(other))
        return list.__ne__(self, other)

    __hash__ = None

    def copy(self) -> Any:
        return wrap(list(list.__iter__(self)), self._zc_reads, self._zc_path)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, (list(list.__iter__(self)),))

    @property
    def __class__(self) -> Any:
        self._note("type")
        return list

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise TypeError("__class__ assignment only supported for mutable types or ModuleType subclasses")


def _shape(value: Any, depth: int = 0) -> Any:
    """The types of a JSON value, without values, as something that hashes: ``{"a": 1}`` is ``("{", ("a", "n"))``."""
    if depth > 20:
        return "?"
    if value is None:
        return "z"
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int | float):
        return "n"
    if isinstance(value, str):
        return "s"
    if isinstance(value, dict):
        pairs = list(dict.items(value))[:100]
        return ("{", *((str(key), _shape(one, depth + 1)) for key, one in pairs))
    if isinstance(value, list):
        return ("[", *dict.fromkeys(_shape(one, depth + 1) for one in list.__iter__(value)))
    return "?"


class Status(int):
    """A status that notes what it is compared with."""

    reads: Reads

    @classmethod
    def of(cls, status: int, reads: Reads) -> Status:
        """The status of an answer."""
        made = cls(status)
        made.reads = reads
        return made

    def _note(self, kind: str, operand: Any) -> None:
        with contextlib.suppress(AttributeError):
            self.reads.note_status(kind, operand, 4)

    def __eq__(self, other: object) -> bool:
        self._note("==", other)
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._note("!=", other)
        return int.__ne__(self, other)

    def __lt__(self, other: int) -> bool:
        self._note("<", other)
        return int.__lt__(self, other)

    def __le__(self, other: int) -> bool:
        self._note("<=", other)
        return int.__le__(self, other)

    def __gt__(self, other: int) -> bool:
        self._note(">", other)
        return int.__gt__(self, other)

    def __ge__(self, other: int) -> bool:
        self._note(">=", other)
        return int.__ge__(self, other)

    def __floordiv__(self, other: int) -> int:
        self._note("//", other)
        return int.__floordiv__(self, other)

    def __hash__(self) -> int:
        self._note("hash", None)  # a set or a table of statuses
        return int.__hash__(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (int, (int.__int__(self),))


# Messages and logs name types: they read as ever.
for _kind, _name in ((TrackedDict, "dict"), (TrackedList, "list"), (Status, "int")):
    _kind.__name__ = _kind.__qualname__ = _name
    _kind.__module__ = "builtins"
