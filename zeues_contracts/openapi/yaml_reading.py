"""YAML as OpenAPI means it: JSON values only, read event by event, bounded.

OpenAPI restricts YAML to the JSON schema ruleset with string keys (OpenAPI 3.1, 4.3). PyYAML's own constructors follow
YAML 1.1, where ``on`` is true, ``12:30:45`` a number and ``2024-01-01`` a date, recurse per level and let aliases
multiply. So libyaml's events are built into values here: plain scalars by YAML 1.2's core schema (10.3.2), every key
the text that was written, nesting and the expanded size bounded, merge keys (``<<``) and anchors understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from zeues_contracts.errors import UsageError

__all__ = ["Located", "YamlBounds", "read_yaml", "scalar_value"]

_CORE = re.compile(
    r"""(?P<null>~|null|Null|NULL|)
      | (?P<true>true|True|TRUE) | (?P<false>false|False|FALSE)
      | (?P<int>[-+]?[0-9]+) | 0o(?P<oct>[0-7]+) | 0x(?P<hex>[0-9a-fA-F]+)
      | (?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)""",
    re.VERBOSE,
)
_PREFIX = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 400
"""Digits of a number; longer ones stay text (Python refuses more than 4300, and nobody means them)."""


class YamlBounds(msgspec.Struct, frozen=True):
    """Levels of nesting, and bytes that the document would have with every alias written out."""

    depth: int = 256
    size: int = 128 * 1024 * 1024


class Located(msgspec.Struct):
    """Where a value stands: its line and column (from 1) and those of its members, by key or index."""

    line: int
    members: dict[str, Located] = msgspec.field(default_factory=dict)
    column: int = 1


def scalar_value(text: str) -> Any:
    """What a plain scalar means by YAML 1.2's core schema; infinities and NaN, which JSON has not, stay text."""
    found = _CORE.fullmatch(text)
    if found is None or len(text) > _LONGEST_NUMBER:
        return text
    kind = found.lastgroup
    if kind == "int":
        return int(text)
    if kind == "float":
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    if kind == "oct":
        return int(found["oct"], 8)
    if kind == "hex":
        return int(found["hex"], 16)
    return {"null": None, "true": True, "false": False}[str(kind)]


def read_yaml(
    data: bytes, source: str, bounds: YamlBounds, note: Callable[[int, str], None], *, locate: bool = False
) -> tuple[Any, Located | None]:
    """The value of the first YAML document in ``data``, and where its parts stand if ``locate`` is set.

    ``note`` takes a line and what was taken how. Raises :class:`UsageError` with line and column.
    """
    reader = _Reader(source, bounds, note, locate)
    try:
        return reader.read(data)
    except UnicodeDecodeError as error:
        raise UsageError(f"{source}: not UTF-8 text (byte {error.start})", hint="save it as UTF-8") from None


class _Open(msgspec.Struct):
    """A collection that is being read."""

    value: Any
    where: Located | None
    anchor: str | None
    line: int
    size: int = 0
    key: str | None = None
    key_line: int = 0
    key_column: int = 1
    merges: list[tuple[Any, Located | None]] = msgspec.field(default_factory=list)


class _Anchored(msgspec.Struct):
    value: Any
    where: Located | None
    size: int


_NO_KEY_YET = None


class _Reader:
    def __init__(self, source: str, bounds: YamlBounds, note: Callable[[int, str], None], locate: bool) -> None:
        self.source = source
        self.bounds = bounds
        self.note = note
        self.locate = locate
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Anchored | None] = {}
        self.size = 0
        self.done = False
        self.result: tuple[Any, Located | None] = (None, None)

    def read(self, data: bytes) -> tuple[Any, Located | None]:
        for event in self._events(data):
            name = type(event).__name__
            if name == "DocumentStartEvent" and self.done:
                self.note(event.start_mark.line + 1, "there is a second YAML document: only the first was read")
                break
            if name == "ScalarEvent":
                self._scalar(event)
            elif name in ("MappingStartEvent", "SequenceStartEvent"):
                self._begin(event, {} if name == "MappingStartEvent" else [])
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                self._end()
            elif name == "AliasEvent":
                self._alias(event)
        return self.result

    def _events(self, data: bytes) -> Iterator[Any]:
        import yaml

        # Without libyaml PyYAML reads the same events more slowly.
        parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            events = parser(data)
            while True:
                event = events.get_event()
                if event is None:
                    return
                yield event
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
            if "maximum nesting depth" in str(error.problem):  # libyaml's own bound, met by its look-ahead before ours
                raise UsageError(f"{self.source}{at}: nested deeper than {self.bounds.depth} levels") from None
            what = ", ".join(str(part) for part in (error.context, error.problem) if part)
            raise UsageError(f"{self.source}{at}: not valid YAML: {what}") from None
        except yaml.YAMLError as error:
            what = " ".join(str(error).split())[:200]
            raise UsageError(f"{self.source}: not valid YAML: {what}") from None

    def _fail(self, event: Any, message: str) -> UsageError:
        mark = event.start_mark
        return UsageError(f"{self.source}:{mark.line + 1}:{mark.column + 1}: {message}")

    def _begin(self, event: Any, value: Any) -> None:
        if self._expects_key():
            raise self._fail(event, "a key is a collection; JSON and OpenAPI have text keys only")
        if len(self.stack) >= self.bounds.depth:
            raise self._fail(event, f"nested deeper than {self.bounds.depth} levels")
        line = event.start_mark.line + 1
        if event.anchor is not None:
            self.anchors[event.anchor] = None  # not to be used before it ends
        where = Located(line, column=event.start_mark.column + 1) if self.locate else None
        self.stack.append(_Open(value, where, event.anchor, line))

    def _end(self) -> None:
        closed = self.stack.pop()
        if closed.merges:
            self._merge(closed)
        self._grow(closed.size + 2, counted=True)
        if closed.anchor is not None:
            self.anchors[closed.anchor] = _Anchored(closed.value, closed.where, closed.size + 2)
        self._put(closed.value, closed.where)

    def _scalar(self, event: Any) -> None:
        text = event.value
        line = event.start_mark.line + 1
        size = len(text) + 4
        if self._expects_key():
            top = self.stack[-1]
            top.key, top.key_line, top.key_column = text, line, event.start_mark.column + 1
            if text == "<<" and event.implicit[0]:
                top.key = _MERGE
            elif text in top.value:
                self.note(line, f"the key {text!r} is given twice: the last one counts")
            self._grow(size)
            return
        value = self._resolved(event, text, line)
        where = Located(line, column=event.start_mark.column + 1) if self.locate else None
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, where, size)
        self._grow(size)
        self._put(value, where)

    def _resolved(self, event: Any, text: str, line: int) -> Any:
        tag = event.tag
        if tag is None:
            return scalar_value(text) if event.implicit[0] else text
        if tag in ("!", _PREFIX + "str", _PREFIX + "binary", _PREFIX + "timestamp"):
            return text
        if tag.startswith(_PREFIX):
            return scalar_value(text)
        self.note(line, f"the tag {tag} is not known: the value is taken as it is written")
        return scalar_value(text) if event.style in (None, "") else text

    def _alias(self, event: Any) -> None:
        if self._expects_key():
            raise self._fail(event, "a key is an alias; write the key out")
        if event.anchor not in self.anchors:
            raise self._fail(event, f"the alias *{event.anchor} names no anchor before it")
        found = self.anchors[event.anchor]
        if found is None:
            raise self._fail(event, f"the alias *{event.anchor} stands inside of what it names: an endless value")
        self._grow(found.size, event)
        self._put(found.value, found.where)

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is _NO_KEY_YET

    def _grow(self, size: int, event: Any = None, *, counted: bool = False) -> None:
        """Count what a value would take written out; an alias counts as much as what it stands for."""
        if self.stack:
            self.stack[-1].size += size
        if not counted:
            self.size += size
        if self.size > self.bounds.size:
            text = f"with its aliases written out the document is larger than {self.bounds.size} bytes"
            raise self._fail(event, text) if event is not None else UsageError(f"{self.source}: {text}")

    def _put(self, value: Any, where: Located | None) -> None:
        if not self.stack:
            if not self.done:
                self.result = (value, where)
                self.done = True
            return
        top = self.stack[-1]
        if isinstance(top.value, list):
            if where is not None and top.where is not None:
                top.where.members[str(len(top.value))] = where
            top.value.append(value)
            return
        key = top.key
        top.key = _NO_KEY_YET
        if key is _MERGE:
            top.merges.append((value, where))
            return
        assert key is not None
        top.value[key] = value
        if where is not None and top.where is not None:
            # A member is found by its key; what it holds may be written elsewhere.
            top.where.members[key] = Located(top.key_line, where.members, top.key_column)

    def _merge(self, opened: _Open) -> None:
        """Merge keys (YAML 1.1 type repository): own keys win, then the mappings in order."""
        for value, where in opened.merges:
            many = value if isinstance(value, list) else [value]
            for index, one in enumerate(many):
                if not isinstance(one, dict):
                    self.note(opened.line, "`<<` takes a mapping or a list of mappings: left out")
                    continue
                located = where.members.get(str(index)) if where is not None and many is value else where
                for key, inherited in one.items():
                    if key in opened.value:
                        continue
                    opened.value[key] = inherited
                    if located is not None and opened.where is not None and key in located.members:
                        opened.where.members[key] = located.members[key]


_MERGE = "\x00merge"
"""No key can be this text: YAML has no NUL."""
