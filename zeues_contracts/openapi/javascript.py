"""Reading what a documentation page's script says, without running it.

A scanner over JavaScript's tokens (ECMA-262, 12) that evaluates literals only: strings with their escapes, numbers,
arrays, objects, ``JSON.parse('…')``, concatenation of known strings, names that were given a literal before, and
``window.location.origin``. Everything else is :data:`UNKNOWN` and skipped. Each step moves forward, so that the time
is bounded by the length of the text, and the text by :data:`MAX_SCRIPT`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

__all__ = ["MAX_SCRIPT", "UNKNOWN", "Call", "Pair", "read_script"]

MAX_SCRIPT = 16 * 1024 * 1024
"""Characters of a script that are looked at (a page may hold a whole document)."""
_MAX_STEPS = 1_500_000
_MAX_DEPTH = 80
_LONGEST_REGEX = 500


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Any = _Unknown()
"""The value of an expression that is no literal."""


class Call(msgspec.Struct, frozen=True):
    """A call of one of the functions that were asked for, and its arguments."""

    name: str
    arguments: tuple[Any, ...]


class Pair(msgspec.Struct, frozen=True):
    """``key: value`` in an object, or ``key = value``."""

    key: str
    value: Any


_TOKEN = re.compile(
    r"""(?P<blank>\s++|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?|<!--)
      | (?P<string>"(?:[^"\\\n]++|\\(?:.|\n))*+"|'(?:[^'\\\n]++|\\(?:.|\n))*+'|`(?:[^`\\]++|\\(?:.|\n))*+`)
      | (?P<name>[A-Za-z_$][\w$]*+)
      | (?P<number>0[xX][0-9a-fA-F]++|(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?)
      | (?P<mark>\.\.\.|=>|===?|!==?|\|\||&&|\?\?|[<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\n\[]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\])++/[a-z]*+")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": "", "\r": ""}
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%<>~^") | {
    "return",
    "=>",
    "||",
    "&&",
    "??",
    "==",
    "===",
    "!=",
    "!==",
    "typeof",
}
_OPEN, _CLOSE = frozenset("{[("), frozenset("}])")
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}


def read_script(text: str, keys: frozenset[str], calls: frozenset[str], origin: str = "") -> Iterator[Call | Pair]:
    """The calls and pairs of interest, in the order of the script.

    ``keys`` are compared in lower case without ``-`` and ``_``. ``origin`` is the value of ``window.location.origin``.
    """
    return _Scanner(text[:MAX_SCRIPT], keys, calls, origin).scan()


class _Token(msgspec.Struct):
    kind: str
    text: str
    start: int
    end: int


_END = _Token("end", "", 0, 0)


class _Scanner(msgspec.Struct):
    text: str
    keys: frozenset[str]
    calls: frozenset[str]
    origin: str
    position: int = 0
    steps: int = 0
    names: dict[str, Any] = msgspec.field(default_factory=dict)
    previous: str = ""

    def scan(self) -> Iterator[Call | Pair]:
        while (token := self._next()).kind != "end":
            if token.kind == "name" and self._peek().text == "(" and token.text in self.calls:
                self._next()
                yield Call(token.text, tuple(self._arguments()))
            elif token.kind in ("name", "string"):
                after = self._peek()
                name = token.text if token.kind == "name" else _unescaped(token.text[1:-1])
                if after.text == ":" and _plain(name) in self.keys:
                    self._next()
                    yield Pair(name, self._careful_value())
                elif after.text == "=" and token.kind == "name":
                    self._next()
                    if self._peek().kind in ("string", "name") or self._peek().text in ("{", "["):
                        value = self._careful_value()
                        if value is not UNKNOWN and value is not None:
                            self.names[name] = value
                            yield Pair(name, value)

    def _careful_value(self) -> Any:
        """A value; where it is no literal, go on reading inside of it: what matters may stand in a function's body."""
        start = self.position
        steps = self.steps
        value = self._value(0)
        if value is UNKNOWN and self.steps - steps < 4096:
            # Bounded, so that nested functions are not read again and again.
            self.position = start
        return value

    def _next(self) -> _Token:
        while True:
            self.steps += 1
            if self.position >= len(self.text) or self.steps > _MAX_STEPS:
                return _END
            found = _TOKEN.match(self.text, self.position)
            assert found is not None  # the last alternative takes any character
            kind = str(found.lastgroup)
            if kind == "mark" and found.group() == "/" and self.previous in _BEFORE_REGEX:
                regex = _REGEX.match(self.text, self.position, self.position + _LONGEST_REGEX)
                if regex is not None:
                    self.position = regex.end()
                    self.previous = "regex"
                    return _Token("regex", regex.group(), regex.start(), regex.end())
            self.position = found.end()
            if kind != "blank":
                self.previous = found.group() if kind in ("mark", "name") else kind
                return _Token(kind, found.group(), found.start(), found.end())

    def _peek(self) -> _Token:
        position, previous = self.position, self.previous
        token = self._next()
        self.position, self.previous = position, previous
        return token

    def _arguments(self) -> Iterator[Any]:
        while self._peek().text not in (")", "") and self._peek().kind != "end":
            yield self._value(0)
            if self._peek().text != ",":
                break
            self._next()

    def _value(self, depth: int) -> Any:
        """An expression's value; the position is then at the ``,``, ``;`` or closing bracket behind it."""
        value = self._primary(depth)
        while True:
            after = self._peek()
            if after.text == "+" and isinstance(value, str):
                self._next()
                right = self._primary(depth)
                value = value + right if isinstance(right, str) else UNKNOWN
            elif after.text in ("||", "??"):
                self._next()
                right = self._primary(depth)
                value = right if value is UNKNOWN or value is None or value == "" else value
            else:
                break
        if after.kind == "end" or after.text in (",", ";") or after.text in _CLOSE:
            return value
        # A statement may end without a semicolon where a new line begins (ECMA-262, 12.10).
        if "\n" in self.text[self.position : after.start] and after.kind == "name":
            return value
        self._skip()
        return UNKNOWN

    def _primary(self, depth: int) -> Any:
        token = self._next()
        if token.kind == "string":
            if token.text[0] == "`" and "${" in token.text:
                return self._template(token.text[1:-1])
            return _unescaped(token.text[1:-1])
        if token.kind == "number":
            return _number(token.text)
        if token.text in ("{", "["):
            return self._literal(token, depth)
        if token.kind == "name":
            if token.text in _CONSTANTS:
                return _CONSTANTS[token.text]
            return self._named(token)
        self.position = token.start  # an operator, a bracket: leave it to be skipped
        if token.text not in (",", ";") and token.text not in _CLOSE:
            self._skip()
        return UNKNOWN

    def _literal(self, token: _Token, depth: int) -> Any:
        try:
            # What a template engine put there is JSON nearly always, and read at C speed.
            value, end = _JSON.raw_decode(self.text, token.start)
        except json.JSONDecodeError as error:
            self.steps += (error.pos - token.start) // 64  # what was read in vain counts, too
        except (ValueError, RecursionError):
            self.steps += 64
        else:
            self.position, self.previous = end, "}"
            return value
        if depth > _MAX_DEPTH:
            self._skip()
            self._next()
            return UNKNOWN
        return self._object(depth + 1) if token.text == "{" else self._array(depth + 1)

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            token = self._next()
            if token.kind == "end" or token.text == "}":
                return found
            if token.text == "...":
                spread = self._value(depth)
                if isinstance(spread, Mapping):
                    found.update(spread)
            elif token.kind in ("name", "string", "number") and self._peek().text == ":":
                self._next()
                name = _unescaped(token.text[1:-1]) if token.kind == "string" else token.text
                found[name] = self._value(depth)  # a later key wins, as in the language
            elif token.kind == "name" and self._peek().text in (",", "}"):
                found[token.text] = self.names.get(token.text, UNKNOWN)
            elif token.text != ",":
                self._skip()  # a method, a getter

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            after = self._peek()
            if after.kind == "end" or after.text == "]":
                self._next()
                return found
            if after.text == ",":
                self._next()
                continue
            before = self.position
            found.append(self._value(depth))
            if self.position == before:
                self._next()  # a bracket of another kind: the text is broken

    def _named(self, token: _Token) -> Any:
        """``JSON.parse('…')``, ``window.location.origin``, or a name that was given a value, with its members."""
        path = [token.text]
        while self._peek().text == ".":
            self._next()
            path.append(self._next().text)
        if path[-2:] == ["JSON", "parse"] and self._peek().text == "(":
            self._next()
            inner = self._value(0)
            if self._peek().text == ")":
                self._next()
            try:
                return json.loads(inner) if isinstance(inner, str) else UNKNOWN
            except (ValueError, RecursionError):
                return UNKNOWN
        if path[-2:] == ["location", "origin"]:
            return self.origin or UNKNOWN
        value: Any = self.names.get(path[0], UNKNOWN)
        for name in path[1:]:
            value = value.get(name, UNKNOWN) if isinstance(value, Mapping) else UNKNOWN
        return value

    def _template(self, body: str) -> Any:
        """A template whose holes are known names or the origin."""
        parts = re.split(r"\$\{([^{}]{0,200})\}", body)
        for index in range(1, len(parts), 2):
            inner = _Scanner(parts[index], self.keys, self.calls, self.origin, names=self.names)
            value = inner._value(0)
            if not isinstance(value, str):
                return UNKNOWN
            parts[index] = value
        return "".join(_unescaped(part) if i % 2 == 0 else part for i, part in enumerate(parts))

    def _skip(self) -> None:
        """Move to the end of an expression: a ``,``, ``;`` or closing bracket outside of any bracket."""
        depth = 0
        while True:
            before = self.position
            previous = self.previous
            token = self._next()
            if token.kind == "end":
                return
            if token.text in _OPEN and token.kind == "mark":
                depth += 1
            elif token.text in _CLOSE and token.kind == "mark":
                if depth == 0:
                    self.position, self.previous = before, previous
                    return
                depth -= 1
            elif depth == 0 and token.text in (",", ";"):
                self.position, self.previous = before, previous
                return


_JSON = json.JSONDecoder()


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_one_escape, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _one_escape(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _SIMPLE.get(found[4], found[4])


def _number(text: str) -> Any:
    try:
        return int(text, 16) if text[:2].lower() == "0x" else int(text) if text.isdigit() else float(text)
    except ValueError:
        return UNKNOWN
