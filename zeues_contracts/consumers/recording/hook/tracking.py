"""Values that note what is read of them, and are in everything else what they stand for.

Decoded JSON is handed out as subclasses of ``dict`` and ``list``, a status as a subclass of ``int``. Equality,
``isinstance``, encoding, copying and pickling go on working; copies and pickles are plain values.
"""
# ruff: noqa: D102 - the methods are those of dict and list

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, SupportsIndex

from .reads import EACH, EACH_KEY, SOME, Path, Reads, step_of

__all__ = ["Status", "TrackedDict", "TrackedList", "plain", "wrap"]

# What is asked of one of the two alone: who asks it of the other wants it to be there.
_OF_LISTS = frozenset({"append", "extend", "insert", "remove", "reverse", "sort"})
_OF_TABLES = frozenset({"get", "items", "keys", "popitem", "setdefault", "update", "values"})


def wrap(value: Any, reads: Reads, path: Path = ()) -> Any:
    """The value, or a tracked one in its place where it is exactly a dict or a list."""
    kind = type(value)
    if kind is dict:
        table = TrackedDict(value)
        table._zc_reads, table._zc_path = reads, path
        return table
    if kind is list:
        items = TrackedList(value)
        items._zc_reads, items._zc_path, items._zc_kept = reads, path, 2
        return items
    return value


def _move(value: Any, reads: Reads, path: Path) -> None:
    """Let what was handed out before know by which way it is read now."""
    if value._zc_reads is reads and len(value._zc_path) == len(path):
        value._zc_path = path


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
        with contextlib.suppress(AttributeError):
            if kind is dict or kind is list:
                value = wrap(value, self._zc_reads, (*self._zc_path, str(key) if step is None else step))
                dict.__setitem__(self, key, value)
            elif kind is TrackedDict or kind is TrackedList:
                last = value._zc_path[-1:]
                if last == (EACH_KEY,) or last == (key,):
                    _move(value, self._zc_reads, (*self._zc_path, str(key) if step is None else step))
        return value

    def __getattr__(self, name: str) -> Any:
        if name in _OF_LISTS:
            self._note("wants", found="array")
        raise AttributeError(f"'dict' object has no attribute {name!r}", name=name, obj=self)

    def __getitem__(self, key: Any) -> Any:
        __tracebackhide__ = True
        if type(key) is int or type(key) is slice:
            if type(key) is slice or not dict.__contains__(self, key):
                self._note("wants", found="array")  # JSON's keys are text: this is a list's index
            return dict.__getitem__(self, key)
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
                self._child(key, value, EACH_KEY)

    def __iter__(self) -> Iterator[Any]:
        self._note("iter", found="{")  # the keys, unless a list was thought to be there
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

    __slots__ = ("_zc_kept", "_zc_path", "_zc_reads")
    _zc_reads: Reads
    _zc_path: Path
    _zc_kept: int
    """2: the items that came, as they came; 1: in another order; 0: a part of them."""

    def _note(self, kind: str, key: Any = None, found: Any = None) -> None:
        with contextlib.suppress(AttributeError):
            self._zc_reads.note(self._zc_path, kind, key, found, 4)

    def _each(self) -> None:
        with contextlib.suppress(Exception):
            reads, path = self._zc_reads, (*self._zc_path, EACH if self._zc_kept else SOME)
            for index, value in enumerate(list.__iter__(self)):
                kind = type(value)
                if kind is dict or kind is list:
                    list.__setitem__(self, index, wrap(value, reads, path))
                elif kind is TrackedDict or kind is TrackedList:
                    _move(value, reads, path)

    def _one(self, index: Any, value: Any, step: int) -> Any:
        """An item that is picked by its index."""
        kind = type(value)
        if kind is dict or kind is list:
            value = wrap(value, self._zc_reads, (*self._zc_path, step))
            list.__setitem__(self, index, value)
        elif kind is TrackedDict or kind is TrackedList:
            _move(value, self._zc_reads, (*self._zc_path, step))
        return value

    def __getattr__(self, name: str) -> Any:
        if name in _OF_TABLES:
            self._note("wants", found="object")
        raise AttributeError(f"'list' object has no attribute {name!r}", name=name, obj=self)

    def __getitem__(self, index: Any) -> Any:
        __tracebackhide__ = True
        if isinstance(index, str):
            self._note("wants", index, "object")
            return list.__getitem__(self, index)  # type: ignore[call-overload] # raises as a list does
        if isinstance(index, slice):
            self._note("item")
            self._each()
            part = wrap(list(list.__getitem__(self, index)), self._zc_reads, self._zc_path)
            part._zc_kept = 2 if index == slice(None) else int(index == slice(None, None, -1))
            return part
        step = SOME
        with contextlib.suppress(AttributeError):
            step = step_of(index) if self._zc_kept == 2 else SOME
        self._note("item", found=step)
        value = list.__getitem__(self, index)
        with contextlib.suppress(AttributeError):
            value = self._one(index, value, step)
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
        self._note("item", found=SOME)
        with contextlib.suppress(Exception):
            at = index[0] if index else -1
            self._one(at, list.__getitem__(self, at), SOME)
        return list.pop(self, *index)

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        self._note("iter")
        self._each()
        self._zc_kept = min(1, getattr(self, "_zc_kept", 0))
        list.sort(self, key=key, reverse=reverse)

    def reverse(self) -> None:
        self._note("iter")
        self._zc_kept = min(1, getattr(self, "_zc_kept", 0))
        list.reverse(self)

    def __eq__(self, other: object) -> bool:
        self._note("equal", found=_shape(other))
        return list.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._note("equal", found=_shape(other))
        return list.__ne__(self, other)

    __hash__ = None

    def copy(self) -> Any:
        twin = wrap(list(list.__iter__(self)), self._zc_reads, self._zc_path)
        twin._zc_kept = self._zc_kept
        return twin

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
