"""Line numbers, found when there is something to report and never on the way.

JSON is scanned one container at a time, from the document down to the place; what was scanned is remembered. YAML is
read once more with its marks. The line of a member is that of its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from zeues_contracts.errors import ZeuesContractsError
from zeues_contracts.openapi.model import Document
from zeues_contracts.openapi.references import split_place
from zeues_contracts.schema.references import unescape

if TYPE_CHECKING:
    from zeues_contracts.openapi.yaml_reading import Located

__all__ = ["line_in", "line_of"]

# Possessive, so that nothing is tried twice and a hostile text costs no more than its length.
_STRING = rb'"(?:[^"\\]++|\\.)*+"?'
_TOKEN = re.compile(_STRING + rb"|[][{},]", re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)
_KEY = rb"(" + _STRING + rb")[ \t\r\n]*+:[ \t\r\n]*+"
_SPACE = re.compile(rb"[ \t\r\n]*")
_BLOCK = 1 << 12
_QUOTE = ord('"')
_Members = dict[str, tuple[int, int]]

_TABLES: WeakKeyDictionary[Document, dict[str, JsonLines | Located | None]] = WeakKeyDictionary()


def line_of(document: Document, place: str) -> int | None:
    """The line of a place (see ``references``), or of the nearest thing around it that is there; from 1.

    ``None`` when the document has no text (an application's own) or the text cannot be read again.
    """
    uri, pointer = split_place(place)
    text = document.text if not uri else document.texts.get(uri, ("", b""))[1]
    if not text:
        return None
    tables = _TABLES.setdefault(document, {})
    if uri not in tables:
        tables[uri] = _table(text, None if uri else document.raw)
    return line_in(tables[uri], pointer)


def line_in(table: JsonLines | Located | None, pointer: str) -> int | None:
    """The line of a pointer in a text that was made a table of."""
    if table is None:
        return None
    tokens = [unescape(token) for token in pointer.split("/")[1:]]
    if isinstance(table, JsonLines):
        return table.line(tokens)
    here = table
    for token in tokens:
        if token not in here.members:
            break
        here = here.members[token]
    return here.line


def _table(text: bytes, contents: Any) -> JsonLines | Located | None:
    if text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return JsonLines(text, contents)
    from zeues_contracts.openapi.yaml_reading import YamlBounds, read_yaml

    try:
        return read_yaml(text, "", YamlBounds(depth=1024, size=1 << 40), lambda *_: None, locate=True)[1]
    except ZeuesContractsError:
        return None


def _on_lines(text: bytes, start: int, node: Mapping[str, Any]) -> _Members | None:
    """The members of an object that stand on lines of their own, equally deep; ``None`` where they do not.

    They are found at C speed by their indentation, and are those of the object as long as their keys are, in order: a
    line break in JSON text is never inside of a string. What is nested, and stands no deeper, is told by its brackets;
    so is a key that is there more than once, of which the last one would count.
    """
    space = _SPACE.match(text, start + 1)
    before = text[start + 1 : space.end()] if space is not None and text[start : start + 1] == b"{" else b""
    if before[:1] not in (b"\n", b"\r") or before.count(b"\n") != 1:
        return None
    mark = before[before.index(b"\n") :]
    members: _Members = {}
    last = 0
    keys = re.compile(re.escape(mark) + _KEY, re.DOTALL).finditer(text, start)
    # The names come first, so that no more keys are looked for than there are names.
    for name, key in zip(node, keys, strict=False):
        if _key(key.group(1)) != name or (last and not _is_next(text, mark, last, key.start())):
            return None
        members[name] = (key.start(1), key.end())
        last = key.end()
    further = next(keys, None)
    if len(members) < len(node) or (further is not None and _is_next(text, mark, last, further.start())):
        return None
    return members


def _is_next(text: bytes, mark: bytes, last: int, start: int) -> bool:
    """Whether nothing is open, and nothing was closed, between the key of a member and that of another.

    Its value ends on its line, or with a bracket on a line that stands as deep as the members do.
    """
    if text.find(b"\n", last, start) < 0:
        value = text[last:start]
        return value.count(b"{") == value.count(b"}") and value.count(b"[") == value.count(b"]")
    ending = text[max(last, start - len(mark) - 16) : start].rstrip(b" \t\r")
    return ending.endswith((mark + b"},", mark + b"],"))


class JsonLines:
    """Where the members of a JSON text's containers stand, scanned on demand.

    Each container is scanned once: its members' places are kept, and a member is scanned only when asked for.
    ``contents`` is what was read from the text, where that is at hand: a container of an indented text whose lines have
    the very keys of the one that was read need not be scanned at all.
    """

    def __init__(self, text: bytes, contents: Any = None) -> None:
        self.text = text
        self.contents = contents
        self._members: dict[int, _Members] = {}
        self._newlines: list[int] = []

    def line(self, tokens: list[str]) -> int:
        """The line of a place by its unescaped tokens, or of the nearest container that is there."""
        if b"\n" not in self.text:
            return 1
        start = _SPACE.match(self.text, 3 if self.text.startswith(b"\xef\xbb\xbf") else 0)
        value = shown = start.end() if start else 0
        node = self.contents
        for token in tokens:
            members = self._of(value, node)
            if token not in members:
                break
            shown, value = members[token]
            node = _part(node, token)
        return self._line_at(shown)

    def _line_at(self, offset: int) -> int:
        """The line of an offset; line breaks are counted once, by blocks."""
        if not self._newlines:
            self._newlines = [0]
            for start in range(0, len(self.text), _BLOCK):
                self._newlines.append(self._newlines[-1] + self.text.count(b"\n", start, start + _BLOCK))
        block = offset // _BLOCK
        return self._newlines[block] + self.text.count(b"\n", block * _BLOCK, offset) + 1

    def _of(self, start: int, node: Any) -> _Members:
        """The members of the container at an offset: offsets of what names them and of their values."""
        if start not in self._members:
            kind = self.text[start : start + 1]
            found = _on_lines(self.text, start, node) if isinstance(node, Mapping) else None
            if found is None:
                found = self._scan(start, kind == b"{") if kind in (b"{", b"[") else {}
            self._members[start] = found
        return self._members[start]

    def _scan(self, start: int, is_object: bool) -> _Members:
        members: _Members = {}
        index = 0
        expects = True  # a key comes next
        position = start + 1
        if not is_object:
            position = self._skip(position)
            if self.text[position : position + 1] != b"]":
                members["0"] = (position, position)
        while (found := _TOKEN.search(self.text, position)) is not None:
            position = found.end()
            first = self.text[found.start()]
            if first == _QUOTE:
                if is_object and expects:
                    value = self._skip(self.text.find(b":", position) + 1)
                    members[_key(found.group())] = (found.start(), value)
                    expects = False
            elif first in b"{[":
                position = self._past(position)
            elif first in b"}]":
                break
            else:  # a comma
                expects = True
                if not is_object:
                    index += 1
                    value = self._skip(position)
                    members[str(index)] = (value, value)
        return members

    def _past(self, position: int) -> int:
        """The offset behind the container that was opened just before ``position``."""
        indented = self._past_indented(position)
        if indented:
            return indented
        depth = 1
        while depth and (found := _BRACKET.match(self.text, position)) is not None:
            position = found.end()
            depth += 1 if self.text[position - 1] in b"{[" else -1
        return position if not depth else len(self.text)

    def _past_indented(self, position: int) -> int:
        """The same for a text that is indented, at C speed; 0 where it is not, or not certainly.

        A line break in JSON text is never inside of a string, so that a bracket at the start of a line is one; it is
        the one that closes where it stands as deep as the line that opened, all between is balanced, and stands deeper.
        """
        if self.text[position : position + 1] not in (b"\n", b"\r"):
            return 0
        start = self.text.rfind(b"\n", 0, position) + 1
        found = _SPACE.match(self.text, start)
        indent = self.text[start : found.end()] if found else b""
        close = b"}" if self.text[position - 1 : position] == b"{" else b"]"
        end = self.text.find(b"\n" + indent + close, position)
        if end < 0:
            return 0
        lines = self.text.count(b"\n", position, end)
        if lines != sum(self.text.count(b"\n" + indent + deeper, position, end) for deeper in (b" ", b"\t")):
            return 0
        for one, other in ((b"{", b"}"), (b"[", b"]")):
            if self.text.count(one, position, end) != self.text.count(other, position, end):
                return 0
        return end + len(indent) + 2

    def _skip(self, position: int) -> int:
        found = _SPACE.match(self.text, position)
        return found.end() if found else position


def _part(node: Any, token: str) -> Any:
    if isinstance(node, dict):
        return node.get(token)
    if isinstance(node, list):
        return node[int(token)] if token.isdecimal() and int(token) < len(node) else None
    return None


def _key(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode("utf-8", "replace")
    import json

    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1].decode("utf-8", "replace")
