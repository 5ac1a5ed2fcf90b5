"""Line numbers, found when there is something to report and never on the way.

JSON is scanned one container at a time, from the document down to the place; what was scanned is remembered. YAML is
read once more with its marks. The line of a member is that of its key.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from weakref import WeakKeyDictionary

from zeues_contracts.errors import ZeuesContractsError
from zeues_contracts.openapi.model import Document
from zeues_contracts.openapi.references import split_place
from zeues_contracts.openapi.yaml_reading import Located, YamlBounds, read_yaml
from zeues_contracts.schema.references import unescape

__all__ = ["line_in", "line_of"]

# Possessive, so that nothing is tried twice and a hostile text costs no more than its length.
_STRING = rb'"(?:[^"\\]++|\\.)*+"?'
_TOKEN = re.compile(_STRING + rb"|[][{},]", re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*")
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
        tables[uri] = _table(text)
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


def _table(text: bytes) -> JsonLines | Located | None:
    if text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return JsonLines(text)
    try:
        return read_yaml(text, "", YamlBounds(depth=1024, size=1 << 40), lambda *_: None, locate=True)[1]
    except ZeuesContractsError:
        return None


class JsonLines:
    """Where the members of a JSON text's containers stand, scanned on demand.

    Each container is scanned once: its members' places are kept, and a member is scanned only when asked for.
    """

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._members: dict[int, _Members] = {}
        self._newlines: list[int] | None = None

    def line(self, tokens: list[str]) -> int:
        """The line of a place by its unescaped tokens, or of the nearest container that is there."""
        if b"\n" not in self.text:
            return 1
        start = _SPACE.match(self.text, 3 if self.text.startswith(b"\xef\xbb\xbf") else 0)
        value = shown = start.end() if start else 0
        for token in tokens:
            members = self._of(value)
            if token not in members:
                break
            shown, value = members[token]
        if self._newlines is None:
            self._newlines = [found.start() for found in re.finditer(rb"\n", self.text)]
        return bisect_right(self._newlines, shown - 1) + 1

    def _of(self, start: int) -> _Members:
        """The members of the container at an offset: offsets of what names them and of their values."""
        if start not in self._members:
            kind = self.text[start : start + 1]
            self._members[start] = self._scan(start, kind == b"{") if kind in (b"{", b"[") else {}
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
        the one that closes where it stands as deep as the line that opened, and all between is balanced.
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
        for one, other in ((b"{", b"}"), (b"[", b"]")):
            if self.text.count(one, position, end) != self.text.count(other, position, end):
                return 0
        return end + len(indent) + 2

    def _skip(self, position: int) -> int:
        found = _SPACE.match(self.text, position)
        return found.end() if found else position


def _key(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode("utf-8", "replace")
    import json

    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1].decode("utf-8", "replace")
